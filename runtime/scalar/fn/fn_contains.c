// contains: UTF-8 needs no more than a search for bytes.
//
// example: contains("abc", "b") == true
// example: contains("abc", "x") == false
// example: contains("abc", "") == true
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_contains(FlowContext *ctx,
                            const FlowValue *args,
                            FlowValue *result,
                            const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    FlowView text = args[0].view;
    FlowView part = args[1].view;
    result->i64 =
        memmem(flow_view_data(&text), text.length, flow_view_data(&part), part.length) != NULL;
    return FLOW_VALUE_OK;
}
