// natural: the columns of a file as the file itself describes them, for showing a row that is none.
//
// Private to parquet.
#ifndef FLOW_PARQUET_NATURAL_H
#define FLOW_PARQUET_NATURAL_H

#include "format/parquet/file.h"

// One column for each field at the top that Flow has a type for. Everything lies in the arena.
// Texts at the top are of type bytes, since they may not be what they claim.
typedef struct ParquetNatural {
    FlowColumnDesc *columns;
    bool *are_texts;
    uint32_t count;
} ParquetNatural;

ParquetNatural parquet_natural_of(Arena *arena, const ParquetFile *file);

#endif
