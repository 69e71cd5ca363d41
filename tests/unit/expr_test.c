// links: compiler
// Goal: what passes may ask of an expression, and its text. Method: expressions made by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/expr.h"
#include "scalar/scalar.h"

typedef struct Fixture {
    Arena arena;
    const Type *int32, *int64, *float64, *boolean, *string;
} Fixture;

static int fixture_open(void **state) {
    static Fixture f;
    memset(&f, 0, sizeof(f));
    f.int32 = type_new(&f.arena, FLOW_INT32, false);
    f.int64 = type_new(&f.arena, FLOW_INT64, true);
    f.float64 = type_new(&f.arena, FLOW_FLOAT64, false);
    f.boolean = type_new(&f.arena, FLOW_BOOL, false);
    f.string = type_new(&f.arena, FLOW_STRING, false);
    *state = &f;
    return 0;
}

static int fixture_close(void **state) {
    arena_free(&((Fixture *)*state)->arena);
    return 0;
}

static const Expr *pair(Fixture *f, ExprOp op, const Type *type, const Expr *a, const Expr *b) {
    const Expr *arguments[2] = {a, b};
    return expr_new(&f->arena, op, type, arguments, 2);
}

static const Expr *integer(Fixture *f, int64_t value) {
    return expr_constant(&f->arena, f->int32, (FlowValue){.i64 = value});
}

static void text_is(const Expr *expr, const char *const *names, const char *wanted) {
    Buffer out = {0};
    expr_dump(&out, expr, names);
    assert_string_equal(buffer_cstring(&out), wanted);
    buffer_free(&out);
}

// --- text ----------------------------------------------------------------------------------------
static void value_is(const Type *type, FlowValue value, const char *wanted) {
    Buffer out = {0};
    value_dump(&out, type, value);
    assert_string_equal(buffer_cstring(&out), wanted);
    buffer_free(&out);
}

// Constants are written as literals of the language: a reader may paste them into a program.
static void constants_test(void **state) {
    Fixture *f = *state;
    Arena *arena = &f->arena;
    const char *const values[] = {"open", "quoted \"x\""};
    value_is(f->boolean, (FlowValue){.i64 = 1}, "true");
    value_is(f->int32, (FlowValue){.i64 = -5}, "-5");
    value_is(f->float64, (FlowValue){.f64 = 2.0}, "2.0e0");
    value_is(type_decimal(arena, 5, 2, false), (FlowValue){.i128 = -5}, "-0.05");
    value_is(type_decimal(arena, 5, 0, false), (FlowValue){.i128 = 7}, "7");
    value_is(f->string, (FlowValue){.view = view_text("a\"b\\\n\x01")}, "\"a\\\"b\\\\\\n\\u{1}\"");
    value_is(type_enum(arena, values, 2, false), (FlowValue){.i64 = 1}, "\"quoted \\\"x\\\"\"");
    value_is(type_new(arena, FLOW_DATE, false), (FlowValue){.i64 = 1}, "date \"1970-01-02\"");
    value_is(type_new(arena, FLOW_TIMESTAMP, false),
             (FlowValue){.i64 = 1500000},
             "timestamp \"1970-01-01T00:00:01.500Z\"");
    value_is(type_new(arena, FLOW_DURATION, false), (FlowValue){.i64 = 60000000}, "60000000 us");
}

static void dump_test(void **state) {
    Fixture *f = *state;
    static const char *const names[] = {"a", "b"};
    const Expr *a = expr_column(&f->arena, 0, f->int32);
    const Expr *b = expr_column(&f->arena, 1, f->int64);
    Expr *wide = expr_new(&f->arena, EXPR_CAST, f->int64, &a, 1);
    wide->is_widening = true;
    const Expr *sum = pair(f, EXPR_ADD, f->int64, wide, b);
    text_is(sum, names, "(+ (widen a as int64?) b)");
    text_is(sum, NULL, "(+ (widen $0 as int64?) $1)");
    text_is(
        pair(f, EXPR_AND, f->boolean, expr_bool(&f->arena, true), expr_null(&f->arena, f->boolean)),
        NULL,
        "(and true null)");
    Expr *call = expr_new(&f->arena, EXPR_CALL, f->int64, &a, 1);
    call->builtin = BUILTIN_abs;
    text_is(call, names, "(abs a)");
    text_is(expr_new(&f->arena, EXPR_NOW, f->int64, NULL, 0), names, "(now)");
}

// --- questions -----------------------------------------------------------------------------------
static void failing_test(void **state) {
    Fixture *f = *state;
    const Expr *a = expr_column(&f->arena, 0, f->int32);
    const Expr *x = expr_column(&f->arena, 1, f->float64);
    assert_true(expr_node_can_fail(pair(f, EXPR_ADD, f->int32, a, a)));
    assert_false(expr_node_can_fail(pair(f, EXPR_ADD, f->float64, x, x)));
    assert_true(expr_node_can_fail(pair(f, EXPR_DIV, f->float64, x, x)));
    assert_false(expr_can_fail(pair(f, EXPR_EQ, f->boolean, a, a)));
    const Expr *below = pair(f, EXPR_EQ, f->boolean, pair(f, EXPR_MOD, f->int32, a, a), a);
    assert_false(expr_node_can_fail(below));
    assert_true(expr_can_fail(below));
    Expr *cast = expr_new(&f->arena, EXPR_CAST, f->int64, &a, 1);
    assert_true(expr_node_can_fail(cast));
    cast->is_widening = true;
    assert_false(expr_node_can_fail(cast));
    // try_cast does not save the row from what fails below it.
    const Expr *sum = pair(f, EXPR_ADD, f->int32, a, a);
    const Expr *tried = expr_new(&f->arena, EXPR_TRY_CAST, f->int64, &sum, 1);
    assert_false(expr_node_can_fail(tried));
    assert_true(expr_can_fail(tried));
}

// Whether a decimal result can overflow depends on whether its digits before the point were cut.
static void decimal_failing_test(void **state) {
    Fixture *f = *state;
    static const struct {
        int32_t precision, scale;
        ExprOp op;
        char letter;
        bool can_fail;
    } cases[] = {
        {12, 2, EXPR_DECIMAL_ADD, '+', false},
        {38, 10, EXPR_DECIMAL_ADD, '+', false},
        {38, 0, EXPR_DECIMAL_SUB, '-', true},
        {18, 6, EXPR_DECIMAL_MUL, '*', false},
        {38, 10, EXPR_DECIMAL_MUL, '*', true},
        {12, 2, EXPR_DECIMAL_DIV, '/', true},
        {12, 2, EXPR_DECIMAL_MOD, '%', true},
        {12, 2, EXPR_DECIMAL_DIV_INT, 'd', true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Type *type = type_decimal(&f->arena, cases[i].precision, cases[i].scale, false);
        const Expr *column = expr_column(&f->arena, 0, type);
        const Type *result = type_decimal_result(&f->arena, cases[i].letter, type, type);
        const Expr *expr = pair(f, cases[i].op, result, column, column);
        assert_int_equal(expr_node_can_fail(expr), cases[i].can_fail);
    }
}

static void walks_test(void **state) {
    Fixture *f = *state;
    const Expr *a = expr_column(&f->arena, 0, f->int32);
    const Expr *b = expr_column(&f->arena, 2, f->int32);
    const Expr *sum = pair(f, EXPR_ADD, f->int32, pair(f, EXPR_MUL, f->int32, a, integer(f, 2)), b);
    bool used[3] = {false, false, false};
    expr_columns(sum, used);
    assert_true(used[0] && !used[1] && used[2]);
    assert_true(expr_uses_column(sum, 2));
    assert_false(expr_uses_column(sum, 1));
    assert_int_equal(expr_depth(sum), 3);
    assert_int_equal(expr_size(sum, 100), 5);
    assert_int_equal(expr_size(sum, 3), 3);
    assert_false(expr_is_constant(sum));
    assert_true(expr_is_constant(pair(f, EXPR_ADD, f->int32, integer(f, 1), integer(f, 2))));
    assert_false(expr_is_constant(expr_new(&f->arena, EXPR_NOW, f->int64, NULL, 0)));
}

static void substitute_test(void **state) {
    Fixture *f = *state;
    static const char *const names[] = {"a", "b"};
    const Expr *a = expr_column(&f->arena, 0, f->int32);
    const Expr *b = expr_column(&f->arena, 1, f->int32);
    const Expr *sum = expr_located(
        &f->arena, pair(f, EXPR_ADD, f->int32, a, b), (Span){.start_line = 7}, "x + y");
    const Expr *replacements[2] = {integer(f, 5), a};
    const Expr *result = expr_substitute(&f->arena, sum, replacements);
    text_is(result, names, "(+ 5 a)");
    assert_int_equal(result->span.start_line, 7);
    assert_string_equal(result->text, "x + y");
    text_is(sum, names, "(+ a b)"); // the original stays as it is
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(constants_test, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(dump_test, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(failing_test, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(decimal_failing_test, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(walks_test, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(substitute_test, fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
