// list_min: the least element, nulls passed over; null if there is none.
//
// example: list_min([3, 1, 2]) == 1
// example: list_min(["b", null, "a"]) == "a"
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(list_min) {
    const FlowNested *list = args[0].nested;
    const FlowTypeDesc *type = info->arguments[0].children[0].type;
    const FlowValue *best = NULL;
    for (int64_t i = 0; i < list->count; i++) {
        bool is_better = nested_has(list, i) &&
                         (best == NULL || value_compare(type, &list->items[i], type, best) < 0);
        best = is_better ? &list->items[i] : best;
    }
    if (best == NULL) {
        return FLOW_VALUE_NULL;
    }
    *result = *best;
    return FLOW_VALUE_OK;
}
