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

// What a flow joined is its own business: others see its columns.
static Stream *named_stream(Checker *c, uint32_t index) {
    Stream *stream = stream_copy(c, c->flow_streams[index]);
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        Column *column = &stream->columns.items[i];
        if (column->owner != NULL) {
            column->name = arena_format(c->arena, "(%s.%s)", column->owner, column->name);
            column->owner = NULL;
        }
    }
    stream->alias = NULL;
    return stream;
}

Stream *input_stream(Checker *c, const AstStep *step, ProgramRef input) {
    switch (input.kind) {
    case PROGRAM_SOURCE:
        return stream_copy(c, c->source_streams[input.index]);
    case PROGRAM_TABLE:
        return table_stream(c, input.index, step->dest.span);
    case PROGRAM_FLOW:
        if (c->flow_streams[input.index] != NULL) {
            return named_stream(c, input.index);
        }
        break;
    case PROGRAM_SINK:
    case PROGRAM_NOTHING:
        break;
    }
    return stream_unknown(c);
}

// Of rejected records that are sent again, a flow takes its own. What reads a table took all of it
// when the table was written, and takes nothing.
void replay_filter_add(Checker *c, const AstStep *step, const Stream *stream, ProgramRef input) {
    int32_t column = stream_meta(stream, FLOW_META_REPLAY);
    bool is_table = input.kind == PROGRAM_TABLE;
    if (!c->program->is_replay || (column < 0 && !is_table)) {
        return; // Results of a group are for all who read them.
    }
    const Expr *condition = expr_bool(c->arena, false);
    if (!is_table) {
        const char *name = c->program->flows.items[c->flow].name;
        const char *wanted = arena_format(c->arena, ",%s,", name);
        const Type *text = stream->columns.items[column].type;
        const Expr *pair[2] = {
            expr_column(c->arena, (uint32_t)column, text),
            expr_constant(c->arena, text, (FlowValue){.view = view_text(wanted)})};
        Expr *call = expr_new(c->arena, EXPR_CALL, bool_type(c, false), pair, 2);
        call->builtin = BUILTIN_contains;
        condition = call;
    }
    step_add(c, GRAPH_FILTER, step, "replay", stream)->node.condition =
        expr_located(c->arena, condition, step->span, "replay");
}

static bool from_is_built(Checker *c, const AstStep *step) {
    if (step->from == AST_FROM_CHANGES) {
        diag_unsupported(c->diags, step->span, UNSUPPORTED_FROM_CHANGES);
    }
    return step->from != AST_FROM_CHANGES;
}

static Stream *from_check(Checker *c, const AstStep *step) {
    ProgramRef input = program_from(c->program, step);
    Stream *stream = from_is_built(c, step) ? input_stream(c, step, input) : stream_unknown(c);
    stream->alias = step->alias.text;
    CheckedStep *added = step_add(c, GRAPH_FLOW, step, "from", stream);
    added->input = input;
    added->keys = step->dest.text;
    if (input.kind == PROGRAM_TABLE) {
        state_keep(c, step->span, KEPT_NOT_YET, "reads a table");
    }
    replay_filter_add(c, step, stream, input);
    return stream;
}

// --- the walk ------------------------------------------------------------------------------------
static bool is_terminal(AstStepKind kind) {
    return kind == AST_STEP_APPEND || kind == AST_STEP_OVERWRITE || kind == AST_STEP_MERGE ||
           kind == AST_STEP_ROUTE;
}

bool gives_changes(const Stream *stream) {
    return stream->is_changing;
}

// The group that the step belongs to; NULL: none stands right above it.
static GraphNode *group_above(Checker *c, const AstStep *step) {
    CheckedFlow *flow = &c->out->flows.items[c->flow];
    const AstStep *above = step - 1;
    while (above->kind == AST_STEP_STATE || above->kind == AST_STEP_EMIT) {
        above--;
    }
    for (uint32_t i = flow->steps.count; above->kind == AST_STEP_GROUP && i-- > 0;) {
        if (flow->steps.items[i].node.op == GRAPH_GROUP) {
            return &flow->steps.items[i].node;
        }
    }
    return NULL;
}

// A batch gives all results at its end, whatever is said here.
static Stream *emit_check(Checker *c, const AstStep *step, Stream *stream) {
    static const FlowEmit kinds[] = {[AST_EMIT_CLOSE] = FLOW_EMIT_CLOSE,
                                     [AST_EMIT_CHANGE] = FLOW_EMIT_CHANGE,
                                     [AST_EMIT_EVERY] = FLOW_EMIT_EVERY};
    if (stream->is_unknown) {
        return stream;
    }
    GraphNode *group = group_above(c, step);
    if (group == NULL) {
        diag_add(c->diags, DIAG_E206, step->span, "`emit` belongs to a group above it");
        return stream;
    }
    if (step->emit == AST_EMIT_CLOSE && stream->window_end < 0) {
        diag_unsupported(c->diags, step->span, UNSUPPORTED_EMIT);
        return stream;
    }
    if (group->session_gap_us > 0 && c->is_stream && step->emit != AST_EMIT_CLOSE) {
        diag_unsupported(c->diags, step->span, UNSUPPORTED_SESSION_CHANGES);
    }
    group->emit = kinds[step->emit];
    group->every_us = step->amount == NULL ? 0 : (int64_t)step->amount->value;
    Stream *after = stream_copy(c, stream);
    after->is_changing |= step->emit != AST_EMIT_CLOSE;
    return after;
}

// How long state is kept and where late rows go: a batch has all rows, and none of them late. The
// step above must be one that could have either.
static Stream *stream_only_check(Checker *c, const AstStep *step, const AstStep *above) {
    static const AstStepKind states[] = {AST_STEP_WINDOW,
                                         AST_STEP_GROUP,
                                         AST_STEP_JOIN,
                                         AST_STEP_DEDUP,
                                         AST_STEP_TOP,
                                         AST_STEP_RUNNING,
                                         AST_STEP_LATE,
                                         AST_STEP_STATE,
                                         AST_STEP_EMIT};
    for (uint32_t i = 0; i < COUNT_OF(states); i++) {
        if (above->kind == states[i] || above->kind == AST_STEP_ERROR) {
            return c->flow_streams[c->flow];
        }
    }
    diag_add(c->diags,
             DIAG_E206,
             step->span,
             step->kind == AST_STEP_LATE ? "`late` belongs to the window, join or dedup above it"
                                         : "`state` belongs to a step above it that keeps rows");
    return c->flow_streams[c->flow];
}

// Results of a group that lives on replace those of earlier epochs: few steps can say what that
// means for their own.
static bool takes_changes(const AstStep *step) {
    AstStepKind kind = step->kind;
    return (kind == AST_STEP_EMIT && step->emit == AST_EMIT_CHANGE) || kind == AST_STEP_DERIVE ||
           kind == AST_STEP_SELECT || kind == AST_STEP_DROP || kind == AST_STEP_RENAME ||
           kind == AST_STEP_STATE || kind == AST_STEP_APPEND || kind == AST_STEP_OVERWRITE ||
           kind == AST_STEP_MERGE;
}

// Steps that may know something of earlier epochs' rows.
static void step_state_check(Checker *c, const AstStep *step, const Stream *stream) {
    const char *word = syntax_step_word(step->kind);
    bool is_group = step->kind == AST_STEP_GROUP;
    bool keeps_last = step->kind == AST_STEP_DEDUP && step->keep == AST_KEEP_LAST;
    bool keeps_rows = step->kind == AST_STEP_TOP || keeps_last || step->kind == AST_STEP_RUNNING;
    if (keeps_rows || (is_group && stream->window_end < 0 && step->keys.count == 0)) {
        state_keep(c, step->span, KEPT_NOT_YET, arena_format(c->arena, "has the step `%s`", word));
    } else if (gives_changes(stream) && !takes_changes(step)) {
        state_keep(c,
                   step->span,
                   KEPT_NOT_YET,
                   arena_format(c->arena, "has the step `%s` behind a `group`", word));
    }
}

static Stream *any_step_check(Checker *c, const AstStep *step, Stream *stream) {
    if (!changes_step_check(c, step, stream)) {
        return stream_unknown(c);
    }
    step_state_check(c, step, stream);
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
        terminal_check(c, step, session_group_check(c, step, stream));
        return stream;
    case AST_STEP_FROM:
        diag_add(c->diags,
                 DIAG_E206,
                 step->span,
                 "`from` stands first; a second input comes with `join` or `union`");
        return stream;
    case AST_STEP_UNNEST:
        return unnest_check(c, step, stream);
    case AST_STEP_UNION:
        return union_check(c, step, stream);
    case AST_STEP_JOIN:
        return join_check(c, step, stream);
    case AST_STEP_DEDUP:
        return dedup_check(c, step, stream);
    case AST_STEP_RUNNING:
        return running_step_check(c, step, stream);
    case AST_STEP_TOP:
        return top_check(c, step, session_group_check(c, step, stream));
    case AST_STEP_SAMPLE:
        return sample_check(c, step, stream);
    case AST_STEP_ROUTE:
        route_check(c, step, session_group_check(c, step, stream));
        return stream;
    case AST_STEP_STATE:
        state_bound(c, step);
        return stream_only_check(c, step, step - 1);
    case AST_STEP_LATE:
        return stream_only_check(c, step, step - 1);
    case AST_STEP_ERROR:
    case AST_STEP_DISCARD:
        break;
    }
    return stream_unknown(c); // a step that could not be read
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
        uint32_t first = c->out->flows.items[c->flow].steps.count;
        bool may_leave_out = stream->may_leave_out;
        c->next = i + 1 < decl->step_count ? step + 1 : NULL;
        stream = any_step_check(c, step, stream);
        if (may_leave_out) {
            unchanged_steps_check(c, first);
        }
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
