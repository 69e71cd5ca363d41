// The graph and its invariants: inputs before users, every column index and type in its place.
#include "graph/graph.h"

typedef struct OpRow {
    const char *text;
    int32_t input_count;
} OpRow;

static const OpRow ops[] = {
#define GRAPH_OP(name, text, inputs) {text, inputs},
#include "graph/graph_op.def"
#undef GRAPH_OP
};
_Static_assert(COUNT_OF(ops) == GRAPH_OP_COUNT, "one row for each operator");

Graph *graph_new(Arena *arena) {
    Graph *graph = arena_new(arena, Graph);
    graph->arena = arena;
    return graph;
}

GraphId graph_add(Graph *graph, GraphNode node) {
    ASSERT(!graph_has_input(node.op) || node.input.index < graph->nodes.count);
    ASSERT(!graph_has_right(node.op) || node.right.index < graph->nodes.count);
    *vec_push(graph->arena, &graph->nodes) = node;
    return (GraphId){graph->nodes.count - 1};
}

GraphNode *graph_at(const Graph *graph, GraphId id) {
    ASSERT(id.index < graph->nodes.count);
    return &graph->nodes.items[id.index];
}

bool graph_is_forced(const GraphNode *project, uint32_t column) {
    return project->flow == UINT32_MAX && expr_can_fail(project->values[column]);
}

const char *graph_op_name(GraphOp op) {
    return ops[op].text;
}

bool graph_has_input(GraphOp op) {
    return ops[op].input_count > 0;
}

bool graph_has_right(GraphOp op) {
    return ops[op].input_count > 1;
}

bool graph_has_own_time(const GraphNode *band) {
    return band->join == FLOW_JOIN_RIGHT || band->join == FLOW_JOIN_FULL;
}

// --- verify --------------------------------------------------------------------------------------
// A column may lose its `?` on the way (a filter proved it), never gain one.
static bool column_fits(const Type *wanted, const Type *given) {
    Type open = *given;
    open.is_nullable = true;
    return type_narrows_to(&open, wanted);
}

static void expr_verify(const Expr *expr, const GraphNode *input) {
    ASSERT(expr->type != NULL);
    if (expr->op == EXPR_COLUMN) {
        ASSERT(expr->index < input->column_count);
        ASSERT(column_fits(expr->type, input->columns[expr->index].type));
        ASSERT(!expr->type->is_nullable || input->columns[expr->index].type->is_nullable);
    }
    int32_t wanted = expr_op_arguments(expr->op);
    ASSERT(wanted < 0 || (uint32_t)wanted == expr->argument_count);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        expr_verify(expr->arguments[i], input);
    }
}

static void condition_verify(const GraphNode *node, const GraphNode *input) {
    ASSERT(node->condition != NULL && node->condition->type->kind == FLOW_BOOL);
    expr_verify(node->condition, input);
}

static void same_columns_verify(const GraphNode *node, const GraphNode *input) {
    ASSERT(node->column_count == input->column_count);
    for (uint32_t i = 0; i < node->column_count; i++) {
        ASSERT(column_fits(node->columns[i].type, input->columns[i].type));
    }
}

static void project_verify(const GraphNode *node, const GraphNode *input) {
    ASSERT(node->value_count == node->column_count);
    for (uint32_t i = 0; i < node->value_count; i++) {
        expr_verify(node->values[i], input);
        ASSERT(type_equal_base(node->values[i]->type, node->columns[i].type));
    }
}

static void group_verify(const GraphNode *node, const GraphNode *input) {
    ASSERT(node->column_count == node->value_count + node->agg_count);
    ASSERT(node->window_end < (int32_t)node->value_count);
    for (uint32_t i = 0; i < node->value_count; i++) {
        expr_verify(node->values[i], input);
        ASSERT(type_equal_base(node->values[i]->type, node->columns[i].type));
    }
    for (uint32_t i = 0; i < node->agg_count; i++) {
        const GraphAgg *agg = &node->aggs[i];
        ASSERT(type_equal(agg->type, node->columns[node->value_count + i].type));
        ASSERT((agg->argument != NULL) == (flow_agg_arguments(agg->kind) > 0));
        ASSERT((agg->second != NULL) == (flow_agg_arguments(agg->kind) > 1));
        if (agg->argument != NULL) {
            expr_verify(agg->argument, input);
        }
        if (agg->second != NULL) {
            expr_verify(agg->second, input);
        }
        if (agg->condition != NULL) {
            expr_verify(agg->condition, input);
        }
    }
}

static void sink_verify(const Graph *graph, const GraphNode *node, const GraphNode *input) {
    ASSERT(node->declaration < graph->sinks.count);
    const GraphSink *sink = &graph->sinks.items[node->declaration];
    ASSERT(node->value_count == sink->column_count);
    for (uint32_t i = 0; i < node->value_count; i++) {
        expr_verify(node->values[i], input);
        ASSERT(type_equal_base(node->values[i]->type, sink->columns[i].type));
        ASSERT(!node->values[i]->type->is_nullable || sink->columns[i].type->is_nullable);
    }
    ASSERT(sink->table < (int32_t)graph->tables.count);
}

// The first columns of the node are those of its input.
static void passed_columns_verify(const GraphNode *node, const GraphNode *input) {
    ASSERT(node->column_count >= input->column_count);
    for (uint32_t i = 0; i < input->column_count; i++) {
        ASSERT(column_fits(node->columns[i].type, input->columns[i].type));
    }
}

static void exprs_verify(const Expr *const *exprs, uint32_t count, const GraphNode *input) {
    for (uint32_t i = 0; i < count; i++) {
        expr_verify(exprs[i], input);
    }
}

// Both sides as one row: `condition` is written over it.
static void join_verify(const GraphNode *node, const GraphNode *input, const GraphNode *right) {
    bool gives_right = node->join != FLOW_JOIN_SEMI && node->join != FLOW_JOIN_ANTI;
    ASSERT(node->column_count == input->column_count + (gives_right ? right->column_count : 0) +
                                     graph_has_own_time(node));
    ASSERT(node->value_count > 0);
    exprs_verify(node->values, node->value_count, input);
    exprs_verify(node->right_values, node->value_count, right);
    for (uint32_t i = 0; i < node->value_count; i++) {
        ASSERT(type_equal_base(node->values[i]->type, node->right_values[i]->type));
        ASSERT(!expr_can_fail(node->right_values[i])); // rows of a lookup have no ledger
    }
}

static void lookup_verify(const GraphNode *node, const GraphNode *input, const GraphNode *right) {
    ASSERT(!graph_has_own_time(node));
    passed_columns_verify(node, input);
    join_verify(node, input, right);
}

static void band_verify(const GraphNode *node, const GraphNode *input, const GraphNode *right) {
    join_verify(node, input, right);
    ASSERT(node->time >= 0 && node->time < (int32_t)input->column_count);
    ASSERT(right->event_time >= 0 && node->low_us <= node->high_us);
    if (!graph_has_own_time(node)) {
        passed_columns_verify(node, input);
    }
}

static void union_verify(const GraphNode *node, const GraphNode *input, const GraphNode *right) {
    same_columns_verify(node, input);
    same_columns_verify(node, right);
    for (uint32_t i = 0; i < node->column_count; i++) {
        bool may_be_null =
            input->columns[i].type->is_nullable || right->columns[i].type->is_nullable;
        ASSERT(node->columns[i].type->is_nullable || !may_be_null);
    }
}

static void aggs_verify(const GraphNode *node, const GraphNode *input) {
    for (uint32_t i = 0; i < node->agg_count; i++) {
        if (node->aggs[i].argument != NULL) {
            expr_verify(node->aggs[i].argument, input);
        }
        if (node->aggs[i].condition != NULL) {
            expr_verify(node->aggs[i].condition, input);
        }
    }
}

static void sort_verify(const GraphNode *node, const GraphNode *input) {
    uint32_t added = node->op == GRAPH_RUNNING ? node->agg_count
                     : node->op == GRAPH_FILL  ? node->fill_count
                                               : node->has_place;
    passed_columns_verify(node, input);
    ASSERT(node->column_count == input->column_count + added);
    ASSERT(node->window_end < (int32_t)node->value_count);
    exprs_verify(node->values, node->value_count, input);
    exprs_verify(node->orders, node->order_count, input);
    exprs_verify(node->fills, node->fill_count, input);
    aggs_verify(node, input);
}

static void epoch_check_verify(const GraphNode *node, const GraphNode *input) {
    same_columns_verify(node, input);
    aggs_verify(node, input);
    ASSERT(node->agg_count > 0 && node->condition->type->kind == FLOW_BOOL);
}

static void node_verify(const Graph *graph, const GraphNode *node) {
    const GraphNode *input = graph_has_input(node->op) ? graph_at(graph, node->input) : NULL;
    ASSERT(node->operator_id != NULL);
    ASSERT(node->event_time < (int32_t)node->column_count);
    switch (node->op) {
    case GRAPH_SOURCE:
        ASSERT(node->declaration < graph->sources.count);
        break;
    case GRAPH_TABLE:
        ASSERT(node->declaration < graph->tables.count);
        break;
    case GRAPH_FLOW:
    case GRAPH_WAIT:
    case GRAPH_WATERMARK:
        same_columns_verify(node, input);
        break;
    case GRAPH_ARM:
        ASSERT(input->op == GRAPH_ROUTE);
        same_columns_verify(node, input);
        break;
    case GRAPH_FILTER:
    case GRAPH_CHECK:
        condition_verify(node, input);
        same_columns_verify(node, input);
        break;
    case GRAPH_PROJECT:
        project_verify(node, input);
        break;
    case GRAPH_GROUP:
        group_verify(node, input);
        break;
    case GRAPH_JOIN:
        lookup_verify(node, input, graph_at(graph, node->right));
        break;
    case GRAPH_BAND:
        band_verify(node, input, graph_at(graph, node->right));
        break;
    case GRAPH_UNION:
        union_verify(node, input, graph_at(graph, node->right));
        break;
    case GRAPH_UNNEST:
        passed_columns_verify(node, input);
        ASSERT(node->value_count == 1 && node->values[0]->type->kind == FLOW_LIST);
        expr_verify(node->values[0], input);
        break;
    case GRAPH_TOP:
    case GRAPH_DEDUP:
    case GRAPH_RUNNING:
    case GRAPH_FILL:
        sort_verify(node, input);
        break;
    case GRAPH_ROUTE:
        same_columns_verify(node, input);
        ASSERT(node->value_count == 1 && node->values[0]->type->kind == FLOW_INT32);
        expr_verify(node->values[0], input);
        break;
    case GRAPH_EPOCH_CHECK:
        epoch_check_verify(node, input);
        break;
    case GRAPH_SINK:
        sink_verify(graph, node, input);
        break;
    case GRAPH_OP_COUNT:
        ASSERT(false);
    }
}

void graph_verify(const Graph *graph) {
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        const GraphNode *node = &graph->nodes.items[i];
        ASSERT(!graph_has_input(node->op) || node->input.index < i);
        ASSERT(!graph_has_right(node->op) || node->right.index < i);
        ASSERT(node->flow == UINT32_MAX || node->flow < graph->flows.count);
        node_verify(graph, node);
    }
}
