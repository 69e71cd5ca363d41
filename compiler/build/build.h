// build: the typed program to the logical plan: sources with their checks, flows, terminals.
//
// Includes support, syntax, types, expr, check, graph. Never fails: what can't be built was refused
// by check, so it may run only on a program without errors. The Arena owns the Graph; expressions
// and columns are those of the Checked program.
#ifndef FLOW_BUILD_H
#define FLOW_BUILD_H

#include "check/check.h"
#include "graph/graph.h"

// With probes the rows are counted that come to each step, by the number of a site (FlowSite) whose
// code is "".
Graph *build_run(Arena *arena, const Checked *checked, bool has_probes);

#endif
