// ln: the natural logarithm; null where there is none.
//
// example: ln(1) == 0e0
// example: round(ln(10), 6) == 2.302585e0
// example: ln(0) is null
#include "scalar/fn/fn.h"

#include <math.h>

BUILTIN_FUNCTION(ln) {
    double x = number_as_float64(&info->arguments[0], &args[0]);
    if (x <= 0) {
        return FLOW_VALUE_NULL;
    }
    result->f64 = log(x);
    return FLOW_VALUE_OK;
}
