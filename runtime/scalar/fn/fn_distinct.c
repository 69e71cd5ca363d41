// distinct: each element once, at its first place; null is equal to null.
//
// example: distinct([3, 1, 3, 2, 1]) == [3, 1, 2]
// example: distinct([null, "a", null]) == [null, "a"]
#include "scalar/fn/fn.h"

// Open addressing over the elements' canonical key bytes: where an element stands, from 1.
typedef struct Seen {
    int64_t *places;
    uint64_t capacity;
    FlowView *keys;
} Seen;

static bool seen_add(Seen *seen, int64_t place, const char *key, size_t length) {
    uint64_t at = hash64(key, length) & (seen->capacity - 1);
    while (seen->places[at] != 0) {
        const FlowView *other = &seen->keys[seen->places[at] - 1];
        if (other->length == length && memcmp(flow_view_data(other), key, length) == 0) {
            return false;
        }
        at = (at + 1) & (seen->capacity - 1);
    }
    seen->places[at] = place + 1;
    return true;
}

BUILTIN_FUNCTION(distinct) {
    const FlowNested *list = args[0].nested;
    const FlowTypeDesc *type = info->arguments[0].children[0].type;
    Arena *arena = fn_arena(ctx);
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    FlowNested *kept =
        (FlowNested *)(uintptr_t)nested_new(arena, list->count, list->count, &items, &validity);
    Seen seen = {.capacity = 4};
    while (seen.capacity < (uint64_t)list->count * 2) {
        seen.capacity *= 2;
    }
    seen.places = arena_array(arena, int64_t, seen.capacity);
    seen.keys = arena_array(arena, FlowView, (size_t)list->count + 1);
    Buffer key = {0};
    int64_t count = 0;
    for (int64_t i = 0; i < list->count; i++) {
        buffer_clear(&key);
        key_append(&key, type, !nested_has(list, i), &list->items[i]);
        if (seen_add(&seen, count, key.data, key.length)) {
            seen.keys[count] = view_of(arena_copy(arena, key.data, key.length), key.length);
            items[count] = list->items[i];
            validity[count++] = nested_has(list, i);
        }
    }
    buffer_free(&key);
    kept->count = count;
    result->nested = kept;
    return FLOW_VALUE_OK;
}
