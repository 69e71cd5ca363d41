// build: the checked program to the logical plan: steps become nodes, each after its input.
//
// Includes support, syntax, types, expr, check, graph (resolve through check's door). The Arena
// given to build_run owns the Graph, which borrows the Checked. Never fails: it is called only for
// programs without errors.
#ifndef FLOW_BUILD_H
#define FLOW_BUILD_H

#include "check/check.h"
#include "graph/graph.h"

Graph *build_run(Arena *arena, const Checked *checked);

#endif
