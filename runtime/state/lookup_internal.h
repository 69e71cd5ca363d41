// The index of a lookup: what making it and looking up share.
#ifndef FLOW_STATE_LOOKUP_INTERNAL_H
#define FLOW_STATE_LOOKUP_INTERNAL_H

#include "state/lookup.h"
#include "state/origin.h"
#include "state/sorter.h"

enum { LOOKUP_BUCKETS_MIN = 16 };

typedef struct LookupPart LookupPart;

// Where a row's columns are: in memory, or in a file behind their length.
typedef struct LookupPlace {
    const SpillFile *file; // NULL: in memory
    union {
        const char *row;
        int64_t at;
    };
} LookupPlace;

typedef struct LookupBucket {
    uint64_t hash;     // of a number it tells all: different numbers have different ones
    LookupMatch match; // count 0: free
} LookupBucket;

struct Lookup {
    const FlowLookup *desc;
    Arena arena;
    const RowForm *form;
    bool is_number; // a single integer key
    bool is_unique;
    uint32_t part_count;
    LookupPart *parts;
    Sorter *sorter;
    LookupPlace *places;
    uint64_t row_count;
    LookupBucket *buckets;
    const char **keys; // of each bucket: length and bytes; NULL if they are numbers
    uint64_t bucket_mask;
};

static inline uint32_t lookup_key_length(const char *key) {
    uint32_t length = 0;
    memcpy(&length, key, sizeof(length));
    return length;
}

static inline bool lookup_keys_equal(const char *a, const char *b) {
    uint32_t length = lookup_key_length(a);
    return lookup_key_length(b) == length &&
           memcmp(a + sizeof(length), b + sizeof(length), length) == 0;
}

// A permutation, so that equal hashes are equal numbers.
static inline uint64_t lookup_hash_number(int64_t number) {
    uint64_t bits = (uint64_t)number;
    bits = (bits ^ bits >> 32) * UINT64_C(0x9E3779B97F4A7C15);
    return bits ^ bits >> 32;
}

// The number of canonical key bytes behind their length.
static inline int64_t lookup_number_of_key(const char *key) {
    return time_read(key + sizeof(uint32_t) + 1);
}

#endif
