// values: the values of a map, in the order of its entries.
//
// example: values(prices) == [3, 2]
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(values) {
    const FlowNested *map = args[0].nested;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    result->nested = nested_new(fn_arena(ctx), map->count, map->count, &items, &validity);
    for (int64_t i = 0; i < map->count; i++) {
        items[i] = map->items[2 * i + 1];
        validity[i] = nested_has(map, 2 * i + 1);
    }
    return FLOW_VALUE_OK;
}
