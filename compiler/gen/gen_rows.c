// Loops over the selection, for what can reject a row, needs the runtime, or follows pointers. The
// selection is compacted in place: the rows kept so far never outrun the row at hand.
#include "gen/gen_internal.h"

static void row_number_load(Gen *g) {
    LLVMValueRef place = gen_at(g, g->t.i32, g->loop.selection, g->loop.index);
    g->loop.row32 = LLVMBuildLoad2(g->b, g->t.i32, place, "row");
    g->loop.row = LLVMBuildZExt(g->b, g->loop.row32, g->t.i64, "");
}

void gen_loop_begin(Gen *g) {
    gen_goto(g, gen_block(g, "rows"));
    gen_columns_forget(g);
    g->loop.head = gen_block(g, "rows.head");
    g->loop.next = gen_block(g, "row.next");
    g->loop.done = gen_block(g, "rows.done");
    g->loop.limit = gen_selected_count(g);
    g->loop.selection = GEN_FIELD(g, FlowBatch, g->fn.batch, selection);
    g->loop.kept = gen_alloca(g, g->t.i64, "kept");
    LLVMBuildStore(g->b, gen_i64(g, 0), g->loop.kept);
    LLVMPositionBuilderAtEnd(g->b, g->loop.head);
    g->loop.index = LLVMBuildPhi(g->b, g->t.i64, "index");
    LLVMValueRef goes_on = LLVMBuildICmp(g->b, LLVMIntULT, g->loop.index, g->loop.limit, "");
    LLVMBasicBlockRef body = gen_block(g, "row");
    LLVMBuildCondBr(g->b, goes_on, body, g->loop.done);
    LLVMPositionBuilderAtEnd(g->b, body);
    row_number_load(g);
}

static void reject_emit(Gen *g) {
    if (g->loop.reject == NULL) {
        return;
    }
    LLVMPositionBuilderAtEnd(g->b, g->loop.reject);
    LLVMValueRef site = LLVMBuildLoad2(g->b, g->t.i32, g->loop.site, "site");
    LLVMValueRef arguments[] = {g->fn.ctx, g->fn.batch, g->loop.row32, site};
    gen_call(g, GEN_flow_rt_reject, arguments, "");
    LLVMBuildBr(g->b, g->loop.next);
}

// Ends the body's last block; the builder then stands behind the loop.
void gen_loop_end(Gen *g) {
    LLVMBuildBr(g->b, g->loop.next);
    reject_emit(g);
    LLVMPositionBuilderAtEnd(g->b, g->loop.next);
    LLVMValueRef following = LLVMBuildAdd(g->b, g->loop.index, gen_i64(g, 1), "");
    LLVMBuildBr(g->b, g->loop.head);
    LLVMPositionBuilderAtEnd(g->b, g->loop.before);
    LLVMBuildBr(g->b, g->loop.head);
    LLVMValueRef zero = gen_i64(g, 0);
    LLVMAddIncoming(g->loop.index, &zero, &g->loop.before, 1);
    LLVMAddIncoming(g->loop.index, &following, &g->loop.next, 1);
    LLVMPositionBuilderAtEnd(g->b, g->loop.done);
}

static void row_keep(Gen *g) {
    LLVMValueRef kept = LLVMBuildLoad2(g->b, g->t.i64, g->loop.kept, "");
    LLVMValueRef place = gen_at(g, g->t.i32, g->loop.selection, kept);
    LLVMBuildStore(g->b, g->loop.row32, place);
    LLVMBuildStore(g->b, LLVMBuildAdd(g->b, kept, gen_i64(g, 1), ""), g->loop.kept);
}

static void selection_shorten(Gen *g) {
    LLVMValueRef kept = LLVMBuildLoad2(g->b, g->t.i64, g->loop.kept, "");
    LLVMValueRef count = LLVMBuildTrunc(g->b, kept, g->t.i32, "");
    LLVMBuildStore(g->b, count, GEN_FIELD_AT(g, FlowBatch, g->fn.batch, selected_count));
}

// --- operations -------------------------------------------------------------------------------
// Counts in a register during the loop; the ledger gets it afterwards.
static LLVMValueRef filter_counter(Gen *g) {
    LLVMValueRef counter = gen_alloca(g, g->t.i64, "filtered");
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b);
    LLVMPositionBuilderAtEnd(g->b, g->loop.before);
    LLVMBuildStore(g->b, gen_i64(g, 0), counter);
    LLVMPositionBuilderAtEnd(g->b, here);
    return counter;
}

// The counter of the rows that end here; NULL: a KEEP, which counts none.
static LLVMValueRef row_filter(Gen *g, const PlanOp *op) {
    LLVMValueRef counter = op->kind == PLAN_KEEP ? NULL : filter_counter(g);
    LLVMValueRef keeps = gen_is_true(g, gen_expr(g, op->expr));
    LLVMBasicBlockRef dropped = gen_block(g, "filter.drop");
    LLVMBasicBlockRef kept = gen_block(g, "filter.keep");
    LLVMBuildCondBr(g->b, keeps, kept, dropped);
    LLVMPositionBuilderAtEnd(g->b, dropped);
    if (counter != NULL) {
        gen_add_to(g, g->t.i64, counter, gen_i64(g, 1));
    }
    LLVMBuildBr(g->b, g->loop.next);
    LLVMPositionBuilderAtEnd(g->b, kept);
    return counter;
}

static void row_check(Gen *g, const PlanOp *op) {
    LLVMValueRef holds = gen_is_true(g, gen_expr(g, op->expr));
    LLVMBasicBlockRef broken = gen_block(g, "check.broken");
    LLVMBasicBlockRef fine = gen_block(g, "check.fine");
    gen_debug_at(g, op->span);
    gen_branch_rare(g, gen_not(g, holds), broken, fine);
    LLVMPositionBuilderAtEnd(g->b, broken);
    LLVMValueRef arguments[] = {
        g->fn.ctx, g->fn.batch, g->loop.row32, gen_i32(g, op->site), gen_i32(g, op->reaction)};
    gen_return_if(g, gen_call(g, GEN_flow_rt_check_failed, arguments, ""));
    LLVMBuildBr(g->b, op->reaction == FLOW_REACTION_WARN ? fine : g->loop.next);
    LLVMPositionBuilderAtEnd(g->b, fine);
}

void gen_rows(Gen *g, const PlanOp *ops, uint32_t count) {
    LLVMValueRef *counters = arena_array(&g->arena, LLVMValueRef, count);
    gen_debug_at(g, ops[0].span);
    gen_loop_begin(g);
    for (uint32_t i = 0; i < count; i++) {
        gen_debug_at(g, ops[i].span);
        if (ops[i].kind == PLAN_COMPUTE) {
            const Type *type = g->pipeline->slots[ops[i].slot].type;
            gen_slot_store(g, ops[i].slot, gen_expr_as(g, ops[i].expr, type));
        } else if (ops[i].kind == PLAN_FILTER || ops[i].kind == PLAN_KEEP) {
            counters[i] = row_filter(g, &ops[i]);
        } else {
            row_check(g, &ops[i]);
        }
    }
    row_keep(g);
    gen_loop_end(g);
    selection_shorten(g);
    for (uint32_t i = 0; i < count; i++) {
        if (counters[i] != NULL) {
            LLVMValueRef filtered = LLVMBuildLoad2(g->b, g->t.i64, counters[i], "filtered");
            gen_counter_add(g, ops[i].flow, FLOW_COUNTER_FILTERED, filtered);
        }
    }
}
