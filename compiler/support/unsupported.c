// What parses but is not built: one wording for all of it, so that nobody has to guess which kind
// of error "not supported yet" is.
#include "support/support.h"

typedef struct UnsupportedInfo {
    const char *what;
    const char *where;
} UnsupportedInfo;

static const UnsupportedInfo infos[] = {
#define UNSUPPORTED(id, what, where) {what, where},
#include "support/unsupported.def"
#undef UNSUPPORTED
};
_Static_assert(COUNT_OF(infos) == UNSUPPORTED_COUNT, "one row for each feature");

const char *unsupported_what(Unsupported feature) {
    return infos[feature].what;
}

const char *unsupported_where(Unsupported feature) {
    return infos[feature].where;
}

Diag *diag_unsupported(DiagList *list, Span span, Unsupported feature) {
    Diag *diag = diag_add(list, DIAG_E900, span, "not supported yet: %s", infos[feature].what);
    diag_note(list, diag, "docs/status.md lists what this version does not build yet");
    return diag;
}
