// layout: plan to the program's constants: the FlowProgram that the object will contain.
//
// Includes support, types, expr, graph, plan, abi. The result is a real FlowProgram in memory (with
// `run` NULL): gen emits it field by field into the object, tests and the reference interpreter use
// it as it is. The arena owns everything.
#ifndef FLOW_LAYOUT_H
#define FLOW_LAYOUT_H

#include "graph/graph.h"
#include "plan/plan.h"

typedef struct Layout {
    FlowProgram *program;
    const Plan *plan;
} Layout;

Layout layout_run(Arena *arena, const Plan *plan);
// How records are made up, for who does that without a program.
const FlowGenerate *layout_generate(Arena *arena, const GraphGenerate *generate);
void layout_dump(const Layout *layout, Buffer *out);

#endif
