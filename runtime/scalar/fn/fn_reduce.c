// reduce: begins with the second argument, and makes of what there is and each element, in order,
// what there is then.
//
// example: reduce([1, 2, 3], 0, (a, x) -> a + x) == 6
// example: reduce(["a", "b"], "", (a, x) -> a + x) == "ab"
// example: reduce([1, null], 0, (a, x) -> a + x) is null
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(reduce) {
    const FlowNested *list = args[0].nested;
    const FlowLambda *lambda = args[2].lambda;
    FlowValue pair[2] = {args[1]};
    uint8_t validity[2] = {1, 1};
    for (int64_t i = 0; i < list->count; i++) {
        FlowValue next = {0};
        pair[1] = list->items[i];
        validity[1] = nested_has(list, i);
        int32_t status = lambda->run(ctx, lambda, pair, validity, &next);
        if (status == FLOW_VALUE_ERROR) {
            return status;
        }
        pair[0] = next;
        validity[0] = status == FLOW_VALUE_OK;
    }
    *result = pair[0];
    return validity[0] != 0 ? FLOW_VALUE_OK : FLOW_VALUE_NULL;
}
