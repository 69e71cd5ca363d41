// Values that outlive their batch: in one piece of memory, and as the exact bytes of a spill.
#include "state/agg_internal.h"

enum { ROOM_ALIGNMENT = 16 };

static size_t aligned(size_t bytes) {
    return (bytes + ROOM_ALIGNMENT - 1) / ROOM_ALIGNMENT * ROOM_ALIGNMENT;
}

static bool is_text(const FlowTypeDesc *type) {
    return type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
}

// --- one piece of memory
// ---------------------------------------------------------------------------
static size_t nested_head_bytes(int64_t items, bool has_validity) {
    size_t count = (size_t)items;
    return aligned(sizeof(FlowNested)) + count * sizeof(FlowValue) +
           (has_validity ? aligned(count) : 0);
}

size_t value_room(const FlowTypeDesc *type, const FlowValue *value) {
    if (is_text(type)) {
        return value->view.length <= FLOW_VIEW_INLINE_MAX ? 0 : aligned(value->view.length);
    }
    if (!desc_is_nested(type)) {
        return 0;
    }
    const FlowNested *nested = value->nested;
    int64_t count = nested_item_count(type, nested);
    size_t bytes = nested_head_bytes(count, nested->validity != NULL);
    for (int64_t i = 0; i < count; i++) {
        if (nested_has(nested, i)) {
            bytes += value_room(nested_item_type(type, i), &nested->items[i]);
        }
    }
    return bytes;
}

static FlowValue nested_put(const FlowTypeDesc *type, const FlowNested *nested, char *to) {
    int64_t count = nested_item_count(type, nested);
    FlowNested *copy = (FlowNested *)(void *)to;
    FlowValue *items = (FlowValue *)(void *)(to + aligned(sizeof(FlowNested)));
    uint8_t *validity = nested->validity == NULL ? NULL : (uint8_t *)(items + count);
    char *next = to + nested_head_bytes(count, validity != NULL);
    for (int64_t i = 0; i < count; i++) {
        bool is_there = nested_has(nested, i);
        items[i] = (FlowValue){0};
        if (is_there) {
            const FlowTypeDesc *own = nested_item_type(type, i);
            items[i] = value_put(own, &nested->items[i], next);
            next += value_room(own, &nested->items[i]);
        }
        if (validity != NULL) {
            validity[i] = is_there;
        }
    }
    *copy = (FlowNested){nested->count, items, validity};
    return (FlowValue){.nested = copy};
}

FlowValue value_put(const FlowTypeDesc *type, const FlowValue *value, char *to) {
    if (desc_is_nested(type)) {
        return nested_put(type, value->nested, to);
    }
    FlowValue copy = *value;
    if (is_text(type) && value->view.length > FLOW_VIEW_INLINE_MAX) {
        memcpy(to, value->view.data, value->view.length);
        copy.view.data = to;
    }
    return copy;
}

void kept_set(Arena *arena, Kept *kept, const FlowTypeDesc *type, const FlowValue *value) {
    size_t bytes = value_room(type, value);
    if (bytes > (size_t)kept->room_bytes) {
        kept->room_bytes = (int64_t)bytes * 2; // The next value may be a little longer.
        kept->room = arena_alloc(arena, (size_t)kept->room_bytes);
    }
    kept->value = value_put(type, value, kept->room);
}

// --- bytes of a spill
// ------------------------------------------------------------------------------
void bytes_read(const char **at, void *to, size_t length) {
    if (length > 0) {
        memcpy(to, *at, length);
    }
    *at += length;
}

static void nested_save(Buffer *out, const FlowTypeDesc *type, const FlowNested *nested) {
    int64_t count = nested_item_count(type, nested);
    buffer_append(out, &nested->count, sizeof(nested->count));
    for (int64_t i = 0; i < count; i++) {
        bool is_there = nested_has(nested, i);
        buffer_char(out, is_there);
        if (is_there) {
            value_save(out, nested_item_type(type, i), &nested->items[i]);
        }
    }
}

void value_save(Buffer *out, const FlowTypeDesc *type, const FlowValue *value) {
    if (is_text(type)) {
        buffer_append(out, &value->view.length, sizeof(value->view.length));
        buffer_append(out, flow_view_data(&value->view), value->view.length);
    } else if (desc_is_nested(type)) {
        nested_save(out, type, value->nested);
    } else if (type->kind == FLOW_DECIMAL) {
        buffer_append(out, &value->i128, sizeof(value->i128));
    } else {
        buffer_append(out, &value->i64, sizeof(value->i64)); // Of floats, their bits.
    }
}

static const FlowNested *nested_read(Arena *arena, const FlowTypeDesc *type, const char **at) {
    FlowNested head = {0};
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    bytes_read(at, &head.count, sizeof(head.count));
    int64_t count = nested_item_count(type, &head);
    const FlowNested *nested = nested_new(arena, head.count, count, &items, &validity);
    for (int64_t i = 0; i < count; i++) {
        validity[i] = (uint8_t)*(*at)++;
        if (validity[i] != 0) {
            items[i] = value_read(arena, nested_item_type(type, i), at);
        }
    }
    return nested;
}

static FlowView view_read(Arena *arena, const char **at) {
    uint32_t length = 0;
    bytes_read(at, &length, sizeof(length));
    const char *bytes = *at;
    *at += length;
    return length <= FLOW_VIEW_INLINE_MAX ? view_of(bytes, length)
                                          : view_of(arena_copy(arena, bytes, length), length);
}

FlowValue value_read(Arena *arena, const FlowTypeDesc *type, const char **at) {
    FlowValue value = {0};
    if (is_text(type)) {
        value.view = view_read(arena, at);
    } else if (desc_is_nested(type)) {
        value.nested = nested_read(arena, type, at);
    } else if (type->kind == FLOW_DECIMAL) {
        bytes_read(at, &value.i128, sizeof(value.i128));
    } else {
        bytes_read(at, &value.i64, sizeof(value.i64));
    }
    return value;
}

// --- numbers
// ---------------------------------------------------------------------------------------
static double decimal_as_float(const FlowTypeDesc *type, i128 value) {
    static const FlowTypeDesc to = {.kind = FLOW_FLOAT64};
    FlowValue from = {.i128 = value};
    FlowValue result = {0};
    int32_t status = value_cast(NULL, type, &from, &to, &result);
    ASSERT(status == FLOW_VALUE_OK);
    return result.f64;
}

double number_as_float(const FlowTypeDesc *type, const FlowValue *value) {
    double number = type_is_float(type)          ? value->f64
                    : type->kind == FLOW_DECIMAL ? decimal_as_float(type, value->i128)
                                                 : (double)value->i64;
    if (number != number) {
        return __builtin_nan("");
    }
    return number == 0.0 ? 0.0 : number;
}
