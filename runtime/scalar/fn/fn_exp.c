// exp: e to this power.
//
// example: exp(0) == 1e0
// example: round(exp(1), 6) == 2.718282e0
#include "scalar/fn/fn.h"

#include <math.h>

BUILTIN_FUNCTION(exp) {
    double x = number_as_float64(&info->arguments[0], &args[0]);
    result->f64 = exp(x);
    return FLOW_VALUE_OK;
}
