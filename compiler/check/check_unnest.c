// Steps that make several rows of one, or few of many: unnest and sample.
#include "check/check_internal.h"

// --- unnest --------------------------------------------------------------------------------------
// The path as an expression: a column, or a field of one.
static const AstExpr *path_expr(Checker *c, const AstPath *path) {
    const AstExpr *expr = NULL;
    for (uint32_t i = 0; i < path->count; i++) {
        AstExpr *part = arena_new(c->arena, AstExpr);
        part->kind = i == 0 ? AST_EXPR_NAME : AST_EXPR_FIELD;
        part->name = path->items[i];
        part->span = i == 0 ? path->items[i].span : path->span;
        if (i > 0) {
            const AstExpr **operands = arena_array(c->arena, const AstExpr *, 1);
            operands[0] = expr;
            part->operands = operands;
            part->operand_count = 1;
        }
        expr = part;
    }
    return expr;
}

static const Expr *unnested_list(Checker *c, const AstStep *step, const Stream *stream) {
    Scope scope = {.stream = stream};
    const Expr *list = expr_check(c, &scope, path_expr(c, &step->names));
    if (list == NULL || list->type->kind == FLOW_LIST) {
        return list;
    }
    Diag *diag = diag_add(c->diags,
                          DIAG_E233,
                          step->names.span,
                          "`unnest` takes a list, this is %s",
                          type_show(c, list->type));
    if (list->type->kind == FLOW_MAP) {
        diag_help(c->diags, diag, "`derive` its `keys(…)` or `values(…)`, and unnest these");
    }
    return NULL;
}

Stream *unnest_check(Checker *c, const AstStep *step, Stream *stream) {
    const Expr *list = unnested_list(c, step, stream);
    column_free_check(c, stream, step->alias);
    Stream *after = stream_copy(c, stream);
    if (stream_find(stream, step->alias.text) >= 0) {
        return after;
    }
    uint32_t item = stream_add(c, after, step->alias.text, NULL);
    if (list == NULL) {
        return after;
    }
    bool keeps_empty = step->keep == AST_KEEP_EMPTY;
    const Type *element = list->type->children[0].type;
    after->columns.items[item].type =
        type_with_null(c->arena, element, element->is_nullable || keeps_empty);
    CheckedStep *added = step_add(c, GRAPH_UNNEST, step, "unnest", after);
    const Expr **values = arena_array(c->arena, const Expr *, 1);
    values[0] = list;
    added->keys = step->alias.text;
    added->node.values = values;
    added->node.value_count = 1;
    added->node.keep_empty = keeps_empty;
    return after;
}

// --- sample --------------------------------------------------------------------------------------
typedef VEC(const Expr *) Parts;

static const Expr *column_part(Checker *c, const AstStep *step, const Stream *stream, uint32_t i) {
    const Column *column = &stream->columns.items[i];
    return expr_located(c->arena, expr_column(c->arena, i, column->type), step->span, column->name);
}

// A column that may be null as text: the value that hashes must always be there.
static const Expr *always_there(Checker *c, const AstStep *step, const Expr *value) {
    if (!value->type->is_nullable) {
        return value;
    }
    const Type *text = type_new(c->arena, FLOW_STRING, true);
    if (value->type->kind == FLOW_BYTES || type_is_nested(value->type)) {
        const Expr *test = expr_new(c->arena, EXPR_IS_NULL, bool_type(c, false), &value, 1);
        return expr_located(c->arena, test, step->span, value->text);
    }
    if (value->type->kind != FLOW_STRING) {
        Expr *cast = expr_new(c->arena, EXPR_CAST, text, &value, 1);
        cast->is_widening = true;
        value = expr_located(c->arena, cast, step->span, value->text);
    }
    const Type *there = type_new(c->arena, FLOW_STRING, false);
    const Expr *pair[2] = {value,
                           expr_constant(c->arena, there, (FlowValue){.view = view_text("")})};
    return expr_located(
        c->arena, expr_new(c->arena, EXPR_COALESCE, there, pair, 2), step->span, value->text);
}

// What tells a record from all others, wherever it is read again.
static void identity_add(Checker *c, const AstStep *step, const Stream *stream, Parts *parts) {
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        bool is_source = column->is_hidden && str_equal(column->name, "(meta.source)");
        bool is_part = stream->has_meta ? column->meta == FLOW_META_FILE ||
                                              column->meta == FLOW_META_POSITION || is_source
                                        : !column->is_hidden;
        if (is_part && column->type != NULL) {
            *vec_push(c->arena, parts) = always_there(c, step, column_part(c, step, stream, i));
        }
    }
    if (stream->has_meta && stream->source != NULL) {
        const Type *type = type_new(c->arena, FLOW_STRING, false);
        FlowValue name = {.view = view_text(stream->source)};
        *vec_push(c->arena, parts) =
            expr_located(c->arena, expr_constant(c->arena, type, name), step->span, "meta.source");
    }
}

// The ratio as a part of 2^63; -1: it is none.
static int64_t ratio_read(Checker *c, const AstStep *step) {
    i128 numerator = 0;
    i128 denominator = 1;
    bool is_number = literal_fraction(step->amount, &numerator, &denominator);
    if (!is_number || numerator <= 0 || numerator > denominator) {
        diag_add(c->diags,
                 DIAG_E235,
                 step->amount->span,
                 "a sample is a part of the records: more than 0, at most 1 or 100 percent");
        return -1;
    }
    if (numerator == denominator) {
        return INT64_MAX;
    }
    return (int64_t)(numerator * ((i128)1 << 63) / denominator);
}

static const Expr *sample_condition(Checker *c, const AstStep *step, const Parts *parts) {
    Expr *sample = expr_new(c->arena, EXPR_SAMPLE, bool_type(c, false), parts->items, parts->count);
    sample->span = step->span;
    sample->text = source_text(c->arena, &c->diags->sources, step->span);
    return sample;
}

Stream *sample_check(Checker *c, const AstStep *step, Stream *stream) {
    int64_t ratio = ratio_read(c, step);
    Parts parts = {0};
    *vec_push(c->arena, &parts) =
        expr_constant(c->arena, type_new(c->arena, FLOW_INT64, false), (FlowValue){.i64 = ratio});
    if (step->expr == NULL) {
        identity_add(c, step, stream, &parts);
    } else {
        Scope scope = {.stream = stream};
        const Expr *value = expr_check(c, &scope, step->expr);
        *vec_push(c->arena, &parts) = value == NULL ? NULL : always_there(c, step, value);
    }
    bool is_whole = ratio >= 0 && !stream->is_unknown;
    for (uint32_t i = 0; i < parts.count; i++) {
        is_whole &= parts.items[i] != NULL;
    }
    if (is_whole) {
        CheckedStep *added = step_add(c, GRAPH_FILTER, step, "sample", stream);
        added->node.condition = sample_condition(c, step, &parts);
    }
    return stream;
}
