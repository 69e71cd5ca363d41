// Goal: made-up records are a function of (seed, row, attempt) alone, keep what recipes say, and
// differ where they have to. Method: lines of small sources, row by row, read by eye and compared.
#include "generate/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ROWS_MOST INT64_C(1000000000000)

static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_bool = {.kind = FLOW_BOOL};
static const FlowTypeDesc type_text = {.kind = FLOW_STRING};
static const FlowTypeDesc type_text_null = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc type_wide = {.kind = FLOW_DECIMAL, .precision = 38};
static const FlowTypeDesc type_time = {.kind = FLOW_TIMESTAMP};

enum { COLUMNS_OF_TEST = 2, TEXT_MAX = 512 };

// A source of two columns, the first one distinct.
typedef struct Fixture {
    FlowColumnDesc columns[COLUMNS_OF_TEST];
    FlowRecipe recipes[COLUMNS_OF_TEST];
    int32_t distinct[COLUMNS_OF_TEST];
    FlowDistinct distincts[1];
    FlowGenerate generate;
    FlowSource source;
} Fixture;

static void
fixture_init(Fixture *f, const FlowTypeDesc *first, const FlowTypeDesc *second, int64_t rows) {
    *f = (Fixture){
        .columns = {{.name = "a", .type = first, .is_used = 1},
                    {.name = "b", .type = second, .is_used = 1}},
        .recipes = {{.length_max = -1}, {.length_max = -1}},
    };
    f->distincts[0] = (FlowDistinct){.columns = f->distinct, .columns_count = 1};
    f->generate = (FlowGenerate){.rows = rows,
                                 .seed = 1,
                                 .step_us = 1000000,
                                 .step_rows = 1,
                                 .changes_per_key = 1,
                                 .recipes = f->recipes,
                                 .recipes_count = COLUMNS_OF_TEST,
                                 .distincts = f->distincts,
                                 .distincts_count = 1};
    f->source = (FlowSource){.name = "s",
                             .event_time = FLOW_NO_INDEX,
                             .columns = f->columns,
                             .columns_count = COLUMNS_OF_TEST,
                             .generate = &f->generate};
}

static void line_of(const Fixture *f, int64_t row, int64_t attempt, char *text) {
    Failure failure = {0};
    Generator *generator = NULL;
    Buffer out = {0};
    assert_int_equal(generator_new(&f->source, &failure, &generator), OUTCOME_OK);
    generator_record(generator, row + 1, attempt, &out); // what was made before does not matter
    buffer_clear(&out);
    generator_record(generator, row, attempt, &out);
    snprintf(text, TEXT_MAX, "%s", buffer_cstring(&out));
    buffer_free(&out);
    generator_free(generator);
}

static void refused(const Fixture *f, const char *why) {
    Failure failure = {0};
    Generator *generator = NULL;
    assert_int_equal(generator_new(&f->source, &failure, &generator), OUTCOME_REFUSED);
    assert_string_equal(failure.text, why);
    assert_null(generator);
}

static void numbers_go_on(void **state) {
    Fixture f;
    char text[TEXT_MAX];
    (void)state;
    fixture_init(&f, &type_int, &type_bool, ROWS_MOST);
    line_of(&f, 0, 0, text);
    assert_memory_equal(text, "{\"a\":1,", 7);
    line_of(&f, ROWS_MOST - 1, 0, text);
    assert_memory_equal(text, "{\"a\":1000000000000,", 19);
    line_of(&f, 0, 1, text); // the others are to blame
    assert_memory_equal(text, "{\"a\":1,", 7);
    f.recipes[0].is_judged = 1;
    line_of(&f, 0, 1, text);
    assert_memory_equal(text, "{\"a\":1000000000002,", 19);
}

static void seeds_and_attempts_differ(void **state) {
    Fixture f;
    char first[TEXT_MAX];
    char other[TEXT_MAX];
    (void)state;
    fixture_init(&f, &type_int, &type_int, 100);
    line_of(&f, 7, 0, first);
    line_of(&f, 7, 0, other);
    assert_string_equal(first, other);
    line_of(&f, 7, 1, other);
    assert_string_not_equal(first, other);
    f.generate.seed = 2;
    line_of(&f, 7, 0, other);
    assert_string_not_equal(first, other);
}

static void patterns_count_their_texts(void **state) {
    static const struct {
        const char *pattern;
        const char *texts[4]; // of the first rows
        int64_t count;
    } cases[] = {
        {"^[ab][0-2]$", {"a0", "a1", "a2", "b0"}, 6},
        {"x(y|z{1,2})", {"xy", "xz", "xzz", NULL}, 3},
        {"\\d?-", {"-", "0-", "1-", "2-"}, 11},
        {"(?:ä){2}[^!-~]", {"ää ", NULL, NULL, NULL}, 1},
        {"^(?:a|b)$|^c{2}", {"a", "b", "cc", NULL}, 3},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Fixture f;
        fixture_init(&f, &type_text, &type_bool, cases[i].count);
        f.recipes[0].pattern = cases[i].pattern;
        for (int64_t row = 0; row < 4 && cases[i].texts[row] != NULL; row++) {
            char want[TEXT_MAX];
            char text[TEXT_MAX];
            snprintf(want, sizeof(want), "{\"a\":\"%s\",", cases[i].texts[row]);
            line_of(&f, row, 0, text);
            assert_memory_equal(text, want, strlen(want));
        }
        char why[TEXT_MAX];
        f.generate.rows++;
        snprintf(why,
                 sizeof(why),
                 "%lld records can't all differ in (a), which has not so many values",
                 (long long)f.generate.rows);
        refused(&f, why);
    }
}

// What is not simple is drawn as if there were no pattern: the check is left to judge it.
static void other_patterns_are_left_out(void **state) {
    static const char *const patterns[] = {
        "(?=a)", "\\bx", "a{2", "[a", "(a", "a)", "*", "[[:alpha:]]", "a{1001}", "(a{999}){999}"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        Fixture f;
        char text[TEXT_MAX];
        fixture_init(&f, &type_text, &type_bool, 10);
        f.recipes[0].pattern = patterns[i];
        line_of(&f, 2, 0, text);
        assert_memory_equal(text, "{\"a\":\"a-3\",", 11);
    }
}

static void columns_of_few_values_count_together(void **state) {
    Fixture f;
    char text[TEXT_MAX];
    (void)state;
    fixture_init(&f, &type_bool, &type_int, 6);
    f.distinct[1] = 1;
    f.distincts[0].columns_count = 2;
    f.recipes[1].low = "5";
    f.recipes[1].high = "7";
    line_of(&f, 0, 0, text);
    assert_string_equal(text, "{\"a\":false,\"b\":5}\n");
    line_of(&f, 5, 0, text);
    assert_string_equal(text, "{\"a\":true,\"b\":7}\n");
    f.generate.rows = 7;
    refused(&f, "7 records can't all differ in (a, b), which has not so many values");
}

static void wide_numbers_have_all_values(void **state) {
    Fixture f;
    char text[TEXT_MAX];
    (void)state;
    fixture_init(&f, &type_wide, &type_text_null, 10);
    f.recipes[0].low = "-99999999999999999999999999999999999999";
    f.recipes[0].high = "99999999999999999999999999999999999999";
    f.recipes[1].is_present = 1;
    f.recipes[1].length_min = 3;
    f.recipes[1].length_max = 3;
    line_of(&f, 9, 0, text);
    assert_memory_equal(text, "{\"a\":-99999999999999999999999999999999999990,\"b\":\"", 50);
    assert_int_equal(strlen(text), 50 + 3 + strlen("\"}\n"));
}

static void times_rise_within_their_bounds(void **state) {
    Fixture f;
    char text[TEXT_MAX];
    (void)state;
    fixture_init(&f, &type_int, &type_time, 11);
    f.source.event_time = 1;
    line_of(&f, 10, 0, text);
    assert_string_equal(text, "{\"a\":11,\"b\":\"2026-01-01T00:00:10Z\"}\n");
    f.recipes[1].high = "2026-01-01T00:00:05Z";
    line_of(&f, 10, 0, text);
    assert_string_equal(text, "{\"a\":11,\"b\":\"2026-01-01T00:00:05Z\"}\n");
    f.recipes[1].high = "2020-01-01T00:00:00Z";
    line_of(&f, 0, 0, text);
    assert_string_equal(text, "{\"a\":1,\"b\":\"2019-12-31T23:59:50Z\"}\n");
    f.recipes[1].high = NULL;
    f.recipes[1].low = "2030-01-01T00:00:00Z";
    line_of(&f, 1, 0, text);
    assert_string_equal(text, "{\"a\":2,\"b\":\"2030-01-01T00:00:01Z\"}\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_on),
        cmocka_unit_test(seeds_and_attempts_differ),
        cmocka_unit_test(patterns_count_their_texts),
        cmocka_unit_test(other_patterns_are_left_out),
        cmocka_unit_test(columns_of_few_values_count_together),
        cmocka_unit_test(wide_numbers_have_all_values),
        cmocka_unit_test(times_rise_within_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
