// What the files of lower share: the plan under construction and the pipeline under construction.
#ifndef FLOW_LOWER_INTERNAL_H
#define FLOW_LOWER_INTERNAL_H

#include "lower/lower.h"

typedef VEC(PlanOp) OpList;

typedef struct Lower {
    Arena *arena;
    const Graph *graph;
    Plan *plan;
    bool **needed;           // [node][column]: some later step reads it
    uint32_t ledger_sources; // first ledger index of sources = number of flows with group stages
    uint32_t *group_flows;   // [node]: ledger index of a GROUP's results
    uint32_t *group_indexes; // [node]: index in plan->groups
} Lower;

// One pipeline while its operations are collected.
typedef struct Pipe {
    Lower *lower;
    uint32_t root; // node that feeds it
    VEC(PlanSlot) slots;
} Pipe;

// A node's columns as slots (UINT32_MAX: nobody needs the column, it is not computed).
typedef struct SlotMap {
    const uint32_t *slots;
    uint32_t ledger; // whose counters the rows stand in
} SlotMap;

// lower_needed.c
bool **needed_columns(Arena *arena, const Graph *graph);
// lower_site.c: gives every failing node of the expression its site
void sites_add(Lower *lower, const Expr *expr, uint32_t ledger);
uint32_t site_add(Lower *lower, PlanSiteId id, uint32_t ledger, Span span, const char *text);
// lower_partition.c: what must be true for a partition column to hold the value, or NULL: it always
// can
const Expr *partition_condition(Lower *lower, const Expr *value, const Expr *is_delete);
// lower_ops.c
void consumers_lower(Pipe *pipe, uint32_t node, SlotMap map, OpList *ops);
PlanOps ops_finish(const OpList *ops);
// lower_test.c
void scan_tests_find(Lower *lower, PlanPipeline *pipeline, uint32_t root);

#endif
