// Sessions: windows that begin and end with their records. Until a group has gathered these, each
// record alone is one, from its time to a gap later, in hidden columns. The group gathers by its
// keys and by pieces of time as long as the gap: records of one piece are less than the gap apart.
// What overlaps is joined when all pieces are there; so a piece's bounds are aggregates.
#include "check/check_internal.h"

enum { START, END };

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
    return output;
}

// --- its group -----------------------------------------------------------------------------------
static const Expr *bound_of(Checker *c, const AstStep *step, const Stream *stream, uint32_t bound) {
    int32_t column = bound == START ? stream->window_start : stream->window_end;
    const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
    const Expr *value = expr_column(c->arena, (uint32_t)column, type);
    return expr_located(c->arena, value, step->span, bound_name(stream, bound));
}

const Expr *session_piece(Checker *c, const AstStep *step, const Stream *stream) {
    const Type *type = type_new(c->arena, FLOW_DURATION, false);
    FlowValue gap = {.i64 = stream->session_gap_us};
    const Expr *arguments[3] = {bound_of(c, step, stream, START),
                                expr_constant(c->arena, type, gap),
                                expr_constant(c->arena, type, (FlowValue){.i64 = 0})};
    Expr *piece = expr_new(
        c->arena, EXPR_WINDOW_START, type_new(c->arena, FLOW_TIMESTAMP, false), arguments, 3);
    return expr_located(c->arena, piece, step->span, "session");
}

void session_bounds_add(Checker *c, const AstStep *step, const Stream *stream, Aggregation *to) {
    for (uint32_t bound = START; bound <= END; bound++) {
        *vec_push(c->arena, &to->aggs) =
            (GraphAgg){.name = bound_name(stream, bound),
                       .kind = bound == START ? FLOW_AGG_MIN : FLOW_AGG_MAX,
                       .argument = bound_of(c, step, stream, bound),
                       .type = type_new(c->arena, FLOW_TIMESTAMP, false),
                       .span = step->span,
                       .text = bound_name(stream, bound)};
    }
}

void session_bounds_set(const Stream *input, Stream *output, uint32_t first) {
    output->window_start = (int32_t)(first + START);
    output->window_end = (int32_t)(first + END);
    output->window_name = input->window_name;
    output->columns.items[first + END].is_hidden = input->window_name != NULL;
    output->event_time = output->window_end;
    output->is_end_event_time = true;
}

const GraphColumn *session_columns_placed(Checker *c,
                                          const GraphColumn *columns,
                                          const Stream *output,
                                          uint32_t first) {
    GraphColumn *placed = arena_array(c->arena, GraphColumn, output->columns.count + 1);
    for (uint32_t i = 0; i < output->columns.count; i++) {
        placed[i] = columns[i];
        placed[i].raw_place += columns[i].raw_place > 0 ? GROUP_SESSION_BOUNDS : 0;
    }
    placed[first + START].raw_place = 1;
    placed[first + END].raw_place = output->window_name == NULL ? 2 : 0;
    return placed;
}
