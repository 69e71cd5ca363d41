// unbase64: the bytes that a base64 text stands for.
//
// example: to_hex(unbase64("Rmxvdw==")) == to_hex("Flow")
// example: to_hex(unbase64("AAEC")) == "000102"
#include "scalar/fn/fn.h"
#include "scalar/number.h"

BUILTIN_FUNCTION(unbase64) {
    FlowView text = args[0].view;
    size_t count = 0;
    char *bytes = flow_rt_bytes_new(ctx, (int64_t)base64_decoded_bytes_max(text.length) + 1);
    if (!base64_decode(flow_view_data(&text), text.length, bytes, &count)) {
        return FLOW_VALUE_ERROR;
    }
    result->view = view_of(bytes, count);
    return FLOW_VALUE_OK;
}
