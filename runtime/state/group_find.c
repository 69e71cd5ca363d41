// Groups by key: hash tables in fixed partitions over entries that never move.
//
// The partition is the hash's top bits and the bucket its low ones, so that a partition is spread
// evenly. An entry is a header, the accumulators and the key in one piece of the arena: what a row
// touches lies together, and the address that generated code remembers stays good.
//
// Of many groups, a row's bucket and entry are in no cache, and one row after the other would wait
// for memory twice. So keys wait until there are some: their buckets are fetched when they come,
// their entries when all buckets are there, and only then are they compared.
#include "state/group_internal.h"

enum {
    BUCKETS_MIN = 16,
    PARTITION_SHIFT = 58,
    TAG_SHIFT = 42,       // the bits below those of the partition, far above those of the bucket
    PARTITION_SMALL = 32, // groups of a partition; with fewer, the caches hold them
};
_Static_assert(STATE_PARTITIONS == 1 << (64 - PARTITION_SHIFT), "the hash's top bits");

typedef struct Key {
    uint64_t hash;
    const char *bytes;
    size_t length;
} Key;

static Key key_make(const void *bytes, size_t length) {
    return (Key){hash64(bytes, length), bytes, length};
}

static Partition *partition_of(GroupState *state, uint64_t hash) {
    return &state->partitions[hash >> PARTITION_SHIFT];
}

// By words, as most keys are a few; the last one may overlap the one before.
static bool bytes_are_same(const char *a, const char *b, size_t length) {
    if (length < sizeof(uint64_t)) {
        return length == 0 || memcmp(a, b, length) == 0;
    }
    uint64_t left;
    uint64_t right;
    for (size_t i = 0; i + sizeof left <= length; i += sizeof left) {
        memcpy(&left, a + i, sizeof left);
        memcpy(&right, b + i, sizeof right);
        if (left != right) {
            return false;
        }
    }
    memcpy(&left, a + length - sizeof left, sizeof left);
    memcpy(&right, b + length - sizeof right, sizeof right);
    return left == right;
}

static Bucket tag_of(uint64_t hash) {
    return hash >> TAG_SHIFT << BUCKET_ADDRESS_BITS;
}

static Bucket bucket_make(uint64_t hash, Entry *entry) {
    uint64_t address = (uint64_t)(uintptr_t)entry;
    ASSERT(address >> BUCKET_ADDRESS_BITS == 0);
    return tag_of(hash) | address;
}

static bool bucket_has_tag(Bucket bucket, uint64_t hash) {
    return (bucket ^ tag_of(hash)) >> BUCKET_ADDRESS_BITS == 0;
}

// All entries of a partition have the same form, wherever they come from.
static Bucket *bucket_find(const Partition *partition, const Key *key) {
    size_t key_offset = sizeof(Entry) + (size_t)partition->state->group->slot_bytes;
    uint64_t at = key->hash & (partition->capacity - 1);
    for (;;) {
        Bucket *bucket = &partition->buckets[at];
        if (*bucket == 0) {
            return bucket;
        }
        const Entry *entry = bucket_entry(*bucket);
        if (bucket_has_tag(*bucket, key->hash) && entry->key_length == key->length &&
            bytes_are_same((const char *)entry + key_offset, key->bytes, key->length)) {
            return bucket;
        }
        at = (at + 1) & (partition->capacity - 1);
    }
}

static Bucket *bucket_free_find(Bucket *buckets, uint64_t capacity, uint64_t hash) {
    uint64_t at = hash & (capacity - 1);
    while (buckets[at] != 0) {
        at = (at + 1) & (capacity - 1);
    }
    return &buckets[at];
}

static void partition_grow(Partition *partition) {
    uint64_t capacity = partition->capacity == 0 ? BUCKETS_MIN : partition->capacity * 2;
    Bucket *buckets = memory_alloc(capacity * sizeof(Bucket));
    memset(buckets, 0, capacity * sizeof(Bucket));
    for (uint64_t i = 0; i < partition->capacity; i++) {
        bucket_fetch_ahead(partition, i);
        if (partition->buckets[i] != 0) {
            const Entry *entry = bucket_entry(partition->buckets[i]);
            uint64_t hash = hash64(entry_key(entry), entry->key_length);
            *bucket_free_find(buckets, capacity, hash) = partition->buckets[i];
        }
    }
    memory_free(partition->buckets);
    partition->buckets = buckets;
    partition->capacity = capacity;
}

static Entry *entry_new(Partition *partition, const Key *key) {
    size_t slot_bytes = (size_t)partition->state->group->slot_bytes;
    Entry *entry = arena_alloc(&partition->arena, sizeof(Entry) + slot_bytes + key->length);
    *entry = (Entry){.partition = partition, .key_length = key->length};
    memset(entry_slot(entry), 0, slot_bytes);
    if (key->length > 0) {
        memcpy(entry_slot(entry) + slot_bytes, key->bytes, key->length);
    }
    return entry;
}

static void partition_reserve(Partition *partition) {
    if (partition->count * 5 >= partition->capacity * 4) {
        partition_grow(partition);
    }
}

static Entry *entry_find(GroupState *state, const Key *key) {
    Partition *partition = partition_of(state, key->hash);
    partition_reserve(partition);
    Bucket *bucket = bucket_find(partition, key);
    if (*bucket == 0) {
        *bucket = bucket_make(key->hash, entry_new(partition, key));
        partition->count++;
    }
    return bucket_entry(*bucket);
}

void group_entry_take(Partition *into, Entry *entry) {
    const FlowGroup *group = into->state->group;
    Key key = key_make(entry_key(entry), entry->key_length);
    partition_reserve(into);
    Bucket *bucket = bucket_find(into, &key);
    if (*bucket == 0) {
        *bucket = bucket_make(key.hash, entry);
        into->count++;
        return;
    }
    char *slot = entry_slot(bucket_entry(*bucket));
    for (int64_t i = 0; i < group->aggs_count; i++) {
        const FlowAgg *agg = &group->aggs[i];
        agg_merge(&into->arena, agg, slot + agg->offset, entry_slot(entry) + agg->offset);
    }
}

// --- what generated code calls -------------------------------------------------------------------

void *flow_rt_group_find(void *ctx, void *group, void *key, int64_t length) {
    (void)ctx;
    Key wanted = key_make(key, (size_t)length);
    return entry_slot(entry_find(((FlowGroupTable *)group)->table, &wanted));
}

static Bucket bucket_guess(const Partition *partition, uint64_t hash) {
    uint64_t at = hash & (partition->capacity - 1);
    while (partition->buckets[at] != 0 && !bucket_has_tag(partition->buckets[at], hash)) {
        at = (at + 1) & (partition->capacity - 1);
    }
    return partition->buckets[at];
}

static void waiting_settle(GroupState *state) {
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        uint64_t hash = state->waiting[i].hash;
        Bucket bucket = bucket_guess(partition_of(state, hash), hash);
        if (bucket != 0) {
            entry_fetch(bucket_entry(bucket));
        }
    }
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        const Waiting *waiting = &state->waiting[i];
        Key key = {waiting->hash, waiting->key, waiting->length};
        *waiting->place = entry_slot(entry_find(state, &key));
    }
    state->waiting_count = 0;
}

void *flow_rt_group_place(void *ctx, void *group, void *key, int64_t length, void *place) {
    (void)ctx;
    GroupState *state = ((FlowGroupTable *)group)->table;
    Key wanted = key_make(key, (size_t)length);
    const Partition *partition = partition_of(state, wanted.hash);
    if (partition->count < PARTITION_SMALL || wanted.length > WAITING_KEY_BYTES) {
        void *slot = entry_slot(entry_find(state, &wanted));
        *(void **)place = slot;
        return slot;
    }
    __builtin_prefetch(&partition->buckets[wanted.hash & (partition->capacity - 1)]);
    Waiting *waiting = &state->waiting[state->waiting_count++];
    waiting->hash = wanted.hash;
    waiting->length = wanted.length;
    waiting->place = place;
    memcpy(waiting->key, wanted.bytes, wanted.length);
    if (state->waiting_count == WAITING_MAX) {
        waiting_settle(state);
    }
    return NULL;
}

void flow_rt_group_settle(void *ctx, void *group) {
    (void)ctx;
    waiting_settle(((FlowGroupTable *)group)->table);
}
