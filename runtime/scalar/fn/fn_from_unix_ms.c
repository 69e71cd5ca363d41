// from_unix_ms: the instant so many milliseconds after 1970-01-01T00:00:00Z.
//
// example: from_unix_ms(1001) == timestamp "1970-01-01T00:00:01.001Z"
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(from_unix_ms) {
    bool is_over = __builtin_mul_overflow(args[0].i64, 1000, &result->i64);
    return is_over ? FLOW_VALUE_ERROR : FLOW_VALUE_OK;
}
