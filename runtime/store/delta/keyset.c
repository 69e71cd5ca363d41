// Open addressing over numbers, so that what belongs to a key can be an array of the caller's.
#include "store/delta/keyset.h"

enum { KEYSET_CAPACITY_MIN = 64 };

static uint32_t hash_of(const void *bytes, size_t length) {
    return (uint32_t)hash64(bytes, length);
}

// The slot that holds the key, or the empty one where it belongs.
static DeltaKeySlot *
slot_find(const DeltaKeySet *set, const void *bytes, size_t length, uint32_t hash) {
    uint32_t mask = set->capacity * 2 - 1;
    uint32_t at = hash & mask;
    while (set->slots[at].number != DELTA_KEY_NONE) {
        if (set->slots[at].hash == hash) {
            const DeltaKey *key = &set->keys[set->slots[at].number];
            if (key->length == length && memcmp(key->bytes, bytes, length) == 0) {
                break;
            }
        }
        at = (at + 1) & mask;
    }
    return &set->slots[at];
}

static void slots_fill(DeltaKeySet *set) {
    uint32_t slot_count = set->capacity * 2;
    uint32_t mask = slot_count - 1;
    set->slots = memory_resize(set->slots, slot_count * sizeof(*set->slots));
    memset(set->slots, 0xFF, slot_count * sizeof(*set->slots));
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t at = set->keys[i].hash & mask;
        while (set->slots[at].number != DELTA_KEY_NONE) {
            at = (at + 1) & mask;
        }
        set->slots[at] = (DeltaKeySlot){.number = i, .hash = set->keys[i].hash};
    }
}

static void keyset_grow(DeltaKeySet *set) {
    ASSERT(set->capacity <= UINT32_MAX / 8);
    set->capacity = set->capacity == 0 ? KEYSET_CAPACITY_MIN : set->capacity * 2;
    set->keys = memory_resize(set->keys, set->capacity * sizeof(*set->keys));
    slots_fill(set);
}

uint32_t delta_keyset_hash(const void *bytes, size_t length) {
    return hash_of(bytes, length);
}

uint32_t
delta_keyset_find_hashed(const DeltaKeySet *set, const void *bytes, size_t length, uint32_t hash) {
    return set->count == 0 ? DELTA_KEY_NONE : slot_find(set, bytes, length, hash)->number;
}

uint32_t delta_keyset_find(const DeltaKeySet *set, const void *bytes, size_t length) {
    return delta_keyset_find_hashed(set, bytes, length, hash_of(bytes, length));
}

uint32_t
delta_keyset_add(DeltaKeySet *set, Arena *arena, const void *bytes, size_t length, bool *is_new) {
    ASSERT(length <= UINT32_MAX);
    if (set->count == set->capacity) {
        keyset_grow(set);
    }
    uint32_t hash = hash_of(bytes, length);
    DeltaKeySlot *slot = slot_find(set, bytes, length, hash);
    *is_new = slot->number == DELTA_KEY_NONE;
    if (*is_new) {
        *slot = (DeltaKeySlot){.number = set->count++, .hash = hash};
        set->keys[slot->number] = (DeltaKey){
            .bytes = arena_copy(arena, bytes, length),
            .length = (uint32_t)length,
            .hash = hash,
        };
    }
    return slot->number;
}

void delta_keyset_free(DeltaKeySet *set) {
    memory_free(set->keys);
    memory_free(set->slots);
    *set = (DeltaKeySet){0};
}
