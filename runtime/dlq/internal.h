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

bool dlq_hashes_have(const Hash128 *hashes, size_t count, Hash128 hash); // sorted ones

// replay.c: what becomes of rows that are sent again
// Whether the rejection belongs to a row that was sent; `rejected` is the row that it would be.
bool dlq_replay_reject(DlqReplay *replay, const DlqRecord *record, const DlqRow *rejected);
// The record with an ordinal that no row has.
DlqRecord dlq_replay_fresh(DlqReplay *replay, const DlqRecord *record);
DlqRow dlq_replay_result(const DlqReplay *replay, uint32_t index, int64_t clock_us);

// The rows that are replaced.
typedef struct DlqMarks {
    DlqPick pick;
    const Hash128 *hashes; // sorted
    size_t count;
} DlqMarks;
DlqMarks dlq_replay_marks(DlqReplay *replay);
DeltaCondition dlq_marks_condition(const DlqMarks *marks); // borrows the marks
void dlq_marks_write(const DlqMarks *marks, Buffer *out);

extern const FlowTable dlq_table; // as a program would describe it

#endif
