// Branches of a pipeline do not see each other's slots. What one of them computes for every row
// that it gets, and another has too, is computed in front of them: it costs nothing, for all rows
// need it anyway. Only what can not fail: each flow has rejections of its own.
#include "share/share_internal.h"

// --- what is in several branches --------------------------------------------------------------
static void expr_meet(SharePipe *pipe, const Expr *expr) {
    ShareValue *value = share_value(pipe, expr);
    if (value->fork != pipe->fork_count) {
        value->fork = pipe->fork_count;
        value->branches = 0;
        value->is_before_fork = false;
    }
    if (value->branches == 0 || value->branch != pipe->branch_count) {
        value->branch = pipe->branch_count;
        value->branches++;
    }
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (expr->op != EXPR_LAMBDA) { // what its body computes is not a row's
            expr_meet(pipe, expr->arguments[i]);
        }
    }
}

static void ops_meet(SharePipe *pipe, PlanOps ops) {
    for (uint32_t i = 0; i < ops.count; i++) {
        if (ops.items[i].expr != NULL) {
            expr_meet(pipe, ops.items[i].expr);
        }
        for (uint32_t b = 0; b < ops.items[i].branch_count; b++) {
            ops_meet(pipe, ops.items[i].branches[b]);
        }
    }
}

// --- what a branch computes for all rows ------------------------------------------------------
static void expr_offer(SharePipe *pipe, const Expr *expr, ShareOps *before) {
    ShareValue *value = share_value(pipe, expr);
    bool is_shared = value->fork == pipe->fork_count && value->branches > 1;
    if (is_shared && value->is_work && !value->can_fail && value->depth == 0) {
        if (!value->is_before_fork) {
            value->is_before_fork = true;
            share_slot(pipe, expr, before);
        }
        return;
    }
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (share_is_needed(expr, i)) {
            expr_offer(pipe, expr->arguments[i], before);
        }
    }
}

static bool drops_rows(const PlanOp *op) {
    switch (op->kind) {
    case PLAN_FILTER:
    case PLAN_KEEP:
        return true;
    case PLAN_CHECK:
        return op->reaction != FLOW_REACTION_WARN || expr_can_fail(op->expr);
    default:
        return op->expr != NULL && expr_can_fail(op->expr);
    }
}

static void ops_offer(SharePipe *pipe, PlanOps ops, ShareOps *before) {
    for (uint32_t i = 0; i < ops.count; i++) {
        if (ops.items[i].expr != NULL) {
            expr_offer(pipe, ops.items[i].expr, before);
        }
        if (drops_rows(&ops.items[i])) {
            return;
        }
    }
}

// --- all --------------------------------------------------------------------------------------
static void fork_share(SharePipe *pipe, const PlanOp *fork, ShareOps *before) {
    pipe->fork_count++;
    for (uint32_t i = 0; i < fork->branch_count; i++) {
        pipe->branch_count++;
        ops_meet(pipe, fork->branches[i]);
    }
    for (uint32_t i = 0; i < fork->branch_count; i++) {
        ops_offer(pipe, fork->branches[i], before);
    }
}

PlanOps share_branches(SharePipe *pipe, PlanOps ops) {
    Arena *arena = pipe->plan->arena;
    ShareOps shared = {0};
    for (uint32_t i = 0; i < ops.count; i++) {
        PlanOp op = ops.items[i];
        if (op.kind == PLAN_BRANCH) {
            fork_share(pipe, &op, &shared);
            PlanOps *branches = arena_array(arena, PlanOps, op.branch_count + 1);
            for (uint32_t b = 0; b < op.branch_count; b++) {
                branches[b] = share_branches(pipe, op.branches[b]);
            }
            op.branches = branches;
        }
        *vec_push(arena, &shared) = op;
    }
    return (PlanOps){shared.items, shared.count};
}
