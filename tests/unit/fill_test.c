// Goal: a text that was left out is what its key had before, in the order of the changes, with what
// a table holds among them; neither the number of parts nor the memory changes it. Method: random
// changes of few keys, filled by a plain loop over a sorted array, and by the state.
#include "state/sort.h"

#include "scalar/scalar.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 3000, STORED = 60, PIECE = 250, KEYS = 90, TEXT_BYTES = 48, ROUNDS = 4 };
enum { COLUMN_KEY, COLUMN_ORDER, COLUMN_TEXT, COLUMN_GONE, COLUMN_ID, COLUMN_COUNT };
enum { UNKNOWN = -1, NOTHING = -2 }; // instead of the id of the row that a text is of

typedef struct Row {
    int64_t key;
    int64_t order;
    int64_t id; // in order of arrival
    bool is_stored;
    bool is_gone;
    bool is_left_out;
    bool is_null;
    int64_t text_of; // whose text it gets
} Row;

static Row rows[STORED + ROWS];
static uint64_t seed;

static uint64_t random_next(void) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return seed >> 33;
}

static void rows_make(bool is_nullable) {
    for (int64_t i = 0; i < STORED + ROWS; i++) {
        bool is_stored = i < STORED;
        rows[i] = (Row){.key = (int64_t)(random_next() % KEYS),
                        .order = (int64_t)(random_next() % 500),
                        .id = i,
                        .is_stored = is_stored,
                        .is_gone = !is_stored && random_next() % 9 == 0,
                        .is_left_out = !is_stored && random_next() % 2 == 0,
                        .is_null = is_nullable && random_next() % 5 == 0};
    }
}

// --- the model ----------------------------------------------------------------------------------
static int row_compare(const void *left, const void *right) {
    const Row *const *a = left;
    const Row *const *b = right;
    int64_t order = (*a)->key - (*b)->key;
    order = order != 0 ? order : (*a)->order - (*b)->order;
    order = order != 0 ? order : (*a)->id - (*b)->id;
    return (order > 0) - (order < 0);
}

static void rows_fill(bool is_nullable) {
    static Row *sorted[STORED + ROWS];
    int64_t known = UNKNOWN;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sorted[i] = &rows[i];
    }
    qsort(sorted, COUNT_OF(rows), sizeof(*sorted), row_compare);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Row *row = sorted[i];
        known = i > 0 && sorted[i - 1]->key == row->key ? known : UNKNOWN;
        if (!row->is_left_out) {
            known = row->is_null ? NOTHING : row->id;
        }
        row->text_of = known == UNKNOWN && (is_nullable || row->is_gone) ? NOTHING : known;
        known = row->is_gone ? UNKNOWN : known;
    }
}

// --- the state ----------------------------------------------------------------------------------
static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_bool = {.kind = FLOW_BOOL};
static FlowTypeDesc type_text = {.kind = FLOW_STRING};
static const FlowColumnDesc columns[COLUMN_COUNT] = {
    [COLUMN_KEY] = {.name = "key", .type = &type_int, .is_used = 1},
    [COLUMN_ORDER] = {.name = "order", .type = &type_int, .is_used = 1},
    [COLUMN_TEXT] = {.name = "text", .type = &type_text, .is_used = 1},
    [COLUMN_GONE] = {.name = "gone", .type = &type_bool, .is_used = 1},
    [COLUMN_ID] = {.name = "id", .type = &type_int, .is_used = 1},
};
static const int32_t slots[COLUMN_COUNT] = {0, 1, 2, 3, 4};

static void text_make(int64_t id, char *text) {
    snprintf(text, TEXT_BYTES, id % 3 == 0 ? "t%lld" : "a text of row %lld", (long long)id);
}

static void piece_fill(Batch *batch, uint32_t first, uint32_t count) {
    batch_clear(batch);
    int64_t *offsets = batch->abi.offsets;
    batch->abi.source = 0;
    batch->abi.file = 0;
    batch->abi.row_count = (int32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        const Row *row = &rows[first + i];
        char *text = arena_alloc(&batch->arena, TEXT_BYTES);
        text_make(row->id, text);
        offsets[i] = row->id;
        batch_set(batch, COLUMN_KEY, i, (FlowValue){.i64 = row->key});
        batch_set(batch, COLUMN_ORDER, i, (FlowValue){.i64 = row->order});
        batch_set(batch, COLUMN_GONE, i, (FlowValue){.i64 = row->is_gone});
        batch_set(batch, COLUMN_ID, i, (FlowValue){.i64 = row->id});
        FlowView view = view_text(row->is_left_out ? FLOW_UNCHANGED_TEXT : text);
        batch_set(batch, COLUMN_TEXT, i, (FlowValue){.view = view});
        if (row->is_null && !row->is_left_out) {
            batch_set_null(batch, COLUMN_TEXT, i);
        }
    }
    batch_select_all(batch);
}

static void rows_add(Sys *sys, SortState *state, uint32_t part_count) {
    Batch *batch = batch_new(columns, COLUMN_COUNT);
    for (uint32_t first = STORED; first < STORED + ROWS; first += PIECE) {
        piece_fill(batch, first, PIECE);
        StateRows piece = {
            .batch = &batch->abi, .slots = slots, .part = (uint32_t)(random_next() % part_count)};
        assert_int_equal(sort_state_add(sys, state, &piece), OUTCOME_OK);
    }
    assert_true(sort_state_asks_stored(state));
    piece_fill(batch, 0, STORED);
    StateRows stored = {.batch = &batch->abi, .slots = slots};
    assert_int_equal(sort_state_add_stored(sys, state, &stored), OUTCOME_OK);
    batch_free(batch);
}

static void result_assert(const Batch *batch, uint32_t row, const Row *want, uint16_t mark) {
    char text[TEXT_BYTES];
    assert_int_equal(batch_value(batch, 0, row).i64, want->id);
    assert_int_equal(mark, want->text_of == UNKNOWN);
    if (want->text_of < 0) {
        assert_true(type_text.is_nullable == 0 || batch_is_null(batch, 1, row));
        return;
    }
    text_make(want->text_of, text);
    FlowView view = batch_value(batch, 1, row).view;
    assert_int_equal(view.length, strlen(text));
    assert_memory_equal(flow_view_data(&view), text, view.length);
}

static void results_assert(Sys *sys, SortState *state) {
    const FlowColumnDesc out[] = {columns[COLUMN_ID], columns[COLUMN_TEXT]};
    uint16_t marks[FLOW_BATCH_ROWS_MAX];
    Batch *batch = batch_new(out, COUNT_OF(out));
    uint32_t next = STORED;
    do {
        batch_clear(batch);
        assert_int_equal(sort_state_next(sys, state, batch, marks), OUTCOME_OK);
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            assert_true(next < STORED + ROWS);
            result_assert(batch, row, &rows[next++], marks[row]);
        }
    } while (batch->abi.row_count > 0);
    assert_int_equal(next, STORED + ROWS);
    batch_free(batch);
}

// --- the test -----------------------------------------------------------------------------------
static void check(uint32_t part_count, uint64_t memory_bytes) {
    static const int32_t stored[] = {0, 1};
    const FlowSort desc = {.kind = FLOW_SORT_FILL,
                           .key_count = 1,
                           .order_count = 1,
                           .fill_count = 1,
                           .has_gone = 1,
                           .window_end = FLOW_NO_INDEX,
                           .event_time = FLOW_NO_INDEX,
                           .within_us = -1,
                           .stored = stored,
                           .stored_count = COUNT_OF(stored),
                           .columns = columns,
                           .columns_count = COLUMN_COUNT};
    StateOptions options = {
        .part_count = part_count, .memory_bytes = memory_bytes, .directory = "tmp"};
    Sys *sys = sys_memory_new(5);
    SortState *state = sort_state_new(&desc, &options);
    rows_add(sys, state, part_count);
    sort_state_seal(state, 0);
    assert_int_equal(sort_state_finish(sys, state), OUTCOME_OK);
    results_assert(sys, state);
    sort_state_free(sys, state);
    sys_memory_free(sys);
}

static void texts_are_what_the_key_had(void **state) {
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        bool is_nullable = round % 2 == 1;
        seed = round + 1;
        type_text.is_nullable = is_nullable;
        rows_make(is_nullable);
        rows_fill(is_nullable);
        check(1, 0);
        check(4, 0);
        check(1, 20000);
        check(4, 20000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_what_the_key_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
