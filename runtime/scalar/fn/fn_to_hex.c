// to_hex: the hexadecimal digits of an integer (of a negative one, those of its 64 bits) or of
// bytes, in upper case.
//
// example: to_hex(255) == "FF"
// example: to_hex(0) == "0"
// example: to_hex(-1) == "FFFFFFFFFFFFFFFF"
// example: to_hex("Flow") == "466C6F77"
#include "scalar/fn/fn.h"

#include <stdio.h>

BUILTIN_FUNCTION(to_hex) {
    char text[17];
    if (info->arguments[0].kind == FLOW_INT64) {
        int length = snprintf(text, sizeof(text), "%llX", (unsigned long long)args[0].i64);
        result->view = view_new(ctx, text, (size_t)length);
        return FLOW_VALUE_OK;
    }
    FlowView view = args[0].view;
    result->view = hex_text(ctx, (const uint8_t *)flow_view_data(&view), view.length, true);
    return FLOW_VALUE_OK;
}
