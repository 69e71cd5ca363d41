// Reading a checkpoint, classic or in parts. Its rows are already reconciled among themselves, so
// they only lose against the commits after it, which the replay has seen before.
#include "store/delta/checkpoint.h"

#include "scalar/scalar.h"
#include "store/delta/checkpoint_tree.h"
#include "store/delta/path.h"

#include <inttypes.h>

typedef struct CheckpointFile {
    DeltaReplay *replay;
    SysFile *file;
    ParquetTreeReader *reader;
    DeltaTree tree;
} CheckpointFile;

static Outcome checkpoint_bytes(void *user, int64_t offset, void *bytes, size_t length) {
    CheckpointFile *checkpoint = user;
    Sys *sys = checkpoint->replay->table->sys;
    size_t got;
    TRY(sys_read(sys, checkpoint->file, offset, bytes, length, &got));
    return got == length ? OUTCOME_OK : OUTCOME_REFUSED;
}

// --- values of a row ----------------------------------------------------------------------------
static bool
value_get(const CheckpointFile *file, DeltaNodeId node, int32_t item, FlowValue *value) {
    return parquet_tree_get(file->reader, file->tree.nodes[node], item, value);
}

static int64_t integer_get(const CheckpointFile *file, DeltaNodeId node, int64_t otherwise) {
    FlowValue value;
    return value_get(file, node, 0, &value) ? value.i64 : otherwise;
}

static const char *item_get(const CheckpointFile *file, DeltaNodeId node, int32_t item) {
    FlowValue value;
    if (!value_get(file, node, item, &value)) {
        return NULL;
    }
    return arena_copy(&file->replay->scratch, flow_view_data(&value.view), value.view.length);
}

static const char *string_get(const CheckpointFile *file, DeltaNodeId node) {
    return item_get(file, node, 0);
}

static bool is_present(const CheckpointFile *file, DeltaNodeId node) {
    return parquet_tree_is_present(file->reader, file->tree.nodes[node]);
}

// The key and the value of a map follow it in the list of nodes.
static DeltaMap map_get(const CheckpointFile *file, DeltaNodeId node) {
    DeltaMap map = {0};
    Arena *arena = &file->replay->scratch;
    int32_t count = parquet_tree_item_count(file->reader, file->tree.nodes[node]);
    for (int32_t i = 0; i < count; i++) {
        const char *name = item_get(file, node + 1, i);
        FlowValue value;
        bool has_value = value_get(file, node + 2, i, &value);
        const char *bytes = has_value ? flow_view_data(&value.view) : NULL;
        *vec_push(arena, &map) = (DeltaPair){
            .name = name == NULL ? "" : name,
            .value = has_value ? arena_copy(arena, bytes, value.view.length) : NULL,
            .value_length = has_value ? value.view.length : 0,
        };
    }
    return map;
}

static DeltaNames list_get(const CheckpointFile *file, DeltaNodeId node) {
    DeltaNames names = {0};
    int32_t count = parquet_tree_item_count(file->reader, file->tree.nodes[node]);
    for (int32_t i = 0; i < count; i++) {
        const char *name = item_get(file, node + 1, i);
        if (name != NULL) {
            *vec_push(&file->replay->scratch, &names) = name;
        }
    }
    return names;
}

// The five fields of a descriptor follow its group in the list of nodes.
static const DeltaVector *vector_get(const CheckpointFile *file, DeltaNodeId node) {
    const char *storage = string_get(file, node + 1);
    const char *path = string_get(file, node + 2);
    if (storage == NULL || path == NULL) {
        return NULL;
    }
    DeltaVector *vector = arena_new(&file->replay->scratch, DeltaVector);
    *vector = (DeltaVector){
        .storage = storage,
        .path = path,
        .offset = integer_get(file, node + 3, -1),
        .size_bytes = integer_get(file, node + 4, 0),
        .cardinality = integer_get(file, node + 5, 0),
    };
    return vector;
}

// --- actions ------------------------------------------------------------------------------------
static DeltaAction add_get(const CheckpointFile *file) {
    return (DeltaAction){
        .kind = DELTA_ACTION_ADD,
        .file =
            {
                .path = string_get(file, DELTA_NODE_ADD_PATH),
                .partition = map_get(file, DELTA_NODE_ADD_PARTITION),
                .size_bytes = integer_get(file, DELTA_NODE_ADD_SIZE, -1),
                .modified_ms = integer_get(file, DELTA_NODE_ADD_MODIFIED, 0),
                .stats = string_get(file, DELTA_NODE_ADD_STATS),
                .vector = vector_get(file, DELTA_NODE_ADD_VECTOR),
                .base_row_id = -1,
                .row_commit_version = -1,
            },
    };
}

static DeltaAction remove_get(const CheckpointFile *file) {
    return (DeltaAction){
        .kind = DELTA_ACTION_REMOVE,
        .file =
            {
                .path = string_get(file, DELTA_NODE_REMOVE_PATH),
                .partition = map_get(file, DELTA_NODE_REMOVE_PARTITION),
                .size_bytes = integer_get(file, DELTA_NODE_REMOVE_SIZE, -1),
                .deleted_ms = integer_get(file, DELTA_NODE_REMOVE_DELETED, 0),
                .vector = vector_get(file, DELTA_NODE_REMOVE_VECTOR),
                .base_row_id = -1,
                .row_commit_version = -1,
            },
    };
}

static DeltaAction metadata_get(const CheckpointFile *file) {
    const char *provider = string_get(file, DELTA_NODE_METADATA_PROVIDER);
    return (DeltaAction){
        .kind = DELTA_ACTION_METADATA,
        .metadata =
            {
                .id = string_get(file, DELTA_NODE_METADATA_ID),
                .name = string_get(file, DELTA_NODE_METADATA_NAME),
                .description = string_get(file, DELTA_NODE_METADATA_DESCRIPTION),
                .provider = provider == NULL ? "parquet" : provider,
                .options = map_get(file, DELTA_NODE_METADATA_OPTIONS),
                .schema = string_get(file, DELTA_NODE_METADATA_SCHEMA),
                .partition_columns = list_get(file, DELTA_NODE_METADATA_PARTITION),
                .configuration = map_get(file, DELTA_NODE_METADATA_CONFIGURATION),
                .created_ms = integer_get(file, DELTA_NODE_METADATA_CREATED, -1),
            },
    };
}

static DeltaAction protocol_get(const CheckpointFile *file) {
    return (DeltaAction){
        .kind = DELTA_ACTION_PROTOCOL,
        .protocol =
            {
                .reader = integer_get(file, DELTA_NODE_PROTOCOL_READER, 1),
                .writer = integer_get(file, DELTA_NODE_PROTOCOL_WRITER, 1),
                .reader_features = list_get(file, DELTA_NODE_PROTOCOL_READER_FEATURES),
                .writer_features = list_get(file, DELTA_NODE_PROTOCOL_WRITER_FEATURES),
            },
    };
}

static DeltaAction txn_get(const CheckpointFile *file) {
    return (DeltaAction){
        .kind = DELTA_ACTION_TXN,
        .txn =
            {
                .app_id = string_get(file, DELTA_NODE_TXN_APP),
                .version = integer_get(file, DELTA_NODE_TXN_VERSION, 0),
                .updated_ms = integer_get(file, DELTA_NODE_TXN_UPDATED, -1),
            },
    };
}

static DeltaAction domain_get(const CheckpointFile *file) {
    const char *configuration = string_get(file, DELTA_NODE_DOMAIN_CONFIGURATION);
    return (DeltaAction){
        .kind = DELTA_ACTION_DOMAIN,
        .domain =
            {
                .domain = string_get(file, DELTA_NODE_DOMAIN_NAME),
                .configuration = configuration == NULL ? "" : configuration,
                .is_removed = integer_get(file, DELTA_NODE_DOMAIN_REMOVED, 0) != 0,
            },
    };
}

static const struct {
    DeltaNodeId group;
    DeltaNodeId required; // without it the row is no such action
    DeltaAction (*get)(const CheckpointFile *file);
} getters[] = {
    {DELTA_NODE_ADD, DELTA_NODE_ADD_PATH, add_get},
    {DELTA_NODE_REMOVE, DELTA_NODE_REMOVE_PATH, remove_get},
    {DELTA_NODE_TXN, DELTA_NODE_TXN_APP, txn_get},
    {DELTA_NODE_METADATA, DELTA_NODE_METADATA_SCHEMA, metadata_get},
    {DELTA_NODE_PROTOCOL, DELTA_NODE_PROTOCOL_READER, protocol_get},
    {DELTA_NODE_DOMAIN, DELTA_NODE_DOMAIN_NAME, domain_get},
};

static void row_take(CheckpointFile *file) {
    arena_reset(&file->replay->scratch);
    for (size_t i = 0; i < COUNT_OF(getters); i++) {
        if (is_present(file, getters[i].group) && is_present(file, getters[i].required)) {
            DeltaAction action = getters[i].get(file);
            delta_replay_action(file->replay, &action);
            return;
        }
    }
}

static Outcome rows_read(CheckpointFile *file, Failure *failure) {
    bool has_row = true;
    for (;;) {
        TRY(parquet_tree_reader_next(file->reader, &has_row));
        if (!has_row) {
            return OUTCOME_OK;
        }
        if (is_present(file, DELTA_NODE_SIDECAR)) {
            return failure_set(failure, OUTCOME_REFUSED, "it has sidecars");
        }
        row_take(file);
    }
}

static Outcome file_read(DeltaReplay *replay, const char *path, Failure *failure) {
    CheckpointFile file = {.replay = replay, .tree = delta_checkpoint_tree(false)};
    Sys *sys = replay->table->sys;
    SysStat stat;
    TRY(sys_stat(sys, path, &stat));
    TRY(sys_open(sys, path, SYS_READ, &file.file));
    Outcome outcome = parquet_tree_reader_open(checkpoint_bytes,
                                               &file,
                                               stat.size_bytes,
                                               file.tree.fields,
                                               file.tree.field_count,
                                               failure,
                                               &file.reader);
    if (outcome == OUTCOME_OK) {
        outcome = rows_read(&file, failure);
        parquet_tree_reader_free(file.reader);
    }
    Outcome closed = sys_close(sys, file.file);
    return outcome != OUTCOME_OK ? outcome : closed;
}

Outcome
delta_checkpoint_read(DeltaReplay *replay, const DeltaCheckpointName *name, Failure *failure) {
    DeltaTable *table = replay->table;
    if (name->parts == 0) {
        const char *path =
            delta_log_path(&table->arena, table->path, name->version, ".checkpoint.parquet");
        return file_read(replay, path, failure);
    }
    for (int64_t part = 1; part <= name->parts; part++) {
        const char *suffix = arena_format(
            &table->arena, ".checkpoint.%010" PRId64 ".%010" PRId64 ".parquet", part, name->parts);
        const char *path = delta_log_path(&table->arena, table->path, name->version, suffix);
        TRY(file_read(replay, path, failure));
    }
    return OUTCOME_OK;
}
