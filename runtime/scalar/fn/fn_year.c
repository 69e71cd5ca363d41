// year: the calendar's year; before 1970 too.
//
// example: year(timestamp "2026-01-31T12:00:00Z") == 2026
// example: year(timestamp "1969-12-31T23:59:59Z") == 1969
// example: year(date "2026-01-31") == 2026
// example: year(timestamp "2026-12-31T23:30:00Z", "Europe/Berlin") == 2027
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(year) {
    return time_field_result(FIELD_YEAR, args, info, 0, result);
}
