// Which columns of each node somebody reads: a column that nothing uses is not computed (LANGUAGE
// 11).
#include "lower/lower_internal.h"

static void expr_mark(const Expr *expr, bool *used) {
    if (expr != NULL) {
        expr_columns(expr, used);
    }
}

// Those that never reject a result: they are compared or counted, and a count has no bound.
static bool agg_can_fail(FlowAggKind kind) {
    switch (kind) {
    case FLOW_AGG_COUNT:
    case FLOW_AGG_COUNT_VALUES:
    case FLOW_AGG_COUNT_IF:
    case FLOW_AGG_COUNT_DISTINCT:
    case FLOW_AGG_APPROX_COUNT_DISTINCT:
    case FLOW_AGG_MIN:
    case FLOW_AGG_MAX:
    case FLOW_AGG_FIRST:
    case FLOW_AGG_LAST:
    case FLOW_AGG_ARG_MIN:
    case FLOW_AGG_ARG_MAX:
    case FLOW_AGG_BOOL_AND:
    case FLOW_AGG_BOOL_OR:
        return false;
    default:
        return true;
    }
}

// All of them if `kept` is NULL.
static void group_mark(const GraphNode *node, const bool *kept, bool *used) {
    for (uint32_t i = 0; i < node->value_count; i++) {
        expr_mark(node->values[i], used);
    }
    for (uint32_t i = 0; i < node->agg_count; i++) {
        if (kept != NULL && !kept[i]) {
            continue;
        }
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
    group_mark(node, NULL, used);
    for (uint32_t i = 0; i < node->order_count; i++) {
        expr_mark(node->orders[i], used);
    }
    for (uint32_t i = 0; i < node->fill_count; i++) {
        expr_mark(node->fills[i], used);
    }
    if (node->op == GRAPH_FILL) {
        expr_mark(node->condition, used);
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

// Both sides are near to each other in event time.
static void band_mark(const Graph *graph, const GraphNode *node, bool **needed, uint32_t index) {
    join_mark(graph, node, needed, index);
    needed[node->input.index][node->time] = true;
    needed[node->right.index][graph_at(graph, node->right)->event_time] = true;
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

// It is written there even if nobody reads it: what counts is the greatest event time.
static void watermark_mark(const GraphNode *node, bool *used) {
    for (uint32_t i = 0; i < node->column_count; i++) {
        used[i] |= node->columns[i].meta == FLOW_META_WATERMARK;
    }
}

// Marks what the node reads of its inputs, given what is read of the node itself.
static void inputs_mark(const Lower *lower, uint32_t index) {
    const Graph *graph = lower->graph;
    const GraphNode *node = &graph->nodes.items[index];
    bool **needed = lower->needed;
    bool *used = needed[node->input.index];
    switch (node->op) {
    case GRAPH_WATERMARK:
        passed_mark(graph, node, needed[index], used);
        used[node->event_time] = true;
        watermark_mark(node, used);
        break;
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
        group_mark(node, lower->needed_aggs[index], used);
        time_mark(graph_at(graph, node->input), node, used);
        break;
    case GRAPH_TOP:
    case GRAPH_DEDUP:
    case GRAPH_RUNNING:
    case GRAPH_FILL:
    case GRAPH_WAIT:
        state_mark(graph, node, needed[index], used);
        break;
    case GRAPH_EPOCH_CHECK:
        passed_mark(graph, node, needed[index], used);
        group_mark(node, NULL, used);
        time_mark(graph_at(graph, node->input), node, used);
        break;
    case GRAPH_JOIN:
        join_mark(graph, node, needed, index);
        break;
    case GRAPH_BAND:
        band_mark(graph, node, needed, index);
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

// --- what rejects nothing ---------------------------------------------------------------------
// Columns of the node that are there without anything having been computed that can fail: without
// the rewrite they are computed, read and kept although nobody uses them.
static void harmless_mark(const Graph *graph, const GraphNode *node, bool **harmless, bool *own) {
    const GraphNode *input = graph_has_input(node->op) ? graph_at(graph, node->input) : NULL;
    uint32_t ours = input == NULL || node->op == GRAPH_GROUP ? 0 : input->column_count;
    for (uint32_t i = 0; i < node->column_count; i++) {
        own[i] = i >= ours || harmless[node->input.index][i];
        if (node->op == GRAPH_JOIN && i >= ours) {
            own[i] = harmless[node->right.index][i - ours];
        } else if (node->op == GRAPH_BAND && i >= ours) {
            uint32_t theirs = graph_at(graph, node->right)->column_count;
            own[i] = i - ours >= theirs || harmless[node->right.index][i - ours];
        } else if (node->op == GRAPH_UNION) {
            own[i] &= harmless[node->right.index][i];
        }
    }
}

static bool is_harmless(const Expr *value, const bool *harmless, bool *used, uint32_t count) {
    memset(used, 0, count * sizeof(bool));
    expr_columns(value, used);
    bool is_all = !expr_can_fail(value);
    for (uint32_t i = 0; i < count; i++) {
        is_all &= !used[i] || harmless[i];
    }
    return is_all;
}

static bool **columns_new(const Lower *lower) {
    const Graph *graph = lower->graph;
    bool **columns = arena_array(lower->arena, bool *, graph->nodes.count + 1);
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        columns[i] = arena_array(lower->arena, bool, graph->nodes.items[i].column_count + 1);
    }
    return columns;
}

static bool **harmless_find(const Lower *lower) {
    const Graph *graph = lower->graph;
    bool **harmless = columns_new(lower);
    for (uint32_t n = 0; n < graph->nodes.count; n++) {
        const GraphNode *node = &graph->nodes.items[n];
        if (node->op != GRAPH_PROJECT) {
            harmless_mark(graph, node, harmless, harmless[n]);
            continue;
        }
        uint32_t count = graph_at(graph, node->input)->column_count;
        bool *used = arena_array(lower->arena, bool, count + 1);
        for (uint32_t i = 0; i < node->value_count; i++) {
            harmless[n][i] = is_harmless(node->values[i], harmless[node->input.index], used, count);
        }
    }
    return harmless;
}

static bool may_reject(const Lower *lower, const GraphNode *group, uint32_t agg, bool **harmless) {
    const GraphAgg *it = &group->aggs[agg];
    const Expr *parts[] = {it->argument, it->second, it->condition};
    uint32_t count = graph_at(lower->graph, group->input)->column_count;
    bool *used = arena_array(lower->arena, bool, count + 1);
    bool is_all = !agg_can_fail(it->kind);
    for (uint32_t i = 0; i < COUNT_OF(parts); i++) {
        is_all &=
            parts[i] == NULL || is_harmless(parts[i], harmless[group->input.index], used, count);
    }
    return !is_all;
}

bool agg_is_needed(const Lower *lower, uint32_t node, uint32_t agg) {
    return lower->needed_aggs[node] == NULL || lower->needed_aggs[node][agg];
}

// An aggregate that nobody uses stays if it may reject a result, or reads what may reject a row.
static void aggs_find(Lower *lower, uint32_t index, bool **harmless) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    lower->needed_aggs[index] = arena_array(lower->arena, bool, node->agg_count + 1);
    for (uint32_t i = 0; i < node->agg_count; i++) {
        lower->needed_aggs[index][i] = lower->needed[index][node->value_count + i] ||
                                       may_reject(lower, node, i, harmless) ||
                                       i < node->session_bounds;
    }
}

// --- all --------------------------------------------------------------------------------------
void needed_find(Lower *lower) {
    const Graph *graph = lower->graph;
    bool **harmless = harmless_find(lower);
    lower->needed = lower->options.prunes ? columns_new(lower) : harmless_find(lower);
    lower->needed_aggs = arena_array(lower->arena, bool *, graph->nodes.count + 1);
    // Users stand behind what they use, so one walk from the end sees every need.
    for (uint32_t i = graph->nodes.count; i-- > 0;) {
        if (graph->nodes.items[i].op == GRAPH_GROUP) {
            aggs_find(lower, i, harmless);
        }
        if (graph_has_input(graph->nodes.items[i].op)) {
            inputs_mark(lower, i);
        }
    }
}
