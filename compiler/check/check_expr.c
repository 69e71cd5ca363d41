// Expressions: names, parts of `meta`, tests, and the way to everything else.
#include "check/check_internal.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

const Expr *made(Checker *c, Expr *expr, const AstExpr *ast) {
    expr->span = ast->span;
    expr->text = source_text(c->arena, &c->diags->sources, ast->span);
    return expr;
}

const Expr *node(Checker *c,
                 const AstExpr *ast,
                 ExprOp op,
                 const Type *type,
                 const Expr *const *arguments,
                 uint32_t count) {
    return made(c, expr_new(c->arena, op, type, arguments, count), ast);
}

const Type *bool_type(Checker *c, bool is_nullable) {
    return type_new(c->arena, FLOW_BOOL, is_nullable);
}

bool any_nullable(const Expr *const *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (values[i]->type->is_nullable) {
            return true;
        }
    }
    return false;
}

// --- names ---------------------------------------------------------------------------------------
static const Expr *param_find(Checker *c, const AstExpr *ast, bool *is_param) {
    for (uint32_t i = 0; i < c->program->params.count; i++) {
        if (str_equal(c->program->params.items[i]->name.text, ast->name.text)) {
            *is_param = true;
            const Type *type = c->out->params.items[i].type;
            if (type == NULL) {
                return NULL;
            }
            Expr *param = expr_new(c->arena, EXPR_PARAM, type, NULL, 0);
            param->index = i;
            return made(c, param, ast);
        }
    }
    return NULL;
}

static bool key_is_meant(Checker *c, const Scope *scope, AstName name) {
    const Aggregation *aggregation = scope->aggregation;
    if (aggregation == NULL || stream_find(aggregation->input, name.text) < 0) {
        return false;
    }
    Diag *diag = diag_add(
        c->diags, DIAG_E030, name.span, "`%s` is neither a key nor an aggregate", name.text);
    diag_help(c->diags,
              diag,
              aggregation->is_expect
                  ? "this is about all records: aggregate it, `min(%s)`, `max(%s)`"
                  : "add it to `group by`, or aggregate it: `min(%s)`, `max(%s)`",
              name.text,
              name.text);
    return true;
}

static const Expr *name_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr *argument = argument_check(c, scope, ast);
    if (argument != NULL) {
        return argument;
    }
    int32_t index = stream_find(scope->stream, ast->name.text);
    if (index >= 0) {
        const Type *type = scope->stream->columns.items[index].type;
        return type == NULL ? NULL : made(c, expr_column(c->arena, (uint32_t)index, type), ast);
    }
    bool is_param = false;
    const Expr *param = param_find(c, ast, &is_param);
    if (!is_param && !key_is_meant(c, scope, ast->name)) {
        unknown_column_report(c, scope, ast->name);
    }
    return param;
}

// --- meta ----------------------------------------------------------------------------------------
static const Expr *meta_text(Checker *c, const AstExpr *ast, const char *text) {
    const Type *type = type_new(c->arena, FLOW_STRING, false);
    return made(c, expr_constant(c->arena, type, (FlowValue){.view = view_text(text)}), ast);
}

static const Expr *
meta_column(Checker *c, const Scope *scope, const AstExpr *ast, FlowMetaKind meta) {
    for (uint32_t i = 0; i < scope->stream->columns.count; i++) {
        const Column *column = &scope->stream->columns.items[i];
        if (column->meta == meta) {
            return made(c, expr_column(c->arena, i, column->type), ast);
        }
    }
    return NULL;
}

// After a union of two sources each row says where it came from.
static const Expr *meta_source(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Stream *stream = scope->stream;
    for (uint32_t i = 0; stream->source == NULL && i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (column->is_hidden && str_equal(column->name, "(meta.source)")) {
            return made(c, expr_column(c->arena, i, column->type), ast);
        }
    }
    return meta_text(c, ast, stream->source);
}

// What a changelog's rows have of their own.
static bool
meta_is_carried(Checker *c, const Scope *scope, const AstExpr *ast, const Expr **carried) {
    bool is_operation = str_equal(ast->name.text, "operation");
    if (!is_operation && !str_equal(ast->name.text, "sequence")) {
        return false;
    }
    *carried = meta_column(c, scope, ast, is_operation ? FLOW_META_OPERATION : FLOW_META_SEQUENCE);
    return *carried != NULL;
}

static bool meta_is_there(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Stream *stream = scope->stream;
    if (stream->has_meta || stream->is_unknown) {
        return stream->has_meta;
    }
    if (scope->fn != NULL) {
        diag_add(c->diags, DIAG_E015, ast->span, "a function sees its parameters only, no `meta`");
    } else if (scope->contract != NULL) {
        diag_add(c->diags, DIAG_E211, ast->span, "a check sees the columns of its record only");
    } else if (stream->has_lost_meta) {
        diag_add(c->diags,
                 DIAG_E251,
                 ast->span,
                 "there is no `meta` here: rows of a right or full join may be theirs alone");
    } else if (stream->is_group || scope->aggregation != NULL) {
        diag_add(c->diags, DIAG_E015, ast->span, "there is no `meta` here: it ends at a group");
    } else {
        diag_unsupported(c->diags, ast->span, UNSUPPORTED_META);
    }
    return false;
}

// What a source said of a record does not outlast every step.
static const Expr *
meta_said(Checker *c, const Scope *scope, const AstExpr *ast, FlowMetaKind meta) {
    const Expr *column = meta_column(c, scope, ast, meta);
    if (column == NULL && !scope->stream->is_unknown) {
        diag_add(c->diags,
                 DIAG_E251,
                 ast->span,
                 "there is no `meta.%s` here: it ends where rows of several sources meet",
                 ast->name.text);
    }
    return column;
}

static void meta_unknown(Checker *c, const AstExpr *ast) {
    static const char *const later[] = {"sequence"};
    static const char *const names[] = {"operation",
                                        "source",
                                        "partition",
                                        "position",
                                        "file",
                                        "ingested_at",
                                        "sequence",
                                        "before",
                                        "timestamp"};
    for (uint32_t i = 0; i < COUNT_OF(later); i++) {
        if (str_equal(ast->name.text, later[i])) {
            diag_unsupported(c->diags, ast->span, UNSUPPORTED_META);
            return;
        }
    }
    Diag *diag =
        diag_add(c->diags, DIAG_E015, ast->name.span, "`meta` has no part `%s`", ast->name.text);
    diag_suggest(c->diags, diag, ast->name.text, names, COUNT_OF(names));
}

const Expr *record_place(Checker *c, const Scope *scope, const AstExpr *ast, FlowMetaKind meta) {
    return meta_is_there(c, scope, ast) ? meta_column(c, scope, ast, meta) : NULL;
}

static const Expr *meta_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const char *part = ast->name.text;
    const Expr *carried = NULL;
    if (!meta_is_there(c, scope, ast)) {
        return NULL;
    }
    if (scope->stream->mode == GRAPH_CHANGELOG && meta_is_carried(c, scope, ast, &carried)) {
        return carried;
    }
    if (str_equal(part, "operation")) {
        return meta_text(c, ast, "insert");
    }
    if (str_equal(part, "source")) {
        return meta_source(c, scope, ast);
    }
    if (str_equal(part, "position")) {
        return meta_column(c, scope, ast, FLOW_META_POSITION);
    }
    if (str_equal(part, "file") || str_equal(part, "partition")) {
        return meta_column(c, scope, ast, FLOW_META_FILE);
    }
    if (str_equal(part, "timestamp")) {
        return meta_said(c, scope, ast, FLOW_META_TIMESTAMP);
    }
    if (str_equal(part, "before")) {
        return meta_said(c, scope, ast, FLOW_META_BEFORE);
    }
    if (str_equal(part, "ingested_at")) {
        const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
        return node(c, ast, EXPR_NOW, type, NULL, 0);
    }
    meta_unknown(c, ast);
    return NULL;
}

// `r.column` of a joined row, or `a.column` after `from x as a`.
static bool is_row_name(const Scope *scope, const AstExpr *base) {
    const Stream *stream = scope->stream;
    bool is_name = base->kind == AST_EXPR_NAME && stream_find(stream, base->name.text) < 0;
    bool is_ours = is_name && stream->alias != NULL && str_equal(stream->alias, base->name.text);
    return is_ours || (is_name && is_joined(stream, base->name.text));
}

static const Expr *row_column_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Stream *stream = scope->stream;
    const char *owner = ast->operands[0]->name.text;
    bool is_ours = stream->alias != NULL && str_equal(stream->alias, owner);
    int32_t index =
        is_ours ? stream_find(stream, ast->name.text) : joined_find(stream, owner, ast->name.text);
    if (index >= 0) {
        const Type *type = stream->columns.items[index].type;
        return type == NULL ? NULL : made(c, expr_column(c->arena, (uint32_t)index, type), ast);
    }
    if (stream->is_unknown) {
        return NULL;
    }
    const char **names = arena_array(c->arena, const char *, stream->columns.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        bool is_its =
            is_ours ? !column->is_hidden : column->owner != NULL && str_equal(column->owner, owner);
        if (is_its) {
            names[count++] = column->name;
        }
    }
    Diag *diag = diag_add(
        c->diags, DIAG_E015, ast->name.span, "`%s` has no column `%s`", owner, ast->name.text);
    diag_suggest(c->diags, diag, ast->name.text, names, count);
    return NULL;
}

static const Expr *field_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const AstExpr *base = ast->operands[0];
    uint32_t number = 0;
    bool is_name =
        base->kind == AST_EXPR_NAME && lambda_parameter(scope, base->name.text, &number) == NULL;
    if (is_name && is_row_name(scope, base)) {
        return row_column_check(c, scope, ast);
    }
    if (is_name && stream_find(scope->stream, base->name.text) < 0) {
        if (str_equal(base->name.text, "meta")) {
            return meta_check(c, scope, ast);
        }
        const char *source = scope->stream->source;
        if (source != NULL && str_equal(source, base->name.text)) {
            Diag *diag = diag_add(
                c->diags, DIAG_E107, base->span, "columns are written without their source");
            diag_help(c->diags, diag, "write `%s`", ast->name.text);
            diag_fix(c->diags, diag, ast->span, ast->name.text);
            return NULL;
        }
    }
    return field_make(c, ast, expr_check(c, scope, base));
}

// --- tests ---------------------------------------------------------------------------------------
const Expr *condition_check(Checker *c, const Scope *scope, const AstExpr *ast, const char *what) {
    const Expr *value = expr_check(c, scope, ast);
    if (value == NULL || value->type->kind == FLOW_BOOL) {
        return value;
    }
    diag_add(c->diags,
             DIAG_E100,
             ast->span,
             "%s needs a condition, this is %s",
             what,
             type_show(c, value->type));
    return NULL;
}

static const Expr *not_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr *value = condition_check(c, scope, ast->operands[0], "`not`");
    return value == NULL ? NULL : node(c, ast, EXPR_NOT, value->type, &value, 1);
}

const Expr *not_if(Checker *c, const AstExpr *ast, const Expr *value) {
    if (value == NULL || !ast->is_negated) {
        return value;
    }
    return node(c, ast, EXPR_NOT, value->type, &value, 1);
}

static const Expr *is_null_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr *value = expr_check(c, scope, ast->operands[0]);
    if (value == NULL) {
        return NULL;
    }
    return not_if(c, ast, node(c, ast, EXPR_IS_NULL, bool_type(c, false), &value, 1));
}

static const Expr *text_operand(Checker *c, const AstExpr *ast, const Expr *value) {
    if (value == NULL || type_is_text(value->type)) {
        return value == NULL ? NULL : widen(c, value, type_new(c->arena, FLOW_STRING, false));
    }
    Diag *diag = diag_add(c->diags,
                          DIAG_E026,
                          ast->span,
                          "a text is needed here, this is %s",
                          type_show(c, value->type));
    cast_help(c, diag, ast, type_new(c->arena, FLOW_STRING, false));
    return NULL;
}

static void regex_verify(Checker *c, const AstExpr *ast) {
    if (!literal_is_text(ast)) {
        return;
    }
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)ast->literal.text,
                                     ast->literal.length,
                                     PCRE2_UTF | PCRE2_DOLLAR_ENDONLY,
                                     &error,
                                     &offset,
                                     NULL);
    if (code != NULL) {
        pcre2_code_free(code);
        return;
    }
    PCRE2_UCHAR text[256] = {0};
    pcre2_get_error_message(error, text, sizeof(text));
    diag_add(c->diags,
             DIAG_E111,
             ast->span,
             "the pattern is not valid at its character %zu: %s",
             (size_t)offset + 1,
             (const char *)text);
}

static const Expr *pattern_check(Checker *c, const Scope *scope, const AstExpr *ast, ExprOp op) {
    const Expr *values[2];
    for (uint32_t i = 0; i < 2; i++) {
        values[i] = text_operand(c, ast->operands[i], expr_check(c, scope, ast->operands[i]));
    }
    if (op == EXPR_MATCHES) {
        regex_verify(c, ast->operands[1]);
    }
    if (values[0] == NULL || values[1] == NULL) {
        return NULL;
    }
    return not_if(c, ast, node(c, ast, op, bool_type(c, any_nullable(values, 2)), values, 2));
}

// --- all kinds -----------------------------------------------------------------------------------
static const Expr *lambda_misplaced(Checker *c, const AstExpr *ast) {
    diag_add(c->diags, DIAG_E123, ast->span, "a value is needed here, not a lambda");
    return NULL;
}

static const Expr *where_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    if (aggregate_is_inside(ast->operands[0])) {
        return aggregate_check(c, scope, ast);
    }
    Diag *diag =
        diag_add(c->diags, DIAG_E031, ast->span, "only an aggregate has a `where` of its own");
    diag_help(c->diags, diag, "for single values write `if … then … else …`");
    return NULL;
}

const Expr *expr_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    switch (ast->kind) {
    case AST_EXPR_LITERAL:
        return literal_alone(c, ast);
    case AST_EXPR_NAME:
        return name_check(c, scope, ast);
    case AST_EXPR_FIELD:
        return field_check(c, scope, ast);
    case AST_EXPR_CALL:
        return call_check(c, scope, ast);
    case AST_EXPR_NEGATE:
        return negate_check(c, scope, ast);
    case AST_EXPR_NOT:
        return not_check(c, scope, ast);
    case AST_EXPR_BINARY:
        return binary_check(c, scope, ast);
    case AST_EXPR_IS_NULL:
        return is_null_check(c, scope, ast);
    case AST_EXPR_BETWEEN:
        return between_check(c, scope, ast);
    case AST_EXPR_IN:
        return in_check(c, scope, ast);
    case AST_EXPR_LIKE:
        return pattern_check(c, scope, ast, EXPR_LIKE);
    case AST_EXPR_MATCHES:
        return pattern_check(c, scope, ast, EXPR_MATCHES);
    case AST_EXPR_IF:
        return if_check(c, scope, ast);
    case AST_EXPR_CASE:
        return case_check(c, scope, ast);
    case AST_EXPR_WHERE:
        return where_check(c, scope, ast);
    case AST_EXPR_CAST:
    case AST_EXPR_TRY_CAST:
        return cast_check(c, scope, ast);
    case AST_EXPR_INDEX:
        return index_check(c, scope, ast);
    case AST_EXPR_LIST:
        return list_check(c, scope, ast);
    case AST_EXPR_STRUCT:
        return struct_check(c, scope, ast);
    case AST_EXPR_LAMBDA:
        return lambda_misplaced(c, ast);
    }
    return NULL;
}
