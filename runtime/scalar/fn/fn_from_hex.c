// from_hex: the bytes that hexadecimal digits name, of any case; an odd first digit stands alone.
//
// example: from_hex("466c6F77") == unbase64("Rmxvdw==")
// example: to_hex(from_hex("ABC")) == "0ABC"
#include "scalar/fn/fn.h"

static int digit_of(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | ' ');
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

BUILTIN_FUNCTION(from_hex) {
    FlowView text = args[0].view;
    const char *digits = flow_view_data(&text);
    size_t length = (text.length + 1) / 2;
    char *bytes = flow_rt_bytes_new(ctx, (int64_t)length + 1);
    memset(bytes, 0, length);
    for (size_t i = 0; i < text.length; i++) {
        int digit = digit_of(digits[i]);
        if (digit < 0) {
            return FLOW_VALUE_ERROR;
        }
        size_t place = i + text.length % 2; // counted in digits of the result
        bytes[place / 2] = (char)((uint8_t)bytes[place / 2] << 4 | (uint8_t)digit);
    }
    result->view = view_of(bytes, length);
    return FLOW_VALUE_OK;
}
