// A Parquet writer over a file of the Sys. Bytes are counted here, because `add.size` must be the
// exact length: readers seek to the footer with it.
#include "store/delta/stage_file.h"

#include "store/delta/sequence.h"

struct DeltaStageFile {
    DeltaStageFileOptions options;
    Arena arena;
    SysFile *file;
    int64_t size_bytes;
    int64_t rows;
    ParquetWriter *writer;
    // Of several order values:
    DeltaSequence *sequence; // NULL: there is at most one, a plain column
    FlowColumnDesc *columns;
    FlowColumn *vectors;
    int32_t *slots;
};

static Outcome bytes_write(void *user, const void *bytes, size_t length) {
    DeltaStageFile *file = user;
    file->size_bytes += (int64_t)length;
    return sys_append(file->options.sys, file->file, bytes, length);
}

// --- order values -------------------------------------------------------------------------------
static uint32_t plain_count(const DeltaStageFile *file) {
    return file->options.column_count - file->options.sequence_count;
}

// The columns of the file: the struct is one.
static void columns_make(DeltaStageFile *file) {
    const DeltaStageFileOptions *options = &file->options;
    uint32_t plain = plain_count(file);
    file->columns = arena_array(&file->arena, FlowColumnDesc, plain + 1);
    file->vectors = arena_array(&file->arena, FlowColumn, plain + 1);
    file->slots = arena_array(&file->arena, int32_t, plain + 1);
    file->sequence =
        delta_sequence_new(&file->arena, options->columns + plain, options->sequence_count);
    memcpy(file->columns, options->columns, plain * sizeof(*file->columns));
    file->columns[plain] = file->sequence->desc;
    for (uint32_t i = 0; i <= plain; i++) {
        file->slots[i] = (int32_t)i;
    }
}

static Outcome packed_append(DeltaStageFile *file, const FlowBatch *batch, const int32_t *slots) {
    uint32_t plain = plain_count(file);
    const FlowColumn *from = batch->columns;
    for (uint32_t i = 0; i < plain; i++) {
        file->vectors[i] = from[slots[i]];
    }
    delta_sequence_pack(file->sequence, batch, slots + plain);
    file->vectors[plain] = file->sequence->column;
    FlowBatch packed = *batch;
    packed.columns = file->vectors;
    return parquet_writer_append(file->writer, &packed, file->slots);
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
        columns_make(file);
        uint32_t count = plain_count(file) + 1;
        file->writer = parquet_writer_new(file->columns, count, &writer, bytes_write, file);
    } else {
        file->writer =
            parquet_writer_new(options->columns, options->column_count, &writer, bytes_write, file);
    }
    *opened = file;
    return OUTCOME_OK;
}

Outcome
delta_stage_file_append(DeltaStageFile *file, const FlowBatch *batch, const int32_t *slots) {
    file->rows += batch->selected_count;
    return file->sequence == NULL ? parquet_writer_append(file->writer, batch, slots)
                                  : packed_append(file, batch, slots);
}

int64_t delta_stage_file_bytes(const DeltaStageFile *file) {
    return file->size_bytes;
}

static void stats_write(DeltaStageFile *file, Buffer *out) {
    uint32_t plain = plain_count(file);
    uint32_t count = file->options.stats_count < plain ? file->options.stats_count : plain;
    DeltaStatsColumn *columns = arena_array(&file->arena, DeltaStatsColumn, count);
    for (uint32_t i = 0; i < count; i++) {
        columns[i].desc = &file->options.columns[i];
        columns[i].stats = *parquet_writer_stats(file->writer, i);
    }
    delta_stats_write(out, file->rows, columns, count);
}

void delta_stage_file_discard(DeltaStageFile *file) {
    parquet_writer_free(file->writer);
    delta_sequence_free(file->sequence);
    if (file->file != NULL) {
        Outcome closed = sys_close(file->options.sys, file->file); // the file is given up
        (void)closed;
    }
    arena_free(&file->arena);
    memory_free(file);
}

// The descriptor that wrote the bytes stays open until their fsync has returned.
static Outcome file_end(DeltaStageFile *file) {
    TRY(parquet_writer_finish(file->writer));
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
