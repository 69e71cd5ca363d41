// What the sides of a band and their merge share.
#ifndef FLOW_STATE_BAND_INTERNAL_H
#define FLOW_STATE_BAND_INTERNAL_H

#include "state/band.h"
#include "state/origin.h"
#include "state/sorter.h"

// A row that the merge holds: ours that is at hand, or one of theirs that may be near.
typedef struct BandRow {
    struct BandRow *next; // in the order of the key, of theirs
    struct BandRow *before;
    struct BandBlock *block;
    const char *bytes; // of what goes along
    const char *place; // of the key, what is behind the group: time and canonical order
    int64_t time_us;
    bool has_match;    // a pair of it goes on …
    bool has_rejected; // … or was rejected
} BandRow;

// Rows come and go in one order, so their memory does: block by block.
typedef struct BandBlock {
    struct BandBlock *next;
    size_t used;
    size_t capacity;
} BandBlock;

typedef struct BandRows {
    BandBlock *first;
    BandBlock *last;
} BandRows;

enum { BAND_PLACE_BYTES = TIME_BYTES + ORIGIN_BYTES };

typedef enum BandKind { BAND_PAIR, BAND_OURS_ALONE, BAND_THEIRS_ALONE } BandKind;

typedef struct BandCandidate {
    BandKind kind;
    BandRow *ours; // or NULL
    BandRow *theirs;
} BandCandidate;

typedef struct BandSequence {
    Sorter *sorter;
    SorterRow row; // the next one
    bool has_row;
} BandSequence;

// Theirs form a list: from `alone` on those that are near to no further row of ours and wait for
// their turn to come out alone, from `near` on those that are near to the row at hand.
typedef struct BandMerge {
    BandSequence sides[2];
    BandRows memory[2];
    BandRow *ours;    // at hand, or NULL
    bool is_gathered; // all that are near to it are in the list
    BandRow *at;      // the next partner
    BandRow *alone;   // NULL: there are none
    BandRow *near;    // NULL: none
    BandRow *last;    // of the list
    Buffer group;     // of the row at hand
    Buffer truncates; // NEWEST: places of their rows without a key, which end all before them
    bool is_begun;
    BandCandidate *candidates;
    const char **bytes[2];
    uint32_t count;
    BandCounts counts;
} BandMerge;

typedef struct BandPart {
    RowWriter writer;
    Buffer key;
} BandPart;

struct BandState {
    const FlowBand *desc;
    Arena arena;
    const RowForm *forms[2]; // of what goes along
    uint32_t along_count[2];
    uint32_t part_count;
    BandPart *parts[2];
    Sorter *sorters[2];
    BandMerge merge;
};

// band_rows.c
BandRow *band_row_new(BandRows *rows, const SorterRow *row);
void band_rows_forget(BandRows *rows, const BandRow *first); // those before it; NULL: all
// band_merge.c
NODISCARD Outcome band_candidates_find(Sys *sys, BandState *state);
static inline bool band_keeps_theirs(const FlowBand *desc) {
    return desc->kind == FLOW_JOIN_RIGHT || desc->kind == FLOW_JOIN_FULL;
}
// Whether one of its pairs at most goes on.
static inline bool band_takes_one(const FlowBand *desc) {
    return desc->keep != FLOW_BAND_ALL || desc->kind == FLOW_JOIN_SEMI ||
           desc->kind == FLOW_JOIN_ANTI;
}

#endif
