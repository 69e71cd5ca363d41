// translate: each code point of the second text becomes the one at its place in the third; what
// has none there goes away.
//
// example: translate("AaBbCc", "abc", "123") == "A1B2C3"
// example: translate("translate", "rnlt", "123") == "1a2s3ae"
// example: translate("ab", "aa", "xy") == "xb"
#include "scalar/fn/fn.h"

typedef struct Point {
    const char *bytes;
    size_t length;
} Point;

static Point point_at(const char *bytes, size_t length, size_t at) {
    return (Point){bytes + at, at >= length ? 0 : utf8_skip(bytes + at, length - at, 1)};
}

// What stands in place of the point: itself, another one, or nothing (length 0).
static Point translated(Point point, const FlowView *from, const FlowView *to) {
    const char *from_bytes = flow_view_data(from);
    const char *to_bytes = flow_view_data(to);
    size_t to_at = 0;
    for (size_t at = 0; at < from->length;) {
        Point each = point_at(from_bytes, from->length, at);
        Point with = point_at(to_bytes, to->length, to_at);
        if (each.length == point.length && memcmp(each.bytes, point.bytes, each.length) == 0) {
            return with;
        }
        at += each.length;
        to_at += with.length;
    }
    return point;
}

BUILTIN_FUNCTION(translate) {
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    Buffer out = {0};
    for (size_t at = 0; at < text.length;) {
        Point point = point_at(bytes, text.length, at);
        Point with = translated(point, &args[1].view, &args[2].view);
        buffer_append(&out, with.bytes, with.length);
        at += point.length;
    }
    return text_result(ctx, &out, result);
}
