// Nodes to operations: one walk from a pipeline's root down to every sink or state that it feeds.
//
// A column keeps its slot as long as it is only passed on, so select, drop and rename cost nothing.
#include "lower/lower_internal.h"

PlanOps ops_finish(const OpList *ops) {
    return (PlanOps){ops->items, ops->count};
}

static PlanOp *op_push(Pipe *pipe, OpList *ops, PlanOpKind kind, Span span, uint32_t ledger) {
    PlanOp *op = vec_push(pipe->lower->arena, ops);
    *op = (PlanOp){.kind = kind, .span = span, .flow = ledger};
    return op;
}

// The expression over slots instead of the node's columns, with its sites.
static const Expr *expr_lower(Pipe *pipe, const Expr *expr, SlotMap map, const GraphNode *input) {
    Lower *lower = pipe->lower;
    const Expr **columns = arena_array(lower->arena, const Expr *, input->column_count + 1);
    for (uint32_t i = 0; i < input->column_count; i++) {
        columns[i] = map.slots[i] == UINT32_MAX
                         ? NULL
                         : expr_column(lower->arena, map.slots[i], input->columns[i].type);
    }
    const Expr *result = expr_substitute(lower->arena, expr, columns);
    sites_add(lower, result, map.ledger);
    return result;
}

static uint32_t slot_new(Pipe *pipe, const char *name, const Type *type) {
    uint32_t slot = pipe->slots.count;
    *vec_push(pipe->lower->arena, &pipe->slots) =
        (PlanSlot){.name = name, .type = type, .is_used = true};
    return slot;
}

// The slot that holds `expr`: the column's own, or a new one with a COMPUTE before it.
static uint32_t value_lower(Pipe *pipe,
                            const Expr *expr,
                            const char *name,
                            SlotMap map,
                            const GraphNode *input,
                            OpList *ops) {
    if (expr->op == EXPR_COLUMN) {
        return map.slots[expr->index];
    }
    const Expr *lowered = expr_lower(pipe, expr, map, input);
    uint32_t slot = slot_new(pipe, name, expr->type);
    PlanOp *op = op_push(pipe, ops, PLAN_COMPUTE, expr->span, map.ledger);
    op->expr = lowered;
    op->slot = slot;
    return slot;
}

static void project_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    uint32_t *slots = arena_array(lower->arena, uint32_t, node->column_count + 1);
    for (uint32_t i = 0; i < node->value_count; i++) {
        slots[i] = UINT32_MAX;
        if (lower->needed[index][i]) {
            slots[i] = value_lower(pipe, node->values[i], node->columns[i].name, map, input, ops);
        }
    }
    consumers_lower(pipe, index, (SlotMap){slots, map.ledger}, ops);
}

// `agg(x) where c` becomes an argument that is null where c is not true; count() where c,
// count_if(c).
static const Expr *agg_argument(Lower *lower, const GraphAgg *agg) {
    if (agg->condition == NULL) {
        return agg->argument;
    }
    if (agg->argument == NULL) {
        return agg->condition;
    }
    const Type *type = type_with_null(lower->arena, agg->argument->type, true);
    const Expr **arguments = arena_array(lower->arena, const Expr *, 3);
    arguments[0] = agg->condition;
    arguments[1] = agg->argument;
    arguments[2] = expr_null(lower->arena, type);
    Expr *choice = expr_new(lower->arena, EXPR_IF, type, arguments, 3);
    return expr_located(lower->arena, choice, agg->span, agg->text);
}

static FlowAggKind agg_kind(const GraphAgg *agg) {
    bool is_conditional_count = agg->argument == NULL && agg->condition != NULL;
    return is_conditional_count ? FLOW_AGG_COUNT_IF : agg->kind;
}

static void group_declare(Pipe *pipe, uint32_t index, const Type *const *inputs) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    uint32_t ledger = lower->group_flows[index];
    PlanSlot *keys = arena_array(lower->arena, PlanSlot, node->value_count + 1);
    for (uint32_t i = 0; i < node->value_count; i++) {
        keys[i] = (PlanSlot){
            .name = node->columns[i].name, .type = node->columns[i].type, .is_used = true};
    }
    PlanAgg *aggs = arena_array(lower->arena, PlanAgg, node->agg_count + 1);
    for (uint32_t i = 0; i < node->agg_count; i++) {
        const GraphAgg *agg = &node->aggs[i];
        aggs[i] = (PlanAgg){
            .kind = agg_kind(agg),
            .input = inputs[i],
            .result = agg->type,
            .site = site_add(lower, SITE_AGGREGATE_OVERFLOW, ledger, agg->span, agg->text)};
    }
    lower->group_indexes[index] = lower->plan->groups.count;
    *vec_push(lower->arena, &lower->plan->groups) = (PlanGroup){.operator_id = node->operator_id,
                                                                .flow = ledger,
                                                                .keys = keys,
                                                                .key_count = node->value_count,
                                                                .window_end = node->window_end,
                                                                .aggs = aggs,
                                                                .agg_count = node->agg_count};
}

static void group_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    uint32_t count = node->value_count + node->agg_count;
    int32_t *slots = arena_array(lower->arena, int32_t, count + 1);
    const Type **inputs = arena_array(lower->arena, const Type *, node->agg_count + 1);
    for (uint32_t i = 0; i < node->value_count; i++) {
        slots[i] =
            (int32_t)value_lower(pipe, node->values[i], node->columns[i].name, map, input, ops);
    }
    for (uint32_t i = 0; i < node->agg_count; i++) {
        const Expr *argument = agg_argument(lower, &node->aggs[i]);
        slots[node->value_count + i] = -1;
        if (argument != NULL) {
            inputs[i] = argument->type;
            slots[node->value_count + i] =
                (int32_t)value_lower(pipe, argument, node->aggs[i].name, map, input, ops);
        }
    }
    group_declare(pipe, index, inputs);
    PlanOp *op = op_push(pipe, ops, PLAN_GROUP, node->span, map.ledger);
    op->target = lower->group_indexes[index];
    op->slots = slots;
    op->slot_count = count;
}

static const Expr *slot_value(Pipe *pipe, int32_t slot) {
    return expr_column(pipe->lower->arena, (uint32_t)slot, pipe->slots.items[slot].type);
}

static void partition_check_add(Pipe *pipe,
                                const GraphNode *node,
                                const Expr *value,
                                const Expr *condition,
                                uint32_t ledger,
                                OpList *ops) {
    PlanOp *op = op_push(pipe, ops, PLAN_CHECK, node->span, ledger);
    op->expr = condition;
    op->reaction = FLOW_REACTION_REJECT;
    op->site = site_add(pipe->lower, SITE_PARTITION, ledger, value->span, value->text);
}

// A delete needs only its key: what else it holds is not stored.
static void partitions_check(
    Pipe *pipe, const GraphNode *node, const int32_t *slots, uint32_t ledger, OpList *ops) {
    const Graph *graph = pipe->lower->graph;
    const GraphSink *sink = &graph->sinks.items[node->declaration];
    if (sink->kind > FLOW_SINK_TABLE_OVERWRITE) {
        return;
    }
    const GraphTable *table = &graph->tables.items[sink->table];
    const Expr *is_delete =
        sink->has_delete ? slot_value(pipe, slots[node->value_count - 1]) : NULL;
    for (uint32_t i = 0; i < table->partition_count; i++) {
        uint32_t column = table->partition[i];
        const Expr *condition =
            partition_condition(pipe->lower, slot_value(pipe, slots[column]), is_delete);
        if (condition != NULL) {
            partition_check_add(pipe, node, node->values[column], condition, ledger, ops);
        }
    }
}

static void sink_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    const GraphSink *sink = &lower->graph->sinks.items[node->declaration];
    int32_t *slots = arena_array(lower->arena, int32_t, node->value_count + 1);
    for (uint32_t i = 0; i < node->value_count; i++) {
        slots[i] =
            (int32_t)value_lower(pipe, node->values[i], sink->columns[i].name, map, input, ops);
    }
    partitions_check(pipe, node, slots, map.ledger, ops);
    PlanOp *op = op_push(pipe, ops, PLAN_EMIT, node->span, map.ledger);
    op->target = node->declaration;
    op->slots = slots;
    op->slot_count = node->value_count;
}

static void condition_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const Expr *condition =
        expr_lower(pipe, node->condition, map, graph_at(lower->graph, node->input));
    PlanOp *op = op_push(
        pipe, ops, node->op == GRAPH_FILTER ? PLAN_FILTER : PLAN_CHECK, node->span, map.ledger);
    op->expr = condition;
    if (node->op == GRAPH_CHECK) {
        bool is_source = map.ledger >= lower->ledger_sources;
        op->reaction = node->reaction;
        op->site = site_add(lower,
                            is_source ? SITE_CHECK : SITE_EXPECT,
                            map.ledger,
                            node->condition->span,
                            node->condition->text);
    }
    consumers_lower(pipe, index, map, ops);
}

static void node_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    const GraphNode *node = &pipe->lower->graph->nodes.items[index];
    switch (node->op) {
    case GRAPH_FLOW:
        op_push(pipe, ops, PLAN_COUNT_IN, node->span, node->flow);
        consumers_lower(pipe, index, (SlotMap){map.slots, node->flow}, ops);
        break;
    case GRAPH_FILTER:
    case GRAPH_CHECK:
        condition_lower(pipe, index, map, ops);
        break;
    case GRAPH_PROJECT:
        project_lower(pipe, index, map, ops);
        break;
    case GRAPH_GROUP:
        group_lower(pipe, index, map, ops);
        break;
    case GRAPH_SINK:
        sink_lower(pipe, index, map, ops);
        break;
    case GRAPH_SOURCE:
    case GRAPH_TABLE:
    case GRAPH_OP_COUNT:
        flow_bug(__FILE__, __LINE__, "a root is nobody's consumer");
    default:
        flow_bug(__FILE__, __LINE__, "a kind that is not built yet");
    }
}

static bool is_consumer(const GraphNode *node, uint32_t of) {
    return graph_has_input(node->op) && node->input.index == of;
}

// Whether the rows of a flow leave its ledger here: they go to other flows, or to nobody. What a
// source hands on is counted by the engine, a table's snapshot has no ledger.
static bool leaves_flow(const Lower *lower, uint32_t index, uint32_t ledger, uint32_t user_count) {
    if (ledger >= lower->ledger_sources) {
        return false;
    }
    for (uint32_t i = index + 1; i < lower->graph->nodes.count; i++) {
        const GraphNode *node = &lower->graph->nodes.items[i];
        if (is_consumer(node, index) && node->op == GRAPH_FLOW) {
            return true;
        }
    }
    return user_count == 0;
}

void consumers_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const Graph *graph = lower->graph;
    uint32_t count = 0;
    uint32_t only = 0;
    for (uint32_t i = index + 1; i < graph->nodes.count; i++) {
        if (is_consumer(&graph->nodes.items[i], index)) {
            count++;
            only = i;
        }
    }
    if (leaves_flow(lower, index, map.ledger, count)) {
        op_push(pipe, ops, PLAN_COUNT_OUT, graph->nodes.items[index].span, map.ledger);
    }
    if (count == 1) {
        node_lower(pipe, only, map, ops);
    }
    if (count <= 1) {
        return;
    }
    PlanOps *branches = arena_array(lower->arena, PlanOps, count);
    uint32_t branch_count = 0;
    for (uint32_t i = index + 1; i < graph->nodes.count; i++) {
        if (is_consumer(&graph->nodes.items[i], index)) {
            OpList branch = {0};
            node_lower(pipe, i, map, &branch);
            branches[branch_count++] = ops_finish(&branch);
        }
    }
    PlanOp *op = op_push(pipe, ops, PLAN_BRANCH, graph->nodes.items[index].span, map.ledger);
    op->branches = branches;
    op->branch_count = branch_count;
}
