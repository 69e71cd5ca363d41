// date_diff: how many whole units lie between two times, negative if the second is the earlier
// one.
//
// example: date_diff("day", date "2026-01-31", date "2026-03-01") == 29
// example: date_diff("month", date "2026-01-31", date "2026-02-28") == 0
// example: date_diff("month", date "2026-02-28", date "2026-01-28") == -1
// example: date_diff("year", date "2000-02-29", date "2026-02-28") == 25
// example: date_diff("hour", timestamp "2026-01-01T00:30:00Z", timestamp "2026-01-01T00:00:00Z") == 0
// example: date_diff("day", timestamp "2026-03-28T12:00:00Z", timestamp "2026-03-29T11:00:00Z", "Europe/Berlin") == 1
#include "scalar/fn/times.h"

static int64_t months_between(const LocalTime *from, const LocalTime *to) {
    int64_t year[2] = {0};
    uint32_t month[2] = {0};
    uint32_t day[2] = {0};
    civil_from_days(from->days, &year[0], &month[0], &day[0]);
    civil_from_days(to->days, &year[1], &month[1], &day[1]);
    int64_t months = (year[1] - year[0]) * 12 + (int64_t)month[1] - (int64_t)month[0];
    bool is_before = day[1] != day[0] ? day[1] < day[0] : to->us < from->us;
    bool is_after = day[1] != day[0] ? day[1] > day[0] : to->us > from->us;
    return months - (months > 0 && is_before) + (months < 0 && is_after);
}

static int64_t days_between(const LocalTime *from, const LocalTime *to) {
    int64_t days = to->days - from->days;
    return days - (days > 0 && to->us < from->us) + (days < 0 && to->us > from->us);
}

BUILTIN_FUNCTION(date_diff) {
    TimeUnit unit;
    TimeArgument from;
    TimeArgument to;
    if (!time_unit_find(flow_view_data(&args[0].view), args[0].view.length, &unit) ||
        !time_argument(args, info, 1, 3, &from) || !time_argument(args, info, 2, 3, &to)) {
        return FLOW_VALUE_ERROR;
    }
    TimeUnitSize size = time_unit_sizes[unit];
    if (size.months != 0) {
        result->i64 = months_between(&from.local, &to.local) / size.months;
    } else if (unit <= UNIT_DAY) {
        result->i64 = days_between(&from.local, &to.local) / (size.us / DAY_US);
    } else {
        int64_t instants[2] = {0};
        if (!local_time_instant(&from.local, &from.zone, &instants[0]) ||
            !local_time_instant(&to.local, &to.zone, &instants[1])) {
            return FLOW_VALUE_ERROR;
        }
        instants[0] = from.is_date ? instants[0] : args[1].i64;
        instants[1] = to.is_date ? instants[1] : args[2].i64;
        result->i64 = (int64_t)(((i128)instants[1] - instants[0]) / size.us);
    }
    return FLOW_VALUE_OK;
}
