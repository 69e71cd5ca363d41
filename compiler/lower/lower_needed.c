// Which columns of each node somebody reads: a column that nothing uses is not computed (LANGUAGE
// 11).
#include "lower/lower_internal.h"

static void expr_mark(const Expr *expr, bool *used) {
    if (expr != NULL) {
        expr_columns(expr, used);
    }
}

static void group_mark(const GraphNode *node, bool *used) {
    for (uint32_t i = 0; i < node->value_count; i++) {
        expr_mark(node->values[i], used);
    }
    for (uint32_t i = 0; i < node->agg_count; i++) {
        expr_mark(node->aggs[i].argument, used);
        expr_mark(node->aggs[i].second, used);
        expr_mark(node->aggs[i].condition, used);
    }
}

static void values_mark(const GraphNode *node, bool *used) {
    for (uint32_t i = 0; i < node->value_count; i++) {
        expr_mark(node->values[i], used);
    }
}

// Of a node whose first columns are its input's.
static void passed_mark(const Graph *graph, const GraphNode *node, const bool *needed, bool *used) {
    uint32_t count = graph_at(graph, node->input)->column_count;
    for (uint32_t i = 0; i < count && i < node->column_count; i++) {
        used[i] |= needed[i];
    }
}

static void state_mark(const Graph *graph, const GraphNode *node, const bool *needed, bool *used) {
    passed_mark(graph, node, needed, used);
    group_mark(node, used);
    for (uint32_t i = 0; i < node->order_count; i++) {
        expr_mark(node->orders[i], used);
    }
    if (node->event_time >= 0) { // rows come by it where nothing else orders them
        used[node->event_time] = true;
    }
}

void join_columns_mark(const Graph *graph, const GraphNode *join, const bool *needed, bool *used) {
    passed_mark(graph, join, needed, used);
    for (uint32_t i = 0; i < join->column_count; i++) {
        used[i] |= needed[i];
    }
    expr_mark(join->condition, used);
}

static void join_mark(const Graph *graph, const GraphNode *node, bool **needed, uint32_t index) {
    const GraphNode *input = graph_at(graph, node->input);
    const GraphNode *right = graph_at(graph, node->right);
    bool *used = arena_array(graph->arena, bool, input->column_count + right->column_count + 1);
    join_columns_mark(graph, node, needed[index], used);
    for (uint32_t i = 0; i < input->column_count; i++) {
        needed[node->input.index][i] |= used[i];
    }
    for (uint32_t i = 0; i < right->column_count; i++) {
        needed[node->right.index][i] |= used[input->column_count + i];
    }
    for (uint32_t i = 0; i < node->value_count; i++) {
        expr_mark(node->values[i], needed[node->input.index]);
        expr_mark(node->right_values[i], needed[node->right.index]);
    }
}

bool aggs_are_ordered(const GraphNode *node) {
    for (uint32_t i = 0; i < node->agg_count; i++) {
        if (flow_agg_is_ordered(node->aggs[i].kind)) {
            return true;
        }
    }
    return false;
}

static void time_mark(const GraphNode *input, const GraphNode *node, bool *used) {
    if (input->event_time >= 0 && aggs_are_ordered(node)) {
        used[input->event_time] = true;
    }
}

// Marks what the node reads of its inputs, given what is read of the node itself.
static void inputs_mark(const Graph *graph, uint32_t index, bool **needed) {
    const GraphNode *node = &graph->nodes.items[index];
    bool *used = needed[node->input.index];
    switch (node->op) {
    case GRAPH_FLOW:
    case GRAPH_FILTER:
    case GRAPH_CHECK:
    case GRAPH_ARM:
        passed_mark(graph, node, needed[index], used);
        expr_mark(node->condition, used);
        break;
    case GRAPH_UNION:
        passed_mark(graph, node, needed[index], used);
        passed_mark(graph, node, needed[index], needed[node->right.index]);
        break;
    case GRAPH_UNNEST:
    case GRAPH_ROUTE:
        passed_mark(graph, node, needed[index], used);
        values_mark(node, used);
        break;
    case GRAPH_PROJECT:
        for (uint32_t i = 0; i < node->value_count; i++) {
            bool is_read = needed[index][i] || graph_is_forced(node, i);
            expr_mark(is_read ? node->values[i] : NULL, used);
        }
        break;
    case GRAPH_GROUP:
        group_mark(node, used);
        time_mark(graph_at(graph, node->input), node, used);
        break;
    case GRAPH_TOP:
    case GRAPH_DEDUP:
    case GRAPH_RUNNING:
    case GRAPH_WAIT:
        state_mark(graph, node, needed[index], used);
        break;
    case GRAPH_EPOCH_CHECK:
        passed_mark(graph, node, needed[index], used);
        group_mark(node, used);
        time_mark(graph_at(graph, node->input), node, used);
        break;
    case GRAPH_JOIN:
        join_mark(graph, node, needed, index);
        break;
    case GRAPH_SINK:
        values_mark(node, used);
        break;
    case GRAPH_SOURCE:
    case GRAPH_TABLE:
    case GRAPH_OP_COUNT:
        break;
    }
}

bool **needed_columns(Arena *arena, const Graph *graph) {
    bool **needed = arena_array(arena, bool *, graph->nodes.count + 1);
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        needed[i] = arena_array(arena, bool, graph->nodes.items[i].column_count + 1);
    }
    // Users stand behind what they use, so one walk from the end sees every need.
    for (uint32_t i = graph->nodes.count; i-- > 0;) {
        if (graph_has_input(graph->nodes.items[i].op)) {
            inputs_mark(graph, i, needed);
        }
    }
    return needed;
}
