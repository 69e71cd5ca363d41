// floor: the greatest whole number that is not greater; of a float an int64, of a decimal a
// decimal without a fraction.
//
// example: floor(2.7) == 2
// example: floor(-2.1) == -3
// example: floor(-25e-1) == -3
// example: floor(7) == 7
#include "scalar/fn/fn.h"

#include <math.h>

BUILTIN_FUNCTION(floor) {
    const FlowTypeDesc *type = &info->arguments[0];
    if (number_is_float(type)) {
        return whole_result(floor(args[0].f64), result);
    }
    if (type->kind != FLOW_DECIMAL) {
        result->i64 = args[0].i64;
        return FLOW_VALUE_OK;
    }
    i128 unit = decimal_power10(type->scale);
    i128 rest = args[0].i128 % unit;
    result->i128 = args[0].i128 / unit - (rest < 0);
    return FLOW_VALUE_OK;
}
