// age: the time from the second to the first, as a duration.
//
// example: age(timestamp "2026-01-01T00:00:01Z", timestamp "2026-01-01T00:00:00Z") == 1 second
// example: age(timestamp "2026-01-01T00:00:00Z", timestamp "2026-01-02T00:00:00Z") == -1 day
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(age) {
    bool is_over = __builtin_sub_overflow(args[0].i64, args[1].i64, &result->i64);
    return is_over ? FLOW_VALUE_ERROR : FLOW_VALUE_OK;
}
