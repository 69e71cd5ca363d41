// slice: so many elements from a place on, counted from 1, or from the end if it is negative.
// Place 0 and a negative number are errors.
//
// example: slice([1, 2, 3, 4], 2, 2) == [2, 3]
// example: slice([1, 2, 3, 4], -2, 5) == [3, 4]
// example: size(slice([1], 5, 1)) == 0
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(slice) {
    const FlowNested *list = args[0].nested;
    int64_t first = args[1].i64 > 0 ? args[1].i64 - 1 : list->count + args[1].i64;
    int64_t count = args[2].i64;
    if (args[1].i64 == 0 || count < 0) {
        return FLOW_VALUE_ERROR;
    }
    bool is_outside = args[1].i64 < -list->count || first >= list->count;
    int64_t left = is_outside ? 0 : list->count - first;
    count = count < left ? count : left;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    result->nested = nested_new(fn_arena(ctx), count, count, &items, &validity);
    for (int64_t i = 0; i < count; i++) {
        items[i] = list->items[first + i];
        validity[i] = nested_has(list, first + i);
    }
    return FLOW_VALUE_OK;
}
