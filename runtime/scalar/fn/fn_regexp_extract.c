// regexp_extract: what a group of the pattern matched (group 1 if not said, 0 is all of it), empty
// if the group took no part; null without a match.
//
// example: regexp_extract("order-42", r"(\d+)") == "42"
// example: regexp_extract("a=1;b=2", r"(\w)=(\d)", 2) == "1"
// example: regexp_extract("abc", "b", 0) == "b"
// example: regexp_extract("abc", "(x)") is null
// example: regexp_extract("ac", "a(b)?c") == ""
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(regexp_extract) {
    PatternMatch match;
    FlowView text = args[0].view;
    int64_t group = info->arguments_count > 2 ? args[2].i64 : 1;
    switch (pattern_search(args[1].view, text, 0, &match)) {
    case PATTERN_NONE:
        return FLOW_VALUE_NULL;
    case PATTERN_ERROR:
        return FLOW_VALUE_ERROR;
    case PATTERN_FOUND:
        break;
    }
    if (group < 0 || group > match.group_count || group >= PATTERN_GROUPS_MAX) {
        return FLOW_VALUE_ERROR;
    }
    bool is_there = match.begin[group] != PATTERN_NO_PLACE;
    size_t begin = is_there ? match.begin[group] : 0;
    size_t end = is_there ? match.end[group] : 0;
    result->view = view_new(ctx, flow_view_data(&text) + begin, end - begin);
    return FLOW_VALUE_OK;
}
