// Code points left out at the ends of a text.
#include "scalar/fn/trims.h"

// Whether the code point of `width` bytes is one of those of the text.
static bool is_among(const FlowView *all, const char *point, size_t width) {
    const char *bytes = flow_view_data(all);
    size_t step = 0;
    for (size_t at = 0; at < all->length; at += step) {
        step = utf8_skip(bytes + at, all->length - at, 1);
        if (step == width && memcmp(bytes + at, point, width) == 0) {
            return true;
        }
    }
    return false;
}

static size_t last_width(const char *bytes, size_t length) {
    size_t width = 1;
    while (width < length && ((uint8_t)bytes[length - width] & 0xC0) == 0x80) {
        width++;
    }
    return width;
}

FlowView text_trimmed(const FlowValue *args, const FlowKernelInfo *info, TrimEnds ends) {
    FlowView left_out = info->arguments_count > 1 ? args[1].view : view_text(" ");
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    size_t length = text.length;
    while ((ends & TRIM_BEGIN) != 0 && length > 0) {
        size_t width = utf8_skip(bytes, length, 1);
        if (!is_among(&left_out, bytes, width)) {
            break;
        }
        bytes += width;
        length -= width;
    }
    while ((ends & TRIM_END) != 0 && length > 0) {
        size_t width = last_width(bytes, length);
        if (!is_among(&left_out, bytes + length - width, width)) {
            break;
        }
        length -= width;
    }
    return view_of(bytes, length);
}
