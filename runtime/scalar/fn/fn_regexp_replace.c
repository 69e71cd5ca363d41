// regexp_replace: every match of the pattern becomes the other text, in which $1 stands for what
// group 1 matched, $0 for all of it, and a backslash makes the next character plain.
//
// example: regexp_replace("a1b22", r"\d+", "#") == "a#b#"
// example: regexp_replace("john smith", r"(\w+) (\w+)", "$2 $1") == "smith john"
// example: regexp_replace("abc", "x*", "-") == "-a-b-c-"
// example: regexp_replace("cost", "cost", r"\$5") == "$5"
#include "scalar/fn/fn.h"

// False: the replacement names a group that the pattern does not have, or ends in a backslash.
static bool
replacement_append(Buffer *out, FlowView with, const char *text, const PatternMatch *match) {
    const char *at = flow_view_data(&with);
    const char *end = at + with.length;
    while (at < end) {
        if (*at == '\\') {
            if (++at == end) {
                return false;
            }
            buffer_char(out, *at++);
            continue;
        }
        if (*at != '$') {
            buffer_char(out, *at++);
            continue;
        }
        at++;
        if (at == end || *at < '0' || *at > '9') {
            return false;
        }
        uint32_t group = (uint32_t)(*at++ - '0');
        while (at < end && *at >= '0' && *at <= '9' &&
               group * 10 + (uint32_t)(*at - '0') <= match->group_count) {
            group = group * 10 + (uint32_t)(*at++ - '0');
        }
        if (group > match->group_count || group >= PATTERN_GROUPS_MAX) {
            return false;
        }
        if (match->begin[group] != PATTERN_NO_PLACE) {
            buffer_append(out, text + match->begin[group], match->end[group] - match->begin[group]);
        }
    }
    return true;
}

BUILTIN_FUNCTION(regexp_replace) {
    PatternMatch match;
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    Buffer out = {0};
    size_t copied = 0;
    size_t from = 0;
    PatternStatus status = PATTERN_NONE;
    while (from <= text.length && out.length <= TEXT_RESULT_BYTES_MAX &&
           (status = pattern_search(args[1].view, text, from, &match)) == PATTERN_FOUND) {
        buffer_append(&out, bytes + copied, match.begin[0] - copied);
        if (!replacement_append(&out, args[2].view, bytes, &match)) {
            status = PATTERN_ERROR;
            break;
        }
        copied = match.end[0];
        bool is_empty = match.end[0] == match.begin[0];
        size_t left = text.length - copied;
        from = copied + (!is_empty ? 0 : left == 0 ? 1 : utf8_skip(bytes + copied, left, 1));
    }
    if (status == PATTERN_ERROR) {
        buffer_free(&out);
        return FLOW_VALUE_ERROR;
    }
    buffer_append(&out, bytes + copied, text.length - copied);
    return text_result(ctx, &out, result);
}
