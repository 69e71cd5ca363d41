// group: keys, aggregates, and the expressions around them.
#include "check/check_internal.h"

typedef struct Grouping {
    Checker *c;
    const AstStep *step;
    const Stream *input;
    Stream *output; // keys, then aggregates
    VEC(const Expr *) keys;
    Values results; // one for each entry of the block
    Aggregation aggregation;
    uint32_t session_bounds; // of its aggregates, the first
} Grouping;

// --- keys ----------------------------------------------------------------------------------------
static void key_add(Grouping *g, const char *name, const Expr *value, bool is_hidden) {
    uint32_t index = stream_add(g->c, g->output, name, value == NULL ? NULL : value->type);
    g->output->columns.items[index].is_hidden = is_hidden;
    *vec_push(g->c->arena, &g->keys) = value;
}

static const Expr *input_column(Grouping *g, int32_t index) {
    const Column *column = &g->input->columns.items[index];
    const Expr *value = expr_column(g->c->arena, (uint32_t)index, column->type);
    return expr_located(g->c->arena, value, g->step->span, column->name);
}

// The window comes first in the results, also if its columns were left out on the way.
static void window_keys_add(Grouping *g) {
    const Stream *input = g->input;
    if (input->window_end < 0) {
        return;
    }
    if (input->session_gap_us > 0) {
        key_add(g, "(session)", session_piece(g->c, g->step, input), true);
        return;
    }
    const Column *start = &input->columns.items[input->window_start];
    const Column *end = &input->columns.items[input->window_end];
    const char *name = input->window_name == NULL ? "window_start" : input->window_name;
    key_add(g, start->is_hidden ? name : start->name, input_column(g, input->window_start), false);
    g->output->window_start = 0;
    bool is_hidden = input->window_name != NULL;
    const char *end_name = end->is_hidden && !is_hidden ? "window_end" : end->name;
    key_add(g, end_name, input_column(g, input->window_end), is_hidden);
    g->output->window_end = 1;
    g->output->window_name = input->window_name;
    // Results have the event time window end minus 1 µs, so that windows cascade.
    g->output->event_time = 1;
    g->output->is_end_event_time = true;
}

// `group by "currency"`: a constant key is never meant.
static bool text_key_report(Grouping *g, const AstExpr *expr) {
    if (!literal_is_text(expr)) {
        return false;
    }
    Diag *diag = diag_add(g->c->diags,
                          DIAG_E007,
                          expr->span,
                          "this is a text, not the column `%s`",
                          expr->literal.text);
    diag_help(g->c->diags, diag, "write `%s`", expr->literal.text);
    diag_fix(g->c->diags, diag, expr->span, expr->literal.text);
    return true;
}

static bool is_window_column(const Grouping *g, const AstAssign *key) {
    if (key->expr->kind != AST_EXPR_NAME || g->input->window_end < 0) {
        return false;
    }
    if (session_name_is(g->input, key->expr->name.text)) {
        return key->name.text == NULL;
    }
    int32_t index = stream_find(g->input, key->expr->name.text);
    bool has_same_name = key->name.text == NULL || str_equal(key->name.text, key->expr->name.text);
    return has_same_name && index >= 0 &&
           (index == g->input->window_start || index == g->input->window_end);
}

static bool key_name(Grouping *g, const AstAssign *key, AstName *name) {
    *name = key->name;
    if (name->text == NULL) {
        bool has_own = key->expr->kind == AST_EXPR_NAME || key->expr->kind == AST_EXPR_FIELD;
        *name = has_own ? key->expr->name : (AstName){NULL, key->span};
    }
    if (name->text == NULL) {
        Diag *diag = diag_add(g->c->diags, DIAG_E073, key->span, "this key needs a name");
        const char *text = source_text(g->c->arena, &g->c->diags->sources, key->span);
        diag_help(g->c->diags, diag, "write `name = %s`", text);
        return false;
    }
    if (stream_find(g->output, name->text) >= 0 || session_name_is(g->input, name->text)) {
        diag_add(g->c->diags, DIAG_E203, name->span, "the key `%s` is there already", name->text);
        return false;
    }
    return true;
}

static void keys_check(Grouping *g) {
    window_keys_add(g);
    Scope scope = {.stream = g->input};
    for (uint32_t i = 0; i < g->step->keys.count; i++) {
        const AstAssign *key = &g->step->keys.items[i];
        AstName name = {0};
        if (is_window_column(g, key) || text_key_report(g, key->expr)) {
            continue; // the window is a key anyway
        }
        const Expr *value = expr_check(g->c, &scope, key->expr);
        if (!key_name(g, key, &name)) {
            continue;
        }
        bool is_known = has_known_type(g->c, key->expr, value);
        key_add(g, name.text, is_known ? value : NULL, false);
    }
}

// --- results -------------------------------------------------------------------------------------
static bool entry_is_new(Grouping *g, uint32_t index) {
    AstName name = g->step->assigns.items[index].name;
    bool is_taken = stream_find(g->output, name.text) >= 0 || session_name_is(g->input, name.text);
    for (uint32_t i = 0; i < index; i++) {
        is_taken |= str_equal(g->step->assigns.items[i].name.text, name.text);
    }
    if (is_taken) {
        diag_add(g->c->diags, DIAG_E203, name.span, "the column `%s` is there already", name.text);
    }
    return !is_taken;
}

static void entries_check(Grouping *g) {
    Scope scope = {.stream = g->output, .aggregation = &g->aggregation};
    for (uint32_t i = 0; i < g->step->assigns.count; i++) {
        const Expr *value = expr_check(g->c, &scope, g->step->assigns.items[i].expr);
        *vec_push(g->c->arena, &g->results) = entry_is_new(g, i) ? value : NULL;
    }
}

// Every entry is one aggregate and nothing else: the group's own columns are the results.
static bool is_plain(const Grouping *g) {
    if (g->results.count != g->aggregation.aggs.count) {
        return false;
    }
    for (uint32_t i = 0; i < g->results.count; i++) {
        const Expr *value = g->results.items[i];
        if (value == NULL || value->op != EXPR_COLUMN ||
            value->index != g->aggregation.key_count + i) {
            return false;
        }
    }
    return true;
}

// A session's bounds have their names.
static void aggs_name(Grouping *g) {
    for (uint32_t i = g->session_bounds; i < g->aggregation.aggs.count; i++) {
        GraphAgg *agg = &g->aggregation.aggs.items[i];
        int32_t entry = entry_of(&g->results, g->aggregation.key_count + i);
        agg->name = entry >= 0 ? g->step->assigns.items[entry].name.text
                               : arena_format(g->c->arena, "(aggregate %u)", i + 1);
        stream_add(g->c, g->output, agg->name, agg->type);
    }
}

static const char *keys_text(Grouping *g) {
    Buffer text = {0};
    for (uint32_t i = 0; i < g->aggregation.key_count; i++) {
        bool is_window = g->output->window_end >= 0 && i < 2;
        if (g->input->session_gap_us > 0 ? i > 0 : !is_window) {
            buffer_format(
                &text, "%s%s", text.length == 0 ? "" : ", ", g->output->columns.items[i].name);
        }
    }
    const char *copy = arena_copy(g->c->arena, text.data, text.length);
    buffer_free(&text);
    return copy;
}

static void group_add(Grouping *g) {
    CheckedStep *added = step_add(g->c, GRAPH_GROUP, g->step, "group", g->output);
    added->keys = keys_text(g);
    added->node.values = g->keys.items;
    added->node.value_count = g->keys.count;
    added->node.aggs = g->aggregation.aggs.items;
    added->node.agg_count = g->aggregation.aggs.count;
    added->node.window_end = g->input->session_gap_us > 0 ? -1 : g->output->window_end;
    added->node.session_gap_us = g->input->session_gap_us;
    added->node.session_bounds = g->session_bounds;
    added->node.emit = g->output->window_end < 0 ? FLOW_EMIT_CHANGE : FLOW_EMIT_CLOSE;
    added->node.update_us = g->input->update_us;
    added->node.columns = results_placed(
        g->c, added->node.columns, g->output->columns.count, g->aggregation.key_count, &g->results);
    if (g->input->session_gap_us > 0) {
        added->node.columns =
            session_columns_placed(g->c, added->node.columns, g->output, g->aggregation.key_count);
    }
}

static Stream *results_project(Grouping *g) {
    Projection p = projection_new(g->c, g->output);
    if (g->input->session_gap_us > 0) {
        session_bounds_keep(g->c, &p);
    }
    for (uint32_t i = 0; i < g->aggregation.key_count; i++) {
        if (!g->output->columns.items[i].is_hidden) {
            projection_keep(g->c, &p, i);
        }
    }
    for (uint32_t i = 0; i < g->results.count; i++) {
        projection_set(g->c, &p, g->step->assigns.items[i].name.text, g->results.items[i]);
    }
    projection_carry(g->c, &p);
    projection_add(g->c, g->step, "results", &p);
    return p.output;
}

// A bool or an enum, of which there are no more than its texts.
static bool is_finite(const Type *type) {
    return type == NULL || type->kind == FLOW_BOOL || type->kind == FLOW_ENUM;
}

// What a group keeps from epoch to epoch: accumulators of each key, for ever.
static void group_state_check(Grouping *g) {
    bool has_end = true;
    for (uint32_t i = 0; i < g->aggregation.aggs.count; i++) {
        if (flow_agg_is_ordered(g->aggregation.aggs.items[i].kind)) {
            state_keep(
                g->c, g->aggregation.aggs.items[i].span, KEPT_NOT_YET, "has an ordered aggregate");
        }
    }
    for (uint32_t i = 0; i < g->keys.count; i++) {
        has_end &= g->keys.items[i] == NULL || is_finite(g->keys.items[i]->type);
    }
    if (g->input->window_end < 0 && !has_end) {
        state_keep(g->c, g->step->span, KEPT_UNBOUNDED, "has a `group` without `state unbounded`");
    }
}

Stream *group_check(Checker *c, const AstStep *step, Stream *stream) {
    Grouping g = {.c = c, .step = step, .input = stream, .output = stream_new(c)};
    g.output->is_group = true;
    g.output->is_changing = stream->window_end < 0 || stream->update_us > 0;
    g.output->is_unknown = stream->is_unknown || step->is_broken || step->assigns.is_broken;
    keys_check(&g);
    g.aggregation.input = stream;
    g.aggregation.key_count = g.keys.count;
    g.aggregation.has_keys = g.keys.count > 0;
    if (stream->session_gap_us > 0) {
        const SessionBounds bounds = {c, step, &g.aggregation, g.output};
        g.session_bounds = session_bounds_add(&bounds);
    }
    entries_check(&g);
    if (g.keys.count == 0 && step->assigns.count == 0 && !g.output->is_unknown) {
        diag_add(c->diags, DIAG_E073, step->span, "this group has neither keys nor aggregates");
    }
    group_state_check(&g);
    bool has_plain = is_plain(&g);
    aggs_name(&g);
    group_add(&g);
    return has_plain ? g.output : results_project(&g);
}
