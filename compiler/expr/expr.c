// Making expressions, and the questions that passes ask about them.
//
// Nodes are immutable once shared: whatever changes an expression builds a new spine and keeps the
// parts that stay.
#include "expr/expr.h"

Expr *expr_new(Arena *arena,
               ExprOp op,
               const Type *type,
               const Expr *const *arguments,
               uint32_t argument_count) {
    Expr *expr = arena_new(arena, Expr);
    const Expr **copy = arena_array(arena, const Expr *, argument_count + 1);
    for (uint32_t i = 0; i < argument_count; i++) {
        copy[i] = arguments[i];
    }
    expr->op = op;
    expr->type = type;
    expr->text = "";
    expr->arguments = copy;
    expr->argument_count = argument_count;
    return expr;
}

Expr *expr_column(Arena *arena, uint32_t index, const Type *type) {
    Expr *expr = expr_new(arena, EXPR_COLUMN, type, NULL, 0);
    expr->index = index;
    return expr;
}

Expr *expr_constant(Arena *arena, const Type *type, FlowValue value) {
    Expr *expr = expr_new(arena, EXPR_CONST, type, NULL, 0);
    expr->constant = value;
    return expr;
}

Expr *expr_null(Arena *arena, const Type *type) {
    Expr *expr = expr_new(arena, EXPR_CONST, type_with_null(arena, type, true), NULL, 0);
    expr->is_null = true;
    return expr;
}

Expr *expr_bool(Arena *arena, bool value) {
    return expr_constant(arena, type_new(arena, FLOW_BOOL, false), (FlowValue){.i64 = value});
}

const Expr *expr_located(Arena *arena, const Expr *expr, Span span, const char *text) {
    Expr *copy = arena_new(arena, Expr);
    *copy = *expr;
    copy->span = span;
    copy->text = text;
    return copy;
}

// --- what can fail -------------------------------------------------------------------------------
// A decimal result that was cut to 38 digits may not hold the exact one.
static bool decimal_is_cut(const Expr *expr, char operation) {
    TypeDigits exact =
        type_decimal_exact(operation, expr->arguments[0]->type, expr->arguments[1]->type);
    const Type *type = expr->type;
    return type->precision - type->scale < exact.precision - exact.scale;
}

static bool builtin_can_fail(const Expr *call) {
    switch (call->builtin) {
    case BUILTIN_abs:
        return type_is_integer(call->type); // the least integer has no counterpart
    case BUILTIN_sign:
    case BUILTIN_sqrt:
    case BUILTIN_power:
    case BUILTIN_exp:
    case BUILTIN_ln:
    case BUILTIN_log10:
    case BUILTIN_haversine:
    case BUILTIN_length:
    case BUILTIN_lower:
    case BUILTIN_upper:
    case BUILTIN_trim:
    case BUILTIN_ltrim:
    case BUILTIN_rtrim:
    case BUILTIN_starts_with:
    case BUILTIN_ends_with:
    case BUILTIN_contains:
    case BUILTIN_substr:
    case BUILTIN_position:
    case BUILTIN_reverse:
    case BUILTIN_unix_seconds:
    case BUILTIN_unix_ms:
    case BUILTIN_size:
    case BUILTIN_map:
    case BUILTIN_filter:
    case BUILTIN_any:
    case BUILTIN_all:
    case BUILTIN_reduce:
    case BUILTIN_sort:
    case BUILTIN_distinct:
    case BUILTIN_flatten:
    case BUILTIN_keys:
    case BUILTIN_values:
    case BUILTIN_list_min:
    case BUILTIN_list_max:
    case BUILTIN_xxhash64:
    case BUILTIN_md5:
    case BUILTIN_sha256:
    case BUILTIN_hmac_sha256:
    case BUILTIN_tokenize:
    case BUILTIN_redact:
    case BUILTIN_parse_url:
    case BUILTIN_random:
        return false;
    case BUILTIN_year:
    case BUILTIN_month:
    case BUILTIN_day:
    case BUILTIN_hour:
    case BUILTIN_minute:
    case BUILTIN_second:
    case BUILTIN_day_of_week:
    case BUILTIN_week:
        return call->argument_count > 1; // with a zone
    default:
        return true;
    }
}

bool expr_node_can_fail(const Expr *expr) {
    switch (expr->op) {
    case EXPR_NEG:
    case EXPR_ADD:
    case EXPR_SUB:
    case EXPR_MUL:
        return !type_is_float(expr->type) && expr->type->kind != FLOW_DECIMAL;
    case EXPR_DIV:
    case EXPR_DIV_INT:
    case EXPR_MOD:
    case EXPR_DECIMAL_DIV:
    case EXPR_DECIMAL_MOD:
    case EXPR_DECIMAL_DIV_INT:
    case EXPR_TIME_ADD:
    case EXPR_TIME_SUB:
    case EXPR_TIME_DIFF:
    case EXPR_DATE_ADD:
    case EXPR_MATCHES:
    case EXPR_WINDOW_START:
    case EXPR_WINDOW_CALENDAR:
    case EXPR_WINDOW_END:
    case EXPR_WINDOW_DATE:
    case EXPR_WINDOW_STARTS:
    case EXPR_WINDOW_ENDS:
        return true;
    case EXPR_DECIMAL_ADD:
        return decimal_is_cut(expr, '+');
    case EXPR_DECIMAL_SUB:
        return decimal_is_cut(expr, '-');
    case EXPR_DECIMAL_MUL:
        return decimal_is_cut(expr, '*');
    case EXPR_CAST:
        return !expr->is_widening;
    case EXPR_CALL:
        return builtin_can_fail(expr);
    case EXPR_CONST:
    case EXPR_COLUMN:
    case EXPR_PARAM:
    case EXPR_NOW:
    case EXPR_EPOCH:
    case EXPR_CONCAT:
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
    case EXPR_AND:
    case EXPR_OR:
    case EXPR_NOT:
    case EXPR_IS_NULL:
    case EXPR_COALESCE:
    case EXPR_IF:
    case EXPR_IN:
    case EXPR_BETWEEN:
    case EXPR_LIKE:
    case EXPR_TRY_CAST:
    case EXPR_STRUCT:
    case EXPR_LIST:
    case EXPR_FIELD:
    case EXPR_INDEX:
    case EXPR_LAMBDA: // its body may
    case EXPR_ARGUMENT:
    case EXPR_SAMPLE:
    case EXPR_OP_COUNT:
        break;
    }
    return false;
}

bool expr_can_fail(const Expr *expr) {
    if (expr_node_can_fail(expr)) {
        return true;
    }
    // try_cast turns only its own failure into null; what stands below it still rejects.
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (expr_can_fail(expr->arguments[i])) {
            return true;
        }
    }
    return false;
}

// --- walks ---------------------------------------------------------------------------------------
bool expr_is_constant(const Expr *expr) {
    if (expr->op == EXPR_COLUMN || expr->op == EXPR_PARAM || expr->op == EXPR_NOW ||
        expr->op == EXPR_EPOCH || expr->op == EXPR_ARGUMENT) {
        return false;
    }
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (!expr_is_constant(expr->arguments[i])) {
            return false;
        }
    }
    return true;
}

bool expr_uses_column(const Expr *expr, uint32_t index) {
    if (expr->op == EXPR_COLUMN) {
        return expr->index == index;
    }
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (expr_uses_column(expr->arguments[i], index)) {
            return true;
        }
    }
    return false;
}

void expr_columns(const Expr *expr, bool *used) {
    if (expr->op == EXPR_COLUMN) {
        used[expr->index] = true;
    }
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        expr_columns(expr->arguments[i], used);
    }
}

uint32_t expr_depth(const Expr *expr) {
    uint32_t depth = 0;
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        uint32_t below = expr_depth(expr->arguments[i]);
        depth = below > depth ? below : depth;
    }
    return depth + 1;
}

uint32_t expr_size(const Expr *expr, uint32_t limit) {
    uint32_t size = 1;
    for (uint32_t i = 0; i < expr->argument_count && size < limit; i++) {
        size += expr_size(expr->arguments[i], limit - size);
    }
    return size;
}

const Expr *expr_substitute(Arena *arena, const Expr *expr, const Expr *const *replacements) {
    if (expr->op == EXPR_COLUMN) {
        return replacements[expr->index];
    }
    if (expr->argument_count == 0) {
        return expr;
    }
    const Expr **arguments = arena_array(arena, const Expr *, expr->argument_count);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        arguments[i] = expr_substitute(arena, expr->arguments[i], replacements);
    }
    Expr *copy = arena_new(arena, Expr);
    *copy = *expr;
    copy->arguments = arguments;
    return copy;
}

static const FlowColumnDesc *child_descs(Arena *arena, const Type *type) {
    FlowColumnDesc *descs = arena_array(arena, FlowColumnDesc, type->child_count + 1);
    for (uint32_t i = 0; i < type->child_count; i++) {
        FlowTypeDesc *desc = arena_new(arena, FlowTypeDesc);
        *desc = type_desc(arena, type->children[i].type);
        descs[i] = (FlowColumnDesc){.name = type->children[i].name, .type = desc, .is_used = 1};
    }
    return descs;
}

FlowTypeDesc type_desc(Arena *arena, const Type *type) {
    FlowText *texts = NULL;
    if (type->enum_count > 0) {
        texts = arena_array(arena, FlowText, type->enum_count);
    }
    for (uint32_t i = 0; i < type->enum_count; i++) {
        texts[i] = (FlowText){.text = type->enum_values[i]};
    }
    return (FlowTypeDesc){
        .kind = (int32_t)type->kind,
        .is_nullable = type->is_nullable,
        .precision = type->precision,
        .scale = type->scale,
        .enum_values = texts,
        .enum_values_count = type->enum_count,
        .children = type->child_count == 0 ? NULL : child_descs(arena, type),
        .children_count = type->child_count,
    };
}

// --- built-in functions --------------------------------------------------------------------------
typedef struct BuiltinRow {
    const char *name, *signature, *result, *help;
} BuiltinRow;

static const BuiltinRow builtins[] = {
#define BUILTIN(name, signature, result, help) {#name, signature, result, help},
#include "abi/builtin.def"
#undef BUILTIN
};
_Static_assert(COUNT_OF(builtins) == BUILTIN_COUNT, "one row for each function");

const char *builtin_name(Builtin builtin) {
    return builtins[builtin].name;
}

const char *builtin_signature(Builtin builtin) {
    return builtins[builtin].signature;
}

const char *builtin_result(Builtin builtin) {
    return builtins[builtin].result;
}

const char *builtin_help(Builtin builtin) {
    return builtins[builtin].help;
}
