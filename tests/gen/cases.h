// What the tests of generated code share: plans of a fixture run by the code and by the reference
// interpreter, on batches of odd lengths, dense and sparse selections.
#ifndef FLOW_GEN_CASES_H
#define FLOW_GEN_CASES_H

#include "fixture.h"

typedef struct Cases {
    Fixture fixture;
    bool is_open;
} Cases;

BackendCode *code_load(Fixture *f, const BackendOptions *how);
// One pipeline of the interpreter's program and of the one that was made, on one input.
void pipeline_compare(Fixture *f, const FlowProgram *made, uint32_t index, FixtureInput input);
void fixture_compare(Fixture *f, const BackendOptions *how); // every pipeline, every input
Fixture *cases_fixture(Cases *cases);                        // one that has room; full ones are run
void cases_flush(Cases *cases);                              // runs what is left
void filter_add(Fixture *f, const Expr *expr);
void case_add(Fixture *f, const Expr *expr); // computed, and if it is a bool as a filter

#endif
