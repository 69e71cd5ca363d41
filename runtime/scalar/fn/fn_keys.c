// keys: the keys of a map, in the order of its entries.
//
// example: keys(prices) == ["tea", "milk"]
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(keys) {
    const FlowNested *map = args[0].nested;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    result->nested = nested_new(fn_arena(ctx), map->count, map->count, &items, &validity);
    for (int64_t i = 0; i < map->count; i++) {
        items[i] = map->items[2 * i];
        validity[i] = nested_has(map, 2 * i);
    }
    return FLOW_VALUE_OK;
}
