// Rows that are kept until all are there, then taken key by key in order: `top`, `dedup`, `running`
// and `unique`, and changes whose texts were left out.
//
// Workers add rows, each to its part; then the state is finished, and its results come batch by
// batch. What has no room in memory is sorted in files. Neither the parts nor the memory show in
// the results. What a key takes at once is bounded, but for a `dedup within`, which remembers the
// times of the rows that it passed.
#ifndef FLOW_STATE_SORT_H
#define FLOW_STATE_SORT_H

#include "state/options.h"

typedef struct SortState SortState;
SortState *sort_state_new(const FlowSort *desc, const StateOptions *options);
void sort_state_free(Sys *sys, SortState *state);
// `slots` are the columns.
NODISCARD Outcome sort_state_add(Sys *sys, SortState *state, const StateRows *rows);
// UNIQUE, FILL: whether rows that a table holds already matter; and these rows; before the first
// part is sealed, by one thread. They are not among the results.
bool sort_state_asks_stored(const SortState *state);
NODISCARD Outcome sort_state_add_stored(Sys *sys, SortState *state, const StateRows *rows);
void sort_state_seal(SortState *state, uint32_t part); // parts may be sealed at the same time
NODISCARD Outcome sort_state_finish(Sys *sys, SortState *state);

// Of a `dedup` that keeps the first: what it has passed on in earlier epochs counts too, and is
// kept until no row that is on time can be near it. Before the state is finished.
void sort_state_keep(SortState *state, const GroupKeeper *keeper);
void sort_form(const FlowSort *desc, Buffer *out); // what it keeps is of one form if this is equal

// The next results fill the empty batch: what goes along, then the place or the aggregates. No
// rows: there are no more. `marks` says of each row what is wrong with it: RUNNING: which aggregate
// overflows, plus 1; UNIQUE: 1 if another row was first; FILL: 1 if nothing is known of a text.
// Rows of UNIQUE and FILL have the source, file and
// offset that they came with, others are numbered.
NODISCARD Outcome sort_state_next(Sys *sys, SortState *state, Batch *batch, uint16_t *marks);
// Rows that only their arrival orders are there all at once, if there was room for them: so many
// batches, of which several may be read at the same time; 0: they come with sort_state_next.
uint64_t sort_state_blocks(const SortState *state);
void sort_state_block(const SortState *state, uint64_t index, Batch *batch);
// Rows that were not passed on, so far.
int64_t sort_state_filtered(const SortState *state);

#endif
