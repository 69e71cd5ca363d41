// Literals: they take the type of what they meet if they are a value of it (LANGUAGE 11 "Numbers").
//
// Texts of numbers are parsed for the type that is wanted, never by way of a float, so that exact
// decimals stay exact.
#include "check/check_internal.h"

#include <math.h>

bool literal_of(const AstExpr *ast, Literal *literal) {
    if (ast->kind == AST_EXPR_LITERAL) {
        *literal = (Literal){&ast->literal, false};
        return true;
    }
    if (ast->kind == AST_EXPR_NEGATE && literal_is_number(ast->operands[0])) {
        Literal inner = {0};
        if (!literal_of(ast->operands[0], &inner)) {
            return false;
        }
        *literal = (Literal){inner.ast, !inner.is_negative};
        return true;
    }
    return false;
}

static bool is_number_kind(AstLiteralKind kind) {
    return kind == AST_INTEGER || kind == AST_DECIMAL || kind == AST_FLOAT;
}

bool literal_is_number(const AstExpr *ast) {
    Literal literal = {0};
    return literal_of(ast, &literal) && is_number_kind(literal.ast->kind);
}

static bool is_kind(const AstExpr *ast, AstLiteralKind kind) {
    return ast->kind == AST_EXPR_LITERAL && ast->literal.kind == kind;
}

bool literal_is_null(const AstExpr *ast) {
    return is_kind(ast, AST_NULL);
}

bool literal_is_text(const AstExpr *ast) {
    return is_kind(ast, AST_STRING);
}

static const char *number_text(Checker *c, Literal literal) {
    const char *text = literal.ast->text;
    if (!literal.is_negative) {
        return text;
    }
    return text[0] == '-' ? text + 1 : arena_format(c->arena, "-%s", text);
}

static const Expr *value_expr(Checker *c, const AstExpr *ast, const Type *type, FlowValue value) {
    return made(c, expr_constant(c->arena, type_with_null(c->arena, type, false), value), ast);
}

// The digits of a number's text: whole ones without leading zeros, and those after the point.
static TypeDigits digits_of(const char *text) {
    TypeDigits digits = {0};
    bool is_fraction = false;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '.') {
            is_fraction = true;
        } else if (*at >= '0' && *at <= '9') {
            digits.scale += is_fraction;
            digits.precision += is_fraction || digits.precision > 0 || *at != '0';
        }
    }
    digits.precision = digits.precision == 0 ? 1 : digits.precision;
    return digits;
}

static const Expr *
decimal_literal(Checker *c, const AstExpr *ast, const char *text, const Type *type) {
    i128 unscaled = 0;
    ParseResult parsed = parse_decimal(text, strlen(text), type->precision, type->scale, &unscaled);
    if (parsed != PARSE_OK) {
        return NULL;
    }
    return value_expr(c, ast, type, (FlowValue){.i128 = unscaled});
}

static const Expr *number_as(Checker *c, const AstExpr *ast, Literal literal, const Type *type) {
    const char *text = number_text(c, literal);
    AstLiteralKind kind = literal.ast->kind;
    FlowTypeDesc desc = type_desc(c->arena, type);
    FlowValue value = {0};
    if (type_is_integer(type) && kind == AST_INTEGER) {
        bool fits = value_parse(c->arena, &desc, text, strlen(text), &value) == PARSE_OK;
        return fits ? value_expr(c, ast, type, value) : NULL;
    }
    if (type->kind == FLOW_DECIMAL && kind != AST_FLOAT) {
        return decimal_literal(c, ast, text, type);
    }
    if (type_is_float(type)) {
        double number = 0;
        if (parse_float64(text, strlen(text), &number) != PARSE_OK) {
            return NULL;
        }
        value.f64 = type->kind == FLOW_FLOAT32 ? (double)(float)number : number;
        return isinf(value.f64) ? NULL : value_expr(c, ast, type, value);
    }
    return NULL;
}

static const Expr *text_as(Checker *c, const AstExpr *ast, const Type *type) {
    const AstLiteral *literal = &ast->literal;
    FlowValue value = {0};
    if (type->kind == FLOW_STRING) {
        value.view = view_of(literal->text, literal->length);
        return value_expr(c, ast, type, value);
    }
    if (type->kind != FLOW_ENUM) {
        return NULL;
    }
    value.i64 = type_enum_code(type, literal->text, literal->length);
    return value.i64 < 0 ? NULL : value_expr(c, ast, type, value);
}

static bool plain_kind(AstLiteralKind literal, FlowKind *kind) {
    switch (literal) {
    case AST_BOOL:
        *kind = FLOW_BOOL;
        return true;
    case AST_DATE:
        *kind = FLOW_DATE;
        return true;
    case AST_TIMESTAMP:
        *kind = FLOW_TIMESTAMP;
        return true;
    case AST_DURATION:
        *kind = FLOW_DURATION;
        return true;
    case AST_NULL:
    case AST_INTEGER:
    case AST_DECIMAL:
    case AST_FLOAT:
    case AST_STRING:
    case AST_SIZE:
    case AST_PERCENT:
        break;
    }
    return false;
}

// `[]` is a literal of any list.
static const Expr *empty_list(Checker *c, const AstExpr *ast, const Type *type) {
    static const FlowNested empty = {0};
    bool is_empty = ast->kind == AST_EXPR_LIST && ast->operand_count == 0;
    return is_empty && type->kind == FLOW_LIST
               ? value_expr(c, ast, type, (FlowValue){.nested = &empty})
               : NULL;
}

const Expr *literal_as(Checker *c, const AstExpr *ast, const Type *type) {
    Literal literal = {0};
    if (!literal_of(ast, &literal)) {
        return empty_list(c, ast, type);
    }
    FlowKind kind = FLOW_NULL;
    if (literal.ast->kind == AST_NULL) {
        return made(c, expr_null(c->arena, type), ast);
    }
    if (is_number_kind(literal.ast->kind)) {
        return number_as(c, ast, literal, type);
    }
    if (literal.ast->kind == AST_STRING) {
        return text_as(c, ast, type);
    }
    if (!plain_kind(literal.ast->kind, &kind) || kind != type->kind) {
        return NULL;
    }
    return value_expr(c, ast, type, (FlowValue){.i64 = literal.ast->value});
}

const Expr *literal_as_smallest(Checker *c, const AstExpr *ast) {
    Literal literal = {0};
    if (!literal_of(ast, &literal) || literal.ast->kind == AST_FLOAT) {
        return NULL;
    }
    TypeDigits digits = digits_of(literal.ast->text);
    if (digits.precision > TYPE_PRECISION_MAX) {
        diag_add(c->diags,
                 DIAG_E024,
                 ast->span,
                 "a decimal has at most %d digits, this number has %d",
                 TYPE_PRECISION_MAX,
                 digits.precision);
        return NULL;
    }
    const Type *type = type_decimal(c->arena, digits.precision, digits.scale, false);
    return literal_as(c, ast, type);
}

static const Expr *float_alone(Checker *c, const AstExpr *ast) {
    const Expr *value = literal_as(c, ast, type_new(c->arena, FLOW_FLOAT64, false));
    if (value == NULL) {
        diag_add(c->diags, DIAG_E025, ast->span, "the number does not fit float64");
    }
    return value;
}

static const Expr *integer_alone(Checker *c, const AstExpr *ast) {
    const Expr *value = literal_as(c, ast, type_new(c->arena, FLOW_INT64, false));
    if (value == NULL) {
        Diag *diag = diag_add(c->diags, DIAG_E025, ast->span, "the number does not fit int64");
        diag_help(c->diags, diag, "write it with a point for an exact decimal");
    }
    return value;
}

const Expr *literal_alone(Checker *c, const AstExpr *ast) {
    Literal literal = {0};
    FlowKind kind = FLOW_NULL;
    if (!literal_of(ast, &literal)) {
        return NULL;
    }
    switch (literal.ast->kind) {
    case AST_INTEGER:
        return integer_alone(c, ast);
    case AST_DECIMAL:
        return literal_as_smallest(c, ast);
    case AST_FLOAT:
        return float_alone(c, ast);
    case AST_STRING:
        return literal_as(c, ast, type_new(c->arena, FLOW_STRING, false));
    case AST_NULL:
        return made(c, expr_null(c->arena, type_new(c->arena, FLOW_NULL, true)), ast);
    case AST_SIZE:
    case AST_PERCENT:
        diag_add(c->diags, DIAG_E105, ast->span, "sizes and percentages stand in settings only");
        return NULL;
    case AST_DURATION:
        if (literal.ast->months != 0) {
            diag_add(
                c->diags, DIAG_E048, ast->span, "months, quarters and years have no fixed length");
            return NULL;
        }
        break;
    case AST_BOOL:
    case AST_DATE:
    case AST_TIMESTAMP:
        break;
    }
    return plain_kind(literal.ast->kind, &kind)
               ? literal_as(c, ast, type_new(c->arena, kind, false))
               : NULL;
}

void enum_value_report(Checker *c, const AstExpr *ast, const Type *type) {
    Diag *diag = diag_add(c->diags,
                          DIAG_E039,
                          ast->span,
                          "\"%s\" is not a value of %s",
                          ast->literal.text,
                          type_show(c, type_with_null(c->arena, type, false)));
    const char *close = str_suggest(ast->literal.text, type->enum_values, type->enum_count);
    if (close != NULL) {
        diag_help(c->diags, diag, "did you mean \"%s\"?", close);
        diag_fix(c->diags, diag, ast->span, arena_format(c->arena, "\"%s\"", close));
        return;
    }
    if (type->name == NULL) {
        return; // the message lists them
    }
    Type listed = *type;
    listed.name = NULL;
    listed.is_nullable = false;
    diag_note(c->diags, diag, "`%s` is %s", type->name, type_show(c, &listed));
}

// The digits are a fraction of whole numbers: never by way of a float.
bool literal_fraction(const AstLiteral *literal, i128 *numerator, i128 *denominator) {
    enum { DIGITS_MAX = 18 };
    bool is_behind_point = false;
    uint32_t digits = 0;
    *numerator = 0;
    *denominator = literal->kind == AST_PERCENT ? 100 : 1;
    for (const char *at = literal->text; *at != '\0'; at++) {
        if (*at == '.') {
            is_behind_point = true;
            continue;
        }
        if (*at < '0' || *at > '9' || ++digits > DIGITS_MAX) {
            return false;
        }
        *numerator = *numerator * 10 + (*at - '0');
        *denominator *= is_behind_point ? 10 : 1;
    }
    return true;
}
