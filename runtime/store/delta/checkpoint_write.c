// Writing a checkpoint: a file under a temporary name, read back and counted, then renamed over the
// final one. A checkpoint of a version has one meaning, so the last writer may win.
#include "store/delta/checkpoint.h"

#include "scalar/scalar.h"
#include "store/delta/checkpoint_tree.h"
#include "store/delta/path.h"

#include <inttypes.h>

#define RETENTION_DEFAULT_MS ((int64_t)7 * 24 * 60 * 60 * 1000)

typedef struct CheckpointWriter {
    DeltaTable *table;
    Arena arena;
    SysFile *file;
    ParquetTreeWriter *writer;
    DeltaTree tree;
    int64_t rows;
    int64_t size_bytes;
} CheckpointWriter;

static Outcome bytes_write(void *user, const void *bytes, size_t length) {
    CheckpointWriter *checkpoint = user;
    checkpoint->size_bytes += (int64_t)length;
    return sys_append(checkpoint->table->sys, checkpoint->file, bytes, length);
}

// --- values of a row ----------------------------------------------------------------------------
static void integer_set(CheckpointWriter *checkpoint, DeltaNodeId node, int64_t integer) {
    FlowValue value = {.i64 = integer};
    parquet_tree_set(checkpoint->writer, checkpoint->tree.nodes[node], &value);
}

static void
bytes_set(CheckpointWriter *checkpoint, DeltaNodeId node, const char *text, size_t length) {
    FlowValue value = {.view = view_of(text, length)};
    parquet_tree_set(checkpoint->writer, checkpoint->tree.nodes[node], &value);
}

static void string_set(CheckpointWriter *checkpoint, DeltaNodeId node, const char *text) {
    if (text != NULL) {
        bytes_set(checkpoint, node, text, strlen(text));
    }
}

// The key and the value of a map follow it in the list of nodes.
static void map_set(CheckpointWriter *checkpoint, DeltaNodeId node, const DeltaMap *map) {
    parquet_tree_present(checkpoint->writer, checkpoint->tree.nodes[node]);
    for (uint32_t i = 0; i < map->count; i++) {
        const DeltaPair *pair = &map->items[i];
        parquet_tree_item(checkpoint->writer, checkpoint->tree.nodes[node]);
        string_set(checkpoint, node + 1, pair->name);
        if (pair->value != NULL) {
            bytes_set(checkpoint, node + 2, pair->value, pair->value_length);
        }
    }
}

static void list_set(CheckpointWriter *checkpoint, DeltaNodeId node, const DeltaNames *names) {
    parquet_tree_present(checkpoint->writer, checkpoint->tree.nodes[node]);
    for (uint32_t i = 0; i < names->count; i++) {
        parquet_tree_item(checkpoint->writer, checkpoint->tree.nodes[node]);
        string_set(checkpoint, node + 1, names->items[i]);
    }
}

// The five fields of a descriptor follow its group in the list of nodes.
static void vector_set(CheckpointWriter *checkpoint, DeltaNodeId node, const DeltaVector *vector) {
    if (vector == NULL) {
        return;
    }
    string_set(checkpoint, node + 1, vector->storage);
    string_set(checkpoint, node + 2, vector->path);
    if (vector->offset >= 0) {
        integer_set(checkpoint, node + 3, vector->offset);
    }
    integer_set(checkpoint, node + 4, vector->size_bytes);
    integer_set(checkpoint, node + 5, vector->cardinality);
}

static Outcome row_end(CheckpointWriter *checkpoint) {
    checkpoint->rows++;
    return parquet_tree_row_end(checkpoint->writer);
}

// --- actions ------------------------------------------------------------------------------------
static Outcome protocol_put(CheckpointWriter *checkpoint) {
    const DeltaProtocol *protocol = &checkpoint->table->protocol;
    integer_set(checkpoint, DELTA_NODE_PROTOCOL_READER, protocol->reader);
    integer_set(checkpoint, DELTA_NODE_PROTOCOL_WRITER, protocol->writer);
    if (protocol->reader >= 3) {
        list_set(checkpoint, DELTA_NODE_PROTOCOL_READER_FEATURES, &protocol->reader_features);
    }
    if (protocol->writer >= 7) {
        list_set(checkpoint, DELTA_NODE_PROTOCOL_WRITER_FEATURES, &protocol->writer_features);
    }
    return row_end(checkpoint);
}

static Outcome metadata_put(CheckpointWriter *checkpoint) {
    const DeltaMetadata *metadata = &checkpoint->table->metadata;
    string_set(checkpoint, DELTA_NODE_METADATA_ID, metadata->id);
    string_set(checkpoint, DELTA_NODE_METADATA_NAME, metadata->name);
    string_set(checkpoint, DELTA_NODE_METADATA_DESCRIPTION, metadata->description);
    string_set(checkpoint, DELTA_NODE_METADATA_PROVIDER, metadata->provider);
    map_set(checkpoint, DELTA_NODE_METADATA_OPTIONS, &metadata->options);
    string_set(checkpoint, DELTA_NODE_METADATA_SCHEMA, metadata->schema);
    list_set(checkpoint, DELTA_NODE_METADATA_PARTITION, &metadata->partition_columns);
    map_set(checkpoint, DELTA_NODE_METADATA_CONFIGURATION, &metadata->configuration);
    if (metadata->created_ms >= 0) {
        integer_set(checkpoint, DELTA_NODE_METADATA_CREATED, metadata->created_ms);
    }
    return row_end(checkpoint);
}

static Outcome txns_put(CheckpointWriter *checkpoint) {
    const DeltaTable *table = checkpoint->table;
    for (uint32_t i = 0; i < table->txns.count; i++) {
        const DeltaTxn *txn = &table->txns.items[i];
        string_set(checkpoint, DELTA_NODE_TXN_APP, txn->app_id);
        integer_set(checkpoint, DELTA_NODE_TXN_VERSION, txn->version);
        if (txn->updated_ms >= 0) {
            integer_set(checkpoint, DELTA_NODE_TXN_UPDATED, txn->updated_ms);
        }
        TRY(row_end(checkpoint));
    }
    return OUTCOME_OK;
}

static Outcome domains_put(CheckpointWriter *checkpoint) {
    const DeltaTable *table = checkpoint->table;
    for (uint32_t i = 0; i < table->domains.count; i++) {
        const DeltaDomain *domain = &table->domains.items[i];
        if (domain->is_removed) {
            continue;
        }
        string_set(checkpoint, DELTA_NODE_DOMAIN_NAME, domain->domain);
        string_set(checkpoint, DELTA_NODE_DOMAIN_CONFIGURATION, domain->configuration);
        integer_set(checkpoint, DELTA_NODE_DOMAIN_REMOVED, 0);
        TRY(row_end(checkpoint));
    }
    return OUTCOME_OK;
}

static Outcome adds_put(CheckpointWriter *checkpoint) {
    const DeltaTable *table = checkpoint->table;
    for (uint32_t i = 0; i < table->files.count; i++) {
        const DeltaFile *file = &table->files.items[i].file;
        string_set(checkpoint, DELTA_NODE_ADD_PATH, file->path);
        map_set(checkpoint, DELTA_NODE_ADD_PARTITION, &file->partition);
        integer_set(checkpoint, DELTA_NODE_ADD_SIZE, file->size_bytes);
        integer_set(checkpoint, DELTA_NODE_ADD_MODIFIED, file->modified_ms);
        integer_set(checkpoint, DELTA_NODE_ADD_DATA_CHANGE, 0);
        vector_set(checkpoint, DELTA_NODE_ADD_VECTOR, file->vector);
        string_set(checkpoint, DELTA_NODE_ADD_STATS, file->stats);
        TRY(row_end(checkpoint));
    }
    return OUTCOME_OK;
}

static Outcome removes_put(CheckpointWriter *checkpoint, int64_t expired_ms) {
    const DeltaTable *table = checkpoint->table;
    for (uint32_t i = 0; i < table->removed.count; i++) {
        const DeltaFile *file = &table->removed.items[i];
        if (file->deleted_ms < expired_ms) {
            continue;
        }
        string_set(checkpoint, DELTA_NODE_REMOVE_PATH, file->path);
        integer_set(checkpoint, DELTA_NODE_REMOVE_DELETED, file->deleted_ms);
        integer_set(checkpoint, DELTA_NODE_REMOVE_DATA_CHANGE, 0);
        integer_set(checkpoint, DELTA_NODE_REMOVE_EXTENDED, 1);
        map_set(checkpoint, DELTA_NODE_REMOVE_PARTITION, &file->partition);
        if (file->size_bytes >= 0) {
            integer_set(checkpoint, DELTA_NODE_REMOVE_SIZE, file->size_bytes);
        }
        vector_set(checkpoint, DELTA_NODE_REMOVE_VECTOR, file->vector);
        TRY(row_end(checkpoint));
    }
    return OUTCOME_OK;
}

static Outcome rows_put(CheckpointWriter *checkpoint, int64_t clock_us) {
    TRY(protocol_put(checkpoint));
    TRY(metadata_put(checkpoint));
    TRY(txns_put(checkpoint));
    TRY(domains_put(checkpoint));
    int64_t retention_ms = delta_table_setting_ms(
        checkpoint->table, "delta.deletedFileRetentionDuration", RETENTION_DEFAULT_MS);
    TRY(removes_put(checkpoint, clock_us / 1000 - retention_ms));
    TRY(adds_put(checkpoint));
    return parquet_tree_writer_finish(checkpoint->writer);
}

// --- the file -----------------------------------------------------------------------------------
static const char *temp_path(CheckpointWriter *checkpoint) {
    char uuid[37];
    sys_uuid(checkpoint->table->sys, uuid);
    return arena_format(&checkpoint->arena, "%s/_delta_log/.tmp-%s", checkpoint->table->path, uuid);
}

static Outcome temp_write(CheckpointWriter *checkpoint, const char *temp, int64_t clock_us) {
    Sys *sys = checkpoint->table->sys;
    TRY(sys_open(sys, temp, SYS_CREATE_NEW, &checkpoint->file));
    checkpoint->writer = parquet_tree_writer_new(
        checkpoint->tree.fields, checkpoint->tree.field_count, NULL, bytes_write, checkpoint);
    Outcome outcome = rows_put(checkpoint, clock_us);
    parquet_tree_writer_free(checkpoint->writer);
    if (outcome == OUTCOME_OK) {
        outcome = sys_sync(sys, checkpoint->file);
    }
    Outcome closed = sys_close(sys, checkpoint->file);
    return outcome != OUTCOME_OK ? outcome : closed;
}

typedef struct CheckpointCheck {
    Sys *sys;
    SysFile *file;
} CheckpointCheck;

static Outcome check_bytes(void *user, int64_t offset, void *bytes, size_t length) {
    const CheckpointCheck *check = user;
    size_t got;
    TRY(sys_read(check->sys, check->file, offset, bytes, length, &got));
    return got == length ? OUTCOME_OK : OUTCOME_REFUSED;
}

// What cannot be read back must not become the base of a table.
static Outcome temp_check(CheckpointWriter *checkpoint, const char *temp) {
    CheckpointCheck check = {.sys = checkpoint->table->sys};
    ParquetTreeReader *reader = NULL;
    Failure failure = {0};
    TRY(sys_open(check.sys, temp, SYS_READ, &check.file));
    Outcome outcome = parquet_tree_reader_open(check_bytes,
                                               &check,
                                               checkpoint->size_bytes,
                                               checkpoint->tree.fields,
                                               checkpoint->tree.field_count,
                                               &failure,
                                               &reader);
    if (outcome == OUTCOME_OK) {
        outcome =
            parquet_tree_reader_rows(reader) == checkpoint->rows ? OUTCOME_OK : OUTCOME_REFUSED;
        parquet_tree_reader_free(reader);
    }
    Outcome closed = sys_close(check.sys, check.file);
    return outcome != OUTCOME_OK ? outcome : closed;
}

// Spark's side file would call our file corrupt (store.md 5.9).
static Outcome side_file_remove(CheckpointWriter *checkpoint, const char *name) {
    return sys_unlink(
        checkpoint->table->sys,
        arena_format(&checkpoint->arena, "%s/_delta_log/.%s.crc", checkpoint->table->path, name));
}

static Outcome
file_replace(CheckpointWriter *checkpoint, const char *temp, const char *final, const char *name) {
    TRY(side_file_remove(checkpoint, name));
    TRY(sys_rename(checkpoint->table->sys, temp, final));
    return sys_sync_directory(
        checkpoint->table->sys,
        arena_format(&checkpoint->arena, "%s/_delta_log", checkpoint->table->path));
}

static Outcome hint_write(CheckpointWriter *checkpoint) {
    const DeltaTable *table = checkpoint->table;
    Arena *arena = &checkpoint->arena;
    const char *temp = temp_path(checkpoint);
    const char *body = arena_format(arena,
                                    "{\"version\":%" PRId64 ",\"size\":%" PRId64
                                    ",\"sizeInBytes\":%" PRId64 ",\"numOfAddFiles\":%u",
                                    table->version,
                                    checkpoint->rows,
                                    checkpoint->size_bytes,
                                    table->files.count);
    const char *whole = arena_format(arena, "%s}", body);
    char checksum[33];
    bool has_checksum =
        delta_hint_checksum(arena, delta_json_parse(arena, whole, strlen(whole)), checksum);
    ASSERT(has_checksum);
    const char *text = arena_format(arena, "%s,\"checksum\":\"%s\"}", body, checksum);
    TRY(sys_write_new(table->sys, temp, text, strlen(text)));
    const char *final = arena_format(arena, "%s/_delta_log/_last_checkpoint", table->path);
    return file_replace(checkpoint, temp, final, "_last_checkpoint");
}

static Outcome checkpoint_run(CheckpointWriter *checkpoint, int64_t clock_us) {
    const DeltaTable *table = checkpoint->table;
    const char *temp = temp_path(checkpoint);
    const char *final =
        delta_log_path(&checkpoint->arena, table->path, table->version, ".checkpoint.parquet");
    TRY(temp_write(checkpoint, temp, clock_us));
    TRY(temp_check(checkpoint, temp));
    TRY(file_replace(checkpoint, temp, final, strrchr(final, '/') + 1));
    return hint_write(checkpoint);
}

Outcome delta_checkpoint_write(DeltaTable *table, int64_t clock_us) {
    CheckpointWriter checkpoint = {.table = table, .tree = delta_checkpoint_tree(true)};
    Outcome outcome = checkpoint_run(&checkpoint, clock_us);
    arena_free(&checkpoint.arena);
    return outcome;
}
