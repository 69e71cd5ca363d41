// initcap: the first letter of each word in upper case, the others in lower case; blanks separate
// words.
//
// example: initcap("hello wORLD") == "Hello World"
// example: initcap("élan vital") == "Élan Vital"
// example: initcap("a-b") == "A-b"
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(initcap) {
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    Buffer out = {0};
    bool is_first = true;
    for (size_t at = 0; at < text.length;) {
        utf8proc_int32_t point = 0;
        size_t width = (size_t)utf8proc_iterate(
            (const utf8proc_uint8_t *)bytes + at, (utf8proc_ssize_t)(text.length - at), &point);
        utf8proc_uint8_t changed[4];
        point = is_first ? utf8proc_totitle(point) : utf8proc_tolower(point);
        is_first = bytes[at] == ' ';
        buffer_append(&out, changed, (size_t)utf8proc_encode_char(point, changed));
        at += width;
    }
    return text_result(ctx, &out, result);
}
