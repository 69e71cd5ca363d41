// raw: rows of a file as JSON, as the file has them, for the DLQ.
//
// Private to parquet. It reads the file once more, forward, as far as rows are asked for.
#ifndef FLOW_PARQUET_RAW_H
#define FLOW_PARQUET_RAW_H

#include "format/parquet/natural.h"
#include "format/parquet/reader.h"

typedef struct ParquetRaw ParquetRaw;

// Of the same file; `is_rest`: only the columns that the reader does not look for.
ParquetRaw *parquet_raw_new(const ParquetReader *reader, bool is_rest);
uint32_t parquet_raw_columns(const ParquetRaw *raw);
// The row of this number as a JSON object; `{}` if it cannot be read.
void parquet_raw_row(ParquetRaw *raw, int64_t row, Buffer *out);
void parquet_raw_free(ParquetRaw *raw);

#endif
