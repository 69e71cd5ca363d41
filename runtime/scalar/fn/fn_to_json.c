// to_json: the value as JSON, in the form in which it is written to files.
//
// example: to_json([1, 2]) == "[1,2]"
// example: to_json("a\"b") == "\"a\\\"b\""
// example: to_json(12.50) == "12.50"
// example: to_json({ a = 1, b = date "2026-01-31" }) == "{\"a\":1,\"b\":\"2026-01-31\"}"
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(to_json) {
    Buffer text = {0};
    value_json(&text, &info->arguments[0], &args[0]);
    return text_result(ctx, &text, result);
}
