// Goal: generated code does what the plan says. Method: the reference interpreter on the same rows,
// for every operator and type, with and without nulls, dense and sparse selections, batches of odd
// lengths.
#include "cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const BackendOptions options = {.cpu = "host", .optimise = 1};

// Both operands without null, then both with.
static void binary_add(Cases *cases, ExprOp op, FixtureType a, FixtureType b, FixtureType result) {
    for (uint32_t nullable = 0; nullable <= NULLABLE; nullable += NULLABLE) {
        Fixture *f = cases_fixture(cases);
        const Expr *operands[] = {fixture_column(f, a, COLUMN_A + nullable),
                                  fixture_column(f, b, COLUMN_B + nullable)};
        const Type *type = fixture_type(f, f->types[result], nullable != 0);
        case_add(f, fixture_expr(f, op, type, operands, COUNT_OF(operands)));
    }
}

static void unary_add(Cases *cases, ExprOp op, FixtureType a, FixtureType result) {
    for (uint32_t nullable = 0; nullable <= NULLABLE; nullable += NULLABLE) {
        Fixture *f = cases_fixture(cases);
        const Expr *operands[] = {fixture_column(f, a, COLUMN_A + nullable)};
        const Type *type = fixture_type(f, f->types[result], nullable != 0);
        case_add(f, fixture_expr(f, op, type, operands, COUNT_OF(operands)));
    }
}

static void test_numbers(void **state) {
    (void)state;
    static const ExprOp arithmetic[] = {EXPR_ADD, EXPR_SUB, EXPR_MUL};
    Cases cases = {0};
    for (FixtureType t = T_INT8; t <= T_FLOAT64; t++) {
        for (size_t i = 0; i < COUNT_OF(arithmetic); i++) {
            binary_add(&cases, arithmetic[i], t, t, t);
        }
        unary_add(&cases, EXPR_NEG, t, t);
    }
    for (FixtureType t = T_INT8; t <= T_INT64; t++) {
        binary_add(&cases, EXPR_DIV_INT, t, t, t);
        binary_add(&cases, EXPR_MOD, t, t, t);
    }
    binary_add(&cases, EXPR_DIV, T_FLOAT64, T_FLOAT64, T_FLOAT64);
    binary_add(&cases, EXPR_MOD, T_FLOAT64, T_FLOAT64, T_FLOAT64);
    cases_flush(&cases);
}

static void test_decimals(void **state) {
    (void)state;
    static const struct {
        ExprOp op;
        char symbol;
    } operators[] = {{EXPR_DECIMAL_ADD, '+'},
                     {EXPR_DECIMAL_SUB, '-'},
                     {EXPR_DECIMAL_MUL, '*'},
                     {EXPR_DECIMAL_DIV, '/'},
                     {EXPR_DECIMAL_MOD, '%'}};
    Cases cases = {0};
    for (FixtureType a = T_DECIMAL4; a <= T_DECIMAL38; a++) {
        unary_add(&cases, EXPR_NEG, a, a);
        for (FixtureType b = T_DECIMAL4; b <= T_DECIMAL38; b++) {
            for (size_t i = 0; i < COUNT_OF(operators); i++) {
                Fixture *f = cases_fixture(&cases);
                uint32_t nullable = i % 2 == 0 ? NULLABLE : 0;
                const Expr *operands[] = {fixture_column(f, a, COLUMN_A + nullable),
                                          fixture_column(f, b, COLUMN_B)};
                const Type *type = type_decimal_result(
                    &f->arena, operators[i].symbol, operands[0]->type, operands[1]->type);
                type = fixture_type(f, type, nullable != 0);
                case_add(f, fixture_expr(f, operators[i].op, type, operands, 2));
            }
        }
    }
    cases_flush(&cases);
}

static void test_times(void **state) {
    (void)state;
    Cases cases = {0};
    binary_add(&cases, EXPR_TIME_ADD, T_TIMESTAMP, T_DURATION, T_TIMESTAMP);
    binary_add(&cases, EXPR_TIME_SUB, T_TIMESTAMP, T_DURATION, T_TIMESTAMP);
    binary_add(&cases, EXPR_TIME_DIFF, T_TIMESTAMP, T_TIMESTAMP, T_DURATION);
    binary_add(&cases, EXPR_DATE_ADD, T_DATE, T_DURATION, T_TIMESTAMP);
    binary_add(&cases, EXPR_ADD, T_DURATION, T_DURATION, T_DURATION);
    binary_add(&cases, EXPR_SUB, T_DURATION, T_DURATION, T_DURATION);
    unary_add(&cases, EXPR_NEG, T_DURATION, T_DURATION);
    static const char *const windows[][2] = {
        {"60000000", "0"}, {"1", "0"}, {"604800000000", "345600000000"}, {"7000000", "-3000000"}};
    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        Fixture *f = cases_fixture(&cases);
        const Expr *operands[] = {fixture_column(f, T_TIMESTAMP, i % 2 == 0 ? COLUMN_A : NULLABLE),
                                  fixture_constant(f, T_DURATION, windows[i][0]),
                                  fixture_constant(f, T_DURATION, windows[i][1])};
        const Type *type = fixture_type(f, f->types[T_TIMESTAMP], i % 2 != 0);
        case_add(f, fixture_expr(f, EXPR_WINDOW_START, type, operands, 3));
    }
    cases_flush(&cases);
}

static void test_comparisons(void **state) {
    (void)state;
    Cases cases = {0};
    for (FixtureType t = 0; t < T_COUNT; t++) {
        for (ExprOp op = EXPR_EQ; op <= EXPR_GE; op++) {
            binary_add(&cases, op, t, t, T_BOOL);
        }
    }
    for (FixtureType a = T_DECIMAL4; a <= T_DECIMAL38; a++) {
        binary_add(&cases, EXPR_EQ, a, T_DECIMAL38, T_BOOL);
        binary_add(&cases, EXPR_LT, a, T_DECIMAL18, T_BOOL);
        binary_add(&cases, EXPR_GE, T_DECIMAL4, a, T_BOOL);
    }
    cases_flush(&cases);
}

static const char *const sample_texts[T_COUNT] = {
    [T_BOOL] = "true",
    [T_INT8] = "5",
    [T_INT16] = "77",
    [T_INT32] = "60000",
    [T_INT64] = "3",
    [T_FLOAT32] = "1.5",
    [T_FLOAT64] = "NaN",
    [T_DECIMAL4] = "1.50",
    [T_DECIMAL9] = "50",
    [T_DECIMAL18] = "99.9900",
    [T_DECIMAL38] = "3.0000000000",
    [T_STRING] = "paid in full",
    [T_BYTES] = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1",
    [T_DATE] = "2026-01-31",
    [T_TIMESTAMP] = "2026-01-31T12:01:00Z",
    [T_DURATION] = "60000000",
    [T_ENUM] = "open",
};

static void test_constants_and_params(void **state) {
    (void)state;
    Cases cases = {0};
    for (FixtureType t = 0; t < T_COUNT; t++) {
        Fixture *f = cases_fixture(&cases);
        const Expr *equal[] = {fixture_column(f, t, COLUMN_A),
                               fixture_constant(f, t, sample_texts[t])};
        case_add(f, fixture_expr(f, EXPR_EQ, f->types[T_BOOL], equal, 2));
        for (uint32_t i = 0; i < 2; i++) {
            f = cases_fixture(&cases);
            const Type *type = i == 0 ? f->nullable[t] : f->types[t];
            Expr *param = expr_new(&f->arena, EXPR_PARAM, type, NULL, 0);
            param->index = (uint32_t)t * 2 + i;
            case_add(f, param);
        }
        f = cases_fixture(&cases);
        case_add(f, expr_null(&f->arena, f->nullable[t]));
        case_add(f, fixture_constant(f, t, sample_texts[t]));
    }
    Fixture *f = cases_fixture(&cases);
    case_add(f, expr_new(&f->arena, EXPR_NOW, f->types[T_TIMESTAMP], NULL, 0));
    case_add(f, expr_new(&f->arena, EXPR_EPOCH, f->types[T_INT64], NULL, 0));
    cases_flush(&cases);
}

// --- what need not be evaluated ---------------------------------------------------------------
// b div 0-or-more: fails on some rows.
static const Expr *failing(Fixture *f, uint32_t nullable) {
    const Expr *operands[] = {fixture_column(f, T_INT32, COLUMN_A + nullable),
                              fixture_column(f, T_INT32, COLUMN_B + nullable)};
    return fixture_expr(
        f, EXPR_DIV_INT, fixture_type(f, f->types[T_INT32], nullable != 0), operands, 2);
}

static const Expr *failing_bool(Fixture *f, uint32_t nullable) {
    const Expr *operands[] = {failing(f, nullable), fixture_constant(f, T_INT32, "0")};
    return fixture_expr(f, EXPR_GT, fixture_type(f, f->types[T_BOOL], nullable != 0), operands, 2);
}

static void logic_add(Cases *cases, ExprOp op, uint32_t left, uint32_t right) {
    Fixture *f = cases_fixture(cases);
    const Type *type = fixture_type(f, f->types[T_BOOL], left != 0 || right != 0);
    const Expr *cheap[] = {fixture_column(f, T_BOOL, COLUMN_A + left),
                           fixture_column(f, T_BOOL, COLUMN_B + right)};
    case_add(f, fixture_expr(f, op, type, cheap, 2));
    f = cases_fixture(cases);
    const Expr *lazy[] = {fixture_column(f, T_BOOL, COLUMN_A + left), failing_bool(f, right)};
    case_add(
        f,
        fixture_expr(f, op, fixture_type(f, f->types[T_BOOL], left != 0 || right != 0), lazy, 2));
}

static void test_logic(void **state) {
    (void)state;
    Cases cases = {0};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t left = i % 2 == 0 ? 0 : NULLABLE;
        uint32_t right = i < 2 ? 0 : NULLABLE;
        logic_add(&cases, EXPR_AND, left, right);
        logic_add(&cases, EXPR_OR, left, right);
    }
    unary_add(&cases, EXPR_NOT, T_BOOL, T_BOOL);
    for (FixtureType t = 0; t < T_COUNT; t++) {
        Fixture *f = cases_fixture(&cases);
        const Expr *operand[] = {fixture_column(f, t, NULLABLE)};
        case_add(f, fixture_expr(f, EXPR_IS_NULL, f->types[T_BOOL], operand, 1));
    }
    cases_flush(&cases);
}

static const Expr *costly(Fixture *f, FixtureType t, uint32_t column) {
    const Expr *plain = fixture_column(f, t, column);
    if (t == T_STRING) {
        const Expr *both[] = {plain, plain};
        return fixture_expr(f, EXPR_CONCAT, plain->type, both, 2);
    }
    if (t == T_INT32) {
        const Expr *both[] = {plain, fixture_constant(f, t, "0")};
        return fixture_expr(f, EXPR_DIV_INT, plain->type, both, 2);
    }
    return plain;
}

static void choice_add(Cases *cases, FixtureType t, uint32_t nullable) {
    Fixture *f = cases_fixture(cases);
    const Type *type = fixture_type(f, f->types[t], nullable != 0);
    const Expr *coalesce[] = {fixture_column(f, t, NULLABLE), costly(f, t, COLUMN_B + nullable)};
    case_add(f, fixture_expr(f, EXPR_COALESCE, type, coalesce, 2));
    f = cases_fixture(cases);
    type = fixture_type(f, f->types[t], nullable != 0);
    const Expr *branches[] = {fixture_column(f, T_BOOL, NULLABLE),
                              costly(f, t, COLUMN_A + nullable),
                              fixture_column(f, t, COLUMN_B)};
    case_add(f, fixture_expr(f, EXPR_IF, type, branches, 3));
}

static void test_choice(void **state) {
    (void)state;
    Cases cases = {0};
    for (FixtureType t = 0; t < T_COUNT; t++) {
        choice_add(&cases, t, 0);
        choice_add(&cases, t, NULLABLE);
        Fixture *f = cases_fixture(&cases);
        const Expr *branches[] = {fixture_column(f, T_BOOL, COLUMN_A),
                                  fixture_column(f, t, COLUMN_A),
                                  expr_null(&f->arena, type_new(&f->arena, FLOW_NULL, true))};
        case_add(f, fixture_expr(f, EXPR_IF, f->nullable[t], branches, 3));
    }
    cases_flush(&cases);
}

static void test_in_and_between(void **state) {
    (void)state;
    Cases cases = {0};
    for (FixtureType t = 0; t < T_COUNT; t++) {
        for (uint32_t nullable = 0; nullable <= NULLABLE; nullable += NULLABLE) {
            Fixture *f = cases_fixture(&cases);
            const Type *type = fixture_type(f, f->types[T_BOOL], nullable != 0);
            const Expr *list[] = {fixture_column(f, t, COLUMN_A + nullable),
                                  fixture_constant(f, t, sample_texts[t]),
                                  fixture_column(f, t, COLUMN_B + nullable)};
            case_add(f, fixture_expr(f, EXPR_IN, type, list, 3));
            f = cases_fixture(&cases);
            type = fixture_type(f, f->types[T_BOOL], nullable != 0);
            const Expr *range[] = {fixture_column(f, t, COLUMN_A),
                                   fixture_constant(f, t, sample_texts[t]),
                                   fixture_column(f, t, COLUMN_B + nullable)};
            case_add(f, fixture_expr(f, EXPR_BETWEEN, type, range, 3));
        }
    }
    cases_flush(&cases);
}

// Long lists of constants are searched, not compared one by one.
static const Expr *long_list(Fixture *f, FixtureType t, uint32_t nullable, bool has_null) {
    enum { LIST = 40 };
    const Expr *operands[LIST + 1] = {fixture_column(f, t, COLUMN_A + nullable)};
    for (uint32_t i = 0; i < LIST; i++) {
        bool is_text = t == T_STRING;
        int32_t number = (int32_t)(i * 37 % 101) - 50;
        operands[i + 1] = fixture_constant(
            f, t, arena_format(&f->arena, is_text ? "paid in full, %d" : "%d", number));
    }
    operands[2] = fixture_constant(f, t, sample_texts[t]);
    if (has_null) {
        operands[3] = expr_null(&f->arena, type_new(&f->arena, FLOW_NULL, true));
    }
    const Type *type = fixture_type(f, f->types[T_BOOL], nullable != 0 || has_null);
    return fixture_expr(f, EXPR_IN, type, operands, LIST + 1);
}

static void test_long_lists(void **state) {
    (void)state;
    static const FixtureType types[] = {
        T_INT8, T_INT16, T_INT64, T_DECIMAL9, T_DECIMAL38, T_STRING, T_DURATION};
    Cases cases = {0};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        for (uint32_t how = 0; how < 4; how++) {
            Fixture *f = cases_fixture(&cases);
            case_add(f, long_list(f, types[i], how % 2 == 0 ? 0 : NULLABLE, how >= 2));
        }
    }
    cases_flush(&cases);
}

// --- casts and calls --------------------------------------------------------------------------
static bool is_number(FixtureType t) {
    return t >= T_INT8 && t <= T_DECIMAL38;
}

static bool cast_exists(FixtureType from, FixtureType to) {
    bool is_time = (from == T_DATE && to == T_TIMESTAMP) || (from == T_TIMESTAMP && to == T_DATE);
    return from == to || (is_number(from) && is_number(to)) || is_time ||
           (from == T_STRING && to != T_BYTES) || (to == T_STRING && from != T_BYTES);
}

static void cast_add(Cases *cases, FixtureType from, FixtureType to, uint32_t nullable) {
    Fixture *f = cases_fixture(cases);
    const Expr *operand[] = {fixture_column(f, from, COLUMN_A + nullable)};
    Expr *cast =
        expr_new(&f->arena, EXPR_CAST, fixture_type(f, f->types[to], nullable != 0), operand, 1);
    cast->arguments = arena_array(&f->arena, const Expr *, 1);
    memcpy((void *)cast->arguments, operand, sizeof(operand));
    cast->is_widening = type_widens_to(operand[0]->type, cast->type);
    case_add(f, cast);
    f = cases_fixture(cases);
    const Expr *again[] = {fixture_column(f, from, COLUMN_A + nullable)};
    case_add(f, fixture_expr(f, EXPR_TRY_CAST, f->nullable[to], again, 1));
}

static void test_casts(void **state) {
    (void)state;
    Cases cases = {0};
    for (FixtureType from = 0; from < T_COUNT; from++) {
        for (FixtureType to = 0; to < T_COUNT; to++) {
            if (cast_exists(from, to)) {
                cast_add(&cases, from, to, (from + to) % 2 == 0 ? 0 : NULLABLE);
            }
        }
    }
    cases_flush(&cases);
}

static const struct {
    Builtin builtin;
    FixtureType arguments[3];
    uint32_t count;
    FixtureType result;
} calls[] = {
    {BUILTIN_abs, {T_INT8}, 1, T_INT8},
    {BUILTIN_abs, {T_INT64}, 1, T_INT64},
    {BUILTIN_abs, {T_FLOAT32}, 1, T_FLOAT32},
    {BUILTIN_abs, {T_DECIMAL38}, 1, T_DECIMAL38},
    {BUILTIN_length, {T_STRING}, 1, T_INT64},
    {BUILTIN_upper, {T_STRING}, 1, T_STRING},
    {BUILTIN_trim, {T_STRING}, 1, T_STRING},
    {BUILTIN_starts_with, {T_STRING, T_STRING}, 2, T_BOOL},
    {BUILTIN_substr, {T_STRING, T_INT64, T_INT64}, 3, T_STRING},
    {BUILTIN_year, {T_TIMESTAMP}, 1, T_INT32},
};

static void test_calls(void **state) {
    (void)state;
    Cases cases = {0};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        for (uint32_t nullable = 0; nullable <= NULLABLE; nullable += NULLABLE) {
            Fixture *f = cases_fixture(&cases);
            const Expr **operands = arena_array(&f->arena, const Expr *, 3);
            for (uint32_t k = 0; k < calls[i].count; k++) {
                operands[k] = fixture_column(f, calls[i].arguments[k], k % 2 + nullable);
            }
            const Type *type = fixture_type(f, f->types[calls[i].result], nullable != 0);
            Expr *call = expr_new(&f->arena, EXPR_CALL, type, operands, calls[i].count);
            call->builtin = calls[i].builtin;
            case_add(f, call);
        }
    }
    binary_add(&cases, EXPR_CONCAT, T_STRING, T_STRING, T_STRING);
    binary_add(&cases, EXPR_LIKE, T_STRING, T_STRING, T_BOOL);
    binary_add(&cases, EXPR_MATCHES, T_STRING, T_STRING, T_BOOL);
    cases_flush(&cases);
}

// --- operations -------------------------------------------------------------------------------
static const Expr *
comparison(Fixture *f, ExprOp op, FixtureType t, uint32_t column, const char *text) {
    const Expr *operands[] = {fixture_column(f, t, column), fixture_constant(f, t, text)};
    return fixture_expr(f, op, fixture_type(f, f->types[T_BOOL], column >= NULLABLE), operands, 2);
}

static uint32_t site_add(Fixture *f) {
    *vec_push(&f->arena, &f->plan.sites) =
        (PlanSite){FLOW_REJECT_CONTRACT, 0, "C001", "broken", "check", {0}};
    return f->plan.sites.count - 1;
}

static void test_checks(void **state) {
    (void)state;
    static const int32_t emitted[] = {0};
    Fixture f;
    fixture_init(&f);
    for (int32_t reaction = FLOW_REACTION_WARN; reaction <= FLOW_REACTION_FAIL; reaction++) {
        uint32_t site = site_add(&f);
        PlanOp ops[] = {
            {.kind = PLAN_COUNT_IN},
            {.kind = PLAN_CHECK,
             .expr = comparison(&f, EXPR_GE, T_INT32, NULLABLE, "0"),
             .site = site,
             .reaction = reaction},
            {.kind = PLAN_COMPUTE, .expr = failing(&f, 0), .slot = INPUT_SLOTS},
            {.kind = PLAN_FILTER, .expr = failing_bool(&f, NULLABLE)},
            {.kind = PLAN_CHECK,
             .expr = comparison(&f, EXPR_EQ, T_STRING, COLUMN_A, "paid"),
             .site = site,
             .reaction = FLOW_REACTION_WARN},
            {.kind = PLAN_EMIT, .slots = emitted, .slot_count = 1},
        };
        fixture_pipeline(&f, ops, COUNT_OF(ops), &f.types[T_INT32], 1);
    }
    // A run that is stopped stops at once, so what came before it is not compared: only FAIL is
    // left out.
    f.plan.pipelines.count--;
    fixture_compare(&f, &options);
    fixture_free(&f);
}

static void test_fail_stops(void **state) {
    (void)state;
    static const int32_t emitted[] = {0};
    Fixture f;
    fixture_init(&f);
    PlanOp ops[] = {{.kind = PLAN_CHECK,
                     .expr = comparison(&f, EXPR_GE, T_INT32, COLUMN_A, "0"),
                     .site = site_add(&f),
                     .reaction = FLOW_REACTION_FAIL},
                    {.kind = PLAN_EMIT, .slots = emitted, .slot_count = 1}};
    fixture_pipeline(&f, ops, COUNT_OF(ops), NULL, 0);
    fixture_compare(&f, &options);
    fixture_free(&f);
}

static const Expr *slot_column(Fixture *f, uint32_t slot, const Type *type) {
    return expr_column(&f->arena, INPUT_SLOTS + slot, type);
}

static const Expr *two(Fixture *f, ExprOp op, const Type *type, const Expr *a, const Expr *b) {
    const Expr *operands[] = {a, b};
    return fixture_expr(f, op, type, operands, 2);
}

// Computations share loops: later ones read what earlier ones of the same row have made.
static void test_computations_in_a_row(void **state) {
    (void)state;
    static const int32_t emitted[] = {
        INPUT_SLOTS, INPUT_SLOTS + 1, INPUT_SLOTS + 2, INPUT_SLOTS + 3, INPUT_SLOTS + 4};
    Fixture f;
    fixture_init(&f);
    const Type *real = f.nullable[T_FLOAT64];
    const Type *types[] = {real, real, f.types[T_INT32], f.types[T_INT32], f.nullable[T_STRING]};
    const Expr *column = fixture_column(&f, T_FLOAT64, NULLABLE);
    const Expr *text = fixture_column(&f, T_STRING, NULLABLE);
    const Expr *values[] = {
        two(&f, EXPR_ADD, real, column, fixture_column(&f, T_FLOAT64, COLUMN_B)),
        two(&f, EXPR_MUL, real, slot_column(&f, 0, real), slot_column(&f, 0, real)),
        failing(&f, 0),
        two(&f, EXPR_ADD, types[2], slot_column(&f, 2, types[2]), slot_column(&f, 2, types[2])),
        two(&f, EXPR_CONCAT, types[4], text, text),
    };
    PlanOp ops[COUNT_OF(values) * 2];
    for (uint32_t i = 0; i < COUNT_OF(values); i++) {
        ops[i] = (PlanOp){.kind = PLAN_COMPUTE, .expr = values[i], .slot = INPUT_SLOTS + i};
        ops[COUNT_OF(values) + i] =
            (PlanOp){.kind = PLAN_EMIT, .slots = &emitted[i], .slot_count = 1};
    }
    fixture_pipeline(&f, ops, COUNT_OF(ops), types, COUNT_OF(types));
    fixture_compare(&f, &options);
    fixture_free(&f);
}

// After a test for null a column has no `?`, and neither has what is computed from it, although the
// column has. What is not needed is evaluated all the same where it is cheap: under a null an
// enum's code may be any.
static void test_narrowing(void **state) {
    (void)state;
    Cases cases = {0};
    for (FixtureType t = 0; t < T_COUNT; t++) {
        Fixture *f = cases_fixture(&cases);
        const Expr *column = fixture_column(f, t, NULLABLE);
        const Expr *is_null = fixture_expr(f, EXPR_IS_NULL, f->types[T_BOOL], &column, 1);
        const Expr *known = expr_column(&f->arena, fixture_slot(t, NULLABLE), f->types[t]);
        const Expr *other = fixture_column(f, t, COLUMN_B);
        const Expr *equal = two(f, EXPR_EQ, f->types[T_BOOL], known, other);
        case_add(f, two(f, EXPR_OR, f->types[T_BOOL], is_null, equal));
        // The rewrites may leave an operand with its `?` below a result without.
        const Expr *loose = two(f, EXPR_EQ, f->nullable[T_BOOL], column, other);
        case_add(f, two(f, EXPR_OR, f->types[T_BOOL], is_null, loose));
    }
    Fixture *f = cases_fixture(&cases);
    const Expr *column = fixture_column(f, T_ENUM, NULLABLE);
    const Expr *is_null = fixture_expr(f, EXPR_IS_NULL, f->types[T_BOOL], &column, 1);
    const Expr *known = expr_column(&f->arena, fixture_slot(T_ENUM, NULLABLE), f->types[T_ENUM]);
    Expr *text = (Expr *)fixture_expr(f, EXPR_CAST, f->types[T_STRING], &known, 1);
    text->is_widening = true;
    const Expr *equal =
        two(f, EXPR_EQ, f->types[T_BOOL], text, fixture_column(f, T_STRING, COLUMN_A));
    case_add(f, two(f, EXPR_OR, f->types[T_BOOL], is_null, equal));
    cases_flush(&cases);
}

static PlanOps ops_copy(Fixture *f, const PlanOp *ops, uint32_t count) {
    PlanOp *copy = arena_array(&f->arena, PlanOp, count);
    memcpy(copy, ops, sizeof(*copy) * count);
    return (PlanOps){copy, count};
}

static PlanOp branch_op(Fixture *f, PlanOps first, PlanOps second) {
    PlanOps *branches = arena_array(&f->arena, PlanOps, 2);
    branches[0] = first;
    branches[1] = second;
    return (PlanOp){.kind = PLAN_BRANCH, .branches = branches, .branch_count = 2};
}

// Two branches, the first with two of its own; each filters and emits.
static void branches_add(Fixture *f) {
    static const int32_t emitted[] = {4};
    PlanOp emits[4];
    for (uint32_t i = 0; i < COUNT_OF(emits); i++) {
        emits[i] = (PlanOp){.kind = PLAN_EMIT, .target = i, .slots = emitted, .slot_count = 1};
    }
    PlanOp inner[] = {{.kind = PLAN_FILTER, .expr = fixture_column(f, T_BOOL, COLUMN_B)}, emits[0]};
    PlanOp outer[] = {{.kind = PLAN_FILTER, .expr = fixture_column(f, T_BOOL, COLUMN_A)},
                      emits[1],
                      branch_op(f, ops_copy(f, inner, 2), ops_copy(f, &emits[2], 1))};
    PlanOp other[] = {{.kind = PLAN_FILTER, .expr = failing_bool(f, 0)}, emits[3]};
    PlanOp ops[] = {branch_op(f, ops_copy(f, outer, 3), ops_copy(f, other, 2))};
    fixture_pipeline(f, ops, COUNT_OF(ops), NULL, 0);
}

static void test_branches(void **state) {
    (void)state;
    Fixture f;
    fixture_init(&f);
    branches_add(&f);
    for (fixture_stop_at_emit = 0; fixture_stop_at_emit < 3; fixture_stop_at_emit++) {
        fixture_compare(&f, &options);
    }
    fixture_stop_at_emit = 0;
    fixture_free(&f);
}

// --- groups -----------------------------------------------------------------------------------
typedef struct AggCase {
    FlowAggKind kind;
    FixtureType input;
    FlowKind result;
} AggCase;

static const Type *sum_result(Fixture *f, FlowAggKind kind, FixtureType input) {
    const Type *type = f->types[input];
    if (type->kind == FLOW_DECIMAL) {
        int32_t more = kind == FLOW_AGG_SUM ? 10 : 4;
        int32_t scale = type->scale + (kind == FLOW_AGG_AVG ? 4 : 0);
        int32_t precision = type->precision + more;
        return type_decimal(&f->arena, precision > 38 ? 38 : precision, scale, true);
    }
    bool is_whole = kind == FLOW_AGG_SUM && !type_is_float(type);
    return is_whole ? (input == T_DURATION ? f->nullable[input] : f->nullable[T_INT64])
                    : f->nullable[T_FLOAT64];
}

static const Type *agg_result(Fixture *f, FlowAggKind kind, FixtureType input) {
    switch (kind) {
    case FLOW_AGG_SUM:
    case FLOW_AGG_AVG:
        return sum_result(f, kind, input);
    case FLOW_AGG_STDDEV:
    case FLOW_AGG_VARIANCE:
    case FLOW_AGG_MEDIAN:
        return f->nullable[T_FLOAT64];
    case FLOW_AGG_COUNT_VALUES:
    case FLOW_AGG_COUNT_IF:
    case FLOW_AGG_COUNT_DISTINCT:
    case FLOW_AGG_APPROX_COUNT_DISTINCT:
        return f->types[T_INT64];
    case FLOW_AGG_COLLECT_LIST:
    case FLOW_AGG_COLLECT_SET:
        return type_list(&f->arena, f->types[input], false);
    default:
        return f->nullable[input];
    }
}

static bool agg_exists(FlowAggKind kind, FixtureType input) {
    switch (kind) {
    case FLOW_AGG_COUNT_IF:
    case FLOW_AGG_BOOL_AND:
    case FLOW_AGG_BOOL_OR:
        return input == T_BOOL;
    case FLOW_AGG_SUM:
        return is_number(input) || input == T_DURATION;
    case FLOW_AGG_AVG:
    case FLOW_AGG_STDDEV:
    case FLOW_AGG_VARIANCE:
    case FLOW_AGG_MEDIAN:
        return is_number(input);
    case FLOW_AGG_STRING_AGG:
        return input == T_STRING;
    case FLOW_AGG_PERCENTILE: // Their second argument is a constant of the program.
    case FLOW_AGG_APPROX_PERCENTILE:
    case FLOW_AGG_LAG: // Only in `running`.
    case FLOW_AGG_ROW_NUMBER:
        return false;
    default:
        return true;
    }
}

// Groups by the keys, with every aggregate of the types.
static void group_add(Fixture *f, const int32_t *keys, uint32_t key_count, uint32_t nullable) {
    PlanSlot *key_slots = arena_array(&f->arena, PlanSlot, key_count + 1);
    enum { AGGS_MAX = 1024 };
    PlanAgg *aggs = arena_array(&f->arena, PlanAgg, AGGS_MAX);
    int32_t *slots = arena_array(&f->arena, int32_t, AGGS_MAX * 2 + key_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < key_count; i++) {
        uint32_t type = (uint32_t)keys[i] / COLUMNS_OF_TYPE;
        bool is_nullable = (uint32_t)keys[i] % COLUMNS_OF_TYPE >= NULLABLE;
        key_slots[i] =
            (PlanSlot){.name = "key", .type = is_nullable ? f->nullable[type] : f->types[type]};
        slots[i] = keys[i];
    }
    slots[key_count] = -1;
    slots[key_count + 1] = -1;
    aggs[count++] = (PlanAgg){.kind = FLOW_AGG_COUNT, .result = f->types[T_INT64]};
    for (FlowAggKind kind = FLOW_AGG_COUNT_VALUES; kind < FLOW_AGG_COUNT_KINDS; kind++) {
        for (FixtureType t = 0; t < T_COUNT; t++) {
            if (!agg_exists(kind, t)) {
                continue;
            }
            ASSERT(count < AGGS_MAX);
            FixtureType second = kind == FLOW_AGG_STRING_AGG ? T_STRING : T_INT16;
            bool has_second = flow_agg_arguments(kind) > 1;
            int32_t *own = &slots[key_count + count * 2];
            own[0] = (int32_t)fixture_slot(t, COLUMN_A + nullable);
            own[1] = has_second ? (int32_t)fixture_slot(second, COLUMN_B) : -1;
            const Type *input = nullable != 0 ? f->nullable[t] : f->types[t];
            aggs[count++] = (PlanAgg){.kind = kind,
                                      .input = input,
                                      .second = has_second ? f->types[second] : NULL,
                                      .result = agg_result(f, kind, t)};
        }
    }
    slots[key_count + count * 2] = (int32_t)fixture_slot(T_TIMESTAMP, COLUMN_A);
    *vec_push(&f->arena, &f->plan.groups) = (PlanGroup){.operator_id = "group",
                                                        .keys = key_slots,
                                                        .key_count = key_count,
                                                        .window_end = -1,
                                                        .aggs = aggs,
                                                        .agg_count = count};
    PlanOp ops[] = {{.kind = PLAN_GROUP,
                     .target = f->plan.groups.count - 1,
                     .slots = slots,
                     .slot_count = key_count + count * 2 + 1}};
    fixture_pipeline(f, ops, COUNT_OF(ops), NULL, 0);
}

static void test_groups(void **state) {
    (void)state;
    for (uint32_t nullable = 0; nullable <= NULLABLE; nullable += NULLABLE) {
        int32_t all[T_COUNT];
        for (FixtureType t = 0; t < T_COUNT; t++) {
            all[t] = (int32_t)fixture_slot(t, COLUMN_B + nullable);
        }
        Fixture f;
        fixture_init(&f);
        site_add(&f);
        group_add(&f, all, 0, nullable);                          // no keys
        group_add(&f, &all[T_ENUM], 1, nullable);                 // one
        group_add(&f, &all[T_STRING], 2, nullable);               // two texts
        group_add(&f, &all[T_DECIMAL38], 3, NULLABLE - nullable); // wide ones and texts
        group_add(&f, &all[T_BOOL], T_DECIMAL38, nullable);       // many narrow ones
        group_add(&f, all, T_COUNT, nullable);                    // more than the cache takes
        fixture_compare(&f, &options);
        fixture_free(&f);
    }
}

// --- the object -------------------------------------------------------------------------------
static void several_add(Fixture *f) {
    const Expr *sum[] = {fixture_column(f, T_DECIMAL9, COLUMN_A),
                         fixture_column(f, T_DECIMAL4, COLUMN_B)};
    case_add(f,
             fixture_expr(f,
                          EXPR_DECIMAL_ADD,
                          type_decimal_result(&f->arena, '+', sum[0]->type, sum[1]->type),
                          sum,
                          2));
    const Expr *product[] = {fixture_column(f, T_FLOAT64, COLUMN_A),
                             fixture_column(f, T_FLOAT64, COLUMN_B)};
    case_add(f, fixture_expr(f, EXPR_MUL, f->types[T_FLOAT64], product, 2));
    case_add(f, comparison(f, EXPR_GT, T_INT32, COLUMN_A, "3"));
    case_add(f, comparison(f, EXPR_EQ, T_STRING, NULLABLE, "paid"));
    case_add(f, costly(f, T_STRING, COLUMN_A));
    case_add(f, failing_bool(f, NULLABLE));
    int32_t keys[] = {(int32_t)fixture_slot(T_ENUM, COLUMN_A),
                      (int32_t)fixture_slot(T_STRING, NULLABLE)};
    site_add(f);
    group_add(f, keys, 2, NULLABLE);
}

static void
object_make(Fixture *f, const BackendOptions *how, Buffer *object, BackendStats *stats) {
    struct LLVMOpaqueModule *module = gen_run(&f->layout, GEN_ONE_LEVEL);
    backend_compile(module, how, object, stats);
    gen_free(module);
}

// All levels of optimisation and processors give the same rows.
static void test_levels(void **state) {
    (void)state;
    static const BackendOptions levels[] = {
        {.cpu = "host", .optimise = 0},
        {.cpu = "host", .optimise = 2},
        {.cpu = "x86-64-v2", .optimise = 2},
        {.cpu = "x86-64-v3", .optimise = 2},
        {.cpu = "x86-64-v3", .optimise = 1},
    };
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        Fixture f;
        fixture_init(&f);
        several_add(&f);
        fixture_compare(&f, &levels[i]);
        fixture_free(&f);
    }
}

static void test_full_batches(void **state) {
    (void)state;
    Fixture f;
    fixture_init(&f);
    several_add(&f);
    fixture_finish(&f);
    BackendCode *code = code_load(&f, &(BackendOptions){.cpu = "host", .optimise = 2});
    for (uint32_t i = 0; i < f.plan.pipelines.count; i++) {
        pipeline_compare(&f, backend_program(code), i, (FixtureInput){4096, SELECT_ALL, 9});
        pipeline_compare(&f, backend_program(code), i, (FixtureInput){4096, SELECT_SOME, 10});
    }
    backend_unload(code);
    fixture_free(&f);
}

static void test_same_plan_same_bytes(void **state) {
    (void)state;
    Buffer objects[2] = {{0}};
    Fixture f;
    fixture_init(&f);
    several_add(&f);
    fixture_finish(&f);
    for (size_t i = 0; i < COUNT_OF(objects); i++) {
        object_make(&f, &options, &objects[i], NULL);
    }
    assert_int_equal(objects[0].length, objects[1].length);
    assert_memory_equal(objects[0].data, objects[1].data, objects[0].length);
    buffer_free(&objects[0]);
    buffer_free(&objects[1]);
    fixture_free(&f);
}

// The program's constants in the object are those that layout made.
static void test_program_constants(void **state) {
    (void)state;
    Fixture f;
    fixture_init(&f);
    several_add(&f);
    fixture_finish(&f);
    BackendCode *code = code_load(&f, &options);
    const FlowProgram *made = backend_program(code);
    const FlowProgram *want = f.layout.program;
    assert_string_equal(made->name, want->name);
    assert_string_equal(made->plan_hash, want->plan_hash);
    assert_int_equal(made->pipelines_count, want->pipelines_count);
    assert_int_equal(made->sites_count, want->sites_count);
    assert_null(made->dlq);
    assert_int_equal(made->sources[0].path->param, -1);
    assert_string_equal(made->sources[0].path->text, "rows.ndjson");
    const FlowTypeDesc *type = made->pipelines[0].slots[fixture_slot(T_ENUM, NULLABLE)].type;
    assert_int_equal(type->enum_values_count, 4);
    assert_string_equal(type->enum_values[1].text, "a rather long value");
    const FlowGroup *group = &made->groups[0];
    assert_int_equal(group->aggs_count, want->groups[0].aggs_count);
    assert_int_equal(group->aggs[7].offset, want->groups[0].aggs[7].offset);
    backend_unload(code);
    fixture_free(&f);
}

// --- assembly ---------------------------------------------------------------------------------
static void asm_of(void (*add)(Fixture *f), Buffer *text) {
    Fixture f;
    fixture_init(&f);
    add(&f);
    fixture_finish(&f);
    struct LLVMOpaqueModule *module = gen_run(&f.layout, GEN_ONE_LEVEL);
    backend_print_asm(module, &(BackendOptions){.cpu = "x86-64-v3", .optimise = 2}, text);
    gen_free(module);
    fixture_free(&f);
}

static void arithmetic_add(Fixture *f) {
    const Expr *sum[] = {fixture_column(f, T_DECIMAL9, COLUMN_A),
                         fixture_column(f, T_DECIMAL4, COLUMN_B)};
    fixture_compute(f,
                    fixture_expr(f,
                                 EXPR_DECIMAL_SUB,
                                 type_decimal_result(&f->arena, '-', sum[0]->type, sum[1]->type),
                                 sum,
                                 2));
}

static void float_arithmetic_add(Fixture *f) {
    const Expr *product[] = {fixture_column(f, T_FLOAT64, NULLABLE),
                             fixture_column(f, T_FLOAT64, COLUMN_B)};
    fixture_compute(f, fixture_expr(f, EXPR_MUL, f->nullable[T_FLOAT64], product, 2));
}

static void int_filter_add(Fixture *f) {
    const Expr *both[] = {comparison(f, EXPR_GT, T_INT32, NULLABLE, "3"),
                          comparison(f, EXPR_LE, T_INT32, COLUMN_B, "60000")};
    filter_add(f, fixture_expr(f, EXPR_AND, f->nullable[T_BOOL], both, 2));
}

static void enum_filter_add(Fixture *f) {
    filter_add(f, comparison(f, EXPR_EQ, T_ENUM, COLUMN_A, "open"));
}

static void decimal_filter_add(Fixture *f) {
    filter_add(f, comparison(f, EXPR_GE, T_DECIMAL18, COLUMN_A, "1.5000"));
}

// The optimiser gives up on vectors without a word when a loop stops being simple.
static void test_vector_instructions(void **state) {
    (void)state;
    static const struct {
        void (*add)(Fixture *f);
        const char *instruction;
    } loops[] = {
        {arithmetic_add, "vpsubq"},
        {float_arithmetic_add, "vmulpd"},
        {int_filter_add, "vpcmpgtd"},
        {enum_filter_add, "vpcmpeqw"},
        {decimal_filter_add, "vpcmpgtq"},
    };
    for (size_t i = 0; i < COUNT_OF(loops); i++) {
        Buffer text = {0};
        asm_of(loops[i].add, &text);
        const char *found = strstr(buffer_cstring(&text), loops[i].instruction);
        assert_non_null(found);
        char line[128] = {0};
        memcpy(line, found, strcspn(found, "\n") < 127 ? strcspn(found, "\n") : 127);
        assert_non_null(strstr(line, "%ymm"));
        buffer_free(&text);
    }
}

// --- memory and symbols -----------------------------------------------------------------------
static void test_no_memory_is_writable_and_executable(void **state) {
    (void)state;
    Fixture f;
    fixture_init(&f);
    several_add(&f);
    fixture_finish(&f);
    BackendCode *code = code_load(&f, &options);
    Sys *sys = sys_posix_new(NULL);
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    char line[1024];
    bool has_code = false;
    uintptr_t entry = (uintptr_t)backend_program(code)->pipelines[0].run;
    while (fgets(line, sizeof(line), maps) != NULL) {
        char *rest = NULL;
        uintptr_t first = strtoul(line, &rest, 16);
        uintptr_t last = strtoul(rest + 1, &rest, 16);
        assert_null(strstr(rest, "rwx"));
        assert_null(strstr(rest, "-wx"));
        has_code |= entry >= first && entry < last && strncmp(rest, " r-x", 4) == 0;
    }
    fclose(maps);
    assert_true(has_code);
    sys_posix_free(sys);
    backend_unload(code);
    fixture_free(&f);
}

typedef struct ElfSymbol {
    uint32_t name;
    uint8_t info;
    uint8_t other;
    uint16_t section;
    uint64_t value;
    uint64_t size;
} ElfSymbol;

typedef struct ElfSection {
    uint32_t name;
    uint32_t type;
    uint64_t flags, address, offset, size;
    uint32_t link, more;
    uint64_t alignment, entry_size;
} ElfSection;

static bool is_listed(const char *name) {
    BackendSymbols symbols = backend_runtime_symbols();
    for (uint32_t i = 0; i < symbols.count; i++) {
        if (strcmp(symbols.items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

// What the object calls is in the ABI lists; what it defines for others is the program alone.
static void test_symbols_of_the_object(void **state) {
    (void)state;
    enum { SECTIONS_OFFSET = 40, SECTION_COUNT = 60, SYMBOL_TABLE = 2, GLOBAL = 1 };
    Fixture f;
    Buffer object = {0};
    fixture_init(&f);
    several_add(&f);
    fixture_finish(&f);
    object_make(&f, &options, &object, NULL);
    uint64_t offset;
    uint16_t count;
    memcpy(&offset, object.data + SECTIONS_OFFSET, sizeof(offset));
    memcpy(&count, object.data + SECTION_COUNT, sizeof(count));
    const ElfSection *sections = (const ElfSection *)(void *)(object.data + offset);
    uint32_t undefined = 0;
    for (uint16_t i = 0; i < count; i++) {
        if (sections[i].type != SYMBOL_TABLE) {
            continue;
        }
        const ElfSymbol *symbols = (const ElfSymbol *)(void *)(object.data + sections[i].offset);
        const char *names = object.data + sections[sections[i].link].offset;
        for (size_t k = 1; k < sections[i].size / sizeof(ElfSymbol); k++) {
            const char *name = names + symbols[k].name;
            if (symbols[k].section == 0) {
                undefined++;
                assert_true(is_listed(name));
            } else if (symbols[k].info >> 4 == GLOBAL) {
                assert_string_equal(name, "flow_program");
            }
        }
    }
    assert_true(undefined > 3);
    buffer_free(&object);
    fixture_free(&f);
}

// --- cache ------------------------------------------------------------------------------------
static const char *entry_path(Sys *sys, Arena *arena, const char *directory) {
    SysEntry *entries = NULL;
    uint32_t count = 0;
    assert_int_equal(sys_list(sys, arena, directory, &entries, &count), OUTCOME_OK);
    assert_int_equal(count, 1);
    return arena_format(arena, "%s/%s", directory, entries[0].name);
}

typedef struct Damage {
    const char *what;
    size_t offset; // SIZE_MAX: cut in the middle
} Damage;

static void entry_damage(Sys *sys, Arena *arena, const char *path, Damage damage) {
    char *bytes = NULL;
    size_t length = 0;
    assert_int_equal(sys_read_all(sys, arena, path, 1 << 26, &bytes, &length), OUTCOME_OK);
    assert_int_equal(sys_unlink(sys, path), OUTCOME_OK);
    if (damage.offset == SIZE_MAX) {
        length /= 2;
    } else {
        bytes[damage.offset % length] ^= 0x40;
    }
    assert_int_equal(sys_write_new(sys, path, bytes, length), OUTCOME_OK);
}

static void test_cache(void **state) {
    (void)state;
    static const Damage damages[] = {{"magic", 0},
                                     {"length", 9},
                                     {"checksum", 20},
                                     {"key", 40},
                                     {"object", 5000},
                                     {"cut", SIZE_MAX}};
    Arena arena = {0};
    Sys *sys = sys_posix_new(NULL);
    char uuid[37];
    sys_uuid(sys, uuid);
    const char *directory = arena_format(&arena, "/tmp/flow-cache-%s/nested", uuid);
    BackendOptions how = {.cpu = "x86-64-v2", .optimise = 1, .cache = directory};
    Fixture f;
    fixture_init(&f);
    several_add(&f);
    fixture_finish(&f);
    Buffer first = {0};
    BackendStats stats;
    object_make(&f, &how, &first, &stats);
    assert_false(stats.is_cached);
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        Buffer again = {0};
        object_make(&f, &how, &again, &stats);
        assert_true(stats.is_cached);
        assert_int_equal(again.length, first.length);
        assert_memory_equal(again.data, first.data, first.length);
        entry_damage(sys, &arena, entry_path(sys, &arena, directory), damages[i]);
        buffer_clear(&again);
        object_make(&f, &how, &again, &stats);
        assert_false(stats.is_cached);
        assert_memory_equal(again.data, first.data, first.length);
        buffer_free(&again);
    }
    BackendOptions other = how;
    other.cpu = "x86-64-v3";
    Buffer third = {0};
    object_make(&f, &other, &third, &stats);
    assert_false(stats.is_cached); // another processor is another object
    buffer_free(&first);
    buffer_free(&third);
    fixture_free(&f);
    sys_posix_free(sys);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_constants_and_params),
        cmocka_unit_test(test_logic),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_in_and_between),
        cmocka_unit_test(test_long_lists),
        cmocka_unit_test(test_casts),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_computations_in_a_row),
        cmocka_unit_test(test_narrowing),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_fail_stops),
        cmocka_unit_test(test_branches),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_full_batches),
        cmocka_unit_test(test_same_plan_same_bytes),
        cmocka_unit_test(test_program_constants),
        cmocka_unit_test(test_vector_instructions),
        cmocka_unit_test(test_no_memory_is_writable_and_executable),
        cmocka_unit_test(test_symbols_of_the_object),
        cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
