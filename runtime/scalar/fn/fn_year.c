// year: the calendar's year; before 1970 too.
//
// example: year(timestamp "2026-01-31T12:00:00Z") == 2026
// example: year(timestamp "1969-12-31T23:59:59Z") == 1969
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_year(FlowContext *ctx,
                        const FlowValue *args,
                        FlowValue *result,
                        const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    result->i64 = (int64_t)time_parts(args[0].i64).year;
    return FLOW_VALUE_OK;
}
