// Expressions, one small function for each family of operators.
#include "oracle_expr.h"

#include "scalar/scalar.h"

#include <math.h>

enum { ORACLE_ARGUMENTS_MAX = 64 };

typedef struct Operands {
    OracleRow *row;
    const Expr *expr;
    FlowValue values[ORACLE_ARGUMENTS_MAX];
} Operands;

static FlowTypeDesc desc_of(OracleRow *row, const Type *type) {
    return type_desc(((const ScalarRuntime *)row->ctx->runtime)->arena, type);
}

static OracleStatus fail(OracleRow *row, const Expr *expr) {
    row->failed_site = plan_site_of(row->plan, expr);
    return ORACLE_FAILED;
}

// --- integers and times
// ---------------------------------------------------------------------------
static bool int_in_range(const Type *type, i128 value) {
    int bits = type->kind == FLOW_INT8    ? 8
               : type->kind == FLOW_INT16 ? 16
               : type->kind == FLOW_INT32 ? 32
                                          : 64;
    i128 bound = (i128)1 << (bits - 1);
    return value >= -bound && value < bound;
}

static OracleStatus int_op(const Operands *o, FlowValue *value) {
    i128 a = o->values[0].i64;
    i128 b = o->values[1].i64;
    i128 result;
    switch (o->expr->op) {
    case EXPR_ADD:
    case EXPR_TIME_ADD:
        result = a + b;
        break;
    case EXPR_SUB:
    case EXPR_TIME_SUB:
    case EXPR_TIME_DIFF:
        result = a - b;
        break;
    case EXPR_MUL:
        result = a * b;
        break;
    case EXPR_DATE_ADD:
        result = a * 86400000000 + b;
        break;
    case EXPR_NEG:
        result = -a;
        break;
    default:
        if (b == 0) {
            return fail(o->row, o->expr);
        }
        result = o->expr->op == EXPR_MOD ? a % b : a / b;
        break;
    }
    if (!int_in_range(o->expr->type, result)) {
        return fail(o->row, o->expr);
    }
    *value = (FlowValue){.i64 = (int64_t)result};
    return ORACLE_VALUE;
}

// --- floats
// -----------------------------------------------------------------------------------------
static OracleStatus float_op(const Operands *o, FlowValue *value) {
    double a = o->values[0].f64;
    double b = o->values[1].f64;
    bool divides = o->expr->op == EXPR_DIV || o->expr->op == EXPR_MOD;
    if (divides && b == 0) {
        return fail(o->row, o->expr);
    }
    double result = 0;
    switch (o->expr->op) {
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
        result = a / b;
        break;
    case EXPR_NEG:
        result = -a;
        break;
    default:
        result = fmod(a, b);
        break;
    }
    *value =
        (FlowValue){.f64 = o->expr->type->kind == FLOW_FLOAT32 ? (double)(float)result : result};
    return ORACLE_VALUE;
}

// --- decimals: the kernels, always (gen computes the small ones itself)
// -------------------------------
static OracleStatus kernel_call(const Operands *o, FlowKernelFn kernel, FlowValue *value) {
    FlowTypeDesc result = desc_of(o->row, o->expr->type);
    FlowTypeDesc types[ORACLE_ARGUMENTS_MAX] = {0};
    ASSERT(o->expr->argument_count <= ORACLE_ARGUMENTS_MAX);
    for (uint32_t i = 0; i < o->expr->argument_count; i++) {
        types[i] = desc_of(o->row, o->expr->arguments[i]->type);
    }
    FlowKernelInfo info = {.site = plan_site_of(o->row->plan, o->expr),
                           .result = &result,
                           .arguments = types,
                           .arguments_count = o->expr->argument_count};
    int32_t status = kernel(o->row->ctx, o->values, value, &info);
    if (status == FLOW_VALUE_ERROR) {
        int32_t inner = o->row->ctx->failed_site; // a lambda has said where
        o->row->ctx->failed_site = FLOW_NO_INDEX;
        fail(o->row, o->expr);
        o->row->failed_site = inner >= 0 ? inner : o->row->failed_site;
        return ORACLE_FAILED;
    }
    return status == FLOW_VALUE_NULL ? ORACLE_NULL : ORACLE_VALUE;
}

static FlowKernelFn kernel_of(const Expr *expr) {
    switch (expr->op) {
    case EXPR_DECIMAL_ADD:
        return flow_rt_k_decimal_add;
    case EXPR_DECIMAL_SUB:
        return flow_rt_k_decimal_sub;
    case EXPR_DECIMAL_MUL:
        return flow_rt_k_decimal_mul;
    case EXPR_DECIMAL_DIV:
        return flow_rt_k_decimal_div;
    case EXPR_DECIMAL_MOD:
        return flow_rt_k_decimal_mod;
    case EXPR_DECIMAL_DIV_INT:
        return flow_rt_k_decimal_div_int;
    case EXPR_CONCAT:
        return flow_rt_k_concat;
    case EXPR_LIKE:
        return flow_rt_k_like;
    case EXPR_MATCHES:
        return flow_rt_k_matches;
    case EXPR_CAST:
    case EXPR_TRY_CAST:
        return flow_rt_k_cast;
    case EXPR_WINDOW_START:
        return flow_rt_k_window_start;
    case EXPR_WINDOW_CALENDAR:
        return flow_rt_k_window_calendar;
    case EXPR_WINDOW_END:
        return flow_rt_k_window_end;
    case EXPR_WINDOW_DATE:
        return flow_rt_k_window_date;
    case EXPR_WINDOW_STARTS:
        return flow_rt_k_window_starts;
    case EXPR_WINDOW_ENDS:
        return flow_rt_k_window_ends;
    case EXPR_SAMPLE:
        return flow_rt_k_sample;
    default:
        return NULL;
    }
}

static FlowKernelFn builtin_of(Builtin builtin) {
    static const FlowKernelFn functions[] = {
#define BUILTIN(name, ...) flow_rt_fn_##name,
#include "abi/builtin.def"
#undef BUILTIN
    };
    return functions[builtin];
}

// --- comparisons
// ----------------------------------------------------------------------------------
static int compare(OracleRow *row,
                   const Expr *a,
                   const FlowValue *a_value,
                   const Expr *b,
                   const FlowValue *b_value) {
    FlowTypeDesc a_desc = desc_of(row, a->type);
    FlowTypeDesc b_desc = desc_of(row, b->type);
    return value_compare(&a_desc, a_value, &b_desc, b_value);
}

static OracleStatus truth(bool is_true, FlowValue *value) {
    *value = (FlowValue){.i64 = is_true};
    return ORACLE_VALUE;
}

static OracleStatus comparison(const Operands *o, FlowValue *value) {
    int order =
        compare(o->row, o->expr->arguments[0], &o->values[0], o->expr->arguments[1], &o->values[1]);
    switch (o->expr->op) {
    case EXPR_EQ:
        return truth(order == 0, value);
    case EXPR_NE:
        return truth(order != 0, value);
    case EXPR_LT:
        return truth(order < 0, value);
    case EXPR_LE:
        return truth(order <= 0, value);
    case EXPR_GT:
        return truth(order > 0, value);
    default:
        return truth(order >= 0, value);
    }
}

// --- operators that decide what to evaluate
// ---------------------------------------------------------
static OracleStatus logic(OracleRow *row, const Expr *expr, FlowValue *value) {
    int64_t deciding = expr->op == EXPR_OR ? 1 : 0;
    OracleStatus left = oracle_eval(row, expr->arguments[0], value);
    if (left == ORACLE_FAILED || (left == ORACLE_VALUE && value->i64 == deciding)) {
        return left;
    }
    OracleStatus right = oracle_eval(row, expr->arguments[1], value);
    if (right == ORACLE_FAILED || (right == ORACLE_VALUE && value->i64 == deciding)) {
        return right;
    }
    return left == ORACLE_NULL || right == ORACLE_NULL ? ORACLE_NULL : right;
}

static OracleStatus choice(OracleRow *row, const Expr *expr, FlowValue *value) {
    OracleStatus status = oracle_eval(row, expr->arguments[0], value);
    if (status == ORACLE_FAILED) {
        return status;
    }
    bool is_true = status == ORACLE_VALUE && value->i64 != 0;
    return oracle_eval(row, expr->arguments[is_true ? 1 : 2], value);
}

// SQL's rule: true if any is equal, else null if any comparison was null, else false.
static OracleStatus membership(OracleRow *row, const Expr *expr, FlowValue *value) {
    FlowValue wanted = {0};
    OracleStatus status = oracle_eval(row, expr->arguments[0], &wanted);
    if (status == ORACLE_FAILED) {
        return status;
    }
    bool has_null = status == ORACLE_NULL;
    bool is_found = false;
    for (uint32_t i = 1; i < expr->argument_count; i++) {
        FlowValue candidate = {0};
        OracleStatus each = oracle_eval(row, expr->arguments[i], &candidate);
        if (each == ORACLE_FAILED) {
            return each;
        }
        has_null |= each == ORACLE_NULL;
        is_found |= status == ORACLE_VALUE && each == ORACLE_VALUE &&
                    compare(row, expr->arguments[0], &wanted, expr->arguments[i], &candidate) == 0;
    }
    return !is_found && has_null ? ORACLE_NULL : truth(is_found, value);
}

static OracleStatus between(OracleRow *row, const Expr *expr, FlowValue *value) {
    FlowValue values[3] = {0};
    OracleStatus status[3];
    for (int i = 0; i < 3; i++) {
        status[i] = oracle_eval(row, expr->arguments[i], &values[i]);
        if (status[i] == ORACLE_FAILED) {
            return ORACLE_FAILED;
        }
    }
    if (status[0] == ORACLE_NULL) {
        return ORACLE_NULL;
    }
    bool is_below =
        status[1] == ORACLE_VALUE &&
        compare(row, expr->arguments[0], &values[0], expr->arguments[1], &values[1]) < 0;
    bool is_above =
        status[2] == ORACLE_VALUE &&
        compare(row, expr->arguments[0], &values[0], expr->arguments[2], &values[2]) > 0;
    if (is_below || is_above) {
        return truth(false, value);
    }
    return status[1] == ORACLE_NULL || status[2] == ORACLE_NULL ? ORACLE_NULL : truth(true, value);
}

// --- leaves
// -----------------------------------------------------------------------------------------
static OracleStatus column(OracleRow *row, const Expr *expr, FlowValue *value) {
    const FlowColumn *vector = &((const FlowColumn *)row->batch->columns)[expr->index];
    const Type *type = row->pipeline->slots[expr->index].type;
    if (type->is_nullable && ((const uint8_t *)vector->validity)[row->row] == 0) {
        return ORACLE_NULL;
    }
    FlowTypeDesc desc = desc_of(row, type);
    *value = value_load(&desc, vector->values, (size_t)row->row);
    return ORACLE_VALUE;
}

static OracleStatus leaf(OracleRow *row, const Expr *expr, FlowValue *value) {
    switch (expr->op) {
    case EXPR_COLUMN:
        return column(row, expr, value);
    case EXPR_PARAM:
        *value = ((const FlowValue *)row->ctx->params)[expr->index];
        return ((const uint8_t *)row->ctx->param_nulls)[expr->index] ? ORACLE_NULL : ORACLE_VALUE;
    case EXPR_NOW:
        *value = (FlowValue){.i64 = row->ctx->now_us};
        return ORACLE_VALUE;
    case EXPR_EPOCH:
        *value = (FlowValue){.i64 = row->ctx->epoch_order};
        return ORACLE_VALUE;
    case EXPR_ARGUMENT:
        return oracle_argument(row, expr, value);
    default:
        *value = expr->constant;
        return expr->is_null ? ORACLE_NULL : ORACLE_VALUE;
    }
}

// --- operators on values
// ------------------------------------------------------------------------------
static OracleStatus strict(const Operands *o, FlowValue *value) {
    const Expr *expr = o->expr;
    if (expr->op == EXPR_NOT) {
        return truth(o->values[0].i64 == 0, value);
    }
    if (expr->op == EXPR_CALL) {
        return kernel_call(o, builtin_of(expr->builtin), value);
    }
    if (kernel_of(expr) != NULL) {
        return kernel_call(o, kernel_of(expr), value);
    }
    if (expr->op >= EXPR_EQ && expr->op <= EXPR_GE) {
        return comparison(o, value);
    }
    const Type *type = expr->arguments[0]->type;
    if (expr->op == EXPR_NEG && type->kind == FLOW_DECIMAL) {
        *value = (FlowValue){.i128 = -o->values[0].i128};
        return ORACLE_VALUE;
    }
    return type_is_float(type) ? float_op(o, value) : int_op(o, value);
}

static OracleStatus strict_eval(OracleRow *row, const Expr *expr, FlowValue *value) {
    Operands o = {.row = row, .expr = expr};
    bool has_null = false;
    ASSERT(expr->argument_count <= COUNT_OF(o.values));
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (expr->arguments[i]->op == EXPR_LAMBDA) {
            o.values[i] = oracle_lambda(row, expr->arguments[i]);
            continue;
        }
        OracleStatus status = oracle_eval(row, expr->arguments[i], &o.values[i]);
        if (status == ORACLE_FAILED) {
            return status;
        }
        has_null |= status == ORACLE_NULL;
    }
    return has_null ? ORACLE_NULL : strict(&o, value);
}

OracleStatus oracle_eval(OracleRow *row, const Expr *expr, FlowValue *value) {
    OracleStatus status;
    switch (expr->op) {
    case EXPR_CONST:
    case EXPR_COLUMN:
    case EXPR_PARAM:
    case EXPR_NOW:
    case EXPR_EPOCH:
    case EXPR_ARGUMENT:
        return leaf(row, expr, value);
    case EXPR_STRUCT:
    case EXPR_LIST:
        return oracle_nested(row, expr, value);
    case EXPR_FIELD:
        return oracle_field(row, expr, value);
    case EXPR_INDEX:
        return oracle_index(row, expr, value);
    case EXPR_AND:
    case EXPR_OR:
        return logic(row, expr, value);
    case EXPR_IF:
        return choice(row, expr, value);
    case EXPR_IN:
        return membership(row, expr, value);
    case EXPR_BETWEEN:
        return between(row, expr, value);
    case EXPR_COALESCE:
        status = oracle_eval(row, expr->arguments[0], value);
        return status == ORACLE_NULL ? oracle_eval(row, expr->arguments[1], value) : status;
    case EXPR_IS_NULL:
        status = oracle_eval(row, expr->arguments[0], value);
        return status == ORACLE_FAILED ? status : truth(status == ORACLE_NULL, value);
    case EXPR_TRY_CAST:
        // The cast itself may fail; a failure inside its argument rejects the row as anywhere else.
        status = oracle_eval(row, expr->arguments[0], value);
        if (status != ORACLE_VALUE) {
            return status;
        }
        status = kernel_call(
            &(Operands){.row = row, .expr = expr, .values = {*value}}, flow_rt_k_cast, value);
        return status == ORACLE_FAILED ? ORACLE_NULL : status;
    default:
        return strict_eval(row, expr, value);
    }
}
