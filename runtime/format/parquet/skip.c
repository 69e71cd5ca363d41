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
                         ParquetRange *range) {
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
static bool holds_for_all(FlowTestOp op, int64_t value, ParquetRange range) {
    switch (op) {
    case FLOW_TEST_EQ:
        return range.min == value && range.max == value;
    case FLOW_TEST_NE:
        return value < range.min || value > range.max;
    case FLOW_TEST_LT:
        return range.max < value;
    case FLOW_TEST_LE:
        return range.max <= value;
    case FLOW_TEST_GT:
        return range.min > value;
    case FLOW_TEST_GE:
        return range.min >= value;
    }
    return false;
}

static FlowTestOp opposite(FlowTestOp op) {
    static const FlowTestOp opposites[] = {
        [FLOW_TEST_EQ] = FLOW_TEST_NE,
        [FLOW_TEST_NE] = FLOW_TEST_EQ,
        [FLOW_TEST_LT] = FLOW_TEST_GE,
        [FLOW_TEST_LE] = FLOW_TEST_GT,
        [FLOW_TEST_GT] = FLOW_TEST_LE,
        [FLOW_TEST_GE] = FLOW_TEST_LT,
    };
    return opposites[op];
}

static const ReaderColumn *column_of(const ParquetReader *reader, const FlowScanTest *test) {
    return (uint32_t)test->column < reader->column_count ? &reader->columns[test->column] : NULL;
}

// Null meets no condition, so nulls do not matter here …
static bool fails_for_all(const ParquetReader *reader,
                          const FlowScanTest *test,
                          const ParquetGroupMeta *group) {
    const ReaderColumn *column = column_of(reader, test);
    ParquetRange range;
    return column != NULL && parquet_chunk_range(column, group, &range) &&
           holds_for_all(opposite((FlowTestOp)test->op), test->value, range);
}

// … but here.
static bool
guard_holds(const ParquetReader *reader, const FlowScanTest *guard, const ParquetGroupMeta *group) {
    const ReaderColumn *column = column_of(reader, guard);
    ParquetRange range;
    if (column == NULL || !parquet_chunk_range(column, group, &range)) {
        return false;
    }
    const ParquetSchemaNode *node = column->leaf.node;
    bool has_nulls = node->definition > 0 && group->chunks[node->leaf].null_count != 0;
    return !has_nulls && holds_for_all((FlowTestOp)guard->op, guard->value, range);
}

bool parquet_group_is_left_out(const ParquetReader *reader,
                               const FlowSource *source,
                               const ParquetGroupMeta *group) {
    bool is_unwanted = false;
    for (int64_t i = 0; i < source->tests_count && !is_unwanted; i++) {
        is_unwanted = fails_for_all(reader, &source->tests[i], group);
    }
    for (int64_t i = 0; i < source->guards_count && is_unwanted; i++) {
        is_unwanted = guard_holds(reader, &source->guards[i], group);
    }
    return is_unwanted;
}
