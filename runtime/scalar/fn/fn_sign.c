// sign: -1, 0 or 1 as a float, as in Spark SQL; of NaN, NaN.
//
// example: sign(-5) == -1e0
// example: sign(0.00) == 0e0
// example: sign(2e-3) == 1e0
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(sign) {
    const FlowTypeDesc *type = &info->arguments[0];
    static const FlowValue zero = {.i128 = 0};
    if (number_is_float(type)) {
        double value = args[0].f64;
        result->f64 = value > 0 ? 1 : value < 0 ? -1 : value;
        return FLOW_VALUE_OK;
    }
    result->f64 = value_compare(type, &args[0], type, &zero);
    return FLOW_VALUE_OK;
}
