// mask_email: the first character and the domain of an address stay; a text without an @ becomes
// stars.
//
// example: mask_email("ada@example.com") == "a***@example.com"
// example: mask_email("a@b@c") == "a***@c"
// example: mask_email("nobody") == "***"
// example: mask_email("@example.com") == "***@example.com"
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(mask_email) {
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    const char *at = memrchr(bytes, '@', text.length);
    Buffer out = {0};
    if (at != NULL) {
        buffer_append(&out, bytes, utf8_skip(bytes, (size_t)(at - bytes), 1));
    }
    buffer_text(&out, "***");
    if (at != NULL) {
        buffer_append(&out, at, (size_t)(bytes + text.length - at));
    }
    return text_result(ctx, &out, result);
}
