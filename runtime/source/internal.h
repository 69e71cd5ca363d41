// Inside of source: a Source is a list of files and the place where the next piece is cut.
#ifndef FLOW_SOURCE_INTERNAL_H
#define FLOW_SOURCE_INTERNAL_H

#include "source/glob.h"
#include "source/source.h"
#include "source/stream.h"
#include "source/table_file.h"
#include "store/store.h"

typedef struct SourceCut {
    uint32_t file_next;
    uint32_t file;    // that is being cut
    Stream *stream;   // of it, or NULL
    int64_t position; // in its text: of the next piece
    Buffer carry;     // the next piece begins with it
    SourceHeader header;
    uint32_t part; // of a table: the next one
    uint32_t part_count;
    bool is_first;
    bool is_end;      // nothing comes behind the carry
    bool is_skipping; // the line of a record that was too long
    bool is_stopped;  // no further file is begun
} SourceCut;

// Of a source that reads changes: an added file, which is read as all are, or what else a commit
// did, whose rows are put together.
typedef struct ChangeEntry {
    const DeltaChangeFile *first;
    uint32_t count;
    FormatChange change; // of an added file
} ChangeEntry;

// Of a source that is a Delta table: its newest version when the source was opened.
typedef struct Snapshot {
    DeltaTable *table; // NULL: it is none
    ParquetTable columns;
    uint32_t fixed_count;
    const ParquetFixed **fixed; // of each file
    ChangeEntry *entries;       // of each file of a source that reads changes; else NULL
    bool has_filter;            // some file might be left out
    DeltaFileFilter filter;
    int64_t left_out; // rows of files that are
} Snapshot;

struct Source {
    Sys *sys;
    const FlowSource *desc;
    SourceOptions options;
    Arena memory;
    SourceEntries files;
    FlowFormat *formats; // by file
    Snapshot snapshot;
    SourceCut cut;
    int64_t bytes_read; // of the files that are cut
    int64_t bytes_total;
    SourcePiece piece; // of source_next
    SourceReader *reader;
};

// snapshot.c
NODISCARD Outcome snapshot_open(Source *source);
void snapshot_skip(Source *source);             // files that come next and that nobody wants
NODISCARD Outcome changes_take(Source *source); // changes.c: instead of the files of the snapshot
// Looks whether the file is there, and how large it is.
NODISCARD Outcome snapshot_file_find(Source *source, uint32_t file);
TableFileOptions
source_table_file(const Source *source, Sys *sys, const SourceOptions *options, uint32_t file);

// again.c: records that are sent again
typedef struct AgainReader {
    const SourceAgainFile *file; // NULL: there is nothing left
    int32_t index;               // of the file
    uint32_t record;             // the next one …
    size_t at;                   // … from here on
    int64_t records;             // of all files so far
    int64_t filtered;
    int64_t unknown;
} AgainReader;
void again_open(Source *source);
void again_begin(AgainReader *reader, const SourceAgainFiles *files, uint32_t index);
void again_next(AgainReader *reader, TextDecoder *decoder, int64_t now_us, Batch *batch);

void source_piece_reserve(SourcePiece *piece, size_t capacity);

#endif
