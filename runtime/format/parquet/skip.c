// Ranges against conditions.
#include "format/parquet/skip.h"

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

// Null meets no condition, so nulls do not matter here …
static bool fails_for_all(const ParquetReader *reader,
                          const FlowScanTest *test,
                          const ParquetGroupMeta *group) {
    const ReaderColumn *column = column_of(reader, test);
    FormatRange range;
    return column != NULL && parquet_chunk_range(column, group, &range) &&
           format_test_fails((FlowTestOp)test->op, test->value, range);
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
