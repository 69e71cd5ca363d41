// Cursors: filled a block at a time.
#include "format/parquet/cursor.h"

#include "scalar/scalar.h"

Outcome parquet_cursor_fill(ParquetCursor *cursor) {
    if (cursor->at < cursor->count || parquet_leaf_is_done(&cursor->leaf)) {
        return OUTCOME_OK;
    }
    ParquetRead read = {.definitions = cursor->definitions, .repetitions = cursor->repetitions};
    TRY(parquet_leaf_levels(&cursor->leaf, PARQUET_AHEAD, &read));
    TRY(parquet_leaf_values(&cursor->leaf, read.value_count, cursor->values));
    cursor->has_faults = cursor->leaf.has_faults;
    if (cursor->has_faults) {
        memcpy(cursor->faults, cursor->leaf.scratch->faults, read.value_count);
    }
    cursor->at = 0;
    cursor->count = read.count;
    cursor->value_at = 0;
    return OUTCOME_OK;
}

Outcome parquet_cursor_chunk(ParquetCursor *cursor, const ParquetGroupMeta *group) {
    if (cursor->at < cursor->count) {
        return parquet_leaf_corrupt(&cursor->leaf, "it has more rows than its row group");
    }
    return parquet_leaf_chunk(&cursor->leaf, group);
}

bool parquet_cursor_take(ParquetCursor *cursor, FlowValue *value, ParquetFault *fault) {
    uint8_t max = cursor->leaf.node->definition;
    bool is_value = max == 0 || cursor->definitions[cursor->at] == max;
    cursor->at++;
    if (!is_value || cursor->type == NULL) {
        return false;
    }
    if (cursor->has_faults && cursor->faults[cursor->value_at] != PARQUET_FAULT_NONE) {
        *fault = (ParquetFault)cursor->faults[cursor->value_at];
    }
    *value = value_load(cursor->type, cursor->values, cursor->value_at++);
    return true;
}
