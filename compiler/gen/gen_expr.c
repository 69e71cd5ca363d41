// Expressions: what decides for itself which operands it evaluates; the others are in tables and
// get their operands evaluated. Where an operand that need not be evaluated is cheap and can not
// fail, it is evaluated all the same and selected: a branch costs more and stops vectors.
#include "gen/gen_internal.h"

// --- rejection --------------------------------------------------------------------------------
static void reject_prepare(Gen *g) {
    if (g->loop.reject == NULL) {
        g->loop.reject = gen_block(g, "row.reject");
        g->loop.site = gen_alloca(g, g->t.i32, "site");
    }
}

void gen_fail_if(Gen *g, const Expr *expr, LLVMValueRef condition) {
    int32_t site = plan_site_of(g->plan, expr);
    if (site < 0) {
        return; // this operator can not fail
    }
    reject_prepare(g);
    LLVMBasicBlockRef failed = gen_block(g, "failed");
    LLVMBasicBlockRef fine = gen_block(g, "fine");
    gen_branch_rare(g, condition, failed, fine);
    LLVMPositionBuilderAtEnd(g->b, failed);
    LLVMBuildStore(g->b, gen_i32(g, site), g->loop.site);
    LLVMBuildBr(g->b, g->loop.reject);
    LLVMPositionBuilderAtEnd(g->b, fine);
}

static bool lambda_can_fail(const Expr *call) {
    for (uint32_t i = 0; i < call->argument_count; i++) {
        if (call->arguments[i]->op == EXPR_LAMBDA && expr_can_fail(call->arguments[i])) {
            return true;
        }
    }
    return false;
}

void gen_call_fail_if(Gen *g, const Expr *call, LLVMValueRef condition) {
    if (!lambda_can_fail(call)) {
        gen_fail_if(g, call, condition);
        return;
    }
    reject_prepare(g);
    LLVMBasicBlockRef failed = gen_block(g, "call.failed");
    LLVMBasicBlockRef fine = gen_block(g, "call.fine");
    gen_branch_rare(g, condition, failed, fine);
    LLVMPositionBuilderAtEnd(g->b, failed);
    LLVMValueRef place = GEN_FIELD_AT(g, FlowContext, g->fn.ctx, failed_site);
    LLVMValueRef inner = LLVMBuildLoad2(g->b, g->t.i32, place, "");
    LLVMValueRef own = gen_i32(g, plan_site_of(g->plan, call));
    LLVMValueRef is_inner = LLVMBuildICmp(g->b, LLVMIntSGE, inner, gen_i32(g, 0), "");
    LLVMValueRef site = LLVMBuildSelect(g->b, is_inner, inner, own, "");
    LLVMBuildStore(g->b, gen_i32(g, FLOW_NO_INDEX), place);
    LLVMBuildStore(g->b, site, g->loop.site);
    LLVMBuildBr(g->b, g->loop.reject);
    LLVMPositionBuilderAtEnd(g->b, fine);
}

// --- what may be evaluated although it is not needed ------------------------------------------
static bool has_nested_argument(const Expr *expr) {
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (type_is_nested(expr->arguments[i]->type)) {
            return true;
        }
    }
    return false;
}

static bool is_cheap_node(const Expr *expr) {
    if (expr->op != EXPR_IS_NULL && has_nested_argument(expr)) {
        return false;
    }
    switch (expr->op) {
    case EXPR_CALL:
    case EXPR_LIST:
    case EXPR_STRUCT:
    case EXPR_CONCAT:
    case EXPR_LIKE:
    case EXPR_MATCHES:
    case EXPR_TRY_CAST:
    case EXPR_DECIMAL_DIV:
    case EXPR_DECIMAL_MOD:
    case EXPR_DECIMAL_DIV_INT:
        return false;
    case EXPR_CAST:
        return gen_cast_is_inline(expr->arguments[0]->type, expr->type);
    default:
        return !gen_is_view(expr->type) || expr->argument_count == 0;
    }
}

static bool is_cheap(const Expr *expr) {
    if (!is_cheap_node(expr) || expr_node_can_fail(expr)) {
        return false;
    }
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (!is_cheap(expr->arguments[i])) {
            return false;
        }
    }
    return true;
}

// --- leaves -----------------------------------------------------------------------------------
static GenValue emit_const(Gen *g, const Expr *expr) {
    return expr->is_null ? gen_null(g, expr->type)
                         : gen_constant_value(g, expr->type, expr->constant);
}

static GenValue emit_column(Gen *g, const Expr *expr) {
    return g->lambda != NULL ? gen_lambda_value(g, expr) : gen_slot_load(g, expr->index);
}

static GenValue emit_param(Gen *g, const Expr *expr) {
    return gen_param_load(g, expr->index, expr->type);
}

static GenValue emit_now(Gen *g, const Expr *expr) {
    (void)expr;
    return (GenValue){GEN_FIELD(g, FlowContext, g->fn.ctx, now_us), NULL};
}

static GenValue emit_epoch(Gen *g, const Expr *expr) {
    (void)expr;
    return (GenValue){GEN_FIELD(g, FlowContext, g->fn.ctx, epoch_order), NULL};
}

// --- logic ------------------------------------------------------------------------------------
static LLVMValueRef is_false(Gen *g, GenValue value) {
    return gen_and(g, gen_not(g, value.value), value.valid);
}

GenValue gen_all_of(Gen *g, GenValue a, GenValue b) {
    GenValue result = {gen_and(g, gen_is_true(g, a), gen_is_true(g, b)), NULL};
    if (a.valid != NULL || b.valid != NULL) {
        LLVMValueRef either = LLVMBuildOr(g->b, is_false(g, a), is_false(g, b), "");
        result.valid = LLVMBuildOr(g->b, result.value, either, "");
    }
    return result;
}

static GenValue combine_or(Gen *g, GenValue a, GenValue b) {
    GenValue result = {LLVMBuildOr(g->b, gen_is_true(g, a), gen_is_true(g, b), ""), NULL};
    if (a.valid != NULL || b.valid != NULL) {
        LLVMValueRef both = gen_and(g, is_false(g, a), is_false(g, b));
        result.valid = LLVMBuildOr(g->b, result.value, both, "");
    }
    return result;
}

static GenValue emit_logic(Gen *g, const Expr *expr) {
    bool is_and = expr->op == EXPR_AND;
    GenValue left = gen_expr(g, expr->arguments[0]);
    if (is_cheap(expr->arguments[1])) {
        GenValue right = gen_expr(g, expr->arguments[1]);
        return is_and ? gen_all_of(g, left, right) : combine_or(g, left, right);
    }
    LLVMValueRef is_decided = is_and ? is_false(g, left) : gen_is_true(g, left);
    LLVMBasicBlockRef decided_at = LLVMGetInsertBlock(g->b);
    LLVMBasicBlockRef more = gen_block(g, is_and ? "and.right" : "or.right");
    LLVMBasicBlockRef done = gen_block(g, is_and ? "and.done" : "or.done");
    LLVMBuildCondBr(g->b, is_decided, done, more);
    LLVMPositionBuilderAtEnd(g->b, more);
    GenValue right = gen_expr(g, expr->arguments[1]);
    GenValue both = is_and ? gen_all_of(g, left, right) : combine_or(g, left, right);
    LLVMBasicBlockRef right_at = LLVMGetInsertBlock(g->b);
    gen_goto(g, done);
    return gen_merge(g, (GenValue){gen_i1(g, !is_and), NULL}, decided_at, both, right_at);
}

static GenValue emit_not(Gen *g, const Expr *expr) {
    GenValue value = gen_expr(g, expr->arguments[0]);
    return (GenValue){gen_not(g, value.value), value.valid};
}

static GenValue emit_is_null(Gen *g, const Expr *expr) {
    GenValue value = gen_expr(g, expr->arguments[0]);
    LLVMValueRef is_null = value.valid == NULL ? gen_i1(g, false) : gen_not(g, value.valid);
    return (GenValue){is_null, NULL};
}

// --- choice -----------------------------------------------------------------------------------
GenValue gen_expr_as(Gen *g, const Expr *expr, const Type *type) {
    GenValue value = gen_expr(g, expr);
    return expr->type->kind == FLOW_NULL ? gen_null(g, type) : value;
}

static GenValue
emit_choice(Gen *g, const Type *type, LLVMValueRef condition, const Expr *const branches[2]) {
    if (is_cheap(branches[0]) && is_cheap(branches[1])) {
        GenValue yes = gen_expr_as(g, branches[0], type);
        GenValue no = gen_expr_as(g, branches[1], type);
        return gen_select(g, condition, yes, no);
    }
    LLVMBasicBlockRef yes_block = gen_block(g, "if.then");
    LLVMBasicBlockRef no_block = gen_block(g, "if.else");
    LLVMBasicBlockRef done = gen_block(g, "if.done");
    LLVMBuildCondBr(g->b, condition, yes_block, no_block);
    LLVMPositionBuilderAtEnd(g->b, yes_block);
    GenValue yes = gen_expr_as(g, branches[0], type);
    LLVMBasicBlockRef yes_at = LLVMGetInsertBlock(g->b);
    LLVMBuildBr(g->b, done);
    LLVMPositionBuilderAtEnd(g->b, no_block);
    GenValue no = gen_expr_as(g, branches[1], type);
    LLVMBasicBlockRef no_at = LLVMGetInsertBlock(g->b);
    gen_goto(g, done);
    return gen_merge(g, yes, yes_at, no, no_at);
}

static GenValue emit_if(Gen *g, const Expr *expr) {
    LLVMValueRef condition = gen_is_true(g, gen_expr(g, expr->arguments[0]));
    return emit_choice(g, expr->type, condition, &expr->arguments[1]);
}

static GenValue emit_coalesce(Gen *g, const Expr *expr) {
    GenValue left = gen_expr_as(g, expr->arguments[0], expr->type);
    if (left.valid == NULL) {
        return left;
    }
    GenValue known = {left.value, NULL};
    if (is_cheap(expr->arguments[1])) {
        GenValue right = gen_expr_as(g, expr->arguments[1], expr->type);
        return gen_select(g, left.valid, known, right);
    }
    LLVMBasicBlockRef left_at = LLVMGetInsertBlock(g->b);
    LLVMBasicBlockRef other = gen_block(g, "coalesce.right");
    LLVMBasicBlockRef done = gen_block(g, "coalesce.done");
    LLVMBuildCondBr(g->b, left.valid, done, other);
    LLVMPositionBuilderAtEnd(g->b, other);
    GenValue right = gen_expr_as(g, expr->arguments[1], expr->type);
    LLVMBasicBlockRef right_at = LLVMGetInsertBlock(g->b);
    gen_goto(g, done);
    return gen_merge(g, known, left_at, right, right_at);
}

// --- all operators ----------------------------------------------------------------------------
typedef GenValue Emitter(Gen *g, const Expr *expr);

static Emitter *const emitters[EXPR_OP_COUNT] = {
    [EXPR_CONST] = emit_const,
    [EXPR_COLUMN] = emit_column,
    [EXPR_PARAM] = emit_param,
    [EXPR_NOW] = emit_now,
    [EXPR_EPOCH] = emit_epoch,
    [EXPR_AND] = emit_logic,
    [EXPR_OR] = emit_logic,
    [EXPR_NOT] = emit_not,
    [EXPR_IS_NULL] = emit_is_null,
    [EXPR_COALESCE] = emit_coalesce,
    [EXPR_IF] = emit_if,
    [EXPR_LAMBDA] = gen_lambda,
    [EXPR_ARGUMENT] = gen_lambda_value,
};

static GenStrict *const strict_emitters[EXPR_OP_COUNT] = {
    [EXPR_NEG] = gen_negate,
    [EXPR_ADD] = gen_add,
    [EXPR_SUB] = gen_subtract,
    [EXPR_MUL] = gen_multiply,
    [EXPR_DIV] = gen_divide,
    [EXPR_DIV_INT] = gen_divide_int,
    [EXPR_MOD] = gen_modulo,
    [EXPR_DECIMAL_ADD] = gen_decimal_add,
    [EXPR_DECIMAL_SUB] = gen_decimal_subtract,
    [EXPR_DECIMAL_MUL] = gen_decimal_multiply,
    [EXPR_DECIMAL_DIV] = gen_decimal_divide,
    [EXPR_DECIMAL_MOD] = gen_decimal_modulo,
    [EXPR_DECIMAL_DIV_INT] = gen_decimal_divide_int,
    [EXPR_TIME_ADD] = gen_time_add,
    [EXPR_TIME_SUB] = gen_time_subtract,
    [EXPR_TIME_DIFF] = gen_time_difference,
    [EXPR_DATE_ADD] = gen_date_add,
    [EXPR_CONCAT] = gen_concat,
    [EXPR_EQ] = gen_compare,
    [EXPR_NE] = gen_compare,
    [EXPR_LT] = gen_compare,
    [EXPR_LE] = gen_compare,
    [EXPR_GT] = gen_compare,
    [EXPR_GE] = gen_compare,
    [EXPR_IN] = gen_in,
    [EXPR_BETWEEN] = gen_between,
    [EXPR_LIKE] = gen_like,
    [EXPR_MATCHES] = gen_matches,
    [EXPR_CAST] = gen_cast,
    [EXPR_TRY_CAST] = gen_try_cast,
    [EXPR_WINDOW_START] = gen_window_start,
    [EXPR_WINDOW_CALENDAR] = gen_window,
    [EXPR_WINDOW_END] = gen_window,
    [EXPR_WINDOW_DATE] = gen_window,
    [EXPR_WINDOW_STARTS] = gen_window,
    [EXPR_WINDOW_ENDS] = gen_window,
    [EXPR_SAMPLE] = gen_sample,
    [EXPR_CALL] = gen_builtin,
    [EXPR_STRUCT] = gen_nested_make,
    [EXPR_LIST] = gen_nested_make,
    [EXPR_FIELD] = gen_struct_field,
    [EXPR_INDEX] = gen_index,
};

static GenValue strict_emit(Gen *g, const Expr *expr) {
    ASSERT(strict_emitters[expr->op] != NULL);
    GenValue *arguments = arena_array(&g->arena, GenValue, expr->argument_count + 1);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        arguments[i] = gen_expr(g, expr->arguments[i]);
    }
    gen_debug_at(g, expr->span); // the operands have moved it
    return strict_emitters[expr->op](g, expr, arguments);
}

GenValue gen_expr(Gen *g, const Expr *expr) {
    GenValue value;
    gen_debug_at(g, expr->span);
    if (emitters[expr->op] != NULL) {
        value = emitters[expr->op](g, expr);
    } else if (expr->op == EXPR_IN && gen_in_is_search(expr)) {
        value = gen_in_search(g, expr, gen_expr(g, expr->arguments[0]));
    } else {
        value = strict_emit(g, expr);
    }
    if (!expr->type->is_nullable) {
        value.valid = NULL; // check has proved it, maybe by what an earlier test left
    }
    return value;
}
