// Byte strings to numbers 0, 1, 2, … in the order of their coming: file keys of a replay,
// partitions of a write, keys of a merge.
//
// Internal to store. Bytes are copied into the arena; delta_keyset_free frees the table itself.
#ifndef FLOW_STORE_DELTA_KEYSET_H
#define FLOW_STORE_DELTA_KEYSET_H

#include "base/base.h"

#define DELTA_KEY_NONE UINT32_MAX

typedef struct DeltaKey {
    const char *bytes;
    uint32_t length;
    uint32_t hash;
} DeltaKey;

// The hash stands beside the number, so that another key's slot is passed without a look at the
// key.
typedef struct DeltaKeySlot {
    uint32_t number; // DELTA_KEY_NONE: free
    uint32_t hash;
} DeltaKeySlot;

typedef struct DeltaKeySet {
    DeltaKey *keys; // by number
    DeltaKeySlot *slots;
    uint32_t count;
    uint32_t capacity; // of keys; slots are twice as many
} DeltaKeySet;

uint32_t delta_keyset_find(const DeltaKeySet *set, const void *bytes, size_t length);
// For many keys at once: hashes first, then the lookups, whose memory is on its way by then.
uint32_t delta_keyset_hash(const void *bytes, size_t length);
static inline void delta_keyset_prefetch(const DeltaKeySet *set, uint32_t hash) {
    if (set->count > 0) {
        __builtin_prefetch(&set->slots[hash & (set->capacity * 2 - 1)]);
    }
}
uint32_t
delta_keyset_find_hashed(const DeltaKeySet *set, const void *bytes, size_t length, uint32_t hash);
uint32_t
delta_keyset_add(DeltaKeySet *set, Arena *arena, const void *bytes, size_t length, bool *is_new);
void delta_keyset_free(DeltaKeySet *set);

#endif
