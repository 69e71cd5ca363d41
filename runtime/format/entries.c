// Maps of files whose writers did not look whether a key is there already.
#include "format/entries.h"

uint32_t
entries_unify(Arena *arena, const FlowTypeDesc *key_type, FormatItem *items, uint32_t count) {
    uint32_t size = 8;
    while (size < 2 * count) {
        size *= 2;
    }
    uint32_t *table = arena_array(arena, uint32_t, size); // number of an entry + 1
    Hash128 *hashes = arena_array(arena, Hash128, count + 1);
    Buffer key = {0};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        buffer_clear(&key);
        key_append(&key, key_type, !items[2 * i].is_valid, &items[2 * i].value);
        Hash128 hash = hash128(key.data, key.length);
        uint32_t slot = (uint32_t)hash.low & (size - 1);
        while (table[slot] != 0 && memcmp(&hashes[table[slot] - 1], &hash, sizeof hash) != 0) {
            slot = (slot + 1) & (size - 1);
        }
        uint32_t to = table[slot] == 0 ? kept++ : table[slot] - 1;
        table[slot] = to + 1;
        hashes[to] = hash;
        items[2 * to] = items[2 * i];
        items[2 * to + 1] = items[2 * i + 1];
    }
    buffer_free(&key);
    return kept;
}

const FlowNested *
items_nested(Arena *arena, const FormatItem *items, uint32_t item_count, uint32_t count) {
    FlowNested *made = arena_new(arena, FlowNested);
    FlowValue *values = arena_alloc(arena, (item_count + 1) * sizeof *values);
    uint8_t *validity = arena_alloc(arena, item_count + 1);
    for (uint32_t i = 0; i < item_count; i++) {
        values[i] = items[i].value;
        validity[i] = items[i].is_valid;
    }
    *made = (FlowNested){.count = count, .items = values, .validity = validity};
    return made;
}
