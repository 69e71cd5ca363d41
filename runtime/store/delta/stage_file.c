// A Parquet writer over a file of the Sys. Bytes are counted here, because `add.size` must be the
// exact length: readers seek to the footer with it.
#include "store/delta/stage_file.h"

#include "scalar/scalar.h"
#include "store/delta/schema.h"

struct DeltaStageFile {
    DeltaStageFileOptions options;
    Arena arena;
    SysFile *file;
    int64_t size_bytes;
    int64_t rows;
    ParquetWriter *flat; // one of these two
    ParquetTreeWriter *tree;
    ParquetNode *fields;     // of the tree
    DeltaStatsColumn *stats; // of the tree: gathered here
};

static Outcome bytes_write(void *user, const void *bytes, size_t length) {
    DeltaStageFile *file = user;
    file->size_bytes += (int64_t)length;
    return sys_append(file->options.sys, file->file, bytes, length);
}

// --- a tree -------------------------------------------------------------------------------------
static void tree_open(DeltaStageFile *file) {
    const DeltaStageFileOptions *options = &file->options;
    uint32_t plain_count = options->column_count - options->sequence_count;
    ParquetNode *leaves = arena_array(&file->arena, ParquetNode, options->sequence_count);
    file->fields = arena_array(&file->arena, ParquetNode, plain_count + 1);
    file->stats = arena_array(&file->arena, DeltaStatsColumn, options->column_count);
    for (uint32_t i = 0; i < options->column_count; i++) {
        ParquetNode *node = i < plain_count ? &file->fields[i] : &leaves[i - plain_count];
        *node = (ParquetNode){
            .name = options->columns[i].name,
            .kind = PARQUET_LEAF,
            .type = options->columns[i].type,
        };
        file->stats[i].desc = &options->columns[i];
    }
    file->fields[plain_count] = (ParquetNode){
        .name = DELTA_SEQUENCE_NAME,
        .kind = PARQUET_GROUP,
        .children = leaves,
        .child_count = options->sequence_count,
    };
    file->tree = parquet_tree_writer_new(file->fields, plain_count + 1, NULL, bytes_write, file);
}

static FlowValue value_keep(DeltaStageFile *file, const FlowTypeDesc *type, FlowValue value) {
    bool is_text = type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
    if (is_text && value.view.length > FLOW_VIEW_INLINE_MAX) {
        value.view.data = arena_copy(&file->arena, value.view.data, value.view.length);
    }
    return value;
}

static bool is_finite_kind(const FlowTypeDesc *type) {
    return type->kind != FLOW_FLOAT32 && type->kind != FLOW_FLOAT64;
}

// Floats get no bounds here: NaN would have to take them back.
static void stats_take(DeltaStageFile *file, uint32_t column, FlowValue value) {
    const FlowTypeDesc *type = file->options.columns[column].type;
    ParquetColumnStats *stats = &file->stats[column].stats;
    bool is_bounded = is_finite_kind(type) && type->kind != FLOW_BOOL && type->kind != FLOW_BYTES;
    if (!is_bounded || column >= file->options.stats_count) {
        return;
    }
    if (!stats->has_bounds || value_compare(type, &value, type, &stats->min) < 0) {
        stats->min = value_keep(file, type, value);
    }
    if (!stats->has_bounds || value_compare(type, &value, type, &stats->max) > 0) {
        stats->max = value_keep(file, type, value);
    }
    stats->has_bounds = true;
}

static void
tree_value(DeltaStageFile *file, uint32_t column, const FlowColumn *vector, size_t row) {
    const uint8_t *validity = vector->validity;
    if (validity != NULL && validity[row] == 0) {
        file->stats[column].stats.null_count++;
        return;
    }
    const FlowTypeDesc *type = file->options.columns[column].type;
    FlowValue value = value_load(type, vector->values, row);
    uint32_t plain_count = file->options.column_count - file->options.sequence_count;
    parquet_tree_set(file->tree, (int32_t)(column < plain_count ? column : column + 1), &value);
    stats_take(file, column, value);
}

static Outcome tree_append(DeltaStageFile *file, const FlowBatch *batch, const int32_t *slots) {
    const int32_t *selection = batch->selection;
    const FlowColumn *vectors = batch->columns;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        for (uint32_t column = 0; column < file->options.column_count; column++) {
            tree_value(file, column, &vectors[slots[column]], (size_t)selection[i]);
        }
        TRY(parquet_tree_row_end(file->tree));
    }
    return OUTCOME_OK;
}

// --- a file -------------------------------------------------------------------------------------
Outcome delta_stage_file_open(const DeltaStageFileOptions *options, DeltaStageFile **opened) {
    SysFile *handle = NULL;
    *opened = NULL;
    TRY(sys_open(options->sys, options->path, SYS_CREATE_NEW, &handle));
    DeltaStageFile *file = memory_alloc(sizeof(*file));
    *file = (DeltaStageFile){.options = *options, .file = handle};
    ParquetWriterOptions writer = {.tasks = options->tasks};
    if (options->sequence_count > 0) {
        tree_open(file);
    } else {
        file->flat =
            parquet_writer_new(options->columns, options->column_count, &writer, bytes_write, file);
    }
    *opened = file;
    return OUTCOME_OK;
}

Outcome
delta_stage_file_append(DeltaStageFile *file, const FlowBatch *batch, const int32_t *slots) {
    file->rows += batch->selected_count;
    return file->flat != NULL ? parquet_writer_append(file->flat, batch, slots)
                              : tree_append(file, batch, slots);
}

int64_t delta_stage_file_bytes(const DeltaStageFile *file) {
    return file->size_bytes;
}

static void stats_write(DeltaStageFile *file, Buffer *out) {
    uint32_t plain_count = file->options.column_count - file->options.sequence_count;
    uint32_t count =
        file->options.stats_count < plain_count ? file->options.stats_count : plain_count;
    DeltaStatsColumn *columns = arena_array(&file->arena, DeltaStatsColumn, count);
    for (uint32_t i = 0; i < count; i++) {
        columns[i].desc = &file->options.columns[i];
        columns[i].stats =
            file->flat != NULL ? *parquet_writer_stats(file->flat, i) : file->stats[i].stats;
    }
    delta_stats_write(out, file->rows, columns, count);
}

void delta_stage_file_discard(DeltaStageFile *file) {
    if (file->flat != NULL) {
        parquet_writer_free(file->flat);
    }
    if (file->tree != NULL) {
        parquet_tree_writer_free(file->tree);
    }
    if (file->file != NULL) {
        Outcome closed = sys_close(file->options.sys, file->file); // the file is given up
        (void)closed;
    }
    arena_free(&file->arena);
    memory_free(file);
}

// The descriptor that wrote the bytes stays open until their fsync has returned.
static Outcome file_end(DeltaStageFile *file) {
    TRY(file->flat != NULL ? parquet_writer_finish(file->flat)
                           : parquet_tree_writer_finish(file->tree));
    TRY(sys_sync(file->options.sys, file->file));
    SysFile *handle = file->file;
    file->file = NULL;
    return sys_close(file->options.sys, handle);
}

Outcome delta_stage_file_finish(DeltaStageFile *file, Buffer *stats, int64_t *size_bytes) {
    Outcome outcome = file_end(file);
    if (outcome == OUTCOME_OK) {
        stats_write(file, stats);
        *size_bytes = file->size_bytes;
    }
    delta_stage_file_discard(file);
    return outcome;
}
