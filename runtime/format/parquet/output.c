// A file in its order: magic, row groups, indexes, footer, magic.
#include "format/parquet/output.h"

#include <zstd.h>

void parquet_output_init(ParquetOutput *output,
                         const ParquetWriterOptions *options,
                         ParquetWriteFn write,
                         void *user) {
    output->write = write;
    output->user = user;
    output->tasks = options == NULL ? NULL : options->tasks;
    output->scratch.level = options != NULL && options->zstd_level != 0 ? options->zstd_level : 1;
    output->group_rows_max = options != NULL && options->row_group_rows_max > 0
                                 ? options->row_group_rows_max
                                 : PARQUET_GROUP_ROWS_MAX;
}

void parquet_output_schema(ParquetOutput *output,
                           uint32_t element_count,
                           uint32_t column_count,
                           uint32_t root_children) {
    output->elements = arena_array(&output->arena, ParquetElement, element_count + 1);
    output->element_count = element_count + 1;
    output->columns = arena_array(&output->arena, ParquetColumn, column_count);
    output->column_count = column_count;
    output->elements[0] = (ParquetElement){
        .name = "schema",
        .type = PARQUET_TYPE_NONE,
        .converted = PARQUET_CONVERTED_NONE,
        .child_count = (int32_t)root_children,
    };
}

static Outcome put(ParquetOutput *output, const void *bytes, size_t length) {
    if (length == 0) {
        return OUTCOME_OK;
    }
    TRY(output->write(output->user, bytes, length));
    output->offset += (int64_t)length;
    return OUTCOME_OK;
}

static Outcome magic_put(ParquetOutput *output) {
    return output->offset > 0 ? OUTCOME_OK : put(output, PARQUET_MAGIC, 4);
}

// --- pages -------------------------------------------------------------------------------------
// Any column may be encoded by any worker, with that worker's space.
static void page_end_task(void *user, uint32_t index, uint32_t worker) {
    ParquetOutput *output = user;
    ParquetColumn *column = &output->columns[index];
    if (!parquet_column_is_full(column)) {
        return;
    }
    column->scratch = &output->scratches[worker];
    parquet_column_page_end(column);
    column->scratch = &output->scratch;
}

static void scratches_make(ParquetOutput *output) {
    output->scratch_count = tasks_workers(output->tasks);
    output->scratches = arena_array(&output->arena, ParquetScratch, output->scratch_count);
    for (uint32_t i = 0; i < output->scratch_count; i++) {
        output->scratches[i].level = output->scratch.level;
    }
}

void parquet_output_pages_end(ParquetOutput *output) {
    bool has_full = false;
    for (uint32_t i = 0; i < output->column_count; i++) {
        has_full |= parquet_column_is_full(&output->columns[i]);
    }
    if (!has_full) {
        return;
    }
    if (output->scratches == NULL) {
        scratches_make(output);
    }
    tasks_run(output->tasks, output->column_count, page_end_task, output);
}

// --- row groups --------------------------------------------------------------------------------
static Outcome chunk_put(ParquetOutput *output, ParquetColumn *column, ParquetChunk *chunk) {
    parquet_column_chunk_end(column, &output->buffer, &output->arena);
    *chunk = column->chunk;
    chunk->dictionary_offset = output->buffer.length > 0 ? output->offset : 0;
    TRY(put(output, output->buffer.data, output->buffer.length));
    chunk->data_offset = output->offset;
    for (uint32_t i = 0; i < chunk->page_count; i++) {
        chunk->pages[i].offset += chunk->data_offset;
    }
    TRY(put(output, column->pages_bytes.data, column->pages_bytes.length));
    parquet_column_chunk_begin(column);
    return OUTCOME_OK;
}

static Outcome group_end(ParquetOutput *output) {
    if (output->group_rows == 0) {
        return OUTCOME_OK;
    }
    TRY(magic_put(output));
    ParquetGroup group = {.rows = output->group_rows};
    group.chunks = arena_array(&output->arena, ParquetChunk, output->column_count);
    for (uint32_t i = 0; i < output->column_count; i++) {
        TRY(chunk_put(output, &output->columns[i], &group.chunks[i]));
    }
    *vec_push(&output->arena, &output->groups) = group;
    output->group_rows = 0;
    return OUTCOME_OK;
}

static int64_t bytes_buffered(const ParquetOutput *output) {
    int64_t bytes = 0;
    for (uint32_t i = 0; i < output->column_count; i++) {
        bytes += parquet_column_buffered(&output->columns[i]);
    }
    return bytes;
}

Outcome parquet_output_rows_added(ParquetOutput *output, int64_t rows) {
    output->group_rows += rows;
    output->rows += rows;
    if (output->group_rows < output->group_rows_max &&
        bytes_buffered(output) < PARQUET_GROUP_BYTES_MAX) {
        return OUTCOME_OK;
    }
    return group_end(output);
}

int64_t parquet_output_bytes(const ParquetOutput *output) {
    return output->offset + bytes_buffered(output);
}

// --- the end -----------------------------------------------------------------------------------
typedef Outcome (*ChunkFn)(ParquetOutput *output, ParquetChunk *chunk);

static Outcome column_index_put(ParquetOutput *output, ParquetChunk *chunk) {
    buffer_clear(&output->buffer);
    if (!parquet_column_index_write(chunk, &output->buffer)) {
        return OUTCOME_OK;
    }
    chunk->column_index_offset = output->offset;
    chunk->column_index_bytes = (int32_t)output->buffer.length;
    return put(output, output->buffer.data, output->buffer.length);
}

static Outcome offset_index_put(ParquetOutput *output, ParquetChunk *chunk) {
    buffer_clear(&output->buffer);
    parquet_offset_index_write(chunk, &output->buffer);
    chunk->offset_index_offset = output->offset;
    chunk->offset_index_bytes = (int32_t)output->buffer.length;
    return put(output, output->buffer.data, output->buffer.length);
}

static Outcome each_chunk(ParquetOutput *output, ChunkFn visit) {
    for (uint32_t group = 0; group < output->groups.count; group++) {
        for (uint32_t i = 0; i < output->column_count; i++) {
            TRY(visit(output, &output->groups.items[group].chunks[i]));
        }
    }
    return OUTCOME_OK;
}

Outcome parquet_output_finish(ParquetOutput *output) {
    TRY(group_end(output));
    TRY(magic_put(output));
    TRY(each_chunk(output, column_index_put));
    TRY(each_chunk(output, offset_index_put));
    Buffer *footer = &output->buffer;
    buffer_clear(footer);
    parquet_footer_write(output, footer);
    uint32_t length = (uint32_t)footer->length;
    buffer_append(footer, &length, sizeof length);
    buffer_append(footer, PARQUET_MAGIC, 4);
    return put(output, footer->data, footer->length);
}

static void scratch_free(ParquetScratch *scratch) {
    ZSTD_freeCCtx(scratch->zstd);
    buffer_free(&scratch->indexes);
    buffer_free(&scratch->body);
    buffer_free(&scratch->trial);
    buffer_free(&scratch->packed);
}

void parquet_output_free(ParquetOutput *output) {
    for (uint32_t i = 0; i < output->column_count; i++) {
        parquet_column_free(&output->columns[i]);
    }
    scratch_free(&output->scratch);
    for (uint32_t i = 0; i < output->scratch_count; i++) {
        scratch_free(&output->scratches[i]);
    }
    buffer_free(&output->buffer);
    arena_free(&output->arena);
}
