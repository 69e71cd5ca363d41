// Joins: lookups, and what they share with joins of two streams. What is looked up, which parts of
// `on` find its rows, and what later steps see of them.
//
// The joined row's columns stand behind ours, hidden, and are found by `alias.name`: names never
// collide, and what no step names is never stored.
#include "check/check_join.h"

// --- what can be joined --------------------------------------------------------------------------
static bool kind_report(Joining *j) {
    const AstStep *step = j->step;
    DiagList *diags = j->c->diags;
    if (step->join == AST_JOIN_RIGHT || step->join == AST_JOIN_FULL) {
        Diag *diag = diag_add(diags,
                              DIAG_E231,
                              step->keyword,
                              "rows of a table that nothing looked up are never seen");
        diag_help(diags,
                  diag,
                  "join, left join, semi join and anti join look rows up; a stream is joined "
                  "`within` a span of event time");
        return true;
    }
    return false;
}

static bool flow_report(Joining *j, ProgramRef input) {
    if (input.kind != PROGRAM_FLOW) {
        return false;
    }
    DiagList *diags = j->c->diags;
    Diag *diag = diag_add(diags,
                          DIAG_E231,
                          j->step->dest.span,
                          "`%s` is a flow, and only tables and sources are looked up",
                          j->step->dest.text);
    diag_help(
        diags,
        diag,
        "join it `within` a span of event time, or let `%s` write a table, and join that: it is "
        "complete before it is looked up",
        j->step->dest.text);
    return true;
}

bool join_alias_find(Joining *j) {
    const AstStep *step = j->step;
    j->alias = step->alias;
    if (j->alias.text == NULL && !step->dest.is_path) {
        j->alias = (AstName){step->dest.text, step->dest.span};
    }
    if (j->alias.text == NULL) {
        Diag *diag =
            diag_add(j->c->diags, DIAG_E073, step->dest.span, "the joined rows need a name");
        diag_help(j->c->diags, diag, "write `join \"%s\" as r on …`", step->dest.text);
        return false;
    }
    bool is_ours = j->ours->alias != NULL && str_equal(j->ours->alias, j->alias.text);
    if (is_ours || is_joined(j->ours, j->alias.text)) {
        Diag *diag = diag_add(
            j->c->diags, DIAG_E203, j->alias.span, "`%s` names other rows already", j->alias.text);
        diag_help(j->c->diags, diag, "give these another name with `as`");
        return false;
    }
    return true;
}

// --- the pair ------------------------------------------------------------------------------------
static void ours_nullable(Joining *j, Stream *pair) {
    for (uint32_t i = 0; i < pair->columns.count; i++) {
        Column *column = &pair->columns.items[i];
        column->literal = NULL;
        if (column->type != NULL) {
            column->type = type_with_null(j->c->arena, column->type, true);
        }
    }
}

Stream *join_pair_make(Joining *j, bool may_lack_ours, bool may_lack_right) {
    Checker *c = j->c;
    Stream *pair = stream_copy(c, j->ours);
    if (may_lack_ours) {
        ours_nullable(j, pair);
    }
    for (uint32_t i = 0; i < j->right->columns.count; i++) {
        const Column *column = &j->right->columns.items[i];
        const Type *type = column->type;
        if (may_lack_right && type != NULL) {
            type = type_with_null(c->arena, type, true);
        }
        const char *hidden = arena_format(c->arena, "(%s.%s)", j->alias.text, column->name);
        *vec_push(c->arena, &pair->columns) =
            (Column){.name = column->is_hidden ? hidden : column->name,
                     .type = type,
                     .is_hidden = true,
                     .owner = column->is_hidden ? NULL : j->alias.text};
    }
    pair->is_unknown |= j->right->is_unknown;
    return pair;
}

// --- `on` ----------------------------------------------------------------------------------------
enum { USES_OURS = 1, USES_RIGHT = 2 };

static int sides_of(Joining *j, const Expr *expr) {
    int sides = 0;
    for (uint32_t i = 0; i < j->pair->columns.count; i++) {
        if (expr_uses_column(expr, i)) {
            sides |= i < j->ours->columns.count ? USES_OURS : USES_RIGHT;
        }
    }
    return sides;
}

// The expression over the right's own columns.
static const Expr *over_right(Joining *j, const Expr *expr) {
    const Expr **columns = arena_array(j->c->arena, const Expr *, j->pair->columns.count + 1);
    uint32_t ours = j->ours->columns.count;
    for (uint32_t i = ours; i < j->pair->columns.count; i++) {
        columns[i] = expr_column(j->c->arena, i - ours, j->pair->columns.items[i].type);
    }
    return expr_substitute(j->c->arena, expr, columns);
}

static bool is_key_column(const Joining *j, const Expr *expr) {
    return expr->op == EXPR_COLUMN &&
           j->right->columns.items[expr->index - j->ours->columns.count].is_key;
}

// An equality between a value of ours and one of the right's, which finds rows by their key. What
// may fail on the right can't be a key: its rows have no ledger that could count them.
static bool key_add(Joining *j, const Expr *equality) {
    const Expr *left = equality->arguments[0];
    const Expr *right = equality->arguments[1];
    if (sides_of(j, right) != USES_RIGHT) {
        const Expr *swapped = left;
        left = right;
        right = swapped;
    }
    int left_sides = sides_of(j, left);
    bool is_of_ours = left_sides == USES_OURS || (left_sides == 0 && j->key_only);
    if (!is_of_ours || sides_of(j, right) != USES_RIGHT || expr_can_fail(right)) {
        return false;
    }
    const Type *type = common_type(j->c, left->type, right->type);
    if (type == NULL || (j->key_only && !is_key_column(j, right))) {
        return false;
    }
    *vec_push(j->c->arena, &j->keys) = widen(j->c, left, type);
    *vec_push(j->c->arena, &j->right_keys) = over_right(j, widen(j->c, right, type));
    return true;
}

void join_rest_add(Joining *j, const Expr *expr) {
    if (j->rest == NULL) {
        j->rest = expr;
        return;
    }
    const Expr *pair[2] = {j->rest, expr};
    const Type *type = bool_type(j->c, any_nullable(pair, 2));
    Expr *both = expr_new(j->c->arena, EXPR_AND, type, pair, 2);
    j->rest = made(j->c, both, j->step->expr);
}

static void conjuncts_add(Joining *j, const Expr *expr) {
    if (expr->op == EXPR_AND) {
        conjuncts_add(j, expr->arguments[0]);
        conjuncts_add(j, expr->arguments[1]);
    } else if (expr->op != EXPR_EQ || !key_add(j, expr)) {
        join_rest_add(j, expr);
    }
}

bool join_on_check(Joining *j) {
    Scope scope = {.stream = j->pair};
    const Expr *condition = condition_check(j->c, &scope, j->step->expr, "`on`");
    if (condition == NULL || j->pair->is_unknown) {
        return false;
    }
    conjuncts_add(j, condition);
    if (j->keys.count > 0) {
        return true;
    }
    Diag *diag = diag_add(j->c->diags,
                          DIAG_E230,
                          j->step->expr->span,
                          "no part of this finds rows of `%s` by a value of ours",
                          j->alias.text);
    diag_help(
        j->c->diags,
        diag,
        "it needs an equality like `customer_id == %s.customer_id`, joined to the rest by `and`",
        j->alias.text);
    return false;
}

// Of a table with a history only the current rows are looked up: one more key, which is always
// true.
static void current_key_add(Joining *j, ProgramRef input) {
    bool has_history = input.kind == PROGRAM_TABLE &&
                       j->c->out->tables.items[input.index].history == FLOW_HISTORY_SCD2;
    int32_t column = has_history ? stream_find(j->right, "is_current") : -1;
    if (column < 0) {
        return;
    }
    const Type *type = j->right->columns.items[column].type;
    const Expr *is_true =
        expr_located(j->c->arena, expr_bool(j->c->arena, true), j->step->span, "is_current");
    *vec_push(j->c->arena, &j->keys) = is_true;
    *vec_push(j->c->arena, &j->right_keys) = expr_column(j->c->arena, (uint32_t)column, type);
}

// --- the step ------------------------------------------------------------------------------------
static FlowJoinKind join_kind(AstJoinKind kind) {
    switch (kind) {
    case AST_JOIN_LEFT:
        return FLOW_JOIN_LEFT;
    case AST_JOIN_SEMI:
        return FLOW_JOIN_SEMI;
    case AST_JOIN_ANTI:
        return FLOW_JOIN_ANTI;
    default:
        return FLOW_JOIN_INNER;
    }
}

static const char *keys_text(Joining *j) {
    Buffer text = {0};
    for (uint32_t i = 0; i < j->keys.count; i++) {
        buffer_format(&text, "%s%s", i == 0 ? "" : ", ", j->keys.items[i]->text);
    }
    const char *keys =
        arena_format(j->c->arena, "%s: %s", j->step->dest.text, buffer_cstring(&text));
    buffer_free(&text);
    return keys;
}

CheckedStep *join_add(Joining *j, GraphOp op, ProgramRef input, FlowJoinKind kind, Stream *after) {
    CheckedStep *added = step_add(j->c, op, j->step, "join", after);
    added->input = input;
    added->keys = keys_text(j);
    added->node.join = kind;
    added->node.values = j->keys.items;
    added->node.value_count = j->keys.count;
    added->node.right_values = j->right_keys.items;
    added->node.condition = j->rest;
    return added;
}

Stream *join_check(Checker *c, const AstStep *step, Stream *stream) {
    Joining j = {.c = c, .step = step, .ours = stream};
    ProgramRef input = program_input(c->program, &step->dest);
    if (step->amount != NULL) {
        return stream_join_check(&j, input);
    }
    if (step->as_of != NULL) {
        return as_of_join_check(&j, input, stream);
    }
    if (kind_report(&j) || flow_report(&j, input)) {
        return stream_unknown(c);
    }
    j.right = input_stream(c, step, input);
    if (input.kind == PROGRAM_SOURCE) {
        state_keep(c, step->span, KEPT_NOT_YET, "looks rows of a source up");
    }
    if (!join_alias_find(&j)) {
        return stream_unknown(c);
    }
    FlowJoinKind kind = join_kind(step->join);
    bool is_test = kind == FLOW_JOIN_SEMI || kind == FLOW_JOIN_ANTI;
    j.pair = join_pair_make(&j, false, false);
    bool is_whole = join_on_check(&j);
    Stream *after = is_test ? stream : join_pair_make(&j, false, kind == FLOW_JOIN_LEFT);
    if (is_whole) {
        current_key_add(&j, input);
        join_add(&j, GRAPH_JOIN, input, kind, after);
    }
    return after;
}
