// Flat tables: batches in, a file out.
#include "format/parquet/output.h"

struct ParquetWriter {
    ParquetOutput output;
};

static void column_name(ParquetOutput *output, uint32_t index, const char *name) {
    ParquetColumn *column = &output->columns[index];
    column->path = arena_array(&output->arena, const char *, 1);
    column->path[0] = name;
    column->path_count = 1;
    output->elements[index + 1] = column->element;
    output->elements[index + 1].name = name;
}

ParquetWriter *parquet_writer_new(const FlowColumnDesc *columns,
                                  uint32_t column_count,
                                  const ParquetWriterOptions *options,
                                  ParquetWriteFn write,
                                  void *user) {
    ParquetWriter *writer = memory_alloc(sizeof *writer);
    *writer = (ParquetWriter){0};
    ParquetOutput *output = &writer->output;
    parquet_output_init(output, options, write, user);
    parquet_output_schema(output, column_count, column_count, column_count);
    for (uint32_t i = 0; i < column_count; i++) {
        parquet_column_init(&output->columns[i], columns[i].type, &output->scratch);
        column_name(output, i, columns[i].name);
    }
    return writer;
}

// The rows of a batch may belong to two or more row groups.
Outcome parquet_writer_append(ParquetWriter *writer, const FlowBatch *batch, const int32_t *slots) {
    ParquetOutput *output = &writer->output;
    const FlowColumn *columns = batch->columns;
    const int32_t *rows = batch->selection;
    uint32_t left = (uint32_t)batch->selected_count;
    while (left > 0) {
        int64_t room = output->group_rows_max - output->group_rows;
        uint32_t taken = left < room ? left : (uint32_t)room;
        for (uint32_t i = 0; i < output->column_count; i++) {
            parquet_column_append(&output->columns[i], &columns[slots[i]], rows, taken);
        }
        TRY(parquet_output_rows_added(output, taken));
        rows += taken;
        left -= taken;
    }
    return OUTCOME_OK;
}

Outcome parquet_writer_finish(ParquetWriter *writer) {
    return parquet_output_finish(&writer->output);
}

int64_t parquet_writer_rows(const ParquetWriter *writer) {
    return writer->output.rows;
}

int64_t parquet_writer_bytes(const ParquetWriter *writer) {
    return parquet_output_bytes(&writer->output);
}

const ParquetColumnStats *parquet_writer_stats(const ParquetWriter *writer, uint32_t column) {
    ASSERT(column < writer->output.column_count);
    return parquet_column_stats(&writer->output.columns[column]);
}

void parquet_writer_free(ParquetWriter *writer) {
    if (writer == NULL) {
        return;
    }
    parquet_output_free(&writer->output);
    memory_free(writer);
}
