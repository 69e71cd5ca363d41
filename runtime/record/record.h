// record: rows in columns. A Batch is an ABI FlowBatch with the memory behind it.
//
// Includes abi, base, scalar. batch_new allocates every column once for FLOW_BATCH_ROWS_MAX rows
// plus slack, 64-byte aligned; batch_clear makes it empty again and resets the arena that holds the
// bytes of strings which rows computed. Whoever made the batch frees it. A RowForm lives in the
// arena that it is given; a RowWriter owns the bytes that it has written until it is freed.
#ifndef FLOW_RECORD_H
#define FLOW_RECORD_H

#include "base/base.h"

typedef struct Batch {
    FlowBatch abi; // first: a Batch * is a FlowBatch *
    const FlowColumnDesc *descs;
    uint32_t column_count;
    uint8_t **blanks; // NULL, or of each column its blanks by row, or NULL; in `arena`
    Arena arena;      // strings of this batch's rows
    Arena memory;     // the vectors themselves
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
// Null, or a blank where the type has no `?`: the row has no value and leaves for the DLQ.
void batch_set_blank(Batch *batch, uint32_t column, uint32_t row);
// The row as a JSON object of these columns, for a DLQ's `raw` after state; a blank is a null.
void batch_row_json(
    const Batch *batch, uint32_t row, const int32_t *columns, uint32_t count, Buffer *out);

// Rows of one vector as the rows 0 .. count-1 of another; `from` and `to` are vectors of the type.
// If only `to` has validity, all values are there.
void column_gather(const FlowTypeDesc *type,
                   const FlowColumn *from,
                   const FlowColumn *to,
                   const int32_t *rows,
                   uint32_t count);

// Canonical key bytes of a value of a vector (scalar/scalar.h); false: it is null.
bool column_key_append(const FlowTypeDesc *type,
                       const FlowColumn *column,
                       uint32_t row,
                       Buffer *key);

// --- rows as bytes ------------------------------------------------------------------------------
// What is kept of a row: a bit for each column that can be null, the columns' values at fixed
// places, then long strings and nested values. The bytes depend on the values only.
typedef struct RowForm RowForm;
RowForm *row_form_new(Arena *arena, const FlowColumnDesc *columns, uint32_t count);

// Rows of a batch; `slots` are the columns, in the form's order.
typedef struct RowPick {
    const FlowBatch *batch;
    const int32_t *slots;
    const int32_t *rows;
    uint32_t count; // at most FLOW_BATCH_ROWS_MAX
} RowPick;

typedef struct RowWriter {
    const RowForm *form;
    Buffer bytes;   // of the rows written last: row i is bytes.data[starts[i] .. starts[i + 1])
    size_t *starts; // FLOW_BATCH_ROWS_MAX + 1
    Buffer nested;
} RowWriter;
void row_writer_init(RowWriter *writer, const RowForm *form);
void row_writer_free(RowWriter *writer);
void row_writer_write(RowWriter *writer, const RowPick *pick);

// The way back. Long strings point into the bytes of their row, nested values lie in the arena.
typedef struct RowSpread {
    const char *const *rows; // NULL: a row of nulls
    const int32_t *places;   // where in the vectors; NULL: 0 .. count-1
    uint32_t count;
} RowSpread;
void row_form_read(const RowForm *form, const RowSpread *spread, FlowColumn *columns, Arena *arena);

#endif
