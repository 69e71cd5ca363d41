// Goal: a batch gives back what was put into it, for every kind of scalar type, and its vectors are
// fit for vector instructions. Method: one column of each kind, first and last row.
#include "record/record.h"

#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const FlowText colours[] = {{"red"}, {"green"}};

static const FlowTypeDesc types[] = {
    {.kind = FLOW_BOOL},
    {.kind = FLOW_INT8, .is_nullable = 1},
    {.kind = FLOW_INT16},
    {.kind = FLOW_INT32},
    {.kind = FLOW_INT64, .is_nullable = 1},
    {.kind = FLOW_FLOAT32},
    {.kind = FLOW_FLOAT64},
    {.kind = FLOW_DECIMAL, .precision = 18, .scale = 2},
    {.kind = FLOW_DECIMAL, .precision = 38, .scale = 2},
    {.kind = FLOW_STRING, .is_nullable = 1},
    {.kind = FLOW_DATE},
    {.kind = FLOW_TIMESTAMP},
    {.kind = FLOW_ENUM, .enum_values = colours, .enum_values_count = 2},
};

typedef struct Case {
    const char *name;
    const char *text; // in the type's text form
    const char *json;
} Case;

static const Case cases[COUNT_OF(types)] = {
    {"flag", "true", "true"},
    {"tiny", "-128", "-128"},
    {"small", "32767", "32767"},
    {"int", "-2147483648", "-2147483648"},
    {"big", "9223372036854775807", "9223372036854775807"},
    {"single", "0.5", "0.5"},
    {"real", "0.1", "0.1"},
    {"money", "-9999999999999999.99", "-9999999999999999.99"},
    {"wealth",
     "123456789012345678901234567890123456.78",
     "123456789012345678901234567890123456.78"},
    {"note", "longer than twelve \"bytes\"", "\"longer than twelve \\\"bytes\\\"\""},
    {"day", "2024-02-29", "\"2024-02-29\""},
    {"at", "2024-02-29T23:59:59Z", "\"2024-02-29T23:59:59Z\""},
    {"colour", "green", "\"green\""},
};

static Batch *batch_of_cases(FlowColumnDesc descs[COUNT_OF(types)]) {
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        descs[i] = (FlowColumnDesc){.name = cases[i].name, .type = &types[i], .is_used = 1};
    }
    return batch_new(descs, COUNT_OF(types));
}

static void row_fill(Batch *batch, uint32_t row) {
    for (uint32_t i = 0; i < COUNT_OF(types); i++) {
        FlowValue value;
        const char *text = cases[i].text;
        assert_int_equal(value_parse(&batch->arena, &types[i], text, strlen(text), &value),
                         PARSE_OK);
        batch_set(batch, i, row, value);
    }
}

static void values_come_back(void **state) {
    (void)state;
    FlowColumnDesc descs[COUNT_OF(types)];
    Batch *batch = batch_of_cases(descs);
    static const uint32_t rows[] = {0, 1, FLOW_BATCH_ROWS_MAX - 1};
    for (size_t r = 0; r < COUNT_OF(rows); r++) {
        row_fill(batch, rows[r]);
        for (uint32_t i = 0; i < COUNT_OF(types); i++) {
            Buffer text = {0};
            FlowValue value = batch_value(batch, i, rows[r]);
            value_text(&text, &types[i], &value);
            assert_string_equal(buffer_cstring(&text), cases[i].text);
            assert_false(batch_is_null(batch, i, rows[r]));
            buffer_free(&text);
        }
    }
    batch_free(batch);
}

static void a_null_is_a_null_until_it_is_set(void **state) {
    (void)state;
    FlowColumnDesc descs[COUNT_OF(types)];
    Batch *batch = batch_of_cases(descs);
    batch_set_null(batch, 4, 7);
    assert_true(batch_is_null(batch, 4, 7));
    batch_set(batch, 4, 7, (FlowValue){.i64 = 5});
    assert_false(batch_is_null(batch, 4, 7));
    assert_false(batch_is_null(batch, 3, 7)); // No `?`, no null.
    batch_free(batch);
}

static void vectors_are_aligned_and_have_slack(void **state) {
    (void)state;
    FlowColumnDesc descs[COUNT_OF(types)];
    Batch *batch = batch_of_cases(descs);
    for (uint32_t i = 0; i < COUNT_OF(types); i++) {
        const FlowColumn *column = batch_column(batch, i);
        assert_int_equal((uintptr_t)column->values % 64, 0);
        assert_int_equal((uintptr_t)column->validity % 64, 0);
        assert_int_equal(column->validity != NULL, types[i].is_nullable);
        size_t width = flow_kind_width((FlowKind)types[i].kind, types[i].precision);
        memset(column->values, 1, (FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK) * width);
    }
    assert_int_equal((uintptr_t)batch->abi.selection % 64, 0);
    batch_free(batch);
}

static void a_row_is_json_of_the_columns_asked_for(void **state) {
    (void)state;
    FlowColumnDesc descs[COUNT_OF(types)];
    Batch *batch = batch_of_cases(descs);
    row_fill(batch, 3);
    Buffer got = {0};
    Buffer want = {0};
    int32_t columns[COUNT_OF(types)];
    buffer_char(&want, '{');
    for (uint32_t i = 0; i < COUNT_OF(types); i++) {
        columns[i] = (int32_t)i;
        buffer_format(&want, "%s\"%s\":%s", i > 0 ? "," : "", cases[i].name, cases[i].json);
    }
    buffer_char(&want, '}');
    batch_row_json(batch, 3, columns, COUNT_OF(types), &got);
    assert_string_equal(buffer_cstring(&got), buffer_cstring(&want));
    static const int32_t some[] = {9, 0};
    batch_set_null(batch, 9, 3);
    buffer_clear(&got);
    batch_row_json(batch, 3, some, 2, &got);
    assert_string_equal(buffer_cstring(&got), "{\"note\":null,\"flag\":true}");
    buffer_free(&got);
    buffer_free(&want);
    batch_free(batch);
}

static void a_batch_starts_and_ends_empty(void **state) {
    (void)state;
    FlowColumnDesc descs[COUNT_OF(types)];
    Batch *batch = batch_of_cases(descs);
    batch->abi.row_count = 5;
    batch_select_all(batch);
    assert_int_equal(batch->abi.selected_count, 5);
    assert_int_equal(((int32_t *)batch->abi.selection)[4], 4);
    assert_int_equal(batch->abi.source, FLOW_NO_INDEX);
    batch_clear(batch);
    assert_int_equal(batch->abi.row_count + batch->abi.selected_count, 0);
    batch_free(batch);
    batch_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(a_null_is_a_null_until_it_is_set),
        cmocka_unit_test(vectors_are_aligned_and_have_slack),
        cmocka_unit_test(a_row_is_json_of_the_columns_asked_for),
        cmocka_unit_test(a_batch_starts_and_ends_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
