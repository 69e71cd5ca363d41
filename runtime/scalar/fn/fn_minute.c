// minute: 0 to 59.
//
// example: minute(timestamp "2026-01-31T12:59:00Z") == 59
// example: minute(timestamp "2026-01-31T12:00:00Z", "Asia/Kolkata") == 30
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(minute) {
    return time_field_result(FIELD_MINUTE, args, info, 0, result);
}
