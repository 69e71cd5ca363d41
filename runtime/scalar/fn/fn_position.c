// position: where the first text begins in the second, counted from 1; 0 if it does not occur. A
// third argument says where to begin to look.
//
// example: position("b", "abc") == 2
// example: position("€", "aß€") == 3
// example: position("x", "abc") == 0
// example: position("a", "banana", 3) == 4
// example: position("", "abc") == 1
// example: position("a", "a", 0) == 0
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(position) {
    FlowView wanted = args[0].view;
    FlowView text = args[1].view;
    int64_t first = info->arguments_count > 2 ? args[2].i64 : 1;
    const char *bytes = flow_view_data(&text);
    result->i64 = 0;
    if (first < 1) {
        return FLOW_VALUE_OK;
    }
    size_t skipped = utf8_skip(bytes, text.length, (size_t)first - 1);
    const char *from = bytes + skipped;
    bool is_past = utf8_length(bytes, skipped) < (size_t)first - 1;
    const char *found =
        wanted.length == 0
            ? from
            : memmem(from, text.length - skipped, flow_view_data(&wanted), wanted.length);
    if (found != NULL && !is_past) {
        result->i64 = (int64_t)utf8_length(bytes, (size_t)(found - bytes)) + 1;
    }
    return FLOW_VALUE_OK;
}
