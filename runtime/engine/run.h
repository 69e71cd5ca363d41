// One run of a program: what the files of this room share.
#ifndef FLOW_ENGINE_RUN_H
#define FLOW_ENGINE_RUN_H

#include "checkpoint/checkpoint.h"
#include "dlq/dlq.h"
#include "engine/engine.h"
#include "scalar/scalar.h"
#include "sink/sink.h"
#include "source/source.h"
#include "state/state.h"

// A table of the program in this run. `write` is NULL if no sink writes it.
typedef struct RunTable {
    const char *path;
    DeltaWrite *write;
    bool is_prepared;
    bool is_committed;
} RunTable;

// Where the records that a pipeline works on come from; for the DLQ.
typedef struct RunInput {
    const FlowPipeline *pipeline;
    const FlowSource *desc; // NULL unless it is a source
    Source *source;
    Batch *batch;
    uint16_t *rejections; // of each row of the batch: the ordinal of the next
    int64_t rows_before;  // rows of earlier batches, for inputs without positions
    bool is_counted;      // false when the source was read by an earlier pipeline already
} RunInput;

typedef struct Progress {
    int64_t started_us;
    int64_t shown_us;
    int64_t rows;
    int64_t bytes_done; // of sources that are closed
    bool is_on;
    bool is_shown;
} Progress;

typedef struct Run {
    ScalarRuntime scalar; // first: the kernels know no more of a runtime than this
    Sys *sys;
    const FlowProgram *program;
    const EngineOptions *options;
    Arena arena;
    FlowContext context;
    Checkpoint *checkpoint;
    const char *checkpoint_path; // NULL: in memory
    const char *writer_id;
    const char *dlq_path;
    int64_t slot;
    const char **param_texts; // NULL: null
    RunTable *tables;
    Sink **sinks;
    bool *sinks_committed;
    GroupState **groups;
    bool *sources_read;
    Dlq *dlq;
    bool is_dlq_committed;
    bool is_decided;
    RunInput input;
    Buffer raw; // the row as JSON, of what has no raw record
    uint32_t stateful_rejections;
    int64_t *warnings;       // of each site
    const char **flow_names; // as the DLQ says them
    int64_t bytes_in;
    Buffer positions;
    Progress progress;
    Outcome outcome; // why a pipeline was told to stop
} Run;

// engine.c: a line on standard error. If nobody listens, that is no reason to change the status.
void run_say(Run *run, const Buffer *text);

// params.c: values of the params, texts of the settings.
NODISCARD Outcome params_resolve(Run *run);
const char *setting_text(const Run *run, const FlowSetting *setting); // NULL if there is none

// reject.c
void run_reject_record(void *user, const FormatReject *reject); // FormatRejectFn; user is the Run
void run_warnings_print(Run *run);

// input.c: all pipelines, in order.
NODISCARD Outcome run_pipelines(Run *run);

// output.c: sinks and tables, from opening to commit.
NODISCARD Outcome outputs_open(Run *run);
NODISCARD Outcome table_prepare(Run *run, uint32_t table);
NODISCARD Outcome outputs_prepare(Run *run);
NODISCARD Outcome outputs_decide(Run *run);
NODISCARD Outcome outputs_commit(Run *run);
void outputs_close(Run *run); // what is not committed and will not be is removed
NODISCARD Outcome epoch_commit_again(Run *run, const CheckpointEpoch *epoch);

// ledger.c
int64_t *ledger_line(const Run *run, int32_t flow, int32_t source); // flow -1: the source's line
bool ledger_holds(const Run *run, Buffer *problem);
void ledger_json(const Run *run, Buffer *out); // {"flows":[…],"sources":[…]}
void ledger_text(const Run *run, Buffer *out);
void summary_print(Run *run);
void summary_print_json(Run *run, const char *ledger); // the line for a ledger as JSON

// progress.c
void progress_begin(Run *run);
void progress_update(Run *run);
void progress_end(Run *run);

// interrupt.c: SIGINT and SIGTERM ask the run to stop.
void interrupt_catch(void);
void interrupt_release(void);
int interrupt_signal(void); // 0: none came

#endif
