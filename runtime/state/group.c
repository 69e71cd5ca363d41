// Groups by key: hash tables in fixed partitions over entries that never move.
//
// The partition is the hash's top bits and the bucket its low ones, so that a partition is spread
// evenly. An entry is a header, the accumulators and the key in one piece of the arena: what a row
// touches lies together, and the address that generated code remembers stays good.
#include "state/group_internal.h"

enum { BUCKETS_MIN = 16, PARTITION_SHIFT = 58 };
_Static_assert(STATE_PARTITIONS == 1 << (64 - PARTITION_SHIFT), "the hash's top bits");

static Bucket *
bucket_find(const Partition *partition, uint64_t hash, const char *key, size_t length) {
    uint64_t at = hash & (partition->capacity - 1);
    for (;;) {
        Bucket *bucket = &partition->buckets[at];
        if (bucket->entry == NULL) {
            return bucket;
        }
        bool is_same = bucket->hash == hash && bucket->entry->key_length == length &&
                       (length == 0 || memcmp(entry_key(bucket->entry), key, length) == 0);
        if (is_same) {
            return bucket;
        }
        at = (at + 1) & (partition->capacity - 1);
    }
}

static void partition_grow(Partition *partition) {
    uint64_t capacity = partition->capacity == 0 ? BUCKETS_MIN : partition->capacity * 2;
    Bucket *buckets = memory_alloc(capacity * sizeof(Bucket));
    memset(buckets, 0, capacity * sizeof(Bucket));
    for (uint64_t i = 0; i < partition->capacity; i++) {
        if (partition->buckets[i].entry == NULL) {
            continue;
        }
        uint64_t at = partition->buckets[i].hash & (capacity - 1);
        while (buckets[at].entry != NULL) {
            at = (at + 1) & (capacity - 1);
        }
        buckets[at] = partition->buckets[i];
    }
    memory_free(partition->buckets);
    partition->buckets = buckets;
    partition->capacity = capacity;
}

static Entry *entry_new(Partition *partition, uint64_t hash, const char *key, size_t length) {
    size_t slot_bytes = (size_t)partition->state->group->slot_bytes;
    Entry *entry = arena_alloc(&partition->arena, sizeof(Entry) + slot_bytes + length);
    *entry = (Entry){.partition = partition, .hash = hash, .key_length = length};
    memset(entry_slot(entry), 0, slot_bytes);
    if (length > 0) {
        memcpy(entry_slot(entry) + slot_bytes, key, length);
    }
    return entry;
}

static void partition_reserve(Partition *partition) {
    if (partition->count * 4 >= partition->capacity * 3) {
        partition_grow(partition);
    }
}

static Entry *entry_find(GroupState *state, const char *key, size_t length) {
    uint64_t hash = hash64(key, length);
    Partition *partition = &state->partitions[hash >> PARTITION_SHIFT];
    partition_reserve(partition);
    Bucket *bucket = bucket_find(partition, hash, key, length);
    if (bucket->entry == NULL) {
        *bucket = (Bucket){hash, entry_new(partition, hash, key, length)};
        partition->count++;
    }
    return bucket->entry;
}

void *flow_rt_group_find(void *ctx, void *group, void *key, int64_t length) {
    (void)ctx;
    FlowGroupTable *table = group;
    Entry *entry = entry_find(table->table, key, (size_t)length);
    table->last_key = (void *)(uintptr_t)entry_key(entry);
    table->last_length = length;
    table->last_slot = entry_slot(entry);
    return table->last_slot;
}

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
    state->abi = (FlowGroupTable){.last_length = -1, .table = state};
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        state->partitions[i].state = state;
    }
    if (group->is_total) {
        entry_find(state, "", 0); // One row, even over no rows.
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
    state->abi.last_length = -1;
}

void group_state_free(GroupState *state) {
    if (state != NULL) {
        group_state_clear(state);
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

// A group that the partition lacks is taken as it is: its memory lives as long as its own state.
static void entry_take(Partition *into, Entry *entry) {
    const FlowGroup *group = into->state->group;
    partition_reserve(into);
    Bucket *bucket = bucket_find(into, entry->hash, entry_key(entry), entry->key_length);
    if (bucket->entry == NULL) {
        *bucket = (Bucket){entry->hash, entry};
        into->count++;
        return;
    }
    for (int64_t i = 0; i < group->aggs_count; i++) {
        const FlowAgg *agg = &group->aggs[i];
        agg_merge(&into->arena,
                  agg,
                  entry_slot(bucket->entry) + agg->offset,
                  entry_slot(entry) + agg->offset);
    }
}

static void partition_merge(void *user, uint32_t index, uint32_t worker) {
    const Merging *merging = user;
    Partition *into = &merging->states[0]->partitions[index];
    (void)worker;
    for (uint32_t s = 1; s < merging->count; s++) {
        Partition *from = &merging->states[s]->partitions[index];
        for (uint64_t i = 0; i < from->capacity; i++) {
            if (from->buckets[i].entry != NULL) {
                entry_take(into, from->buckets[i].entry);
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

// --- results in order ----------------------------------------------------------------------------

// The first key column's eight bytes behind its tag, as a number that orders as they do; the tag, 0
// or 1, takes the top bit. So keys that begin with an integer hardly ever need a closer look.
static uint64_t rank_of_bytes(const char *bytes, size_t length) {
    char first[9] = {0};
    uint64_t rank = 0;
    memcpy(first, bytes, length < sizeof(first) ? length : sizeof(first));
    memcpy(&rank, first + 1, sizeof(rank));
    return (uint64_t)first[0] << 63 | __builtin_bswap64(rank) >> 1;
}

static uint64_t entry_rank(Arena *scratch, const GroupState *state, const Entry *entry) {
    const FlowGroup *group = state->group;
    const char *at = entry_key(entry);
    if (group->window_end == FLOW_NO_INDEX) {
        return rank_of_bytes(at, entry->key_length);
    }
    FlowValue value = {0};
    bool has = false;
    for (int32_t i = 0; i <= group->window_end; i++) {
        has = key_read(scratch, group->keys[i].type, &at, &value);
    }
    return has ? (uint64_t)value.i64 ^ UINT64_C(1) << 63 : 0;
}

static int ordered_compare(const void *a, const void *b) {
    const Ordered *left = a;
    const Ordered *right = b;
    if (left->rank != right->rank) {
        return left->rank < right->rank ? -1 : 1;
    }
    uint64_t left_length = left->entry->key_length;
    uint64_t right_length = right->entry->key_length;
    uint64_t shorter = left_length < right_length ? left_length : right_length;
    int order = memcmp(entry_key(left->entry), entry_key(right->entry), shorter);
    return order != 0 ? order : (left_length > right_length) - (left_length < right_length);
}

// --- the order, in parallel ----------------------------------------------------------------------

// Runs of `ordered` are sorted each for itself, then two by two merged into the other array.
typedef struct Ordering {
    GroupState *state;
    uint64_t starts[STATE_PARTITIONS + 1]; // of each partition's entries
    Ordered *from;
    Ordered *to;
    uint32_t width; // partitions that make a sorted run
} Ordering;

static void partition_order(void *user, uint32_t index, uint32_t worker) {
    Ordering *ordering = user;
    const Partition *partition = &ordering->state->partitions[index];
    Ordered *first = ordering->from + ordering->starts[index];
    Ordered *at = first;
    Arena scratch = {0};
    (void)worker;
    for (uint64_t i = 0; i < partition->capacity; i++) {
        Entry *entry = partition->buckets[i].entry;
        if (entry != NULL) {
            *at++ = (Ordered){entry_rank(&scratch, ordering->state, entry), entry};
        }
    }
    ASSERT((uint64_t)(at - first) == partition->count);
    qsort(first, partition->count, sizeof(Ordered), ordered_compare);
    arena_free(&scratch);
}

static void runs_merge(void *user, uint32_t index, uint32_t worker) {
    Ordering *ordering = user;
    (void)worker;
    uint32_t first = index * 2 * ordering->width;
    uint64_t a = ordering->starts[first];
    uint64_t a_end = ordering->starts[first + ordering->width];
    uint64_t b = a_end;
    uint64_t b_end = ordering->starts[first + 2 * ordering->width];
    for (uint64_t out = a; out < b_end; out++) {
        bool is_a = b == b_end ||
                    (a < a_end && ordered_compare(&ordering->from[a], &ordering->from[b]) <= 0);
        ordering->to[out] = ordering->from[is_a ? a++ : b++];
    }
}

void group_state_order(GroupState *state, Tasks *tasks) {
    Ordering ordering = {.state = state};
    ASSERT(state->ordered == NULL);
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        ordering.starts[i + 1] = ordering.starts[i] + state->partitions[i].count;
    }
    state->count = ordering.starts[STATE_PARTITIONS];
    ordering.from = memory_alloc(state->count * sizeof(Ordered));
    ordering.to = memory_alloc(state->count * sizeof(Ordered));
    tasks_run(tasks, STATE_PARTITIONS, partition_order, &ordering);
    for (ordering.width = 1; ordering.width < STATE_PARTITIONS; ordering.width *= 2) {
        tasks_run(tasks, STATE_PARTITIONS / (2 * ordering.width), runs_merge, &ordering);
        Ordered *merged = ordering.to;
        ordering.to = ordering.from;
        ordering.from = merged;
    }
    memory_free(ordering.to);
    state->ordered = ordering.from;
}

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

static void null_put(Batch *batch, uint32_t column, uint32_t row) {
    if (batch_column(batch, column)->validity != NULL) {
        batch_set_null(batch, column, row);
    } else {
        batch_set(batch, column, row, (FlowValue){0}); // A row that leaves for the DLQ.
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
            null_put(batch, column, row);
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
        group_keys_put(state->group, entry_key(entry), batch, row);
        overflow[row] = group_aggs_put(state->group, entry_slot(entry), batch, row);
        offsets[row] = (int64_t)*cursor;
        row++;
        *cursor += 1;
    }
    group_batch_end(batch, row);
    return true;
}
