// mask_last: stars in place of all but the last so many code points.
//
// example: mask_last("4111111111111111", 4) == "************1111"
// example: mask_last("abc", 0) == "***"
// example: mask_last("ab", 5) == "ab"
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(mask_last) {
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    int64_t count = (int64_t)utf8_length(bytes, text.length);
    int64_t kept = args[1].i64 < 0 ? 0 : args[1].i64 > count ? count : args[1].i64;
    size_t masked = utf8_skip(bytes, text.length, (size_t)(count - kept));
    Buffer out = {0};
    for (int64_t i = kept; i < count; i++) {
        buffer_char(&out, '*');
    }
    buffer_append(&out, bytes + masked, text.length - masked);
    return text_result(ctx, &out, result);
}
