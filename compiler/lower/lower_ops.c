// Nodes to operations: one walk from a pipeline's root down to every sink or state that it feeds.
//
// A column keeps its slot as long as it is only passed on, so select, drop and rename cost nothing.
#include "lower/lower_internal.h"

static void project_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    uint32_t *slots = arena_array(lower->arena, uint32_t, node->column_count + 1);
    for (uint32_t i = 0; i < node->value_count; i++) {
        slots[i] = UINT32_MAX;
        if (lower->needed[index][i] || graph_is_forced(node, i)) {
            slots[i] = value_lower(pipe, node->values[i], node->columns[i].name, map, input, ops);
        }
    }
    consumers_lower(pipe, index, (SlotMap){slots, map.ledger}, ops);
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

// A delete needs only its key, a truncate not even that: what else they hold is not stored.
static const Expr *
removal_value(Pipe *pipe, const GraphSink *sink, const int32_t *slots, uint32_t value_count) {
    const Expr *last =
        sink->has_delete || sink->has_truncate ? slot_value(pipe, slots[value_count - 1]) : NULL;
    if (!sink->has_delete || !sink->has_truncate) {
        return last;
    }
    const Expr *pair[2] = {slot_value(pipe, slots[value_count - 2]), last};
    return expr_new(pipe->lower->arena, EXPR_OR, last->type, pair, 2);
}

static void partitions_check(
    Pipe *pipe, const GraphNode *node, const int32_t *slots, uint32_t ledger, OpList *ops) {
    const Graph *graph = pipe->lower->graph;
    const GraphSink *sink = &graph->sinks.items[node->declaration];
    if (sink->kind > FLOW_SINK_TABLE_OVERWRITE) {
        return;
    }
    const GraphTable *table = &graph->tables.items[sink->table];
    const Expr *is_delete = removal_value(pipe, sink, slots, node->value_count);
    uint32_t given_count = table->column_count - table->made_count;
    for (uint32_t i = 0; i < table->partition_count; i++) {
        uint32_t column = table->partition[i];
        if (column >= given_count) {
            continue; // the store makes it
        }
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
    if (sink->condition != NULL) {
        overwrite_condition_lower(lower, index, map.ledger);
    }
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
    bool is_source = map.ledger >= lower->ledger_sources;
    PlanOpKind filter = is_source ? PLAN_KEEP : PLAN_FILTER; // of a lookup's rows: uncounted
    PlanOp *op =
        op_push(pipe, ops, node->op == GRAPH_FILTER ? filter : PLAN_CHECK, node->span, map.ledger);
    op->expr = condition;
    if (node->op == GRAPH_CHECK) {
        op->reaction = node->reaction;
        PlanSiteId id = node->is_late        ? SITE_LATE
                        : node->is_overwrite ? SITE_OVERWRITE
                        : node->is_unchanged ? SITE_UNCHANGED
                        : is_source          ? SITE_CHECK
                                             : SITE_EXPECT;
        op->site = check_site_add(lower, id, map.ledger, node);
    }
    consumers_lower(pipe, index, map, ops);
}

static void node_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    const GraphNode *node = &pipe->lower->graph->nodes.items[index];
    switch (node->op) {
    case GRAPH_FLOW:
        op_push(pipe, ops, PLAN_COUNT_IN, node->span, node->flow);
        flow_lower(pipe, index, (SlotMap){map.slots, node->flow}, ops);
        break;
    case GRAPH_WATERMARK:
        watermark_lower(pipe, index, map, ops);
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
    case GRAPH_JOIN:
        join_lower(pipe, index, map, ops);
        break;
    case GRAPH_UNION:
        union_lower(pipe, index, map, ops);
        break;
    case GRAPH_UNNEST:
        unnest_lower(pipe, index, map, ops);
        break;
    case GRAPH_TOP:
    case GRAPH_DEDUP:
    case GRAPH_RUNNING:
    case GRAPH_FILL:
    case GRAPH_WAIT:
        sort_lower(pipe, index, map, ops);
        break;
    case GRAPH_ROUTE:
        route_lower(pipe, index, map, ops);
        break;
    case GRAPH_ARM:
        arm_lower(pipe, index, map, ops);
        break;
    case GRAPH_EPOCH_CHECK:
        epoch_check_lower(pipe, index, map, ops);
        break;
    case GRAPH_SINK:
        sink_lower(pipe, index, map, ops);
        break;
    case GRAPH_BAND: // a side of it, see user_lower
    case GRAPH_SOURCE:
    case GRAPH_TABLE:
    case GRAPH_OP_COUNT:
        flow_bug(__FILE__, __LINE__, "a root is nobody's consumer");
    }
}

static bool is_band_right(const GraphNode *node, uint32_t of) {
    return node->op == GRAPH_BAND && node->right.index == of;
}

static void user_lower(Pipe *pipe, uint32_t user, uint32_t of, SlotMap map, OpList *ops) {
    const GraphNode *node = &pipe->lower->graph->nodes.items[user];
    if (node->op == GRAPH_BAND) {
        band_side_lower(pipe, user, is_band_right(node, of), map, ops);
    } else {
        node_lower(pipe, user, map, ops);
    }
}

static bool is_consumer(const GraphNode *node, uint32_t of) {
    bool is_right = (node->op == GRAPH_UNION && node->right.index == of) || is_band_right(node, of);
    return graph_has_input(node->op) && (node->input.index == of || is_right);
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

typedef struct Users {
    uint32_t consumers;
    uint32_t lookups; // joins whose right side it is
} Users;

static Users users_of(const Lower *lower, uint32_t index) {
    Users users = {0};
    for (uint32_t i = index + 1; i < lower->graph->nodes.count; i++) {
        const GraphNode *node = &lower->graph->nodes.items[i];
        users.consumers += is_consumer(node, index);
        users.lookups += node->op == GRAPH_JOIN && node->right.index == index;
    }
    return users;
}

// What stands in a branch of its own for each user: lookups are built before their rows are used.
static uint32_t branches_lower(Pipe *pipe, uint32_t index, SlotMap map, PlanOps *branches) {
    uint32_t count = builds_lower(pipe, index, map, branches);
    for (uint32_t i = index + 1; i < pipe->lower->graph->nodes.count; i++) {
        if (is_consumer(&pipe->lower->graph->nodes.items[i], index)) {
            OpList branch = {0};
            user_lower(pipe, i, index, map, &branch);
            branches[count++] = ops_finish(&branch);
        }
    }
    return count;
}

static uint32_t only_consumer(const Lower *lower, uint32_t index) {
    uint32_t i = index + 1;
    while (!is_consumer(&lower->graph->nodes.items[i], index)) {
        i++;
        ASSERT(i < lower->graph->nodes.count);
    }
    return i;
}

static void ops_append(Pipe *pipe, OpList *ops, PlanOps more) {
    for (uint32_t i = 0; i < more.count; i++) {
        *vec_push(pipe->lower->arena, ops) = more.items[i];
    }
}

void consumers_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    Span span = lower->graph->nodes.items[index].span;
    Users users = users_of(lower, index);
    if (leaves_flow(lower, index, map.ledger, users.consumers + users.lookups)) {
        op_push(pipe, ops, PLAN_COUNT_OUT, span, map.ledger);
    }
    if (users.consumers == 1 && users.lookups == 0) {
        user_lower(pipe, only_consumer(lower, index), index, map, ops);
        return;
    }
    PlanOps *branches = arena_array(lower->arena, PlanOps, users.consumers + users.lookups + 1);
    uint32_t count = branches_lower(pipe, index, map, branches);
    if (count == 1) {
        ops_append(pipe, ops, branches[0]);
    } else if (count > 1) {
        PlanOp *op = op_push(pipe, ops, PLAN_BRANCH, span, map.ledger);
        op->branches = branches;
        op->branch_count = count;
    }
}
