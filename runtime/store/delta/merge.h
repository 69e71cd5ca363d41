// What the files of a merge share: the table's files, their rows, and the changes beside them.
//
// Internal to store. A DeltaMerge lives as long as one computation; columns that outlive it belong
// to the write.
#ifndef FLOW_STORE_DELTA_MERGE_H
#define FLOW_STORE_DELTA_MERGE_H

#include "store/delta/scan.h"
#include "store/delta/write.h"

typedef struct DeltaChangeColumn DeltaChangeColumn;

// A file, or some of its row groups: what one thread reads and writes.
typedef struct DeltaMergePiece {
    uint32_t file;
    uint32_t group_first;
    uint32_t group_end; // 0: the whole file
} DeltaMergePiece;

typedef struct DeltaMerge {
    DeltaWrite *write;
    DeltaChanges *changes;
    Arena arena;
    FlowColumnDesc *columns; // of a row: the table's, then the order values
    uint32_t column_count;
    uint32_t table_count;
    int32_t *cells;             // where a change has the column; -1: nowhere
    int32_t *keys;              // the key's columns
    bool *is_routed;            // is it a partition column?
    bool has_sequence;          // do the files know the order values?
    DeltaChangeColumn *changed; // by column of a row: the changes' values
    uint8_t *filter;            // of plain integer keys: a bit for each; NULL: there are others
    uint32_t filter_shift;
    uint32_t *sorted; // keys of the changes in their order
    DeltaLive *files; // the base's, then those appended beside the merge
    uint32_t file_count;
    uint32_t base_count;         // of them, the base's
    VEC(DeltaMergePiece) pieces; // in the order of the files
} DeltaMerge;

void delta_merge_begin(DeltaMerge *merge, DeltaWrite *write);
void delta_merge_end(DeltaMerge *merge);
DeltaStage *delta_merge_stage_new(const DeltaMerge *merge, int64_t bin); // -1: of no bin
// Is the row older than a change of this epoch that deletes all keys?
bool delta_merge_is_truncated(const DeltaMerge *merge, const Batch *batch, uint32_t row);
// A file of the merge does not stay.
void delta_merge_remove(DeltaMerge *merge, uint32_t file);
// Files appended beside the merge that stay as they are go with those of the stage.
void delta_merge_files_take(DeltaMerge *merge);

// A row of a file whose key has a change.
typedef struct DeltaMatch {
    int64_t row; // of the file
    uint32_t number;
    bool is_older; // the change than the row
} DeltaMatch;
typedef VEC(DeltaMatch) DeltaMatches; // in the order of the rows

// --- changes and the rows that they meet, column by column
// ----------------------------------------
typedef struct DeltaPairs {
    uint32_t count;
    uint32_t rows[FLOW_BATCH_ROWS_MAX];    // of a batch
    uint32_t changes[FLOW_BATCH_ROWS_MAX]; // rows of the changes
    uint8_t marks[FLOW_BATCH_ROWS_MAX];
} DeltaPairs;
void delta_merge_changed_make(DeltaMerge *merge);
// Sets the mark of each pair whose change gives the column another value.
void delta_pairs_compare(
    const DeltaMerge *merge, uint32_t column, const Batch *batch, DeltaPairs *pairs, uint8_t mark);
// The changes' values into the rows, in all columns.
void delta_pairs_put(const DeltaMerge *merge, const DeltaPairs *pairs, Batch *batch);

// --- rows of a file, a batch at a time ----------------------------------------------------------
typedef struct DeltaMergeReader {
    const DeltaMerge *merge;
    Sys *sys; // of the thread that reads
    Arena arena;
    Batch *batch;
    DeltaScan *scan;
    int32_t *slots;
    const DeltaMatches *matches; // of the file, if they are known; else NULL
    uint32_t match;              // the next of them
    uint32_t *found;             // by row: the key's number, or DELTA_KEY_NONE
    // Of plain integer keys that may be found: their bytes, rows and hashes.
    uint64_t *keys;
    uint32_t *rows;
    uint32_t *hashes;
    Buffer key;
} DeltaMergeReader;

typedef enum DeltaMergeColumns {
    DELTA_MERGE_KEYS, // and the order values
    DELTA_MERGE_ALL
} DeltaMergeColumns;
void delta_merge_filter_make(DeltaMerge *merge);
void delta_merge_keys_changed(DeltaMerge *merge); // there are more of them: what finds rows by them
void delta_merge_reader_begin(DeltaMergeReader *reader, const DeltaMerge *merge, Sys *sys);
void delta_merge_reader_open(DeltaMergeReader *reader, uint32_t file, DeltaMergeColumns columns);
void delta_merge_reader_piece(DeltaMergeReader *reader,
                              const DeltaMergePiece *piece,
                              DeltaMergeColumns columns);
// The next rows and, in `found`, the changes of their keys. No rows: the end.
NODISCARD Outcome delta_merge_reader_next(DeltaMergeReader *reader);
void delta_merge_reader_close(DeltaMergeReader *reader);
void delta_merge_reader_end(DeltaMergeReader *reader);
// May a row of the file have a key that changes?
bool delta_merge_may_match(const DeltaMerge *merge, uint32_t file);
// The key's canonical bytes of a row, until the next call.
const Buffer *delta_merge_row_key(DeltaMergeReader *reader, uint32_t row);
// The order of a change against that of a row.
int delta_merge_order(const DeltaMerge *merge,
                      uint32_t change_row,
                      const Batch *batch,
                      uint32_t row);
// Appends the batch's selected rows.
NODISCARD Outcome delta_merge_stage_batch(const DeltaMerge *merge, DeltaStage *stage, Batch *batch);

// Cuts the files into pieces.
NODISCARD Outcome delta_merge_pieces_cut(DeltaMerge *merge);

// With a history: all of it.
NODISCARD Outcome delta_timeline_merge(DeltaMerge *merge);

#endif
