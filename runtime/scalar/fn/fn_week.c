// week: the week of ISO 8601: the first one has the year's first Thursday.
//
// example: week(date "2026-01-01") == 1
// example: week(date "2027-01-01") == 53
// example: week(date "2024-12-30") == 1
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(week) {
    return time_field_result(FIELD_WEEK, args, info, 0, result);
}
