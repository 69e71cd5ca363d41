// Joins of two streams. Both inputs are pipelines that end in BAND, each on its side; the pipeline
// of the results begins when both are complete.
//
// The rest of `on`, behind its equalities, is asked about each pair, whatever the kind of the join:
// what goes on is known only when all pairs of a row have been asked.
#include "lower/lower_internal.h"

typedef struct Side {
    Pipe *pipe;
    SlotMap map;
    OpList *ops;
    VEC(PlanSlot) columns;
    VEC(int32_t) slots;
} Side;

static void column_add(Side *s, const char *name, const Type *type, uint32_t slot) {
    Arena *arena = s->pipe->lower->arena;
    *vec_push(arena, &s->columns) = (PlanSlot){.name = name, .type = type, .is_used = true};
    *vec_push(arena, &s->slots) = (int32_t)slot;
}

// The columns of both sides that go along, ours first.
static bool *columns_used(const Lower *lower, uint32_t index) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    uint32_t ours = graph_at(lower->graph, node->input)->column_count;
    uint32_t theirs = graph_at(lower->graph, node->right)->column_count;
    bool *used = arena_array(lower->arena, bool, ours + theirs + 2);
    join_columns_mark(lower->graph, node, lower->needed[index], used);
    return used;
}

static uint32_t band_of(Lower *lower, uint32_t index) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    if (lower->bands[index] == UINT32_MAX) {
        lower->bands[index] = lower->plan->bands.count;
        lower->state_indexes[index] = lower->bands[index];
        int32_t watermark = watermark_of(lower, index);
        *vec_push(lower->arena, &lower->plan->bands) =
            (PlanBand){.operator_id = node->operator_id,
                       .kind = node->join,
                       .keep = node->keep,
                       .flow = lower->stage_flows[index],
                       .residual = -1,
                       .key_count = node->value_count,
                       .has_time = graph_has_own_time(node),
                       .watermark = watermark,
                       .ours_wait_us = node->ours_wait_us,
                       .theirs_wait_us = node->theirs_wait_us,
                       .first_wait_us = node->first_wait_us,
                       .low_us = node->low_us,
                       .high_us = node->high_us,
                       .ahead_us = node->ahead_us};
    }
    return lower->bands[index];
}

static void side_columns_add(Side *s, uint32_t index, uint32_t side) {
    const Graph *graph = s->pipe->lower->graph;
    const GraphNode *node = &graph->nodes.items[index];
    const GraphNode *from = graph_at(graph, side == 0 ? node->input : node->right);
    const Expr *const *keys = side == 0 ? node->values : node->right_values;
    uint32_t first = side == 0 ? 0 : graph_at(graph, node->input)->column_count;
    const bool *used = columns_used(s->pipe->lower, index) + first;
    for (uint32_t i = 0; i < node->value_count; i++) {
        const char *name =
            keys[i]->op == EXPR_COLUMN ? from->columns[keys[i]->index].name : keys[i]->text;
        uint32_t slot = value_lower(s->pipe, keys[i], "(key)", s->map, from, s->ops);
        column_add(s, name, keys[i]->type, slot);
    }
    int32_t at = side == 0 ? node->time : from->event_time;
    column_add(s, from->columns[at].name, from->columns[at].type, s->map.slots[at]);
    for (uint32_t i = 0; i < from->column_count; i++) {
        if (used[i]) {
            column_add(s, from->columns[i].name, from->columns[i].type, s->map.slots[i]);
        }
    }
}

// What it takes is `out` of our flow, of which theirs are a part, too.
void band_side_lower(Pipe *pipe, uint32_t index, uint32_t side, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    Side s = {.pipe = pipe, .map = map, .ops = ops};
    uint32_t band = band_of(lower, index);
    side_columns_add(&s, index, side);
    lower->plan->bands.items[band].sides[side] = (PlanBandSide){s.columns.items, s.columns.count};
    PlanOp *op = op_push(pipe, ops, PLAN_BAND, node->span, map.ledger);
    op->target = 2 * band + side;
    op->slots = s.slots.items;
    op->slot_count = s.slots.count;
}

// --- results ----------------------------------------------------------------------------------

// What stands in the batch of candidates: a row that stands alone has nulls on the other side.
static uint32_t *candidate_inputs(Pipe *pipe, uint32_t index, bool are_pairs) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    const GraphNode *right = graph_at(lower->graph, node->right);
    const bool *used = columns_used(lower, index);
    uint32_t total = input->column_count + right->column_count;
    uint32_t *slots = arena_array(lower->arena, uint32_t, total + 2);
    bool ours_alone = node->join != FLOW_JOIN_INNER && node->join != FLOW_JOIN_RIGHT;
    for (uint32_t i = 0; i < total; i++) {
        bool is_ours = i < input->column_count;
        const GraphColumn *column =
            is_ours ? &input->columns[i] : &right->columns[i - input->column_count];
        bool may_lack = !are_pairs && (is_ours ? graph_has_own_time(node) : ours_alone);
        const Type *type =
            may_lack ? type_with_null(lower->arena, column->type, true) : column->type;
        slots[i] = used[i] ? slot_input(pipe, column->name, type) : UINT32_MAX;
    }
    return slots;
}

uint32_t *band_inputs(Pipe *pipe, uint32_t index) {
    const GraphNode *node = &pipe->lower->graph->nodes.items[index];
    uint32_t *slots = candidate_inputs(pipe, index, false);
    if (graph_has_own_time(node)) {
        const GraphColumn *time = &node->columns[node->column_count - 1];
        slots[node->column_count - 1] = slot_input(pipe, time->name, time->type);
    }
    return slots;
}

void band_residual_lower(Lower *lower, uint32_t index) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    if (node->condition == NULL) {
        return;
    }
    uint32_t ledger = lower->stage_flows[index];
    Pipe pipe = {.lower = lower};
    SlotMap map = {candidate_inputs(&pipe, index, true), ledger};
    GraphNode pair = pair_node(lower, node);
    OpList ops = {0};
    PlanOp *op = op_push(&pipe, &ops, PLAN_KEEP, node->span, ledger);
    op->expr = expr_lower(&pipe, node->condition, map, &pair);
    PlanPipeline head = {.name = arena_format(lower->arena, "pairs.%u", index),
                         .input_kind = FLOW_INPUT_CALLED,
                         .input = UINT32_MAX,
                         .span = node->span};
    int32_t residual = (int32_t)pipe_finish(&pipe, &ops, head);
    lower->plan->bands.items[lower->bands[index]].residual = residual;
}
