// Standard output: nothing can be taken back from it, so the lines of an epoch wait until it is
// decided: in memory, and past a bound in a file. With a checkpoint that file has a name, for the
// run that finishes the epoch after a crash; else it is unlinked at once and disappears with the
// process.
#include "sink/internal.h"

enum { COPY_BYTES = 1024 * 1024 };

struct StdoutStage {
    Buffer lines;    // behind those of the file
    SysFile *file;   // NULL while the lines fit into memory
    char *file_path; // NULL: unlinked
    int64_t file_bytes;
    bool is_prepared;
};

StdoutStage *stdout_stage_new(Sink *sink) {
    (void)sink;
    StdoutStage *stage = memory_alloc(sizeof(StdoutStage));
    *stage = (StdoutStage){0};
    return stage;
}

// --- staging -------------------------------------------------------------------------------------

static const char *directory_of(const Sink *sink) {
    if (sink->options.stage_directory != NULL) {
        return sink->options.stage_directory;
    }
    const char *temporary = sys_environment(sink->sys, "TMPDIR");
    return temporary == NULL || temporary[0] == '\0' ? "/tmp" : temporary;
}

static Outcome directory_ensure(Sys *sys, const char *directory) {
    SysStat stat;
    TRY(sys_stat(sys, directory, &stat));
    return stat.exists ? OUTCOME_OK : sys_make_directories(sys, directory);
}

static char *file_path_new(const Sink *sink, const char *directory) {
    char uuid[37];
    sys_uuid(sink->sys, uuid);
    Buffer path = {0};
    buffer_format(&path, "%s/%s-stdout-%s.ndjson", directory, sink->options.writer_id, uuid);
    (void)buffer_cstring(&path);
    return path.data;
}

static Outcome file_make(Sink *sink) {
    StdoutStage *stage = sink->lines;
    const char *directory = directory_of(sink);
    TRY(directory_ensure(sink->sys, directory));
    stage->file_path = file_path_new(sink, directory);
    TRY(sys_open(sink->sys, stage->file_path, SYS_CREATE_NEW, &stage->file));
    if (sink->options.stage_directory != NULL) {
        return OUTCOME_OK;
    }
    TRY(sys_unlink(sink->sys, stage->file_path));
    memory_free(stage->file_path);
    stage->file_path = NULL;
    return OUTCOME_OK;
}

static Outcome lines_spill(Sink *sink) {
    StdoutStage *stage = sink->lines;
    if (stage->file == NULL) {
        TRY(file_make(sink));
    }
    TRY(sys_append(sink->sys, stage->file, stage->lines.data, stage->lines.length));
    stage->file_bytes += (int64_t)stage->lines.length;
    buffer_clear(&stage->lines);
    return OUTCOME_OK;
}

Outcome stdout_append(Sink *sink, const FlowBatch *batch, const int32_t *slots) {
    const FlowSink *desc = sink->desc;
    StdoutStage *stage = sink->lines;
    ndjson_write(
        (const Batch *)batch, desc->columns, slots, (uint32_t)desc->columns_count, &stage->lines);
    return stage->lines.length > STDOUT_MEMORY_BYTES_MAX ? lines_spill(sink) : OUTCOME_OK;
}

Outcome stdout_prepare(Sink *sink) {
    StdoutStage *stage = sink->lines;
    stage->is_prepared = true;
    if (stage->file_path == NULL) {
        return OUTCOME_OK;
    }
    TRY(lines_spill(sink));
    TRY(sys_sync(sink->sys, stage->file));
    return sys_sync_directory(sink->sys, sink->options.stage_directory);
}

// The lines themselves, or the name of their file.
void stdout_outbox(const Sink *sink, Buffer *out) {
    const StdoutStage *stage = sink->lines;
    const char *path = stage->file_path == NULL ? "" : stage->file_path;
    outbox_begin(out, OUTBOX_STDOUT);
    outbox_text(out, path, strlen(path));
    outbox_number(out, (uint64_t)stage->file_bytes);
    outbox_text(out, stage->lines.data, stage->lines.length);
}

// --- printing ------------------------------------------------------------------------------------

static Outcome file_print_with(Sys *sys, SysFile *file, int64_t size_bytes, char *bytes) {
    for (int64_t offset = 0; offset < size_bytes;) {
        size_t got;
        int64_t left = size_bytes - offset;
        TRY(sys_read(
            sys, file, offset, bytes, left < COPY_BYTES ? (size_t)left : COPY_BYTES, &got));
        if (got == 0) {
            return sys_fail(sys, OUTCOME_REFUSED, "lines staged for standard output are missing");
        }
        TRY(sys_write_stream(sys, 1, bytes, got));
        offset += (int64_t)got;
    }
    return OUTCOME_OK;
}

static Outcome file_print(Sys *sys, SysFile *file, int64_t size_bytes) {
    char *bytes = memory_alloc(COPY_BYTES);
    Outcome outcome = file_print_with(sys, file, size_bytes, bytes);
    memory_free(bytes);
    return outcome;
}

static Outcome file_close(Sink *sink) {
    SysFile *file = sink->lines->file;
    sink->lines->file = NULL;
    return file == NULL ? OUTCOME_OK : sys_close(sink->sys, file);
}

Outcome stdout_commit(Sink *sink) {
    StdoutStage *stage = sink->lines;
    if (stage->file != NULL) {
        TRY(file_print(sink->sys, stage->file, stage->file_bytes));
        TRY(file_close(sink));
    }
    if (stage->file_path != NULL) {
        TRY(sys_unlink(sink->sys, stage->file_path));
    }
    return sys_write_stream(sink->sys, 1, stage->lines.data, stage->lines.length);
}

static Outcome path_print(Sys *sys, const char *path, int64_t size_bytes) {
    SysStat stat;
    TRY(sys_stat(sys, path, &stat));
    if (!stat.exists) {
        return OUTCOME_OK; // It was printed to its end, and removed.
    }
    SysFile *file;
    TRY(sys_open(sys, path, SYS_READ, &file));
    Outcome outcome = file_print(sys, file, size_bytes);
    TRY(sys_close(sys, file));
    return outcome == OUTCOME_OK ? sys_unlink(sys, path) : outcome;
}

static Outcome outbox_print(Sys *sys, OutboxReader *reader, Arena *arena) {
    const char *path = outbox_read_string(reader, arena);
    int64_t file_bytes = (int64_t)outbox_read_number(reader);
    size_t length;
    const char *lines = outbox_read_text(reader, &length);
    if (reader->is_corrupt) {
        return sys_fail(sys, OUTCOME_REFUSED, "the outbox of standard output is corrupt");
    }
    if (path[0] != '\0') {
        TRY(path_print(sys, path, file_bytes));
    }
    return sys_write_stream(sys, 1, lines, length);
}

Outcome stdout_outbox_commit(Sys *sys, OutboxReader *reader) {
    Arena arena = {0};
    Outcome outcome = outbox_print(sys, reader, &arena);
    arena_free(&arena);
    return outcome;
}

void stdout_abort(Sink *sink) {
    StdoutStage *stage = sink->lines;
    (void)!file_close(sink);
    if (stage->file_path != NULL) {
        (void)!sys_unlink(sink->sys, stage->file_path);
    }
    buffer_clear(&stage->lines);
}

void stdout_close(Sink *sink) {
    StdoutStage *stage = sink->lines;
    if (!stage->is_prepared) {
        stdout_abort(sink);
    }
    (void)!file_close(sink);
    buffer_free(&stage->lines);
    memory_free(stage->file_path);
    memory_free(stage);
}
