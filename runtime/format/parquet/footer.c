// The footer and the page indexes of a file that is written: parquet.thrift's structs, field by
// field.
#include "format/parquet/output.h"

#include "format/parquet/thrift.h"

#ifndef FLOW_BUILD_HASH
#define FLOW_BUILD_HASH "0"
#endif
// parquet-java ignores statistics of strings and decimals when this does not have its form.
static const char created_by[] = "flow version 0.1.0 (build " FLOW_BUILD_HASH ")";

// Spark suspects values before these of being in the Julian calendar, unless a Spark wrote them.
static const int64_t ancient_date = -141427;                // 1582-10-15
static const int64_t ancient_timestamp = -2208988800000000; // 1900-01-01

// --- schema ------------------------------------------------------------------------------------
static void logical_write(ThriftWriter *writer, const ParquetElement *element) {
    thrift_begin_field(writer, 10);
    thrift_begin_field(writer, (int32_t)element->logical);
    if (element->logical == PARQUET_LOGICAL_DECIMAL) {
        thrift_put_i32(writer, 1, element->scale);
        thrift_put_i32(writer, 2, element->precision);
    } else if (element->logical == PARQUET_LOGICAL_TIMESTAMP) {
        thrift_put_bool(writer, 1, true);
        thrift_begin_field(writer, 2);
        thrift_put_empty(writer, (int32_t)element->unit);
        thrift_end(writer);
    } else if (element->logical == PARQUET_LOGICAL_INTEGER) {
        thrift_put_i8(writer, 1, (int8_t)element->bit_width);
        thrift_put_bool(writer, 2, element->is_signed);
    }
    thrift_end(writer);
    thrift_end(writer);
}

static void element_write(ThriftWriter *writer, const ParquetElement *element, bool is_root) {
    thrift_begin(writer);
    if (element->type != PARQUET_TYPE_NONE) {
        thrift_put_i32(writer, 1, (int32_t)element->type);
    }
    if (element->type == PARQUET_TYPE_FIXED) {
        thrift_put_i32(writer, 2, element->type_length);
    }
    if (!is_root) {
        thrift_put_i32(writer, 3, (int32_t)element->repetition);
    }
    thrift_put_text(writer, 4, element->name);
    if (element->type == PARQUET_TYPE_NONE) {
        thrift_put_i32(writer, 5, element->child_count);
    }
    if (element->converted != PARQUET_CONVERTED_NONE) {
        thrift_put_i32(writer, 6, (int32_t)element->converted);
    }
    if (element->converted == PARQUET_CONVERTED_DECIMAL) {
        thrift_put_i32(writer, 7, element->scale);
        thrift_put_i32(writer, 8, element->precision);
    }
    if (element->logical != PARQUET_LOGICAL_NONE) {
        logical_write(writer, element);
    }
    thrift_end(writer);
}

static void schema_write(ThriftWriter *writer, const ParquetOutput *output) {
    thrift_put_list(writer, 2, THRIFT_STRUCT, output->element_count);
    for (uint32_t i = 0; i < output->element_count; i++) {
        element_write(writer, &output->elements[i], i == 0);
    }
}

// --- chunks ------------------------------------------------------------------------------------
static void statistics_write(ThriftWriter *writer, const ParquetChunk *chunk) {
    thrift_begin_field(writer, 12);
    thrift_put_i64(writer, 3, chunk->null_count);
    if (chunk->max.data != NULL) {
        thrift_put_binary(writer, 5, chunk->max.data, chunk->max.length);
    }
    if (chunk->min.data != NULL) {
        thrift_put_binary(writer, 6, chunk->min.data, chunk->min.length);
    }
    if (chunk->max.data != NULL) {
        thrift_put_bool(writer, 7, chunk->is_max_exact);
    }
    if (chunk->min.data != NULL) {
        thrift_put_bool(writer, 8, chunk->is_min_exact);
    }
    thrift_end(writer);
}

static void
page_count_write(ThriftWriter *writer, ParquetPageType type, int32_t encoding, int32_t count) {
    thrift_begin(writer);
    thrift_put_i32(writer, 1, (int32_t)type);
    thrift_put_i32(writer, 2, encoding);
    thrift_put_i32(writer, 3, count);
    thrift_end(writer);
}

static void page_counts_write(ThriftWriter *writer, const ParquetChunk *chunk) {
    size_t kinds = chunk->dictionary_offset > 0;
    for (size_t i = 0; i < COUNT_OF(chunk->page_counts); i++) {
        kinds += chunk->page_counts[i] > 0;
    }
    thrift_put_list(writer, 13, THRIFT_STRUCT, kinds);
    if (chunk->dictionary_offset > 0) {
        page_count_write(writer, PARQUET_PAGE_DICTIONARY, PARQUET_ENCODING_PLAIN, 1);
    }
    for (size_t i = 0; i < COUNT_OF(chunk->page_counts); i++) {
        if (chunk->page_counts[i] > 0) {
            page_count_write(writer, PARQUET_PAGE_DATA, (int32_t)i, chunk->page_counts[i]);
        }
    }
}

// Levels are RLE, a dictionary's page is PLAIN.
static bool has_encoding(const ParquetChunk *chunk, size_t encoding) {
    return chunk->page_counts[encoding] > 0 || encoding == PARQUET_ENCODING_RLE ||
           (encoding == PARQUET_ENCODING_PLAIN && chunk->dictionary_offset > 0);
}

static void encodings_write(ThriftWriter *writer, const ParquetChunk *chunk) {
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(chunk->page_counts); i++) {
        count += has_encoding(chunk, i);
    }
    thrift_put_list(writer, 2, THRIFT_I32, count);
    for (size_t i = 0; i < COUNT_OF(chunk->page_counts); i++) {
        if (has_encoding(chunk, i)) {
            thrift_element_i64(writer, (int64_t)i);
        }
    }
}

static void path_write(ThriftWriter *writer, const ParquetColumn *column) {
    thrift_put_list(writer, 3, THRIFT_BINARY, column->path_count);
    for (uint32_t i = 0; i < column->path_count; i++) {
        thrift_element_binary(writer, column->path[i], strlen(column->path[i]));
    }
}

static void
meta_write(ThriftWriter *writer, const ParquetColumn *column, const ParquetChunk *chunk) {
    thrift_begin_field(writer, 3);
    thrift_put_i32(writer, 1, (int32_t)column->element.type);
    encodings_write(writer, chunk);
    path_write(writer, column);
    thrift_put_i32(writer, 4, (int32_t)chunk->codec);
    thrift_put_i64(writer, 5, chunk->position_count);
    thrift_put_i64(writer, 6, chunk->raw_bytes);
    thrift_put_i64(writer, 7, chunk->stored_bytes);
    thrift_put_i64(writer, 9, chunk->data_offset);
    if (chunk->dictionary_offset > 0) {
        thrift_put_i64(writer, 11, chunk->dictionary_offset);
    }
    statistics_write(writer, chunk);
    page_counts_write(writer, chunk);
    if (column->element.type == PARQUET_TYPE_BYTE_ARRAY) {
        thrift_begin_field(writer, 16);
        thrift_put_i64(writer, 1, chunk->text_bytes);
        thrift_end(writer);
    }
    thrift_end(writer);
}

static void
chunk_write(ThriftWriter *writer, const ParquetColumn *column, const ParquetChunk *chunk) {
    thrift_begin(writer);
    thrift_put_i64(writer, 2, 0);
    meta_write(writer, column, chunk);
    thrift_put_i64(writer, 4, chunk->offset_index_offset);
    thrift_put_i32(writer, 5, chunk->offset_index_bytes);
    if (chunk->column_index_offset > 0) {
        thrift_put_i64(writer, 6, chunk->column_index_offset);
        thrift_put_i32(writer, 7, chunk->column_index_bytes);
    }
    thrift_end(writer);
}

// --- row groups --------------------------------------------------------------------------------
static int64_t chunk_start(const ParquetChunk *chunk) {
    return chunk->dictionary_offset > 0 ? chunk->dictionary_offset : chunk->data_offset;
}

static void group_write(ThriftWriter *writer, const ParquetOutput *output, uint32_t index) {
    const ParquetGroup *group = &output->groups.items[index];
    int64_t raw_bytes = 0;
    int64_t stored_bytes = 0;
    thrift_begin(writer);
    thrift_put_list(writer, 1, THRIFT_STRUCT, output->column_count);
    for (uint32_t i = 0; i < output->column_count; i++) {
        chunk_write(writer, &output->columns[i], &group->chunks[i]);
        raw_bytes += group->chunks[i].raw_bytes;
        stored_bytes += group->chunks[i].stored_bytes;
    }
    thrift_put_i64(writer, 2, raw_bytes);
    thrift_put_i64(writer, 3, group->rows);
    thrift_put_i64(writer, 5, output->column_count > 0 ? chunk_start(&group->chunks[0]) : 4);
    thrift_put_i64(writer, 6, stored_bytes);
    if (index <= INT16_MAX) {
        thrift_put_i16(writer, 7, (int16_t)index);
    }
    thrift_end(writer);
}

// --- the footer --------------------------------------------------------------------------------
static bool is_ancient(const ParquetColumn *column) {
    return column->bounds.has_values &&
           ((column->type->kind == FLOW_DATE && column->bounds.min.i64 < ancient_date) ||
            (column->type->kind == FLOW_TIMESTAMP && column->bounds.min.i64 < ancient_timestamp));
}

static void key_values_write(ThriftWriter *writer, const ParquetOutput *output) {
    bool has_ancient = false;
    for (uint32_t i = 0; i < output->column_count; i++) {
        has_ancient |= is_ancient(&output->columns[i]);
    }
    if (!has_ancient) {
        return;
    }
    thrift_put_list(writer, 5, THRIFT_STRUCT, 1);
    thrift_begin(writer);
    thrift_put_text(writer, 1, "org.apache.spark.version");
    thrift_put_text(writer, 2, "3.5.0");
    thrift_end(writer);
}

static void column_orders_write(ThriftWriter *writer, const ParquetOutput *output) {
    thrift_put_list(writer, 7, THRIFT_STRUCT, output->column_count);
    for (uint32_t i = 0; i < output->column_count; i++) {
        thrift_begin(writer);
        thrift_put_empty(writer, 1);
        thrift_end(writer);
    }
}

void parquet_footer_write(ParquetOutput *output, Buffer *out) {
    ThriftWriter writer = {.out = out};
    thrift_begin(&writer);
    thrift_put_i32(&writer, 1, 1);
    schema_write(&writer, output);
    thrift_put_i64(&writer, 3, output->rows);
    thrift_put_list(&writer, 4, THRIFT_STRUCT, output->groups.count);
    for (uint32_t i = 0; i < output->groups.count; i++) {
        group_write(&writer, output, i);
    }
    key_values_write(&writer, output);
    thrift_put_text(&writer, 6, created_by);
    column_orders_write(&writer, output);
    thrift_end(&writer);
}

// --- indexes -----------------------------------------------------------------------------------
static void bounds_write(ThriftWriter *writer, const ParquetChunk *chunk, bool is_max) {
    thrift_put_list(writer, is_max ? 3 : 2, THRIFT_BINARY, chunk->page_count);
    for (uint32_t i = 0; i < chunk->page_count; i++) {
        const ParquetBytes *bound = is_max ? &chunk->pages[i].max : &chunk->pages[i].min;
        thrift_element_binary(writer, bound->data, bound->length);
    }
}

static bool has_bounds(const ParquetChunk *chunk) {
    for (uint32_t i = 0; i < chunk->page_count; i++) {
        const ParquetPage *page = &chunk->pages[i];
        if (page->value_count > 0 && (page->min.data == NULL || page->max.data == NULL)) {
            return false;
        }
    }
    return true;
}

bool parquet_column_index_write(const ParquetChunk *chunk, Buffer *out) {
    if (!has_bounds(chunk)) {
        return false;
    }
    ThriftWriter writer = {.out = out};
    thrift_begin(&writer);
    thrift_put_list(&writer, 1, THRIFT_TRUE, chunk->page_count);
    for (uint32_t i = 0; i < chunk->page_count; i++) {
        thrift_element_bool(&writer, chunk->pages[i].value_count == 0);
    }
    bounds_write(&writer, chunk, false);
    bounds_write(&writer, chunk, true);
    thrift_put_i32(&writer, 4, chunk->boundary_order);
    thrift_put_list(&writer, 5, THRIFT_I64, chunk->page_count);
    for (uint32_t i = 0; i < chunk->page_count; i++) {
        thrift_element_i64(&writer, chunk->pages[i].null_count);
    }
    thrift_end(&writer);
    return true;
}

void parquet_offset_index_write(const ParquetChunk *chunk, Buffer *out) {
    ThriftWriter writer = {.out = out};
    thrift_begin(&writer);
    thrift_put_list(&writer, 1, THRIFT_STRUCT, chunk->page_count);
    for (uint32_t i = 0; i < chunk->page_count; i++) {
        thrift_begin(&writer);
        thrift_put_i64(&writer, 1, chunk->pages[i].offset);
        thrift_put_i32(&writer, 2, chunk->pages[i].stored_bytes);
        thrift_put_i64(&writer, 3, chunk->pages[i].first_row);
        thrift_end(&writer);
    }
    thrift_end(&writer);
}
