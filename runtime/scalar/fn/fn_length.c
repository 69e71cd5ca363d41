// length: of a text its code points, of bytes how many they are.
//
// example: length("abc") == 3
// example: length("aß€😀") == 4
// example: length("") == 0
// example: length(unbase64("AAEC")) == 3
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_length(FlowContext *ctx,
                          const FlowValue *args,
                          FlowValue *result,
                          const FlowKernelInfo *info) {
    (void)ctx;
    bool is_bytes = info->arguments[0].kind == FLOW_BYTES;
    size_t length = args[0].view.length;
    result->i64 = (int64_t)(is_bytes ? length : utf8_length(flow_view_data(&args[0].view), length));
    return FLOW_VALUE_OK;
}
