// Functions that a program declares: the body is checked once, with its parameters as columns, and
// put in the place of every call.
//
// A call is as that of a built-in function: a null for a parameter without `?` makes the result
// null, and the body is not evaluated.
#include "check/check_internal.h"

void fns_declare(Checker *c) {
    uint32_t count = c->program->fns.count;
    c->fns = arena_array(c->arena, FnInfo, count + 1);
    c->fn_stack = arena_array(c->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        c->fns[i].decl = c->program->fns.items[i];
    }
}

// --- the declaration -----------------------------------------------------------------------------
static bool is_repeated(Checker *c, const AstDecl *decl, uint32_t index) {
    const AstName *name = &decl->args[index].name;
    for (uint32_t i = 0; i < index; i++) {
        if (str_equal(decl->args[i].name.text, name->text)) {
            diag_add(c->diags,
                     DIAG_E203,
                     name->span,
                     "two parameters of `%s` are called `%s`",
                     decl->name.text,
                     name->text);
            return true;
        }
    }
    return false;
}

static Stream *parameters_check(Checker *c, FnInfo *fn) {
    const AstDecl *decl = fn->decl;
    Stream *parameters = stream_new(c);
    fn->types = arena_array(c->arena, const Type *, decl->arg_count + 1);
    fn->is_whole = true;
    for (uint32_t i = 0; i < decl->arg_count; i++) {
        fn->types[i] = type_check(c, decl->args[i].type);
        fn->is_whole &= fn->types[i] != NULL && !is_repeated(c, decl, i);
        stream_add(c, parameters, decl->args[i].name.text, fn->types[i]);
    }
    return parameters;
}

static void fn_check(Checker *c, uint32_t index) {
    FnInfo *fn = &c->fns[index];
    const AstDecl *decl = fn->decl;
    fn->is_checked = true;
    c->fn_stack[c->fn_depth++] = index;
    Stream *parameters = parameters_check(c, fn);
    Scope scope = {.stream = parameters, .fn = decl};
    const Type *result = decl->type == NULL ? NULL : type_check(c, decl->type);
    const Expr *body = decl->expr == NULL ? NULL : expr_check(c, &scope, decl->expr);
    const char *what = arena_format(c->arena, "the result of `%s`", decl->name.text);
    fn->result = result;
    fn->body = assign_to(c, decl->expr, body, result, what);
    fn->is_whole &= fn->body != NULL;
    c->fn_depth--;
}

void fns_check(Checker *c) {
    for (uint32_t i = 0; i < c->program->fns.count; i++) {
        if (!c->fns[i].is_checked) {
            fn_check(c, i);
        }
    }
}

// The body is inlined, so a function can't stand in its own.
static bool is_cycle(Checker *c, const AstExpr *ast, uint32_t index) {
    uint32_t first = 0;
    while (first < c->fn_depth && c->fn_stack[first] != index) {
        first++;
    }
    if (first == c->fn_depth) {
        return false;
    }
    Buffer path = {0};
    for (uint32_t i = first; i < c->fn_depth; i++) {
        buffer_format(&path, "`%s` calls ", c->fns[c->fn_stack[i]].decl->name.text);
    }
    buffer_format(&path, "`%s`", c->fns[index].decl->name.text);
    diag_add(c->diags,
             DIAG_E124,
             ast->name.span,
             "a function is never recursive: %s",
             buffer_cstring(&path));
    buffer_free(&path);
    return true;
}

// --- the call ------------------------------------------------------------------------------------
static void signature_help(Checker *c, Diag *diag, const FnInfo *fn) {
    Buffer text = {0};
    for (uint32_t i = 0; i < fn->decl->arg_count; i++) {
        const char *type = fn->types[i] == NULL ? "?" : type_show(c, fn->types[i]);
        buffer_format(&text, "%s%s: %s", i == 0 ? "" : ", ", fn->decl->args[i].name.text, type);
    }
    diag_help(
        c->diags, diag, "it is declared as %s(%s)", fn->decl->name.text, buffer_cstring(&text));
    buffer_free(&text);
}

static const Expr *
call_argument(Checker *c, const Scope *scope, const AstExpr *ast, const FnInfo *fn, uint32_t i) {
    const Expr *value = expr_check(c, scope, ast->operands[i]);
    if (value == NULL || fn->types[i] == NULL) {
        return NULL;
    }
    const Expr *fitted = fit(c, ast->operands[i], value, fn->types[i]);
    if (fitted != NULL) {
        return fitted;
    }
    if (literal_is_text(ast->operands[i]) && fn->types[i]->kind == FLOW_ENUM) {
        enum_value_report(c, ast->operands[i], fn->types[i]);
        return NULL;
    }
    Diag *diag = diag_add(c->diags,
                          DIAG_E033,
                          ast->operands[i]->span,
                          "`%s` takes %s as its `%s`, this is %s",
                          fn->decl->name.text,
                          type_show(c, fn->types[i]),
                          fn->decl->args[i].name.text,
                          type_show(c, value->type));
    signature_help(c, diag, fn);
    return NULL;
}

static const Expr **
call_arguments(Checker *c, const Scope *scope, const AstExpr *ast, const FnInfo *fn) {
    uint32_t count = fn->decl->arg_count;
    if (ast->operand_count != count) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E033,
                              ast->span,
                              "`%s` takes %u argument%s, not %u",
                              fn->decl->name.text,
                              count,
                              count == 1 ? "" : "s",
                              ast->operand_count);
        signature_help(c, diag, fn);
        return NULL;
    }
    const Expr **values = arena_array(c->arena, const Expr *, count + 1);
    bool is_whole = true;
    for (uint32_t i = 0; i < count; i++) {
        values[i] = call_argument(c, scope, ast, fn, i);
        is_whole &= values[i] != NULL;
    }
    return is_whole ? values : NULL;
}

// Whether one of the arguments is null that must not be; NULL: that can't be.
static const Expr *
null_condition(Checker *c, const AstExpr *ast, const FnInfo *fn, const Expr *const *values) {
    const Expr *condition = NULL;
    for (uint32_t i = 0; i < fn->decl->arg_count; i++) {
        if (fn->types[i]->is_nullable || !values[i]->type->is_nullable) {
            continue;
        }
        const Expr *test = node(c, ast, EXPR_IS_NULL, bool_type(c, false), &values[i], 1);
        const Expr *pair[2] = {condition, test};
        condition = condition == NULL ? test : node(c, ast, EXPR_OR, bool_type(c, false), pair, 2);
    }
    return condition;
}

// What stands for the call. Its arguments may stand in it more than once, so calls in calls grow.
static const Expr *
inlined(Checker *c, const AstExpr *ast, const FnInfo *fn, const Expr *const *values) {
    enum { NODES_MAX = 20000 };
    const Expr *body = expr_substitute(c->arena, fn->body, values);
    if (expr_size(body, NODES_MAX) >= NODES_MAX || expr_depth(body) > EXPRESSION_DEPTH_MAX) {
        diag_add(c->diags,
                 DIAG_E063,
                 ast->span,
                 "with `%s` in its place this expression is too large",
                 fn->decl->name.text);
        return NULL;
    }
    const Expr *condition = null_condition(c, ast, fn, values);
    if (condition == NULL) {
        return made(c, (Expr *)expr_located(c->arena, body, ast->span, ""), ast);
    }
    const Type *type = type_with_null(c->arena, fn->result, true);
    const Expr *branches[3] = {condition, expr_null(c->arena, type), body};
    return node(c, ast, EXPR_IF, type, branches, 3);
}

const Expr *fn_call_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    uint32_t index = 0;
    while (!str_equal(c->fns[index].decl->name.text, ast->name.text)) {
        index++;
    }
    FnInfo *fn = &c->fns[index];
    if (is_cycle(c, ast, index)) {
        return NULL;
    }
    if (!fn->is_checked) {
        fn_check(c, index);
    }
    const Expr **values = call_arguments(c, scope, ast, fn);
    return values == NULL || !fn->is_whole ? NULL : inlined(c, ast, fn, values);
}
