// A pipeline's function: the walk over its operations. What concerns single rows is in gen_rows and
// gen_dense; here are the ledger, the branches and the way out.
#include "gen/gen_internal.h"

enum { SELECTION_BYTES = 4, SELECTION_ALIGNMENT = 4 };

LLVMValueRef gen_selected_count(Gen *g) {
    LLVMValueRef count = GEN_FIELD(g, FlowBatch, g->fn.batch, selected_count);
    return LLVMBuildZExt(g->b, count, g->t.i64, "");
}

void gen_counter_add(Gen *g, uint32_t flow, FlowCounter counter, LLVMValueRef amount) {
    LLVMValueRef counters = GEN_FIELD(g, FlowContext, g->fn.ctx, counters);
    int64_t index = (int64_t)flow * FLOW_COUNTER_COUNT + (int64_t)counter;
    gen_add_to(g, g->t.i64, gen_at(g, g->t.i64, counters, gen_i64(g, index)), amount);
}

void gen_return_if(Gen *g, LLVMValueRef status) {
    LLVMBasicBlockRef stop = gen_block(g, "stop");
    LLVMBasicBlockRef go_on = gen_block(g, "go_on");
    LLVMValueRef is_stop = LLVMBuildICmp(g->b, LLVMIntNE, status, gen_i32(g, FLOW_RUN_OK), "");
    gen_branch_rare(g, is_stop, stop, go_on);
    LLVMPositionBuilderAtEnd(g->b, stop);
    LLVMBuildStore(g->b, status, g->fn.status);
    LLVMBuildBr(g->b, g->fn.exit);
    LLVMPositionBuilderAtEnd(g->b, go_on);
}

static GenFunctionId receiver(PlanOpKind kind) {
    switch (kind) {
    case PLAN_FORWARD:
        return GEN_flow_rt_forward;
    case PLAN_WATERMARK:
        return GEN_flow_rt_watermark;
    case PLAN_UNNEST:
        return GEN_flow_rt_unnest;
    case PLAN_BUILD:
        return GEN_flow_rt_build;
    case PLAN_JOIN:
        return GEN_flow_rt_join;
    case PLAN_SORT:
        return GEN_flow_rt_sort;
    case PLAN_BAND:
        return GEN_flow_rt_band;
    default:
        return GEN_flow_rt_emit;
    }
}

// The rows go to a sink, a state, or another pipeline.
static void rows_hand_over(Gen *g, const PlanOp *op) {
    gen_debug_at(g, op->span);
    bool is_kept = op->kind == PLAN_SORT || op->kind == PLAN_BAND;
    if (is_kept && op->flow != UINT32_MAX) {
        gen_counter_add(g, op->flow, FLOW_COUNTER_OUT, gen_selected_count(g));
    }
    LLVMValueRef arguments[] = {
        g->fn.ctx, gen_i32(g, op->target), g->fn.batch, gen_ints(g, op->slots, op->slot_count)};
    gen_return_if(g, gen_call(g, receiver(op->kind), arguments, "status"));
}

static void rows_end(Gen *g, const PlanOp *op) {
    gen_counter_add(g, op->flow, op->counter, gen_selected_count(g));
    LLVMValueRef place = GEN_FIELD_AT(g, FlowBatch, g->fn.batch, selected_count);
    LLVMBuildStore(g->b, gen_i32(g, 0), place);
}

// --- branches ---------------------------------------------------------------------------------
static void ops_emit(Gen *g, PlanOps ops, uint32_t depth);

typedef struct Branching {
    LLVMValueRef selection; // as it was before the branches
    LLVMValueRef count;     // i32
    LLVMValueRef spare;     // the copy that branches work on
} Branching;

static void selection_set(Gen *g, LLVMValueRef selection, LLVMValueRef count) {
    LLVMBuildStore(g->b, selection, GEN_FIELD_AT(g, FlowBatch, g->fn.batch, selection));
    LLVMBuildStore(g->b, count, GEN_FIELD_AT(g, FlowBatch, g->fn.batch, selected_count));
}

static Branching branching_begin(Gen *g, uint32_t depth) {
    LLVMValueRef spares = GEN_FIELD(g, FlowContext, g->fn.ctx, branch_selections);
    LLVMValueRef place = gen_at(g, g->t.ptr, spares, gen_i64(g, depth));
    return (Branching){.selection = GEN_FIELD(g, FlowBatch, g->fn.batch, selection),
                       .count = GEN_FIELD(g, FlowBatch, g->fn.batch, selected_count),
                       .spare = LLVMBuildLoad2(g->b, g->t.ptr, place, "spare")};
}

static void branches_emit(Gen *g, const PlanOp *op, uint32_t depth) {
    ASSERT(depth < FLOW_BRANCH_DEPTH_MAX);
    Branching saved = branching_begin(g, depth);
    LLVMValueRef count = LLVMBuildZExt(g->b, saved.count, g->t.i64, "");
    LLVMValueRef bytes = LLVMBuildMul(g->b, count, gen_i64(g, SELECTION_BYTES), "");
    for (uint32_t i = 0; i < op->branch_count; i++) {
        gen_debug_at(g, op->span);
        LLVMBuildMemCpy(
            g->b, saved.spare, SELECTION_ALIGNMENT, saved.selection, SELECTION_ALIGNMENT, bytes);
        selection_set(g, saved.spare, saved.count);
        ops_emit(g, op->branches[i], depth + 1);
    }
    gen_debug_at(g, op->span);
    selection_set(g, saved.selection, saved.count);
}

// --- operations -------------------------------------------------------------------------------
static bool is_dense(const PlanOp *op) {
    bool is_filter = op->kind == PLAN_FILTER || op->kind == PLAN_KEEP;
    return (op->kind == PLAN_COMPUTE || is_filter) && gen_dense_can(op->expr);
}

static bool is_row_op(const PlanOp *op) {
    return op->kind == PLAN_COMPUTE || op->kind == PLAN_FILTER || op->kind == PLAN_KEEP ||
           op->kind == PLAN_CHECK;
}

static void op_emit(Gen *g, const PlanOp *op, uint32_t depth) {
    gen_debug_at(g, op->span);
    switch (op->kind) {
    case PLAN_COUNT_IN:
        gen_counter_add(g, op->flow, FLOW_COUNTER_IN, gen_selected_count(g));
        break;
    case PLAN_COUNT_OUT:
        gen_counter_add(g, op->flow, FLOW_COUNTER_OUT, gen_selected_count(g));
        break;
    case PLAN_COUNT:
        rows_end(g, op);
        break;
    case PLAN_FILTER:
    case PLAN_KEEP:
        gen_dense_filter(g, op);
        break;
    case PLAN_GROUP:
        gen_group(g, op);
        break;
    case PLAN_EMIT:
    case PLAN_FORWARD:
    case PLAN_WATERMARK:
    case PLAN_UNNEST:
    case PLAN_BUILD:
    case PLAN_JOIN:
    case PLAN_SORT:
    case PLAN_BAND:
        rows_hand_over(g, op);
        break;
    case PLAN_BRANCH:
        branches_emit(g, op, depth);
        break;
    case PLAN_COMPUTE:
    case PLAN_CHECK:
    case PLAN_OP_COUNT:
        ASSERT(op->kind != op->kind); // they come in runs
    }
}

// Operations on single rows that stand together share a loop.
static uint32_t rows_together(PlanOps ops, uint32_t first) {
    uint32_t end = first;
    while (end < ops.count && is_row_op(&ops.items[end]) && !is_dense(&ops.items[end])) {
        end++;
    }
    return end - first;
}

static void ops_emit(Gen *g, PlanOps ops, uint32_t depth) {
    uint32_t i = 0;
    while (i < ops.count) {
        const PlanOp *op = &ops.items[i];
        uint32_t count = rows_together(ops, i);
        if (count > 0) {
            gen_rows(g, op, count);
        } else if (op->kind == PLAN_COMPUTE) {
            count = gen_dense_compute(g, op, ops.count - i);
        } else {
            op_emit(g, op, depth);
            count = 1;
        }
        i += count;
    }
}

// --- the function -----------------------------------------------------------------------------
static void exit_emit(Gen *g, LLVMValueRef selection) {
    LLVMPositionBuilderAtEnd(g->b, g->fn.exit);
    LLVMBuildStore(g->b, selection, GEN_FIELD_AT(g, FlowBatch, g->fn.batch, selection));
    LLVMBuildRet(g->b, LLVMBuildLoad2(g->b, g->t.i32, g->fn.status, ""));
}

void gen_pipeline(Gen *g, uint32_t index, LLVMValueRef function) {
    g->pipeline = &g->plan->pipelines.items[index];
    gen_function_begin(g, function, g->pipeline->span);
    g->fn.ctx = LLVMGetParam(function, 0);
    g->fn.batch = LLVMGetParam(function, 1);
    LLVMSetValueName2(g->fn.ctx, "ctx", 3);
    LLVMSetValueName2(g->fn.batch, "batch", 5);
    g->fn.exit = gen_block(g, "exit");
    g->fn.status = gen_alloca(g, g->t.i32, "status");
    LLVMBuildStore(g->b, gen_i32(g, FLOW_RUN_OK), g->fn.status);
    // The engine's own vector, which a stop inside a branch must not leave replaced.
    LLVMValueRef selection = GEN_FIELD(g, FlowBatch, g->fn.batch, selection);
    ops_emit(g, g->pipeline->ops, 0);
    gen_debug_at(g, g->pipeline->span);
    LLVMBuildBr(g->b, g->fn.exit);
    exit_emit(g, selection);
    gen_function_end(g);
}
