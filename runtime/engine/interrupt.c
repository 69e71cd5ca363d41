// SIGINT and SIGTERM: a run stops between two batches and removes what it has staged. Nothing of it
// was visible, so there is nothing to undo.
#include "engine/run.h"

#include <signal.h>

static volatile sig_atomic_t caught;
static struct sigaction before_int;
static struct sigaction before_term;

static void on_signal(int number) {
    caught = number;
}

void interrupt_catch(void) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART | (int)SA_RESETHAND; // the second one ends the process at once
    caught = 0;
    sigaction(SIGINT, &action, &before_int);
    sigaction(SIGTERM, &action, &before_term);
}

void interrupt_release(void) {
    sigaction(SIGINT, &before_int, NULL);
    sigaction(SIGTERM, &before_term, NULL);
}

int interrupt_signal(void) {
    return (int)caught;
}
