// flatten: the elements of a list's lists, one behind the other; null if one of the lists is.
//
// example: flatten([[1, 2], [3]]) == [1, 2, 3]
// example: size(flatten([["a"], split("", "x")])) == 2
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(flatten) {
    const FlowNested *lists = args[0].nested;
    int64_t count = 0;
    for (int64_t i = 0; i < lists->count; i++) {
        if (!nested_has(lists, i)) {
            return FLOW_VALUE_NULL;
        }
        count += lists->items[i].nested->count;
    }
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    result->nested = nested_new(fn_arena(ctx), count, count, &items, &validity);
    int64_t at = 0;
    for (int64_t i = 0; i < lists->count; i++) {
        const FlowNested *list = lists->items[i].nested;
        for (int64_t j = 0; j < list->count; j++) {
            items[at] = list->items[j];
            validity[at++] = nested_has(list, j);
        }
    }
    return FLOW_VALUE_OK;
}
