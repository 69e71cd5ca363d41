// list_avg: the average of the elements, of the type that the aggregate has; nulls are passed
// over, and nothing gives null. Floats are added in the order of the list.
//
// example: list_avg([1, 2]) == 1.5e0
// example: list_avg([0.10, 0.25]) == 0.175
// example: list_avg([1, null]) == 1e0
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(list_avg) {
    return list_total(args[0].nested, info, false, result);
}
