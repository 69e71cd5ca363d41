// runs: what operators keep from epoch to epoch: entries of key and value, in sorted files that
// are never changed (runs). Form and the rule when runs are merged:
// docs/decisions/150-runs-of-state.md.
//
// Part of the room checkpoint, whose door includes it; includes abi, base, sys. An epoch writes the
// entries that changed as one run an operator; the manifest names all runs that count, and only
// they do. The newest entry of a key is the one that holds. Without a directory nothing is kept.
#ifndef FLOW_CHECKPOINT_RUNS_H
#define FLOW_CHECKPOINT_RUNS_H

#include "sys/sys.h"

typedef struct Checkpoint Checkpoint;
typedef struct CheckpointRun CheckpointRun;
typedef struct StateRuns StateRuns;

// With the runs that the checkpoint's last epoch names. The checkpoint outlives it. *state is to
// be freed also when this fails.
NODISCARD Outcome state_runs_open(Sys *sys, Checkpoint *checkpoint, StateRuns **state);
// To look at them only: those of the newest epoch that was found.
typedef struct CheckpointLook CheckpointLook;
NODISCARD Outcome state_runs_look(Sys *sys, const CheckpointLook *look, StateRuns **state);
void state_runs_free(StateRuns *state);
// From now on files are reached by this handle: that of the thread that reads and writes them.
void state_runs_reach(StateRuns *state, Sys *sys);

typedef struct StateEntry {
    const char *key;
    size_t key_length;
    const char *value; // NULL: the key is there no more
    size_t value_length;
} StateEntry;

// From now on the operator's state is another's that has none, or nobody's; the next manifest says
// so, nothing is written.
void state_runs_rename(StateRuns *state, const char *operator_id, const char *renamed);
void state_runs_drop(StateRuns *state, const char *operator_id);

// --- reading -------------------------------------------------------------------------------------
// The operator's entries by the bytes of their keys, each key once. A damaged or missing file:
// REFUSED.
typedef struct StateReader StateReader;
NODISCARD Outcome state_runs_read(StateRuns *state, const char *operator_id, StateReader **reader);
// The next entry, until the next call; *has_entry is false at the end.
NODISCARD Outcome state_runs_next(StateReader *reader, StateEntry *entry, bool *has_entry);
void state_runs_read_end(StateReader *reader);

// --- writing -------------------------------------------------------------------------------------
// Entries of the epoch of slot `slot`, in ascending order of their keys.
typedef struct StateWriter StateWriter;
NODISCARD Outcome state_runs_write(StateRuns *state,
                                   const char *operator_id,
                                   int64_t slot,
                                   StateWriter **writer);
NODISCARD Outcome state_runs_put(StateWriter *writer, const StateEntry *entry);
// The run, durable but for its name, counts from now on. The writer is freed, also by an error.
NODISCARD Outcome state_runs_write_end(StateWriter *writer);
void state_runs_write_abort(StateWriter *writer);

// Makes the names of new runs durable: before the manifest that refers to them.
NODISCARD Outcome state_runs_sync(StateRuns *state);
// All runs that count, for the manifest; until the next write.
const CheckpointRun *state_runs_list(StateRuns *state, uint32_t *count);
// Unlinks runs that no epoch which is kept refers to.
NODISCARD Outcome state_runs_collect(StateRuns *state);

#endif
