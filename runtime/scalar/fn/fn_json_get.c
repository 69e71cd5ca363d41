// json_get: the part of a JSON text at a path, as JSON without blanks; null if there is nothing,
// or null. A path is names and places, counted from 0: $.orders[0].id.
//
// example: json_get("{\"a\": {\"b\": [1, 2]}}", "$.a.b") == "[1,2]"
// example: json_get("{\"a\": \"x\"}", "a") == "\"x\""
// example: json_get("{\"a\": null}", "$.a") is null
// example: json_get("[1, 2]", "$[1]") == "2"
#include "scalar/fn/json_part.h"

BUILTIN_FUNCTION(json_get) {
    JsonPart part;
    int32_t status = json_find(args[0].view, args[1].view, &part);
    if (status != FLOW_VALUE_OK) {
        return status;
    }
    Buffer text = {0};
    json_compact(&text, &part);
    return text_result(ctx, &text, result);
}
