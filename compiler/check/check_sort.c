// Steps that keep rows until all of a key are there: top, dedup, running.
#include "check/check_internal.h"

typedef struct Sorting {
    Checker *c;
    const AstStep *step;
    const Stream *stream;
    Values keys;
    Values orders;
    int32_t window_end; // index in keys, or -1
    bool is_whole;
} Sorting;

static const Expr *own_column(Sorting *s, uint32_t index) {
    const Column *column = &s->stream->columns.items[index];
    const Expr *value = expr_column(s->c->arena, index, column->type);
    return expr_located(s->c->arena, value, s->step->span, column->name);
}

static const Expr *value_check(Sorting *s, const AstExpr *ast) {
    Scope scope = {.stream = s->stream};
    const Expr *value = expr_check(s->c, &scope, ast);
    if (value != NULL && value->type->kind == FLOW_NULL) {
        diag_add(s->c->diags, DIAG_E110, ast->span, "nothing says which type this null has");
        value = NULL;
    }
    s->is_whole &= value != NULL;
    return value;
}

// A text in place of a key is never meant: all rows would have the same.
static bool text_key_report(Sorting *s, const AstExpr *ast) {
    if (!literal_is_text(ast)) {
        return false;
    }
    Diag *diag = diag_add(s->c->diags,
                          DIAG_E007,
                          ast->span,
                          "this is a text, not the column `%s`",
                          ast->literal.text);
    diag_fix(s->c->diags, diag, ast->span, ast->literal.text);
    s->is_whole = false;
    return true;
}

static void keys_check(Sorting *s) {
    for (uint32_t i = 0; i < s->step->keys.count; i++) {
        const AstExpr *ast = s->step->keys.items[i].expr;
        const Expr *key = text_key_report(s, ast) ? NULL : value_check(s, ast);
        if (key != NULL) {
            *vec_push(s->c->arena, &s->keys) = key;
        }
    }
}

// The same within each window, if there is one: it is the first key.
static void window_keys_add(Sorting *s) {
    const Stream *stream = s->stream;
    if (stream->window_start < 0 || stream->window_end < 0) {
        return;
    }
    *vec_push(s->c->arena, &s->keys) = own_column(s, (uint32_t)stream->window_start);
    *vec_push(s->c->arena, &s->keys) = own_column(s, (uint32_t)stream->window_end);
    s->window_end = 1;
}

static const char *keys_text(Sorting *s) {
    Buffer text = {0};
    for (uint32_t i = 0; i < s->step->keys.count; i++) {
        const AstExpr *ast = s->step->keys.items[i].expr;
        const char *written = source_text(s->c->arena, &s->c->diags->sources, ast->span);
        buffer_format(&text, "%s%s", i == 0 ? "" : ", ", written);
    }
    const char *copy = arena_copy(s->c->arena, text.data, text.length);
    buffer_free(&text);
    return copy;
}

static GraphNode *sort_add(Sorting *s, GraphOp op, const char *word, const Stream *after) {
    CheckedStep *added = step_add(s->c, op, s->step, word, after);
    added->keys = keys_text(s);
    added->node.values = s->keys.items;
    added->node.value_count = s->keys.count;
    added->node.orders = s->orders.items;
    added->node.order_count = s->orders.count;
    added->node.window_end = s->window_end;
    // Of rows by a window's end the order is the same as by the time just before it.
    added->node.event_time = s->stream->event_time;
    return &added->node;
}

// --- keys with names -----------------------------------------------------------------------------
static bool is_own_column(const AstAssign *key) {
    return key->expr->kind == AST_EXPR_NAME && str_equal(key->expr->name.text, key->name.text);
}

static bool name_is_free(Checker *c, const Stream *stream, const AstAssign *key) {
    if (stream_find(stream, key->name.text) < 0) {
        return true;
    }
    diag_add(
        c->diags, DIAG_E203, key->name.span, "the column `%s` is there already", key->name.text);
    return false;
}

// `per len = length(x)` is `derive len = length(x)` before the step, and `per len`: the column goes
// on with the rows. Gives the step as it is then.
static AstStep named_keys_derive(Checker *c, const AstStep *step, Stream **stream) {
    AstStep named = *step;
    VEC(AstAssign) derived = {0};
    AstAssign *keys = arena_array(c->arena, AstAssign, step->keys.count + 1);
    for (uint32_t i = 0; i < step->keys.count; i++) {
        const AstAssign *key = &step->keys.items[i];
        keys[i] = *key;
        bool has_name = key->name.text != NULL && !is_own_column(key);
        if (has_name && !literal_is_text(key->expr) && name_is_free(c, *stream, key)) {
            *vec_push(c->arena, &derived) = *key;
            keys[i].expr = ast_name(c, key->name.text, key->expr->span);
        }
    }
    if (derived.count > 0) {
        AstStep derive = {.kind = AST_STEP_DERIVE,
                          .span = step->span,
                          .keyword = step->keyword,
                          .assigns = {derived.items, derived.count, false, step->keys.span}};
        *stream = step_check(c, &derive, *stream);
    }
    named.keys.items = keys;
    return named;
}

// --- top -----------------------------------------------------------------------------------------
static int64_t count_read(Checker *c, const AstLiteral *count) {
    if (!count->is_out_of_range && count->value > 0) {
        return count->value;
    }
    diag_add(c->diags, DIAG_E234, count->span, "`top` gives at least one row");
    return 1;
}

Stream *top_check(Checker *c, const AstStep *written, Stream *stream) {
    const AstStep named = named_keys_derive(c, written, &stream);
    const AstStep *step = &named;
    Sorting s = {.c = c, .step = step, .stream = stream, .window_end = -1, .is_whole = true};
    int64_t count = count_read(c, &step->count);
    window_keys_add(&s);
    keys_check(&s);
    const Expr *order = value_check(&s, step->expr);
    *vec_push(c->arena, &s.orders) = order;
    Stream *after = stream_copy(c, stream);
    if (step->alias.text != NULL) {
        column_free_check(c, stream, step->alias);
        if (stream_find(stream, step->alias.text) < 0) {
            stream_add(c, after, step->alias.text, type_new(c->arena, FLOW_INT64, false));
        } else {
            s.is_whole = false;
        }
    }
    if (s.is_whole) {
        GraphNode *node = sort_add(&s, GRAPH_TOP, "top", after);
        node->count = count;
        node->is_descending = !step->is_ascending;
        node->has_place = step->alias.text != NULL;
    }
    return after;
}

// --- dedup ---------------------------------------------------------------------------------------
static void all_keys_add(Sorting *s) {
    for (uint32_t i = 0; i < s->stream->columns.count; i++) {
        const Column *column = &s->stream->columns.items[i];
        s->is_whole &= column->type != NULL;
        if (!column->is_hidden && column->type != NULL) {
            *vec_push(s->c->arena, &s->keys) = own_column(s, i);
        }
    }
}

static void dedup_time_report(Sorting *s) {
    if (s->stream->event_time >= 0 || s->stream->is_unknown) {
        return;
    }
    Diag *diag = diag_add(s->c->diags,
                          DIAG_E045,
                          s->step->span,
                          "`within` is about event time, and these rows have none");
    diag_help(s->c->diags,
              diag,
              "mark it where the rows come from: `ts: timestamp event_time`, or `event_time ts` in "
              "the source");
    s->is_whole = false;
}

Stream *dedup_check(Checker *c, const AstStep *written, Stream *stream) {
    const AstStep named = named_keys_derive(c, written, &stream);
    const AstStep *step = &named;
    Sorting s = {.c = c, .step = step, .stream = stream, .window_end = -1, .is_whole = true};
    s.is_whole = !stream->is_unknown;
    dedup_time_report(&s);
    if (step->is_all_columns) {
        all_keys_add(&s);
    } else {
        keys_check(&s);
    }
    if (step->amount == NULL || step->amount->months != 0) {
        Span span = step->amount == NULL ? step->span : step->amount->span;
        diag_add(c->diags, DIAG_E048, span, "`within` takes a length like `1 hour` or `30 days`");
        return stream;
    }
    if (s.is_whole) {
        const Expr *time = window_time(c, step, stream);
        int64_t ahead_us = step->amount->value == INT64_MAX ? INT64_MAX : step->amount->value + 1;
        late_add(
            c, step, stream, window_time_shift(c, step, EXPR_TIME_ADD, time, ahead_us), stream);
        GraphNode *node = sort_add(&s, GRAPH_DEDUP, "dedup", stream);
        node->within_us = step->amount->value;
        node->keep_last = step->keep == AST_KEEP_LAST;
    }
    return stream;
}

// --- running -------------------------------------------------------------------------------------
typedef struct Running {
    Sorting sorting;
    Aggregation aggregation;
    Values results;
    Stream *rows; // ours, then the aggregates
} Running;

static bool entry_is_new(Running *r, uint32_t index) {
    const AstAssigns *assigns = &r->sorting.step->assigns;
    AstName name = assigns->items[index].name;
    bool is_taken = stream_find(r->sorting.stream, name.text) >= 0;
    for (uint32_t i = 0; i < index; i++) {
        is_taken |= str_equal(assigns->items[i].name.text, name.text);
    }
    if (is_taken) {
        Checker *c = r->sorting.c;
        diag_add(c->diags, DIAG_E203, name.span, "the column `%s` is there already", name.text);
    }
    return !is_taken;
}

static void entries_check(Running *r) {
    Sorting *s = &r->sorting;
    Scope scope = {.stream = s->stream, .aggregation = &r->aggregation};
    for (uint32_t i = 0; i < s->step->assigns.count; i++) {
        const Expr *value = expr_check(s->c, &scope, s->step->assigns.items[i].expr);
        bool is_new = entry_is_new(r, i);
        s->is_whole &= value != NULL && is_new;
        *vec_push(s->c->arena, &r->results) = value;
    }
}

static void orders_check(Sorting *s) {
    for (uint32_t i = 0; i < s->step->order.count; i++) {
        const Expr *order = value_check(s, s->step->order.items[i]);
        if (order != NULL) {
            *vec_push(s->c->arena, &s->orders) = order;
        }
    }
}

static void aggs_add(Running *r) {
    Checker *c = r->sorting.c;
    r->rows = stream_copy(c, r->sorting.stream);
    for (uint32_t i = 0; i < r->aggregation.aggs.count; i++) {
        GraphAgg *agg = &r->aggregation.aggs.items[i];
        int32_t entry = entry_of(&r->results, r->aggregation.key_count + i);
        agg->name = entry >= 0 ? r->sorting.step->assigns.items[entry].name.text
                               : arena_format(c->arena, "(aggregate %u)", i + 1);
        uint32_t index = stream_add(c, r->rows, agg->name, agg->type);
        r->rows->columns.items[index].is_hidden = true;
    }
    GraphNode *node = sort_add(&r->sorting, GRAPH_RUNNING, "running", r->rows);
    node->aggs = r->aggregation.aggs.items;
    node->agg_count = r->aggregation.aggs.count;
    node->columns = results_placed(
        c, node->columns, r->rows->columns.count, r->aggregation.key_count, &r->results);
}

// The entries behind the columns that were there.
static Stream *results_project(Running *r) {
    const Sorting *s = &r->sorting;
    Projection p = projection_whole(s->c, r->rows);
    for (uint32_t i = 0; i < r->results.count; i++) {
        projection_set(s->c, &p, s->step->assigns.items[i].name.text, r->results.items[i]);
    }
    projection_carry(s->c, &p);
    projection_add(s->c, s->step, "results", &p);
    return p.output;
}

static Stream *running_broken(Running *r) {
    const AstAssigns *assigns = &r->sorting.step->assigns;
    Stream *after = stream_copy(r->sorting.c, r->sorting.stream);
    for (uint32_t i = 0; i < assigns->count; i++) {
        const char *name = assigns->items[i].name.text;
        if (stream_find(after, name) < 0) {
            stream_add(r->sorting.c, after, name, NULL);
        }
    }
    after->is_unknown |= assigns->is_broken;
    return after;
}

Stream *running_step_check(Checker *c, const AstStep *written, Stream *stream) {
    const AstStep named = named_keys_derive(c, written, &stream);
    const AstStep *step = &named;
    Running r = {.sorting = {.c = c, .step = step, .stream = stream, .window_end = -1}};
    r.sorting.is_whole = !stream->is_unknown && !step->assigns.is_broken;
    r.aggregation = (Aggregation){.input = stream,
                                  .key_count = stream->columns.count,
                                  .has_keys = true, // each row counts itself
                                  .is_running = true};
    keys_check(&r.sorting);
    orders_check(&r.sorting);
    entries_check(&r);
    if (!r.sorting.is_whole) {
        return running_broken(&r);
    }
    aggs_add(&r);
    return results_project(&r);
}
