// The account of state: what a run keeps in memory before it goes to files without a name.
#include "engine/run.h"

uint64_t run_memory_share(const Run *run) {
    const FlowProgram *program = run->program;
    int64_t sharers = program->groups_count + program->lookups_count + program->sorts_count +
                      program->bands_count;
    return sharers == 0 ? 0 : (uint64_t)(program->memory_bytes / sharers);
}

const char *run_spill_directory(Run *run) {
    if (run->checkpoint_path != NULL) {
        return arena_format(&run->epoch_arena, "%s/spill", run->checkpoint_path);
    }
    const char *directory = sys_environment(run->sys, "TMPDIR");
    return directory == NULL || directory[0] == '\0' ? "/tmp" : directory;
}

// Half of a group's share is for the tables of the workers, half for what has left them.
static GroupSpill *spill_of(Run *run, int64_t group) {
    tasks_enter(run->tasks);
    if (run->spills[group] == NULL) {
        StateOptions options = {
            .part_count = run->worker_count,
            .memory_bytes = run_memory_share(run) / 2,
            .directory = run_spill_directory(run),
        };
        run->spills[group] = group_spill_new(&run->program->groups[group], &options);
    }
    tasks_leave(run->tasks);
    return run->spills[group];
}

// Groups without keys are one each.
Outcome worker_groups_bound(Worker *worker) {
    Run *run = worker->run;
    uint64_t bytes_max = run_memory_share(run) / 2 / run->worker_count;
    for (int64_t i = 0; bytes_max > 0 && i < run->program->groups_count; i++) {
        bool may_leave = !run->groups_read[i] && !run->program->groups[i].is_total;
        if (may_leave && group_state_bytes(worker->groups[i]) > bytes_max) {
            uint32_t part = (uint32_t)worker->context.worker;
            TRY(group_spill_add(worker->sys, spill_of(run, i), part, worker->groups[i]));
        }
    }
    return OUTCOME_OK;
}

typedef struct Rest {
    Run *run;
    uint32_t group;
    Outcome outcomes[WORKERS_MAX];
} Rest;

static void rest_add(void *user, uint32_t index, uint32_t thread) {
    Rest *rest = user;
    Worker *worker = &rest->run->workers[index];
    (void)thread;
    rest->outcomes[index] = group_spill_add(
        worker->sys, rest->run->spills[rest->group], index, worker->groups[rest->group]);
}

Outcome group_spill_rest(Run *run, uint32_t group) {
    Rest rest = {.run = run, .group = group};
    tasks_run(run->tasks, run->worker_count, rest_add, &rest);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        if (rest.outcomes[i] != OUTCOME_OK) {
            run->sys->failure = run->workers[i].sys->failure;
            return rest.outcomes[i];
        }
    }
    return group_spill_finish(run->sys, run->spills[group]);
}

Outcome group_spill_all(Run *run, uint32_t group) {
    (void)spill_of(run, group);
    return group_spill_rest(run, group);
}

void spills_free(Run *run) {
    for (int64_t i = 0; run->spills != NULL && i < run->program->groups_count; i++) {
        group_spill_free(run->sys, run->spills[i]);
    }
}
