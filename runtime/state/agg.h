// Accumulators: how values go in, how two become one, how one is written down, and how the result
// comes out. One file a family: agg_<family>.c; state.h says what the forms are.
//
// `arena` belongs to the group's state: whatever an accumulator keeps beyond its own bytes lives
// there. Accumulators start zeroed. None of the results depends on the order of the calls.
#ifndef FLOW_STATE_AGG_H
#define FLOW_STATE_AGG_H

#include "scalar/scalar.h"
#include "state/state.h"

typedef enum AggStatus { AGG_VALUE, AGG_NULL, AGG_OVERFLOW } AggStatus;

// Where a row stands in the canonical order (LANGUAGE 11): compared field by field.
typedef struct AggPlace {
    int64_t time_us; // of the event; the same for all rows if the stream has none
    int64_t position;
    int32_t source;
    int32_t file;
    int32_t ordinal;
    int32_t reserved;
} AggPlace;
int agg_place_compare(const AggPlace *a, const AggPlace *b);
AggPlace agg_place_of(const FlowContext *ctx, const FlowBatch *batch, int32_t row);

// `values` are the arguments, none of them null. LAG and ROW_NUMBER are for `running`: their rows
// come in order, and LAG also takes a row whose argument is null: then `values` is NULL.
void agg_update(Arena *arena, const FlowAgg *agg, void *accumulator, const FlowValue *values);
// The same for the kinds that flow_agg_is_ordered names.
void agg_update_at(Arena *arena,
                   const FlowAgg *agg,
                   void *accumulator,
                   const FlowValue *values,
                   const AggPlace *place);
// Takes what `from` saw into `into`; nothing of `from`, which may live elsewhere, is kept or
// changed. Not for LAG and ROW_NUMBER.
void agg_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from);
// Bytes that agg_load of the same program turns into the same accumulator; it moves *at behind
// them. `accumulator` is zeroed before.
void agg_save(const FlowAgg *agg, const void *accumulator, Buffer *out);
void agg_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at);
// What the result needs beyond its own bytes lives in `arena` or in the accumulator.
AggStatus agg_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result);

#endif
