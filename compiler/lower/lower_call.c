// Steps whose rows go on in another pipeline: union (both inputs meet in one), unnest (a row
// becomes several), and route (a row goes one of several ways, in the same pipeline). A flow that
// reads another goes on in the same pipeline too, unless it is to stand alone.
#include "lower/lower_internal.h"

// A slot that may hold null stands for the column of that type: what is handed over as it is must
// look as the receiver expects it.
static uint32_t
slot_as(Pipe *pipe, uint32_t slot, const GraphColumn *column, Span span, OpList *ops) {
    const PlanSlot *own = &pipe->slots.items[slot];
    if (own->type->is_nullable || !column->type->is_nullable) {
        return slot;
    }
    const Expr *value = expr_column(pipe->lower->arena, slot, own->type);
    uint32_t wide = slot_new(pipe, column->name, column->type);
    PlanOp *op = op_push(pipe, ops, PLAN_COMPUTE, span, UINT32_MAX);
    op->expr = value;
    op->slot = wide;
    return wide;
}

uint32_t
called_pipeline(Lower *lower, uint32_t index, uint32_t ledger, uint32_t from, const char *name) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    Pipe pipe = {.lower = lower};
    uint32_t *slots = arena_array(lower->arena, uint32_t, node->column_count + 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        const GraphColumn *column = &node->columns[i];
        slots[i] = i >= from || lower->needed[index][i]
                       ? slot_input(&pipe, column->name, column->type)
                       : UINT32_MAX;
    }
    OpList ops = {0};
    consumers_lower(&pipe, index, (SlotMap){slots, ledger}, &ops);
    return pipe_finish(&pipe,
                       &ops,
                       (PlanPipeline){.name = arena_format(lower->arena, "%s.%u", name, index),
                                      .input_kind = FLOW_INPUT_CALLED,
                                      .input = UINT32_MAX,
                                      .span = node->span});
}

void forward_push(Pipe *pipe, uint32_t index, SlotMap map, uint32_t target, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    int32_t *slots = arena_array(lower->arena, int32_t, node->column_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->column_count; i++) {
        if (lower->needed[index][i]) {
            slots[count++] =
                (int32_t)slot_as(pipe, map.slots[i], &node->columns[i], node->span, ops);
        }
    }
    PlanOp *op = op_push(pipe, ops, PLAN_FORWARD, node->span, map.ledger);
    op->target = target;
    op->slots = slots;
    op->slot_count = count;
}

void union_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    if (lower->unions[index] == UINT32_MAX) {
        lower->unions[index] =
            called_pipeline(lower, index, map.ledger, node->column_count, "union");
    }
    forward_push(pipe, index, map, lower->unions[index], ops);
}

void flow_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    if (lower->options.fuses) {
        consumers_lower(pipe, index, map, ops);
        return;
    }
    uint32_t target = called_pipeline(lower, index, map.ledger, node->column_count, "flow");
    forward_push(pipe, index, map, target, ops);
}

// --- unnest -----------------------------------------------------------------------------------
void unnest_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    int32_t *slots = arena_array(lower->arena, int32_t, node->column_count + 1);
    uint32_t count = 0;
    slots[count++] = (int32_t)value_lower(pipe, node->values[0], "(list)", map, input, ops);
    for (uint32_t i = 0; i + 1 < node->column_count; i++) {
        if (lower->needed[index][i]) {
            slots[count++] = (int32_t)map.slots[i];
        }
    }
    uint32_t item = node->column_count - 1;
    uint32_t target = called_pipeline(lower, index, map.ledger, item, "unnest");
    *vec_push(lower->arena, &lower->plan->expands) =
        (PlanExpand){.flow = map.ledger, .target = target, .keep_empty = node->keep_empty};
    PlanOp *op = op_push(pipe, ops, PLAN_UNNEST, node->span, map.ledger);
    op->target = lower->plan->expands.count - 1;
    op->slots = slots;
    op->slot_count = count;
}

// --- route ------------------------------------------------------------------------------------
void route_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    lower->arm_slots[index] = value_lower(pipe, node->values[0], "(arm)", map, input, ops);
    consumers_lower(pipe, index, map, ops);
}

void arm_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const Type *type = type_new(lower->arena, FLOW_INT32, false);
    const Expr *pair[2] = {
        expr_column(lower->arena, lower->arm_slots[node->input.index], type),
        expr_constant(lower->arena, type, (FlowValue){.i64 = node->arm}),
    };
    const Type *result = type_new(lower->arena, FLOW_BOOL, false);
    PlanOp *keep = op_push(pipe, ops, PLAN_KEEP, node->span, map.ledger);
    keep->expr = expr_new(lower->arena, EXPR_EQ, result, pair, 2);
    if (node->arm_counter < 0) {
        consumers_lower(pipe, index, map, ops);
        return;
    }
    PlanOp *count = op_push(pipe, ops, PLAN_COUNT, node->span, map.ledger);
    count->counter = (FlowCounter)node->arm_counter;
}
