// Joins of two streams: both sides are complete before the pipeline of the results begins.
//
// Candidates come in batches of the results' own form. The rest of `on` sees the pairs among them
// and says which match; what goes on is then selected in the same batch.
#include "engine/run.h"

void bands_make(Run *run, const StateOptions *options) {
    const FlowProgram *program = run->program;
    run->bands = arena_array(&run->epoch_arena, BandState *, (size_t)program->bands_count);
    for (int64_t i = 0; i < program->bands_count; i++) {
        run->bands[i] = band_state_new(&program->bands[i], options);
        if (!run_is_batch(run)) {
            band_state_keep(run->bands[i], run->epoch_order);
        }
    }
}

void bands_free(Run *run) {
    for (int64_t i = 0; run->bands != NULL && i < run->program->bands_count; i++) {
        band_state_free(run->sys, run->bands[i]);
    }
}

int32_t flow_rt_band(void *ctx, int32_t index, void *batch, void *slots) {
    Worker *worker = worker_of(ctx);
    StateRows rows = kept_rows(worker, batch, slots);
    BandSide side = index % 2 == 0 ? BAND_LEFT : BAND_RIGHT;
    return kept_status(worker,
                       band_state_add(worker->sys, worker->run->bands[index / 2], side, &rows));
}

static void part_seal(void *user, uint32_t index, uint32_t worker) {
    (void)worker;
    band_state_seal(user, index);
}

// --- the rest of `on` ----------------------------------------------------------------------------

typedef struct Judging {
    int32_t identity[COLUMNS_MAX];
    uint8_t is_match[FLOW_BATCH_ROWS_MAX];
    uint8_t is_rejected[FLOW_BATCH_ROWS_MAX];
} Judging;

// What the residual pipeline leaves selected are the pairs that match.
static Outcome pairs_judge(Worker *worker, const BandState *state, uint32_t residual, Judging *j) {
    FlowBatch *batch = &worker->input.batch->abi;
    uint32_t count = (uint32_t)worker->run->program->pipelines[residual].input_slots;
    ASSERT(count <= COLUMNS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        j->identity[i] = (int32_t)i;
    }
    memset(j->is_match, 0, (size_t)batch->row_count);
    memset(j->is_rejected, 0, (size_t)batch->row_count);
    batch->selected_count = band_state_pairs(state, batch->selection);
    if (batch->selected_count == 0) {
        return OUTCOME_OK;
    }
    Batch *pairs = nested_view(worker, residual, batch, j->identity, count);
    WorkerPairs outer = worker->pairs;
    worker->pairs = (WorkerPairs){.batch = &pairs->abi, .rejected = j->is_rejected};
    int32_t status = worker_call(worker, residual, &pairs->abi);
    worker->pairs = outer;
    ASSERT(status == FLOW_RUN_OK || worker->outcome != OUTCOME_OK);
    const int32_t *selection = pairs->abi.selection;
    for (int32_t i = 0; i < pairs->abi.selected_count; i++) {
        j->is_match[selection[i]] = 1;
    }
    return worker->outcome;
}

// --- results -------------------------------------------------------------------------------------

static Outcome candidates_run(Worker *worker, BandState *state, const FlowBand *desc, Judging *j) {
    Batch *batch = worker->input.batch;
    bool has_residual = desc->residual != FLOW_NO_INDEX;
    size_t rows = (size_t)batch->abi.row_count;
    memset(worker->input.rejections, 0, rows * sizeof(*worker->input.rejections));
    if (has_residual) {
        TRY(pairs_judge(worker, state, (uint32_t)desc->residual, j));
    }
    band_state_judge(state,
                     has_residual ? j->is_match : NULL,
                     has_residual ? j->is_rejected : NULL,
                     &batch->abi);
    return input_batch_run(worker);
}

static Outcome results_run(Worker *worker, BandState *state, const FlowBand *desc) {
    Judging *j = arena_alloc(&worker->arena, sizeof(Judging));
    Batch *batch = worker->input.batch;
    do {
        batch_clear(batch);
        TRY(band_state_next(worker->sys, state, batch));
        if (batch->abi.row_count > 0) {
            TRY(candidates_run(worker, state, desc, j));
        }
    } while (batch->abi.row_count > 0 && !run_is_interrupted(worker->run));
    return OUTCOME_OK;
}

// A row of ours is counted when it is known what becomes of it.
static void counts_settle(const Worker *worker, const FlowBand *desc, BandCounts counts) {
    int64_t *line = worker_line(worker, desc->flow, 0);
    line[FLOW_COUNTER_IN] += counts.met + counts.unmet;
    line[FLOW_COUNTER_ADDED] += counts.results - counts.met;
    line[FLOW_COUNTER_FILTERED] += counts.unmet;
}

static Outcome
state_run(Worker *worker, BandState *state, const FlowBand *desc, const KeptBand *kept) {
    TRY(band_state_finish(worker->sys, state, kept->is_kept ? &kept->keeper : NULL));
    return results_run(worker, state, desc);
}

Outcome band_results(Worker *worker, uint32_t index) {
    Run *run = worker->run;
    const FlowBand *desc = &run->program->bands[index];
    BandState *state = run->bands[index];
    KeptBand kept = {0};
    tasks_run(run->tasks, run->worker_count, part_seal, state);
    Outcome outcome = kept_band_begin(worker, desc, &kept);
    outcome = outcome == OUTCOME_OK ? state_run(worker, state, desc, &kept) : outcome;
    outcome = outcome == OUTCOME_OK ? kept_band_end(&kept) : outcome;
    kept_band_close(worker, &kept);
    TRY(outcome);
    counts_settle(worker, desc, band_state_counts(state));
    band_state_free(worker->sys, state);
    run->bands[index] = NULL;
    return OUTCOME_OK;
}
