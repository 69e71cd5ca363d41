// Streams: the columns at one point of a flow, and the projections that make new ones.
//
// Order matters to users: visible columns keep the order in which they came, what is carried along
// stands behind them.
#include "check/check_internal.h"

Stream *stream_new(Checker *c) {
    Stream *stream = arena_new(c->arena, Stream);
    stream->event_time = -1;
    stream->window_start = -1;
    stream->window_end = -1;
    stream->is_bounded = true;
    return stream;
}

Stream *stream_copy(Checker *c, const Stream *stream) {
    Stream *copy = arena_new(c->arena, Stream);
    *copy = *stream;
    memset(&copy->columns, 0, sizeof(copy->columns));
    memset(&copy->left_out, 0, sizeof(copy->left_out));
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        *vec_push(c->arena, &copy->columns) = stream->columns.items[i];
    }
    for (uint32_t i = 0; i < stream->left_out.count; i++) {
        *vec_push(c->arena, &copy->left_out) = stream->left_out.items[i];
    }
    return copy;
}

Stream *stream_unknown(Checker *c) {
    Stream *stream = stream_new(c);
    stream->is_unknown = true;
    return stream;
}

int32_t stream_find(const Stream *stream, const char *name) {
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (!column->is_hidden && str_equal(column->name, name)) {
            return (int32_t)i;
        }
    }
    return -1;
}

uint32_t stream_add(Checker *c, Stream *stream, const char *name, const Type *type) {
    *vec_push(c->arena, &stream->columns) = (Column){.name = name, .type = type};
    return stream->columns.count - 1;
}

const char **stream_names(Checker *c, const Stream *stream, uint32_t *count) {
    const char **names = arena_array(c->arena, const char *, stream->columns.count + 1);
    *count = 0;
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        if (!stream->columns.items[i].is_hidden) {
            names[(*count)++] = stream->columns.items[i].name;
        }
    }
    return names;
}

int32_t joined_find(const Stream *stream, const char *owner, const char *name) {
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (column->owner != NULL && str_equal(column->owner, owner) &&
            str_equal(column->name, name)) {
            return (int32_t)i;
        }
    }
    return -1;
}

bool is_joined(const Stream *stream, const char *owner) {
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const char *own = stream->columns.items[i].owner;
        if (own != NULL && str_equal(own, owner)) {
            return true;
        }
    }
    return false;
}

int32_t stream_meta(const Stream *stream, FlowMetaKind meta) {
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        if (stream->columns.items[i].meta == meta) {
            return (int32_t)i;
        }
    }
    return -1;
}

// Poison gets a type that dumps can print; nothing is built from a program with mistakes.
const GraphColumn *stream_columns(Checker *c, const Stream *stream) {
    GraphColumn *columns = arena_array(c->arena, GraphColumn, stream->columns.count + 1);
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        const Type *type =
            column->type != NULL ? column->type : type_new(c->arena, FLOW_NULL, true);
        const char *name = column->owner == NULL
                               ? column->name
                               : arena_format(c->arena, "%s.%s", column->owner, column->name);
        bool is_known = !column->is_hidden || column->owner != NULL;
        columns[i] = (GraphColumn){
            .name = name, .type = type, .meta = column->meta, .raw_place = is_known ? i + 1 : 0};
    }
    return columns;
}

// --- a name that is no column --------------------------------------------------------------------
static const AstName *name_in(const AstName *names, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(names[i].text, name)) {
            return &names[i];
        }
    }
    return NULL;
}

static bool is_defined_below(Checker *c, const Scope *scope, AstName name) {
    for (uint32_t i = scope->assign; scope->assigns != NULL && i < scope->assigns->count; i++) {
        const AstName *defined = &scope->assigns->items[i].name;
        if (defined->text == NULL || !str_equal(defined->text, name.text)) {
            continue;
        }
        Diag *diag =
            diag_add(c->diags, DIAG_E018, name.span, "`%s` is defined further below", name.text);
        diag_note_at(c->diags, diag, defined->span, "an entry sees only those above it");
        return true;
    }
    return false;
}

static bool is_left_out(Checker *c, const Scope *scope, AstName name) {
    const Stream *stream = scope->stream;
    const AstName *gone = name_in(stream->left_out.items, stream->left_out.count, name.text);
    if (gone == NULL) {
        return false;
    }
    Diag *diag =
        diag_add(c->diags, DIAG_E016, name.span, "the column `%s` was left out above", name.text);
    diag_note_at(c->diags, diag, gone->span, "the rows have no `%s` from here on", name.text);
    return true;
}

static bool is_of_joined(Checker *c, const Scope *scope, AstName name) {
    const Stream *stream = scope->stream;
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (column->owner == NULL || !str_equal(column->name, name.text)) {
            continue;
        }
        Diag *diag = diag_add(c->diags,
                              DIAG_E015,
                              name.span,
                              "no column is called `%s`, but `%s` has one",
                              name.text,
                              column->owner);
        const char *whole = arena_format(c->arena, "%s.%s", column->owner, name.text);
        diag_help(c->diags, diag, "write `%s`", whole);
        diag_fix(c->diags, diag, name.span, whole);
        return true;
    }
    return false;
}

static void columns_note(Checker *c, Diag *diag, const char *const *names, uint32_t count) {
    enum { SHOWN_MAX = 20 };
    Buffer text = {0};
    for (uint32_t i = 0; i < count && i < SHOWN_MAX; i++) {
        buffer_format(&text, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    if (count > SHOWN_MAX) {
        buffer_format(&text, " and %u more", count - SHOWN_MAX);
    }
    if (count > 0) {
        diag_note(c->diags, diag, "the columns here are %s", buffer_cstring(&text));
    }
    buffer_free(&text);
}

void unknown_column_report(Checker *c, const Scope *scope, AstName name) {
    if (scope->stream->is_unknown || is_defined_below(c, scope, name) ||
        session_name_report(c, scope->stream, name) || is_left_out(c, scope, name) ||
        is_of_joined(c, scope, name)) {
        return;
    }
    uint32_t count = 0;
    const char **names = stream_names(c, scope->stream, &count);
    const char *noun = scope->fn == NULL ? "column" : "parameter";
    Diag *diag = diag_add(c->diags, DIAG_E015, name.span, "no %s is called `%s`", noun, name.text);
    if (!diag_suggest(c->diags, diag, name.text, names, count) && scope->fn == NULL) {
        columns_note(c, diag, names, count);
    }
}

void column_free_check(Checker *c, const Stream *stream, AstName name) {
    if (stream_find(stream, name.text) >= 0) {
        diag_add(c->diags, DIAG_E203, name.span, "the column `%s` is there already", name.text);
    }
}

// --- projections ---------------------------------------------------------------------------------
Projection projection_new(Checker *c, const Stream *input) {
    Projection p = {.input = input, .output = stream_new(c)};
    Stream *output = p.output;
    output->mode = input->mode;
    output->is_bounded = input->is_bounded;
    output->is_unknown = input->is_unknown;
    output->has_meta = input->has_meta;
    output->has_lost_meta = input->has_lost_meta;
    output->is_group = input->is_group;
    output->is_changing = input->is_changing;
    output->update_us = input->update_us;
    output->may_leave_out = input->may_leave_out;
    output->source = input->source;
    output->alias = input->alias;
    output->window_name = input->window_name;
    output->is_end_event_time = input->is_end_event_time;
    output->session_gap_us = input->session_gap_us;
    output->session_span = input->session_span;
    for (uint32_t i = 0; i < input->left_out.count; i++) {
        *vec_push(c->arena, &output->left_out) = input->left_out.items[i];
    }
    return p;
}

static void left_out_forget(Stream *stream, const char *name) {
    for (uint32_t i = 0; i < stream->left_out.count; i++) {
        if (str_equal(stream->left_out.items[i].text, name)) {
            stream->left_out.items[i] = stream->left_out.items[--stream->left_out.count];
            return;
        }
    }
}

static int32_t projection_position(Checker *c, Projection *p, const char *name) {
    int32_t index = stream_find(p->output, name);
    if (index < 0) {
        left_out_forget(p->output, name);
        index = (int32_t)stream_add(c, p->output, name, NULL);
        *vec_push(c->arena, &p->values) = NULL;
    }
    return index;
}

// A column that is computed anew is no longer what the stream knew it as.
static void roles_end(Stream *stream, int32_t index) {
    stream->event_time = stream->event_time == index ? -1 : stream->event_time;
    stream->window_start = stream->window_start == index ? -1 : stream->window_start;
    stream->window_end = stream->window_end == index ? -1 : stream->window_end;
}

void projection_set(Checker *c, Projection *p, const char *name, const Expr *value) {
    int32_t index = projection_position(c, p, name);
    p->values.items[index] = value;
    p->output->columns.items[index].type = value == NULL ? NULL : value->type;
    p->output->columns.items[index].literal = NULL;
    roles_end(p->output, index);
}

static void roles_keep(Projection *p, uint32_t from, int32_t to) {
    const Stream *input = p->input;
    Stream *output = p->output;
    if (input->event_time == (int32_t)from && output->event_time < 0) {
        output->event_time = to;
    }
    if (input->window_start == (int32_t)from && output->window_start < 0) {
        output->window_start = to;
    }
    if (input->window_end == (int32_t)from && output->window_end < 0) {
        output->window_end = to;
    }
}

static const Expr *column_value(Checker *c, const Stream *input, uint32_t column) {
    const Type *type = input->columns.items[column].type;
    if (type == NULL) {
        return NULL;
    }
    const char *name = input->columns.items[column].name;
    return expr_located(c->arena, expr_column(c->arena, column, type), (Span){0}, name);
}

void projection_keep_as(Checker *c, Projection *p, uint32_t column, const char *name) {
    projection_set(c, p, name, column_value(c, p->input, column));
    int32_t index = stream_find(p->output, name);
    p->output->columns.items[index].literal = p->input->columns.items[column].literal;
    roles_keep(p, column, index);
}

void projection_keep(Checker *c, Projection *p, uint32_t column) {
    projection_keep_as(c, p, column, p->input->columns.items[column].name);
}

static int32_t hidden_add(Checker *c, Projection *p, uint32_t column, const char *name) {
    const Column *from = &p->input->columns.items[column];
    *vec_push(c->arena, &p->output->columns) = (Column){.name = name,
                                                        .type = from->type,
                                                        .is_hidden = true,
                                                        .meta = from->meta,
                                                        .owner = from->owner,
                                                        .literal = from->literal};
    *vec_push(c->arena, &p->values) = column_value(c, p->input, column);
    return (int32_t)p->output->columns.count - 1;
}

Projection projection_whole(Checker *c, const Stream *input) {
    Projection p = projection_new(c, input);
    for (uint32_t i = 0; i < input->columns.count; i++) {
        if (!input->columns.items[i].is_hidden) {
            projection_keep(c, &p, i);
        }
    }
    return p;
}

uint32_t projection_hidden(Checker *c, Projection *p, const char *name, const Expr *value) {
    uint32_t index = stream_add(c, p->output, name, value->type);
    p->output->columns.items[index].is_hidden = true;
    *vec_push(c->arena, &p->values) = value;
    return index;
}

// The event time and the window go with a row even if their columns are left out.
void projection_carry(Checker *c, Projection *p) {
    const Stream *input = p->input;
    Stream *output = p->output;
    for (uint32_t i = 0; i < input->columns.count; i++) {
        const Column *column = &input->columns.items[i];
        bool is_source = column->is_hidden && str_equal(column->name, "(meta.source)");
        bool is_kept = column->owner != NULL && !p->ends_joined;
        if (column->meta != FLOW_META_NONE || is_source || is_kept) {
            hidden_add(c, p, i, column->name);
        }
    }
    if (input->event_time >= 0 && output->event_time < 0) {
        output->event_time = hidden_add(c, p, (uint32_t)input->event_time, "(event time)");
    }
    if (input->window_start >= 0 && output->window_start < 0) {
        output->window_start = hidden_add(c, p, (uint32_t)input->window_start, "(window start)");
    }
    if (input->window_end >= 0 && output->window_end < 0) {
        output->window_end = hidden_add(c, p, (uint32_t)input->window_end, "(window end)");
    }
}
