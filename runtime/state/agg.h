// Accumulators: how one value goes in and how the result comes out. The forms stand in state.h.
#ifndef FLOW_STATE_AGG_H
#define FLOW_STATE_AGG_H

#include "scalar/scalar.h"
#include "state/state.h"

typedef enum AggStatus { AGG_VALUE, AGG_NULL, AGG_OVERFLOW } AggStatus;

// `arena` belongs to the group's state: sets, exact sums and kept strings live there.
void agg_update(Arena *arena, const FlowAgg *agg, void *accumulator, const FlowValue *value);
AggStatus agg_result(const FlowAgg *agg, const void *accumulator, FlowValue *result);

// --- exact sums of floats ------------------------------------------------------------------------
typedef struct ExactSum ExactSum;
ExactSum *exact_sum_new(Arena *arena);
void exact_sum_add(Arena *arena, ExactSum *sum, double value);
// sum / count, rounded once. False if finite values give more than the greatest float.
bool exact_sum_result(const ExactSum *sum, int64_t count, bool is_single, double *result);

// --- sets of values ------------------------------------------------------------------------------
typedef struct DistinctSet DistinctSet;
void distinct_set_add(Arena *arena,
                      DistinctSet **set,
                      const FlowTypeDesc *type,
                      const FlowValue *value);
int64_t distinct_set_count(const DistinctSet *set);

#endif
