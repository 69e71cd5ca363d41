// ends_with: every text ends with the empty one.
//
// example: ends_with("abc", "bc") == true
// example: ends_with("abc", "ab") == false
// example: ends_with("abc", "") == true
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_ends_with(FlowContext *ctx,
                             const FlowValue *args,
                             FlowValue *result,
                             const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    FlowView text = args[0].view;
    FlowView part = args[1].view;
    result->i64 = part.length <= text.length &&
                  bytes_equal(flow_view_data(&text) + (text.length - part.length),
                              flow_view_data(&part),
                              part.length);
    return FLOW_VALUE_OK;
}
