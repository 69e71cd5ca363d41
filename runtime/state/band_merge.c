// Bands: which rows meet.
//
// Both sides come in the order of key and event time. For each row of ours, those of theirs that
// are near enough are a stretch of the same key's rows, which only moves on with the next row of
// ours. Nothing depends on where a batch ends: each step adds one candidate, or moves on.
//
// Rows that were kept by an earlier state are met by new ones only: among themselves they have met.
#include "state/band_internal.h"

enum { BLOCKS_MADE_MAX = 64 };

// The row of which nobody can be a partner.
static bool has_no_key(const char *group, size_t length) {
    return length == 1 && group[0] == '\0';
}

// --- a side --------------------------------------------------------------------------------------

static Outcome fresh_next(Sys *sys, BandSequence *sequence) {
    return sorter_next(sys, sequence->sorter, &sequence->fresh.row, &sequence->fresh.has_row);
}

static bool is_before(const SorterRow *a, const SorterRow *b) {
    size_t shorter = a->key_length < b->key_length ? a->key_length : b->key_length;
    int order = memcmp(a->key, b->key, shorter);
    return order != 0 ? order < 0 : a->key_length < b->key_length;
}

static void next_choose(BandSequence *sequence) {
    bool is_old = sequence->old.has_row &&
                  (!sequence->fresh.has_row || is_before(&sequence->old.row, &sequence->fresh.row));
    sequence->next = is_old ? &sequence->old : &sequence->fresh;
}

static Outcome sequence_next(Sys *sys, BandState *state, BandSide side) {
    BandSequence *sequence = &state->merge.sides[side];
    if (sequence->next == &sequence->old) {
        TRY(band_kept_next(state, side, &sequence->old));
    } else {
        TRY(fresh_next(sys, sequence));
    }
    next_choose(sequence);
    return OUTCOME_OK;
}

static Outcome sequence_begin(Sys *sys, BandState *state, BandSide side) {
    BandSequence *sequence = &state->merge.sides[side];
    TRY(fresh_next(sys, sequence));
    if (state->is_keeping) {
        TRY(band_kept_next(state, side, &sequence->old));
    }
    next_choose(sequence);
    return OUTCOME_OK;
}

// --- theirs --------------------------------------------------------------------------------------

static void candidate_add(BandMerge *merge, BandKind kind, BandRow *ours, BandRow *theirs) {
    merge->candidates[merge->count++] =
        (BandCandidate){.kind = kind, .ours = ours, .theirs = theirs};
}

static void settle_later(BandMerge *merge, BandSide side, const BandRow *row) {
    buffer_append(&merge->settling[side], &row, sizeof(row));
}

static void list_append(BandMerge *merge, BandRow *row) {
    row->before = merge->last;
    if (merge->last != NULL) {
        merge->last->next = row;
    }
    merge->last = row;
    merge->alone = merge->alone == NULL ? row : merge->alone;
}

// The first in the list is near to no further row of ours.
static void first_leave(BandState *state) {
    BandMerge *merge = &state->merge;
    BandRow *row = merge->alone;
    merge->alone = row->next;
    if (merge->alone == NULL) {
        merge->last = NULL;
    } else {
        merge->alone->before = NULL;
    }
    if (band_gives_theirs_alone(state->desc) && row->is_finished) {
        candidate_add(merge, BAND_THEIRS_ALONE, NULL, row);
    }
    if (state->is_keeping) {
        settle_later(merge, BAND_RIGHT, row);
    }
}

static void leaving_settle(BandState *state) {
    while (!band_holds_theirs(state) && state->merge.alone != state->merge.near) {
        first_leave(state);
    }
}

// Of a new key nothing is near yet; of the same, what lies too far behind is near no more.
static void near_move_on(BandState *state, bool is_same_key) {
    BandMerge *merge = &state->merge;
    int64_t from_us = band_time_at(merge->ours->time_us, state->desc->low_us);
    while (merge->near != NULL && (!is_same_key || merge->near->time_us < from_us)) {
        merge->near = merge->near->next;
    }
    leaving_settle(state);
}

typedef enum Place { BEFORE, NEAR, BEHIND } Place;

// Where their next row stands, seen from ours.
static Place place_of(const BandMerge *merge, const FlowBand *desc, const SorterRow *row) {
    const Buffer *group = &merge->group;
    size_t shorter = row->group_length < group->length ? row->group_length : group->length;
    int order = shorter == 0 ? 0 : memcmp(row->key, group->data, shorter);
    if (order == 0) {
        order = (row->group_length > group->length) - (row->group_length < group->length);
    }
    if (order != 0) {
        return order < 0 ? BEFORE : BEHIND;
    }
    int64_t time_us = time_read(row->key + row->group_length);
    int64_t ours_us = merge->ours->time_us;
    if (has_no_key(group->data, group->length) || time_us < band_time_at(ours_us, desc->low_us)) {
        return BEFORE;
    }
    return time_us <= band_time_at(ours_us, desc->high_us) ? NEAR : BEHIND;
}

// Of rows of which only the last can be taken, the others need not be held.
static bool is_last_enough(const BandState *state) {
    const FlowBand *desc = state->desc;
    return (desc->keep == FLOW_BAND_NEWEST ||
            (desc->keep == FLOW_BAND_LAST && !band_has_rest(desc))) &&
           !band_holds_theirs(state);
}

static Outcome theirs_take(Sys *sys, BandState *state, bool is_near) {
    BandMerge *merge = &state->merge;
    const FlowBand *desc = state->desc;
    const BandNext *next = merge->sides[BAND_RIGHT].next;
    size_t group = next->row.group_length;
    if (desc->keep == FLOW_BAND_NEWEST && has_no_key(next->row.key, group)) {
        buffer_append(&merge->truncates, next->row.key + group, TIME_BYTES + ORIGIN_BYTES);
    }
    if (is_near || band_holds_theirs(state)) {
        BandRow *row = band_row_new(&merge->memory[BAND_RIGHT], next);
        row->is_finished = band_is_passed(state, row->time_us, desc->theirs_wait_us);
        list_append(merge, row);
        if (is_near && (merge->near == NULL || is_last_enough(state))) {
            merge->near = row;
            leaving_settle(state);
        }
    }
    return sequence_next(sys, state, BAND_RIGHT);
}

// --- ours ----------------------------------------------------------------------------------------

static Outcome ours_take(Sys *sys, BandState *state) {
    BandMerge *merge = &state->merge;
    const BandNext *next = merge->sides[BAND_LEFT].next;
    const SorterRow *row = &next->row;
    bool is_same_key =
        merge->group.length == row->group_length &&
        (row->group_length == 0 || memcmp(merge->group.data, row->key, row->group_length) == 0);
    if (!is_same_key) {
        buffer_clear(&merge->group);
        buffer_append(&merge->group, row->key, row->group_length);
    }
    merge->ours = band_row_new(&merge->memory[BAND_LEFT], next);
    merge->ours->is_finished =
        band_is_passed(state, merge->ours->time_us, state->desc->ours_wait_us);
    merge->is_gathered = false;
    merge->at = NULL;
    near_move_on(state, is_same_key);
    return sequence_next(sys, state, BAND_LEFT);
}

// Whether all rows were removed between theirs and ours. Places are in order, and all known before
// the first row with a key.
static bool is_truncated(const BandMerge *merge, const BandRow *theirs) {
    enum { PLACE_BYTES = TIME_BYTES + ORIGIN_BYTES };
    const char *places = merge->truncates.data;
    const char *own = theirs->key + theirs->group_length;
    size_t count = merge->truncates.length / PLACE_BYTES;
    size_t low = 0;
    size_t high = count;
    while (low < high) { // the first that is behind theirs
        size_t middle = (low + high) / 2;
        bool is_behind = memcmp(places + middle * PLACE_BYTES, own, PLACE_BYTES) > 0;
        low = is_behind ? low : middle + 1;
        high = is_behind ? middle : high;
    }
    return low < count && time_read(places + low * PLACE_BYTES) <= merge->ours->time_us;
}

// Whether the best of all matches is among those that there are.
static bool is_decided(const BandState *state) {
    const FlowBand *desc = state->desc;
    const BandRow *first = state->merge.near;
    if (state->merge.ours->is_finished || desc->keep == FLOW_BAND_ALL) {
        return true;
    }
    return desc->keep == FLOW_BAND_FIRST && !band_has_rest(desc) && first != NULL &&
           band_is_passed(state, first->time_us, desc->first_wait_us);
}

// All that are near are known: which of them are asked. With a rest of `on` all are, even if an
// earlier one matches: what is rejected must not depend on where a batch ends.
static void partners_begin(BandState *state) {
    BandMerge *merge = &state->merge;
    const FlowBand *desc = state->desc;
    bool is_backward = desc->keep == FLOW_BAND_LAST || desc->keep == FLOW_BAND_NEWEST;
    merge->is_gathered = true;
    merge->at = merge->near == NULL ? NULL : is_backward ? merge->last : merge->near;
    bool is_gone =
        desc->keep == FLOW_BAND_NEWEST && merge->at != NULL && is_truncated(merge, merge->at);
    if (is_gone || !is_decided(state)) {
        merge->at = NULL;
    }
    if (desc->kind == FLOW_JOIN_ANTI && !band_has_rest(desc)) {
        merge->ours->flags |= merge->at != NULL ? BAND_HAS_MATCH : 0;
        merge->at = NULL;
    }
}

static bool is_first_enough(const FlowBand *desc) {
    return desc->keep == FLOW_BAND_NEWEST || (band_takes_one(desc) && !band_has_rest(desc));
}

static void partner_ask(BandMerge *merge, const FlowBand *desc) {
    BandRow *theirs = merge->at;
    bool have_met = merge->ours->is_old && theirs->is_old && desc->keep == FLOW_BAND_ALL;
    if (!have_met) {
        candidate_add(merge, BAND_PAIR, merge->ours, theirs);
    }
    if (!have_met && is_first_enough(desc)) {
        merge->at = NULL;
    } else if (desc->keep == FLOW_BAND_LAST) {
        merge->at = theirs == merge->near ? NULL : theirs->before;
    } else {
        merge->at = theirs->next;
    }
}

static void ours_finish(BandState *state) {
    BandMerge *merge = &state->merge;
    FlowJoinKind kind = (FlowJoinKind)state->desc->kind;
    bool may_stand_alone =
        kind == FLOW_JOIN_LEFT || kind == FLOW_JOIN_FULL || kind == FLOW_JOIN_ANTI;
    if (may_stand_alone && merge->ours->is_finished && (merge->ours->flags & BAND_HAS_MATCH) == 0) {
        candidate_add(merge, BAND_OURS_ALONE, merge->ours, NULL);
    }
    settle_later(merge, BAND_LEFT, merge->ours);
    merge->ours = NULL;
}

// --- candidates ----------------------------------------------------------------------------------

// One step; *goes_on: there is something left to do.
static Outcome step(Sys *sys, BandState *state, bool *goes_on) {
    BandMerge *merge = &state->merge;
    const BandNext *theirs = merge->sides[BAND_RIGHT].next;
    if (merge->alone != merge->near) {
        first_leave(state);
    } else if (merge->ours != NULL && !merge->is_gathered) {
        Place place = theirs->has_row ? place_of(merge, state->desc, &theirs->row) : BEHIND;
        if (place != BEHIND) {
            return theirs_take(sys, state, place == NEAR);
        }
        partners_begin(state);
    } else if (merge->ours != NULL && merge->at != NULL) {
        partner_ask(merge, state->desc);
    } else if (merge->ours != NULL) {
        ours_finish(state);
    } else if (merge->sides[BAND_LEFT].next->has_row) {
        return ours_take(sys, state);
    } else if (merge->near != NULL) {
        merge->near = NULL;
        leaving_settle(state);
    } else if (band_holds_theirs(state) && theirs->has_row) {
        return theirs_take(sys, state, false);
    } else {
        *goes_on = false;
    }
    return OUTCOME_OK;
}

// What the candidates before were made of is not needed any more.
static Outcome rows_forget(BandState *state) {
    BandMerge *merge = &state->merge;
    TRY(band_rows_settle(state));
    band_rows_forget(&merge->memory[BAND_LEFT], merge->ours);
    band_rows_forget(&merge->memory[BAND_RIGHT], merge->alone);
    return OUTCOME_OK;
}

static Outcome merge_begin(Sys *sys, BandState *state) {
    BandMerge *merge = &state->merge;
    merge->is_begun = true;
    merge->candidates = arena_array(&state->arena, BandCandidate, FLOW_BATCH_ROWS_MAX);
    merge->bytes[BAND_LEFT] = arena_array(&state->arena, const char *, FLOW_BATCH_ROWS_MAX);
    merge->bytes[BAND_RIGHT] = arena_array(&state->arena, const char *, FLOW_BATCH_ROWS_MAX);
    TRY(sequence_begin(sys, state, BAND_LEFT));
    return sequence_begin(sys, state, BAND_RIGHT);
}

static uint32_t block_count(const BandMerge *merge) {
    return merge->memory[BAND_LEFT].block_count + merge->memory[BAND_RIGHT].block_count;
}

// Few rows may have partners, and many not: the memory of these goes as soon as nothing waits to be
// judged, so a batch may end before it is full.
Outcome band_candidates_find(Sys *sys, BandState *state) {
    BandMerge *merge = &state->merge;
    if (!merge->is_begun) {
        TRY(merge_begin(sys, state));
    }
    merge->count = 0;
    TRY(rows_forget(state));
    uint32_t blocks = block_count(merge);
    bool goes_on = true;
    while (goes_on && merge->count < FLOW_BATCH_ROWS_MAX) {
        TRY(step(sys, state, &goes_on));
        if (block_count(merge) > blocks + BLOCKS_MADE_MAX) {
            if (merge->count > 0) {
                return OUTCOME_OK;
            }
            TRY(rows_forget(state));
            blocks = block_count(merge);
        }
    }
    return merge->count > 0 ? OUTCOME_OK : rows_forget(state);
}
