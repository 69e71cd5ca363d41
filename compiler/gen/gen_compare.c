// Comparisons. Everything is brought down to "equal" and "less": the other four are these with the
// operands or the result turned round, so an order is written down once for each kind of type.
#include "gen/gen_internal.h"

static LLVMValueRef int_less(Gen *g, ExprOp op, const LLVMValueRef values[2], bool is_signed) {
    LLVMIntPredicate predicate = op == EXPR_EQ   ? LLVMIntEQ
                                 : op == EXPR_LT ? (is_signed ? LLVMIntSLT : LLVMIntULT)
                                                 : (is_signed ? LLVMIntSLE : LLVMIntULE);
    return LLVMBuildICmp(g->b, predicate, values[0], values[1], "");
}

// NaN equals NaN and is greater than any number; -0.0 equals 0.0.
static LLVMValueRef float_less(Gen *g, ExprOp op, const LLVMValueRef values[2]) {
    LLVMValueRef b_is_nan = LLVMBuildFCmp(g->b, LLVMRealUNO, values[1], values[1], "");
    LLVMValueRef a_is_nan = LLVMBuildFCmp(g->b, LLVMRealUNO, values[0], values[0], "");
    LLVMRealPredicate predicate = op == EXPR_EQ   ? LLVMRealOEQ
                                  : op == EXPR_LT ? LLVMRealOLT
                                                  : LLVMRealOLE;
    LLVMValueRef of_numbers = LLVMBuildFCmp(g->b, predicate, values[0], values[1], "");
    LLVMValueRef of_nan = b_is_nan; // anything is at most NaN
    if (op == EXPR_EQ) {
        of_nan = gen_and(g, a_is_nan, b_is_nan);
    } else if (op == EXPR_LT) {
        of_nan = gen_and(g, gen_not(g, a_is_nan), b_is_nan);
    }
    return LLVMBuildOr(g->b, of_numbers, of_nan, "");
}

// --- text -------------------------------------------------------------------------------------
static LLVMValueRef view_word(Gen *g, LLVMValueRef view, int64_t index) {
    enum { VIEW_ALIGNMENT = 8 };
    LLVMValueRef place = gen_at(g, g->t.i64, view, gen_i64(g, index));
    return gen_load(g, g->t.i64, place, VIEW_ALIGNMENT, "");
}

// A constant that a view holds whole: its first word tells length and prefix, its second the rest.
static bool is_short_constant(LLVMValueRef view) {
    if (!LLVMIsAGlobalVariable(view)) {
        return false;
    }
    LLVMValueRef first = LLVMGetAggregateElement(LLVMGetInitializer(view), 0);
    return LLVMIsAConstantInt(first) &&
           (uint32_t)LLVMConstIntGetZExtValue(first) <= FLOW_VIEW_INLINE_MAX;
}

static LLVMValueRef view_equal(Gen *g, const LLVMValueRef values[2]) {
    LLVMValueRef arguments[] = {values[0], values[1]};
    if (!is_short_constant(values[0]) && !is_short_constant(values[1])) {
        return gen_call(g, GEN_flow_h_view_equal, arguments, "");
    }
    LLVMValueRef differs[2];
    for (int64_t i = 0; i < 2; i++) {
        LLVMValueRef a = view_word(g, values[0], i);
        LLVMValueRef b = view_word(g, values[1], i);
        differs[i] = LLVMBuildXor(g->b, a, b, "");
    }
    LLVMValueRef any = LLVMBuildOr(g->b, differs[0], differs[1], "");
    return LLVMBuildICmp(g->b, LLVMIntEQ, any, gen_i64(g, 0), "");
}

static LLVMValueRef view_less(Gen *g, ExprOp op, const LLVMValueRef values[2]) {
    if (op == EXPR_EQ) {
        return view_equal(g, values);
    }
    LLVMValueRef arguments[] = {values[0], values[1]};
    LLVMValueRef order = gen_call(g, GEN_flow_h_view_compare, arguments, "");
    const LLVMValueRef with_zero[] = {order, gen_i32(g, 0)};
    return int_less(g, op, with_zero, true);
}

// An enum compares as its text; equal texts have equal codes.
static LLVMValueRef enum_less(Gen *g, ExprOp op, const Type *type, const LLVMValueRef values[2]) {
    if (op == EXPR_EQ) {
        return int_less(g, op, values, false);
    }
    LLVMValueRef table = gen_enum_ranks(g, type);
    LLVMValueRef ranks[2];
    for (int i = 0; i < 2; i++) {
        // A code under a null may be any; whatever it is, the table must not be left.
        LLVMValueRef last = gen_int(g->t.i16, type->enum_count == 0 ? 0 : type->enum_count - 1);
        LLVMValueRef is_listed = LLVMBuildICmp(g->b, LLVMIntULE, values[i], last, "");
        LLVMValueRef code = LLVMBuildSelect(g->b, is_listed, values[i], last, "");
        LLVMValueRef index = LLVMBuildZExt(g->b, code, g->t.i64, "");
        ranks[i] = LLVMBuildLoad2(g->b, g->t.i16, gen_at(g, g->t.i16, table, index), "rank");
    }
    return int_less(g, op, ranks, false);
}

// --- decimals ---------------------------------------------------------------------------------
static int32_t largest(int32_t a, int32_t b) {
    return a > b ? a : b;
}

// Digits that both need at their common scale.
static int32_t common_digits(const Type *const types[2]) {
    int32_t whole =
        largest(types[0]->precision - types[0]->scale, types[1]->precision - types[1]->scale);
    return whole + largest(types[0]->scale, types[1]->scale);
}

static LLVMValueRef decimal_order(Gen *g, const Type *types[2], const LLVMValueRef values[2]) {
    const Expr operands[] = {{.op = EXPR_CONST, .type = types[0]},
                             {.op = EXPR_CONST, .type = types[1]}};
    const Expr *const pointers[] = {&operands[0], &operands[1]};
    const Expr comparison = {.op = EXPR_EQ,
                             .type = type_new(&g->arena, FLOW_INT64, false),
                             .argument_count = 2,
                             .arguments = pointers};
    GenValue arguments[] = {{values[0], NULL}, {values[1], NULL}};
    return gen_kernel(g, "compare", &comparison, arguments).value;
}

static LLVMValueRef
decimal_less(Gen *g, ExprOp op, const Type *types[2], const LLVMValueRef values[2]) {
    enum { DIGITS_OF_I64 = 18, DIGITS_OF_I128 = 38 };
    int32_t digits = common_digits(types);
    if (digits > DIGITS_OF_I128) {
        const LLVMValueRef with_zero[] = {decimal_order(g, types, values), gen_i64(g, 0)};
        return int_less(g, op, with_zero, true);
    }
    LLVMTypeRef form = digits > DIGITS_OF_I64 ? g->t.i128 : g->t.i64;
    int32_t scale = largest(types[0]->scale, types[1]->scale);
    LLVMValueRef scaled[2];
    for (int i = 0; i < 2; i++) {
        scaled[i] = gen_decimal_rescaled(g, values[i], form, scale - types[i]->scale);
    }
    return int_less(g, op, scaled, true);
}

// --- lists and structs ------------------------------------------------------------------------
// The operands are followed only if both are there.
static GenValue
nested_compare(Gen *g, ExprOp op, const Expr *const exprs[2], GenValue a, GenValue b) {
    static const LLVMIntPredicate predicates[] = {[EXPR_EQ - EXPR_EQ] = LLVMIntEQ,
                                                  [EXPR_NE - EXPR_EQ] = LLVMIntNE,
                                                  [EXPR_LT - EXPR_EQ] = LLVMIntSLT,
                                                  [EXPR_LE - EXPR_EQ] = LLVMIntSLE,
                                                  [EXPR_GT - EXPR_EQ] = LLVMIntSGT,
                                                  [EXPR_GE - EXPR_EQ] = LLVMIntSGE};
    bool is_nullable = a.valid != NULL || b.valid != NULL;
    const Expr comparison = {.op = EXPR_EQ,
                             .type = type_new(&g->arena, FLOW_INT64, is_nullable),
                             .argument_count = 2,
                             .arguments = exprs};
    GenValue arguments[] = {a, b};
    GenValue order = gen_kernel(g, "compare", &comparison, arguments);
    LLVMValueRef zero = gen_i64(g, 0);
    LLVMIntPredicate predicate = predicates[op - EXPR_EQ];
    return (GenValue){LLVMBuildICmp(g->b, predicate, order.value, zero, ""), order.valid};
}

// --- any kind ---------------------------------------------------------------------------------
static LLVMValueRef less(Gen *g, ExprOp op, const Type *types[2], const LLVMValueRef values[2]) {
    const Type *type = types[0];
    if (type_is_float(type)) {
        return float_less(g, op, values);
    }
    if (gen_is_view(type)) {
        return view_less(g, op, values);
    }
    if (type->kind == FLOW_ENUM) {
        return enum_less(g, op, type, values);
    }
    if (type->kind == FLOW_DECIMAL) {
        return decimal_less(g, op, types, values);
    }
    return int_less(g, op, values, type->kind != FLOW_BOOL && type->kind != FLOW_NULL);
}

LLVMValueRef
gen_compare_values(Gen *g, ExprOp op, const Type *types[2], const LLVMValueRef values[2]) {
    if (op == EXPR_NE) {
        return gen_not(g, less(g, EXPR_EQ, types, values));
    }
    if (op == EXPR_GT || op == EXPR_GE) {
        const Type *turned_types[] = {types[1], types[0]};
        const LLVMValueRef turned[] = {values[1], values[0]};
        return less(g, op == EXPR_GT ? EXPR_LT : EXPR_LE, turned_types, turned);
    }
    return less(g, op, types, values);
}

static GenValue
compare_pair(Gen *g, ExprOp op, const Expr *const exprs[2], GenValue a, GenValue b) {
    const Type *types[] = {exprs[0]->type, exprs[1]->type};
    if (types[0]->kind == FLOW_NULL || types[1]->kind == FLOW_NULL) {
        return (GenValue){gen_i1(g, false), gen_i1(g, false)};
    }
    if (type_is_nested(types[0])) {
        return nested_compare(g, op, exprs, a, b);
    }
    const LLVMValueRef values[] = {a.value, b.value};
    return (GenValue){gen_compare_values(g, op, types, values), gen_and(g, a.valid, b.valid)};
}

GenValue gen_compare(Gen *g, const Expr *expr, const GenValue *arguments) {
    return compare_pair(g, expr->op, expr->arguments, arguments[0], arguments[1]);
}

// SQL's rule: true if any is equal, else null if any comparison was null, else false.
GenValue gen_in(Gen *g, const Expr *expr, const GenValue *arguments) {
    LLVMValueRef is_found = gen_i1(g, false);
    LLVMValueRef all_valid = NULL;
    for (uint32_t i = 1; i < expr->argument_count; i++) {
        const Expr *const pair[] = {expr->arguments[0], expr->arguments[i]};
        GenValue equal = compare_pair(g, EXPR_EQ, pair, arguments[0], arguments[i]);
        is_found = LLVMBuildOr(g->b, is_found, gen_is_true(g, equal), "");
        all_valid = gen_and(g, all_valid, equal.valid);
    }
    GenValue result = {is_found, NULL};
    if (all_valid != NULL) {
        result.valid = LLVMBuildOr(g->b, is_found, all_valid, "");
    }
    return result;
}

// a >= b and a <= c: false if either is, whatever the other.
GenValue gen_between(Gen *g, const Expr *expr, const GenValue *arguments) {
    const Expr *const low[] = {expr->arguments[0], expr->arguments[1]};
    const Expr *const high[] = {expr->arguments[0], expr->arguments[2]};
    GenValue above = compare_pair(g, EXPR_GE, low, arguments[0], arguments[1]);
    GenValue below = compare_pair(g, EXPR_LE, high, arguments[0], arguments[2]);
    return gen_all_of(g, above, below);
}
