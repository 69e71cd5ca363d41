// What the log proves about all rows of a file: that none of them is wanted, so that it need not be
// read.
//
// Internal to store. Statistics are bounds, never data: what is missing, or cannot be read, proves
// nothing.
#ifndef FLOW_STORE_DELTA_SKIP_H
#define FLOW_STORE_DELTA_SKIP_H

#include "store/delta/table.h"

// Whether the file may be left out; then *rows is how many it has.
bool delta_file_is_left_out(const DeltaFileFilter *filter,
                            const DeltaNames *partition, // names of the partition columns
                            const DeltaFile *file,
                            int64_t *rows);

#endif
