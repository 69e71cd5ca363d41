// `unique`: which rows are the first with their key, among those that came and, in a table, those
// that it holds already.
//
// Stored rows come as rows without a payload whose place is before every other. Only those are
// taken whose key may be among the keys that came: a filter of bits tells. Where the table has a
// key of its own, the rows that hold a value are remembered by the hash of that key, so that a
// change may repeat what its row has.
#include "state/sort_internal.h"

enum { SEEN_BITS = 1 << 20, SEEN_WORDS = SEEN_BITS / 64 };

void unique_begin(SortState *state) {
    for (uint32_t i = 0; state->desc->stored_count > 0 && i < state->part_count; i++) {
        state->parts[i].seen = arena_array(&state->arena, uint64_t, SEEN_WORDS);
    }
}

void unique_seen_add(const SortPart *part, const char *group, size_t length) {
    if (part->seen != NULL) {
        uint64_t bit = hash64(group, length) % SEEN_BITS;
        part->seen[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

static bool is_seen(const SortState *state, const Buffer *group) {
    uint64_t bit = hash64(group->data, group->length) % SEEN_BITS;
    bool is_set = false;
    for (uint32_t i = 0; i < state->part_count; i++) {
        is_set |= (state->parts[i].seen[bit / 64] >> bit % 64 & 1) != 0;
    }
    return is_set;
}

Hash128 unique_owner(const SortState *state, const StateRows *rows, int32_t row) {
    Buffer *owner = &state->parts[rows->part].owner;
    buffer_clear(owner);
    sort_order_put(state, rows, row, owner);
    return hash128(owner->data, owner->length);
}

// --- what is stored -----------------------------------------------------------------------------

#define STORED_SOURCE INT32_MIN // no row that came has it, and it is before them all

// As long as an origin: the source, the owner's hash, and nothing.
static void stored_place_append(Buffer *key, const Hash128 *owner) {
    RowOrigin origin = {.source = STORED_SOURCE};
    size_t start = key->length;
    origin_append(key, &origin);
    memcpy(key->data + start + sizeof(origin.source), owner, sizeof(*owner));
}

static bool is_stored(const SorterRow *row) {
    return origin_read(row->key + row->key_length - ORIGIN_BYTES).source == STORED_SOURCE;
}

// A time that is null is near to none.
static bool has_time(const SortState *state, const StateRows *rows, int32_t row) {
    int32_t time = state->desc->event_time;
    if (state->desc->within_us < 0 || time == FLOW_NO_INDEX) {
        return true;
    }
    const FlowColumn *columns = rows->batch->columns;
    const uint8_t *validity = columns[rows->slots[time]].validity;
    return validity == NULL || validity[row] != 0;
}

static Outcome stored_add(Sys *sys, SortState *state, const StateRows *rows, int32_t row) {
    SortPart *part = &state->parts[rows->part];
    buffer_clear(&part->key);
    if (!sort_group_put(state, rows, row, &part->key) || !is_seen(state, &part->key) ||
        !has_time(state, rows, row)) {
        return OUTCOME_OK;
    }
    size_t group_length = part->key.length;
    int64_t time_us = state->desc->within_us < 0 ? 0 : sort_time_of(state, rows, row);
    Hash128 owner = {0};
    if (sort_has_owner(state->desc)) {
        owner = unique_owner(state, rows, row);
    }
    stored_place_append(&part->key, &owner);
    buffer_clear(&part->payload);
    buffer_append(&part->payload, &time_us, sizeof(time_us));
    buffer_append(&part->payload, &owner, sort_owner_bytes(state->desc));
    SorterRow stored = {.key = part->key.data,
                        .key_length = part->key.length,
                        .group_length = group_length,
                        .payload = part->payload.data,
                        .payload_length = part->payload.length};
    return sorter_add(sys, state->sorter, rows->part, &stored);
}

Outcome sort_state_add_stored(Sys *sys, SortState *state, const StateRows *rows) {
    const int32_t *selection = rows->batch->selection;
    for (int32_t i = 0; i < rows->batch->selected_count; i++) {
        TRY(stored_add(sys, state, rows, selection[i]));
    }
    return OUTCOME_OK;
}

// --- judging ------------------------------------------------------------------------------------

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
    if (is_stored(row)) {
        stored_take(state, row);
        return OUTCOME_OK;
    }
    return sort_arrival_add(sys, state, row, !is_first(state, row));
}
