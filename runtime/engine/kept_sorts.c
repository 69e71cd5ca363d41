// Steps that know rows of earlier epochs: `dedup`.
#include "engine/run.h"

static const char *state_id(Arena *arena, const FlowSort *desc) {
    Buffer form = {0};
    sort_form(desc, &form);
    return kept_id(arena, arena_format(arena, "sort/%s", desc->operator_id), &form);
}

static bool is_kept(const Run *run, const FlowSort *desc) {
    return !run_is_batch(run) && desc->watermark != FLOW_NO_INDEX;
}

static Outcome form_check(Run *run, const FlowSort *desc, const CheckpointRun *kept) {
    const char *own = state_id(&run->arena, desc);
    size_t length = (size_t)(strrchr(own, '#') - own) + 1;
    if (strncmp(kept->operator_id, own, length) != 0 || strcmp(kept->operator_id, own) == 0) {
        return OUTCOME_OK;
    }
    return sys_fail(run->sys,
                    OUTCOME_REFUSED,
                    "E730 %s: what it keeps of `%s` has other keys or another span than this "
                    "program: give it a new checkpoint and new tables",
                    run->checkpoint_path,
                    desc->operator_id);
}

Outcome kept_sorts_check(Run *run) {
    uint32_t count = 0;
    const CheckpointRun *kept = state_runs_list(run->state, &count);
    for (int64_t i = 0; i < run->program->sorts_count; i++) {
        for (uint32_t k = 0; is_kept(run, &run->program->sorts[i]) && k < count; k++) {
            TRY(form_check(run, &run->program->sorts[i], &kept[k]));
        }
    }
    return OUTCOME_OK;
}

Outcome kept_sort_begin(Run *run, uint32_t sort) {
    const FlowSort *desc = &run->program->sorts[sort];
    if (!is_kept(run, desc)) {
        return OUTCOME_OK;
    }
    GroupKeeper keeper;
    TRY(kept_begin(run, state_id(&run->epoch_arena, desc), &keeper));
    keeper.watermark_us = run_stream_watermark(run, desc->watermark);
    sort_state_keep(run->sorts[sort], &keeper);
    return OUTCOME_OK;
}
