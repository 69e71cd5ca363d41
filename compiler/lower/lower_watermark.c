// Watermarks: where a source's rows get theirs, and which sources the watermark of a step comes
// from.
//
// A row carries the watermark of its partition just before it, so steps that judge lateness need
// nothing but the row (docs/decisions/153). What closes a window is the watermark of the stream at
// the end of an epoch: the least of the sources that the rows come from, each behind by what the
// steps between may hold back.
#include "lower/lower_internal.h"

typedef VEC(FlowWatermarkInput) Inputs;

// --- of a step
// ------------------------------------------------------------------------------------ What the
// node may give late, against what it takes.
static int64_t delay_of(const GraphNode *node) {
    if (node->op == GRAPH_BAND) {
        return node->behind_us;
    }
    return node->op == GRAPH_DEDUP && node->keep_last ? node->within_us : 0;
}

static void input_add(Arena *arena, Inputs *inputs, uint32_t source, int64_t delay_us) {
    for (uint32_t i = 0; i < inputs->count; i++) {
        FlowWatermarkInput *input = &inputs->items[i];
        if (input->source == (int32_t)source) {
            input->delay_us = input->delay_us > delay_us ? input->delay_us : delay_us;
            return;
        }
    }
    *vec_push(arena, inputs) =
        (FlowWatermarkInput){.source = (int32_t)source, .delay_us = delay_us};
}

static void inputs_find(const Lower *lower, GraphId id, int64_t delay_us, Inputs *inputs) {
    const GraphNode *node = graph_at(lower->graph, id);
    if (node->op == GRAPH_WATERMARK) {
        input_add(lower->arena, inputs, node->declaration, delay_us);
        return;
    }
    int64_t sum_us = 0;
    bool is_far = __builtin_add_overflow(delay_us, delay_of(node), &sum_us);
    if (graph_has_input(node->op)) {
        inputs_find(lower, node->input, is_far ? INT64_MAX : sum_us, inputs);
    }
    if (node->op == GRAPH_UNION || node->op == GRAPH_BAND) {
        inputs_find(lower, node->right, is_far ? INT64_MAX : sum_us, inputs);
    }
}

// One for each step, even where others have the same inputs: it is kept under the step's name, and
// the others may go or change.
int32_t watermark_of(Lower *lower, uint32_t index) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    Inputs inputs = {0};
    inputs_find(lower, node->input, 0, &inputs);
    if (node->op == GRAPH_BAND) {
        inputs_find(lower, node->right, 0, &inputs);
    }
    if (inputs.count == 0) {
        return -1;
    }
    *vec_push(lower->arena, &lower->plan->watermarks) =
        (PlanWatermark){node->operator_id, inputs.items, inputs.count};
    return (int32_t)lower->plan->watermarks.count - 1;
}

// --- of rows
// --------------------------------------------------------------------------------------
static uint32_t meta_column(const GraphNode *node) {
    uint32_t i = 0;
    while (node->columns[i].meta != FLOW_META_WATERMARK) {
        i++;
        ASSERT(i < node->column_count);
    }
    return i;
}

// The rows go on in a pipeline of their own: those of a piece wait until the watermark before it is
// known.
void watermark_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    uint32_t target = called_pipeline(lower, index, map.ledger, node->column_count, "watermark");
    forward_push(pipe, index, map, target, ops);
    PlanOp *op = &ops->items[ops->count - 1];
    int32_t *slots = arena_array(lower->arena, int32_t, op->slot_count + 2);
    slots[0] = (int32_t)map.slots[node->event_time];
    slots[1] = (int32_t)map.slots[meta_column(node)];
    for (uint32_t i = 0; i < op->slot_count; i++) {
        slots[i + 2] = op->slots[i];
    }
    op->kind = PLAN_WATERMARK;
    op->slots = slots;
    op->slot_count += 2;
}
