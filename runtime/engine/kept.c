// What outlives the pipelines that fill it: lookups and sorts.
#include "engine/run.h"

void kept_make(Run *run) {
    const FlowProgram *program = run->program;
    StateOptions options = {.part_count = run->worker_count,
                            .memory_bytes = run_memory_share(run),
                            .directory = run_spill_directory(run)};
    run->lookups = arena_array(&run->epoch_arena, Lookup *, (size_t)program->lookups_count);
    run->lookups_finished = arena_array(&run->epoch_arena, bool, (size_t)program->lookups_count);
    for (int64_t i = 0; i < program->lookups_count; i++) {
        run->lookups[i] = lookup_new(&program->lookups[i], &options);
    }
    run->sorts = arena_array(&run->epoch_arena, SortState *, (size_t)program->sorts_count);
    run->source_paths =
        arena_array(&run->epoch_arena, const char **, (size_t)program->sources_count);
    for (int64_t i = 0; i < program->sorts_count; i++) {
        run->sorts[i] = sort_state_new(&program->sorts[i], &options);
    }
    bands_make(run, &options);
}

void kept_free(Run *run) {
    for (int64_t i = 0; run->lookups != NULL && i < run->program->lookups_count; i++) {
        lookup_free(run->sys, run->lookups[i]);
    }
    for (int64_t i = 0; run->sorts != NULL && i < run->program->sorts_count; i++) {
        sort_state_free(run->sys, run->sorts[i]);
    }
    bands_free(run);
}

static void lookup_part_seal(void *user, uint32_t index, uint32_t worker) {
    (void)worker;
    lookup_seal(user, index);
}

static void sort_part_seal(void *user, uint32_t index, uint32_t worker) {
    (void)worker;
    sort_state_seal(user, index);
}

// A lookup that has rows has all of them: one pipeline fills it, before those that look something
// up.
Outcome kept_finish(Run *run) {
    for (int64_t i = 0; i < run->program->lookups_count; i++) {
        if (!run->lookups_finished[i] && lookup_has_rows(run->lookups[i])) {
            run->lookups_finished[i] = true;
            tasks_run(run->tasks, run->worker_count, lookup_part_seal, run->lookups[i]);
            TRY(lookup_finish(run->sys, run->lookups[i]));
        }
    }
    return OUTCOME_OK;
}

StateRows kept_rows(const Worker *worker, void *batch, void *slots) {
    return (StateRows){.batch = batch,
                       .slots = slots,
                       .part = (uint32_t)worker->context.worker,
                       .pipeline = (int32_t)worker->run->feed.index};
}

int32_t kept_status(Worker *worker, Outcome outcome) {
    if (outcome == OUTCOME_OK) {
        return FLOW_RUN_OK;
    }
    worker_stop(worker, outcome);
    return FLOW_RUN_STOP;
}

int32_t flow_rt_build(void *ctx, int32_t index, void *batch, void *slots) {
    Worker *worker = worker_of(ctx);
    StateRows rows = kept_rows(worker, batch, slots);
    ASSERT(!worker->run->lookups_finished[index]);
    return kept_status(worker, lookup_add(worker->sys, worker->run->lookups[index], &rows));
}

// --- sorts --------------------------------------------------------------------------------------

// `unique`, and what fills texts, pass on the rows that came, or reject them.
static bool keeps_place(const FlowSort *desc) {
    return desc->kind == FLOW_SORT_UNIQUE || desc->kind == FLOW_SORT_FILL;
}

// The line of its stage; these have none: what they take has been counted.
static int64_t *line_of_sort(const Worker *worker, const FlowSort *desc) {
    return keeps_place(desc) ? NULL : worker_line(worker, desc->flow, 0);
}

int32_t flow_rt_sort(void *ctx, int32_t index, void *batch, void *slots) {
    Worker *worker = worker_of(ctx);
    StateRows rows = kept_rows(worker, batch, slots);
    int64_t *line = line_of_sort(worker, &worker->run->program->sorts[index]);
    if (line != NULL) {
        line[FLOW_COUNTER_IN] += rows.batch->selected_count;
    }
    return kept_status(worker, sort_state_add(worker->sys, worker->run->sorts[index], &rows));
}

void kept_paths(Run *run, uint32_t source, const Source *opened) {
    if (run->program->sorts_count == 0 || run->source_paths[source] != NULL) {
        return;
    }
    uint32_t count = source_file_count(opened);
    run->source_paths[source] = arena_array(&run->epoch_arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        run->source_paths[source][i] = arena_string(&run->epoch_arena, source_file_path(opened, i));
    }
}

static void marked_reject(Worker *worker, const FlowSort *desc, const uint16_t *marks) {
    FlowBatch *batch = &worker->input.batch->abi;
    int32_t *selection = batch->selection;
    int32_t count = 0;
    for (int32_t row = 0; row < batch->row_count; row++) {
        if (marks[row] == 0) {
            selection[count++] = row;
        } else if (keeps_place(desc)) {
            run_reject_kept(worker, (uint32_t)row, desc->site);
        } else {
            flow_rt_reject(&worker->context, batch, row, desc->aggs[marks[row] - 1].site);
        }
    }
    batch->selected_count = count;
}

static Outcome results_run(Worker *worker, SortState *state, const FlowSort *desc) {
    uint16_t *marks = arena_array(&worker->arena, uint16_t, FLOW_BATCH_ROWS_MAX);
    Batch *batch = worker->input.batch;
    do {
        batch_clear(batch);
        TRY(sort_state_next(worker->sys, state, batch, marks));
        if (batch->abi.row_count > 0) {
            size_t rows = (size_t)batch->abi.row_count;
            memset(worker->input.rejections, 0, rows * sizeof(*worker->input.rejections));
            marked_reject(worker, desc, marks);
            TRY(worker->outcome);
            TRY(input_batch_run(worker));
        }
    } while (batch->abi.row_count > 0 && !run_is_interrupted(worker->run));
    return OUTCOME_OK;
}

// Who needs rows of a table among the others asks for them while the piece runs.
Outcome kept_feed_open(Run *run) {
    RunFeed *feed = &run->feed;
    SortState *state = run->sorts[feed->pipeline->input];
    if (run->program->sorts[feed->pipeline->input].stored_count > 0) {
        return OUTCOME_OK;
    }
    tasks_run(run->tasks, run->worker_count, sort_part_seal, state);
    TRY(kept_sort_begin(run, (uint32_t)feed->pipeline->input));
    TRY(sort_state_finish(feed->sys, state));
    feed->sort_blocks = sort_state_blocks(state);
    return OUTCOME_OK;
}

void kept_feed_close(Run *run) {
    const FlowPipeline *pipeline = run->feed.pipeline;
    if (pipeline->input_kind == FLOW_INPUT_SORT) {
        sort_state_free(run->sys, run->sorts[pipeline->input]);
        run->sorts[pipeline->input] = NULL;
    }
}

static Outcome stored_finish(Worker *worker, uint32_t index) {
    Run *run = worker->run;
    if (run->program->sorts[index].stored_count == 0) {
        return OUTCOME_OK;
    }
    TRY(stored_add(worker, index));
    tasks_run(run->tasks, run->worker_count, sort_part_seal, run->sorts[index]);
    return sort_state_finish(worker->sys, run->sorts[index]);
}

static Outcome kept_results(Worker *worker, uint32_t index) {
    Run *run = worker->run;
    const FlowSort *desc = &run->program->sorts[index];
    TRY(stored_finish(worker, index));
    TRY(results_run(worker, run->sorts[index], desc));
    int64_t *line = line_of_sort(worker, desc);
    if (line != NULL) {
        line[FLOW_COUNTER_FILTERED] += sort_state_filtered(run->sorts[index]);
    }
    return OUTCOME_OK;
}

Outcome kept_piece_run(Worker *worker, const Piece *piece) {
    const RunFeed *feed = &worker->run->feed;
    uint32_t index = (uint32_t)feed->pipeline->input;
    if (feed->sort_blocks == 0) {
        return kept_results(worker, index);
    }
    batch_clear(worker->input.batch);
    sort_state_block(worker->run->sorts[index], piece->first, worker->input.batch);
    return input_batch_run(worker);
}
