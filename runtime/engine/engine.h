// engine: runs a compiled program: opens, polls, runs, prepares, decides, commits; the ledger.
//
// Includes all rooms of the runtime. engine_run is the whole of a run; `flowc run` calls it with a
// program loaded in process, an executable's main with the one it is linked with.
#ifndef FLOW_ENGINE_H
#define FLOW_ENGINE_H

#include "checkpoint/checkpoint.h"
#include "record/record.h"
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

typedef enum EngineLog { ENGINE_LOG_TEXT, ENGINE_LOG_JSON } EngineLog;

typedef struct EngineTrigger {
    FlowTriggerKind kind;
    int64_t every_us; // of EVERY
} EngineTrigger;

// What a program that was compiled for it (FLOW_META_REPLAY) does with rejected records: it sends
// them to the flows that have rejected them, in one epoch, and marks them in the DLQ.
typedef struct EngineReplayFlow {
    const char *name;
    const char *up;       // ",a,b,": the flows that it reads from, and itself
    const char *flows;    // these, and all that read from it
    const char *obstacle; // why its records can't be sent again; NULL: they can
} EngineReplayFlow;

typedef struct EngineReplaySource {
    const char *name;
    const char *flows;    // all that read it
    const char *obstacle; // of records that it has rejected itself
    bool is_lookup;       // it is read whole, as in every run
} EngineReplaySource;

typedef struct EngineReplayLeft {
    const char *reason;
    int64_t count;
} EngineReplayLeft;

typedef struct EngineReplay {
    const char *dlq;
    const char *reject_class; // NULL: any
    const char *record_id;    // NULL: any
    const EngineReplayFlow *flows;
    uint32_t flow_count;
    const EngineReplaySource *sources;
    uint32_t source_count;
    // what became of the records
    Arena arena;
    int64_t replayed;
    int64_t rejected; // again
    VEC(EngineReplayLeft) left;
} EngineReplay;

typedef struct EngineOptions {
    const EngineParam *params;
    uint32_t param_count;
    const char *checkpoint;   // --checkpoint, overrides the program's
    const char *const *drops; // --drop-state: ids of operators whose state is forgotten
    uint32_t drop_count;
    const EngineTrigger *trigger; // --trigger, overrides the program's; NULL: not given
    uint32_t parallelism;         // --parallelism, overrides the program's; 0: not given
    EngineReplay *replay;         // NULL: a run
    EngineSummary summary;
    const char *metrics; // --metrics, overrides the program's
    EngineLog log;       // of what is said on standard error
    bool show_progress;
    int64_t batch_order; // of a test, whose epochs are batches: what their order goes by; or 0
    bool is_closing;     // of a test: the input ends, and every window closes
    int64_t *site_rows;  // how many rows broke the check of each site, or came by its probe; NULL
    bool has_no_environment; // of a test: what env("…") means then, engine/params.c says
} EngineOptions;

// The exit status of LANGUAGE 10; messages went to standard error.
int engine_run(Sys *sys, const FlowProgram *program, const EngineOptions *options);

// What a program makes of what a checkpoint keeps of one operator.
typedef enum EngineVerdict {
    ENGINE_NEW, // nothing is kept
    ENGINE_KEEP,
    ENGINE_MIGRATE,
    ENGINE_DROP, // needs --drop-state
    ENGINE_REFUSE,
} EngineVerdict;
typedef struct EngineStateLine {
    const char *id;   // "<kind>/<name>"
    const char *kept; // the same with its form, as the checkpoint has it; NULL: nothing is kept
    const char *own;  // as the program has it; NULL: it has none
    EngineVerdict verdict;
    const char *note; // or NULL
} EngineStateLine;
// What a run with these options would make of it, in the order of ids; nothing is changed. A
// checkpoint of another program, or damaged: REFUSED.
NODISCARD Outcome engine_state_check(Sys *sys,
                                     Arena *arena,
                                     const FlowProgram *program,
                                     const EngineOptions *options,
                                     const EngineStateLine **lines,
                                     uint32_t *count);

// What an entry of the operator `watermarks` says: of a source the greatest event time, of a step
// the watermark. False: neither.
typedef struct EngineTime {
    bool is_source;
    const char *name;
    size_t name_length;
    int64_t us;
} EngineTime;
bool engine_time_read(const StateEntry *entry, EngineTime *time);

// What an entry of the operator `forms` says: the aggregate of this index, of those that began to
// count when their group had begun already. False: there are no more.
typedef struct EngineSince {
    const char *operator;
    const char *text;
    int64_t since_us;
} EngineSince;
bool engine_since_read(Arena *arena, const StateEntry *entry, uint32_t index, EngineSince *since);

// What a pipeline reads of its table: the columns, by the names that the table has for them, and
// into which slots of its batches they go. Rows that fail one of the tests, which are on these
// columns, need not be read.
typedef struct TableReading {
    FlowColumnDesc *columns;
    int32_t *slots;
    uint32_t count;
    FlowScanTest *tests;
    uint32_t test_count;
} TableReading;

// For who shows rows of a table that meet a condition: a program that does nothing but read the
// table, test its rows and discard them. NULL: it does something else.
typedef struct EngineFilter EngineFilter;
EngineFilter *engine_filter_new(Sys *sys, const FlowProgram *program);
const TableReading *engine_filter_reading(const EngineFilter *filter);
// The batch, made for the program's only pipeline, has these columns; in the end the rows that meet
// the condition are selected. OUTCOME_STOPPED: it fails on one of them.
NODISCARD Outcome engine_filter_rows(EngineFilter *filter, Batch *batch);
void engine_filter_free(EngineFilter *filter);

// What --trigger says: once, available_now, continuous, files_arrive, or every and a duration.
bool engine_trigger(const char *text, EngineTrigger *trigger);
// What --parallelism says: 1 to WORKERS_MAX, or 0 if it is no such number.
uint32_t engine_parallelism(const char *text);

// main of an executable: parses the run options (engine/main/main.c calls it with &flow_program).
int engine_main(int argc, char **argv, const FlowProgram *program);

#endif
