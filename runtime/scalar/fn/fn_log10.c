// log10: the logarithm to base 10; null where there is none.
//
// example: log10(1000) == 3e0
// example: log10(-1) is null
#include "scalar/fn/fn.h"

#include <math.h>

BUILTIN_FUNCTION(log10) {
    double x = number_as_float64(&info->arguments[0], &args[0]);
    if (x <= 0) {
        return FLOW_VALUE_NULL;
    }
    result->f64 = log10(x);
    return FLOW_VALUE_OK;
}
