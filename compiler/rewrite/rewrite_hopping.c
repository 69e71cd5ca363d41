// A filter behind a hopping or cumulative window that reads nothing of the window also drops its
// rows in front of it, before each becomes several.
//
// Windows can fail: their ends lie beyond what a timestamp holds, if it is far enough out. Such
// rows must go on being rejected, filter or not. So the filter in front lets all rows pass whose
// times are no everyday ones, and the one behind stays.
#include "rewrite/rewrite_internal.h"

#define EVERYDAY_FIRST_US (-INT64_C(30610224000) * 1000000)  // the year 1000
#define EVERYDAY_LAST_US (INT64_C(221845392000) * 1000000)   // the year 9000
#define LENGTH_MAX_US (INT64_C(36525) * 24 * 3600 * 1000000) // a hundred years

// filter → projection of the windows' ends → unnest of their starts. The same of cumulative
// windows, whose ends are unnested; without `as` there is no projection.
typedef struct Hopping {
    const GraphNode *ends; // or NULL
    const GraphNode *starts;
    uint32_t starts_index;
    const Expr *condition; // over the input of `starts`
    const Expr *time;
} Hopping;

static bool is_small(const Expr *argument) {
    return argument->op == EXPR_CONST && !argument->is_null &&
           (argument->type->kind == FLOW_STRING || // a zone
            (argument->constant.i64 <= LENGTH_MAX_US && argument->constant.i64 >= -LENGTH_MAX_US));
}

// A step of a window from a column: everyday times and small lengths stay within a timestamp.
static bool is_window_part(const Expr *value) {
    enum { LENGTH = 1, COUNT = 5 };
    if (value->op != EXPR_TIME_ADD && value->op != EXPR_WINDOW_END &&
        value->op != EXPR_WINDOW_DATE && value->op != EXPR_WINDOW_STARTS &&
        value->op != EXPR_WINDOW_ENDS) {
        return false;
    }
    for (uint32_t i = 1; i < value->argument_count; i++) {
        if (!is_small(value->arguments[i])) {
            return false;
        }
    }
    int64_t whole_us = 0;
    bool overflows = value->op == EXPR_WINDOW_END &&
                     __builtin_mul_overflow(value->arguments[LENGTH]->constant.i64,
                                            value->arguments[COUNT]->constant.i64,
                                            &whole_us);
    return !overflows && whole_us <= LENGTH_MAX_US && value->arguments[0]->op == EXPR_COLUMN;
}

static bool ends_are_safe(const GraphNode *ends, uint32_t item) {
    for (uint32_t i = 0; ends != NULL && i < ends->value_count; i++) {
        const Expr *value = ends->values[i];
        if (expr_can_fail(value) &&
            !(is_window_part(value) && value->arguments[0]->index == item)) {
            return false;
        }
    }
    return true;
}

// What the filter reads must have been there before the windows.
static bool reads_ours(Arena *arena, const Expr *condition, const Hopping *h) {
    uint32_t ours = h->starts->column_count - 1;
    uint32_t count = h->ends != NULL ? h->ends->column_count : h->starts->column_count;
    bool *used = arena_array(arena, bool, count + 1);
    expr_columns(condition, used);
    for (uint32_t i = 0; i < count; i++) {
        const Expr *value = h->ends != NULL ? h->ends->values[i] : NULL;
        bool is_ours = value == NULL ? i < ours : value->op == EXPR_COLUMN && value->index < ours;
        if (used[i] && !is_ours) {
            return false;
        }
    }
    return true;
}

static bool windows_find(const Graph *graph, const GraphNode *filter, Hopping *h) {
    const GraphNode *below = graph_at(graph, filter->input);
    h->starts_index = filter->input.index;
    if (below->op == GRAPH_PROJECT && user_count(graph, filter->input.index) == 1) {
        h->ends = below;
        h->starts_index = below->input.index;
    }
    h->starts = &graph->nodes.items[h->starts_index];
    return user_count(graph, h->starts_index) == 1 && h->starts->op == GRAPH_UNNEST &&
           (h->starts->values[0]->op == EXPR_WINDOW_STARTS ||
            h->starts->values[0]->op == EXPR_WINDOW_ENDS) &&
           is_window_part(h->starts->values[0]);
}

static bool hopping_find(const Graph *graph, Arena *arena, const GraphNode *filter, Hopping *h) {
    if (filter->op != GRAPH_FILTER || expr_can_fail(filter->condition) ||
        !windows_find(graph, filter, h)) {
        return false;
    }
    uint32_t item = h->starts->column_count - 1;
    if (!ends_are_safe(h->ends, item) || !reads_ours(arena, filter->condition, h)) {
        return false;
    }
    h->condition = h->ends == NULL ? filter->condition
                                   : expr_substitute(arena, filter->condition, h->ends->values);
    h->time = h->starts->values[0]->arguments[0];
    return true;
}

// --- the filter in front ----------------------------------------------------------------------
static const Expr *compared(Arena *arena, ExprOp op, const Expr *time, int64_t bound_us) {
    const Type *type = type_new(arena, FLOW_TIMESTAMP, false);
    const Expr *pair[2] = {time, expr_constant(arena, type, (FlowValue){.i64 = bound_us})};
    return expr_new(arena, op, type_new(arena, FLOW_BOOL, false), pair, 2);
}

static const Expr *either(Arena *arena, const Expr *left, const Expr *right) {
    const Expr *pair[2] = {left, right};
    bool is_nullable = left->type->is_nullable || right->type->is_nullable;
    return expr_new(arena, EXPR_OR, type_new(arena, FLOW_BOOL, is_nullable), pair, 2);
}

static void filter_add(Graph *graph, Arena *arena, GraphNode filter, const Hopping *h) {
    const GraphNode *input = graph_at(graph, h->starts->input);
    const Expr *beyond = either(arena,
                                compared(arena, EXPR_LT, h->time, EVERYDAY_FIRST_US),
                                compared(arena, EXPR_GT, h->time, EVERYDAY_LAST_US));
    const Expr *condition = either(arena, h->condition, beyond);
    filter.input = h->starts->input;
    filter.condition =
        expr_located(arena, condition, filter.condition->span, filter.condition->text);
    filter.columns = input->columns;
    filter.column_count = input->column_count;
    filter.event_time = input->event_time;
    filter.operator_id = arena_format(arena, "%s/early", filter.operator_id);
    uint32_t index = h->starts_index;
    node_insert(graph, arena, index, filter);
    graph->nodes.items[index + 1].input = (GraphId){index};
}

void hopping_filters_add(Graph *graph, Arena *arena) {
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        Hopping hopping = {0};
        if (hopping_find(graph, arena, &graph->nodes.items[i], &hopping)) {
            filter_add(graph, arena, graph->nodes.items[i], &hopping);
            i++; // the filter itself, now one further
        }
    }
}
