// Tables: batches in, a file out.
//
// With threads, columns are worked on side by side: rows are staged one column after the other, and
// pages that have become full are encoded all at once. A page's bytes are made from its column
// alone, so they do not depend on who makes them.
#include "format/parquet/shred.h"

struct ParquetWriter {
    ParquetOutput output;
    ParquetShred *shreds;      // by field
    ParquetColumnStats *stats; // of nested fields
    uint32_t field_count;
};

ParquetWriter *parquet_writer_new(const FlowColumnDesc *columns,
                                  uint32_t column_count,
                                  const ParquetWriterOptions *options,
                                  ParquetWriteFn write,
                                  void *user) {
    ParquetWriter *writer = memory_alloc(sizeof *writer);
    *writer = (ParquetWriter){.field_count = column_count};
    ParquetOutput *output = &writer->output;
    uint32_t element_count = 0;
    uint32_t leaf_count = 0;
    parquet_output_init(output, options, write, user);
    parquet_shred_count(columns, column_count, &element_count, &leaf_count);
    parquet_output_schema(output, element_count, leaf_count, column_count);
    writer->shreds = arena_array(&output->arena, ParquetShred, column_count + 1);
    writer->stats = arena_array(&output->arena, ParquetColumnStats, column_count + 1);
    parquet_shred_schema(output, columns, column_count, writer->shreds);
    return writer;
}

// --- appending -----------------------------------------------------------------------------------
static void nested_append(ParquetWriter *writer,
                          uint32_t field,
                          const FlowColumn *source,
                          const int32_t *rows,
                          uint32_t count) {
    const uint8_t *validity = source->validity;
    for (uint32_t i = 0; i < count; i++) {
        bool is_there = validity == NULL || validity[rows[i]] != 0;
        FlowValue value = {0};
        if (is_there) {
            value.nested = ((const FlowNested *const *)source->values)[rows[i]];
        }
        writer->stats[field].null_count += !is_there;
        parquet_shred_row(&writer->output, &writer->shreds[field], is_there ? &value : NULL);
    }
}

static void field_append(ParquetWriter *writer,
                         uint32_t field,
                         const FlowColumn *source,
                         const int32_t *rows,
                         uint32_t count) {
    const ParquetShred *shred = &writer->shreds[field];
    if (parquet_is_nested(shred->type)) {
        nested_append(writer, field, source, rows, count);
    } else {
        parquet_column_append(&writer->output.columns[shred->column], source, rows, count);
    }
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
        for (uint32_t i = 0; i < writer->field_count; i++) {
            field_append(writer, i, &columns[slots[i]], rows, taken);
        }
        parquet_output_pages_end(output);
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
    ASSERT(column < writer->field_count);
    const ParquetShred *shred = &writer->shreds[column];
    return parquet_is_nested(shred->type)
               ? &writer->stats[column]
               : parquet_column_stats(&writer->output.columns[shred->column]);
}

void parquet_writer_free(ParquetWriter *writer) {
    if (writer == NULL) {
        return;
    }
    parquet_output_free(&writer->output);
    memory_free(writer);
}
