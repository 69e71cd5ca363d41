// `expect` about all records of an epoch: its aggregates are taken beside the flow and judged at
// the end, before anything is committed.
#include "check/check_internal.h"

static int32_t epoch_reaction(Checker *c, const AstStep *step) {
    if (step->reaction == AST_REACTION_REJECT || step->reaction == AST_REACTION_DROP) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E236,
                              step->span,
                              "this is about all records together: there is no single one to %s",
                              step->reaction == AST_REACTION_DROP ? "drop" : "reject");
        diag_help(c->diags, diag, "write `else fail`, which is the default, or `else warn`");
    }
    return step->reaction == AST_REACTION_WARN ? FLOW_REACTION_WARN : FLOW_REACTION_FAIL;
}

static bool only_counts(const Aggregation *aggregation) {
    for (uint32_t i = 0; i < aggregation->aggs.count; i++) {
        const GraphAgg *agg = &aggregation->aggs.items[i];
        if (agg->kind != FLOW_AGG_COUNT || agg->condition != NULL) {
            return false;
        }
    }
    return true;
}

// Over no records nothing is judged but counts: `avg(x) > 3` says nothing about none.
static const Expr *
if_any(Checker *c, const AstStep *step, Aggregation *aggregation, const Expr *condition) {
    const Type *type = type_new(c->arena, FLOW_INT64, false);
    uint32_t index = aggregation->aggs.count;
    *vec_push(c->arena, &aggregation->aggs) =
        (GraphAgg){.kind = FLOW_AGG_COUNT, .type = type, .span = step->span, .text = "count()"};
    const Expr *pair[2] = {expr_column(c->arena, index, type),
                           expr_constant(c->arena, type, (FlowValue){0})};
    const Expr *either[2] = {expr_new(c->arena, EXPR_EQ, bool_type(c, false), pair, 2), condition};
    Expr *whole =
        expr_new(c->arena, EXPR_OR, bool_type(c, condition->type->is_nullable), either, 2);
    return expr_located(c->arena, whole, condition->span, condition->text);
}

static void aggs_name(Checker *c, Aggregation *aggregation) {
    for (uint32_t i = 0; i < aggregation->aggs.count; i++) {
        aggregation->aggs.items[i].name = arena_format(c->arena, "(aggregate %u)", i + 1);
    }
}

Stream *epoch_check(Checker *c, const AstStep *step, Stream *stream) {
    Stream *nothing = stream_new(c); // single rows can't be seen
    nothing->is_unknown = stream->is_unknown;
    Aggregation aggregation = {.input = stream, .has_keys = true, .is_expect = true};
    Scope scope = {.stream = nothing, .aggregation = &aggregation};
    int32_t reaction = epoch_reaction(c, step);
    const Expr *condition = condition_check(c, &scope, step->expr, "`expect`");
    if (condition == NULL || stream->is_unknown) {
        return stream;
    }
    if (!only_counts(&aggregation)) {
        condition = if_any(c, step, &aggregation, condition);
    }
    aggs_name(c, &aggregation);
    c->out->settings.has_epoch_check |= reaction == FLOW_REACTION_FAIL;
    CheckedStep *added = step_add(c, GRAPH_EPOCH_CHECK, step, "expect all", stream);
    added->node.condition = condition;
    added->node.reaction = reaction;
    added->node.check_name = step->name.text;
    added->node.aggs = aggregation.aggs.items;
    added->node.agg_count = aggregation.aggs.count;
    return stream;
}
