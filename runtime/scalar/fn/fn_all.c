// all: whether the lambda is true for every element, of an empty list too; null if it is false for
// none and null for one.
//
// example: all([1, 2, 3], x -> x > 0) == true
// example: not all([1, null], x -> x > 3)
// example: all([5, null], x -> x > 3) is null
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(all) {
    const FlowNested *list = args[0].nested;
    bool has_null = false;
    for (int64_t i = 0; i < list->count; i++) {
        bool is_true = false;
        int32_t status = lambda_test(ctx, args[1].lambda, list, i, &is_true);
        if (status == FLOW_VALUE_ERROR) {
            return FLOW_VALUE_ERROR;
        }
        has_null |= status == FLOW_VALUE_NULL;
        if (status == FLOW_VALUE_OK && !is_true) {
            result->i64 = is_true;
            return FLOW_VALUE_OK;
        }
    }
    result->i64 = 1;
    return has_null ? FLOW_VALUE_NULL : FLOW_VALUE_OK;
}
