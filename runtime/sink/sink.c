// The door: which kind of sink does what. Table sinks only pass rows on, as their DeltaWrite has an
// owner who prepares and commits it once for all of them; DISCARD does nothing at all.
#include "sink/internal.h"

Outcome sink_open(Sys *sys, const FlowSink *desc, const SinkOptions *options, Sink **sink) {
    Sink *opened = memory_alloc(sizeof(Sink));
    *opened = (Sink){.sys = sys, .desc = desc, .options = *options};
    switch ((FlowSinkKind)desc->kind) {
    case FLOW_SINK_STDOUT:
        opened->lines = stdout_stage_new(opened);
        break;
    case FLOW_SINK_FILES:
        opened->files = files_stage_new(opened);
        break;
    case FLOW_SINK_TABLE_APPEND:
    case FLOW_SINK_TABLE_MERGE:
    case FLOW_SINK_TABLE_OVERWRITE:
        ASSERT(options->write != NULL);
        break;
    case FLOW_SINK_DISCARD:
        break;
    }
    *sink = opened;
    return OUTCOME_OK;
}

Outcome sink_append(Sink *sink, const FlowBatch *batch, const int32_t *slots) {
    if (batch->selected_count == 0) {
        return OUTCOME_OK;
    }
    switch ((FlowSinkKind)sink->desc->kind) {
    case FLOW_SINK_STDOUT:
        return stdout_append(sink, batch, slots);
    case FLOW_SINK_FILES:
        return files_append(sink, batch, slots);
    case FLOW_SINK_TABLE_APPEND:
    case FLOW_SINK_TABLE_MERGE:
    case FLOW_SINK_TABLE_OVERWRITE:
        return delta_write_take(sink->options.write, sink->desc, batch, slots);
    case FLOW_SINK_DISCARD:
        break;
    }
    return OUTCOME_OK;
}

Outcome sink_prepare(Sink *sink) {
    if (sink->lines != NULL) {
        return stdout_prepare(sink);
    }
    return sink->files != NULL ? files_prepare(sink) : OUTCOME_OK;
}

void sink_outbox(const Sink *sink, Buffer *out) {
    if (sink->lines != NULL) {
        stdout_outbox(sink, out);
    } else if (sink->files != NULL) {
        files_outbox(sink, out);
    }
}

// Files are committed from the outbox even by the run that made it: there is one way, and a crash
// takes it too.
static Outcome files_commit(Sink *sink) {
    Buffer outbox = {0};
    files_outbox(sink, &outbox);
    Outcome outcome = sink_outbox_commit(sink->sys, outbox.data, outbox.length);
    buffer_free(&outbox);
    return outcome;
}

Outcome sink_commit(Sink *sink) {
    if (sink->lines != NULL) {
        return stdout_commit(sink);
    }
    return sink->files != NULL ? files_commit(sink) : OUTCOME_OK;
}

Outcome sink_outbox_commit(Sys *sys, const char *bytes, size_t length) {
    uint64_t kind;
    OutboxReader reader = outbox_reader(bytes, length, &kind);
    if (!reader.is_corrupt && kind == OUTBOX_STDOUT) {
        return stdout_outbox_commit(sys, &reader);
    }
    if (!reader.is_corrupt && kind == OUTBOX_FILES) {
        return files_outbox_commit(sys, &reader);
    }
    return sys_fail(sys, OUTCOME_REFUSED, "the outbox of a sink is corrupt");
}

void sink_abort(Sink *sink) {
    if (sink->lines != NULL) {
        stdout_abort(sink);
    } else if (sink->files != NULL) {
        files_abort(sink);
    }
}

void sink_close(Sink *sink) {
    if (sink == NULL) {
        return;
    }
    if (sink->lines != NULL) {
        stdout_close(sink);
    }
    if (sink->files != NULL) {
        files_close(sink);
    }
    memory_free(sink);
}
