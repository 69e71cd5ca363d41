// Graph to plan: finds the roots (sources, tables, group results), lowers each into a pipeline and
// puts the pipelines into an order in which each runs after those whose results it reads.
#include "lower/lower_internal.h"

static bool is_root(const GraphNode *node) {
    return node->op == GRAPH_SOURCE || node->op == GRAPH_TABLE || node->op == GRAPH_GROUP;
}

// --- ledgers ----------------------------------------------------------------------------------
// The rows that a group gives are another stage of its flow, with a ledger line of their own.
static const char *group_flow_name(Lower *lower, uint32_t flow) {
    const char *name = arena_format(lower->arena, "%s/group", lower->graph->flows.items[flow]);
    uint32_t same = 0;
    for (uint32_t i = 0; i < lower->plan->flows.count; i++) {
        same += strncmp(lower->plan->flows.items[i], name, strlen(name)) == 0;
    }
    return same == 0 ? name : arena_format(lower->arena, "%s%u", name, same + 1);
}

static void ledgers_make(Lower *lower) {
    const Graph *graph = lower->graph;
    for (uint32_t i = 0; i < graph->flows.count; i++) {
        *vec_push(lower->arena, &lower->plan->flows) = graph->flows.items[i];
    }
    lower->group_flows = arena_array(lower->arena, uint32_t, graph->nodes.count + 1);
    lower->group_indexes = arena_array(lower->arena, uint32_t, graph->nodes.count + 1);
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        const GraphNode *node = &graph->nodes.items[i];
        if (node->op == GRAPH_GROUP) {
            lower->group_flows[i] = lower->plan->flows.count;
            const char *name = group_flow_name(lower, node->flow);
            *vec_push(lower->arena, &lower->plan->flows) = name;
        }
    }
    lower->ledger_sources = lower->plan->flows.count;
}

// --- order ------------------------------------------------------------------------------------
static uint32_t root_of(const Graph *graph, uint32_t index) {
    const GraphNode *node = &graph->nodes.items[index];
    uint32_t input = node->input.index;
    return is_root(&graph->nodes.items[input]) ? input : root_of(graph, input);
}

static bool writes_table(const Graph *graph, uint32_t index, uint32_t table) {
    const GraphNode *node = &graph->nodes.items[index];
    if (node->op != GRAPH_SINK) {
        return false;
    }
    return graph->sinks.items[node->declaration].table == (int32_t)table;
}

static bool is_ready(const Lower *lower, uint32_t root, const bool *done) {
    const Graph *graph = lower->graph;
    const GraphNode *node = &graph->nodes.items[root];
    if (node->op == GRAPH_GROUP) {
        return done[root_of(graph, root)];
    }
    for (uint32_t i = 0; node->op == GRAPH_TABLE && i < graph->nodes.count; i++) {
        if (writes_table(graph, i, node->declaration) && !done[root_of(graph, i)]) {
            return false;
        }
    }
    return true;
}

// --- pipelines --------------------------------------------------------------------------------
static uint32_t ledger_of_root(const Lower *lower, uint32_t root) {
    const GraphNode *node = &lower->graph->nodes.items[root];
    if (node->op == GRAPH_GROUP) {
        return lower->group_flows[root];
    }
    return lower->ledger_sources + (node->op == GRAPH_SOURCE ? node->declaration : 0);
}

static const char *pipeline_name(Lower *lower, uint32_t root) {
    const Graph *graph = lower->graph;
    const GraphNode *node = &graph->nodes.items[root];
    switch (node->op) {
    case GRAPH_SOURCE:
        return arena_format(
            lower->arena, "source.%s", graph->sources.items[node->declaration].name);
    case GRAPH_TABLE:
        return arena_format(
            lower->arena, "table.%s.%u", graph->tables.items[node->declaration].name, root);
    default:
        return arena_format(lower->arena, "group.%u", lower->group_indexes[root]);
    }
}

static void input_set(Lower *lower, PlanPipeline *pipeline, uint32_t root) {
    const GraphNode *node = &lower->graph->nodes.items[root];
    pipeline->input = node->declaration;
    pipeline->input_kind = node->op == GRAPH_SOURCE ? FLOW_INPUT_SOURCE : FLOW_INPUT_TABLE;
    if (node->op == GRAPH_GROUP) {
        pipeline->input_kind = FLOW_INPUT_GROUP;
        pipeline->input = lower->group_indexes[root];
    }
    int32_t *columns = arena_array(lower->arena, int32_t, node->column_count + 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        columns[i] = lower->needed[root][i] ? (int32_t)i : -1;
    }
    pipeline->table_columns = node->op == GRAPH_TABLE ? columns : NULL;
}

static void ops_columns(PlanOps ops, bool *used) {
    for (uint32_t i = 0; i < ops.count; i++) {
        const PlanOp *op = &ops.items[i];
        if (op->expr != NULL) {
            expr_columns(op->expr, used);
        }
        for (uint32_t s = 0; s < op->slot_count; s++) {
            if (op->slots[s] >= 0) {
                used[op->slots[s]] = true;
            }
        }
        for (uint32_t b = 0; b < op->branch_count; b++) {
            ops_columns(op->branches[b], used);
        }
    }
}

static void pipeline_lower(Lower *lower, uint32_t root) {
    const GraphNode *node = &lower->graph->nodes.items[root];
    Pipe pipe = {.lower = lower, .root = root};
    uint32_t *slots = arena_array(lower->arena, uint32_t, node->column_count + 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        slots[i] = i;
        *vec_push(lower->arena, &pipe.slots) = (PlanSlot){.name = node->columns[i].name,
                                                          .type = node->columns[i].type,
                                                          .meta = node->columns[i].meta};
    }
    OpList ops = {0};
    uint32_t ledger = ledger_of_root(lower, root);
    if (node->op == GRAPH_GROUP) {
        *vec_push(lower->arena, &ops) =
            (PlanOp){.kind = PLAN_COUNT_IN, .span = node->span, .flow = ledger};
    }
    consumers_lower(&pipe, root, (SlotMap){slots, ledger}, &ops);
    bool *used = arena_array(lower->arena, bool, pipe.slots.count + 1);
    ops_columns(ops_finish(&ops), used);
    for (uint32_t i = 0; i < node->column_count; i++) {
        pipe.slots.items[i].is_used = used[i];
    }
    PlanPipeline pipeline = {.name = pipeline_name(lower, root),
                             .input_slots = node->column_count,
                             .slots = pipe.slots.items,
                             .slot_count = pipe.slots.count,
                             .ops = ops_finish(&ops),
                             .span = node->span};
    input_set(lower, &pipeline, root);
    if (node->op == GRAPH_SOURCE) {
        scan_tests_find(lower, &pipeline, root);
    }
    *vec_push(lower->arena, &lower->plan->pipelines) = pipeline;
}

Plan *lower_run(Arena *arena, const Graph *graph) {
    Plan *plan = arena_new(arena, Plan);
    plan->arena = arena;
    plan->graph = graph;
    Lower lower = {
        .arena = arena, .graph = graph, .plan = plan, .needed = needed_columns(arena, graph)};
    ledgers_make(&lower);
    bool *done = arena_array(arena, bool, graph->nodes.count + 1);
    for (bool is_moving = true; is_moving;) {
        is_moving = false;
        for (uint32_t i = 0; i < graph->nodes.count; i++) {
            if (!done[i] && is_root(&graph->nodes.items[i]) && is_ready(&lower, i, done)) {
                pipeline_lower(&lower, i);
                done[i] = true;
                is_moving = true;
            }
        }
    }
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        ASSERT(done[i] || !is_root(&graph->nodes.items[i])); // check refuses cycles
    }
    return plan;
}
