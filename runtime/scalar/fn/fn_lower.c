// lower: full Unicode mapping, the final sigma too.
//
// example: lower("AbC") == "abc"
// example: lower("ÄÉ") == "äé"
// example: lower("ΣΑΣ") == "σας"
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_lower(FlowContext *ctx,
                         const FlowValue *args,
                         FlowValue *result,
                         const FlowKernelInfo *info) {
    (void)info;
    result->view = case_change(ctx, args[0].view, CASE_LOWER);
    return FLOW_VALUE_OK;
}
