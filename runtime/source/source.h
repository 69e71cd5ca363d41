// source: where records come from. A source lists its files once (the end is fixed at the start),
// then gives batches in canonical order: file name, then position.
//
// Includes abi, base, sys, scalar, record, format, store, dlq, generate. A source is cut into
// pieces, which are numbered by the order in which they are cut; a piece owns its text, and strings
// of a batch point into it. Each thread decodes pieces with a reader of its own; the same pieces
// are cut for any number of threads. Compression (gzip, zstd; concatenated members too) is
// recognised by content, not by suffix; where compressed data breaks off, the records before it are
// taken and the rest of the file is one malformed record.
#ifndef FLOW_SOURCE_H
#define FLOW_SOURCE_H

#include "format/format.h"
#include "sys/sys.h"

typedef struct Source Source;

typedef struct SourceEntry {
    const char *path; // below the root
    int64_t size_bytes;
    int64_t modified_ms;
} SourceEntry;
typedef VEC(SourceEntry) SourceEntries;

// All files that a glob names, sorted by the bytes of their paths, and the directories in which
// more of them may appear (some of them perhaps twice).
typedef struct SourceListing {
    SourceEntries files;
    VEC(const char *) directories;
} SourceListing;

NODISCARD Outcome source_list(Sys *sys, Arena *arena, const char *glob, SourceListing *listing);

typedef struct SourceHeader {
    const char *bytes; // the source's; NULL: none is known
    size_t length;
} SourceHeader;

// Rejected records that are sent again, in place of files. What they point to stays.
typedef struct SourceAgain {
    int64_t position;
    const char *bytes; // with FORMAT_SLACK_BYTES behind them
    size_t length;
    const char *flows; // what FLOW_META_REPLAY says
} SourceAgain;
typedef struct SourceAgainFile {
    const char *path; // the partition
    SourceHeader header;
    const SourceAgain *records; // by position
    uint32_t count;
} SourceAgainFile;
typedef struct SourceAgainFiles {
    const SourceAgainFile *items; // by path
    uint32_t count;
} SourceAgainFiles;
// Whether records of the file cannot be read without its header, and then the header: the file is
// looked up, and it may be gone (no bytes).
NODISCARD Outcome source_again_header(Sys *sys,
                                      Arena *arena,
                                      const FlowSource *desc,
                                      const char *path,
                                      bool *needs,
                                      SourceHeader *header);

typedef struct SourceOptions {
    const char *glob;           // resolved setting, relative to the Sys's root
    const SourceEntries *files; // those that are to be read, sorted; NULL: all that the glob names
    const SourceAgainFiles *again; // NULL: files are read
    int64_t now_us;
    FormatRejectFn reject;
    void *user;
} SourceOptions;

// Lists the files. A glob without a wildcard that matches nothing is OUTCOME_REFUSED.
NODISCARD Outcome source_open(Sys *sys,
                              const FlowSource *desc,
                              const SourceOptions *options,
                              Source **source);

// --- pieces --------------------------------------------------------------------------------------
// Zero-initialised ones are ready; one is used for one piece after the other, then freed.
typedef struct SourcePiece {
    char *bytes; // with FORMAT_SLACK_BYTES behind them
    size_t length;
    size_t capacity;
    int64_t position; // of bytes[0] in the file's text
    uint32_t file;
    FlowFormat format;
    SourceHeader header; // of the file, for pieces behind the first
    bool is_first;       // of its file
    bool is_last;
    bool is_broken;   // the text ends here because it cannot be decompressed any further
    bool is_too_long; // this is the begin of a record that is too long
    bool is_whole;    // a file that cannot be cut: its reader reads it
    uint32_t part;    // of a file that has parts itself (row groups): which one its reader reads
} SourcePiece;

// The next piece; one thread at a time, any thread. *has_piece is false at the end.
NODISCARD Outcome source_cut(Source *source, SourcePiece *piece, bool *has_piece);
// No file is begun any more, unless none was so far: who cuts calls it.
void source_stop(Source *source);
uint32_t source_files_begun(const Source *source); // how many, from the first on
// Whether batches of the piece point into its own bytes alone, so that they stay as long as it
// does.
bool source_piece_is_text(const SourcePiece *piece);
void source_piece_free(SourcePiece *piece);

typedef struct SourceReader SourceReader;
SourceReader *source_reader_new(const Source *source, Sys *sys, FormatRejectFn reject, void *user);
void source_reader_free(SourceReader *reader);
// The piece stays until the last of its batches has left.
NODISCARD Outcome source_reader_begin(SourceReader *reader, const SourcePiece *piece);
// The next batch of the piece, all rows selected; `batch` was made for the pipeline that reads the
// source: its first columns are the source's. row_count 0: the piece's end.
NODISCARD Outcome source_reader_next(SourceReader *reader, Batch *batch);
// The record of a row of this batch as JSON, where the batch has no raws because the file is no
// text; false: it has.
bool source_reader_raw(const SourceReader *reader,
                       const FlowBatch *batch,
                       int32_t row,
                       Buffer *out);
// Of a `generate` source: this record breaks the contract and is to be drawn again, in a later
// batch of the piece. False: it is another source's, whose records are what they are.
bool source_reader_again(SourceReader *reader,
                         int64_t position,
                         const char *why,
                         const char *where);
int64_t source_reader_records(const SourceReader *reader);  // of all its pieces so far
int64_t source_reader_filtered(const SourceReader *reader); // rows that FlowSource.tests left out
int64_t source_reader_unknown(const SourceReader *reader); // fields that were passed over, of texts

// --- for who reads alone: piece after piece, batch after batch -----------------------------------
// The next batch, at most FLOW_BATCH_ROWS_MAX rows of one file, all selected; `batch` was made for
// the pipeline that reads the source: its first columns are the source's. row_count 0: the end.
NODISCARD Outcome source_next(Source *source, Batch *batch);
// As source_reader_raw, of the last batch.
bool source_raw(const Source *source, const FlowBatch *batch, int32_t row, Buffer *out);
uint32_t source_file_count(const Source *source);
const char *source_file_path(const Source *source, uint32_t file); // below the root
int64_t source_bytes_read(const Source *source);                   // compressed bytes
// Rows of files that were not read, because the log proves that FlowSource.tests leaves them out;
// they stand in no reader's counts.
int64_t source_left_out(const Source *source);
int64_t source_bytes_total(const Source *source);
int64_t source_records(const Source *source);  // ledger: in of the source
int64_t source_filtered(const Source *source); // rows that FlowSource.tests left out
// What a file's name says; BY_SUFFIX: nothing.
FlowFormat source_format_by_suffix(const char *path);
void source_close(Source *source);

#endif
