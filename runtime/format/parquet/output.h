// output: a Parquet file that is being written: schema, columns, row groups, indexes, footer.
//
// Private to parquet; flat tables and trees are written through it. It owns its columns and all
// that the footer will say, until parquet_output_free.
#ifndef FLOW_PARQUET_OUTPUT_H
#define FLOW_PARQUET_OUTPUT_H

#include "format/parquet/column.h"

#define PARQUET_GROUP_ROWS_MAX (1024 * 1024)
#define PARQUET_GROUP_BYTES_MAX (256 * 1024 * 1024) // of encoded pages that wait in memory

typedef struct ParquetGroup {
    int64_t rows;
    ParquetChunk *chunks; // one for each column
} ParquetGroup;

typedef struct ParquetOutput {
    ParquetWriteFn write;
    void *user;
    int64_t offset; // bytes written
    Arena arena;
    Tasks *tasks;
    ParquetScratch scratch;    // of who calls
    ParquetScratch *scratches; // of each worker, once they are needed
    uint32_t scratch_count;
    ParquetElement *elements; // the schema in preorder, the root first
    uint32_t element_count;
    ParquetColumn *columns;
    uint32_t column_count;
    VEC(ParquetGroup) groups;
    int64_t group_rows;
    int64_t group_rows_max;
    int64_t rows; // of all groups
    Buffer buffer;
} ParquetOutput;

// Room for the elements below the root and for the columns, which the caller fills in.
void parquet_output_init(ParquetOutput *output,
                         const ParquetWriterOptions *options,
                         ParquetWriteFn write,
                         void *user);
void parquet_output_schema(ParquetOutput *output,
                           uint32_t element_count,
                           uint32_t column_count,
                           uint32_t root_children);
// Ends the pages that are full, side by side.
void parquet_output_pages_end(ParquetOutput *output);
NODISCARD Outcome parquet_output_rows_added(ParquetOutput *output,
                                            int64_t rows); // ends the group if it is full
NODISCARD Outcome parquet_output_finish(ParquetOutput *output);
int64_t parquet_output_bytes(const ParquetOutput *output);
void parquet_output_free(ParquetOutput *output);

// The bytes between the last row group and the length of the footer.
void parquet_footer_write(ParquetOutput *output, Buffer *out);
// Indexes of a chunk; no column index (false) if a page with values has no bounds.
bool parquet_column_index_write(const ParquetChunk *chunk, Buffer *out);
void parquet_offset_index_write(const ParquetChunk *chunk, Buffer *out);

#endif
