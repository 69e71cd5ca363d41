// filter: the elements for which the lambda is true.
//
// example: filter([1, 2, 3, 4], x -> x % 2 == 0) == [2, 4]
// example: filter([1, null, 3], x -> x > 1) == [3]
// example: size(filter([1], x -> x > 5)) == 0
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(filter) {
    const FlowNested *list = args[0].nested;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    FlowNested *kept = (FlowNested *)(uintptr_t)nested_new(
        fn_arena(ctx), list->count, list->count, &items, &validity);
    int64_t count = 0;
    for (int64_t i = 0; i < list->count; i++) {
        bool is_true = false;
        if (lambda_test(ctx, args[1].lambda, list, i, &is_true) == FLOW_VALUE_ERROR) {
            return FLOW_VALUE_ERROR;
        }
        if (is_true) {
            items[count] = list->items[i];
            validity[count++] = nested_has(list, i);
        }
    }
    kept->count = count;
    result->nested = kept;
    return FLOW_VALUE_OK;
}
