// from_unix_seconds: the instant so many seconds after 1970-01-01T00:00:00Z.
//
// example: from_unix_seconds(60) == timestamp "1970-01-01T00:01:00Z"
// example: from_unix_seconds(-1) == timestamp "1969-12-31T23:59:59Z"
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(from_unix_seconds) {
    bool is_over = __builtin_mul_overflow(args[0].i64, SECOND_US, &result->i64);
    return is_over ? FLOW_VALUE_ERROR : FLOW_VALUE_OK;
}
