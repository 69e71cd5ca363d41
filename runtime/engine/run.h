// One run of a program: what the files of this room share.
#ifndef FLOW_ENGINE_RUN_H
#define FLOW_ENGINE_RUN_H

#include "base/task.h"
#include "checkpoint/checkpoint.h"
#include "dlq/dlq.h"
#include "engine/engine.h"
#include "engine/forms.h"
#include "engine/log.h"
#include "engine/pieces.h"
#include "scalar/scalar.h"
#include "sink/sink.h"
#include "source/source.h"
#include "state/state.h"
#include "watch/watch.h"

// A table of the program in this run. `write` is NULL if no sink writes it.
typedef struct RunTable {
    const char *path;
    DeltaWrite *write;
    bool is_prepared;
    bool is_committed;
} RunTable;

typedef struct Run Run;
typedef struct Worker Worker;

// Of groups that live longer than an epoch: those of earlier ones, and where this one's go.
typedef struct KeptGroups {
    StateReader *reader; // NULL: they don't
    StateWriter *writer;
} KeptGroups;

// What feeds the pipeline that runs: opened once, read by all workers.
typedef struct RunFeed {
    const FlowPipeline *pipeline;
    uint32_t index; // of the pipeline
    Sys *sys;       // of whoever cuts
    Source *source;
    DeltaTable *table;  // NULL if the run writes it
    DeltaScan *scan;    // of whoever cuts
    int32_t *slots;     // of a table's columns
    GroupState *groups; // or, if there were too many, …
    GroupSpill *spill;  // … the run's
    KeptGroups kept;
    uint64_t sort_blocks; // of a sort whose rows are there all at once; 0: they come one by one
    bool is_watched;      // its rows get watermarks
    bool is_counted;      // false when the source was read by an earlier pipeline already
} RunFeed;

// A worker's part of it; the DLQ asks for where records come from.
typedef struct RunInput {
    const FlowSource *desc; // NULL unless it is a source
    SourceReader *reader;
    DeltaScan *scan;
    Batch *batch;
    uint32_t *rejections; // of each row of the batch: how many have their ordinals
    uint16_t *overflow;   // of each row of a group's results
    int64_t rows_before;  // rows of the piece's earlier batches
    int64_t rows;         // of all pieces
    int64_t rejected_in_decode;
} RunInput;

// Spare selections and a mask for one pipeline: those of pipelines that call each other are in use
// at the same time.
typedef struct WorkerScratch {
    int32_t **selections; // NULL: not made yet
    uint8_t *mask;
    Batch *batch;        // of worker_batch
    FlowBatch fresh;     // as it was made, …
    FlowColumn *columns; // … with its own vectors
    int32_t *origins;
    int32_t *ordinals;
    int64_t batch_number; // of the row that was placed last: the batch of the outermost pipeline, …
    int32_t origin;       // … the row there, …
    int32_t ordinal;      // … and which of the rows that it became
} WorkerScratch;

// A batch of pairs whose rejections a join wants to know of; or of rows that stand in a table,
// which nobody rejects.
typedef struct WorkerPairs {
    const void *batch;
    uint8_t *rejected; // a byte for each row
    bool is_stored;    // rows of a table: `site` says where the first one failed, or -1
    int32_t site;
} WorkerPairs;

// A batch of a source whose watermark is not known yet, and what it has given to the DLQ so far.
typedef struct HeldBatch {
    Batch *batch;
    uint32_t *rejections;
    int64_t batch_number;
    Parcel parcel;
} HeldBatch;

enum { HELD_BATCHES_MAX = 32 };

// The event times of a worker's piece.
typedef struct RowTimes {
    int64_t greatest_us; // of the piece so far; INT64_MIN: it has none
    int64_t before_us;   // of all pieces before it, …
    bool is_known;       // … if all of them are read
    bool may_hold;
    uint32_t target; // where its rows go on, …
    const int32_t *slots;
    HeldBatch held[HELD_BATCHES_MAX]; // … the last of which is the one that is read
    uint32_t held_count;
    uint32_t made;
    Parcel *aside; // where rejections go now; NULL: to the piece's
} RowTimes;

// Rejections of the batch at hand.
typedef struct WorkerReject {
    DlqRecord record;
    uint32_t row; // of the outermost pipeline's batch
} WorkerReject;

typedef struct WorkerRejects {
    Arena arena; // of what belongs to none of the batch, too; empty behind each batch
    VEC(WorkerReject) items;
} WorkerRejects;

// What a pipeline needs while it runs, so that several can run at once: nothing of it is shared.
struct Worker {
    ScalarRuntime scalar; // first: the kernels know no more of a runtime than this
    Run *run;
    Sys *sys;
    Arena arena;
    FlowContext context;
    WorkerScratch *scratch; // by pipeline
    GroupState **groups;
    RunInput input;
    int64_t batch_number; // of the outermost pipeline's batches
    WorkerPairs pairs;
    RowTimes times;
    Buffer key;    // of lookups
    Piece *piece;  // at hand
    bool has_turn; // all pieces before it are handed over
    Buffer raw;    // the row as JSON, of what has no raw record
    WorkerRejects rejects;
    Outcome outcome; // why a pipeline was told to stop
};

// Of a source, from epoch to epoch; INT64_MIN: there was none.
typedef struct SourceTime {
    int64_t greatest_us; // event time
    int64_t record_us;   // the clock of the epoch that read the last record
    int64_t floor_us;    // of the epoch: no row has a lower watermark
    bool is_active;      // it has, or had, something new in this run
} SourceTime;

// A file that a decided epoch has read.
typedef struct SeenFile {
    const char *path;
    int64_t size_bytes;
    int64_t modified_ms;
    bool is_told; // that it has changed since
} SeenFile;

// A file that somebody may be writing still.
typedef struct RestlessFile {
    SourceEntry file;
    int64_t since_us; // that it has been so long and so old, by the monotonic clock
} RestlessFile;
typedef VEC(RestlessFile) RestlessFiles;

// Files of a source where one epoch follows another.
typedef struct RunArrivals {
    const char *operator_id; // whose state `seen` is
    Arena arena;             // texts of `seen`
    SeenFile *seen;          // by path
    uint32_t seen_count;
    uint32_t seen_capacity;
    Arena listing_arena;
    SourceEntries pending;  // listed and not read yet, by path
    RestlessFiles restless; // listed, but not to be read yet, by path
    SourceEntries epoch;    // of the pending ones, those of the present epoch
    bool is_fixed;          // `epoch` is final: a pipeline has read them
} RunArrivals;

typedef struct RunLimit RunLimit; // limit.c

typedef struct Progress {
    int64_t started_us;
    int64_t shown_us;
    int64_t rows;
    int64_t bytes;      // of the open source
    int64_t bytes_done; // of sources that are closed
    int64_t pace_us;    // since when `rows_per_second` is measured anew, …
    int64_t pace_rows;
    double rows_per_second;
    uint32_t lines; // on the screen
    bool is_on;
} Progress;

// A group whose state is adapted to the program's aggregates.
typedef struct StateMove {
    const char *kept; // the operator that has it …
    const char *own;  // … and that will have it; they may be the same
    const FlowGroup *group;
    FormMatch match;
} StateMove;
typedef VEC(StateMove) StateMoves;

struct Run {
    Sys *sys;
    const FlowProgram *program;
    const EngineOptions *options;
    Arena arena;       // of the whole run
    Arena epoch_arena; // of one epoch: all below that is made for it
    FlowValue *params;
    uint8_t *param_nulls;
    int64_t now_us;          // the epoch's clock
    int64_t clock_before_us; // … and that of the epoch before; in the first one the same
    int64_t epoch_order;     // of the epochs of this program; 0: it is a batch
    Worker *workers;
    uint32_t worker_count;
    Tasks *tasks;
    Lookup **lookups;
    bool *lookups_finished;
    SortState **sorts;
    BandState **bands;
    const char ***source_paths; // of each source that was read, its files; for `unique`
    Pieces pieces;
    size_t parcel_bytes_max;
    RunFeed feed;
    Outcome outcome;   // of the first piece that failed
    int32_t *identity; // 0, 1, 2, …: the slots and the selection of a parcel's rows
    Checkpoint *checkpoint;
    StateRuns *state;
    KeptForms forms;
    StateMoves moves;   // what is kept and has to be adapted in the first epoch
    Buffer state_notes; // what the next manifest says of it, as members of a JSON array
    SourceTime *source_times;
    int64_t *step_watermarks; // of each of the program's watermarks, at the epoch's begin
    RunArrivals *arrivals;    // of each source; NULL: every epoch reads all there is
    int64_t epoch_started_us; // by the monotonic clock
    int64_t epoch_read_us;    // when its input was read
    int64_t epoch_decided_us; // when its manifest was there
    int64_t commit_took_us;   // of the epoch before: from then to its end
    int64_t epoch_count;
    int64_t *totals;             // the ledgers of all epochs, summed
    const char *checkpoint_path; // NULL: in memory
    EngineTrigger trigger;
    const char *writer_id;
    const char *dlq_path;
    int64_t slot;
    const char **param_texts; // NULL: null, or a variable that is not set where that is no mistake
    RunTable *tables;
    GroupSpill **spills; // of each group; NULL: all have room
    bool *groups_read;   // nothing is added to them any more
    Sink **sinks;
    bool *sinks_committed;
    bool *sources_read;
    Dlq *dlq;
    DlqReplay *replay;             // rejected records that this epoch sends again; or NULL
    const SourceAgainFiles *again; // of each source; NULL: no replay
    RunLimit *limits;              // of each source; NULL: none has read anything yet
    bool is_dlq_committed;
    bool is_decided;
    int64_t *counters; // the ledger: those of all workers, summed
    int64_t *warnings; // of each site
    int64_t *warnings_shown;
    const char **flow_names; // as the DLQ says them
    int64_t bytes_in;
    Buffer positions;
    Progress progress;
    WatchNumbers numbers;
    WatchServer *server; // NULL: nobody may ask
    int64_t observed_us; // when `numbers` were gathered last, by the monotonic clock
};

// log.c: a line on standard error of which machines need to know no more than the text.
void run_say(Run *run, Buffer *text);

// epochs.c: one epoch, or one after the other, as the trigger says. The exit status.
int run_epochs(Run *run);
// Whether the present epoch has to end as soon as it can; with one epoch: the run has to.
bool run_is_interrupted(const Run *run);
bool epoch_is_due(const Run *run);   // no further file should be begun
bool run_is_batch(const Run *run);   // one epoch, which reads everything
bool run_is_endless(const Run *run); // epoch after epoch, until a signal
// engine.c: what an epoch needs, and the epoch itself.
void epoch_make(Run *run);
void epoch_free(Run *run);
int epoch_run(Run *run); // the exit status

// arrivals.c: which files an epoch reads.
NODISCARD Outcome arrivals_restore(Run *run);
void arrivals_free(Run *run);
// Lists files again if none are pending any more.
NODISCARD Outcome arrivals_list(Run *run, bool *has_files);
bool arrivals_are_pending(const Run *run);
// When the first of the files that may be written still has been left alone for long enough, by the
// monotonic clock; INT64_MAX: there are none.
int64_t arrivals_settle_us(const Run *run);
bool arrivals_have_more(const Run *run);                           // than the epoch has read
const SourceEntries *arrivals_of(const Run *run, uint32_t source); // NULL: all there are
void arrivals_fix(Run *run, uint32_t source, const Source *opened);
NODISCARD Outcome arrivals_prepare(Run *run); // what the epoch has read, as state
void arrivals_commit(Run *run);

// watermarks.c: of sources and steps, from epoch to epoch.
void watermarks_make(Run *run);
NODISCARD Outcome watermarks_restore(Run *run);
void watermarks_activate(Run *run, uint32_t source); // it has something new
void watermarks_begin(Run *run);                     // an epoch
void watermarks_source_end(Run *run, uint32_t source, int64_t greatest_us, bool has_records);
NODISCARD Outcome watermarks_prepare(Run *run); // what the epoch has seen, as state
void watermarks_commit(Run *run);
// Of one of the program's watermarks, when all that feeds the step is read; in a batch INT64_MAX.
int64_t run_stream_watermark(const Run *run, int32_t watermark);

// row_times.c: of each row of a source.
void row_times_open(Run *run); // the source that feeds the pipeline
void row_times_end(Run *run);
void row_times_close(Run *run);
void row_times_begin(Worker *worker); // a piece
NODISCARD Outcome row_times_batch(Worker *worker);
NODISCARD Outcome row_times_finish(Worker *worker);
// replay.c: rejected records are sent again.
const char *replay_checkpoint(Run *run);  // of a batch that has none
NODISCARD Outcome replay_check(Run *run); // before anything is touched: is it a DLQ?
int replay_run(Run *run);                 // the exit status
void replay_free(Run *run);
const SourceAgainFiles *replay_files(const Run *run, uint32_t source); // NULL: it is read as ever
bool replay_skips(const Run *run, const FlowPipeline *pipeline);
bool replay_knows(const Run *run, const DlqRecord *record); // it is in the DLQ already

// limit.c: `dlq_limit`. In the order of the pieces, one thread at a time.
void limit_reject(Run *run, const DlqRecord *record);
NODISCARD Outcome limit_piece_end(Run *run, int64_t records);
NODISCARD Outcome limit_end(Run *run); // when there is no more input

// params.c: values of the params, texts of the settings.
NODISCARD Outcome params_resolve(Run *run);
const char *setting_text(const Run *run, const FlowSetting *setting); // NULL if there is none

// param_value.c: false: the text is no value of the param's type.
bool param_value_parse(Run *run, const FlowParam *param, const char *text, FlowValue *value);

// bindings.c: the program with what params say of settings.
NODISCARD Outcome settings_bind(Run *run);

// worker.c
void worker_init(Worker *worker, Run *run, uint32_t index);
void worker_free(Worker *worker);
// An empty batch for a nested run of the pipeline: the same one every time, with its own vectors.
Batch *worker_batch(Worker *worker, uint32_t pipeline);
void worker_batches_free(Worker *worker);
// Runs a pipeline with a batch (the abi of a Batch), within the run of another: FLOW_RUN_*. Rows
// that it rejects are the rows `origins` of the batch of the outermost pipeline.
int32_t worker_call(Worker *worker, uint32_t pipeline, FlowBatch *batch);
// Remembers why the run has to stop; the first reason stays.
void worker_stop(Worker *worker, Outcome outcome);
static inline Worker *worker_of(void *ctx) {
    return ((FlowContext *)ctx)->runtime;
}

// nested.c: batches for pipelines that are called.
// The same rows in the pipeline's own columns: its first `count` input slots are these slots.
Batch *nested_view(
    Worker *worker, uint32_t pipeline, const FlowBatch *from, const int32_t *slots, uint32_t count);
// Rows of a batch, picked by number, into the empty batch of the pipeline, whose first `count`
// slots get these slots.
typedef struct NestedPick {
    const FlowBatch *from;
    const int32_t *slots;
    uint32_t slot_count;
    const int32_t *rows;
    uint32_t row_count;
} NestedPick;
void nested_fill(Worker *worker, uint32_t pipeline, Batch *to, const NestedPick *pick);

// kept.c: what outlives the pipelines that fill it.
void kept_make(Run *run);
void kept_free(Run *run);
NODISCARD Outcome kept_finish(Run *run); // before the next of the outermost pipelines
void kept_paths(Run *run, uint32_t source, const Source *opened);
// A sort's results: a batch of them, or all, one after the other.
NODISCARD Outcome kept_feed_open(Run *run);
void kept_feed_close(Run *run);
NODISCARD Outcome kept_piece_run(Worker *worker, const Piece *piece);
StateRows kept_rows(const Worker *worker, void *batch, void *slots);
int32_t kept_status(Worker *worker, Outcome outcome); // FLOW_RUN_*

// band.c: joins of two streams.
void bands_make(Run *run, const StateOptions *options);
void bands_free(Run *run);
NODISCARD Outcome band_results(Worker *worker, uint32_t band);

// kept_bands.c: what they keep from epoch to epoch.
typedef struct KeptBand {
    bool is_kept; // false in a batch
    StateReader *readers[2];
    StateWriter *writers[2];
    BandKeeper keeper;
} KeptBand;
const char *kept_band_id(Arena *arena, const FlowBand *desc, int side); // the operator of its state
NODISCARD Outcome kept_band_begin(Worker *worker, const FlowBand *desc, KeptBand *kept);
NODISCARD Outcome kept_band_end(KeptBand *kept);      // what was written counts from now on
void kept_band_close(Worker *worker, KeptBand *kept); // also after an error

// stored.c: the rows of its table for a sort that is a `unique` in it.
NODISCARD Outcome stored_add(Worker *worker, uint32_t sort);

// memory.c
uint64_t run_memory_share(const Run *run); // of one kind of state; 0: no bound
const char *run_spill_directory(Run *run);
NODISCARD Outcome worker_groups_bound(Worker *worker); // those that have no room leave
NODISCARD Outcome group_spill_rest(Run *run, uint32_t group);
NODISCARD Outcome group_spill_all(Run *run, uint32_t group); // also those that would have room
void spills_free(Run *run);

// kept_groups.c: groups that live longer than an epoch.
// The operator of its state: the group, and the form in which it is kept.
const char *kept_group_id(Arena *arena, const FlowGroup *group);
bool kept_groups_wanted(const Run *run, uint32_t group);
// The feed's spill gives results with what was kept.
NODISCARD Outcome kept_groups_begin(Run *run, uint32_t group);
NODISCARD Outcome kept_groups_end(Run *run);
void kept_groups_close(Run *run); // also when there are none, and after an error

// The operator of kept state: a name, and a hash of the form in which it is kept, which is freed.
const char *kept_id(Arena *arena, const char *name, Buffer *form);
// Opens what an operator keeps for the feed, which ends it as it ends groups.
NODISCARD Outcome kept_begin(Run *run, const char *operator_id, GroupKeeper *keeper);

// kept_sorts.c: steps that know rows of earlier epochs.
NODISCARD Outcome kept_sorts_check(Run *run); // is what is kept of this program's form?
NODISCARD Outcome kept_sort_begin(Run *run, uint32_t sort);

// state_fit.c: what the program makes of what is kept.
typedef VEC(EngineStateLine) EngineStateLines;
// A line for each operator, kept or of the program, by its id. The run obeys them, renames and
// drops as the program and the options say, and is refused if one says so.
void state_judge(Run *run, EngineStateLines *lines);
NODISCARD Outcome state_fit(Run *run);
NODISCARD Outcome state_move(Run *run); // in the first epoch
// "group/new/group(a)/0" of a flow that was `old`: "group/old/group(a)/0". NULL: of no such flow.
const char *state_id_before(const Run *run, Arena *arena, const char *id);

// reject.c
void run_reject_record(void *user,
                       const FormatReject *reject); // FormatRejectFn; user is the Worker
// A row of `unique` that came after another with its key, or one of whose texts nothing is known.
void run_reject_kept(Worker *worker, uint32_t row, int32_t site);
void run_warnings_print(Run *run);
void run_site_members(const Run *run, int32_t site, Buffer *out); // of a line of the log

// input.c: all pipelines, in order.
NODISCARD Outcome input_batch_run(Worker *worker); // the worker's batch through the pipeline
bool input_goes_on(const Worker *worker);          // the rest of the piece is still wanted
NODISCARD Outcome run_pipelines(Run *run);
// The next piece of what feeds the pipeline that runs.
NODISCARD Outcome input_cut(Run *run, Piece *piece, bool *has_piece);
NODISCARD Outcome input_run(Worker *worker, Piece *piece);

// table.c: a table that feeds the pipeline that runs
// What the program reads of a table that it writes is in the rows that are there already.
NODISCARD Outcome table_reads_check(Run *run, uint32_t table);
TableReading table_reading(Arena *arena, const FlowTable *table, const FlowPipeline *pipeline);
NODISCARD Outcome table_feed_open(Run *run);
NODISCARD Outcome table_piece_run(Worker *worker, const Piece *piece);
void table_feed_end(Run *run);

// handover.c: to sinks, the DLQ and standard error; one thread at a time.
NODISCARD Outcome hand_over(Run *run, Parcel *parcel);
void worker_reject(Worker *worker, const DlqRecord *record);
// What was put aside goes where the worker's piece gives its own.
void worker_parcel_join(Worker *worker, Parcel *aside);
// reject_order.c: a row of the batch at hand; and behind the batch, all of them.
void worker_reject_row(Worker *worker, uint32_t row, const DlqRecord *record);
void worker_rejects_settle(Worker *worker);

// output.c: sinks and tables, from opening to commit.
NODISCARD Outcome outputs_open(Run *run);
NODISCARD Outcome table_prepare(Run *run, uint32_t table);
NODISCARD Outcome outputs_prepare(Run *run);
NODISCARD Outcome outputs_decide(Run *run);
NODISCARD Outcome outputs_commit(Run *run);
void outputs_close(Run *run); // what is not committed and will not be is removed
NODISCARD Outcome epoch_commit_again(Run *run, const CheckpointEpoch *epoch);

// condition.c: which rows of its table a sink replaces, or NULL: it has no such condition.
const DeltaCondition *overwrite_condition(Run *run, const FlowSink *sink);

// ledger.c
int64_t *ledger_line(const Run *run, int32_t flow, int32_t source); // flow -1: the source's line
int64_t *worker_line(const Worker *worker, int32_t flow, int32_t source);
void ledger_collect(Run *run); // adds what the workers have counted since
bool ledger_holds(const Run *run, Buffer *problem);
void ledger_json(const Run *run, Buffer *out);         // {"flows":[…],"sources":[…]}
void ledger_total(Run *run);                           // adds the epoch's counters to the totals
void summary_print(Run *run);                          // the totals
void summary_print_json(Run *run, const char *ledger); // the line for an epoch's ledger as JSON

// progress.c: the view on a terminal, if there is one.
void progress_begin(Run *run);
void progress_show(Run *run);
void progress_hide(Run *run); // before something else is written

// observe.c: the numbers of the run, for who watches it.
NODISCARD Outcome observe_begin(Run *run);
void observe_phase(Run *run, WatchPhase phase);
void observe_update(Run *run); // rows have gone through; one thread at a time
void observe_idle(Run *run);   // none do
void observe_violation(Run *run, const DlqRecord *record);
void observe_commit(Run *run); // an epoch is
void observe_end(Run *run);

// known.c: what is known of a source's event times; false: nothing.
bool run_watermark(const Run *run, uint32_t source, int64_t *watermark_us);
bool run_newest_event(const Run *run, uint32_t source, int64_t *event_us);

// interrupt.c: SIGINT and SIGTERM ask the run to stop.
void interrupt_catch(void);
void interrupt_release(void);
int interrupt_signal(void); // 0: none came

#endif
