// Inside of the runs: whose runs there are, and how several are read as one.
#ifndef FLOW_CHECKPOINT_RUNS_INTERNAL_H
#define FLOW_CHECKPOINT_RUNS_INTERNAL_H

#include "checkpoint/run_file.h"

// Runs are merged when this many of like size came together, or when there would be more than MAX.
enum { RUNS_FAN_OUT = 4, RUNS_PER_OPERATOR_MAX = 12 };

typedef struct StateOperator {
    const char *id;
    RunRef runs[RUNS_PER_OPERATOR_MAX + 1]; // newest first
    uint32_t run_count;
} StateOperator;

struct StateRuns {
    Sys *sys;
    Checkpoint *checkpoint;
    bool is_durable;
    bool has_new_names;
    RunPlace place;
    Arena arena;
    VEC(StateOperator *) operators;
    uint32_t serial;  // of the files that this run has made
    uint32_t garbage; // runs that have left the manifest since the last collection
    Arena list_arena; // of `list`
    CheckpointRun *list;
};

// Several runs of an operator, newest first, as one.
struct StateReader {
    RunReader runs[RUNS_PER_OPERATOR_MAX + 1];
    uint32_t run_count;
    RunReader *current; // whose entry was given last
    bool wants_removed; // give keys that are there no more, too
};
NODISCARD Outcome state_reader_new(const RunPlace *place,
                                   const RunRef *runs,
                                   uint32_t count,
                                   StateReader **reader);

#endif
