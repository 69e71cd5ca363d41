// month: 1 to 12.
//
// example: month(timestamp "2026-01-31T12:00:00Z") == 1
// example: month(date "0001-12-31") == 12
// example: month(timestamp "2026-01-31T23:30:00Z", "+01:00") == 2
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(month) {
    return time_field_result(FIELD_MONTH, args, info, 0, result);
}
