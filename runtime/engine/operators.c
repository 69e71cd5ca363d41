// Operators that hand rows to other pipelines as they are, or one for each element of a list.
#include "engine/run.h"

int32_t flow_rt_forward(void *ctx, int32_t index, void *batch, void *slots) {
    Worker *worker = worker_of(ctx);
    const FlowBatch *from = batch;
    uint32_t pipeline = (uint32_t)index;
    if (from->selected_count == 0) {
        return FLOW_RUN_OK;
    }
    uint32_t count = (uint32_t)worker->run->program->pipelines[pipeline].input_slots;
    return worker_call(worker, pipeline, &nested_view(worker, pipeline, from, slots, count)->abi);
}

// --- unnest -------------------------------------------------------------------------------------

typedef struct Unnesting {
    Worker *worker;
    const FlowExpand *expand;
    const FlowBatch *from;
    const int32_t *along; // slots
    uint32_t element;     // the target's slot behind those that go along
    Batch *to;
    uint32_t count;
    int32_t rows[FLOW_BATCH_ROWS_MAX];
} Unnesting;

static int32_t unnest_flush(Unnesting *u) {
    if (u->count == 0) {
        return FLOW_RUN_OK;
    }
    NestedPick pick = {.from = u->from,
                       .slots = u->along,
                       .slot_count = u->element,
                       .rows = u->rows,
                       .row_count = u->count};
    nested_fill(u->worker, (uint32_t)u->expand->target, u->to, &pick);
    int32_t status = worker_call(u->worker, (uint32_t)u->expand->target, &u->to->abi);
    u->to = worker_batch(u->worker, (uint32_t)u->expand->target);
    u->count = 0;
    return status;
}

static int32_t element_add(Unnesting *u, int32_t row, const FlowValue *value) {
    if (value == NULL) {
        batch_set_null(u->to, u->element, u->count);
    } else {
        batch_set(u->to, u->element, u->count, *value);
    }
    u->rows[u->count++] = row;
    return u->count < FLOW_BATCH_ROWS_MAX ? FLOW_RUN_OK : unnest_flush(u);
}

static int32_t row_unnest(Unnesting *u, int32_t row, const FlowNested *list) {
    int64_t *line = worker_line(u->worker, u->expand->flow, 0);
    int64_t count = list == NULL ? 0 : list->count;
    if (count == 0 && u->expand->keep_empty) {
        return element_add(u, row, NULL);
    }
    line[FLOW_COUNTER_FILTERED] += count == 0;
    line[FLOW_COUNTER_ADDED] += count == 0 ? 0 : count - 1;
    for (int64_t i = 0; i < count; i++) {
        bool is_there = list->validity == NULL || list->validity[i] != 0;
        int32_t status = element_add(u, row, is_there ? &list->items[i] : NULL);
        if (status != FLOW_RUN_OK) {
            return status;
        }
    }
    return FLOW_RUN_OK;
}

static int32_t rows_unnest(Unnesting *u, int32_t list_slot) {
    const FlowColumn *lists = &((const FlowColumn *)u->from->columns)[list_slot];
    const FlowNested *const *values = lists->values;
    const uint8_t *validity = lists->validity;
    const int32_t *selection = u->from->selection;
    for (int32_t i = 0; i < u->from->selected_count; i++) {
        int32_t row = selection[i];
        bool is_there = validity == NULL || validity[row] != 0;
        int32_t status = row_unnest(u, row, is_there ? values[row] : NULL);
        if (status != FLOW_RUN_OK) {
            return status;
        }
    }
    return unnest_flush(u);
}

int32_t flow_rt_unnest(void *ctx, int32_t index, void *batch, void *slots) {
    Worker *worker = worker_of(ctx);
    const FlowProgram *program = worker->run->program;
    const FlowExpand *expand = &program->expands[index];
    const int32_t *from_slots = slots;
    Unnesting *u = memory_alloc(sizeof(Unnesting));
    u->worker = worker;
    u->expand = expand;
    u->from = batch;
    u->along = from_slots + 1;
    u->element = (uint32_t)program->pipelines[expand->target].input_slots - 1;
    u->to = worker_batch(worker, (uint32_t)expand->target);
    u->count = 0;
    int32_t status = rows_unnest(u, from_slots[0]);
    memory_free(u);
    return status;
}
