// Lists, maps and structs as values: made, copied, compared, written, taken apart. Each function
// here walks the items of one value and leaves them to the function for single values, which comes
// back here for what is nested deeper.
//
// A map's entries have no order of their own: where an order shows (comparison, key bytes) they are
// taken in the order of their keys' bytes.
#include "scalar/nested.h"

enum { ENTRY_ITEMS = 2 }; // key and value

const FlowNested *
nested_new(Arena *arena, int64_t count, int64_t item_count, FlowValue **items, uint8_t **validity) {
    FlowNested *nested = arena_new(arena, FlowNested);
    *items = arena_array(arena, FlowValue, (size_t)item_count);
    *validity = arena_alloc(arena, (size_t)item_count + 1);
    memset(*validity, 1, (size_t)item_count);
    *nested = (FlowNested){.count = count, .items = *items, .validity = *validity};
    return nested;
}

int64_t nested_item_count(const FlowTypeDesc *type, const FlowNested *nested) {
    return type->kind == FLOW_MAP ? nested->count * ENTRY_ITEMS : nested->count;
}

const FlowTypeDesc *nested_item_type(const FlowTypeDesc *type, int64_t item) {
    int64_t child = type->kind == FLOW_STRUCT ? item
                    : type->kind == FLOW_MAP  ? item % ENTRY_ITEMS
                                              : 0;
    return type->children[child].type;
}

// --- copies -------------------------------------------------------------------------------------
static const FlowNested *
nested_copy(Arena *arena, const FlowTypeDesc *type, const FlowNested *nested) {
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    int64_t item_count = nested_item_count(type, nested);
    const FlowNested *copy = nested_new(arena, nested->count, item_count, &items, &validity);
    for (int64_t i = 0; i < item_count; i++) {
        validity[i] = nested_has(nested, i);
        if (validity[i]) {
            items[i] = value_copy(arena, nested_item_type(type, i), nested->items[i]);
        }
    }
    return copy;
}

FlowValue value_copy(Arena *arena, const FlowTypeDesc *type, FlowValue value) {
    switch ((FlowKind)type->kind) {
    case FLOW_STRING:
    case FLOW_BYTES:
        if (value.view.length > FLOW_VIEW_INLINE_MAX) {
            value.view.data = arena_copy(arena, value.view.data, value.view.length);
        }
        return value;
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return (FlowValue){.nested = nested_copy(arena, type, value.nested)};
    default:
        return value;
    }
}

// --- order --------------------------------------------------------------------------------------
static int item_compare(const FlowTypeDesc *a_type,
                        const FlowNested *a,
                        const FlowTypeDesc *b_type,
                        const FlowNested *b,
                        int64_t item) {
    bool a_has = nested_has(a, item);
    bool b_has = nested_has(b, item);
    if (!a_has || !b_has) {
        return a_has - b_has;
    }
    return value_compare(nested_item_type(a_type, item),
                         &a->items[item],
                         nested_item_type(b_type, item),
                         &b->items[item]);
}

static int maps_compare(const FlowTypeDesc *a_type,
                        const FlowNested *a,
                        const FlowTypeDesc *b_type,
                        const FlowNested *b) {
    Arena scratch = {0};
    const FlowNested *a_sorted = map_sorted(&scratch, a_type, a);
    const FlowNested *b_sorted = map_sorted(&scratch, b_type, b);
    int64_t shared = (a->count < b->count ? a->count : b->count) * ENTRY_ITEMS;
    int order = 0;
    for (int64_t i = 0; i < shared && order == 0; i++) {
        order = item_compare(a_type, a_sorted, b_type, b_sorted, i);
    }
    arena_free(&scratch);
    return order != 0 ? order : (a->count > b->count) - (a->count < b->count);
}

int nested_compare(const FlowTypeDesc *a_type,
                   const FlowNested *a,
                   const FlowTypeDesc *b_type,
                   const FlowNested *b) {
    if (a_type->kind == FLOW_MAP) {
        return maps_compare(a_type, a, b_type, b);
    }
    int64_t shared = a->count < b->count ? a->count : b->count;
    for (int64_t i = 0; i < shared; i++) {
        int order = item_compare(a_type, a, b_type, b, i);
        if (order != 0) {
            return order;
        }
    }
    return (a->count > b->count) - (a->count < b->count);
}

typedef struct Entry {
    Buffer key;
    int64_t place;
} Entry;

static int entry_order(const void *a, const void *b) {
    const Entry *left = a;
    const Entry *right = b;
    size_t shorter = left->key.length < right->key.length ? left->key.length : right->key.length;
    int order = memcmp(left->key.data, right->key.data, shorter);
    if (order == 0) {
        order = (left->key.length > right->key.length) - (left->key.length < right->key.length);
    }
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

const FlowNested *map_sorted(Arena *arena, const FlowTypeDesc *type, const FlowNested *map) {
    Entry *entries = arena_array(arena, Entry, (size_t)map->count);
    for (int64_t i = 0; i < map->count; i++) {
        entries[i].place = i;
        key_append(&entries[i].key, type->children[0].type, false, &map->items[i * ENTRY_ITEMS]);
    }
    qsort(entries, (size_t)map->count, sizeof(*entries), entry_order);
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    const FlowNested *sorted =
        nested_new(arena, map->count, map->count * ENTRY_ITEMS, &items, &validity);
    for (int64_t i = 0; i < map->count; i++) {
        for (int64_t part = 0; part < ENTRY_ITEMS; part++) {
            int64_t from = entries[i].place * ENTRY_ITEMS + part;
            items[i * ENTRY_ITEMS + part] = map->items[from];
            validity[i * ENTRY_ITEMS + part] = nested_has(map, from);
        }
        buffer_free(&entries[i].key);
    }
    return sorted;
}

// --- text ---------------------------------------------------------------------------------------
static void item_json(Buffer *out, const FlowTypeDesc *type, const FlowNested *nested, int64_t i) {
    if (nested_has(nested, i)) {
        value_json(out, nested_item_type(type, i), &nested->items[i]);
    } else {
        buffer_text(out, "null");
    }
}

static void list_json(Buffer *out, const FlowTypeDesc *type, const FlowNested *list) {
    buffer_char(out, '[');
    for (int64_t i = 0; i < list->count; i++) {
        buffer_text(out, i == 0 ? "" : ",");
        item_json(out, type, list, i);
    }
    buffer_char(out, ']');
}

static void struct_json(Buffer *out, const FlowTypeDesc *type, const FlowNested *fields) {
    buffer_char(out, '{');
    for (int64_t i = 0; i < fields->count; i++) {
        const char *name = type->children[i].name;
        buffer_text(out, i == 0 ? "" : ",");
        buffer_json_string(out, name, strlen(name));
        buffer_char(out, ':');
        item_json(out, type, fields, i);
    }
    buffer_char(out, '}');
}

static void key_name_json(Buffer *out, const FlowTypeDesc *type, const FlowValue *key) {
    Buffer name = {0};
    value_text(&name, type, key);
    buffer_json_string(out, name.data, name.length);
    buffer_free(&name);
}

// The names of an object's members are texts: only the text of a single value is one.
static void map_json(Buffer *out, const FlowTypeDesc *type, const FlowNested *map) {
    const FlowTypeDesc *key_type = type->children[0].type;
    bool is_object = key_type->children_count == 0;
    buffer_char(out, is_object ? '{' : '[');
    for (int64_t i = 0; i < map->count; i++) {
        int64_t item = i * ENTRY_ITEMS;
        buffer_text(out, i == 0 ? "" : ",");
        if (is_object) {
            key_name_json(out, key_type, &map->items[item]);
            buffer_char(out, ':');
            item_json(out, type, map, item + 1);
        } else {
            buffer_text(out, "{\"key\":");
            item_json(out, type, map, item);
            buffer_text(out, ",\"value\":");
            item_json(out, type, map, item + 1);
            buffer_char(out, '}');
        }
    }
    buffer_char(out, is_object ? '}' : ']');
}

void nested_json(Buffer *out, const FlowTypeDesc *type, const FlowNested *nested) {
    if (type->kind == FLOW_LIST) {
        list_json(out, type, nested);
    } else if (type->kind == FLOW_STRUCT) {
        struct_json(out, type, nested);
    } else {
        map_json(out, type, nested);
    }
}

// --- key bytes ----------------------------------------------------------------------------------
// A struct is its fields. A list is 0x01 and the element for each, then 0x00: a list that goes on
// is greater than one that ends. A map is the list of its entries, key and value.
enum { KEY_END = 0, KEY_MORE = 1 };

static void item_key(Buffer *key, const FlowTypeDesc *type, const FlowNested *nested, int64_t i) {
    key_append(key, nested_item_type(type, i), !nested_has(nested, i), &nested->items[i]);
}

void nested_key_append(Buffer *key, const FlowTypeDesc *type, const FlowNested *nested) {
    Arena scratch = {0};
    if (type->kind == FLOW_MAP) {
        nested = map_sorted(&scratch, type, nested);
    }
    int64_t each = type->kind == FLOW_MAP ? ENTRY_ITEMS : 1;
    int64_t item_count = nested_item_count(type, nested);
    for (int64_t i = 0; i < item_count; i++) {
        if (type->kind != FLOW_STRUCT && i % each == 0) {
            buffer_char(key, KEY_MORE);
        }
        item_key(key, type, nested, i);
    }
    if (type->kind != FLOW_STRUCT) {
        buffer_char(key, KEY_END);
    }
    arena_free(&scratch);
}

typedef struct KeyItem {
    FlowValue value;
    bool has;
} KeyItem;

static bool key_goes_on(const FlowTypeDesc *type, const char **at, int64_t item) {
    if (type->kind == FLOW_STRUCT) {
        return item < type->children_count;
    }
    bool is_inside = type->kind == FLOW_MAP && item % ENTRY_ITEMS != 0;
    return is_inside || *(*at)++ == KEY_MORE;
}

const FlowNested *nested_key_read(Arena *arena, const FlowTypeDesc *type, const char **at) {
    VEC(KeyItem) read = {0};
    for (int64_t i = 0; key_goes_on(type, at, i); i++) {
        KeyItem item = {0};
        item.has = key_read(arena, nested_item_type(type, i), at, &item.value);
        *vec_push(arena, &read) = item;
    }
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    int64_t count = type->kind == FLOW_MAP ? read.count / ENTRY_ITEMS : read.count;
    const FlowNested *nested = nested_new(arena, count, read.count, &items, &validity);
    for (uint32_t i = 0; i < read.count; i++) {
        items[i] = read.items[i].value;
        validity[i] = read.items[i].has;
    }
    return nested;
}

// --- casts --------------------------------------------------------------------------------------
int32_t nested_cast(Arena *arena,
                    const FlowTypeDesc *from,
                    const FlowNested *nested,
                    const FlowTypeDesc *to,
                    FlowValue *result) {
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    int64_t item_count = nested_item_count(from, nested);
    const FlowNested *cast = nested_new(arena, nested->count, item_count, &items, &validity);
    for (int64_t i = 0; i < item_count; i++) {
        validity[i] = nested_has(nested, i);
        int32_t status = FLOW_VALUE_OK;
        if (validity[i]) {
            status = value_cast(arena,
                                nested_item_type(from, i),
                                &nested->items[i],
                                nested_item_type(to, i),
                                &items[i]);
        }
        if (status != FLOW_VALUE_OK) {
            return status;
        }
    }
    result->nested = cast;
    return FLOW_VALUE_OK;
}
