// Texts that a source of envelopes leaves out because they did not change: a text of its own stands
// in their place. A merge keeps what the key had, by a FILL before it; a condition or an expression
// that needs such a value rejects the row; a check of the contract does not judge what it judged
// before.
#include "check/check_internal.h"

static bool is_text(const Type *type) {
    return type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
}

static const Expr *named(Checker *c, const Expr *expr, const Expr *like) {
    return expr_located(c->arena, expr, like->span, like->text);
}

static const Expr *stands_in(Checker *c, const Expr *column, ExprOp op) {
    const Type *type = type_with_null(c->arena, column->type, false);
    const Expr *pair[] = {
        column, expr_constant(c->arena, type, (FlowValue){.view = view_text(FLOW_UNCHANGED_TEXT)})};
    return expr_new(c->arena, op, bool_type(c, column->type->is_nullable), pair, 2);
}

static const Expr *either(Checker *c, const Expr *left, const Expr *right) {
    const Expr *pair[] = {left, right};
    return expr_new(c->arena, EXPR_OR, bool_type(c, any_nullable(pair, 2)), pair, 2);
}

// Whether the value is there, or is null.
static const Expr *is_there(Checker *c, const Expr *column) {
    const Expr *differs = stands_in(c, column, EXPR_NE);
    if (!column->type->is_nullable) {
        return differs;
    }
    const Expr *pair[] = {differs, expr_bool(c->arena, true)};
    return expr_new(c->arena, EXPR_COALESCE, bool_type(c, false), pair, 2);
}

const Expr *unchanged_excused(Checker *c, const Stream *stream, const Expr *condition) {
    bool *used = arena_array(c->arena, bool, stream->columns.count + 1);
    const Expr *whole = condition;
    expr_columns(condition, used);
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (used[i] && column->type != NULL && is_text(column->type)) {
            const Expr *value = expr_located(
                c->arena, expr_column(c->arena, i, column->type), condition->span, column->name);
            whole = named(c, either(c, stands_in(c, value, EXPR_EQ), whole), condition);
        }
    }
    return whole;
}

// --- what needs values ---------------------------------------------------------------------------

static void value_mark(const Expr *value, bool *used) {
    if (value != NULL && value->op != EXPR_COLUMN) {
        expr_columns(value, used);
    }
}

// A column that is passed on needs no value; what a FILL fills neither.
static void node_mark(const GraphNode *node, bool *used) {
    value_mark(node->condition, used);
    for (uint32_t i = 0; i < node->value_count; i++) {
        value_mark(node->values[i], used);
    }
    for (uint32_t i = 0; i < node->order_count; i++) {
        expr_columns(node->orders[i], used);
    }
    for (uint32_t i = 0; node->op == GRAPH_FILL && i < node->value_count; i++) {
        expr_columns(node->values[i], used);
    }
}

static const Expr *gone_of(Checker *c, const GraphColumn *columns, uint32_t count) {
    Stream *stream = stream_new(c);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t added = stream_add(c, stream, columns[i].name, columns[i].type);
        stream->columns.items[added].meta = columns[i].meta;
    }
    return changes_gone(c, stream);
}

const Expr *
unchanged_needed(Checker *c, const GraphColumn *columns, uint32_t count, const GraphNode *node) {
    bool *used = arena_array(c->arena, bool, count + 1);
    const Expr *all = NULL;
    node_mark(node, used);
    for (uint32_t i = 0; i < count; i++) {
        if (!used[i] || !is_text(columns[i].type)) {
            continue;
        }
        const Expr *column = expr_located(
            c->arena, expr_column(c->arena, i, columns[i].type), node->span, columns[i].name);
        const Expr *pair[] = {all, is_there(c, column)};
        const Expr *both =
            all == NULL ? pair[1] : expr_new(c->arena, EXPR_AND, bool_type(c, false), pair, 2);
        const char *names = all == NULL
                                ? columns[i].name
                                : arena_format(c->arena, "%s, %s", all->text, columns[i].name);
        all = expr_located(c->arena, both, node->span, names);
    }
    const Expr *gone = all == NULL ? NULL : gone_of(c, columns, count);
    return gone == NULL ? all : named(c, either(c, gone, all), all);
}

// In front of the step, over what it gets.
static void check_insert(Checker *c, uint32_t at, const Expr *needed) {
    CheckedFlow *flow = &c->out->flows.items[c->flow];
    const GraphNode *before = &flow->steps.items[at - 1].node;
    CheckedStep check = {.word = "unchanged",
                         .node = {.op = GRAPH_CHECK,
                                  .input = GRAPH_NONE,
                                  .right = GRAPH_NONE,
                                  .span = flow->steps.items[at].node.span,
                                  .flow = c->flow,
                                  .window_end = -1,
                                  .event_time = before->event_time,
                                  .mode = before->mode,
                                  .is_bounded = before->is_bounded,
                                  .columns = before->columns,
                                  .column_count = before->column_count,
                                  .condition = needed,
                                  .reaction = FLOW_REACTION_REJECT,
                                  .is_unchanged = true}};
    (void)vec_push(c->arena, &flow->steps);
    for (uint32_t i = flow->steps.count - 1; i > at; i--) {
        flow->steps.items[i] = flow->steps.items[i - 1];
    }
    flow->steps.items[at] = check;
}

void unchanged_steps_check(Checker *c, uint32_t first) {
    const CheckedFlow *flow = &c->out->flows.items[c->flow];
    bool is_filled = false;
    for (uint32_t i = first; i < flow->steps.count && i > 0 && !is_filled; i++) {
        const GraphNode *node = &flow->steps.items[i].node;
        const GraphNode *before = &flow->steps.items[i - 1].node;
        const Expr *needed = unchanged_needed(c, before->columns, before->column_count, node);
        is_filled = node->op == GRAPH_FILL;
        if (needed != NULL) {
            check_insert(c, i, needed);
            i++;
        }
    }
}

// --- merges --------------------------------------------------------------------------------------

static bool is_key(const GraphTable *table, uint32_t column) {
    for (uint32_t i = 0; i < table->key_count; i++) {
        if (table->key[i] == column) {
            return true;
        }
    }
    return false;
}

static bool is_filled(const FillWriting *w, const GraphTable *table, uint32_t column) {
    const Expr *value = w->values[column];
    return is_text(value->type) && value->op == EXPR_COLUMN && !is_key(table, column);
}

typedef struct Fill {
    const Expr **texts;
    uint32_t *columns; // of the table
    uint32_t count;
} Fill;

static Fill fill_make(Checker *c, const FillWriting *w, const GraphTable *table) {
    uint32_t count = table->column_count - table->made_count;
    Fill fill = {.texts = arena_array(c->arena, const Expr *, count + 1),
                 .columns = arena_array(c->arena, uint32_t, count + 1)};
    for (uint32_t i = 0; i < count; i++) {
        if (is_filled(w, table, i)) {
            fill.texts[fill.count] = w->values[i];
            fill.columns[fill.count++] = i;
        }
    }
    return fill;
}

// Of the columns of which something has to be known.
static const char *needed_names(Checker *c, const Fill *fill) {
    const char *names = "";
    for (uint32_t i = 0; i < fill->count; i++) {
        if (!fill->texts[i]->type->is_nullable) {
            names = arena_format(
                c->arena, "%s%s%s", names, names[0] == '\0' ? "" : ", ", fill->texts[i]->text);
        }
    }
    return names;
}

static void fill_node_set(
    Checker *c, const FillWriting *w, const GraphTable *table, const Fill *fill, GraphNode *node) {
    uint32_t plain_count = table->column_count - table->made_count;
    const Expr **keys = arena_array(c->arena, const Expr *, table->key_count + 1);
    int32_t *stored = arena_array(c->arena, int32_t, table->key_count + fill->count + 1);
    for (uint32_t i = 0; i < table->key_count; i++) {
        keys[i] = w->values[table->key[i]];
        stored[i] = (int32_t)table->key[i];
    }
    for (uint32_t i = 0; i < fill->count; i++) {
        stored[table->key_count + i] = (int32_t)fill->columns[i];
    }
    node->values = keys;
    node->value_count = table->key_count;
    node->orders = w->values + plain_count;
    node->order_count = w->order_count;
    node->fills = fill->texts;
    node->fill_count = fill->count;
    node->condition = w->gone;
    node->within_us = -1;
    node->stored = stored;
    node->declaration = c->out->sinks.count; // the merge's, which follows
}

const Stream *unchanged_fill_add(Checker *c, const FillWriting *w) {
    const GraphTable *table = &c->out->tables.items[w->table];
    Fill fill = w->stream->may_leave_out ? fill_make(c, w, table) : (Fill){0};
    if (fill.count == 0) {
        return w->stream;
    }
    Stream *after = stream_copy(c, w->stream);
    uint32_t first = after->columns.count;
    for (uint32_t i = 0; i < fill.count; i++) {
        const char *name = table->columns[fill.columns[i]].name;
        stream_add(c, after, name, fill.texts[i]->type);
        after->columns.items[first + i].is_hidden = true;
    }
    CheckedStep *step = step_add(c, GRAPH_FILL, w->step, "fill", after);
    GraphColumn *columns = arena_array(c->arena, GraphColumn, after->columns.count + 1);
    memcpy(columns, step->node.columns, after->columns.count * sizeof(*columns));
    step->keys = table->name;
    step->node.columns = columns;
    fill_node_set(c, w, table, &fill, &step->node);
    Span span = w->step->dest.span;
    step->node.check_name = needed_names(c, &fill);
    for (uint32_t i = 0; i < fill.count; i++) {
        uint32_t from = fill.texts[i]->index;
        columns[first + i].raw_place = columns[from].raw_place;
        columns[from].raw_place = 0;
        w->values[fill.columns[i]] =
            expr_located(c->arena,
                         expr_column(c->arena, first + i, fill.texts[i]->type),
                         span,
                         columns[first + i].name);
    }
    return after;
}
