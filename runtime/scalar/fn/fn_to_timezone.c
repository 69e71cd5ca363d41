// to_timezone: the local time of a zone, as a timestamp whose UTC fields are those of the zone's
// clocks.
//
// example: to_timezone(timestamp "2026-07-01T12:00:00Z", "Europe/Berlin") == timestamp "2026-07-01T14:00:00Z"
// example: to_timezone(timestamp "2026-07-01T12:00:00Z", "-05:00") == timestamp "2026-07-01T07:00:00Z"
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(to_timezone) {
    Zone zone;
    bool is_fine =
        time_zone_argument(args, info, 1, &zone) && zone_to_local(&zone, args[0].i64, &result->i64);
    return is_fine ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}
