// Sorts: how rows come in, and which of those that are near to each other stay.
//
// A row's key is the bytes of its group (the window's end first), of its order values (turned over
// if they descend) and of its place in the canonical order; the sorter does the rest. What `dedup`
// and `unique` pass on is sorted once more, into the order in which it came; who is unique is said
// in sort_unique.c.
#include "state/sort_internal.h"

SortState *sort_state_new(const FlowSort *desc, const StateOptions *options) {
    SortState *state = memory_alloc(sizeof(SortState));
    *state = (SortState){.desc = desc, .part_count = options->part_count};
    bool is_resorted = sort_is_resorted(desc);
    SorterOptions sorting = {.part_count = options->part_count,
                             .memory_bytes = options->memory_bytes / (is_resorted ? 2 : 1),
                             .directory = options->directory,
                             .limit = desc->kind == FLOW_SORT_TOP ? desc->limit : -1};
    int64_t first = sort_along_first(desc);
    state->along_count = (uint32_t)(desc->columns_count - first);
    state->form = row_form_new(&state->arena, desc->columns + first, state->along_count);
    state->sorter = sorter_new(&sorting);
    sorting.part_count++; // the last is for what comes out of the first sorter
    state->arrivals = is_resorted ? sorter_new(&sorting) : NULL;
    state->parts = arena_array(&state->arena, SortPart, options->part_count);
    for (uint32_t i = 0; i < options->part_count; i++) {
        row_writer_init(&state->parts[i].writer, state->form);
        state->parts[i].picked = arena_array(&state->arena, int32_t, FLOW_BATCH_ROWS_MAX);
    }
    state->part_bytes_max = options->memory_bytes / 2 / options->part_count;
    sort_blocks_init(state);
    sort_bounds_init(state);
    seen_begin(state);
    fill_begin(state);
    state->times.within_us = desc->within_us;
    state->slot = arena_alloc(&state->arena, (size_t)desc->slot_bytes + 1);
    return state;
}

void sort_state_free(Sys *sys, SortState *state) {
    if (state == NULL) {
        return;
    }
    for (uint32_t i = 0; i < state->part_count; i++) {
        sort_blocks_free(&state->parts[i]);
        row_writer_free(&state->parts[i].writer);
        buffer_free(&state->parts[i].key);
        buffer_free(&state->parts[i].payload);
        buffer_free(&state->parts[i].owner);
    }
    sorter_free(sys, state->sorter);
    sorter_free(sys, state->arrivals);
    time_set_free(&state->times);
    buffer_free(&state->owners);
    buffer_free(&state->kept.times);
    fill_free(state);
    buffer_free(&state->group);
    buffer_free(&state->last);
    buffer_free(&state->key);
    arena_free(&state->group_arena);
    arena_free(&state->arena);
    memory_free(state);
}

int64_t sort_state_filtered(const SortState *state) {
    return state->filtered + (state->sorter == NULL ? 0 : sorter_dropped(state->sorter));
}

// --- in -----------------------------------------------------------------------------------------

static bool goes_by_arrival(const FlowSort *desc) {
    return sort_keeps_place(desc) || (desc->kind == FLOW_SORT_DEDUP && !desc->keep_last);
}

typedef struct SortedColumn {
    const FlowTypeDesc *type;
    const FlowColumn *column;
} SortedColumn;

static SortedColumn column_at(const SortState *state, const StateRows *rows, int32_t column) {
    const FlowColumn *columns = rows->batch->columns;
    return (SortedColumn){state->desc->columns[column].type, &columns[rows->slots[column]]};
}

bool sort_group_put(const SortState *state, const StateRows *rows, int32_t row, Buffer *key) {
    const FlowSort *desc = state->desc;
    bool is_whole = true;
    if (desc->window_end != FLOW_NO_INDEX) {
        SortedColumn end = column_at(state, rows, desc->window_end);
        column_key_append(end.type, end.column, (uint32_t)row, key);
    }
    for (int32_t i = 0; i < desc->key_count; i++) {
        SortedColumn part = column_at(state, rows, i);
        is_whole &= column_key_append(part.type, part.column, (uint32_t)row, key);
    }
    return is_whole;
}

void sort_order_put(const SortState *state, const StateRows *rows, int32_t row, Buffer *key) {
    const FlowSort *desc = state->desc;
    size_t before = key->length;
    for (int32_t i = 0; i < desc->order_count; i++) {
        SortedColumn value = column_at(state, rows, desc->key_count + i);
        column_key_append(value.type, value.column, (uint32_t)row, key);
    }
    for (size_t i = before; desc->is_descending && i < key->length; i++) {
        key->data[i] = (char)~key->data[i];
    }
}

int64_t sort_time_of(const SortState *state, const StateRows *rows, int32_t row) {
    if (state->desc->kind == FLOW_SORT_FILL || state->desc->event_time == FLOW_NO_INDEX) {
        return 0;
    }
    SortedColumn time = column_at(state, rows, state->desc->event_time);
    return ((const int64_t *)time.column->values)[row];
}

static void payload_put(
    const SortState *state, SortPart *part, uint32_t index, int64_t time_us, const Hash128 *owner) {
    const RowWriter *writer = &part->writer;
    buffer_clear(&part->payload);
    if (state->arrivals != NULL) {
        buffer_append(&part->payload, &time_us, sizeof(time_us));
    }
    if (owner != NULL) {
        buffer_append(&part->payload, owner, sizeof(*owner));
    }
    buffer_append(&part->payload,
                  writer->bytes.data + writer->starts[index],
                  writer->starts[index + 1] - writer->starts[index]);
}

// The row's place among those that have the same key and order.
static void
place_put(const SortState *state, Buffer *key, const RowOrigin *origin, int64_t time_us) {
    if (key->length == 0) {
        buffer_char(key, KEY_TAG);
    }
    if (!goes_by_arrival(state->desc)) {
        time_append(key, time_us);
    }
    origin_append(key, origin);
}

// A null key is nobody's equal.
static Outcome alone_add(
    Sys *sys, SortState *state, const StateRows *rows, uint32_t index, const RowOrigin *origin) {
    SortPart *part = &state->parts[rows->part];
    payload_put(state, part, index, 0, NULL);
    buffer_clear(&part->key);
    buffer_char(&part->key, KEY_TAG);
    origin_append(&part->key, origin);
    SorterRow row = {.key = part->key.data,
                     .key_length = part->key.length,
                     .payload = part->payload.data,
                     .payload_length = part->payload.length};
    return sorter_add(sys, state->arrivals, rows->part, &row);
}

bool sort_key_make(SortState *state,
                   const StateRows *rows,
                   int32_t row,
                   const RowOrigin *origin,
                   SorterRow *made) {
    Buffer *key = &state->parts[rows->part].key;
    buffer_clear(key);
    bool is_whole = sort_group_put(state, rows, row, key);
    size_t group_length = key->length;
    if (!sort_has_owner(state->desc)) {
        sort_order_put(state, rows, row, key);
    }
    place_put(state, key, origin, sort_time_of(state, rows, row));
    *made = (SorterRow){.key = key->data, .key_length = key->length, .group_length = group_length};
    return is_whole;
}

static Outcome
row_add(Sys *sys, SortState *state, const StateRows *rows, int32_t row, uint32_t index) {
    SortPart *part = &state->parts[rows->part];
    RowOrigin origin = row_origin(rows, row);
    SorterRow sorted;
    Hash128 owner;
    bool has_owner = sort_has_owner(state->desc);
    if (!sort_key_make(state, rows, row, &origin, &sorted) &&
        state->desc->kind == FLOW_SORT_UNIQUE) {
        return alone_add(sys, state, rows, index, &origin);
    }
    if (has_owner) {
        owner = unique_owner(state, rows, row);
    }
    if (state->desc->kind == FLOW_SORT_UNIQUE) {
        seen_add(part, sorted.key, sorted.group_length);
    }
    payload_put(state, part, index, sort_time_of(state, rows, row), has_owner ? &owner : NULL);
    if (state->desc->kind == FLOW_SORT_FILL && fill_texts_append(state, rows, row)) {
        seen_add(part, sorted.key, sorted.group_length);
    }
    sorted.payload = part->payload.data;
    sorted.payload_length = part->payload.length;
    return sorter_add(sys, state->sorter, rows->part, &sorted);
}

Outcome sort_rows_add(Sys *sys, SortState *state, const StateRows *rows) {
    const FlowSort *desc = state->desc;
    SortPart *part = &state->parts[rows->part];
    RowPick pick = {.batch = rows->batch,
                    .slots = rows->slots + sort_along_first(desc),
                    .rows = rows->batch->selection,
                    .count = (uint32_t)rows->batch->selected_count};
    int64_t dropped = sorter_part_dropped(state->sorter, rows->part);
    if (part->is_picking) {
        sort_rows_pick(state, rows, &pick);
    }
    row_writer_write(&part->writer, &pick);
    for (uint32_t i = 0; i < pick.count; i++) {
        TRY(row_add(sys, state, rows, pick.rows[i], i));
    }
    dropped = sorter_part_dropped(state->sorter, rows->part) - dropped;
    part->is_picking = desc->kind == FLOW_SORT_TOP && dropped * 2 > rows->batch->selected_count;
    return OUTCOME_OK;
}

Outcome sort_state_add(Sys *sys, SortState *state, const StateRows *rows) {
    if (state->parts[rows->part].has_blocks) {
        if (sort_block_add(state, rows)) {
            return OUTCOME_OK;
        }
        TRY(sort_blocks_leave(sys, state, rows->part));
    }
    return sort_rows_add(sys, state, rows);
}

void sort_state_seal(SortState *state, uint32_t part) {
    if (!state->parts[part].has_blocks) {
        sorter_seal(state->sorter, part);
    }
}

// --- near rows ----------------------------------------------------------------------------------

bool sort_group_changes(SortState *state, const SorterRow *row) {
    bool is_same = state->has_group && state->group.length == row->group_length &&
                   memcmp(state->group.data, row->key, row->group_length) == 0;
    if (!is_same) {
        state->has_group = true;
        buffer_clear(&state->group);
        buffer_reserve(&state->group, 1); // An empty key has a place, too.
        buffer_append(&state->group, row->key, row->group_length);
    }
    return !is_same;
}

int64_t sort_payload_time(const SorterRow *row) {
    int64_t time_us;
    memcpy(&time_us, row->payload, sizeof(time_us));
    return time_us;
}

// Instead of its time the payload says whether the row is rejected.
Outcome sort_arrival_add(Sys *sys, SortState *state, const SorterRow *row, bool is_rejected) {
    size_t place_length = ORIGIN_BYTES + (goes_by_arrival(state->desc) ? 0 : TIME_BYTES);
    uint64_t mark = is_rejected;
    size_t skipped = sizeof(mark) + sort_owner_bytes(state->desc);
    buffer_clear(&state->key);
    buffer_char(&state->key, KEY_TAG);
    buffer_append(&state->key, row->key + row->key_length - place_length, place_length);
    buffer_append(&state->key, &mark, sizeof(mark));
    buffer_append(&state->key, row->payload + skipped, row->payload_length - skipped);
    SorterRow arrived = {.key = state->key.data,
                         .key_length = 1 + place_length,
                         .payload = state->key.data + 1 + place_length,
                         .payload_length = row->payload_length - skipped + sizeof(mark)};
    return sorter_add(sys, state->arrivals, state->part_count, &arrived);
}

// What was kept of a key is written before the next one is looked for.
static Outcome key_judge(SortState *state, const SorterRow *row) {
    bool is_same = state->has_group && state->group.length == row->group_length &&
                   memcmp(state->group.data, row->key, row->group_length) == 0;
    if (is_same) {
        return OUTCOME_OK;
    }
    TRY(sort_kept_end(state));
    (void)sort_group_changes(state, row);
    time_set_clear(&state->times);
    return state->kept.is_on ? sort_kept_begin(state) : OUTCOME_OK;
}

static Outcome first_judge(Sys *sys, SortState *state, const SorterRow *row) {
    if (state->desc->kind == FLOW_SORT_FILL) {
        return fill_judge(sys, state, row);
    }
    if (state->desc->kind == FLOW_SORT_UNIQUE) {
        return unique_judge(sys, state, row);
    }
    TRY(key_judge(state, row));
    bool is_passed = time_set_add(&state->times, sort_payload_time(row));
    state->filtered += !is_passed;
    if (!is_passed) {
        return OUTCOME_OK;
    }
    if (state->kept.is_on) {
        sort_kept_passed(state, sort_payload_time(row));
    }
    return sort_arrival_add(sys, state, row, false);
}

static Outcome last_pass(Sys *sys, SortState *state) {
    if (!state->has_last) {
        return OUTCOME_OK;
    }
    SorterRow row = {.key = state->last.data,
                     .key_length = state->last_key_length,
                     .payload = state->last.data + state->last_key_length,
                     .payload_length = state->last.length - state->last_key_length};
    state->has_last = false;
    return sort_arrival_add(sys, state, &row, false);
}

static bool is_within(const SortState *state, int64_t time_us) {
    uint64_t distance = (uint64_t)time_us - (uint64_t)state->first_us; // Times ascend.
    return state->desc->within_us < 0 || distance <= (uint64_t)state->desc->within_us;
}

// Rows come in the order of event time: the first begins a span, the last in it is passed on.
static Outcome last_judge(Sys *sys, SortState *state, const SorterRow *row) {
    int64_t time_us = sort_payload_time(row);
    bool is_first = sort_group_changes(state, row) || !is_within(state, time_us);
    if (is_first) {
        TRY(last_pass(sys, state));
        state->first_us = time_us;
    }
    state->filtered += !is_first;
    buffer_clear(&state->last);
    buffer_append(&state->last, row->key, row->key_length);
    buffer_append(&state->last, row->payload, row->payload_length);
    state->last_key_length = row->key_length;
    state->has_last = true;
    return OUTCOME_OK;
}

static Outcome rows_judge(Sys *sys, SortState *state) {
    SorterRow row;
    bool has_row = false;
    TRY(sorter_next(sys, state->sorter, &row, &has_row));
    while (has_row) {
        TRY(goes_by_arrival(state->desc) ? first_judge(sys, state, &row)
                                         : last_judge(sys, state, &row));
        TRY(sorter_next(sys, state->sorter, &row, &has_row));
    }
    TRY(sort_kept_end(state));
    TRY(sort_kept_rest(state));
    return last_pass(sys, state);
}

Outcome sort_state_finish(Sys *sys, SortState *state) {
    TRY(sort_blocks_finish(sys, state));
    TRY(sorter_finish(sys, state->sorter));
    if (state->arrivals == NULL) {
        return OUTCOME_OK;
    }
    TRY(rows_judge(sys, state));
    sorter_free(sys, state->sorter);
    state->sorter = NULL;
    state->has_group = false;
    return sorter_finish(sys, state->arrivals);
}
