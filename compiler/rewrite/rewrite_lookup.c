// Parts of a join's `on` that concern the looked-up rows alone become a filter on their side: what
// no pair can match is not kept in memory, and a table's files may be skipped.
//
// Only where nothing of `on` can fail: a pair that would have been rejected must still be met.
#include "rewrite/rewrite_internal.h"

typedef struct Split {
    Arena *arena;
    uint32_t ours; // columns of our side stand first
    uint32_t total;
    const Expr *theirs; // conjunctions, or NULL
    const Expr *rest;
} Split;

static bool is_theirs(const Split *s, const Expr *expr) {
    bool *used = arena_array(s->arena, bool, s->total + 1);
    expr_columns(expr, used);
    for (uint32_t i = 0; i < s->ours; i++) {
        if (used[i]) {
            return false;
        }
    }
    return true;
}

static void conjuncts_split(Split *s, const Expr *expr) {
    if (expr->op == EXPR_AND) {
        conjuncts_split(s, expr->arguments[0]);
        conjuncts_split(s, expr->arguments[1]);
    } else if (is_theirs(s, expr)) {
        s->theirs = conjunction(s->arena, s->theirs, expr);
    } else {
        s->rest = conjunction(s->arena, s->rest, expr);
    }
}

// The expression over the right's own columns.
static const Expr *over_right(const Split *s, const Expr *expr, const GraphNode *right) {
    const Expr **columns = arena_array(s->arena, const Expr *, s->total + 1);
    for (uint32_t i = 0; i < right->column_count; i++) {
        columns[s->ours + i] = expr_column(s->arena, i, right->columns[i].type);
    }
    return expr_substitute(s->arena, expr, columns);
}

static void filter_insert(Graph *graph, uint32_t index, const Split *s) {
    const GraphNode *join = &graph->nodes.items[index];
    const GraphNode *right = graph_at(graph, join->right);
    GraphNode filter = {.op = GRAPH_FILTER,
                        .input = join->right,
                        .right = GRAPH_NONE,
                        .span = join->span,
                        .operator_id = arena_format(s->arena, "%s/on", join->operator_id),
                        .flow = join->flow,
                        .columns = right->columns,
                        .column_count = right->column_count,
                        .event_time = right->event_time,
                        .mode = right->mode,
                        .is_bounded = right->is_bounded,
                        .condition = over_right(s, s->theirs, right),
                        .window_end = -1};
    node_insert(graph, s->arena, index, filter);
    GraphNode *moved = &graph->nodes.items[index + 1];
    moved->right.index = index;
    moved->condition = s->rest;
}

void rewrite_lookup_graph(Graph *graph, Arena *arena) {
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        const GraphNode *node = &graph->nodes.items[i];
        if (node->op != GRAPH_JOIN || node->condition == NULL || expr_can_fail(node->condition)) {
            continue;
        }
        uint32_t ours = graph_at(graph, node->input)->column_count;
        Split split = {.arena = arena,
                       .ours = ours,
                       .total = ours + graph_at(graph, node->right)->column_count};
        conjuncts_split(&split, node->condition);
        if (split.theirs != NULL) {
            filter_insert(graph, i, &split);
            i++; // the join itself, now behind its filter
        }
    }
}
