// redact: three stars, whatever the value.
//
// example: redact("secret") == "***"
// example: redact(42) == "***"
#include "scalar/fn/fn.h"

BUILTIN_FUNCTION(redact) {
    result->view = view_text("***");
    return FLOW_VALUE_OK;
}
