// day: of the month, from 1.
//
// example: day(timestamp "2026-01-31T12:00:00Z") == 31
// example: day(timestamp "2024-02-29T23:59:59Z") == 29
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_day(FlowContext *ctx,
                       const FlowValue *args,
                       FlowValue *result,
                       const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    result->i64 = (int64_t)time_parts(args[0].i64).day;
    return FLOW_VALUE_OK;
}
