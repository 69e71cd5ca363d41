// Predicate push-down: a filter moves in front of a projection whose columns it only passes
// through, and of a join whose looked-up columns it does not read, so that it comes to stand next
// to its source, where the decoder can apply it.
//
// Only over projections that cannot fail: `derive x = 1 / a` before `where a > 5` rejects rows that
// the filter would have dropped, and must go on doing so.
#include "rewrite/rewrite_internal.h"

static uint32_t user_count(const Graph *graph, uint32_t index) {
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

// A lookup that rejects nothing: a row of ours that the filter drops is dropped before it, too. The
// filter must not fail either: it now sees rows that find no match.
static bool
join_lets_pass(Arena *arena, const GraphNode *join, const Expr *condition, uint32_t ours) {
    if (expr_can_fail(condition) || (join->condition != NULL && expr_can_fail(join->condition))) {
        return false;
    }
    for (uint32_t i = 0; i < join->value_count; i++) {
        if (expr_can_fail(join->values[i])) {
            return false;
        }
    }
    bool *used = arena_array(arena, bool, join->column_count + 1);
    expr_columns(condition, used);
    for (uint32_t i = ours; i < join->column_count; i++) {
        if (used[i]) {
            return false;
        }
    }
    return true;
}

static bool can_swap(const Graph *graph, Arena *arena, const GraphNode *filter) {
    if (filter->op != GRAPH_FILTER) {
        return false;
    }
    const GraphNode *project = graph_at(graph, filter->input);
    if (project->op == GRAPH_JOIN && user_count(graph, filter->input.index) == 1) {
        uint32_t ours = graph_at(graph, project->input)->column_count;
        return join_lets_pass(arena, project, filter->condition, ours);
    }
    if (project->op != GRAPH_PROJECT || user_count(graph, filter->input.index) != 1) {
        return false;
    }
    return !project_can_fail(project) && !reads_computed(arena, project, filter->condition);
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

void rewrite_pushdown_graph(Graph *graph, Arena *arena) {
    for (bool is_moving = true; is_moving;) {
        is_moving = false;
        for (uint32_t i = 0; i < graph->nodes.count; i++) {
            if (can_swap(graph, arena, &graph->nodes.items[i])) {
                swap(graph, arena, i);
                is_moving = true;
            }
        }
    }
}
