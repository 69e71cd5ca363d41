// What the files of build share: which sources rows come from, for lookups that must be there
// first.
#ifndef FLOW_BUILD_INTERNAL_H
#define FLOW_BUILD_INTERNAL_H

#include "build/build.h"

// Of a node, by source: `roots` feed it without a state between, `upstream` feed it at all.
typedef struct WaitSets {
    bool *roots;
    bool *upstream;
} WaitSets;

typedef struct Waits {
    Arena *arena;
    uint32_t source_count;
    VEC(WaitSets) nodes;
    bool *needs;   // [a * source_count + b]: source b is read before a
    bool **tables; // [table][source]: its rows come from there
} Waits;

Waits *waits_new(Arena *arena, uint32_t source_count, uint32_t table_count);
void waits_node_added(Waits *w, const Graph *graph, const GraphNode *node);
// Whether `ours` must be kept before it looks up `right`; if not, the order is noted.
bool waits_needed(Waits *w, GraphId ours, GraphId right);

#endif
