// Goal: top, dedup, running and unique give what the language says, in an order that neither the
// number of parts nor the memory changes. Method: random rows with few keys, few values and many
// ties, taken by plain loops over a sorted array, and by the state with 1, 2 and 5 parts, with and
// without room in memory.
#include "state/sort.h"

#include "scalar/scalar.h"
#include "state/state.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 6000, FILES = 3, PIECE = 500, KEYS = 7, ROUNDS = 4 };
enum { COLUMN_KEY, COLUMN_TEXT, COLUMN_VALUE, COLUMN_TIME, COLUMN_ID, COLUMN_COUNT };

typedef struct Row {
    bool has_key;
    int64_t key;
    bool has_value;
    int64_t value;
    int64_t time_us;
    int64_t id; // in order of arrival
    uint16_t mark;
    int64_t place;
} Row;

static Row rows[ROWS];
static Row want[ROWS];
static uint32_t want_count;
static uint32_t stored_count; // of the first rows: a table holds them already

static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_int_null = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc type_text = {.kind = FLOW_STRING};
static const FlowTypeDesc type_time = {.kind = FLOW_TIMESTAMP};
static const FlowColumnDesc columns[COLUMN_COUNT] = {
    [COLUMN_KEY] = {.name = "key", .type = &type_int_null, .is_used = 1},
    [COLUMN_VALUE] = {.name = "value", .type = &type_int_null, .is_used = 1},
    [COLUMN_TEXT] = {.name = "text", .type = &type_text, .is_used = 1},
    [COLUMN_TIME] = {.name = "time", .type = &type_time, .is_used = 1},
    [COLUMN_ID] = {.name = "id", .type = &type_int, .is_used = 1},
};

static uint64_t seed;

static uint64_t random_next(void) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return seed >> 33;
}

static void rows_make(void) {
    for (int64_t i = 0; i < ROWS; i++) {
        rows[i] = (Row){.has_key = random_next() % 20 != 0,
                        .key = (int64_t)(random_next() % KEYS) - 3,
                        .has_value = random_next() % 10 != 0,
                        .value = (int64_t)(random_next() % 50) - 25,
                        .time_us = (int64_t)(random_next() % 3000) - 500,
                        .id = i};
    }
}

// --- what is tested -----------------------------------------------------------------------------

// Columns of the state: the keys, the orders, then text, time, id and value.
typedef struct Case {
    FlowSort desc;
    bool has_key;
    bool has_order;
    int32_t out_count; // of columns that are added
    uint64_t blocks;   // batches of results if they are there all at once
} Case;

static uint64_t blocks_met;

static FlowColumnDesc sorted[COLUMN_COUNT + 2];
static int32_t sorted_slots[COLUMN_COUNT + 2];

static void column_add(FlowSort *desc, int32_t column) {
    sorted[desc->columns_count] = columns[column];
    sorted_slots[desc->columns_count++] = column;
}

static void case_finish(Case *test) {
    FlowSort *desc = &test->desc;
    desc->columns = sorted;
    desc->columns_count = 0;
    desc->key_count = test->has_key;
    desc->order_count = test->has_order;
    if (test->has_key) {
        column_add(desc, COLUMN_KEY);
    }
    if (test->has_order) {
        column_add(desc, COLUMN_VALUE);
    }
    desc->event_time = (int32_t)desc->columns_count + 1;
    column_add(desc, COLUMN_TEXT);
    column_add(desc, COLUMN_TIME);
    column_add(desc, COLUMN_ID);
    column_add(desc, COLUMN_VALUE);
    desc->window_end = FLOW_NO_INDEX;
}

// --- the state ----------------------------------------------------------------------------------

static void piece_fill(Batch *batch, uint32_t first, uint32_t count) {
    batch_clear(batch);
    int64_t *offsets = batch->abi.offsets;
    batch->abi.source = 0;
    batch->abi.file = (int32_t)(first / (ROWS / FILES));
    batch->abi.row_count = (int32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        const Row *row = &rows[first + i];
        offsets[i] = row->id * 10;
        batch_set(batch, COLUMN_KEY, i, (FlowValue){.i64 = row->key});
        batch_set(batch, COLUMN_VALUE, i, (FlowValue){.i64 = row->value});
        batch_set(batch, COLUMN_TIME, i, (FlowValue){.i64 = row->time_us});
        batch_set(batch, COLUMN_ID, i, (FlowValue){.i64 = row->id});
        char *text = arena_format(&batch->arena, "row number %lld", (long long)row->id);
        batch_set(batch, COLUMN_TEXT, i, (FlowValue){.view = view_text(text)});
        if (!row->has_key) {
            batch_set_null(batch, COLUMN_KEY, i);
        }
        if (!row->has_value) {
            batch_set_null(batch, COLUMN_VALUE, i);
        }
    }
    batch_select_all(batch);
}

// Pieces go to any part, those of a part in order; what is stored is told last.
static void rows_add(Sys *sys, SortState *state, uint32_t part_count) {
    Batch *batch = batch_new(columns, COLUMN_COUNT);
    for (uint32_t first = stored_count; first < ROWS; first += PIECE) {
        piece_fill(batch, first, first + PIECE < ROWS ? PIECE : ROWS - first);
        StateRows piece = {.batch = &batch->abi,
                           .slots = sorted_slots,
                           .part = (uint32_t)(random_next() % part_count)};
        assert_int_equal(sort_state_add(sys, state, &piece), OUTCOME_OK);
    }
    if (stored_count > 0) {
        piece_fill(batch, 0, stored_count);
        StateRows stored = {.batch = &batch->abi, .slots = sorted_slots};
        assert_int_equal(sort_state_add_stored(sys, state, &stored), OUTCOME_OK);
    }
    batch_free(batch);
}

static void result_assert(const Case *test, const Batch *batch, uint32_t row, const Row *wanted) {
    char text[40];
    snprintf(text, sizeof(text), "row number %lld", (long long)wanted->id);
    FlowView view = batch_value(batch, 0, row).view;
    assert_int_equal(batch_value(batch, 2, row).i64, wanted->id);
    assert_int_equal(view.length, strlen(text));
    assert_memory_equal(flow_view_data(&view), text, view.length);
    for (uint32_t i = 0; i < (uint32_t)test->out_count; i++) {
        int64_t values[] = {wanted->place, wanted->value};
        assert_false(batch_is_null(batch, 4 + i, row));
        assert_int_equal(batch_value(batch, 4 + i, row).i64, values[i]);
    }
}

static void results_assert(Sys *sys, const Case *test, SortState *state) {
    FlowColumnDesc out[COLUMN_COUNT + 2];
    uint16_t marks[FLOW_BATCH_ROWS_MAX];
    int64_t first = test->desc.key_count + test->desc.order_count;
    memcpy(out, sorted + first, 4 * sizeof(*out));
    out[4] = (FlowColumnDesc){.name = "place", .type = &type_int_null, .is_used = 1};
    out[5] = (FlowColumnDesc){.name = "sum", .type = &type_int_null, .is_used = 1};
    Batch *batch = batch_new(out, 4 + (uint32_t)test->out_count);
    uint32_t count = 0;
    uint64_t blocks = sort_state_blocks(state);
    assert_true(test->blocks == 0 || blocks == 0 || blocks == test->blocks);
    blocks_met += blocks;
    for (uint64_t i = 0; i == 0 || batch->abi.row_count > 0; i++) {
        batch_clear(batch);
        if (blocks == 0) {
            assert_int_equal(sort_state_next(sys, state, batch, marks), OUTCOME_OK);
        } else if (i < blocks) {
            memset(marks, 0, sizeof(marks));
            sort_state_block(state, i, batch);
        }
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            assert_true(count < want_count);
            result_assert(test, batch, row, &want[count]);
            assert_int_equal(marks[row], want[count].mark);
            count++;
        }
    }
    assert_int_equal(count, want_count);
    assert_int_equal(sort_state_filtered(state), ROWS - stored_count - want_count);
    batch_free(batch);
}

static void case_check(const Case *test) {
    static const uint64_t memories[] = {0, 1 << 20, 20000};
    for (uint32_t parts = 1; parts <= 5; parts += parts == 1 ? 1 : 3) {
        for (size_t i = 0; i < COUNT_OF(memories); i++) {
            StateOptions options = {
                .part_count = parts, .memory_bytes = memories[i], .directory = "tmp"};
            Sys *sys = sys_memory_new(5);
            SortState *state = sort_state_new(&test->desc, &options);
            rows_add(sys, state, parts);
            sort_state_seal(state, 0);
            assert_int_equal(sort_state_finish(sys, state), OUTCOME_OK);
            results_assert(sys, test, state);
            sort_state_free(sys, state);
            sys_memory_free(sys);
        }
    }
}

// --- the models ---------------------------------------------------------------------------------

static int number_compare(bool a_has, int64_t a, bool b_has, int64_t b) {
    if (!a_has || !b_has) {
        return a_has - b_has;
    }
    return (a > b) - (a < b);
}

static const Case *sorting;

// Key, order value, event time, arrival; as far as the case has them.
static int row_compare(const void *left, const void *right) {
    const Row *a = left;
    const Row *b = right;
    int order = sorting->has_key ? number_compare(a->has_key, a->key, b->has_key, b->key) : 0;
    if (order == 0 && sorting->has_order) {
        order = number_compare(a->has_value, a->value, b->has_value, b->value);
        order = sorting->desc.is_descending ? -order : order;
    }
    bool is_by_arrival = sorting->desc.kind == FLOW_SORT_UNIQUE ||
                         (sorting->desc.kind == FLOW_SORT_DEDUP && !sorting->desc.keep_last);
    if (order == 0 && !is_by_arrival) {
        order = number_compare(true, a->time_us, true, b->time_us);
    }
    return order != 0 ? order : number_compare(true, a->id, true, b->id);
}

static bool is_same_key(const Row *a, const Row *b) {
    return !sorting->has_key || (a->has_key == b->has_key && (!a->has_key || a->key == b->key));
}

static void rows_sort(const Case *test, Row *all) {
    sorting = test;
    memcpy(all, rows, sizeof(rows));
    qsort(all, ROWS, sizeof(Row), row_compare);
}

static void top_expect(const Case *test) {
    static Row all[ROWS];
    rows_sort(test, all);
    int64_t place = 0;
    want_count = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        place = i > 0 && is_same_key(&all[i], &all[i - 1]) ? place + 1 : 1;
        if (place <= test->desc.limit) {
            all[i].place = place;
            want[want_count++] = all[i];
        }
    }
}

static int64_t distance(const Row *a, const Row *b) {
    return a->time_us > b->time_us ? a->time_us - b->time_us : b->time_us - a->time_us;
}

// In a table with a key: nobody holds it, or the row itself does.
static bool is_holder(const Row *passed, uint32_t count, const Row *row) {
    bool is_held = false;
    for (uint32_t i = 0; i < count; i++) {
        bool is_same = is_same_key(&passed[i], row);
        is_held |= is_same;
        if (is_same && passed[i].has_value == row->has_value &&
            (!row->has_value || passed[i].value == row->value)) {
            return true;
        }
    }
    return !is_held;
}

static bool is_first(const Case *test, const Row *passed, uint32_t count, const Row *row) {
    if (test->desc.kind == FLOW_SORT_UNIQUE && test->has_order) {
        return is_holder(passed, count, row);
    }
    for (uint32_t i = 0; i < count; i++) {
        bool is_near =
            test->desc.within_us < 0 || distance(&passed[i], row) <= test->desc.within_us;
        if (is_same_key(&passed[i], row) && is_near) {
            return false;
        }
    }
    return true;
}

static void first_expect(const Case *test) {
    static Row passed[ROWS];
    uint32_t passed_count = 0;
    bool is_unique = test->desc.kind == FLOW_SORT_UNIQUE;
    sorting = test;
    want_count = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        bool is_stored = i < stored_count;
        bool is_alone = is_unique && !rows[i].has_key;
        bool passes = is_alone || is_stored || is_first(test, passed, passed_count, &rows[i]);
        if (passes && !is_alone) {
            passed[passed_count++] = rows[i];
        }
        if (!is_stored && (passes || is_unique)) {
            want[want_count] = rows[i];
            want[want_count++].mark = !passes;
        }
    }
}

static int time_compare(const void *left, const void *right) {
    const Row *a = left;
    const Row *b = right;
    int order = number_compare(true, a->time_us, true, b->time_us);
    return order != 0 ? order : number_compare(true, a->id, true, b->id);
}

static void last_expect(const Case *test) {
    static Row all[ROWS];
    rows_sort(test, all);
    want_count = 0;
    for (uint32_t i = 0; i < ROWS;) {
        uint32_t last = i;
        while (last + 1 < ROWS && is_same_key(&all[i], &all[last + 1]) &&
               all[last + 1].time_us - all[i].time_us <= test->desc.within_us) {
            last++;
        }
        want[want_count++] = all[last];
        i = last + 1;
    }
    qsort(want, want_count, sizeof(Row), time_compare);
}

static void running_expect(const Case *test) {
    rows_sort(test, want);
    want_count = ROWS;
    for (uint32_t i = 0; i < ROWS; i++) {
        bool is_new = i == 0 || !is_same_key(&want[i], &want[i - 1]);
        want[i].place = is_new ? 1 : want[i - 1].place + 1;
    }
    int64_t sum = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        sum = want[i].place == 1 ? want[i].value : sum + want[i].value;
        want[i].value = sum;
    }
}

// --- the tests ----------------------------------------------------------------------------------

static void top_gives_the_first_of_each_key(void **state) {
    (void)state;
    for (seed = 1; seed <= ROUNDS; seed++) {
        uint64_t kept = seed;
        Case test = {.desc = {.kind = FLOW_SORT_TOP,
                              .has_place = 1,
                              .is_descending = kept % 2 == 0,
                              .limit = kept == 1 ? 1 : (int64_t)(kept * kept * 5)},
                     .has_key = kept != 3,
                     .has_order = kept != 4,
                     .out_count = 1};
        rows_make();
        case_finish(&test);
        top_expect(&test);
        case_check(&test);
        seed = kept;
    }
}

typedef enum Arrival { IN_ORDER, WITH_TIES, ONE_EARLY, AT_RANDOM } Arrival;

static void times_order(Arrival arrival) {
    for (uint32_t i = 0; i < ROWS && arrival != AT_RANDOM; i++) {
        rows[i].time_us = arrival == WITH_TIES ? i / 700 : i;
    }
    if (arrival == ONE_EARLY) {
        rows[ROWS / 2].time_us = -1;
    }
}

static void all_wait_in_their_order(void **state) {
    (void)state;
    for (Arrival arrival = IN_ORDER; arrival <= AT_RANDOM; arrival++) {
        bool is_ordered = arrival == IN_ORDER || arrival == WITH_TIES;
        Case test = {.desc = {.kind = FLOW_SORT_TOP, .limit = INT64_MAX},
                     .blocks = is_ordered ? ROWS / PIECE : 0};
        seed = 90 + arrival;
        blocks_met = 0;
        rows_make();
        times_order(arrival);
        case_finish(&test);
        top_expect(&test);
        case_check(&test);
        assert_int_equal(blocks_met > 0, is_ordered);
    }
}

static void dedup_passes_the_first_by_arrival(void **state) {
    (void)state;
    static const int64_t spans[] = {0, 1, 40, 700, 10000, INT64_MAX, -1};
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        Case test = {.desc = {.kind = FLOW_SORT_DEDUP, .within_us = spans[i]}, .has_key = i != 3};
        seed = i + 20;
        rows_make();
        case_finish(&test);
        first_expect(&test);
        case_check(&test);
    }
}

static void dedup_passes_the_last_of_a_span(void **state) {
    (void)state;
    static const int64_t spans[] = {0, 1, 40, 700, 10000, INT64_MAX};
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        Case test = {.desc = {.kind = FLOW_SORT_DEDUP, .keep_last = 1, .within_us = spans[i]},
                     .has_key = i != 3};
        seed = i + 40;
        rows_make();
        case_finish(&test);
        last_expect(&test);
        case_check(&test);
    }
}

static void unique_marks_the_others(void **state) {
    (void)state;
    static const int64_t spans[] = {-1, 100};
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        Case test = {.desc = {.kind = FLOW_SORT_UNIQUE, .within_us = spans[i]}, .has_key = true};
        seed = i + 60;
        rows_make();
        case_finish(&test);
        first_expect(&test);
        case_check(&test);
    }
}

// Of a table with a key the order is that key.
static void unique_asks_what_is_stored(void **state) {
    (void)state;
    static const int32_t stored_columns[] = {0, 0, 0};
    static const struct {
        int64_t within_us;
        uint32_t stored;
        bool has_owner;
    } cases[] = {{-1, 3, false}, {-1, 4, true}, {-1, 40, true}, {20, 200, false}, {0, 400, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Case test = {.desc = {.kind = FLOW_SORT_UNIQUE,
                              .within_us = cases[i].within_us,
                              .stored = stored_columns,
                              .stored_count = cases[i].has_owner ? 3 : 2},
                     .has_key = true,
                     .has_order = cases[i].has_owner};
        seed = i + 80;
        stored_count = cases[i].stored;
        rows_make();
        case_finish(&test);
        first_expect(&test);
        case_check(&test);
    }
    stored_count = 0;
}

static void running_adds_up_row_by_row(void **state) {
    (void)state;
    static const int32_t arguments[][4] = {{-1, -1, 4, -1}, {-1, -1, 5, -1}, {-1, -1, 6, -1}};
    FlowAgg aggs[] = {
        {.kind = FLOW_AGG_COUNT, .offset = 0, .result = &type_int_null, .site = FLOW_NO_INDEX},
        {.kind = FLOW_AGG_SUM,
         .offset = 16,
         .input = &type_int_null,
         .result = &type_int_null,
         .site = FLOW_NO_INDEX},
    };
    for (seed = 1; seed <= ROUNDS; seed++) {
        uint64_t kept = seed;
        Case test = {.desc = {.kind = FLOW_SORT_RUNNING,
                              .is_descending = kept % 2 == 0,
                              .slot_bytes = 48,
                              .aggs = aggs,
                              .aggs_count = 2},
                     .has_key = kept % 3 != 0,
                     .has_order = kept % 4 != 0,
                     .out_count = 2};
        rows_make();
        case_finish(&test);
        test.desc.agg_columns = arguments[test.desc.columns_count - 5];
        test.desc.agg_columns_count = 4;
        // A sum over nothing is null: the first row of every key has a value.
        for (uint32_t i = 0; i < ROWS; i++) {
            rows[i].has_value = true;
        }
        running_expect(&test);
        case_check(&test);
        seed = kept;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(top_gives_the_first_of_each_key),
        cmocka_unit_test(all_wait_in_their_order),
        cmocka_unit_test(dedup_passes_the_first_by_arrival),
        cmocka_unit_test(dedup_passes_the_last_of_a_span),
        cmocka_unit_test(unique_marks_the_others),
        cmocka_unit_test(unique_asks_what_is_stored),
        cmocka_unit_test(running_adds_up_row_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
