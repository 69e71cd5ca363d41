// day_of_week: 1 is Monday, 7 Sunday.
//
// example: day_of_week(date "2026-02-02") == 1
// example: day_of_week(date "1969-12-28") == 7
// example: day_of_week(timestamp "2026-02-01T23:30:00Z", "Europe/Berlin") == 1
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(day_of_week) {
    return time_field_result(FIELD_DAY_OF_WEEK, args, info, 0, result);
}
