// Where a row stands in the canonical order of all rows that lack a better one (LANGUAGE 11
// "Order"): source, partition, position, and which of the rows that one record became.
#ifndef FLOW_STATE_ORIGIN_H
#define FLOW_STATE_ORIGIN_H

#include "state/options.h"

typedef struct RowOrigin {
    int32_t source;
    int32_t file; // of a table: which of its files
    int64_t position;
    int32_t ordinal;
    int32_t pipeline; // outermost: tells rows of one place apart
} RowOrigin;

enum { ORIGIN_BYTES = 24, TIME_BYTES = 8, KEY_TAG = 1 };

RowOrigin row_origin(const StateRows *rows, int32_t row);
// Bytes that order as origins do.
void origin_append(Buffer *key, const RowOrigin *origin);
RowOrigin origin_read(const char *bytes);
void time_append(Buffer *key, int64_t time_us);
int64_t time_read(const char *bytes);

#endif
