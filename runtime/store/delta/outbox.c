// The outbox: a prepared write as bytes, so that a decided epoch is committed even if the process
// that prepared it has died. Names of staged files are enough for an append; a merge also carries
// its changes, because another writer's commit can make what was staged worthless.
//
// Form: a line of JSON, then as many lines of actions as it says, then the changes as Parquet.
#include "store/delta/path.h"
#include "store/delta/replay.h"
#include "store/delta/tombstone.h"
#include "store/delta/write.h"

#include <inttypes.h>

enum { OUTBOX_FORMAT = 2 };

static const char *const mode_names[] = {"append", "overwrite", "merge"};

// --- writing ------------------------------------------------------------------------------------
static void columns_write(Buffer *out, const FlowColumnDesc *columns, uint32_t count);

// An enum's values need no list here: what is staged or changed holds them as strings.
static void column_write(Buffer *out, const FlowColumnDesc *column) {
    const FlowTypeDesc *type = column->type;
    buffer_text(out, "{\"name\":");
    delta_json_text(out, column->name);
    buffer_format(out,
                  ",\"kind\":%d,\"nullable\":%d,\"precision\":%d,\"scale\":%d,\"parts\":",
                  type->kind == FLOW_ENUM ? FLOW_STRING : type->kind,
                  type->is_nullable,
                  type->precision,
                  type->scale);
    columns_write(out, type->children, (uint32_t)type->children_count);
    buffer_char(out, '}');
}

static void columns_write(Buffer *out, const FlowColumnDesc *columns, uint32_t count) {
    buffer_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        buffer_text(out, i == 0 ? "" : ",");
        column_write(out, &columns[i]);
    }
    buffer_char(out, ']');
}

static void txn_write(Buffer *out, const DeltaWrite *write) {
    if (write->txn_app_id != NULL) {
        buffer_text(out, ",\"txnApp\":");
        delta_json_text(out, write->txn_app_id);
        buffer_format(out, ",\"txnVersion\":%" PRId64, write->txn_version);
    }
}

static void result_write(Buffer *out, const DeltaWrite *write) {
    buffer_format(out,
                  ",\"base\":%" PRId64 ",\"tombstones\":%" PRId64 ",\"given\":%" PRId64
                  ",\"inserted\":%" PRId64 ",\"updated\":%" PRId64 ",\"deleted\":%" PRId64,
                  write->base == NULL ? -1 : write->base->version,
                  write->tombstones_file,
                  write->metrics.rows_given,
                  write->metrics.rows_inserted,
                  write->metrics.rows_updated,
                  write->metrics.rows_deleted);
    DeltaNames removes = {.items = write->removes.items, .count = write->removes.count};
    buffer_text(out, ",\"removes\":");
    delta_names_write(out, &removes);
}

// Files of rows that a partial overwrite leaves; they stand before those of the new rows.
static uint32_t kept_count(const DeltaWrite *write) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < write->bins.count; i++) {
        count += delta_stage_file_count(write->bins.items[i]);
    }
    return count;
}

static void header_write(Buffer *out, const DeltaWrite *write) {
    buffer_format(out, "{\"format\":%d,\"path\":", OUTBOX_FORMAT);
    delta_json_text(out, write->path);
    buffer_format(out, ",\"mode\":\"%s\",\"writer\":", mode_names[write->mode]);
    delta_json_text(out, write->writer_id);
    txn_write(out, write);
    buffer_format(out,
                  ",\"clock\":%" PRId64 ",\"tombstonesKept\":%" PRId64
                  ",\"orders\":%u,\"delete\":%s,\"truncate\":%s,\"appendOnly\":%s,\"files\":%u"
                  ",\"history\":%d,\"made\":%u,\"table\":%u,\"evolve\":%s",
                  write->clock_us,
                  write->tombstones_us,
                  write->order_count,
                  write->has_delete ? "true" : "false",
                  write->has_truncate ? "true" : "false",
                  write->is_append_only ? "true" : "false",
                  write->file_number,
                  (int)write->history,
                  write->made_count,
                  write->table_count,
                  write->is_evolving ? "true" : "false");
    if (write->surrogate_key != NULL) {
        buffer_text(out, ",\"surrogate\":");
        delta_json_text(out, write->surrogate_key);
    }
    if (write->is_partial) {
        buffer_format(out, ",\"kept\":%u,\"condition\":", kept_count(write));
        delta_json_text(out, write->condition_text == NULL ? "" : write->condition_text);
    }
    buffer_text(out, ",\"tracked\":");
    delta_names_write(out, &write->tracked);
    buffer_text(out, ",\"key\":");
    delta_names_write(out, &write->key);
    buffer_text(out, ",\"partition\":");
    delta_names_write(out, &write->partition);
    buffer_text(out, ",\"columns\":");
    columns_write(out, write->columns, write->column_count);
    result_write(out, write);
    buffer_format(out,
                  ",\"lines\":%u,\"appended\":%u}\n",
                  write->adds.count + write->appended.count + 1,
                  write->appended.count);
}

void delta_write_outbox(DeltaWrite *write, Buffer *out) {
    ASSERT(write->is_prepared);
    header_write(out, write);
    delta_metadata_write(out, &write->metadata);
    for (uint32_t i = 0; i < write->adds.count; i++) {
        delta_add_write(out, &write->adds.items[i].file);
    }
    for (uint32_t i = 0; i < write->appended.count; i++) {
        delta_add_write(out, &write->appended.items[i].file);
    }
    if (write->changes != NULL) {
        delta_changes_write(write->changes, out);
    }
}

// --- reading ------------------------------------------------------------------------------------
typedef struct OutboxReader {
    Sys *sys;
    Arena arena;
    const char *at;
    const char *end;
    const DeltaJson *header;
    const DeltaMetadata *metadata;
    const DeltaCondition *condition; // or NULL
    int64_t base;
    FlowColumnDesc *columns;
    uint32_t column_count;
} OutboxReader;

static Outcome outbox_refuse(OutboxReader *reader) {
    return sys_fail(reader->sys, OUTCOME_REFUSED, "the outbox of a Delta table is damaged");
}

static const DeltaJson *line_next(OutboxReader *reader) {
    const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    if (end == NULL) {
        return NULL;
    }
    const char *line = reader->at;
    reader->at = end + 1;
    return delta_json_parse(&reader->arena, line, (size_t)(end - line));
}

static bool action_next(OutboxReader *reader, DeltaActionKind kind, DeltaAction *action) {
    const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    if (end == NULL) {
        return false;
    }
    const char *line = reader->at;
    reader->at = end + 1;
    return delta_action_parse(&reader->arena, line, (size_t)(end - line), action) &&
           action->kind == kind;
}

static int64_t integer_of(const DeltaJson *object, const char *name) {
    int64_t value;
    return delta_json_integer(object, name, &value) ? value : -1;
}

static FlowColumnDesc *
parts_read(OutboxReader *reader, const DeltaJson *parts, uint32_t depth, bool *is_sound);

static bool
column_read(OutboxReader *reader, const DeltaJson *json, uint32_t depth, FlowColumnDesc *column) {
    const DeltaJson *parts = delta_json_array(json, "parts");
    FlowTypeDesc *type = arena_new(&reader->arena, FlowTypeDesc);
    int64_t kind = integer_of(json, "kind");
    bool is_sound = kind >= 0 && kind < FLOW_NULL && depth <= TYPE_DEPTH_MAX;
    *type = (FlowTypeDesc){
        .kind = (int32_t)kind,
        .is_nullable = (int32_t)integer_of(json, "nullable"),
        .precision = (int32_t)integer_of(json, "precision"),
        .scale = (int32_t)integer_of(json, "scale"),
        .children_count = parts == NULL ? 0 : parts->count,
    };
    if (is_sound) {
        type->children = parts_read(reader, parts, depth + 1, &is_sound);
    }
    *column = (FlowColumnDesc){.name = delta_json_string(json, "name"), .type = type, .is_used = 1};
    return is_sound && column->name != NULL;
}

static FlowColumnDesc *
parts_read(OutboxReader *reader, const DeltaJson *parts, uint32_t depth, bool *is_sound) {
    uint32_t count = parts == NULL ? 0 : parts->count;
    FlowColumnDesc *columns = arena_array(&reader->arena, FlowColumnDesc, count);
    uint32_t i = 0;
    for (const DeltaJson *part = parts == NULL ? NULL : parts->first; part != NULL && *is_sound;
         part = part->next) {
        *is_sound = column_read(reader, part, depth, &columns[i++]);
    }
    return columns;
}

static Outcome columns_read(OutboxReader *reader) {
    const DeltaJson *columns = delta_json_array(reader->header, "columns");
    bool is_sound = true;
    reader->column_count = columns == NULL ? 0 : columns->count;
    reader->columns = parts_read(reader, columns, 0, &is_sound);
    return is_sound && reader->column_count > 0 ? OUTCOME_OK : outbox_refuse(reader);
}

static bool mode_read(const DeltaJson *header, DeltaMode *mode) {
    for (size_t i = 0; i < COUNT_OF(mode_names); i++) {
        if (delta_json_is(delta_json_member(header, "mode"), mode_names[i])) {
            *mode = (DeltaMode)i;
            return true;
        }
    }
    return false;
}

// The program's table, as far as a write looks at it.
static FlowTable table_read(const OutboxReader *reader) {
    return (FlowTable){
        .columns = reader->columns,
        .columns_count = reader->column_count,
        .is_append_only = delta_json_truth(reader->header, "appendOnly", false),
        .is_evolving = delta_json_truth(reader->header, "evolve", false),
        .tombstones_us = integer_of(reader->header, "tombstonesKept"),
        .history = (int32_t)integer_of(reader->header, "history"),
        .surrogate_key = delta_json_string(reader->header, "surrogate"),
    };
}

static int32_t *name_columns(OutboxReader *reader, const char *member, int64_t *count) {
    const DeltaJson *names = delta_json_array(reader->header, member);
    uint32_t name_count = names == NULL ? 0 : names->count;
    int32_t *columns = arena_array(&reader->arena, int32_t, name_count);
    *count = 0;
    for (const DeltaJson *name = names == NULL ? NULL : names->first; name != NULL;
         name = name->next) {
        for (uint32_t i = 0; i < reader->column_count; i++) {
            if (delta_json_is(name, reader->columns[i].name)) {
                columns[(*count)++] = (int32_t)i;
                break;
            }
        }
    }
    return columns;
}

// The columns that came, without those that the store makes.
static Outcome given_columns(OutboxReader *reader, FlowColumnDesc **given, uint32_t *count) {
    int64_t made = integer_of(reader->header, "made");
    int64_t table = integer_of(reader->header, "table");
    if (made < 0 || table < made || table > reader->column_count) {
        return outbox_refuse(reader);
    }
    *given = arena_array(&reader->arena, FlowColumnDesc, reader->column_count);
    *count = 0;
    for (uint32_t i = 0; i < reader->column_count; i++) {
        if (i < table - made || i >= table) {
            (*given)[(*count)++] = reader->columns[i];
        }
    }
    return OUTCOME_OK;
}

static Outcome write_make(OutboxReader *reader, DeltaWrite **write) {
    const DeltaJson *header = reader->header;
    FlowTable table = table_read(reader);
    FlowColumnDesc *given;
    uint32_t given_count;
    TRY(given_columns(reader, &given, &given_count));
    table.tracked = name_columns(reader, "tracked", &table.tracked_count);
    table.key = name_columns(reader, "key", &table.key_count);
    table.partition = name_columns(reader, "partition", &table.partition_count);
    DeltaWriteOptions options = {
        .table = &table,
        .path = delta_json_string(header, "path"),
        .writer_id = delta_json_string(header, "writer"),
        .txn_app_id = delta_json_string(header, "txnApp"),
        .txn_version = integer_of(header, "txnVersion"),
        .clock_us = integer_of(header, "clock"),
        .order_count = (uint32_t)integer_of(header, "orders"),
        .has_delete = delta_json_truth(header, "delete", false),
        .has_truncate = delta_json_truth(header, "truncate", false),
        .columns = given,
        .column_count = given_count,
    };
    bool is_sound = mode_read(header, &options.mode) && options.path != NULL &&
                    options.writer_id != NULL && options.order_count < reader->column_count &&
                    (options.mode != DELTA_MERGE || table.key_count > 0);
    if (!is_sound) {
        return outbox_refuse(reader);
    }
    *write = delta_write_new(reader->sys, &options);
    const char *condition = delta_json_string(header, "condition");
    (*write)->is_partial = condition != NULL;
    (*write)->condition_text = condition == NULL ? NULL : arena_string(&(*write)->arena, condition);
    (*write)->condition = reader->condition;
    return OUTCOME_OK;
}

static void result_read(const OutboxReader *reader, DeltaWrite *write) {
    const DeltaJson *header = reader->header;
    DeltaNames removes = {0};
    delta_names_read(&write->arena, delta_json_array(header, "removes"), &removes);
    for (uint32_t i = 0; i < removes.count; i++) {
        *vec_push(&write->arena, &write->removes) = arena_string(&write->arena, removes.items[i]);
    }
    write->tombstones_file = integer_of(header, "tombstones");
    write->file_number = (uint32_t)integer_of(header, "files");
    write->metrics = (DeltaMetrics){
        .rows_given = integer_of(header, "given"),
        .rows_inserted = integer_of(header, "inserted"),
        .rows_updated = integer_of(header, "updated"),
        .rows_deleted = integer_of(header, "deleted"),
    };
}

static Outcome files_read(OutboxReader *reader, DeltaWrite *write) {
    int64_t count = integer_of(reader->header, "lines");
    int64_t appended_count = integer_of(reader->header, "appended");
    DeltaAction action;
    if (count < 1 || appended_count < 0 || !action_next(reader, DELTA_ACTION_METADATA, &action)) {
        return outbox_refuse(reader);
    }
    DeltaMetadata *metadata = arena_new(&reader->arena, DeltaMetadata);
    *metadata = action.metadata;
    reader->metadata = metadata;
    for (int64_t i = 1; i < count; i++) {
        if (!action_next(reader, DELTA_ACTION_ADD, &action)) {
            return outbox_refuse(reader);
        }
        DeltaLive live = {.file = delta_file_copy(&write->arena, &action.file)};
        live.path = delta_path_decode(&write->arena, action.file.path);
        if (live.path == NULL) {
            return outbox_refuse(reader);
        }
        if (i >= count - appended_count) {
            *vec_push(&write->arena, &write->appended) = live;
        } else {
            *vec_push(&write->arena, &write->adds) = live;
        }
    }
    return OUTCOME_OK;
}

static Outcome changes_read(OutboxReader *reader, DeltaWrite *write) {
    Failure failure = {0};
    if (write->changes == NULL) {
        return OUTCOME_OK;
    }
    Outcome outcome = delta_changes_read(
        write->changes, reader->at, (size_t)(reader->end - reader->at), &failure);
    return outcome == OUTCOME_OK ? OUTCOME_OK : outbox_refuse(reader);
}

// If the overwrite is computed again, what was left of other files is, too.
static void new_rows_take(const OutboxReader *reader, DeltaWrite *write) {
    int64_t kept = integer_of(reader->header, "kept");
    for (int64_t i = kept < 0 ? 0 : kept; write->is_partial && i < write->adds.count; i++) {
        *vec_push(&write->arena, &write->staged) = write->adds.items[i];
    }
}

static Outcome outbox_read(OutboxReader *reader, DeltaWrite **write) {
    reader->header = line_next(reader);
    if (integer_of(reader->header, "format") != OUTBOX_FORMAT) {
        return outbox_refuse(reader);
    }
    reader->base = integer_of(reader->header, "base");
    TRY(columns_read(reader));
    TRY(write_make(reader, write));
    result_read(reader, *write);
    TRY(files_read(reader, *write));
    new_rows_take(reader, *write);
    return changes_read(reader, *write);
}

// --- committing ---------------------------------------------------------------------------------
static Outcome is_there(DeltaWrite *write, const char *path, bool *answer) {
    SysStat stat;
    TRY(sys_stat(write->sys, delta_path_join(&write->arena, write->path, path), &stat));
    *answer = stat.exists;
    return OUTCOME_OK;
}

static Outcome staged_check(DeltaWrite *write, const char **missing) {
    bool there = true;
    *missing = NULL;
    for (uint32_t i = 0; i < write->adds.count && there; i++) {
        TRY(is_there(write, write->adds.items[i].path, &there));
        *missing = there ? NULL : write->adds.items[i].path;
    }
    if (there && write->tombstones_file > DELTA_TOMBSTONES_NONE) {
        const char *path = arena_format(
            &write->arena, "_flow/tombstones-%" PRId64 ".parquet", write->tombstones_file);
        TRY(is_there(write, path, &there));
        *missing = there ? NULL : path;
    }
    return OUTCOME_OK;
}

// The id of a table that is still to be made was decided with the rest.
static void metadata_adopt(const OutboxReader *reader, DeltaWrite *write) {
    if (write->base == NULL) {
        write->metadata.id = arena_string(&write->arena, reader->metadata->id);
    }
}

static Outcome staged_use(OutboxReader *reader, DeltaWrite *write) {
    const char *missing;
    int64_t version = write->base == NULL ? -1 : write->base->version;
    TRY(staged_check(write, &missing));
    bool is_stale = version != reader->base || missing != NULL;
    if (write->mode == DELTA_MERGE && is_stale) {
        return delta_merge_compute(write);
    }
    if (write->is_partial && version != reader->base && missing == NULL) {
        return delta_overwrite_compute(write);
    }
    if (missing != NULL) {
        return sys_fail(write->sys,
                        OUTCOME_REFUSED,
                        "table %s: the staged file %s of a decided epoch is missing",
                        write->path,
                        missing);
    }
    return OUTCOME_OK;
}

static Outcome outbox_run(OutboxReader *reader, DeltaWrite *write, int64_t *version) {
    DeltaTable *table;
    TRY(delta_open(reader->sys, write->path, DELTA_LATEST, &table));
    TRY(delta_write_rebase(write, table));
    if (!delta_write_is_done(write)) {
        metadata_adopt(reader, write);
        TRY(staged_use(reader, write));
    }
    write->is_prepared = true;
    return delta_commit_run(write, version);
}

Outcome delta_outbox_commit(Sys *sys,
                            const char *outbox,
                            size_t length,
                            const DeltaCondition *condition,
                            int64_t *version) {
    OutboxReader reader = {
        .sys = sys, .at = outbox, .end = outbox + length, .condition = condition};
    DeltaWrite *write = NULL;
    Outcome outcome = outbox_read(&reader, &write);
    if (outcome == OUTCOME_OK) {
        outcome = outbox_run(&reader, write, version);
    }
    delta_write_free(write);
    arena_free(&reader.arena);
    return outcome;
}
