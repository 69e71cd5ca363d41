// sink: where rows go: stage, prepare, commit. One Sink for each FlowSink; table sinks that write
// one table share its DeltaWrite, which their owner prepares and commits.
//
// Includes abi, base, sys, scalar, record, format, store. Nothing of an epoch is visible before
// sink_commit. FILES stages in `<path>/.flow-stage/<writer id>/`, beside the final names
// `<path>/part-<slot>-<operator>-<writer id>-<number>.<format>`; STDOUT keeps lines in memory and,
// past a bound, in a file.
#ifndef FLOW_SINK_H
#define FLOW_SINK_H

#include "base/task.h"
#include "store/store.h"

typedef struct Sink Sink;

typedef struct SinkOptions {
    const char *path; // resolved, of FILES
    const char *writer_id;
    DeltaWrite *write; // of table sinks; not owned
    Tasks *tasks;      // encode columns of Parquet files side by side; or NULL
    int64_t slot;
    const char
        *stage_directory; // of STDOUT, in a checkpoint; NULL: nothing needs to survive the run
} SinkOptions;

NODISCARD Outcome sink_open(Sys *sys,
                            const FlowSink *desc,
                            const SinkOptions *options,
                            Sink **sink);
NODISCARD Outcome sink_append(Sink *sink, const FlowBatch *batch, const int32_t *slots);
NODISCARD Outcome sink_prepare(Sink *sink);      // staged files durable and invisible
void sink_outbox(const Sink *sink, Buffer *out); // of FILES and STDOUT; tables have their own
NODISCARD Outcome sink_commit(Sink *sink);       // rename, print
// Commits what the outbox of an earlier run names; idempotent for FILES. OUTCOME_REFUSED: it is
// corrupt, or a final name is taken by other bytes.
NODISCARD Outcome sink_outbox_commit(Sys *sys, const char *bytes, size_t length);
void sink_abort(Sink *sink); // unlinks what was staged, best effort: the epoch will not be decided
// Frees. What was prepared stays staged, since the epoch may have been decided.
void sink_close(Sink *sink);

#endif
