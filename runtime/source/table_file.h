// Files that are tables themselves (Parquet, Avro), read in place rather than as a stream of bytes.
// Inside of source only.
#ifndef FLOW_SOURCE_TABLE_FILE_H
#define FLOW_SOURCE_TABLE_FILE_H

#include "format/avro/avro.h"
#include "format/parquet/parquet.h"
#include "source/source.h"

typedef struct TableFile TableFile;

bool table_file_is_format(FlowFormat format); // whether files of it are such tables

typedef struct TableFileOptions {
    Sys *sys;
    const FlowSource *source;
    const SourceOptions *options;
    FlowFormat format; // PARQUET or AVRO
    const char *path;
    int64_t size_bytes;
    int32_t index;             // in the source's order
    const ParquetTable *table; // that the file is a part of, or NULL
    const ParquetFixed *fixed;
    const FormatChange *change; // or NULL
} TableFileOptions;

NODISCARD Outcome table_file_open(const TableFileOptions *options, TableFile **file);
uint32_t table_file_parts(const TableFile *file); // at least one
int32_t table_file_index(const TableFile *file);
void table_file_begin(TableFile *file, uint32_t part);
NODISCARD Outcome table_file_next(TableFile *file, Batch *batch); // row_count 0: the part's end
int64_t table_file_records(const TableFile *file);                // of the part
int64_t table_file_filtered(const TableFile *file);
void table_file_raw(TableFile *file, int64_t position, Buffer *out); // the row as JSON
NODISCARD Outcome table_file_close(TableFile *file);                 // NULL is fine

#endif
