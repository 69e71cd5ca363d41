// checkpoint: the manifest log that decides epochs (OPEN, PREPARE, DECIDE, COMMIT, ACK, GC).
//
// Includes abi, base, sys. Forms and order of steps: docs/decisions, after the checked model of the
// protocol. Without a directory (a batch without `--checkpoint`) the same calls keep the manifest
// in memory: one path, with the durable part left out.
#ifndef FLOW_CHECKPOINT_H
#define FLOW_CHECKPOINT_H

#include "sys/sys.h"

typedef struct Checkpoint Checkpoint;

// One sink's part of a decided epoch: what COMMIT needs after a crash.
typedef struct CheckpointOutbox {
    const char *sink; // its operator id
    const char *kind; // "delta", "files", "stdout"
    const char *bytes;
    size_t length;
} CheckpointOutbox;

// A file of state that an epoch refers to: sorted entries, never changed (runs.h).
typedef struct CheckpointRun {
    const char *operator_id; // whose state it is
    const char *name;        // below DIR/state
    int64_t bytes;
    int64_t entries;
    Hash128 hash;
} CheckpointRun;

typedef struct CheckpointEpoch {
    int64_t slot; // also the epoch number and the txn version
    int64_t clock_us;
    const char *plan_hash;
    const char *ledger_json;
    const char *positions; // sources' ends, opaque to this room
    size_t positions_length;
    const CheckpointOutbox *outboxes;
    uint32_t outbox_count;
    const CheckpointRun *runs; // of each operator, newest first
    uint32_t run_count;
    const char
        *notes; // what was done to kept state besides, as members of a JSON array; NULL: none
} CheckpointEpoch;

// RECOVER R1-R5: takes the lock (busy: FENCED), writes OPEN, verifies the last epoch's chain.
// `directory` NULL: in memory. A directory of another program: REFUSED.
NODISCARD Outcome checkpoint_open(Sys *sys,
                                  const char *directory,
                                  const char *program_name,
                                  const char *plan_hash,
                                  Checkpoint **checkpoint);
// The last decided epoch, for R7 (commit again) or NULL. Valid until checkpoint_close.
const CheckpointEpoch *checkpoint_last(const Checkpoint *checkpoint);
bool checkpoint_last_is_committed(const Checkpoint *checkpoint); // its COMMIT record was seen
const char *checkpoint_uuid(const Checkpoint *checkpoint);       // the pipeline's uuid, for appIds
int64_t checkpoint_next_slot(const Checkpoint *checkpoint);
int64_t checkpoint_incarnation(const Checkpoint *checkpoint);
int64_t checkpoint_clock(Checkpoint *checkpoint); // max(wall, previous epoch's clock)
// A number that grows from epoch to epoch, and is greater yet in a checkpoint that is made later.
// The clock is no such number: a wall clock that is set back makes it stand still.
int64_t checkpoint_order(const Checkpoint *checkpoint);
// DECIDE: after every staged file is durable. The link of the manifest is the decision.
NODISCARD Outcome checkpoint_decide(Checkpoint *checkpoint, const CheckpointEpoch *epoch);
// After COMMIT on all sinks.
NODISCARD Outcome checkpoint_committed(Checkpoint *checkpoint, int64_t slot);
NODISCARD Outcome checkpoint_collect(Checkpoint *checkpoint); // GC; errors are not fatal

// --- for the runs of state beside the log -------------------------------------------------------
const char *checkpoint_directory(const Checkpoint *checkpoint);     // NULL: in memory
const uint8_t *checkpoint_uuid_bytes(const Checkpoint *checkpoint); // the pipeline's uuid, 16 bytes
// What is missing or wrong (REFUSED) below our newest slot is corrupt, unless another run has taken
// over and collected it: then FENCED. Other outcomes stay as they are.
NODISCARD Outcome checkpoint_damaged(Checkpoint *checkpoint, Outcome outcome);
typedef VEC(const char *) CheckpointNames;
// Names of the runs of state that the epochs refer to whose manifests are kept.
NODISCARD Outcome checkpoint_run_names(const Checkpoint *checkpoint,
                                       Arena *arena,
                                       CheckpointNames *names);
void checkpoint_close(Checkpoint *checkpoint);

// --- looking at one that others may be using: no lock, no slot, nothing is written ---------------
typedef struct CheckpointLook {
    const char *directory;
    const char *uuid;
    const uint8_t *uuid_bytes;
    const char *program; // whose it is
    int64_t created_us;
    const CheckpointEpoch *epochs; // that are kept, newest first
    uint32_t epoch_count;
    bool is_last_committed;
} CheckpointLook;
// All of it in the arena. USAGE: the directory is no checkpoint.
NODISCARD Outcome checkpoint_look(Sys *sys,
                                  Arena *arena,
                                  const char *directory,
                                  CheckpointLook *look);

#include "checkpoint/runs.h" // the other half of the door

#endif
