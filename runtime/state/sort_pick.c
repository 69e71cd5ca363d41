// Which rows of a batch a `top` need not look at: those of groups that have all they may have, when
// they are behind the last of these.
#include "state/sort_internal.h"

// --- bounds -------------------------------------------------------------------------------------

static bool is_word(const FlowTypeDesc *type) {
    return type->is_nullable == 0 && (type->kind == FLOW_INT64 || type->kind == FLOW_TIMESTAMP ||
                                      type->kind == FLOW_DURATION);
}

void sort_bounds_init(SortState *state) {
    const FlowSort *desc = state->desc;
    int32_t count = 0;
    state->bound_count = -1;
    if (desc->kind != FLOW_SORT_TOP || desc->order_count != 1 ||
        desc->key_count >= SORT_BOUND_KEYS || !is_word(desc->columns[desc->key_count].type)) {
        return;
    }
    if (desc->window_end != FLOW_NO_INDEX) {
        state->bound_columns[count++] = desc->window_end;
    }
    for (int32_t i = 0; i < desc->key_count; i++) {
        state->bound_columns[count++] = i;
    }
    for (int32_t i = 0; i < count; i++) {
        if (!is_word(desc->columns[state->bound_columns[i]].type)) {
            return;
        }
    }
    state->bound_count = count;
}

static int64_t word_at(const StateRows *rows, int32_t column, int32_t row) {
    const FlowColumn *columns = rows->batch->columns;
    return ((const int64_t *)columns[rows->slots[column]].values)[row];
}

// Rows of the same order value may yet be before the last.
static bool is_behind(const SortState *state, const StateRows *rows, int32_t row) {
    const SortBound *bound = &state->parts[rows->part].bound;
    for (int32_t i = 0; i < state->bound_count; i++) {
        if (word_at(rows, state->bound_columns[i], row) != bound->group[i]) {
            return false;
        }
    }
    int64_t order = word_at(rows, state->desc->key_count, row);
    return bound->is_set &&
           (state->desc->is_descending ? order < bound->order : order > bound->order);
}

// From the key of the last row: behind its group stand a tag and the order value, turned over if it
// descends.
static void bound_set(SortState *state, const StateRows *rows, int32_t row, const SorterRow *last) {
    SortBound *bound = &state->parts[rows->part].bound;
    char bytes[sizeof(uint64_t)];
    memcpy(bytes, last->key + last->group_length + 1, sizeof(bytes));
    for (size_t i = 0; state->desc->is_descending && i < sizeof(bytes); i++) {
        bytes[i] = (char)~bytes[i];
    }
    *bound = (SortBound){.is_set = true, .order = time_read(bytes)};
    for (int32_t i = 0; i < state->bound_count; i++) {
        bound->group[i] = word_at(rows, state->bound_columns[i], row);
    }
}

// --- picking ------------------------------------------------------------------------------------

static bool is_cut_off(SortState *state, const StateRows *rows, int32_t row) {
    RowOrigin origin = row_origin(rows, row);
    SorterRow key;
    SorterRow last;
    (void)sort_key_make(state, rows, row, &origin, &key);
    if (state->bound_count >= 0 && sorter_cutoff(state->sorter, rows->part, &key, &last)) {
        bound_set(state, rows, row, &last);
    }
    return sorter_cuts_off(state->sorter, rows->part, &key);
}

void sort_rows_pick(SortState *state, const StateRows *rows, RowPick *pick) {
    SortPart *part = &state->parts[rows->part];
    uint32_t count = 0;
    int64_t behind = 0;
    for (uint32_t i = 0; i < pick->count; i++) {
        int32_t row = pick->rows[i];
        if (state->bound_count >= 0 && is_behind(state, rows, row)) {
            behind++;
        } else if (!is_cut_off(state, rows, row)) {
            part->picked[count++] = row;
        }
    }
    sorter_count_cut(state->sorter, rows->part, behind);
    pick->rows = part->picked;
    pick->count = count;
}
