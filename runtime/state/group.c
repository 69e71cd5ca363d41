// Groups from their first row to their results: states, merging, results. How a key's group is
// found: group_find.c; in which order results come: group_order.c.
#include "state/group_internal.h"

void flow_rt_agg_update(void *ctx, void *agg, void *accumulator, void *value) {
    (void)ctx;
    const FlowAgg *desc = agg;
    Entry *entry = (Entry *)(void *)((char *)accumulator - desc->offset - sizeof(Entry));
    agg_update(&entry->partition->arena, desc, accumulator, value);
}

void flow_rt_agg_update_at(
    void *ctx, void *agg, void *accumulator, void *values, void *batch, int32_t row) {
    const FlowAgg *desc = agg;
    Entry *entry = (Entry *)(void *)((char *)accumulator - desc->offset - sizeof(Entry));
    AggPlace place = agg_place_of(ctx, batch, row);
    agg_update_at(&entry->partition->arena, desc, accumulator, values, &place);
}

GroupState *group_state_new(const FlowGroup *group) {
    GroupState *state = memory_alloc(sizeof(GroupState));
    memset(state, 0, sizeof(*state));
    state->group = group;
    group_key_measure(state);
    state->abi = (FlowGroupTable){.places = state->places, .table = state};
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        state->partitions[i].state = state;
    }
    if (group->is_total) {
        (void)flow_rt_group_find(NULL, &state->abi, (void *)(uintptr_t)"", 0); // even over no rows
    }
    return state;
}

void group_state_clear(GroupState *state) {
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        memory_free(state->partitions[i].buckets);
        arena_free(&state->partitions[i].arena);
        state->partitions[i] = (Partition){.state = state};
    }
    memory_free(state->ordered);
    state->ordered = NULL;
    state->made = 0;
}

void group_state_free(GroupState *state) {
    if (state != NULL) {
        group_state_clear(state);
        buffer_free(&state->waiting.keys);
        memory_free(state);
    }
}

FlowGroupTable *group_state_table(GroupState *state) {
    return &state->abi;
}

uint64_t group_state_count(const GroupState *state) {
    uint64_t count = 0;
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        count += state->partitions[i].count;
    }
    return count;
}

uint64_t group_state_bytes(const GroupState *state) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        bytes += state->partitions[i].arena.total_bytes;
        bytes += state->partitions[i].capacity * sizeof(Bucket);
    }
    return bytes;
}

// --- merging -------------------------------------------------------------------------------------

typedef struct Merging {
    GroupState **states;
    uint32_t count;
} Merging;

static void partition_merge(void *user, uint32_t index, uint32_t worker) {
    const Merging *merging = user;
    Partition *into = &merging->states[0]->partitions[index];
    (void)worker;
    for (uint32_t s = 1; s < merging->count; s++) {
        Partition *from = &merging->states[s]->partitions[index];
        for (uint64_t i = 0; i < from->capacity; i++) {
            bucket_fetch_ahead(from, i);
            if (from->buckets[i] != 0) {
                group_entry_take(into, bucket_entry(from->buckets[i]));
            }
        }
        memory_free(from->buckets);
        from->buckets = NULL;
        from->capacity = 0;
        from->count = 0;
    }
}

void group_states_merge(GroupState **states, uint32_t count, Tasks *tasks) {
    Merging merging = {states, count};
    tasks_run(count == 1 ? NULL : tasks, STATE_PARTITIONS, partition_merge, &merging);
}

// --- results -------------------------------------------------------------------------------------

void group_keys_put(const FlowGroup *group, const char *key, Batch *batch, uint32_t row) {
    const char *at = key;
    for (uint32_t i = 0; i < (uint32_t)group->keys_count; i++) {
        FlowValue value = {0};
        if (key_read(&batch->arena, group->keys[i].type, &at, &value)) {
            batch_set(batch, i, row, value);
        } else {
            batch_set_null(batch, i, row);
        }
    }
}

// Integers in words: turned over, and with their sign.
static void wholes_put(const FlowGroup *group, const char *key, Batch *batch, uint32_t row) {
    for (uint32_t i = 0; i < (uint32_t)group->keys_count; i++, key += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, key, sizeof(word));
        int64_t value = (int64_t)(__builtin_bswap64(word) ^ UINT64_C(1) << 63);
        const FlowColumn *column = batch_column(batch, i);
        if (flow_kind_width((FlowKind)group->keys[i].type->kind, 0) == sizeof(value) &&
            column->validity == NULL) {
            ((int64_t *)column->values)[row] = value;
        } else {
            batch_set(batch, i, row, (FlowValue){.i64 = value});
        }
    }
}

static void entry_key_put(const GroupState *state, const Entry *entry, Batch *batch, uint32_t row) {
    char room[KEY_WORDS_CANONICAL_BYTES];
    size_t length;
    if (state->has_wholes) {
        wholes_put(state->group, entry_key(entry), batch, row);
    } else {
        group_keys_put(state->group, entry_key_canonical(entry, room, &length), batch, row);
    }
}

// The first result of the row that overflows, as index + 1.
uint16_t group_aggs_put(const FlowGroup *group, char *slot, Batch *batch, uint32_t row) {
    uint16_t overflow = 0;
    for (uint32_t i = 0; i < (uint32_t)group->aggs_count; i++) {
        const FlowAgg *agg = &group->aggs[i];
        uint32_t column = (uint32_t)group->keys_count + i;
        FlowValue value = {0};
        switch (agg_result(&batch->arena, agg, slot + agg->offset, &value)) {
        case AGG_VALUE:
            batch_set(batch, column, row, value);
            break;
        case AGG_NULL:
            batch_set_null(batch, column, row);
            break;
        case AGG_OVERFLOW:
            batch_set_blank(batch, column, row);
            overflow = overflow == 0 ? (uint16_t)(i + 1) : overflow;
            break;
        }
    }
    return overflow;
}

void group_batch_end(Batch *batch, uint32_t row_count) {
    batch->abi.row_count = (int32_t)row_count;
    batch->abi.raws = NULL; // What a group gives has no one record behind it.
    batch->abi.source = FLOW_NO_INDEX;
    batch_select_all(batch);
}

bool group_state_next(GroupState *state, uint64_t *cursor, Batch *batch, uint16_t *overflow) {
    if (state->ordered == NULL) {
        group_state_order(state, NULL);
    }
    if (*cursor >= state->count) {
        return false;
    }
    int64_t *offsets = batch->abi.offsets;
    uint32_t row = 0;
    while (row < FLOW_BATCH_ROWS_MAX && *cursor < state->count) {
        Entry *entry = state->ordered[*cursor].entry;
        if (*cursor + FETCH_AHEAD < state->count) {
            entry_fetch(state->ordered[*cursor + FETCH_AHEAD].entry, CACHE_LINE_BYTES);
        }
        entry_key_put(state, entry, batch, row);
        overflow[row] = group_aggs_put(state->group, entry_slot(entry), batch, row);
        offsets[row] = (int64_t)*cursor;
        row++;
        *cursor += 1;
    }
    group_batch_end(batch, row);
    return true;
}
