// A run from beginning to end: RECOVER, OPEN, the pipelines, PREPARE, DECIDE, COMMIT, GC.
//
// A batch is one epoch. With a checkpoint, a run that finds an epoch of an earlier one decided but
// not committed finishes that epoch and ends: the work asked for is done.
#include "engine/run.h"

enum { EXIT_BUG = 3, EXIT_SIGNAL = 128, PARCEL_SHARE = 8 };

// --- what a run needs ---------------------------------------------------------------------------

// What a flow keeps counts on lines of their own (`flow/group`, `flow/group2`, `flow/top`), but to
// the user it is one flow.
static void flow_names_make(Run *run) {
    run->flow_names = arena_array(&run->arena, const char *, (size_t)run->program->flows_count);
    for (int64_t i = 0; i < run->program->flows_count; i++) {
        const char *name = run->program->flows[i].name;
        run->flow_names[i] = arena_copy(&run->arena, name, strcspn(name, "/"));
    }
}

static uint32_t workers_wanted(const Run *run) {
    uint32_t wanted = run->options->parallelism;
    wanted = wanted == 0 ? (uint32_t)run->program->parallelism : wanted;
    wanted = wanted == 0 ? sys_cores(run->sys) : wanted;
    return wanted > WORKERS_MAX ? WORKERS_MAX : wanted;
}

static void workers_make(Run *run) {
    run->worker_count = tasks_workers(run->tasks);
    run->workers = arena_array(&run->epoch_arena, Worker, run->worker_count);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        worker_init(&run->workers[i], run, i);
    }
    pieces_init(run);
}

static void identity_make(Run *run) {
    int64_t count = FLOW_BATCH_ROWS_MAX;
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        int64_t columns = run->program->sinks[i].columns_count;
        count = columns > count ? columns : count;
    }
    run->identity = arena_array(&run->arena, int32_t, (size_t)count);
    for (int64_t i = 0; i < count; i++) {
        run->identity[i] = (int32_t)i;
    }
}

static size_t counter_count(const Run *run) {
    int64_t lines = run->program->flows_count + run->program->sources_count;
    return (size_t)lines * FLOW_COUNTER_COUNT;
}

static void run_make(Run *run) {
    run->tasks = tasks_new(workers_wanted(run));
    run->parcel_bytes_max = (size_t)run->program->memory_bytes / PARCEL_SHARE;
    run->totals = arena_array(&run->arena, int64_t, counter_count(run));
    identity_make(run);
    flow_names_make(run);
    watermarks_make(run);
}

static void run_free(Run *run) {
    observe_end(run);
    buffer_free(&run->state_notes);
    arrivals_free(run);
    replay_free(run);
    tasks_free(run->tasks);
    state_runs_free(run->state);
    if (run->checkpoint != NULL) {
        checkpoint_close(run->checkpoint);
    }
    arena_free(&run->epoch_arena);
    arena_free(&run->arena);
}

// Names of files that this epoch stages, told apart from those of every other run.
static const char *writer_name(Run *run) {
    return arena_format(&run->epoch_arena,
                        "%lld-%lld-%.8s",
                        (long long)run->slot,
                        (long long)checkpoint_incarnation(run->checkpoint),
                        checkpoint_uuid(run->checkpoint));
}

void epoch_make(Run *run) {
    const FlowProgram *program = run->program;
    Arena *arena = &run->epoch_arena;
    run->slot = checkpoint_next_slot(run->checkpoint);
    run->now_us = checkpoint_clock(run->checkpoint);
    const CheckpointEpoch *last = checkpoint_last(run->checkpoint);
    run->clock_before_us = last == NULL ? run->now_us : last->clock_us;
    run->epoch_order =
        run_is_batch(run) ? run->options->batch_order : checkpoint_order(run->checkpoint);
    run->writer_id = writer_name(run);
    run->is_decided = false;
    run->is_dlq_committed = false;
    run->outcome = OUTCOME_OK;
    run->counters = arena_array(arena, int64_t, counter_count(run));
    run->tables = arena_array(arena, RunTable, (size_t)program->tables_count);
    run->spills = arena_array(arena, GroupSpill *, (size_t)program->groups_count);
    run->groups_read = arena_array(arena, bool, (size_t)program->groups_count);
    run->sinks = arena_array(arena, Sink *, (size_t)program->sinks_count);
    run->sinks_committed = arena_array(arena, bool, (size_t)program->sinks_count);
    run->sources_read = arena_array(arena, bool, (size_t)program->sources_count);
    run->warnings = arena_array(arena, int64_t, (size_t)program->sites_count);
    run->warnings_shown = arena_array(arena, int64_t, (size_t)program->sites_count);
    watermarks_begin(run);
    workers_make(run);
    kept_make(run);
}

void epoch_free(Run *run) {
    outputs_close(run);
    pieces_free(run);
    spills_free(run);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        worker_free(&run->workers[i]);
    }
    kept_free(run);
    buffer_free(&run->positions);
    run->dlq = NULL;
    arena_reset(&run->epoch_arena);
}

// --- recover and open ---------------------------------------------------------------------------

static const char *dlq_place(Run *run) {
    if (run->options->replay != NULL) {
        return run->options->replay->dlq;
    }
    const char *path = setting_text(run, run->program->dlq);
    if (path != NULL) {
        return path;
    }
    return run->checkpoint_path != NULL ? arena_format(&run->arena, "%s/dlq", run->checkpoint_path)
                                        : arena_format(&run->arena, "%s.dlq", run->program->name);
}

static Outcome trigger_find(Run *run) {
    const FlowProgram *program = run->program;
    const EngineTrigger own = {(FlowTriggerKind)program->trigger, program->every_us};
    run->trigger = run->options->trigger != NULL ? *run->options->trigger : own;
    if (run_is_batch(run)) {
        return run->options->drop_count == 0
                   ? OUTCOME_OK
                   : sys_fail(run->sys, OUTCOME_USAGE, "--drop-state: a batch uses no state");
    }
    if (program->keeps != NULL) {
        return sys_fail(run->sys,
                        OUTCOME_USAGE,
                        "%s %s: it runs under the trigger `once` only",
                        program->name,
                        program->keeps);
    }
    return run->checkpoint_path != NULL
               ? OUTCOME_OK
               : sys_fail(run->sys,
                          OUTCOME_USAGE,
                          "a trigger other than `once` needs a checkpoint: give --checkpoint DIR");
}

static Outcome recover(Run *run) {
    const char *option = run->options->checkpoint;
    run->checkpoint_path = option != NULL ? option : setting_text(run, run->program->checkpoint);
    TRY(trigger_find(run));
    if (run->options->replay != NULL) {
        TRY(replay_check(run));
        run->checkpoint_path =
            run->checkpoint_path != NULL ? run->checkpoint_path : replay_checkpoint(run);
    }
    TRY(checkpoint_open(run->sys,
                        run->checkpoint_path,
                        run->program->name,
                        run->program->plan_hash,
                        &run->checkpoint));
    run->dlq_path = dlq_place(run);
    return state_runs_open(run->sys, run->checkpoint, &run->state);
}

static bool is_unfinished(const Run *run) {
    return checkpoint_last(run->checkpoint) != NULL &&
           !checkpoint_last_is_committed(run->checkpoint);
}

// Of an epoch that has sent rejected records again: no run is done by finishing it.
static bool was_replay(const CheckpointEpoch *epoch) {
    for (uint32_t i = 0; i < epoch->outbox_count; i++) {
        if (strcmp(epoch->outboxes[i].kind, DLQ_REPLAY_KIND) == 0) {
            return true;
        }
    }
    return false;
}

static Outcome finish_earlier(Run *run, bool *is_all) {
    const CheckpointEpoch *epoch = checkpoint_last(run->checkpoint);
    bool is_replay = was_replay(epoch);
    *is_all = run_is_batch(run) && !is_replay && run->options->replay == NULL;
    TRY(epoch_commit_again(run, epoch));
    run_log(run,
            &(LogEntry){.event = is_replay ? "earlier_replay_finished" : "earlier_run_finished",
                        .text = is_replay ? "flow: finished an earlier replay, which had been "
                                            "decided but not completed\n"
                                          : "flow: finished an earlier run, which had been decided "
                                            "but not completed\n"});
    if (run->options->summary == ENGINE_SUMMARY_JSON && *is_all) {
        summary_print_json(run, epoch->ledger_json);
    }
    return OUTCOME_OK;
}

// --- the epoch ----------------------------------------------------------------------------------

static bool writes_to_terminal(const Run *run) {
    bool does = false;
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        does |= run->program->sinks[i].kind == FLOW_SINK_STDOUT;
    }
    return does;
}

static Outcome epoch_commit(Run *run) {
    TRY(outputs_decide(run));
    if (writes_to_terminal(run)) {
        progress_hide(run);
    }
    run->epoch_decided_us = sys_monotonic_us(run->sys);
    TRY(outputs_commit(run));
    // The mark comes last: a run that dies before it is finished by the next, one that dies after
    // it has ended, and the next begins anew.
    return checkpoint_committed(run->checkpoint, run->slot);
}

static bool ledger_check(Run *run) {
    Buffer problem = {0};
    buffer_text(&problem, "flow: bug: the ledger does not balance\n");
    bool holds = ledger_holds(run, &problem);
    if (!holds) {
        run_log(run,
                &(LogEntry){.level = LOG_ERROR,
                            .event = "ledger_unbalanced",
                            .text = buffer_cstring(&problem)});
    }
    buffer_free(&problem);
    return holds;
}

// People are told at the end only, if they ask for it.
static void commit_log(Run *run) {
    Buffer members = {0};
    buffer_format(&members,
                  ",\"epoch\":%lld,\"dlq\":%lld",
                  (long long)run->slot,
                  (long long)dlq_count(run->dlq));
    run_log(run, &(LogEntry){.event = "epoch_committed", .members = buffer_cstring(&members)});
    buffer_free(&members);
}

// No later epoch of this run will read more.
static bool input_is_over(const Run *run) {
    return !run_is_endless(run) && !arrivals_have_more(run);
}

// The exit status, as LANGUAGE 10 has it.
int epoch_run(Run *run) {
    Outcome outcome = state_move(run);
    outcome = outcome == OUTCOME_OK ? outputs_open(run) : outcome;
    outcome = outcome == OUTCOME_OK ? run_pipelines(run) : outcome;
    run->epoch_read_us = sys_monotonic_us(run->sys);
    if (run_is_interrupted(run)) {
        return EXIT_SIGNAL + interrupt_signal();
    }
    outcome = outcome == OUTCOME_OK && input_is_over(run) ? limit_end(run) : outcome;
    outcome = outcome == OUTCOME_OK ? outputs_prepare(run) : outcome;
    outcome = outcome == OUTCOME_OK ? arrivals_prepare(run) : outcome;
    outcome = outcome == OUTCOME_OK ? watermarks_prepare(run) : outcome;
    outcome = outcome == OUTCOME_OK ? forms_prepare(run) : outcome;
    outcome = outcome == OUTCOME_OK ? state_runs_sync(run->state) : outcome;
    if (outcome != OUTCOME_OK) {
        return (int)outcome;
    }
    run_warnings_print(run);
    if (!ledger_check(run)) {
        return EXIT_BUG;
    }
    outcome = epoch_commit(run);
    if (outcome == OUTCOME_OK) {
        ledger_total(run);
        run->epoch_count++;
        commit_log(run);
        observe_commit(run);
    }
    return (int)outcome;
}

static Outcome version_check(Run *run) {
    if (run->program->abi_version == FLOW_ABI_VERSION) {
        return OUTCOME_OK;
    }
    return sys_fail(run->sys,
                    OUTCOME_REFUSED,
                    "%s was compiled for another release of Flow: compile it again",
                    run->program->name);
}

static bool is_interrupted(void) {
    return interrupt_signal() != 0;
}

static void retry_begin(Run *run) {
    sys_retry_set(run->sys,
                  &(SysRetry){.times = run->program->retry_times,
                              .backoff_us = run->program->retry_backoff_us,
                              .max_us = run->program->retry_max_us,
                              .jitter = run->program->retry_jitter,
                              .is_over = is_interrupted});
}

static int run_status(Run *run) {
    progress_begin(run);
    Outcome outcome = version_check(run);
    outcome = outcome == OUTCOME_OK ? params_resolve(run) : outcome;
    retry_begin(run);
    outcome = outcome == OUTCOME_OK ? observe_begin(run) : outcome;
    outcome = outcome == OUTCOME_OK ? recover(run) : outcome;
    if (outcome != OUTCOME_OK) {
        return (int)outcome;
    }
    if (is_unfinished(run)) {
        bool is_all = false;
        outcome = finish_earlier(run, &is_all);
        if (outcome != OUTCOME_OK || is_all) {
            return (int)outcome;
        }
    }
    if (checkpoint_collect(run->checkpoint) != OUTCOME_OK) {
        sys_forgive(run->sys); // Garbage of earlier runs waits for the next one.
    }
    run_make(run);
    run_log(run, &(LogEntry){.event = "run_started"});
    observe_phase(run, WATCH_RUNNING);
    return run->options->replay != NULL ? replay_run(run) : run_epochs(run);
}

static void failure_print(Run *run) {
    const Failure *failure = &run->sys->failure;
    if (failure->outcome == OUTCOME_OK) {
        return;
    }
    Buffer line = {0};
    buffer_format(&line, "flow: %s\n", failure->text);
    run_log(run,
            &(LogEntry){.level = LOG_ERROR, .event = "run_failed", .text = buffer_cstring(&line)});
    buffer_free(&line);
}

static void end_log(Run *run, int status) {
    Buffer members = {0};
    buffer_format(&members, ",\"status\":%d,\"epochs\":%lld", status, (long long)run->epoch_count);
    run_log(run, &(LogEntry){.event = "run_ended", .members = buffer_cstring(&members)});
    buffer_free(&members);
}

int engine_run(Sys *sys, const FlowProgram *program, const EngineOptions *options) {
    Run run = {.sys = sys, .program = program, .options = options};
    interrupt_catch();
    int status = run_status(&run);
    observe_phase(&run, WATCH_ENDING);
    progress_hide(&run);
    failure_print(&run);
    end_log(&run, status);
    run_free(&run);
    sys_retry_set(sys, &(SysRetry){0});
    interrupt_release();
    return status;
}
