// format_time: a time as text, by a pattern of Spark's.
//
// example: format_time(timestamp "2026-01-31T12:05:09.123456Z", "yyyy-MM-dd HH:mm:ss.SSS") == "2026-01-31 12:05:09.123"
// example: format_time(date "2026-02-01", "EEE, d MMM yy") == "Sun, 1 Feb 26"
// example: format_time(timestamp "2026-07-01T22:30:00Z", "dd.MM.yyyy HH:mmXXX", "Europe/Berlin") == "02.07.2026 00:30+02:00"
// example: format_time(timestamp "2026-01-31T00:05:00Z", "hh:mm a, 'day' D, QQQ") == "12:05 AM, day 31, Q1"
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(format_time) {
    TimeArgument time;
    FlowView pattern = args[1].view;
    if (!time_argument(args, info, 0, 2, &time) ||
        !time_pattern_is_valid(flow_view_data(&pattern), pattern.length)) {
        return FLOW_VALUE_ERROR;
    }
    time.local.zone = info->arguments_count > 2 ? args[2].view : view_text("UTC");
    Buffer text = {0};
    time_format(&text, flow_view_data(&pattern), pattern.length, &time.local);
    result->view = view_new(ctx, text.data, text.length);
    buffer_free(&text);
    return FLOW_VALUE_OK;
}
