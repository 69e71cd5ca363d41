// Inside of dlq: rows of batches, and the table as a write sees it.
#ifndef FLOW_DLQ_INTERNAL_H
#define FLOW_DLQ_INTERNAL_H

#include "dlq/dlq.h"

// Columns of a DLQ that a batch has, in this order.
typedef struct DlqPick {
    uint32_t count;
    DlqColumn columns[DLQ_COLUMN_COUNT];
    FlowColumnDesc descs[DLQ_COLUMN_COUNT];
    int32_t slots[DLQ_COLUMN_COUNT]; // 0, 1, 2, …
} DlqPick;

DlqPick dlq_pick(bool has_raw);
// What the pick lacks is null.
void dlq_row_of(const Batch *batch, const DlqPick *pick, uint32_t row, DlqRow *out);

extern const FlowTable dlq_table; // as a program would describe it

#endif
