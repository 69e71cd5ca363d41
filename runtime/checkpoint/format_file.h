// DIR/FORMAT: says that a directory is a checkpoint, of which form, and whose.
//
// Private to the room.
#ifndef FLOW_FORMAT_FILE_H
#define FLOW_FORMAT_FILE_H

#include "checkpoint/frame.h"
#include "sys/sys.h"

enum { UUID_TEXT_BYTES = 37 };

typedef struct CheckpointFormat {
    char uuid[UUID_TEXT_BYTES]; // the pipeline's
    int64_t created_us;         // by the wall clock
} CheckpointFormat;

// Reads DIR/FORMAT of a checkpoint that is there, whosever it is; *program in the arena.
NODISCARD Outcome format_file_look(
    Sys *sys, Arena *arena, const char *directory, CheckpointFormat *made, const char **program);

void format_uuid_bytes(const char *text, uint8_t bytes[UUID_BYTES]);

// Reads DIR/FORMAT, or makes it with a new uuid if the directory is new. Its name is not
// durable yet. A directory that is something else, or another program's, is REFUSED.
NODISCARD Outcome format_file_open(Sys *sys,
                                   const char *directory,
                                   const char *program,
                                   CheckpointFormat *made);

#endif
