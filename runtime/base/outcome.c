// How the four kinds of failure end: an environment's failure is kept as text for the command to
// print, a bug stops the process at once, because what follows a broken invariant is data loss.
#include "base/base.h"

#include <unistd.h>

enum { EXIT_BUG = 3 };

Outcome failure_set(Failure *failure, Outcome outcome, const char *format, ...) {
    ASSERT(outcome != OUTCOME_OK);
    if (failure->outcome != OUTCOME_OK) {
        return outcome; // The first failure explains the later ones, not the other way round.
    }
    failure->outcome = outcome;
    va_list args;
    va_start(args, format);
    vsnprintf(failure->text, sizeof(failure->text), format, args);
    va_end(args);
    return outcome;
}

// _exit: exit handlers and buffered output belong to a process that is still sane.
_Noreturn void flow_bug(const char *file, int line, const char *what) {
    fprintf(stderr, "flow: bug at %s:%d: %s does not hold\n", file, line, what);
    fflush(stderr);
    _exit(EXIT_BUG);
}
