// Nested values as bytes: the count, a byte for each item that says whether it is there, and the
// items that are, each in as few bytes as its type needs. As deep as the types, which have a limit.
#include "record/row.h"

#include "scalar/scalar.h"

static uint64_t item_count(const FlowTypeDesc *type, int64_t count) {
    return (uint64_t)count * (type->kind == FLOW_MAP ? 2 : 1);
}

static const FlowTypeDesc *item_type(const FlowTypeDesc *type, uint64_t index) {
    switch ((FlowKind)type->kind) {
    case FLOW_LIST:
        return type->children[0].type;
    case FLOW_MAP:
        return type->children[index % 2].type;
    default:
        return type->children[index].type;
    }
}

static bool is_nested(const FlowTypeDesc *type) {
    return type->kind == FLOW_LIST || type->kind == FLOW_MAP || type->kind == FLOW_STRUCT;
}

static bool is_text(const FlowTypeDesc *type) {
    return type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
}

// Items are FlowValues: whatever the kind, the first bytes of the value are what counts.
static size_t item_bytes(const FlowTypeDesc *type) {
    return type->kind == FLOW_DECIMAL ? sizeof(i128) : sizeof(int64_t);
}

static void item_write(Buffer *out, const FlowTypeDesc *type, const FlowValue *value) {
    if (is_nested(type)) {
        row_nested_write(out, type, value->nested);
    } else if (is_text(type)) {
        uint32_t length = value->view.length;
        buffer_append(out, &length, sizeof(length));
        buffer_append(out, flow_view_data(&value->view), length);
    } else {
        buffer_append(out, value, item_bytes(type));
    }
}

void row_nested_write(Buffer *out, const FlowTypeDesc *type, const FlowNested *value) {
    uint64_t count = item_count(type, value->count);
    buffer_append(out, &value->count, sizeof(value->count));
    buffer_reserve(out, count);
    for (uint64_t i = 0; i < count; i++) {
        buffer_char(out, value->validity == NULL ? 1 : (char)value->validity[i]);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (value->validity == NULL || value->validity[i] != 0) {
            item_write(out, item_type(type, i), &value->items[i]);
        }
    }
}

static FlowView view_read(const char **at) {
    uint32_t length = 0;
    memcpy(&length, *at, sizeof(length));
    FlowView view = view_of(*at + sizeof(length), length);
    *at += sizeof(length) + length;
    return view;
}

static void item_read(Arena *arena, const FlowTypeDesc *type, const char **at, FlowValue *value) {
    if (is_nested(type)) {
        value->nested = row_nested_read(arena, type, at);
    } else if (is_text(type)) {
        value->view = view_read(at);
    } else {
        memcpy(value, *at, item_bytes(type));
        *at += item_bytes(type);
    }
}

const FlowNested *row_nested_read(Arena *arena, const FlowTypeDesc *type, const char **at) {
    FlowNested *nested = arena_new(arena, FlowNested);
    memcpy(&nested->count, *at, sizeof(nested->count));
    *at += sizeof(nested->count);
    uint64_t count = item_count(type, nested->count);
    const uint8_t *validity = (const uint8_t *)*at;
    FlowValue *items = arena_array(arena, FlowValue, count);
    *at += count;
    for (uint64_t i = 0; i < count; i++) {
        if (validity[i] != 0) {
            item_read(arena, item_type(type, i), at, &items[i]);
        }
    }
    nested->items = items;
    nested->validity = validity;
    return nested;
}
