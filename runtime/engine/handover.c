// What leaves the workers, one piece at a time: to sinks, to the DLQ, to standard error.
#include "engine/run.h"

// --- rows ----------------------------------------------------------------------------------------

static bool is_table_sink(const FlowSink *sink) {
    return sink->table != FLOW_NO_INDEX;
}

static Outcome sink_take(Run *run, uint32_t sink, const FlowBatch *rows, const int32_t *slots) {
    const FlowSink *desc = &run->program->sinks[sink];
    ASSERT(!is_table_sink(desc) || !run->tables[desc->table].is_prepared);
    return sink_append(run->sinks[sink], rows, slots);
}

int32_t flow_rt_emit(void *ctx, int32_t sink, void *batch, void *slots) {
    Worker *worker = worker_of(ctx);
    Run *run = worker->run;
    const FlowBatch *rows = batch;
    if (rows->selected_count == 0) {
        return FLOW_RUN_OK;
    }
    const FlowSink *desc = &run->program->sinks[sink];
    FlowCounter counter = desc->is_late ? FLOW_COUNTER_LATE : FLOW_COUNTER_OUT;
    worker_line(worker, desc->flow, 0)[counter] += rows->selected_count;
    if (desc->kind == FLOW_SINK_DISCARD) {
        return FLOW_RUN_OK;
    }
    if (worker_has_turn(worker)) {
        worker_stop(worker, sink_take(run, (uint32_t)sink, rows, slots));
        return worker->outcome == OUTCOME_OK ? FLOW_RUN_OK : FLOW_RUN_STOP;
    }
    size_t before = worker->piece->parcel.bytes;
    parcel_emit(&worker->piece->parcel, run, (uint32_t)sink, rows, slots);
    return worker_parcel_grown(worker, before);
}

static Outcome rows_hand_over(Run *run, const Parcel *parcel) {
    for (uint32_t i = 0; i < parcel->rows.count; i++) {
        ParcelRows *rows = &parcel->rows.items[i];
        FlowBatch all = rows->batch->abi;
        all.selection = run->identity;
        all.selected_count = all.row_count;
        TRY(sink_take(run, rows->sink, &all, run->identity));
        parcel_give_back(run, rows);
    }
    return OUTCOME_OK;
}

// --- rejects -------------------------------------------------------------------------------------

// What only the order of all pieces tells: rows of a table, and results of a stage that keeps rows,
// are numbered through all of them.
static Outcome reject_hand_over(Run *run, const DlqRecord *record) {
    DlqRecord placed = *record;
    if (replay_knows(run, record)) {
        return OUTCOME_OK;
    }
    limit_reject(run, record);
    if (record->partition == NULL) {
        placed.position += run->pieces.rows_out;
    }
    observe_violation(run, record);
    return dlq_add(run->dlq, &placed);
}

void worker_reject(Worker *worker, const DlqRecord *record) {
    if (worker->times.aside != NULL) {
        parcel_reject(worker->times.aside, record);
        return;
    }
    if (worker_has_turn(worker)) {
        worker_stop(worker, reject_hand_over(worker->run, record));
        return;
    }
    size_t before = worker->piece->parcel.bytes;
    parcel_reject(&worker->piece->parcel, record);
    (void)worker_parcel_grown(worker, before);
}

void worker_parcel_join(Worker *worker, Parcel *aside) {
    ASSERT(worker->times.aside == NULL && aside->rows.count == 0);
    for (uint32_t i = 0; i < aside->rejects.count; i++) {
        worker_reject(worker, &aside->rejects.items[i]);
    }
    parcel_warnings_join(&worker->piece->parcel, worker->run, aside);
    parcel_clear(aside, worker->run);
}

static Outcome rejects_hand_over(Run *run, const Parcel *parcel) {
    for (uint32_t i = 0; i < parcel->rejects.count; i++) {
        TRY(reject_hand_over(run, &parcel->rejects.items[i]));
    }
    return OUTCOME_OK;
}

// --- warnings ------------------------------------------------------------------------------------

static void warning_say(Run *run, int32_t site, const char *line) {
    if (++run->warnings_shown[site] <= WARNINGS_SHOWN_MAX) {
        Buffer members = {0};
        run_site_members(run, site, &members);
        run_log(run,
                &(LogEntry){.level = LOG_WARNING,
                            .event = "check_failed",
                            .text = line,
                            .members = buffer_cstring(&members)});
        buffer_free(&members);
    }
}

// In the parcel even when it is the piece's turn: warnings are rare, and there is one way.
static void warnings_hand_over(Run *run, const Parcel *parcel) {
    for (uint32_t i = 0; i < parcel->warnings.count; i++) {
        warning_say(run, parcel->warnings.items[i].site, parcel->warnings.items[i].line);
    }
    for (int64_t i = 0; parcel->warned != NULL && i < run->program->sites_count; i++) {
        run->warnings[i] += parcel->warned[i];
    }
}

Outcome hand_over(Run *run, Parcel *parcel) {
    warnings_hand_over(run, parcel);
    Outcome outcome = rejects_hand_over(run, parcel);
    outcome = outcome == OUTCOME_OK ? rows_hand_over(run, parcel) : outcome;
    __atomic_sub_fetch(&run->pieces.bytes_waiting, parcel->bytes, __ATOMIC_RELAXED);
    parcel_clear(parcel, run);
    return outcome;
}
