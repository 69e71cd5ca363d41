// Calls: which function a name means, and those that are operators.
#include "check/check_internal.h"

typedef struct Call {
    const AstExpr *ast;
    const AstExpr *const *asts;
    const Expr **values; // NULL among them: poison
    uint32_t count;
    bool is_whole;
} Call;

static Call arguments_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    Call call = {
        .ast = ast,
        .asts = ast->operands,
        .values = arena_array(c->arena, const Expr *, ast->operand_count + 1),
        .count = ast->operand_count,
        .is_whole = true,
    };
    for (uint32_t i = 0; i < call.count; i++) {
        call.values[i] = expr_check(c, scope, ast->operands[i]);
        call.is_whole &= call.values[i] != NULL;
    }
    return call;
}

// --- operators that look like functions ----------------------------------------------------------
static bool count_check(Checker *c, const Call *call, uint32_t least, uint32_t most) {
    if (call->count >= least && call->count <= most) {
        return true;
    }
    const char *more = most > least ? " or more" : "";
    diag_add(c->diags,
             DIAG_E033,
             call->ast->span,
             "`%s` takes %u argument%s%s, not %u",
             call->ast->name.text,
             least,
             least == 1 ? "" : "s",
             more,
             call->count);
    return false;
}

static const Expr *coalesce_check(Checker *c, Call *call) {
    return count_check(c, call, 1, UINT32_MAX)
               ? coalesce_make(c, call->ast, call->asts, call->values, call->count)
               : NULL;
}

static const Expr *if_null_check(Checker *c, Call *call) {
    return count_check(c, call, 2, 2)
               ? coalesce_make(c, call->ast, call->asts, call->values, call->count)
               : NULL;
}

static const Expr *nullif_check(Checker *c, Call *call) {
    if (!count_check(c, call, 2, 2) || !call->is_whole) {
        return NULL;
    }
    const Expr *whole = call->values[0];
    if (!comparable(c, call->ast, call->asts, call->values)) {
        return NULL;
    }
    const Type *type = bool_type(c, any_nullable(call->values, 2));
    const Expr *is_equal = node(c, call->ast, EXPR_EQ, type, call->values, 2);
    const Expr *nothing = made(c, expr_null(c->arena, whole->type), call->ast);
    return if_make(c, call->ast, is_equal, nothing, whole);
}

static const Expr *div_check(Checker *c, Call *call) {
    bool is_fine = count_check(c, call, 2, 2) && call->is_whole;
    return is_fine ? integral_division(c, call->ast, call->asts, call->values) : NULL;
}

static const Expr *mod_check(Checker *c, Call *call) {
    bool is_fine = count_check(c, call, 2, 2) && call->is_whole;
    return is_fine ? arithmetic(c, call->ast, AST_OP_MOD, call->asts, call->values) : NULL;
}

static const Expr *now_check(Checker *c, Call *call) {
    return count_check(c, call, 0, 0)
               ? node(c, call->ast, EXPR_NOW, type_new(c->arena, FLOW_TIMESTAMP, false), NULL, 0)
               : NULL;
}

static const Expr *
pair_make(Checker *c, const Call *call, ExprOp op, const Expr *a, const Expr *b) {
    const Expr *pair[2] = {a, b};
    return node(c, call->ast, op, bool_type(c, any_nullable(pair, 2)), pair, 2);
}

static const Expr *null_test(Checker *c, const Call *call, const Expr *value) {
    return node(c, call->ast, EXPR_IS_NULL, bool_type(c, false), &value, 1);
}

// Whether value `index` beats all behind it, nulls passed over.
static const Expr *beats_rest(Checker *c, const Call *call, uint32_t index, ExprOp op) {
    const Expr *value = call->values[index];
    const Expr *beats = NULL;
    if (value->type->is_nullable) {
        const Expr *is_null = null_test(c, call, value);
        beats = node(c, call->ast, EXPR_NOT, bool_type(c, false), &is_null, 1);
    }
    for (uint32_t i = index + 1; i < call->count; i++) {
        const Expr *wins = pair_make(c, call, op, value, call->values[i]);
        if (call->values[i]->type->is_nullable) {
            wins = pair_make(c, call, EXPR_OR, null_test(c, call, call->values[i]), wins);
        }
        beats = beats == NULL ? wins : pair_make(c, call, EXPR_AND, beats, wins);
    }
    return beats;
}

// The first value that beats all behind it; as in Spark null loses against everything. Every
// argument is evaluated on the way, whichever wins.
static const Expr *extreme_check(Checker *c, Call *call, ExprOp op) {
    enum { ARGUMENTS_MAX = 64 }; // the expression grows with their square
    if (!count_check(c, call, 2, ARGUMENTS_MAX)) {
        return NULL;
    }
    const Type *type = unify(c, call->asts, call->values, call->count, DIAG_E033);
    if (type == NULL || type->kind == FLOW_NULL) {
        return NULL;
    }
    bool is_nullable = true;
    for (uint32_t i = 0; i < call->count; i++) {
        is_nullable &= call->values[i]->type->is_nullable;
    }
    const Type *own = type_with_null(c->arena, type, is_nullable);
    const Expr *result = call->values[call->count - 1];
    for (uint32_t i = call->count - 1; i-- > 0;) {
        const Expr *choice[3] = {beats_rest(c, call, i, op), call->values[i], result};
        result = node(c, call->ast, EXPR_IF, own, choice, 3);
    }
    return result;
}

static const Expr *greatest_check(Checker *c, Call *call) {
    return extreme_check(c, call, EXPR_GE);
}

static const Expr *least_check(Checker *c, Call *call) {
    return extreme_check(c, call, EXPR_LE);
}

typedef struct OperatorRow {
    const char *name;
    const Expr *(*check)(Checker *c, Call *call);
} OperatorRow;

static const OperatorRow operators[] = {
    {"coalesce", coalesce_check},
    {"if_null", if_null_check},
    {"nullif", nullif_check},
    {"div", div_check},
    {"mod", mod_check},
    {"now", now_check},
    {"greatest", greatest_check},
    {"least", least_check},
};

// --- all -----------------------------------------------------------------------------------------
static void unknown_function_report(Checker *c, const AstExpr *ast) {
    VEC(const char *) names = {0};
    for (Builtin builtin = 0; builtin < BUILTIN_COUNT; builtin++) {
        *vec_push(c->arena, &names) = builtin_name(builtin);
    }
    for (uint32_t i = 0; i < COUNT_OF(operators); i++) {
        *vec_push(c->arena, &names) = operators[i].name;
    }
    for (FlowAggKind kind = 0; kind < FLOW_AGG_COUNT_KINDS; kind++) {
        *vec_push(c->arena, &names) = aggregate_name(kind);
    }
    Diag *diag =
        diag_add(c->diags, DIAG_E034, ast->name.span, "no function is called `%s`", ast->name.text);
    diag_suggest(c->diags, diag, ast->name.text, names.items, names.count);
}

// Arguments that stand twice in the result double with every nesting: a bound keeps it small.
static const Expr *size_bound(Checker *c, const AstExpr *ast, const Expr *result) {
    enum { NODES_MAX = 20000 };
    if (result == NULL || expr_size(result, NODES_MAX) < NODES_MAX) {
        return result;
    }
    diag_add(c->diags, DIAG_E063, ast->span, "this expression is too large");
    return NULL;
}

const Expr *call_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const char *name = ast->name.text;
    if (aggregate_is_name(name)) {
        return aggregate_check(c, scope, ast);
    }
    if (program_fn(c->program, name) != NULL) {
        return fn_call_check(c, scope, ast);
    }
    for (uint32_t i = 0; i < COUNT_OF(operators); i++) {
        if (str_equal(operators[i].name, name)) {
            Call call = arguments_check(c, scope, ast);
            return size_bound(c, ast, operators[i].check(c, &call));
        }
    }
    for (Builtin builtin = 0; builtin < BUILTIN_COUNT; builtin++) {
        if (str_equal(builtin_name(builtin), name)) {
            return builtin_check(c, scope, ast, builtin);
        }
    }
    unknown_function_report(c, ast);
    return NULL;
}
