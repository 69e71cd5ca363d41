// split: the parts between the matches of a pattern; with a limit above 0, at most so many, the
// last one with all that is left. An empty match at the begin gives no empty part.
//
// example: split("a,b,,c", ",") == ["a", "b", "", "c"]
// example: split("a1b2c", "[0-9]", 2) == ["a", "b2c"]
// example: split("abc", "") == ["a", "b", "c"]
// example: split("", ",") == [""]
// example: split("a.b", r"\.") == ["a", "b"]
#include "scalar/fn/fn.h"

typedef struct Parts {
    Arena *arena;
    VEC(FlowView) views;
} Parts;

static bool parts_find(Parts *parts, FlowView text, FlowView pattern, int64_t limit) {
    PatternMatch match;
    const char *bytes = flow_view_data(&text);
    size_t begin = 0;
    size_t from = 0;
    while (from <= text.length && (limit <= 0 || parts->views.count + 1 < limit)) {
        PatternStatus status = pattern_search(pattern, text, from, &match);
        if (status != PATTERN_FOUND) {
            if (status == PATTERN_ERROR) {
                return false;
            }
            break;
        }
        bool is_empty = match.end[0] == match.begin[0];
        size_t left = text.length - match.end[0];
        from = match.end[0] + (!is_empty   ? 0
                               : left == 0 ? 1
                                           : utf8_skip(bytes + match.end[0], left, 1));
        bool is_at_begin = match.end[0] == 0;
        if (!is_at_begin && !(pattern.length == 0 && left == 0)) {
            *vec_push(parts->arena, &parts->views) = view_of(bytes + begin, match.begin[0] - begin);
            begin = match.end[0];
        }
    }
    *vec_push(parts->arena, &parts->views) = view_of(bytes + begin, text.length - begin);
    return true;
}

BUILTIN_FUNCTION(split) {
    Parts parts = {.arena = fn_arena(ctx)};
    int64_t limit = info->arguments_count > 2 ? args[2].i64 : 0;
    if (!parts_find(&parts, args[0].view, args[1].view, limit)) {
        return FLOW_VALUE_ERROR;
    }
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    int64_t count = parts.views.count;
    result->nested = nested_new(fn_arena(ctx), count, count, &items, &validity);
    for (int64_t i = 0; i < count; i++) {
        items[i].view = parts.views.items[i];
    }
    return FLOW_VALUE_OK;
}
