// Flows: the first step, the walk over the others, and what is left at the end.
#include "check/check_internal.h"

CheckedStep *
step_add(Checker *c, GraphOp op, const AstStep *step, const char *word, const Stream *after) {
    CheckedFlow *flow = &c->out->flows.items[c->flow];
    CheckedStep *added = vec_push(c->arena, &flow->steps);
    *added = (CheckedStep){
        .word = word,
        .node = {.op = op,
                 .input = GRAPH_NONE,
                 .right = GRAPH_NONE,
                 .span = step->span,
                 .flow = c->flow,
                 .window_end = -1,
                 .event_time = after->is_end_event_time ? -1 : after->event_time,
                 .mode = after->mode,
                 .is_bounded = after->is_bounded,
                 .columns = stream_columns(c, after),
                 .column_count = after->columns.count},
    };
    return added;
}

void projection_add(Checker *c, const AstStep *step, const char *word, const Projection *p) {
    CheckedStep *added = step_add(c, GRAPH_PROJECT, step, word, p->output);
    added->node.values = p->values.items;
    added->node.value_count = p->values.count;
}

// --- from ----------------------------------------------------------------------------------------
static Stream *table_stream(Checker *c, uint32_t index, Span span) {
    if (!table_columns_find(c, index, span)) {
        return stream_unknown(c);
    }
    const GraphTable *table = &c->out->tables.items[index];
    Stream *stream = stream_new(c);
    for (uint32_t i = 0; i < table->column_count; i++) {
        stream_add(c, stream, table->columns[i].name, table->columns[i].type);
    }
    stream->event_time = table->event_time;
    stream->is_end_event_time = c->tables[index].is_end_event_time;
    return stream;
}

static Stream *input_stream(Checker *c, const AstStep *step, ProgramRef input) {
    switch (input.kind) {
    case PROGRAM_SOURCE:
        return stream_copy(c, c->source_streams[input.index]);
    case PROGRAM_TABLE:
        return table_stream(c, input.index, step->dest.span);
    case PROGRAM_FLOW:
        if (c->flow_streams[input.index] != NULL) {
            return stream_copy(c, c->flow_streams[input.index]);
        }
        break;
    case PROGRAM_SINK:
    case PROGRAM_NOTHING:
        break;
    }
    return stream_unknown(c);
}

static bool from_is_built(Checker *c, const AstStep *step) {
    static const Unsupported features[] = {[AST_FROM_CHANGES] = UNSUPPORTED_FROM_CHANGES,
                                           [AST_FROM_VERSION] = UNSUPPORTED_FROM_AS_OF,
                                           [AST_FROM_TIMESTAMP] = UNSUPPORTED_FROM_AS_OF};
    if (step->from != AST_FROM_PLAIN) {
        diag_unsupported(c->diags, step->span, features[step->from]);
        return false;
    }
    if (step->alias.text != NULL) {
        diag_unsupported(c->diags, step->alias.span, UNSUPPORTED_FROM_ALIAS);
    }
    return true;
}

static Stream *from_check(Checker *c, const AstStep *step) {
    ProgramRef input = program_input(c->program, &step->dest);
    Stream *stream = from_is_built(c, step) ? input_stream(c, step, input) : stream_unknown(c);
    CheckedStep *added = step_add(c, GRAPH_FLOW, step, "from", stream);
    added->input = input;
    added->keys = step->dest.text;
    return stream;
}

// --- steps that are not built yet ----------------------------------------------------------------
typedef struct LaterRow {
    AstStepKind kind;
    Unsupported feature;
    bool keeps_columns;
} LaterRow;

static const LaterRow later_steps[] = {
    {AST_STEP_UNNEST, UNSUPPORTED_UNNEST, false},
    {AST_STEP_UNION, UNSUPPORTED_UNION, true},
    {AST_STEP_JOIN, UNSUPPORTED_JOIN, false},
    {AST_STEP_DEDUP, UNSUPPORTED_DEDUP, true},
    {AST_STEP_LATE, UNSUPPORTED_LATE, true},
    {AST_STEP_STATE, UNSUPPORTED_STATE, true},
    {AST_STEP_RUNNING, UNSUPPORTED_RUNNING, false},
    {AST_STEP_TOP, UNSUPPORTED_TOP, false},
    {AST_STEP_SAMPLE, UNSUPPORTED_SAMPLE, true},
    {AST_STEP_ROUTE, UNSUPPORTED_ROUTE, false},
};

static Stream *later_check(Checker *c, const AstStep *step, Stream *stream) {
    for (uint32_t i = 0; i < COUNT_OF(later_steps); i++) {
        const LaterRow *row = &later_steps[i];
        if (row->kind == step->kind) {
            diag_unsupported(c->diags, step->keyword, row->feature);
            return row->keeps_columns ? stream : stream_unknown(c);
        }
    }
    return stream_unknown(c); // a step that could not be read
}

// --- the walk ------------------------------------------------------------------------------------
static bool is_terminal(AstStepKind kind) {
    return kind == AST_STEP_APPEND || kind == AST_STEP_OVERWRITE || kind == AST_STEP_MERGE ||
           kind == AST_STEP_ROUTE;
}

static Stream *emit_check(Checker *c, const AstStep *step, Stream *stream) {
    if (step->emit != AST_EMIT_CLOSE) {
        diag_unsupported(c->diags, step->span, UNSUPPORTED_EMIT);
    } else if (!stream->is_group && !stream->is_unknown) {
        diag_add(c->diags, DIAG_E206, step->span, "`emit` belongs to a group above it");
    }
    return stream;
}

static Stream *any_step_check(Checker *c, const AstStep *step, Stream *stream) {
    switch (step->kind) {
    case AST_STEP_WHERE:
    case AST_STEP_DERIVE:
    case AST_STEP_SELECT:
    case AST_STEP_DROP:
    case AST_STEP_RENAME:
    case AST_STEP_EXPECT:
        return step_check(c, step, stream);
    case AST_STEP_WINDOW:
        return window_check(c, step, stream);
    case AST_STEP_GROUP:
        return group_check(c, step, stream);
    case AST_STEP_EMIT:
        return emit_check(c, step, stream);
    case AST_STEP_APPEND:
    case AST_STEP_OVERWRITE:
    case AST_STEP_MERGE:
        terminal_check(c, step, stream);
        return stream;
    case AST_STEP_FROM:
        diag_add(c->diags,
                 DIAG_E206,
                 step->span,
                 "`from` stands first; a second input comes with `join` or `union`");
        return stream;
    case AST_STEP_ERROR:
    case AST_STEP_UNNEST:
    case AST_STEP_UNION:
    case AST_STEP_JOIN:
    case AST_STEP_DEDUP:
    case AST_STEP_LATE:
    case AST_STEP_STATE:
    case AST_STEP_RUNNING:
    case AST_STEP_TOP:
    case AST_STEP_SAMPLE:
    case AST_STEP_ROUTE:
    case AST_STEP_DISCARD:
        return later_check(c, step, stream);
    }
    return stream;
}

static void steps_check(Checker *c, const AstDecl *decl, Stream *stream) {
    const AstStep *end = NULL;
    for (uint32_t i = 1; i < decl->step_count; i++) {
        const AstStep *step = &decl->steps[i];
        if (end != NULL) {
            Diag *diag = diag_add(c->diags,
                                  DIAG_E206,
                                  step->keyword,
                                  "no step follows `%s`: the rows are gone",
                                  syntax_step_word(end->kind));
            diag_note_at(c->diags, diag, end->span, "the flow ends here");
            return;
        }
        stream = any_step_check(c, step, stream);
        c->flow_streams[c->flow] = stream;
        end = is_terminal(step->kind) ? step : NULL;
    }
}

static bool has_terminal(const AstDecl *decl) {
    for (uint32_t i = 0; i < decl->step_count; i++) {
        if (is_terminal(decl->steps[i].kind)) {
            return true;
        }
    }
    return false;
}

static void unread_warn(Checker *c, const ProgramFlow *flow) {
    if (flow->is_read || has_terminal(flow->decl) || flow->decl->is_broken) {
        return;
    }
    Diag *diag = diag_add(c->diags,
                          DIAG_E217,
                          flow->decl->name.span,
                          "the rows of the flow `%s` go nowhere",
                          flow->name);
    diag_help(c->diags, diag, "end it with `append into`, `merge into` or `overwrite`");
}

void flow_check(Checker *c, uint32_t index) {
    const ProgramFlow *flow = &c->program->flows.items[index];
    const AstDecl *decl = flow->decl;
    c->flow = index;
    *vec_push(c->arena, &c->out->flows) = (CheckedFlow){.name = flow->name};
    if (decl->step_count == 0) { // reported by resolve, and so is another first step than `from`
        c->flow_streams[index] = stream_unknown(c);
        return;
    }
    Stream *stream = stream_unknown(c);
    if (decl->steps[0].kind == AST_STEP_FROM) {
        stream = from_check(c, &decl->steps[0]);
    }
    c->flow_streams[index] = stream;
    steps_check(c, decl, stream);
    unread_warn(c, flow);
}
