// Sets of values for count_distinct and collect_set: canonical key bytes in an open-addressing
// table, so that equal means what it means in `group by`. All memory is the group state's arena; a
// table that grows leaves its half-sized one behind, which bounds the waste to the table itself.
#include "state/agg_internal.h"

enum { BUCKETS_MIN = 8 };

struct DistinctSet {
    DistinctMember *buckets; // free where `bytes` is NULL
    uint64_t capacity;       // a power of two
    uint64_t count;
};

static DistinctMember *
bucket_find(const DistinctSet *set, uint64_t hash, const char *bytes, size_t length) {
    uint64_t at = hash & (set->capacity - 1);
    for (;;) {
        DistinctMember *member = &set->buckets[at];
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
    grown.buckets = arena_array(arena, DistinctMember, grown.capacity);
    for (uint64_t i = 0; i < set->capacity; i++) {
        const DistinctMember *member = &set->buckets[i];
        if (member->bytes != NULL) {
            *bucket_find(&grown, member->hash, member->bytes, member->length) = *member;
        }
    }
    *set = grown;
}

static const DistinctMember *
member_add(Arena *arena, DistinctSet **set, const char *bytes, size_t length) {
    if (*set == NULL) {
        *set = arena_new(arena, DistinctSet);
    }
    if ((*set)->count * 4 >= (*set)->capacity * 3) {
        set_grow(arena, *set);
    }
    uint64_t hash = hash64(bytes, length);
    DistinctMember *member = bucket_find(*set, hash, bytes, length);
    if (member->bytes == NULL) {
        const char *copy = arena_copy(arena, bytes, length);
        *member = (DistinctMember){copy, length, hash, (*set)->count++};
    }
    return member;
}

const DistinctMember *distinct_set_add(Arena *arena,
                                       DistinctSet **set,
                                       const FlowTypeDesc *type,
                                       const FlowValue *value) {
    Buffer *key = thread_buffer();
    buffer_clear(key);
    key_append(key, type, false, value);
    return member_add(arena, set, key->data, key->length);
}

void distinct_set_add_bytes(Arena *arena, DistinctSet **set, const char *bytes, size_t length) {
    member_add(arena, set, bytes, length);
}

int64_t distinct_set_count(const DistinctSet *set) {
    return set == NULL ? 0 : (int64_t)set->count;
}

const DistinctMember *distinct_set_next(const DistinctSet *set, uint64_t *cursor) {
    while (set != NULL && *cursor < set->capacity) {
        const DistinctMember *member = &set->buckets[(*cursor)++];
        if (member->bytes != NULL) {
            return member;
        }
    }
    return NULL;
}
