// Runs read as one: of equal keys the newest run's entry holds. There are so few runs that the next
// key is found by looking at each.
#include "checkpoint/runs_internal.h"

Outcome
state_reader_new(const RunPlace *place, const RunRef *runs, uint32_t count, StateReader **reader) {
    StateReader *opened = memory_alloc(sizeof(StateReader));
    memset(opened, 0, sizeof(*opened));
    Outcome outcome = OUTCOME_OK;
    for (uint32_t i = 0; i < count && outcome == OUTCOME_OK; i++) {
        RunReader *run = &opened->runs[opened->run_count++];
        outcome = run_read_begin(run, place, &runs[i]);
        outcome = outcome == OUTCOME_OK ? run_read_next(run) : outcome;
    }
    if (outcome != OUTCOME_OK) {
        state_runs_read_end(opened);
        opened = NULL;
    }
    *reader = opened;
    return outcome;
}

// The run with the smallest key; of equal ones the newest.
static RunReader *run_first(StateReader *reader) {
    RunReader *first = NULL;
    for (uint32_t i = 0; i < reader->run_count; i++) {
        RunReader *run = &reader->runs[i];
        bool is_before =
            run->has_entry && (first == NULL || state_key_order(&run->entry, &first->entry) < 0);
        first = is_before ? run : first;
    }
    return first;
}

// The key that was given last is done in the older runs as well.
static Outcome older_skip(StateReader *reader) {
    for (RunReader *run = reader->current + 1; run < reader->runs + reader->run_count; run++) {
        if (run->has_entry && state_key_order(&run->entry, &reader->current->entry) == 0) {
            TRY(run_read_next(run));
        }
    }
    return run_read_next(reader->current);
}

Outcome state_runs_next(StateReader *reader, StateEntry *entry, bool *has_entry) {
    do {
        if (reader->current != NULL) {
            TRY(older_skip(reader));
        }
        reader->current = run_first(reader);
    } while (reader->current != NULL && reader->current->entry.value == NULL &&
             !reader->wants_removed);
    *has_entry = reader->current != NULL;
    *entry = *has_entry ? reader->current->entry : (StateEntry){0};
    return OUTCOME_OK;
}

void state_runs_read_end(StateReader *reader) {
    for (uint32_t i = 0; reader != NULL && i < reader->run_count; i++) {
        run_read_close(&reader->runs[i]);
    }
    memory_free(reader);
}
