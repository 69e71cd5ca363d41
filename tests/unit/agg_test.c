// Goal: what an aggregate gives depends on the set of its rows alone: not on their order, not on
// how they were cut over workers, not on what was spilled in between. Method: every kind over
// random rows of several types; the result of one accumulator that gets them in order is compared,
// byte by byte, with that of several that get them shuffled, are saved, loaded and merged in any
// order. Values with known answers stand beside that.
#include "state/agg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS_MAX = 1500, PARTS = 4, ROUNDS = 6 };

static const FlowTypeDesc type_bool = {.kind = FLOW_BOOL};
static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_float = {.kind = FLOW_FLOAT64};
static const FlowTypeDesc type_money = {.kind = FLOW_DECIMAL, .precision = 12, .scale = 2};
static const FlowTypeDesc type_wide = {.kind = FLOW_DECIMAL, .precision = 38, .scale = 2};
static const FlowTypeDesc type_text = {.kind = FLOW_STRING};
static const FlowColumnDesc element_text = {.name = "element", .type = &type_text};
static const FlowColumnDesc element_float = {.name = "element", .type = &type_float};
static const FlowColumnDesc element_int = {.name = "element", .type = &type_int};
static const FlowTypeDesc type_texts = {
    .kind = FLOW_LIST, .children = &element_text, .children_count = 1};
static const FlowTypeDesc type_floats = {
    .kind = FLOW_LIST, .children = &element_float, .children_count = 1};
static const FlowTypeDesc type_ints = {
    .kind = FLOW_LIST, .children = &element_int, .children_count = 1};

typedef struct Case {
    FlowAggKind kind;
    const FlowTypeDesc *input;
    const FlowTypeDesc *second;
    const FlowTypeDesc *result;
} Case;

static const Case cases[] = {
    {FLOW_AGG_COUNT_VALUES, &type_int, NULL, &type_int},
    {FLOW_AGG_COUNT_IF, &type_bool, NULL, &type_int},
    {FLOW_AGG_COUNT_DISTINCT, &type_text, NULL, &type_int},
    {FLOW_AGG_COUNT_DISTINCT, &type_texts, NULL, &type_int},
    {FLOW_AGG_APPROX_COUNT_DISTINCT, &type_text, NULL, &type_int},
    {FLOW_AGG_APPROX_COUNT_DISTINCT, &type_float, NULL, &type_int},
    {FLOW_AGG_SUM, &type_int, NULL, &type_int},
    {FLOW_AGG_SUM, &type_float, NULL, &type_float},
    {FLOW_AGG_SUM, &type_money, NULL, &type_wide},
    {FLOW_AGG_SUM, &type_wide, NULL, &type_wide},
    {FLOW_AGG_AVG, &type_int, NULL, &type_float},
    {FLOW_AGG_AVG, &type_float, NULL, &type_float},
    {FLOW_AGG_AVG, &type_wide, NULL, &type_wide},
    {FLOW_AGG_MIN, &type_text, NULL, &type_text},
    {FLOW_AGG_MAX, &type_float, NULL, &type_float},
    {FLOW_AGG_MIN, &type_texts, NULL, &type_texts},
    {FLOW_AGG_FIRST, &type_text, NULL, &type_text},
    {FLOW_AGG_LAST, &type_texts, NULL, &type_texts},
    {FLOW_AGG_ARG_MIN, &type_text, &type_int, &type_text},
    {FLOW_AGG_ARG_MAX, &type_texts, &type_text, &type_texts},
    {FLOW_AGG_STDDEV, &type_float, NULL, &type_float},
    {FLOW_AGG_VARIANCE, &type_int, NULL, &type_float},
    {FLOW_AGG_VARIANCE, &type_wide, NULL, &type_float},
    {FLOW_AGG_MEDIAN, &type_float, NULL, &type_float},
    {FLOW_AGG_MEDIAN, &type_money, NULL, &type_float},
    {FLOW_AGG_PERCENTILE, &type_int, &type_float, &type_float},
    {FLOW_AGG_APPROX_PERCENTILE, &type_float, &type_float, &type_float},
    {FLOW_AGG_BOOL_AND, &type_bool, NULL, &type_bool},
    {FLOW_AGG_BOOL_OR, &type_bool, NULL, &type_bool},
    {FLOW_AGG_COLLECT_LIST, &type_text, NULL, &type_texts},
    {FLOW_AGG_COLLECT_LIST, &type_float, NULL, &type_floats},
    {FLOW_AGG_COLLECT_SET, &type_text, NULL, &type_texts},
    {FLOW_AGG_COLLECT_SET, &type_int, NULL, &type_ints},
    {FLOW_AGG_STRING_AGG, &type_text, &type_text, &type_text},
};

// --- rows ----------------------------------------------------------------------------------------
static uint64_t seed = 88172645463325252u;

static uint64_t number_next(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % below;
}

typedef struct Row {
    FlowValue values[2];
    AggPlace place;
} Row;

static FlowView random_text(Arena *arena) {
    const char *text = arena_format(
        arena, "%s%d", number_next(2) == 0 ? "a long text of many " : "t", (int)number_next(900));
    return view_of(text, strlen(text));
}

static FlowValue random_value(Arena *arena, const FlowTypeDesc *type) {
    static const double floats[] = {0.0, -0.0, 1e300, -1e300, 5e-324, 0.1, 1e16, -3.25};
    FlowValue value = {0};
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        value.i64 = (int64_t)number_next(2);
        break;
    case FLOW_FLOAT64:
        value.f64 = number_next(4) == 0 ? floats[number_next(COUNT_OF(floats))]
                                        : ((double)number_next(100000) - 5e4) / 7;
        break;
    case FLOW_DECIMAL:
        value.i128 = (i128)number_next(1000000000) - 500000000;
        value.i128 *= type->precision > 18 ? (i128)1 << 80 : 1;
        break;
    case FLOW_STRING:
        value.view = random_text(arena);
        break;
    case FLOW_LIST: {
        FlowValue *items = NULL;
        uint8_t *validity = NULL;
        int64_t count = (int64_t)number_next(3);
        value.nested = nested_new(arena, count, count, &items, &validity);
        for (int64_t i = 0; i < count; i++) {
            items[i] = random_value(arena, type->children[0].type);
        }
        break;
    }
    default:
        value.i64 = (int64_t)number_next(2000) - 1000;
        break;
    }
    return value;
}

static FlowValue second_value(Arena *arena, const Case *test) {
    if (test->kind == FLOW_AGG_PERCENTILE || test->kind == FLOW_AGG_APPROX_PERCENTILE) {
        return (FlowValue){.f64 = 0.9};
    }
    if (test->kind == FLOW_AGG_STRING_AGG) {
        return (FlowValue){.view = view_text(", and then, ")};
    }
    return test->second == NULL ? (FlowValue){0} : random_value(arena, test->second);
}

// Places are unique; the event time repeats.
static void rows_make(Arena *arena, const Case *test, Row *rows, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        rows[i].values[0] = random_value(arena, test->input);
        rows[i].values[1] = second_value(arena, test);
        rows[i].place = (AggPlace){.time_us = (int64_t)number_next(20),
                                   .source = (int32_t)number_next(2),
                                   .position = (int64_t)i};
    }
}

static void shuffle(Row *rows, uint32_t count) {
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = (uint32_t)number_next(i);
        Row kept = rows[i - 1];
        rows[i - 1] = rows[j];
        rows[j] = kept;
    }
}

// --- accumulators --------------------------------------------------------------------------------
typedef struct Slot {
    _Alignas(16) char bytes[64];
} Slot;

static FlowAgg agg_of(const Case *test) {
    return (FlowAgg){.kind = (int32_t)test->kind,
                     .input = test->input,
                     .second = test->second,
                     .result = test->result};
}

static void take(Arena *arena, const FlowAgg *agg, void *slot, const Row *row) {
    if (flow_agg_is_ordered((FlowAggKind)agg->kind)) {
        agg_update_at(arena, agg, slot, row->values, &row->place);
    } else {
        agg_update(arena, agg, slot, row->values);
    }
}

static void result_text(const FlowAgg *agg, const void *slot, Buffer *out) {
    Arena arena = {0};
    FlowValue value = {0};
    buffer_clear(out);
    switch (agg_result(&arena, agg, slot, &value)) {
    case AGG_VALUE:
        value_json(out, agg->result, &value);
        break;
    case AGG_NULL:
        buffer_text(out, "null");
        break;
    case AGG_OVERFLOW:
        buffer_text(out, "overflow");
        break;
    }
    arena_free(&arena);
}

static void save_and_load(Arena *arena, const FlowAgg *agg, Slot *slot) {
    Buffer bytes = {0};
    agg_save(agg, slot, &bytes);
    memset(slot, 0, sizeof(*slot));
    const char *at = bytes.data;
    agg_load(arena, agg, slot, &at);
    assert_ptr_equal(at, bytes.data + bytes.length);
    buffer_free(&bytes);
}

static void parts_result(const FlowAgg *agg, Row *rows, uint32_t count, Buffer *out) {
    Arena arenas[PARTS] = {0};
    Slot slots[PARTS] = {0};
    shuffle(rows, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t part = (uint32_t)number_next(PARTS);
        take(&arenas[part], agg, &slots[part], &rows[i]);
    }
    uint32_t into = (uint32_t)number_next(PARTS);
    for (uint32_t i = 0; i < PARTS; i++) {
        uint32_t part = (into + i) % PARTS;
        if (number_next(2) == 0) {
            save_and_load(&arenas[part], agg, &slots[part]);
        }
        if (part != into) {
            agg_merge(&arenas[into], agg, &slots[into], &slots[part]);
            arena_free(&arenas[part]); // Nothing of it may be kept.
        }
    }
    result_text(agg, &slots[into], out);
    arena_free(&arenas[into]);
}

static void one_case(const Case *test, uint32_t count) {
    static Row rows[ROWS_MAX];
    FlowAgg agg = agg_of(test);
    Arena arena = {0};
    Slot slot = {0};
    Buffer want = {0};
    Buffer got = {0};
    rows_make(&arena, test, rows, count);
    for (uint32_t i = 0; i < count; i++) {
        take(&arena, &agg, &slot, &rows[i]);
    }
    result_text(&agg, &slot, &want);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        parts_result(&agg, rows, count, &got);
        if (want.length != got.length || memcmp(want.data, got.data, want.length) != 0) {
            fail_msg("kind %d of %u rows: %s, not %s",
                     (int)test->kind,
                     count,
                     buffer_cstring(&got),
                     buffer_cstring(&want));
        }
    }
    buffer_free(&want);
    buffer_free(&got);
    arena_free(&arena);
}

static void neither_order_nor_parts_show(void **state) {
    (void)state;
    static const uint32_t counts[] = {0, 1, 2, 30, ROWS_MAX};
    for (uint32_t i = 0; i < COUNT_OF(cases); i++) {
        for (uint32_t c = 0; c < COUNT_OF(counts); c++) {
            one_case(&cases[i], counts[c]);
        }
    }
}

// --- known answers -------------------------------------------------------------------------------
typedef struct Known {
    FlowAggKind kind;
    const FlowTypeDesc *input;
    double part;
    const char *values[8];
    const char *want;
} Known;

static void known_answers(void **state) {
    (void)state;
    static const Known known[] = {
        {FLOW_AGG_VARIANCE, &type_int, 0, {"1"}, "null"},
        {FLOW_AGG_VARIANCE, &type_int, 0, {"7", "7", "7"}, "0.0"},
        {FLOW_AGG_VARIANCE,
         &type_int,
         0,
         {"2", "4", "4", "4", "5", "5", "7", "9"},
         "4.571428571428571"},
        {FLOW_AGG_STDDEV, &type_int, 0, {"2", "4"}, "1.4142135623730951"},
        {FLOW_AGG_VARIANCE,
         &type_float,
         0,
         {"1e15", "1000000000000001", "1000000000000002"},
         "1.0"},
        {FLOW_AGG_VARIANCE, &type_float, 0, {"5e-324", "5e-324"}, "0.0"},
        {FLOW_AGG_VARIANCE, &type_float, 0, {"1e200", "-1e200"}, "overflow"},
        {FLOW_AGG_VARIANCE, &type_float, 0, {"1", "NaN"}, "\"NaN\""},
        {FLOW_AGG_VARIANCE, &type_money, 0, {"0.01", "0.02", "0.03"}, "0.0001"},
        {FLOW_AGG_VARIANCE,
         &type_wide,
         0,
         {"999999999999999999999999999999999999.99", "-999999999999999999999999999999999999.99"},
         "2e+72"},
        {FLOW_AGG_MEDIAN, &type_int, 0, {"3", "1", "2"}, "2.0"},
        {FLOW_AGG_MEDIAN, &type_int, 0, {"3", "1", "2", "10"}, "2.5"},
        {FLOW_AGG_MEDIAN, &type_float, 0, {"Infinity", "Infinity"}, "\"Infinity\""},
        {FLOW_AGG_MEDIAN, &type_float, 0, {"1e308", "-1e308"}, "0.0"},
        {FLOW_AGG_MEDIAN, &type_money, 0, {"0.10", "0.30"}, "0.2"},
        {FLOW_AGG_PERCENTILE, &type_int, 0.25, {"1", "2", "3", "4"}, "1.75"},
        {FLOW_AGG_PERCENTILE, &type_int, 1, {"1", "2", "3", "4"}, "4.0"},
        {FLOW_AGG_APPROX_PERCENTILE, &type_float, 0, {"-5", "2", "3"}, "-5.0"},
        {FLOW_AGG_APPROX_PERCENTILE, &type_float, 1, {"-5", "2", "3"}, "3.0"},
        {FLOW_AGG_APPROX_PERCENTILE, &type_float, 0.5, {"0", "0", "0"}, "0.0"},
        {FLOW_AGG_MIN, &type_float, 0, {"0", "-0"}, "0.0"},
        {FLOW_AGG_BOOL_AND, &type_bool, 0, {"true", "false"}, "false"},
        {FLOW_AGG_BOOL_OR, &type_bool, 0, {"true", "false"}, "true"},
        {FLOW_AGG_BOOL_OR, &type_bool, 0, {NULL}, "null"},
    };
    for (uint32_t i = 0; i < COUNT_OF(known); i++) {
        const Known *test = &known[i];
        bool is_logic = test->input->kind == FLOW_BOOL;
        FlowAgg agg = {.kind = (int32_t)test->kind,
                       .input = test->input,
                       .second = &type_float,
                       .result = is_logic ? &type_bool : &type_float};
        Arena arena = {0};
        Slot slot = {0};
        Buffer got = {0};
        for (uint32_t v = 0; v < COUNT_OF(test->values) && test->values[v] != NULL; v++) {
            Row row = {.values = {{0}, {.f64 = test->part}}};
            const char *text = test->values[v];
            assert_int_equal(value_parse(&arena, test->input, text, strlen(text), &row.values[0]),
                             PARSE_OK);
            take(&arena, &agg, &slot, &row);
        }
        result_text(&agg, &slot, &got);
        if (strcmp(buffer_cstring(&got), test->want) != 0) {
            fail_msg("case %u: %s, not %s", i, buffer_cstring(&got), test->want);
        }
        buffer_free(&got);
        arena_free(&arena);
    }
}

// Within 5 percent (three standard errors) up to a million values, exact for few.
static void approximate_counts_are_near(void **state) {
    (void)state;
    static const int64_t counts[] = {1, 500, 2000, 20000, 300000};
    FlowAgg agg = {.kind = FLOW_AGG_APPROX_COUNT_DISTINCT, .input = &type_int, .result = &type_int};
    for (uint32_t c = 0; c < COUNT_OF(counts); c++) {
        Arena arena = {0};
        Slot slot = {0};
        FlowValue value = {0};
        for (int64_t i = 0; i < counts[c]; i++) {
            value.i64 = i * 977;
            agg_update(&arena, &agg, &slot, &value);
            agg_update(&arena, &agg, &slot, &value);
        }
        assert_int_equal(agg_result(&arena, &agg, &slot, &value), AGG_VALUE);
        int64_t error = value.i64 > counts[c] ? value.i64 - counts[c] : counts[c] - value.i64;
        assert_true(error * 20 <= counts[c] && (counts[c] > 500 || error == 0));
        arena_free(&arena);
    }
}

// At most 1/256 of the value away from the exact percentile, negative values included.
static void approximate_percentiles_are_near(void **state) {
    (void)state;
    static const double parts[] = {0, 0.01, 0.25, 0.5, 0.9, 0.999, 1};
    for (uint32_t p = 0; p < COUNT_OF(parts); p++) {
        FlowAgg agg = {.kind = FLOW_AGG_APPROX_PERCENTILE,
                       .input = &type_int,
                       .second = &type_float,
                       .result = &type_float};
        Arena arena = {0};
        Slot slot = {0};
        FlowValue result = {0};
        for (int64_t i = 0; i <= 20000; i++) {
            FlowValue values[2] = {{.i64 = i - 5000}, {.f64 = parts[p]}};
            agg_update(&arena, &agg, &slot, values);
        }
        assert_int_equal(agg_result(&arena, &agg, &slot, &result), AGG_VALUE);
        double exact = parts[p] * 20000 - 5000;
        double error = result.f64 > exact ? result.f64 - exact : exact - result.f64;
        double size = exact < 0 ? -exact : exact;
        assert_true(error <= size / 256 + 1);
        arena_free(&arena);
    }
}

// --- running -------------------------------------------------------------------------------------
static void lag_is_the_row_before(void **state) {
    (void)state;
    static const char *const texts[] = {"one that is too long for a view", "b", NULL, "d", "e"};
    static const char *const want[] = {
        "null", "\"one that is too long for a view\"", "\"b\"", "null", "\"d\""};
    FlowAgg agg = {.kind = FLOW_AGG_LAG, .input = &type_text, .result = &type_text};
    Arena arena = {0};
    Slot slot = {0};
    Buffer got = {0};
    for (uint32_t i = 0; i < COUNT_OF(texts); i++) {
        FlowValue value = {0};
        if (texts[i] != NULL) {
            value.view = view_text(texts[i]);
        }
        agg_update(&arena, &agg, &slot, texts[i] == NULL ? NULL : &value);
        save_and_load(&arena, &agg, &slot);
        result_text(&agg, &slot, &got);
        assert_string_equal(buffer_cstring(&got), want[i]);
    }
    buffer_free(&got);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neither_order_nor_parts_show),
        cmocka_unit_test(known_answers),
        cmocka_unit_test(approximate_counts_are_near),
        cmocka_unit_test(approximate_percentiles_are_near),
        cmocka_unit_test(lag_is_the_row_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
