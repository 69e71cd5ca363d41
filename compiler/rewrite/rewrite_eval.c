// The value of a constant expression: the same rules that generated code follows, in plain C.
#include "rewrite/rewrite_internal.h"

#include "scalar/scalar.h"

// --- numbers ------------------------------------------------------------------------------------
static EvalStatus int_fit(const Type *type, int64_t wide, bool overflowed, FlowValue *value) {
    static const int64_t bounds[] = {[FLOW_INT8] = INT8_MAX,
                                     [FLOW_INT16] = INT16_MAX,
                                     [FLOW_INT32] = INT32_MAX,
                                     [FLOW_INT64] = INT64_MAX};
    int64_t bound = type_is_integer(type) ? bounds[type->kind] : INT64_MAX;
    if (overflowed || wide > bound || wide < -bound - 1) {
        return EVAL_ERROR;
    }
    *value = (FlowValue){.i64 = wide};
    return EVAL_OK;
}

static EvalStatus int_eval(const Expr *expr, int64_t a, int64_t b, FlowValue *value) {
    int64_t wide = 0;
    bool overflowed = false;
    switch (expr->op) {
    case EXPR_ADD:
    case EXPR_TIME_ADD:
        overflowed = __builtin_add_overflow(a, b, &wide);
        break;
    case EXPR_SUB:
    case EXPR_TIME_SUB:
    case EXPR_TIME_DIFF:
        overflowed = __builtin_sub_overflow(a, b, &wide);
        break;
    case EXPR_MUL:
        overflowed = __builtin_mul_overflow(a, b, &wide);
        break;
    case EXPR_DIV_INT:
    case EXPR_MOD:
        if (b == 0 || (expr->op == EXPR_DIV_INT && b == -1 && a == INT64_MIN)) {
            return EVAL_ERROR;
        }
        wide = expr->op == EXPR_DIV_INT ? a / b : (b == -1 ? 0 : a % b);
        break;
    default:
        return EVAL_UNKNOWN;
    }
    return int_fit(expr->type, wide, overflowed, value);
}

static EvalStatus float_eval(const Expr *expr, double a, double b, FlowValue *value) {
    double result;
    switch (expr->op) {
    case EXPR_ADD:
        result = a + b;
        break;
    case EXPR_SUB:
        result = a - b;
        break;
    case EXPR_MUL:
        result = a * b;
        break;
    case EXPR_DIV:
        if (b == 0) {
            return EVAL_ERROR;
        }
        result = a / b;
        break;
    default:
        return EVAL_UNKNOWN; // the remainder of floats is left to the runtime
    }
    // Rounding a double result of two floats once more gives the correctly rounded float.
    *value = (FlowValue){.f64 = expr->type->kind == FLOW_FLOAT32 ? (double)(float)result : result};
    return EVAL_OK;
}

static EvalStatus decimal_eval(const Expr *expr, const FlowValue *values, FlowValue *value) {
    const Type *a = expr->arguments[0]->type;
    const Type *b = expr->arguments[1]->type;
    int32_t precision = expr->type->precision;
    int32_t scale = expr->type->scale;
    i128 right = values[1].i128;
    bool fits = false;
    switch (expr->op) {
    case EXPR_DECIMAL_SUB:
        right = -right;
        __attribute__((fallthrough));
    case EXPR_DECIMAL_ADD:
        fits =
            decimal_add(values[0].i128, a->scale, right, b->scale, precision, scale, &value->i128);
        break;
    case EXPR_DECIMAL_MUL:
        fits = decimal_multiply(
            values[0].i128, a->scale, right, b->scale, precision, scale, &value->i128);
        break;
    case EXPR_DECIMAL_DIV:
        fits = right != 0 &&
               decimal_divide(
                   values[0].i128, a->scale, right, b->scale, precision, scale, &value->i128);
        break;
    default:
        return EVAL_UNKNOWN;
    }
    return fits ? EVAL_OK : EVAL_ERROR;
}

static EvalStatus negate(const Expr *expr, FlowValue operand, FlowValue *value) {
    if (expr->type->kind == FLOW_DECIMAL) {
        *value = (FlowValue){.i128 = -operand.i128};
        return EVAL_OK;
    }
    if (type_is_float(expr->type)) {
        *value = (FlowValue){.f64 = -operand.f64};
        return EVAL_OK;
    }
    int64_t wide = 0;
    bool overflowed = __builtin_sub_overflow(0, operand.i64, &wide);
    return int_fit(expr->type, wide, overflowed, value);
}

// --- comparisons --------------------------------------------------------------------------------
static int compare(Arena *arena,
                   const Expr *a,
                   const FlowValue *a_value,
                   const Expr *b,
                   const FlowValue *b_value) {
    FlowTypeDesc a_desc = type_desc(arena, a->type);
    FlowTypeDesc b_desc = type_desc(arena, b->type);
    return value_compare(&a_desc, a_value, &b_desc, b_value);
}

static EvalStatus bool_result(bool result, FlowValue *value) {
    *value = (FlowValue){.i64 = result};
    return EVAL_OK;
}

static EvalStatus
comparison_eval(Arena *arena, const Expr *expr, const FlowValue *values, FlowValue *value) {
    int order = compare(arena, expr->arguments[0], &values[0], expr->arguments[1], &values[1]);
    switch (expr->op) {
    case EXPR_EQ:
        return bool_result(order == 0, value);
    case EXPR_NE:
        return bool_result(order != 0, value);
    case EXPR_LT:
        return bool_result(order < 0, value);
    case EXPR_LE:
        return bool_result(order <= 0, value);
    case EXPR_GT:
        return bool_result(order > 0, value);
    default:
        return bool_result(order >= 0, value);
    }
}

// --- operators that see null
// ---------------------------------------------------------------------- and, or: the left side
// decides alone if it can; else the right one, three-valued.
static EvalStatus logic_eval(Arena *arena, const Expr *expr, FlowValue *value) {
    int64_t deciding = expr->op == EXPR_OR;
    FlowValue left = {0};
    EvalStatus left_status = eval(arena, expr->arguments[0], &left);
    if (left_status == EVAL_ERROR || left_status == EVAL_UNKNOWN) {
        return left_status;
    }
    if (left_status == EVAL_OK && left.i64 == deciding) {
        return bool_result(deciding, value);
    }
    EvalStatus right_status = eval(arena, expr->arguments[1], value);
    if (right_status == EVAL_OK && value->i64 != deciding && left_status == EVAL_NULL) {
        return EVAL_NULL;
    }
    return right_status;
}

static EvalStatus if_eval(Arena *arena, const Expr *expr, FlowValue *value) {
    FlowValue condition = {0};
    EvalStatus status = eval(arena, expr->arguments[0], &condition);
    if (status == EVAL_ERROR || status == EVAL_UNKNOWN) {
        return status;
    }
    bool is_true = status == EVAL_OK && condition.i64 != 0;
    return eval(arena, expr->arguments[is_true ? 1 : 2], value);
}

static EvalStatus lazy_eval(Arena *arena, const Expr *expr, FlowValue *value) {
    EvalStatus status;
    switch (expr->op) {
    case EXPR_AND:
    case EXPR_OR:
        return logic_eval(arena, expr, value);
    case EXPR_IF:
        return if_eval(arena, expr, value);
    case EXPR_COALESCE:
        status = eval(arena, expr->arguments[0], value);
        return status == EVAL_NULL ? eval(arena, expr->arguments[1], value) : status;
    case EXPR_IS_NULL:
        status = eval(arena, expr->arguments[0], value);
        return status == EVAL_OK || status == EVAL_NULL ? bool_result(status == EVAL_NULL, value)
                                                        : status;
    default:
        status = eval(arena, expr->arguments[0], value); // TRY_CAST
        if (status != EVAL_OK) {
            return status;
        }
        break;
    }
    FlowTypeDesc from = type_desc(arena, expr->arguments[0]->type);
    FlowTypeDesc to = type_desc(arena, expr->type);
    FlowValue operand = *value;
    return value_cast(arena, &from, &operand, &to, value) == FLOW_VALUE_OK ? EVAL_OK : EVAL_NULL;
}

static EvalStatus concat_eval(Arena *arena, const FlowValue *values, FlowValue *value) {
    size_t left = values[0].view.length;
    size_t right = values[1].view.length;
    char *joined = arena_alloc(arena, left + right + 1);
    memcpy(joined, flow_view_data(&values[0].view), left);
    memcpy(joined + left, flow_view_data(&values[1].view), right);
    *value = (FlowValue){.view = view_of(joined, left + right)};
    return EVAL_OK;
}

// --- operators on values
// --------------------------------------------------------------------------
static EvalStatus
cast_eval(Arena *arena, const Expr *expr, const FlowValue *operand, FlowValue *value) {
    FlowTypeDesc from = type_desc(arena, expr->arguments[0]->type);
    FlowTypeDesc to = type_desc(arena, expr->type);
    return value_cast(arena, &from, operand, &to, value) == FLOW_VALUE_OK ? EVAL_OK : EVAL_ERROR;
}

static EvalStatus nested_eval(Arena *arena, const Expr *expr, FlowValue *value) {
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    int64_t count = expr->argument_count;
    const FlowNested *nested = nested_new(arena, count, count, &items, &validity);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        EvalStatus status = eval(arena, expr->arguments[i], &items[i]);
        if (status == EVAL_ERROR || status == EVAL_UNKNOWN) {
            return status;
        }
        validity[i] = status == EVAL_OK;
    }
    *value = (FlowValue){.nested = nested};
    return EVAL_OK;
}

static EvalStatus item_eval(const FlowNested *nested, int64_t item, FlowValue *value) {
    bool has = item >= 0 && item < nested->count && nested_has(nested, item);
    *value = has ? nested->items[item] : (FlowValue){0};
    return has ? EVAL_OK : EVAL_NULL;
}

static EvalStatus
strict_eval(Arena *arena, const Expr *expr, const FlowValue *values, FlowValue *value) {
    switch (expr->op) {
    case EXPR_NEG:
        return negate(expr, values[0], value);
    case EXPR_NOT:
        return bool_result(values[0].i64 == 0, value);
    case EXPR_CAST:
        return cast_eval(arena, expr, &values[0], value);
    case EXPR_FIELD:
        return item_eval(values[0].nested, expr->index, value);
    case EXPR_INDEX:
        return expr->arguments[0]->type->kind == FLOW_LIST
                   ? item_eval(values[0].nested, values[1].i64, value)
                   : EVAL_UNKNOWN;
    case EXPR_CONCAT:
        return concat_eval(arena, values, value);
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
        return comparison_eval(arena, expr, values, value);
    case EXPR_DECIMAL_ADD:
    case EXPR_DECIMAL_SUB:
    case EXPR_DECIMAL_MUL:
    case EXPR_DECIMAL_DIV:
        return decimal_eval(expr, values, value);
    case EXPR_TIME_ADD:
    case EXPR_TIME_SUB:
    case EXPR_TIME_DIFF:
        return int_eval(expr, values[0].i64, values[1].i64, value);
    case EXPR_ADD:
    case EXPR_SUB:
    case EXPR_MUL:
    case EXPR_DIV:
    case EXPR_DIV_INT:
    case EXPR_MOD:
        return type_is_float(expr->arguments[0]->type)
                   ? float_eval(expr, values[0].f64, values[1].f64, value)
                   : int_eval(expr, values[0].i64, values[1].i64, value);
    default:
        return EVAL_UNKNOWN; // functions and patterns are left to the runtime
    }
}

static bool is_lazy(ExprOp op) {
    return op == EXPR_AND || op == EXPR_OR || op == EXPR_IF || op == EXPR_COALESCE ||
           op == EXPR_IS_NULL || op == EXPR_TRY_CAST;
}

EvalStatus eval(Arena *arena, const Expr *expr, FlowValue *value) {
    if (expr->op == EXPR_CONST) {
        *value = expr->constant;
        return expr->is_null ? EVAL_NULL : EVAL_OK;
    }
    if (is_lazy(expr->op)) {
        return lazy_eval(arena, expr, value);
    }
    if (expr->op == EXPR_LAMBDA) {
        return EVAL_UNKNOWN; // no value, even if its body is one
    }
    if (expr->op == EXPR_LIST || expr->op == EXPR_STRUCT) {
        return nested_eval(arena, expr, value);
    }
    FlowValue values[2] = {0};
    if (expr->argument_count == 0 || expr->argument_count > COUNT_OF(values)) {
        return EVAL_UNKNOWN;
    }
    EvalStatus worst = EVAL_OK;
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        EvalStatus status = eval(arena, expr->arguments[i], &values[i]);
        worst = status > worst ? status : worst;
    }
    return worst == EVAL_OK ? strict_eval(arena, expr, values, value) : worst;
}
