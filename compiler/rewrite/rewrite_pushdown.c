// Predicate push-down: a filter moves in front of a projection whose columns it only passes
// through, of a join whose looked-up columns it does not read, of an unnest whose elements it does
// not read, and to both sides of a union, so that it comes to stand next to its source, where the
// decoder can apply it.
//
// Only over what can not fail: `derive x = 1 / a` before `where a > 5` rejects rows that the filter
// would have dropped, and must go on doing so.
#include "rewrite/rewrite_internal.h"

uint32_t user_count(const Graph *graph, uint32_t index) {
    uint32_t count = 0;
    for (uint32_t i = index + 1; i < graph->nodes.count; i++) {
        const GraphNode *node = &graph->nodes.items[i];
        count += graph_has_input(node->op) && node->input.index == index;
        count += graph_has_right(node->op) && node->right.index == index;
    }
    return count;
}

static bool project_can_fail(const GraphNode *project) {
    for (uint32_t i = 0; i < project->value_count; i++) {
        if (expr_can_fail(project->values[i])) {
            return true;
        }
    }
    return false;
}

static bool reads_computed(Arena *arena, const GraphNode *project, const Expr *condition) {
    bool *used = arena_array(arena, bool, project->column_count + 1);
    expr_columns(condition, used);
    for (uint32_t i = 0; i < project->value_count; i++) {
        if (used[i] && project->values[i]->op != EXPR_COLUMN) {
            return true;
        }
    }
    return false;
}

// A lookup or unnest that rejects nothing: a row of ours that the filter drops is dropped before
// it, too. The filter must not fail either: it now sees rows that find no match, or have no
// element. It must read only what was there before, and as it was: a step that takes a `?` away may
// have been what makes the filter's operators meet no null.
static bool
step_lets_pass(Arena *arena, const GraphNode *step, const GraphNode *input, const Expr *condition) {
    if (expr_can_fail(condition) || (step->condition != NULL && expr_can_fail(step->condition))) {
        return false;
    }
    for (uint32_t i = 0; i < step->value_count; i++) {
        if (expr_can_fail(step->values[i])) {
            return false;
        }
    }
    bool *used = arena_array(arena, bool, step->column_count + 1);
    expr_columns(condition, used);
    for (uint32_t i = 0; i < step->column_count; i++) {
        bool is_ours = i < input->column_count;
        if (used[i] && !(is_ours && type_equal(step->columns[i].type, input->columns[i].type))) {
            return false;
        }
    }
    return true;
}

static bool can_swap(const Graph *graph, Arena *arena, const GraphNode *filter) {
    if (filter->op != GRAPH_FILTER || user_count(graph, filter->input.index) != 1) {
        return false;
    }
    const GraphNode *step = graph_at(graph, filter->input);
    switch (step->op) {
    case GRAPH_JOIN:
    case GRAPH_UNNEST:
        return step_lets_pass(arena, step, graph_at(graph, step->input), filter->condition);
    case GRAPH_PROJECT:
        return !project_can_fail(step) && !reads_computed(arena, step, filter->condition);
    default:
        return false;
    }
}

// The two nodes change places in the array, so users of the pair go on reading the same id.
static void swap(Graph *graph, Arena *arena, uint32_t filter_index) {
    GraphNode filter = graph->nodes.items[filter_index];
    uint32_t project_index = filter.input.index;
    GraphNode project = graph->nodes.items[project_index];
    const GraphNode *input = graph_at(graph, project.input);

    if (project.op == GRAPH_PROJECT) {
        filter.condition = expr_substitute(arena, filter.condition, project.values);
    }
    filter.input = project.input;
    filter.columns = input->columns;
    filter.column_count = input->column_count;
    filter.event_time = input->event_time;
    project.input = (GraphId){project_index};
    graph->nodes.items[project_index] = filter;
    graph->nodes.items[filter_index] = project;
}

// --- unions -----------------------------------------------------------------------------------
static bool can_split(const Graph *graph, const GraphNode *filter) {
    return filter->op == GRAPH_FILTER && graph_at(graph, filter->input)->op == GRAPH_UNION &&
           user_count(graph, filter->input.index) == 1;
}

// The expression over the node's columns as they are there: on a side of a union they may be null
// more seldom than behind it, without the rest of a condition more often than with it.
static const Expr *over_columns(Arena *arena, const Expr *expr, const GraphNode *node) {
    const Expr **columns = arena_array(arena, const Expr *, node->column_count + 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        columns[i] = expr_column(arena, i, node->columns[i].type);
    }
    return expr_substitute(arena, expr, columns);
}

static GraphNode
filter_of_side(const Graph *graph, Arena *arena, GraphNode filter, GraphId side, const char *name) {
    const GraphNode *input = graph_at(graph, side);
    filter.input = side;
    filter.condition = over_columns(arena, filter.condition, input);
    filter.columns = input->columns;
    filter.column_count = input->column_count;
    filter.event_time = input->event_time;
    filter.mode = input->mode;
    filter.is_bounded = input->is_bounded;
    filter.operator_id = arena_format(arena, "%s/%s", filter.operator_id, name);
    return filter;
}

// A filter on each side takes the place of the one behind.
static void split(Graph *graph, Arena *arena, uint32_t filter_index) {
    GraphNode filter = graph->nodes.items[filter_index];
    uint32_t at = filter.input.index;
    GraphNode joined = graph->nodes.items[at];
    node_remove(graph, filter_index);
    node_insert(graph, arena, at, filter_of_side(graph, arena, filter, joined.input, "left"));
    node_insert(graph, arena, at + 1, filter_of_side(graph, arena, filter, joined.right, "right"));
    graph->nodes.items[at + 2].input = (GraphId){at};
    graph->nodes.items[at + 2].right = (GraphId){at + 1};
}

// --- parts of a condition ---------------------------------------------------------------------
typedef struct Parts {
    const Expr *front; // those that can move, or NULL
    const Expr *rest;
} Parts;

static void
parts_collect(const Graph *graph, Arena *arena, GraphNode filter, const Expr *expr, Parts *parts) {
    if (expr->op == EXPR_AND) {
        parts_collect(graph, arena, filter, expr->arguments[0], parts);
        parts_collect(graph, arena, filter, expr->arguments[1], parts);
        return;
    }
    // It may stand without the part that has shown that something is not null.
    filter.condition = over_columns(arena, expr, graph_at(graph, filter.input));
    const Expr **list = can_swap(graph, arena, &filter) ? &parts->front : &parts->rest;
    *list = conjunction(arena, *list, list == &parts->front ? filter.condition : expr);
}

// Of a filter that can not move, the parts that can become a filter in front of it.
static bool parts_split(Graph *graph, Arena *arena, uint32_t index) {
    GraphNode filter = graph->nodes.items[index];
    if (filter.op != GRAPH_FILTER || filter.condition->op != EXPR_AND ||
        expr_can_fail(filter.condition)) {
        return false;
    }
    Parts parts = {0};
    parts_collect(graph, arena, filter, filter.condition, &parts);
    if (parts.front == NULL) {
        return false;
    }
    graph->nodes.items[index].condition = parts.rest;
    filter.condition = parts.front;
    filter.operator_id = arena_format(arena, "%s/part", filter.operator_id);
    const GraphNode *input = graph_at(graph, filter.input);
    filter.columns = input->columns;
    node_insert(graph, arena, index, filter);
    graph->nodes.items[index + 1].input = (GraphId){index};
    return true;
}

// --- all --------------------------------------------------------------------------------------
static bool filter_move(Graph *graph, Arena *arena, uint32_t index) {
    const GraphNode *node = &graph->nodes.items[index];
    if (can_swap(graph, arena, node)) {
        swap(graph, arena, index);
        return true;
    }
    if (can_split(graph, node)) {
        split(graph, arena, index);
        return true;
    }
    return parts_split(graph, arena, index);
}

static void filters_move(Graph *graph, Arena *arena) {
    for (bool is_moving = true; is_moving;) {
        is_moving = false;
        for (uint32_t i = 0; i < graph->nodes.count; i++) {
            is_moving |= filter_move(graph, arena, i);
        }
    }
}

void rewrite_pushdown_graph(Graph *graph, Arena *arena) {
    filters_move(graph, arena);
    hopping_filters_add(graph, arena);
    filters_move(graph, arena); // those that have come in
}
