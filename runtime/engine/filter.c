// A program that reads one table and discards what it lets pass, without a run around it: batches
// that somebody else has read go through its pipeline, and what is still selected then is what he
// wants. Rows on which the condition fails end it, for there is no DLQ that would take them.
#include "engine/run.h"

struct EngineFilter {
    Run run;
    EngineOptions options;
    Worker worker;
    TableReading reading;
    uint8_t *failed; // by row of the batch
};

static bool is_filter(const FlowProgram *program) {
    return program->pipelines_count == 1 && program->pipelines[0].input_kind == FLOW_INPUT_TABLE &&
           program->sinks_count == 1 && program->sinks[0].kind == FLOW_SINK_DISCARD &&
           program->params_count == 0;
}

EngineFilter *engine_filter_new(Sys *sys, const FlowProgram *program) {
    if (!is_filter(program)) {
        return NULL;
    }
    EngineFilter *filter = memory_alloc(sizeof *filter);
    memset(filter, 0, sizeof *filter);
    filter->run = (Run){.sys = sys, .program = program, .options = &filter->options};
    filter->run.now_us = sys_wall_us(sys);
    worker_init(&filter->worker, &filter->run, 0);
    filter->reading = table_reading(
        &filter->run.arena, &program->tables[program->pipelines[0].input], &program->pipelines[0]);
    filter->failed =
        arena_array(&filter->run.arena, uint8_t, FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK);
    return filter;
}

void engine_filter_free(EngineFilter *filter) {
    if (filter == NULL) {
        return;
    }
    worker_free(&filter->worker);
    arena_free(&filter->run.arena);
    memory_free(filter);
}

const TableReading *engine_filter_reading(const EngineFilter *filter) {
    return &filter->reading;
}

Outcome engine_filter_rows(EngineFilter *filter, Batch *batch) {
    Worker *worker = &filter->worker;
    batch_select_all(batch);
    worker->input.batch = batch;
    worker->pairs = (WorkerPairs){
        .batch = &batch->abi, .rejected = filter->failed, .is_stored = true, .site = FLOW_NO_INDEX};
    int32_t status = worker_call(worker, 0, &batch->abi);
    worker->input.batch = NULL;
    ASSERT(status == FLOW_RUN_OK); // nothing in it could stop a run
    if (worker->pairs.site == FLOW_NO_INDEX) {
        return OUTCOME_OK;
    }
    const FlowSite *site = &filter->run.program->sites[worker->pairs.site];
    return sys_fail(filter->run.sys, OUTCOME_STOPPED, "%s (%s)", site->message, site->expression);
}
