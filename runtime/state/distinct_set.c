// Sets of values for count_distinct: canonical key bytes in an open-addressing table, so that equal
// means what it means in `group by`. All memory is the group state's arena; a table that grows
// leaves its half-sized one behind, which bounds the waste to the table itself.
#include "state/agg.h"

enum { BUCKETS_MIN = 8 };

typedef struct Member {
    uint64_t hash;
    const char *bytes; // NULL: free
    uint64_t length;
} Member;

struct DistinctSet {
    Member *buckets;
    uint64_t capacity; // a power of two
    uint64_t count;
};

static Member *
bucket_find(const DistinctSet *set, uint64_t hash, const char *bytes, size_t length) {
    uint64_t at = hash & (set->capacity - 1);
    for (;;) {
        Member *member = &set->buckets[at];
        bool is_same = member->hash == hash && member->length == length &&
                       memcmp(member->bytes, bytes, length) == 0;
        if (member->bytes == NULL || is_same) {
            return member;
        }
        at = (at + 1) & (set->capacity - 1);
    }
}

static void set_grow(Arena *arena, DistinctSet *set) {
    DistinctSet grown = {.capacity = set->capacity == 0 ? BUCKETS_MIN : set->capacity * 2,
                         .count = set->count};
    grown.buckets = arena_array(arena, Member, grown.capacity);
    for (uint64_t i = 0; i < set->capacity; i++) {
        const Member *member = &set->buckets[i];
        if (member->bytes != NULL) {
            *bucket_find(&grown, member->hash, member->bytes, member->length) = *member;
        }
    }
    *set = grown;
}

void distinct_set_add(Arena *arena,
                      DistinctSet **set,
                      const FlowTypeDesc *type,
                      const FlowValue *value) {
    static _Thread_local Buffer key; // reused: a value a row
    if (*set == NULL) {
        *set = arena_new(arena, DistinctSet);
    }
    if ((*set)->count * 4 >= (*set)->capacity * 3) {
        set_grow(arena, *set);
    }
    buffer_clear(&key);
    key_append(&key, type, false, value);
    uint64_t hash = hash64(key.data, key.length);
    Member *member = bucket_find(*set, hash, key.data, key.length);
    if (member->bytes == NULL) {
        *member = (Member){hash, arena_copy(arena, key.data, key.length), key.length};
        (*set)->count++;
    }
}

int64_t distinct_set_count(const DistinctSet *set) {
    return set == NULL ? 0 : (int64_t)set->count;
}
