// trim: blanks (U+0020) only, as in SQL; other white space is text. With a second argument, its
// code points.
//
// example: trim("  a b ") == "a b"
// example: trim("\ta ") == "\ta"
// example: trim("   ") == ""
// example: trim("«-a-»", "-«»") == "a"
// example: trim(" a ", "") == " a "
#include "scalar/fn/trims.h"

BUILTIN_FUNCTION(trim) {
    result->view = text_trimmed(args, info, TRIM_BOTH);
    return FLOW_VALUE_OK;
}
