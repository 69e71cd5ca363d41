// `unique`: which rows are the first with their key, among those that came and, in a table, those
// that it holds already.
//
// Where the table has a key of its own, the rows that hold a value are remembered by the hash of
// that key, so that a change may repeat what its row has.
#include "state/sort_internal.h"

Hash128 unique_owner(const SortState *state, const StateRows *rows, int32_t row) {
    Buffer *owner = &state->parts[rows->part].owner;
    buffer_clear(owner);
    sort_order_put(state, rows, row, owner);
    return hash128(owner->data, owner->length);
}

// The stored ones came in the order of their bytes, and one that came later is alone.
static bool owners_have(const SortState *state, const char *owner) {
    size_t low = 0;
    size_t high = state->owners.length / sizeof(Hash128);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(state->owners.data + middle * sizeof(Hash128), owner, sizeof(Hash128));
        if (order == 0) {
            return true;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return false;
}

static void stored_take(SortState *state, const SorterRow *row) {
    const char *owner = row->payload + TIME_BYTES;
    time_set_take(&state->times, sort_payload_time(row));
    if (sort_has_owner(state->desc) && !owners_have(state, owner)) {
        buffer_append(&state->owners, owner, sizeof(Hash128));
    }
}

static bool is_first(SortState *state, const SorterRow *row) {
    const char *owner = row->payload + TIME_BYTES;
    if (!sort_has_owner(state->desc)) {
        return time_set_add(&state->times, sort_payload_time(row));
    }
    if (state->owners.length > 0) {
        return owners_have(state, owner);
    }
    buffer_append(&state->owners, owner, sizeof(Hash128));
    return true;
}

Outcome unique_judge(Sys *sys, SortState *state, const SorterRow *row) {
    if (sort_group_changes(state, row)) {
        time_set_clear(&state->times);
        buffer_clear(&state->owners);
    }
    if (sort_row_is_stored(row)) {
        stored_take(state, row);
        return OUTCOME_OK;
    }
    return sort_arrival_add(sys, state, row, !is_first(state, row));
}
