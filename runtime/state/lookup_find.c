// Looking up: reads what the index says and nothing else, so that any number of threads may.
#include "state/lookup_internal.h"

#include "scalar/scalar.h"

enum { ROW_BYTES_FIRST = 512, PLACES_AHEAD = 16 };

// --- numbers ------------------------------------------------------------------------------------

#define HASH_LOOP(type)                                                                            \
    for (int32_t i = 0; i < count; i++) {                                                          \
        hashes[i] = lookup_hash_number(((const type *)values)[selection[i]]);                      \
    }

static void numbers_hash(const FlowTypeDesc *type,
                         const void *values,
                         const FlowBatch *batch,
                         uint64_t *hashes) {
    const int32_t *selection = batch->selection;
    int32_t count = batch->selected_count;
    switch (flow_kind_width((FlowKind)type->kind, 0)) {
    case 1:
        HASH_LOOP(int8_t)
        break;
    case 2:
        HASH_LOOP(int16_t)
        break;
    case 4:
        HASH_LOOP(int32_t)
        break;
    default:
        HASH_LOOP(int64_t)
        break;
    }
}

static LookupMatch number_find(const Lookup *lookup, uint64_t hash) {
    uint64_t at = hash & lookup->bucket_mask;
    while (lookup->buckets[at].match.count != 0) {
        if (lookup->buckets[at].hash == hash) {
            return lookup->buckets[at].match;
        }
        at = (at + 1) & lookup->bucket_mask;
    }
    return (LookupMatch){0, 0};
}

// All hashes first: the buckets of a large table are then on their way while others are looked at.
static void numbers_find(const Lookup *lookup, const LookupKeys *keys, LookupMatch *matches) {
    uint64_t hashes[FLOW_BATCH_ROWS_MAX];
    const FlowBatch *batch = keys->batch;
    const FlowTypeDesc *type = keys->slot_descs[keys->slots[0]].type;
    const FlowColumn *column = &((const FlowColumn *)batch->columns)[keys->slots[0]];
    const int32_t *selection = batch->selection;
    const uint8_t *validity = column->validity;
    ASSERT(value_is_whole(type));
    numbers_hash(type, column->values, batch, hashes);
    for (int32_t i = 0; i < batch->selected_count; i++) {
        __builtin_prefetch(&lookup->buckets[hashes[i] & lookup->bucket_mask]);
    }
    for (int32_t i = 0; i < batch->selected_count; i++) {
        matches[i] = number_find(lookup, hashes[i]);
    }
    for (int32_t i = 0; validity != NULL && i < batch->selected_count; i++) {
        matches[i].count *= validity[selection[i]];
    }
}

// --- bytes --------------------------------------------------------------------------------------

static LookupMatch bytes_find(const Lookup *lookup, const Buffer *key) {
    const char *bytes = key->data + sizeof(uint32_t);
    uint64_t hash = hash64(bytes, key->length - sizeof(uint32_t));
    uint64_t at = hash & lookup->bucket_mask;
    while (lookup->buckets[at].match.count != 0) {
        if (lookup->buckets[at].hash == hash && lookup_keys_equal(lookup->keys[at], key->data)) {
            return lookup->buckets[at].match;
        }
        at = (at + 1) & lookup->bucket_mask;
    }
    return (LookupMatch){0, 0};
}

static bool key_make(const Lookup *lookup, const LookupKeys *keys, int32_t row) {
    const FlowColumn *columns = keys->batch->columns;
    Buffer *key = keys->key;
    uint32_t length = 0;
    buffer_clear(key);
    buffer_append(key, &length, sizeof(length));
    for (int64_t i = 0; i < lookup->desc->keys_count; i++) {
        int32_t slot = keys->slots[i];
        if (!column_key_append(keys->slot_descs[slot].type, &columns[slot], (uint32_t)row, key)) {
            return false;
        }
    }
    length = (uint32_t)(key->length - sizeof(length));
    memcpy(key->data, &length, sizeof(length));
    return true;
}

void lookup_find(const Lookup *lookup, const LookupKeys *keys, LookupMatch *matches) {
    if (lookup->is_number) {
        numbers_find(lookup, keys, matches);
        return;
    }
    const int32_t *selection = keys->batch->selection;
    for (int32_t i = 0; i < keys->batch->selected_count; i++) {
        bool has_key = key_make(lookup, keys, selection[i]);
        matches[i] = has_key ? bytes_find(lookup, keys->key) : (LookupMatch){0, 0};
    }
}

// --- rows ---------------------------------------------------------------------------------------

// A row is hardly ever longer than what is read with its length.
static Outcome row_read(Sys *sys, const LookupPlace *place, Arena *arena, const char **row) {
    char first[ROW_BYTES_FIRST];
    uint64_t length = 0;
    uint64_t left = (uint64_t)(spill_file_length(place->file) - place->at);
    size_t read = left < sizeof(first) ? (size_t)left : sizeof(first);
    TRY(spill_file_read(sys, place->file, place->at, first, read));
    memcpy(&length, first, sizeof(length));
    char *bytes = arena_alloc(arena, length);
    *row = bytes;
    if (sizeof(length) + length <= read) {
        memcpy(bytes, first + sizeof(length), length);
        return OUTCOME_OK;
    }
    int64_t at = place->at + (int64_t)sizeof(length);
    return spill_file_read(sys, place->file, at, bytes, length);
}

Outcome lookup_rows(Sys *sys,
                    const Lookup *lookup,
                    const uint32_t *numbers,
                    uint32_t count,
                    Arena *arena,
                    const char **rows) {
    for (uint32_t i = 0; i < count; i++) {
        const LookupPlace *place = &lookup->places[numbers[i]];
        if (i + PLACES_AHEAD < count) {
            __builtin_prefetch(&lookup->places[numbers[i + PLACES_AHEAD]]);
        }
        if (place->file == NULL) {
            rows[i] = place->row;
            __builtin_prefetch(place->row); // its columns are read when all rows are found
        } else {
            TRY(row_read(sys, place, arena, &rows[i]));
        }
    }
    return OUTCOME_OK;
}
