// Columns that the store makes by itself: the surrogate key of every row that comes.
//
// Internal to store. A history's columns are made where its rows are (timeline_key.c).
#ifndef FLOW_STORE_DELTA_MADE_H
#define FLOW_STORE_DELTA_MADE_H

#include "record/record.h"
#include "store/delta/action.h"

enum { SURROGATE_TEXT_BYTES = 32 };

// The surrogate key of canonical key bytes, and of a version's valid_from (NULL: there is none), as
// a string of the arena.
FlowView delta_surrogate(Arena *arena, const Buffer *key, const int64_t *valid_from);

typedef struct DeltaMade DeltaMade;
typedef struct DeltaMadeOptions {
    const FlowColumnDesc *columns; // all of a write; borrowed
    uint32_t column_count;
    uint32_t
        given_count; // of the table's columns, those that come; then come made_count that don't
    uint32_t made_count;
    const DeltaNames *key;
    bool has_surrogate; // the first made column is one that rows get as they come
} DeltaMadeOptions;
DeltaMade *delta_made_new(const DeltaMadeOptions *options);
void delta_made_free(DeltaMade *made);
// The batch with all columns of the write, each in the slot of its own number; *slots[i] is -1
// where nothing comes. Both live until the next call.
const FlowBatch *delta_made_rows(DeltaMade *made,
                                 const FlowBatch *batch,
                                 const int32_t *given,
                                 const int32_t **slots);

#endif
