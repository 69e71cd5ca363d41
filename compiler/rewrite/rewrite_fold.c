// Constant folding. What would fail stays as it is, so that it rejects its rows when it runs.
#include "rewrite/rewrite_internal.h"

static const Expr *
constant_make(Arena *arena, const Expr *expr, EvalStatus status, FlowValue value) {
    if (status == EVAL_NULL) {
        return expr->type->is_nullable
                   ? expr_located(arena, expr_null(arena, expr->type), expr->span, expr->text)
                   : expr;
    }
    return expr_located(arena, expr_constant(arena, expr->type, value), expr->span, expr->text);
}

static bool is_bool(const Expr *expr, int64_t value) {
    return expr->op == EXPR_CONST && !expr->is_null && expr->constant.i64 == value;
}

// An `and`, `or` or `if` whose left side is known, keeping the laziness of the other. What reads a
// column stays even where it is never evaluated: else the column might come to be used by nothing,
// would not be computed, and the rows on which it fails would no longer be rejected.
static const Expr *branch_fold(const Expr *expr) {
    const Expr *first = expr->argument_count == 0 ? NULL : expr->arguments[0];
    if (expr->op == EXPR_AND || expr->op == EXPR_OR) {
        int64_t neutral = expr->op == EXPR_AND;
        if (is_bool(first, neutral)) {
            return expr->arguments[1];
        }
        return is_bool(first, !neutral) && expr_is_constant(expr->arguments[1]) ? first : expr;
    }
    if (expr->op == EXPR_IF && first->op == EXPR_CONST) {
        uint32_t choice = is_bool(first, 1) ? 1 : 2;
        const Expr *chosen = expr->arguments[choice];
        const Expr *dropped = expr->arguments[3 - choice];
        return type_equal(chosen->type, expr->type) && expr_is_constant(dropped) ? chosen : expr;
    }
    return expr;
}

const Expr *rewrite_fold(Arena *arena, const Expr *expr) {
    if (expr->op == EXPR_CONST || expr->argument_count == 0) {
        return expr;
    }
    FlowValue value = {0};
    EvalStatus status = expr_is_constant(expr) ? eval(arena, expr, &value) : EVAL_UNKNOWN;
    if (status == EVAL_OK || status == EVAL_NULL) {
        return constant_make(arena, expr, status, value);
    }
    const Expr **arguments = arena_array(arena, const Expr *, expr->argument_count);
    bool is_changed = false;
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        arguments[i] = rewrite_fold(arena, expr->arguments[i]);
        is_changed |= arguments[i] != expr->arguments[i];
    }
    if (!is_changed) {
        return branch_fold(expr);
    }
    Expr *copy = arena_new(arena, Expr);
    *copy = *expr;
    copy->arguments = arguments;
    return branch_fold(copy);
}

static bool is_always_true(const GraphNode *node) {
    return node->op == GRAPH_FILTER && is_bool(node->condition, 1);
}

static const Expr *const *exprs_fold(Arena *arena, const Expr *const *exprs, uint32_t count) {
    const Expr **folded = arena_array(arena, const Expr *, count + 1);
    for (uint32_t i = 0; exprs != NULL && i < count; i++) {
        folded[i] = rewrite_fold(arena, exprs[i]);
    }
    return folded;
}

static void values_fold(Arena *arena, GraphNode *node) {
    node->values = exprs_fold(arena, node->values, node->value_count);
    node->orders = exprs_fold(arena, node->orders, node->order_count);
    if (node->op == GRAPH_JOIN || node->op == GRAPH_BAND) {
        node->right_values = exprs_fold(arena, node->right_values, node->value_count);
    }
}

static void aggs_fold(Arena *arena, GraphNode *node) {
    GraphAgg *aggs = arena_array(arena, GraphAgg, node->agg_count + 1);
    for (uint32_t i = 0; i < node->agg_count; i++) {
        aggs[i] = node->aggs[i];
        aggs[i].argument = aggs[i].argument == NULL ? NULL : rewrite_fold(arena, aggs[i].argument);
        aggs[i].second = aggs[i].second == NULL ? NULL : rewrite_fold(arena, aggs[i].second);
        aggs[i].condition =
            aggs[i].condition == NULL ? NULL : rewrite_fold(arena, aggs[i].condition);
    }
    node->aggs = aggs;
}

// The DLQ shows a check's text: where folding would leave only a part of it, it is left whole.
static void condition_fold(Arena *arena, GraphNode *node) {
    const Expr *folded = rewrite_fold(arena, node->condition);
    bool is_check = node->op == GRAPH_CHECK || node->op == GRAPH_EPOCH_CHECK;
    if (!is_check || folded->text == node->condition->text) {
        node->condition = folded;
    }
}

void rewrite_fold_graph(Graph *graph, Arena *arena) {
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        GraphNode *node = &graph->nodes.items[i];
        if (node->condition != NULL) {
            condition_fold(arena, node);
        }
        values_fold(arena, node);
        aggs_fold(arena, node);
    }
    for (uint32_t i = graph->nodes.count; i-- > 0;) {
        if (is_always_true(&graph->nodes.items[i])) {
            node_remove(graph, i);
        }
    }
}
