// unix_ms: whole milliseconds since 1970-01-01T00:00:00Z, rounded down.
//
// example: unix_ms(timestamp "1970-01-01T00:00:01.0019Z") == 1001
// example: unix_ms(timestamp "1969-12-31T23:59:59.9999Z") == -1
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(unix_ms) {
    int64_t us = args[0].i64;
    result->i64 = us / 1000 - (us % 1000 < 0);
    return FLOW_VALUE_OK;
}
