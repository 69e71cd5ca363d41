// day: the day of the month.
//
// example: day(timestamp "2026-01-31T12:00:00Z") == 31
// example: day(date "2024-02-29") == 29
// example: day(timestamp "2026-01-31T23:30:00Z", "Asia/Tokyo") == 1
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(day) {
    return time_field_result(FIELD_DAY, args, info, 0, result);
}
