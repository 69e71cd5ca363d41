// Arithmetic, comparisons and logic: which types meet, and what comes of it (LANGUAGE 8 and 11).
#include "check/check_internal.h"

// --- operands
// ------------------------------------------------------------------------------------- A literal
// takes its type from the other side, so a number too large for int64 is no mistake yet.
static const Expr *operand_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    Literal literal = {0};
    if (literal_of(ast, &literal) && literal.ast->kind == AST_INTEGER) {
        const Type *type = type_new(c->arena, FLOW_INT64, false);
        const Expr *value = literal_as(c, ast, type);
        return value != NULL ? value : made(c, expr_constant(c->arena, type, (FlowValue){0}), ast);
    }
    return expr_check(c, scope, ast);
}

static bool
operands_check(Checker *c, const Scope *scope, const AstExpr *ast, const Expr **values) {
    values[0] = operand_check(c, scope, ast->operands[0]);
    values[1] = operand_check(c, scope, ast->operands[1]);
    return values[0] != NULL && values[1] != NULL;
}

// A number literal beside a value of type `other`. In a comparison a decimal with more digits than
// needed does no harm, and equal types compare fastest.
static const Expr *
number_adapt(Checker *c, const AstExpr *ast, const Type *other, bool is_comparison) {
    Literal literal = {0};
    literal_of(ast, &literal);
    AstLiteralKind kind = literal.ast->kind;
    bool takes_type = type_is_float(other) || (type_is_integer(other) && kind == AST_INTEGER) ||
                      (other->kind == FLOW_DECIMAL && is_comparison);
    const Expr *value = takes_type ? literal_as(c, ast, other) : NULL;
    if (value != NULL) {
        return value;
    }
    bool is_exact = other->kind == FLOW_DECIMAL && kind != AST_FLOAT;
    return is_exact ? literal_as_smallest(c, ast) : literal_alone(c, ast);
}

static bool
literals_adapt(Checker *c, const AstExpr *const *asts, const Expr **values, bool is_comparison) {
    for (uint32_t i = 0; i < 2; i++) {
        const Type *other = values[1 - i]->type;
        if (literal_is_number(asts[i])) {
            values[i] = number_adapt(c, asts[i], other, is_comparison);
        } else if (literal_is_null(asts[i])) {
            values[i] = literal_as(c, asts[i], other);
        }
        if (values[i] == NULL) {
            return false;
        }
    }
    return true;
}

static void mismatch_report(Checker *c,
                            const AstExpr *ast,
                            const char *op,
                            const AstExpr *const *asts,
                            const Expr *const *values) {
    const Type *a = values[0]->type;
    const Type *b = values[1]->type;
    Diag *diag = diag_add(c->diags,
                          DIAG_E026,
                          ast->span,
                          "`%s` does not take %s and %s",
                          op,
                          type_show(c, a),
                          type_show(c, b));
    if (type_is_number(a) && type_is_number(b)) {
        diag_note(c->diags, diag, "int64 and decimals have more digits than a float keeps");
        cast_help(c, diag, asts[type_is_float(a)], type_new(c->arena, FLOW_FLOAT64, false));
    } else if (type_is_text(a) != type_is_text(b) && str_equal(op, "+")) {
        cast_help(c, diag, asts[type_is_text(a)], type_new(c->arena, FLOW_STRING, false));
    }
}

// --- numbers -------------------------------------------------------------------------------------
static ExprOp plain_op(AstOp op) {
    switch (op) {
    case AST_OP_ADD:
        return EXPR_ADD;
    case AST_OP_SUB:
        return EXPR_SUB;
    case AST_OP_MUL:
        return EXPR_MUL;
    case AST_OP_DIV:
        return EXPR_DIV;
    default:
        return EXPR_MOD;
    }
}

static ExprOp decimal_op(AstOp op) {
    switch (op) {
    case AST_OP_ADD:
        return EXPR_DECIMAL_ADD;
    case AST_OP_SUB:
        return EXPR_DECIMAL_SUB;
    case AST_OP_MUL:
        return EXPR_DECIMAL_MUL;
    case AST_OP_DIV:
        return EXPR_DECIMAL_DIV;
    default:
        return EXPR_DECIMAL_MOD;
    }
}

static const Expr *
decimals_make(Checker *c, const AstExpr *ast, ExprOp op, char letter, const Expr **values) {
    for (uint32_t i = 0; i < 2; i++) {
        values[i] = widen(c, values[i], integer_as_decimal(c, values[i]->type));
    }
    const Type *type = type_decimal_result(c->arena, letter, values[0]->type, values[1]->type);
    return node(c, ast, op, type, values, 2);
}

static bool is_decimal_pair(const Expr *const *values) {
    return values[0]->type->kind == FLOW_DECIMAL || values[1]->type->kind == FLOW_DECIMAL;
}

// Quotients and remainders of floats are computed in float64; so is `/` of integers.
static const Type *number_result(Checker *c, AstOp op, const Expr *const *values) {
    const Type *common = common_type(c, values[0]->type, values[1]->type);
    if (common == NULL) {
        return NULL;
    }
    bool is_wide = op == AST_OP_DIV || (op == AST_OP_MOD && type_is_float(common));
    return is_wide ? type_new(c->arena, FLOW_FLOAT64, common->is_nullable) : common;
}

static const Expr *numbers_make(
    Checker *c, const AstExpr *ast, AstOp op, const AstExpr *const *asts, const Expr **values) {
    bool has_float = type_is_float(values[0]->type) || type_is_float(values[1]->type);
    if (is_decimal_pair(values) && !has_float) {
        return decimals_make(c, ast, decimal_op(op), syntax_op_text(op)[0], values);
    }
    const Type *type = number_result(c, op, values);
    if (type == NULL) {
        mismatch_report(c, ast, syntax_op_text(op), asts, values);
        return NULL;
    }
    values[0] = widen(c, values[0], type);
    values[1] = widen(c, values[1], type);
    return node(c, ast, plain_op(op), type, values, 2);
}

const Expr *
integral_division(Checker *c, const AstExpr *ast, const AstExpr *const *asts, const Expr **values) {
    if (!literals_adapt(c, asts, values, false)) {
        return NULL;
    }
    const Type *a = values[0]->type;
    const Type *b = values[1]->type;
    bool has_whole_a = type_is_integer(a) || a->kind == FLOW_DECIMAL;
    bool has_whole_b = type_is_integer(b) || b->kind == FLOW_DECIMAL;
    if (!has_whole_a || !has_whole_b) {
        diag_add(c->diags,
                 DIAG_E026,
                 ast->span,
                 "`div` divides integers and decimals, not %s and %s",
                 type_show(c, a),
                 type_show(c, b));
        return NULL;
    }
    if (is_decimal_pair(values)) {
        return decimals_make(c, ast, EXPR_DECIMAL_DIV_INT, 'd', values);
    }
    const Type *type = common_type(c, a, b);
    values[0] = widen(c, values[0], type);
    values[1] = widen(c, values[1], type);
    return node(c, ast, EXPR_DIV_INT, type, values, 2);
}

// --- times and texts -----------------------------------------------------------------------------
typedef struct TimeRule {
    AstOp op;
    FlowKind a, b;
    ExprOp result_op;
    FlowKind result;
    bool is_swapped; // the operator takes the time first
} TimeRule;

static const TimeRule time_rules[] = {
    {AST_OP_ADD, FLOW_TIMESTAMP, FLOW_DURATION, EXPR_TIME_ADD, FLOW_TIMESTAMP, false},
    {AST_OP_ADD, FLOW_DURATION, FLOW_TIMESTAMP, EXPR_TIME_ADD, FLOW_TIMESTAMP, true},
    {AST_OP_ADD, FLOW_DATE, FLOW_DURATION, EXPR_DATE_ADD, FLOW_TIMESTAMP, false},
    {AST_OP_ADD, FLOW_DURATION, FLOW_DATE, EXPR_DATE_ADD, FLOW_TIMESTAMP, true},
    {AST_OP_ADD, FLOW_DURATION, FLOW_DURATION, EXPR_ADD, FLOW_DURATION, false},
    {AST_OP_SUB, FLOW_TIMESTAMP, FLOW_DURATION, EXPR_TIME_SUB, FLOW_TIMESTAMP, false},
    {AST_OP_SUB, FLOW_DATE, FLOW_DURATION, EXPR_TIME_SUB, FLOW_TIMESTAMP, false},
    {AST_OP_SUB, FLOW_TIMESTAMP, FLOW_TIMESTAMP, EXPR_TIME_DIFF, FLOW_DURATION, false},
    {AST_OP_SUB, FLOW_DATE, FLOW_DATE, EXPR_TIME_DIFF, FLOW_DURATION, false},
    {AST_OP_SUB, FLOW_DURATION, FLOW_DURATION, EXPR_SUB, FLOW_DURATION, false},
};

static const Expr *date_as_timestamp(Checker *c, const Expr *value) {
    const Type *type = type_new(c->arena, FLOW_TIMESTAMP, value->type->is_nullable);
    Expr *cast = expr_new(c->arena, EXPR_CAST, type, &value, 1);
    return expr_located(c->arena, cast, value->span, value->text);
}

static const Expr *
times_make(Checker *c, const AstExpr *ast, const TimeRule *rule, const Expr **values) {
    const Type *type = type_new(c->arena, rule->result, any_nullable(values, 2));
    const Expr *ordered[2] = {values[rule->is_swapped], values[!rule->is_swapped]};
    bool takes_timestamps = rule->result_op == EXPR_TIME_SUB || rule->result_op == EXPR_TIME_DIFF;
    for (uint32_t i = 0; takes_timestamps && i < 2; i++) {
        if (ordered[i]->type->kind == FLOW_DATE) {
            ordered[i] = date_as_timestamp(c, ordered[i]);
        }
    }
    return node(c, ast, rule->result_op, type, ordered, 2);
}

// A span times a whole number, or cut into that many: the number counts as if it were a span.
static const Expr *
span_scale(Checker *c, const AstExpr *ast, AstOp op, const Expr *span, const Expr *number) {
    bool is_nullable = span->type->is_nullable || number->type->is_nullable;
    const Type *whole = type_new(c->arena, FLOW_INT64, number->type->is_nullable);
    const Expr *values[2] = {
        span,
        widen(c,
              widen(c, number, whole),
              type_new(c->arena, FLOW_DURATION, number->type->is_nullable)),
    };
    const Type *type = type_new(c->arena, FLOW_DURATION, is_nullable);
    return node(c, ast, op == AST_OP_MUL ? EXPR_MUL : EXPR_DIV_INT, type, values, 2);
}

// How often a span goes into another one.
static const Expr *spans_divide(Checker *c, const AstExpr *ast, const Expr **values) {
    bool is_nullable = any_nullable(values, 2);
    for (uint32_t i = 0; i < 2; i++) {
        values[i] = widen(c, values[i], type_new(c->arena, FLOW_INT64, false));
        values[i] = widen(c, values[i], type_new(c->arena, FLOW_FLOAT64, false));
    }
    return node(c, ast, EXPR_DIV, type_new(c->arena, FLOW_FLOAT64, is_nullable), values, 2);
}

// NULL: these are no such operands.
static const Expr *spans_make(Checker *c, const AstExpr *ast, AstOp op, const Expr **values) {
    const Type *a = values[0]->type;
    const Type *b = values[1]->type;
    bool is_product = op == AST_OP_MUL;
    if (a->kind == FLOW_DURATION && type_is_integer(b) && (is_product || op == AST_OP_DIV)) {
        return span_scale(c, ast, op, values[0], values[1]);
    }
    if (is_product && type_is_integer(a) && b->kind == FLOW_DURATION) {
        return span_scale(c, ast, op, values[1], values[0]);
    }
    bool are_spans = a->kind == FLOW_DURATION && b->kind == FLOW_DURATION;
    return are_spans && op == AST_OP_DIV ? spans_divide(c, ast, values) : NULL;
}

static const Expr *texts_make(Checker *c, const AstExpr *ast, const Expr **values) {
    const Type *type = type_new(c->arena, FLOW_STRING, any_nullable(values, 2));
    values[0] = widen(c, values[0], type);
    values[1] = widen(c, values[1], type);
    return node(c, ast, EXPR_CONCAT, type, values, 2);
}

static const TimeRule *time_rule_find(AstOp op, FlowKind a, FlowKind b) {
    for (uint32_t i = 0; i < COUNT_OF(time_rules); i++) {
        const TimeRule *rule = &time_rules[i];
        if (rule->op == op && rule->a == a && rule->b == b) {
            return rule;
        }
    }
    return NULL;
}

const Expr *arithmetic(
    Checker *c, const AstExpr *ast, AstOp op, const AstExpr *const *asts, const Expr **values) {
    if (!literals_adapt(c, asts, values, false)) {
        return NULL;
    }
    const Type *a = values[0]->type;
    const Type *b = values[1]->type;
    if (type_is_number(a) && type_is_number(b)) {
        return numbers_make(c, ast, op, asts, values);
    }
    if (op == AST_OP_ADD && type_is_text(a) && type_is_text(b)) {
        return texts_make(c, ast, values);
    }
    const TimeRule *rule = time_rule_find(op, a->kind, b->kind);
    if (rule != NULL) {
        return times_make(c, ast, rule, values);
    }
    const Expr *span = spans_make(c, ast, op, values);
    if (span != NULL) {
        return span;
    }
    mismatch_report(c, ast, syntax_op_text(op), asts, values);
    return NULL;
}

const Expr *negate_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    if (literal_is_number(ast)) {
        return literal_alone(c, ast);
    }
    const Expr *value = expr_check(c, scope, ast->operands[0]);
    if (value == NULL) {
        return NULL;
    }
    if (!type_is_number(value->type) && value->type->kind != FLOW_DURATION) {
        diag_add(c->diags,
                 DIAG_E026,
                 ast->span,
                 "`-` needs a number or a duration, this is %s",
                 type_show(c, value->type));
        return NULL;
    }
    // `-1 day` is as much a literal as `-1`.
    bool is_span = value->op == EXPR_CONST && value->type->kind == FLOW_DURATION;
    if (is_span && !value->is_null && value->constant.i64 != INT64_MIN) {
        FlowValue negated = {.i64 = -value->constant.i64};
        return made(c, expr_constant(c->arena, value->type, negated), ast);
    }
    return node(c, ast, EXPR_NEG, value->type, &value, 1);
}

// --- comparisons
// ---------------------------------------------------------------------------------- A text beside
// a date or timestamp is a mistake that everybody makes once.
static bool time_text_report(Checker *c, const AstExpr *ast, const Type *other) {
    bool is_time = other->kind == FLOW_DATE || other->kind == FLOW_TIMESTAMP;
    if (!literal_is_text(ast) || !is_time) {
        return false;
    }
    const char *word = type_kind_text(other->kind);
    Diag *diag = diag_add(
        c->diags, DIAG_E028, ast->span, "a text is no %s, even if it looks like one", word);
    const char *text = source_text(c->arena, &c->diags->sources, ast->span);
    diag_help(c->diags, diag, "write `%s %s`", word, text);
    diag_fix(c->diags, diag, ast->span, arena_format(c->arena, "%s %s", word, text));
    return true;
}

// False: reported.
static bool texts_adapt(Checker *c, const AstExpr *const *asts, const Expr **values) {
    for (uint32_t i = 0; i < 2; i++) {
        const Type *other = values[1 - i]->type;
        if (time_text_report(c, asts[i], other)) {
            return false;
        }
        if (!literal_is_text(asts[i]) || other->kind != FLOW_ENUM) {
            continue;
        }
        values[i] = literal_as(c, asts[i], other);
        if (values[i] == NULL) {
            enum_value_report(c, asts[i], other);
            return false;
        }
    }
    return true;
}

static void null_comparison_report(Checker *c, const AstExpr *ast, const AstExpr *const *asts) {
    Diag *diag = diag_add(
        c->diags, DIAG_E013, ast->span, "a comparison with null is never true, not even of null");
    const AstExpr *other = literal_is_null(asts[0]) ? asts[1] : asts[0];
    const char *text = source_text(c->arena, &c->diags->sources, other->span);
    bool is_not = ast->kind == AST_EXPR_BINARY && ast->op == AST_OP_NE;
    const char *test = arena_format(c->arena, "%s is %snull", text, is_not ? "not " : "");
    diag_help(c->diags, diag, "write `%s`", test);
    diag_fix(c->diags, diag, ast->span, test);
}

static bool is_literal_whole(const AstExpr *ast) {
    Literal literal = {0};
    bool is_whole =
        ast->kind == AST_EXPR_LIST || ast->kind == AST_EXPR_STRUCT || literal_of(ast, &literal);
    for (uint32_t i = 0; i < ast->operand_count && is_whole; i++) {
        is_whole = is_literal_whole(ast->operands[i]);
    }
    return is_whole;
}

// A list or struct of literals takes its parts' types from the other side, if it can.
static void nested_literals_adapt(Checker *c, const AstExpr *const *asts, const Expr **values) {
    for (uint32_t i = 0; i < 2; i++) {
        const Expr *fitted =
            is_literal_whole(asts[i]) ? fit(c, asts[i], values[i], values[1 - i]->type) : NULL;
        values[i] = fitted != NULL ? fitted : values[i];
    }
}

bool comparable(Checker *c, const AstExpr *ast, const AstExpr *const *asts, const Expr **values) {
    if (literal_is_null(asts[0]) || literal_is_null(asts[1])) {
        null_comparison_report(c, ast, asts);
        return false;
    }
    if (!literals_adapt(c, asts, values, true) || !texts_adapt(c, asts, values)) {
        return false;
    }
    const Type *a = values[0]->type;
    const Type *b = values[1]->type;
    bool has_float = type_is_float(a) || type_is_float(b);
    if (type_is_number(a) && type_is_number(b) && is_decimal_pair(values) && !has_float) {
        values[0] = widen(c, values[0], integer_as_decimal(c, a));
        values[1] = widen(c, values[1], integer_as_decimal(c, b));
        return true;
    }
    nested_literals_adapt(c, asts, values);
    const Type *common = common_type(c, values[0]->type, values[1]->type);
    if (common == NULL) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E027,
                              ast->span,
                              "%s and %s never compare",
                              type_show(c, a),
                              type_show(c, b));
        cast_help(c, diag, asts[1], a);
        return false;
    }
    if (type_has(common, FLOW_MAP)) {
        diag_add(c->diags, DIAG_E027, ast->span, "maps never compare");
        return false;
    }
    for (uint32_t i = 0; i < 2; i++) {
        const Expr *fitted = fit(c, asts[i], values[i], common);
        values[i] = fitted != NULL ? fitted : widen(c, values[i], common);
    }
    return true;
}

static ExprOp comparison_op(AstOp op) {
    switch (op) {
    case AST_OP_EQ:
        return EXPR_EQ;
    case AST_OP_NE:
        return EXPR_NE;
    case AST_OP_LT:
        return EXPR_LT;
    case AST_OP_LE:
        return EXPR_LE;
    case AST_OP_GT:
        return EXPR_GT;
    default:
        return EXPR_GE;
    }
}

static const Expr *comparison_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr *values[2];
    if (!operands_check(c, scope, ast, values) || !comparable(c, ast, ast->operands, values)) {
        return NULL;
    }
    const Type *type = bool_type(c, any_nullable(values, 2));
    return node(c, ast, comparison_op(ast->op), type, values, 2);
}

static const Expr *logic_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const char *what = ast->op == AST_OP_AND ? "`and`" : "`or`";
    const Expr *values[2];
    values[0] = condition_check(c, scope, ast->operands[0], what);
    values[1] = condition_check(c, scope, ast->operands[1], what);
    if (values[0] == NULL || values[1] == NULL) {
        return NULL;
    }
    ExprOp op = ast->op == AST_OP_AND ? EXPR_AND : EXPR_OR;
    Expr *made_node = expr_new(c->arena, op, bool_type(c, true), values, 2);
    made_node->type = bool_type(c, null_is_possible(made_node));
    return made(c, made_node, ast);
}

const Expr *binary_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr *values[2];
    switch (ast->op) {
    case AST_OP_AND:
    case AST_OP_OR:
        return logic_check(c, scope, ast);
    case AST_OP_EQ:
    case AST_OP_NE:
    case AST_OP_LT:
    case AST_OP_LE:
    case AST_OP_GT:
    case AST_OP_GE:
        return comparison_check(c, scope, ast);
    case AST_OP_COALESCE:
        operands_check(c, scope, ast, values);
        return coalesce_make(c, ast, ast->operands, values, 2);
    case AST_OP_ADD:
    case AST_OP_SUB:
    case AST_OP_MUL:
    case AST_OP_DIV:
    case AST_OP_MOD:
        return operands_check(c, scope, ast, values)
                   ? arithmetic(c, ast, ast->op, ast->operands, values)
                   : NULL;
    case AST_OP_NONE:
        break;
    }
    return NULL;
}
