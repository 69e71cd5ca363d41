// A surrogate key is a hash of the key alone, so every run and every machine gives a row the same.
#include "store/delta/made.h"

#include "scalar/scalar.h"

struct DeltaMade {
    DeltaMadeOptions options;
    Arena arena;
    Arena texts; // of the batch at hand
    int32_t *keys;
    FlowColumn *vectors;
    int32_t *slots;
    FlowView *surrogates;
    FlowBatch batch;
    Buffer key;
};

// The key's bytes behind their length, so that no key and time run into another's.
FlowView delta_surrogate(Arena *arena, const Buffer *key, const int64_t *valid_from) {
    Buffer bytes = {0};
    char text[SURROGATE_TEXT_BYTES + 1];
    uint32_t length = (uint32_t)key->length;
    buffer_append(&bytes, &length, sizeof(length));
    buffer_append(&bytes, key->data, key->length);
    if (valid_from != NULL) {
        buffer_append(&bytes, valid_from, sizeof(*valid_from));
    }
    hash128_hex(hash128(bytes.data, bytes.length), text);
    buffer_free(&bytes);
    return view_of(arena_copy(arena, text, SURROGATE_TEXT_BYTES), SURROGATE_TEXT_BYTES);
}

static int32_t column_find(const DeltaMadeOptions *options, const char *name) {
    for (uint32_t i = 0; i < options->given_count; i++) {
        if (strcmp(options->columns[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

DeltaMade *delta_made_new(const DeltaMadeOptions *options) {
    DeltaMade *made = memory_alloc(sizeof(*made));
    *made = (DeltaMade){.options = *options};
    made->vectors = arena_array(&made->arena, FlowColumn, options->column_count + 1);
    made->slots = arena_array(&made->arena, int32_t, options->column_count + 1);
    made->keys = arena_array(&made->arena, int32_t, options->key->count + 1);
    for (uint32_t i = 0; i < options->key->count; i++) {
        made->keys[i] = column_find(options, options->key->items[i]);
    }
    if (options->has_surrogate) {
        made->surrogates =
            arena_array(&made->arena, FlowView, FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK);
    }
    return made;
}

void delta_made_free(DeltaMade *made) {
    if (made == NULL) {
        return;
    }
    buffer_free(&made->key);
    arena_free(&made->texts);
    arena_free(&made->arena);
    memory_free(made);
}

static void key_make(DeltaMade *made, int32_t row) {
    buffer_clear(&made->key);
    for (uint32_t i = 0; i < made->options.key->count; i++) {
        const FlowTypeDesc *type = made->options.columns[made->keys[i]].type;
        const FlowColumn *vector = &made->vectors[made->keys[i]];
        const uint8_t *validity = vector->validity;
        bool is_null = validity != NULL && validity[row] == 0;
        FlowValue value = is_null ? (FlowValue){0} : value_load(type, vector->values, (size_t)row);
        key_append(&made->key, type, is_null, &value);
    }
}

static void surrogates_make(DeltaMade *made) {
    const int32_t *selection = made->batch.selection;
    uint32_t column = made->options.given_count;
    arena_reset(&made->texts);
    for (int32_t i = 0; i < made->batch.selected_count; i++) {
        key_make(made, selection[i]);
        made->surrogates[selection[i]] = delta_surrogate(&made->texts, &made->key, NULL);
    }
    made->vectors[column] = (FlowColumn){.values = made->surrogates};
    made->slots[column] = (int32_t)column;
}

const FlowBatch *delta_made_rows(DeltaMade *made,
                                 const FlowBatch *batch,
                                 const int32_t *given,
                                 const int32_t **slots) {
    const DeltaMadeOptions *options = &made->options;
    made->batch = *batch;
    made->batch.columns = made->vectors;
    for (uint32_t i = 0; i < options->column_count; i++) {
        bool is_made = i >= options->given_count && i < options->given_count + options->made_count;
        int32_t slot = is_made                    ? FLOW_NO_INDEX
                       : i < options->given_count ? given[i]
                                                  : given[i - options->made_count];
        made->slots[i] = slot < 0 ? FLOW_NO_INDEX : (int32_t)i;
        if (slot >= 0) {
            made->vectors[i] = ((const FlowColumn *)batch->columns)[slot];
        }
    }
    if (options->has_surrogate) {
        surrogates_make(made);
    }
    *slots = made->slots;
    return &made->batch;
}
