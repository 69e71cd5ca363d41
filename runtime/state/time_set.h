// The event times of rows of a key that were passed on: no two of them as near as `within_us`, but
// for those that had to be taken.
#ifndef FLOW_STATE_TIME_SET_H
#define FLOW_STATE_TIME_SET_H

#include "base/base.h"

typedef struct TimeSetBucket {
    uint64_t cell;
    int64_t
        first_us; // times that have to be taken may be nearer: the first and the last of the cell
    int64_t last_us;
    uint64_t generation; // that of the set: taken
} TimeSetBucket;

typedef struct TimeSet {
    int64_t within_us;
    TimeSetBucket *buckets;
    uint64_t capacity; // a power of two
    uint64_t count;
    uint64_t generation;
} TimeSet;

void time_set_clear(TimeSet *set);
// Adds the time if none of the set is at most within_us from it; negative: if there is none at all.
bool time_set_add(TimeSet *set, int64_t time_us);
void time_set_take(TimeSet *set, int64_t time_us); // adds it whatever is near
void time_set_free(TimeSet *set);

#endif
