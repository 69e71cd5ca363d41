// What the files of rewrite share.
#ifndef FLOW_REWRITE_INTERNAL_H
#define FLOW_REWRITE_INTERNAL_H

#include "rewrite/rewrite.h"

#define LATER(name, text)
#define REWRITE(name, text) void rewrite_##name##_graph(Graph *graph, Arena *arena);
#include "rewrite/rewrite.def"
#undef REWRITE
#undef LATER

// Takes a node out that passes its rows on as they are: its users read its input.
void node_remove(Graph *graph, uint32_t index);
// Puts a node at the index; what stood there and behind moves on by one.
void node_insert(Graph *graph, Arena *arena, uint32_t index, GraphNode node);

const Expr *conjunction(Arena *arena, const Expr *left, const Expr *right); // `left` may be NULL
// How many nodes read the node's rows.
uint32_t user_count(const Graph *graph, uint32_t index);
// rewrite_hopping.c: of `pushdown`
void hopping_filters_add(Graph *graph, Arena *arena);

typedef enum EvalStatus {
    EVAL_OK,
    EVAL_NULL,
    EVAL_ERROR,   // it would reject a row
    EVAL_UNKNOWN, // not a constant, or an operator that is not folded
} EvalStatus;

// Evaluates a constant expression exactly as generated code would (rewrite_eval.c).
EvalStatus eval(Arena *arena, const Expr *expr, FlowValue *value);

#endif
