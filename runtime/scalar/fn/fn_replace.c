// replace: every occurrence of one text becomes another; the empty text occurs nowhere.
//
// example: replace("banana", "an", "-") == "b--a"
// example: replace("abc", "", "x") == "abc"
// example: replace("aaa", "aa", "b") == "ba"
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(replace) {
    FlowView text = args[0].view;
    FlowView wanted = args[1].view;
    FlowView with = args[2].view;
    const char *at = flow_view_data(&text);
    const char *end = at + text.length;
    Buffer out = {0};
    while (wanted.length > 0 && at < end && out.length <= TEXT_RESULT_BYTES_MAX) {
        const char *found = memmem(at, (size_t)(end - at), flow_view_data(&wanted), wanted.length);
        if (found == NULL) {
            break;
        }
        buffer_append(&out, at, (size_t)(found - at));
        buffer_append(&out, flow_view_data(&with), with.length);
        at = found + wanted.length;
    }
    buffer_append(&out, at, (size_t)(end - at));
    return text_result(ctx, &out, result);
}
