// The condition of an `overwrite … where`, asked of rows of a table's files: the store calls, on
// several threads at once, and each has a worker of its own for the condition's pipeline. A row on
// which it fails belongs to no flow, so it is no rejection: it ends the write.
#include "engine/run.h"

typedef struct Judge {
    Worker worker;
    const FlowSink *sink;
    uint8_t *failed; // by row of the batch
    int32_t *slots;
} Judge;

typedef struct ConditionUser {
    Run *run;
    const FlowSink *sink;
} ConditionUser;

static void *judge_new(const void *user, Sys *sys, int64_t clock_us) {
    const ConditionUser *of = user;
    Judge *judge = memory_alloc(sizeof(*judge));
    *judge = (Judge){.sink = of->sink};
    worker_init(&judge->worker, of->run, 0);
    sys_share_free(judge->worker.sys);
    judge->worker.sys = sys;
    judge->worker.context.now_us = clock_us;
    Arena *arena = &judge->worker.arena;
    int64_t count = of->run->program->pipelines[of->sink->condition].input_slots;
    judge->failed = arena_array(arena, uint8_t, FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK);
    judge->slots = arena_array(arena, int32_t, (size_t)count + 1);
    for (int64_t i = 0; i < count; i++) {
        judge->slots[i] = (int32_t)i;
    }
    return judge;
}

static void judge_free(void *user) {
    Judge *judge = user;
    judge->worker.sys = NULL; // the store's
    worker_free(&judge->worker);
    memory_free(judge);
}

static Outcome failure_tell(Judge *judge, int32_t site_index) {
    const FlowSite *site = &judge->worker.run->program->sites[site_index];
    return sys_fail(judge->worker.sys, OUTCOME_REFUSED, "%s (%s)", site->message, site->expression);
}

static Outcome rows_judge(void *user, Batch *batch) {
    Judge *judge = user;
    Worker *worker = &judge->worker;
    uint32_t pipeline = (uint32_t)judge->sink->condition;
    uint32_t count = (uint32_t)worker->run->program->pipelines[pipeline].input_slots;
    Batch *view = nested_view(worker, pipeline, &batch->abi, judge->slots, count);
    worker->pairs = (WorkerPairs){
        .batch = &view->abi, .rejected = judge->failed, .is_stored = true, .site = FLOW_NO_INDEX};
    int32_t status = worker_call(worker, pipeline, &view->abi);
    ASSERT(status == FLOW_RUN_OK); // a condition has no check that could stop it
    if (worker->pairs.site != FLOW_NO_INDEX) {
        return failure_tell(judge, worker->pairs.site);
    }
    batch->abi.selected_count = view->abi.selected_count;
    memcpy(batch->abi.selection,
           view->abi.selection,
           (size_t)view->abi.selected_count * sizeof(int32_t));
    return OUTCOME_OK;
}

const DeltaCondition *overwrite_condition(Run *run, const FlowSink *sink) {
    if (sink->kind != FLOW_SINK_TABLE_OVERWRITE || sink->condition_text == NULL) {
        return NULL;
    }
    const FlowPipeline *pipeline = &run->program->pipelines[sink->condition];
    ConditionUser *user = arena_new(&run->epoch_arena, ConditionUser);
    *user = (ConditionUser){.run = run, .sink = sink};
    DeltaCondition *condition = arena_new(&run->epoch_arena, DeltaCondition);
    *condition = (DeltaCondition){
        .text = sink->condition_text,
        .columns = pipeline->slots,
        .column_count = (uint32_t)pipeline->input_slots,
        .tests = pipeline->tests,
        .test_count = pipeline->tests_count,
        .user = user,
        .judge_new = judge_new,
        .judge = rows_judge,
        .judge_free = judge_free,
    };
    return condition;
}
