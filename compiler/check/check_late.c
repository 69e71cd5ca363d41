// What time means to a stream: which sources have a watermark, and which rows come too late for the
// step behind them.
//
// Under `once` every record is on time, so nothing of this is in the plan then. In a stream a row
// carries the watermark of its partition just before it (meta.watermark); a step that judges
// compares its own bound with that, row by row, so neither batches nor epochs nor other partitions
// show (docs/decisions/153).
#include "check/check_internal.h"

// A step whose state ends with time, or that waits for it.
static bool step_knows_time(const AstStep *step) {
    return step->kind == AST_STEP_WINDOW || step->kind == AST_STEP_DEDUP ||
           step->kind == AST_STEP_RUNNING ||
           (step->kind == AST_STEP_JOIN && (step->amount != NULL || step->as_of != NULL));
}

void watermarks_scan(Checker *c) {
    c->is_stream = c->out->settings.trigger != FLOW_TRIGGER_ONCE;
    for (uint32_t f = 0; f < c->program->flows.count; f++) {
        const AstDecl *decl = c->program->flows.items[f].decl;
        for (uint32_t i = 0; i < decl->step_count; i++) {
            c->has_times |= step_knows_time(&decl->steps[i]);
        }
    }
    c->uses_watermark = c->is_stream && c->has_times;
}

// --- late rows
// ------------------------------------------------------------------------------------
typedef struct Lateness {
    Checker *c;
    const AstStep *step;    // that judges
    const AstStep *written; // `late`, or NULL
    const Expr *is_on_time;
} Lateness;

static AstLateKind late_kind(const Lateness *l) {
    if (l->written != NULL && l->written->late != AST_LATE_UPDATE) {
        return l->written->late;
    }
    if (l->written != NULL && l->written->dest.text != NULL) {
        return AST_LATE_INTO;
    }
    return l->c->late_is_dropped ? AST_LATE_DROP : AST_LATE_DLQ;
}

static void check_add(const Lateness *l, int32_t reaction, const Stream *stream) {
    CheckedStep *added = step_add(l->c, GRAPH_CHECK, l->step, "late", stream);
    added->node.condition = l->is_on_time;
    added->node.reaction = reaction;
    added->node.is_late = true;
}

// Late rows go one way, the others on.
static void route_add(const Lateness *l, const Stream *stream, Stream *shown) {
    Checker *c = l->c;
    const Type *type = type_new(c->arena, FLOW_INT32, false);
    const Expr *parts[3] = {l->is_on_time,
                            expr_constant(c->arena, type, (FlowValue){.i64 = 1}),
                            expr_constant(c->arena, type, (FlowValue){.i64 = 0})};
    const Expr **values = arena_array(c->arena, const Expr *, 1);
    values[0] =
        expr_located(c->arena, expr_new(c->arena, EXPR_IF, type, parts, 3), l->step->span, "late");
    CheckedStep *route = step_add(c, GRAPH_ROUTE, l->step, "late", stream);
    route->node.values = values;
    route->node.value_count = 1;
    step_add(c, GRAPH_ARM, l->step, "late", stream)->node.arm_counter = -1;
    AstStep append = {.kind = AST_STEP_APPEND,
                      .span = l->written->span,
                      .keyword = l->written->keyword,
                      .dest = l->written->dest};
    uint32_t first = c->out->sinks.count;
    terminal_check(c, &append, shown);
    if (c->out->sinks.count > first) {
        c->out->sinks.items[first].is_late = true;
    }
    CheckedStep *on_time = step_add(c, GRAPH_ARM, l->step, "on time", stream);
    on_time->node.arm = 1;
    on_time->node.arm_counter = -1;
}

static const Expr *column_of(Checker *c, const AstStep *step, const Stream *stream, int32_t index) {
    const Column *column = &stream->columns.items[index];
    const Expr *value = expr_column(c->arena, (uint32_t)index, column->type);
    return expr_located(c->arena, value, step->span, column->name);
}

const Expr *on_time_condition(Checker *c, const AstStep *step, Stream *stream, const Expr *bound) {
    int32_t watermark = stream_meta(stream, FLOW_META_WATERMARK);
    if (watermark < 0) {
        return NULL;
    }
    const Expr *pair[2] = {bound, column_of(c, step, stream, watermark)};
    const Expr *condition = expr_new(c->arena, EXPR_GT, bool_type(c, false), pair, 2);
    const char *text = source_text(c->arena, &c->diags->sources, step->span);
    return expr_located(c->arena, condition, step->span, text);
}

const AstStep *late_step(const Checker *c) {
    return c->next != NULL && c->next->kind == AST_STEP_LATE ? c->next : NULL;
}

void late_add(Checker *c, const AstStep *step, Stream *stream, const Expr *bound, Stream *shown) {
    Lateness l = {.c = c,
                  .step = step,
                  .written = late_step(c),
                  .is_on_time = on_time_condition(c, step, stream, bound)};
    if (l.is_on_time == NULL || stream->is_unknown) {
        return;
    }
    switch (late_kind(&l)) {
    case AST_LATE_DROP:
        check_add(&l, FLOW_REACTION_DROP, stream);
        return;
    case AST_LATE_INTO:
        route_add(&l, stream, shown);
        return;
    case AST_LATE_DLQ:
    case AST_LATE_UPDATE:
        check_add(&l, FLOW_REACTION_REJECT, stream);
        return;
    }
}

void late_theirs_add(Checker *c, const AstStep *step, Stream *stream, const Expr *bound) {
    Lateness l = {.c = c,
                  .step = step,
                  .written = late_step(c),
                  .is_on_time = on_time_condition(c, step, stream, bound)};
    if (l.is_on_time != NULL && !stream->is_unknown) {
        bool is_dropped = late_kind(&l) == AST_LATE_DROP;
        check_add(&l, is_dropped ? FLOW_REACTION_DROP : FLOW_REACTION_REJECT, stream);
    }
}
