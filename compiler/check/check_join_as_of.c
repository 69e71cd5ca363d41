// `join … as of e`: what the joined row was at the time e, in a table that keeps a history or in a
// changelog.
//
// A history says of each version when it was valid: that is a lookup with two more conditions. Of a
// changelog the newest change of the key by then is the row, unless it is a delete: that is a join
// of two streams in which only the last match counts.
#include "check/check_join.h"

// --- what can be joined --------------------------------------------------------------------------
static bool kind_report(Joining *j) {
    if (j->step->join == AST_JOIN_INNER || j->step->join == AST_JOIN_LEFT) {
        return false;
    }
    Diag *diag = diag_add(
        j->c->diags, DIAG_E265, j->step->keyword, "`as of` goes with `join` and `left join`");
    diag_help(j->c->diags,
              diag,
              "`left join`, and then `where %s.… is null`, gives the rows without a match",
              j->alias.text);
    return true;
}

static bool is_timestamp(const Stream *stream, const char *name) {
    int32_t column = stream_find(stream, name);
    return column >= 0 && stream->columns.items[column].type != NULL &&
           stream->columns.items[column].type->kind == FLOW_TIMESTAMP;
}

static bool input_report(Joining *j, bool is_history, bool is_changelog) {
    if (is_history || is_changelog || j->right->is_unknown) {
        return false;
    }
    Diag *diag = diag_add(j->c->diags,
                          DIAG_E265,
                          j->step->dest.span,
                          "nothing says what the rows of `%s` were at a time",
                          j->step->dest.text);
    diag_help(j->c->diags,
              diag,
              "`as of` looks into a table with `history scd2`, or into a source with `changes`");
    return true;
}

// --- the time ------------------------------------------------------------------------------------
// The index of the column of ours that is the time; a value that is none becomes a hidden one, so
// that it is computed once of each row. -1: reported.
static int32_t time_column(Joining *j, Stream **stream) {
    Scope scope = {.stream = *stream};
    const Expr *time = expr_check(j->c, &scope, j->step->as_of);
    if (time == NULL) {
        return -1;
    }
    if (time->type->kind != FLOW_TIMESTAMP) {
        diag_add(j->c->diags,
                 DIAG_E266,
                 j->step->as_of->span,
                 "`as of` takes a timestamp, this is %s",
                 type_show(j->c, time->type));
        return -1;
    }
    if (time->op == EXPR_COLUMN) {
        return (int32_t)time->index;
    }
    Projection p = projection_whole(j->c, *stream);
    projection_carry(j->c, &p);
    uint32_t index = projection_hidden(j->c, &p, "(as of)", time);
    projection_add(j->c, j->step, "as of", &p);
    *stream = p.output;
    return (int32_t)index;
}

// --- a history -----------------------------------------------------------------------------------
static const Expr *located(Joining *j, Expr *expr) {
    return made(j->c, expr, j->step->as_of);
}

static const Expr *pair_column(Joining *j, uint32_t index) {
    const Type *type = j->pair->columns.items[index].type;
    return located(j, expr_column(j->c->arena, index, type));
}

static const Expr *made_of(Joining *j, ExprOp op, const Expr *left, const Expr *right) {
    const Expr *pair[2] = {left, right};
    const Type *type = bool_type(j->c, any_nullable(pair, 2));
    return located(j, expr_new(j->c->arena, op, type, pair, 2));
}

// valid_from <= e, and valid_to is null or e < valid_to.
static void validity_add(Joining *j, uint32_t time) {
    uint32_t ours = j->ours->columns.count;
    const Expr *at = pair_column(j, time);
    const Expr *from = pair_column(j, ours + (uint32_t)stream_find(j->right, "valid_from"));
    const Expr *to[1] = {pair_column(j, ours + (uint32_t)stream_find(j->right, "valid_to"))};
    const Expr *is_open =
        located(j, expr_new(j->c->arena, EXPR_IS_NULL, bool_type(j->c, false), to, 1));
    join_rest_add(j, made_of(j, EXPR_LE, from, at));
    join_rest_add(j, made_of(j, EXPR_OR, is_open, made_of(j, EXPR_LT, at, to[0])));
}

// --- a changelog ---------------------------------------------------------------------------------
static uint32_t key_count(const Stream *stream) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        count += stream->columns.items[i].is_key;
    }
    return count;
}

// What was the row of a key can be asked only by the whole key.
static bool keys_report(Joining *j) {
    bool *is_met = arena_array(j->c->arena, bool, j->right->columns.count + 1);
    for (uint32_t i = 0; i < j->right_keys.count; i++) {
        expr_columns(j->right_keys.items[i], is_met);
    }
    for (uint32_t i = 0; i < j->right->columns.count; i++) {
        if (j->right->columns.items[i].is_key && !is_met[i]) {
            diag_add(j->c->diags,
                     DIAG_E265,
                     j->step->expr->span,
                     "`on` says nothing of `%s.%s`, a part of the key whose changes these are",
                     j->alias.text,
                     j->right->columns.items[i].name);
            return true;
        }
    }
    return j->right_keys.count != key_count(j->right);
}

// A truncate has no key: it concerns all of them.
static void truncates_set(Joining *j) {
    const Expr *is_truncate = changes_are(j->c, j->right, FLOW_OPERATION_TRUNCATE);
    for (uint32_t i = 0; i < j->right_keys.count; i++) {
        const Expr *key = j->right_keys.items[i];
        const Type *type = type_with_null(j->c->arena, key->type, true);
        const Expr *arguments[3] = {is_truncate, expr_null(j->c->arena, type), key};
        const Expr *value = expr_new(j->c->arena, EXPR_IF, type, arguments, 3);
        j->right_keys.items[i] = expr_located(j->c->arena, value, key->span, key->text);
    }
}

static const Expr *is_there(Joining *j) {
    const Expr *gone = changes_gone(j->c, j->right);
    const Expr **columns = arena_array(j->c->arena, const Expr *, j->right->columns.count + 1);
    for (uint32_t i = 0; i < j->right->columns.count; i++) {
        columns[i] = pair_column(j, j->ours->columns.count + i);
    }
    const Expr *over_pair[1] = {expr_substitute(j->c->arena, gone, columns)};
    return located(j, expr_new(j->c->arena, EXPR_NOT, bool_type(j->c, false), over_pair, 1));
}

static void changelog_join_add(Joining *j, ProgramRef input, uint32_t time, Stream *after) {
    FlowJoinKind kind = j->step->join == AST_JOIN_LEFT ? FLOW_JOIN_LEFT : FLOW_JOIN_INNER;
    const Expr *rest = j->rest;
    j->rest = is_there(j); // of a row that is gone the rest would ask in vain
    if (rest != NULL) {
        join_rest_add(j, rest);
    }
    truncates_set(j);
    state_keep(j->c, j->step->span, KEPT_NOT_YET, "joins two streams");
    join_theirs_add(j, input, stream_copy(j->c, j->right));
    GraphNode *node = &join_add(j, GRAPH_BAND, input, kind, after)->node;
    node->keep = FLOW_BAND_NEWEST;
    node->time = (int32_t)time;
    node->low_us = INT64_MIN;
    node->high_us = 0;
}

// --- the step ------------------------------------------------------------------------------------
Stream *as_of_join_check(Joining *j, ProgramRef input, Stream *stream) {
    j->right = input_stream(j->c, j->step, input);
    bool is_changelog = input.kind == PROGRAM_SOURCE && j->right->mode == GRAPH_CHANGELOG;
    bool is_history = input.kind == PROGRAM_TABLE && is_timestamp(j->right, "valid_from") &&
                      is_timestamp(j->right, "valid_to");
    j->key_only = is_changelog;
    if (!join_alias_find(j)) {
        return stream_unknown(j->c);
    }
    bool is_whole = !kind_report(j) && !input_report(j, is_history, is_changelog) &&
                    !(is_changelog && join_time_report(j, j->right, j->step->dest.span));
    int32_t time = time_column(j, &stream);
    j->ours = stream;
    j->pair = join_pair_make(j, false, false);
    is_whole = join_on_check(j) && is_whole && time >= 0;
    Stream *after = join_pair_make(j, false, j->step->join == AST_JOIN_LEFT);
    if (!is_whole) {
        return after;
    }
    if (is_history) {
        validity_add(j, (uint32_t)time);
        bool is_left = j->step->join == AST_JOIN_LEFT;
        join_add(j, GRAPH_JOIN, input, is_left ? FLOW_JOIN_LEFT : FLOW_JOIN_INNER, after);
    } else if (!keys_report(j)) {
        after->is_group = false;
        changelog_join_add(j, input, (uint32_t)time, after);
    }
    return after;
}
