// skip: what the statistics of a row group prove about all its rows.
//
// Private to parquet. Statistics that look wrong prove nothing.
#ifndef FLOW_PARQUET_SKIP_H
#define FLOW_PARQUET_SKIP_H

#include "format/parquet/reader.h"

// False: nothing is known, or not all values fit the type. Integers, and what is stored as such.
bool parquet_chunk_range(const ReaderColumn *column,
                         const ParquetGroupMeta *group,
                         FormatRange *range);
// Whether no row of the group can be wanted: all guards surely hold, and one of the tests surely
// not.
bool parquet_group_is_left_out(const ParquetReader *reader,
                               const FormatTests *tests,
                               const ParquetGroupMeta *group);

#endif
