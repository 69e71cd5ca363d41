// look: what the actions of `flowc table` share. Inside of driver only.
#ifndef FLOW_DRIVER_LOOK_H
#define FLOW_DRIVER_LOOK_H

#include "driver/driver_internal.h"
#include "record/record.h"
#include "store/store.h"

typedef struct Look { // one table that is looked at
    const Options *options;
    const char *path;
    DeltaTable *table;
    bool is_json;
    Arena arena;
    Buffer out;
} Look;

int look_open(Look *look);                        // at the version that the options say
int look_limit(const Look *look, int64_t *limit); // --limit, if it is given
int look_read(Look *look);                        // `flowc table read`

#endif
