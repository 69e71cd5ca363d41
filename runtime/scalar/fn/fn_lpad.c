// lpad: the text with so many code points: filled up on the left with blanks or the third
// argument, or cut off at its end.
//
// example: lpad("7", 3, "0") == "007"
// example: lpad("abc", 5, "xy") == "xyabc"
// example: lpad("hello", 2) == "he"
// example: lpad("a", 3) == "  a"
// example: lpad("a", 3, "") == "a"
// example: lpad("a", -1) == ""
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(lpad) {
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
    fill_append(&out, fill, missing);
    buffer_append(&out, bytes, taken);
    return text_result(ctx, &out, result);
}
