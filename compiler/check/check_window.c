// Windows: columns for their start and end, computed for every row. A row of a hopping or
// cumulative window is in several: it is unnested from the list of their starts, or of their ends.
#include "check/check_internal.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)
#define WEEK_US (7 * DAY_US)
#define MONDAY_US (4 * DAY_US) // 1970-01-05, the first Monday
#define MONTH_MAX_US (31 * DAY_US)

typedef struct Window {
    int64_t length_us; // of calendar months: 0
    int64_t months;
    int64_t step_us; // of hopping windows, else 0
    int64_t part_us; // of cumulative windows: from one end to the next; else 0
    int64_t offset_us;
    bool is_whole_days;
    const char *zone; // "": UTC
} Window;

void event_time_missing_report(Checker *c, const AstStep *step, const Stream *stream) {
    if (stream->event_time >= 0 || stream->is_unknown) {
        return;
    }
    Diag *diag = diag_add(
        c->diags, DIAG_E045, step->span, "a window needs an event time, these rows have none");
    const char *name = "ts";
    for (uint32_t i = stream->columns.count; i-- > 0;) {
        const Column *column = &stream->columns.items[i];
        if (!column->is_hidden && column->type != NULL && column->type->kind == FLOW_TIMESTAMP) {
            name = column->name;
        }
    }
    diag_help(c->diags,
              diag,
              "mark it where the rows come from: `%s: timestamp event_time`, or `event_time %s` in "
              "the source",
              name,
              name);
}

static const char *zone_read(Checker *c, const AstStep *step) {
    if (step->zone == NULL) {
        return "";
    }
    Zone zone;
    if (zone_find(step->zone->text, step->zone->length, &zone)) {
        return step->zone->text;
    }
    Diag *diag = diag_add(
        c->diags, DIAG_E237, step->zone->span, "no time zone is called `%s`", step->zone->text);
    diag_help(c->diags, diag, "they are named like `Europe/Berlin` or `America/New_York`");
    return "";
}

static bool step_is_usual(Checker *c, const AstStep *step, int64_t length_us, int64_t step_us) {
    bool is_usual = step_us > 0 && length_us / step_us <= WINDOWS_OF_ROW_MAX;
    if (!is_usual) {
        diag_add(c->diags,
                 DIAG_E238,
                 step->span,
                 step_us <= 0 ? "this window needs a step of more than nothing"
                              : "a row would be in more than %d of these windows",
                 WINDOWS_OF_ROW_MAX);
    }
    return is_usual;
}

// Days of a month end with its end, whatever the step; what is shorter has to fill a day.
static bool step_fills(Checker *c, const AstStep *step, const Window *window, int64_t step_us) {
    bool is_days = window->months > 0 && step_us % DAY_US == 0;
    int64_t whole_us = window->months > 0 ? DAY_US : window->length_us;
    if (is_days || whole_us % step_us == 0) {
        return true;
    }
    Diag *diag = diag_add(c->diags, DIAG_E268, step->span, "these steps do not fill the window");
    diag_help(c->diags,
              diag,
              "its length is a whole number of steps: `cumulative 1 day every 1 hour`, "
              "`cumulative 1 month every 1 day`");
    return false;
}

static void step_read(Checker *c, const AstStep *step, Window *window) {
    const AstLiteral *every = step->amount_to;
    if (step->window == AST_WINDOW_TUMBLING || every == NULL || every->months != 0) {
        return; // none, or no fixed length, which the parser has reported
    }
    if (step->window == AST_WINDOW_HOPPING) {
        bool is_fixed = window->months == 0; // reported too
        bool is_usual = is_fixed && step_is_usual(c, step, window->length_us, every->value);
        window->step_us = is_usual ? every->value : 0;
        return;
    }
    int64_t most_us = window->length_us + window->months * MONTH_MAX_US;
    bool is_usual =
        step_is_usual(c, step, most_us, every->value) && step_fills(c, step, window, every->value);
    window->part_us = is_usual ? every->value : window->length_us;
}

// After a mistake the window has some length: later steps know its columns all the same.
static Window window_read(Checker *c, const AstStep *step) {
    Window window = {.length_us = DAY_US, .zone = zone_read(c, step)};
    const AstLiteral *length = step->amount;
    if (length != NULL && length->months != 0) {
        window.months = length->months;
        window.length_us = 0;
    } else if (length != NULL && length->value > 0) {
        window.length_us = length->value;
    } else {
        diag_add(c->diags, DIAG_E047, step->span, "a window needs a length of more than nothing");
    }
    step_read(c, step, &window);
    int64_t unit = window.step_us > 0 ? window.step_us : window.length_us;
    int64_t offset = step->offset == NULL ? 0 : step->offset->value;
    window.is_whole_days = window.length_us % DAY_US == 0 && offset % DAY_US == 0 &&
                           unit % DAY_US == 0 && window.part_us % DAY_US == 0;
    offset = step->offset_is_negative ? -offset : offset;
    // Weeks begin on Monday, and the epoch was a Thursday.
    offset += unit > 0 && unit % WEEK_US == 0 ? MONDAY_US : 0;
    window.offset_us = unit > 0 ? offset % unit : offset;
    return window;
}

// Days and longer follow the zone's calendar; what is shorter is the same everywhere.
static bool is_calendar(const Window *window) {
    return window->months > 0 || (window->zone[0] != '\0' && window->length_us % DAY_US == 0 &&
                                  window->step_us % DAY_US == 0);
}

static const Expr *placed(Checker *c, const AstStep *step, Expr *expr) {
    expr->span = step->span;
    expr->text = source_text(c->arena, &c->diags->sources, step->span);
    return expr;
}

static const Expr *duration(Checker *c, const AstStep *step, int64_t us) {
    const Type *type = type_new(c->arena, FLOW_DURATION, false);
    return placed(c, step, expr_constant(c->arena, type, (FlowValue){.i64 = us}));
}

const Expr *
window_time_shift(Checker *c, const AstStep *step, ExprOp op, const Expr *time, int64_t us) {
    const Expr *pair[2] = {time, duration(c, step, us)};
    return placed(
        c, step, expr_new(c->arena, op, type_new(c->arena, FLOW_TIMESTAMP, false), pair, 2));
}

const Expr *window_time(Checker *c, const AstStep *step, const Stream *stream) {
    if (stream->event_time < 0) { // reported
        return placed(
            c,
            step,
            expr_constant(c->arena, type_new(c->arena, FLOW_TIMESTAMP, false), (FlowValue){0}));
    }
    uint32_t column = (uint32_t)stream->event_time;
    const Type *type = stream->columns.items[column].type;
    const Expr *time = placed(c, step, expr_column(c->arena, column, type));
    return stream->is_end_event_time ? window_time_shift(c, step, EXPR_TIME_SUB, time, 1) : time;
}

static const Expr *zone_constant(Checker *c, const AstStep *step, const Window *window) {
    const Type *type = type_new(c->arena, FLOW_STRING, false);
    FlowValue name = {.view = view_text(is_calendar(window) ? window->zone : "")};
    return placed(c, step, expr_constant(c->arena, type, name));
}

static const Expr *number_constant(Checker *c, const AstStep *step, int64_t value) {
    const Type *type = type_new(c->arena, FLOW_INT64, false);
    return placed(c, step, expr_constant(c->arena, type, (FlowValue){.i64 = value}));
}

// The window that holds the instant (count 0), or the end of `count` of them from a start.
static const Expr *calendar_window(
    Checker *c, const AstStep *step, const Expr *time, const Window *window, int64_t count) {
    const Expr *arguments[6] = {time,
                                duration(c, step, window->length_us),
                                number_constant(c, step, window->months),
                                duration(c, step, window->offset_us),
                                zone_constant(c, step, window),
                                number_constant(c, step, count)};
    const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
    ExprOp op = count == 0 ? EXPR_WINDOW_CALENDAR : EXPR_WINDOW_END;
    return placed(c, step, expr_new(c->arena, op, type, arguments, count == 0 ? 5 : 6));
}

static const Expr *
window_starts(Checker *c, const AstStep *step, const Stream *stream, const Window *window) {
    const Expr *arguments[5] = {window_time(c, step, stream),
                                duration(c, step, window->length_us),
                                duration(c, step, window->step_us),
                                duration(c, step, window->offset_us),
                                zone_constant(c, step, window)};
    const Type *type = type_list(c->arena, type_new(c->arena, FLOW_TIMESTAMP, false), false);
    return placed(c, step, expr_new(c->arena, EXPR_WINDOW_STARTS, type, arguments, 5));
}

static const Expr *
window_ends(Checker *c, const AstStep *step, const Stream *stream, const Window *window) {
    const Expr *arguments[6] = {window_time(c, step, stream),
                                duration(c, step, window->length_us),
                                number_constant(c, step, window->months),
                                duration(c, step, window->offset_us),
                                zone_constant(c, step, window),
                                duration(c, step, window->part_us)};
    const Type *type = type_list(c->arena, type_new(c->arena, FLOW_TIMESTAMP, false), false);
    return placed(c, step, expr_new(c->arena, EXPR_WINDOW_ENDS, type, arguments, 6));
}

static const Expr *
window_start(Checker *c, const AstStep *step, const Stream *stream, const Window *window) {
    if (is_calendar(window)) {
        const Expr *time = window_time(c, step, stream);
        return calendar_window(c, step, time, window, 0);
    }
    const Expr *arguments[3] = {window_time(c, step, stream),
                                duration(c, step, window->length_us),
                                duration(c, step, window->offset_us)};
    const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
    return placed(c, step, expr_new(c->arena, EXPR_WINDOW_START, type, arguments, 3));
}

static const Expr *
as_date(Checker *c, const AstStep *step, const Expr *time, const Window *window) {
    const Type *type = type_new(c->arena, FLOW_DATE, false);
    if (is_calendar(window)) {
        const Expr *pair[2] = {time, zone_constant(c, step, window)};
        return placed(c, step, expr_new(c->arena, EXPR_WINDOW_DATE, type, pair, 2));
    }
    return placed(c, step, expr_new(c->arena, EXPR_CAST, type, &time, 1));
}

static uint32_t
window_column(Checker *c, Projection *p, const AstStep *step, const char *name, const Expr *value) {
    if (stream_find(p->output, name) >= 0) {
        Diag *diag =
            diag_add(c->diags, DIAG_E203, step->span, "the column `%s` is there already", name);
        diag_help(c->diags, diag, "name the window with `as`, or rename the column before");
    }
    projection_set(c, p, name, value);
    return (uint32_t)stream_find(p->output, name);
}

static const Expr *
output_column(Checker *c, const AstStep *step, const Stream *stream, int32_t index) {
    const Type *type = stream->columns.items[index].type;
    return placed(c, step, expr_column(c->arena, (uint32_t)index, type));
}

Projection window_others_keep(Checker *c, const Stream *stream) {
    Stream *bare = stream_copy(c, stream);
    bare->window_start = -1;
    bare->window_end = -1;
    bare->session_gap_us = 0;
    Projection p = projection_new(c, bare);
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        bool is_window = stream->window_start == (int32_t)i || stream->window_end == (int32_t)i;
        if (!stream->columns.items[i].is_hidden && !is_window) {
            projection_keep(c, &p, i);
        }
    }
    return p;
}

// The start is a column before the end refers to it: it is computed once for every row.
static Stream *
start_add(Checker *c, const AstStep *step, const Stream *stream, const Window *window) {
    Projection p = window_others_keep(c, stream);
    const Expr *start = window_start(c, step, stream, window);
    bool is_date = step->alias.text != NULL && window->is_whole_days;
    const char *name = step->alias.text == NULL ? "window_start" : step->alias.text;
    uint32_t index = is_date ? projection_hidden(c, &p, "(window start)", start)
                             : window_column(c, &p, step, name, start);
    p.output->window_start = (int32_t)index;
    p.output->window_name = step->alias.text;
    projection_carry(c, &p);
    projection_add(c, step, "window", &p);
    return p.output;
}

// In a zone a hopping window ends as many days after its start's own day as it is long.
static const Expr *
window_end(Checker *c, const AstStep *step, const Expr *start, const Window *window) {
    if (!is_calendar(window)) {
        return window_time_shift(c, step, EXPR_TIME_ADD, start, window->length_us);
    }
    if (window->step_us == 0) {
        return calendar_window(c, step, start, window, 1);
    }
    Window days = *window;
    days.length_us = DAY_US;
    days.offset_us = window->offset_us % DAY_US;
    return calendar_window(c, step, start, &days, window->length_us / DAY_US);
}

// Of the last window that holds the row: when it has ended, the row is late.
static const Expr *
last_end(Checker *c, const AstStep *step, const Stream *stream, const Window *window) {
    Window last = *window;
    last.length_us = window->step_us > 0 ? window->step_us : window->length_us;
    last.step_us = 0;
    return window_end(c, step, window_start(c, step, stream, &last), window);
}

// As it was before it had a window.
static Stream *without_window(Checker *c, const Stream *stream) {
    Stream *shown = stream_copy(c, stream);
    shown->columns.items[stream->window_start].is_hidden = true;
    shown->columns.items[stream->window_end].is_hidden = true;
    shown->window_start = -1;
    shown->window_end = -1;
    return shown;
}

static int64_t update_us(Checker *c) {
    const AstStep *late = late_step(c);
    bool is_update = late != NULL && late->late == AST_LATE_UPDATE && late->amount != NULL;
    return is_update ? (int64_t)late->amount->value : 0;
}

// A window that takes late rows for a while.
static const Expr *updated_end(Checker *c, const AstStep *step, const Expr *end) {
    return update_us(c) == 0 ? end : window_time_shift(c, step, EXPR_TIME_ADD, end, update_us(c));
}

// Of a row that is in several windows some may have ended: it is no more in these.
static void ended_leave(Checker *c, const AstStep *step, Stream *stream) {
    const Expr *end = output_column(c, step, stream, stream->window_end);
    const Expr *is_open = on_time_condition(c, step, stream, updated_end(c, step, end));
    if (is_open != NULL && !stream->is_unknown) {
        step_add(c, GRAPH_FILTER, step, "open windows", stream)->node.condition = is_open;
    }
}

static Stream *end_add(Checker *c, const AstStep *step, Stream *stream, const Window *window) {
    Projection p = projection_whole(c, stream);
    Stream *output = p.output;
    const Expr *start = output_column(c, step, stream, stream->window_start);
    const Expr *end = window_end(c, step, start, window);
    bool has_name = step->alias.text != NULL;
    if (has_name && window->is_whole_days) {
        const Expr *date = as_date(c, step, start, window);
        output->window_start = (int32_t)window_column(c, &p, step, step->alias.text, date);
    }
    output->window_end = (int32_t)(has_name ? projection_hidden(c, &p, "(window end)", end)
                                            : window_column(c, &p, step, "window_end", end));
    projection_carry(c, &p);
    projection_add(c, step, "window end", &p);
    return output;
}

static int32_t time_column(const Stream *stream, const char *name) {
    int32_t index = stream_find(stream, name);
    const Type *type = index < 0 ? NULL : stream->columns.items[index].type;
    return type != NULL && type->kind == FLOW_TIMESTAMP ? index : -1;
}

// The rows of a table may come from a group: its window's columns are known by their names only.
static Stream *earlier_window_find(Checker *c, Stream *stream) {
    int32_t start = time_column(stream, "window_start");
    int32_t end = time_column(stream, "window_end");
    if (stream->window_end >= 0 || start < 0 || end < 0) {
        return stream;
    }
    Stream *found = stream_copy(c, stream);
    found->window_start = start;
    found->window_end = end;
    return found;
}

// One row for each item of a list of times, in a column of the name, which is hidden if only dates
// are seen of it.
static Stream *times_unnest(
    Checker *c, const AstStep *step, const Stream *stream, const char *name, const Expr *times) {
    bool is_start = times->op == EXPR_WINDOW_STARTS;
    Stream *after = stream_copy(c, stream);
    bool is_hidden = name == NULL;
    name = !is_hidden ? name : is_start ? "(window start)" : "(window end)";
    uint32_t index = stream_add(c, after, name, type_new(c->arena, FLOW_TIMESTAMP, false));
    after->columns.items[index].is_hidden = is_hidden;
    after->window_name = step->alias.text;
    after->window_start =
        is_start || step->alias.text != NULL ? (int32_t)index : stream->window_start;
    after->window_end = is_start ? stream->window_end : (int32_t)index;
    const Expr **values = arena_array(c->arena, const Expr *, 1);
    values[0] = times;
    const char *kind = is_start ? "window start" : "window ends";
    CheckedStep *added = step_add(c, GRAPH_UNNEST, step, kind, after);
    added->node.values = values;
    added->node.value_count = 1;
    return after;
}

// The name of the one column that stands for the window, which has to be free; NULL: it is a date
// that is made of the time.
static const char *time_name(Checker *c,
                             const AstStep *step,
                             const Stream *stream,
                             const Window *window,
                             const char *usual) {
    const char *name = step->alias.text == NULL ? usual : step->alias.text;
    if (step->alias.text != NULL && window->is_whole_days) {
        return NULL;
    }
    column_free_check(c, stream, (AstName){name, step->span});
    return name;
}

// Of hopping windows: one row for each start.
static Stream *
starts_unnest(Checker *c, const AstStep *step, const Stream *stream, const Window *window) {
    Projection p = window_others_keep(c, stream);
    projection_carry(c, &p);
    projection_add(c, step, "window", &p);
    const char *name = time_name(c, step, p.output, window, "window_start");
    return times_unnest(c, step, p.output, name, window_starts(c, step, p.output, window));
}

// The end stands for the window: as it is, or as a date. It is known as the end all the same.
static Stream *end_show(Checker *c, const AstStep *step, Stream *stream, const Window *window) {
    Projection p = projection_whole(c, stream);
    const Expr *end = output_column(c, step, stream, stream->window_end);
    if (window->is_whole_days) {
        const Expr *date = as_date(c, step, end, window);
        p.output->window_start = (int32_t)window_column(c, &p, step, step->alias.text, date);
    }
    p.output->window_end = (int32_t)projection_hidden(c, &p, "(window end)", end);
    projection_carry(c, &p);
    projection_add(c, step, "window end", &p);
    return p.output;
}

// Of cumulative windows: one row for each end. Those of a row share its start.
static Stream *
ends_unnest(Checker *c, const AstStep *step, const Stream *stream, const Window *window) {
    Projection p = window_others_keep(c, stream);
    if (step->alias.text == NULL) {
        const Expr *start = window_start(c, step, stream, window);
        p.output->window_start = (int32_t)window_column(c, &p, step, "window_start", start);
    }
    projection_carry(c, &p);
    projection_add(c, step, "window", &p);
    const char *name = time_name(c, step, p.output, window, "window_end");
    Stream *ended = times_unnest(c, step, p.output, name, window_ends(c, step, p.output, window));
    return step->alias.text == NULL ? ended : end_show(c, step, ended, window);
}

Stream *window_check(Checker *c, const AstStep *step, Stream *stream) {
    event_time_missing_report(c, step, stream);
    stream = step->alias.text == NULL ? earlier_window_find(c, stream) : stream;
    if (step->window == AST_WINDOW_SESSION) {
        (void)zone_read(c, step); // a session has no calendar, but the zone must be one
        return session_check(c, step, stream);
    }
    Window window = window_read(c, step);
    if (window.step_us == 0 && window.part_us == 0) {
        Stream *ended = end_add(c, step, start_add(c, step, stream, &window), &window);
        const Expr *end = output_column(c, step, ended, ended->window_end);
        late_add(c, step, ended, updated_end(c, step, end), without_window(c, ended));
        ended->update_us = update_us(c);
        return ended;
    }
    const Expr *end = last_end(c, step, stream, &window);
    late_add(c, step, stream, updated_end(c, step, end), stream);
    Stream *ended = window.part_us > 0
                        ? ends_unnest(c, step, stream, &window)
                        : end_add(c, step, starts_unnest(c, step, stream, &window), &window);
    ended_leave(c, step, ended);
    ended->update_us = update_us(c);
    return ended;
}
