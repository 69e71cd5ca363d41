// trial: runs the tests of a program, each in a world of its own: a disk in memory, a clock that
// stands still.
//
// Includes support, types, expr, graph, check, rewrite, layout, generate, sys, store, dlq, source,
// scalar, record, format, abi. Who runs the program in a world is the caller's business (TrialRun):
// the driver loads the compiled object. The Arena given to trial_run owns the result.
#ifndef FLOW_TRIAL_H
#define FLOW_TRIAL_H

#include "check/check.h"

// One epoch of a test.
typedef struct TrialEpoch {
    bool is_stream;  // it goes on where the one before ended; else it is a batch
    bool is_closing; // the input ends with it
} TrialEpoch;

// Runs the program in that world; the exit status.
typedef int (*TrialRun)(void *user, Sys *world, const TrialEpoch *epoch);

// Where a stream keeps its state if the program does not say it.
#define TRIAL_CHECKPOINT "checkpoint"

typedef struct TrialProgram {
    const FlowProgram *program;
    const FlowProgram *given; // the same, with the paths of its sources as they are written
    bool is_stream;           // it was compiled for one
    const char *folder;       // of the program's file: where `given … from` finds files
    TrialRun run;
    void *user;
    bool is_twice;    // what an epoch has read is delivered again, which brings nothing new
    uint64_t shuffle; // which other delivery of the same rows; 0: as the test writes them
} TrialProgram;

typedef struct TrialResult {
    bool is_passed;
    Span span;          // of the step that failed
    const char *report; // lines of text, or ""
} TrialResult;

// The program as tests run it: a source that would make its records up reads what it is given.
const FlowProgram *trial_program(Arena *arena, const FlowProgram *program);
// As a stream runs it: what is given later is in a file of its own.
const FlowProgram *trial_stream(Arena *arena, const FlowProgram *given);
TrialResult trial_run(Arena *arena, const TrialProgram *program, const CheckedTest *test);

#endif
