// Rows that only their arrival orders, such as those that wait for a lookup: what came in order
// lies in blocks, a batch each, and goes out as it came in. Nothing is sorted, any block can be
// read at any time, and a value costs its own bytes.
//
// Rows out of order, or more of them than there is room for, are the sorter's: then all that lies
// in blocks goes there, too. A part whose rows came in order says nothing of the others, so that
// the end looks at the blocks of all parts.
#include "state/sort_internal.h"

typedef struct SortPlace {
    int64_t time_us;
    RowOrigin origin;
} SortPlace;

struct SortBlock {
    FlowColumn *columns;
    int64_t *positions;
    int32_t *ordinals; // NULL: zeros
    uint32_t count;
    int64_t rows_before; // in the blocks before it; when all are there
    SortPlace first;
    SortPlace last;
};

// --- order --------------------------------------------------------------------------------------

static int order_of(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int places_compare(const SortPlace *a, const SortPlace *b) {
    const int64_t left[] = {a->time_us,
                            a->origin.source,
                            a->origin.file,
                            a->origin.position,
                            a->origin.ordinal,
                            a->origin.pipeline};
    const int64_t right[] = {b->time_us,
                             b->origin.source,
                             b->origin.file,
                             b->origin.position,
                             b->origin.ordinal,
                             b->origin.pipeline};
    int order = 0;
    for (size_t i = 0; i < COUNT_OF(left) && order == 0; i++) {
        order = order_of(left[i], right[i]);
    }
    return order;
}

static SortPlace place_of(const SortState *state, const StateRows *rows, int32_t row) {
    return (SortPlace){sort_time_of(state, rows, row), row_origin(rows, row)};
}

// Of one batch, source, file and pipeline are the same.
static bool rows_are_ordered(const SortState *state, const StateRows *rows) {
    const FlowBatch *batch = rows->batch;
    const int32_t *selection = batch->selection;
    const int64_t *positions = batch->offsets;
    const int32_t *ordinals = batch->ordinals;
    bool is_ordered = true;
    for (int32_t i = 1; i < batch->selected_count && is_ordered; i++) {
        int32_t row = selection[i];
        int32_t before = selection[i - 1];
        int order = order_of(sort_time_of(state, rows, before), sort_time_of(state, rows, row));
        order = order != 0 ? order : order_of(positions[before], positions[row]);
        order = order != 0 || ordinals == NULL ? order : order_of(ordinals[before], ordinals[row]);
        is_ordered = order <= 0;
    }
    return is_ordered;
}

// --- in -----------------------------------------------------------------------------------------

static bool is_text(const FlowTypeDesc *type) {
    return type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
}

static bool is_nested(const FlowTypeDesc *type) {
    return type->kind == FLOW_LIST || type->kind == FLOW_MAP || type->kind == FLOW_STRUCT;
}

void sort_blocks_init(SortState *state) {
    const FlowSort *desc = state->desc;
    bool is_arrival = desc->kind == FLOW_SORT_TOP && desc->limit == INT64_MAX &&
                      desc->key_count == 0 && desc->order_count == 0 && desc->has_place == 0 &&
                      desc->window_end == FLOW_NO_INDEX;
    for (int64_t i = 0; i < desc->columns_count; i++) {
        is_arrival = is_arrival && !is_nested(desc->columns[i].type);
    }
    for (uint32_t i = 0; i < state->part_count; i++) {
        state->parts[i].has_blocks = is_arrival;
    }
}

void sort_blocks_free(SortPart *part) {
    part->has_blocks = false;
    part->blocks.count = 0;
    arena_free(&part->block_arena);
    arena_free(&part->block_list);
}

static void texts_copy(Arena *arena, FlowView *views, const uint8_t *validity, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        bool is_there = validity == NULL || validity[i] != 0;
        if (is_there && views[i].length > FLOW_VIEW_INLINE_MAX) {
            views[i].data = arena_copy(arena, views[i].data, views[i].length);
        }
    }
}

static FlowColumn column_copy(Arena *arena,
                              const FlowTypeDesc *type,
                              const FlowColumn *from,
                              const int32_t *rows,
                              uint32_t count) {
    size_t width = flow_kind_width((FlowKind)type->kind, type->precision);
    FlowColumn to = {.values = arena_alloc(arena, count * width)};
    to.validity = from->validity == NULL ? NULL : arena_alloc(arena, count);
    column_gather(type, from, &to, rows, count);
    if (is_text(type)) {
        texts_copy(arena, to.values, to.validity, count);
    }
    return to;
}

static void places_copy(Arena *arena, SortBlock *block, const StateRows *rows) {
    static const FlowTypeDesc position = {.kind = FLOW_INT64};
    static const FlowTypeDesc ordinal = {.kind = FLOW_INT32};
    const FlowBatch *batch = rows->batch;
    FlowColumn from = {.values = batch->offsets};
    block->positions = column_copy(arena, &position, &from, batch->selection, block->count).values;
    from.values = batch->ordinals;
    if (from.values != NULL) {
        block->ordinals =
            column_copy(arena, &ordinal, &from, batch->selection, block->count).values;
    }
}

static void block_add(SortState *state, SortPart *part, const StateRows *rows) {
    const FlowBatch *batch = rows->batch;
    const int32_t *selection = batch->selection;
    const FlowColumn *columns = batch->columns;
    uint32_t count = (uint32_t)batch->selected_count;
    Arena *arena = &part->block_arena;
    SortBlock *block = vec_push(&part->block_list, &part->blocks);
    *block = (SortBlock){.count = count,
                         .columns = arena_array(arena, FlowColumn, state->along_count),
                         .first = place_of(state, rows, selection[0]),
                         .last = place_of(state, rows, selection[count - 1])};
    for (uint32_t i = 0; i < state->along_count; i++) {
        const FlowTypeDesc *type = state->desc->columns[i].type;
        block->columns[i] = column_copy(arena, type, &columns[rows->slots[i]], selection, count);
    }
    places_copy(arena, block, rows);
}

bool sort_block_add(SortState *state, const StateRows *rows) {
    SortPart *part = &state->parts[rows->part];
    const FlowBatch *batch = rows->batch;
    if (batch->selected_count == 0) {
        return true;
    }
    SortPlace first = place_of(state, rows, ((const int32_t *)batch->selection)[0]);
    bool is_behind = part->blocks.count == 0 ||
                     places_compare(&part->blocks.items[part->blocks.count - 1].last, &first) <= 0;
    bool has_room =
        state->part_bytes_max == 0 || part->block_arena.total_bytes <= state->part_bytes_max;
    if (!is_behind || !has_room || !rows_are_ordered(state, rows)) {
        return false;
    }
    block_add(state, part, rows);
    return true;
}

// --- to the sorter ------------------------------------------------------------------------------

static Outcome block_sort(Sys *sys, SortState *state, uint32_t part, const SortBlock *block) {
    int32_t identity[FLOW_BATCH_ROWS_MAX];
    ASSERT(block->count <= FLOW_BATCH_ROWS_MAX && state->along_count <= FLOW_BATCH_ROWS_MAX);
    for (int32_t i = 0; i < FLOW_BATCH_ROWS_MAX; i++) {
        identity[i] = i;
    }
    FlowBatch batch = {.row_count = (int32_t)block->count,
                       .selected_count = (int32_t)block->count,
                       .selection = identity,
                       .columns = block->columns,
                       .offsets = block->positions,
                       .ordinals = block->ordinals,
                       .source = block->first.origin.source,
                       .file = block->first.origin.file};
    StateRows rows = {
        .batch = &batch, .slots = identity, .part = part, .pipeline = block->first.origin.pipeline};
    return sort_rows_add(sys, state, &rows);
}

Outcome sort_blocks_leave(Sys *sys, SortState *state, uint32_t index) {
    SortPart *part = &state->parts[index];
    part->has_blocks = false;
    for (uint32_t i = 0; i < part->blocks.count; i++) {
        TRY(block_sort(sys, state, index, &part->blocks.items[i]));
    }
    sort_blocks_free(part);
    return OUTCOME_OK;
}

// --- out ----------------------------------------------------------------------------------------

// The part whose next block is first.
static SortPart *part_first(const SortState *state, const uint32_t *taken) {
    SortPart *found = NULL;
    const SortBlock *least = NULL;
    for (uint32_t i = 0; i < state->part_count; i++) {
        SortPart *part = &state->parts[i];
        if (taken[i] == part->blocks.count) {
            continue;
        }
        const SortBlock *next = &part->blocks.items[taken[i]];
        if (found == NULL || places_compare(&next->first, &least->first) < 0) {
            found = part;
            least = next;
        }
    }
    return found;
}

// The blocks of all parts, if each ends before the next one begins.
static bool blocks_merge(SortState *state) {
    uint32_t *taken = arena_array(&state->arena, uint32_t, state->part_count);
    int64_t rows = 0;
    for (SortPart *part = part_first(state, taken); part != NULL; part = part_first(state, taken)) {
        SortBlock *block = &part->blocks.items[taken[part - state->parts]++];
        uint32_t count = state->blocks.count;
        if (count > 0 && places_compare(&state->blocks.items[count - 1]->last, &block->first) > 0) {
            return false;
        }
        block->rows_before = rows;
        rows += block->count;
        *vec_push(&state->arena, &state->blocks) = block;
    }
    return true;
}

Outcome sort_blocks_finish(Sys *sys, SortState *state) {
    bool has_all = true;
    for (uint32_t i = 0; i < state->part_count; i++) {
        has_all = has_all && state->parts[i].has_blocks;
    }
    if (has_all && blocks_merge(state)) {
        return OUTCOME_OK;
    }
    state->blocks.count = 0;
    for (uint32_t i = 0; i < state->part_count; i++) {
        if (state->parts[i].has_blocks) {
            TRY(sort_blocks_leave(sys, state, i));
        }
    }
    return OUTCOME_OK;
}

uint64_t sort_state_blocks(const SortState *state) {
    return state->blocks.count;
}

void sort_state_block(const SortState *state, uint64_t index, Batch *batch) {
    const SortBlock *block = state->blocks.items[index];
    int64_t *offsets = batch->abi.offsets;
    for (uint32_t i = 0; i < state->along_count; i++) {
        const FlowTypeDesc *type = state->desc->columns[i].type;
        const FlowColumn *from = &block->columns[i];
        FlowColumn *to = batch_column(batch, i);
        memcpy(to->values,
               from->values,
               block->count * (size_t)flow_kind_width((FlowKind)type->kind, type->precision));
        if (to->validity != NULL && from->validity != NULL) {
            memcpy(to->validity, from->validity, block->count);
        } else if (to->validity != NULL) {
            memset(to->validity, 1, block->count);
        }
    }
    for (uint32_t row = 0; row < block->count; row++) {
        offsets[row] = block->rows_before + row;
    }
    batch->abi.row_count = (int32_t)block->count;
    batch->abi.source = FLOW_NO_INDEX;
    batch->abi.file = 0;
    batch->abi.raws = NULL; // Nothing is left of the records.
    batch_select_all(batch);
}
