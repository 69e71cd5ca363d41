// The life of a write: opened against a base, fed, prepared (staged, durable, invisible), committed
// or given up. When a race is lost the base changes and what depends on it is made again.
#include "store/delta/write.h"

#include "store/delta/path.h"
#include "store/delta/scan.h"
#include "store/delta/tombstone.h"

enum { STATS_COLUMNS_DEFAULT = 32 };

// --- making -------------------------------------------------------------------------------------
static void names_from(DeltaWrite *write,
                       DeltaNames *names,
                       const FlowTable *table,
                       const int32_t *columns,
                       int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        *vec_push(&write->arena, names) =
            arena_string(&write->arena, table->columns[columns[i]].name);
    }
}

static const char *text_keep(Arena *arena, const char *text) {
    return text == NULL ? NULL : arena_string(arena, text);
}

static void changes_make(DeltaWrite *write) {
    DeltaChangesOptions options = {
        .columns = write->columns,
        .column_count = write->column_count,
        .order_count = write->order_count,
        .has_valid_from = write->history == FLOW_HISTORY_SCD2,
        .has_delete = write->has_delete,
        .has_truncate = write->has_truncate,
        .key = &write->key,
    };
    write->changes = delta_changes_new(&options);
}

// --- columns that the store makes ---------------------------------------------------------------
static const FlowTypeDesc surrogate_type = {.kind = FLOW_STRING};
static const FlowTypeDesc from_type = {.kind = FLOW_TIMESTAMP};
static const FlowTypeDesc to_type = {.kind = FLOW_TIMESTAMP, .is_nullable = 1};
static const FlowTypeDesc current_type = {.kind = FLOW_BOOL};
enum { MADE_COLUMNS_MAX = 4 };

static FlowColumnDesc made_column(const char *name, const FlowTypeDesc *type) {
    return (FlowColumnDesc){.name = name, .type = type, .is_used = 1};
}

static uint32_t made_columns(const DeltaWrite *write, FlowColumnDesc *made) {
    uint32_t count = 0;
    if (write->surrogate_key != NULL) {
        made[count++] = made_column(write->surrogate_key, &surrogate_type);
    }
    if (write->history == FLOW_HISTORY_SCD2) {
        made[count++] = made_column(DELTA_VALID_FROM, &from_type);
        made[count++] = made_column(DELTA_VALID_TO, &to_type);
        made[count++] = made_column(DELTA_IS_CURRENT, &current_type);
    }
    return count;
}

// The given columns with the made ones behind the table's.
static void columns_make(DeltaWrite *write, const DeltaWriteOptions *options) {
    FlowColumnDesc made[MADE_COLUMNS_MAX];
    bool is_merge = write->mode == DELTA_MERGE;
    uint32_t extra_count = write->order_count + (write->has_delete ? 1 : 0) +
                           (write->has_truncate ? 1 : 0) +
                           (is_merge && write->history == FLOW_HISTORY_SCD2 ? 1 : 0);
    uint32_t given_count = options->column_count - extra_count;
    write->made_count = made_columns(write, made);
    write->table_count = given_count + write->made_count;
    write->column_count = options->column_count + write->made_count;
    FlowColumnDesc *all = arena_array(&write->arena, FlowColumnDesc, write->column_count + 1);
    memcpy(all, options->columns, given_count * sizeof(*all));
    memcpy(all + given_count, made, write->made_count * sizeof(*all));
    memcpy(all + write->table_count, options->columns + given_count, extra_count * sizeof(*all));
    write->columns = delta_columns_copy(&write->arena, all, write->column_count);
    write->spread = arena_array(&write->arena, int32_t, write->column_count + 1);
}

static void made_make(DeltaWrite *write) {
    DeltaMadeOptions options = {
        .columns = write->columns,
        .column_count = write->column_count,
        .given_count = write->table_count - write->made_count,
        .made_count = write->made_count,
        .key = &write->key,
        .has_surrogate = write->surrogate_key != NULL && write->history == FLOW_HISTORY_SCD1,
    };
    write->made = write->made_count == 0 ? NULL : delta_made_new(&options);
}

DeltaWrite *delta_write_new(Sys *sys, const DeltaWriteOptions *options) {
    DeltaWrite *write = memory_alloc(sizeof(*write));
    bool is_merge = options->mode == DELTA_MERGE;
    *write = (DeltaWrite){
        .sys = sys,
        .mode = options->mode,
        .is_partial = options->condition != NULL,
        .condition = options->condition,
        .txn_version = options->txn_version,
        .clock_us = options->clock_us,
        .tasks = options->tasks,
        .order_count = is_merge ? options->order_count : 0,
        .has_delete = is_merge && options->has_delete,
        .has_truncate = is_merge && options->has_truncate,
        .tombstones_file = -1,
    };
    Arena *arena = &write->arena;
    write->path = arena_string(arena, options->path);
    write->writer_id = arena_string(arena, options->writer_id);
    write->txn_app_id = text_keep(arena, options->txn_app_id);
    write->condition_text = write->is_partial ? text_keep(arena, options->condition->text) : NULL;
    const FlowTable *table = options->table;
    if (table != NULL) {
        write->history = (FlowHistory)table->history;
        write->surrogate_key = text_keep(arena, table->surrogate_key);
        names_from(write, &write->tracked, table, table->tracked, table->tracked_count);
        write->tombstones_us = table->tombstones_us;
        write->is_append_only = table->is_append_only != 0;
        write->is_evolving = table->is_evolving != 0;
        names_from(write, &write->key, table, table->key, table->key_count);
        names_from(write, &write->partition, table, table->partition, table->partition_count);
    }
    ASSERT(!is_merge || write->key.count > 0);
    columns_make(write, options);
    made_make(write);
    if (is_merge) {
        changes_make(write);
    }
    return write;
}

// --- the base -----------------------------------------------------------------------------------
static Outcome write_refuse(DeltaWrite *write, const char *why) {
    return sys_fail(write->sys, OUTCOME_REFUSED, "table %s: %s", write->path, why);
}

static DeltaSchemaNew schema_wanted(const DeltaWrite *write) {
    return (DeltaSchemaNew){
        .columns = write->columns,
        .column_count = write->table_count,
        .partition = &write->partition,
        .sequence = write->columns + write->table_count,
        .sequence_count = write->order_count,
    };
}

static void setting_add(DeltaWrite *write, const char *name, const char *value) {
    *vec_push(&write->arena, &write->metadata.configuration) =
        (DeltaPair){.name = name, .value = value, .value_length = strlen(value)};
}

static Outcome metadata_new(DeltaWrite *write) {
    DeltaSchemaNew wanted = schema_wanted(write);
    const char *why = delta_schema_check_new(&write->arena, &wanted);
    if (why != NULL) {
        return write_refuse(write, why);
    }
    char uuid[37];
    sys_uuid(write->sys, uuid);
    write->has_new_metadata = true;
    write->metadata = (DeltaMetadata){
        .id = arena_string(&write->arena, uuid),
        .provider = "parquet",
        .schema = delta_schema_new(&write->arena, &wanted),
        .partition_columns = write->partition,
        .created_ms = write->clock_us / 1000,
    };
    if (write->is_append_only && write->mode == DELTA_APPEND) {
        setting_add(write, "delta.appendOnly", "true");
    }
    return OUTCOME_OK;
}

static Outcome schema_parse(DeltaWrite *write) {
    const char *why = delta_schema_parse(&write->arena, &write->metadata, &write->schema);
    return why == NULL ? OUTCOME_OK : write_refuse(write, why);
}

// The program's columns that an evolving table lacks: null in the rows that are there.
static Outcome columns_add(DeltaWrite *write) {
    uint32_t given_count = write->table_count - write->made_count;
    FlowColumnDesc *added = arena_array(&write->arena, FlowColumnDesc, given_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; write->is_evolving && i < given_count; i++) {
        if (delta_schema_find(&write->schema, write->columns[i].name) == FLOW_NO_INDEX) {
            added[count++] = write->columns[i];
        }
    }
    if (count == 0) {
        return OUTCOME_OK;
    }
    const char *why = delta_schema_check_added(&write->arena, &write->schema, added, count);
    if (why != NULL) {
        return write_refuse(write, why);
    }
    write->has_new_metadata = true;
    write->metadata.schema =
        delta_schema_with_columns(&write->arena, write->metadata.schema, added, count);
    return schema_parse(write);
}

// A table that was not merged into before gets its `_sequence` now.
static Outcome sequence_add(DeltaWrite *write) {
    if (write->order_count == 0 || write->schema.sequence_count > 0) {
        return OUTCOME_OK;
    }
    if (delta_schema_find(&write->schema, DELTA_SEQUENCE_NAME) != FLOW_NO_INDEX) {
        return write_refuse(write, "it has a column _sequence that no merge has made");
    }
    write->has_new_metadata = true;
    write->metadata.schema = delta_schema_with_sequence(&write->arena,
                                                        write->metadata.schema,
                                                        write->columns + write->table_count,
                                                        write->order_count);
    return schema_parse(write);
}

static Outcome metadata_from_base(DeltaWrite *write) {
    write->has_new_metadata = false;
    write->metadata = write->base->metadata;
    TRY(schema_parse(write));
    if (delta_write_is_done(write)) {
        return OUTCOME_OK; // nothing will be written, so nothing can misfit
    }
    TRY(columns_add(write));
    TRY(sequence_add(write));
    const char *why = delta_fit_refusal(&write->arena, write);
    return why == NULL ? OUTCOME_OK : write_refuse(write, why);
}

bool delta_write_is_done(const DeltaWrite *write) {
    return write->txn_app_id != NULL && write->base != NULL &&
           delta_table_txn(write->base, write->txn_app_id) >= write->txn_version;
}

Outcome delta_write_rebase(DeltaWrite *write, DeltaTable *table) {
    delta_close(write->base);
    write->base = table;
    if (table == NULL) {
        TRY(metadata_new(write));
        return schema_parse(write);
    }
    return metadata_from_base(write);
}

Outcome delta_write_open(Sys *sys, const DeltaWriteOptions *options, DeltaWrite **opened) {
    DeltaTable *table;
    *opened = NULL;
    TRY(delta_open(sys, options->path, DELTA_LATEST, &table));
    DeltaWrite *write = delta_write_new(sys, options);
    Outcome outcome = delta_write_rebase(write, table);
    if (outcome != OUTCOME_OK) {
        delta_write_free(write);
        return outcome;
    }
    *opened = write;
    return OUTCOME_OK;
}

bool delta_write_adds(const DeltaWrite *write, const char *column) {
    return write->base != NULL && delta_file_count(write->base) > 0 &&
           !delta_write_replaces_all(write) &&
           delta_column_find(write->base, column) == FLOW_NO_INDEX;
}

uint32_t delta_write_order_count(const DeltaWrite *write) {
    return write->base == NULL ? 0 : write->base->schema.sequence_count;
}

static bool base_has(const DeltaWrite *write, const FlowColumnDesc *columns, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (delta_column_find(write->base, columns[i].name) == FLOW_NO_INDEX) {
            return false; // It is null in all rows.
        }
    }
    return true;
}

Outcome delta_write_stored(DeltaWrite *write,
                           const FlowColumnDesc *columns,
                           uint32_t column_count,
                           uint32_t order_count,
                           DeltaScan **scan) {
    DeltaTable *base = write->base;
    uint32_t plain_count = column_count - order_count;
    *scan = NULL;
    if (base == NULL || !base_has(write, columns, plain_count)) {
        return OUTCOME_OK;
    }
    const char *why = delta_scan_refusal(&write->arena, &base->schema, columns, plain_count);
    if (why != NULL) {
        return write_refuse(write, why);
    }
    FlowColumnDesc *named = arena_array(&write->arena, FlowColumnDesc, column_count + 1);
    memcpy(named, columns, column_count * sizeof(*named));
    for (uint32_t i = 0; i < order_count; i++) {
        named[plain_count + i].name = base->schema.sequence[i].name;
    }
    DeltaScanOptions options = {
        .sys = write->sys,
        .table_path = write->path,
        .files = base->files.items,
        .file_count = base->files.count,
        .partition = &base->metadata.partition_columns,
        .columns = named,
        .column_count = column_count,
        .sequence_count = base->schema.sequence_is_struct ? order_count : 0,
    };
    *scan = delta_scan_new(&options);
    return OUTCOME_OK;
}

// --- rows ---------------------------------------------------------------------------------------
const DeltaNames *delta_write_partition(const DeltaWrite *write) {
    return &write->metadata.partition_columns;
}

static int64_t setting_integer(const DeltaWrite *write, const char *key, int64_t otherwise) {
    return write->base == NULL ? otherwise
                               : delta_table_setting_integer(write->base, key, otherwise);
}

DeltaStage *delta_write_stage_new(DeltaWrite *write,
                                  const FlowColumnDesc *columns,
                                  uint32_t column_count,
                                  uint32_t sequence_count,
                                  int64_t bin) {
    DeltaStageOptions options = {
        .sys = write->sys,
        .table_path = write->path,
        .writer_id = write->writer_id,
        .columns = columns,
        .column_count = column_count,
        .sequence_count = sequence_count,
        .partition = delta_write_partition(write),
        .clock_us = write->clock_us,
        .stats_columns =
            setting_integer(write, "delta.dataSkippingNumIndexedCols", STATS_COLUMNS_DEFAULT),
        .file_bytes_target = setting_integer(write, "delta.targetFileSize", DATA_FILE_BYTES_TARGET),
        .file_number = bin < 0 ? write->file_number : 0,
        .bin = bin,
        .tasks = bin < 0 ? write->tasks : NULL, // bins are written side by side themselves
        .has_table = write->base != NULL,
    };
    return delta_stage_new(&options);
}

// `is_appended`: rows beside merges, which go into files of their own.
static Outcome
rows_take(DeltaWrite *write, const FlowBatch *batch, const int32_t *slots, bool is_appended) {
    ASSERT(!write->is_prepared);
    write->rows += batch->selected_count;
    if (batch->selected_count == 0 || delta_write_is_done(write)) {
        return OUTCOME_OK;
    }
    if (write->made != NULL) {
        batch = delta_made_rows(write->made, batch, slots, &slots);
    }
    if (write->changes != NULL && !is_appended) {
        delta_changes_take(write->changes, batch, slots);
        return OUTCOME_OK;
    }
    DeltaStage **stage = is_appended ? &write->appends : &write->stage;
    if (*stage == NULL) {
        *stage = delta_write_stage_new(write, write->columns, write->table_count, 0, -1);
    }
    write->failed = delta_stage_append(*stage, batch, slots);
    return write->failed;
}

Outcome delta_write_append(DeltaWrite *write, const FlowBatch *batch, const int32_t *slots) {
    return rows_take(write, batch, slots, false);
}

// The sink's flags, or none, at the places of the write's.
static void
flags_spread(const DeltaWrite *write, const FlowSink *sink, const int32_t *flags, int32_t *spread) {
    uint32_t at = 0;
    if (write->has_delete) {
        spread[at++] = sink->has_delete ? flags[0] : FLOW_NO_INDEX;
    }
    if (write->has_truncate) {
        spread[at] = sink->has_truncate ? flags[sink->has_delete ? 1 : 0] : FLOW_NO_INDEX;
    }
}

Outcome delta_write_take(DeltaWrite *write,
                         const FlowSink *sink,
                         const FlowBatch *batch,
                         const int32_t *slots) {
    bool is_merge = sink->kind == FLOW_SINK_TABLE_MERGE;
    uint32_t flag_count = (sink->has_delete ? 1u : 0u) + (sink->has_truncate ? 1u : 0u);
    uint32_t plain_count = (uint32_t)sink->columns_count - flag_count;
    ASSERT(plain_count <= write->column_count);
    memset(write->spread, 0xFF, write->column_count * sizeof(*slots)); // FLOW_NO_INDEX
    memcpy(write->spread, slots, plain_count * sizeof(*slots));
    if (is_merge) {
        flags_spread(write, sink, slots + plain_count, write->spread + plain_count);
    }
    return rows_take(write, batch, write->spread, !is_merge && write->changes != NULL);
}

int64_t delta_write_rows(const DeltaWrite *write) {
    return write->rows;
}

int64_t delta_write_replaced(const DeltaWrite *write) {
    return write->metrics.rows_deleted;
}

// --- prepare ------------------------------------------------------------------------------------
static void stage_files_take(DeltaWrite *write, const DeltaStage *stage) {
    for (uint32_t i = 0; i < delta_stage_file_count(stage); i++) {
        *vec_push(&write->arena, &write->adds) = delta_stage_files(stage)[i];
    }
}

void delta_write_take_files(DeltaWrite *write) {
    write->adds.count = 0;
    for (uint32_t i = 0; i < write->bins.count; i++) {
        stage_files_take(write, write->bins.items[i]);
    }
    for (uint32_t i = 0; i < write->staged.count; i++) {
        *vec_push(&write->arena, &write->adds) = write->staged.items[i];
    }
    if (write->stage != NULL) {
        stage_files_take(write, write->stage);
        write->file_number = delta_stage_file_number(write->stage);
    }
}

void delta_write_bins_free(DeltaWrite *write, bool is_discarded) {
    for (uint32_t i = 0; i < write->bins.count; i++) {
        if (is_discarded) {
            delta_stage_discard(write->bins.items[i]);
        }
        delta_stage_free(write->bins.items[i]);
    }
    write->bins.count = 0;
}

static Outcome appends_finish(DeltaWrite *write) {
    if (write->appends == NULL) {
        return OUTCOME_OK;
    }
    TRY(delta_stage_finish(write->appends));
    write->file_number = delta_stage_file_number(write->appends);
    for (uint32_t i = 0; i < delta_stage_file_count(write->appends); i++) {
        *vec_push(&write->arena, &write->appended) = delta_stage_files(write->appends)[i];
    }
    return OUTCOME_OK;
}

Outcome delta_write_prepare(DeltaWrite *write) {
    ASSERT(!write->is_prepared);
    TRY(write->failed);
    write->metrics.rows_given = write->rows;
    if (delta_write_is_done(write)) {
        write->is_prepared = true;
        return OUTCOME_OK;
    }
    if (write->changes != NULL) {
        TRY(appends_finish(write));
        TRY(delta_merge_compute(write));
    } else if (write->stage != NULL) {
        TRY(delta_stage_finish(write->stage));
        delta_write_take_files(write);
    }
    if (write->is_partial) {
        TRY(delta_overwrite_compute(write));
    }
    write->is_prepared = true;
    return OUTCOME_OK;
}

bool delta_write_has_content(const DeltaWrite *write) {
    bool removes = write->removes.count > 0 ||
                   (delta_write_replaces_all(write) && write->base->files.count > 0);
    return write->txn_app_id != NULL || write->base == NULL || write->adds.count > 0 || removes ||
           write->tombstones_file >= 0;
}

// --- reading what was staged --------------------------------------------------------------------
const DeltaLive *delta_table_file(const DeltaTable *table, const char *path) {
    uint32_t low = 0;
    uint32_t high = table->files.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(table->files.items[middle].path, path);
        if (order == 0) {
            return &table->files.items[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

static int path_compare(const void *a, const void *b) {
    return strcmp(((const DeltaLive *)a)->path, ((const DeltaLive *)b)->path);
}

static int name_compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_removed(const DeltaWrite *write, const char *path) {
    return write->removes.count > 0 && bsearch(&path,
                                               write->removes.items,
                                               write->removes.count,
                                               sizeof(const char *),
                                               name_compare) != NULL;
}

// The files of the table as it will be; `removes` are sorted, as the base's files are.
static DeltaLive *files_after(DeltaWrite *write, uint32_t *count) {
    bool keeps =
        write->base != NULL && (!delta_write_replaces_all(write) || delta_write_is_done(write));
    uint32_t base_count = keeps ? write->base->files.count : 0;
    DeltaLive *files = arena_array(&write->arena, DeltaLive, base_count + write->adds.count);
    *count = 0;
    for (uint32_t i = 0; i < base_count; i++) {
        if (!is_removed(write, write->base->files.items[i].path)) {
            files[(*count)++] = write->base->files.items[i];
        }
    }
    for (uint32_t i = 0; i < write->adds.count; i++) {
        files[(*count)++] = write->adds.items[i];
    }
    if (*count > 1) {
        qsort(files, *count, sizeof(*files), path_compare);
    }
    return files;
}

Outcome delta_write_scan(DeltaWrite *write,
                         const FlowColumnDesc *columns,
                         uint32_t column_count,
                         DeltaScan **scan) {
    ASSERT(write->is_prepared);
    *scan = NULL;
    const char *why = delta_scan_refusal(&write->arena, &write->schema, columns, column_count);
    if (why != NULL) {
        return write_refuse(write, why);
    }
    uint32_t file_count;
    DeltaLive *files = files_after(write, &file_count);
    DeltaScanOptions options = {
        .sys = write->sys,
        .table_path = write->path,
        .files = files,
        .file_count = file_count,
        .partition = delta_write_partition(write),
        .columns = columns,
        .column_count = column_count,
    };
    *scan = delta_scan_new(&options);
    return OUTCOME_OK;
}

// --- the end ------------------------------------------------------------------------------------
Outcome delta_write_commit(DeltaWrite *write, int64_t *version) {
    ASSERT(write->is_prepared);
    return delta_commit_run(write, version);
}

void delta_write_abort(DeltaWrite *write) {
    if (write->is_committed) {
        return;
    }
    if (write->stage != NULL) {
        delta_stage_discard(write->stage);
    }
    for (uint32_t i = 0; i < write->bins.count; i++) {
        delta_stage_discard(write->bins.items[i]);
    }
    if (write->appends != NULL) {
        delta_stage_discard(write->appends);
    }
    delta_tombstones_discard(write);
}

void delta_write_free(DeltaWrite *write) {
    if (write == NULL) {
        return;
    }
    delta_close(write->base);
    delta_write_bins_free(write, false);
    delta_stage_free(write->stage);
    delta_stage_free(write->appends);
    delta_made_free(write->made);
    delta_changes_free(write->changes);
    delta_keyset_free(&write->outlasting);
    arena_free(&write->arena);
    memory_free(write);
}
