// Routing: the rows of a batch are sorted by partition (a counting sort over one batch), and each
// partition has at most one open file. When too many are open, the one used longest ago is closed,
// so memory does not depend on the number of partitions.
#include "store/delta/stage.h"

#include "scalar/scalar.h"
#include "store/delta/keyset.h"
#include "store/delta/path.h"
#include "store/delta/stage_file.h"
#include "store/delta/value.h"

#include <inttypes.h>

enum { STAGE_ROWS = FLOW_BATCH_ROWS_MAX + 2 * FLOW_BATCH_ROWS_SLACK };

typedef struct StagePartition {
    DeltaMap values;
    const char *directory; // below the table, "" if it is the table's
    bool has_directory;
    DeltaStageFile *file; // NULL: none open
    const char *path;     // of the open file, below the table
    uint64_t used;        // when it was written last
    int32_t row_count;    // of the batch at hand
    int32_t row_start;
} StagePartition;

struct DeltaStage {
    DeltaStageOptions options;
    Arena arena;
    FlowColumnDesc *stored;
    int32_t *stored_columns;
    int32_t *stored_slots;
    uint32_t stored_count;
    int32_t *routed_columns; // the partition columns among the given, in the table's order
    uint32_t routed_count;
    DeltaKeySet keys;
    VEC(StagePartition) partitions;
    Buffer key;
    uint32_t open[PARTITION_WRITERS_MAX]; // partitions with an open file
    uint32_t open_count;
    uint64_t clock;           // counts writes
    uint32_t *row_partitions; // of the batch at hand
    int32_t *rows;            // its rows by partition
    VEC(uint32_t) touched;    // its partitions
    VEC(DeltaLive) files;
    VEC(const char *) written; // every name made, for discard
    uint32_t file_number;
};

// --- making -------------------------------------------------------------------------------------
static int32_t column_find(const DeltaStageOptions *options, const char *name) {
    for (uint32_t i = 0; i < options->column_count; i++) {
        if (strcmp(options->columns[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

static void columns_split(DeltaStage *stage) {
    const DeltaStageOptions *options = &stage->options;
    for (uint32_t i = 0; i < options->column_count; i++) {
        if (!delta_names_have(options->partition, options->columns[i].name)) {
            stage->stored[stage->stored_count] = options->columns[i];
            stage->stored_columns[stage->stored_count++] = (int32_t)i;
        }
    }
    for (uint32_t i = 0; i < options->partition->count; i++) {
        stage->routed_columns[stage->routed_count++] =
            column_find(options, options->partition->items[i]);
    }
}

DeltaStage *delta_stage_new(const DeltaStageOptions *options) {
    DeltaStage *stage = memory_alloc(sizeof(*stage));
    *stage = (DeltaStage){.options = *options, .file_number = options->file_number};
    Arena *arena = &stage->arena;
    stage->stored = arena_array(arena, FlowColumnDesc, options->column_count);
    stage->stored_columns = arena_array(arena, int32_t, options->column_count);
    stage->stored_slots = arena_array(arena, int32_t, options->column_count);
    stage->routed_columns = arena_array(arena, int32_t, options->partition->count);
    stage->row_partitions = arena_array(arena, uint32_t, STAGE_ROWS);
    stage->rows = arena_array(arena, int32_t, STAGE_ROWS);
    columns_split(stage);
    return stage;
}

// --- files --------------------------------------------------------------------------------------
static uint32_t stats_count(const DeltaStage *stage) {
    int64_t wanted = stage->options.stats_columns;
    return wanted < 0 || wanted > stage->stored_count ? stage->stored_count : (uint32_t)wanted;
}

static const char *file_name(DeltaStage *stage, const StagePartition *partition) {
    char uuid[37];
    sys_uuid(stage->options.sys, uuid);
    const char *bin = stage->options.bin < 0
                          ? ""
                          : arena_format(&stage->arena, "%05" PRId64 "-", stage->options.bin);
    return arena_format(&stage->arena,
                        "%s%spart-%s-%s%05u-%s.zstd.parquet",
                        partition->directory,
                        *partition->directory == '\0' ? "" : "/",
                        stage->options.writer_id,
                        bin,
                        stage->file_number++,
                        uuid);
}

static Outcome directory_make(DeltaStage *stage, StagePartition *partition) {
    const char *table = stage->options.table_path;
    bool is_table = *partition->directory == '\0';
    if (!partition->has_directory && !(is_table && stage->options.has_table)) {
        TRY(sys_make_directories(
            stage->options.sys,
            is_table ? table : delta_path_join(&stage->arena, table, partition->directory)));
    }
    partition->has_directory = true;
    return OUTCOME_OK;
}

static Outcome file_open(DeltaStage *stage, StagePartition *partition) {
    TRY(directory_make(stage, partition));
    partition->path = file_name(stage, partition);
    const char *path = delta_path_join(&stage->arena, stage->options.table_path, partition->path);
    *vec_push(&stage->arena, &stage->written) = path;
    DeltaStageFileOptions options = {
        .sys = stage->options.sys,
        .path = path,
        .columns = stage->stored,
        .column_count = stage->stored_count,
        .sequence_count = stage->options.sequence_count,
        .stats_count = stats_count(stage),
        .tasks = stage->options.tasks,
    };
    return delta_stage_file_open(&options, &partition->file);
}

static const char *buffer_take(Arena *arena, Buffer *buffer) {
    const char *text = arena_copy(arena, buffer->data, buffer->length);
    buffer_free(buffer);
    return text;
}

static Outcome file_finish(DeltaStage *stage, StagePartition *partition) {
    Buffer stats = {0};
    Buffer uri = {0};
    int64_t size_bytes = 0;
    DeltaStageFile *file = partition->file;
    partition->file = NULL;
    Outcome outcome = delta_stage_file_finish(file, &stats, &size_bytes);
    delta_path_encode(&uri, partition->path);
    const char *logged_path = buffer_take(&stage->arena, &uri);
    const char *logged_stats = buffer_take(&stage->arena, &stats);
    TRY(outcome);
    *vec_push(&stage->arena, &stage->files) = (DeltaLive){
        .path = partition->path,
        .file =
            {
                .path = logged_path,
                .partition = partition->values,
                .size_bytes = size_bytes,
                .modified_ms = stage->options.clock_us / 1000,
                .has_data_change = true,
                .stats = logged_stats,
                .base_row_id = -1,
                .row_commit_version = -1,
            },
    };
    return OUTCOME_OK;
}

static Outcome open_close(DeltaStage *stage, uint32_t at) {
    StagePartition *partition = &stage->partitions.items[stage->open[at]];
    stage->open[at] = stage->open[--stage->open_count];
    return file_finish(stage, partition);
}

static uint32_t oldest_open(const DeltaStage *stage) {
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < stage->open_count; i++) {
        if (stage->partitions.items[stage->open[i]].used <
            stage->partitions.items[stage->open[oldest]].used) {
            oldest = i;
        }
    }
    return oldest;
}

static Outcome partition_open(DeltaStage *stage, uint32_t number) {
    StagePartition *partition = &stage->partitions.items[number];
    partition->used = ++stage->clock;
    if (partition->file != NULL) {
        return OUTCOME_OK;
    }
    if (stage->open_count == PARTITION_WRITERS_MAX) {
        TRY(open_close(stage, oldest_open(stage)));
    }
    TRY(file_open(stage, partition));
    stage->open[stage->open_count++] = number;
    return OUTCOME_OK;
}

static Outcome grown_close(DeltaStage *stage, uint32_t number) {
    const StagePartition *partition = &stage->partitions.items[number];
    if (delta_stage_file_bytes(partition->file) < stage->options.file_bytes_target) {
        return OUTCOME_OK;
    }
    for (uint32_t i = 0; i < stage->open_count; i++) {
        if (stage->open[i] == number) {
            return open_close(stage, i);
        }
    }
    return OUTCOME_OK;
}

// --- rows ---------------------------------------------------------------------------------------
static FlowValue routed_value(const DeltaStage *stage,
                              const FlowBatch *batch,
                              const int32_t *slots,
                              uint32_t at,
                              int32_t row) {
    int32_t column = stage->routed_columns[at];
    const FlowColumn *vector = &((const FlowColumn *)batch->columns)[slots[column]];
    return value_load(stage->options.columns[column].type, vector->values, (size_t)row);
}

static bool is_null(const DeltaStage *stage,
                    const FlowBatch *batch,
                    const int32_t *slots,
                    uint32_t at,
                    int32_t row) {
    int32_t column = stage->routed_columns[at];
    if (column == FLOW_NO_INDEX) {
        return true; // a column that these rows lack
    }
    const uint8_t *validity = ((const FlowColumn *)batch->columns)[slots[column]].validity;
    return validity != NULL && validity[row] == 0;
}

static const FlowTypeDesc *routed_type(const DeltaStage *stage, uint32_t at) {
    return stage->options.columns[stage->routed_columns[at]].type;
}

static void key_make(DeltaStage *stage, const FlowBatch *batch, const int32_t *slots, int32_t row) {
    buffer_clear(&stage->key);
    for (uint32_t i = 0; i < stage->routed_count; i++) {
        if (is_null(stage, batch, slots, i, row)) {
            buffer_char(&stage->key, '\0');
            continue;
        }
        FlowValue value = routed_value(stage, batch, slots, i, row);
        key_append(&stage->key, routed_type(stage, i), false, &value);
    }
}

// A program rejects such rows; this is for one that did not know the table's partitions.
static Outcome text_refuse(const DeltaStage *stage, const char *name) {
    return sys_fail(stage->options.sys,
                    OUTCOME_REFUSED,
                    "%s: its partition column %s takes no empty string and no \"%s\"",
                    stage->options.table_path,
                    name,
                    DELTA_HIVE_NULL);
}

static Outcome
pair_make(DeltaStage *stage, const FlowTypeDesc *type, const FlowValue *value, DeltaPair *pair) {
    Buffer text = {0};
    bool is_storable = delta_partition_text(&text, type, value);
    pair->value = arena_copy(&stage->arena, text.data, text.length);
    pair->value_length = text.length;
    buffer_free(&text);
    return is_storable ? OUTCOME_OK : text_refuse(stage, pair->name);
}

static Outcome
partition_add(DeltaStage *stage, const FlowBatch *batch, const int32_t *slots, int32_t row) {
    StagePartition partition = {0};
    for (uint32_t i = 0; i < stage->routed_count; i++) {
        DeltaPair pair = {.name = stage->options.partition->items[i]};
        if (!is_null(stage, batch, slots, i, row)) {
            FlowValue value = routed_value(stage, batch, slots, i, row);
            TRY(pair_make(stage, routed_type(stage, i), &value, &pair));
        }
        *vec_push(&stage->arena, &partition.values) = pair;
    }
    Buffer directory = {0};
    delta_partition_directory(&directory, &partition.values);
    partition.directory = buffer_take(&stage->arena, &directory);
    *vec_push(&stage->arena, &stage->partitions) = partition;
    return OUTCOME_OK;
}

static Outcome partition_find(DeltaStage *stage,
                              const FlowBatch *batch,
                              const int32_t *slots,
                              int32_t row,
                              uint32_t *number) {
    bool is_new;
    key_make(stage, batch, slots, row);
    *number =
        delta_keyset_add(&stage->keys, &stage->arena, stage->key.data, stage->key.length, &is_new);
    return is_new ? partition_add(stage, batch, slots, row) : OUTCOME_OK;
}

static Outcome rows_route(DeltaStage *stage, const FlowBatch *batch, const int32_t *slots) {
    const int32_t *selection = batch->selection;
    stage->touched.count = 0;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        uint32_t number;
        TRY(partition_find(stage, batch, slots, selection[i], &number));
        StagePartition *partition = &stage->partitions.items[number];
        stage->row_partitions[i] = number;
        if (partition->row_count++ == 0) {
            *vec_push(&stage->arena, &stage->touched) = number;
        }
    }
    return OUTCOME_OK;
}

static void rows_sort(DeltaStage *stage, const FlowBatch *batch) {
    const int32_t *selection = batch->selection;
    int32_t start = 0;
    for (uint32_t i = 0; i < stage->touched.count; i++) {
        StagePartition *partition = &stage->partitions.items[stage->touched.items[i]];
        partition->row_start = start;
        start += partition->row_count;
        partition->row_count = 0;
    }
    for (int32_t i = 0; i < batch->selected_count; i++) {
        StagePartition *partition = &stage->partitions.items[stage->row_partitions[i]];
        stage->rows[partition->row_start + partition->row_count++] = selection[i];
    }
}

static Outcome partition_write(DeltaStage *stage, const FlowBatch *rows, uint32_t number) {
    TRY(partition_open(stage, number));
    TRY(delta_stage_file_append(stage->partitions.items[number].file, rows, stage->stored_slots));
    return grown_close(stage, number);
}

static Outcome partitions_write(DeltaStage *stage, const FlowBatch *batch) {
    for (uint32_t i = 0; i < stage->touched.count; i++) {
        uint32_t number = stage->touched.items[i];
        StagePartition *partition = &stage->partitions.items[number];
        FlowBatch part = *batch;
        part.selection = stage->rows + partition->row_start;
        part.selected_count = partition->row_count;
        partition->row_count = 0;
        TRY(partition_write(stage, &part, number));
    }
    return OUTCOME_OK;
}

// Without partition columns there is one partition, and the rows are sorted as they come.
static Outcome whole_write(DeltaStage *stage, const FlowBatch *batch, const int32_t *slots) {
    if (batch->selected_count == 0) {
        return OUTCOME_OK;
    }
    if (stage->partitions.count == 0) {
        uint32_t number;
        TRY(partition_find(stage, batch, slots, 0, &number));
    }
    return partition_write(stage, batch, 0);
}

Outcome delta_stage_append(DeltaStage *stage, const FlowBatch *batch, const int32_t *slots) {
    for (uint32_t i = 0; i < stage->stored_count; i++) {
        stage->stored_slots[i] = slots[stage->stored_columns[i]];
    }
    if (stage->routed_count == 0) {
        return whole_write(stage, batch, slots);
    }
    TRY(rows_route(stage, batch, slots));
    rows_sort(stage, batch);
    return partitions_write(stage, batch);
}

// --- the end ------------------------------------------------------------------------------------
static int number_compare(const void *a, const void *b) {
    // Numbers stand before the random part of a name, but directories come first: compare the
    // names.
    const char *a_name = strrchr(((const DeltaLive *)a)->path, '/');
    const char *b_name = strrchr(((const DeltaLive *)b)->path, '/');
    a_name = a_name == NULL ? ((const DeltaLive *)a)->path : a_name + 1;
    b_name = b_name == NULL ? ((const DeltaLive *)b)->path : b_name + 1;
    return strcmp(a_name, b_name);
}

static Outcome directories_sync(DeltaStage *stage) {
    for (uint32_t i = 0; i < stage->partitions.count; i++) {
        const StagePartition *partition = &stage->partitions.items[i];
        const char *table = stage->options.table_path;
        if (partition->has_directory) {
            TRY(sys_sync_directory(
                stage->options.sys,
                *partition->directory == '\0'
                    ? table
                    : delta_path_join(&stage->arena, table, partition->directory)));
        }
    }
    return OUTCOME_OK;
}

Outcome delta_stage_finish(DeltaStage *stage) {
    while (stage->open_count > 0) {
        TRY(open_close(stage, stage->open_count - 1));
    }
    if (stage->files.count > 1) {
        qsort(stage->files.items, stage->files.count, sizeof(DeltaLive), number_compare);
    }
    return directories_sync(stage);
}

uint32_t delta_stage_file_count(const DeltaStage *stage) {
    return stage->files.count;
}

const DeltaLive *delta_stage_files(const DeltaStage *stage) {
    return stage->files.items;
}

uint32_t delta_stage_file_number(const DeltaStage *stage) {
    return stage->file_number;
}

static void open_discard(DeltaStage *stage) {
    for (uint32_t i = 0; i < stage->open_count; i++) {
        StagePartition *partition = &stage->partitions.items[stage->open[i]];
        delta_stage_file_discard(partition->file);
        partition->file = NULL;
    }
    stage->open_count = 0;
}

void delta_stage_sys_set(DeltaStage *stage, Sys *sys) {
    stage->options.sys = sys;
}

void delta_stage_discard(DeltaStage *stage) {
    open_discard(stage);
    for (uint32_t i = 0; i < stage->written.count; i++) {
        Outcome unlinked = sys_unlink(stage->options.sys, stage->written.items[i]);
        (void)unlinked; // what is left belongs to no version; vacuum finds it
    }
    stage->files.count = 0;
    stage->written.count = 0;
}

void delta_stage_free(DeltaStage *stage) {
    if (stage == NULL) {
        return;
    }
    open_discard(stage);
    delta_keyset_free(&stage->keys);
    buffer_free(&stage->key);
    arena_free(&stage->arena);
    memory_free(stage);
}
