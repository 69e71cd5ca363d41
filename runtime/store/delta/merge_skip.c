// Canonical key bytes keep the order of values, so the first key column's bounds cut a range out of
// the sorted changes, and only those are held against the bounds of the other columns.
#include "store/delta/merge_skip.h"

#include "scalar/scalar.h"
#include "store/delta/value.h"

// NaN stands in no statistics, and an empty string in no partition.
static bool is_bounded_kind(const FlowTypeDesc *type) {
    return type->kind != FLOW_FLOAT32 && type->kind != FLOW_FLOAT64;
}

static DeltaBounds
partition_bounds(Arena *arena, const DeltaFile *file, const FlowColumnDesc *column) {
    const DeltaPair *pair = delta_file_partition(file, column->name);
    FlowValue value;
    bool has_value = pair != NULL && pair->value != NULL && pair->value_length > 0 &&
                     delta_partition_parse(arena, column->type, pair, &value);
    if (!has_value) {
        return (DeltaBounds){0};
    }
    return (DeltaBounds){.has_min = true, .has_max = true, .min = value, .max = value};
}

static DeltaBounds key_bounds(const DeltaSkip *skip,
                              Arena *arena,
                              const DeltaFile *file,
                              const DeltaJson *stats,
                              uint32_t at) {
    int32_t column = skip->keys[at];
    const FlowColumnDesc *desc = &skip->columns[column];
    if (!is_bounded_kind(desc->type)) {
        return (DeltaBounds){0};
    }
    return skip->is_routed[column] ? partition_bounds(arena, file, desc)
                                   : delta_stats_bounds(arena, stats, desc->name, desc->type);
}

static bool is_inside(const FlowTypeDesc *type, const DeltaBounds *bounds, const DeltaCell *cell) {
    if (cell->is_null) {
        return true;
    }
    return (!bounds->has_min || value_compare(type, &cell->value, type, &bounds->min) >= 0) &&
           (!bounds->has_max || value_compare(type, &cell->value, type, &bounds->max) <= 0);
}

static DeltaCell key_cell(const DeltaSkip *skip, uint32_t at, uint32_t key) {
    const DeltaChange *change = &skip->changes->items.items[skip->sorted[at]];
    return delta_changes_cell(skip->changes, change->row, (uint32_t)skip->changes->keys[key]);
}

// The first change whose first key column is not below the bound.
static uint32_t range_start(const DeltaSkip *skip, const DeltaBounds *bounds) {
    const FlowTypeDesc *type = skip->columns[skip->keys[0]].type;
    uint32_t low = 0;
    uint32_t high = bounds->has_min ? skip->changes->items.count : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        DeltaCell cell = key_cell(skip, middle, 0);
        bool is_below = cell.is_null || value_compare(type, &cell.value, type, &bounds->min) < 0;
        low = is_below ? middle + 1 : low;
        high = is_below ? high : middle;
    }
    return low;
}

static bool change_is_inside(const DeltaSkip *skip, const DeltaBounds *bounds, uint32_t at) {
    for (uint32_t i = 0; i < skip->changes->key_count; i++) {
        const FlowTypeDesc *type = skip->columns[skip->keys[i]].type;
        DeltaCell cell = key_cell(skip, at, i);
        if (!is_inside(type, &bounds[i], &cell)) {
            return false;
        }
    }
    return true;
}

static bool has_inside(const DeltaSkip *skip, const DeltaBounds *bounds) {
    const FlowTypeDesc *type = skip->columns[skip->keys[0]].type;
    for (uint32_t at = range_start(skip, &bounds[0]); at < skip->changes->items.count; at++) {
        if (change_is_inside(skip, bounds, at)) {
            return true;
        }
        DeltaCell first = key_cell(skip, at, 0);
        if (!first.is_null && !is_inside(type, &bounds[0], &first)) {
            return false; // beyond the range, and so are all that follow
        }
    }
    return false;
}

bool delta_skip_may_match(const DeltaSkip *skip, const DeltaFile *file) {
    Arena arena = {0};
    const DeltaJson *stats =
        file->stats == NULL ? NULL : delta_json_parse(&arena, file->stats, strlen(file->stats));
    DeltaBounds *bounds = arena_array(&arena, DeltaBounds, skip->changes->key_count);
    for (uint32_t i = 0; i < skip->changes->key_count; i++) {
        bounds[i] = key_bounds(skip, &arena, file, stats, i);
    }
    bool may_match = has_inside(skip, bounds);
    arena_free(&arena);
    return may_match;
}
