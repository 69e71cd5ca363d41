// Hand-made plans for the tests of gen and backend: two columns of every type, each with and
// without null, edge values in all of them, and a runtime that writes down what a pipeline does.
// What is right says the reference interpreter, run on an equal batch.
#ifndef FLOW_GEN_FIXTURE_H
#define FLOW_GEN_FIXTURE_H

#include "backend/backend.h"
#include "gen/gen.h"
#include "graph/graph.h"
#include "record/record.h"
#include "scalar/scalar.h"

typedef enum FixtureType {
    T_BOOL,
    T_INT8,
    T_INT16,
    T_INT32,
    T_INT64,
    T_FLOAT32,
    T_FLOAT64,
    T_DECIMAL4,  // decimal(4, 2)
    T_DECIMAL9,  // decimal(9, 0)
    T_DECIMAL18, // decimal(18, 4)
    T_DECIMAL38, // decimal(38, 10)
    T_STRING,
    T_BYTES,
    T_DATE,
    T_TIMESTAMP,
    T_DURATION,
    T_ENUM,
    T_COUNT,
} FixtureType;

enum { COLUMNS_OF_TYPE = 4, COLUMN_A = 0, COLUMN_B = 1, NULLABLE = 2 }; // a, b, a?, b?
enum { INPUT_SLOTS = T_COUNT * COLUMNS_OF_TYPE, FIXTURE_PIPELINES_MAX = 32 };

typedef struct Fixture {
    Arena arena;
    Graph *graph;
    Plan plan;
    Layout layout;
    const Type *types[T_COUNT];
    const Type *nullable[T_COUNT];
} Fixture;

void fixture_init(Fixture *f);
void fixture_free(Fixture *f);
uint32_t fixture_slot(FixtureType type, uint32_t column);
const Expr *fixture_column(Fixture *f, FixtureType type, uint32_t column);
const Expr *fixture_constant(Fixture *f, FixtureType type, const char *text);
// An expression with a place of its own and result nullable if `is_nullable`.
const Expr *
fixture_expr(Fixture *f, ExprOp op, const Type *type, const Expr *const *arguments, uint32_t count);
const Type *fixture_type(Fixture *f, const Type *type, bool is_nullable);

// A pipeline over all input columns and one more for each COMPUTE among the operations. Sites for
// what can fail are made here.
void fixture_pipeline(Fixture *f,
                      const PlanOp *ops,
                      uint32_t count,
                      const Type *const *computed,
                      uint32_t computed_count);
// COMPUTE of the expression, then EMIT of its column.
void fixture_compute(Fixture *f, const Expr *expr);
void fixture_finish(Fixture *f); // layout; the interpreter is installed

typedef enum FixtureSelection { SELECT_ALL, SELECT_SOME, SELECT_NONE } FixtureSelection;

typedef struct FixtureInput {
    int32_t row_count;
    FixtureSelection selection;
    uint32_t seed;
} FixtureInput;

// What `run` of this pipeline does to a batch: emitted rows, rejected rows, checks, ledger, groups.
void fixture_run(
    Fixture *f, FlowPipelineFn run, uint32_t pipeline, FixtureInput input, Buffer *log);
// The rows after a run are emitted no matter what: a stop at the n-th emit (0: never).
extern int fixture_stop_at_emit;

// The runtime's symbols, with the mocks in place of the engine's.
BackendSymbols fixture_symbols(void);

#endif
