// What the files of build share: which roots (sources, and steps that keep rows) rows come from,
// for lookups that must be there first; and probes.
#ifndef FLOW_BUILD_INTERNAL_H
#define FLOW_BUILD_INTERNAL_H

#include "build/build.h"

// Of a node, by root: `roots` feed it without a state between, `upstream` feed it at all.
typedef struct WaitSets {
    bool *roots;
    bool *upstream;
} WaitSets;

typedef struct Waits {
    Arena *arena;
    uint32_t root_count; // the sources, then the steps that keep rows, as they are added
    uint32_t next_state;
    VEC(WaitSets) nodes;
    bool *needs;   // [a * root_count + b]: root b is read before a
    bool **tables; // [table][root]: its rows come from there
} Waits;

// `state_count` bounds the steps that keep rows, waits included.
Waits *waits_new(Arena *arena, uint32_t source_count, uint32_t state_count, uint32_t table_count);
bool waits_is_state(GraphOp op); // a step that keeps rows
void waits_node_added(Waits *w, const Graph *graph, const GraphNode *node);
// Whether `ours` must be kept before it looks up `right`; if not, the order is noted.
bool waits_needed(Waits *w, GraphId ours, GraphId right);

// build_probe.c: checks that count rows. False: the step needs none, or had one (`last`).
bool probe_of_step(Arena *arena,
                   const Graph *graph,
                   GraphId input,
                   const GraphNode *step,
                   Span *last,
                   GraphNode *probe);
GraphNode probe_of_arm(
    Arena *arena, const Graph *graph, GraphId input, const GraphNode *route, const GraphNode *arm);

#endif
