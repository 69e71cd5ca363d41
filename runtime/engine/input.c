// Pipelines and what feeds them: sources, tables, groups. What feeds one is opened once and shared;
// each worker has a reader of its own.
#include "engine/run.h"

// None of the batch's rows was rejected yet.
static void rejections_clear(RunInput *input) {
    size_t rows = (size_t)input->batch->abi.row_count;
    memset(input->rejections, 0, rows * sizeof(*input->rejections));
}

// One batch through the pipeline's function.
Outcome input_batch_run(Worker *worker) {
    RunInput *input = &worker->input;
    FlowBatch *batch = &input->batch->abi;
    rejections_clear(input);
    worker->batch_number++;
    int32_t status = worker_call(worker, worker->run->feed.index, batch);
    ASSERT(status == FLOW_RUN_OK || worker->outcome != OUTCOME_OK);
    worker_rejects_settle(worker);
    input->rows_before += batch->row_count;
    return worker->outcome;
}

// Whether the rest of the piece is still wanted.
bool input_goes_on(const Worker *worker) {
    return worker->outcome == OUTCOME_OK && !run_is_interrupted(worker->run) &&
           piece_counts(worker);
}

// --- sources ------------------------------------------------------------------------------------

static Outcome source_feed_open(Run *run) {
    RunFeed *feed = &run->feed;
    const FlowSource *desc = &run->program->sources[feed->pipeline->input];
    feed->is_counted = !run->sources_read[feed->pipeline->input];
    run->sources_read[feed->pipeline->input] = true;
    SourceOptions options = {
        .glob = setting_text(run, desc->path),
        .files = arrivals_of(run, (uint32_t)feed->pipeline->input),
        .again = replay_files(run, (uint32_t)feed->pipeline->input),
        .now_us = run->now_us,
    };
    TRY(source_open(feed->sys, desc, &options, &feed->source));
    kept_paths(run, (uint32_t)feed->pipeline->input, feed->source);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        Worker *worker = &run->workers[i];
        worker->input.desc = desc;
        worker->input.batch->abi.source = feed->pipeline->input;
        worker->input.reader =
            source_reader_new(feed->source, worker->sys, run_reject_record, worker);
    }
    row_times_open(run);
    return OUTCOME_OK;
}

// Rejections while decoding are no rows; those of the contract's checks were.
static Outcome source_batch(Worker *worker) {
    RunInput *input = &worker->input;
    const int64_t *line = worker_line(worker, -1, worker->run->feed.pipeline->input);
    int64_t before = line[FLOW_COUNTER_DLQ];
    TRY(source_reader_next(input->reader, input->batch));
    input->rejected_in_decode += line[FLOW_COUNTER_DLQ] - before;
    input->rows += input->batch->abi.row_count;
    return worker->outcome; // the DLQ could not take a record
}

static Outcome source_piece_run(Worker *worker, const Piece *piece) {
    TRY(source_reader_begin(worker->input.reader, &piece->text));
    row_times_begin(worker);
    TRY(row_times_batch(worker));
    TRY(source_batch(worker));
    while (worker->input.batch->abi.row_count > 0 && input_goes_on(worker)) {
        TRY(input_batch_run(worker));
        TRY(row_times_batch(worker));
        TRY(source_batch(worker));
    }
    return row_times_finish(worker);
}

// Rows that the decoder has left out are the flow's filtered rows: the ledger does not show who
// applied the condition.
static void source_settle(Worker *worker, int64_t left_out) {
    const RunInput *input = &worker->input;
    int64_t *line = worker_line(worker, -1, worker->run->feed.pipeline->input);
    int64_t filtered = source_reader_filtered(input->reader) + left_out;
    int64_t left = line[FLOW_COUNTER_DLQ] + line[FLOW_COUNTER_DROPPED] - input->rejected_in_decode;
    line[FLOW_COUNTER_IN] += source_reader_records(input->reader) + left_out;
    line[FLOW_COUNTER_UNKNOWN] += source_reader_unknown(input->reader);
    line[FLOW_COUNTER_OUT] += input->rows - left;
    if (input->desc->test_flow == FLOW_NO_INDEX) {
        line[FLOW_COUNTER_FILTERED] += filtered;
        return;
    }
    line[FLOW_COUNTER_OUT] += filtered;
    int64_t *flow_line = worker_line(worker, input->desc->test_flow, 0);
    flow_line[FLOW_COUNTER_IN] += filtered;
    flow_line[FLOW_COUNTER_FILTERED] += filtered;
}

static void positions_add(Run *run) {
    const Source *source = run->feed.source;
    const FlowSource *desc = &run->program->sources[run->feed.pipeline->input];
    Buffer *out = &run->positions;
    int64_t records = source_left_out(source);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        records += source_reader_records(run->workers[i].input.reader);
    }
    buffer_text(out, out->length == 0 ? "{" : ",");
    buffer_json_string(out, desc->name, strlen(desc->name));
    buffer_format(out, ":{\"records\":%lld,\"files\":[", (long long)records);
    for (uint32_t i = 0; i < source_files_begun(source); i++) {
        const char *path = source_file_path(source, i);
        buffer_text(out, i > 0 ? "," : "");
        buffer_json_string(out, path, strlen(path));
    }
    buffer_text(out, "]}");
}

static void source_feed_end(Run *run) {
    row_times_end(run);
    arrivals_fix(run, (uint32_t)run->feed.pipeline->input, run->feed.source);
    for (uint32_t i = 0; run->feed.is_counted && i < run->worker_count; i++) {
        source_settle(&run->workers[i], i == 0 ? source_left_out(run->feed.source) : 0);
    }
    if (run->feed.is_counted) {
        positions_add(run);
        run->bytes_in += source_bytes_read(run->feed.source);
    }
    run->progress.bytes_done += source_bytes_read(run->feed.source);
}

// --- groups -------------------------------------------------------------------------------------

// What the workers have gathered becomes one: from here on it is only read.
static Outcome group_feed_open(Run *run) {
    RunFeed *feed = &run->feed;
    run->groups_read[feed->pipeline->input] = true;
    if (kept_groups_wanted(run, (uint32_t)feed->pipeline->input)) {
        TRY(group_spill_all(run, (uint32_t)feed->pipeline->input));
        feed->spill = run->spills[feed->pipeline->input];
        return kept_groups_begin(run, (uint32_t)feed->pipeline->input);
    }
    feed->spill = run->spills[feed->pipeline->input];
    if (feed->spill != NULL) {
        return group_spill_rest(run, (uint32_t)feed->pipeline->input);
    }
    GroupState **states = arena_array(&run->epoch_arena, GroupState *, run->worker_count);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        states[i] = run->workers[i].groups[feed->pipeline->input];
    }
    feed->groups = states[0];
    group_states_merge(states, run->worker_count, run->tasks);
    group_state_order(feed->groups, run->tasks);
    return OUTCOME_OK;
}

// What comes later can have its memory.
static void group_feed_close(Run *run) {
    int32_t group = run->feed.pipeline->input;
    for (uint32_t i = 0; run->feed.groups != NULL && i < run->worker_count; i++) {
        group_state_free(run->workers[i].groups[group]);
        run->workers[i].groups[group] = NULL;
    }
}

// Results that overflow leave here, before the pipeline sees them.
static void overflow_reject(Worker *worker) {
    const Run *run = worker->run;
    const FlowGroup *group = &run->program->groups[run->feed.pipeline->input];
    FlowBatch *batch = &worker->input.batch->abi;
    int32_t *selection = batch->selection;
    int32_t count = 0;
    rejections_clear(&worker->input);
    for (int32_t row = 0; row < batch->row_count; row++) {
        uint16_t overflow = worker->input.overflow[row];
        if (overflow == 0) {
            selection[count++] = row;
            continue;
        }
        int32_t site = group->aggs[overflow - 1].site;
        worker_line(worker, run->program->sites[site].flow, 0)[FLOW_COUNTER_IN]++;
        flow_rt_reject(&worker->context, batch, row, site);
    }
    batch->selected_count = count;
}

static bool is_within(Piece *piece, uint64_t first, uint64_t count) {
    piece->first = first;
    return first < count;
}

// What is read from files is read in order, so when the piece is cut.
static Outcome group_piece_cut(Run *run, Piece *piece, bool *has_piece) {
    RunFeed *feed = &run->feed;
    if (feed->spill == NULL) {
        *has_piece = is_within(
            piece, run->pieces.cut * FLOW_BATCH_ROWS_MAX, group_state_count(feed->groups));
        return OUTCOME_OK;
    }
    if (piece->results == NULL) {
        piece->results = batch_new(feed->pipeline->slots, (uint32_t)feed->pipeline->slots_count);
    }
    if (piece->overflow == NULL) {
        piece->overflow = arena_array(&run->epoch_arena, uint16_t, FLOW_BATCH_ROWS_MAX);
    }
    TRY(group_spill_next(feed->sys, feed->spill, piece->results, piece->overflow));
    *has_piece = piece->results->abi.row_count > 0;
    return OUTCOME_OK;
}

static Outcome spilled_piece_run(Worker *worker, const Piece *piece) {
    RunInput *input = &worker->input;
    Batch *batch = input->batch;
    uint16_t *overflow = input->overflow;
    input->batch = piece->results;
    input->overflow = piece->overflow;
    overflow_reject(worker);
    Outcome outcome = input_batch_run(worker);
    input->batch = batch;
    input->overflow = overflow;
    return outcome;
}

static Outcome group_piece_run(Worker *worker, const Piece *piece) {
    RunInput *input = &worker->input;
    uint64_t cursor = piece->first;
    if (worker->run->feed.spill != NULL) {
        return spilled_piece_run(worker, piece);
    }
    if (input->overflow == NULL) {
        input->overflow = arena_array(&worker->arena, uint16_t, FLOW_BATCH_ROWS_MAX);
    }
    batch_clear(input->batch);
    bool has_rows =
        group_state_next(worker->run->feed.groups, &cursor, input->batch, input->overflow);
    ASSERT(has_rows);
    overflow_reject(worker);
    return input_batch_run(worker);
}

// --- pieces -------------------------------------------------------------------------------------

Outcome input_cut(Run *run, Piece *piece, bool *has_piece) {
    RunFeed *feed = &run->feed;
    Outcome outcome = OUTCOME_OK;
    switch ((FlowInputKind)feed->pipeline->input_kind) {
    case FLOW_INPUT_SOURCE:
        if (feed->is_counted && run->replay == NULL && epoch_is_due(run)) {
            source_stop(feed->source);
        }
        outcome = source_cut(feed->source, &piece->text, has_piece);
        piece->bytes_read = source_bytes_read(feed->source);
        break;
    case FLOW_INPUT_TABLE:
        outcome = delta_scan_cut(feed->scan, &piece->table, has_piece);
        break;
    case FLOW_INPUT_GROUP:
        outcome = group_piece_cut(run, piece, has_piece);
        break;
    case FLOW_INPUT_SORT:
        *has_piece =
            is_within(piece, run->pieces.cut, feed->sort_blocks == 0 ? 1 : feed->sort_blocks);
        break;
    case FLOW_INPUT_BAND:
        *has_piece = is_within(piece, run->pieces.cut, 1); // Its rows come out one by one.
        break;
    case FLOW_INPUT_CALLED:
        ASSERT(false); // by others, within their runs
    }
    if (outcome != OUTCOME_OK) {
        piece->failure = feed->sys->failure;
    }
    return outcome;
}

Outcome input_run(Worker *worker, Piece *piece) {
    Outcome outcome = OUTCOME_OK;
    worker->input.rows_before = 0;
    switch ((FlowInputKind)worker->run->feed.pipeline->input_kind) {
    case FLOW_INPUT_SOURCE:
        piece->records = -source_reader_records(worker->input.reader);
        outcome = source_piece_run(worker, piece);
        piece->records += source_reader_records(worker->input.reader);
        break;
    case FLOW_INPUT_TABLE:
        outcome = table_piece_run(worker, piece);
        break;
    case FLOW_INPUT_GROUP:
        outcome = group_piece_run(worker, piece);
        break;
    case FLOW_INPUT_SORT:
        outcome = kept_piece_run(worker, piece);
        break;
    case FLOW_INPUT_BAND:
        outcome = band_results(worker, (uint32_t)worker->run->feed.pipeline->input);
        break;
    case FLOW_INPUT_CALLED:
        ASSERT(false);
    }
    piece->rows = worker->input.rows_before;
    return outcome;
}

// --- feeds --------------------------------------------------------------------------------------

static Outcome feed_open(Run *run) {
    switch ((FlowInputKind)run->feed.pipeline->input_kind) {
    case FLOW_INPUT_SOURCE:
        return source_feed_open(run);
    case FLOW_INPUT_TABLE:
        return table_feed_open(run);
    case FLOW_INPUT_GROUP:
        return group_feed_open(run);
    case FLOW_INPUT_SORT:
        return kept_feed_open(run);
    case FLOW_INPUT_BAND:
    case FLOW_INPUT_CALLED:
        break;
    }
    return OUTCOME_OK;
}

static void feed_close(Run *run) {
    RunFeed *feed = &run->feed;
    for (uint32_t i = 0; i < run->worker_count; i++) {
        RunInput *input = &run->workers[i].input;
        source_reader_free(input->reader);
        delta_scan_close(input->scan);
        worker_batches_free(&run->workers[i]);
    }
    row_times_close(run);
    kept_groups_close(run);
    kept_feed_close(run);
    group_feed_close(run);
    source_close(feed->source);
    delta_scan_close(feed->scan);
    if (feed->table != NULL) {
        delta_close(feed->table);
    }
    if (run->sys->failure.outcome == OUTCOME_OK) {
        run->sys->failure = feed->sys->failure;
    }
    sys_share_free(feed->sys);
    run->feed = (RunFeed){0};
}

static Outcome pipeline_run(Run *run, uint32_t index) {
    const FlowPipeline *pipeline = &run->program->pipelines[index];
    run->feed = (RunFeed){
        .pipeline = pipeline, .index = index, .sys = sys_share(run->sys), .is_counted = true};
    for (uint32_t i = 0; i < run->worker_count; i++) {
        Worker *worker = &run->workers[i];
        worker->input = (RunInput){
            .batch = worker_batch(worker, index),
            .rejections = worker->input.rejections,
            .overflow = worker->input.overflow,
        };
    }
    Outcome outcome = feed_open(run);
    outcome = outcome == OUTCOME_OK ? pieces_run(run) : outcome;
    if (outcome == OUTCOME_OK && run->feed.source != NULL) {
        source_feed_end(run);
    }
    if (outcome == OUTCOME_OK && run->feed.scan != NULL) {
        table_feed_end(run);
    }
    outcome = outcome == OUTCOME_OK ? kept_groups_end(run) : outcome;
    feed_close(run);
    ledger_collect(run);
    return outcome;
}

Outcome run_pipelines(Run *run) {
    for (uint32_t i = 0; i < (uint32_t)run->program->pipelines_count; i++) {
        const FlowPipeline *pipeline = &run->program->pipelines[i];
        if (pipeline->input_kind != FLOW_INPUT_CALLED && !replay_skips(run, pipeline)) {
            TRY(kept_finish(run));
            TRY(pipeline_run(run, i));
        }
        if (run_is_interrupted(run)) {
            return OUTCOME_OK; // the caller asks for the signal before it goes on
        }
    }
    return OUTCOME_OK;
}
