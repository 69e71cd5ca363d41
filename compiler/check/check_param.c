// Params: their types, and their defaults as the texts that a command line would give.
#include "check/check_internal.h"

// --- defaults ------------------------------------------------------------------------------------
static bool value_write(Checker *c, const Expr *value, Buffer *out);

// The parts of a list or struct literal between brackets; a struct's with their names.
static bool parts_write(Checker *c, const Expr *value, Buffer *out) {
    bool is_struct = value->op == EXPR_STRUCT;
    buffer_char(out, is_struct ? '{' : '[');
    for (uint32_t i = 0; i < value->argument_count; i++) {
        buffer_text(out, i > 0 ? "," : "");
        if (is_struct) {
            const char *name = value->type->children[i].name;
            buffer_json_string(out, name, strlen(name));
            buffer_char(out, ':');
        }
        if (!value_write(c, value->arguments[i], out)) {
            return false;
        }
    }
    buffer_char(out, is_struct ? '}' : ']');
    return true;
}

// False: it is no literal.
static bool value_write(Checker *c, const Expr *value, Buffer *out) {
    if (value->op == EXPR_LIST || value->op == EXPR_STRUCT) {
        return parts_write(c, value, out);
    }
    if (value->op == EXPR_CONST && value->is_null) {
        buffer_text(out, "null");
    } else if (value->op == EXPR_CONST) {
        FlowTypeDesc desc = type_desc(c->arena, value->type);
        value_json(out, &desc, &value->constant);
    }
    return value->op == EXPR_CONST;
}

// NULL: it is null, or no literal, which is reported.
static const char *default_text(Checker *c, const AstDecl *decl, const Expr *value) {
    Buffer text = {0};
    bool is_literal = true;
    if (value->op == EXPR_CONST && !value->is_null) {
        FlowTypeDesc desc = type_desc(c->arena, value->type);
        value_text(&text, &desc, &value->constant);
    } else if (value->op != EXPR_CONST) {
        is_literal = value_write(c, value, &text);
    }
    if (!is_literal) {
        diag_add(c->diags, DIAG_E106, decl->expr->span, "the default of a param is a literal");
    }
    bool is_there = is_literal && !(value->op == EXPR_CONST && value->is_null);
    const char *copy = is_there ? arena_string(c->arena, buffer_cstring(&text)) : NULL;
    buffer_free(&text);
    return copy;
}

static const char *default_check(Checker *c, const AstDecl *decl, const Type *type) {
    Stream *nothing = stream_new(c);
    Scope scope = {.stream = nothing};
    const Expr *value = expr_check(c, &scope, decl->expr);
    const char *what = arena_format(c->arena, "the param `%s`", decl->name.text);
    value = assign_to(c, decl->expr, value, type, what);
    return value == NULL ? NULL : default_text(c, decl, value);
}

// Types first: a default that names another param is told what is wrong with that.
void params_check(Checker *c) {
    for (uint32_t i = 0; i < c->program->params.count; i++) {
        const AstDecl *decl = c->program->params.items[i];
        const Type *type = decl->type == NULL ? NULL : type_check(c, decl->type);
        *vec_push(c->arena, &c->out->params) =
            (GraphParam){.name = decl->name.text, .type = type, .span = decl->span};
    }
    for (uint32_t i = 0; i < c->program->params.count; i++) {
        const AstDecl *decl = c->program->params.items[i];
        GraphParam *param = &c->out->params.items[i];
        if (decl->expr != NULL) {
            param->default_text = default_check(c, decl, param->type);
        }
    }
}
