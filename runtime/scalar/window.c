// Windows that are no plain arithmetic: several for one instant, and those that follow a calendar.
//
// In a zone, days and longer begin at local midnight. All arithmetic is on local time less the
// offset; only the results go back to instants, where a skipped local time moves forward by the gap
// and of a repeated one the first counts (LANGUAGE 11 "Time").
#include "scalar/scalar.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)

typedef struct Grid {
    Zone zone;
    bool has_zone;
    int64_t offset_us;
} Grid;

// A text that names no zone is checked by the compiler; an empty one is UTC.
static Grid grid_of(const FlowView *zone, int64_t offset_us) {
    Grid grid = {.offset_us = offset_us, .has_zone = zone->length > 0};
    if (grid.has_zone) {
        grid.has_zone = zone_find(flow_view_data(zone), zone->length, &grid.zone);
        ASSERT(grid.has_zone);
    }
    return grid;
}

static bool to_grid(const Grid *grid, int64_t us, int64_t *local_us) {
    if (grid->has_zone && !zone_to_local(&grid->zone, us, &us)) {
        return false;
    }
    return !__builtin_sub_overflow(us, grid->offset_us, local_us);
}

static bool from_grid(const Grid *grid, i128 local_us, int64_t *us) {
    local_us += grid->offset_us;
    if (local_us > INT64_MAX || local_us < INT64_MIN) {
        return false;
    }
    *us = (int64_t)local_us;
    return !grid->has_zone || zone_from_local(&grid->zone, *us, us);
}

static int64_t floor_div(int64_t value, int64_t by) {
    int64_t quotient = value / by;
    return quotient - (value % by < 0);
}

// The month's first day as µs of local time; months count from January of the year 0.
static i128 month_start(int64_t months) {
    int64_t year = floor_div(months, 12);
    return (i128)days_from_civil(year, (uint32_t)(months - year * 12) + 1, 1) * DAY_US;
}

// The window of `months` months, or `length_us`, that holds the local time; `shift` windows later.
static i128 window_at(int64_t local_us, int64_t length_us, int64_t months, int64_t shift) {
    if (months == 0) {
        return ((i128)floor_div(local_us, length_us) + shift) * length_us;
    }
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    civil_from_days(floor_div(local_us, DAY_US), &year, &month, &day);
    int64_t index = floor_div(year * 12 + (int64_t)month - 1, months);
    return month_start((index + shift) * months);
}

static int32_t window_shifted(const FlowValue *args, int64_t shift, FlowValue *result) {
    Grid grid = grid_of(&args[4].view, args[3].i64);
    int64_t local_us = 0;
    int64_t us = 0;
    if (!to_grid(&grid, args[0].i64, &local_us) ||
        !from_grid(&grid, window_at(local_us, args[1].i64, args[2].i64, shift), &us)) {
        return FLOW_VALUE_ERROR;
    }
    *result = (FlowValue){.i64 = us};
    return FLOW_VALUE_OK;
}

// (timestamp, length µs, months, offset µs, zone) → the start of its window
int32_t flow_rt_k_window_calendar(FlowContext *ctx,
                                  const FlowValue *args,
                                  FlowValue *result,
                                  const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    return window_shifted(args, 0, result);
}

// (a window's start, length µs, months, offset µs, zone, count) → the start `count` windows further
int32_t flow_rt_k_window_end(FlowContext *ctx,
                             const FlowValue *args,
                             FlowValue *result,
                             const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    return window_shifted(args, args[5].i64, result);
}

// (timestamp, zone) → the local date
int32_t flow_rt_k_window_date(FlowContext *ctx,
                              const FlowValue *args,
                              FlowValue *result,
                              const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    Grid grid = grid_of(&args[1].view, 0);
    int64_t local_us = 0;
    if (!to_grid(&grid, args[0].i64, &local_us)) {
        return FLOW_VALUE_ERROR;
    }
    *result = (FlowValue){.i64 = floor_div(local_us, DAY_US)};
    return FLOW_VALUE_OK;
}

// (timestamp, length µs, step µs, offset µs, zone) → the starts of all windows that hold it, the
// earliest first
int32_t flow_rt_k_window_starts(FlowContext *ctx,
                                const FlowValue *args,
                                FlowValue *result,
                                const FlowKernelInfo *info) {
    (void)info;
    Grid grid = grid_of(&args[4].view, args[3].i64);
    int64_t local_us = 0;
    if (!to_grid(&grid, args[0].i64, &local_us)) {
        return FLOW_VALUE_ERROR;
    }
    int64_t step_us = args[2].i64;
    i128 last = (i128)floor_div(local_us, step_us) * step_us;
    i128 beyond = (i128)local_us - args[1].i64; // windows that start here or before have ended
    int64_t count = last <= beyond ? 0 : (int64_t)((last - beyond - 1) / step_us) + 1;
    const ScalarRuntime *runtime = ctx->runtime;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    result->nested = nested_new(runtime->arena, count, count, &items, &validity);
    for (int64_t i = 0; i < count; i++) {
        if (!from_grid(&grid, last - (i128)(count - 1 - i) * step_us, &items[i].i64)) {
            return FLOW_VALUE_ERROR;
        }
    }
    return FLOW_VALUE_OK;
}

// The cumulative windows of one start.
typedef struct Ends {
    int64_t start_us;
    int64_t last_us; // the end of the longest
    i128 start_local_us;
    i128 last_local_us;
    int64_t step_us;
    bool has_days; // steps of whole days follow the calendar, shorter ones the time that goes by
} Ends;

static bool ends_of(const Grid *grid, const FlowValue *args, Ends *ends) {
    int64_t local_us = 0;
    if (!to_grid(grid, args[0].i64, &local_us)) {
        return false;
    }
    ends->start_local_us = window_at(local_us, args[1].i64, args[2].i64, 0);
    ends->last_local_us = window_at(local_us, args[1].i64, args[2].i64, 1);
    ends->step_us = args[5].i64;
    ends->has_days = ends->step_us % DAY_US == 0;
    return from_grid(grid, ends->start_local_us, &ends->start_us) &&
           from_grid(grid, ends->last_local_us, &ends->last_us);
}

// No end is behind the last one, so the last step may be a short one.
static bool end_at(const Grid *grid, const Ends *ends, int64_t number, int64_t *us) {
    i128 after_us = (i128)number * ends->step_us;
    i128 local_us = ends->start_local_us + after_us;
    *us = ends->last_us;
    if (ends->has_days) {
        return local_us >= ends->last_local_us || from_grid(grid, local_us, us);
    }
    if (ends->start_us + after_us < ends->last_us) {
        *us = (int64_t)(ends->start_us + after_us);
    }
    return true;
}

// The first of `all` ends behind the instant. Where a zone repeats the midnight, its last instants
// lie behind the day's end: they are in the longest window alone.
static int64_t end_first(const Grid *grid, const Ends *ends, int64_t us, int64_t all) {
    int64_t local_us = 0;
    (void)to_grid(grid, us, &local_us); // as for the start
    i128 gone_us = ends->has_days ? local_us - ends->start_local_us : (i128)us - ends->start_us;
    i128 first = gone_us / ends->step_us + 1;
    return first > all ? all : (int64_t)first;
}

// (timestamp, length µs, months, offset µs, zone, step µs) → the ends of all windows that hold it,
// the earliest first
int32_t flow_rt_k_window_ends(FlowContext *ctx,
                              const FlowValue *args,
                              FlowValue *result,
                              const FlowKernelInfo *info) {
    (void)info;
    Grid grid = grid_of(&args[4].view, args[3].i64);
    Ends ends = {0};
    if (!ends_of(&grid, args, &ends)) {
        return FLOW_VALUE_ERROR;
    }
    i128 whole_us = ends.has_days ? ends.last_local_us - ends.start_local_us
                                  : (i128)ends.last_us - ends.start_us;
    int64_t all = (int64_t)((whole_us + ends.step_us - 1) / ends.step_us);
    int64_t first = end_first(&grid, &ends, args[0].i64, all);
    const ScalarRuntime *runtime = ctx->runtime;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    int64_t count = all - first + 1;
    result->nested = nested_new(runtime->arena, count, count, &items, &validity);
    for (int64_t i = 0; i < count; i++) {
        if (!end_at(&grid, &ends, first + i, &items[i].i64)) {
            return FLOW_VALUE_ERROR;
        }
    }
    return FLOW_VALUE_OK;
}
