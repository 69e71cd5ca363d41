// ceil: the least whole number that is not less; of a float an int64, of a decimal a decimal
// without a fraction.
//
// example: ceil(2.1) == 3
// example: ceil(-2.7) == -2
// example: ceil(25e-1) == 3
#include "scalar/fn/fn.h"

#include <math.h>

BUILTIN_FUNCTION(ceil) {
    const FlowTypeDesc *type = &info->arguments[0];
    if (number_is_float(type)) {
        return whole_result(ceil(args[0].f64), result);
    }
    if (type->kind != FLOW_DECIMAL) {
        result->i64 = args[0].i64;
        return FLOW_VALUE_OK;
    }
    i128 unit = decimal_power10(type->scale);
    i128 rest = args[0].i128 % unit;
    result->i128 = args[0].i128 / unit + (rest > 0);
    return FLOW_VALUE_OK;
}
