// levenshtein: how many code points must be put in, taken out or replaced to make one text of the
// other.
//
// example: levenshtein("kitten", "sitting") == 3
// example: levenshtein("", "abc") == 3
// example: levenshtein("straße", "strasse") == 2
#include "scalar/fn/fn.h"

enum { POINTS_MAX = 10000 }; // the work is the product of the lengths

static size_t points_read(Arena *arena, FlowView text, utf8proc_int32_t **points) {
    const char *bytes = flow_view_data(&text);
    size_t count = 0;
    *points = arena_array(arena, utf8proc_int32_t, text.length + 1);
    for (size_t at = 0; at < text.length;) {
        at += (size_t)utf8proc_iterate((const utf8proc_uint8_t *)bytes + at,
                                       (utf8proc_ssize_t)(text.length - at),
                                       &(*points)[count++]);
    }
    return count;
}

BUILTIN_FUNCTION(levenshtein) {
    utf8proc_int32_t *a = NULL;
    utf8proc_int32_t *b = NULL;
    size_t a_count = points_read(fn_arena(ctx), args[0].view, &a);
    size_t b_count = points_read(fn_arena(ctx), args[1].view, &b);
    if (a_count > POINTS_MAX || b_count > POINTS_MAX) {
        return FLOW_VALUE_ERROR;
    }
    uint32_t *row = arena_array(fn_arena(ctx), uint32_t, b_count + 1);
    for (uint32_t j = 0; j <= b_count; j++) {
        row[j] = j;
    }
    for (uint32_t i = 1; i <= a_count; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_count; j++) {
            uint32_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            uint32_t other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replaced < other ? replaced : other;
        }
    }
    result->i64 = row[b_count];
    return FLOW_VALUE_OK;
}
