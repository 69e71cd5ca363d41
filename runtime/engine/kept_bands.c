// Joins of two streams that live longer than an epoch: rows that may still meet others are kept in
// the checkpoint, each side by itself, and come back in the next epoch.
#include "engine/run.h"

const char *kept_band_id(Arena *arena, const FlowBand *desc, int side) {
    static const char *const sides[] = {"ours", "theirs"};
    Buffer form = {0};
    band_form(desc, &form);
    return kept_id(arena, arena_format(arena, "band/%s/%s", desc->operator_id, sides[side]), &form);
}

static Outcome entry_next(void *user, BandSide side, BandEntry *entry, bool *has_entry) {
    KeptBand *kept = user;
    StateEntry next;
    TRY(state_runs_next(kept->readers[side], &next, has_entry));
    if (*has_entry) {
        *entry = (BandEntry){next.key, next.key_length, next.value, next.value_length};
    }
    return OUTCOME_OK;
}

static Outcome entry_put(void *user, BandSide side, const BandEntry *entry) {
    KeptBand *kept = user;
    StateEntry put = {entry->key, entry->key_length, entry->value, entry->value_length};
    return state_runs_put(kept->writers[side], &put);
}

static Outcome runs_open(Run *run, const FlowBand *desc, KeptBand *kept) {
    for (int side = 0; side < 2; side++) {
        const char *id = kept_band_id(&run->epoch_arena, desc, side);
        TRY(state_runs_read(run->state, id, &kept->readers[side]));
        TRY(state_runs_write(run->state, id, run->slot, &kept->writers[side]));
    }
    return OUTCOME_OK;
}

// What is read and written of the checkpoint goes by the worker's own handle.
Outcome kept_band_begin(Worker *worker, const FlowBand *desc, KeptBand *kept) {
    Run *run = worker->run;
    if (run_is_batch(run)) {
        return OUTCOME_OK;
    }
    kept->is_kept = true;
    kept->keeper = (BandKeeper){.user = kept,
                                .next = entry_next,
                                .put = entry_put,
                                .watermark_us = run_stream_watermark(run, desc->watermark)};
    state_runs_reach(run->state, worker->sys);
    return runs_open(run, desc, kept);
}

Outcome kept_band_end(KeptBand *kept) {
    for (int side = 0; side < 2 && kept->is_kept; side++) {
        StateWriter *writer = kept->writers[side];
        kept->writers[side] = NULL;
        TRY(state_runs_write_end(writer));
    }
    return OUTCOME_OK;
}

void kept_band_close(Worker *worker, KeptBand *kept) {
    for (int side = 0; side < 2 && kept->is_kept; side++) {
        if (kept->readers[side] != NULL) {
            state_runs_read_end(kept->readers[side]);
        }
        if (kept->writers[side] != NULL) {
            state_runs_write_abort(kept->writers[side]);
        }
    }
    if (kept->is_kept) {
        state_runs_reach(worker->run->state, worker->run->sys);
    }
}
