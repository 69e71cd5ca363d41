// Inside of source: a Source is a list of files and the place where the next piece is cut.
#ifndef FLOW_SOURCE_INTERNAL_H
#define FLOW_SOURCE_INTERNAL_H

#include "source/glob.h"
#include "source/source.h"
#include "source/stream.h"

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
} SourceCut;

struct Source {
    Sys *sys;
    const FlowSource *desc;
    SourceOptions options;
    Arena memory;
    GlobFiles files;
    FlowFormat *formats; // by file
    SourceCut cut;
    int64_t bytes_read; // of the files that are cut
    int64_t bytes_total;
    SourcePiece piece; // of source_next
    SourceReader *reader;
};

void source_piece_reserve(SourcePiece *piece, size_t capacity);

#endif
