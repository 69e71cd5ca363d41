// rpad: the text with so many code points: filled up on the right with blanks or the third
// argument, or cut off at its end.
//
// example: rpad("7", 3, "0") == "700"
// example: rpad("abc", 6, "xy") == "abcxyx"
// example: rpad("hello", 2) == "he"
// example: rpad("ß", 2) == "ß "
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(rpad) {
    return text_pad(ctx, args, info, false, result);
}
