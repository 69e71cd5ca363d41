// A DeltaWrite from inside: what was asked, what is staged, what the commit will say.
//
// Internal to store. Everything belongs to the write's arena, but for the parts that have a free of
// their own.
#ifndef FLOW_STORE_DELTA_WRITE_H
#define FLOW_STORE_DELTA_WRITE_H

#include "store/delta/change.h"
#include "store/delta/made.h"
#include "store/delta/stage.h"
#include "store/delta/table.h"

typedef struct DeltaMetrics {
    int64_t rows_inserted; // of a merge
    int64_t rows_updated;
    int64_t rows_deleted;
    int64_t rows_given;
} DeltaMetrics;

struct DeltaWrite {
    Sys *sys;
    Arena arena;
    DeltaMode mode;
    bool is_partial;                 // an overwrite of the rows that meet …
    const char *condition_text;      // … this, …
    const DeltaCondition *condition; // … or NULL: nobody is there to judge rows
    const char *path;
    const char *writer_id;
    const char *txn_app_id; // or NULL
    int64_t txn_version;
    int64_t clock_us;
    Tasks *tasks; // or NULL
    int64_t tombstones_us;
    bool is_append_only;     // of a new table
    bool is_evolving;        // columns that the table lacks are added to it
    FlowColumnDesc *columns; // the table's, then order values, valid_from, flags
    uint32_t column_count;
    uint32_t table_count; // of them, the table's: those that come, then those that the store makes
    uint32_t made_count;
    uint32_t order_count;
    bool has_delete;
    bool has_truncate;
    FlowHistory history;
    const char *surrogate_key; // or NULL
    DeltaNames tracked;        // SCD2
    DeltaNames key;
    DeltaNames partition; // as the program wants it; empty: as the table has it

    // What the staged files are for; changes when a race is lost.
    DeltaTable *base;       // NULL: the table is new
    DeltaMetadata metadata; // of the table as it will be
    bool has_new_metadata;  // the commit says so
    DeltaSchema schema;     // of the metadata

    int32_t *spread;         // of a sink's slots
    DeltaMade *made;         // NULL: the store makes nothing
    DeltaStage *stage;       // NULL before the first row
    VEC(DeltaStage *) bins;  // of a merge: files that are written again
    DeltaChanges *changes;   // of a merge
    DeltaStage *appends;     // rows appended beside merges; NULL: none
    VEC(DeltaLive) appended; // its files
    VEC(DeltaLive) staged;   // of a partial overwrite, from an outbox: the new rows' files
    VEC(DeltaLive) adds;
    VEC(const char *) removes;  // decoded paths
    const DeltaCell *truncated; // order of the newest remembered change that deleted all keys
    // Without a history, while all keys are deleted: those of which a newer order is remembered.
    DeltaKeySet outlasting;
    int64_t tombstones_file; // to be made the current one; -1: none
    uint32_t file_number;
    DeltaMetrics metrics;
    int64_t rows;
    Outcome failed; // of an append: then prepare fails, too
    bool is_prepared;
    bool is_committed;
};

DeltaWrite *delta_write_new(Sys *sys, const DeltaWriteOptions *options);
// The base is `table` (taken; NULL: none): checks that it takes the columns, and makes the
// metadata.
NODISCARD Outcome delta_write_rebase(DeltaWrite *write, DeltaTable *table);
const DeltaNames *delta_write_partition(const DeltaWrite *write);
// Does the commit remove all files of the base?
static inline bool delta_write_replaces_all(const DeltaWrite *write) {
    return write->mode == DELTA_OVERWRITE && !write->is_partial && write->base != NULL;
}
void delta_write_bins_free(DeltaWrite *write, bool is_discarded);
DeltaStage *delta_write_stage_new(DeltaWrite *write,
                                  const FlowColumnDesc *columns,
                                  uint32_t column_count,
                                  uint32_t sequence_count,
                                  int64_t bin);
void delta_write_take_files(DeltaWrite *write);        // the bins' and the stage's into `adds`
bool delta_write_has_content(const DeltaWrite *write); // is there anything to commit?
const DeltaLive *delta_table_file(const DeltaTable *table, const char *path); // NULL: not live

// NULL, or why the table (the write's base) does not take the write.
const char *delta_fit_refusal(Arena *arena, const DeltaWrite *write);

// Merges the changes into the base: stages files, sets adds, removes, tombstones_file, metrics.
NODISCARD Outcome delta_merge_compute(DeltaWrite *write);

// Finds the rows of the base that a partial overwrite replaces: stages the others of their files,
// sets adds and removes.
NODISCARD Outcome delta_overwrite_compute(DeltaWrite *write);

// Work on files side by side: one of `count` calls, with a handle of its own.
typedef Outcome (*DeltaFileFn)(void *user, uint32_t index, Sys *sys);
// All calls; of several that fail the first by number says why.
NODISCARD Outcome delta_files_run(DeltaWrite *write, uint32_t count, DeltaFileFn call, void *user);

// The commit's lines for the write's base.
void delta_commit_lines(const DeltaWrite *write, Buffer *out);
// Puts the commit of this version there if nobody has yet.
NODISCARD Outcome
delta_commit_put(Sys *sys, const char *table, int64_t version, const Buffer *lines, bool *is_won);
NODISCARD Outcome delta_log_sync(Sys *sys, const char *table);
// Commits a prepared write, with all its retries.
NODISCARD Outcome delta_commit_run(DeltaWrite *write, int64_t *version);

#endif
