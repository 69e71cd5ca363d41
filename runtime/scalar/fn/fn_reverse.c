// reverse: the code points of a text, or the elements of a list, from the last to the first.
//
// example: reverse("aß€") == "€ßa"
// example: reverse("") == ""
// example: reverse([1, 2, 3]) == [3, 2, 1]
#include "scalar/fn/fn.h"

static FlowView text_reversed(FlowContext *ctx, FlowView text) {
    const char *bytes = flow_view_data(&text);
    char *out = flow_rt_bytes_new(ctx, (int64_t)text.length + 1);
    for (size_t at = 0; at < text.length;) {
        size_t width = utf8_skip(bytes + at, text.length - at, 1);
        memcpy(out + text.length - at - width, bytes + at, width);
        at += width;
    }
    return view_of(out, text.length);
}

BUILTIN_FUNCTION(reverse) {
    if (info->arguments[0].kind != FLOW_LIST) {
        result->view = text_reversed(ctx, args[0].view);
        return FLOW_VALUE_OK;
    }
    const FlowNested *list = args[0].nested;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    result->nested = nested_new(fn_arena(ctx), list->count, list->count, &items, &validity);
    for (int64_t i = 0; i < list->count; i++) {
        items[i] = list->items[list->count - 1 - i];
        validity[i] = nested_has(list, list->count - 1 - i);
    }
    return FLOW_VALUE_OK;
}
