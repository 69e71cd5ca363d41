// sink: where rows go: stage, prepare, commit. One Sink for each FlowSink; table sinks that write one
// table share its DeltaWrite.
//
// Includes abi, base, sys, scalar, record, format, store.
#ifndef FLOW_SINK_H
#define FLOW_SINK_H

#include "store/store.h"

typedef struct Sink Sink;

typedef struct SinkOptions {
    const char *path;      // resolved, of FILES
    const char *writer_id;
    DeltaWrite *write;     // of table sinks; not owned
    int64_t slot;
} SinkOptions;

NODISCARD Outcome sink_open(Sys *sys, const FlowSink *desc, const SinkOptions *options, Sink **sink);
NODISCARD Outcome sink_append(Sink *sink, const FlowBatch *batch, const int32_t *slots);
NODISCARD Outcome sink_prepare(Sink *sink);          // staged files durable and invisible
void sink_outbox(const Sink *sink, Buffer *out);     // of FILES and STDOUT; tables have their own
NODISCARD Outcome sink_commit(Sink *sink);           // rename, print
NODISCARD Outcome sink_outbox_commit(Sys *sys, const char *bytes, size_t length);
void sink_close(Sink *sink);

#endif
