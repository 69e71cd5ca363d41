// What a plan says of itself: its names, what can be rejected, and its invariants.
#include "plan/plan.h"

static const char *const op_names[] = {
#define PLAN_OP(name, text) text,
#include "plan/plan_op.def"
#undef PLAN_OP
};
_Static_assert(COUNT_OF(op_names) == PLAN_OP_COUNT, "plan_op.def");

const char *plan_op_name(PlanOpKind kind) {
    return op_names[kind];
}

int32_t plan_site_of(const Plan *plan, const Expr *expr) {
    for (uint32_t i = 0; i < plan->expr_sites.count; i++) {
        if (plan->expr_sites.items[i].expr == expr) {
            return (int32_t)plan->expr_sites.items[i].site;
        }
    }
    return -1;
}

// --- rejections ---------------------------------------------------------------------------------
static bool calls_can_reject(const Plan *plan, const PlanOp *op) {
    const PlanPipeline *pipelines = plan->pipelines.items;
    switch (op->kind) {
    case PLAN_FORWARD:
    case PLAN_WATERMARK:
        return plan_can_reject(plan, &pipelines[op->target]);
    case PLAN_UNNEST:
        return plan_can_reject(plan, &pipelines[plan->expands.items[op->target].target]);
    case PLAN_JOIN: {
        const PlanJoin *join = &plan->joins.items[op->target];
        return plan_can_reject(plan, &pipelines[join->target]) ||
               (join->residual >= 0 && plan_can_reject(plan, &pipelines[join->residual]));
    }
    default:
        return false;
    }
}

static bool ops_can_reject(const Plan *plan, PlanOps ops) {
    for (uint32_t i = 0; i < ops.count; i++) {
        const PlanOp *op = &ops.items[i];
        bool is_check = op->kind == PLAN_CHECK && op->reaction == FLOW_REACTION_REJECT;
        if (is_check || (op->expr != NULL && expr_can_fail(op->expr)) ||
            calls_can_reject(plan, op)) {
            return true;
        }
        for (uint32_t b = 0; b < op->branch_count; b++) {
            if (ops_can_reject(plan, op->branches[b])) {
                return true;
            }
        }
    }
    return false;
}

bool plan_can_reject(const Plan *plan, const PlanPipeline *pipeline) {
    return ops_can_reject(plan, pipeline->ops);
}

// --- invariants ---------------------------------------------------------------------------------
static void expr_verify(const Plan *plan, const PlanPipeline *pipeline, const Expr *expr) {
    if (expr->op == EXPR_COLUMN) {
        ASSERT(expr->index < pipeline->slot_count);
        Type open = *pipeline->slots[expr->index].type;
        open.is_nullable = true;
        ASSERT(type_narrows_to(&open, expr->type));
    }
    ASSERT(!expr_node_can_fail(expr) || plan_site_of(plan, expr) >= 0);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        expr_verify(plan, pipeline, expr->arguments[i]);
    }
}

static void slots_verify(const PlanPipeline *pipeline, const PlanOp *op) {
    for (uint32_t i = 0; i < op->slot_count; i++) {
        ASSERT(op->slots[i] >= -1 && op->slots[i] < (int32_t)pipeline->slot_count);
    }
}

// A pipeline that is called takes as many slots as its caller hands over.
static void target_verify(const Plan *plan, const PlanOp *op) {
    switch (op->kind) {
    case PLAN_FORWARD:
        ASSERT(op->slot_count == plan->pipelines.items[op->target].input_slots);
        break;
    case PLAN_WATERMARK:
        ASSERT(op->slot_count == plan->pipelines.items[op->target].input_slots + 2);
        break;
    case PLAN_UNNEST: {
        const PlanExpand *expand = &plan->expands.items[op->target];
        ASSERT(op->slot_count == plan->pipelines.items[expand->target].input_slots);
        break;
    }
    case PLAN_BUILD: {
        const PlanLookup *lookup = &plan->lookups.items[op->target];
        ASSERT(op->slot_count == lookup->key_count + lookup->column_count);
        break;
    }
    case PLAN_JOIN: {
        const PlanJoin *join = &plan->joins.items[op->target];
        const PlanLookup *lookup = &plan->lookups.items[join->lookup];
        bool gives_right = join->kind == FLOW_JOIN_INNER || join->kind == FLOW_JOIN_LEFT;
        uint32_t given = op->slot_count - lookup->key_count;
        ASSERT(plan->pipelines.items[join->target].input_slots ==
               given + (gives_right ? lookup->column_count : 0));
        break;
    }
    case PLAN_SORT:
        ASSERT(op->slot_count == plan->sorts.items[op->target].column_count);
        break;
    case PLAN_BAND: {
        const PlanBand *band = &plan->bands.items[op->target / 2];
        ASSERT(op->slot_count == band->sides[op->target % 2].column_count);
        break;
    }
    default:
        break;
    }
}

static void
ops_verify(const Plan *plan, const PlanPipeline *pipeline, PlanOps ops, uint32_t depth) {
    ASSERT(depth < FLOW_BRANCH_DEPTH_MAX);
    for (uint32_t i = 0; i < ops.count; i++) {
        const PlanOp *op = &ops.items[i];
        if (op->expr != NULL) {
            expr_verify(plan, pipeline, op->expr);
        }
        if (op->kind == PLAN_COMPUTE) {
            ASSERT(op->slot >= pipeline->input_slots && op->slot < pipeline->slot_count);
        }
        slots_verify(pipeline, op);
        target_verify(plan, op);
        for (uint32_t b = 0; b < op->branch_count; b++) {
            ops_verify(plan, pipeline, op->branches[b], depth + 1);
        }
    }
}

void plan_verify(const Plan *plan) {
    for (uint32_t i = 0; i < plan->pipelines.count; i++) {
        const PlanPipeline *pipeline = &plan->pipelines.items[i];
        ASSERT(pipeline->input_slots <= pipeline->slot_count);
        ops_verify(plan, pipeline, pipeline->ops, 0);
    }
}
