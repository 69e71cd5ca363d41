// The watermark of each row: that of its source just before it, whoever reads the records before it
// (docs/decisions/153).
//
// A piece is read while those before it still are, so their greatest event time may not be known
// when its rows come. Then the batches of the piece are held back, each with what it has given to
// the DLQ so far, until it is; so what leaves the piece, and in which order, is the same in any
// case. Files that are not cut as text are not held: their batches point into what the next one
// overwrites.
#include "engine/run.h"

static bool is_watched(const Run *run) {
    const FlowPipeline *pipeline = run->feed.pipeline;
    const FlowSource *source = &run->program->sources[pipeline->input];
    for (int64_t i = 0; i < source->columns_count; i++) {
        if (source->columns[i].meta == FLOW_META_WATERMARK) {
            return !run_is_batch(run);
        }
    }
    return false;
}

void row_times_open(Run *run) {
    uint32_t source = (uint32_t)run->feed.pipeline->input;
    run->feed.is_watched = is_watched(run);
    run->pieces.greatest_us = INT64_MIN;
    if (run->feed.is_watched) {
        run->pieces.greatest_us = run->source_times[source].greatest_us;
    }
}

void row_times_close(Run *run) {
    for (uint32_t i = 0; i < run->worker_count; i++) {
        RowTimes *times = &run->workers[i].times;
        for (uint32_t h = 1; h < times->made; h++) {
            batch_free(times->held[h].batch); // The first one's is the worker's.
        }
        *times = (RowTimes){0};
    }
}

void row_times_end(Run *run) {
    if (run->feed.is_watched && run->replay == NULL) {
        int64_t records = 0;
        for (uint32_t i = 0; i < run->worker_count; i++) {
            records += source_reader_records(run->workers[i].input.reader);
        }
        watermarks_source_end(
            run, (uint32_t)run->feed.pipeline->input, run->pieces.greatest_us, records > 0);
    }
}

// --- batches that are held
// ------------------------------------------------------------------------

static void batch_begin(Worker *worker) {
    RowTimes *times = &worker->times;
    HeldBatch *held = &times->held[times->held_count];
    if (times->held_count == times->made) {
        const FlowPipeline *pipeline = worker->run->feed.pipeline;
        bool is_first = times->made++ == 0;
        held->batch = is_first ? worker->input.batch
                               : batch_new(pipeline->slots, (uint32_t)pipeline->slots_count);
        held->rejections = is_first ? worker->input.rejections
                                    : arena_array(&worker->arena, uint32_t, FLOW_BATCH_ROWS_MAX);
        held->batch->abi.source = pipeline->input;
    }
    worker->input.batch = held->batch;
    worker->input.rejections = held->rejections;
}

static void watermarks_set(const Worker *worker, const FlowBatch *batch, const int32_t *slots) {
    const Run *run = worker->run;
    const FlowColumn *columns = batch->columns;
    const FlowSource *source = &run->program->sources[run->feed.pipeline->input];
    const int32_t *selection = batch->selection;
    int64_t *watermarks = columns[slots[1]].values;
    int64_t before_us = worker->times.before_us;
    int64_t floor_us = run->source_times[run->feed.pipeline->input].floor_us;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        int64_t greatest_us = watermarks[selection[i]];
        int64_t own_us = INT64_MIN;
        greatest_us = greatest_us > before_us ? greatest_us : before_us;
        if (greatest_us == INT64_MIN ||
            __builtin_sub_overflow(greatest_us, source->lateness_us, &own_us)) {
            own_us = INT64_MIN;
        }
        watermarks[selection[i]] = own_us > floor_us ? own_us : floor_us;
    }
}

// The rows go on.
static int32_t batch_run(Worker *worker, const FlowBatch *batch) {
    const RowTimes *times = &worker->times;
    const FlowPipeline *target = &worker->run->program->pipelines[times->target];
    watermarks_set(worker, batch, times->slots);
    Batch *view =
        nested_view(worker, times->target, batch, times->slots + 2, (uint32_t)target->input_slots);
    return worker_call(worker, times->target, &view->abi);
}

// In the order in which they came.
static int32_t held_run(Worker *worker) {
    RowTimes *times = &worker->times;
    int64_t batch_number = worker->batch_number;
    Batch *batch = worker->input.batch;
    uint32_t *rejections = worker->input.rejections;
    int32_t status = FLOW_RUN_OK;
    worker_rejects_settle(worker); // those of the batch at hand
    times->aside = NULL;
    for (uint32_t i = 0; i < times->held_count; i++) {
        HeldBatch *held = &times->held[i];
        worker_parcel_join(worker, &held->parcel);
        worker->input.batch = held->batch;
        worker->input.rejections = held->rejections;
        worker->batch_number = held->batch_number;
        bool goes_on = status == FLOW_RUN_OK && worker->outcome == OUTCOME_OK;
        status = goes_on ? batch_run(worker, &held->batch->abi) : FLOW_RUN_STOP;
        worker_rejects_settle(worker);
    }
    worker_parcel_join(worker, &times->held[times->held_count].parcel); // of the batch at hand
    times->held_count = 0;
    worker->input.batch = batch;
    worker->input.rejections = rejections;
    worker->batch_number = batch_number;
    return status;
}

static bool known_take(Worker *worker, bool waits) {
    RowTimes *times = &worker->times;
    if (!times->is_known) {
        times->is_known = piece_time_before(worker, waits, &times->before_us);
    }
    return times->is_known;
}

// --- a piece
// --------------------------------------------------------------------------------------

void row_times_begin(Worker *worker) {
    RowTimes *times = &worker->times;
    if (worker->run->feed.is_watched) {
        times->is_known = false;
        times->greatest_us = INT64_MIN;
        times->held_count = 0;
        const SourcePiece *text = &worker->piece->text;
        times->may_hold = source_piece_is_text(text);
    }
}

// Before the next batch is read.
Outcome row_times_batch(Worker *worker) {
    RowTimes *times = &worker->times;
    if (!worker->run->feed.is_watched) {
        return OUTCOME_OK;
    }
    batch_begin(worker);
    if (known_take(worker, !times->may_hold)) {
        (void)held_run(worker); // Why it stopped is the worker's outcome.
        batch_begin(worker);
    } else if (times->may_hold) {
        times->aside = &times->held[times->held_count].parcel;
    } else {
        return OUTCOME_STOPPED; // What decides is a piece before this one.
    }
    return worker->outcome;
}

// Behind the last one.
Outcome row_times_finish(Worker *worker) {
    RowTimes *times = &worker->times;
    if (!worker->run->feed.is_watched) {
        return OUTCOME_OK;
    }
    piece_time_publish(worker, times->greatest_us);
    if (!known_take(worker, true)) {
        times->aside = NULL;
        return OUTCOME_STOPPED;
    }
    (void)held_run(worker);
    batch_begin(worker);
    return worker->outcome;
}

static void batch_hold(Worker *worker) {
    RowTimes *times = &worker->times;
    times->held[times->held_count++].batch_number = worker->batch_number;
}

// What came before each row within the piece.
static void
greatest_find(RowTimes *times, bool is_replay, const FlowBatch *batch, const int32_t *slots) {
    const FlowColumn *columns = batch->columns;
    const int64_t *event_times = columns[slots[0]].values;
    int64_t *watermarks = columns[slots[1]].values;
    const int32_t *selection = batch->selection;
    int64_t greatest_us = times->greatest_us;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        int64_t time_us = event_times[selection[i]];
        watermarks[selection[i]] = greatest_us;
        greatest_us = !is_replay && time_us > greatest_us ? time_us : greatest_us;
    }
    times->greatest_us = greatest_us;
}

static void batch_is_on_time(const FlowBatch *batch, int32_t slot) {
    int64_t *watermarks = ((const FlowColumn *)batch->columns)[slot].values;
    const int32_t *selection = batch->selection;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        watermarks[selection[i]] = INT64_MIN;
    }
}

int32_t flow_rt_watermark(void *ctx, int32_t index, void *rows, void *slots) {
    Worker *worker = worker_of(ctx);
    RowTimes *times = &worker->times;
    const int32_t *own = slots;
    const FlowBatch *batch = rows;
    if (!worker->run->feed.is_watched) { // a batch: nothing in it is late
        batch_is_on_time(batch, own[1]);
        return flow_rt_forward(ctx, index, rows, (void *)(own + 2));
    }
    times->target = (uint32_t)index;
    times->slots = own;
    greatest_find(times, worker->run->replay != NULL, batch, own);
    bool waits = times->held_count + 1 == HELD_BATCHES_MAX;
    if (!times->is_known && !known_take(worker, waits)) {
        if (waits) {
            worker_stop(worker, OUTCOME_STOPPED);
            return FLOW_RUN_STOP;
        }
        batch_hold(worker);
        return FLOW_RUN_OK;
    }
    if (times->aside == NULL) {
        worker_rejects_settle(worker); // As if the batch had been held: they come first.
    } else if (held_run(worker) != FLOW_RUN_OK) {
        return FLOW_RUN_STOP;
    }
    return batch->selected_count == 0 ? FLOW_RUN_OK : batch_run(worker, batch);
}
