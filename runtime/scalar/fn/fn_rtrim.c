// rtrim: without blanks, or the code points of the second argument, at the end.
//
// example: rtrim(" a  ") == " a"
// example: rtrim("   ") == ""
// example: rtrim("12.500€€", "0€") == "12.5"
#include "scalar/fn/trims.h"

BUILTIN_FUNCTION(rtrim) {
    result->view = text_trimmed(args, info, TRIM_END);
    return FLOW_VALUE_OK;
}
