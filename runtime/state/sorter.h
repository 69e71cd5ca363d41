// Rows in the order of the bytes of their keys, however many there are: what fits is sorted in
// memory, the rest in runs in nameless files, and all is merged.
//
// A row is a key and a payload; the key's first bytes may be its group. A key's first byte is a tag
// as canonical key bytes have it, 0 or 1, or its complement. Workers add to a part of their own
// each, at the same time. Equal keys come in the order in which they were added to their part, then
// by part. `limit` bounds the rows of a group: those behind the first `limit` are dropped when they
// come, if that is known by then, or whenever a part is sorted, so that they never fill the memory.
#ifndef FLOW_STATE_SORTER_H
#define FLOW_STATE_SORTER_H

#include "state/spill.h"

typedef struct SorterOptions {
    uint32_t part_count;
    uint64_t memory_bytes; // of all parts; 0: no bound
    const char *directory; // of spilled runs
    int64_t limit;         // rows of a group; -1: all
} SorterOptions;

typedef struct SorterRow {
    const char *key;
    const char *payload;
    size_t key_length;
    size_t group_length; // of the key's first bytes
    size_t payload_length;
    bool is_kept; // its bytes stay as long as the sorter; else until the next row is asked for
    const SpillFile *file; // if it is not kept: where it lies …
    int64_t payload_at;    // … and its payload there
} SorterRow;

typedef struct Sorter Sorter;
Sorter *sorter_new(const SorterOptions *options);
void sorter_free(Sys *sys, Sorter *sorter);
NODISCARD Outcome sorter_add(Sys *sys, Sorter *sorter, uint32_t part, const SorterRow *row);
// Whether the row, of which only the key is needed, is known to be behind the limit; then it is
// counted as added and dropped.
bool sorter_cuts_off(Sorter *sorter, uint32_t part, const SorterRow *row);
// The last row that can be among the first of the row's group: what is behind it is cut off. False:
// not known.
bool sorter_cutoff(const Sorter *sorter, uint32_t part, const SorterRow *row, SorterRow *last);
// Rows that were seen to be cut off without asking are counted as if they had been asked for.
void sorter_count_cut(Sorter *sorter, uint32_t part, int64_t count);
// Sorts what a part has in memory; parts may be sorted at the same time, when nothing is added.
void sorter_seal(Sorter *sorter, uint32_t part);
// No more rows; seals what is not sealed yet. Then the rows come one by one; false at the end.
NODISCARD Outcome sorter_finish(Sys *sys, Sorter *sorter);
NODISCARD Outcome sorter_next(Sys *sys, Sorter *sorter, SorterRow *row, bool *has_row);
int64_t sorter_dropped(const Sorter *sorter); // because of the limit
int64_t sorter_part_dropped(const Sorter *sorter, uint32_t part);
uint64_t sorter_count(const Sorter *sorter); // of rows that were added
uint64_t sorter_bytes(const Sorter *sorter); // in memory

#endif
