// check: the typed program: every expression has its type, every step its stream type, every table
// its columns. Almost every mistake of a user is found here.
//
// Includes support, syntax, types, expr, resolve, graph, sys, store, scalar, abi. The Arena given
// to check_program owns the result, which borrows the Program. All mistakes of a program are
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
    VEC(CheckedStep) steps; // computed columns, checks, what else stands before the flows
} CheckedSource;

// Indexes are those of the Program.
typedef struct Checked {
    const char *file;
    GraphSettings settings;
    VEC(GraphParam) params;
    VEC(CheckedSource) sources;
    VEC(GraphTable) tables;
    VEC(GraphSink) sinks; // one for each terminal; SINK steps name them
    VEC(CheckedFlow) flows;
} Checked;

// Whole only if `diags` has no errors.
Checked *check_program(Arena *arena, const Program *program, Sys *sys, DiagList *diags);
void check_dump(const Checked *checked, Buffer *out);

#endif
