// Graph to plan: finds the roots (sources, tables, results of state), lowers each into a pipeline
// and puts the pipelines into an order in which each runs after those whose results it reads.
#include "lower/lower_internal.h"

// --- ledgers ----------------------------------------------------------------------------------
// The rows that a state gives are another stage of its flow, with a ledger line of their own.
static const char *stage_name(Lower *lower, const GraphNode *node) {
    const char *flow = lower->graph->flows.items[node->flow];
    const char *step = node->op == GRAPH_BAND ? "join" : graph_op_name(node->op);
    const char *name = arena_format(lower->arena, "%s/%s", flow, step);
    uint32_t same = 0;
    for (uint32_t i = 0; i < lower->plan->flows.count; i++) {
        same += strncmp(lower->plan->flows.items[i], name, strlen(name)) == 0;
    }
    return same == 0 ? name : arena_format(lower->arena, "%s%u", name, same + 1);
}

static bool has_stage(const GraphNode *node) {
    bool is_state = node->op == GRAPH_GROUP || node->op == GRAPH_BAND || is_sort(node->op);
    return is_state && node->flow != UINT32_MAX && !node->is_unique && node->op != GRAPH_FILL;
}

static void ledgers_make(Lower *lower) {
    const Graph *graph = lower->graph;
    for (uint32_t i = 0; i < graph->flows.count; i++) {
        *vec_push(lower->arena, &lower->plan->flows) = graph->flows.items[i];
    }
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        const GraphNode *node = &graph->nodes.items[i];
        if (has_stage(node)) {
            lower->stage_flows[i] = lower->plan->flows.count;
            const char *name = stage_name(lower, node);
            *vec_push(lower->arena, &lower->plan->flows) = name;
        }
    }
    lower->ledger_sources = lower->plan->flows.count;
}

// --- order ------------------------------------------------------------------------------------
static bool writes_table(const Graph *graph, const GraphNode *node, uint32_t table) {
    return node->op == GRAPH_SINK && graph->sinks.items[node->declaration].table == (int32_t)table;
}

// Of every node: whether all that its rows come from has run.
static bool *nodes_done(const Lower *lower, const bool *done) {
    const Graph *graph = lower->graph;
    bool *are_done = arena_array(lower->arena, bool, graph->nodes.count + 1);
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        const GraphNode *node = &graph->nodes.items[i];
        are_done[i] = is_root(node) ? done[i] : are_done[node->input.index];
        if (node->op == GRAPH_UNION) {
            are_done[i] &= are_done[node->right.index];
        }
    }
    return are_done;
}

// What the root's pipeline looks up must be built.
static bool lookups_done(const Lower *lower, uint32_t root, const bool *are_done) {
    const Graph *graph = lower->graph;
    bool *is_below = arena_array(lower->arena, bool, graph->nodes.count + 1);
    is_below[root] = true;
    for (uint32_t i = root + 1; i < graph->nodes.count; i++) {
        const GraphNode *node = &graph->nodes.items[i];
        if (is_root(node)) {
            continue;
        }
        is_below[i] =
            is_below[node->input.index] || (node->op == GRAPH_UNION && is_below[node->right.index]);
        if (is_below[i] && node->op == GRAPH_JOIN && !are_done[node->right.index]) {
            return false;
        }
    }
    return true;
}

static bool is_ready(const Lower *lower, uint32_t index, const bool *done) {
    const Graph *graph = lower->graph;
    const GraphNode *node = &graph->nodes.items[index];
    const bool *are_done = nodes_done(lower, done);
    if (graph_has_input(node->op)) {
        if (!are_done[node->input.index]) {
            return false;
        }
    }
    if (node->op == GRAPH_BAND && !are_done[node->right.index]) {
        return false;
    }
    if (node->op == GRAPH_EPOCH_CHECK) {
        return true;
    }
    for (uint32_t i = 0; node->op == GRAPH_TABLE && i < graph->nodes.count; i++) {
        const GraphNode *other = &graph->nodes.items[i];
        if (writes_table(graph, other, node->declaration) && !are_done[other->input.index]) {
            return false;
        }
    }
    return lookups_done(lower, index, are_done);
}

// --- pipelines --------------------------------------------------------------------------------
static uint32_t ledger_of_root(const Lower *lower, uint32_t root) {
    const GraphNode *node = &lower->graph->nodes.items[root];
    if (graph_has_input(node->op)) {
        return lower->stage_flows[root];
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
        return arena_format(
            lower->arena, "%s.%u", graph_op_name(node->op), lower->state_indexes[root]);
    }
}

static FlowInputKind input_kind(GraphOp op) {
    switch (op) {
    case GRAPH_SOURCE:
        return FLOW_INPUT_SOURCE;
    case GRAPH_TABLE:
        return FLOW_INPUT_TABLE;
    case GRAPH_GROUP:
        return FLOW_INPUT_GROUP;
    case GRAPH_BAND:
        return FLOW_INPUT_BAND;
    default:
        return FLOW_INPUT_SORT;
    }
}

static const int32_t *table_columns(Lower *lower, uint32_t root) {
    const GraphNode *node = &lower->graph->nodes.items[root];
    int32_t *columns = arena_array(lower->arena, int32_t, node->column_count + 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        columns[i] = lower->needed[root][i] ? (int32_t)i : -1;
    }
    return columns;
}

static bool is_given(const Lower *lower, const GraphNode *node, uint32_t root, uint32_t column) {
    return node->op != GRAPH_GROUP || column < node->value_count ||
           agg_is_needed(lower, root, column - node->value_count);
}

static uint32_t *columns_input(Pipe *pipe, const GraphNode *node, uint32_t root) {
    uint32_t *slots = arena_array(pipe->lower->arena, uint32_t, node->column_count + 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        if (!is_given(pipe->lower, node, root, i)) {
            slots[i] = UINT32_MAX;
            continue;
        }
        slots[i] = slot_input(pipe, node->columns[i].name, node->columns[i].type);
        pipe->slots.items[slots[i]].meta = node->columns[i].meta;
    }
    return slots;
}

// A table's columns are all the author's.
static uint32_t raw_place(const GraphNode *node, uint32_t column) {
    return node->op == GRAPH_TABLE ? column + 1 : node->columns[column].raw_place;
}

static uint32_t column_at(const GraphNode *node, uint32_t place) {
    uint32_t i = 0;
    while (i < node->column_count && raw_place(node, i) != place) {
        i++;
    }
    return i;
}

static uint32_t raw_place_last(const GraphNode *node) {
    uint32_t last = 0;
    for (uint32_t i = 0; i < node->column_count; i++) {
        uint32_t place = raw_place(node, i);
        last = place > last ? place : last;
    }
    return last;
}

// Columns that the program's author knows, in the order of the stream, as far as they are there.
static void
raw_slots_set(Lower *lower, const GraphNode *node, const uint32_t *slots, PlanPipeline *head) {
    uint32_t last = raw_place_last(node);
    uint32_t *raw = arena_array(lower->arena, uint32_t, last + 1);
    for (uint32_t place = 1; place <= last; place++) {
        uint32_t column = column_at(node, place);
        if (column < node->column_count && slots[column] != UINT32_MAX) {
            raw[head->raw_count++] = slots[column];
        }
    }
    head->raw_slots = raw;
}

static const uint32_t *root_inputs(Pipe *pipe, uint32_t root) {
    const GraphNode *node = &pipe->lower->graph->nodes.items[root];
    if (node->op == GRAPH_BAND) {
        return band_inputs(pipe, root);
    }
    return is_sort(node->op) ? sort_inputs(pipe, root) : columns_input(pipe, node, root);
}

static void pipeline_lower(Lower *lower, uint32_t root) {
    const GraphNode *node = &lower->graph->nodes.items[root];
    Pipe pipe = {.lower = lower};
    OpList ops = {0};
    uint32_t ledger = ledger_of_root(lower, root);
    if (node->op == GRAPH_BAND) {
        band_residual_lower(lower, root);
    }
    if (node->op == GRAPH_GROUP) { // the runtime counts what a sort takes and passes on
        op_push(&pipe, &ops, PLAN_COUNT_IN, node->span, ledger);
    }
    const uint32_t *slots = root_inputs(&pipe, root);
    consumers_lower(&pipe, root, (SlotMap){slots, ledger}, &ops);
    bool is_declared = node->op == GRAPH_SOURCE || node->op == GRAPH_TABLE;
    PlanPipeline head = {.name = pipeline_name(lower, root),
                         .input_kind = input_kind(node->op),
                         .input = is_declared ? node->declaration : lower->state_indexes[root],
                         .span = node->span};
    head.table_columns = node->op == GRAPH_TABLE ? table_columns(lower, root) : NULL;
    if (node->op != GRAPH_SOURCE) {
        raw_slots_set(lower, node, slots, &head);
    }
    uint32_t index = pipe_finish(&pipe, &ops, head);
    if (is_declared && lower->options.skips) {
        scan_tests_find(lower, &lower->plan->pipelines.items[index], root);
    }
}

// --- all --------------------------------------------------------------------------------------
static bool is_lowered_alone(const GraphNode *node) {
    return is_root(node) || node->op == GRAPH_EPOCH_CHECK;
}

static void any_lower(Lower *lower, uint32_t index) {
    if (is_root(&lower->graph->nodes.items[index])) {
        pipeline_lower(lower, index);
    } else {
        epoch_check_pipeline(lower, index);
    }
}

static void arrays_make(Lower *lower) {
    Arena *arena = lower->arena;
    uint32_t count = lower->graph->nodes.count + 1;
    lower->stage_flows = arena_array(arena, uint32_t, count);
    lower->state_indexes = arena_array(arena, uint32_t, count);
    lower->sort_places = arena_array(arena, int32_t *, count);
    lower->arm_slots = arena_array(arena, uint32_t, count);
    lower->lookups = arena_array(arena, uint32_t, count);
    lower->unions = arena_array(arena, uint32_t, count);
    memset(lower->unions, 0xff, count * sizeof(uint32_t)); // UINT32_MAX
    lower->bands = arena_array(arena, uint32_t, count);
    memset(lower->bands, 0xff, count * sizeof(uint32_t));
}

Plan *lower_run(Arena *arena, const Graph *graph, LowerOptions options) {
    Plan *plan = arena_new(arena, Plan);
    plan->arena = arena;
    plan->graph = graph;
    Lower lower = {.arena = arena, .graph = graph, .plan = plan, .options = options};
    needed_find(&lower);
    arrays_make(&lower);
    ledgers_make(&lower);
    bool *done = arena_array(arena, bool, graph->nodes.count + 1);
    for (bool is_moving = true; is_moving;) {
        is_moving = false;
        for (uint32_t i = 0; i < graph->nodes.count; i++) {
            if (!done[i] && is_lowered_alone(&graph->nodes.items[i]) && is_ready(&lower, i, done)) {
                any_lower(&lower, i);
                done[i] = true;
                is_moving = true;
            }
        }
    }
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        ASSERT(done[i] || !is_lowered_alone(&graph->nodes.items[i])); // check refuses cycles
    }
    return plan;
}
