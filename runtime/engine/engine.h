// engine: runs a compiled program: opens, polls, runs, prepares, decides, commits; the ledger.
//
// Includes all rooms of the runtime. engine_run is the whole of a run; `flowc run` calls it with a
// program loaded in process, an executable's main with the one it is linked with.
#ifndef FLOW_ENGINE_H
#define FLOW_ENGINE_H

#include "sys/sys.h"

typedef struct EngineParam {
    const char *name;
    const char *text;
} EngineParam;

typedef enum EngineSummary {
    ENGINE_SUMMARY_NONE,
    ENGINE_SUMMARY_TEXT,
    ENGINE_SUMMARY_JSON
} EngineSummary;

typedef struct EngineOptions {
    const EngineParam *params;
    uint32_t param_count;
    const char *checkpoint; // --checkpoint, overrides the program's
    uint32_t parallelism;   // --parallelism, overrides the program's; 0: not given
    EngineSummary summary;
    bool show_progress;
    bool has_no_environment; // of a test: what env("…") means then, engine/params.c says
} EngineOptions;

// The exit status of LANGUAGE 10; messages went to standard error.
int engine_run(Sys *sys, const FlowProgram *program, const EngineOptions *options);

// What --parallelism says: 1 to WORKERS_MAX, or 0 if it is no such number.
uint32_t engine_parallelism(const char *text);

// main of an executable: parses the run options (engine/main/main.c calls it with &flow_program).
int engine_main(int argc, char **argv, const FlowProgram *program);

#endif
