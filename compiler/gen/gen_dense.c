// Loops that LLVM turns into vector code: over all rows of the batch, selected or not, without a
// branch in the body. Each stands in a function of its own whose column pointers are `noalias`
// parameters: after inlining the optimiser still knows that columns do not overlap, and needs no
// check at run time.
//
// Rows that are not selected are computed too. That is harmless because only expressions that can
// not fail and follow no pointer come here, and every column has room for all rows.
#include "gen/gen_internal.h"

// --- which expressions ------------------------------------------------------------------------
static bool is_narrow(const Type *type) {
    return !gen_is_view(type) && !gen_is_wide(type) && !type_is_nested(type) &&
           type->kind != FLOW_NULL;
}

static bool all_can(const Expr *expr) {
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (!gen_dense_can(expr->arguments[i])) {
            return false;
        }
    }
    return true;
}

static bool is_short_text(const Expr *expr) {
    return expr->op == EXPR_CONST && !expr->is_null && gen_is_view(expr->type) &&
           expr->constant.view.length <= FLOW_VIEW_INLINE_MAX;
}

// A text column against short constants: 16 bytes of each row, and no pointer is followed.
static bool is_short_text_equality(const Expr *expr) {
    const Expr *first = expr->arguments[0];
    if (first->op != EXPR_COLUMN || !gen_is_view(first->type)) {
        return false;
    }
    for (uint32_t i = 1; i < expr->argument_count; i++) {
        if (!is_short_text(expr->arguments[i])) {
            return false;
        }
    }
    return true;
}

static int32_t largest(int32_t a, int32_t b) {
    return a > b ? a : b;
}

static bool is_simple_comparison(const Expr *expr) {
    enum { DIGITS_OF_I64 = 18 };
    const Type *first = expr->arguments[0]->type;
    bool is_equality = expr->op == EXPR_EQ || expr->op == EXPR_NE || expr->op == EXPR_IN;
    if (first->kind == FLOW_ENUM && !is_equality) {
        return false; // looks up ranks
    }
    for (uint32_t i = 1; first->kind == FLOW_DECIMAL && i < expr->argument_count; i++) {
        const Type *other = expr->arguments[i]->type;
        int32_t whole = largest(first->precision - first->scale, other->precision - other->scale);
        if (whole + largest(first->scale, other->scale) > DIGITS_OF_I64) {
            return false;
        }
    }
    return true;
}

static bool is_simple_cast(const Expr *expr) {
    return gen_cast_is_inline(expr->arguments[0]->type, expr->type) && !gen_is_view(expr->type) &&
           !expr_node_can_fail(expr);
}

static bool node_can(const Expr *expr) {
    switch (expr->op) {
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
    case EXPR_IN:
    case EXPR_BETWEEN:
        return is_simple_comparison(expr);
    case EXPR_DECIMAL_ADD:
    case EXPR_DECIMAL_SUB:
    case EXPR_DECIMAL_MUL:
        return gen_decimal_is_inline(expr);
    case EXPR_CAST:
        return is_simple_cast(expr);
    case EXPR_TRY_CAST: // its failure is a branch
    case EXPR_CALL:
    case EXPR_SAMPLE:
    case EXPR_CONCAT:
    case EXPR_LIKE:
    case EXPR_MATCHES:
    case EXPR_DECIMAL_DIV:
    case EXPR_DECIMAL_MOD:
    case EXPR_DECIMAL_DIV_INT:
        return false;
    default:
        return !expr_node_can_fail(expr);
    }
}

bool gen_dense_can(const Expr *expr) {
    if (expr->op == EXPR_IN && gen_in_is_search(expr)) {
        return false;
    }
    bool is_equality = expr->op == EXPR_EQ || expr->op == EXPR_NE || expr->op == EXPR_IN;
    if (is_equality && is_short_text_equality(expr)) {
        return true;
    }
    if (expr->op == EXPR_IS_NULL && expr->arguments[0]->op == EXPR_COLUMN) {
        return true; // reads only the validity
    }
    return is_narrow(expr->type) && node_can(expr) && all_can(expr);
}

// --- the function -----------------------------------------------------------------------------
enum { CTX, ROW_COUNT, MASK, FIRST_COLUMN };

// One FILTER or KEEP, or COMPUTEs that share a loop.
typedef struct Dense {
    const PlanOp *ops;
    uint32_t count;
    bool *is_used;           // by slot: read or written
    LLVMValueRef *arguments; // of the call
    uint32_t argument_count;
    GenFn outer_fn;
    GenLoop outer_loop;
} Dense;

static LLVMTypeRef function_type(Gen *g, const Dense *d) {
    LLVMTypeRef *types = arena_array(&g->arena, LLVMTypeRef, d->argument_count);
    for (uint32_t i = 0; i < d->argument_count; i++) {
        types[i] = i == ROW_COUNT ? g->t.i64 : g->t.ptr;
    }
    return LLVMFunctionType(g->t.none, types, d->argument_count, 0);
}

static void slots_collect(Dense *d) {
    for (uint32_t i = 0; i < d->count; i++) {
        expr_columns(d->ops[i].expr, d->is_used);
        if (d->ops[i].kind == PLAN_COMPUTE) {
            d->is_used[d->ops[i].slot] = true;
        }
    }
}

// As the caller sees them; values and validity of each slot in turn.
static void arguments_collect(Gen *g, Dense *d, LLVMValueRef mask) {
    LLVMValueRef row_count = GEN_FIELD(g, FlowBatch, g->fn.batch, row_count);
    d->arguments = arena_array(&g->arena, LLVMValueRef, FIRST_COLUMN + 2 * g->pipeline->slot_count);
    d->arguments[CTX] = g->fn.ctx;
    d->arguments[ROW_COUNT] = LLVMBuildZExt(g->b, row_count, g->t.i64, "");
    d->arguments[MASK] = mask;
    d->argument_count = FIRST_COLUMN;
    for (uint32_t slot = 0; slot < g->pipeline->slot_count; slot++) {
        if (d->is_used[slot]) {
            GenColumn column = gen_column(g, slot);
            d->arguments[d->argument_count++] = column.values;
            d->arguments[d->argument_count++] = column.validity;
        }
    }
}

static LLVMValueRef parameter_named(LLVMValueRef function, uint32_t index, const char *name) {
    LLVMValueRef parameter = LLVMGetParam(function, index);
    LLVMSetValueName2(parameter, name, strlen(name));
    return parameter;
}

static void columns_bind(Gen *g, const Dense *d, LLVMValueRef function) {
    uint32_t next = FIRST_COLUMN;
    for (uint32_t slot = 0; slot < g->pipeline->slot_count; slot++) {
        if (d->is_used[slot]) {
            const char *name = g->pipeline->slots[slot].name;
            LLVMValueRef values = parameter_named(function, next, name);
            g->loop.columns[slot] = (GenColumn){values, LLVMGetParam(function, next + 1)};
            next += 2;
        }
    }
}

static LLVMValueRef function_new(Gen *g, const Dense *d) {
    bool is_filter = d->ops[0].kind != PLAN_COMPUTE;
    const char *what = is_filter ? "filter" : g->pipeline->slots[d->ops[0].slot].name;
    const char *name = arena_format(&g->arena, "flow.dense.%s.%s", g->pipeline->name, what);
    LLVMValueRef function = LLVMAddFunction(g->module, name, function_type(g, d));
    LLVMSetLinkage(function, LLVMInternalLinkage);
    gen_function_attribute(g, function, (uint32_t)LLVMAttributeFunctionIndex, "alwaysinline");
    for (uint32_t i = 0; i < d->argument_count; i++) {
        if (i != ROW_COUNT) {
            gen_function_attribute(g, function, i + 1, "noalias");
        }
    }
    return function;
}

static void row_emit(Gen *g, const Dense *d) {
    if (d->ops[0].kind != PLAN_COMPUTE) {
        GenValue value = gen_expr(g, d->ops[0].expr);
        LLVMValueRef keeps = LLVMBuildZExt(g->b, gen_is_true(g, value), g->t.i8, "");
        LLVMValueRef mask = LLVMGetParam(g->fn.function, MASK);
        LLVMBuildStore(g->b, keeps, gen_at(g, g->t.i8, mask, g->loop.row));
        return;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        gen_slot_store(g, d->ops[i].slot, gen_expr(g, d->ops[i].expr));
    }
}

static void loop_emit(Gen *g, const Dense *d) {
    LLVMBasicBlockRef before = LLVMGetInsertBlock(g->b);
    LLVMBasicBlockRef body = gen_block(g, "row");
    LLVMBasicBlockRef done = gen_block(g, "done");
    LLVMValueRef limit = parameter_named(g->fn.function, ROW_COUNT, "row_count");
    LLVMValueRef is_empty = LLVMBuildICmp(g->b, LLVMIntEQ, limit, gen_i64(g, 0), "");
    LLVMBuildCondBr(g->b, is_empty, done, body);
    LLVMPositionBuilderAtEnd(g->b, body);
    LLVMValueRef zero = gen_i64(g, 0);
    g->loop.row = LLVMBuildPhi(g->b, g->t.i64, "row");
    LLVMAddIncoming(g->loop.row, &zero, &before, 1);
    row_emit(g, d);
    LLVMValueRef following = LLVMBuildAdd(g->b, g->loop.row, gen_i64(g, 1), "");
    LLVMValueRef is_last = LLVMBuildICmp(g->b, LLVMIntEQ, following, limit, "");
    LLVMBasicBlockRef end = LLVMGetInsertBlock(g->b);
    ASSERT(end == body); // a branch in the body would stop the vectoriser
    LLVMBuildCondBr(g->b, is_last, done, body);
    LLVMAddIncoming(g->loop.row, &following, &end, 1);
    LLVMPositionBuilderAtEnd(g->b, done);
    LLVMBuildRetVoid(g->b);
}

static LLVMValueRef function_emit(Gen *g, Dense *d) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b);
    d->outer_fn = g->fn;
    d->outer_loop = g->loop;
    LLVMValueRef function = function_new(g, d);
    gen_function_begin(g, function, d->ops[0].span);
    g->fn.ctx = parameter_named(function, CTX, "ctx");
    gen_columns_forget(g);
    columns_bind(g, d, function);
    loop_emit(g, d);
    gen_function_end(g);
    g->fn = d->outer_fn;
    g->loop = d->outer_loop;
    LLVMPositionBuilderAtEnd(g->b, here);
    gen_debug_at(g, d->ops[0].span);
    return function;
}

static void dense_run(Gen *g, const PlanOp *ops, uint32_t count, LLVMValueRef mask) {
    Dense d = {.ops = ops, .count = count};
    d.is_used = arena_array(&g->arena, bool, g->pipeline->slot_count + 1);
    slots_collect(&d);
    gen_columns_forget(g);
    arguments_collect(g, &d, mask);
    LLVMValueRef function = function_emit(g, &d);
    LLVMTypeRef type = LLVMGlobalGetValueType(function);
    LLVMBuildCall2(g->b, type, function, d.arguments, d.argument_count, "");
}

// --- operations -------------------------------------------------------------------------------
// As many as leave the loop simple enough for registers and the vectoriser.
static uint32_t computes_together(const PlanOp *ops, uint32_t count) {
    enum { TOGETHER_MAX = 8 };
    uint32_t end = 1;
    while (end < count && end < TOGETHER_MAX && ops[end].kind == PLAN_COMPUTE &&
           gen_dense_can(ops[end].expr)) {
        end++;
    }
    return end;
}

uint32_t gen_dense_compute(Gen *g, const PlanOp *ops, uint32_t count) {
    uint32_t together = computes_together(ops, count);
    gen_debug_at(g, ops[0].span);
    dense_run(g, ops, together, LLVMConstNull(g->t.ptr));
    return together;
}

static LLVMValueRef selected_by(Gen *g, LLVMValueRef mask, LLVMValueRef selected) {
    LLVMValueRef row_count = GEN_FIELD(g, FlowBatch, g->fn.batch, row_count);
    LLVMValueRef selection = GEN_FIELD(g, FlowBatch, g->fn.batch, selection);
    LLVMBasicBlockRef dense = gen_block(g, "select.dense");
    LLVMBasicBlockRef sparse = gen_block(g, "select.sparse");
    LLVMBasicBlockRef done = gen_block(g, "select.done");
    LLVMValueRef is_dense = LLVMBuildICmp(g->b, LLVMIntEQ, row_count, selected, "is_dense");
    LLVMBuildCondBr(g->b, is_dense, dense, sparse);
    LLVMPositionBuilderAtEnd(g->b, dense);
    LLVMValueRef all[] = {mask, row_count, selection};
    LLVMValueRef of_all = gen_call(g, GEN_flow_h_select_dense, all, "");
    LLVMBuildBr(g->b, done);
    LLVMPositionBuilderAtEnd(g->b, sparse);
    LLVMValueRef some[] = {mask, selection, selected};
    LLVMValueRef of_some = gen_call(g, GEN_flow_h_select_sparse, some, "");
    gen_goto(g, done);
    return gen_phi(g, of_all, dense, of_some, sparse);
}

void gen_dense_filter(Gen *g, const PlanOp *op) {
    gen_debug_at(g, op->span);
    LLVMValueRef mask = GEN_FIELD(g, FlowContext, g->fn.ctx, mask);
    dense_run(g, op, 1, mask);
    LLVMValueRef selected = GEN_FIELD(g, FlowBatch, g->fn.batch, selected_count);
    LLVMValueRef kept = selected_by(g, mask, selected);
    LLVMBuildStore(g->b, kept, GEN_FIELD_AT(g, FlowBatch, g->fn.batch, selected_count));
    if (op->kind == PLAN_KEEP) {
        return;
    }
    LLVMValueRef filtered = LLVMBuildSub(g->b, selected, kept, "filtered");
    LLVMValueRef amount = LLVMBuildZExt(g->b, filtered, g->t.i64, "");
    gen_counter_add(g, op->flow, FLOW_COUNTER_FILTERED, amount);
}
