// concat: the texts one behind the other.
//
// example: concat("a", "b", "c") == "abc"
// example: concat("a") == "a"
// example: concat("a", null) is null
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(concat) {
    Buffer out = {0};
    for (int64_t i = 0; i < info->arguments_count; i++) {
        buffer_append(&out, flow_view_data(&args[i].view), args[i].view.length);
    }
    return text_result(ctx, &out, result);
}
