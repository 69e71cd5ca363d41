// parse_time: the instant that a text names, by a pattern of Spark's. The whole text must fit;
// what the pattern lacks is the least. An offset in the text beats the zone.
//
// example: parse_time("31.01.2026 12:05", "dd.MM.yyyy HH:mm") == timestamp "2026-01-31T12:05:00Z"
// example: parse_time("20260131", "yyyyMMdd", "Europe/Berlin") == timestamp "2026-01-30T23:00:00Z"
// example: parse_time("2026-01-31 01:00 PM", "yyyy-MM-dd hh:mm a") == timestamp "2026-01-31T13:00:00Z"
// example: parse_time("2026-01-31T12:00:00.5+02:00", "yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX") == timestamp "2026-01-31T10:00:00.5Z"
// example: parse_time("5 Feb 2026", "d MMM yyyy") == timestamp "2026-02-05T00:00:00Z"
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(parse_time) {
    Zone zone;
    LocalTime time;
    FlowView text = args[0].view;
    FlowView pattern = args[1].view;
    bool is_fine =
        time_zone_argument(args, info, 2, &zone) &&
        time_pattern_is_valid(flow_view_data(&pattern), pattern.length) &&
        time_parse(
            flow_view_data(&pattern), pattern.length, flow_view_data(&text), text.length, &time) &&
        local_time_instant(&time, &zone, &result->i64);
    return is_fine ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}
