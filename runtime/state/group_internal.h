// Inside of the groups: what an entry, a partition and a state look like.
#ifndef FLOW_STATE_GROUP_INTERNAL_H
#define FLOW_STATE_GROUP_INTERNAL_H

#include "state/agg.h"

typedef struct Partition Partition;

// Behind it lie the accumulators, then the key: its canonical bytes; of numbers, which make keys of
// one length, without the tags in front of each, as words in the order of their bytes.
typedef struct Entry {
    Partition *partition; // found again from an accumulator: flow_rt_agg_update knows no more
    uint64_t key_length;
} Entry;
_Static_assert(sizeof(Entry) % 16 == 0, "keeps the accumulators aligned");

// An entry's address, and above it sixteen bits of its key's hash, which spare most looks at
// entries of other keys; 0: free.
typedef uint64_t Bucket;
enum { BUCKET_ADDRESS_BITS = 48, CACHE_LINE_BYTES = 64, FETCH_AHEAD = 16 };
enum { KEY_WORDS_MAX = 8, KEY_WORDS_CANONICAL_BYTES = KEY_WORDS_MAX * 9, KEY_THERE = 1 };

static inline Entry *bucket_entry(Bucket bucket) {
    return (Entry *)(uintptr_t)(bucket & ((UINT64_C(1) << BUCKET_ADDRESS_BITS) - 1));
}

// Entries are met in an order that no machine foresees: the lines of its first bytes, so many.
static inline void entry_fetch(const Entry *entry, size_t bytes) {
    __builtin_prefetch(entry, 1);
    __builtin_prefetch((const char *)entry + bytes - 1, 1);
}

// Partitions share nothing, so that each can be merged by another thread.
struct Partition {
    GroupState *state;
    Arena arena;
    char *room; // for entries of keys of one length
    char *room_end;
    uint32_t room_entries; // of the next piece of it
    Bucket *buckets;
    uint64_t capacity; // a power of two
    uint64_t count;
};

// For a walk over all buckets, at number `at`.
static inline void bucket_fetch_ahead(const Partition *partition, uint64_t at) {
    if (at + FETCH_AHEAD < partition->capacity && partition->buckets[at + FETCH_AHEAD] != 0) {
        entry_fetch(bucket_entry(partition->buckets[at + FETCH_AHEAD]), CACHE_LINE_BYTES);
    }
}

// A group's place among the results: two numbers that decide nearly always, so that neither key is
// looked at.
typedef struct Ordered {
    uint64_t rank; // window end, or the first key's first bytes
    uint64_t next; // of the key behind it
    Entry *entry;
} Ordered;

// Rows whose keys are looked for together, at the end of their batch: all key bytes in one buffer.
typedef struct Waiting {
    Buffer keys;
    uint32_t count;
    size_t ends[FLOW_BATCH_ROWS_MAX];   // in `keys`; unless all are of one length
    void **places[FLOW_BATCH_ROWS_MAX]; // of their accumulators
} Waiting;

struct GroupState {
    FlowGroupTable abi;
    const FlowGroup *group;
    uint64_t count;   // of an ordered state
    Ordered *ordered; // made by group_state_order
    Partition partitions[STATE_PARTITIONS];
    uint64_t made;    // groups, by rows; those of merged states do not count
    size_t key_bytes; // of the words of every key; 0: keys are canonical bytes
    bool has_halves;  // some column has two words
    bool has_wholes;  // each is an integer in one
    Waiting waiting;
    void *places[FLOW_BATCH_ROWS_MAX];
};

// Saved accumulators into a zeroed slot; of one slot into another; saved again, behind what `out`
// has.
void group_slot_load(const FlowGroup *group, Arena *arena, const char *at, char *slot);
void group_slot_merge(const FlowGroup *group, Arena *arena, char *into, const char *from);
void group_slot_save(const FlowGroup *group, const char *slot, Buffer *out);

// --- group_session.c: sessions, whose groups are pieces until all are there ----------------------
enum { SESSION_TIME_BYTES = 9 }; // a key begins with the piece of time, the group's own follow
static inline bool group_has_sessions(const FlowGroup *group) {
    return group->session_gap_us > 0;
}
int64_t session_start(const FlowGroup *group, const char *slot);
int64_t session_end(const FlowGroup *group, const char *slot);
// Pieces that overlap become one; nothing is added any more.
void group_sessions_join(GroupState *state, Tasks *tasks);
// The sorting key of a piece: those of a key lie together, in the order of their reach.
void session_piece_key(const FlowGroup *group, Entry *entry, Buffer *out);

// Sets how the state keeps its keys.
void group_key_measure(GroupState *state);
static inline uint32_t key_column_words(const FlowTypeDesc *type) {
    return type->kind == FLOW_DECIMAL ? 2 : 1;
}

static inline char *entry_slot(Entry *entry) {
    return (char *)entry + sizeof(Entry);
}

static inline const char *entry_key(const Entry *entry) {
    return (const char *)entry + sizeof(Entry) + (size_t)entry->partition->state->group->slot_bytes;
}

// The canonical bytes of its key: in the entry itself or in `room`, of KEY_WORDS_CANONICAL_BYTES.
const char *entry_key_canonical(const Entry *entry, char *room, size_t *length);

// Takes a group of another state as it is (its memory lives as long as that state), or merges it
// with its own.
void group_entry_take(Partition *into, Entry *entry);
// The key's columns, and the results of the accumulators in `slot`, into the row of a batch.
void group_keys_put(const FlowGroup *group, const char *key, Batch *batch, uint32_t row);
// Returns the first result of the row that overflows, as index + 1; 0: none does.
uint16_t group_aggs_put(const FlowGroup *group, char *slot, Batch *batch, uint32_t row);
// What is said of a batch whose rows `first` .. are results of groups.
void group_batch_end(Batch *batch, uint32_t row_count);
void group_state_clear(GroupState *state);

#endif
