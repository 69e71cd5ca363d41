// sqrt: the square root; NaN of a negative number.
//
// example: sqrt(16) == 4e0
// example: sqrt(2.25) == 1.5e0
#include "scalar/fn/fn.h"

#include <math.h>

BUILTIN_FUNCTION(sqrt) {
    double x = number_as_float64(&info->arguments[0], &args[0]);
    result->f64 = sqrt(x);
    return FLOW_VALUE_OK;
}
