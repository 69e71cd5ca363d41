// `overwrite t where condition`: which rows of the table go is asked of rows that no flow has, so
// the condition gets a pipeline of its own over the columns that it reads. The store calls it with
// rows of the table's files, and what it leaves selected is replaced.
#include "lower/lower_internal.h"

// The slots of the columns that the condition reads; those of the others are UINT32_MAX.
static uint32_t *inputs_make(Pipe *pipe, const GraphSink *sink, int32_t *table_columns) {
    Lower *lower = pipe->lower;
    bool *used = arena_array(lower->arena, bool, sink->column_count + 1);
    uint32_t *slots = arena_array(lower->arena, uint32_t, sink->column_count + 1);
    expr_columns(sink->condition, used);
    for (uint32_t i = 0; i < sink->column_count; i++) {
        slots[i] = UINT32_MAX;
        if (used[i]) {
            const Type *type = type_with_null(lower->arena, sink->columns[i].type, true);
            slots[i] = slot_input(pipe, sink->columns[i].name, type);
            table_columns[slots[i]] = (int32_t)i;
        }
    }
    return slots;
}

// Rows of the table, which may hold null wherever other writers have put it.
static GraphNode stored_rows(Lower *lower, const GraphSink *sink) {
    GraphColumn *columns = arena_array(lower->arena, GraphColumn, sink->column_count + 1);
    for (uint32_t i = 0; i < sink->column_count; i++) {
        columns[i] = sink->columns[i];
        columns[i].type = type_with_null(lower->arena, sink->columns[i].type, true);
    }
    return (GraphNode){.columns = columns, .column_count = sink->column_count};
}

void overwrite_condition_lower(Lower *lower, uint32_t index, uint32_t ledger) {
    const GraphNode *node = &lower->graph->nodes.items[index];
    const GraphSink *sink = &lower->graph->sinks.items[node->declaration];
    Pipe pipe = {.lower = lower};
    OpList ops = {0};
    int32_t *table_columns = arena_array(lower->arena, int32_t, sink->column_count + 1);
    SlotMap map = {inputs_make(&pipe, sink, table_columns), ledger};
    GraphNode rows = stored_rows(lower, sink);
    PlanOp *op = op_push(&pipe, &ops, PLAN_KEEP, sink->condition->span, ledger);
    op->expr = expr_lower(&pipe, sink->condition, map, &rows);
    PlanPipeline head = {.name = arena_format(lower->arena, "replaced.%s", sink->name),
                         .input_kind = FLOW_INPUT_CALLED,
                         .input = UINT32_MAX,
                         .table_columns = table_columns,
                         .span = sink->condition->span};
    uint32_t pipeline = pipe_finish(&pipe, &ops, head);
    if (lower->options.skips) {
        condition_tests_find(lower, &lower->plan->pipelines.items[pipeline]);
    }
    *vec_push(lower->arena, &lower->plan->conditions) =
        (PlanCondition){.sink = node->declaration, .pipeline = pipeline};
}
