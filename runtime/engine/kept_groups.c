// Groups that live longer than an epoch. An epoch gathers what its own rows add; each group that it
// touches is taken together with what earlier epochs have kept of it, gives its result anew, and is
// kept again. So results are those that have changed, and what is written is what has changed.
#include "engine/run.h"

const char *kept_id(Arena *arena, const char *name, Buffer *form) {
    uint64_t hash = hash64(form->data, form->length);
    buffer_free(form);
    return arena_format(arena, "%s#%016llx", name, (unsigned long long)hash);
}

const char *kept_group_id(Arena *arena, const FlowGroup *group) {
    Buffer form = {0};
    group_form(group, &form);
    return kept_id(arena, arena_format(arena, "group/%s", group->operator_id), &form);
}

static bool is_kept(const Run *run, uint32_t group) {
    return !run_is_batch(run) && !run->program->groups[group].is_total;
}

// --- one pipeline --------------------------------------------------------------------------------

static Outcome entry_next(void *user, GroupKeeper *keeper) {
    KeptGroups *kept = user;
    StateEntry entry;
    TRY(state_runs_next(kept->reader, &entry, &keeper->has_entry));
    if (keeper->has_entry) {
        keeper->key = entry.key;
        keeper->key_length = entry.key_length;
        keeper->value = entry.value;
    }
    return OUTCOME_OK;
}

static Outcome entry_put(void *user, const Buffer *key, const Buffer *value) {
    const KeptGroups *kept = user;
    const StateEntry entry = {
        .key = key->data,
        .key_length = key->length,
        .value = value == NULL ? NULL : value->data,
        .value_length = value == NULL ? 0 : value->length,
    };
    return state_runs_put(kept->writer, &entry);
}

Outcome kept_begin(Run *run, const char *id, GroupKeeper *keeper) {
    KeptGroups *kept = &run->feed.kept;
    *keeper = (GroupKeeper){.user = kept, .next = entry_next, .put = entry_put};
    state_runs_reach(run->state, run->feed.sys);
    TRY(state_runs_read(run->state, id, &kept->reader));
    TRY(entry_next(kept, keeper));
    return state_runs_write(run->state, id, run->slot, &kept->writer);
}

// `emit every D` goes by the clocks of epochs: when one of its times lies behind the epoch before.
static bool emit_is_due(const Run *run, const FlowGroup *group) {
    if (group->emit != FLOW_EMIT_EVERY) {
        return false;
    }
    int64_t every_us = group->every_us > 0 ? group->every_us : 1;
    return run->now_us / every_us != run->clock_before_us / every_us;
}

Outcome kept_groups_begin(Run *run, uint32_t group) {
    const FlowGroup *desc = &run->program->groups[group];
    if (!is_kept(run, group)) {
        return OUTCOME_OK;
    }
    GroupKeeper keeper;
    TRY(kept_begin(run, kept_group_id(&run->epoch_arena, desc), &keeper));
    keeper.watermark_us = run_stream_watermark(run, desc->watermark);
    keeper.is_due = emit_is_due(run, desc);
    group_spill_keep(run->feed.spill, &keeper);
    return OUTCOME_OK;
}

bool kept_groups_wanted(const Run *run, uint32_t group) {
    return is_kept(run, group);
}

// What was written counts from now on.
Outcome kept_groups_end(Run *run) {
    StateWriter *writer = run->feed.kept.writer;
    run->feed.kept.writer = NULL;
    return writer == NULL ? OUTCOME_OK : state_runs_write_end(writer);
}

void kept_groups_close(Run *run) {
    KeptGroups *kept = &run->feed.kept;
    state_runs_read_end(kept->reader);
    if (kept->writer != NULL) {
        state_runs_write_abort(kept->writer);
    }
    state_runs_reach(run->state, run->sys);
}
