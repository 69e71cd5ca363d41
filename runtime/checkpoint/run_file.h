// One run as a file: entries in ascending order of their keys, in blocks that are checked one by
// one, so that reading can stream and damage is located.
//
// Private to the room. Form: docs/decisions/150-runs-of-state.md. Between header and footer: blocks
// of length u32, crc32c u32, and entries, of which each is its key's length u32, its value's length
// u32 (all ones: the key is there no more), key, value. An entry lies in one block. The hash of the
// body is that of the blocks' hashes, chained.
#ifndef FLOW_CHECKPOINT_RUN_FILE_H
#define FLOW_CHECKPOINT_RUN_FILE_H

#include "checkpoint/checkpoint.h"
#include "checkpoint/frame.h"

enum { RUN_NAME_BYTES = 80 };

typedef struct RunRef {
    char name[RUN_NAME_BYTES];
    int64_t bytes;
    int64_t entries;
    Hash128 hash;
} RunRef;

// Where runs lie, and whose they are.
typedef struct RunPlace {
    Sys *sys;
    const char *directory; // DIR/state
    uint8_t uuid[UUID_BYTES];
} RunPlace;

// --- writing -------------------------------------------------------------------------------------
typedef struct RunWriter {
    const RunPlace *place;
    SysFile *file; // NULL: not open
    RunRef ref;
    Buffer block;
    Buffer frame;
    Buffer last_key;
} RunWriter;

// A zeroed writer with ref.name set.
NODISCARD Outcome run_write_begin(RunWriter *writer,
                                  const RunPlace *place,
                                  int64_t slot,
                                  int64_t incarnation);
NODISCARD Outcome run_write_put(RunWriter *writer, const StateEntry *entry);
// The footer, fsync, close; then `ref` is complete.
NODISCARD Outcome run_write_end(RunWriter *writer);
// Frees the writer's memory; a file that is not ended is unlinked.
void run_write_close(RunWriter *writer);

// --- reading -------------------------------------------------------------------------------------
typedef struct RunReader {
    const RunPlace *place;
    SysFile *file; // NULL: not open
    const RunRef *ref;
    Arena arena;
    Buffer block;
    size_t at;      // of the next entry in the block
    int64_t offset; // of the next block in the file
    Hash128 hash;
    int64_t entries;
    StateEntry entry;
    bool has_entry;
} RunReader;

NODISCARD Outcome run_read_begin(RunReader *reader, const RunPlace *place, const RunRef *ref);
// The next entry in `entry`; has_entry is false at the end, which is checked then.
NODISCARD Outcome run_read_next(RunReader *reader);
void run_read_close(RunReader *reader);

int state_key_order(const StateEntry *a, const StateEntry *b);
const char *run_path(Arena *arena, const RunPlace *place, const char *name);

#endif
