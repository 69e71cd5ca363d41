// Rows that a table holds already, beside those that came: for `unique`, and for changes that left
// out what a row has.
//
// They come as rows without anything that goes along, in front of all others of their key and
// order. Only those are taken whose key may be among the keys that ask for them: a filter of bits
// tells.
#include "state/sort_internal.h"

enum { SEEN_BITS = 1 << 20, SEEN_WORDS = SEEN_BITS / 64 };

void seen_begin(SortState *state) {
    for (uint32_t i = 0; state->desc->stored_count > 0 && i < state->part_count; i++) {
        state->parts[i].seen = arena_array(&state->arena, uint64_t, SEEN_WORDS);
    }
}

void seen_add(SortPart *part, const char *group, size_t length) {
    if (part->seen != NULL) {
        uint64_t bit = hash64(group, length) % SEEN_BITS;
        part->seen[bit / 64] |= UINT64_C(1) << bit % 64;
        part->is_asking = true;
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

bool sort_state_asks_stored(const SortState *state) {
    bool is_asking = false;
    for (uint32_t i = 0; i < state->part_count; i++) {
        is_asking |= state->parts[i].is_asking;
    }
    return is_asking;
}

#define STORED_SOURCE INT32_MIN // no row that came has it, and it is before them all

// As long as an origin: the source, the owner's hash, and nothing.
static void stored_place_append(Buffer *key, const Hash128 *owner) {
    RowOrigin origin = {.source = STORED_SOURCE};
    size_t start = key->length;
    origin_append(key, &origin);
    memcpy(key->data + start + sizeof(origin.source), owner, sizeof(*owner));
}

bool sort_row_is_stored(const SorterRow *row) {
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
    bool is_fill = state->desc->kind == FLOW_SORT_FILL;
    int64_t time_us = state->desc->within_us < 0 ? 0 : sort_time_of(state, rows, row);
    Hash128 owner = {0};
    if (sort_has_owner(state->desc)) {
        owner = unique_owner(state, rows, row);
    }
    if (is_fill) {
        sort_order_put(state, rows, row, &part->key);
    }
    stored_place_append(&part->key, &owner);
    buffer_clear(&part->payload);
    buffer_append(&part->payload, &time_us, sizeof(time_us));
    buffer_append(&part->payload, &owner, sort_owner_bytes(state->desc));
    if (is_fill) {
        (void)fill_texts_append(state, rows, row);
    }
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
