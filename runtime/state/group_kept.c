// Groups that live longer than an epoch: those that its rows made and those that were kept before
// are two sequences in the order of their keys, which are merged. Each group is taken together,
// judged (is it given? is it kept?) and written again if it has changed.
//
// Windows come first in the order, by their end, so that those that close are at the front: what is
// kept behind them need not be read.
#include "state/group_spill.h"

enum { FLAG_GIVEN = 1, FLAG_CHANGED = 2, FLAG_BYTES = 1 };

// What becomes of a group.
typedef struct Verdict {
    bool is_given;
    bool is_kept;
    char flags; // of what is kept
} Verdict;

static int64_t end_of(const GroupSpill *spill, const char *key) {
    int32_t window_end = spill->group->window_end;
    FlowValue value;
    if (window_end == FLOW_NO_INDEX) {
        return INT64_MAX;
    }
    Arena scratch = {0}; // A time needs no memory.
    (void)key_read(&scratch, spill->group->keys[window_end].type, &key, &value);
    return value.i64;
}

static Verdict judge(const GroupSpill *spill, int64_t end_us, char flags, bool is_new) {
    const GroupKeeper *keeper = &spill->keeper;
    int64_t closing_us = 0;
    bool is_far = __builtin_add_overflow(end_us, spill->group->update_us, &closing_us);
    bool has_window = end_us != INT64_MAX;
    bool has_ended = has_window && end_us <= keeper->watermark_us;
    bool is_over = has_window && !is_far && closing_us <= keeper->watermark_us;
    bool was_given = (flags & FLAG_GIVEN) != 0;
    bool is_changed = is_new || (flags & FLAG_CHANGED) != 0;
    bool is_given = false;
    switch ((FlowEmit)spill->group->emit) {
    case FLOW_EMIT_CLOSE:
        is_given = was_given ? is_new : has_ended;
        break;
    case FLOW_EMIT_CHANGE:
        is_given = is_new;
        break;
    case FLOW_EMIT_EVERY:
        is_given = is_changed && (keeper->is_due || is_over);
        break;
    }
    int given = is_given || was_given ? FLAG_GIVEN : 0;
    int changed = is_changed && !is_given ? FLAG_CHANGED : 0;
    return (Verdict){.is_given = is_given, .is_kept = !is_over, .flags = (char)(given | changed)};
}

// --- one group
// ------------------------------------------------------------------------------------

// Whether what is kept next may have something to say, with no row of the epoch before it.
static bool entry_is_wanted(const GroupSpill *spill) {
    const GroupKeeper *keeper = &spill->keeper;
    if (!keeper->has_entry) {
        return false;
    }
    bool is_asked = keeper->is_due && spill->group->emit == FLOW_EMIT_EVERY;
    int64_t end_us = end_of(spill, keeper->key);
    return is_asked || (end_us != INT64_MAX && end_us <= keeper->watermark_us);
}

static Outcome verdict_write(GroupSpill *spill, const Verdict *verdict, bool was_kept) {
    GroupKeeper *keeper = &spill->keeper;
    if (verdict->is_kept) {
        buffer_clear(&spill->saved);
        buffer_char(&spill->saved, verdict->flags);
        group_slot_save(spill->group, spill->slot, &spill->saved);
        return keeper->put(keeper->user, &spill->key, &spill->saved);
    }
    return was_kept ? keeper->put(keeper->user, &spill->key, NULL) : OUTCOME_OK;
}

// What the epoch's rows made of a group, with what was kept of it.
static Outcome new_take(Sys *sys, GroupSpill *spill, Arena *arena, bool *is_given) {
    GroupKeeper *keeper = &spill->keeper;
    bool was_kept =
        keeper->has_entry &&
        bytes_order(keeper->key, keeper->key_length, spill->row.key, spill->row.key_length) == 0;
    char flags = was_kept ? keeper->value[0] : 0;
    Verdict verdict = judge(spill, end_of(spill, spill->row.key), flags, true);
    arena_reset(&spill->scratch);
    arena = verdict.is_given ? arena : &spill->scratch;
    TRY(group_gather(sys, spill, arena));
    if (was_kept) {
        group_saved_merge(spill, arena, keeper->value + FLAG_BYTES);
        TRY(keeper->next(keeper->user, keeper));
    }
    *is_given = verdict.is_given;
    return verdict_write(spill, &verdict, was_kept);
}

static Outcome kept_take(GroupSpill *spill, Arena *arena, bool *is_given) {
    GroupKeeper *keeper = &spill->keeper;
    char flags = keeper->value[0];
    Verdict verdict = judge(spill, end_of(spill, keeper->key), flags, false);
    bool is_same = verdict.is_kept && !verdict.is_given && verdict.flags == flags;
    *is_given = verdict.is_given;
    if (is_same) {
        return keeper->next(keeper->user, keeper);
    }
    arena_reset(&spill->scratch);
    buffer_clear(&spill->key);
    buffer_append(&spill->key, keeper->key, keeper->key_length);
    arena = verdict.is_given ? arena : &spill->scratch;
    group_slot_load(spill->group, arena, keeper->value + FLAG_BYTES, spill->slot);
    TRY(verdict_write(spill, &verdict, true));
    return keeper->next(keeper->user, keeper);
}

Outcome group_kept_next(Sys *sys, GroupSpill *spill, Arena *arena, bool *is_given, bool *has_more) {
    const GroupKeeper *keeper = &spill->keeper;
    *is_given = false;
    *has_more = spill->has_row || entry_is_wanted(spill);
    if (!*has_more) {
        return OUTCOME_OK;
    }
    bool is_before =
        keeper->has_entry &&
        (!spill->has_row ||
         bytes_order(keeper->key, keeper->key_length, spill->row.key, spill->row.key_length) < 0);
    return is_before ? kept_take(spill, arena, is_given) : new_take(sys, spill, arena, is_given);
}

// --- for another program -------------------------------------------------------------------------

// Where the saved bytes of each aggregate begin, and those of the last one end.
static const char **saved_parts(Arena *arena, const GroupAdaption *adaption, const char *saved) {
    const char **parts = arena_array(arena, const char *, adaption->before_count + 1);
    for (uint32_t i = 0; i < adaption->before_count; i++) {
        const FlowAgg *agg = &adaption->before[i];
        int32_t precision = agg->input == NULL ? 0 : agg->input->precision;
        FlowKind kind = agg->input == NULL ? FLOW_NULL : (FlowKind)agg->input->kind;
        void *accumulator =
            arena_zeroed(arena, 1, flow_agg_bytes((FlowAggKind)agg->kind, kind, precision));
        parts[i] = saved;
        agg_load(arena, agg, accumulator, &saved);
    }
    parts[adaption->before_count] = saved;
    return parts;
}

void group_kept_adapt(const GroupAdaption *adaption, const char *value, Buffer *adapted) {
    Arena arena = {0};
    const FlowGroup *group = adaption->group;
    char *empty = arena_zeroed(&arena, 1, (size_t)group->slot_bytes);
    const char **parts = saved_parts(&arena, adaption, value + FLAG_BYTES);
    buffer_clear(adapted);
    buffer_append(adapted, value, FLAG_BYTES);
    for (int64_t i = 0; i < group->aggs_count; i++) {
        int32_t from = adaption->from[i];
        if (from < 0) {
            agg_save(&group->aggs[i], empty + group->aggs[i].offset, adapted);
        } else {
            buffer_append(adapted, parts[from], (size_t)(parts[from + 1] - parts[from]));
        }
    }
    arena_free(&arena);
}
