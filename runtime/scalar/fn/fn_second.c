// second: 0 to 59; parts of it are cut off.
//
// example: second(timestamp "2026-01-31T12:00:58.999Z") == 58
// example: second(timestamp "1969-12-31T23:59:59.5Z") == 59
#include "scalar/fn/times.h"

BUILTIN_FUNCTION(second) {
    return time_field_result(FIELD_SECOND, args, info, 0, result);
}
