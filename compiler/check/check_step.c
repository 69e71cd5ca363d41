// The row-wise steps: where, derive, select, drop, rename, expect.
#include "check/check_internal.h"

static void same_columns_add(
    Checker *c, const AstStep *step, GraphOp op, const Expr *condition, const Stream *after) {
    CheckedStep *added = step_add(c, op, step, syntax_step_word(step->kind), after);
    added->node.condition = condition;
}

static Stream *where_check(Checker *c, const AstStep *step, Stream *stream) {
    Scope scope = {.stream = stream};
    const Expr *condition = condition_check(c, &scope, step->expr, "`where`");
    if (condition == NULL) {
        return stream;
    }
    if (stream->mode == GRAPH_CHANGELOG) {
        return changes_where(c, step, stream, condition);
    }
    Stream *after = stream_copy(c, stream);
    narrow(condition, after, c->arena);
    same_columns_add(c, step, GRAPH_FILTER, condition, after);
    return after;
}

static Stream *expect_check(Checker *c, const AstStep *step, Stream *stream) {
    if (aggregate_is_inside(step->expr)) {
        return epoch_check(c, step, stream);
    }
    Scope scope = {.stream = stream};
    const Expr *condition = condition_check(c, &scope, step->expr, "`expect`");
    if (condition == NULL) {
        return stream;
    }
    if (condition->type->is_nullable) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E216,
                              condition->span,
                              "this must be true: where it gives null the row breaks it");
        diag_help(c->diags, diag, "write `… is null or …` if null is fine");
    }
    Stream *after = stream_copy(c, stream);
    int32_t reaction = reaction_of(step->reaction);
    bool is_changelog = stream->mode == GRAPH_CHANGELOG;   // of deletes nothing is known
    if (reaction != FLOW_REACTION_WARN && !is_changelog) { // who is only warned about goes on
        narrow(condition, after, c->arena);
    }
    condition = changes_expect(c, stream, condition);
    same_columns_add(c, step, GRAPH_CHECK, condition, after);
    CheckedFlow *flow = &c->out->flows.items[c->flow];
    GraphNode *added = &flow->steps.items[flow->steps.count - 1].node;
    added->reaction = reaction;
    added->check_name = step->name.text;
    return after;
}

// --- derive
// ----------------------------------------------------------------------------------------- Whether
// the expression reads one of the names that entries `from` to `to` define.
static bool
reads_entries(const AstExpr *ast, const AstAssigns *assigns, uint32_t from, uint32_t to) {
    for (uint32_t i = from; ast->kind == AST_EXPR_NAME && i < to; i++) {
        const char *name = assigns->items[i].name.text;
        if (name != NULL && str_equal(name, ast->name.text)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < ast->operand_count; i++) {
        if (reads_entries(ast->operands[i], assigns, from, to)) {
            return true;
        }
    }
    return false;
}

static Stream *projection_end(Checker *c, const AstStep *step, Projection *p) {
    projection_carry(c, p);
    projection_add(c, step, syntax_step_word(step->kind), p);
    return p->output;
}

// An integer literal is of the type of the column that it ends in, which is not known here.
static void literal_keep(Projection *p, const char *name, const AstExpr *expr) {
    int32_t index = stream_find(p->output, name);
    if (index >= 0 && literal_is_number(expr)) {
        p->output->columns.items[index].literal = expr;
    }
}

// An entry sees those above it: entries that read others of the step go into a projection behind.
static Stream *derive_check(Checker *c, const AstStep *step, Stream *stream) {
    const AstAssigns *assigns = &step->assigns;
    Projection p = projection_whole(c, stream);
    uint32_t first = 0; // entry of the present projection
    for (uint32_t i = 0; i < assigns->count; i++) {
        const AstAssign *entry = &assigns->items[i];
        if (reads_entries(entry->expr, assigns, first, i)) {
            stream = projection_end(c, step, &p);
            p = projection_whole(c, stream);
            first = i;
        }
        Scope scope = {.stream = stream, .assigns = assigns, .assign = i + 1};
        const Expr *value = expr_check(c, &scope, entry->expr);
        bool is_known = has_known_type(c, entry->expr, value);
        projection_set(c, &p, entry->name.text, is_known ? value : NULL);
        literal_keep(&p, entry->name.text, entry->expr);
    }
    p.output->is_unknown |= assigns->is_broken;
    return projection_end(c, step, &p);
}

// --- select, drop, rename ------------------------------------------------------------------------
static bool is_taken(Checker *c, const Stream *output, AstName name) {
    if (stream_find(output, name.text) < 0) {
        return false;
    }
    diag_add(c->diags, DIAG_E203, name.span, "the column `%s` is there already", name.text);
    return true;
}

static void select_item(Checker *c, Projection *p, const AstStep *step, const AstAssign *item) {
    Scope scope = {.stream = p->input, .assigns = &step->assigns, .assign = 0};
    const AstExpr *expr = item->expr;
    AstName name = item->name.text != NULL ? item->name : expr->name;
    if (is_taken(c, p->output, name)) {
        return;
    }
    int32_t column = expr->kind == AST_EXPR_NAME ? stream_find(p->input, expr->name.text) : -1;
    if (column >= 0) {
        projection_keep_as(c, p, (uint32_t)column, name.text);
        return;
    }
    const Expr *value = expr_check(c, &scope, expr);
    projection_set(c, p, name.text, has_known_type(c, expr, value) ? value : NULL);
    literal_keep(p, name.text, expr);
}

// What the input shows and the output does not: a later use of it is told where it went.
static void left_out_note(Checker *c, Projection *p, Span span) {
    for (uint32_t i = 0; i < p->input->columns.count; i++) {
        const Column *column = &p->input->columns.items[i];
        if (!column->is_hidden && stream_find(p->output, column->name) < 0) {
            *vec_push(c->arena, &p->output->left_out) = (AstName){column->name, span};
        } else if (column->owner != NULL && p->ends_joined) {
            *vec_push(c->arena, &p->output->left_out) = (AstName){column->owner, span};
        }
    }
}

static Stream *select_check(Checker *c, const AstStep *step, Stream *stream) {
    Projection p = projection_new(c, stream);
    p.ends_joined = true;
    for (uint32_t i = 0; i < step->assigns.count; i++) {
        select_item(c, &p, step, &step->assigns.items[i]);
    }
    p.output->is_unknown = step->assigns.is_broken;
    left_out_note(c, &p, step->span);
    return projection_end(c, step, &p);
}

static bool is_named(const AstNames *names, const char *name) {
    for (uint32_t i = 0; i < names->count; i++) {
        if (str_equal(names->items[i].text, name)) {
            return true;
        }
    }
    return false;
}

static Stream *drop_check(Checker *c, const AstStep *step, Stream *stream) {
    Scope scope = {.stream = stream};
    for (uint32_t i = 0; i < step->names.count; i++) {
        if (stream_find(stream, step->names.items[i].text) < 0) {
            unknown_column_report(c, &scope, step->names.items[i]);
        }
    }
    Projection p = projection_new(c, stream);
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (!column->is_hidden && !is_named(&step->names, column->name)) {
            projection_keep(c, &p, i);
        }
    }
    left_out_note(c, &p, step->span);
    if (p.output->columns.count == 0 && !stream->is_unknown) {
        diag_add(c->diags, DIAG_E206, step->span, "no column would be left");
    }
    return projection_end(c, step, &p);
}

static const AstAssign *renaming_of(const AstStep *step, const char *name) {
    for (uint32_t i = 0; i < step->assigns.count; i++) {
        if (str_equal(step->assigns.items[i].expr->name.text, name)) {
            return &step->assigns.items[i];
        }
    }
    return NULL;
}

static Stream *rename_check(Checker *c, const AstStep *step, Stream *stream) {
    Scope scope = {.stream = stream};
    for (uint32_t i = 0; i < step->assigns.count; i++) {
        AstName old = step->assigns.items[i].expr->name;
        if (stream_find(stream, old.text) < 0) {
            unknown_column_report(c, &scope, old);
        }
    }
    Projection p = projection_new(c, stream);
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (column->is_hidden) {
            continue;
        }
        const AstAssign *renaming = renaming_of(step, column->name);
        AstName name = renaming == NULL ? (AstName){column->name, step->span} : renaming->name;
        if (!is_taken(c, p.output, name)) {
            projection_keep_as(c, &p, i, name.text);
        }
    }
    return projection_end(c, step, &p);
}

Stream *step_check(Checker *c, const AstStep *step, Stream *stream) {
    switch (step->kind) {
    case AST_STEP_WHERE:
        return where_check(c, step, stream);
    case AST_STEP_EXPECT:
        return expect_check(c, step, stream);
    case AST_STEP_DERIVE:
        return derive_check(c, step, stream);
    case AST_STEP_SELECT:
        return select_check(c, step, stream);
    case AST_STEP_DROP:
        return drop_check(c, step, stream);
    case AST_STEP_RENAME:
        return rename_check(c, step, stream);
    default:
        break;
    }
    return stream;
}
