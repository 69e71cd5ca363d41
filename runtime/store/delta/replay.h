// Replays a log from its newest action to its oldest: what is seen first is what holds.
//
// Internal to store.
#ifndef FLOW_STORE_DELTA_REPLAY_H
#define FLOW_STORE_DELTA_REPLAY_H

#include "store/delta/keyset.h"
#include "store/delta/table.h"

typedef struct DeltaReplay {
    DeltaTable *table;
    Arena scratch;    // of one commit, or one row of a checkpoint
    DeltaKeySet seen; // files by path and deletion vector
    bool has_protocol;
    bool has_metadata;
    const char *bad_path; // a path in the log that cannot be decoded
} DeltaReplay;

void delta_replay_begin(DeltaReplay *replay, DeltaTable *table);
void delta_replay_end(DeltaReplay *replay);
void delta_replay_action(DeltaReplay *replay, const DeltaAction *action);
NODISCARD Outcome delta_replay_commit(DeltaReplay *replay, int64_t version);

// Calls back for every action of a commit; `bytes` of the scratch arena hold them.
typedef VEC(DeltaAction) DeltaActions;
NODISCARD Outcome delta_commit_read(
    Sys *sys, Arena *arena, const char *table, int64_t version, DeltaActions *actions);

DeltaFile delta_file_copy(Arena *arena, const DeltaFile *file);

#endif
