// Lists, maps and structs of records: their items are read by the same rules as columns, one value
// after the other into memory of the batch. Depth is that of the type, which is bounded; values of
// the data that the type does not name are passed over.
#include "format/json/json.h"

// The items of one nested value while they are collected, on a stack that all levels share.
typedef struct Items {
    TextColumn *column;
    size_t bottom; // where they begin in the decoder's buffer
    TextError *error;
} Items;

typedef struct Item {
    FlowValue value;
    int64_t is_there;
    int64_t reserved;
} Item;

// --- one item ------------------------------------------------------------------------------------

static TextReject null_item(const TextColumn *column, JsonKind kind, TextError *error, Item *item) {
    *item = (Item){.is_there = 0};
    if (column->type->is_nullable) {
        return REJECT_NONE;
    }
    error->column = column;
    return kind == JSON_NONE ? REJECT_MISSING : REJECT_NULL;
}

static TextReject
item_read(TextColumn *column, const JsonToken *token, TextError *error, Item *item) {
    if (token->kind == JSON_NONE || token->kind == JSON_NULL) {
        return null_item(column, token->kind, error, item);
    }
    FlowValue slot = {0};
    error->column = column;
    TextReject reject = json_value(column, token, (char *)&slot, error);
    if (reject == REJECT_NONE) {
        *item = (Item){.value = value_load(column->type, &slot, 0), .is_there = 1};
    }
    return reject;
}

static Items items_begin(TextColumn *column, TextError *error) {
    buffer_reserve(&column->decoder->nested, sizeof(Item));
    return (Items){column, column->decoder->nested.length, error};
}

static void item_push(const Items *items, const Item *item) {
    buffer_append(&items->column->decoder->nested, item, sizeof(*item));
}

static TextReject item_add(const Items *items, TextColumn *column, const JsonToken *token) {
    Item item;
    TextReject reject = item_read(column, token, items->error, &item);
    if (reject == REJECT_NONE) {
        item_push(items, &item);
    }
    return reject;
}

static Item *items_first(const Items *items) {
    return (Item *)(void *)(items->column->decoder->nested.data + items->bottom);
}

static size_t items_count(const Items *items) {
    return (items->column->decoder->nested.length - items->bottom) / sizeof(Item);
}

static void items_drop(const Items *items) {
    items->column->decoder->nested.length = items->bottom;
}

// The value of all items, in the batch's memory.
static const FlowNested *items_finish(const Items *items, int64_t count) {
    Arena *arena = &items->column->decoder->batch->arena;
    size_t item_count = items_count(items);
    const Item *first = items_first(items);
    FlowNested *nested = arena_new(arena, FlowNested);
    FlowValue *values = arena_array(arena, FlowValue, item_count);
    uint8_t *validity = arena_array(arena, uint8_t, item_count);
    for (size_t i = 0; i < item_count; i++) {
        values[i] = first[i].value;
        validity[i] = first[i].is_there != 0;
    }
    *nested = (FlowNested){.count = count, .items = values, .validity = validity};
    items_drop(items);
    return nested;
}

// --- lists ---------------------------------------------------------------------------------------

// The token is known to be well-formed, and so is what it is made of.
static const char *value_next(JsonScan *scan, const char *p, JsonToken *token) {
    p = json_scan_value(scan, json_space_skip(p, scan->end), token);
    p = json_space_skip(p, scan->end);
    return *p == ',' ? p + 1 : p;
}

static bool is_done(const JsonScan *scan, const char *p) {
    return json_space_skip(p, scan->end) >= scan->end;
}

static TextReject list_read(const Items *items, JsonScan *scan) {
    TextReject reject = REJECT_NONE;
    for (const char *p = scan->start; reject == REJECT_NONE && !is_done(scan, p);) {
        JsonToken token;
        p = value_next(scan, p, &token);
        reject = item_add(items, &items->column->children[0], &token);
    }
    return reject;
}

// --- structs -------------------------------------------------------------------------------------

static const char *key_next(JsonScan *scan, const char *p, JsonToken *key) {
    p = json_space_skip(p, scan->end);
    p = json_scan_string(scan, p + 1, key);
    return json_space_skip(p, scan->end) + 1; // behind the colon
}

static TextColumn *field_find(const TextColumn *column, const JsonToken *key) {
    size_t length;
    const char *name = json_text(&column->decoder->batch->arena, key, &length);
    for (int64_t i = 0; i < column->type->children_count; i++) {
        TextColumn *field = &column->children[i];
        if (field->wanted_length == length && memcmp(field->wanted, name, length) == 0) {
            return field;
        }
    }
    return NULL;
}

// Of equal keys the last counts: all are seen before any is read.
static TextReject struct_read(const Items *items, JsonScan *scan) {
    TextColumn *column = items->column;
    size_t count = (size_t)column->type->children_count;
    JsonToken *tokens = arena_array(&column->decoder->batch->arena, JsonToken, count);
    for (const char *p = scan->start; !is_done(scan, p);) {
        JsonToken key;
        JsonToken value;
        p = value_next(scan, key_next(scan, p, &key), &value);
        const TextColumn *field = field_find(column, &key);
        if (field != NULL) {
            tokens[field->index] = value;
        }
    }
    TextReject reject = REJECT_NONE;
    for (size_t i = 0; reject == REJECT_NONE && i < count; i++) {
        reject = item_add(items, &column->children[i], &tokens[i]);
    }
    return reject;
}

void json_members(TextDecoder *decoder,
                  const JsonToken *object,
                  const char *const *names,
                  uint32_t count,
                  JsonToken *values) {
    JsonScan scan = {.start = object->begin + 1, .end = object->end - 1};
    for (const char *p = scan.start; !is_done(&scan, p);) {
        JsonToken key;
        JsonToken value;
        size_t length;
        p = value_next(&scan, key_next(&scan, p, &key), &value);
        const char *name = json_text(&decoder->batch->arena, &key, &length);
        for (uint32_t i = 0; i < count; i++) {
            if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
                values[i] = value;
            }
        }
    }
}

// --- maps ----------------------------------------------------------------------------------------

enum { KEY_SLOTS_MIN = 16 };

// Where the entries of a map are found again by their keys.
typedef struct Keys {
    uint32_t *slots; // number of the entry plus one; 0: free
    uint32_t mask;
    uint32_t count;
} Keys;

static bool key_equals(const Items *items, uint32_t entry, const Item *key) {
    const FlowTypeDesc *type = items->column->children[0].type;
    return value_compare(type, &items_first(items)[(size_t)entry * 2].value, type, &key->value) ==
           0;
}

static uint64_t key_hash(const Items *items, const Item *key) {
    Buffer *nested = &items->column->decoder->nested;
    size_t before = nested->length;
    FlowValue value = key->value; // the key lies in the buffer, which may move
    key_append(nested, items->column->children[0].type, false, &value);
    uint64_t hash = hash64(nested->data + before, nested->length - before);
    nested->length = before;
    return hash;
}

static void keys_insert(const Items *items, Keys *keys, uint32_t entry) {
    Item key = items_first(items)[(size_t)entry * 2]; // Hashing may move the items.
    uint32_t slot = (uint32_t)key_hash(items, &key) & keys->mask;
    while (keys->slots[slot] != 0) {
        slot = (slot + 1) & keys->mask;
    }
    keys->slots[slot] = entry + 1;
}

static void keys_grow(const Items *items, Keys *keys) {
    uint32_t size = keys->slots == NULL ? KEY_SLOTS_MIN : (keys->mask + 1) * 2;
    keys->slots = arena_array(&items->column->decoder->batch->arena, uint32_t, size);
    keys->mask = size - 1;
    for (uint32_t i = 0; i < keys->count; i++) {
        keys_insert(items, keys, i);
    }
}

// The entry of the key, or the number of entries.
static uint32_t keys_find(const Items *items, const Keys *keys, const Item *key) {
    uint32_t slot = (uint32_t)key_hash(items, key) & keys->mask;
    for (; keys->slots[slot] != 0; slot = (slot + 1) & keys->mask) {
        if (key_equals(items, keys->slots[slot] - 1, key)) {
            return keys->slots[slot] - 1;
        }
    }
    return keys->count;
}

// Keys are texts in JSON, whatever their type.
static TextReject key_token_read(const Items *items, const JsonToken *token, Item *key) {
    TextColumn *column = &items->column->children[0];
    FlowValue slot = {0};
    size_t length;
    const char *text = json_text(&column->decoder->batch->arena, token, &length);
    items->error->column = column;
    items->error->found = "a key";
    TextReject reject = text_value(column, text, length, (char *)&slot);
    *key = (Item){.value = value_load(column->type, &slot, 0), .is_there = 1};
    return reject;
}

// Of equal keys the last one's value counts, at the place of the first.
static TextReject entry_add(const Items *items, Keys *keys, const Item *key, const Item *value) {
    if (keys->slots == NULL || keys->count * 2 > keys->mask) {
        keys_grow(items, keys);
    }
    uint32_t entry = keys_find(items, keys, key);
    if (entry < keys->count) {
        items_first(items)[(size_t)entry * 2 + 1] = *value;
        return REJECT_NONE;
    }
    item_push(items, key);
    item_push(items, value);
    keys_insert(items, keys, keys->count++);
    return REJECT_NONE;
}

static TextReject map_read(const Items *items, JsonScan *scan) {
    Keys keys = {0};
    TextReject reject = REJECT_NONE;
    for (const char *p = scan->start; reject == REJECT_NONE && !is_done(scan, p);) {
        JsonToken key_token;
        JsonToken token;
        Item key;
        Item value;
        p = value_next(scan, key_next(scan, p, &key_token), &token);
        reject = key_token_read(items, &key_token, &key);
        if (reject == REJECT_NONE) {
            reject = item_read(&items->column->children[1], &token, items->error, &value);
        }
        if (reject == REJECT_NONE) {
            reject = entry_add(items, &keys, &key, &value);
        }
    }
    return reject;
}

// --- all -----------------------------------------------------------------------------------------

static TextReject items_read(const Items *items, JsonScan *scan) {
    switch ((FlowKind)items->column->type->kind) {
    case FLOW_LIST:
        return list_read(items, scan);
    case FLOW_MAP:
        return map_read(items, scan);
    default:
        return struct_read(items, scan);
    }
}

TextReject json_nested(TextColumn *column, const JsonToken *token, char *slot, TextError *error) {
    FlowKind kind = (FlowKind)column->type->kind;
    if (token->kind != (kind == FLOW_LIST ? JSON_ARRAY : JSON_OBJECT)) {
        error->found = json_kind_text(token->kind);
        return REJECT_KIND;
    }
    Items items = items_begin(column, error);
    JsonScan scan = {.start = token->begin + 1, .end = token->end - 1};
    TextReject reject = items_read(&items, &scan);
    if (reject != REJECT_NONE) {
        items_drop(&items);
        return reject;
    }
    int64_t per_count = kind == FLOW_MAP ? 2 : 1;
    const FlowNested *nested = items_finish(&items, (int64_t)items_count(&items) / per_count);
    memcpy(slot, &nested, sizeof(nested));
    return REJECT_NONE;
}

TextReject json_nested_text(TextColumn *column, const char *text, size_t length, char *slot) {
    JsonScan scan = {.start = text, .end = text + length};
    JsonToken token;
    TextError error = {0};
    const char *p = json_scan_value(&scan, json_space_skip(text, scan.end), &token);
    bool is_read = p != NULL && json_space_skip(p, scan.end) == scan.end &&
                   json_nested(column, &token, slot, &error) == REJECT_NONE;
    return is_read ? REJECT_NONE : REJECT_FORM;
}
