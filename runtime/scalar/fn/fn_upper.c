// upper: full Unicode mapping; some letters become two.
//
// example: upper("abc") == "ABC"
// example: upper("aß") == "ASS"
// example: upper("éа") == "ÉА"
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_upper(FlowContext *ctx,
                         const FlowValue *args,
                         FlowValue *result,
                         const FlowKernelInfo *info) {
    (void)info;
    result->view = case_change(ctx, args[0].view, CASE_UPPER);
    return FLOW_VALUE_OK;
}
