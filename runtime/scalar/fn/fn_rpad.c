// rpad: the text with so many code points: filled up on the right with blanks or the third
// argument, or cut off at its end.
//
// example: rpad("7", 3, "0") == "700"
// example: rpad("abc", 6, "xy") == "abcxyx"
// example: rpad("hello", 2) == "he"
// example: rpad("ß", 2) == "ß "
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(rpad) {
    FlowView text = args[0].view;
    FlowView fill = info->arguments_count > 2 ? args[2].view : view_text(" ");
    const char *bytes = flow_view_data(&text);
    int64_t wanted = args[1].i64 < 0 ? 0 : args[1].i64;
    int64_t present = (int64_t)utf8_length(bytes, text.length);
    int64_t missing = wanted - present;
    if (missing > TEXT_RESULT_BYTES_MAX && fill.length > 0) {
        return FLOW_VALUE_ERROR;
    }
    size_t taken = missing >= 0 ? text.length : utf8_skip(bytes, text.length, (size_t)wanted);
    Buffer out = {0};
    buffer_append(&out, bytes, taken);
    fill_append(&out, fill, missing);
    return text_result(ctx, &out, result);
}
