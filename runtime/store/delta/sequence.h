// sequence: the order values of a merged table, several of which are one struct in its files.
//
// Internal to store. Inside they are columns, because they are compared one by one; here they
// become values of the struct and columns again.
#ifndef FLOW_STORE_DELTA_SEQUENCE_H
#define FLOW_STORE_DELTA_SEQUENCE_H

#include "record/record.h"

typedef struct DeltaSequence {
    FlowColumnDesc desc;
    const FlowColumnDesc *fields; // copies, all nullable
    uint32_t count;
    FlowColumn column; // the struct's values, by row
    Arena rows;        // of a batch
} DeltaSequence;

// In the arena; the fields are borrowed. It is freed by its rows alone.
DeltaSequence *delta_sequence_new(Arena *arena, const FlowColumnDesc *fields, uint32_t count);
void delta_sequence_free(DeltaSequence *sequence);
// The selected rows, until the next call. `slots` are those of the fields.
void delta_sequence_pack(DeltaSequence *sequence, const FlowBatch *batch, const int32_t *slots);
// All rows into the batch's columns. False: one is null where that is not admitted.
bool delta_sequence_unpack(const DeltaSequence *sequence, Batch *batch, const int32_t *slots);

#endif
