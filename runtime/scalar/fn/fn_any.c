// any: whether the lambda is true for some element; null if it is true for none and null for one.
//
// example: any([1, 2, 3], x -> x > 2) == true
// example: not any([1, 2, 3], x -> x > 3)
// example: any([1, null], x -> x > 3) is null
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(any) {
    return lambda_decide(ctx, args, true, result);
}
