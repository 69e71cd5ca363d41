// unix_seconds: whole seconds since 1970-01-01T00:00:00Z, rounded down.
//
// example: unix_seconds(timestamp "1970-01-01T00:01:00.9Z") == 60
// example: unix_seconds(timestamp "1969-12-31T23:59:59.5Z") == -1
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(unix_seconds) {
    int64_t us = args[0].i64;
    result->i64 = us / SECOND_US - (us % SECOND_US < 0);
    return FLOW_VALUE_OK;
}
