// Lookup joins. The right side is a pipeline that ends in BUILD and stands before every pipeline
// that probes what it built; joins with equal keys and columns share one lookup.
//
// The rest of `on`, behind its equalities, decides which pairs match. For an inner join it is a
// filter over the joined rows, which counts and rejects like any other; the others must know of
// each row whether anything matched, so they ask a residual pipeline.
#include "lower/lower_internal.h"

static bool gives_right(const GraphNode *join) {
    return join->join == FLOW_JOIN_INNER || join->join == FLOW_JOIN_LEFT;
}

static bool *columns_used(const Lower *lower, uint32_t index) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    uint32_t ours = graph_at(lower->graph, node->input)->column_count;
    uint32_t theirs = graph_at(lower->graph, node->right)->column_count;
    bool *used = arena_array(lower->arena, bool, ours + theirs + 1);
    join_columns_mark(lower->graph, node, lower->needed[index], used);
    return used;
}

// --- the right side ---------------------------------------------------------------------------
static bool has_equal_lookup(const Lower *lower, uint32_t index, uint32_t other) {
    const GraphNode *a = &lower->graph->nodes.items[index];
    const GraphNode *b = &lower->graph->nodes.items[other];
    if (a->value_count != b->value_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->value_count; i++) {
        if (!expr_equal(a->right_values[i], b->right_values[i])) {
            return false;
        }
    }
    const bool *a_used =
        columns_used(lower, index) + graph_at(lower->graph, a->input)->column_count;
    const bool *b_used =
        columns_used(lower, other) + graph_at(lower->graph, b->input)->column_count;
    uint32_t count = graph_at(lower->graph, a->right)->column_count;
    return memcmp(a_used, b_used, count * sizeof(bool)) == 0;
}

static bool looks_up(const GraphNode *node, uint32_t right) {
    return node->op == GRAPH_JOIN && node->right.index == right;
}

static uint32_t lookup_find(const Lower *lower, uint32_t index, uint32_t right) {
    for (uint32_t i = right + 1; i < index; i++) {
        if (looks_up(&lower->graph->nodes.items[i], right) && has_equal_lookup(lower, index, i)) {
            return lower->lookups[i];
        }
    }
    return UINT32_MAX;
}

static void lookup_declare(Lower *lower, uint32_t index, const bool *used) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *right = graph_at(lower->graph, node->right);
    PlanSlot *keys = arena_array(lower->arena, PlanSlot, node->value_count + 1);
    for (uint32_t i = 0; i < node->value_count; i++) {
        keys[i] = (PlanSlot){.name = node->right_values[i]->op == EXPR_COLUMN
                                         ? right->columns[node->right_values[i]->index].name
                                         : "(key)",
                             .type = node->right_values[i]->type,
                             .is_used = true};
    }
    PlanSlot *columns = arena_array(lower->arena, PlanSlot, right->column_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < right->column_count; i++) {
        if (used[i]) {
            columns[count++] = (PlanSlot){
                .name = right->columns[i].name, .type = right->columns[i].type, .is_used = true};
        }
    }
    lower->lookups[index] = lower->plan->lookups.count;
    *vec_push(lower->arena, &lower->plan->lookups) = (PlanLookup){.name = node->operator_id,
                                                                  .keys = keys,
                                                                  .key_count = node->value_count,
                                                                  .columns = columns,
                                                                  .column_count = count};
}

static void build_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *right = graph_at(lower->graph, node->right);
    const bool *used =
        columns_used(lower, index) + graph_at(lower->graph, node->input)->column_count;
    int32_t *slots =
        arena_array(lower->arena, int32_t, node->value_count + right->column_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->value_count; i++) {
        slots[count++] =
            (int32_t)value_lower(pipe, node->right_values[i], "(key)", map, right, ops);
    }
    for (uint32_t i = 0; i < right->column_count; i++) {
        if (used[i]) {
            slots[count++] = (int32_t)map.slots[i];
        }
    }
    lookup_declare(lower, index, used);
    PlanOp *op = op_push(pipe, ops, PLAN_BUILD, node->span, UINT32_MAX);
    op->target = lower->lookups[index];
    op->slots = slots;
    op->slot_count = count;
}

uint32_t builds_lower(Pipe *pipe, uint32_t right, SlotMap map, PlanOps *branches) {
    Lower *lower = pipe->lower;
    uint32_t count = 0;
    for (uint32_t i = right + 1; i < lower->graph->nodes.count; i++) {
        if (!looks_up(&lower->graph->nodes.items[i], right)) {
            continue;
        }
        lower->lookups[i] = lookup_find(lower, i, right);
        if (lower->lookups[i] == UINT32_MAX) {
            OpList ops = {0};
            build_lower(pipe, i, map, &ops);
            branches[count++] = ops_finish(&ops);
        }
    }
    return count;
}

// --- our side ---------------------------------------------------------------------------------
// The slots of what a pair is made of: what goes along, then the lookup's columns.
static uint32_t *
pair_inputs(Pipe *pipe, uint32_t index, const GraphColumn *right_columns, const bool *used) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    const GraphNode *right = graph_at(lower->graph, node->right);
    uint32_t total = input->column_count + right->column_count;
    uint32_t *slots = arena_array(lower->arena, uint32_t, total + 1);
    for (uint32_t i = 0; i < total; i++) {
        bool is_ours = i < input->column_count;
        slots[i] = UINT32_MAX;
        if (used[i] && (is_ours || right_columns != NULL)) {
            const GraphColumn *column =
                is_ours ? &node->columns[i] : &right_columns[i - input->column_count];
            slots[i] = slot_input(pipe, column->name, column->type);
        }
    }
    return slots;
}

GraphNode pair_node(Lower *lower, const GraphNode *node) {
    const GraphNode *input = graph_at(lower->graph, node->input);
    const GraphNode *right = graph_at(lower->graph, node->right);
    GraphNode pair = {.column_count = input->column_count + right->column_count};
    GraphColumn *columns = arena_array(lower->arena, GraphColumn, pair.column_count + 1);
    for (uint32_t i = 0; i < pair.column_count; i++) {
        columns[i] =
            i < input->column_count ? input->columns[i] : right->columns[i - input->column_count];
    }
    pair.columns = columns;
    return pair;
}

static PlanPipeline called(Lower *lower, const char *what, uint32_t index) {
    return (PlanPipeline){.name = arena_format(lower->arena, "%s.%u", what, index),
                          .input_kind = FLOW_INPUT_CALLED,
                          .input = UINT32_MAX,
                          .span = lower->graph->nodes.items[index].span};
}

static int32_t residual_pipeline(Lower *lower, uint32_t index, const bool *used, uint32_t ledger) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    if (node->condition == NULL || node->join == FLOW_JOIN_INNER) {
        return -1;
    }
    Pipe pipe = {.lower = lower};
    SlotMap map = {pair_inputs(&pipe, index, graph_at(lower->graph, node->right)->columns, used),
                   ledger};
    GraphNode pair = pair_node(lower, node);
    OpList ops = {0};
    PlanOp *op = op_push(&pipe, &ops, PLAN_KEEP, node->span, ledger);
    op->expr = expr_lower(&pipe, node->condition, map, &pair);
    return (int32_t)pipe_finish(&pipe, &ops, called(lower, "pairs", index));
}

static uint32_t target_pipeline(Lower *lower, uint32_t index, const bool *used, uint32_t ledger) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    uint32_t ours = graph_at(lower->graph, node->input)->column_count;
    const GraphColumn *theirs = gives_right(node) ? node->columns + ours : NULL;
    Pipe pipe = {.lower = lower};
    SlotMap map = {pair_inputs(&pipe, index, theirs, used), ledger};
    OpList ops = {0};
    if (node->condition != NULL && node->join == FLOW_JOIN_INNER) {
        GraphNode pair = pair_node(lower, node);
        PlanOp *op = op_push(&pipe, &ops, PLAN_FILTER, node->span, ledger);
        op->expr = expr_lower(&pipe, node->condition, map, &pair);
    }
    consumers_lower(&pipe, index, map, &ops);
    return pipe_finish(&pipe, &ops, called(lower, "join", index));
}

static void
probe_push(Pipe *pipe, uint32_t index, SlotMap map, const bool *used, uint32_t join, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    int32_t *slots =
        arena_array(lower->arena, int32_t, node->value_count + input->column_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->value_count; i++) {
        slots[count++] = (int32_t)value_lower(pipe, node->values[i], "(key)", map, input, ops);
    }
    for (uint32_t i = 0; i < input->column_count; i++) {
        if (used[i]) {
            slots[count++] = (int32_t)map.slots[i];
        }
    }
    PlanOp *op = op_push(pipe, ops, PLAN_JOIN, node->span, map.ledger);
    op->target = join;
    op->slots = slots;
    op->slot_count = count;
}

void join_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const bool *used = columns_used(lower, index);
    int32_t residual = residual_pipeline(lower, index, used, map.ledger);
    uint32_t target = target_pipeline(lower, index, used, map.ledger);
    uint32_t join = lower->plan->joins.count;
    *vec_push(lower->arena, &lower->plan->joins) = (PlanJoin){.operator_id = node->operator_id,
                                                              .kind = node->join,
                                                              .lookup = lower->lookups[index],
                                                              .flow = map.ledger,
                                                              .target = target,
                                                              .residual = residual};
    probe_push(pipe, index, map, used, join, ops);
}
