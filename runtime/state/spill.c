// Nameless files: written through a buffer, read in pieces that are worth a call.
#include "state/spill.h"

enum { WRITE_BYTES = 256 * 1024, WINDOW_BYTES = 32 * 1024, UUID_BYTES = 37 };

struct SpillFile {
    SysFile *file;
    int64_t length; // written and pending
    Buffer pending;
};

Outcome spill_file_new(Sys *sys, const char *directory, SpillFile **file) {
    Buffer path = {0};
    char uuid[UUID_BYTES];
    SysFile *opened = NULL;
    sys_uuid(sys, uuid);
    buffer_format(&path, "%s/.spill-%s", directory, uuid);
    Outcome outcome = sys_make_directories(sys, directory);
    if (outcome == OUTCOME_OK) {
        outcome = sys_open(sys, buffer_cstring(&path), SYS_CREATE_NEW, &opened);
    }
    if (outcome == OUTCOME_OK) {
        outcome = sys_unlink(sys, buffer_cstring(&path));
        *file = memory_alloc(sizeof(SpillFile));
        **file = (SpillFile){.file = opened};
    }
    buffer_free(&path);
    return outcome;
}

// Whatever closing says: nobody will miss these bytes.
void spill_file_free(Sys *sys, SpillFile *file) {
    if (file == NULL) {
        return;
    }
    bool had_failed = sys->failure.outcome != OUTCOME_OK;
    if (sys_close(sys, file->file) != OUTCOME_OK && !had_failed) {
        sys_forgive(sys);
    }
    buffer_free(&file->pending);
    memory_free(file);
}

Outcome spill_file_flush(Sys *sys, SpillFile *file) {
    if (file->pending.length == 0) {
        return OUTCOME_OK;
    }
    TRY(sys_append(sys, file->file, file->pending.data, file->pending.length));
    buffer_clear(&file->pending);
    return OUTCOME_OK;
}

Outcome spill_file_append(Sys *sys, SpillFile *file, const void *bytes, size_t length) {
    buffer_append(&file->pending, bytes, length);
    file->length += (int64_t)length;
    return file->pending.length < WRITE_BYTES ? OUTCOME_OK : spill_file_flush(sys, file);
}

int64_t spill_file_length(const SpillFile *file) {
    return file->length;
}

Outcome
spill_file_read(Sys *sys, const SpillFile *file, int64_t offset, void *bytes, size_t length) {
    size_t got = 0;
    TRY(sys_read(sys, file->file, offset, bytes, length, &got));
    return got == length ? OUTCOME_OK
                         : sys_fail(sys, OUTCOME_ENVIRONMENT, "a file of spilled state is cut off");
}

// --- from begin to end --------------------------------------------------------------------------

Outcome spill_reader_next(Sys *sys, SpillReader *reader, size_t length, const char **bytes) {
    size_t rest = reader->window.length - reader->at;
    if (rest < length) {
        int64_t left = reader->end - reader->next;
        size_t wanted = length - rest < WINDOW_BYTES ? WINDOW_BYTES : length - rest;
        size_t more = (int64_t)wanted < left ? wanted : (size_t)left;
        ASSERT(rest + more >= length);
        buffer_reserve(&reader->window, length + more);
        memmove(reader->window.data, reader->window.data + reader->at, rest);
        TRY(spill_file_read(sys, reader->file, reader->next, reader->window.data + rest, more));
        reader->window.length = rest + more;
        reader->next += (int64_t)more;
        reader->at = 0;
    }
    *bytes = reader->window.data + reader->at;
    reader->at += length;
    return OUTCOME_OK;
}

void spill_reader_free(SpillReader *reader) {
    buffer_free(&reader->window);
}
