// Rows that are kept until all are there and then taken key by key in order: top, dedup, running; a
// WAIT is a top of all rows.
#include "lower/lower_internal.h"

typedef struct Sorting {
    Pipe *pipe;
    const GraphNode *node;
    const GraphNode *input;
    SlotMap map;
    OpList *ops;
    VEC(PlanSlot) columns; // of the state
    VEC(int32_t) slots;    // where they come from
    uint32_t along;        // the first column that goes along
    int32_t *places;       // [column of the input]: its place in `columns`, or -1
} Sorting;

static Arena *arena_of(const Sorting *s) {
    return s->pipe->lower->arena;
}

static int32_t column_add(Sorting *s, const char *name, const Type *type, uint32_t slot) {
    *vec_push(arena_of(s), &s->columns) = (PlanSlot){.name = name, .type = type, .is_used = true};
    *vec_push(arena_of(s), &s->slots) = (int32_t)slot;
    return (int32_t)s->columns.count - 1;
}

static int32_t value_add(Sorting *s, const char *name, const Expr *value) {
    uint32_t slot = value_lower(s->pipe, value, name, s->map, s->input, s->ops);
    return column_add(s, name, value->type, slot);
}

static const char *value_name(const Sorting *s, const Expr *value, const char *otherwise) {
    return value->op == EXPR_COLUMN ? s->input->columns[value->index].name : otherwise;
}

// The event time goes along even if nobody reads it: rows come by it where nothing else orders
// them.
static void along_add(Sorting *s, const bool *needed) {
    s->along = s->columns.count;
    for (uint32_t i = 0; i < s->input->column_count; i++) {
        const GraphColumn *column = &s->node->columns[i];
        bool is_kept = needed[i] || (int32_t)i == s->node->event_time;
        s->places[i] = is_kept ? column_add(s, column->name, column->type, s->map.slots[i]) : -1;
    }
}

static const int32_t *aggs_add(Sorting *s, PlanAgg *aggs, uint32_t ledger) {
    Lower *lower = s->pipe->lower;
    int32_t *columns = arena_array(lower->arena, int32_t, 2 * s->node->agg_count + 1);
    for (uint32_t i = 0; i < s->node->agg_count; i++) {
        const GraphAgg *agg = &s->node->aggs[i];
        const Expr *argument = agg_argument(lower, agg);
        aggs[i] = agg_lower(lower, agg, ledger);
        columns[2 * i] = argument == NULL ? -1 : value_add(s, "(argument)", argument);
        columns[2 * i + 1] = agg->second == NULL ? -1 : value_add(s, "(argument)", agg->second);
    }
    return columns;
}

static FlowSortKind sort_kind(const GraphNode *node) {
    if (node->op == GRAPH_DEDUP) {
        return node->is_unique ? FLOW_SORT_UNIQUE : FLOW_SORT_DEDUP;
    }
    if (node->op == GRAPH_FILL) {
        return FLOW_SORT_FILL;
    }
    return node->op == GRAPH_RUNNING ? FLOW_SORT_RUNNING : FLOW_SORT_TOP;
}

// `unique` and what fills texts belong to the step that they stand before.
static bool has_no_line(const GraphNode *node) {
    return node->is_unique || node->op == GRAPH_FILL;
}

static bool has_gone(const GraphNode *node) {
    return node->op == GRAPH_FILL && node->condition != NULL;
}

static void sort_declare(Sorting *s, uint32_t index) {
    Lower *lower = s->pipe->lower;
    const GraphNode *node = s->node;
    uint32_t ledger = lower->stage_flows[index];
    PlanSort sort = {.operator_id = node->operator_id,
                     .kind = sort_kind(node),
                     .flow = ledger,
                     .key_count = node->value_count,
                     .order_count = node->order_count,
                     .is_descending = node->is_descending,
                     .has_place = node->has_place,
                     .keep_last = node->keep_last,
                     .site = -1,
                     .limit = node->op == GRAPH_WAIT ? INT64_MAX : node->count,
                     .sink = node->stored == NULL ? 0 : node->declaration,
                     .stored = node->stored,
                     .fill_count = node->fill_count,
                     .has_gone = has_gone(node),
                     .within_us = node->within_us};
    PlanAgg *aggs = arena_array(lower->arena, PlanAgg, node->agg_count + 1);
    along_add(s, lower->needed[index]);
    sort.agg_columns = aggs_add(s, aggs, ledger);
    sort.aggs = aggs;
    sort.agg_count = node->agg_count;
    sort.event_time = node->event_time < 0 ? -1 : s->places[node->event_time];
    bool is_dedup = node->op == GRAPH_DEDUP && !node->is_unique;
    sort.watermark = is_dedup ? watermark_of(lower, index) : -1;
    sort.window_end = node->window_end; // an index of the keys, which stand first
    if (has_no_line(node)) {
        PlanSiteId id = node->is_unique ? SITE_UNIQUE : SITE_UNCHANGED;
        sort.site = (int32_t)site_add(lower, id, s->map.ledger, node->span, node->check_name);
    }
    if (node->stored != NULL) {
        sort.stored_count =
            node->value_count + (node->op == GRAPH_FILL ? node->fill_count : node->order_count + 1);
    }
    sort.columns = s->columns.items;
    sort.column_count = s->columns.count;
    lower->state_indexes[index] = lower->plan->sorts.count;
    *vec_push(lower->arena, &lower->plan->sorts) = sort;
}

void sort_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphNode *input = graph_at(lower->graph, node->input);
    Sorting s = {.pipe = pipe, .node = node, .input = input, .map = map, .ops = ops};
    s.places = arena_array(lower->arena, int32_t, input->column_count + 1);
    for (uint32_t i = 0; i < node->value_count; i++) {
        value_add(&s, value_name(&s, node->values[i], "(key)"), node->values[i]);
    }
    for (uint32_t i = 0; i < node->order_count; i++) {
        value_add(&s, value_name(&s, node->orders[i], "(order)"), node->orders[i]);
    }
    for (uint32_t i = 0; i < node->fill_count; i++) {
        value_add(&s, value_name(&s, node->fills[i], "(text)"), node->fills[i]);
    }
    if (has_gone(node)) {
        value_add(&s, "(gone)", node->condition);
    }
    if (has_no_line(node)) {
        lower->stage_flows[index] = map.ledger;
    }
    sort_declare(&s, index);
    lower->sort_places[index] = s.places;
    bool is_counted = map.ledger < lower->ledger_sources && !has_no_line(node);
    PlanOp *op = op_push(pipe, ops, PLAN_SORT, node->span, is_counted ? map.ledger : UINT32_MAX);
    op->target = lower->state_indexes[index];
    op->slots = s.slots.items;
    op->slot_count = s.slots.count;
}

uint32_t *sort_inputs(Pipe *pipe, uint32_t index) {
    Lower *lower = pipe->lower;
    const GraphNode *node = &lower->graph->nodes.items[index];
    uint32_t passed = graph_at(lower->graph, node->input)->column_count;
    const PlanSort *sort = &lower->plan->sorts.items[lower->state_indexes[index]];
    uint32_t first = sort->key_count + sort->order_count + sort->fill_count + sort->has_gone;
    for (uint32_t i = first; i < sort->column_count; i++) {
        slot_input(pipe, sort->columns[i].name, sort->columns[i].type);
    }
    uint32_t *slots = arena_array(lower->arena, uint32_t, node->column_count + 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        if (i >= passed) {
            slots[i] = slot_input(pipe, node->columns[i].name, node->columns[i].type);
        } else {
            int32_t place = lower->sort_places[index][i];
            slots[i] = place < 0 ? UINT32_MAX : (uint32_t)place - first;
        }
    }
    return slots;
}
