// month: 1 to 12.
//
// example: month(timestamp "2026-01-31T12:00:00Z") == 1
// example: month(timestamp "1969-12-31T23:59:59Z") == 12
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_month(FlowContext *ctx,
                         const FlowValue *args,
                         FlowValue *result,
                         const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    result->i64 = (int64_t)time_parts(args[0].i64).month;
    return FLOW_VALUE_OK;
}
