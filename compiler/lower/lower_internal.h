// What the files of lower share: the plan under construction and the pipeline under construction.
#ifndef FLOW_LOWER_INTERNAL_H
#define FLOW_LOWER_INTERNAL_H

#include "lower/lower.h"

typedef VEC(PlanOp) OpList;

typedef struct Lower {
    Arena *arena;
    const Graph *graph;
    Plan *plan;
    LowerOptions options;
    bool **needed;           // [node][column]: some later step reads it
    bool **needed_aggs;      // [group's node][aggregate]: or it may reject
    uint32_t ledger_sources; // first ledger index of sources = number of flows with their stages
    uint32_t *stage_flows;   // [node]: ledger index of what a state gives
    uint32_t *state_indexes; // [node]: index in plan->groups, plan->sorts or plan->bands
    int32_t **sort_places;   // [node][column of the input]: its place in the sort's columns, or -1
    uint32_t *arm_slots;     // [node]: slot of a ROUTE's number
    uint32_t *lookups;       // [node]: index in plan->lookups of what a JOIN looks up
    uint32_t *unions;        // [node]: a UNION's pipeline; UINT32_MAX: not lowered yet
    uint32_t *bands;         // [node]: index in plan->bands; UINT32_MAX: no side was lowered yet
} Lower;

// One pipeline while its operations are collected.
typedef struct Pipe {
    Lower *lower;
    VEC(PlanSlot) slots;
    uint32_t input_slots;
} Pipe;

// A node's columns as slots (UINT32_MAX: nobody needs the column, it is not computed).
typedef struct SlotMap {
    const uint32_t *slots;
    uint32_t ledger; // whose counters the rows stand in
} SlotMap;

// lower_needed.c
void needed_find(Lower *lower);
bool agg_is_needed(const Lower *lower, uint32_t node, uint32_t agg);
bool aggs_are_ordered(const GraphNode *node); // some aggregate reads the rows' event time
// lower_site.c: gives every failing node of the expression its site
void sites_add(Lower *lower, const Expr *expr, uint32_t ledger);
uint32_t site_add(Lower *lower, PlanSiteId id, uint32_t ledger, Span span, const char *text);
uint32_t check_site_add(Lower *lower, PlanSiteId id, uint32_t ledger, const GraphNode *check);
// lower_partition.c: what must be true for a partition column to hold the value, or NULL: it always
// can
const Expr *partition_condition(Lower *lower, const Expr *value, const Expr *is_delete);
// lower_pipe.c
uint32_t slot_input(Pipe *pipe, const char *name, const Type *type); // the next input slot
uint32_t slot_new(Pipe *pipe, const char *name, const Type *type);
PlanOp *op_push(Pipe *pipe, OpList *ops, PlanOpKind kind, Span span, uint32_t ledger);
// The expression over slots instead of the node's columns, with its sites.
const Expr *expr_lower(Pipe *pipe, const Expr *expr, SlotMap map, const GraphNode *input);
// The slot that holds `expr`: the column's own, or a new one with a COMPUTE before it.
uint32_t value_lower(Pipe *pipe,
                     const Expr *expr,
                     const char *name,
                     SlotMap map,
                     const GraphNode *input,
                     OpList *ops);
PlanOps ops_finish(const OpList *ops);
// Adds the finished pipeline to the plan (slots, uses and operations are set here); its index.
uint32_t pipe_finish(Pipe *pipe, const OpList *ops, PlanPipeline head);
bool is_root(const GraphNode *node); // begins a pipeline that the engine runs
bool is_sort(GraphOp op);
// lower_ops.c
void consumers_lower(Pipe *pipe, uint32_t node, SlotMap map, OpList *ops);
// lower_group.c
// `agg(x) where c` becomes an argument that is null where c is not true; count() where c,
// count_if(c).
const Expr *agg_argument(Lower *lower, const GraphAgg *agg);
PlanAgg agg_lower(Lower *lower, const GraphAgg *agg, uint32_t ledger);
void group_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
void epoch_check_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
void epoch_check_pipeline(Lower *lower, uint32_t index); // that judges the result
// lower_sort.c
void sort_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
// The input slots of the pipeline of its results: the slot of each column of the node.
uint32_t *sort_inputs(Pipe *pipe, uint32_t index);
// lower_call.c: rows that go to other pipelines
void flow_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
void union_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
void unnest_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
void route_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
void arm_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
// The pipeline behind a node, called with a batch of its columns: those that are needed, and always
// the columns from `from` on.
uint32_t
called_pipeline(Lower *lower, uint32_t index, uint32_t ledger, uint32_t from, const char *name);
void forward_push(Pipe *pipe, uint32_t index, SlotMap map, uint32_t target, OpList *ops);
// lower_watermark.c
void watermark_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
int32_t watermark_of(Lower *lower, uint32_t index); // of what the node takes; -1: it has none
// lower_join.c
// Both sides of a join as one row, which the rest of `on` is written over.
GraphNode pair_node(Lower *lower, const GraphNode *node);
void join_lower(Pipe *pipe, uint32_t index, SlotMap map, OpList *ops);
// The operations that fill the lookups of the joins whose right side is `right`, one branch each.
uint32_t builds_lower(Pipe *pipe, uint32_t right, SlotMap map, PlanOps *branches);
// lower_band.c: one side of a join of two streams; the rest of its `on`; the pipeline of its
// results
void band_side_lower(Pipe *pipe, uint32_t index, uint32_t side, SlotMap map, OpList *ops);
void band_residual_lower(Lower *lower, uint32_t index);
uint32_t *band_inputs(Pipe *pipe, uint32_t index);
// lower_needed.c
bool aggs_are_ordered(const GraphNode *node); // some aggregate reads the rows' event time
// marks the columns, ours and then the right's, that a join hands on or tests
void join_columns_mark(const Graph *graph, const GraphNode *join, const bool *needed, bool *used);
// lower_overwrite.c: the pipeline that says which rows of the table a sink replaces
void overwrite_condition_lower(Lower *lower, uint32_t index, uint32_t ledger);
// lower_test.c
void scan_tests_find(Lower *lower, PlanPipeline *pipeline, uint32_t root);
void condition_tests_find(Lower *lower, PlanPipeline *pipeline); // of an overwrite

#endif
