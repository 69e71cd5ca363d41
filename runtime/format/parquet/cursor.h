// cursor: a place in a leaf column that moves position by position, for rows that are put together
// from several leaves.
//
// Private to parquet. A cursor decodes a block of positions ahead, never across a page, so that
// texts of the row stay where they are until parquet_leaf_release.
#ifndef FLOW_PARQUET_CURSOR_H
#define FLOW_PARQUET_CURSOR_H

#include "format/parquet/leaf.h"

#define PARQUET_AHEAD 256

typedef struct ParquetCursor {
    ParquetLeaf leaf;
    const FlowTypeDesc *type; // NULL: only levels are wanted
    uint32_t at;              // of the positions decoded ahead
    uint32_t count;
    uint32_t value_at;
    bool has_faults;
    uint8_t definitions[PARQUET_AHEAD];
    uint8_t repetitions[PARQUET_AHEAD];
    uint8_t faults[PARQUET_AHEAD]; // ParquetFault, by value
    i128 values[PARQUET_AHEAD];    // of the type's width
} ParquetCursor;

// More positions ahead, if all were taken and the chunk has any.
NODISCARD Outcome parquet_cursor_fill(ParquetCursor *cursor);
// Decoded positions of the chunk before are forgotten.
NODISCARD Outcome parquet_cursor_chunk(ParquetCursor *cursor, const ParquetGroupMeta *group);

static inline bool parquet_cursor_is_done(const ParquetCursor *cursor) {
    return cursor->at == cursor->count; // after parquet_cursor_fill
}
static inline uint8_t parquet_cursor_definition(const ParquetCursor *cursor) {
    return cursor->leaf.node->definition == 0 ? 0 : cursor->definitions[cursor->at];
}
static inline uint8_t parquet_cursor_repetition(const ParquetCursor *cursor) {
    return cursor->leaf.node->repetition == 0 ? 0 : cursor->repetitions[cursor->at];
}
// Moves on; true and the value if there is one at the position.
bool parquet_cursor_take(ParquetCursor *cursor, FlowValue *value, ParquetFault *fault);

#endif
