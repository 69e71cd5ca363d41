// The log's reconciliation (store.md 3.1). Parsed lines live for one commit; what holds is copied,
// so the memory is that of the snapshot and not that of the log.
#include "store/delta/replay.h"

#include "store/delta/path.h"

#include <inttypes.h>

// --- copies into the snapshot -------------------------------------------------------------------
static const char *text_copy(Arena *arena, const char *text) {
    return text == NULL ? NULL : arena_string(arena, text);
}

static DeltaMap map_copy(Arena *arena, const DeltaMap *map) {
    DeltaMap copy = {0};
    for (uint32_t i = 0; i < map->count; i++) {
        const DeltaPair *pair = &map->items[i];
        *vec_push(arena, &copy) = (DeltaPair){
            .name = arena_string(arena, pair->name),
            .value =
                pair->value == NULL ? NULL : arena_copy(arena, pair->value, pair->value_length),
            .value_length = pair->value_length,
        };
    }
    return copy;
}

static DeltaNames names_copy(Arena *arena, const DeltaNames *names) {
    DeltaNames copy = {0};
    for (uint32_t i = 0; i < names->count; i++) {
        *vec_push(arena, &copy) = arena_string(arena, names->items[i]);
    }
    return copy;
}

static const DeltaVector *vector_copy(Arena *arena, const DeltaVector *vector) {
    if (vector == NULL) {
        return NULL;
    }
    DeltaVector *copy = arena_new(arena, DeltaVector);
    *copy = *vector;
    copy->storage = arena_string(arena, vector->storage);
    copy->path = arena_string(arena, vector->path);
    return copy;
}

DeltaFile delta_file_copy(Arena *arena, const DeltaFile *file) {
    DeltaFile copy = *file;
    copy.path = arena_string(arena, file->path);
    copy.partition = map_copy(arena, &file->partition);
    copy.stats = text_copy(arena, file->stats);
    copy.vector = vector_copy(arena, file->vector);
    return copy;
}

static DeltaMetadata metadata_copy(Arena *arena, const DeltaMetadata *metadata) {
    return (DeltaMetadata){
        .id = text_copy(arena, metadata->id),
        .name = text_copy(arena, metadata->name),
        .description = text_copy(arena, metadata->description),
        .provider = text_copy(arena, metadata->provider),
        .options = map_copy(arena, &metadata->options),
        .schema = text_copy(arena, metadata->schema),
        .partition_columns = names_copy(arena, &metadata->partition_columns),
        .configuration = map_copy(arena, &metadata->configuration),
        .created_ms = metadata->created_ms,
    };
}

// --- actions ------------------------------------------------------------------------------------
// nothing newer is known of this file.
static bool file_is_new(DeltaReplay *replay, const DeltaFile *file, const char **decoded) {
    *decoded = delta_path_decode(&replay->scratch, file->path);
    if (*decoded == NULL) {
        replay->bad_path = text_copy(&replay->table->arena, file->path);
        return false;
    }
    Buffer key = {0};
    buffer_append(&key, *decoded, strlen(*decoded) + 1);
    if (file->vector != NULL) {
        buffer_format(&key, "%s%s", file->vector->storage, file->vector->path);
    }
    if (file->vector != NULL && file->vector->offset >= 0) {
        buffer_format(&key, "@%" PRId64, file->vector->offset);
    }
    bool is_new;
    delta_keyset_add(&replay->seen, &replay->table->arena, key.data, key.length, &is_new);
    buffer_free(&key);
    return is_new;
}

static void add_take(DeltaReplay *replay, const DeltaFile *file) {
    const char *decoded;
    if (!file_is_new(replay, file, &decoded)) {
        return;
    }
    Arena *arena = &replay->table->arena;
    *vec_push(arena, &replay->table->files) = (DeltaLive){
        .file = delta_file_copy(arena, file),
        .path = arena_string(arena, decoded),
    };
}

static void remove_take(DeltaReplay *replay, const DeltaFile *file) {
    const char *decoded;
    if (file_is_new(replay, file, &decoded)) {
        Arena *arena = &replay->table->arena;
        *vec_push(arena, &replay->table->removed) = delta_file_copy(arena, file);
    }
}

static void txn_take(DeltaReplay *replay, const DeltaTxn *txn) {
    DeltaTable *table = replay->table;
    for (uint32_t i = 0; i < table->txns.count; i++) {
        if (strcmp(table->txns.items[i].app_id, txn->app_id) == 0) {
            return;
        }
    }
    DeltaTxn copy = *txn;
    copy.app_id = arena_string(&table->arena, txn->app_id);
    *vec_push(&table->arena, &table->txns) = copy;
}

// A removed domain stays in the list, so that it hides older ones.
static void domain_take(DeltaReplay *replay, const DeltaDomain *domain) {
    DeltaTable *table = replay->table;
    for (uint32_t i = 0; i < table->domains.count; i++) {
        if (strcmp(table->domains.items[i].domain, domain->domain) == 0) {
            return;
        }
    }
    *vec_push(&table->arena, &table->domains) = (DeltaDomain){
        .domain = arena_string(&table->arena, domain->domain),
        .configuration = arena_string(&table->arena, domain->configuration),
        .is_removed = domain->is_removed,
    };
}

static void protocol_take(DeltaReplay *replay, const DeltaProtocol *protocol) {
    Arena *arena = &replay->table->arena;
    if (!replay->has_protocol) {
        replay->has_protocol = true;
        replay->table->protocol = (DeltaProtocol){
            .reader = protocol->reader,
            .writer = protocol->writer,
            .reader_features = names_copy(arena, &protocol->reader_features),
            .writer_features = names_copy(arena, &protocol->writer_features),
        };
    }
}

static void metadata_take(DeltaReplay *replay, const DeltaMetadata *metadata) {
    if (!replay->has_metadata) {
        replay->has_metadata = true;
        replay->table->metadata = metadata_copy(&replay->table->arena, metadata);
    }
}

void delta_replay_action(DeltaReplay *replay, const DeltaAction *action) {
    switch (action->kind) {
    case DELTA_ACTION_PROTOCOL:
        protocol_take(replay, &action->protocol);
        return;
    case DELTA_ACTION_METADATA:
        metadata_take(replay, &action->metadata);
        return;
    case DELTA_ACTION_ADD:
        add_take(replay, &action->file);
        return;
    case DELTA_ACTION_REMOVE:
        remove_take(replay, &action->file);
        return;
    case DELTA_ACTION_TXN:
        txn_take(replay, &action->txn);
        return;
    case DELTA_ACTION_DOMAIN:
        domain_take(replay, &action->domain);
        return;
    case DELTA_ACTION_INFO:
    case DELTA_ACTION_CHANGES:
    case DELTA_ACTION_OTHER:
        return;
    }
}

// --- commits ------------------------------------------------------------------------------------
Outcome delta_commit_read(
    Sys *sys, Arena *arena, const char *table, int64_t version, DeltaActions *actions) {
    char *bytes;
    size_t length;
    const char *path = delta_log_path(arena, table, version, ".json");
    TRY(sys_read_all(sys, arena, path, LOG_FILE_BYTES_MAX, &bytes, &length));
    uint32_t line = 1;
    for (const char *at = bytes; at < bytes + length; line++) {
        const char *end = memchr(at, '\n', (size_t)(bytes + length - at));
        end = end == NULL ? bytes + length : end;
        bool is_blank = end == at || (end == at + 1 && *at == '\r');
        if (!is_blank &&
            !delta_action_parse(arena, at, (size_t)(end - at), vec_push(arena, actions))) {
            return sys_fail(sys, OUTCOME_REFUSED, "%s:%u is no action of a Delta log", path, line);
        }
        at = end + 1;
    }
    return OUTCOME_OK;
}

// Adds are taken first: a file that is removed and added again in one commit stays (store.md 5.14).
Outcome delta_replay_commit(DeltaReplay *replay, int64_t version) {
    DeltaActions actions = {0};
    DeltaTable *table = replay->table;
    arena_reset(&replay->scratch);
    TRY(delta_commit_read(table->sys, &replay->scratch, table->path, version, &actions));
    for (uint32_t i = 0; i < actions.count; i++) {
        if (actions.items[i].kind == DELTA_ACTION_ADD) {
            delta_replay_action(replay, &actions.items[i]);
        }
    }
    for (uint32_t i = 0; i < actions.count; i++) {
        if (actions.items[i].kind != DELTA_ACTION_ADD) {
            delta_replay_action(replay, &actions.items[i]);
        }
    }
    return OUTCOME_OK;
}

void delta_replay_begin(DeltaReplay *replay, DeltaTable *table) {
    *replay = (DeltaReplay){.table = table};
}

void delta_replay_end(DeltaReplay *replay) {
    delta_keyset_free(&replay->seen);
    arena_free(&replay->scratch);
}
