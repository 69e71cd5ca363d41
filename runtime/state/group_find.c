// Groups by key: hash tables in fixed partitions over entries that never move.
//
// The partition is the hash's top bits and the bucket its low ones, so that a partition is spread
// evenly. An entry is a header, the accumulators and the key in one piece of the arena: what a row
// touches lies together, and the address that generated code remembers stays good.
//
// Of many groups, a row's bucket and entry are in no cache, and one row after the other would wait
// for memory twice. So the keys of a batch wait for its end. Then, block by block, they are hashed
// and their buckets fetched, their entries fetched when the buckets are there, and only then are
// they compared. Numbers make keys of one length, for which all of this is compiled once more.
#include "state/group_internal.h"

#define XXH_INLINE_ALL // of a length that the compiler knows a few instructions are left
#include <xxhash.h>

enum {
    BUCKETS_MIN = 16,
    PARTITION_SHIFT = 58,
    TAG_SHIFT = 42,    // the bits below those of the partition, far above those of the bucket
    GROUPS_FEW = 2048, // the caches hold them
    BLOCK_KEYS = 64,   // that are looked for together
    WORD_BYTES = 8,
    ENTRY_ALIGNMENT = 16,
    ENTRIES_MIN = 4, // of a piece of room
    ENTRIES_MAX = 256,
};
_Static_assert(STATE_PARTITIONS == 1 << (64 - PARTITION_SHIFT), "the hash's top bits");

typedef struct Key {
    uint64_t hash;
    const char *bytes;
    size_t length;
} Key;

static inline uint64_t key_hash(const void *bytes, size_t length) {
    return XXH3_64bits(bytes, length);
}

static inline Key key_make(const void *bytes, size_t length) {
    return (Key){key_hash(bytes, length), bytes, length};
}

// All pieces of a key's sessions are in one partition, so its top bits are of the key alone.
static uint64_t piece_hash(uint64_t hash, const char *bytes, size_t length) {
    uint64_t own = key_hash(bytes + SESSION_TIME_BYTES, length - SESSION_TIME_BYTES);
    uint64_t top = UINT64_MAX << PARTITION_SHIFT;
    return (own & top) | (hash & ~top);
}

static inline uint64_t group_hash(const GroupState *state, const char *bytes, size_t length) {
    uint64_t hash = key_hash(bytes, length);
    return group_has_sessions(state->group) ? piece_hash(hash, bytes, length) : hash;
}

static inline Partition *partition_of(GroupState *state, uint64_t hash) {
    return &state->partitions[hash >> PARTITION_SHIFT];
}

// By words, as most keys are a few; the last one may overlap the one before.
static inline bool bytes_are_same(const char *a, const char *b, size_t length) {
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

static inline Bucket tag_of(uint64_t hash) {
    return hash >> TAG_SHIFT << BUCKET_ADDRESS_BITS;
}

static Bucket bucket_make(uint64_t hash, Entry *entry) {
    uint64_t address = (uint64_t)(uintptr_t)entry;
    ASSERT(address >> BUCKET_ADDRESS_BITS == 0);
    return tag_of(hash) | address;
}

static inline bool bucket_has_tag(Bucket bucket, uint64_t hash) {
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
            uint64_t hash = key_hash(entry_key(entry), entry->key_length);
            *bucket_free_find(buckets, capacity, hash) = partition->buckets[i];
        }
    }
    memory_free(partition->buckets);
    partition->buckets = buckets;
    partition->capacity = capacity;
}

// One that fits into a cache line lies in one.
static size_t entry_alignment(size_t bytes) {
    bool is_line = bytes > CACHE_LINE_BYTES - ENTRY_ALIGNMENT && bytes <= CACHE_LINE_BYTES;
    return is_line ? CACHE_LINE_BYTES : ENTRY_ALIGNMENT;
}

static Entry *entry_room(Partition *partition, size_t bytes) {
    size_t alignment = entry_alignment(bytes);
    size_t stride = (bytes + alignment - 1) & ~(alignment - 1);
    if ((size_t)(partition->room_end - partition->room) < stride) {
        uint32_t more =
            partition->room_entries < ENTRIES_MIN ? ENTRIES_MIN : partition->room_entries;
        size_t spare = alignment - ENTRY_ALIGNMENT;
        char *room = arena_alloc(&partition->arena, more * stride + spare);
        size_t beyond = (uintptr_t)room & (alignment - 1);
        partition->room = beyond == 0 ? room : room + (alignment - beyond);
        partition->room_end = partition->room + more * stride;
        partition->room_entries = more < ENTRIES_MAX ? more * 2 : more;
    }
    Entry *entry = (Entry *)(void *)partition->room;
    partition->room += stride;
    return entry;
}

static Entry *entry_new(Partition *partition, const Key *key) {
    size_t slot_bytes = (size_t)partition->state->group->slot_bytes;
    size_t bytes = sizeof(Entry) + slot_bytes + key->length;
    Entry *entry = partition->state->key_bytes != 0 ? entry_room(partition, bytes)
                                                    : arena_alloc(&partition->arena, bytes);
    *entry = (Entry){.partition = partition, .key_length = key->length};
    memset(entry_slot(entry), 0, slot_bytes);
    if (key->length > 0) {
        memcpy(entry_slot(entry) + slot_bytes, key->bytes, key->length);
    }
    return entry;
}

static void partition_reserve(Partition *partition) {
    if (partition->count * 4 >= partition->capacity * 3) {
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
        state->made++;
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

// --- keys of words -------------------------------------------------------------------------------

void group_key_measure(GroupState *state) {
    const FlowGroup *group = state->group;
    uint32_t words = 0;
    bool has_wholes = true;
    if (group_has_sessions(group)) {
        return; // The bytes in front of their keys come and go.
    }
    for (int64_t i = 0; i < group->keys_count; i++) {
        const FlowTypeDesc *type = group->keys[i].type;
        bool is_float = type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64;
        bool is_number = value_is_whole(type) || is_float || type->kind == FLOW_DECIMAL;
        if (type->is_nullable != 0 || !is_number || words + 2 > KEY_WORDS_MAX) {
            return;
        }
        words += key_column_words(type);
        has_wholes = has_wholes && value_is_whole(type);
        state->has_halves |= key_column_words(type) > 1;
    }
    state->key_bytes = words * WORD_BYTES;
    state->has_wholes = has_wholes && words > 0;
}

// Of canonical bytes: without the tags, which are all the same.
static inline void words_put(const GroupState *state, const char *key, char *out) {
    if (!state->has_halves) {
        for (size_t at = 0; at < state->key_bytes; at += WORD_BYTES, key += 1 + WORD_BYTES) {
            memcpy(out + at, key + 1, WORD_BYTES);
        }
        return;
    }
    for (int64_t i = 0; i < state->group->keys_count; i++) {
        size_t bytes = key_column_words(state->group->keys[i].type) * WORD_BYTES;
        memcpy(out, key + 1, bytes);
        key += 1 + bytes;
        out += bytes;
    }
}

const char *entry_key_canonical(const Entry *entry, char *room, size_t *length) {
    const GroupState *state = entry->partition->state;
    const char *key = entry_key(entry);
    *length = entry->key_length;
    if (state->key_bytes == 0) {
        return key;
    }
    char *out = room;
    for (int64_t i = 0; i < state->group->keys_count; i++) {
        size_t bytes = key_column_words(state->group->keys[i].type) * WORD_BYTES;
        *out = KEY_THERE;
        memcpy(out + 1, key, bytes);
        out += 1 + bytes;
        key += bytes;
    }
    *length = (size_t)(out - room);
    return room;
}

static Entry *canonical_find(GroupState *state, const void *bytes, size_t length) {
    char words[KEY_WORDS_MAX * WORD_BYTES];
    if (state->key_bytes != 0) {
        words_put(state, bytes, words);
        bytes = words;
        length = state->key_bytes;
    }
    Key key = {group_hash(state, bytes, length), bytes, length};
    return entry_find(state, &key);
}

// --- what generated code calls -------------------------------------------------------------------

void *flow_rt_group_find(void *ctx, void *group, void *key, int64_t length) {
    (void)ctx;
    return entry_slot(canonical_find(((FlowGroupTable *)group)->table, key, (size_t)length));
}

static inline void bucket_fetch(const Partition *partition, uint64_t hash) {
    if (partition->capacity != 0) {
        __builtin_prefetch(&partition->buckets[hash & (partition->capacity - 1)]);
    }
}

static inline Bucket bucket_guess(const Partition *partition, uint64_t hash) {
    if (partition->capacity == 0) {
        return 0;
    }
    uint64_t at = hash & (partition->capacity - 1);
    while (partition->buckets[at] != 0 && !bucket_has_tag(partition->buckets[at], hash)) {
        at = (at + 1) & (partition->capacity - 1);
    }
    return partition->buckets[at];
}

static inline Key waiting_key(const Waiting *waiting, uint32_t index, size_t key_bytes) {
    size_t start = index * key_bytes;
    if (key_bytes == 0) {
        start = index == 0 ? 0 : waiting->ends[index - 1];
        key_bytes = waiting->ends[index] - start;
    }
    return (Key){0, waiting->keys.data + start, key_bytes};
}

// `key_bytes` is a constant wherever this is called for keys of numbers.
__attribute__((always_inline)) static inline void
block_settle(GroupState *state, uint32_t first, uint32_t count, size_t key_bytes) {
    const Waiting *waiting = &state->waiting;
    size_t key_offset = sizeof(Entry) + (size_t)state->group->slot_bytes;
    Key keys[BLOCK_KEYS];
    Entry *guesses[BLOCK_KEYS];
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = waiting_key(waiting, first + i, key_bytes);
        keys[i].hash = key_bytes != 0 ? key_hash(keys[i].bytes, key_bytes)
                                      : group_hash(state, keys[i].bytes, keys[i].length);
        bucket_fetch(partition_of(state, keys[i].hash), keys[i].hash);
    }
    for (uint32_t i = 0; i < count; i++) {
        guesses[i] = bucket_entry(bucket_guess(partition_of(state, keys[i].hash), keys[i].hash));
        if (guesses[i] != NULL) {
            entry_fetch(guesses[i], key_offset + key_bytes);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        Entry *entry = guesses[i];
        bool is_found =
            entry != NULL && (key_bytes != 0 || entry->key_length == keys[i].length) &&
            bytes_are_same((const char *)entry + key_offset, keys[i].bytes, keys[i].length);
        *waiting->places[first + i] = entry_slot(is_found ? entry : entry_find(state, &keys[i]));
    }
}

__attribute__((always_inline)) static inline void all_settle(GroupState *state, size_t key_bytes) {
    uint32_t count = state->waiting.count;
    for (uint32_t first = 0; first < count; first += BLOCK_KEYS) {
        uint32_t rest = count - first;
        block_settle(state, first, rest < BLOCK_KEYS ? rest : BLOCK_KEYS, key_bytes);
    }
}

static void waiting_settle(GroupState *state) {
    switch (state->key_bytes) {
    case WORD_BYTES:
        all_settle(state, WORD_BYTES);
        break;
    case 2 * WORD_BYTES:
        all_settle(state, 2 * WORD_BYTES);
        break;
    case 3 * WORD_BYTES:
        all_settle(state, 3 * WORD_BYTES);
        break;
    default:
        all_settle(state, state->key_bytes);
        break;
    }
    state->waiting.count = 0;
    state->waiting.keys.length = 0;
}

// Room for the words of a whole batch is there from the first row on.
static void waiting_add(GroupState *state, const void *key, size_t length) {
    Waiting *waiting = &state->waiting;
    if (state->key_bytes == 0) {
        buffer_append(&waiting->keys, key, length);
        waiting->ends[waiting->count] = waiting->keys.length;
        return;
    }
    if (waiting->keys.capacity == 0) {
        buffer_reserve(&waiting->keys, FLOW_BATCH_ROWS_MAX * state->key_bytes);
    }
    words_put(state, key, waiting->keys.data + waiting->count * state->key_bytes);
}

void *flow_rt_group_place(void *ctx, void *group, void *key, int64_t length, void *place) {
    (void)ctx;
    GroupState *state = ((FlowGroupTable *)group)->table;
    if (state->made < GROUPS_FEW) {
        void *slot = entry_slot(canonical_find(state, key, (size_t)length));
        *(void **)place = slot;
        return slot;
    }
    Waiting *waiting = &state->waiting;
    ASSERT(waiting->count < FLOW_BATCH_ROWS_MAX);
    waiting_add(state, key, (size_t)length);
    waiting->places[waiting->count++] = place;
    return NULL;
}

void flow_rt_group_settle(void *ctx, void *group) {
    (void)ctx;
    waiting_settle(((FlowGroupTable *)group)->table);
}
