// Numbers of a run, from nothing on.
#include "watch/watch.h"

void watch_numbers_init(Arena *arena, WatchNumbers *numbers) {
    numbers->sources = arena_array(arena, WatchSource, numbers->source_count);
    numbers->flows = arena_array(arena, WatchFlow, numbers->flow_count);
    numbers->tables = arena_array(arena, WatchTable, numbers->table_count);
    numbers->committed_us = WATCH_UNKNOWN;
    for (uint32_t i = 0; i < numbers->source_count; i++) {
        numbers->sources[i].watermark_us = WATCH_UNKNOWN;
        numbers->sources[i].newest_us = WATCH_UNKNOWN;
        numbers->sources[i].ingestion_lag_us = WATCH_UNKNOWN;
    }
    for (uint32_t i = 0; i < numbers->table_count; i++) {
        numbers->tables[i].committed_us = WATCH_UNKNOWN;
    }
}

void watch_times_add(WatchTimes *times, int64_t us) {
    static const int64_t bounds_us[] = {
#define BOUND(us, text) us,
#include "watch/bound.def"
#undef BOUND
    };
    uint32_t bound = 0;
    while (bound < WATCH_BOUND_COUNT && us > bounds_us[bound]) {
        bound++;
    }
    if (bound < WATCH_BOUND_COUNT) {
        times->within[bound]++;
    }
    times->count++;
    times->sum_us += us;
}
