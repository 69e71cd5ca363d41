// lower: graph to plan: slots, pipelines cut at state, sites for what can be rejected.
//
// Includes support, types, expr, graph, plan, scalar. Never fails: what can't be built was refused
// by check.
#ifndef FLOW_LOWER_H
#define FLOW_LOWER_H

#include "graph/graph.h"
#include "plan/plan.h"

typedef struct LowerOptions {
    bool prunes; // what can not fail and nobody uses is left out (what can fail always is)
    bool skips;  // sources and tables are told what the first filter wants
    bool fuses;  // a flow is part of the pipeline of the flow that it reads, else a pipeline
} LowerOptions;

Plan *lower_run(Arena *arena, const Graph *graph, LowerOptions options);

#endif
