// Checkpoints: the state of a table as a Parquet file of actions.
//
// Internal to store.
#ifndef FLOW_STORE_DELTA_CHECKPOINT_H
#define FLOW_STORE_DELTA_CHECKPOINT_H

#include "store/delta/listing.h"
#include "store/delta/replay.h"

// Feeds the checkpoint's actions to the replay. REFUSED, with why in `failure` and not in the Sys,
// if it cannot be read: an older one, or the commits, may still do.
NODISCARD Outcome delta_checkpoint_read(DeltaReplay *replay,
                                        const DeltaCheckpointName *name,
                                        Failure *failure);

// Writes the checkpoint of the table's version, and `_last_checkpoint`.
NODISCARD Outcome delta_checkpoint_write(DeltaTable *table, int64_t clock_us);

// The checksum of `_last_checkpoint`: MD5 of its canonical form (store.md 2.11). False: a key
// occurs twice.
bool delta_hint_checksum(Arena *arena, const DeltaJson *hint, char text[33]);

#endif
