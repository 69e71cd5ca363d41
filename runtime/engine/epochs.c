// One epoch after the other: what the trigger waits for, and when the run is over.
//
// A batch is one epoch that reads everything. Under the other triggers an epoch reads the files
// that came since the one before. It ends at the end of a file when its time is over or a signal
// asks for the end; what it has read by then is committed, so a signal loses nothing.
#include "engine/run.h"

#define RESCAN_US INT64_C(1000000) // files in directories that nobody tells us about
#define SLICE_US INT64_C(100000)   // a signal is noticed after this at the latest

bool run_is_batch(const Run *run) {
    return run->trigger.kind == FLOW_TRIGGER_ONCE;
}

bool run_is_endless(const Run *run) {
    return !run_is_batch(run) && run->trigger.kind != FLOW_TRIGGER_AVAILABLE_NOW;
}

bool run_is_interrupted(const Run *run) {
    return run_is_batch(run) && interrupt_signal() != 0;
}

// What an `expect` may fail is all that there is, so it has to be read.
static bool epoch_is_whole(const Run *run) {
    return run_is_batch(run) ||
           (run->trigger.kind == FLOW_TRIGGER_AVAILABLE_NOW && run->program->has_epoch_check != 0);
}

// Who is to be quick must not fall behind: an endless run reads for as long as a commit takes.
bool epoch_is_due(const Run *run) {
    int64_t age_us = sys_monotonic_us(run->sys) - run->epoch_started_us;
    int64_t least_us = run->program->checkpoint_interval_us;
    if (run_is_endless(run) && run->commit_took_us > least_us) {
        least_us = run->commit_took_us;
    }
    return !epoch_is_whole(run) && (interrupt_signal() != 0 || age_us >= least_us);
}

// --- waiting ------------------------------------------------------------------------------------

typedef struct Waiting {
    int64_t due_us; // when to look for files, by the monotonic clock
    int64_t idle_since_us;
} Waiting;

static int64_t idle_end_us(const Run *run, const Waiting *waiting) {
    int64_t idle_us = run->program->stop_after_idle_us;
    int64_t end_us = INT64_MAX;
    bool is_far = __builtin_add_overflow(waiting->idle_since_us, idle_us, &end_us);
    return idle_us == 0 || is_far ? INT64_MAX : end_us;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// When to look for files. Before a run ends because nothing comes, it looks once more.
static int64_t look_us(const Run *run, const Waiting *waiting) {
    int64_t due_us = least(waiting->due_us, idle_end_us(run, waiting));
    return run->trigger.kind == FLOW_TRIGGER_FILES_ARRIVE ? least(due_us, arrivals_settle_us(run))
                                                          : due_us;
}

// From one look to the next.
static int64_t period_us(const Run *run) {
    switch (run->trigger.kind) {
    case FLOW_TRIGGER_EVERY:
        return run->trigger.every_us;
    case FLOW_TRIGGER_CONTINUOUS:
        return run->program->checkpoint_interval_us;
    case FLOW_TRIGGER_FILES_ARRIVE:
        return RESCAN_US;
    case FLOW_TRIGGER_ONCE:
    case FLOW_TRIGGER_AVAILABLE_NOW:
        break;
    }
    ASSERT(false);
    return 1;
}

static void look_next(const Run *run, Waiting *waiting, int64_t now_us) {
    int64_t late_us = now_us - waiting->due_us;
    if (late_us >= 0) { // else it looked before its time
        waiting->due_us += (late_us / period_us(run) + 1) * period_us(run);
    }
}

static void wait_until(Run *run, Waiting *waiting, int64_t rest_us) {
    observe_idle(run);
    bool has_news = sys_wait(run->sys, least(rest_us, SLICE_US));
    if (has_news && run->trigger.kind == FLOW_TRIGGER_FILES_ARRIVE) {
        waiting->due_us = sys_monotonic_us(run->sys);
    }
}

// What somebody is writing still is something that comes.
static bool is_idle_for_good(const Run *run, Waiting *waiting, int64_t now_us) {
    if (arrivals_settle_us(run) != INT64_MAX) {
        waiting->idle_since_us = now_us;
    }
    return now_us >= idle_end_us(run, waiting);
}

// Until there are files for the next epoch, or the run is over.
static Outcome files_await(Run *run, Waiting *waiting, bool *has_files) {
    *has_files = false;
    while (interrupt_signal() == 0) {
        int64_t now_us = sys_monotonic_us(run->sys);
        int64_t rest_us = look_us(run, waiting) - now_us;
        if (rest_us > 0) {
            wait_until(run, waiting, rest_us);
            continue;
        }
        TRY(arrivals_list(run, has_files));
        if (*has_files || !run_is_endless(run) || is_idle_for_good(run, waiting, now_us)) {
            return OUTCOME_OK;
        }
        look_next(run, waiting, now_us);
    }
    return OUTCOME_OK;
}

// --- epochs -------------------------------------------------------------------------------------

static int epoch_of_files(Run *run) {
    epoch_make(run);
    run->epoch_started_us = sys_monotonic_us(run->sys);
    int status = epoch_run(run);
    if (status == 0) {
        watermarks_commit(run);
        arrivals_commit(run);
        if (checkpoint_collect(run->checkpoint) != OUTCOME_OK ||
            state_runs_collect(run->state) != OUTCOME_OK) {
            sys_forgive(run->sys); // Garbage waits for the next collection.
        }
    }
    epoch_free(run);
    run->commit_took_us = sys_monotonic_us(run->sys) - run->epoch_read_us;
    return status;
}

static int files_run(Run *run, Waiting *waiting) {
    for (;;) {
        bool has_files = false;
        Outcome outcome = files_await(run, waiting, &has_files);
        bool is_over = !has_files && !(run->options->is_closing && run->epoch_count == 0);
        if (outcome != OUTCOME_OK || is_over) {
            return (int)outcome;
        }
        int status = epoch_of_files(run);
        if (status != 0) {
            return status;
        }
        if (arrivals_are_pending(run)) {
            continue;
        }
        if (!run_is_endless(run)) {
            return 0; // The end was fixed when the run began.
        }
        waiting->idle_since_us = sys_monotonic_us(run->sys);
        look_next(run, waiting, waiting->idle_since_us);
    }
}

// What is dropped is decided with an epoch, so without one it is still there.
static void drops_tell(Run *run) {
    Buffer line = {0};
    buffer_text(&line,
                "flow: nothing came, so no epoch was decided and --drop-state has dropped nothing "
                "yet: say it again when there is something to read\n");
    run_say(run, &line);
    buffer_free(&line);
}

int run_epochs(Run *run) {
    int status = 0;
    if (run_is_batch(run)) {
        epoch_make(run);
        run->epoch_started_us = sys_monotonic_us(run->sys);
        status = epoch_run(run);
        epoch_free(run);
    } else {
        int64_t now_us = sys_monotonic_us(run->sys);
        Waiting waiting = {.due_us = now_us, .idle_since_us = now_us};
        Outcome outcome = state_fit(run);
        outcome = outcome == OUTCOME_OK ? kept_sorts_check(run) : outcome;
        outcome = outcome == OUTCOME_OK ? arrivals_restore(run) : outcome;
        outcome = outcome == OUTCOME_OK ? watermarks_restore(run) : outcome;
        status = outcome == OUTCOME_OK ? files_run(run, &waiting) : (int)outcome;
        if (status == 0 && run->options->drop_count > 0 && run->epoch_count == 0) {
            drops_tell(run);
        }
    }
    if (status == 0) {
        summary_print(run);
    }
    return status;
}
