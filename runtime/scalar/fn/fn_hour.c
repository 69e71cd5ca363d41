// hour: 0 to 23, in UTC whatever the offset was written.
//
// example: hour(timestamp "2026-01-31T12:00:00Z") == 12
// example: hour(timestamp "2026-01-31T00:30:00+02:00") == 22
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_hour(FlowContext *ctx,
                        const FlowValue *args,
                        FlowValue *result,
                        const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    result->i64 = (int64_t)time_parts(args[0].i64).hour;
    return FLOW_VALUE_OK;
}
