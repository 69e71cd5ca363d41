// check: the typed program: every expression has its type, every step its stream type, every table
// its columns. Almost every mistake of a user is found here.
//
// Includes support, syntax, types, expr, resolve, graph, sys, store, dlq, scalar, abi. The Arena
// given to check_program owns the result, which borrows the Program. All mistakes of a program are
// reported in one go: what follows from an earlier one stays silent. Existing tables are opened
// through the Sys that it is given, and only read.
//
// A step is a GraphNode without its input, id and place in the graph: those are the business of
// `build`. Rows carry hidden columns behind the visible ones: the event time and the window when
// their columns were left out, and the parts of `meta` that the program uses.
#ifndef FLOW_CHECK_H
#define FLOW_CHECK_H

#include "graph/graph.h"
#include "resolve/resolve.h"
#include "sys/sys.h"

typedef struct CheckedStep {
    GraphNode node;
    const char *word; // of the step, for the operator id: "where"
    const char *keys; // what makes it this step: "currency", or NULL
    ProgramRef input; // FLOW: what is read
} CheckedStep;

typedef struct CheckedFlow {
    const char *name;
    VEC(CheckedStep) steps; // the first is a FLOW, a SINK is the last
} CheckedFlow;

// A contract's check. Gravest first; of equal gravity in the order written.
typedef struct CheckedCheck {
    const Expr *condition;
    int32_t reaction;
    Span span;
} CheckedCheck;

typedef struct CheckedSource {
    GraphSource declaration;
    const GraphColumn *columns; // what is read, then meta columns that the program uses
    uint32_t column_count;
    VEC(CheckedStep) steps;           // computed columns, checks, what else stands before the flows
    const GraphGenerate *random;      // how records of the source are made up; NULL: poison
    const Expr *const *random_checks; // what they must meet, over the columns that are read
    uint32_t random_check_count;
    GraphTexts operations[FLOW_OPERATION_READ + 1]; // `changes`: what says which operation
    bool is_changelog;
    const uint32_t *sequence; // columns that order its changes
    uint32_t sequence_count;
} CheckedSource;

// --- tests of the program
typedef enum CheckedTarget {
    CHECKED_SOURCE,
    CHECKED_TABLE,
    CHECKED_SINK,
    CHECKED_DLQ,
} CheckedTarget;

// Cells are of their column's type, and constants once they are folded.
typedef struct CheckedRow {
    const Expr *const *cells; // one for each column of the step; NULL: not written
    const char *raw;          // the record as it is; NULL: cells
    uint32_t raw_length;
    Span span;
} CheckedRow;

// The column of a row of `expect`, or a field of it: `p.a`.
typedef struct CheckedPart {
    const char *root;
    const uint32_t *fields; // of each struct on the way
    uint32_t depth;         // 0: the column itself
} CheckedPart;

typedef struct CheckedTestStep {
    AstTestStepKind kind;
    Span span;
    CheckedTarget target;
    uint32_t index;             // in sources, tables or sinks
    const char *name;           // of the target, as written
    const GraphColumn *columns; // those that rows write; `meta.…` by that name
    const CheckedPart *parts;   // of each of them, of EXPECT and CONTAINS
    uint32_t column_count;
    const CheckedRow *rows;
    uint32_t row_count;
    const char *file;                 // GIVEN_FILE
    const GraphGenerate *random;      // GIVEN_RANDOM: of the first columns
    const Expr *const *random_checks; // what a row must meet, over the columns
    uint32_t random_check_count;
    int32_t event_time; // GIVEN_RANDOM: column, or -1
    int64_t amount_us;  // ADVANCE
} CheckedTestStep;

typedef struct CheckedTest {
    const char *name;
    Span span;
    bool is_once; // `trigger once` stands in it
    const CheckedTestStep *steps;
    uint32_t step_count;
} CheckedTest;

// Indexes are those of the Program.
typedef struct Checked {
    const char *file;
    const SourceList *texts; // of the program's files
    GraphSettings settings;
    VEC(GraphParam) params;    // the program's, then one for each env("…")
    VEC(FlowBinding) bindings; // of settings that params give
    VEC(CheckedSource) sources;
    VEC(GraphTable) tables;
    VEC(GraphSink) sinks; // one for each terminal; SINK steps name them
    VEC(CheckedFlow) flows;
    VEC(CheckedTest) tests;
} Checked;

// How the program is going to run, where that is not as it says itself.
typedef struct CheckOptions {
    bool has_trigger;
    FlowTriggerKind trigger;
    int64_t every_us; // of EVERY
} CheckOptions;

// Whole only if `diags` has no errors.
Checked *check_program(
    Arena *arena, const Program *program, const CheckOptions *options, Sys *sys, DiagList *diags);
void check_dump(const Checked *checked, Buffer *out);

#endif
