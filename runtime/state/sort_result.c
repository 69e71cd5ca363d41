// Sorts: how rows come out, a batch at a time.
#include "state/agg.h"
#include "state/sort_internal.h"

static Outcome row_next(Sys *sys, SortState *state) {
    Sorter *sorter = state->arrivals != NULL ? state->arrivals : state->sorter;
    return sorter_next(sys, sorter, &state->row, &state->has_row);
}

// The row's bytes, for as long as the batch. In front of those that came in order of arrival stands
// a mark.
static const char *row_bytes(const SortState *state, Batch *batch, uint16_t *mark) {
    const SorterRow *row = &state->row;
    size_t skipped = 0;
    if (state->arrivals != NULL) {
        uint64_t rejected = 0;
        memcpy(&rejected, row->payload, sizeof(rejected));
        *mark = (uint16_t)rejected;
        skipped = sizeof(rejected);
    }
    if (row->is_kept) {
        return row->payload + skipped;
    }
    return arena_copy(&batch->arena, row->payload + skipped, row->payload_length - skipped);
}

static SortRow row_at_hand(SortState *state) {
    const char *end = state->row.key + state->row.key_length;
    SortRow row = {.origin = origin_read(end - ORIGIN_BYTES)};
    if (state->desc->kind == FLOW_SORT_RUNNING || state->desc->kind == FLOW_SORT_TOP) {
        row.time_us = time_read(end - ORIGIN_BYTES - TIME_BYTES);
        row.begins_group = sort_group_changes(state, &state->row);
    }
    return row;
}

static bool is_same_file(const RowOrigin *a, const RowOrigin *b) {
    return a->source == b->source && a->file == b->file;
}

// Takes rows until the batch is full, or a row is of another file.
static Outcome rows_take(Sys *sys, SortState *state, Batch *batch, uint16_t *marks) {
    uint32_t count = 0;
    while (state->has_row && count < FLOW_BATCH_ROWS_MAX) {
        SortRow row = row_at_hand(state);
        state->place = row.begins_group ? 1 : state->place + 1;
        bool is_over = state->desc->kind == FLOW_SORT_TOP && state->place > state->desc->limit;
        if (sort_keeps_place(state->desc) && count > 0 &&
            !is_same_file(&row.origin, &state->rows[0].origin)) {
            break;
        }
        if (!is_over) {
            marks[count] = 0;
            state->rows[count] = row;
            state->places[count] = state->place;
            state->bytes[count] = row_bytes(state, batch, &marks[count]);
            state->lengths[count] = state->row.payload_length - TIME_BYTES;
            count++;
        }
        state->filtered += is_over;
        TRY(row_next(sys, state));
    }
    batch->abi.row_count = (int32_t)count;
    return OUTCOME_OK;
}

// --- what is added to the rows -------------------------------------------------------------------

static void places_put(const SortState *state, Batch *batch) {
    for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
        batch_set(batch, state->along_count, row, (FlowValue){.i64 = state->places[row]});
    }
}

// The arguments; false: one of them is null.
static bool arguments_read(
    const SortState *state, const Batch *batch, uint32_t row, int64_t index, FlowValue *values) {
    const FlowSort *desc = state->desc;
    for (int32_t i = 0; i < 2; i++) {
        int32_t column = desc->agg_columns[2 * index + i];
        if (column == FLOW_NO_INDEX) {
            continue;
        }
        uint32_t slot = (uint32_t)(column - sort_along_first(desc));
        ASSERT(slot < state->along_count);
        if (batch_is_null(batch, slot, row)) {
            return false;
        }
        values[i] = batch_value(batch, slot, row);
    }
    return true;
}

static void agg_feed(SortState *state, const Batch *batch, uint32_t row, int64_t index) {
    const FlowAgg *agg = &state->desc->aggs[index];
    FlowValue values[2] = {{0}};
    bool has_values = arguments_read(state, batch, row, index, values);
    char *accumulator = state->slot + agg->offset;
    if (!has_values && agg->kind != FLOW_AGG_LAG) {
        return;
    }
    if (!flow_agg_is_ordered((FlowAggKind)agg->kind)) {
        agg_update(&state->group_arena, agg, accumulator, values);
        return;
    }
    const SortRow *at = &state->rows[row];
    AggPlace place = {.time_us = at->time_us,
                      .position = at->origin.position,
                      .source = at->origin.source,
                      .file = at->origin.file,
                      .ordinal = at->origin.ordinal};
    agg_update_at(&state->group_arena, agg, accumulator, has_values ? values : NULL, &place);
}

// Whether it fits its type.
static bool agg_put(const SortState *state, Batch *batch, uint32_t row, int64_t index) {
    const FlowAgg *agg = &state->desc->aggs[index];
    uint32_t column = state->along_count + (uint32_t)index;
    FlowValue value = {0};
    AggStatus status = agg_result(&batch->arena, agg, state->slot + agg->offset, &value);
    if (status == AGG_VALUE) {
        batch_set(batch, column, row, value);
    } else {
        batch_set_blank(batch, column, row);
    }
    return status != AGG_OVERFLOW;
}

static void aggs_put(SortState *state, Batch *batch, uint16_t *marks) {
    for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
        if (state->rows[row].begins_group) {
            arena_reset(&state->group_arena);
            memset(state->slot, 0, (size_t)state->desc->slot_bytes);
        }
        for (int64_t i = 0; i < state->desc->aggs_count; i++) {
            agg_feed(state, batch, row, i);
            if (!agg_put(state, batch, row, i) && marks[row] == 0) {
                marks[row] = (uint16_t)(i + 1);
            }
        }
    }
}

// --- a batch -------------------------------------------------------------------------------------

static void origins_put(SortState *state, Batch *batch) {
    int64_t *offsets = batch->abi.offsets;
    bool is_kept = sort_keeps_place(state->desc);
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        offsets[row] = is_kept ? state->rows[row].origin.position : state->passed;
        state->passed++;
    }
    batch->abi.source = is_kept ? state->rows[0].origin.source : FLOW_NO_INDEX;
    batch->abi.file = is_kept ? state->rows[0].origin.file : 0;
    batch->abi.raws = NULL; // Nothing is left of the records.
}

static Outcome results_begin(Sys *sys, SortState *state) {
    state->is_begun = true;
    state->rows = arena_array(&state->arena, SortRow, FLOW_BATCH_ROWS_MAX);
    state->places = arena_array(&state->arena, int64_t, FLOW_BATCH_ROWS_MAX);
    state->bytes = arena_array(&state->arena, const char *, FLOW_BATCH_ROWS_MAX);
    state->lengths = arena_array(&state->arena, size_t, FLOW_BATCH_ROWS_MAX);
    return row_next(sys, state);
}

Outcome sort_state_next(Sys *sys, SortState *state, Batch *batch, uint16_t *marks) {
    if (!state->is_begun) {
        TRY(results_begin(sys, state));
    }
    TRY(rows_take(sys, state, batch, marks));
    if (batch->abi.row_count == 0) {
        return OUTCOME_OK;
    }
    RowSpread spread = {.rows = state->bytes, .count = (uint32_t)batch->abi.row_count};
    row_form_read(state->form, &spread, batch_column(batch, 0), &batch->arena);
    if (state->desc->kind == FLOW_SORT_TOP && state->desc->has_place) {
        places_put(state, batch);
    }
    if (state->desc->kind == FLOW_SORT_RUNNING) {
        aggs_put(state, batch, marks);
    }
    if (state->desc->kind == FLOW_SORT_FILL) {
        fill_texts_put(state, batch);
    }
    origins_put(state, batch);
    batch_select_all(batch);
    return OUTCOME_OK;
}
