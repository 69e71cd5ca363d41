// list_sum: the sum of the elements, of the type that the aggregate has; nulls are passed over,
// and nothing gives null. Floats are added in the order of the list.
//
// example: list_sum([1, 2, 3]) == 6
// example: list_sum([0.10, 0.25]) == 0.35
// example: list_sum([1, null]) == 1
// example: list_sum(filter([1], x -> false)) is null
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(list_sum) {
    return list_total(args[0].nested, info, true, result);
}
