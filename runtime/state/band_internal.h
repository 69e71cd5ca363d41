// What the sides of a band and their merge share.
#ifndef FLOW_STATE_BAND_INTERNAL_H
#define FLOW_STATE_BAND_INTERNAL_H

#include "state/band.h"
#include "state/origin.h"
#include "state/sorter.h"

// What is known of a row, and kept with it.
enum {
    BAND_HAS_MATCH = 1,    // a pair of it goes on …
    BAND_HAS_REJECTED = 2, // … or was rejected
    BAND_IS_MET = 4,       // ours: it was counted as one that has a result
};

// A row that the merge holds: ours that is at hand, or one of theirs that may be near.
typedef struct BandRow {
    struct BandRow *next; // in the order of the key, of theirs
    struct BandRow *before;
    struct BandBlock *block;
    const char *key;
    const char *bytes; // of what goes along
    int64_t time_us;
    uint32_t key_length;
    uint32_t group_length;
    uint32_t byte_count;
    uint8_t flags;
    uint8_t kept_flags;
    bool is_old;      // it was kept by an earlier state
    bool is_finished; // nothing can meet it after this
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
    uint32_t block_count;
} BandRows;

typedef enum BandKind { BAND_PAIR, BAND_OURS_ALONE, BAND_THEIRS_ALONE } BandKind;

typedef struct BandCandidate {
    BandKind kind;
    BandRow *ours; // or NULL
    BandRow *theirs;
} BandCandidate;

// A row of a side, wherever it comes from.
typedef struct BandNext {
    SorterRow row;
    bool has_row;
    bool is_old;
    uint8_t flags;
} BandNext;

// The rows of a side: those that were added, and those that were kept before.
typedef struct BandSequence {
    Sorter *sorter;
    BandNext fresh;
    BandNext old;
    const BandNext *next; // one of the two
} BandSequence;

// Theirs form a list: from `alone` on those that are near to no further row of ours and leave, from
// `near` on those that are near to the row at hand.
typedef struct BandMerge {
    BandSequence sides[2];
    BandRows memory[2];
    Buffer settling[2]; // rows whose fate is known when the candidates are judged
    BandRow *ours;      // at hand, or NULL
    bool is_gathered;   // all that are near to it are in the list
    BandRow *at;        // the next partner
    BandRow *alone;     // NULL: there are none
    BandRow *near;      // NULL: none
    BandRow *last;      // of the list
    Buffer group;       // of the row at hand
    Buffer truncates;   // NEWEST: places of their rows without a key, which end all before them
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
    bool is_keeping;
    int64_t epoch;
    BandKeeper keeper;
    Buffer value; // of a kept row
};

// band_rows.c
BandRow *band_row_new(BandRows *rows, const BandNext *next);
void band_rows_forget(BandRows *rows, const BandRow *first); // those before it; NULL: all
// band_kept.c
NODISCARD Outcome band_kept_next(BandState *state, BandSide side, BandNext *next);
NODISCARD Outcome band_rows_settle(BandState *state); // of the candidates that were judged
// Of a row of the side: whether the watermark lies behind its time plus `wait_us`.
bool band_is_passed(const BandState *state, int64_t time_us, int64_t wait_us);
// band_merge.c
NODISCARD Outcome band_candidates_find(Sys *sys, BandState *state);

// `distance_us` from the time, as far as there is time.
static inline int64_t band_time_at(int64_t time_us, int64_t distance_us) {
    int64_t sum_us;
    bool is_far = __builtin_add_overflow(time_us, distance_us, &sum_us);
    return !is_far ? sum_us : distance_us < 0 ? INT64_MIN : INT64_MAX;
}
static inline bool band_gives_theirs_alone(const FlowBand *desc) {
    return desc->kind == FLOW_JOIN_RIGHT || desc->kind == FLOW_JOIN_FULL;
}
// Whether all of theirs are held until it is known that they are near to none.
static inline bool band_holds_theirs(const BandState *state) {
    return state->is_keeping || band_gives_theirs_alone(state->desc);
}
// Whether one of its pairs at most goes on.
static inline bool band_takes_one(const FlowBand *desc) {
    return desc->keep != FLOW_BAND_ALL || desc->kind == FLOW_JOIN_SEMI ||
           desc->kind == FLOW_JOIN_ANTI;
}
static inline bool band_has_rest(const FlowBand *desc) {
    return desc->residual != FLOW_NO_INDEX;
}

#endif
