// Memory that generated code asks for: bytes of strings that a row computes, room for its key.
#include "scalar/scalar.h"

void *flow_rt_bytes_new(void *ctx, int64_t size_bytes) {
    FlowContext *context = ctx;
    ScalarRuntime *runtime = context->runtime;
    ASSERT(size_bytes >= 0);
    return arena_alloc(runtime->arena, (size_t)size_bytes);
}

void flow_rt_key_grow(void *ctx, int64_t capacity) {
    FlowContext *context = ctx;
    if (capacity <= context->key_capacity) {
        return;
    }
    int64_t doubled = context->key_capacity * 2;
    context->key_capacity = capacity > doubled ? capacity : doubled;
    context->key = memory_resize(context->key, (size_t)context->key_capacity);
}

void *flow_rt_key_nested(void *ctx, void *at, void *type, void *value, int64_t rest) {
    FlowContext *context = ctx;
    Buffer bytes = {0};
    size_t before = (size_t)((char *)at - (char *)context->key);
    key_append(&bytes, type, false, value);
    flow_rt_key_grow(ctx, (int64_t)(before + bytes.length) + rest);
    char *end = (char *)context->key + before;
    memcpy(end, bytes.data, bytes.length);
    end += bytes.length;
    buffer_free(&bytes);
    return end;
}

FlowView view_new(FlowContext *ctx, const char *bytes, size_t length) {
    if (length <= FLOW_VIEW_INLINE_MAX) {
        return view_of(bytes, length);
    }
    char *copy = flow_rt_bytes_new(ctx, (int64_t)length);
    memcpy(copy, bytes, length);
    return view_of(copy, length);
}
