// Goal: a value has one text, one order and one set of key bytes, and arithmetic on it is exact.
// Method: tables of texts in, texts out; two identities checked over many random values.
#include "scalar/scalar.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RANDOM_CASES = 20000 };

static const FlowText listed[] = {{"open"}, {"paid"}, {"a long one, past twelve"}};

static FlowTypeDesc type_of(FlowKind kind) {
    return (FlowTypeDesc){.kind = (int32_t)kind, .enum_values = listed, .enum_values_count = 3};
}

static FlowTypeDesc decimal(int32_t precision, int32_t scale) {
    return (FlowTypeDesc){.kind = FLOW_DECIMAL, .precision = precision, .scale = scale};
}

static FlowValue parsed(Arena *arena, const FlowTypeDesc *type, const char *text) {
    FlowValue value = {0};
    if (value_parse(arena, type, text, strlen(text), &value) != PARSE_OK) {
        fail_msg("%s is no value of kind %d", text, type->kind);
    }
    return value;
}

static const char *text_of(const FlowTypeDesc *type, const FlowValue *value) {
    static Buffer out;
    buffer_clear(&out);
    value_text(&out, type, value);
    return buffer_cstring(&out);
}

static uint64_t random_next(void) {
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 2685821657736338717u;
}

// --- text ----------------------------------------------------------------------------------------

// out NULL: no value of the type.
typedef struct TextCase {
    FlowKind kind;
    const char *in;
    const char *out;
} TextCase;

static void a_text_is_read_strictly_and_written_in_one_form(void **state) {
    (void)state;
    static const TextCase cases[] = {
        {FLOW_BOOL, "true", "true"},
        {FLOW_BOOL, "True", NULL},
        {FLOW_BOOL, "1", NULL},
        {FLOW_INT8, "-128", "-128"},
        {FLOW_INT8, "128", NULL},
        {FLOW_INT32, "+007", "7"},
        {FLOW_INT64, "9223372036854775807", "9223372036854775807"},
        {FLOW_INT64, "-9223372036854775808", "-9223372036854775808"},
        {FLOW_INT64, "9223372036854775808", NULL},
        {FLOW_INT64, "1.0", NULL},
        {FLOW_INT64, "1e2", NULL},
        {FLOW_INT64, " 1", NULL},
        {FLOW_INT64, "", NULL},
        {FLOW_INT64, "-", NULL},
        {FLOW_FLOAT64, "0.1", "0.1"},
        {FLOW_FLOAT64, "-0", "-0.0"},
        {FLOW_FLOAT64, "100", "100.0"},
        {FLOW_FLOAT64, "1e16", "1e+16"},
        {FLOW_FLOAT64, "1e15", "1000000000000000.0"},
        {FLOW_FLOAT64, "0.0001", "0.0001"},
        {FLOW_FLOAT64, "0.00001", "1e-05"},
        {FLOW_FLOAT64, "5e-324", "5e-324"},
        {FLOW_FLOAT64, "2e-324", "0.0"},
        {FLOW_FLOAT64, "1.7976931348623157e308", "1.7976931348623157e+308"},
        {FLOW_FLOAT64, "1e400", NULL},
        {FLOW_FLOAT64, "9007199254740993", "9007199254740992.0"},
        {FLOW_FLOAT64, "9007199254740993.0000000000000000000001", "9007199254740994.0"},
        {FLOW_FLOAT64, "0.30000000000000004", "0.30000000000000004"},
        {FLOW_FLOAT64, "NaN", "NaN"},
        {FLOW_FLOAT64, "-Infinity", "-Infinity"},
        {FLOW_FLOAT64, "nan", NULL},
        {FLOW_FLOAT64, "0x10", NULL},
        {FLOW_FLOAT64, "1.", "1.0"},
        {FLOW_FLOAT64, ".", NULL},
        {FLOW_FLOAT64, "1e", NULL},
        {FLOW_FLOAT32, "0.1", "0.1"},
        {FLOW_FLOAT32, "16777217", "16777216.0"},
        {FLOW_FLOAT32, "3.5e38", NULL},
        {FLOW_STRING, "a\xC3\x9F", "a\xC3\x9F"},
        {FLOW_STRING, "\xC3", NULL},
        {FLOW_STRING, "\xED\xA0\x80", NULL},
        {FLOW_BYTES, "AAEC/w==", "AAEC/w=="},
        {FLOW_BYTES, "AAEC/w=", NULL},
        {FLOW_BYTES, "AAEC/x==", NULL},
        {FLOW_BYTES, "", ""},
        {FLOW_DATE, "2024-02-29", "2024-02-29"},
        {FLOW_DATE, "2023-02-29", NULL},
        {FLOW_DATE, "0000-01-01", "0000-01-01"},
        {FLOW_DATE, "2024-2-29", NULL},
        {FLOW_TIMESTAMP, "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"},
        {FLOW_TIMESTAMP, "2026-01-31T12:00:00.5+02:00", "2026-01-31T10:00:00.500Z"},
        {FLOW_TIMESTAMP, "2026-01-31t12:00:00.1234567z", "2026-01-31T12:00:00.123456Z"},
        {FLOW_TIMESTAMP, "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {FLOW_TIMESTAMP, "2026-01-31T12:00:00", NULL},
        {FLOW_TIMESTAMP, "2026-01-31T24:00:00Z", NULL},
        {FLOW_TIMESTAMP, "2026-01-31T23:59:60Z", NULL},
        {FLOW_TIMESTAMP, "2026-01-31T12:00:00.Z", NULL},
        {FLOW_TIMESTAMP, "2026-01-31T12:00:00+0200", NULL},
        {FLOW_DURATION, "-1500000", "-1500000"},
        {FLOW_ENUM, "paid", "paid"},
        {FLOW_ENUM, "pai", NULL},
        {FLOW_ENUM, "paid ", NULL},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowTypeDesc type = type_of(cases[i].kind);
        FlowValue value = {0};
        const char *in = cases[i].in;
        bool is_value = value_parse(&arena, &type, in, strlen(in), &value) == PARSE_OK;
        if (is_value != (cases[i].out != NULL)) {
            fail_msg("kind %d: %s is %s", type.kind, in, is_value ? "taken" : "refused");
        }
        if (is_value) {
            assert_string_equal(text_of(&type, &value), cases[i].out);
        }
    }
    arena_free(&arena);
}

static void a_decimal_is_read_from_its_digits(void **state) {
    (void)state;
    static const struct {
        int32_t precision;
        int32_t scale;
        const char *in;
        const char *out;
    } cases[] = {
        {12, 2, "12.5", "12.50"},
        {12, 2, "-0.05", "-0.05"},
        {12, 2, "12.500", "12.50"},
        {12, 2, "12.505", NULL},
        {12, 2, "1e2", "100.00"},
        {12, 2, "150e-2", "1.50"},
        {12, 2, "1e-3", NULL},
        {12, 2, "9999999999.99", "9999999999.99"},
        {12, 2, "10000000000", NULL},
        {12, 2, "0e999999999999", "0.00"},
        {12, 2, "1e999999999999", NULL},
        {12, 2, "000000000000000000000000000001.00", "1.00"},
        {38, 0, "99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
        {38, 0, "100000000000000000000000000000000000000", NULL},
        {38,
         38,
         "-0.00000000000000000000000000000000000001",
         "-0.00000000000000000000000000000000000001"},
        {12, 2, "1.2.3", NULL},
        {12, 2, "NaN", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowTypeDesc type = decimal(cases[i].precision, cases[i].scale);
        FlowValue value = {0};
        const char *in = cases[i].in;
        bool is_value = value_parse(NULL, &type, in, strlen(in), &value) == PARSE_OK;
        if (is_value != (cases[i].out != NULL)) {
            fail_msg("decimal %s is %s", in, is_value ? "taken" : "refused");
        }
        if (is_value) {
            assert_string_equal(text_of(&type, &value), cases[i].out);
        }
    }
}

static void a_json_number_may_be_an_integer_with_point_or_exponent(void **state) {
    (void)state;
    static const struct {
        const char *in;
        ParseResult result;
        int64_t value;
    } cases[] = {
        {"1.0", PARSE_OK, 1},
        {"1e2", PARSE_OK, 100},
        {"-12.50e1", PARSE_OK, -125},
        {"1.5", PARSE_RANGE, 0},
        {"1e-1", PARSE_RANGE, 0},
        {"1e18", PARSE_OK, 1000000000000000000},
        {"1e19", PARSE_RANGE, 0},
        {"-0", PARSE_OK, 0},
        {"9223372036854775808", PARSE_RANGE, 0},
    };
    FlowTypeDesc type = type_of(FLOW_INT64);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowValue value = {0};
        const char *in = cases[i].in;
        assert_int_equal(value_parse_number(&type, in, strlen(in), &value), cases[i].result);
        if (cases[i].result == PARSE_OK) {
            assert_int_equal(value.i64, cases[i].value);
        }
    }
}

static void a_float_reads_back_as_itself(void **state) {
    (void)state;
    FlowTypeDesc types[] = {type_of(FLOW_FLOAT64), type_of(FLOW_FLOAT32)};
    for (int i = 0; i < RANDOM_CASES; i++) {
        FlowTypeDesc *type = &types[i % 2];
        uint64_t bits = random_next();
        FlowValue value = {0};
        memcpy(&value.f64, &bits, sizeof(bits));
        if (type->kind == FLOW_FLOAT32) {
            uint32_t few = (uint32_t)bits;
            float single;
            memcpy(&single, &few, sizeof(few));
            value.f64 = (double)single;
        }
        if (isnan(value.f64)) {
            continue;
        }
        FlowValue back = parsed(NULL, type, text_of(type, &value));
        assert_memory_equal(&back.f64, &value.f64, sizeof(double));
    }
}

static void json_quotes_what_json_lacks(void **state) {
    (void)state;
    static const TextCase cases[] = {
        {FLOW_INT64, "7", "7"},
        {FLOW_FLOAT64, "NaN", "\"NaN\""},
        {FLOW_FLOAT64, "1.5", "1.5"},
        {FLOW_BOOL, "false", "false"},
        {FLOW_STRING, "a\"\n", "\"a\\\"\\n\""},
        {FLOW_DATE, "2026-01-31", "\"2026-01-31\""},
        {FLOW_BYTES, "AAEC", "\"AAEC\""},
        {FLOW_ENUM, "open", "\"open\""},
        {FLOW_DURATION, "5", "5"},
    };
    Arena arena = {0};
    Buffer out = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowTypeDesc type = type_of(cases[i].kind);
        FlowValue value = parsed(&arena, &type, cases[i].in);
        buffer_clear(&out);
        value_json(&out, &type, &value);
        assert_string_equal(buffer_cstring(&out), cases[i].out);
    }
    buffer_free(&out);
    arena_free(&arena);
}

static void utf8_is_judged_by_its_bytes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_valid;
    } cases[] = {
        {"", true},
        {"plain text that is longer than one vector", true},
        {"plain text of 16B\xC3\xA9 and more of it, to the end \xF0\x9F\x98\x80", true},
        {"\xC0\x80", false},
        {"\xE0\x80\x80", false},
        {"\xED\xBF\xBF", false},
        {"\xEE\x80\x80", true},
        {"\xF4\x8F\xBF\xBF", true},
        {"\xF4\x90\x80\x80", false},
        {"\xFF", false},
        {"\x80", false},
        {"0123456789abcdef\xE2\x82", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(utf8_is_valid(cases[i].text, strlen(cases[i].text)), cases[i].is_valid);
    }
}

// --- order and keys ------------------------------------------------------------------------------

static void keys_order_and_equal_as_values_do(void **state) {
    (void)state;
    static const struct {
        FlowKind kind;
        const char *ascending[6]; // equal neighbours are marked by =
    } cases[] = {
        {FLOW_INT64, {"-9223372036854775808", "-1", "0", "1", "9223372036854775807"}},
        {FLOW_FLOAT64, {"-Infinity", "-1.5", "-0.0", "=0.0", "Infinity", "NaN"}},
        {FLOW_STRING, {"", "a", "a\x01", "ab", "b", "\xC3\x9F"}},
        {FLOW_ENUM, {"a long one, past twelve", "open", "paid"}},
        {FLOW_DATE, {"1969-12-31", "1970-01-01", "2026-01-31"}},
    };
    Arena arena = {0};
    Buffer keys[2] = {{0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowTypeDesc type = type_of(cases[i].kind);
        for (size_t j = 1; j < 6 && cases[i].ascending[j] != NULL; j++) {
            const char *above_text = cases[i].ascending[j];
            const char *below_text = cases[i].ascending[j - 1];
            bool is_equal = *above_text == '=';
            FlowValue below = parsed(&arena, &type, below_text + (*below_text == '='));
            FlowValue above = parsed(&arena, &type, above_text + is_equal);
            assert_int_equal(value_compare(&type, &below, &type, &above), is_equal ? 0 : -1);
            buffer_clear(&keys[0]);
            buffer_clear(&keys[1]);
            key_append(&keys[0], &type, false, &below);
            key_append(&keys[1], &type, false, &above);
            size_t shorter = keys[0].length < keys[1].length ? keys[0].length : keys[1].length;
            int order = memcmp(keys[0].data, keys[1].data, shorter);
            assert_true(is_equal ? order == 0 && keys[0].length == keys[1].length : order < 0);
        }
    }
    buffer_free(&keys[0]);
    buffer_free(&keys[1]);
    arena_free(&arena);
}

static void key_bytes_are_these_in_every_release(void **state) {
    (void)state;
    FlowTypeDesc text = type_of(FLOW_STRING);
    FlowTypeDesc integer = type_of(FLOW_INT32);
    FlowTypeDesc money = decimal(12, 2);
    FlowValue a = {.view = view_of("a\0b", 3)};
    FlowValue minus = {.i64 = -1};
    FlowValue cents = {.i128 = 150};
    static const char want[] = "\x01"
                               "a\x00\xFF"
                               "b\x00\x00"
                               "\x00"
                               "\x01\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                               "\x01\x80\x00\x00\x00\x00\x00\x00\x00"
                               "\x00\x00\x00\x00\x00\x00\x00\x96";
    Buffer key = {0};
    key_append(&key, &text, false, &a);
    key_append(&key, &text, true, NULL);
    key_append(&key, &integer, false, &minus);
    key_append(&key, &money, false, &cents);
    assert_int_equal(key.length, sizeof(want) - 1);
    assert_memory_equal(key.data, want, key.length);
    buffer_free(&key);
}

// Generated code makes its keys with the helpers.
static void helpers_make_the_same_keys(void **state) {
    (void)state;
    FlowTypeDesc types[] = {
        type_of(FLOW_INT64), type_of(FLOW_FLOAT64), decimal(38, 4), type_of(FLOW_STRING)};
    FlowValue values[] = {{.i64 = -77},
                          {.f64 = -0.0},
                          {.i128 = -((i128)1 << 100)},
                          {.view = view_of("a string \0 with a zero byte", 26)}};
    char made[4][128];
    char *ends[] = {flow_h_key_i64(made[0], values[0].i64),
                    flow_h_key_f64(made[1], &values[1].f64),
                    flow_h_key_i128(made[2], &values[2].i128),
                    flow_h_key_view(made[3], &values[3].view)};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        Buffer key = {0};
        key_append(&key, &types[i], false, &values[i]);
        assert_int_equal(key.length, ends[i] - made[i]);
        assert_memory_equal(key.data, made[i], key.length);
        const char *at = key.data;
        Arena arena = {0};
        FlowValue back = {0};
        assert_true(key_read(&arena, &types[i], &at, &back));
        assert_int_equal(value_compare(&types[i], &back, &types[i], &values[i]), 0);
        assert_true(at == key.data + key.length);
        arena_free(&arena);
        buffer_free(&key);
    }
}

static void helpers_select_and_compare(void **state) {
    (void)state;
    uint8_t mask[20] = {1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1};
    int32_t rows[32];
    assert_int_equal(flow_h_select_dense(mask, 19, rows), 4);
    static const int32_t want[] = {0, 3, 16, 18};
    assert_memory_equal(rows, want, sizeof(want));
    mask[3] = 0;
    assert_int_equal(flow_h_select_sparse(mask, rows, 4), 3);
    assert_int_equal(rows[1], 16);
    static const char *const texts[] = {
        "", "ab", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmn"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (size_t j = 0; j < COUNT_OF(texts); j++) {
            FlowView a = view_text(texts[i]);
            FlowView b = view_text(texts[j]);
            assert_int_equal(flow_h_view_equal(&a, &b), i == j);
            assert_int_equal(flow_h_view_compare(&a, &b), (i > j) - (i < j));
            assert_int_equal(view_compare(&a, &b), (i > j) - (i < j));
        }
    }
}

// --- arithmetic ----------------------------------------------------------------------------------

typedef bool (*DecimalFn)(i128, int32_t, i128, int32_t, int32_t, int32_t, i128 *);

static void decimals_are_exact_and_rounded_half_up(void **state) {
    (void)state;
    static const struct {
        DecimalFn function;
        int32_t a_scale;
        const char *a;
        int32_t b_scale;
        const char *b;
        int32_t precision;
        int32_t scale;
        const char *want; // NULL: does not fit
    } cases[] = {
        {decimal_add, 2, "1.05", 1, "0.9", 5, 2, "1.95"},
        {decimal_add, 2, "-1.05", 2, "0.05", 5, 1, "-1.0"},
        {decimal_add, 2, "-1.05", 2, "0.00", 5, 1, "-1.1"},
        {decimal_add, 0, "99999999999999999999999999999999999999", 0, "1", 38, 0, NULL},
        {decimal_multiply, 2, "1.25", 1, "0.5", 8, 3, "0.625"},
        {decimal_multiply, 2, "1.25", 1, "0.5", 8, 2, "0.63"},
        {decimal_multiply, 2, "-1.25", 1, "0.5", 8, 2, "-0.63"},
        {decimal_multiply,
         19,
         "1.0000000000000000001",
         19,
         "1.0000000000000000001",
         38,
         37,
         "1.0000000000000000002000000000000000000"},
        {decimal_multiply, 0, "99999999999999999999999999999999999999", 0, "10", 38, 0, NULL},
        {decimal_multiply,
         0,
         "99999999999999999999999999999999999999",
         38,
         "0.99999999999999999999999999999999999999",
         38,
         0,
         "99999999999999999999999999999999999998"},
        {decimal_divide, 0, "1", 0, "3", 38, 6, "0.333333"},
        {decimal_divide, 0, "2", 0, "3", 38, 6, "0.666667"},
        {decimal_divide, 0, "-1", 0, "2", 5, 0, "-1"},
        {decimal_divide, 0, "1", 38, "0.00000000000000000000000000000000000001", 38, 6, NULL},
        {decimal_divide,
         38,
         "0.00000000000000000000000000000000000001",
         0,
         "99999999999999999999999999999999999999",
         38,
         6,
         "0.000000"},
        {decimal_divide, 0, "1", 0, "0", 38, 6, NULL},
        {decimal_modulo, 2, "-7.50", 0, "2", 5, 2, "-1.50"},
        {decimal_modulo, 0, "7", 2, "-2.25", 5, 2, "0.25"},
        {decimal_modulo, 0, "7", 0, "0", 5, 2, NULL},
        {decimal_divide_whole, 2, "-7.50", 0, "2", 38, 0, "-3"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowTypeDesc a_type = decimal(38, cases[i].a_scale);
        FlowTypeDesc b_type = decimal(38, cases[i].b_scale);
        FlowTypeDesc type = decimal(cases[i].precision, cases[i].scale);
        i128 result = 0;
        bool fits = cases[i].function(parsed(NULL, &a_type, cases[i].a).i128,
                                      cases[i].a_scale,
                                      parsed(NULL, &b_type, cases[i].b).i128,
                                      cases[i].b_scale,
                                      cases[i].precision,
                                      cases[i].scale,
                                      &result);
        if (fits != (cases[i].want != NULL)) {
            fail_msg("case %zu: %s %s fits: %d", i, cases[i].a, cases[i].b, fits);
        }
        FlowValue value = {.i128 = result};
        if (fits) {
            assert_string_equal(text_of(&type, &value), cases[i].want);
        }
    }
}

// a = (a div b) * b + a % b, in whole numbers of 38 digits.
static void quotient_and_remainder_make_the_dividend(void **state) {
    (void)state;
    for (int i = 0; i < RANDOM_CASES; i++) {
        i128 limit = decimal_power10(38);
        i128 a = (i128)((u128)random_next() << 64 | random_next()) % limit;
        i128 b = (i128)((u128)random_next() << 64 | random_next()) >> (random_next() % 120);
        b = b == 0 ? 7 : b % limit;
        i128 quotient = 0;
        i128 rest = 0;
        assert_true(decimal_divide_whole(a, 3, b, 3, 38, 0, &quotient));
        assert_true(decimal_modulo(a, 3, b, 3, 38, 3, &rest));
        assert_true(quotient * b + rest == a);
    }
}

static void a_cast_fits_or_fails(void **state) {
    (void)state;
    static const FlowTypeDesc money = {.kind = FLOW_DECIMAL, .precision = 5, .scale = 2};
    static const FlowTypeDesc wide = {.kind = FLOW_DECIMAL, .precision = 38, .scale = 10};
    FlowTypeDesc boolean = type_of(FLOW_BOOL);
    FlowTypeDesc byte = type_of(FLOW_INT8);
    FlowTypeDesc integer = type_of(FLOW_INT64);
    FlowTypeDesc single = type_of(FLOW_FLOAT32);
    FlowTypeDesc real = type_of(FLOW_FLOAT64);
    FlowTypeDesc text = type_of(FLOW_STRING);
    FlowTypeDesc date = type_of(FLOW_DATE);
    FlowTypeDesc timestamp = type_of(FLOW_TIMESTAMP);
    FlowTypeDesc status = type_of(FLOW_ENUM);
    const struct {
        const FlowTypeDesc *from;
        const char *in;
        const FlowTypeDesc *to;
        const char *out;
    } cases[] = {
        {&integer, "127", &byte, "127"},
        {&integer, "128", &byte, NULL},
        {&integer, "999", &money, "999.00"},
        {&integer, "1000", &money, NULL},
        {&integer, "2", &boolean, "true"},
        {&boolean, "true", &integer, "1"},
        {&boolean, "true", &text, "true"},
        {&real, "-1.9", &integer, "-1"},
        {&real, "9223372036854775808", &integer, NULL},
        {&real, "NaN", &integer, NULL},
        {&real, "0.15", &money, "0.15"},
        {&real, "0.125", &money, "0.13"},
        {&real, "-2.675", &money, "-2.68"},
        {&real, "1e-300", &money, "0.00"},
        {&real, "1e300", &money, NULL},
        {&real, "1e300", &single, NULL},
        {&real, "Infinity", &single, "Infinity"},
        {&real, "0.1", &text, "0.1"},
        {&money, "-1.99", &integer, "-1"},
        {&money, "1.25", &real, "1.25"},
        {&wide, "1234567890123456789012345678.0123456789", &real, "1.2345678901234569e+27"},
        {&wide, "1.0050000000", &money, "1.01"},
        {&wide, "1000", &money, NULL},
        {&text, "12", &integer, "12"},
        {&text, "12 ", &integer, NULL},
        {&text, "1.5", &integer, NULL},
        {&text, "1.500", &money, "1.50"},
        {&text, "1.505", &money, NULL},
        {&text, "paid", &status, "paid"},
        {&text, "lost", &status, NULL},
        {&status, "paid", &text, "paid"},
        {&text, "2026-01-31", &date, "2026-01-31"},
        {&text, "2026-01-31T12:00:00Z", &timestamp, "2026-01-31T12:00:00Z"},
        {&timestamp, "1969-12-31T23:59:59Z", &date, "1969-12-31"},
        {&date, "1969-12-31", &timestamp, "1969-12-31T00:00:00Z"},
        {&timestamp, "2026-01-31T12:00:00.001Z", &text, "2026-01-31T12:00:00.001Z"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowValue value = parsed(&arena, cases[i].from, cases[i].in);
        FlowValue result = {0};
        int32_t cast = value_cast(&arena, cases[i].from, &value, cases[i].to, &result);
        if ((cast == FLOW_VALUE_OK) != (cases[i].out != NULL)) {
            fail_msg("cast of %s to kind %d gives %d", cases[i].in, cases[i].to->kind, cast);
        }
        if (cast == FLOW_VALUE_OK) {
            assert_string_equal(text_of(cases[i].to, &result), cases[i].out);
        }
    }
    arena_free(&arena);
}

static void the_calendar_is_gregorian_without_end(void **state) {
    (void)state;
    static const struct {
        int64_t year;
        uint32_t month;
        uint32_t day;
        int32_t days;
    } cases[] = {
        {1970, 1, 1, 0},
        {1969, 12, 31, -1},
        {2000, 2, 29, 11016},
        {1900, 3, 1, -25508},
        {0, 3, 1, -719468},
        {-1, 12, 31, -719529},
        {9999, 12, 31, 2932896},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(days_from_civil(cases[i].year, cases[i].month, cases[i].day),
                         cases[i].days);
        int64_t year = 0;
        uint32_t month = 0;
        uint32_t day = 0;
        civil_from_days(cases[i].days, &year, &month, &day);
        assert_int_equal(year, cases[i].year);
        assert_int_equal(month, cases[i].month);
        assert_int_equal(day, cases[i].day);
    }
}

// --- kernels and functions

typedef struct Fixture {
    Arena arena;
    ScalarRuntime runtime;
    FlowContext ctx;
} Fixture;

static Fixture *fixture_open(Fixture *fixture) {
    *fixture = (Fixture){0};
    fixture->runtime.arena = &fixture->arena;
    fixture->ctx.runtime = &fixture->runtime;
    return fixture;
}

static int32_t call(Fixture *fixture,
                    FlowKernelFn kernel,
                    const FlowValue *args,
                    int32_t count,
                    FlowValue *result) {
    static const FlowTypeDesc text = {.kind = FLOW_STRING};
    static const FlowTypeDesc texts[] = {{.kind = FLOW_STRING}, {.kind = FLOW_STRING}};
    FlowKernelInfo info = {
        .site = -1, .result = &text, .arguments = texts, .arguments_count = count};
    return kernel(&fixture->ctx, args, result, &info);
}

static void patterns_match_as_sql_and_pcre_say(void **state) {
    (void)state;
    static const struct {
        FlowKernelFn kernel;
        const char *text;
        const char *pattern;
        int want; // -1: an error
    } cases[] = {
        {flow_rt_k_like, "abc", "a%", 1},
        {flow_rt_k_like, "abc", "%c", 1},
        {flow_rt_k_like, "abc", "a_c", 1},
        {flow_rt_k_like, "abc", "a_", 0},
        {flow_rt_k_like,
         "a\xE2\x82\xAC"
         "c",
         "a_c",
         1},
        {flow_rt_k_like, "", "%", 1},
        {flow_rt_k_like, "", "_", 0},
        {flow_rt_k_like, "a%", "a\\%", 1},
        {flow_rt_k_like, "ab", "a\\%", 0},
        {flow_rt_k_like, "abcabd", "%ab_", 1},
        {flow_rt_k_like, "abcabd", "a%b%c%d", 1},
        {flow_rt_k_like, "abc", "ABC", 0},
        {flow_rt_k_matches, "abc123", "\\d+", 1},
        {flow_rt_k_matches, "abc", "^b", 0},
        {flow_rt_k_matches, "abc\n", "c$", 0},
        {flow_rt_k_matches, "\xC3\xA9", "^.$", 1},
        {flow_rt_k_matches, "abc", "(", -1},
        {flow_rt_k_matches, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$", -1},
    };
    Fixture fixture;
    fixture_open(&fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowValue args[] = {{.view = view_text(cases[i].text)},
                            {.view = view_text(cases[i].pattern)}};
        FlowValue result = {0};
        int32_t called = call(&fixture, cases[i].kernel, args, 2, &result);
        int got = called == FLOW_VALUE_OK ? (int)result.i64 : -1;
        if (got != cases[i].want) {
            fail_msg("%s against %s: %d", cases[i].text, cases[i].pattern, got);
        }
    }
    arena_free(&fixture.arena);
}

static void a_window_starts_at_or_before_its_time(void **state) {
    (void)state;
    static const struct {
        int64_t time;
        int64_t length;
        int64_t offset;
        int64_t want;
    } cases[] = {
        {0, 60, 0, 0},
        {59, 60, 0, 0},
        {60, 60, 0, 60},
        {-1, 60, 0, -60},
        {9, 60, 10, -50},
        {10, 60, 10, 10},
        {INT64_MAX, 60, 0, INT64_MAX - INT64_MAX % 60},
    };
    Fixture fixture;
    fixture_open(&fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowValue args[] = {
            {.i64 = cases[i].time}, {.i64 = cases[i].length}, {.i64 = cases[i].offset}};
        FlowValue result = {0};
        assert_int_equal(call(&fixture, flow_rt_k_window_start, args, 3, &result), FLOW_VALUE_OK);
        assert_int_equal(result.i64, cases[i].want);
    }
    FlowValue args[] = {{.i64 = INT64_MIN}, {.i64 = 60}, {.i64 = 0}};
    FlowValue result = {0};
    assert_int_equal(call(&fixture, flow_rt_k_window_start, args, 3, &result), FLOW_VALUE_ERROR);
}

static void text_functions_count_code_points(void **state) {
    (void)state;
    static const struct {
        FlowKernelFn function;
        const char *in;
        const char *out;
    } cases[] = {
        {flow_rt_fn_upper,
         "stra\xC3\x9F"
         "e",
         "STRASSE"},
        {flow_rt_fn_upper,
         "\xC5\x89",
         "\xCA\xBC"
         "N"},
        {flow_rt_fn_upper,
         "a rather long text, past twelve \xC3\xA9",
         "A RATHER LONG TEXT, PAST TWELVE \xC3\x89"},
        {flow_rt_fn_lower,
         "\xC3\x84"
         "BC",
         "\xC3\xA4"
         "bc"},
        {flow_rt_fn_lower,
         "\xCE\x9F\xCE\xA3 \xCE\xA3"
         "A",
         "\xCE\xBF\xCF\x82 \xCF\x83"
         "a"},
        {flow_rt_fn_trim, "  a b\t ", "a b\t"},
        {flow_rt_fn_trim, "   ", ""},
    };
    Fixture fixture;
    fixture_open(&fixture);
    FlowTypeDesc text = type_of(FLOW_STRING);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowValue in = {.view = view_text(cases[i].in)};
        FlowValue result = {0};
        assert_int_equal(call(&fixture, cases[i].function, &in, 1, &result), FLOW_VALUE_OK);
        assert_string_equal(text_of(&text, &result), cases[i].out);
    }
    arena_free(&fixture.arena);
}

static void substr_counts_from_one_as_spark_does(void **state) {
    (void)state;
    static const struct {
        int64_t place;
        int64_t length;
        const char *want;
    } cases[] = {
        {1, 2, "a\xC3\x9F"},
        {2, 1, "\xC3\x9F"},
        {0, 2, "a\xC3\x9F"},
        {-2, 2, "cd"},
        {-6, 3, "a"},
        {3, INT64_MAX, "cd"},
        {9, 1, ""},
        {1, -1, ""},
        {INT64_MIN, 5, ""},
        {1, 0, ""},
    };
    Fixture fixture;
    fixture_open(&fixture);
    FlowTypeDesc text = type_of(FLOW_STRING);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowValue args[] = {{.view = view_text("a\xC3\x9F"
                                               "cd")},
                            {.i64 = cases[i].place},
                            {.i64 = cases[i].length}};
        FlowValue result = {0};
        assert_int_equal(call(&fixture, flow_rt_fn_substr, args, 3, &result), FLOW_VALUE_OK);
        assert_string_equal(text_of(&text, &result), cases[i].want);
    }
    arena_free(&fixture.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_read_strictly_and_written_in_one_form),
        cmocka_unit_test(a_decimal_is_read_from_its_digits),
        cmocka_unit_test(a_json_number_may_be_an_integer_with_point_or_exponent),
        cmocka_unit_test(a_float_reads_back_as_itself),
        cmocka_unit_test(json_quotes_what_json_lacks),
        cmocka_unit_test(utf8_is_judged_by_its_bytes),
        cmocka_unit_test(keys_order_and_equal_as_values_do),
        cmocka_unit_test(key_bytes_are_these_in_every_release),
        cmocka_unit_test(helpers_make_the_same_keys),
        cmocka_unit_test(helpers_select_and_compare),
        cmocka_unit_test(decimals_are_exact_and_rounded_half_up),
        cmocka_unit_test(quotient_and_remainder_make_the_dividend),
        cmocka_unit_test(a_cast_fits_or_fails),
        cmocka_unit_test(the_calendar_is_gregorian_without_end),
        cmocka_unit_test(patterns_match_as_sql_and_pcre_say),
        cmocka_unit_test(a_window_starts_at_or_before_its_time),
        cmocka_unit_test(text_functions_count_code_points),
        cmocka_unit_test(substr_counts_from_one_as_spark_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
