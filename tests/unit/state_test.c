// Goal: a group's results do not depend on the order of its rows, are exact, and come out in key
// order. Method: each aggregate gets its values forward, backward and shuffled and must give the
// same bytes; expected results are written by hand.
#include "state/state.h"

#include "scalar/scalar.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char no_key[1];

enum { VALUES_MAX = 8, MANY_GROUPS = 20000 };

static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_int_null = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc type_text_null = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc type_time = {.kind = FLOW_TIMESTAMP};
static const FlowTypeDesc type_float = {.kind = FLOW_FLOAT64, .is_nullable = 1};
static const FlowTypeDesc type_money = {
    .kind = FLOW_DECIMAL, .precision = 12, .scale = 2, .is_nullable = 1};
static const FlowTypeDesc type_wide = {
    .kind = FLOW_DECIMAL, .precision = 38, .scale = 2, .is_nullable = 1};
static const FlowTypeDesc type_money_sum = {
    .kind = FLOW_DECIMAL, .precision = 22, .scale = 2, .is_nullable = 1};
static const FlowTypeDesc type_money_average = {
    .kind = FLOW_DECIMAL, .precision = 16, .scale = 6, .is_nullable = 1};
static const FlowText statuses[] = {{"open"}, {"closed"}};
static const FlowTypeDesc type_status = {
    .kind = FLOW_ENUM, .is_nullable = 1, .enum_values = statuses, .enum_values_count = 2};

// --- one aggregate over a few values ------------------------------------------------------------

typedef struct AggCase {
    FlowAggKind kind;
    const FlowTypeDesc *input;
    const FlowTypeDesc *result;
    const char *values[VALUES_MAX];
    const char *want; // NULL: overflow
} AggCase;

static uint32_t value_count(const AggCase *test) {
    uint32_t count = 0;
    while (count < VALUES_MAX && test->values[count] != NULL) {
        count++;
    }
    return count;
}

// The result as JSON when the values come in this order; NULL if it overflows.
static const char *result_of(const AggCase *test, const uint32_t *order, uint32_t count) {
    static Buffer out;
    FlowAgg agg = {.kind = (int32_t)test->kind, .input = test->input, .result = test->result};
    FlowGroup group = {.window_end = FLOW_NO_INDEX,
                       .slot_bytes = (int32_t)agg_bytes(test->kind, test->input),
                       .is_total = 1,
                       .aggs = &agg,
                       .aggs_count = 1};
    FlowColumnDesc column = {.name = "x", .type = test->result, .is_used = 1};
    Arena arena = {0};
    GroupState *state = group_state_new(&group);
    for (uint32_t i = 0; i < count; i++) {
        const char *text = test->values[order[i]];
        FlowValue value = {0};
        assert_int_equal(value_parse(&arena, test->input, text, strlen(text), &value), PARSE_OK);
        void *slot = flow_rt_group_find(NULL, group_state_table(state), no_key, 0);
        flow_rt_agg_update(NULL, &agg, slot, &value);
    }
    arena_free(&arena);
    Batch *batch = batch_new(&column, 1);
    uint64_t cursor = 0;
    uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    assert_true(group_state_next(state, &cursor, batch, overflow));
    assert_int_equal(batch->abi.row_count, 1);
    buffer_clear(&out);
    static const int32_t slots[] = {0};
    batch_row_json(batch, 0, slots, 1, &out);
    batch_free(batch);
    group_state_free(state);
    return overflow[0] != 0 ? NULL : buffer_cstring(&out);
}

static void assert_result(const AggCase *test, const uint32_t *order, size_t index) {
    const char *got = result_of(test, order, value_count(test));
    bool is_same =
        got == NULL || test->want == NULL ? got == test->want : strcmp(got, test->want) == 0;
    if (!is_same) {
        fail_msg("case %zu: %s, not %s", index, got == NULL ? "overflow" : got, test->want);
    }
}

static void results_are_exact_in_any_order(void **state) {
    (void)state;
    static const AggCase cases[] = {
        {FLOW_AGG_COUNT_VALUES, &type_int, &type_int, {"1", "1"}, "{\"x\":2}"},
        {FLOW_AGG_COUNT_VALUES, &type_int, &type_int, {NULL}, "{\"x\":0}"},
        {FLOW_AGG_SUM, &type_int, &type_int_null, {NULL}, "{\"x\":null}"},
        {FLOW_AGG_SUM, &type_int, &type_int_null, {"1", "-3"}, "{\"x\":-2}"},
        {FLOW_AGG_SUM,
         &type_int,
         &type_int_null,
         {"9223372036854775807", "9223372036854775807", "-9223372036854775807"},
         "{\"x\":9223372036854775807}"},
        {FLOW_AGG_SUM, &type_int, &type_int_null, {"9223372036854775807", "1"}, NULL},
        {FLOW_AGG_AVG, &type_int, &type_float, {"1", "2"}, "{\"x\":1.5}"},
        {FLOW_AGG_AVG,
         &type_int,
         &type_float,
         {"9223372036854775807", "9223372036854775807", "9223372036854775805"},
         "{\"x\":9.223372036854776e+18}"},
        {FLOW_AGG_SUM, &type_money, &type_money_sum, {"0.10", "0.20"}, "{\"x\":0.30}"},
        {FLOW_AGG_AVG,
         &type_money,
         &type_money_average,
         {"0.10", "0.10", "0.00"},
         "{\"x\":0.066667}"},
        {FLOW_AGG_AVG,
         &type_money,
         &type_money_average,
         {"-0.01", "0.00", "0.00"},
         "{\"x\":-0.003333}"},
        {FLOW_AGG_SUM,
         &type_wide,
         &type_wide,
         {"999999999999999999999999999999999999.99", "1.00", "-2.00"},
         "{\"x\":999999999999999999999999999999999998.99}"},
        {FLOW_AGG_SUM,
         &type_wide,
         &type_wide,
         {"999999999999999999999999999999999999.99", "0.01"},
         NULL},
        {FLOW_AGG_AVG,
         &type_wide,
         &type_wide,
         {"999999999999999999999999999999999999.99", "999999999999999999999999999999999999.99"},
         "{\"x\":999999999999999999999999999999999999.99}"},
        {FLOW_AGG_SUM, &type_float, &type_float, {"1e100", "1", "-1e100"}, "{\"x\":1.0}"},
        {FLOW_AGG_SUM, &type_float, &type_float, {"0.1", "0.2", "0.3"}, "{\"x\":0.6}"},
        {FLOW_AGG_SUM, &type_float, &type_float, {"1e308", "1e308", "-1e308"}, "{\"x\":1e+308}"},
        {FLOW_AGG_SUM, &type_float, &type_float, {"1e308", "1e308"}, NULL},
        {FLOW_AGG_SUM, &type_float, &type_float, {"5e-324", "5e-324"}, "{\"x\":1e-323}"},
        {FLOW_AGG_SUM, &type_float, &type_float, {"1", "NaN"}, "{\"x\":\"NaN\"}"},
        {FLOW_AGG_SUM, &type_float, &type_float, {"1", "Infinity"}, "{\"x\":\"Infinity\"}"},
        {FLOW_AGG_SUM, &type_float, &type_float, {"-Infinity", "Infinity"}, "{\"x\":\"NaN\"}"},
        {FLOW_AGG_AVG, &type_float, &type_float, {"1e308", "1e308"}, "{\"x\":1e+308}"},
        {FLOW_AGG_AVG, &type_float, &type_float, {"1", "1", "0"}, "{\"x\":0.6666666666666666}"},
        {FLOW_AGG_AVG, &type_float, &type_float, {"5e-324", "0"}, "{\"x\":0.0}"},
        {FLOW_AGG_AVG, &type_float, &type_float, {"1.5e-323", "0"}, "{\"x\":1e-323}"},
        {FLOW_AGG_MIN, &type_int, &type_int_null, {"3", "-1", "2"}, "{\"x\":-1}"},
        {FLOW_AGG_MAX, &type_float, &type_float, {"3", "NaN", "2"}, "{\"x\":\"NaN\"}"},
        {FLOW_AGG_MIN, &type_float, &type_float, {"NaN", "Infinity"}, "{\"x\":\"Infinity\"}"},
        {FLOW_AGG_MIN, &type_status, &type_status, {"open", "closed"}, "{\"x\":\"closed\"}"},
        {FLOW_AGG_MAX,
         &type_text_null,
         &type_text_null,
         {"b, which is long enough", "c", "a longer text than all", "c, but now a long one"},
         "{\"x\":\"c, but now a long one\"}"},
        {FLOW_AGG_MAX, &type_text_null, &type_text_null, {NULL}, "{\"x\":null}"},
        {FLOW_AGG_COUNT_DISTINCT, &type_text_null, &type_int, {"a", "b", "a"}, "{\"x\":2}"},
        {FLOW_AGG_COUNT_DISTINCT, &type_float, &type_int, {"0", "-0", "NaN", "NaN"}, "{\"x\":2}"},
        {FLOW_AGG_COUNT_DISTINCT, &type_int, &type_int, {NULL}, "{\"x\":0}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t forward[VALUES_MAX];
        uint32_t backward[VALUES_MAX];
        uint32_t turned[VALUES_MAX];
        uint32_t count = value_count(&cases[i]);
        for (uint32_t j = 0; j < count; j++) {
            forward[j] = j;
            backward[j] = count - 1 - j;
            turned[j] = (j + 1) % count;
        }
        assert_result(&cases[i], forward, i);
        assert_result(&cases[i], backward, i);
        assert_result(&cases[i], turned, i);
    }
}

static uint64_t random_next(void) {
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 2685821657736338717u;
}

// A sum and the sum of its negated values cancel, whatever lies between: nothing was ever rounded.
static void a_float_sum_loses_nothing(void **state) {
    (void)state;
    enum { COUNT = 2000 };
    static double values[COUNT];
    FlowAgg agg = {.kind = FLOW_AGG_SUM, .input = &type_float, .result = &type_float};
    FlowGroup group = {.window_end = FLOW_NO_INDEX,
                       .slot_bytes = 16,
                       .is_total = 1,
                       .aggs = &agg,
                       .aggs_count = 1};
    GroupState *sums = group_state_new(&group);
    void *slot = flow_rt_group_find(NULL, group_state_table(sums), no_key, 0);
    for (int i = 0; i < COUNT; i++) {
        int exponent = i % 2 == 0 ? (int)(random_next() % 1600) - 900 : (int)(random_next() % 20);
        values[i] = ldexp((double)(random_next() >> 11), exponent - 53);
        flow_rt_agg_update(NULL, &agg, slot, &(FlowValue){.f64 = values[i]});
    }
    flow_rt_agg_update(NULL, &agg, slot, &(FlowValue){.f64 = 0.125});
    for (int i = COUNT; i > 0; i--) {
        flow_rt_agg_update(NULL, &agg, slot, &(FlowValue){.f64 = -values[i - 1]});
    }
    FlowColumnDesc column = {.name = "x", .type = &type_float, .is_used = 1};
    Batch *batch = batch_new(&column, 1);
    uint64_t cursor = 0;
    uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    assert_true(group_state_next(sums, &cursor, batch, overflow));
    assert_true(batch_value(batch, 0, 0).f64 == 0.125);
    batch_free(batch);
    group_state_free(sums);
}

// The mean of random values and two more that cancel out.
static double mean_with(double first, double second, uint64_t seed) {
    FlowAgg agg = {.kind = FLOW_AGG_AVG, .input = &type_float, .result = &type_float};
    FlowGroup group = {.window_end = FLOW_NO_INDEX,
                       .slot_bytes = 16,
                       .is_total = 1,
                       .aggs = &agg,
                       .aggs_count = 1};
    GroupState *means = group_state_new(&group);
    void *slot = flow_rt_group_find(NULL, group_state_table(means), no_key, 0);
    flow_rt_agg_update(NULL, &agg, slot, &(FlowValue){.f64 = first});
    for (uint64_t left = seed % 50; left > 0; left--) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double value = ldexp((double)((int64_t)seed >> 11), (int)(seed % 12) - 60);
        flow_rt_agg_update(NULL, &agg, slot, &(FlowValue){.f64 = value});
    }
    flow_rt_agg_update(NULL, &agg, slot, &(FlowValue){.f64 = second});
    FlowColumnDesc column = {.name = "x", .type = &type_float, .is_used = 1};
    Batch *batch = batch_new(&column, 1);
    uint64_t cursor = 0;
    uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    assert_true(group_state_next(means, &cursor, batch, overflow));
    double mean = batch_value(batch, 0, 0).f64;
    batch_free(batch);
    group_state_free(means);
    return mean;
}

// Sums of values far apart are kept in another form than those of like ones.
static void both_forms_of_a_sum_round_alike(void **state) {
    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t seed = random_next();
        double plain = mean_with(0.0, 0.0, seed);
        assert_true(mean_with(1e300, -1e300, seed) == plain);
        assert_true(mean_with(5e-324, -5e-324, seed) == plain);
    }
}

// --- groups

static const FlowColumnDesc result_columns[] = {
    {.name = "name", .type = &type_text_null, .is_used = 1},
    {.name = "end", .type = &type_time, .is_used = 1},
    {.name = "rows", .type = &type_int, .is_used = 1},
};
static const FlowAgg count_rows = {.kind = FLOW_AGG_COUNT, .result = &type_int};
static const FlowGroup by_name = {
    .window_end = 1,
    .slot_bytes = 16,
    .keys = result_columns,
    .keys_count = 2,
    .aggs = &count_rows,
    .aggs_count = 1,
};

static void row_add(GroupState *state, const char *name, size_t length, int64_t end) {
    Buffer key = {0};
    FlowValue text = {.view = view_of(name, length)};
    FlowValue time = {.i64 = end};
    key_append(&key, &type_text_null, name == NULL, &text);
    key_append(&key, &type_time, false, &time);
    FlowGroupTable *table = group_state_table(state);
    int64_t *count = flow_rt_group_find(NULL, table, key.data, (int64_t)key.length);
    *count += 1;
    buffer_free(&key);
}

static void results_come_by_end_then_key(void **state) {
    (void)state;
    static const char zero[] = "twelve, \0 more";
    GroupState *groups = group_state_new(&by_name);
    row_add(groups, "b", 1, 60);
    row_add(groups, "b", 1, 60);
    row_add(groups, zero, sizeof(zero) - 1, 120);
    row_add(groups, NULL, 0, 120);
    row_add(groups, "", 0, 120);
    row_add(groups, "a", 1, -60);
    row_add(groups, "b", 1, 60);
    static const char *const want[] = {
        "{\"name\":\"a\",\"end\":\"1969-12-31T23:59:59.999940Z\",\"rows\":1}",
        "{\"name\":\"b\",\"end\":\"1970-01-01T00:00:00.000060Z\",\"rows\":3}",
        "{\"name\":null,\"end\":\"1970-01-01T00:00:00.000120Z\",\"rows\":1}",
        "{\"name\":\"\",\"end\":\"1970-01-01T00:00:00.000120Z\",\"rows\":1}",
        "{\"name\":\"twelve, \\u0000 more\",\"end\":\"1970-01-01T00:00:00.000120Z\",\"rows\":1}",
    };
    Batch *batch = batch_new(result_columns, 3);
    uint64_t cursor = 0;
    uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    assert_int_equal(group_state_count(groups), COUNT_OF(want));
    assert_true(group_state_next(groups, &cursor, batch, overflow));
    Buffer line = {0};
    static const int32_t slots[] = {0, 1, 2};
    for (uint32_t row = 0; row < COUNT_OF(want); row++) {
        buffer_clear(&line);
        batch_row_json(batch, row, slots, 3, &line);
        assert_string_equal(buffer_cstring(&line), want[row]);
    }
    assert_false(group_state_next(groups, &cursor, batch, overflow));
    buffer_free(&line);
    batch_free(batch);
    group_state_free(groups);
}

static void many_groups_are_all_found_again(void **state) {
    (void)state;
    GroupState *groups = group_state_new(&by_name);
    char name[32];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY_GROUPS; i++) {
            int length = snprintf(name, sizeof(name), "group %d", i);
            row_add(groups, name, (size_t)length, i);
        }
    }
    Batch *batch = batch_new(result_columns, 3);
    static uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    uint64_t cursor = 0;
    int64_t next = 0;
    while (group_state_next(groups, &cursor, batch, overflow)) {
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++, next++) {
            assert_int_equal(batch_value(batch, 1, row).i64, next);
            assert_int_equal(batch_value(batch, 2, row).i64, 3);
        }
        batch_clear(batch);
    }
    assert_int_equal(next, MANY_GROUPS);
    assert_true(group_state_bytes(groups) > MANY_GROUPS * 16);
    batch_free(batch);
    group_state_free(groups);
}

// As generated code asks for them: some are found at once, the others when they are settled. Names
// of two lengths: too long ones do not wait.
static void places_are_there_when_they_are_settled(void **state) {
    (void)state;
    GroupState *groups = group_state_new(&by_name);
    FlowGroupTable *table = group_state_table(groups);
    void **places = table->places;
    for (int i = 0; i < 3 * MANY_GROUPS; i++) {
        Buffer key = {0};
        int group = i % MANY_GROUPS;
        buffer_format(&key, group % 3 == 0 ? "%d and a longer name than others have" : "%d", group);
        int place = i % FLOW_BATCH_ROWS_MAX;
        places[place] = NULL;
        void *found =
            flow_rt_group_place(NULL, table, key.data, (int64_t)key.length, &places[place]);
        assert_true(found == NULL || found == places[place]);
        buffer_free(&key);
        if (place == FLOW_BATCH_ROWS_MAX - 1 || i == 3 * MANY_GROUPS - 1) {
            flow_rt_group_settle(NULL, table);
            for (int k = 0; k <= place; k++) {
                *(int64_t *)places[k] += 1;
            }
        }
    }
    assert_int_equal(group_state_count(groups), MANY_GROUPS);
    for (int group = 0; group < MANY_GROUPS; group++) {
        Buffer key = {0};
        buffer_format(&key, group % 3 == 0 ? "%d and a longer name than others have" : "%d", group);
        int64_t *count = flow_rt_group_find(NULL, table, key.data, (int64_t)key.length);
        assert_int_equal(*count, 3);
        buffer_free(&key);
    }
    group_state_free(groups);
}

// Numbers, of which most keys are made: their keys have one length, and both ranks count.
static const FlowColumnDesc number_columns[] = {
    {.name = "a", .type = &type_int, .is_used = 1},
    {.name = "b", .type = &type_int, .is_used = 1},
    {.name = "c", .type = &type_int, .is_used = 1},
    {.name = "rows", .type = &type_int, .is_used = 1},
};

// Group `index` of them all: the last key tells it, those before it make ties.
static int64_t number_of(int64_t index, uint32_t key, uint32_t key_count) {
    int64_t shuffled = index * 7919 % MANY_GROUPS - MANY_GROUPS / 2;
    int64_t parts[] = {shuffled / 4000 * 1000003, shuffled / 50 * 100, shuffled};
    return key + 1 == key_count ? shuffled : parts[key];
}

static void numbers_add(GroupState *groups, uint32_t key_count) {
    FlowGroupTable *table = group_state_table(groups);
    void **places = table->places;
    int count = 0;
    for (int64_t i = 0; i < 2 * MANY_GROUPS; i++) {
        Buffer key = {0};
        for (uint32_t k = 0; k < key_count; k++) {
            FlowValue value = {.i64 = number_of(i % MANY_GROUPS, k, key_count)};
            key_append(&key, &type_int, false, &value);
        }
        flow_rt_group_place(NULL, table, key.data, (int64_t)key.length, &places[count++]);
        buffer_free(&key);
        if (count == FLOW_BATCH_ROWS_MAX || i == 2 * MANY_GROUPS - 1) {
            flow_rt_group_settle(NULL, table);
            for (; count > 0; count--) {
                *(int64_t *)places[count - 1] += 1;
            }
        }
    }
}

static int numbers_compare(const int64_t *a, const int64_t *b, uint32_t count) {
    uint32_t i = 0;
    while (i + 1 < count && a[i] == b[i]) {
        i++;
    }
    return (a[i] > b[i]) - (a[i] < b[i]);
}

static void assert_numbers(GroupState *groups, uint32_t key_count) {
    Batch *batch = batch_new(number_columns + 3 - key_count, key_count + 1);
    static uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    int64_t last[3] = {INT64_MIN, INT64_MIN, INT64_MIN};
    uint64_t cursor = 0;
    while (group_state_next(groups, &cursor, batch, overflow)) {
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            int64_t keys[3] = {0};
            for (uint32_t k = 0; k < key_count; k++) {
                keys[k] = batch_value(batch, k, row).i64;
            }
            assert_true(numbers_compare(last, keys, key_count) < 0);
            memcpy(last, keys, sizeof(keys));
            assert_int_equal(batch_value(batch, key_count, row).i64, 2);
        }
        batch_clear(batch);
    }
    assert_int_equal(cursor, MANY_GROUPS);
    batch_free(batch);
}

static void groups_of_numbers_come_in_order(void **state) {
    (void)state;
    for (uint32_t key_count = 1; key_count <= 3; key_count++) {
        FlowGroup group = {.window_end = FLOW_NO_INDEX,
                           .slot_bytes = 16,
                           .keys = number_columns + 3 - key_count,
                           .keys_count = key_count,
                           .aggs = &count_rows,
                           .aggs_count = 1};
        GroupState *groups = group_state_new(&group);
        numbers_add(groups, key_count);
        assert_numbers(groups, key_count);
        group_state_free(groups);
    }
}

// --- keys of several widths ---

enum { ODD_GROUPS = 5000, ODD_KEYS = 4 };
static const FlowTypeDesc odd_decimal = {.kind = FLOW_DECIMAL, .precision = 30, .scale = 2};
static const FlowTypeDesc odd_float = {.kind = FLOW_FLOAT64};
static const FlowTypeDesc odd_small = {.kind = FLOW_INT8};
static const FlowTypeDesc odd_bool = {.kind = FLOW_BOOL};
static const FlowColumnDesc odd_columns[ODD_KEYS + 1] = {
    {.name = "small", .type = &odd_small, .is_used = 1},
    {.name = "wide", .type = &odd_decimal, .is_used = 1},
    {.name = "float", .type = &odd_float, .is_used = 1},
    {.name = "flag", .type = &odd_bool, .is_used = 1},
    {.name = "rows", .type = &type_int, .is_used = 1},
};

// The keys of group i ascend with i.
static void odd_key(int64_t i, FlowValue keys[ODD_KEYS]) {
    keys[0] = (FlowValue){.i64 = i / 1000 - 3};
    keys[1] = (FlowValue){.i128 = (i128)(i % 1000 / 20 - 25) * INT64_MAX * 5};
    keys[2] = (FlowValue){.f64 = (double)(i % 20 / 2 - 5) * 1.5};
    keys[3] = (FlowValue){.i64 = i % 2};
}

static void odd_rows_add(GroupState *groups, int64_t step) {
    Buffer key = {0};
    for (int64_t i = 0; i < ODD_GROUPS; i++) {
        FlowValue keys[ODD_KEYS];
        odd_key(i * step % ODD_GROUPS, keys);
        buffer_clear(&key);
        for (uint32_t k = 0; k < ODD_KEYS; k++) {
            key_append(&key, odd_columns[k].type, false, &keys[k]);
        }
        int64_t *count =
            flow_rt_group_find(NULL, group_state_table(groups), key.data, (int64_t)key.length);
        *count += step;
    }
    buffer_free(&key);
}

static void assert_odd_row(const Batch *batch, uint32_t row, int64_t i) {
    FlowValue keys[ODD_KEYS];
    odd_key(i, keys);
    for (uint32_t k = 0; k < ODD_KEYS; k++) {
        const FlowTypeDesc *type = odd_columns[k].type;
        FlowValue value = batch_value(batch, k, row);
        assert_int_equal(value_compare(type, &value, type, &keys[k]), 0);
    }
    assert_int_equal(batch_value(batch, ODD_KEYS, row).i64, 1 + 7);
}

static void keys_of_odd_widths_are_merged_and_come_in_order(void **state) {
    (void)state;
    FlowGroup group = {.window_end = FLOW_NO_INDEX,
                       .slot_bytes = 8,
                       .keys = odd_columns,
                       .keys_count = ODD_KEYS,
                       .aggs = &count_rows,
                       .aggs_count = 1};
    GroupState *states[] = {group_state_new(&group), group_state_new(&group)};
    odd_rows_add(states[0], 1);
    odd_rows_add(states[1], 7);
    group_states_merge(states, 2, NULL);
    Batch *batch = batch_new(odd_columns, ODD_KEYS + 1);
    uint64_t cursor = 0;
    int64_t met = 0;
    uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    while (group_state_next(states[0], &cursor, batch, overflow)) {
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            assert_odd_row(batch, row, met++);
        }
        batch_clear(batch);
    }
    assert_int_equal(met, ODD_GROUPS);
    batch_free(batch);
    group_state_free(states[0]);
    group_state_free(states[1]);
}

static void groups_without_rows_give_none(void **state) {
    (void)state;
    GroupState *groups = group_state_new(&by_name);
    Batch *batch = batch_new(result_columns, 3);
    uint64_t cursor = 0;
    uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    assert_false(group_state_next(groups, &cursor, batch, overflow));
    batch_free(batch);
    group_state_free(groups);
}

// --- forms of what is kept -----------------------------------------------------------------------

// What makes saved accumulators of one group useless for another shows in its form, names don't.
static void forms_tell_groups_apart(void **state) {
    (void)state;
    static const FlowText first[] = {{"a"}, {"b"}};
    static const FlowText second[] = {{"b"}, {"a"}};
    static const FlowTypeDesc keys[] = {
        {.kind = FLOW_STRING},
        {.kind = FLOW_STRING, .is_nullable = 1},
        {.kind = FLOW_DECIMAL, .precision = 12, .scale = 2},
        {.kind = FLOW_DECIMAL, .precision = 12, .scale = 3},
        {.kind = FLOW_ENUM, .enum_values = first, .enum_values_count = 2},
        {.kind = FLOW_ENUM, .enum_values = second, .enum_values_count = 2},
    };
    static const FlowTypeDesc number = {.kind = FLOW_INT64};
    static const FlowAgg sum = {.kind = FLOW_AGG_SUM, .input = &number, .result = &number};
    static const FlowAgg max = {.kind = FLOW_AGG_MAX, .input = &number, .result = &number};
    Buffer forms[2 * COUNT_OF(keys)] = {0};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        const FlowColumnDesc key = {.name = i % 2 == 0 ? "x" : "y", .type = &keys[i / 2]};
        const FlowGroup group = {
            .keys = &key, .keys_count = 1, .aggs = i % 2 == 0 ? &sum : &max, .aggs_count = 1};
        group_form(&group, &forms[i]);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(buffer_cstring(&forms[i]), buffer_cstring(&forms[other]));
        }
    }
    const FlowColumnDesc renamed = {.name = "z", .type = &keys[0]};
    const FlowGroup same = {.keys = &renamed, .keys_count = 1, .aggs = &sum, .aggs_count = 1};
    Buffer form = {0};
    group_form(&same, &form);
    assert_string_equal(buffer_cstring(&form), buffer_cstring(&forms[0]));
    buffer_free(&form);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        buffer_free(&forms[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_exact_in_any_order),
        cmocka_unit_test(a_float_sum_loses_nothing),
        cmocka_unit_test(both_forms_of_a_sum_round_alike),
        cmocka_unit_test(results_come_by_end_then_key),
        cmocka_unit_test(many_groups_are_all_found_again),
        cmocka_unit_test(places_are_there_when_they_are_settled),
        cmocka_unit_test(groups_of_numbers_come_in_order),
        cmocka_unit_test(keys_of_odd_widths_are_merged_and_come_in_order),
        cmocka_unit_test(groups_without_rows_give_none),
        cmocka_unit_test(forms_tell_groups_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
