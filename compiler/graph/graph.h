// graph: the logical plan, one node for each thing the user wrote, and the program's declarations.
//
// Includes support, types, expr. Nodes stand in topological order (inputs before users). The Arena
// given to graph_new owns everything. EXPR_COLUMN in a node's expressions is an index into the
// columns of its input. Node ids (`operator_id`) are stable: they depend on flow, kind, keys and
// place among equal steps only (LANGUAGE 11 "State").
#ifndef FLOW_GRAPH_H
#define FLOW_GRAPH_H

#include "expr/expr.h"

typedef enum GraphOp {
#define GRAPH_OP(name, text, inputs) GRAPH_##name,
#include "graph/graph_op.def"
#undef GRAPH_OP
    GRAPH_OP_COUNT,
} GraphOp;

typedef struct GraphId {
    uint32_t index;
} GraphId;
#define GRAPH_NONE ((GraphId){UINT32_MAX})

// A column that a node emits.
typedef struct GraphColumn {
    const char *name;
    const Type *type;
    FlowMetaKind meta;  // of a SOURCE's extra columns, else NONE
    uint32_t raw_place; // from 1, in the `raw` of a row that is rejected behind state; 0: not in it
} GraphColumn;

typedef enum GraphMode { GRAPH_APPEND, GRAPH_UPSERT, GRAPH_CHANGELOG } GraphMode;

typedef struct GraphAgg {
    const char *name;
    FlowAggKind kind;
    const Expr *argument;  // NULL: count(), row_number()
    const Expr *second;    // the second argument, or NULL
    const Expr *condition; // `where` of the aggregate, or NULL
    const Type *type;      // of the result
    Span span;
    const char *text;
} GraphAgg;

typedef struct GraphNode {
    GraphOp op;
    GraphId input;
    GraphId right; // JOIN: the last node of what is looked up; BAND, UNION
    Span span;
    const char *operator_id;
    uint32_t flow; // index in flows; UINT32_MAX: part of a source
    // stream type
    const GraphColumn *columns;
    uint32_t column_count;
    int32_t event_time; // column index, or -1
    GraphMode mode;
    bool is_bounded;
    // by op
    uint32_t declaration;  // SOURCE: sources, TABLE: tables, SINK: sinks; DEDUP, FILL: see `stored`
    const Expr *condition; // FILTER, CHECK
    int32_t reaction;      // CHECK: FLOW_REACTION_*
    const char *check_name; // CHECK: its name or NULL
    bool is_late;           // CHECK: a row that breaks it is late
    bool is_overwrite;      // CHECK: a new row meets the condition of its overwrite
    bool is_unchanged;      // CHECK: values that are needed were not left out
    bool is_probe;          // CHECK: rows that break it are counted, and that is all
    // PROJECT, SINK: one for each column; GROUP, TOP, DEDUP, RUNNING, FILL: the keys; JOIN, BAND:
    // our keys; UNNEST: the list; ROUTE: the arm's number
    const Expr *const *values;
    uint32_t value_count;
    const Expr *const *right_values; // JOIN, BAND: the keys of `right`, over its columns
    const Expr *const *orders;       // TOP, RUNNING, FILL: order values
    uint32_t order_count;
    // GROUP: columns = keys then aggs; RUNNING: the input's then aggs. EPOCH_CHECK: `condition` is
    // over the aggs as columns; the node's own columns are its input's.
    const GraphAgg *aggs;
    uint32_t agg_count;
    int32_t window_end; // GROUP, TOP: index of the key that is the window's end, or -1
    FlowEmit emit;      // GROUP, as are the next two (FlowGroup)
    int64_t every_us;
    int64_t update_us;
    // GROUP: of sessions their gap, else 0. The first key is then a piece of time (FlowGroup), the
    // first `session_bounds` aggregates are the bounds, and where it has three, the reach.
    int64_t session_gap_us;
    uint32_t session_bounds;
    // JOIN, BAND: columns = ours, then the right's (not for SEMI and ANTI); `condition` is the rest
    // of `on` over both, or NULL.
    FlowJoinKind join;
    // BAND: their event time minus ours is between; RIGHT and FULL have one more column, the event
    // time. `ahead_us`: theirs stands so much further ahead of what it means than ours.
    FlowBandKeep keep;
    int32_t time;           // of ours: the column that is compared
    int64_t ours_wait_us;   // see FlowBand
    int64_t theirs_wait_us; // likewise
    int64_t first_wait_us;  // likewise
    int64_t behind_us;      // so far its results lie behind the watermark
    int64_t low_us;
    int64_t high_us;
    int64_t ahead_us;
    bool keep_empty;    // UNNEST
    int64_t count;      // TOP
    bool is_descending; // TOP
    bool has_place;     // TOP: the last column is the place, an int64
    int64_t within_us;  // DEDUP
    bool keep_last;     // DEDUP
    bool is_unique;     // DEDUP: `unique` of a contract: the others are rejected
    // DEDUP of a table's contract: the columns of the sink's table (`declaration`) that stand for
    // the keys, the orders and the event time; NULL: what is stored does not count
    const int32_t *stored;    // of FILL: for the keys and the texts
    const Expr *const *fills; // FILL: its `condition` is true of a row that is deleted, or NULL
    uint32_t fill_count;
    uint32_t arm; // ARM
    int32_t
        arm_counter; // ARM: -1: its consumer goes on; else the FlowCounter of rows that end here
} GraphNode;

// A setting that may be a param.
typedef struct GraphSetting {
    const char *text; // literal, or the param's default for display
    int32_t param;    // or -1
} GraphSetting;

// How a column of a contract is found in records (FlowWire).
typedef struct GraphWire {
    const char *const *names;
    uint32_t name_count;
    const char *default_text;
    const char *format;
    const char *zone;
    uint32_t excused;
} GraphWire;

typedef struct GraphTexts {
    const char *const *items;
    uint32_t count;
} GraphTexts;

// What a contract's checks prove of a column, for who makes values up (FlowRecipe).
typedef struct GraphRecipe {
    bool is_present;
    bool is_judged;
    int64_t length_min;
    int64_t length_max; // -1: no limit
    const char *low;    // NULL: no bound
    const char *high;
    const char *pattern;
    GraphTexts texts;
} GraphRecipe;

typedef struct GraphDistinct {
    const uint32_t *columns;
    uint32_t count;
} GraphDistinct;

enum { GENERATE_SEED_DEFAULT = 42 };

// Records that are made up (FlowGenerate).
typedef struct GraphGenerate {
    int64_t rows;
    int64_t seed;
    int64_t step_us;
    int64_t step_rows;
    int64_t jitter_us;
    int64_t changes_per_key;
    const GraphRecipe *recipes; // of each column
    uint32_t recipe_count;
    const GraphDistinct *distincts;
    uint32_t distinct_count;
} GraphGenerate;

// How the text of CSV is written.
typedef struct GraphCsv {
    char delimiter;
    bool has_header;
    const char *null_text; // NULL: a param without a default
} GraphCsv;

typedef struct GraphSource {
    const char *name;
    const char *contract; // or NULL
    const char *contract_version;
    GraphSetting path;
    FlowFormat format;
    FlowTimestampUnit timestamp_unit;
    GraphCsv csv;
    FlowUnknown on_unknown;
    int64_t settle_us;
    int64_t lateness_us;
    int64_t idle_after_us;
    int32_t capture;    // column index, or -1
    bool reads_changes; // of a Delta table, from this version on; -1: from the first
    int64_t changes_from;
    const uint32_t *key; // columns, of such a source
    uint32_t key_count;
    const char *records; // path of the array in a JSON document, or ""
    const GraphColumn
        *columns; // what is read of the contract's; used meta columns stand in the SOURCE node
    uint32_t column_count;
    const GraphWire *wires; // of each column, or NULL: all are as they are called
    int32_t operation;      // column, or -1; and the texts that say delete and truncate
    GraphTexts deletes;
    GraphTexts truncates;
    int32_t event_time;
    const GraphGenerate *generate; // NULL: it reads files
    Span span;
} GraphSource;

typedef struct GraphTable {
    const char *name;
    GraphSetting path;
    const GraphColumn *columns;
    uint32_t column_count;
    const uint32_t *key;
    uint32_t key_count;
    const uint32_t *partition;
    uint32_t partition_count;
    const uint32_t *tracked; // SCD2
    uint32_t tracked_count;
    FlowHistory history;
    const char *surrogate_key; // or NULL
    uint32_t made_count;       // the last columns, which the store makes
    int32_t event_time;
    bool is_append_only;
    bool is_evolving; // columns that the table lacks are added to it
    int64_t tombstones_us;
    FlowAsOf as_of; // an earlier version, which is only read
    int64_t as_of_value;
    Span span;
} GraphTable;

typedef struct GraphSink {
    const char *name;
    FlowSinkKind kind;
    int32_t table;
    GraphSetting path;
    FlowFormat format;
    GraphCsv csv;
    int32_t declared;           // which of the program's sinks it is; -1: a table
    const GraphColumn *columns; // what is emitted, as FlowSink (abi/struct.def) says
    uint32_t column_count;
    uint32_t order_count;
    bool has_delete;
    bool has_truncate;
    bool is_late;          // its rows count as late
    const Expr *condition; // OVERWRITE of a part: over the table's columns, which may all be null
    uint32_t flow;
    const char *operator_id;
    Span span;
} GraphSink;

typedef struct GraphParam {
    const char *name;
    const Type *type;
    const char *default_text; // text form of the type, or NULL
    const char *environment;  // of env("…") in a setting, which is a param without a declaration
    Span span;
} GraphParam;

typedef struct GraphRename { // of a flow
    const char *name;
    const char *was;
} GraphRename;

typedef struct GraphSettings { // of the pipeline
    const char *name;
    bool has_dlq;
    GraphSetting dlq;
    bool has_checkpoint;
    GraphSetting checkpoint;
    bool has_metrics;
    GraphSetting metrics; // an address
    int32_t parallelism;  // 0: the cores
    FlowTriggerKind trigger;
    int64_t every_us; // of EVERY
    int64_t checkpoint_interval_us;
    int64_t stop_after_idle_us; // 0: never
    bool has_epoch_check;       // an `expect` about all records of an epoch may fail it
    VEC(GraphRename) renames;
    const char *keeps; // what only `trigger once` can do so far, in words; NULL: nothing
    int64_t memory_bytes;
    bool dlq_raw_keep;
    int64_t retry_times;
    int64_t retry_backoff_us;
    int64_t retry_max_us;
    int64_t retry_jitter;      // in billionths
    int64_t dlq_limit;         // in billionths, of …
    int64_t dlq_limit_records; // … the last so many; 0: no limit
} GraphSettings;

typedef struct Graph {
    Arena *arena;
    const char *file;
    const SourceList *texts; // that spans point into; NULL: all of them point into `file`
    GraphSettings settings;
    VEC(GraphNode) nodes;
    VEC(GraphSource) sources;
    VEC(GraphTable) tables;
    VEC(GraphSink) sinks;
    VEC(GraphParam) params;
    VEC(FlowBinding) bindings;
    VEC(const char *) flows; // names
} Graph;

Graph *graph_new(Arena *arena);
GraphId graph_add(Graph *graph, GraphNode node);
GraphNode *graph_at(const Graph *graph, GraphId id);
const char *graph_op_name(GraphOp op);
// A contract's computed column that may fail is computed even if nobody reads it (LANGUAGE 11).
bool graph_is_forced(const GraphNode *project, uint32_t column);
bool graph_has_input(GraphOp op);
bool graph_has_right(GraphOp op);               // a second input
bool graph_has_own_time(const GraphNode *band); // its last column is the event time
void graph_verify(const Graph *graph);          // asserts: order, column indexes and types
void graph_dump(const Graph *graph, Buffer *out);
void graph_dump_types(const Graph *graph,
                      Buffer *out); // `explain --types`: stream type of each step

#endif
