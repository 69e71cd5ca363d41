// Groups on disk: each is a row of a sorter, its key that by which results come out, its payload
// the saved accumulators. What several workers, or one at several times, have gathered of a group
// meets again when the rows are merged; aggregates don't depend on the order in which that happens.
#include "state/group_spill.h"

GroupSpill *group_spill_new(const FlowGroup *group, const StateOptions *options) {
    SorterOptions sorter = {
        .part_count = options->part_count,
        .memory_bytes = options->memory_bytes,
        .directory = options->directory,
        .limit = -1,
    };
    SorterOptions sessions = sorter;
    sessions.part_count = 1;
    GroupSpill *spill = memory_alloc(sizeof(GroupSpill));
    *spill = (GroupSpill){
        .group = group,
        .sorter = sorter_new(&sorter),
        .sessions = group_has_sessions(group) ? sorter_new(&sessions) : NULL,
        .slot = memory_aligned(16, (size_t)group->slot_bytes),
        .other = memory_aligned(16, (size_t)group->slot_bytes),
    };
    return spill;
}

void group_spill_free(Sys *sys, GroupSpill *spill) {
    if (spill == NULL) {
        return;
    }
    sorter_free(sys, spill->sorter);
    sorter_free(sys, spill->sessions);
    memory_free(spill->slot);
    memory_free(spill->other);
    buffer_free(&spill->key);
    buffer_free(&spill->saved);
    arena_free(&spill->scratch);
    memory_free(spill);
}

// --- in ------------------------------------------------------------------------------------------

// How many bytes of the sorting key stand before the group's key: those of the window's end.
static size_t prefix_find(Arena *scratch, const FlowGroup *group, const char *key, size_t *begin) {
    const char *at = key;
    const char *before = key;
    for (int32_t i = 0; i <= group->window_end; i++) {
        FlowValue value;
        before = at;
        (void)key_read(scratch, group->keys[i].type, &at, &value);
    }
    *begin = (size_t)(before - key);
    return (size_t)(at - before);
}

static void key_sorting(const FlowGroup *group, Entry *entry, Buffer *key) {
    buffer_clear(key);
    if (group_has_sessions(group)) {
        session_piece_key(group, entry, key);
        return;
    }
    Arena scratch = {0};
    char room[KEY_WORDS_CANONICAL_BYTES];
    size_t length;
    const char *bytes = entry_key_canonical(entry, room, &length);
    size_t begin = 0;
    size_t prefix = prefix_find(&scratch, group, bytes, &begin);
    arena_free(&scratch);
    buffer_append(key, bytes + begin, prefix);
    buffer_append(key, bytes, length);
}

static Outcome
entry_add(Sys *sys, GroupSpill *spill, uint32_t part, Entry *entry, Buffer *key, Buffer *payload) {
    key_sorting(spill->group, entry, key);
    buffer_clear(payload);
    group_slot_save(spill->group, entry_slot(entry), payload);
    SorterRow row = {
        .key = key->data,
        .key_length = key->length,
        .group_length = key->length,
        .payload = payload->data,
        .payload_length = payload->length,
    };
    return sorter_add(sys, spill->sorter, part, &row);
}

static Outcome partition_add(
    Sys *sys, GroupSpill *spill, uint32_t part, const Partition *partition, Buffer buffers[2]) {
    for (uint64_t i = 0; i < partition->capacity; i++) {
        Entry *entry = bucket_entry(partition->buckets[i]);
        if (entry != NULL) {
            TRY(entry_add(sys, spill, part, entry, &buffers[0], &buffers[1]));
        }
    }
    return OUTCOME_OK;
}

Outcome group_spill_add(Sys *sys, GroupSpill *spill, uint32_t part, GroupState *state) {
    Buffer buffers[2] = {0};
    Outcome outcome = OUTCOME_OK;
    for (uint32_t i = 0; outcome == OUTCOME_OK && i < STATE_PARTITIONS; i++) {
        outcome = partition_add(sys, spill, part, &state->partitions[i], buffers);
    }
    buffer_free(&buffers[0]);
    buffer_free(&buffers[1]);
    group_state_clear(state);
    return outcome;
}

Outcome group_spill_finish(Sys *sys, GroupSpill *spill) {
    return sorter_finish(sys, spill->sorter);
}

// --- out -----------------------------------------------------------------------------------------

Outcome group_row_next(Sys *sys, GroupSpill *spill) {
    return sorter_next(sys, spill->sorter, &spill->row, &spill->has_row);
}

void group_slot_load(const FlowGroup *group, Arena *arena, const char *at, char *slot) {
    memset(slot, 0, (size_t)group->slot_bytes);
    for (int64_t i = 0; i < group->aggs_count; i++) {
        agg_load(arena, &group->aggs[i], slot + group->aggs[i].offset, &at);
    }
}

void group_slot_merge(const FlowGroup *group, Arena *arena, char *into, const char *from) {
    for (int64_t i = 0; i < group->aggs_count; i++) {
        const FlowAgg *agg = &group->aggs[i];
        agg_merge(arena, agg, into + agg->offset, from + agg->offset);
    }
}

void group_slot_save(const FlowGroup *group, const char *slot, Buffer *out) {
    for (int64_t i = 0; i < group->aggs_count; i++) {
        agg_save(&group->aggs[i], slot + group->aggs[i].offset, out);
    }
}

static bool is_same_group(const GroupSpill *spill) {
    return spill->has_row && spill->row.key_length == spill->key.length &&
           memcmp(spill->row.key, spill->key.data, spill->key.length) == 0;
}

void group_saved_merge(GroupSpill *spill, Arena *arena, const char *saved) {
    group_slot_load(spill->group, arena, saved, spill->other);
    group_slot_merge(spill->group, arena, spill->slot, spill->other);
}

Outcome group_gather(Sys *sys, GroupSpill *spill, Arena *arena) {
    buffer_clear(&spill->key);
    buffer_append(&spill->key, spill->row.key, spill->row.key_length);
    group_slot_load(spill->group, arena, spill->row.payload, spill->slot);
    TRY(group_row_next(sys, spill));
    while (is_same_group(spill)) {
        group_saved_merge(spill, arena, spill->row.payload);
        TRY(group_row_next(sys, spill));
    }
    return OUTCOME_OK;
}

static uint16_t group_put(const GroupSpill *spill, Batch *batch, uint32_t row) {
    size_t begin = 0;
    const char *key = arena_copy(&batch->arena, spill->key.data, spill->key.length);
    // The prefix is the window's end, which is as long here as in the key itself.
    FlowValue value;
    const char *at = key;
    if (group_has_sessions(spill->group)) {
        begin = SESSION_TIME_BYTES;
    } else if (spill->group->window_end != FLOW_NO_INDEX) {
        const FlowTypeDesc *type = spill->group->keys[spill->group->window_end].type;
        (void)key_read(&batch->arena, type, &at, &value);
        begin = (size_t)(at - key);
    }
    group_keys_put(spill->group, key + begin, batch, row);
    return group_aggs_put(spill->group, spill->slot, batch, row);
}

static Outcome
result_next(Sys *sys, GroupSpill *spill, Arena *arena, bool *is_given, bool *has_more) {
    if (spill->keeper.put != NULL) {
        return group_kept_next(sys, spill, arena, is_given, has_more);
    }
    *has_more = spill->has_row;
    *is_given = spill->has_row;
    return spill->has_row ? group_gather(sys, spill, arena) : OUTCOME_OK;
}

// What results point to lives as long as the batch: its arena.
Outcome group_spill_next(Sys *sys, GroupSpill *spill, Batch *batch, uint16_t *overflow) {
    int64_t *offsets = batch->abi.offsets;
    uint32_t row = 0;
    batch_clear(batch);
    if (!spill->is_begun) {
        spill->is_begun = true;
        if (group_has_sessions(spill->group)) {
            TRY(group_sessions_sort(sys, spill));
        }
        TRY(group_row_next(sys, spill));
    }
    bool has_more = true;
    while (row < FLOW_BATCH_ROWS_MAX && has_more) {
        bool is_given = false;
        TRY(result_next(sys, spill, &batch->arena, &is_given, &has_more));
        if (is_given) {
            overflow[row] = group_put(spill, batch, row);
            offsets[row++] = spill->given++;
        }
    }
    group_batch_end(batch, row);
    return OUTCOME_OK;
}

// --- kept ----------------------------------------------------------------------------------------

void group_spill_keep(GroupSpill *spill, const GroupKeeper *keeper) {
    ASSERT(!spill->is_begun);
    spill->keeper = *keeper;
}
