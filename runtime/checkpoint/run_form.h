// The constants of a run's form, for the two files that write and read it.
#ifndef FLOW_CHECKPOINT_RUN_FORM_H
#define FLOW_CHECKPOINT_RUN_FORM_H

#include "checkpoint/frame.h"

#define RUN_MAGIC "FLOWRUN1"
#define RUN_REMOVED UINT32_MAX // in place of a value's length

enum {
    RUN_BLOCK_BYTES = 64 * 1024, // a block is longer only for the sake of one entry
    RUN_BLOCK_HEADER_BYTES = 8,
    RUN_ENTRY_BYTES = 8, // in front of key and value
};

// The hash of all blocks so far, with that of the next.
Hash128 run_hash_chain(Hash128 hash, Hash128 block);

#endif
