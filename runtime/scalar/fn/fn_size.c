// size: the number of a list's elements or a map's entries.
//
// example: size([1, 2, 3]) == 3
// example: size(split("a,b", ",")) == 2
// example: size(prices) == 2
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(size) {
    result->i64 = args[0].nested->count;
    return FLOW_VALUE_OK;
}
