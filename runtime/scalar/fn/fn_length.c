// length: code points, not bytes.
//
// example: length("abc") == 3
// example: length("aß€😀") == 4
// example: length("") == 0
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_length(FlowContext *ctx,
                          const FlowValue *args,
                          FlowValue *result,
                          const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    result->i64 = (int64_t)utf8_length(flow_view_data(&args[0].view), args[0].view.length);
    return FLOW_VALUE_OK;
}
