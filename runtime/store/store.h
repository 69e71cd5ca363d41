// store: Delta tables: snapshots, scans, staged writes, commits.
//
// Includes abi, base, sys, scalar, record, format. A DeltaTable is opened on a path and holds one
// snapshot; a DeltaWrite stages data files invisibly and becomes visible by one put-if-absent
// commit. Protocol reader 1 / writer 2 for new tables. Sources: the Delta protocol; docs/decisions.
#ifndef FLOW_STORE_H
#define FLOW_STORE_H

#include "base/task.h"
#include "format/parquet/parquet.h"
#include "sys/sys.h"

typedef struct DeltaTable DeltaTable;

#define DELTA_LATEST (-1)
// No table there: *table is NULL and the outcome OK. Unsupported reader features: OUTCOME_REFUSED.
NODISCARD Outcome delta_open(Sys *sys, const char *path, int64_t version, DeltaTable **table);
// The newest version that was committed at the time or before it. REFUSED: there is none.
NODISCARD Outcome delta_version_at(Sys *sys,
                                   const char *path,
                                   int64_t timestamp_us,
                                   int64_t *version);
void delta_close(DeltaTable *table);
int64_t delta_version(const DeltaTable *table);
uint32_t delta_column_count(const DeltaTable *table);
const FlowColumnDesc *
delta_columns(const DeltaTable *table); // all columns, schema order; enums are strings
bool delta_is_partition_column(const DeltaTable *table, uint32_t column);
int64_t delta_file_count(const DeltaTable *table);
int64_t delta_row_count(const DeltaTable *table); // -1: a file has no numRecords

// --- files, for who reads them itself: in the order of their paths -------------------------------
int32_t delta_column_find(const DeltaTable *table, const char *name); // -1: there is none
// Why the column cannot be read as the type, whatever its values; NULL: it can. Null is another
// matter: a column may admit it, and its values be without.
const char *delta_column_misfit(DeltaTable *table, uint32_t column, const FlowTypeDesc *wanted);
const char *delta_file_path(const DeltaTable *table, Arena *arena, uint32_t file);
int64_t delta_file_bytes(const DeltaTable *table, uint32_t file); // as the log says; 0: it does not
// What a reader of files wants to know of columns before it leaves a file out.
enum {
    DELTA_DEMAND_NO_NULL = 1,
    DELTA_DEMAND_VALUE = 2, // of a partition: it is one of the type's
    DELTA_DEMAND_TIME = 4,  // dates and times are of no ancient calendar
};
typedef struct DeltaFileFilter {
    FormatTests tests;             // on `columns`
    const FlowColumnDesc *columns; // names and types of the table
    uint32_t column_count;
    const uint8_t *demands; // of each column; NULL: none
} DeltaFileFilter;
// Whether the log proves that no row of the file is wanted; then *rows is how many it has.
bool delta_file_leave_out(const DeltaTable *table,
                          uint32_t file,
                          const DeltaFileFilter *filter,
                          int64_t *rows);
// The value that a partition column has in all rows of the file; strings live as long as the table.
// REFUSED: what the log says is none of the column's type.
NODISCARD Outcome delta_file_value(
    DeltaTable *table, uint32_t file, uint32_t column, bool *is_null, FlowValue *value);

// --- changes: files whose rows say what commits did ----------------------------------------------
typedef enum DeltaChangeKind {
    DELTA_CHANGE_INSERTS, // a data file that was added
    DELTA_CHANGE_DELETES, // a data file that was removed: all its rows are gone
    DELTA_CHANGE_FEED     // of the change data feed: its column DELTA_CHANGE_COLUMN says what
} DeltaChangeKind;
#define DELTA_CHANGE_COLUMN "_change_type"
typedef struct DeltaChangeFile {
    DeltaChangeKind kind;
    int64_t version;
    int64_t timestamp_us; // of the commit
    const char *path;
    int64_t bytes;              // as the log says; 0: it does not
    const ParquetFixed *values; // of the partition columns, in the table's order
} DeltaChangeFile;
// From a version up to the table's; -1: from the first. By version, then what goes, then what
// comes, then path. Files are there that nobody has vacuumed. REFUSED: the log does not go back so
// far, or rows went and nothing says which.
NODISCARD Outcome delta_change_files(DeltaTable *table,
                                     int64_t from,
                                     Arena *arena,
                                     const DeltaChangeFile **changes,
                                     uint32_t *count);
const char *delta_commit_path(const DeltaTable *table, Arena *arena, int64_t version);

// --- scan: rows in file order (path), then position ---------------------------------------------
typedef struct DeltaScan DeltaScan;
// Reads `columns` (by name, with the types wanted: enum over string, nullability checked →
// REFUSED).
NODISCARD Outcome delta_scan_open(DeltaTable *table,
                                  const FlowColumnDesc *columns,
                                  uint32_t column_count,
                                  DeltaScan **scan);
NODISCARD Outcome delta_scan_next(DeltaScan *scan,
                                  Batch *batch,
                                  const int32_t *slots); // row_count 0: end
void delta_scan_close(DeltaScan *scan);
// Files and row groups may be left out of which the log or the file says that no row meets all of
// the tests, which are on `columns` and stay valid. Of delta_scan_open, before the first row.
void delta_scan_skip(DeltaScan *scan, const FlowScanTest *tests, uint32_t test_count);
int64_t delta_scan_left_out(const DeltaScan *scan); // rows of these so far
// For scanning in parallel: another scan of the same files, for a thread that uses `sys`; who cuts
// them into pieces, numbered by their order; and the restriction of a scan to one of them.
DeltaScan *delta_scan_share(const DeltaScan *scan, Sys *sys);
typedef struct DeltaPiece {
    uint32_t file;
    int32_t group;           // the row group; -1: all
    int64_t left_out_before; // rows of files between the piece before and this one
} DeltaPiece;
NODISCARD Outcome delta_scan_cut(DeltaScan *scan, DeltaPiece *piece, bool *has_piece);
NODISCARD Outcome delta_scan_only(DeltaScan *scan, const DeltaPiece *piece);

// --- write --------------------------------------------------------------------------------------
typedef enum DeltaMode { DELTA_APPEND, DELTA_OVERWRITE, DELTA_MERGE } DeltaMode;
typedef struct DeltaWrite DeltaWrite;

// Which rows an overwrite replaces. A judge belongs to one thread: it gets batches of the columns,
// and leaves those rows selected for which the condition is true.
typedef struct DeltaCondition {
    const char *text; // for the commit; as the program writes it
    const FlowColumnDesc *columns;
    uint32_t column_count;
    const FlowScanTest *tests; // a row that fails one of these does not meet the condition
    int64_t test_count;
    const void *user;
    void *(*judge_new)(const void *user, Sys *sys, int64_t clock_us);
    Outcome (*judge)(void *judge, Batch *batch);
    void (*judge_free)(void *judge);
} DeltaCondition;

typedef struct DeltaWriteOptions {
    DeltaMode mode;
    const DeltaCondition *condition; // OVERWRITE of a part; borrowed. NULL: all rows go
    const FlowTable *table;          // columns, key, partition, settings
    const char *path;
    const char *writer_id;  // part of file names: "<slot>-<incarnation>" or a run's uuid
    const char *txn_app_id; // NULL without a checkpoint
    int64_t txn_version;
    int64_t clock_us; // the epoch's clock: commitInfo, tombstones, createdTime
    Tasks *tasks;     // for merges and for encoding files; or NULL
    // MERGE: order columns after the table's, then valid_from if the table has SCD2, then bools.
    uint32_t order_count;
    bool has_delete;
    bool has_truncate;
    // What delta_write_append gets: the table's columns without those that the store makes, order
    // columns and so on.
    const FlowColumnDesc *columns;
    uint32_t column_count;
} DeltaWriteOptions;

// Why a table takes no such write, whatever its columns, or NULL; lives as long as the table.
const char *delta_write_obstacle(DeltaTable *table, DeltaMode mode);
// Checks the existing table against the wanted columns (REFUSED if they don't fit) and opens
// staging.
NODISCARD Outcome delta_write_open(Sys *sys, const DeltaWriteOptions *options, DeltaWrite **write);
// The rows that the table held when the write was opened. The last `order_count` columns, whatever
// their names, are the order values of merges: none, or all that the table has. *scan NULL: there
// is no table, or it lacks one of the other columns.
// The table has a commit of this transaction, or of a later one, already.
bool delta_write_is_done(const DeltaWrite *write);
bool delta_write_adds(const DeltaWrite *write, const char *column); // rows are there without it
uint32_t delta_write_order_count(const DeltaWrite *write);
NODISCARD Outcome delta_write_stored(DeltaWrite *write,
                                     const FlowColumnDesc *columns,
                                     uint32_t column_count,
                                     uint32_t order_count,
                                     DeltaScan **scan);
NODISCARD Outcome delta_write_append(DeltaWrite *write,
                                     const FlowBatch *batch,
                                     const int32_t *slots);
// Rows of one of several sinks of the table: what it does not emit of the options' columns is null
// or false. Rows that a sink appends to a table that others merge into come before all merges.
NODISCARD Outcome delta_write_take(DeltaWrite *write,
                                   const FlowSink *sink,
                                   const FlowBatch *batch,
                                   const int32_t *slots);
// PREPARE: merges if it is a merge, writes the data files, fsyncs them and their directories. After
// it delta_write_scan reads the table as it will be, and delta_write_manifest describes the staged
// commit.
NODISCARD Outcome delta_write_prepare(DeltaWrite *write);
int64_t delta_write_rows(const DeltaWrite *write);     // rows staged (appended), for the ledger
int64_t delta_write_replaced(const DeltaWrite *write); // rows that an overwrite of a part removes
NODISCARD Outcome delta_write_scan(DeltaWrite *write,
                                   const FlowColumnDesc *columns,
                                   uint32_t column_count,
                                   DeltaScan **scan);
// What COMMIT needs, as bytes for the epoch's manifest: path, mode, txn, actions. Owned by the
// write.
void delta_write_outbox(DeltaWrite *write, Buffer *out);
// COMMIT: from a live write, or from outbox bytes after a crash. Idempotent by txn when there is
// one. Retries lost races (rebases appends; recomputes merges). *version is the committed one.
NODISCARD Outcome delta_write_commit(DeltaWrite *write, int64_t *version);
// A lost race needs the condition of an overwrite again: the one it was staged with, or NULL.
NODISCARD Outcome delta_outbox_commit(
    Sys *sys, const char *outbox, size_t length, const DeltaCondition *condition, int64_t *version);
void delta_write_abort(DeltaWrite *write); // unlinks what was staged, best effort
void delta_write_free(DeltaWrite *write);
// Unlinks data files that an earlier run of the same checkpoint has staged for the epoch that this
// writer begins, and has not decided about. Best effort.
void delta_staged_remove(Sys *sys, const char *path, const char *writer_id);

// --- history ------------------------------------------------------------------------------------
typedef struct DeltaHistory {
    int64_t version;
    int64_t timestamp_ms;
    const char *operation;
    const char *parameters_json;
    const char *metrics_json;
    const char *engine;
} DeltaHistory;
NODISCARD Outcome delta_history(Sys *sys,
                                Arena *arena,
                                const char *path,
                                DeltaHistory **entries,
                                uint32_t *count); // newest first

#endif
