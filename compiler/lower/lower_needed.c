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
        expr_mark(node->aggs[i].condition, used);
    }
}

// Marks what `node` reads of its input, given what is read of the node itself.
static void input_mark(const GraphNode *node, const bool *needed, bool *used) {
    switch (node->op) {
    case GRAPH_FLOW:
    case GRAPH_FILTER:
    case GRAPH_CHECK:
        for (uint32_t i = 0; i < node->column_count; i++) {
            used[i] |= needed[i];
        }
        expr_mark(node->condition, used);
        break;
    case GRAPH_PROJECT:
        for (uint32_t i = 0; i < node->value_count; i++) {
            expr_mark(needed[i] ? node->values[i] : NULL, used);
        }
        break;
    case GRAPH_GROUP:
        group_mark(node, used);
        break;
    case GRAPH_SINK:
        for (uint32_t i = 0; i < node->value_count; i++) {
            expr_mark(node->values[i], used);
        }
        break;
    case GRAPH_SOURCE:
    case GRAPH_TABLE:
    case GRAPH_OP_COUNT:
        break;
    default:
        flow_bug(__FILE__, __LINE__, "a kind that is not built yet");
    }
}

bool **needed_columns(Arena *arena, const Graph *graph) {
    bool **needed = arena_array(arena, bool *, graph->nodes.count + 1);
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        needed[i] = arena_array(arena, bool, graph->nodes.items[i].column_count + 1);
    }
    // Users stand behind what they use, so one walk from the end sees every need.
    for (uint32_t i = graph->nodes.count; i-- > 0;) {
        const GraphNode *node = &graph->nodes.items[i];
        if (graph_has_input(node->op)) {
            input_mark(node, needed[i], needed[node->input.index]);
        }
    }
    return needed;
}
