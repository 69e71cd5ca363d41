// rewrite: graph to smaller graph, a file a rewrite, listed in rewrite.def.
//
// Includes support, types, expr, graph, scalar, abi. No rewrite adds or removes a rejection
// (LANGUAGE 11 "Evaluation"), but a column that nothing uses is not computed.
#ifndef FLOW_REWRITE_H
#define FLOW_REWRITE_H

#include "graph/graph.h"

typedef enum RewriteLater {
#define REWRITE(name, text)
#define LATER(name, text) LATER_##name,
#include "rewrite/rewrite.def"
#undef LATER
#undef REWRITE
} RewriteLater;

// The name of one, in the order of rewrite.def; NULL: there are no more.
const char *rewrite_name(uint32_t index);

// Whether a rewrite of the plan is left out by `off`.
bool rewrite_is_off(const char *off, RewriteLater later);
// `off` names rewrites that are left out, separated by commas (NULL: none), for tests and
// debugging.
void rewrite_run(Graph *graph, Arena *arena, const char *off);

// Constant folding of one expression; the same values that generated code would give. An expression
// that would fail is left as it is, so that it rejects its row when it runs.
const Expr *rewrite_fold(Arena *arena, const Expr *expr);

#endif
