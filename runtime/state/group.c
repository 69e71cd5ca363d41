// Groups by key: hash tables in fixed partitions over entries that never move.
//
// The partition is the hash's top bits and the bucket its low ones, so that a partition is spread
// evenly. An entry is a header, the accumulators and the key in one piece of the arena: what a row
// touches lies together, and the address that generated code remembers stays good.
#include "state/agg.h"

enum { BUCKETS_MIN = 16, PARTITION_SHIFT = 58 };
_Static_assert(STATE_PARTITIONS == 1 << (64 - PARTITION_SHIFT), "the hash's top bits");

typedef struct Entry {
    GroupState *state; // found again from an accumulator: flow_rt_agg_update knows no more
    uint64_t hash;
    uint64_t key_length;
    uint64_t reserved; // keeps the accumulators 16-byte aligned
} Entry;

typedef struct Bucket {
    uint64_t hash;
    Entry *entry; // NULL: free
} Bucket;

typedef struct Partition {
    Bucket *buckets;
    uint64_t capacity; // a power of two
    uint64_t count;
} Partition;

typedef struct Ordered {
    uint64_t rank; // window end, or the key's first bytes
    Entry *entry;
} Ordered;

struct GroupState {
    FlowGroupTable abi;
    const FlowGroup *group;
    Arena arena;
    uint64_t count;
    Ordered *ordered; // made when results are first asked for
    Partition partitions[STATE_PARTITIONS];
};

static char *entry_slot(Entry *entry) {
    return (char *)entry + sizeof(Entry);
}

static const char *entry_key(const Entry *entry) {
    return (const char *)entry + sizeof(Entry) + (size_t)entry->state->group->slot_bytes;
}

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

static Entry *entry_new(GroupState *state, uint64_t hash, const char *key, size_t length) {
    size_t slot_bytes = (size_t)state->group->slot_bytes;
    Entry *entry = arena_alloc(&state->arena, sizeof(Entry) + slot_bytes + length);
    *entry = (Entry){.state = state, .hash = hash, .key_length = length};
    memset(entry_slot(entry), 0, slot_bytes);
    if (length > 0) {
        memcpy(entry_slot(entry) + slot_bytes, key, length);
    }
    state->count++;
    return entry;
}

static Entry *entry_find(GroupState *state, const char *key, size_t length) {
    uint64_t hash = hash64(key, length);
    Partition *partition = &state->partitions[hash >> PARTITION_SHIFT];
    if (partition->count * 4 >= partition->capacity * 3) {
        partition_grow(partition);
    }
    Bucket *bucket = bucket_find(partition, hash, key, length);
    if (bucket->entry == NULL) {
        *bucket = (Bucket){hash, entry_new(state, hash, key, length)};
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
    agg_update(&entry->state->arena, desc, accumulator, value);
}

void flow_rt_agg_update_at(
    void *ctx, void *agg, void *accumulator, void *values, void *batch, int32_t row) {
    const FlowAgg *desc = agg;
    Entry *entry = (Entry *)(void *)((char *)accumulator - desc->offset - sizeof(Entry));
    AggPlace place = agg_place_of(ctx, batch, row);
    agg_update_at(&entry->state->arena, desc, accumulator, values, &place);
}

GroupState *group_state_new(const FlowGroup *group) {
    GroupState *state = memory_alloc(sizeof(GroupState));
    memset(state, 0, sizeof(*state));
    state->group = group;
    state->abi = (FlowGroupTable){.last_length = -1, .table = state};
    if (group->is_total) {
        entry_find(state, "", 0); // One row, even over no rows.
    }
    return state;
}

void group_state_free(GroupState *state) {
    if (state == NULL) {
        return;
    }
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        memory_free(state->partitions[i].buckets);
    }
    memory_free(state->ordered);
    arena_free(&state->arena);
    memory_free(state);
}

FlowGroupTable *group_state_table(GroupState *state) {
    return &state->abi;
}

uint64_t group_state_count(const GroupState *state) {
    return state->count;
}

uint64_t group_state_bytes(const GroupState *state) {
    uint64_t bytes = state->arena.total_bytes;
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        bytes += state->partitions[i].capacity * sizeof(Bucket);
    }
    return bytes;
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

static void state_order(GroupState *state) {
    Arena scratch = {0};
    uint64_t count = 0;
    state->ordered = memory_alloc(state->count * sizeof(Ordered));
    for (uint32_t p = 0; p < STATE_PARTITIONS; p++) {
        const Partition *partition = &state->partitions[p];
        for (uint64_t i = 0; i < partition->capacity; i++) {
            Entry *entry = partition->buckets[i].entry;
            if (entry != NULL) {
                state->ordered[count++] = (Ordered){entry_rank(&scratch, state, entry), entry};
            }
        }
    }
    ASSERT(count == state->count);
    qsort(state->ordered, count, sizeof(Ordered), ordered_compare);
    arena_free(&scratch);
}

static void keys_put(const FlowGroup *group, const Entry *entry, Batch *batch, uint32_t row) {
    const char *at = entry_key(entry);
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
static uint16_t aggs_put(const FlowGroup *group, Entry *entry, Batch *batch, uint32_t row) {
    uint16_t overflow = 0;
    for (uint32_t i = 0; i < (uint32_t)group->aggs_count; i++) {
        const FlowAgg *agg = &group->aggs[i];
        uint32_t column = (uint32_t)group->keys_count + i;
        FlowValue value = {0};
        switch (agg_result(&batch->arena, agg, entry_slot(entry) + agg->offset, &value)) {
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

bool group_state_next(GroupState *state, uint64_t *cursor, Batch *batch, uint16_t *overflow) {
    if (*cursor >= state->count) {
        return false;
    }
    if (state->ordered == NULL) {
        state_order(state);
    }
    int64_t *offsets = batch->abi.offsets;
    uint32_t row = 0;
    while (row < FLOW_BATCH_ROWS_MAX && *cursor < state->count) {
        Entry *entry = state->ordered[*cursor].entry;
        keys_put(state->group, entry, batch, row);
        overflow[row] = aggs_put(state->group, entry, batch, row);
        offsets[row] = (int64_t)*cursor;
        row++;
        *cursor += 1;
    }
    batch->abi.row_count = (int32_t)row;
    batch->abi.raws = NULL; // What a group gives has no one record behind it.
    batch->abi.source = FLOW_NO_INDEX;
    batch_select_all(batch);
    return true;
}
