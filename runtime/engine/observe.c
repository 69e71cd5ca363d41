// What others may know of the run: numbers, gathered a few times a second while it works and at
// each commit; whoever asks for them gets a copy. Nothing that the run does depends on them.
#include "engine/run.h"

#define OBSERVE_EVERY_US INT64_C(200000)

// --- gathering -----------------------------------------------------------------------------------

// `with_epoch`: the ledger of the present epoch is not in the totals yet.
static void counters_fill(const Run *run, int64_t line, bool with_epoch, int64_t *counters) {
    int64_t first = line * FLOW_COUNTER_COUNT;
    for (uint32_t i = 0; i < FLOW_COUNTER_COUNT; i++) {
        counters[i] = run->totals[first + i] + (with_epoch ? run->counters[first + i] : 0);
    }
}

// While a source is read, its line in the ledger is not settled.
static int64_t records_of(const Run *run, uint32_t source, bool with_epoch) {
    const RunFeed *feed = &run->feed;
    const int64_t *counters = run->numbers.sources[source].counters;
    int64_t before = run->totals[(run->program->flows_count + source) * FLOW_COUNTER_COUNT];
    bool is_read = with_epoch && feed->pipeline != NULL && feed->is_counted &&
                   feed->pipeline->input_kind == FLOW_INPUT_SOURCE &&
                   feed->pipeline->input == (int32_t)source;
    int64_t seen = before + (is_read ? run->pieces.rows_out : 0);
    return seen > counters[FLOW_COUNTER_IN] ? seen : counters[FLOW_COUNTER_IN];
}

static void times_fill(const Run *run, uint32_t index, WatchSource *source) {
    int64_t time_us = 0;
    source->watermark_us = run_watermark(run, index, &time_us) ? time_us : WATCH_UNKNOWN;
    source->newest_us = run_newest_event(run, index, &time_us) ? time_us : WATCH_UNKNOWN;
}

static void ledger_fill(Run *run, bool with_epoch) {
    WatchNumbers *numbers = &run->numbers;
    int64_t dlq = 0;
    for (uint32_t i = 0; i < numbers->flow_count; i++) {
        counters_fill(run, i, with_epoch, numbers->flows[i].counters);
        dlq += run->totals[i * FLOW_COUNTER_COUNT + FLOW_COUNTER_DLQ];
    }
    for (uint32_t i = 0; i < numbers->source_count; i++) {
        int64_t line = run->program->flows_count + i;
        counters_fill(run, line, with_epoch, numbers->sources[i].counters);
        dlq += run->totals[line * FLOW_COUNTER_COUNT + FLOW_COUNTER_DLQ];
        numbers->sources[i].records = records_of(run, i, with_epoch);
        times_fill(run, i, &numbers->sources[i]);
    }
    numbers->dlq = dlq + (with_epoch ? dlq_count(run->dlq) : 0);
    numbers->rows = run->progress.rows;
    numbers->bytes = run->progress.bytes_done + run->progress.bytes;
}

// --- telling -------------------------------------------------------------------------------------

static bool is_observed(const Run *run) {
    return run->server != NULL || run->progress.is_on;
}

static void tell(Run *run) {
    watch_server_publish(run->server, &run->numbers);
    progress_show(run);
}

void observe_update(Run *run) {
    if (!is_observed(run)) {
        return;
    }
    int64_t now_us = sys_monotonic_us(run->sys);
    if (now_us - run->observed_us >= OBSERVE_EVERY_US) {
        run->observed_us = now_us;
        ledger_fill(run, true);
        tell(run);
    }
}

// Nothing is read: only time goes on, which a terminal does not see by itself.
void observe_idle(Run *run) {
    progress_show(run);
}

void observe_violation(Run *run, const DlqRecord *record) {
    bool is_known = is_observed(run) && record->source != NULL && record->flow == NULL &&
                    record->reject_class < WATCH_CLASS_COUNT;
    for (uint32_t i = 0; is_known && i < run->numbers.source_count; i++) {
        if (strcmp(run->numbers.sources[i].name, record->source) == 0) {
            run->numbers.sources[i].violations[record->reject_class]++;
            return;
        }
    }
}

// --- an epoch's end ------------------------------------------------------------------------------

static void arrivals_fill(Run *run, int64_t wall_us) {
    for (uint32_t i = 0; run->arrivals != NULL && i < run->numbers.source_count; i++) {
        const SourceEntries *files = &run->arrivals[i].epoch;
        int64_t oldest_us = wall_us;
        for (uint32_t f = 0; f < files->count; f++) {
            int64_t modified_us = files->items[f].modified_ms * 1000;
            oldest_us = modified_us < oldest_us ? modified_us : oldest_us;
        }
        if (files->count > 0) {
            run->numbers.sources[i].ingestion_lag_us = wall_us - oldest_us;
        }
    }
}

static void state_fill(Run *run) {
    uint32_t count = 0;
    const CheckpointRun *runs = state_runs_list(run->state, &count);
    run->numbers.state_bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        run->numbers.state_bytes += runs[i].bytes;
    }
}

void observe_commit(Run *run) {
    WatchNumbers *numbers = &run->numbers;
    if (!is_observed(run)) {
        return;
    }
    int64_t now_us = sys_monotonic_us(run->sys);
    int64_t decided_us = run->epoch_decided_us;
    int64_t wall_us = sys_wall_us(run->sys);
    watch_times_add(&numbers->epoch_times, now_us - run->epoch_started_us);
    watch_times_add(&numbers->checkpoint_times, decided_us - run->epoch_read_us);
    watch_times_add(&numbers->commit_times, now_us - decided_us);
    numbers->epochs = run->epoch_count;
    numbers->epoch = run->slot;
    numbers->committed_us = wall_us;
    for (uint32_t i = 0; i < numbers->table_count; i++) {
        if (run->tables[i].is_committed) {
            numbers->tables[i].committed_us = wall_us;
        }
    }
    arrivals_fill(run, wall_us);
    state_fill(run);
    ledger_fill(run, false);
    run->observed_us = now_us;
    tell(run);
}

// --- from the run's begin to its end -------------------------------------------------------------

static const char *address_of(Run *run) {
    const char *option = run->options->metrics;
    bool is_test = run->options->has_no_environment;
    return option != NULL ? option : is_test ? NULL : setting_text(run, run->program->metrics);
}

static void names_fill(Run *run) {
    const FlowProgram *program = run->program;
    WatchNumbers *numbers = &run->numbers;
    for (uint32_t i = 0; i < numbers->source_count; i++) {
        numbers->sources[i].name = program->sources[i].name;
    }
    for (uint32_t i = 0; i < numbers->flow_count; i++) {
        numbers->flows[i].name = program->flows[i].name;
    }
    for (uint32_t i = 0; i < numbers->table_count; i++) {
        numbers->tables[i].name = program->tables[i].name;
    }
}

// A port that the machine has chosen is of use to those only who are told.
static void server_log(Run *run, const char *address) {
    Buffer line = {0};
    Buffer members = {0};
    uint32_t port = watch_server_port(run->server);
    buffer_format(&line, "flow: metrics are at port %u (%s)\n", port, address);
    buffer_format(&members, ",\"port\":%u", port);
    run_log(run,
            &(LogEntry){.event = "metrics_served",
                        .text = buffer_cstring(&line),
                        .members = buffer_cstring(&members)});
    buffer_free(&members);
    buffer_free(&line);
}

Outcome observe_begin(Run *run) {
    const FlowProgram *program = run->program;
    const char *address = address_of(run);
    run->numbers = (WatchNumbers){
        .pipeline = program->name,
        .started_us = sys_wall_us(run->sys),
        .source_count = (uint32_t)program->sources_count,
        .flow_count = (uint32_t)program->flows_count,
        .table_count = (uint32_t)program->tables_count,
    };
    watch_numbers_init(&run->arena, &run->numbers);
    names_fill(run);
    if (address != NULL) {
        TRY(watch_server_start(run->sys, address, &run->numbers, &run->server));
    }
    if (run->server != NULL) {
        server_log(run, address);
    }
    return OUTCOME_OK;
}

void observe_phase(Run *run, WatchPhase phase) {
    run->numbers.phase = phase;
    watch_server_publish(run->server, &run->numbers);
}

void observe_end(Run *run) {
    watch_server_end(run->server);
    run->server = NULL;
}
