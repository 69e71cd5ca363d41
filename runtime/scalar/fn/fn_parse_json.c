// parse_json: a JSON text without blanks between its parts; what is no JSON is an error.
//
// example: parse_json(" { \"a\" : [ 1 , 2.50 ] } ") == "{\"a\":[1,2.50]}"
// example: parse_json("\"x y\"") == "\"x y\""
#include "scalar/fn/json_part.h"

BUILTIN_FUNCTION(parse_json) {
    JsonPart part;
    static const FlowView root = {.length = 1, .prefix = "$"};
    if (json_find(args[0].view, root, &part) == FLOW_VALUE_ERROR) {
        return FLOW_VALUE_ERROR;
    }
    Buffer text = {0};
    json_compact(&text, &part);
    return text_result(ctx, &text, result);
}
