// all: whether the lambda is true for every element, of an empty list too; null if it is false for
// none and null for one.
//
// example: all([1, 2, 3], x -> x > 0) == true
// example: not all([1, null], x -> x > 3)
// example: all([5, null], x -> x > 3) is null
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(all) {
    return lambda_decide(ctx, args, false, result);
}
