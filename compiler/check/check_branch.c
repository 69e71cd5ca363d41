// Choices: if, case, ??, in, between. All become nested IFs, COALESCE, IN and BETWEEN of one type.
#include "check/check_internal.h"

const Expr *
if_make(Checker *c, const AstExpr *ast, const Expr *condition, const Expr *yes, const Expr *no) {
    const Expr *arguments[3] = {condition, yes, no};
    const Type *base = type_with_null(c->arena, yes->type, true);
    Expr *choice = expr_new(c->arena, EXPR_IF, base, arguments, 3);
    choice->type = type_with_null(c->arena, base, null_is_possible(choice));
    return made(c, choice, ast);
}

static bool has_type(Checker *c, const AstExpr *ast, const Type *type) {
    if (type != NULL && type->kind == FLOW_NULL) {
        Diag *diag =
            diag_add(c->diags, DIAG_E110, ast->span, "nothing says which type this null has");
        diag_help(c->diags, diag, "write `cast(null as T)` with the type that is meant");
    }
    return type != NULL && type->kind != FLOW_NULL;
}

const Expr *if_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr *condition = condition_check(c, scope, ast->operands[0], "`if`");
    const Expr *values[2];
    values[0] = expr_check(c, scope, ast->operands[1]);
    values[1] = expr_check(c, scope, ast->operands[2]);
    const Type *type = unify(c, ast->operands + 1, values, 2, DIAG_E035);
    if (!has_type(c, ast, type) || condition == NULL) {
        return NULL;
    }
    return if_make(c, ast, condition, values[0], values[1]);
}

// The branches of a case, its `else` last (if it has one).
typedef struct Branches {
    const AstExpr **asts;
    const Expr **conditions;
    const Expr **values;
    uint32_t when_count;
    uint32_t value_count;
    bool is_whole; // no poison among the conditions
} Branches;

static Branches branches_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    uint32_t when_count = ast->operand_count / 2;
    Branches b = {
        .asts = arena_array(c->arena, const AstExpr *, when_count + 1),
        .conditions = arena_array(c->arena, const Expr *, when_count + 1),
        .values = arena_array(c->arena, const Expr *, when_count + 1),
        .when_count = when_count,
        .is_whole = true,
    };
    for (uint32_t i = 0; i < when_count; i++) {
        b.conditions[i] = condition_check(c, scope, ast->operands[2 * i], "`when`");
        b.asts[i] = ast->operands[2 * i + 1];
        b.is_whole &= b.conditions[i] != NULL;
    }
    b.value_count = when_count;
    if (ast->operand_count % 2 == 1) {
        b.asts[b.value_count++] = ast->operands[ast->operand_count - 1];
    }
    for (uint32_t i = 0; i < b.value_count; i++) {
        b.values[i] = expr_check(c, scope, b.asts[i]);
    }
    return b;
}

const Expr *case_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    Branches b = branches_check(c, scope, ast);
    const Type *type = unify(c, b.asts, b.values, b.value_count, DIAG_E035);
    if (!has_type(c, ast, type) || !b.is_whole) {
        return NULL;
    }
    bool has_else = b.value_count > b.when_count;
    const Expr *result =
        has_else ? b.values[b.when_count] : made(c, expr_null(c->arena, type), ast);
    for (uint32_t i = b.when_count; i-- > 0;) {
        result = if_make(c, ast, b.conditions[i], b.values[i], result);
    }
    return result;
}

const Expr *coalesce_make(Checker *c,
                          const AstExpr *ast,
                          const AstExpr *const *asts,
                          const Expr **values,
                          uint32_t count) {
    const Type *type = unify(c, asts, values, count, DIAG_E035);
    if (!has_type(c, ast, type)) {
        return NULL;
    }
    const Expr *result = values[count - 1];
    for (uint32_t i = count - 1; i-- > 0;) {
        const Expr *pair[2] = {values[i], result};
        bool is_nullable = values[i]->type->is_nullable && result->type->is_nullable;
        const Type *own = type_with_null(c->arena, type, is_nullable);
        result = node(c, ast, EXPR_COALESCE, own, pair, 2);
    }
    return result;
}

// --- in, between
// ---------------------------------------------------------------------------------- The subject
// first, then what it is compared with; false if a literal is no value of its enum.
static bool members_check(Checker *c, const Scope *scope, const AstExpr *ast, const Expr **values) {
    bool is_whole = true;
    for (uint32_t i = 0; i < ast->operand_count; i++) {
        values[i] = expr_check(c, scope, ast->operands[i]);
        is_whole &= values[i] != NULL;
    }
    const Type *subject = values[0] == NULL ? NULL : values[0]->type;
    for (uint32_t i = 1; subject != NULL && i < ast->operand_count; i++) {
        const AstExpr *member = ast->operands[i];
        bool is_enum_text = subject->kind == FLOW_ENUM && literal_is_text(member);
        if (is_enum_text && literal_as(c, member, subject) == NULL) {
            enum_value_report(c, member, subject);
            is_whole = false;
        }
    }
    return is_whole;
}

static const Expr *members_make(Checker *c, const Scope *scope, const AstExpr *ast, ExprOp op) {
    const Expr **values = arena_array(c->arena, const Expr *, ast->operand_count);
    if (!members_check(c, scope, ast, values)) {
        return NULL;
    }
    const Type *type = unify(c, ast->operands, values, ast->operand_count, DIAG_E027);
    if (!has_type(c, ast, type)) {
        return NULL;
    }
    if (type_has(type, FLOW_MAP)) {
        diag_add(c->diags, DIAG_E027, ast->span, "maps never compare");
        return NULL;
    }
    const Type *result = bool_type(c, any_nullable(values, ast->operand_count));
    return not_if(c, ast, node(c, ast, op, result, values, ast->operand_count));
}

const Expr *in_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    return members_make(c, scope, ast, EXPR_IN);
}

const Expr *between_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    return members_make(c, scope, ast, EXPR_BETWEEN);
}
