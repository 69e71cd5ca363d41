// The rows of two streams that meet by key and nearness in event time.
//
// Workers add rows of both sides, each to its part; then the state is finished, and its results
// come batch by batch as candidates: pairs, and rows that stand alone. Who asks for them says of
// the pairs which ones match (the rest of `on`), and is told which candidates go on. Rows without
// room in memory are sorted in files; of the rows of one key, those of the other side that are near
// enough to one row are in memory at once, whatever their number.
#ifndef FLOW_STATE_BAND_H
#define FLOW_STATE_BAND_H

#include "state/options.h"

typedef enum BandSide { BAND_LEFT, BAND_RIGHT } BandSide;

typedef struct BandState BandState;
BandState *band_state_new(const FlowBand *desc, const StateOptions *options);
void band_state_free(Sys *sys, BandState *state);
// `slots` are the side's columns.
NODISCARD Outcome band_state_add(Sys *sys, BandState *state, BandSide side, const StateRows *rows);
void band_state_seal(BandState *state, uint32_t part); // parts may be sealed at the same time
typedef struct BandKeeper BandKeeper;
NODISCARD Outcome band_state_finish(Sys *sys, BandState *state, const BandKeeper *keeper);

// The next candidates fill the empty batch: our columns, theirs, and the event time if the results
// have one of their own. No rows: there are no more.
NODISCARD Outcome band_state_next(Sys *sys, BandState *state, Batch *batch);
// Those of the candidates that are pairs, in order; their number.
int32_t band_state_pairs(const BandState *state, int32_t *selection);
// Selects of the batch what goes on. `is_match` has a byte for each candidate that is a pair,
// `is_rejected` one for each pair on which the rest of `on` failed; NULL: all match, none failed.
void band_state_judge(BandState *state,
                      const uint8_t *is_match,
                      const uint8_t *is_rejected,
                      FlowBatch *batch);

typedef struct BandCounts {
    int64_t met;     // rows of our side that have a result, each once
    int64_t unmet;   // rows of our side that never will have one
    int64_t results; // rows that go on, and pairs that were rejected
} BandCounts;
BandCounts band_state_counts(const BandState *state); // of what was judged

// --- rows that live longer than this -------------------------------------------------------------
// Who keeps rows that may still meet others. Keys come in ascending order, each side by itself.
typedef struct BandEntry {
    const char *key;
    size_t key_length;
    const char *value; // NULL: the row is kept no more
    size_t value_length;
} BandEntry;

struct BandKeeper {
    void *user;
    // The next row that was kept, until the next call.
    Outcome (*next)(void *user, BandSide side, BandEntry *entry, bool *has_entry);
    Outcome (*put)(void *user, BandSide side, const BandEntry *entry);
    int64_t watermark_us; // of both sides: what it proves to meet nobody any more is kept no more
};
// Before rows are added: they will live on, so it is finished with a keeper. `epoch` is greater in
// a later one.
void band_state_keep(BandState *state, int64_t epoch);
// A text that tells forms of kept rows, and what keeps them, apart.
void band_form(const FlowBand *desc, Buffer *out);

#endif
