// Expression nodes. Each knows how deep it is: what later rooms walk by recursion is bounded here.
#include "syntax/parse.h"

static AstExpr *expr_make(Parser *parser, AstExprKind kind, Span span) {
    AstExpr *expr = arena_new(parser->arena, AstExpr);
    expr->kind = kind;
    expr->span = span;
    expr->id = parser->expr_count++;
    expr->depth = 1;
    return expr;
}

static const AstExpr *expr_operands(Parser *parser, AstExpr *expr, List operands) {
    expr->operands = operands.items;
    expr->operand_count = operands.count;
    for (uint32_t i = 0; i < operands.count; i++) {
        uint32_t depth = expr->operands[i]->depth + 1;
        expr->depth = depth > expr->depth ? depth : expr->depth;
    }
    if (expr->depth > EXPRESSION_DEPTH_MAX && !parser->is_stopped) {
        diag_add(parser->diags,
                 DIAG_E063,
                 expr->span,
                 "this expression is nested more than %d deep",
                 EXPRESSION_DEPTH_MAX);
        parser->is_stopped = true;
        parser->is_broken = true;
    }
    return expr;
}

const AstExpr *expr_with(Parser *parser,
                         AstExprKind kind,
                         Span span,
                         const AstExpr *a,
                         const AstExpr *b,
                         const AstExpr *c) {
    List operands = LIST_ADD(parser, ((List){0}), a);
    if (b != NULL) {
        operands = LIST_ADD(parser, operands, b);
    }
    if (c != NULL) {
        operands = LIST_ADD(parser, operands, c);
    }
    return expr_operands(parser, expr_make(parser, kind, span), operands);
}

const AstExpr *
expr_binary(Parser *parser, AstOp op, Span span, const AstExpr *a, const AstExpr *b) {
    AstExpr *expr = expr_make(parser, AST_EXPR_BINARY, span);
    expr->op = op;
    List left = LIST_ADD(parser, ((List){0}), a);
    return expr_operands(parser, expr, LIST_ADD(parser, left, b));
}

// The node was made a moment ago and is shared with nobody yet.
const AstExpr *expr_negated(const AstExpr *expr) {
    ((AstExpr *)expr)->is_negated = true;
    return expr;
}

const AstExpr *expr_in(Parser *parser, const AstExpr *value, List list, Span span) {
    List first = LIST_ADD(parser, ((List){0}), value);
    List operands = list_join(parser, first, list, sizeof(const AstExpr *));
    return expr_operands(parser, expr_make(parser, AST_EXPR_IN, span), operands);
}

const AstExpr *expr_name(Parser *parser, AstName name) {
    AstExpr *expr = expr_make(parser, AST_EXPR_NAME, name.span);
    expr->name = name;
    return expr;
}

const AstExpr *expr_field(Parser *parser, const AstExpr *of, AstName name, Span span) {
    AstExpr *expr = expr_make(parser, AST_EXPR_FIELD, span);
    expr->name = name;
    return expr_operands(parser, expr, LIST_ADD(parser, ((List){0}), of));
}

const AstExpr *expr_path(Parser *parser, List path, Span span) {
    const AstName *names = path.items;
    const AstExpr *expr = expr_name(parser, names[0]);
    for (uint32_t i = 1; i < path.count; i++) {
        Span to = i + 1 == path.count ? span : names[i].span;
        expr = expr_field(parser, expr, names[i], span_join(span, to));
    }
    return expr;
}

const AstExpr *expr_literal(Parser *parser, const AstLiteral *literal) {
    AstExpr *expr = expr_make(parser, AST_EXPR_LITERAL, literal->span);
    expr->literal = *literal;
    return expr;
}

const AstExpr *expr_call(Parser *parser, AstName name, List args, Span span) {
    AstExpr *expr = expr_make(parser, AST_EXPR_CALL, span);
    expr->name = name;
    return expr_operands(parser, expr, args);
}

const AstExpr *
expr_cast(Parser *parser, AstExprKind kind, const AstExpr *of, const AstType *type, Span span) {
    AstExpr *expr = expr_make(parser, kind, span);
    expr->type = type;
    return expr_operands(parser, expr, LIST_ADD(parser, ((List){0}), of));
}

const AstExpr *expr_lambda(Parser *parser, List names, const AstExpr *body, Span span) {
    AstExpr *expr = expr_make(parser, AST_EXPR_LAMBDA, span);
    expr->names = names_make(names, span);
    return expr_operands(parser, expr, LIST_ADD(parser, ((List){0}), body));
}

const AstExpr *expr_list(Parser *parser, List items, Span span) {
    return expr_operands(parser, expr_make(parser, AST_EXPR_LIST, span), items);
}

const AstExpr *expr_case(Parser *parser, List whens, const AstExpr *otherwise, Span span) {
    if (otherwise != NULL) {
        whens = LIST_ADD(parser, whens, otherwise);
    }
    return expr_operands(parser, expr_make(parser, AST_EXPR_CASE, span), whens);
}

const AstExpr *expr_struct(Parser *parser, List assigns, Span span) {
    List names = {0};
    List operands = {0};
    const AstAssign *items = assigns.items;
    for (uint32_t i = 0; i < assigns.count; i++) {
        names = LIST_ADD(parser, names, items[i].name);
        operands = LIST_ADD(parser, operands, items[i].expr);
    }
    AstExpr *expr = expr_make(parser, AST_EXPR_STRUCT, span);
    expr->names = names_make(names, span);
    return expr_operands(parser, expr, operands);
}
