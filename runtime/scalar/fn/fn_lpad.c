// lpad: the text with so many code points: filled up on the left with blanks or the third
// argument, or cut off at its end.
//
// example: lpad("7", 3, "0") == "007"
// example: lpad("abc", 5, "xy") == "xyabc"
// example: lpad("hello", 2) == "he"
// example: lpad("a", 3) == "  a"
// example: lpad("a", 3, "") == "a"
// example: lpad("a", -1) == ""
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(lpad) {
    return text_pad(ctx, args, info, true, result);
}
