// Joins of two streams: rows that have equal keys and are near to each other in event time.
//
// The result keeps our event time. Rows of theirs that come out alone have none of ours, so right
// and full joins carry the event time in a column of its own.
#include "check/check_join.h"

typedef struct Bounds {
    int64_t low_us;
    int64_t high_us;
} Bounds;

// --- what can be joined --------------------------------------------------------------------------
static bool input_report(Joining *j, ProgramRef input) {
    if (input.kind != PROGRAM_TABLE) {
        return false;
    }
    Diag *diag = diag_add(j->c->diags,
                          DIAG_E263,
                          j->step->dest.span,
                          "`%s` is a table, and `within` joins two streams",
                          j->step->dest.text);
    diag_help(j->c->diags, diag, "leave `within` away: its rows are looked up");
    return true;
}

bool join_time_report(Joining *j, const Stream *side, Span span) {
    if (side->event_time >= 0 || side->is_unknown) {
        return false;
    }
    Diag *diag = diag_add(j->c->diags,
                          DIAG_E045,
                          span,
                          "`%s` is about event time, and %s have none",
                          j->step->as_of != NULL ? "as of" : "within",
                          side == j->ours ? "these rows" : "its rows");
    diag_help(j->c->diags,
              diag,
              "mark it where the rows come from: `ts: timestamp event_time`, or `event_time ts` in "
              "the source");
    return true;
}

static bool changelog_report(Joining *j) {
    if (j->right->mode != GRAPH_CHANGELOG) {
        return false;
    }
    Diag *diag = diag_add(j->c->diags,
                          DIAG_E240,
                          j->step->dest.span,
                          "`%s` is a changelog, and `within` joins rows that stay",
                          j->step->dest.text);
    diag_help(j->c->diags, diag, "merge it into a table, and look that up");
    return true;
}

static void update_report(Joining *j) {
    const AstStep *late = late_step(j->c);
    if (late == NULL || late->late != AST_LATE_UPDATE) {
        return;
    }
    Diag *diag = diag_add(
        j->c->diags, DIAG_E267, late->keyword, "`late update` is for windows, this is a join");
    diag_help(j->c->diags, diag, "a greater `lateness` of the source waits for its late rows");
}

// --- `within` ------------------------------------------------------------------------------------
static int64_t bound_of(const AstLiteral *bound, bool is_negative) {
    return is_negative ? -bound->value : bound->value;
}

static bool bounds_read(Joining *j, Bounds *bounds) {
    const AstStep *step = j->step;
    int64_t first = bound_of(step->amount, step->amount_is_negative);
    *bounds = (Bounds){-first, first};
    if (step->amount_to != NULL) {
        int64_t last = bound_of(step->amount_to, step->amount_to_is_negative);
        *bounds = (Bounds){first, last};
    }
    if (bounds->low_us <= bounds->high_us) {
        return true;
    }
    Diag *diag =
        diag_add(j->c->diags, DIAG_E264, step->amount->span, "nothing lies within these bounds");
    diag_help(j->c->diags,
              diag,
              step->amount_to == NULL ? "a single length counts both ways: `within 5 minutes`"
                                      : "write the lower bound first");
    return false;
}

// --- the step ------------------------------------------------------------------------------------
static FlowJoinKind kind_of(AstJoinKind kind) {
    static const FlowJoinKind kinds[] = {[AST_JOIN_INNER] = FLOW_JOIN_INNER,
                                         [AST_JOIN_LEFT] = FLOW_JOIN_LEFT,
                                         [AST_JOIN_RIGHT] = FLOW_JOIN_RIGHT,
                                         [AST_JOIN_FULL] = FLOW_JOIN_FULL,
                                         [AST_JOIN_SEMI] = FLOW_JOIN_SEMI,
                                         [AST_JOIN_ANTI] = FLOW_JOIN_ANTI};
    return kinds[kind];
}

// A row may have nothing of ours: no window, no meta, and the event time stands apart.
static void roles_set(Joining *j, Stream *after) {
    uint32_t time =
        stream_add(j->c, after, "(event time)", type_new(j->c->arena, FLOW_TIMESTAMP, false));
    after->columns.items[time].is_hidden = true;
    after->event_time = (int32_t)time;
    after->window_start = -1;
    after->window_end = -1;
    after->window_name = NULL;
    after->has_lost_meta = after->has_meta;
    after->has_meta = false;
}

static Stream *result_make(Joining *j, FlowJoinKind kind) {
    if (kind == FLOW_JOIN_SEMI || kind == FLOW_JOIN_ANTI) {
        return stream_copy(j->c, j->ours);
    }
    bool keeps_theirs = kind == FLOW_JOIN_RIGHT || kind == FLOW_JOIN_FULL;
    bool keeps_ours = kind == FLOW_JOIN_LEFT || kind == FLOW_JOIN_FULL;
    Stream *after = join_pair_make(j, keeps_theirs, keeps_ours);
    if (keeps_theirs) {
        roles_set(j, after);
    }
    return after;
}

static FlowBandKeep keep_of(AstKeep keep) {
    return keep == AST_KEEP_FIRST  ? FLOW_BAND_FIRST
           : keep == AST_KEEP_LAST ? FLOW_BAND_LAST
                                   : FLOW_BAND_ALL;
}

void join_theirs_add(Joining *j, ProgramRef input, Stream *right) {
    CheckedStep *from = step_add(j->c, GRAPH_FLOW, j->step, "from", right);
    from->input = input;
    from->keys = j->step->dest.text;
}

// --- lateness ------------------------------------------------------------------------------------
typedef struct Spans {
    int64_t ours_ahead_us; // so far behind a row of ours may a partner lie
    int64_t theirs_ahead_us;
    int64_t ours_shift_us; // a column stands so far ahead of what it means
    int64_t theirs_shift_us;
} Spans;

static Spans spans_of(const Joining *j, const Bounds *bounds) {
    return (Spans){.ours_ahead_us = bounds->high_us > 0 ? bounds->high_us : 0,
                   .theirs_ahead_us = bounds->low_us < 0 ? -bounds->low_us : 0,
                   .ours_shift_us = j->ours->is_end_event_time,
                   .theirs_shift_us = j->right->is_end_event_time};
}

// A row is late if its time plus the span ahead lies behind the watermark.
static const Expr *on_time_bound(Joining *j, const Stream *stream, int64_t ahead_us) {
    Arena *arena = j->c->arena;
    const Type *type = type_new(arena, FLOW_TIMESTAMP, false);
    const Expr *parts[2] = {expr_column(arena, (uint32_t)stream->event_time, type),
                            expr_constant(arena,
                                          type_new(arena, FLOW_DURATION, false),
                                          (FlowValue){.i64 = ahead_us + 1})};
    const Expr *bound = expr_new(arena, EXPR_TIME_ADD, type, parts, 2);
    return expr_located(arena, bound, j->step->span, "within");
}

// Both sides as steps of the flow, each without its late rows.
static void sides_add(Joining *j, ProgramRef input, const Spans *spans) {
    Stream *ours = stream_copy(j->c, j->ours);
    Stream *theirs = stream_copy(j->c, j->right);
    late_add(j->c,
             j->step,
             ours,
             on_time_bound(j, ours, spans->ours_ahead_us - spans->ours_shift_us),
             ours);
    join_theirs_add(j, input, theirs);
    late_theirs_add(j->c,
                    j->step,
                    theirs,
                    on_time_bound(j, theirs, spans->theirs_ahead_us - spans->theirs_shift_us));
}

// What is on time lies at most the span ahead of its side behind the watermark. So a row is done
// when all that lies behind what is near to it; and where only the best match goes on, theirs stay
// until ours that they are near to have been decided.
static void waits_set(GraphNode *node, const Bounds *bounds, const Spans *spans) {
    int64_t ours_us = bounds->high_us + spans->theirs_ahead_us;
    int64_t theirs_us = spans->ours_ahead_us - bounds->low_us;
    if (node->keep != FLOW_BAND_ALL && ours_us - bounds->low_us > theirs_us) {
        theirs_us = ours_us - bounds->low_us;
    }
    node->ours_wait_us = ours_us - spans->ours_shift_us;
    node->theirs_wait_us = theirs_us - spans->theirs_shift_us;
    node->first_wait_us = spans->theirs_ahead_us - spans->theirs_shift_us;
    int64_t behind_us = ours_us > spans->ours_ahead_us ? ours_us : spans->ours_ahead_us;
    bool is_later = graph_has_own_time(node) && theirs_us > behind_us;
    node->behind_us = is_later ? theirs_us : behind_us;
}

static void
band_add(Joining *j, ProgramRef input, const Bounds *bounds, FlowJoinKind kind, Stream *after) {
    Spans spans = spans_of(j, bounds);
    sides_add(j, input, &spans);
    // A window's end means the time just before it.
    int64_t ahead_us = spans.theirs_shift_us - spans.ours_shift_us;
    GraphNode *node = &join_add(j, GRAPH_BAND, input, kind, after)->node;
    node->time = j->ours->event_time;
    node->keep = keep_of(j->step->keep);
    node->low_us = bounds->low_us + ahead_us;
    node->high_us = bounds->high_us + ahead_us;
    node->ahead_us = ahead_us;
    waits_set(node, bounds, &spans);
}

// Who is late has been said: results are late for nobody.
static void watermark_end(Stream *after) {
    for (uint32_t i = 0; i < after->columns.count; i++) {
        Column *column = &after->columns.items[i];
        column->meta = column->meta == FLOW_META_WATERMARK ? FLOW_META_NONE : column->meta;
    }
}

Stream *stream_join_check(Joining *j, ProgramRef input) {
    Bounds bounds;
    if (input_report(j, input)) {
        return stream_unknown(j->c);
    }
    j->right = input_stream(j->c, j->step, input);
    bool is_refused = join_time_report(j, j->ours, j->step->span);
    is_refused |= join_time_report(j, j->right, j->step->dest.span);
    is_refused |= changelog_report(j);
    is_refused |= !bounds_read(j, &bounds);
    update_report(j);
    if (!join_alias_find(j)) {
        return stream_unknown(j->c);
    }
    FlowJoinKind kind = kind_of(j->step->join);
    j->pair = join_pair_make(j, false, false);
    bool is_whole = join_on_check(j);
    Stream *after = result_make(j, kind);
    after->is_group = false;
    watermark_end(after);
    if (gives_changes(j->right)) {
        state_keep(j->c, j->step->span, KEPT_NOT_YET, "joins results of a `group`");
    }
    if (is_whole && !is_refused) {
        band_add(j, input, &bounds, kind, after);
    }
    return after;
}
