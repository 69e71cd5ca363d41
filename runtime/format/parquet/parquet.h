// parquet: Apache Parquet files, written and read.
//
// Part of format; includes record and scalar. Two shapes: tables of Flow columns, and trees of
// groups, lists and maps (the checkpoint of a Delta log), a row at a time. The writer appends to a
// sink function, the reader reads through a pread-like function; neither knows files. Whoever made
// a writer or reader frees it. Descriptions (columns, nodes, the Failure) are borrowed and must
// outlive it. Sources: parquet.thrift, the Parquet encodings page; ../../../docs/decisions.
#ifndef FLOW_PARQUET_H
#define FLOW_PARQUET_H

#include "base/task.h"
#include "format/format.h"

// --- tables ------------------------------------------------------------------------------------
typedef Outcome (*ParquetWriteFn)(void *user, const void *bytes, size_t length);
typedef struct ParquetWriter ParquetWriter;

// What Delta wants to know of a file: of each column, as FlowValues of the column's type.
typedef struct ParquetColumnStats {
    int64_t null_count;
    bool has_bounds;    // false: all null, or a NaN or infinity occurred, or bool/bytes/nested
    FlowValue min, max; // strings: whole values, owned by the writer until it is freed
} ParquetColumnStats;

typedef struct ParquetWriterOptions {
    int64_t row_group_rows_max; // 0: 1 048 576
    int zstd_level;             // 0: level 1
    Tasks *tasks;               // encode columns side by side; NULL: one after the other
} ParquetWriterOptions;

// Columns are written OPTIONAL whatever their type says (store.md D11).
ParquetWriter *parquet_writer_new(const FlowColumnDesc *columns,
                                  uint32_t column_count,
                                  const ParquetWriterOptions *options,
                                  ParquetWriteFn write,
                                  void *user);
// Appends the selected rows; `slots[i]` is the batch column that holds column i.
NODISCARD Outcome parquet_writer_append(ParquetWriter *writer,
                                        const FlowBatch *batch,
                                        const int32_t *slots);
NODISCARD Outcome parquet_writer_finish(ParquetWriter *writer); // footer
int64_t parquet_writer_rows(const ParquetWriter *writer);
int64_t parquet_writer_bytes(const ParquetWriter *writer); // written so far
const ParquetColumnStats *parquet_writer_stats(const ParquetWriter *writer, uint32_t column);
void parquet_writer_free(ParquetWriter *writer);

typedef struct ParquetReader ParquetReader;

// Reads the columns by name (those the file lacks are null), converting to the wanted types: any
// physical form that store.md 4.3 allows for them. A file that is corrupt or uses what is not
// supported gives OUTCOME_REFUSED with a sentence in `failure`.
NODISCARD Outcome parquet_reader_open(FormatReadFn read,
                                      void *user,
                                      int64_t file_bytes,
                                      const FlowColumnDesc *columns,
                                      uint32_t column_count,
                                      Failure *failure,
                                      ParquetReader **reader);
int64_t parquet_reader_rows(const ParquetReader *reader);
// Fills `batch` columns slots[i] with up to FLOW_BATCH_ROWS_MAX rows; row_count 0 at the end. Bytes
// of strings live in the batch's arena or in the reader until the next call.
NODISCARD Outcome parquet_reader_next(ParquetReader *reader, Batch *batch, const int32_t *slots);
// From now on row groups are passed over that the tests (on the reader's columns; no guards) say
// are not wanted; they stay valid. And how many rows that were, since the last call.
void parquet_reader_skip(ParquetReader *reader, const FormatTests *tests);
int64_t parquet_reader_take_skipped(ParquetReader *reader);
uint32_t parquet_reader_groups(const ParquetReader *reader);
// Reads only row groups first .. end-1, from the first one's first row on.
void parquet_reader_only(ParquetReader *reader, uint32_t first, uint32_t end);
// The number in the file of the row that comes next.
int64_t parquet_reader_row(const ParquetReader *reader);
void parquet_reader_free(ParquetReader *reader);

// --- sources -----------------------------------------------------------------------------------
// A file of a source, a row group at a time: rows that do not fit the contract are rejected one by
// one, and so is, as one malformed record, what a damaged row group has behind its last readable
// row.
typedef struct ParquetRows ParquetRows;

// A table that the file is a part of: what its columns are, and which of them the file does not
// hold, because they have one value in all its rows.
typedef struct ParquetTable {
    const FlowColumnDesc *columns;
    uint32_t column_count;
    const int32_t *fixed; // of each column: index in the values of a file; -1: the file holds it
} ParquetTable;

typedef struct ParquetFixed {
    FlowValue value; // of the table's column
    bool is_null;
} ParquetFixed;

typedef struct ParquetRowsOptions {
    FormatFile input;
    const ParquetTable
        *table; // NULL: the file stands for itself. A damaged file of a table is refused.
    const ParquetFixed *fixed;
} ParquetRowsOptions;

// OUTCOME_REFUSED, with a sentence in `failure`: the file uses what is not supported.
NODISCARD Outcome parquet_rows_open(const ParquetRowsOptions *options,
                                    Failure *failure,
                                    ParquetRows **rows);
uint32_t parquet_rows_groups(const ParquetRows *rows);
// Begins a row group; of a file without a footer, the one record that it is.
void parquet_rows_begin(ParquetRows *rows, uint32_t group);
// The next rows that fit, all selected: a batch as text_decoder_run makes them, but its raws are
// NULL. row_count 0: the group's end. Bytes of strings stay until the next call.
NODISCARD Outcome parquet_rows_next(ParquetRows *rows, Batch *batch);
int64_t parquet_rows_records(const ParquetRows *rows);  // of the group, of any outcome
int64_t parquet_rows_filtered(const ParquetRows *rows); // left out as by text_decoder_filtered
// The row at this position as a JSON object of all that the file has of it.
void parquet_rows_raw(ParquetRows *rows, int64_t position, Buffer *out);
void parquet_rows_free(ParquetRows *rows);

// --- trees -------------------------------------------------------------------------------------
// The schema of a tree file: top-level fields, each a leaf (a Flow scalar), a group of fields, a
// list (one child: the element) or a map (two children: key and value). Everything is OPTIONAL but
// the key of a map. Elements, keys and values of lists and maps that are written are leaves.
typedef enum ParquetNodeKind {
    PARQUET_LEAF,
    PARQUET_GROUP,
    PARQUET_LIST,
    PARQUET_MAP
} ParquetNodeKind;
typedef struct ParquetNode {
    const char *name; // children of LIST and MAP: `element`; `key` and `value`
    ParquetNodeKind kind;
    const FlowTypeDesc *type; // LEAF only
    const struct ParquetNode *children;
    uint32_t child_count;
} ParquetNode;

// A node's number in preorder over all fields, by its path: `add.path`, `add.partitionValues.key`,
// `metaData.partitionColumns.element`. Writer and reader take these numbers. -1: there is none.
int32_t parquet_node_find(const ParquetNode *fields, uint32_t field_count, const char *path);

typedef struct ParquetTreeWriter ParquetTreeWriter;
ParquetTreeWriter *parquet_tree_writer_new(const ParquetNode *fields,
                                           uint32_t field_count,
                                           const ParquetWriterOptions *options,
                                           ParquetWriteFn write,
                                           void *user);
// A row is made of calls in any order and ended by row_end; what was not set is null. Bytes are
// copied.
void parquet_tree_set(ParquetTreeWriter *writer,
                      int32_t leaf,
                      const FlowValue *value); // its groups exist, too
void parquet_tree_present(ParquetTreeWriter *writer,
                          int32_t node); // a group, list or map exists, though empty
// Begins the next item of a list or map; parquet_tree_set of its leaves then means this item.
void parquet_tree_item(ParquetTreeWriter *writer, int32_t node);
NODISCARD Outcome parquet_tree_row_end(ParquetTreeWriter *writer);
NODISCARD Outcome parquet_tree_writer_finish(ParquetTreeWriter *writer);
int64_t parquet_tree_writer_bytes(const ParquetTreeWriter *writer); // written so far
void parquet_tree_writer_free(ParquetTreeWriter *writer);

typedef struct ParquetTreeReader ParquetTreeReader;
// Fields are matched by name at every level (items of lists and maps by position); what the file
// lacks is null, what it has besides is skipped. Failures as with parquet_reader_open.
NODISCARD Outcome parquet_tree_reader_open(FormatReadFn read,
                                           void *user,
                                           int64_t file_bytes,
                                           const ParquetNode *fields,
                                           uint32_t field_count,
                                           Failure *failure,
                                           ParquetTreeReader **reader);
int64_t parquet_tree_reader_rows(const ParquetTreeReader *reader);
NODISCARD Outcome parquet_tree_reader_next(ParquetTreeReader *reader, bool *has_row);
// Of the current row: is this group, list or map there (not null)? For a leaf outside lists: has it
// a value?
bool parquet_tree_is_present(const ParquetTreeReader *reader, int32_t node);
int32_t parquet_tree_item_count(const ParquetTreeReader *reader,
                                int32_t node); // of a list or map; 0 if null
// The value of a leaf (outside lists: item 0); false: null. Bytes live until the next row.
bool parquet_tree_get(const ParquetTreeReader *reader,
                      int32_t leaf,
                      int32_t item,
                      FlowValue *value);
void parquet_tree_reader_free(ParquetTreeReader *reader);

#endif
