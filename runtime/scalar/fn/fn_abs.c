// abs: the least integer has no counterpart, so it is an error there.
//
// example: abs(-3) == 3
// example: abs(-2.50) == 2.50
// example: abs(1e0 - 3e0) == 2e0
#include "scalar/fn/fn.h"

#include <math.h>

static int32_t integer_abs(int64_t value, uint32_t bits, FlowValue *result) {
    int64_t least = INT64_MIN >> (64 - bits);
    if (value == least) {
        return FLOW_VALUE_ERROR;
    }
    result->i64 = value < 0 ? -value : value;
    return FLOW_VALUE_OK;
}

int32_t flow_rt_fn_abs(FlowContext *ctx,
                       const FlowValue *args,
                       FlowValue *result,
                       const FlowKernelInfo *info) {
    (void)ctx;
    switch ((FlowKind)info->arguments[0].kind) {
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        result->f64 = fabs(args[0].f64);
        return FLOW_VALUE_OK;
    case FLOW_DECIMAL: {
        i128 value = args[0].i128;
        result->i128 = value < 0 ? -value : value;
        return FLOW_VALUE_OK;
    }
    default:
        return integer_abs(
            args[0].i64, flow_kind_width((FlowKind)info->arguments[0].kind, 0) * 8, result);
    }
}
