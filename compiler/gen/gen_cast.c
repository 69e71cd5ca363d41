// Casts: widenings and the common narrowings in registers, all others by the runtime's one kernel.
#include "gen/gen_internal.h"

static bool is_same_form(const Type *from, const Type *to) {
    if (from->kind != to->kind) {
        return false;
    }
    if (from->kind == FLOW_ENUM) {
        return type_equal_base(from, to);
    }
    return from->kind != FLOW_DECIMAL ||
           (from->scale == to->scale && from->precision <= to->precision);
}

static bool decimal_holds(const Type *to, int32_t digits, int32_t scale) {
    return to->kind == FLOW_DECIMAL && to->scale >= scale && to->precision - to->scale >= digits;
}

static int32_t integer_digits(const Type *type) {
    static const int32_t digits[] = {3, 5, 10, 19};
    return digits[type->kind - FLOW_INT8];
}

static bool is_widened_to_decimal(const Type *from, const Type *to) {
    if (type_is_integer(from)) {
        return decimal_holds(to, integer_digits(from), 0);
    }
    return from->kind == FLOW_DECIMAL &&
           decimal_holds(to, from->precision - from->scale, from->scale);
}

static bool is_narrowed_integer(const Type *from, const Type *to) {
    return type_is_integer(from) && type_is_integer(to) && to->kind < from->kind;
}

static bool is_registers_only(const Type *from, const Type *to) {
    return from->kind == FLOW_NULL || is_same_form(from, to) || is_widened_to_decimal(from, to) ||
           (type_is_integer(from) && (type_is_integer(to) || type_is_float(to))) ||
           (type_is_float(from) && to->kind == FLOW_FLOAT64);
}

bool gen_cast_is_inline(const Type *from, const Type *to) {
    if (type_is_nested(from)) {
        return false;
    }
    return is_registers_only(from, to) || (from->kind == FLOW_ENUM && to->kind == FLOW_STRING);
}

// --- the forms --------------------------------------------------------------------------------
// Evaluated for a row that it is not meant for, a code may be any; the table must not be left.
static LLVMValueRef enum_text(Gen *g, const Type *from, LLVMValueRef code) {
    LLVMValueRef count = gen_int(g->t.i16, from->enum_count);
    LLVMValueRef is_listed = LLVMBuildICmp(g->b, LLVMIntULT, code, count, "");
    code = LLVMBuildSelect(g->b, is_listed, code, gen_int(g->t.i16, 0), "");
    LLVMValueRef index = LLVMBuildZExt(g->b, code, g->t.i64, "");
    return gen_at(g, g->t.view, gen_enum_texts(g, from), index);
}

static LLVMValueRef to_decimal(Gen *g, const Type *from, const Type *to, LLVMValueRef value) {
    return gen_decimal_rescaled(g, value, gen_type(g, to), to->scale - from->scale);
}

static LLVMValueRef converted(Gen *g, const Type *from, const Type *to, GenValue value) {
    LLVMTypeRef form = gen_type(g, to);
    if (from->kind == FLOW_ENUM && to->kind == FLOW_STRING) {
        return enum_text(g, from, value.value);
    }
    if (to->kind == FLOW_DECIMAL) {
        return to_decimal(g, from, to, value.value);
    }
    if (type_is_integer(from) && type_is_float(to)) {
        return LLVMBuildSIToFP(g->b, value.value, form, "");
    }
    if (type_is_integer(from)) {
        return LLVMBuildIntCast2(g->b, value.value, form, 1, "");
    }
    return type_is_float(from) ? LLVMBuildFPCast(g->b, value.value, form, "") : value.value;
}

// Whether a narrowed integer has lost something.
static LLVMValueRef is_changed(Gen *g, LLVMValueRef narrow, GenValue before) {
    LLVMValueRef back = LLVMBuildSExt(g->b, narrow, LLVMTypeOf(before.value), "");
    return LLVMBuildICmp(g->b, LLVMIntNE, back, before.value, "");
}

// Whether the items of a nested value stay as they are, bit by bit: a FlowValue holds all integers
// in one form, and so both floats.
static bool items_stay(const Type *from, const Type *to) {
    bool stay = from->kind == to->kind || (type_is_integer(from) && type_is_integer(to)) ||
                (type_is_float(from) && type_is_float(to)) || from->kind == FLOW_NULL;
    stay &= from->kind != FLOW_DECIMAL || from->scale == to->scale;
    stay &= from->kind != FLOW_ENUM || type_equal_base(from, to);
    for (uint32_t i = 0; stay && i < from->child_count; i++) {
        stay = items_stay(from->children[i].type, to->children[i].type);
    }
    return stay;
}

GenValue gen_cast(Gen *g, const Expr *expr, const GenValue *arguments) {
    const Type *from = expr->arguments[0]->type;
    if (from->kind == FLOW_NULL) {
        return gen_null(g, expr->type);
    }
    if (expr->is_widening && type_is_nested(from) && items_stay(from, expr->type)) {
        return arguments[0];
    }
    if (!gen_cast_is_inline(from, expr->type)) {
        return gen_kernel(g, "cast", expr, arguments);
    }
    GenValue result = {converted(g, from, expr->type, arguments[0]), arguments[0].valid};
    if (is_narrowed_integer(from, expr->type)) {
        LLVMValueRef is_out = is_changed(g, result.value, arguments[0]);
        gen_fail_if(g, expr, gen_and(g, is_out, result.valid));
    }
    return result;
}

GenValue gen_try_cast(Gen *g, const Expr *expr, const GenValue *arguments) {
    const Type *from = expr->arguments[0]->type;
    if (from->kind == FLOW_NULL) {
        return gen_null(g, expr->type);
    }
    if (!gen_cast_is_inline(from, expr->type)) {
        return gen_kernel_try(g, "cast", expr, arguments);
    }
    GenValue result = {converted(g, from, expr->type, arguments[0]), arguments[0].valid};
    if (is_narrowed_integer(from, expr->type)) {
        LLVMValueRef is_out = is_changed(g, result.value, arguments[0]);
        result.valid = gen_and(g, gen_not(g, is_out), result.valid);
    }
    return result;
}
