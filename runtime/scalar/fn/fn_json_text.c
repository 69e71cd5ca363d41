// json_text: the part of a JSON text at a path as text: strings without quotes and escapes, other
// values as JSON; null if there is nothing, or null.
//
// example: json_text("{\"a\": \"x\\ny\"}", "$.a") == "x\ny"
// example: json_text("{\"a\": [10, true]}", "$.a[0]") == "10"
// example: json_text("{}", "$.a") is null
// example: json_text("{\"a b\": 1}", "$['a b']") == "1"
#include "scalar/fn/json_part.h"

BUILTIN_FUNCTION(json_text) {
    JsonPart part;
    int32_t status = json_find(args[0].view, args[1].view, &part);
    if (status != FLOW_VALUE_OK) {
        return status;
    }
    Buffer text = {0};
    if (*part.begin == '"') {
        json_unescape(&text, &part);
    } else {
        json_compact(&text, &part);
    }
    return text_result(ctx, &text, result);
}
