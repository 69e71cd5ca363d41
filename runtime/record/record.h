// record: rows in columns. A Batch is an ABI FlowBatch with the memory behind it.
//
// Includes abi, base, scalar. batch_new allocates every column once for FLOW_BATCH_ROWS_MAX rows
// plus slack, 64-byte aligned; batch_clear makes it empty again and resets the arena that holds the
// bytes of strings which rows computed. Whoever made the batch frees it.
#ifndef FLOW_RECORD_H
#define FLOW_RECORD_H

#include "base/base.h"

typedef struct Batch {
    FlowBatch abi; // first: a Batch * is a FlowBatch *
    const FlowColumnDesc *descs;
    uint32_t column_count;
    Arena arena;  // strings of this batch's rows
    Arena memory; // the vectors themselves
} Batch;

Batch *batch_new(const FlowColumnDesc *columns, uint32_t column_count);
void batch_free(Batch *batch);
void batch_clear(Batch *batch);      // no rows, arena reset
void batch_select_all(Batch *batch); // selection 0 .. row_count-1

static inline FlowColumn *batch_column(const Batch *batch, uint32_t column) {
    return &((FlowColumn *)batch->abi.columns)[column];
}
bool batch_is_null(const Batch *batch, uint32_t column, uint32_t row);
FlowValue batch_value(const Batch *batch, uint32_t column, uint32_t row);
void batch_set(Batch *batch, uint32_t column, uint32_t row, FlowValue value); // and valid
void batch_set_null(Batch *batch, uint32_t column, uint32_t row);
// The row as a JSON object of these columns, for a DLQ's `raw` after state.
void batch_row_json(
    const Batch *batch, uint32_t row, const int32_t *columns, uint32_t count, Buffer *out);

#endif
