// Union: the same columns by name, in our order, of the types to which both sides widen. What goes
// along hidden (event time, window, parts of meta) goes on if both sides have it.
#include "check/check_internal.h"

typedef struct Uniting {
    Checker *c;
    const AstStep *step;
    const Stream *sides[2];
    Projection projections[2];
    Diag *misfit; // that was reported
    bool is_whole;
} Uniting;

// The first misfit is the message, the others are its notes: they have one place.
static void misfit_report(Uniting *u, const char *text, const char *help) {
    Checker *c = u->c;
    u->is_whole = false;
    if (u->misfit != NULL) {
        diag_note(c->diags, u->misfit, "%s", text);
        return;
    }
    u->misfit = diag_add(c->diags, DIAG_E232, u->step->dest.span, "%s", text);
    diag_help(c->diags, u->misfit, "%s", help);
}

static void missing_report(Uniting *u, const Stream *without, const char *column) {
    Arena *arena = u->c->arena;
    const char *other = u->step->dest.text;
    bool is_ours = without == u->sides[0];
    uint32_t count = 0;
    const char **names = stream_names(u->c, without, &count);
    const char *close = str_suggest(column, names, count);
    misfit_report(
        u,
        is_ours
            ? arena_format(arena, "`%s` has a column `%s`, which the rows here lack", other, column)
            : arena_format(
                  arena, "`%s` has no column `%s`, which the rows here have", other, column),
        close != NULL ? arena_format(arena, "is `%s` meant? `rename` one of them before", close)
                      : "`derive` it on the one side, or `drop` it on the other");
}

static void columns_compare(Uniting *u, uint32_t side) {
    const Stream *has = u->sides[side];
    const Stream *other = u->sides[1 - side];
    for (uint32_t i = 0; i < has->columns.count && !other->is_unknown; i++) {
        const Column *column = &has->columns.items[i];
        if (!column->is_hidden && stream_find(other, column->name) < 0) {
            missing_report(u, other, column->name);
        }
    }
}

static const Expr *value_of(Uniting *u, uint32_t side, int32_t column, const Type *type) {
    const Column *own = &u->sides[side]->columns.items[column];
    const Expr *value = expr_column(u->c->arena, (uint32_t)column, own->type);
    value = expr_located(u->c->arena, value, u->step->span, own->name);
    const Expr *adapted = own->literal == NULL ? NULL : literal_as(u->c, own->literal, type);
    return adapted != NULL ? adapted : widen(u->c, value, type);
}

static bool takes(Uniting *u, const Column *literal, const Type *type) {
    return literal->literal != NULL && literal_as(u->c, literal->literal, type) != NULL;
}

static const Type *column_type(Uniting *u, const Column *a, const Column *b) {
    if (a->type == NULL || b->type == NULL) {
        return NULL;
    }
    if (takes(u, a, b->type)) {
        return b->type;
    }
    return takes(u, b, a->type) ? a->type : common_type(u->c, a->type, b->type);
}

static void type_report(Uniting *u, const Column *a, const Column *b) {
    if (a->type == NULL || b->type == NULL) {
        return;
    }
    const char *text = arena_format(u->c->arena,
                                    "the column `%s` is %s here and %s in `%s`",
                                    a->name,
                                    type_show(u->c, a->type),
                                    type_show(u->c, b->type),
                                    u->step->dest.text);
    misfit_report(u, text, "`cast` one of them before");
}

static void column_unite(Uniting *u, uint32_t index) {
    const Column *ours = &u->sides[0]->columns.items[index];
    int32_t columns[2] = {(int32_t)index, stream_find(u->sides[1], ours->name)};
    if (columns[1] < 0) {
        return;
    }
    const Column *theirs = &u->sides[1]->columns.items[columns[1]];
    const Type *type = column_type(u, ours, theirs);
    if (type == NULL) {
        type_report(u, ours, theirs);
        u->is_whole = false;
        return;
    }
    for (uint32_t side = 0; side < 2; side++) {
        projection_set(
            u->c, &u->projections[side], ours->name, value_of(u, side, columns[side], type));
    }
}

// --- what goes along -----------------------------------------------------------------------------
static const Expr *plain_column(Uniting *u, uint32_t side, int32_t column) {
    return value_of(u, side, column, u->sides[side]->columns.items[column].type);
}

// The place of a role's column on both sides; hidden unless both name it alike. -1: one lacks it.
static int32_t role_unite(Uniting *u, int32_t first, int32_t second, const char *name) {
    int32_t columns[2] = {first, second};
    if (first < 0 || second < 0) {
        return -1;
    }
    const Column *ours = &u->sides[0]->columns.items[first];
    const Column *theirs = &u->sides[1]->columns.items[second];
    bool is_visible = !ours->is_hidden && !theirs->is_hidden;
    if (is_visible && str_equal(ours->name, theirs->name)) {
        return stream_find(u->projections[0].output, ours->name);
    }
    if (ours->type == NULL || theirs->type == NULL || !type_equal_base(ours->type, theirs->type)) {
        return -1;
    }
    int32_t index = -1;
    for (uint32_t side = 0; side < 2; side++) {
        const Expr *value = plain_column(u, side, columns[side]);
        index = (int32_t)projection_hidden(u->c, &u->projections[side], name, value);
    }
    return index;
}

static void meta_unite(Uniting *u, FlowMetaKind meta) {
    int32_t columns[2] = {stream_meta(u->sides[0], meta), stream_meta(u->sides[1], meta)};
    for (uint32_t side = 0; columns[0] >= 0 && columns[1] >= 0 && side < 2; side++) {
        Projection *p = &u->projections[side];
        const char *name = u->sides[side]->columns.items[columns[side]].name;
        uint32_t index = projection_hidden(u->c, p, name, plain_column(u, side, columns[side]));
        p->output->columns.items[index].meta = meta;
    }
}

static const Expr *source_value(Uniting *u, uint32_t side) {
    const Stream *stream = u->sides[side];
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (column->is_hidden && str_equal(column->name, "(meta.source)")) {
            return plain_column(u, side, (int32_t)i);
        }
    }
    const Type *type = type_new(u->c->arena, FLOW_STRING, false);
    FlowValue name = {.view = view_text(stream->source)};
    return expr_located(
        u->c->arena, expr_constant(u->c->arena, type, name), u->step->span, "meta.source");
}

static void source_unite(Uniting *u) {
    const char *ours = u->sides[0]->source;
    const char *theirs = u->sides[1]->source;
    bool is_one = ours != NULL && theirs != NULL && str_equal(ours, theirs);
    for (uint32_t side = 0; !is_one && side < 2; side++) {
        projection_hidden(u->c, &u->projections[side], "(meta.source)", source_value(u, side));
        u->projections[side].output->source = NULL;
    }
}

// Sessions of one kind go on; with rows that are in none, or in others, they have to end before.
static void sessions_unite(Uniting *u) {
    const Stream *ours = u->sides[0];
    const Stream *theirs = u->sides[1];
    if (ours->session_gap_us == theirs->session_gap_us) {
        return;
    }
    (void)session_group_check(u->c, u->step, ours->session_gap_us > 0 ? ours : theirs);
    for (uint32_t side = 0; side < 2; side++) {
        u->projections[side].output->session_gap_us = 0;
        u->projections[side].output->is_unknown = true;
    }
}

static void roles_unite(Uniting *u) {
    const Stream *ours = u->sides[0];
    const Stream *theirs = u->sides[1];
    bool has_meta = ours->has_meta && theirs->has_meta;
    if (has_meta) {
        meta_unite(u, FLOW_META_POSITION);
        meta_unite(u, FLOW_META_FILE);
        meta_unite(u, FLOW_META_TIMESTAMP);
        meta_unite(u, FLOW_META_REPLAY);
        source_unite(u);
    }
    meta_unite(u, FLOW_META_WATERMARK); // each row keeps the one that it met
    // A window's end stands for an event time just before it; only alike they can be one column.
    bool is_alike = ours->is_end_event_time == theirs->is_end_event_time;
    int32_t time =
        is_alike ? role_unite(u, ours->event_time, theirs->event_time, "(event time)") : -1;
    sessions_unite(u);
    int32_t start = role_unite(u, ours->window_start, theirs->window_start, "(window start)");
    int32_t end = role_unite(u, ours->window_end, theirs->window_end, "(window end)");
    for (uint32_t side = 0; side < 2; side++) {
        Stream *output = u->projections[side].output;
        output->has_meta = has_meta;
        output->event_time = time;
        output->window_start = end < 0 ? -1 : start;
        output->window_end = start < 0 ? -1 : end;
        output->is_group = ours->is_group && theirs->is_group;
        output->alias = NULL;
    }
}

// --- the step ------------------------------------------------------------------------------------
static Stream *united(Uniting *u) {
    Stream *stream = u->projections[0].output;
    const Stream *right = u->projections[1].output;
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        Column *column = &stream->columns.items[i];
        if (right->columns.items[i].type->is_nullable) {
            column->type = type_with_null(u->c->arena, column->type, true);
        }
    }
    return stream;
}

static Stream *steps_add(Uniting *u, ProgramRef input) {
    projection_add(u->c, u->step, "union left", &u->projections[0]);
    CheckedStep *from = step_add(u->c, GRAPH_FLOW, u->step, "from", u->sides[1]);
    from->input = input;
    from->keys = u->step->dest.text;
    replay_filter_add(u->c, u->step, u->sides[1], input);
    projection_add(u->c, u->step, "union right", &u->projections[1]);
    Stream *after = stream_copy(u->c, u->projections[0].output);
    u->projections[0].output = after;
    united(u);
    step_add(u->c, GRAPH_UNION, u->step, "union", after)->keys = u->step->dest.text;
    return after;
}

Stream *union_check(Checker *c, const AstStep *step, Stream *stream) {
    ProgramRef input = program_input(c->program, &step->dest);
    Stream *right = input_stream(c, step, input);
    if (gives_changes(right)) {
        state_keep(c, step->span, KEPT_NOT_YET, "has the step `union` with results of a `group`");
    }
    Uniting u = {.c = c, .step = step, .sides = {stream, right}, .is_whole = true};
    for (uint32_t side = 0; side < 2; side++) {
        u.projections[side] = projection_new(c, u.sides[side]);
        columns_compare(&u, side);
    }
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        if (!stream->columns.items[i].is_hidden) {
            column_unite(&u, i);
        }
    }
    if (!u.is_whole || stream->is_unknown || right->is_unknown) {
        return stream;
    }
    roles_unite(&u);
    return steps_add(&u, input);
}
