// date_add: a time so many units later. Months keep the day, or take the last one of a shorter
// month; days and longer units keep the time of day of the zone.
//
// example: date_add("month", 1, date "2026-01-31") == date "2026-02-28"
// example: date_add("day", -1, date "2024-03-01") == date "2024-02-29"
// example: date_add("year", 1, timestamp "2024-02-29T12:00:00Z") == timestamp "2025-02-28T12:00:00Z"
// example: date_add("hour", 36, timestamp "2026-01-31T12:00:00Z") == timestamp "2026-02-02T00:00:00Z"
// example: date_add("day", 1, timestamp "2026-03-28T12:00:00Z", "Europe/Berlin") == timestamp "2026-03-29T11:00:00Z"
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(date_add) {
    TimeUnit unit;
    TimeArgument time;
    int64_t amount = 0;
    if (!time_unit_find(flow_view_data(&args[0].view), args[0].view.length, &unit) ||
        !time_argument(args, info, 2, 3, &time) || (time.is_date && unit > UNIT_DAY)) {
        return FLOW_VALUE_ERROR;
    }
    TimeUnitSize size = time_unit_sizes[unit];
    int64_t of_one = size.months != 0 ? size.months : unit > UNIT_DAY ? size.us : size.us / DAY_US;
    if (__builtin_mul_overflow(args[1].i64, of_one, &amount)) {
        return FLOW_VALUE_ERROR;
    }
    if (unit > UNIT_DAY) {
        bool is_over = __builtin_add_overflow(args[2].i64, amount, &result->i64);
        return is_over ? FLOW_VALUE_ERROR : FLOW_VALUE_OK;
    }
    bool is_fine = size.months != 0
                       ? months_add(&time.local, amount)
                       : !__builtin_add_overflow(time.local.days, amount, &time.local.days);
    return is_fine ? time_result(&time, result) : FLOW_VALUE_ERROR;
}
