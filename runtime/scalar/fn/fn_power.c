// power: the first number to the power of the second.
//
// example: power(2, 10) == 1024e0
// example: power(2.25, 0.5) == 1.5e0
// example: power(0, 0) == 1e0
#include "scalar/fn/fn.h"

#include <math.h>

BUILTIN_FUNCTION(power) {
    double base = number_as_float64(&info->arguments[0], &args[0]);
    result->f64 = pow(base, number_as_float64(&info->arguments[1], &args[1]));
    return FLOW_VALUE_OK;
}
