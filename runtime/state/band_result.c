// Bands: candidates as a batch, and which of them go on.
#include "state/band_internal.h"

// --- a batch -------------------------------------------------------------------------------------

static void sides_read(BandState *state, Batch *batch) {
    BandMerge *merge = &state->merge;
    for (uint32_t i = 0; i < merge->count; i++) {
        const BandCandidate *candidate = &merge->candidates[i];
        merge->bytes[BAND_LEFT][i] = candidate->ours == NULL ? NULL : candidate->ours->bytes;
        merge->bytes[BAND_RIGHT][i] = candidate->theirs == NULL ? NULL : candidate->theirs->bytes;
    }
    uint32_t column = 0;
    for (int side = 0; side < 2; side++) {
        RowSpread spread = {.rows = merge->bytes[side], .count = merge->count};
        row_form_read(state->forms[side], &spread, batch_column(batch, column), &batch->arena);
        column += state->along_count[side];
    }
}

static void times_put(const BandState *state, Batch *batch) {
    const BandMerge *merge = &state->merge;
    uint32_t column = state->along_count[BAND_LEFT] + state->along_count[BAND_RIGHT];
    for (uint32_t i = 0; i < merge->count; i++) {
        const BandCandidate *candidate = &merge->candidates[i];
        int64_t time_us = candidate->ours != NULL
                              ? candidate->ours->time_us
                              : candidate->theirs->time_us - state->desc->ahead_us;
        batch_set(batch, column, i, (FlowValue){.i64 = time_us});
    }
}

// Nothing is left of the records; `offsets` are set for those that go on.
static void origins_put(Batch *batch) {
    batch->abi.source = FLOW_NO_INDEX;
    batch->abi.file = 0;
    batch->abi.raws = NULL;
}

Outcome band_state_next(Sys *sys, BandState *state, Batch *batch) {
    TRY(band_candidates_find(sys, state));
    batch->abi.row_count = (int32_t)state->merge.count;
    if (state->merge.count == 0) {
        return OUTCOME_OK;
    }
    sides_read(state, batch);
    if (state->desc->has_time) {
        times_put(state, batch);
    }
    origins_put(batch);
    batch_select_all(batch);
    return OUTCOME_OK;
}

int32_t band_state_pairs(const BandState *state, int32_t *selection) {
    int32_t count = 0;
    for (uint32_t i = 0; i < state->merge.count; i++) {
        selection[count] = (int32_t)i;
        count += state->merge.candidates[i].kind == BAND_PAIR;
    }
    return count;
}

// --- judgement -----------------------------------------------------------------------------------

static void met_count(BandMerge *merge, BandRow *ours) {
    merge->counts.met += (ours->flags & BAND_IS_MET) == 0;
    ours->flags |= BAND_IS_MET;
}

static void rejected_take(BandMerge *merge, const BandCandidate *pair) {
    met_count(merge, pair->ours);
    merge->counts.results++;
    pair->ours->flags |= BAND_HAS_REJECTED;
    pair->theirs->flags |= BAND_HAS_REJECTED;
}

// Whether a pair that matches goes on.
static bool match_take(BandMerge *merge, const FlowBand *desc, const BandCandidate *pair) {
    bool has_match = (pair->ours->flags & BAND_HAS_MATCH) != 0;
    if (desc->kind == FLOW_JOIN_ANTI || (band_takes_one(desc) && has_match)) {
        pair->ours->flags |= BAND_HAS_MATCH;
        return false;
    }
    met_count(merge, pair->ours);
    pair->ours->flags |= BAND_HAS_MATCH;
    pair->theirs->flags |= BAND_HAS_MATCH;
    return true;
}

static bool stands_alone(BandMerge *merge, const BandCandidate *candidate) {
    bool is_ours = candidate->kind == BAND_OURS_ALONE;
    BandRow *row = is_ours ? candidate->ours : candidate->theirs;
    bool is_alone = (row->flags & (BAND_HAS_MATCH | BAND_HAS_REJECTED)) == 0;
    if (is_ours && is_alone) {
        met_count(merge, row);
    }
    return is_alone;
}

void band_state_judge(BandState *state,
                      const uint8_t *is_match,
                      const uint8_t *is_rejected,
                      FlowBatch *batch) {
    BandMerge *merge = &state->merge;
    int32_t *selection = batch->selection;
    int64_t *offsets = batch->offsets;
    int32_t count = 0;
    for (uint32_t i = 0; i < merge->count; i++) {
        const BandCandidate *candidate = &merge->candidates[i];
        bool goes_on = false;
        offsets[i] = merge->counts.results;
        if (candidate->kind != BAND_PAIR) {
            goes_on = stands_alone(merge, candidate);
        } else if (is_rejected != NULL && is_rejected[i] != 0) {
            rejected_take(merge, candidate);
        } else if (is_match == NULL || is_match[i] != 0) {
            goes_on = match_take(merge, state->desc, candidate);
        }
        selection[count] = (int32_t)i;
        count += goes_on;
        merge->counts.results += goes_on;
    }
    batch->selected_count = count;
}
