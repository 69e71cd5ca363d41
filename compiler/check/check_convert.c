// Types that meet: widening, the common type of several values, values for a column.
#include "check/check_internal.h"

const Expr *widen(Checker *c, const Expr *expr, const Type *type) {
    if (type_equal_base(expr->type, type)) {
        return expr;
    }
    const Type *to = type_with_null(c->arena, type, expr->type->is_nullable);
    Expr *cast = expr_new(c->arena, EXPR_CAST, to, &expr, 1);
    cast->is_widening = true;
    cast->span = expr->span;
    cast->text = expr->text;
    return cast;
}

const Type *integer_as_decimal(Checker *c, const Type *type) {
    static const int32_t digits[] = {3, 5, 10, 20};
    if (type->kind == FLOW_DECIMAL) {
        return type;
    }
    return type_decimal(c->arena, digits[type->kind - FLOW_INT8], 0, type->is_nullable);
}

static int32_t larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}

static const Type *common_decimal(Checker *c, const Type *a, const Type *b) {
    int32_t scale = larger(a->scale, b->scale);
    int32_t whole = larger(a->precision - a->scale, b->precision - b->scale);
    if (whole + scale > TYPE_PRECISION_MAX) {
        return NULL;
    }
    return type_decimal(c->arena, whole + scale, scale, false);
}

static const Type *common_number(Checker *c, const Type *a, const Type *b) {
    if (type_is_integer(a) && type_is_integer(b)) {
        return a->kind > b->kind ? a : b;
    }
    if (type_is_float(a) && type_is_float(b)) {
        return a->kind > b->kind ? a : b;
    }
    if (type_is_float(a) || type_is_float(b)) {
        const Type *other = type_is_float(a) ? b : a;
        bool is_exact = type_is_integer(other) && other->kind != FLOW_INT64;
        return is_exact ? type_new(c->arena, FLOW_FLOAT64, false) : NULL;
    }
    return common_decimal(c, integer_as_decimal(c, a), integer_as_decimal(c, b));
}

static const Type *common_nested(Checker *c, const Type *a, const Type *b) {
    bool are_alike = a->kind == b->kind && a->child_count == b->child_count;
    TypeField *children = arena_array(c->arena, TypeField, a->child_count + 1);
    for (uint32_t i = 0; are_alike && i < a->child_count; i++) {
        const TypeField *child = &a->children[i];
        children[i] = (TypeField){child->name, common_type(c, child->type, b->children[i].type)};
        are_alike = children[i].type != NULL && str_equal(child->name, b->children[i].name);
    }
    if (!are_alike) {
        return NULL;
    }
    if (a->kind == FLOW_LIST) {
        return type_list(c->arena, children[0].type, false);
    }
    return a->kind == FLOW_MAP ? type_map(c->arena, children[0].type, children[1].type, false)
                               : type_struct(c->arena, children, a->child_count, false);
}

const Type *common_type(Checker *c, const Type *a, const Type *b) {
    const Type *base = NULL;
    if (a->kind == FLOW_NULL) {
        base = b;
    } else if (b->kind == FLOW_NULL || type_equal_base(a, b)) {
        base = a;
    } else if (type_is_number(a) && type_is_number(b)) {
        base = common_number(c, a, b);
    } else if (type_is_text(a) && type_is_text(b)) {
        base = type_new(c->arena, FLOW_STRING, false);
    } else if (type_is_nested(a)) {
        base = common_nested(c, a, b);
    }
    return base == NULL ? NULL : type_with_null(c->arena, base, a->is_nullable || b->is_nullable);
}

// --- several values of one type ------------------------------------------------------------------
// Literals join what the others are; numbers with more digits first, so that `1` beside `2.5` is
// the smallest decimal and not an int64.
static int literal_rank(const AstExpr *ast) {
    Literal literal = {0};
    if (!literal_of(ast, &literal)) {
        return 0;
    }
    switch (literal.ast->kind) {
    case AST_FLOAT:
        return 1;
    case AST_DECIMAL:
        return 2;
    case AST_NULL:
        return 4;
    case AST_BOOL:
    case AST_INTEGER:
    case AST_STRING:
    case AST_DATE:
    case AST_TIMESTAMP:
    case AST_DURATION:
    case AST_SIZE:
    case AST_PERCENT:
        break;
    }
    return 3;
}

static const Type *literal_join(Checker *c, const Type *type, const AstExpr *ast) {
    if (literal_is_null(ast)) {
        return type == NULL ? type_new(c->arena, FLOW_NULL, true)
                            : type_with_null(c->arena, type, true);
    }
    if (type == NULL || type->kind == FLOW_NULL) {
        const Expr *alone = literal_alone(c, ast);
        return alone == NULL ? NULL : alone->type;
    }
    if (literal_as(c, ast, type) != NULL) {
        return type;
    }
    const Expr *own = type->kind == FLOW_DECIMAL && literal_is_number(ast)
                          ? literal_as_smallest(c, ast)
                          : literal_alone(c, ast);
    return own == NULL ? NULL : common_type(c, type, own->type);
}

static void
unify_report(Checker *c, const AstExpr *ast, const Type *type, const Type *other, DiagCode code) {
    Diag *diag = diag_add(c->diags,
                          code,
                          ast->span,
                          "this is %s, but %s is expected here as before",
                          type_show(c, other),
                          type_show(c, type));
    cast_help(c, diag, ast, type);
}

// The common type of the values of one rank, joined with what came before; NULL was reported.
static bool rank_join(Checker *c,
                      const AstExpr *const *asts,
                      const Expr **values,
                      uint32_t index,
                      const Type **type,
                      DiagCode code) {
    bool is_literal = literal_rank(asts[index]) > 0;
    const Type *own = is_literal ? NULL : values[index]->type;
    const Type *joined = NULL;
    if (is_literal) {
        joined = literal_join(c, *type, asts[index]);
    } else {
        joined = *type == NULL ? own : common_type(c, *type, own);
    }
    if (joined == NULL && *type != NULL) {
        const Expr *alone = is_literal ? literal_alone(c, asts[index]) : values[index];
        if (alone != NULL) {
            unify_report(c, asts[index], *type, alone->type, code);
        }
    }
    *type = joined;
    return joined != NULL;
}

const Type *
unify(Checker *c, const AstExpr *const *asts, const Expr **values, uint32_t count, DiagCode code) {
    const Type *type = NULL;
    for (int rank = 0; rank <= 4; rank++) {
        for (uint32_t i = 0; i < count; i++) {
            if (values[i] == NULL) {
                return NULL;
            }
            if (literal_rank(asts[i]) == rank && !rank_join(c, asts, values, i, &type, code)) {
                return NULL;
            }
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const Expr *fitted = fit(c, asts[i], values[i], type);
        values[i] = fitted != NULL ? fitted : widen(c, values[i], type);
    }
    return type;
}

// --- a value for a column ------------------------------------------------------------------------
void cast_help(Checker *c, Diag *diag, const AstExpr *ast, const Type *target) {
    const char *text = source_text(c->arena, &c->diags->sources, ast->span);
    const Type *plain = type_with_null(c->arena, target, false);
    if (plain->kind == FLOW_NULL || literal_is_text(ast)) {
        return; // nobody means the cast of a text that he wrote himself
    }
    if (literal_is_number(ast) && plain->kind == FLOW_STRING) {
        const char *quoted = arena_format(c->arena, "\"%s\"", text);
        diag_help(c->diags, diag, "write `%s`", quoted);
        diag_fix(c->diags, diag, ast->span, quoted);
        return;
    }
    const char *cast = arena_format(c->arena, "cast(%s as %s)", text, type_show(c, plain));
    diag_help(c->diags, diag, "write `%s`", cast);
    diag_fix(c->diags, diag, ast->span, cast);
}

static void null_report(Checker *c, const AstExpr *ast, const Type *target, const char *what) {
    Diag *diag = diag_add(c->diags,
                          DIAG_P604,
                          ast->span,
                          "this may be null, but %s is %s",
                          what,
                          type_show(c, target));
    diag_help(c->diags,
              diag,
              "give a value in place of null with `??`, or keep only the others with `where … is "
              "not null`");
}

const Expr *
assign_to(Checker *c, const AstExpr *ast, const Expr *value, const Type *target, const char *what) {
    if (value == NULL || target == NULL) {
        return NULL;
    }
    const Expr *fitted = fit(c, ast, value, target);
    if (fitted == NULL && literal_is_text(ast) && target->kind == FLOW_ENUM) {
        enum_value_report(c, ast, target);
        return NULL;
    }
    if (fitted == NULL) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E105,
                              ast->span,
                              "%s is %s, this is %s",
                              what,
                              type_show(c, target),
                              type_show(c, value->type));
        cast_help(c, diag, ast, target);
        return NULL;
    }
    if (fitted->type->is_nullable && !target->is_nullable) {
        null_report(c, ast, target, what);
        return NULL;
    }
    return fitted;
}
