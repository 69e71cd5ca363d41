// ltrim: without blanks, or the code points of the second argument, at the begin.
//
// example: ltrim("  a ") == "a "
// example: ltrim("   ") == ""
// example: ltrim("00070", "0") == "70"
#include "scalar/fn/trims.h"

BUILTIN_FUNCTION(ltrim) {
    result->view = text_trimmed(args, info, TRIM_BEGIN);
    return FLOW_VALUE_OK;
}
