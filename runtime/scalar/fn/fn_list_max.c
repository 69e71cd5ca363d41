// list_max: the greatest element, nulls passed over; null if there is none.
//
// example: list_max([3, 1, 2]) == 3
// example: list_max([date "2026-01-01", date "2026-02-01"]) == date "2026-02-01"
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(list_max) {
    const FlowNested *list = args[0].nested;
    const FlowTypeDesc *type = info->arguments[0].children[0].type;
    const FlowValue *best = NULL;
    for (int64_t i = 0; i < list->count; i++) {
        bool is_better = nested_has(list, i) &&
                         (best == NULL || value_compare(type, &list->items[i], type, best) > 0);
        best = is_better ? &list->items[i] : best;
    }
    if (best == NULL) {
        return FLOW_VALUE_NULL;
    }
    *result = *best;
    return FLOW_VALUE_OK;
}
