// share: an expression that occurs several times in a pipeline is computed once, into a slot.
//
// Includes support, types, expr, plan. Changes the plan's operations in place; what it makes lives
// in the plan's arena. LANGUAGE 11 "Evaluation" holds to the letter: nothing is evaluated that was
// not, nothing that can fail is evaluated earlier than something before it that can fail, and a
// rejection keeps the site of the first occurrence.
#ifndef FLOW_SHARE_H
#define FLOW_SHARE_H

#include "plan/plan.h"

void share_run(Plan *plan);

#endif
