// Lambdas: their parameters are names of the body only, and numbers that are unique in the program.
#include "check/check_internal.h"

const Type *lambda_parameter(const Scope *scope, const char *name, uint32_t *number) {
    for (const LambdaScope *lambda = scope->lambda; lambda != NULL; lambda = lambda->outer) {
        for (uint32_t i = 0; i < lambda->names->count; i++) {
            if (str_equal(lambda->names->items[i].text, name)) {
                *number = lambda->first + i;
                return lambda->types[i];
            }
        }
    }
    return NULL;
}

const Expr *argument_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    uint32_t number = 0;
    const Type *type = lambda_parameter(scope, ast->name.text, &number);
    if (type == NULL) {
        return NULL;
    }
    Expr *argument = expr_new(c->arena, EXPR_ARGUMENT, type, NULL, 0);
    argument->index = number;
    return made(c, argument, ast);
}

static bool names_are_distinct(Checker *c, const AstNames *names) {
    for (uint32_t i = 1; i < names->count; i++) {
        for (uint32_t before = 0; before < i; before++) {
            if (str_equal(names->items[before].text, names->items[i].text)) {
                diag_add(c->diags,
                         DIAG_E123,
                         names->items[i].span,
                         "two parameters of the lambda are called `%s`",
                         names->items[i].text);
                return false;
            }
        }
    }
    return true;
}

static bool is_lambda_of(Checker *c, const AstExpr *ast, uint32_t count) {
    if (ast->kind != AST_EXPR_LAMBDA) {
        Diag *diag = diag_add(c->diags, DIAG_E123, ast->span, "a lambda is needed here");
        diag_help(c->diags, diag, count == 1 ? "write `x -> …`" : "write `(a, x) -> …`");
        return false;
    }
    if (ast->names.count != count) {
        diag_add(c->diags,
                 DIAG_E123,
                 ast->span,
                 "the lambda needs %u parameter%s here, it has %u",
                 count,
                 count == 1 ? "" : "s",
                 ast->names.count);
        return false;
    }
    return names_are_distinct(c, &ast->names);
}

const Expr *lambda_check(Checker *c,
                         const Scope *scope,
                         const AstExpr *ast,
                         const Type *const *parameter_types,
                         uint32_t count) {
    if (!is_lambda_of(c, ast, count)) {
        return NULL;
    }
    LambdaScope parameters = {scope->lambda, &ast->names, parameter_types, c->argument_count};
    c->argument_count += count;
    Scope inner = *scope;
    inner.lambda = &parameters;
    const Expr *body = expr_check(c, &inner, ast->operands[0]);
    if (body == NULL) {
        return NULL;
    }
    Expr *lambda = expr_new(c->arena, EXPR_LAMBDA, body->type, &body, 1);
    lambda->index = parameters.first;
    lambda->parameter_count = count;
    return made(c, lambda, ast);
}

const Expr *
lambda_fit(Checker *c, const AstExpr *ast, const Expr *lambda, const Type *result_type) {
    const Expr *body = fit(c, ast->operands[0], lambda->arguments[0], result_type);
    if (body == NULL || (body->type->is_nullable && !result_type->is_nullable)) {
        return NULL;
    }
    Expr *fitted = expr_new(c->arena, EXPR_LAMBDA, body->type, &body, 1);
    fitted->index = lambda->index;
    fitted->parameter_count = lambda->parameter_count;
    return made(c, fitted, ast);
}
