// What `dedup` knows of earlier epochs: of each key the event times of the rows that it has passed
// on, until no row that is on time can be near them.
//
// Keys come in the order of their bytes, as entries do, so both are walked side by side.
#include "state/form.h"
#include "state/sort_internal.h"

void sort_form(const FlowSort *desc, Buffer *out) {
    buffer_format(out, "dedup %lld by", (long long)desc->within_us);
    for (int32_t i = 0; i < desc->key_count; i++) {
        buffer_char(out, ' ');
        type_form(desc->columns[i].type, out);
    }
}

void sort_state_keep(SortState *state, const GroupKeeper *keeper) {
    ASSERT(state->desc->kind == FLOW_SORT_DEDUP && !state->desc->keep_last);
    state->kept.keeper = *keeper;
    state->kept.is_on = true;
}

// A row is late if its time plus the span lies behind the watermark, so what lies twice the span
// behind is near to none that comes.
static bool is_over(const SortState *state, int64_t time_us) {
    int64_t reach_us = 0;
    bool is_far = __builtin_mul_overflow(state->desc->within_us, 2, &reach_us) ||
                  __builtin_add_overflow(time_us, reach_us, &reach_us);
    return !is_far && reach_us < state->kept.keeper.watermark_us;
}

static size_t times_count(const GroupKeeper *keeper) {
    return (size_t)(uint32_t)le64_read(keeper->value);
}

static int64_t time_at(const GroupKeeper *keeper, size_t index) {
    return le64_read(keeper->value + sizeof(int64_t) * (index + 1));
}

// Of a key that has no row in this epoch.
static Outcome entry_pass(SortState *state) {
    GroupKeeper *keeper = &state->kept.keeper;
    bool is_all = true;
    for (size_t i = 0; i < times_count(keeper); i++) {
        is_all &= is_over(state, time_at(keeper, i));
    }
    if (is_all) {
        Buffer key = {0};
        buffer_append(&key, keeper->key, keeper->key_length);
        Outcome outcome = keeper->put(keeper->user, &key, NULL);
        buffer_free(&key);
        TRY(outcome);
    }
    return keeper->next(keeper->user, keeper);
}

static int entry_order(const GroupKeeper *keeper, const Buffer *key) {
    return bytes_order(keeper->key, keeper->key_length, key->data, key->length);
}

static void time_append_le(Buffer *times, int64_t time_us) {
    char bytes[sizeof(time_us)];
    le64_write(bytes, time_us);
    buffer_append(times, bytes, sizeof(bytes));
}

Outcome sort_kept_begin(SortState *state) {
    SortKept *kept = &state->kept;
    GroupKeeper *keeper = &kept->keeper;
    buffer_clear(&kept->times);
    time_append_le(&kept->times, 0); // their number, in the end
    kept->is_changed = false;
    kept->had_entry = false;
    while (keeper->has_entry && entry_order(keeper, &state->group) < 0) {
        TRY(entry_pass(state));
    }
    if (!keeper->has_entry || entry_order(keeper, &state->group) > 0) {
        return OUTCOME_OK;
    }
    kept->had_entry = true;
    for (size_t i = 0; i < times_count(keeper); i++) {
        int64_t time_us = time_at(keeper, i);
        time_set_take(&state->times, time_us);
        if (is_over(state, time_us)) {
            kept->is_changed = true;
        } else {
            time_append_le(&kept->times, time_us);
        }
    }
    return keeper->next(keeper->user, keeper);
}

void sort_kept_passed(SortState *state, int64_t time_us) {
    if (!is_over(state, time_us)) {
        time_append_le(&state->kept.times, time_us);
        state->kept.is_changed = true;
    }
}

Outcome sort_kept_end(SortState *state) {
    SortKept *kept = &state->kept;
    if (!kept->is_on || !state->has_group || !kept->is_changed) {
        return OUTCOME_OK;
    }
    kept->is_changed = false;
    size_t count = kept->times.length / sizeof(int64_t) - 1;
    le64_write(kept->times.data, (int64_t)count);
    if (count > 0) {
        return kept->keeper.put(kept->keeper.user, &state->group, &kept->times);
    }
    return kept->had_entry ? kept->keeper.put(kept->keeper.user, &state->group, NULL) : OUTCOME_OK;
}

Outcome sort_kept_rest(SortState *state) {
    while (state->kept.is_on && state->kept.keeper.has_entry) {
        TRY(entry_pass(state));
    }
    return OUTCOME_OK;
}
