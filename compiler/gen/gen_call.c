// Calls of the runtime's kernels and built-in functions: (ctx, arguments, result, info) → status,
// all values as FlowValues. A null argument gives null without a call.
#include "gen/gen_internal.h"

// --- places -----------------------------------------------------------------------------------
// One array a function serves all calls: it is filled after the arguments were evaluated and read
// before the next call is made.
static LLVMValueRef arguments_room(Gen *g, uint32_t count) {
    enum { ARGUMENTS_MIN = 4 };
    if (g->fn.arguments == NULL || count > g->fn.argument_room) {
        g->fn.argument_room = count < ARGUMENTS_MIN ? ARGUMENTS_MIN : count;
        LLVMTypeRef type = LLVMArrayType2(g->t.value, g->fn.argument_room);
        g->fn.arguments = gen_alloca(g, type, "arguments");
    }
    return g->fn.arguments;
}

static LLVMValueRef arguments_pack(Gen *g, const Expr *expr, const GenValue *arguments) {
    LLVMValueRef room = arguments_room(g, expr->argument_count);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        LLVMValueRef place = gen_at(g, g->t.value, room, gen_i64(g, i));
        if (expr->arguments[i]->op == EXPR_LAMBDA) {
            LLVMBuildStore(g->b, arguments[i].value, place);
        } else {
            gen_value_pack(g, expr->arguments[i]->type, arguments[i].value, place);
        }
    }
    return room;
}

static LLVMValueRef arguments_valid(Gen *g, const Expr *expr, const GenValue *arguments) {
    LLVMValueRef valid = NULL;
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        valid = gen_and(g, valid, arguments[i].valid);
    }
    return valid;
}

// --- the call ---------------------------------------------------------------------------------
typedef struct Call {
    const char *symbol; // flow_rt_k_… or flow_rt_fn_…
    const Expr *expr;
    bool is_try; // a failure is null, not a rejection
} Call;

static LLVMValueRef kernel_function(Gen *g, const char *symbol, LLVMTypeRef type) {
    LLVMValueRef function = LLVMGetNamedFunction(g->module, symbol);
    if (function == NULL) {
        function = LLVMAddFunction(g->module, symbol, type);
        gen_function_attribute(g, function, (uint32_t)LLVMAttributeFunctionIndex, "nounwind");
    }
    return function;
}

static LLVMValueRef status_is(Gen *g, LLVMValueRef status, int32_t which) {
    return LLVMBuildICmp(g->b, LLVMIntEQ, status, gen_i32(g, which), "");
}

static GenValue call_emit(Gen *g, const Call *call, const GenValue *arguments) {
    LLVMTypeRef types[] = {g->t.ptr, g->t.ptr, g->t.ptr, g->t.ptr};
    LLVMTypeRef type = LLVMFunctionType(g->t.i32, types, COUNT_OF(types), 0);
    LLVMValueRef place = gen_alloca(g, g->t.value, "result");
    LLVMValueRef values[] = {
        g->fn.ctx,
        arguments_pack(g, call->expr, arguments),
        place,
        gen_kernel_info(g, call->expr, plan_site_of(g->plan, call->expr)),
    };
    LLVMValueRef function = kernel_function(g, call->symbol, type);
    LLVMValueRef status = LLVMBuildCall2(g->b, type, function, values, COUNT_OF(values), "status");
    GenValue result = {NULL, NULL};
    if (call->is_try) {
        result.valid = status_is(g, status, FLOW_VALUE_OK);
    } else {
        gen_call_fail_if(g, call->expr, status_is(g, status, FLOW_VALUE_ERROR));
        if (call->expr->type->is_nullable) {
            result.valid = status_is(g, status, FLOW_VALUE_OK);
        }
    }
    result.value = gen_value_unpack(g, call->expr->type, place);
    return result;
}

// A view that the call did not write must not be read.
static GenValue readable(Gen *g, const Expr *expr, GenValue result) {
    if (result.valid != NULL && gen_is_view(expr->type)) {
        LLVMValueRef empty = gen_null(g, expr->type).value;
        result.value = LLVMBuildSelect(g->b, result.valid, result.value, empty, "");
    }
    return result;
}

static GenValue call_run(Gen *g, const Call *call, const GenValue *arguments) {
    LLVMValueRef valid = arguments_valid(g, call->expr, arguments);
    if (valid == NULL) {
        return readable(g, call->expr, call_emit(g, call, arguments));
    }
    LLVMBasicBlockRef null_at = LLVMGetInsertBlock(g->b);
    LLVMBasicBlockRef there = gen_block(g, "call.there");
    LLVMBasicBlockRef done = gen_block(g, "call.done");
    LLVMBuildCondBr(g->b, valid, there, done);
    LLVMPositionBuilderAtEnd(g->b, there);
    GenValue called = readable(g, call->expr, call_emit(g, call, arguments));
    LLVMBasicBlockRef called_at = LLVMGetInsertBlock(g->b);
    gen_goto(g, done);
    return gen_merge(g, gen_null(g, call->expr->type), null_at, called, called_at);
}

static const char *symbol_of(Gen *g, const char *prefix, const char *name) {
    return arena_format(&g->arena, "%s%s", prefix, name);
}

GenValue gen_kernel(Gen *g, const char *name, const Expr *expr, const GenValue *arguments) {
    Call call = {symbol_of(g, "flow_rt_k_", name), expr, false};
    return call_run(g, &call, arguments);
}

GenValue gen_kernel_try(Gen *g, const char *name, const Expr *expr, const GenValue *arguments) {
    Call call = {symbol_of(g, "flow_rt_k_", name), expr, true};
    return call_run(g, &call, arguments);
}

// --- operators that are always calls ----------------------------------------------------------
GenValue gen_concat(Gen *g, const Expr *expr, const GenValue *arguments) {
    return gen_kernel(g, "concat", expr, arguments);
}

GenValue gen_like(Gen *g, const Expr *expr, const GenValue *arguments) {
    return gen_kernel(g, "like", expr, arguments);
}

GenValue gen_sample(Gen *g, const Expr *expr, const GenValue *arguments) {
    return gen_kernel(g, "sample", expr, arguments);
}

GenValue gen_window(Gen *g, const Expr *expr, const GenValue *arguments) {
    const char *name = expr->op == EXPR_WINDOW_CALENDAR ? "window_calendar"
                       : expr->op == EXPR_WINDOW_END    ? "window_end"
                       : expr->op == EXPR_WINDOW_DATE   ? "window_date"
                       : expr->op == EXPR_WINDOW_ENDS   ? "window_ends"
                                                        : "window_starts";
    return gen_kernel(g, name, expr, arguments);
}

GenValue gen_matches(Gen *g, const Expr *expr, const GenValue *arguments) {
    return gen_kernel(g, "matches", expr, arguments);
}

GenValue gen_builtin(Gen *g, const Expr *expr, const GenValue *arguments) {
    Call call = {symbol_of(g, "flow_rt_fn_", builtin_name(expr->builtin)), expr, false};
    return call_run(g, &call, arguments);
}
