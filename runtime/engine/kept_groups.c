// Groups that live longer than an epoch. An epoch gathers what its own rows add; each group that it
// touches is taken together with what earlier epochs have kept of it, gives its result anew, and is
// kept again. So results are those that have changed, and what is written is what has changed.
#include "engine/run.h"

#define GROUP_STATE "group/"

// The operator of the state: the group, and the form in which it is kept.
static const char *state_id(Arena *arena, const FlowGroup *group) {
    Buffer form = {0};
    group_form(group, &form);
    const char *id = arena_format(arena,
                                  GROUP_STATE "%s#%016llx",
                                  group->operator_id,
                                  (unsigned long long)hash64(form.data, form.length));
    buffer_free(&form);
    return id;
}

static bool is_kept(const Run *run, uint32_t group) {
    return !run_is_batch(run) && !run->program->groups[group].is_total;
}

// --- is it the same program? ---------------------------------------------------------------------

static bool is_of_another_form(const char *kept, const char *own) {
    size_t length = (size_t)(strrchr(own, '#') - own) + 1;
    return strncmp(kept, own, length) == 0 && strcmp(kept, own) != 0;
}

// Of the group's own id, which is what people see.
static int name_length(const char *id) {
    return (int)(strrchr(id, '#') - id - (ptrdiff_t)strlen(GROUP_STATE));
}

static Outcome form_check(Run *run, const char *own, const CheckpointRun *kept, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (is_of_another_form(kept[i].operator_id, own)) {
            return sys_fail(
                run->sys,
                OUTCOME_REFUSED,
                "E730 %s: what it keeps of `%.*s` has other keys or aggregates than this "
                "program: give it a new checkpoint and new tables",
                run->checkpoint_path,
                name_length(own),
                own + strlen(GROUP_STATE));
        }
    }
    return OUTCOME_OK;
}

static bool is_of_program(Run *run, const char *kept) {
    for (uint32_t i = 0; i < (uint32_t)run->program->groups_count; i++) {
        if (is_kept(run, i) && strcmp(state_id(&run->arena, &run->program->groups[i]), kept) == 0) {
            return true;
        }
    }
    return false;
}

// Of the same form, and no group of the program has it: very likely our own, by an earlier name.
static bool is_left_behind(Run *run, const char *kept, const char *own) {
    bool is_group = strncmp(kept, GROUP_STATE, strlen(GROUP_STATE)) == 0;
    const char *form = strrchr(kept, '#');
    return is_group && form != NULL && strcmp(form, strrchr(own, '#')) == 0 &&
           !is_of_program(run, kept);
}

// A group by another name would count from nothing, and its results would replace the right ones.
static Outcome name_check(Run *run, const char *own, const CheckpointRun *kept, uint32_t count) {
    const char *other = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(kept[i].operator_id, own) == 0) {
            return OUTCOME_OK;
        }
        other = is_left_behind(run, kept[i].operator_id, own) ? kept[i].operator_id : other;
    }
    if (other == NULL) {
        return OUTCOME_OK;
    }
    return sys_fail(run->sys,
                    OUTCOME_REFUSED,
                    "E730 %s: `%.*s` would count from nothing, while what is kept of `%.*s` is of "
                    "no use any more: give it its name back, or a new checkpoint and new tables",
                    run->checkpoint_path,
                    name_length(own),
                    own + strlen(GROUP_STATE),
                    name_length(other),
                    other + strlen(GROUP_STATE));
}

Outcome kept_groups_check(Run *run) {
    uint32_t count = 0;
    const CheckpointRun *kept = state_runs_list(run->state, &count);
    for (uint32_t i = 0; i < (uint32_t)run->program->groups_count; i++) {
        if (is_kept(run, i)) {
            const char *own = state_id(&run->arena, &run->program->groups[i]);
            TRY(form_check(run, own, kept, count));
            TRY(name_check(run, own, kept, count));
        }
    }
    return OUTCOME_OK;
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

// `emit every D` goes by the clocks of epochs: when one of its times lies behind the epoch before.
static bool emit_is_due(const Run *run, const FlowGroup *group) {
    if (group->emit != FLOW_EMIT_EVERY) {
        return false;
    }
    int64_t every_us = group->every_us > 0 ? group->every_us : 1;
    return run->now_us / every_us != run->clock_before_us / every_us;
}

Outcome kept_groups_begin(Run *run, uint32_t group) {
    KeptGroups *kept = &run->feed.kept;
    const FlowGroup *desc = &run->program->groups[group];
    if (!is_kept(run, group)) {
        return OUTCOME_OK;
    }
    const char *id = state_id(&run->epoch_arena, desc);
    GroupKeeper keeper = {.user = kept,
                          .next = entry_next,
                          .put = entry_put,
                          .watermark_us = run_stream_watermark(run, desc->watermark),
                          .is_due = emit_is_due(run, desc)};
    state_runs_reach(run->state, run->feed.sys);
    TRY(state_runs_read(run->state, id, &kept->reader));
    TRY(entry_next(kept, &keeper));
    TRY(state_runs_write(run->state, id, run->slot, &kept->writer));
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
