// Bands: which rows meet.
//
// Both sides come in the order of key and event time. For each row of ours, those of theirs that
// are near enough are a stretch of the same key's rows, which only moves on with the next row of
// ours. Nothing depends on where a batch ends: each step adds one candidate, or moves on.
#include "state/band_internal.h"

// The row of which nobody can be a partner.
static bool has_no_key(const char *group, size_t length) {
    return length == 1 && group[0] == '\0';
}

static Outcome sequence_next(Sys *sys, BandSequence *sequence) {
    return sorter_next(sys, sequence->sorter, &sequence->row, &sequence->has_row);
}

static int64_t time_at(const BandRow *row, int64_t distance_us) {
    int64_t time_us;
    if (__builtin_add_overflow(row->time_us, distance_us, &time_us)) {
        return distance_us < 0 ? INT64_MIN : INT64_MAX;
    }
    return time_us;
}

static void candidate_add(BandMerge *merge, BandKind kind, BandRow *ours, BandRow *theirs) {
    merge->candidates[merge->count++] =
        (BandCandidate){.kind = kind, .ours = ours, .theirs = theirs};
}

// --- theirs --------------------------------------------------------------------------------------

static void list_append(BandMerge *merge, BandRow *row) {
    row->before = merge->last;
    if (merge->last != NULL) {
        merge->last->next = row;
    }
    merge->last = row;
    merge->alone = merge->alone == NULL ? row : merge->alone;
}

// The first in the list is near to no further row of ours.
static void first_leave(BandMerge *merge, bool comes_out) {
    BandRow *row = merge->alone;
    merge->alone = row->next;
    if (merge->alone == NULL) {
        merge->last = NULL;
    } else {
        merge->alone->before = NULL;
    }
    if (comes_out) {
        candidate_add(merge, BAND_THEIRS_ALONE, NULL, row);
    }
}

static void leaving_settle(BandMerge *merge, const FlowBand *desc) {
    while (!band_keeps_theirs(desc) && merge->alone != merge->near) {
        first_leave(merge, false);
    }
}

// Of a new key nothing is near yet; of the same, what lies too far behind is near no more.
static void near_move_on(BandMerge *merge, const FlowBand *desc, bool is_same_key) {
    int64_t from_us = time_at(merge->ours, desc->low_us);
    while (merge->near != NULL && (!is_same_key || merge->near->time_us < from_us)) {
        merge->near = merge->near->next;
    }
    leaving_settle(merge, desc);
}

typedef enum Place { BEFORE, NEAR, BEHIND } Place;

// Where their next row stands, seen from ours.
static Place place_of(const BandMerge *merge, const FlowBand *desc, const SorterRow *row) {
    const Buffer *group = &merge->group;
    size_t shorter = row->group_length < group->length ? row->group_length : group->length;
    int order = memcmp(row->key, group->data, shorter);
    if (order == 0) {
        order = (row->group_length > group->length) - (row->group_length < group->length);
    }
    if (order != 0) {
        return order < 0 ? BEFORE : BEHIND;
    }
    int64_t time_us = time_read(row->key + row->group_length);
    if (has_no_key(group->data, group->length) || time_us < time_at(merge->ours, desc->low_us)) {
        return BEFORE;
    }
    return time_us <= time_at(merge->ours, desc->high_us) ? NEAR : BEHIND;
}

// Of rows of which only the last can be taken, the others need not be kept.
static bool is_last_enough(const FlowBand *desc) {
    return (desc->keep == FLOW_BAND_NEWEST ||
            (desc->keep == FLOW_BAND_LAST && desc->residual == FLOW_NO_INDEX)) &&
           !band_keeps_theirs(desc);
}

static Outcome theirs_take(Sys *sys, BandMerge *merge, const FlowBand *desc, bool is_near) {
    BandSequence *sequence = &merge->sides[BAND_RIGHT];
    const SorterRow *next = &sequence->row;
    if (desc->keep == FLOW_BAND_NEWEST && has_no_key(next->key, next->group_length)) {
        buffer_append(&merge->truncates, next->key + next->group_length, BAND_PLACE_BYTES);
    }
    if (is_near || band_keeps_theirs(desc)) {
        BandRow *row = band_row_new(&merge->memory[BAND_RIGHT], next);
        list_append(merge, row);
        if (is_near && (merge->near == NULL || is_last_enough(desc))) {
            merge->near = row;
            leaving_settle(merge, desc);
        }
    }
    return sequence_next(sys, sequence);
}

// --- ours ----------------------------------------------------------------------------------------

static Outcome ours_take(Sys *sys, BandMerge *merge, const FlowBand *desc) {
    BandSequence *sequence = &merge->sides[BAND_LEFT];
    const SorterRow *row = &sequence->row;
    bool is_same_key = merge->group.length == row->group_length &&
                       memcmp(merge->group.data, row->key, row->group_length) == 0;
    if (!is_same_key) {
        buffer_clear(&merge->group);
        buffer_append(&merge->group, row->key, row->group_length);
    }
    merge->ours = band_row_new(&merge->memory[BAND_LEFT], row);
    merge->is_gathered = false;
    merge->at = NULL;
    merge->counts.ours++;
    near_move_on(merge, desc, is_same_key);
    return sequence_next(sys, sequence);
}

// Whether all rows were removed between theirs and ours. Places are in order, and all known before
// the first row with a key.
static bool is_truncated(const BandMerge *merge, const BandRow *theirs) {
    const char *places = merge->truncates.data;
    size_t low = 0;
    size_t high = merge->truncates.length / BAND_PLACE_BYTES;
    while (low < high) { // the first that is behind theirs
        size_t middle = (low + high) / 2;
        bool is_behind =
            memcmp(places + middle * BAND_PLACE_BYTES, theirs->place, BAND_PLACE_BYTES) > 0;
        low = is_behind ? low : middle + 1;
        high = is_behind ? middle : high;
    }
    return low * BAND_PLACE_BYTES < merge->truncates.length &&
           time_read(places + low * BAND_PLACE_BYTES) <= merge->ours->time_us;
}

// All that are near are known: which of them are asked. With a rest of `on` all are, even if an
// earlier one matches: what is rejected must not depend on where a batch ends.
static void partners_begin(BandMerge *merge, const FlowBand *desc) {
    bool is_backward = desc->keep == FLOW_BAND_LAST || desc->keep == FLOW_BAND_NEWEST;
    merge->is_gathered = true;
    merge->at = merge->near == NULL ? NULL : is_backward ? merge->last : merge->near;
    if (desc->keep == FLOW_BAND_NEWEST && merge->at != NULL && is_truncated(merge, merge->at)) {
        merge->at = NULL;
    }
    if (desc->kind == FLOW_JOIN_ANTI && desc->residual == FLOW_NO_INDEX) {
        merge->ours->has_match = merge->at != NULL;
        merge->at = NULL;
    }
}

static bool is_first_enough(const FlowBand *desc) {
    return desc->keep == FLOW_BAND_NEWEST ||
           (band_takes_one(desc) && desc->residual == FLOW_NO_INDEX);
}

static void partner_ask(BandMerge *merge, const FlowBand *desc) {
    BandRow *theirs = merge->at;
    candidate_add(merge, BAND_PAIR, merge->ours, theirs);
    if (is_first_enough(desc)) {
        merge->at = NULL;
    } else if (desc->keep == FLOW_BAND_LAST) {
        merge->at = theirs == merge->near ? NULL : theirs->before;
    } else {
        merge->at = theirs->next;
    }
}

static void ours_finish(BandMerge *merge, const FlowBand *desc) {
    bool may_stand_alone = desc->kind == FLOW_JOIN_LEFT || desc->kind == FLOW_JOIN_FULL ||
                           desc->kind == FLOW_JOIN_ANTI;
    if (may_stand_alone && !merge->ours->has_match) {
        candidate_add(merge, BAND_OURS_ALONE, merge->ours, NULL);
    }
    merge->ours = NULL;
}

// --- candidates ----------------------------------------------------------------------------------

// One step; false: there is nothing left to do.
static Outcome step(Sys *sys, BandMerge *merge, const FlowBand *desc, bool *goes_on) {
    const BandSequence *theirs = &merge->sides[BAND_RIGHT];
    if (merge->alone != merge->near) {
        first_leave(merge, true);
    } else if (merge->ours != NULL && !merge->is_gathered) {
        Place place = theirs->has_row ? place_of(merge, desc, &theirs->row) : BEHIND;
        if (place != BEHIND) {
            return theirs_take(sys, merge, desc, place == NEAR);
        }
        partners_begin(merge, desc);
    } else if (merge->ours != NULL && merge->at != NULL) {
        partner_ask(merge, desc);
    } else if (merge->ours != NULL) {
        ours_finish(merge, desc);
    } else if (merge->sides[BAND_LEFT].has_row) {
        return ours_take(sys, merge, desc);
    } else if (merge->near != NULL) {
        merge->near = NULL;
        leaving_settle(merge, desc);
    } else if (band_keeps_theirs(desc) && theirs->has_row) {
        return theirs_take(sys, merge, desc, false);
    } else {
        *goes_on = false;
    }
    return OUTCOME_OK;
}

// What the candidates of the batch before were made of is not needed any more.
static void memory_settle(BandMerge *merge) {
    band_rows_forget(&merge->memory[BAND_LEFT], merge->ours);
    band_rows_forget(&merge->memory[BAND_RIGHT], merge->alone);
}

static Outcome merge_begin(Sys *sys, BandState *state) {
    BandMerge *merge = &state->merge;
    merge->is_begun = true;
    merge->candidates = arena_array(&state->arena, BandCandidate, FLOW_BATCH_ROWS_MAX);
    merge->bytes[BAND_LEFT] = arena_array(&state->arena, const char *, FLOW_BATCH_ROWS_MAX);
    merge->bytes[BAND_RIGHT] = arena_array(&state->arena, const char *, FLOW_BATCH_ROWS_MAX);
    TRY(sequence_next(sys, &merge->sides[BAND_LEFT]));
    return sequence_next(sys, &merge->sides[BAND_RIGHT]);
}

Outcome band_candidates_find(Sys *sys, BandState *state) {
    BandMerge *merge = &state->merge;
    if (!merge->is_begun) {
        TRY(merge_begin(sys, state));
    }
    memory_settle(merge);
    merge->count = 0;
    bool goes_on = true;
    while (goes_on && merge->count < FLOW_BATCH_ROWS_MAX) {
        TRY(step(sys, merge, state->desc, &goes_on));
    }
    return OUTCOME_OK;
}
