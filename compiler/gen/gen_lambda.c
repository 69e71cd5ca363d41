// Lambdas: each body is a function of its own, called by the built-in that got it. What it reads of
// the row around it, columns and parameters of lambdas further out, is packed where the lambda
// stands; its failures go back through ctx->failed_site.
#include "gen/gen_internal.h"

enum { CTX, LAMBDA, ARGUMENTS, VALIDITY, RESULT, PARAMETER_COUNT };

// --- what a body takes from around it ----------------------------------------------------------
typedef struct Bound { // lambdas around a node, from the body outwards
    const struct Bound *outer;
    const Expr *lambda;
} Bound;

static bool is_parameter_of(const Expr *lambda, uint32_t number) {
    return number >= lambda->index && number < lambda->index + lambda->parameter_count;
}

static bool is_free(const Bound *bound, const Expr *expr) {
    for (; expr->op == EXPR_ARGUMENT && bound != NULL; bound = bound->outer) {
        if (is_parameter_of(bound->lambda, expr->index)) {
            return false;
        }
    }
    return expr->op == EXPR_COLUMN || expr->op == EXPR_ARGUMENT;
}

static int32_t capture_find(const GenLambda *lambda, const Expr *expr) {
    for (uint32_t i = 0; i < lambda->captures.count; i++) {
        const Expr *known = lambda->captures.items[i];
        if (known->op == expr->op && known->index == expr->index) {
            return (int32_t)i;
        }
    }
    return -1;
}

// Where an earlier test has proved that a column is there its `?` is gone; taken is what may be
// null wherever one of the places says so.
static void capture_add(Gen *g, GenLambda *lambda, const Expr *expr) {
    int32_t known = capture_find(lambda, expr);
    if (known < 0) {
        *vec_push(&g->arena, &lambda->captures) = expr;
    } else if (expr->type->is_nullable) {
        lambda->captures.items[known] = expr;
    }
}

static void captures_collect(Gen *g, GenLambda *lambda, const Bound *bound, const Expr *expr) {
    if (is_free(bound, expr)) {
        capture_add(g, lambda, expr);
    }
    Bound inner = {bound, expr};
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        captures_collect(g, lambda, expr->op == EXPR_LAMBDA ? &inner : bound, expr->arguments[i]);
    }
}

// --- inside the body --------------------------------------------------------------------------
static GenValue
value_at(Gen *g, const Type *type, LLVMValueRef values, LLVMValueRef validity, uint32_t index) {
    LLVMValueRef valid = NULL;
    LLVMValueRef place = gen_i64(g, index);
    if (type->is_nullable) {
        LLVMValueRef byte = LLVMBuildLoad2(g->b, g->t.i8, gen_at(g, g->t.i8, validity, place), "");
        valid = LLVMBuildICmp(g->b, LLVMIntNE, byte, gen_int(g->t.i8, 0), "");
    }
    return gen_value_read(g, type, gen_at(g, g->t.value, values, place), valid);
}

static LLVMValueRef lambda_part(Gen *g, size_t offset) {
    LLVMValueRef lambda = LLVMGetParam(g->fn.function, LAMBDA);
    LLVMValueRef place = gen_at(g, g->t.i8, lambda, gen_i64(g, (int64_t)offset));
    return gen_load(g, g->t.ptr, place, sizeof(void *), "");
}

GenValue gen_lambda_value(Gen *g, const Expr *expr) {
    const GenLambda *lambda = g->lambda;
    if (expr->op == EXPR_ARGUMENT && is_parameter_of(lambda->expr, expr->index)) {
        LLVMValueRef arguments = LLVMGetParam(g->fn.function, ARGUMENTS);
        LLVMValueRef validity = LLVMGetParam(g->fn.function, VALIDITY);
        return value_at(g, expr->type, arguments, validity, expr->index - lambda->expr->index);
    }
    int32_t capture = capture_find(lambda, expr);
    ASSERT(capture >= 0);
    return value_at(g,
                    lambda->captures.items[capture]->type,
                    lambda_part(g, offsetof(FlowLambda, captures)),
                    lambda_part(g, offsetof(FlowLambda, capture_validity)),
                    (uint32_t)capture);
}

static void result_emit(Gen *g, const Expr *body) {
    GenValue value = gen_expr(g, body);
    LLVMValueRef status = gen_i32(g, FLOW_VALUE_OK);
    if (value.valid != NULL) {
        LLVMValueRef null = gen_i32(g, FLOW_VALUE_NULL);
        status = LLVMBuildSelect(g->b, value.valid, status, null, "");
    }
    gen_value_pack(g, body->type, value.value, LLVMGetParam(g->fn.function, RESULT));
    LLVMBuildRet(g->b, status);
}

static void failure_emit(Gen *g) {
    if (g->loop.reject == NULL) {
        return;
    }
    LLVMPositionBuilderAtEnd(g->b, g->loop.reject);
    LLVMValueRef site = LLVMBuildLoad2(g->b, g->t.i32, g->loop.site, "site");
    LLVMBuildStore(g->b, site, GEN_FIELD_AT(g, FlowContext, g->fn.ctx, failed_site));
    LLVMBuildRet(g->b, gen_i32(g, FLOW_VALUE_ERROR));
}

static LLVMValueRef function_new(Gen *g) {
    LLVMTypeRef types[PARAMETER_COUNT];
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        types[i] = g->t.ptr;
    }
    const char *name = arena_format(&g->arena, "flow.lambda.%s", g->pipeline->name);
    LLVMTypeRef type = LLVMFunctionType(g->t.i32, types, PARAMETER_COUNT, 0);
    LLVMValueRef function = LLVMAddFunction(g->module, name, type);
    LLVMSetLinkage(function, LLVMInternalLinkage);
    return function;
}

static LLVMValueRef function_emit(Gen *g, GenLambda *lambda) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b);
    GenFn outer_fn = g->fn;
    GenLoop outer_loop = g->loop;
    const GenLambda *outer_lambda = g->lambda;
    LLVMValueRef function = function_new(g);
    gen_function_begin(g, function, lambda->expr->span);
    g->fn.ctx = LLVMGetParam(function, CTX);
    g->lambda = lambda;
    gen_columns_forget(g);
    result_emit(g, lambda->expr->arguments[0]);
    failure_emit(g);
    gen_function_end(g);
    g->fn = outer_fn;
    g->loop = outer_loop;
    g->lambda = outer_lambda;
    LLVMPositionBuilderAtEnd(g->b, here);
    gen_debug_at(g, lambda->expr->span);
    return function;
}

// --- where the lambda stands ------------------------------------------------------------------
static void pointer_store(Gen *g, LLVMValueRef lambda, size_t offset, LLVMValueRef value) {
    LLVMValueRef place = gen_at(g, g->t.i8, lambda, gen_i64(g, (int64_t)offset));
    gen_store(g, value, place, sizeof(void *));
}

static void captures_pack(Gen *g, const GenLambda *captured, LLVMValueRef lambda) {
    uint32_t count = captured->captures.count;
    LLVMValueRef values = gen_alloca(g, LLVMArrayType2(g->t.value, count), "captures");
    LLVMValueRef validity = gen_alloca(g, LLVMArrayType2(g->t.i8, count), "captures.valid");
    for (uint32_t i = 0; i < count; i++) {
        const Expr *expr = captured->captures.items[i];
        GenValue value = gen_expr(g, expr);
        LLVMValueRef valid = value.valid == NULL ? gen_i1(g, true) : value.valid;
        LLVMValueRef byte = LLVMBuildZExt(g->b, valid, g->t.i8, "");
        gen_value_pack(g, expr->type, value.value, gen_at(g, g->t.value, values, gen_i64(g, i)));
        gen_store(g, byte, gen_at(g, g->t.i8, validity, gen_i64(g, i)), 1);
    }
    pointer_store(g, lambda, offsetof(FlowLambda, captures), values);
    pointer_store(g, lambda, offsetof(FlowLambda, capture_validity), validity);
}

GenValue gen_lambda(Gen *g, const Expr *expr) {
    GenLambda captured = {.expr = expr};
    Bound own = {NULL, expr};
    captures_collect(g, &captured, &own, expr->arguments[0]);
    LLVMTypeRef type = LLVMArrayType2(g->t.ptr, sizeof(FlowLambda) / sizeof(void *));
    LLVMValueRef lambda = gen_alloca(g, type, "lambda");
    captures_pack(g, &captured, lambda);
    pointer_store(g, lambda, offsetof(FlowLambda, run), function_emit(g, &captured));
    return (GenValue){lambda, NULL};
}
