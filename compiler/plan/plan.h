// plan: the physical plan: pipelines of simple operations over slots, cut where state begins.
//
// Includes support, types, expr, abi. A pipeline works on batches: its slots are columns, the input
// fills the first ones, COMPUTE writes others, and a selection says which rows are still in play.
// Slots are written once, so that branches need only a copy of the selection. EXPR_COLUMN is a slot
// here. It is fully explicit: gen and the reference interpreter are plain walks over it.
#ifndef FLOW_PLAN_H
#define FLOW_PLAN_H

#include "expr/expr.h"

typedef enum PlanOpKind {
#define PLAN_OP(name, text) PLAN_##name,
#include "plan/plan_op.def"
#undef PLAN_OP
    PLAN_OP_COUNT,
} PlanOpKind;

typedef struct PlanOp PlanOp;
typedef struct PlanOps {
    const PlanOp *items;
    uint32_t count;
} PlanOps;

struct PlanOp {
    PlanOpKind kind;
    Span span;
    uint32_t flow; // whose ledger: index in flows, or flows.count + source; UINT32_MAX: uncounted
    const Expr *expr;    // COMPUTE, FILTER, CHECK
    uint32_t slot;       // COMPUTE: where the value goes
    uint32_t site;       // CHECK: index in sites
    int32_t reaction;    // CHECK
    uint32_t target;     // GROUP: index in groups; EMIT: in sinks; others: plan_op.def
    FlowCounter counter; // COUNT
    // GROUP: keys, then two for each agg (its arguments; -1: none), then the event time (-1: none,
    // or no aggregate is ordered); EMIT: the sink's columns; others: plan_op.def
    const int32_t *slots;
    uint32_t slot_count;
    const PlanOps *branches; // BRANCH
    uint32_t branch_count;
};

typedef struct PlanSlot {
    const char *name;
    const Type *type;
    FlowMetaKind meta;
    bool is_used; // an input slot that nothing reads is decoded and checked, but not stored
} PlanSlot;

typedef struct PlanSite {
    FlowRejectClass reject_class;
    int32_t flow; // -1: the source
    const char *code;
    const char *message;
    const char *expression;
    Span span;
} PlanSite;

typedef struct PlanScanTest {
    uint32_t column;
    FlowTestOp op;
    int64_t value;
    const char *text; // of a string, else NULL
} PlanScanTest;

typedef struct PlanPipeline {
    const char *name;
    FlowInputKind input_kind;
    uint32_t input;       // index in the graph's sources, tables, or in `groups`, `sorts`, `bands`;
                          // CALLED: UINT32_MAX
    uint32_t input_slots; // the first slots
    const PlanSlot *slots;
    uint32_t slot_count;
    const int32_t *table_columns; // TABLE, a sink's condition: column of each input slot
    const uint32_t *raw_slots;    // TABLE, GROUP, SORT, BAND: what `raw` of a rejected row shows
    uint32_t raw_count;
    const PlanScanTest *tests; // SOURCE: a row that fails one of these …
    uint32_t test_count;
    const PlanScanTest *guards; // … and meets all of these need not be materialised
    uint32_t guard_count;
    uint32_t test_flow;
    PlanOps ops;
    Span span;
} PlanPipeline;

typedef struct PlanAgg {
    FlowAggKind kind;
    const Type *input;  // NULL: count()
    const Type *second; // of the second argument, or NULL
    const Type *result;
    uint32_t site;
} PlanAgg;

typedef struct PlanWatermark {
    const char *operator_id;
    const FlowWatermarkInput *inputs;
    uint32_t input_count;
} PlanWatermark;

typedef struct PlanGroup {
    const char *operator_id;
    uint32_t flow;        // of its results: the entry "<flow>/group" in flows
    const PlanSlot *keys; // name and type
    uint32_t key_count;
    int32_t window_end;
    int32_t watermark; // index in watermarks, or -1
    FlowEmit emit;
    int64_t every_us;
    int64_t update_us;
    int64_t session_gap_us; // 0: no sessions
    int32_t session_reach;
    const PlanAgg *aggs;
    uint32_t agg_count;
} PlanGroup;

// What FlowExpand, FlowLookup, FlowJoin, FlowBand and FlowSort (abi/struct.def) say, before it is
// laid out.
typedef struct PlanExpand {
    uint32_t flow;
    uint32_t target;
    bool keep_empty;
} PlanExpand;

typedef struct PlanLookup {
    const char *name;
    const PlanSlot *keys; // name and type
    uint32_t key_count;
    const PlanSlot *columns;
    uint32_t column_count;
} PlanLookup;

typedef struct PlanJoin {
    const char *operator_id;
    FlowJoinKind kind;
    uint32_t lookup;
    uint32_t flow;
    uint32_t target;
    int32_t residual; // or -1
} PlanJoin;

typedef struct PlanBandSide {
    const PlanSlot *columns; // the keys, the event time, what goes along
    uint32_t column_count;
} PlanBandSide;

typedef struct PlanBand {
    const char *operator_id;
    FlowJoinKind kind;
    FlowBandKeep keep;
    uint32_t flow;    // of its stage: "<flow>/join"
    int32_t residual; // or -1
    uint32_t key_count;
    bool has_time;
    int32_t watermark; // index in watermarks, or -1
    int64_t ours_wait_us;
    int64_t theirs_wait_us;
    int64_t first_wait_us;
    int64_t low_us;
    int64_t high_us;
    int64_t ahead_us;
    PlanBandSide sides[2]; // ours, theirs
} PlanBand;

typedef struct PlanSort {
    const char *operator_id;
    FlowSortKind kind;
    uint32_t flow; // of its stage: "<flow>/top" and the like
    const PlanSlot *columns;
    uint32_t column_count;
    uint32_t key_count;
    uint32_t order_count;
    bool is_descending;
    bool has_place;
    bool keep_last;
    int32_t watermark; // index in watermarks, or -1
    int32_t window_end;
    int32_t event_time;
    int32_t site;
    int64_t limit;
    int64_t within_us;
    const PlanAgg *aggs;
    uint32_t agg_count;
    const int32_t *agg_columns; // two for each
    uint32_t sink;
    const int32_t *stored; // NULL: none
    uint32_t stored_count;
    uint32_t fill_count;
    bool has_gone;
} PlanSort;

typedef struct PlanCondition { // which rows an overwrite replaces
    uint32_t sink;
    uint32_t pipeline;
} PlanCondition;

typedef struct PlanExprSite {
    const Expr *expr;
    uint32_t site;
} PlanExprSite;

typedef struct Plan {
    Arena *arena;
    const struct Graph *graph;   // declarations: sources, tables, sinks, params, settings
    VEC(PlanPipeline) pipelines; // each after those whose results it reads
    VEC(PlanWatermark) watermarks;
    VEC(PlanGroup) groups;
    VEC(PlanExpand) expands;
    VEC(PlanLookup) lookups;
    VEC(PlanJoin) joins;
    VEC(PlanSort) sorts;
    VEC(PlanBand) bands;
    VEC(PlanCondition) conditions;
    VEC(PlanSite) sites;
    VEC(const char *) flows; // the graph's, then one for the results of each group
    // Sub-expressions that can fail, and the site that says so.
    VEC(PlanExprSite) expr_sites;
} Plan;

typedef enum PlanSiteId {
#define SITE(id, code, message) SITE_##id,
#include "plan/site.def"
#undef SITE
    SITE_COUNT,
} PlanSiteId;

int32_t plan_site_of(const Plan *plan, const Expr *expr); // -1: this node cannot fail
// Whether an operation of the pipeline, or of one that it calls, can send a row to the DLQ.
bool plan_can_reject(const Plan *plan, const PlanPipeline *pipeline);
const char *plan_op_name(PlanOpKind kind);
void plan_verify(const Plan *plan);
void plan_dump(const Plan *plan, Buffer *out);

#endif
