// element_at: the element at a place, counted from 1, or from the end if it is negative; a place
// that is not there is an error. Of a map, the value of a key, or null.
//
// example: element_at([5, 6, 7], 1) == 5
// example: element_at([5, 6, 7], -1) == 7
// example: element_at([5, null], 2) is null
// example: element_at(prices, "tea") == 3
// example: element_at(prices, "coffee") is null
#include "scalar/fn/fn.h"

static int32_t list_element(const FlowNested *list, int64_t place, FlowValue *result) {
    int64_t index = place > 0 ? place - 1 : list->count + place;
    if (place == 0 || place < -list->count || index >= list->count) {
        return FLOW_VALUE_ERROR;
    }
    *result = list->items[index];
    return nested_has(list, index) ? FLOW_VALUE_OK : FLOW_VALUE_NULL;
}

BUILTIN_FUNCTION(element_at) {
    const FlowTypeDesc *type = &info->arguments[0];
    const FlowNested *nested = args[0].nested;
    if (type->kind == FLOW_LIST) {
        return list_element(nested, args[1].i64, result);
    }
    const FlowTypeDesc *key = type->children[0].type;
    for (int64_t i = nested->count - 1; i >= 0; i--) {
        if (value_compare(key, &nested->items[2 * i], key, &args[1]) == 0) {
            *result = nested->items[2 * i + 1];
            return nested_has(nested, 2 * i + 1) ? FLOW_VALUE_OK : FLOW_VALUE_NULL;
        }
    }
    return FLOW_VALUE_NULL;
}
