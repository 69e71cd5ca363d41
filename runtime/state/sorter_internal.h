// What the sorter's parts and their merge share.
#ifndef FLOW_STATE_SORTER_INTERNAL_H
#define FLOW_STATE_SORTER_INTERNAL_H

#include "state/sorter.h"

// A row in a buffer or file: the header, the key, the payload.
typedef struct SorterHeader {
    uint32_t group_length;
    uint32_t key_length;
    uint64_t payload_length;
} SorterHeader;

typedef struct SorterEntry {
    uint64_t rank;   // the key's first bytes
    uint64_t offset; // in the part's bytes
} SorterEntry;

typedef struct SorterRun {
    int64_t begin; // in the part's file
    int64_t end;
} SorterRun;

enum { SORTER_CUTOFFS = 1024 };

// The last row of a group that can be among the first: what is not before it never will be. Groups
// that fall on the same place push each other out, as most rows belong to a group met just before.
typedef struct SorterCutoff {
    uint64_t hash;  // of the group
    uint64_t place; // of the row: its offset in the part's bytes, plus one; 0: none
} SorterCutoff;

// As long as every row comes behind the one before, their order in `bytes` is all there is.
typedef struct SorterPart {
    Buffer bytes;
    uint64_t last; // offset of the last row
    bool has_entries;
    SorterEntry *entries;
    uint64_t count;     // of rows in memory
    uint64_t capacity;  // of entries
    uint64_t shrink_at; // bytes
    SorterRun *runs;
    uint32_t run_count;
    bool is_sorted;
    SorterCutoff *cutoffs; // SORTER_CUTOFFS of them, if there is a limit; made when first needed
    SpillFile *file;
    int64_t dropped;
    uint64_t added;
} SorterPart;

// One sorted sequence of a merge.
typedef struct SorterCursor {
    const SorterPart *part; // its rows in memory; NULL: a run in a file
    uint64_t next;
    uint64_t offset; // of the next row, where there are no entries
    SpillReader reader;
    SorterRow row;
    uint64_t rank;
} SorterCursor;

// `heap` holds the numbers of the cursors that have a row, the least first.
typedef struct SorterMerge {
    SorterCursor *cursors;
    uint32_t *heap;
    uint32_t count;
    uint32_t heap_count;
    bool is_begun;
} SorterMerge;

struct Sorter {
    SorterOptions options;
    Arena arena;
    uint64_t part_bytes_max;
    SorterPart *parts;
    SorterMerge merge;
};

uint64_t sorter_rank(const char *key, size_t length);
int sorter_keys_compare(const char *a, size_t a_length, const char *b, size_t b_length);
SorterRow sorter_row_at(const char *record);
size_t sorter_record_length(const SorterRow *row);
static inline SorterRow sorter_row_of(const SorterPart *part, const SorterEntry *entry) {
    return sorter_row_at(part->bytes.data + entry->offset);
}
// sorter_order.c: the entries in memory in the order of their keys; equal keys stay as they came.
void sorter_part_sort(SorterPart *part);

// Of equal keys, that of the cursor which was added first comes first.
void sorter_merge_add_runs(SorterMerge *merge, const SorterPart *part);
void sorter_merge_add_memory(SorterMerge *merge, const SorterPart *part);
NODISCARD Outcome sorter_merge_next(Sys *sys, SorterMerge *merge, SorterRow *row, bool *has_row);
void sorter_merge_free(SorterMerge *merge);

#endif
