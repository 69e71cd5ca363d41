// ltrim: without blanks at the begin.
//
// example: ltrim("  a ") == "a "
// example: ltrim("   ") == ""
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(ltrim) {
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    size_t length = text.length;
    while (length > 0 && *bytes == ' ') {
        bytes++;
        length--;
    }
    result->view = view_new(ctx, bytes, length);
    return FLOW_VALUE_OK;
}
