// Ranges against conditions.
#include "format/parquet/skip.h"

#include "scalar/scalar.h"

#include <math.h>

// --- ranges --------------------------------------------------------------------------------------
static int64_t flow_value(const ReaderColumn *column, const uint8_t *bytes) {
    switch (column->leaf.conversion.width) {
    case 1:
        return (int8_t)bytes[0];
    case 2: {
        int16_t value;
        memcpy(&value, bytes, sizeof value);
        return value;
    }
    case 4: {
        int32_t value;
        memcpy(&value, bytes, sizeof value);
        return value;
    }
    default: {
        int64_t value;
        memcpy(&value, bytes, sizeof value);
        return value;
    }
    }
}

static bool is_integer(const ParquetConversion *conversion) {
    bool is_stored_so =
        conversion->physical == PARQUET_TYPE_INT32 || conversion->physical == PARQUET_TYPE_INT64;
    bool is_kept_so =
        conversion->kind == PARQUET_CONVERT_COPY || conversion->kind == PARQUET_CONVERT_INTEGER;
    return is_stored_so && is_kept_so;
}

// Conversions of integers keep their order, so what fits at both ends fits in between.
bool parquet_chunk_range(const ReaderColumn *column,
                         const ParquetGroupMeta *group,
                         FormatRange *range) {
    if (column->form != READER_FLAT || !is_integer(&column->leaf.conversion)) {
        return false;
    }
    const ParquetChunkMeta *chunk = &group->chunks[column->leaf.node->leaf];
    uint32_t width = column->leaf.conversion.physical == PARQUET_TYPE_INT32 ? 4 : 8;
    uint8_t ends[16];
    uint8_t values[16];
    if (chunk->min == NULL || chunk->max == NULL || chunk->min_length != width ||
        chunk->max_length != width) {
        return false;
    }
    memcpy(ends, chunk->min, width);
    memcpy(ends + width, chunk->max, width);
    if (parquet_convert(&column->leaf.conversion, ends, 2, values, NULL) != PARQUET_FAULT_NONE) {
        return false;
    }
    range->min = flow_value(column, values);
    range->max = flow_value(column, values + column->leaf.conversion.width);
    return range->min <= range->max;
}

// --- conditions ----------------------------------------------------------------------------------
static const ReaderColumn *column_of(const ParquetReader *reader, const FlowScanTest *test) {
    return (uint32_t)test->column < reader->column_count ? &reader->columns[test->column] : NULL;
}

static bool float_bound(const uint8_t *bytes, uint32_t length, uint32_t width, double *bound) {
    float narrow = 0;
    if (bytes == NULL || length != width) {
        return false;
    }
    if (width == sizeof(narrow)) {
        memcpy(&narrow, bytes, sizeof(narrow));
        *bound = (double)narrow;
    } else {
        memcpy(bound, bytes, sizeof(*bound));
    }
    return isfinite(*bound);
}

static bool
floats_fail(const ReaderColumn *column, const ParquetChunkMeta *chunk, const FlowScanTest *test) {
    bool is_narrow = column->leaf.conversion.physical == PARQUET_TYPE_FLOAT;
    bool is_wide = column->leaf.conversion.physical == PARQUET_TYPE_DOUBLE;
    uint32_t width = is_narrow ? sizeof(float) : sizeof(double);
    FormatFloatRange range = {0};
    range.has_min = float_bound(chunk->min, chunk->min_length, width, &range.min);
    range.has_max = float_bound(chunk->max, chunk->max_length, width, &range.max);
    return (is_narrow || is_wide) && format_float_test_fails(test, &range);
}

static bool
texts_fail(const ReaderColumn *column, const ParquetChunkMeta *chunk, const FlowScanTest *test) {
    FormatTextRange range = {.has_min = chunk->min != NULL, .has_max = chunk->max != NULL};
    if (column->leaf.conversion.physical != PARQUET_TYPE_BYTE_ARRAY || test->text == NULL) {
        return false;
    }
    if (range.has_min) {
        range.min = view_of((const char *)chunk->min, chunk->min_length);
    }
    if (range.has_max) {
        range.max = view_of((const char *)chunk->max, chunk->max_length);
    }
    return format_text_test_fails(test, &range);
}

static bool
bounds_fail(const ReaderColumn *column, const FlowScanTest *test, const ParquetGroupMeta *group) {
    if (column->form != READER_FLAT) {
        return false;
    }
    const ParquetChunkMeta *chunk = &group->chunks[column->leaf.node->leaf];
    FlowKind kind = (FlowKind)column->desc->type->kind;
    if (kind == FLOW_FLOAT32 || kind == FLOW_FLOAT64) {
        return floats_fail(column, chunk, test);
    }
    return kind == FLOW_STRING && texts_fail(column, chunk, test);
}

// Null meets no condition, so nulls do not matter here …
static bool fails_for_all(const ParquetReader *reader,
                          const FlowScanTest *test,
                          const ParquetGroupMeta *group) {
    const ReaderColumn *column = column_of(reader, test);
    FormatRange range;
    if (column == NULL) {
        return false;
    }
    return (parquet_chunk_range(column, group, &range) &&
            format_test_fails((FlowTestOp)test->op, test->value, range)) ||
           bounds_fail(column, test, group);
}

// … but here.
static bool
guard_holds(const ParquetReader *reader, const FlowScanTest *guard, const ParquetGroupMeta *group) {
    const ReaderColumn *column = column_of(reader, guard);
    FormatRange range;
    if (column == NULL || !parquet_chunk_range(column, group, &range)) {
        return false;
    }
    const ParquetSchemaNode *node = column->leaf.node;
    bool has_nulls = node->definition > 0 && group->chunks[node->leaf].null_count != 0;
    return !has_nulls && format_test_holds((FlowTestOp)guard->op, guard->value, range);
}

bool parquet_group_is_left_out(const ParquetReader *reader,
                               const FormatTests *tests,
                               const ParquetGroupMeta *group) {
    bool is_unwanted = false;
    for (int64_t i = 0; i < tests->test_count && !is_unwanted; i++) {
        is_unwanted = fails_for_all(reader, &tests->tests[i], group);
    }
    for (int64_t i = 0; i < tests->guard_count && is_unwanted; i++) {
        is_unwanted = guard_holds(reader, &tests->guards[i], group);
    }
    return is_unwanted;
}
