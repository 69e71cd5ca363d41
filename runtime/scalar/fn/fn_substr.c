// substr: counts code points (of bytes: bytes) from 1; 0 is the start too, and negative places
// count from the end, as in Spark SQL: what lies before the text is left out of the length.
//
// example: substr("hello", 2) == "ello"
// example: substr("hello", 2, 3) == "ell"
// example: substr("hello", 0, 2) == "he"
// example: substr("hello", -3, 2) == "ll"
// example: substr("hello", -7, 4) == "he"
// example: substr("aß€", 2, 1) == "ß"
// example: substr("hello", 9) == ""
// example: to_hex(substr(from_hex("C39F00"), 2, 2)) == "9F00"
#include "scalar/fn/fn.h"

// How many bytes so many code points, or bytes, take up.
static size_t part_length(const char *bytes, size_t length, size_t count, bool is_bytes) {
    if (is_bytes) {
        return count < length ? count : length;
    }
    return utf8_skip(bytes, length, count);
}

int32_t flow_rt_fn_substr(FlowContext *ctx,
                          const FlowValue *args,
                          FlowValue *result,
                          const FlowKernelInfo *info) {
    (void)ctx;
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    bool is_bytes = info->arguments[0].kind == FLOW_BYTES;
    int64_t place = args[1].i64;
    int64_t length = info->arguments_count > 2 ? args[2].i64 : INT64_MAX;
    int64_t start = place > 0 ? place - 1 : place;
    if (place < 0) {
        start = (int64_t)(is_bytes ? text.length : utf8_length(bytes, text.length)) + place;
    }
    int64_t end = 0;
    if (__builtin_add_overflow(start, length, &end)) {
        end = length < 0 ? INT64_MIN : INT64_MAX;
    }
    start = start < 0 ? 0 : start;
    if (end <= start) {
        result->view = view_of("", 0);
        return FLOW_VALUE_OK;
    }
    size_t from = part_length(bytes, text.length, (size_t)start, is_bytes);
    size_t taken = part_length(bytes + from, text.length - from, (size_t)(end - start), is_bytes);
    result->view = view_of(bytes + from, taken);
    return FLOW_VALUE_OK;
}
