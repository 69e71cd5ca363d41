// Sessions: windows that begin and end with their records. Until a group has gathered these, each
// record alone is one, from its time to a gap later, in hidden columns. The group gathers by its
// keys and by pieces of time, whose records go together whatever else comes. What overlaps is
// joined when all pieces are there; so a piece's bounds are aggregates.
//
// In a stream a session that has ended is closed to what comes later. So a record that stands
// behind its watermark does not go with all that is less than the gap before it, but with what ends
// behind that watermark, which is its reach (docs/decisions/175).
#include "check/check_internal.h"

enum { START, END, BOUNDS };

static const char *bound_name(const Stream *stream, uint32_t bound) {
    if (stream->window_name != NULL) {
        return bound == START ? stream->window_name : "(window end)";
    }
    return bound == START ? "window_start" : "window_end";
}

bool session_name_is(const Stream *stream, const char *name) {
    return stream->session_gap_us > 0 &&
           (str_equal(bound_name(stream, START), name) || str_equal(bound_name(stream, END), name));
}

bool session_name_report(Checker *c, const Stream *stream, AstName name) {
    if (!session_name_is(stream, name.text)) {
        return false;
    }
    Diag *diag =
        diag_add(c->diags, DIAG_E261, name.span, "`%s` of a session is not known yet", name.text);
    diag_note_at(c->diags, diag, stream->session_span, "the session");
    diag_help(
        c->diags, diag, "it is a column of the results of the `group` that gathers the session");
    return true;
}

Stream *session_group_check(Checker *c, const AstStep *step, const Stream *stream) {
    Stream *checked = stream_copy(c, stream);
    if (stream->session_gap_us > 0) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E262,
                              step->span,
                              "no `group` has gathered the rows of these sessions yet");
        diag_note_at(c->diags, diag, stream->session_span, "the sessions");
        diag_help(c->diags, diag, "`group by … { … }` before this gives a row for each session");
        checked->is_unknown = true; // what is missing here is what the group would give
        checked->session_gap_us = 0;
    }
    return checked;
}

// --- the step ------------------------------------------------------------------------------------
static int64_t gap_read(Checker *c, const AstStep *step) {
    const AstLiteral *gap = step->amount;
    if (gap == NULL || gap->months != 0) {
        return 1; // reported
    }
    if (gap->value <= 0) {
        diag_add(c->diags, DIAG_E047, step->span, "a session needs a gap of more than nothing");
        return 1;
    }
    return gap->value;
}

static const Expr *bound_of(Checker *c, const AstStep *step, const Stream *stream, uint32_t bound) {
    int32_t column = bound == START ? stream->window_start : stream->window_end;
    const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
    const Expr *value = expr_column(c->arena, (uint32_t)column, type);
    return expr_located(c->arena, value, step->span, bound_name(stream, bound));
}

// Rows that come so late that they would have ended already; a table gets them as they came.
static void late_leave(Checker *c, const AstStep *step, Stream *stream) {
    Stream *shown = stream_copy(c, stream);
    const AstStep *late = late_step(c);
    if (c->is_stream && late != NULL && late->late == AST_LATE_UPDATE) {
        diag_unsupported(c->diags, late->span, UNSUPPORTED_SESSION_CHANGES);
    }
    shown->window_start = -1;
    shown->window_end = -1;
    shown->session_gap_us = 0;
    late_add(c, step, stream, bound_of(c, step, stream, END), shown);
}

Stream *session_check(Checker *c, const AstStep *step, const Stream *stream) {
    Projection p = window_others_keep(c, stream);
    Stream *output = p.output;
    int64_t gap_us = gap_read(c, step);
    const Expr *time = window_time(c, step, stream);
    output->window_name = step->alias.text;
    for (uint32_t bound = START; bound <= END; bound++) {
        column_free_check(c, output, (AstName){bound_name(output, bound), step->span});
    }
    output->window_start = (int32_t)projection_hidden(c, &p, "(window start)", time);
    const Expr *end = window_time_shift(c, step, EXPR_TIME_ADD, time, gap_us);
    output->window_end = (int32_t)projection_hidden(c, &p, "(window end)", end);
    projection_carry(c, &p);
    output->session_gap_us = gap_us;
    output->session_span = step->span;
    projection_add(c, step, "window", &p);
    late_leave(c, step, output);
    return output;
}

// --- its group -----------------------------------------------------------------------------------
static const Expr *time_constant(Checker *c, FlowKind kind, int64_t us) {
    return expr_constant(c->arena, type_new(c->arena, kind, false), (FlowValue){.i64 = us});
}

// The watermark where the row stands behind it, else `usual`.
static const Expr *if_behind(
    Checker *c, const AstStep *step, const Expr *watermark, const Expr *time, const Expr *usual) {
    const Expr *pair[2] = {watermark, time};
    const Expr *parts[3] = {
        expr_new(c->arena, EXPR_GT, bool_type(c, false), pair, 2), watermark, usual};
    const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
    const Expr *chosen = expr_new(c->arena, EXPR_IF, type, parts, 3);
    const char *text = source_text(c->arena, &c->diags->sources, step->span);
    return expr_located(c->arena, chosen, step->span, text);
}

// NULL: the rows have none, so none of them stands behind it.
static const Expr *watermark_column(Checker *c, const Stream *stream) {
    int32_t column = stream_meta(stream, FLOW_META_WATERMARK);
    return column < 0 ? NULL
                      : expr_column(c->arena, (uint32_t)column, stream->columns.items[column].type);
}

// A piece is called by its last instant. So it can't be taken for that of rows behind their
// watermark, which are together if they met the same one: where the names are the same, the rows go
// together.
const Expr *session_piece(Checker *c, const AstStep *step, const Stream *stream) {
    const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
    const Expr *time = bound_of(c, step, stream, START);
    const Expr *watermark = watermark_column(c, stream);
    const Expr *window[3] = {time,
                             time_constant(c, FLOW_DURATION, stream->session_gap_us),
                             time_constant(c, FLOW_DURATION, 0)};
    const char *text = source_text(c->arena, &c->diags->sources, step->span);
    const Expr *start = expr_new(c->arena, EXPR_WINDOW_START, type, window, 3);
    const Expr *last[2] = {expr_located(c->arena, start, step->span, text),
                           time_constant(c, FLOW_DURATION, stream->session_gap_us - 1)};
    const Expr *piece = expr_new(c->arena, EXPR_TIME_ADD, type, last, 2);
    piece = expr_located(c->arena, piece, step->span, text);
    return watermark == NULL ? piece : if_behind(c, step, watermark, time, piece);
}

static void
bound_add(const SessionBounds *bounds, const char *name, FlowAggKind kind, const Expr *argument) {
    Checker *c = bounds->c;
    const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
    *vec_push(c->arena, &bounds->to->aggs) = (GraphAgg){.name = name,
                                                        .kind = kind,
                                                        .argument = argument,
                                                        .type = type,
                                                        .span = bounds->step->span,
                                                        .text = name};
    stream_add(c, bounds->output, name, type);
}

uint32_t session_bounds_add(const SessionBounds *bounds) {
    Checker *c = bounds->c;
    const AstStep *step = bounds->step;
    const Stream *input = bounds->to->input;
    Stream *output = bounds->output;
    const Expr *watermark = watermark_column(c, input);
    const Expr *time = bound_of(c, step, input, START);
    output->window_start = (int32_t)output->columns.count + START;
    output->window_end = (int32_t)output->columns.count + END;
    output->window_name = input->window_name;
    output->event_time = output->window_end;
    output->is_end_event_time = true;
    bound_add(bounds, bound_name(input, START), FLOW_AGG_MIN, time);
    bound_add(bounds, bound_name(input, END), FLOW_AGG_MAX, bound_of(c, step, input, END));
    output->columns.items[output->window_end].is_hidden = input->window_name != NULL;
    if (watermark != NULL) {
        bound_add(
            bounds, "(session reach)", FLOW_AGG_MIN, if_behind(c, step, watermark, time, time));
    }
    return bounds->to->aggs.count;
}

void session_bounds_keep(Checker *c, Projection *p) {
    const Stream *input = p->input;
    projection_keep(c, p, (uint32_t)input->window_start);
    if (!input->columns.items[input->window_end].is_hidden) {
        projection_keep(c, p, (uint32_t)input->window_end);
    }
}

const GraphColumn *session_columns_placed(Checker *c,
                                          const GraphColumn *columns,
                                          const Stream *output,
                                          uint32_t first) {
    GraphColumn *placed = arena_array(c->arena, GraphColumn, output->columns.count + 1);
    for (uint32_t i = 0; i < output->columns.count; i++) {
        placed[i] = columns[i];
        placed[i].raw_place += columns[i].raw_place > 0 ? BOUNDS : 0;
    }
    placed[first + START].raw_place = 1;
    placed[first + END].raw_place = output->window_name == NULL ? 2 : 0;
    return placed;
}
