// date_trunc: the begin of the unit that the time lies in; weeks begin on Monday. Of a date only
// with units of days and longer.
//
// example: date_trunc("month", date "2026-01-31") == date "2026-01-01"
// example: date_trunc("week", date "2026-02-01") == date "2026-01-26"
// example: date_trunc("quarter", timestamp "2026-05-31T12:00:00Z") == timestamp "2026-04-01T00:00:00Z"
// example: date_trunc("hour", timestamp "1969-12-31T23:59:59Z") == timestamp "1969-12-31T23:00:00Z"
// example: date_trunc("day", timestamp "2026-03-29T12:00:00Z", "Europe/Berlin") == timestamp "2026-03-28T23:00:00Z"
// example: date_trunc("hour", timestamp "2026-10-25T01:30:00Z", "Europe/Berlin") == timestamp "2026-10-25T01:00:00Z"
#include "scalar/fn/times.h"

static int64_t month_begin(int64_t days, int64_t months) {
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    civil_from_days(days, &year, &month, &day);
    int64_t step = month - 1;
    return days_from_civil(year, (uint32_t)(step - step % months) + 1, 1);
}

BUILTIN_FUNCTION(date_trunc) {
    TimeUnit unit;
    TimeArgument time;
    if (!time_unit_find(flow_view_data(&args[0].view), args[0].view.length, &unit) ||
        !time_argument(args, info, 1, 2, &time) || (time.is_date && unit > UNIT_DAY)) {
        return FLOW_VALUE_ERROR;
    }
    if (unit > UNIT_DAY) { // The offset that holds now: an hour may come twice.
        result->i64 = args[1].i64 - time.local.us % time_unit_sizes[unit].us;
        return result->i64 <= args[1].i64 ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
    }
    time.local.us = 0;
    if (time_unit_sizes[unit].months != 0) {
        time.local.days = month_begin(time.local.days, time_unit_sizes[unit].months);
    } else if (unit == UNIT_WEEK) {
        time.local.days -= weekday_of_days(time.local.days);
    }
    return time_result(&time, result);
}
