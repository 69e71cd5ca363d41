// Files for state that has no room in memory. They have no name: made in a directory and unlinked
// at once, so that nothing of them is left however the process ends.
//
// A file is written from its begin to its end by one thread, then flushed, then read by any. The
// directory is the checkpoint's, or that of temporary files; it is made when it is missing.
#ifndef FLOW_STATE_SPILL_H
#define FLOW_STATE_SPILL_H

#include "sys/sys.h"

typedef struct SpillFile SpillFile;
NODISCARD Outcome spill_file_new(Sys *sys, const char *directory, SpillFile **file);
void spill_file_free(Sys *sys, SpillFile *file); // NULL is fine
NODISCARD Outcome spill_file_append(Sys *sys, SpillFile *file, const void *bytes, size_t length);
NODISCARD Outcome spill_file_flush(Sys *sys, SpillFile *file);
int64_t spill_file_length(const SpillFile *file);
// Exactly `length` bytes of what was flushed.
NODISCARD Outcome
spill_file_read(Sys *sys, const SpillFile *file, int64_t offset, void *bytes, size_t length);

// A piece of a file from its begin to its end.
typedef struct SpillReader {
    const SpillFile *file;
    int64_t next; // not read yet
    int64_t end;
    Buffer window;
    size_t at; // in the window
} SpillReader;
// The next `length` bytes, until the next call; the caller knows that they are there.
NODISCARD Outcome spill_reader_next(Sys *sys,
                                    SpillReader *reader,
                                    size_t length,
                                    const char **bytes);
static inline bool spill_reader_is_done(const SpillReader *reader) {
    return reader->next == reader->end && reader->at == reader->window.length;
}
// Where in the file the next bytes lie.
static inline int64_t spill_reader_place(const SpillReader *reader) {
    return reader->next - (int64_t)(reader->window.length - reader->at);
}
void spill_reader_free(SpillReader *reader);

#endif
