// Numbers and times. Integers are checked where the row loop can reject; decimals whose exact
// result fits the result type are computed in registers, the others by the runtime's kernels, which
// round.
#include "gen/gen_internal.h"

#define US_PER_DAY INT64_C(86400000000)

LLVMValueRef gen_valid_both(Gen *g, const GenValue *arguments) {
    return gen_and(g, arguments[0].valid, arguments[1].valid);
}

// --- integers ---------------------------------------------------------------------------------
// What lies under a null may overflow without anybody caring.
static GenValue
checked(Gen *g, const Expr *expr, const char *intrinsic, const GenValue *arguments) {
    LLVMValueRef operands[] = {arguments[0].value, arguments[1].value};
    LLVMValueRef pair =
        gen_intrinsic(g, intrinsic, LLVMTypeOf(operands[0]), operands, COUNT_OF(operands));
    GenValue result = {LLVMBuildExtractValue(g->b, pair, 0, ""), gen_valid_both(g, arguments)};
    LLVMValueRef overflows = LLVMBuildExtractValue(g->b, pair, 1, "");
    gen_fail_if(g, expr, gen_and(g, overflows, result.valid));
    return result;
}

GenValue gen_negate(Gen *g, const Expr *expr, const GenValue *arguments) {
    if (type_is_float(expr->type)) {
        return (GenValue){LLVMBuildFNeg(g->b, arguments[0].value, ""), arguments[0].valid};
    }
    GenValue from_zero[] = {{LLVMConstNull(gen_type(g, expr->type)), NULL}, arguments[0]};
    if (expr->type->kind == FLOW_DECIMAL) {
        return (GenValue){LLVMBuildNeg(g->b, arguments[0].value, ""), arguments[0].valid};
    }
    return checked(g, expr, "llvm.ssub.with.overflow", from_zero);
}

typedef LLVMValueRef BuildBinary(LLVMBuilderRef, LLVMValueRef, LLVMValueRef, const char *);

static GenValue plain(Gen *g, BuildBinary *build, const GenValue *arguments) {
    return (GenValue){build(g->b, arguments[0].value, arguments[1].value, ""),
                      gen_valid_both(g, arguments)};
}

GenValue gen_add(Gen *g, const Expr *expr, const GenValue *arguments) {
    return type_is_float(expr->type) ? plain(g, LLVMBuildFAdd, arguments)
                                     : checked(g, expr, "llvm.sadd.with.overflow", arguments);
}

GenValue gen_subtract(Gen *g, const Expr *expr, const GenValue *arguments) {
    return type_is_float(expr->type) ? plain(g, LLVMBuildFSub, arguments)
                                     : checked(g, expr, "llvm.ssub.with.overflow", arguments);
}

GenValue gen_multiply(Gen *g, const Expr *expr, const GenValue *arguments) {
    return type_is_float(expr->type) ? plain(g, LLVMBuildFMul, arguments)
                                     : checked(g, expr, "llvm.smul.with.overflow", arguments);
}

GenValue gen_divide(Gen *g, const Expr *expr, const GenValue *arguments) {
    LLVMValueRef divisor = arguments[1].value;
    LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(divisor));
    LLVMValueRef is_zero = LLVMBuildFCmp(g->b, LLVMRealOEQ, divisor, zero, "");
    gen_fail_if(g, expr, gen_and(g, is_zero, gen_valid_both(g, arguments)));
    return plain(g, LLVMBuildFDiv, arguments);
}

static LLVMValueRef is_equal(Gen *g, LLVMValueRef value, int64_t constant) {
    return LLVMBuildICmp(g->b, LLVMIntEQ, value, gen_int(LLVMTypeOf(value), constant), "");
}

// The processor traps on these; where the row is not rejected, the divisor is replaced by one.
static GenValue
divided(Gen *g, BuildBinary *build, const GenValue *arguments, LLVMValueRef is_bad) {
    LLVMValueRef one = gen_int(LLVMTypeOf(arguments[1].value), 1);
    GenValue safe[] = {arguments[0], arguments[1]};
    safe[1].value = LLVMBuildSelect(g->b, is_bad, one, arguments[1].value, "");
    return plain(g, build, safe);
}

GenValue gen_divide_int(Gen *g, const Expr *expr, const GenValue *arguments) {
    LLVMTypeRef type = LLVMTypeOf(arguments[0].value);
    int64_t least = (int64_t)(UINT64_C(1) << 63) >> (64 - LLVMGetIntTypeWidth(type));
    LLVMValueRef is_least = is_equal(g, arguments[0].value, least);
    LLVMValueRef overflows = gen_and(g, is_least, is_equal(g, arguments[1].value, -1));
    LLVMValueRef is_bad = LLVMBuildOr(g->b, is_equal(g, arguments[1].value, 0), overflows, "");
    gen_fail_if(g, expr, gen_and(g, is_bad, gen_valid_both(g, arguments)));
    return divided(g, LLVMBuildSDiv, arguments, is_bad);
}

GenValue gen_modulo(Gen *g, const Expr *expr, const GenValue *arguments) {
    if (type_is_float(expr->type)) {
        return gen_kernel(g, "float_mod", expr, arguments);
    }
    LLVMValueRef is_zero = is_equal(g, arguments[1].value, 0);
    gen_fail_if(g, expr, gen_and(g, is_zero, gen_valid_both(g, arguments)));
    // x % -1 is 0 as x % 1 is, but the processor would overflow on the least integer.
    LLVMValueRef is_bad = LLVMBuildOr(g->b, is_zero, is_equal(g, arguments[1].value, -1), "");
    return divided(g, LLVMBuildSRem, arguments, is_bad);
}

// --- decimals ---------------------------------------------------------------------------------
static i128 power_of_ten(int32_t exponent) {
    i128 power = 1;
    for (int32_t i = 0; i < exponent; i++) {
        power *= 10;
    }
    return power;
}

LLVMValueRef gen_decimal_rescaled(Gen *g, LLVMValueRef value, LLVMTypeRef to, int32_t digits) {
    LLVMValueRef wide = LLVMBuildIntCast2(g->b, value, to, 1, "");
    if (digits == 0) {
        return wide;
    }
    i128 power = power_of_ten(digits);
    bool is_i128 = LLVMGetIntTypeWidth(to) > 64;
    LLVMValueRef factor = is_i128 ? gen_i128(g, power) : gen_int(to, (int64_t)power);
    return LLVMBuildMul(g->b, wide, factor, "");
}

static int32_t largest(int32_t a, int32_t b) {
    return a > b ? a : b;
}

// The exact result always fits: LANGUAGE 11's precision was not cut to 38 digits.
bool gen_decimal_is_inline(const Expr *expr) {
    const Type *a = expr->arguments[0]->type;
    const Type *b = expr->arguments[1]->type;
    if (expr->op == EXPR_DECIMAL_MUL) {
        return expr->type->scale == a->scale + b->scale &&
               expr->type->precision == a->precision + b->precision + 1;
    }
    int32_t scale = largest(a->scale, b->scale);
    int32_t whole = largest(a->precision - a->scale, b->precision - b->scale);
    return expr->type->scale == scale && expr->type->precision == whole + scale + 1;
}

static GenValue decimal_sum(
    Gen *g, const Expr *expr, BuildBinary *build, const char *kernel, const GenValue *arguments) {
    if (!gen_decimal_is_inline(expr)) {
        return gen_kernel(g, kernel, expr, arguments);
    }
    GenValue scaled[2];
    for (uint32_t i = 0; i < COUNT_OF(scaled); i++) {
        int32_t digits = expr->type->scale - expr->arguments[i]->type->scale;
        LLVMTypeRef form = gen_type(g, expr->type);
        scaled[i] = (GenValue){gen_decimal_rescaled(g, arguments[i].value, form, digits),
                               arguments[i].valid};
    }
    return plain(g, build, scaled);
}

GenValue gen_decimal_add(Gen *g, const Expr *expr, const GenValue *arguments) {
    return decimal_sum(g, expr, LLVMBuildAdd, "decimal_add", arguments);
}

GenValue gen_decimal_subtract(Gen *g, const Expr *expr, const GenValue *arguments) {
    return decimal_sum(g, expr, LLVMBuildSub, "decimal_sub", arguments);
}

GenValue gen_decimal_multiply(Gen *g, const Expr *expr, const GenValue *arguments) {
    if (!gen_decimal_is_inline(expr)) {
        return gen_kernel(g, "decimal_mul", expr, arguments);
    }
    GenValue wide[2];
    for (uint32_t i = 0; i < COUNT_OF(wide); i++) {
        LLVMTypeRef form = gen_type(g, expr->type);
        wide[i] =
            (GenValue){gen_decimal_rescaled(g, arguments[i].value, form, 0), arguments[i].valid};
    }
    return plain(g, LLVMBuildMul, wide);
}

GenValue gen_decimal_divide(Gen *g, const Expr *expr, const GenValue *arguments) {
    return gen_kernel(g, "decimal_div", expr, arguments);
}

GenValue gen_decimal_modulo(Gen *g, const Expr *expr, const GenValue *arguments) {
    return gen_kernel(g, "decimal_mod", expr, arguments);
}

GenValue gen_decimal_divide_int(Gen *g, const Expr *expr, const GenValue *arguments) {
    return gen_kernel(g, "decimal_div_int", expr, arguments);
}

// --- times ------------------------------------------------------------------------------------
GenValue gen_time_add(Gen *g, const Expr *expr, const GenValue *arguments) {
    return checked(g, expr, "llvm.sadd.with.overflow", arguments);
}

GenValue gen_time_subtract(Gen *g, const Expr *expr, const GenValue *arguments) {
    return checked(g, expr, "llvm.ssub.with.overflow", arguments);
}

GenValue gen_time_difference(Gen *g, const Expr *expr, const GenValue *arguments) {
    return checked(g, expr, "llvm.ssub.with.overflow", arguments);
}

// In 128 bits, because the day alone may be out of range although the sum is not.
GenValue gen_date_add(Gen *g, const Expr *expr, const GenValue *arguments) {
    LLVMValueRef days = LLVMBuildSExt(g->b, arguments[0].value, g->t.i128, "");
    LLVMValueRef midnight = LLVMBuildMul(g->b, days, gen_i128(g, US_PER_DAY), "");
    LLVMValueRef more = LLVMBuildSExt(g->b, arguments[1].value, g->t.i128, "");
    LLVMValueRef sum = LLVMBuildAdd(g->b, midnight, more, "");
    GenValue result = {LLVMBuildTrunc(g->b, sum, g->t.i64, ""), gen_valid_both(g, arguments)};
    LLVMValueRef back = LLVMBuildSExt(g->b, result.value, g->t.i128, "");
    LLVMValueRef overflows = LLVMBuildICmp(g->b, LLVMIntNE, back, sum, "");
    gen_fail_if(g, expr, gen_and(g, overflows, result.valid));
    return result;
}

// The length is a literal, so LLVM turns the division into a multiplication.
GenValue gen_window_start(Gen *g, const Expr *expr, const GenValue *arguments) {
    (void)expr;
    LLVMValueRef length = arguments[1].value;
    ASSERT(LLVMIsConstant(length));
    LLVMValueRef since = LLVMBuildSub(g->b, arguments[0].value, arguments[2].value, "");
    LLVMValueRef rest = LLVMBuildSRem(g->b, since, length, "");
    LLVMValueRef is_before = LLVMBuildICmp(g->b, LLVMIntSLT, rest, gen_i64(g, 0), "");
    LLVMValueRef up = LLVMBuildAdd(g->b, rest, length, "");
    LLVMValueRef into = LLVMBuildSelect(g->b, is_before, up, rest, "");
    LLVMValueRef start = LLVMBuildSub(g->b, arguments[0].value, into, "window_start");
    return (GenValue){start, arguments[0].valid};
}
