// Predicate push-down to the decoder: conditions `column op constant` that stand right after a
// source's checks become tests that the decoder applies before it materialises a row.
//
// A row that breaks a contract check must be rejected even if no flow wants it. So the checks
// become guards: only a row that surely meets all of them may be left out. If a check can't be said
// as guards, or the source has several readers, nothing is pushed down. The operations stay in the
// pipeline too: the decoder may leave rows out, but need not.
#include "lower/lower_internal.h"

typedef struct TestList {
    VEC(PlanScanTest) tests;
    uint32_t column_count;
    bool has_bounds; // statistics are asked, so texts and floats may be tested, too
} TestList;

static bool test_op(ExprOp op, bool is_swapped, FlowTestOp *result) {
    static const struct {
        ExprOp op;
        FlowTestOp test, swapped;
    } rows[] = {
        {EXPR_EQ, FLOW_TEST_EQ, FLOW_TEST_EQ},
        {EXPR_NE, FLOW_TEST_NE, FLOW_TEST_NE},
        {EXPR_LT, FLOW_TEST_LT, FLOW_TEST_GT},
        {EXPR_LE, FLOW_TEST_LE, FLOW_TEST_GE},
        {EXPR_GT, FLOW_TEST_GT, FLOW_TEST_LT},
        {EXPR_GE, FLOW_TEST_GE, FLOW_TEST_LE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].op == op) {
            *result = is_swapped ? rows[i].swapped : rows[i].test;
            return true;
        }
    }
    return false;
}

// A widening of an integer keeps its value, so the column below it can be tested itself.
static const Expr *column_below(const Expr *expr) {
    while (expr->op == EXPR_CAST && expr->is_widening && type_is_integer(expr->type) &&
           type_is_integer(expr->arguments[0]->type)) {
        expr = expr->arguments[0];
    }
    return expr->op == EXPR_COLUMN ? expr : NULL;
}

static bool decimal_constant(const Type *column, const Expr *constant, int64_t *value) {
    i128 unscaled = constant->constant.i128;
    if (column->precision > 18 || constant->type->scale > column->scale) {
        return false;
    }
    for (int32_t s = constant->type->scale; s < column->scale; s++) {
        if (unscaled > (i128)INT64_MAX || unscaled < (i128)INT64_MIN) {
            return false;
        }
        unscaled *= 10;
    }
    *value = (int64_t)unscaled;
    return unscaled == (i128)*value;
}

static bool
constant_value(const Type *column, const Expr *constant, FlowTestOp op, int64_t *value) {
    *value = constant->constant.i64;
    switch (column->kind) {
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
        return type_is_integer(constant->type);
    case FLOW_BOOL:
    case FLOW_DATE:
    case FLOW_TIMESTAMP:
    case FLOW_DURATION:
        return constant->type->kind == column->kind;
    case FLOW_ENUM: // codes are in the order written, not in the order of the texts
        return type_equal_base(constant->type, column) &&
               (op == FLOW_TEST_EQ || op == FLOW_TEST_NE);
    case FLOW_DECIMAL:
        return constant->type->kind == FLOW_DECIMAL && decimal_constant(column, constant, value);
    default:
        return false;
    }
}

// What only statistics are asked.
static bool
bound_constant(Arena *arena, const Type *column, const Expr *constant, PlanScanTest *test) {
    const FlowValue *value = &constant->constant;
    if (column->kind == FLOW_STRING && constant->type->kind == FLOW_STRING) {
        const char *bytes = flow_view_data(&value->view);
        test->text = arena_format(arena, "%.*s", (int)value->view.length, bytes);
        return memchr(bytes, 0, value->view.length) == NULL;
    }
    bool is_float = column->kind == FLOW_FLOAT32 || column->kind == FLOW_FLOAT64;
    memcpy(&test->value, &value->f64, sizeof(test->value));
    return is_float && constant->type->kind == column->kind;
}

static bool comparison_add(Arena *arena, const Expr *expr, TestList *list) {
    FlowTestOp op;
    if (expr->argument_count != 2) {
        return false;
    }
    bool is_swapped = expr->arguments[0]->op == EXPR_CONST;
    const Expr *column = column_below(expr->arguments[is_swapped ? 1 : 0]);
    const Expr *constant = expr->arguments[is_swapped ? 0 : 1];
    if (column == NULL || column->index >= list->column_count || constant->op != EXPR_CONST ||
        constant->is_null || !test_op(expr->op, is_swapped, &op)) {
        return false;
    }
    PlanScanTest test = {.column = column->index, .op = op};
    bool is_test = constant_value(column->type, constant, op, &test.value);
    if (!is_test && list->has_bounds) {
        is_test = bound_constant(arena, column->type, constant, &test);
    }
    if (is_test) {
        *vec_push(arena, &list->tests) = test;
    }
    return is_test;
}

// Adds the tests of a conjunction; false if some part of it is no test (the others are added, but
// none behind a part that can fail: its rejection comes first). `is_last`: nothing that can fail
// stands behind the expression. Where something does, a null goes on to it, so it must not count
// as a test that was not met.
static bool tests_add(Arena *arena, const Expr *expr, bool is_last, TestList *list) {
    if (expr->op != EXPR_AND) {
        bool decides = is_last || !expr->type->is_nullable;
        return decides && comparison_add(arena, expr, list);
    }
    bool left_is_last = is_last && !expr_can_fail(expr->arguments[1]);
    bool left = tests_add(arena, expr->arguments[0], left_is_last, list);
    if (expr_can_fail(expr->arguments[0])) {
        return false;
    }
    bool right = tests_add(arena, expr->arguments[1], is_last, list);
    return left && right;
}

static bool has_statistics(const Graph *graph, const GraphNode *node) {
    FlowFormat format = FLOW_FORMAT_DELTA;
    if (node->op == GRAPH_SOURCE) {
        format = graph->sources.items[node->declaration].format;
    }
    return format == FLOW_FORMAT_DELTA || format == FLOW_FORMAT_PARQUET;
}

void scan_tests_find(Lower *lower, PlanPipeline *pipeline, uint32_t root) {
    const GraphNode *node = &lower->graph->nodes.items[root];
    bool is_source = node->op == GRAPH_SOURCE; // whose last columns are parts of meta
    uint32_t column_count = is_source ? lower->graph->sources.items[node->declaration].column_count
                                      : node->column_count;
    TestList guards = {.column_count = column_count};
    TestList tests = {.column_count = column_count,
                      .has_bounds = has_statistics(lower->graph, node)};
    uint32_t i = 0;
    for (; i < pipeline->ops.count && pipeline->ops.items[i].kind == PLAN_CHECK; i++) {
        if (!tests_add(lower->arena, pipeline->ops.items[i].expr, true, &guards)) {
            return;
        }
    }
    for (; i < pipeline->ops.count; i++) {
        const PlanOp *op = &pipeline->ops.items[i];
        bool is_lookup = op->kind == PLAN_KEEP && !is_source; // rows of a lookup: uncounted
        if (op->kind == PLAN_FILTER || is_lookup) {
            pipeline->test_flow = is_lookup ? UINT32_MAX : op->flow;
            tests_add(lower->arena, op->expr, true, &tests);
            break; // a later filter sees only rows that passed this one, and may count elsewhere
        }
        if (op->kind != PLAN_COUNT_IN) {
            break; // what another flow counts must not depend on what its reader wants
        }
    }
    pipeline->tests = tests.tests.items;
    pipeline->test_count = tests.tests.count;
    pipeline->guards = guards.tests.items;
    pipeline->guard_count = guards.tests.count;
}

// A file of which no row meets a part of the condition has none that goes.
void condition_tests_find(Lower *lower, PlanPipeline *pipeline) {
    TestList tests = {.column_count = pipeline->input_slots, .has_bounds = true};
    ASSERT(pipeline->ops.count > 0);
    const PlanOp *first = &pipeline->ops.items[0]; // what is computed before it might fail
    if (first->kind == PLAN_KEEP) {
        tests_add(lower->arena, first->expr, true, &tests);
    }
    pipeline->tests = tests.tests.items;
    pipeline->test_count = tests.tests.count;
}
