// What outlives the pipelines that fill it: lookups.
#include "engine/run.h"

static uint64_t memory_share(const Run *run) {
    const FlowProgram *program = run->program;
    int64_t sharers = program->groups_count + program->lookups_count + program->sorts_count;
    return sharers == 0 ? 0 : (uint64_t)(program->memory_bytes / sharers);
}

static const char *spill_directory(Run *run) {
    if (run->checkpoint_path != NULL) {
        return arena_format(&run->arena, "%s/spill", run->checkpoint_path);
    }
    const char *directory = sys_environment(run->sys, "TMPDIR");
    return directory == NULL || directory[0] == '\0' ? "/tmp" : directory;
}

void kept_make(Run *run) {
    const FlowProgram *program = run->program;
    StateOptions options = {.part_count = run->worker_count,
                            .memory_bytes = memory_share(run),
                            .directory = spill_directory(run)};
    run->lookups = arena_array(&run->arena, Lookup *, (size_t)program->lookups_count);
    run->lookups_finished = arena_array(&run->arena, bool, (size_t)program->lookups_count);
    for (int64_t i = 0; i < program->lookups_count; i++) {
        run->lookups[i] = lookup_new(&program->lookups[i], &options);
    }
}

void kept_free(Run *run) {
    for (int64_t i = 0; run->lookups != NULL && i < run->program->lookups_count; i++) {
        lookup_free(run->sys, run->lookups[i]);
    }
}

// A lookup that has rows has all of them: one pipeline fills it, before those that look something
// up.
Outcome kept_finish(Run *run) {
    for (int64_t i = 0; i < run->program->lookups_count; i++) {
        if (!run->lookups_finished[i] && lookup_has_rows(run->lookups[i])) {
            run->lookups_finished[i] = true;
            TRY(lookup_finish(run->sys, run->lookups[i]));
        }
    }
    return OUTCOME_OK;
}

static StateRows rows_of(const Worker *worker, void *batch, void *slots) {
    return (StateRows){.batch = batch,
                       .slots = slots,
                       .part = (uint32_t)worker->context.worker,
                       .pipeline =
                           (int32_t)(worker->input.pipeline - worker->run->program->pipelines)};
}

int32_t flow_rt_build(void *ctx, int32_t index, void *batch, void *slots) {
    Worker *worker = worker_of(ctx);
    StateRows rows = rows_of(worker, batch, slots);
    ASSERT(!worker->run->lookups_finished[index]);
    Outcome outcome = lookup_add(worker->sys, worker->run->lookups[index], &rows);
    if (outcome != OUTCOME_OK) {
        worker_stop(worker, outcome);
    }
    return outcome == OUTCOME_OK ? FLOW_RUN_OK : FLOW_RUN_STOP;
}

int32_t flow_rt_sort(void *ctx, int32_t index, void *batch, void *slots) {
    (void)ctx, (void)index, (void)batch, (void)slots;
    flow_bug(__FILE__, __LINE__, "sort");
}
