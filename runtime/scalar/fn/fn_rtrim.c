// rtrim: without blanks at the end.
//
// example: rtrim(" a  ") == " a"
// example: rtrim("") == ""
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(rtrim) {
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    size_t length = text.length;
    while (length > 0 && bytes[length - 1] == ' ') {
        length--;
    }
    result->view = view_new(ctx, bytes, length);
    return FLOW_VALUE_OK;
}
