// last_day: the last day of the month that the time lies in.
//
// example: last_day(date "2024-02-01") == date "2024-02-29"
// example: last_day(timestamp "2026-12-31T23:30:00Z", "Europe/Berlin") == date "2027-01-31"
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(last_day) {
    TimeArgument time;
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    if (!time_argument(args, info, 0, 1, &time)) {
        return FLOW_VALUE_ERROR;
    }
    civil_from_days(time.local.days, &year, &month, &day);
    time.is_date = true;
    time.local.days += month_length(year, month) - day;
    return time_result(&time, result);
}
