// trim: blanks (U+0020) only, as in SQL; other white space is text.
//
// example: trim("  a b ") == "a b"
// example: trim("\ta ") == "\ta"
// example: trim("   ") == ""
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_trim(FlowContext *ctx,
                        const FlowValue *args,
                        FlowValue *result,
                        const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    FlowView text = args[0].view;
    const char *begin = flow_view_data(&text);
    const char *end = begin + text.length;
    while (begin < end && *begin == ' ') {
        begin++;
    }
    while (end > begin && end[-1] == ' ') {
        end--;
    }
    result->view = view_of(begin, (size_t)(end - begin));
    return FLOW_VALUE_OK;
}
