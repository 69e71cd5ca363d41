// Inside of sink: what the kinds of sinks have in common, and the form of their outboxes.
#ifndef FLOW_SINK_INTERNAL_H
#define FLOW_SINK_INTERNAL_H

#include "format/format.h"
#include "sink/sink.h"

typedef struct StdoutStage StdoutStage;
typedef struct FilesStage FilesStage;

struct Sink {
    Sys *sys;
    const FlowSink *desc;
    SinkOptions options;
    StdoutStage *lines; // of STDOUT
    FilesStage *files;  // of FILES
};

// --- outboxes: a magic, then numbers of 8 bytes and texts with their length ----------------------

typedef enum OutboxKind { OUTBOX_STDOUT = 1, OUTBOX_FILES = 2 } OutboxKind;

void outbox_begin(Buffer *out, OutboxKind kind);
void outbox_number(Buffer *out, uint64_t number);
void outbox_text(Buffer *out, const char *text, size_t length);

// Reads in the same order. Past the end, or with a length that leads there, `is_corrupt` is set and
// everything read is empty.
typedef struct OutboxReader {
    const char *next;
    const char *end;
    bool is_corrupt;
} OutboxReader;

OutboxReader outbox_reader(const char *bytes, size_t length, uint64_t *kind);
uint64_t outbox_read_number(OutboxReader *reader);
const char *outbox_read_text(OutboxReader *reader, size_t *length);
const char *outbox_read_string(OutboxReader *reader, Arena *arena);

// --- kinds ---------------------------------------------------------------------------------------

StdoutStage *stdout_stage_new(Sink *sink);
Outcome stdout_append(Sink *sink, const FlowBatch *batch, const int32_t *slots);
Outcome stdout_prepare(Sink *sink);
void stdout_outbox(const Sink *sink, Buffer *out);
Outcome stdout_commit(Sink *sink);
Outcome stdout_outbox_commit(Sys *sys, OutboxReader *reader);
void stdout_abort(Sink *sink);
void stdout_close(Sink *sink);

FilesStage *files_stage_new(Sink *sink);
Outcome files_append(Sink *sink, const FlowBatch *batch, const int32_t *slots);
Outcome files_prepare(Sink *sink);
void files_outbox(const Sink *sink, Buffer *out);
Outcome files_outbox_commit(Sys *sys, OutboxReader *reader);
void files_abort(Sink *sink);
void files_close(Sink *sink);

#endif
