// The log's lines in both directions: what we write is exactly what store.md 2.3 shows, what we
// read may lack whatever the protocol calls optional.
#include "store/delta/action.h"

#include <inttypes.h>

typedef bool (*ActionReader)(Arena *arena, const DeltaJson *body, DeltaAction *action);

// --- reading ------------------------------------------------------------------------------------
void delta_map_read(Arena *arena, const DeltaJson *object, DeltaMap *map) {
    if (object == NULL || object->kind != DELTA_JSON_OBJECT) {
        return;
    }
    for (const DeltaJson *member = object->first; member != NULL; member = member->next) {
        bool is_text = member->kind == DELTA_JSON_STRING;
        bool is_null = member->kind == DELTA_JSON_NULL;
        *vec_push(arena, map) = (DeltaPair){
            .name = member->key,
            .value = is_null   ? NULL
                     : is_text ? member->text
                               : arena_copy(arena, member->source, member->source_length),
            .value_length = is_text ? member->length : member->source_length,
        };
    }
}

void delta_names_read(Arena *arena, const DeltaJson *array, DeltaNames *names) {
    if (array == NULL || array->kind != DELTA_JSON_ARRAY) {
        return;
    }
    for (const DeltaJson *item = array->first; item != NULL; item = item->next) {
        if (item->kind == DELTA_JSON_STRING) {
            *vec_push(arena, names) = item->text;
        }
    }
}

static int64_t integer_or(const DeltaJson *body, const char *name, int64_t otherwise) {
    int64_t value;
    return delta_json_integer(body, name, &value) ? value : otherwise;
}

static bool protocol_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    DeltaProtocol *protocol = &action->protocol;
    action->kind = DELTA_ACTION_PROTOCOL;
    delta_names_read(arena, delta_json_array(body, "readerFeatures"), &protocol->reader_features);
    delta_names_read(arena, delta_json_array(body, "writerFeatures"), &protocol->writer_features);
    return delta_json_integer(body, "minReaderVersion", &protocol->reader) &&
           delta_json_integer(body, "minWriterVersion", &protocol->writer);
}

static bool metadata_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    DeltaMetadata *metadata = &action->metadata;
    const DeltaJson *format = delta_json_object(body, "format");
    const char *provider = delta_json_string(format, "provider");
    *metadata = (DeltaMetadata){
        .id = delta_json_string(body, "id"),
        .name = delta_json_string(body, "name"),
        .description = delta_json_string(body, "description"),
        .provider = provider == NULL ? "parquet" : provider,
        .schema = delta_json_string(body, "schemaString"),
        .created_ms = integer_or(body, "createdTime", -1),
    };
    action->kind = DELTA_ACTION_METADATA;
    delta_map_read(arena, delta_json_object(format, "options"), &metadata->options);
    delta_names_read(
        arena, delta_json_array(body, "partitionColumns"), &metadata->partition_columns);
    delta_map_read(arena, delta_json_object(body, "configuration"), &metadata->configuration);
    return metadata->id != NULL && metadata->schema != NULL;
}

static const DeltaVector *vector_read(Arena *arena, const DeltaJson *body) {
    const DeltaJson *descriptor = delta_json_object(body, "deletionVector");
    if (descriptor == NULL) {
        return NULL;
    }
    DeltaVector *vector = arena_new(arena, DeltaVector);
    *vector = (DeltaVector){
        .storage = delta_json_string(descriptor, "storageType"),
        .path = delta_json_string(descriptor, "pathOrInlineDv"),
        .offset = integer_or(descriptor, "offset", -1),
        .size_bytes = integer_or(descriptor, "sizeInBytes", 0),
        .cardinality = integer_or(descriptor, "cardinality", 0),
    };
    vector->storage = vector->storage == NULL ? "" : vector->storage;
    vector->path = vector->path == NULL ? "" : vector->path;
    return vector;
}

static bool file_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    DeltaFile *file = &action->file;
    *file = (DeltaFile){
        .path = delta_json_string(body, "path"),
        .size_bytes = integer_or(body, "size", -1),
        .modified_ms = integer_or(body, "modificationTime", 0),
        .deleted_ms = integer_or(body, "deletionTimestamp", 0),
        .has_data_change = delta_json_truth(body, "dataChange", true),
        .stats = delta_json_string(body, "stats"),
        .vector = vector_read(arena, body),
        .base_row_id = integer_or(body, "baseRowId", -1),
        .row_commit_version = integer_or(body, "defaultRowCommitVersion", -1),
    };
    delta_map_read(arena, delta_json_object(body, "partitionValues"), &file->partition);
    return file->path != NULL;
}

static bool add_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    action->kind = DELTA_ACTION_ADD;
    return file_read(arena, body, action);
}

static bool remove_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    action->kind = DELTA_ACTION_REMOVE;
    return file_read(arena, body, action);
}

static bool changes_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    action->kind = DELTA_ACTION_CHANGES;
    return file_read(arena, body, action);
}

static bool txn_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    (void)arena;
    action->kind = DELTA_ACTION_TXN;
    action->txn = (DeltaTxn){
        .app_id = delta_json_string(body, "appId"),
        .updated_ms = integer_or(body, "lastUpdated", -1),
    };
    return action->txn.app_id != NULL && delta_json_integer(body, "version", &action->txn.version);
}

static bool domain_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    const char *configuration = delta_json_string(body, "configuration");
    action->kind = DELTA_ACTION_DOMAIN;
    action->domain = (DeltaDomain){
        .domain = delta_json_string(body, "domain"),
        .configuration = configuration == NULL ? arena_string(arena, "") : configuration,
        .is_removed = delta_json_truth(body, "removed", false),
    };
    return action->domain.domain != NULL;
}

static bool info_read(Arena *arena, const DeltaJson *body, DeltaAction *action) {
    (void)arena;
    action->kind = DELTA_ACTION_INFO;
    action->info = body;
    return true;
}

static const struct {
    const char *name;
    ActionReader read;
} readers[] = {
    {"add", add_read},
    {"remove", remove_read},
    {"cdc", changes_read},
    {"txn", txn_read},
    {"commitInfo", info_read},
    {"metaData", metadata_read},
    {"protocol", protocol_read},
    {"domainMetadata", domain_read},
};

bool delta_action_parse(Arena *arena, const char *line, size_t length, DeltaAction *action) {
    const DeltaJson *root = delta_json_parse(arena, line, length);
    *action = (DeltaAction){.kind = DELTA_ACTION_OTHER};
    if (root == NULL || root->kind != DELTA_JSON_OBJECT) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        const DeltaJson *body = delta_json_object(root, readers[i].name);
        if (body != NULL) {
            return readers[i].read(arena, body, action);
        }
    }
    return true;
}

// --- looking up ---------------------------------------------------------------------------------
const char *delta_map_get(const DeltaMap *map, const char *name) {
    for (uint32_t i = 0; i < map->count; i++) {
        if (strcmp(map->items[i].name, name) == 0) {
            return map->items[i].value;
        }
    }
    return NULL;
}

bool delta_names_have(const DeltaNames *names, const char *name) {
    for (uint32_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

// --- writing ------------------------------------------------------------------------------------
void delta_json_text(Buffer *out, const char *text) {
    buffer_json_string(out, text, strlen(text));
}

void delta_map_write(Buffer *out, const DeltaMap *map) {
    buffer_char(out, '{');
    for (uint32_t i = 0; i < map->count; i++) {
        const DeltaPair *pair = &map->items[i];
        buffer_text(out, i == 0 ? "" : ",");
        delta_json_text(out, pair->name);
        buffer_char(out, ':');
        if (pair->value == NULL) {
            buffer_text(out, "null");
        } else {
            buffer_json_string(out, pair->value, pair->value_length);
        }
    }
    buffer_char(out, '}');
}

void delta_names_write(Buffer *out, const DeltaNames *names) {
    buffer_char(out, '[');
    for (uint32_t i = 0; i < names->count; i++) {
        buffer_text(out, i == 0 ? "" : ",");
        delta_json_text(out, names->items[i]);
    }
    buffer_char(out, ']');
}

void delta_protocol_write(Buffer *out, const DeltaProtocol *protocol) {
    buffer_format(out,
                  "{\"protocol\":{\"minReaderVersion\":%" PRId64 ",\"minWriterVersion\":%" PRId64,
                  protocol->reader,
                  protocol->writer);
    if (protocol->reader >= 3) {
        buffer_text(out, ",\"readerFeatures\":");
        delta_names_write(out, &protocol->reader_features);
    }
    if (protocol->writer >= 7) {
        buffer_text(out, ",\"writerFeatures\":");
        delta_names_write(out, &protocol->writer_features);
    }
    buffer_text(out, "}}\n");
}

static void string_member(Buffer *out, const char *name, const char *text) {
    if (text != NULL) {
        buffer_format(out, ",\"%s\":", name);
        delta_json_text(out, text);
    }
}

void delta_metadata_write(Buffer *out, const DeltaMetadata *metadata) {
    buffer_text(out, "{\"metaData\":{\"id\":");
    delta_json_text(out, metadata->id);
    string_member(out, "name", metadata->name);
    string_member(out, "description", metadata->description);
    buffer_text(out, ",\"format\":{\"provider\":");
    delta_json_text(out, metadata->provider);
    buffer_text(out, ",\"options\":");
    delta_map_write(out, &metadata->options);
    buffer_char(out, '}');
    string_member(out, "schemaString", metadata->schema);
    buffer_text(out, ",\"partitionColumns\":");
    delta_names_write(out, &metadata->partition_columns);
    buffer_text(out, ",\"configuration\":");
    delta_map_write(out, &metadata->configuration);
    if (metadata->created_ms >= 0) {
        buffer_format(out, ",\"createdTime\":%" PRId64, metadata->created_ms);
    }
    buffer_text(out, "}}\n");
}

void delta_txn_write(Buffer *out, const DeltaTxn *txn) {
    buffer_text(out, "{\"txn\":{\"appId\":");
    delta_json_text(out, txn->app_id);
    buffer_format(out, ",\"version\":%" PRId64, txn->version);
    if (txn->updated_ms >= 0) {
        buffer_format(out, ",\"lastUpdated\":%" PRId64, txn->updated_ms);
    }
    buffer_text(out, "}}\n");
}

void delta_add_write(Buffer *out, const DeltaFile *file) {
    buffer_text(out, "{\"add\":{\"path\":");
    delta_json_text(out, file->path);
    buffer_text(out, ",\"partitionValues\":");
    delta_map_write(out, &file->partition);
    buffer_format(out,
                  ",\"size\":%" PRId64 ",\"modificationTime\":%" PRId64 ",\"dataChange\":true",
                  file->size_bytes,
                  file->modified_ms);
    string_member(out, "stats", file->stats);
    buffer_text(out, "}}\n");
}

static void vector_write(Buffer *out, const DeltaVector *vector) {
    if (vector == NULL) {
        return;
    }
    buffer_text(out, ",\"deletionVector\":{\"storageType\":");
    delta_json_text(out, vector->storage);
    string_member(out, "pathOrInlineDv", vector->path);
    if (vector->offset >= 0) {
        buffer_format(out, ",\"offset\":%" PRId64, vector->offset);
    }
    buffer_format(out,
                  ",\"sizeInBytes\":%" PRId64 ",\"cardinality\":%" PRId64 "}",
                  vector->size_bytes,
                  vector->cardinality);
}

// The deletion vector is part of the file's identity, so it is repeated (store.md 2.3).
void delta_remove_write(Buffer *out, const DeltaFile *file) {
    buffer_text(out, "{\"remove\":{\"path\":");
    delta_json_text(out, file->path);
    buffer_format(out,
                  ",\"deletionTimestamp\":%" PRId64
                  ",\"dataChange\":true,\"extendedFileMetadata\":true",
                  file->deleted_ms);
    buffer_text(out, ",\"partitionValues\":");
    delta_map_write(out, &file->partition);
    if (file->size_bytes >= 0) {
        buffer_format(out, ",\"size\":%" PRId64, file->size_bytes);
    }
    vector_write(out, file->vector);
    string_member(out, "stats", file->stats);
    if (file->base_row_id >= 0) {
        buffer_format(out, ",\"baseRowId\":%" PRId64, file->base_row_id);
    }
    if (file->row_commit_version >= 0) {
        buffer_format(out, ",\"defaultRowCommitVersion\":%" PRId64, file->row_commit_version);
    }
    buffer_text(out, "}}\n");
}
