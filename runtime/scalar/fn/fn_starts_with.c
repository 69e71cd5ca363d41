// starts_with: every text begins with the empty one.
//
// example: starts_with("abc", "ab") == true
// example: starts_with("abc", "bc") == false
// example: starts_with("abc", "") == true
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_starts_with(FlowContext *ctx,
                               const FlowValue *args,
                               FlowValue *result,
                               const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    FlowView text = args[0].view;
    FlowView part = args[1].view;
    result->i64 = part.length <= text.length &&
                  bytes_equal(flow_view_data(&text), flow_view_data(&part), part.length);
    return FLOW_VALUE_OK;
}
