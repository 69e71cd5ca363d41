// Rows that go into groups: `group`, and the aggregates of an `expect` about a whole epoch, which
// are a group without keys beside the flow, uncounted, whose one result is judged at the end.
#include "lower/lower_internal.h"

enum { SESSION_REACH = 2 }; // the third bound

const Expr *agg_argument(Lower *lower, const GraphAgg *agg) {
    if (agg->condition == NULL) {
        return agg->argument;
    }
    if (agg->argument == NULL) {
        return agg->condition;
    }
    const Type *type = type_with_null(lower->arena, agg->argument->type, true);
    const Expr **arguments = arena_array(lower->arena, const Expr *, 3);
    arguments[0] = agg->condition;
    arguments[1] = agg->argument;
    arguments[2] = expr_null(lower->arena, type);
    Expr *choice = expr_new(lower->arena, EXPR_IF, type, arguments, 3);
    return expr_located(lower->arena, choice, agg->span, agg->text);
}

static FlowAggKind agg_kind(const GraphAgg *agg) {
    bool is_conditional_count = agg->argument == NULL && agg->condition != NULL;
    return is_conditional_count ? FLOW_AGG_COUNT_IF : agg->kind;
}

PlanAgg agg_lower(Lower *lower, const GraphAgg *agg, uint32_t ledger) {
    const Expr *argument = agg_argument(lower, agg);
    uint32_t site = site_add(lower, SITE_AGGREGATE_OVERFLOW, ledger, agg->span, agg->text);
    return (PlanAgg){.kind = agg_kind(agg),
                     .input = argument == NULL ? NULL : argument->type,
                     .second = agg->second == NULL ? NULL : agg->second->type,
                     .result = agg->type,
                     .site = site};
}

static void group_declare(Pipe *pipe, uint32_t index) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    uint32_t ledger = lower->stage_flows[index];
    PlanSlot *keys = arena_array(lower->arena, PlanSlot, node->value_count + 1);
    for (uint32_t i = 0; i < node->value_count; i++) {
        keys[i] = (PlanSlot){
            .name = node->columns[i].name, .type = node->columns[i].type, .is_used = true};
    }
    PlanAgg *aggs = arena_array(lower->arena, PlanAgg, node->agg_count + 1);
    uint32_t agg_count = 0;
    for (uint32_t i = 0; i < node->agg_count; i++) {
        if (agg_is_needed(lower, index, i)) {
            aggs[agg_count++] = agg_lower(lower, &node->aggs[i], ledger);
        }
    }
    bool has_end = node->window_end >= 0 || node->session_gap_us > 0;
    lower->state_indexes[index] = lower->plan->groups.count;
    *vec_push(lower->arena, &lower->plan->groups) =
        (PlanGroup){.operator_id = node->operator_id,
                    .flow = ledger,
                    .keys = keys,
                    .key_count = node->value_count,
                    .window_end = node->window_end,
                    .watermark = has_end ? watermark_of(lower, index) : -1,
                    .emit = node->emit,
                    .every_us = node->every_us,
                    .update_us = node->update_us,
                    .session_gap_us = node->session_gap_us,
                    .session_reach = node->session_bounds > SESSION_REACH ? SESSION_REACH : 0,
                    .aggs = aggs,
                    .agg_count = agg_count};
}

static void rows_take(Pipe *pipe, uint32_t index, SlotMap map, uint32_t counted, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    int32_t *slots =
        arena_array(lower->arena, int32_t, node->value_count + node->agg_count * 2 + 1);
    uint32_t count = node->value_count;
    for (uint32_t i = 0; i < node->value_count; i++) {
        slots[i] =
            (int32_t)value_lower(pipe, node->values[i], node->columns[i].name, map, input, ops);
    }
    for (uint32_t i = 0; i < node->agg_count; i++) {
        const GraphAgg *agg = &node->aggs[i];
        const Expr *arguments[2] = {agg_argument(lower, agg), agg->second};
        uint32_t given = agg_is_needed(lower, index, i) ? COUNT_OF(arguments) : 0;
        for (uint32_t a = 0; a < given; a++) {
            bool has = arguments[a] != NULL;
            slots[count++] =
                has ? (int32_t)value_lower(pipe, arguments[a], agg->name, map, input, ops) : -1;
        }
    }
    bool has_time = input->event_time >= 0 && aggs_are_ordered(node);
    slots[count++] = has_time ? (int32_t)map.slots[input->event_time] : -1;
    group_declare(pipe, index);
    PlanOp *op = op_push(pipe, ops, PLAN_GROUP, node->span, counted);
    op->target = lower->state_indexes[index];
    op->slots = slots;
    op->slot_count = count;
}

void group_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    rows_take(pipe, index, map, map.ledger, ops);
}

void epoch_check_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    pipe->lower->stage_flows[index] = map.ledger;
    rows_take(pipe, index, map, UINT32_MAX, ops);
    consumers_lower(pipe, index, map, ops);
}

void epoch_check_pipeline(Lower *lower, uint32_t index) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    uint32_t ledger = lower->stage_flows[index];
    GraphColumn *columns = arena_array(lower->arena, GraphColumn, node->agg_count + 1);
    uint32_t *slots = arena_array(lower->arena, uint32_t, node->agg_count + 1);
    Pipe pipe = {.lower = lower};
    for (uint32_t i = 0; i < node->agg_count; i++) {
        columns[i] = (GraphColumn){.name = node->aggs[i].name, .type = node->aggs[i].type};
        slots[i] = slot_input(&pipe, columns[i].name, columns[i].type);
    }
    GraphNode row = {.columns = columns, .column_count = node->agg_count};
    OpList ops = {0};
    const Expr *condition = expr_lower(&pipe, node->condition, (SlotMap){slots, ledger}, &row);
    PlanOp *op = op_push(&pipe, &ops, PLAN_CHECK, node->span, ledger);
    op->expr = condition;
    op->reaction = node->reaction;
    op->site = check_site_add(lower, SITE_EXPECT, ledger, node);
    uint32_t group = lower->state_indexes[index];
    pipe_finish(&pipe,
                &ops,
                (PlanPipeline){.name = arena_format(lower->arena, "check.%u", group),
                               .input_kind = FLOW_INPUT_GROUP,
                               .input = group,
                               .span = node->span});
}
