// hour: 0 to 23.
//
// example: hour(timestamp "2026-01-31T12:59:00Z") == 12
// example: hour(timestamp "2026-07-01T12:00:00Z", "America/New_York") == 8
// example: hour(date "2026-01-31") == 0
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(hour) {
    return time_field_result(FIELD_HOUR, args, info, 0, result);
}
