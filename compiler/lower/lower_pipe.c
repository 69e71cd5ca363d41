// A pipeline under construction: its slots, its operations, and what is known when it is finished.
#include "lower/lower_internal.h"

bool is_sort(GraphOp op) {
    return op == GRAPH_TOP || op == GRAPH_DEDUP || op == GRAPH_RUNNING || op == GRAPH_FILL ||
           op == GRAPH_WAIT;
}

bool is_root(const GraphNode *node) {
    return node->op == GRAPH_SOURCE || node->op == GRAPH_TABLE || node->op == GRAPH_GROUP ||
           node->op == GRAPH_BAND || is_sort(node->op);
}

// --- slots ------------------------------------------------------------------------------------
uint32_t slot_new(Pipe *pipe, const char *name, const Type *type) {
    uint32_t slot = pipe->slots.count;
    *vec_push(pipe->lower->arena, &pipe->slots) =
        (PlanSlot){.name = name, .type = type, .is_used = true};
    return slot;
}

uint32_t slot_input(Pipe *pipe, const char *name, const Type *type) {
    ASSERT(pipe->input_slots == pipe->slots.count);
    pipe->input_slots++;
    return slot_new(pipe, name, type);
}

// --- operations -------------------------------------------------------------------------------
PlanOp *op_push(Pipe *pipe, OpList *ops, PlanOpKind kind, Span span, uint32_t ledger) {
    PlanOp *op = vec_push(pipe->lower->arena, ops);
    *op = (PlanOp){.kind = kind, .span = span, .flow = ledger};
    return op;
}

PlanOps ops_finish(const OpList *ops) {
    return (PlanOps){ops->items, ops->count};
}

const Expr *expr_lower(Pipe *pipe, const Expr *expr, SlotMap map, const GraphNode *input) {
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

uint32_t value_lower(Pipe *pipe,
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

// --- the end ----------------------------------------------------------------------------------
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

uint32_t pipe_finish(Pipe *pipe, const OpList *ops, PlanPipeline head) {
    Lower *lower = pipe->lower;
    bool *used = arena_array(lower->arena, bool, pipe->slots.count + 1);
    ops_columns(ops_finish(ops), used);
    for (uint32_t i = 0; i < pipe->input_slots; i++) {
        pipe->slots.items[i].is_used = used[i];
    }
    head.input_slots = pipe->input_slots;
    head.slots = pipe->slots.items;
    head.slot_count = pipe->slots.count;
    head.ops = ops_finish(ops);
    *vec_push(lower->arena, &lower->plan->pipelines) = head;
    return lower->plan->pipelines.count - 1;
}
