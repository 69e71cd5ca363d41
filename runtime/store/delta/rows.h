// Rows that are kept in memory, in columns, each under the number of its coming: changes of a
// merge, rows of the table that a history looks at, what is remembered of keys.
//
// Internal to store. Values are stored as Delta holds them: enums as strings, everything nullable.
// delta_rows_end frees all of it.
#ifndef FLOW_STORE_DELTA_ROWS_H
#define FLOW_STORE_DELTA_ROWS_H

#include "record/record.h"

typedef struct DeltaCell {
    FlowValue value;
    bool is_null;
} DeltaCell;

typedef struct DeltaRows {
    Arena arena;
    const FlowColumnDesc *columns; // delta_stored_columns
    uint32_t column_count;
    VEC(Batch *) batches; // each of FLOW_BATCH_ROWS_MAX rows but the last
    uint32_t count;
} DeltaRows;

// Enums become strings, and everything nullable: a delete needs no more than its key.
FlowColumnDesc *
delta_stored_columns(Arena *arena, const FlowColumnDesc *columns, uint32_t column_count);

void delta_rows_begin(DeltaRows *rows, const FlowColumnDesc *columns, uint32_t column_count);
void delta_rows_end(DeltaRows *rows);
// Adds `count` rows of the batch; a column with slot -1 is null. `given` are the batch's types.
void delta_rows_take(DeltaRows *rows,
                     const FlowColumnDesc *given,
                     const FlowBatch *batch,
                     const int32_t *slots,
                     const int32_t *selection,
                     uint32_t count);
// Adds one row of cells; bytes are copied.
void delta_rows_add(DeltaRows *rows, const DeltaCell *cells);
DeltaCell delta_rows_cell(const DeltaRows *rows, uint32_t row, uint32_t column);
DeltaCell delta_batch_cell(const Batch *batch, uint32_t column, uint32_t row);
void delta_cell_put(Batch *batch, uint32_t column, uint32_t row, const DeltaCell *cell);
// A value whose bytes belong to the arena; of an enum its text.
FlowValue delta_value_copy(Arena *arena, const FlowTypeDesc *type, FlowValue value);
// Null equals null.
bool delta_cell_equal(const FlowTypeDesc *type, const DeltaCell *a, const DeltaCell *b);
// Null is the least; otherwise one value after the other.
int delta_cells_compare(const FlowColumnDesc *columns,
                        const DeltaCell *a,
                        const DeltaCell *b,
                        uint32_t count);

#endif
