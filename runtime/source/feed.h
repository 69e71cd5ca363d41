// What one commit changed and took away, as the records of a changelog. Inside of source only.
//
// Images of a row before and after an update stand anywhere in the files of a change data feed, so
// all of a commit are in memory, as bytes, until the last of its records has left.
#ifndef FLOW_SOURCE_FEED_H
#define FLOW_SOURCE_FEED_H

#include "source/internal.h"

typedef struct Feed Feed;

Feed *feed_new(const Source *source, Sys *sys, const SourceOptions *options);
void feed_free(Feed *feed);                              // NULL is fine
NODISCARD Outcome feed_begin(Feed *feed, uint32_t file); // of the source's
void feed_next(Feed *feed, Batch *batch);                // row_count 0: the end
int64_t feed_records(const Feed *feed);
void feed_raw(Feed *feed, int64_t position, Buffer *out); // the row as JSON

#endif
