// repeat: the text so many times.
//
// example: repeat("ab", 3) == "ababab"
// example: repeat("a", 0) == ""
// example: repeat("a", -1) == ""
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(repeat) {
    FlowView text = args[0].view;
    int64_t count = args[1].i64 < 0 || text.length == 0 ? 0 : args[1].i64;
    if (count > TEXT_RESULT_BYTES_MAX) {
        return FLOW_VALUE_ERROR;
    }
    Buffer out = {0};
    for (int64_t i = 0; i < count && out.length <= TEXT_RESULT_BYTES_MAX; i++) {
        buffer_append(&out, flow_view_data(&text), text.length);
    }
    return text_result(ctx, &out, result);
}
