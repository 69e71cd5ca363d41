// A cell of the time line is as long as two times of the set have to be apart: what is near to a
// time lies in its cell or in one of the two beside it, and of these only the first and the last
// time matter.
#include "state/time_set.h"

enum { BUCKETS_MIN = 16 };

static uint64_t cell_of(const TimeSet *set, int64_t time_us) {
    return ((uint64_t)time_us ^ UINT64_C(1) << 63) / ((uint64_t)set->within_us + 1);
}

static TimeSetBucket *bucket_of(const TimeSet *set, uint64_t cell) {
    uint64_t at = cell * UINT64_C(0x9E3779B97F4A7C15) >> 32 & (set->capacity - 1);
    while (set->buckets[at].generation == set->generation && set->buckets[at].cell != cell) {
        at = (at + 1) & (set->capacity - 1);
    }
    return &set->buckets[at];
}

// Of a cell before the time's own the last is the nearest, of one behind it the first.
static bool is_near(const TimeSet *set, uint64_t cell, int64_t time_us) {
    const TimeSetBucket *bucket = bucket_of(set, cell);
    if (bucket->generation != set->generation) {
        return false;
    }
    uint64_t distance = 0;
    if (bucket->first_us > time_us) {
        distance = (uint64_t)bucket->first_us - (uint64_t)time_us;
    } else if (bucket->last_us < time_us) {
        distance = (uint64_t)time_us - (uint64_t)bucket->last_us;
    }
    return distance <= (uint64_t)set->within_us;
}

static void set_grow(TimeSet *set) {
    TimeSet old = *set;
    set->capacity = old.capacity == 0 ? BUCKETS_MIN : old.capacity * 2;
    set->buckets = memory_alloc(set->capacity * sizeof(TimeSetBucket));
    memset(set->buckets, 0, set->capacity * sizeof(TimeSetBucket));
    for (uint64_t i = 0; i < old.capacity; i++) {
        if (old.buckets[i].generation == old.generation) {
            *bucket_of(set, old.buckets[i].cell) = old.buckets[i];
        }
    }
    memory_free(old.buckets);
}

void time_set_clear(TimeSet *set) {
    set->generation++;
    set->count = 0;
}

static void bucket_add(TimeSet *set, uint64_t cell, int64_t time_us) {
    TimeSetBucket *bucket = bucket_of(set, cell);
    if (bucket->generation != set->generation) {
        *bucket = (TimeSetBucket){cell, time_us, time_us, set->generation};
        set->count++;
    }
    bucket->first_us = time_us < bucket->first_us ? time_us : bucket->first_us;
    bucket->last_us = time_us > bucket->last_us ? time_us : bucket->last_us;
}

static void room_make(TimeSet *set) {
    if (set->count * 2 >= set->capacity) {
        set_grow(set);
    }
}

void time_set_take(TimeSet *set, int64_t time_us) {
    if (set->within_us < 0) {
        set->count++;
        return;
    }
    room_make(set);
    bucket_add(set, cell_of(set, time_us), time_us);
}

bool time_set_add(TimeSet *set, int64_t time_us) {
    if (set->within_us < 0) {
        return set->count++ == 0;
    }
    room_make(set);
    uint64_t cell = cell_of(set, time_us);
    bool is_taken = is_near(set, cell, time_us) || (cell > 0 && is_near(set, cell - 1, time_us)) ||
                    (cell < UINT64_MAX && is_near(set, cell + 1, time_us));
    if (!is_taken) {
        bucket_add(set, cell, time_us);
    }
    return !is_taken;
}

void time_set_free(TimeSet *set) {
    memory_free(set->buckets);
    *set = (TimeSet){0};
}
