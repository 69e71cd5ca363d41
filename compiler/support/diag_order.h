// How the printers of this room walk a DiagList: in the order of the text, whoever found it first.
#ifndef FLOW_DIAG_ORDER_H
#define FLOW_DIAG_ORDER_H

#include "support/support.h"

// The list's items by file, line, column and code; `arena` owns the array.
Diag **diag_order(const DiagList *list, Arena *arena);

#endif
