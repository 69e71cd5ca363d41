// base64: bytes as text, RFC 4648 with padding.
//
// example: base64("Flow") == "Rmxvdw=="
// example: base64("") == ""
#include "scalar/fn/fn.h"
#include "scalar/number.h"

BUILTIN_FUNCTION(base64) {
    Buffer text = {0};
    base64_append(&text, flow_view_data(&args[0].view), args[0].view.length);
    return text_result(ctx, &text, result);
}
