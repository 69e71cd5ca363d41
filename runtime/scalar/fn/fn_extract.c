// extract: a part of a time; the parts are those of field.def.
//
// example: extract("year", date "2026-01-31") == 2026
// example: extract("quarter", date "2026-04-01") == 2
// example: extract("day_of_year", date "2024-12-31") == 366
// example: extract("millisecond", timestamp "2026-01-31T12:00:00.123456Z") == 123
// example: extract("hour", timestamp "2026-03-29T01:00:00Z", "Europe/Berlin") == 3
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(extract) {
    TimeField field;
    if (!time_field_find(flow_view_data(&args[0].view), args[0].view.length, &field)) {
        return FLOW_VALUE_ERROR;
    }
    return time_field_result(field, args, info, 1, result);
}
