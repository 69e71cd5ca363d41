// The life of a column that is being written: made, begun anew for each row group, freed.
#include "format/parquet/column.h"

#include "scalar/scalar.h"

#include <math.h>

static ParquetStage stage_of(const ParquetElement *element) {
    switch (element->type) {
    case PARQUET_TYPE_BOOLEAN:
        return PARQUET_STAGE_BOOL;
    case PARQUET_TYPE_INT32:
    case PARQUET_TYPE_FLOAT:
        return PARQUET_STAGE_32;
    case PARQUET_TYPE_INT64:
    case PARQUET_TYPE_DOUBLE:
        return PARQUET_STAGE_64;
    case PARQUET_TYPE_FIXED:
        return PARQUET_STAGE_128;
    case PARQUET_TYPE_BYTE_ARRAY:
        return PARQUET_STAGE_TEXT;
    case PARQUET_TYPE_INT96:
    case PARQUET_TYPE_NONE:
        break;
    }
    flow_bug(__FILE__, __LINE__, "nothing is written as this type");
}

static ParquetOrder order_of(const ParquetElement *element) {
    switch (element->type) {
    case PARQUET_TYPE_FLOAT:
    case PARQUET_TYPE_DOUBLE:
        return PARQUET_ORDER_FLOAT;
    case PARQUET_TYPE_FIXED:
        return PARQUET_ORDER_WIDE;
    case PARQUET_TYPE_BYTE_ARRAY:
        return PARQUET_ORDER_TEXT;
    default:
        return PARQUET_ORDER_INT;
    }
}

void parquet_column_init(ParquetColumn *column, const FlowTypeDesc *type, ParquetScratch *scratch) {
    static const uint8_t widths[] = {1, 4, 8, 16, 4}; // by ParquetStage
    column->type = type;
    column->element = parquet_element_of(type);
    column->stage = stage_of(&column->element);
    column->order = order_of(&column->element);
    column->width = widths[column->stage];
    column->definition_max = 1;
    column->scratch = scratch;
    if (type->kind == FLOW_ENUM) {
        column->enum_entries =
            memory_alloc((size_t)type->enum_values_count * sizeof *column->enum_entries);
    }
    parquet_column_chunk_begin(column);
}

void parquet_column_chunk_begin(ParquetColumn *column) {
    parquet_column_page_begin(column);
    parquet_dictionary_clear(&column->dictionary);
    buffer_clear(&column->marks);
    buffer_clear(&column->pages_bytes);
    arena_reset(&column->chunk_arena);
    column->pages.items = NULL;
    column->pages.count = 0;
    column->pages.capacity = 0;
    column->mode = PARQUET_MODE_UNDECIDED;
    column->has_codec = false;
    column->chunk = (ParquetChunk){0};
    column->chunk_rows = 0;
    if (column->enum_entries != NULL) {
        size_t count = (size_t)column->type->enum_values_count;
        memset(column->enum_entries, 0, count * sizeof *column->enum_entries);
    }
}

void parquet_column_free(ParquetColumn *column) {
    buffer_free(&column->definitions);
    buffer_free(&column->repetitions);
    buffer_free(&column->staged);
    buffer_free(&column->text);
    buffer_free(&column->marks);
    buffer_free(&column->pages_bytes);
    buffer_free(&column->min_text);
    buffer_free(&column->max_text);
    arena_free(&column->chunk_arena);
    parquet_dictionary_free(&column->dictionary);
    memory_free(column->enum_entries);
}

int64_t parquet_column_buffered(const ParquetColumn *column) {
    return (int64_t)(column->pages_bytes.length + column->dictionary.bytes.length +
                     column->dictionary.keys.length);
}

// --- statistics of the file --------------------------------------------------------------------
static bool is_finite(const ParquetColumn *column) {
    return column->order != PARQUET_ORDER_FLOAT ||
           (!column->bounds.has_nan && isfinite(column->bounds.min.f64) &&
            isfinite(column->bounds.max.f64));
}

// From the form in which bounds are compared to a FlowValue of the column's type.
static FlowValue bound_value(const ParquetColumn *column, FlowValue bound) {
    if (column->type->kind == FLOW_ENUM) {
        return (FlowValue){
            .i64 = enum_code(column->type, flow_view_data(&bound.view), bound.view.length)};
    }
    if (column->type->kind == FLOW_DECIMAL && column->order == PARQUET_ORDER_INT) {
        return (FlowValue){.i128 = bound.i64};
    }
    return bound;
}

const ParquetColumnStats *parquet_column_stats(ParquetColumn *column) {
    bool is_ordered = column->type->kind != FLOW_BOOL && column->type->kind != FLOW_BYTES;
    column->stats = (ParquetColumnStats){.null_count = column->null_count};
    if (column->bounds.has_values && is_ordered && is_finite(column)) {
        column->stats.has_bounds = true;
        column->stats.min = bound_value(column, column->bounds.min);
        column->stats.max = bound_value(column, column->bounds.max);
    }
    return &column->stats;
}
