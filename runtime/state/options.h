// What keyed state of every kind is told when it is made.
#ifndef FLOW_STATE_OPTIONS_H
#define FLOW_STATE_OPTIONS_H

#include "record/record.h"
#include "sys/sys.h"

typedef struct StateOptions {
    uint32_t part_count;   // who adds rows at the same time: a part for each worker
    uint64_t memory_bytes; // what it may keep in memory; 0: no bound
    const char *directory; // where the rest goes
} StateOptions;

// Who keeps what lives longer than an epoch: entries in ascending order of their keys' bytes. What
// an entry holds is the state room's business.
typedef struct GroupKeeper {
    void *user;
    bool has_entry; // the next one, until `next` is called
    const char *key;
    size_t key_length;
    const char *value;
    Outcome (*next)(void *user, struct GroupKeeper *keeper); // sets the entry
    // It is to be kept from now on; NULL: no more. In ascending order too.
    Outcome (*put)(void *user, const Buffer *key, const Buffer *value);
    int64_t watermark_us; // windows that end by then have ended
    bool is_due;          // of FLOW_EMIT_EVERY
} GroupKeeper;

// Rows that a worker adds to its part.
typedef struct StateRows {
    const FlowBatch *batch; // the selected ones
    const int32_t *slots;
    uint32_t part;
    int32_t pipeline; // of the batch's root: tells rows without a source apart
} StateRows;

#endif
