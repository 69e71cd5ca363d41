// state: keyed accumulators that survive an epoch: find or insert, iterate in key order.
//
// Includes abi, base, sys, scalar, record. What joins look up is in lookup.h, what two
// streams keep for each other in band.h. A GroupState belongs
// to one FlowGroup and owns its keys and accumulators. Keys are canonical key bytes; the hash
// (xxh3-64) chooses one of STATE_PARTITIONS fixed partitions, each an open-addressing table.
// Accumulators start zeroed; their forms:
//   COUNT, COUNT_VALUES, COUNT_IF   int64 count                                        8 bytes
//   SUM of integers, durations      i128 sum, int64 count of values                  24
//   SUM, AVG of decimal p <= 18     i128 sum of unscaled values, int64 count         24
//   SUM, AVG of decimal p > 18      256-bit sum (4 x uint64, little endian), count   40
//   MIN, MAX                        FlowValue, int64 has                             32, at 16
//   all others                      what their file agg_<family>.c says              16
// Generated code updates the first three and MIN/MAX of fixed-width kinds inline; the rest goes
// through flow_rt_agg_update, which knows all of them. An accumulator given to it lies in a slot
// that flow_rt_group_find returned: in front of the slot stands whose state it is.
#ifndef FLOW_STATE_H
#define FLOW_STATE_H

#include "base/task.h"
#include "state/band.h"
#include "state/lookup.h"
#include "state/options.h"
#include "state/sort.h"

typedef struct GroupState GroupState;

uint32_t agg_bytes(FlowAggKind kind, const FlowTypeDesc *input); // multiple of 8
GroupState *group_state_new(const FlowGroup *group);
void group_state_free(GroupState *state);
FlowGroupTable *group_state_table(GroupState *state); // for FlowContext.groups
uint64_t group_state_count(const GroupState *state);
uint64_t group_state_bytes(const GroupState *state);

// Takes the groups of all states into the first; the others become empty. Then the first is put in
// the order of its results. Both work in parallel.
void group_states_merge(GroupState **states, uint32_t count, Tasks *tasks);
void group_state_order(GroupState *state, Tasks *tasks);

// Results in canonical order (window_end, then key bytes). Fills `batch` (keys, then aggregates)
// with up to FLOW_BATCH_ROWS_MAX rows from position `*cursor` on; returns false when there are no
// more. It neither clears the batch before nor finds groups after it. A result that overflows its
// type is marked in `overflow` (agg index + 1, 0 = none) and left null.
bool group_state_next(GroupState *state, uint64_t *cursor, Batch *batch, uint16_t *overflow);

// --- more groups than there is room for ----------------------------------------------------------
// Groups that left the states of the workers, in the order of results.
typedef struct GroupSpill GroupSpill;
GroupSpill *group_spill_new(const FlowGroup *group, const StateOptions *options);
void group_spill_free(Sys *sys, GroupSpill *spill);
// Takes all groups of a worker's state, which is empty then. Each worker adds to its own part.
NODISCARD Outcome group_spill_add(Sys *sys, GroupSpill *spill, uint32_t part, GroupState *state);
NODISCARD Outcome group_spill_finish(Sys *sys, GroupSpill *spill); // nothing is added any more
// The next results, as group_state_next gives them; row_count 0: the end.
NODISCARD Outcome group_spill_next(Sys *sys, GroupSpill *spill, Batch *batch, uint16_t *overflow);

// --- groups that live longer than this -----------------------------------------------------------
// Before the first results: each group is taken together with what was kept of it, and kept again,
// until its window has closed. Results are those that FlowGroup.emit says. Not for groups with
// ordered aggregates.
void group_spill_keep(GroupSpill *spill, const GroupKeeper *keeper);
// A text that tells forms of saved accumulators apart: two groups of one form can be taken
// together.
void group_form(const FlowGroup *group, Buffer *out);
void group_keys_form(const FlowGroup *group, Buffer *out); // its parts: of the keys, …
void group_agg_form(const FlowAgg *agg, Buffer *out);      // … and of an aggregate
// The aggregate of a form, but for its offset. False: this release has no such one.
bool group_agg_form_read(Arena *arena, const char *form, FlowAgg *agg);
// What is kept of a group as another group of the same keys keeps it: from[i] is the place in the
// first one's aggregates of the other's aggregate i, or -1: it begins with nothing.
typedef struct GroupAdaption {
    const FlowAgg *before;
    uint32_t before_count;
    const FlowGroup *group;
    const int32_t *from;
} GroupAdaption;
void group_kept_adapt(const GroupAdaption *adaption, const char *value, Buffer *adapted);

#endif
