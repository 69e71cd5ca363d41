// Which runs count, and when some of them become one.
#include "checkpoint/runs_internal.h"

struct StateWriter {
    StateRuns *state;
    StateOperator *operator;
    int64_t slot;
    RunWriter run; // not begun before the first entry
};

// --- operators -----------------------------------------------------------------------------------

static StateOperator *operator_find(const StateRuns *state, const char *id) {
    for (uint32_t i = 0; i < state->operators.count; i++) {
        if (strcmp(state->operators.items[i]->id, id) == 0) {
            return state->operators.items[i];
        }
    }
    return NULL;
}

static StateOperator *operator_of(StateRuns *state, const char *id) {
    StateOperator *found = operator_find(state, id);
    if (found == NULL) {
        found = arena_new(&state->arena, StateOperator);
        found->id = arena_string(&state->arena, id);
        *vec_push(&state->arena, &state->operators) = found;
    }
    return found;
}

void state_runs_rename(StateRuns *state, const char *operator_id, const char *renamed) {
    StateOperator *owner = operator_find(state, operator_id);
    ASSERT(owner != NULL && operator_find(state, renamed) == NULL);
    owner->id = arena_string(&state->arena, renamed);
}

void state_runs_drop(StateRuns *state, const char *operator_id) {
    StateOperator *owner = operator_find(state, operator_id);
    ASSERT(owner != NULL);
    state->garbage += owner->run_count;
    owner->run_count = 0;
    owner->id = ""; // Its name is free.
}

static RunRef ref_of(const CheckpointRun *run) {
    RunRef ref = {.bytes = run->bytes, .entries = run->entries, .hash = run->hash};
    snprintf(ref.name, sizeof(ref.name), "%s", run->name);
    return ref;
}

static Outcome runs_take(StateRuns *state, const CheckpointEpoch *last) {
    for (uint32_t i = 0; last != NULL && i < last->run_count; i++) {
        StateOperator *owner = operator_of(state, last->runs[i].operator_id);
        if (owner->run_count > RUNS_PER_OPERATOR_MAX) {
            return sys_fail(state->sys,
                            OUTCOME_REFUSED,
                            "E702 %s: the manifest names more runs of %s than an operator has",
                            state->place.directory,
                            owner->id);
        }
        owner->runs[owner->run_count++] = ref_of(&last->runs[i]);
    }
    return OUTCOME_OK;
}

Outcome state_runs_open(Sys *sys, Checkpoint *checkpoint, StateRuns **state) {
    StateRuns *opened = memory_alloc(sizeof(StateRuns));
    const char *directory = checkpoint_directory(checkpoint);
    *opened = (StateRuns){.sys = sys, .checkpoint = checkpoint, .is_durable = directory != NULL};
    *state = opened;
    if (directory == NULL) {
        return OUTCOME_OK;
    }
    opened->garbage = 1; // what a run has left that died
    opened->place.sys = sys;
    opened->place.directory = arena_format(&opened->arena, "%s/state", directory);
    memcpy(opened->place.uuid, checkpoint_uuid_bytes(checkpoint), UUID_BYTES);
    return runs_take(opened, checkpoint_last(checkpoint));
}

Outcome state_runs_look(Sys *sys, const CheckpointLook *look, StateRuns **state) {
    StateRuns *opened = memory_alloc(sizeof(StateRuns));
    *opened = (StateRuns){.sys = sys};
    *state = opened;
    opened->place.sys = sys;
    opened->place.directory = arena_format(&opened->arena, "%s/state", look->directory);
    memcpy(opened->place.uuid, look->uuid_bytes, UUID_BYTES);
    return runs_take(opened, look->epoch_count == 0 ? NULL : &look->epochs[0]);
}

void state_runs_reach(StateRuns *state, Sys *sys) {
    state->sys = sys;
    state->place.sys = sys;
}

void state_runs_free(StateRuns *state) {
    if (state != NULL) {
        arena_free(&state->list_arena);
        arena_free(&state->arena);
        memory_free(state);
    }
}

// The newest `count` runs of the operator.
static Outcome
runs_open(StateRuns *state, const StateOperator *owner, uint32_t count, StateReader **reader) {
    const RunRef *runs = owner == NULL ? NULL : owner->runs;
    Outcome outcome = state_reader_new(&state->place, runs, count, reader);
    return state->checkpoint == NULL ? outcome : checkpoint_damaged(state->checkpoint, outcome);
}

Outcome state_runs_read(StateRuns *state, const char *operator_id, StateReader **reader) {
    const StateOperator *owner = operator_find(state, operator_id);
    return runs_open(state, owner, owner == NULL ? 0 : owner->run_count, reader);
}

// --- writing -------------------------------------------------------------------------------------

Outcome
state_runs_write(StateRuns *state, const char *operator_id, int64_t slot, StateWriter **writer) {
    *writer = NULL;
    if (state->is_durable) {
        TRY(sys_make_directories(state->sys, state->place.directory));
    }
    StateWriter *opened = memory_alloc(sizeof(StateWriter));
    *opened =
        (StateWriter){.state = state, .operator= operator_of(state, operator_id), .slot = slot};
    *writer = opened;
    return OUTCOME_OK;
}

// Names tell the operator apart by a hash; which operator it is stands in the manifest.
static Outcome run_begin(StateWriter *writer, RunWriter *run) {
    StateRuns *state = writer->state;
    int64_t incarnation = checkpoint_incarnation(state->checkpoint);
    const char *id = writer->operator->id;
    snprintf(run->ref.name,
             sizeof(run->ref.name),
             "%016llx-%lld-%lld-%u.run",
             (unsigned long long)hash64(id, strlen(id)),
             (long long)writer->slot,
             (long long)incarnation,
             state->serial++);
    state->has_new_names = true;
    return run_write_begin(run, &state->place, writer->slot, incarnation);
}

Outcome state_runs_put(StateWriter *writer, const StateEntry *entry) {
    if (!writer->state->is_durable) {
        return OUTCOME_OK;
    }
    if (writer->run.file == NULL) {
        TRY(run_begin(writer, &writer->run));
    }
    return run_write_put(&writer->run, entry);
}

// --- merging -------------------------------------------------------------------------------------

// How many of the newest runs are of like size: each at most twice as large as those before it
// together.
static uint32_t alike(const StateOperator *owner) {
    int64_t bytes = owner->runs[0].bytes;
    uint32_t count = 1;
    while (count < owner->run_count && owner->runs[count].bytes / 2 <= bytes) {
        bytes += owner->runs[count++].bytes;
    }
    return count;
}

static uint32_t merge_width(const StateOperator *owner) {
    uint32_t count = alike(owner);
    if (owner->run_count > RUNS_PER_OPERATOR_MAX) {
        return owner->run_count;
    }
    return count >= RUNS_FAN_OUT ? count : 1;
}

static Outcome entries_copy(StateReader *reader, RunWriter *run) {
    StateEntry entry;
    bool has_entry = true;
    TRY(state_runs_next(reader, &entry, &has_entry));
    while (has_entry) {
        TRY(run_write_put(run, &entry));
        TRY(state_runs_next(reader, &entry, &has_entry));
    }
    return run_write_end(run);
}

static void runs_replace(StateOperator *owner, uint32_t width, const RunRef *merged) {
    uint32_t kept = owner->run_count - width;
    owner->runs[0] = *merged;
    memmove(owner->runs + 1, owner->runs + width, kept * sizeof(RunRef));
    owner->run_count = 1 + kept;
}

// With the oldest run in it, nobody has to be told any more that a key is gone.
static Outcome runs_merge(StateWriter *writer, uint32_t width) {
    StateOperator *owner = writer->operator;
    StateReader *reader = NULL;
    RunWriter run = {0};
    TRY(runs_open(writer->state, owner, width, &reader));
    reader->wants_removed = width < owner->run_count;
    Outcome outcome = run_begin(writer, &run);
    outcome = outcome == OUTCOME_OK ? entries_copy(reader, &run) : outcome;
    if (outcome == OUTCOME_OK) {
        runs_replace(owner, width, &run.ref);
        writer->state->garbage += width;
    }
    state_runs_read_end(reader);
    run_write_close(&run);
    return outcome;
}

static Outcome run_end(StateWriter *writer) {
    StateOperator *owner = writer->operator;
    TRY(run_write_end(&writer->run));
    memmove(owner->runs + 1, owner->runs, owner->run_count * sizeof(RunRef));
    owner->runs[0] = writer->run.ref;
    owner->run_count++;
    uint32_t width = merge_width(owner);
    return width == 1 ? OUTCOME_OK : runs_merge(writer, width);
}

Outcome state_runs_write_end(StateWriter *writer) {
    Outcome outcome = writer->run.file == NULL ? OUTCOME_OK : run_end(writer);
    state_runs_write_abort(writer);
    return outcome;
}

void state_runs_write_abort(StateWriter *writer) {
    run_write_close(&writer->run);
    memory_free(writer);
}

// --- what counts ---------------------------------------------------------------------------------

Outcome state_runs_sync(StateRuns *state) {
    if (!state->has_new_names) {
        return OUTCOME_OK;
    }
    state->has_new_names = false;
    return sys_sync_directory(state->sys, state->place.directory);
}

const CheckpointRun *state_runs_list(StateRuns *state, uint32_t *count) {
    VEC(CheckpointRun) list = {0};
    arena_reset(&state->list_arena);
    for (uint32_t i = 0; i < state->operators.count; i++) {
        const StateOperator *owner = state->operators.items[i];
        for (uint32_t j = 0; j < owner->run_count; j++) {
            const RunRef *run = &owner->runs[j];
            *vec_push(&state->list_arena, &list) = (CheckpointRun){
                .operator_id = owner->id,
                .name = run->name,
                .bytes = run->bytes,
                .entries = run->entries,
                .hash = run->hash,
            };
        }
    }
    *count = list.count;
    return list.items;
}

// --- collection ----------------------------------------------------------------------------------

static bool is_kept(const StateRuns *state, const CheckpointNames *kept, const char *name) {
    for (uint32_t i = 0; i < kept->count; i++) {
        if (strcmp(kept->items[i], name) == 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < state->operators.count; i++) {
        const StateOperator *owner = state->operators.items[i];
        for (uint32_t j = 0; j < owner->run_count; j++) {
            if (strcmp(owner->runs[j].name, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

// "<hash>-<slot>-…": what is of a slot above ours may belong to a run that has taken over.
static bool is_ours(const StateRuns *state, const char *name) {
    const char *at = strchr(name, '-');
    int64_t slot = 0;
    for (at = at == NULL ? "" : at + 1; *at >= '0' && *at <= '9' && slot < INT64_MAX / 16; at++) {
        slot = slot * 10 + (*at - '0');
    }
    return *at == '-' && slot < checkpoint_next_slot(state->checkpoint);
}

static Outcome files_collect(StateRuns *state, Arena *arena) {
    CheckpointNames kept = {0};
    SysEntry *entries = NULL;
    uint32_t count = 0;
    TRY(checkpoint_run_names(state->checkpoint, arena, &kept));
    TRY(sys_list(state->sys, arena, state->place.directory, &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        const char *name = entries[i].name;
        if (is_ours(state, name) && !is_kept(state, &kept, name)) {
            TRY(sys_unlink(state->sys, run_path(arena, &state->place, name)));
        }
    }
    return OUTCOME_OK;
}

Outcome state_runs_collect(StateRuns *state) {
    SysStat stat = {0};
    if (!state->is_durable || state->garbage == 0) {
        return OUTCOME_OK;
    }
    TRY(sys_stat(state->sys, state->place.directory, &stat));
    if (!stat.exists) {
        return OUTCOME_OK;
    }
    Arena arena = {0};
    Outcome outcome = files_collect(state, &arena);
    state->garbage = 0;
    arena_free(&arena);
    return outcome;
}
