// Casts: which pairs of types have a conversion at all. Whether a value fits is seen when it runs.
#include "check/check_internal.h"

static bool is_numeric(const Type *type) {
    return type_is_number(type) || type->kind == FLOW_BOOL;
}

static bool is_time(const Type *type) {
    return type->kind == FLOW_DATE || type->kind == FLOW_TIMESTAMP;
}

static bool is_castable(const Type *from, const Type *to);

// Part by part; a struct's fields by their places, so that a cast can rename them.
static bool parts_are_castable(const Type *from, const Type *to) {
    if (from->kind == FLOW_NULL || to->kind == FLOW_STRING) {
        return true; // the text is JSON
    }
    bool are_castable = from->kind == to->kind && from->child_count == to->child_count;
    for (uint32_t i = 0; are_castable && i < from->child_count; i++) {
        const Type *part = from->children[i].type;
        const Type *wanted = to->children[i].type;
        are_castable = is_castable(part, wanted) && (wanted->is_nullable || !part->is_nullable);
    }
    return are_castable;
}

static bool is_castable(const Type *from, const Type *to) {
    if (type_is_nested(from) || type_is_nested(to)) {
        return parts_are_castable(from, to);
    }
    if (from->kind == to->kind || from->kind == FLOW_NULL) {
        return true;
    }
    if (type_is_text(from) || to->kind == FLOW_STRING) {
        return true; // every type has a text form; reading one back may fail
    }
    if (is_numeric(from) && is_numeric(to)) {
        return true;
    }
    bool is_duration = (from->kind == FLOW_DURATION && type_is_integer(to)) ||
                       (to->kind == FLOW_DURATION && type_is_integer(from));
    return is_duration || (is_time(from) && is_time(to));
}

static void cast_report(Checker *c, const AstExpr *ast, const Type *from, const Type *to) {
    Diag *diag = diag_add(c->diags,
                          DIAG_E104,
                          ast->span,
                          "%s can't be cast to %s",
                          type_show(c, from),
                          type_show(c, to));
    if (from->kind == FLOW_TIMESTAMP && type_is_number(to)) {
        diag_help(c->diags, diag, "subtract another timestamp: that gives a duration");
    } else if (to->kind == FLOW_ENUM) {
        diag_help(c->diags, diag, "cast to string first");
    }
}

static const Expr *cast_make(Checker *c, const AstExpr *ast, const Expr *value, const Type *type) {
    bool is_try = ast->kind == AST_EXPR_TRY_CAST;
    bool is_safe = type_widens_to(value->type, type_with_null(c->arena, type, true));
    bool is_nullable = value->type->is_nullable || type->is_nullable || (is_try && !is_safe);
    const Type *result = type_with_null(c->arena, type, is_nullable);
    if (type_equal_base(value->type, type) && value->type->is_nullable == is_nullable) {
        // Nothing happens to the value, but the type may lose its name.
        Expr *copy = arena_new(c->arena, Expr);
        *copy = *value;
        copy->type = result;
        return made(c, copy, ast);
    }
    Expr *cast =
        expr_new(c->arena, is_try && !is_safe ? EXPR_TRY_CAST : EXPR_CAST, result, &value, 1);
    cast->is_widening = is_safe;
    return made(c, cast, ast);
}

const Expr *cast_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const AstExpr *operand = ast->operands[0];
    const Type *type = type_check(c, ast->type);
    const Expr *adapted = type == NULL ? NULL : literal_as(c, operand, type);
    const Expr *value = adapted != NULL ? adapted : expr_check(c, scope, operand);
    if (value == NULL || type == NULL) {
        return NULL;
    }
    const Expr *fitted = type_is_nested(type) ? fit(c, operand, value, type) : NULL;
    value = fitted != NULL ? fitted : value;
    if (!is_castable(value->type, type)) {
        cast_report(c, ast, value->type, type);
        return NULL;
    }
    return cast_make(c, ast, value, type);
}
