// Workers: each has all that a pipeline's function changes, so that several can run at once.
#include "engine/run.h"

enum { KEY_BYTES_FIRST = 1024, VECTOR_ROWS = FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK };

static void groups_make(Worker *worker) {
    const FlowProgram *program = worker->run->program;
    size_t count = (size_t)program->groups_count;
    FlowGroupTable **tables = arena_array(&worker->arena, FlowGroupTable *, count);
    worker->groups = arena_array(&worker->arena, GroupState *, count);
    for (size_t i = 0; i < count; i++) {
        worker->groups[i] = group_state_new(&program->groups[i]);
        tables[i] = group_state_table(worker->groups[i]);
    }
    worker->context.groups = tables;
}

void worker_init(Worker *worker, Run *run, uint32_t index) {
    const FlowProgram *program = run->program;
    size_t lines = (size_t)(program->flows_count + program->sources_count);
    *worker = (Worker){.run = run, .sys = sys_share(run->sys)};
    worker->context = (FlowContext){
        .runtime = worker,
        .params = run->params,
        .param_nulls = run->param_nulls,
        .counters = arena_array(&worker->arena, int64_t, lines *FLOW_COUNTER_COUNT),
        .key = memory_alloc(KEY_BYTES_FIRST),
        .key_capacity = KEY_BYTES_FIRST,
        .now_us = run->now_us,
        .epoch_order = run->epoch_order,
        .failed_site = FLOW_NO_INDEX,
        .worker = (int32_t)index,
    };
    worker->scratch = arena_array(&worker->arena, WorkerScratch, (size_t)program->pipelines_count);
    worker->input.rejections = arena_array(&worker->arena, uint32_t, FLOW_BATCH_ROWS_MAX);
    groups_make(worker);
}

void worker_free(Worker *worker) {
    for (int64_t i = 0; i < worker->run->program->groups_count; i++) {
        group_state_free(worker->groups[i]);
    }
    worker_batches_free(worker);
    memory_free(worker->context.key);
    buffer_free(&worker->key);
    sys_share_free(worker->sys);
    buffer_free(&worker->raw);
    arena_free(&worker->rejects.arena);
    arena_free(&worker->arena);
}

void worker_stop(Worker *worker, Outcome outcome) {
    if (worker->outcome == OUTCOME_OK) {
        worker->outcome = outcome;
    }
}

// --- nested runs ---------------------------------------------------------------------------------

static WorkerScratch *scratch_of(Worker *worker, uint32_t pipeline) {
    WorkerScratch *scratch = &worker->scratch[pipeline];
    if (scratch->selections == NULL) {
        scratch->selections = arena_array(&worker->arena, int32_t *, FLOW_BRANCH_DEPTH_MAX);
        for (uint32_t i = 0; i < FLOW_BRANCH_DEPTH_MAX; i++) {
            // Untouched: no memory.
            scratch->selections[i] = arena_alloc(&worker->arena, VECTOR_ROWS * sizeof(int32_t));
        }
        scratch->mask = arena_alloc(&worker->arena, VECTOR_ROWS);
    }
    return scratch;
}

static void batch_make(WorkerScratch *scratch, const FlowPipeline *desc) {
    uint32_t count = (uint32_t)desc->slots_count;
    Batch *batch = batch_new(desc->slots, count);
    scratch->batch = batch;
    scratch->fresh = batch->abi;
    scratch->columns = arena_array(&batch->memory, FlowColumn, count);
    memcpy(scratch->columns, batch->abi.columns, count * sizeof(FlowColumn));
    scratch->origins = arena_alloc(&batch->memory, VECTOR_ROWS * sizeof(int32_t));
    scratch->ordinals = arena_alloc(&batch->memory, VECTOR_ROWS * sizeof(int32_t));
}

Batch *worker_batch(Worker *worker, uint32_t pipeline) {
    WorkerScratch *scratch = &worker->scratch[pipeline];
    if (scratch->batch == NULL) {
        batch_make(scratch, &worker->run->program->pipelines[pipeline]);
    }
    Batch *batch = scratch->batch;
    batch->abi = scratch->fresh;
    memcpy(batch->abi.columns, scratch->columns, batch->column_count * sizeof(FlowColumn));
    batch_clear(batch);
    return batch;
}

// Between two outermost pipelines: the next one calls others.
void worker_batches_free(Worker *worker) {
    for (int64_t i = 0; i < worker->run->program->pipelines_count; i++) {
        batch_free(worker->scratch[i].batch);
        worker->scratch[i].batch = NULL;
    }
    worker->input.batch = NULL;
}

int32_t worker_call(Worker *worker, uint32_t pipeline, FlowBatch *batch) {
    FlowContext *ctx = &worker->context;
    const WorkerScratch *scratch = scratch_of(worker, pipeline);
    void *selections = ctx->branch_selections;
    void *mask = ctx->mask;
    Arena *arena = worker->scalar.arena;
    ctx->branch_selections = scratch->selections;
    ctx->mask = scratch->mask;
    worker->scalar.arena = &((Batch *)batch)->arena;
    int32_t status = worker->run->program->pipelines[pipeline].run(ctx, batch);
    worker->scalar.arena = arena;
    ctx->mask = mask;
    ctx->branch_selections = selections;
    return status;
}
