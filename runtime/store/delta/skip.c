// Tests against the statistics of a file and the values of its partition.
#include "store/delta/skip.h"

#include "scalar/scalar.h"
#include "store/delta/value.h"

#include <math.h>

// What is known of a column in a file.
typedef struct Known {
    bool has_range;
    FormatRange range;
    bool is_all_null;
    bool is_null_free;
} Known;

// Some writers' bounds of decimals have been doubles on their way.
static bool is_integral(const FlowTypeDesc *type) {
    return value_is_whole(type) || (type->kind == FLOW_DECIMAL && type->precision <= 15);
}

static int64_t integer_of(const FlowTypeDesc *type, const FlowValue *value) {
    return type->kind == FLOW_DECIMAL ? (int64_t)value->i128 : value->i64;
}

static Known partition_known(Arena *arena, const DeltaFile *file, const FlowColumnDesc *column) {
    const DeltaPair *pair = delta_file_partition(file, column->name);
    const FlowTypeDesc *type = column->type;
    FlowValue value = {0};
    if (delta_partition_is_null(pair)) {
        return (Known){.is_all_null = type->is_nullable != 0}; // else it is an empty text
    }
    bool is_known = false;
    if (type->kind == FLOW_ENUM) {
        value.i64 = enum_code(type, pair->value, pair->value_length);
        is_known = value.i64 >= 0;
    } else if (is_integral(type)) {
        is_known = delta_partition_parse(arena, type, pair, &value);
    }
    int64_t integer = integer_of(type, &value);
    return (Known){
        .has_range = is_known, .range = {.min = integer, .max = integer}, .is_null_free = true};
}

static Known
stats_known(Arena *arena, const DeltaJson *stats, const FlowColumnDesc *column, int64_t rows) {
    int64_t nulls = delta_stats_nulls(stats, column->name);
    Known known = {.is_all_null = nulls == rows && rows > 0, .is_null_free = nulls == 0};
    if (!is_integral(column->type)) {
        return known;
    }
    DeltaBounds bounds = delta_stats_bounds(arena, stats, column->name, column->type);
    known.has_range = bounds.has_min || bounds.has_max;
    known.range = (FormatRange){
        .min = bounds.has_min ? integer_of(column->type, &bounds.min) : INT64_MIN,
        .max = bounds.has_max ? integer_of(column->type, &bounds.max) : INT64_MAX,
    };
    known.has_range &= known.range.min <= known.range.max; // statistics that look wrong
    return known;
}

typedef struct Look {
    Arena arena;
    const DeltaFileFilter *filter;
    const DeltaNames *partition;
    const DeltaFile *file;
    const DeltaJson *stats;
    int64_t rows;
} Look;

static Known known_of(Look *look, uint32_t index) {
    if (index >= look->filter->column_count) {
        return (Known){0};
    }
    const FlowColumnDesc *column = &look->filter->columns[index];
    return delta_names_have(look->partition, column->name)
               ? partition_known(&look->arena, look->file, column)
               : stats_known(&look->arena, look->stats, column, look->rows);
}

// --- texts and floats ---------------------------------------------------------------------------
static bool is_partition(const Look *look, const FlowColumnDesc *column) {
    return delta_names_have(look->partition, column->name);
}

// Writers cut a greatest text behind 32 characters and put one behind it that is to be above all;
// what they put there was not always.
static FormatTextRange text_range(Look *look, const FlowColumnDesc *column) {
    if (is_partition(look, column)) {
        const DeltaPair *pair = delta_file_partition(look->file, column->name);
        FlowValue value = {0};
        bool has_value = !delta_partition_is_null(pair) &&
                         delta_partition_parse(&look->arena, column->type, pair, &value);
        return (FormatTextRange){has_value, has_value, has_value, value.view, value.view};
    }
    DeltaBounds bounds = delta_stats_bounds(&look->arena, look->stats, column->name, column->type);
    if (bounds.has_max) {
        const char *text = flow_view_data(&bounds.max.view);
        bounds.max.view = view_of(text, delta_stats_text_cut(text, bounds.max.view.length));
    }
    return (FormatTextRange){.has_min = bounds.has_min,
                             .has_max = bounds.has_max,
                             .min = bounds.min.view,
                             .max = bounds.max.view};
}

// The digits of a float32 may name a double beside it, by less than this.
static double wider(double bound, double sign) {
    return bound + sign * (fabs(bound) * 0x1p-22 + 0x1p-140);
}

static FormatFloatRange float_range(Look *look, const FlowColumnDesc *column) {
    if (is_partition(look, column)) {
        return (FormatFloatRange){0};
    }
    DeltaBounds bounds = delta_stats_bounds(&look->arena, look->stats, column->name, column->type);
    return (FormatFloatRange){.has_min = bounds.has_min && isfinite(bounds.min.f64),
                              .has_max = bounds.has_max && isfinite(bounds.max.f64),
                              .min = wider(bounds.min.f64, -1),
                              .max = wider(bounds.max.f64, 1)};
}

static bool bounds_fail(Look *look, const FlowScanTest *test) {
    if ((uint32_t)test->column >= look->filter->column_count) {
        return false;
    }
    const FlowColumnDesc *column = &look->filter->columns[test->column];
    if (column->type->kind == FLOW_STRING && test->text != NULL) {
        FormatTextRange range = text_range(look, column);
        return format_text_test_fails(test, &range);
    }
    if (column->type->kind == FLOW_FLOAT32 || column->type->kind == FLOW_FLOAT64) {
        FormatFloatRange range = float_range(look, column);
        return format_float_test_fails(test, &range);
    }
    return false;
}

// Null meets no test.
static bool is_unwanted(Look *look, const FlowScanTest *test) {
    Known known = known_of(look, (uint32_t)test->column);
    bool fails =
        known.has_range && format_test_fails((FlowTestOp)test->op, test->value, known.range);
    return known.is_all_null || fails || bounds_fail(look, test);
}

static bool is_guarded(Look *look, const FlowScanTest *guard) {
    Known known = known_of(look, (uint32_t)guard->column);
    return known.is_null_free && known.has_range &&
           format_test_holds((FlowTestOp)guard->op, guard->value, known.range);
}

// Of dates and times before these, files of old engines mean another day.
static int64_t modern_from(const FlowTypeDesc *type) {
    static const int64_t modern_date = -141427;
    static const int64_t modern_us = -2208988800000000;
    return type->kind == FLOW_DATE ? modern_date : modern_us;
}

static bool is_met(Look *look, uint32_t column, uint32_t demand) {
    if (demand == 0) {
        return true;
    }
    Known known = known_of(look, column);
    int64_t modern = modern_from(look->filter->columns[column].type);
    bool is_modern = known.is_all_null || (known.has_range && known.range.min >= modern);
    return ((demand & DELTA_DEMAND_NO_NULL) == 0 || known.is_null_free) &&
           ((demand & DELTA_DEMAND_VALUE) == 0 || known.is_all_null || known.has_range) &&
           ((demand & DELTA_DEMAND_TIME) == 0 || is_modern);
}

static bool demands_are_met(Look *look) {
    const DeltaFileFilter *filter = look->filter;
    for (uint32_t i = 0; filter->demands != NULL && i < filter->column_count; i++) {
        if (!is_met(look, i, filter->demands[i])) {
            return false;
        }
    }
    return true;
}

static bool tests_leave_out(Look *look) {
    const FormatTests *tests = &look->filter->tests;
    bool is_out = false;
    for (int64_t i = 0; i < tests->test_count && !is_out; i++) {
        is_out = is_unwanted(look, &tests->tests[i]);
    }
    for (int64_t i = 0; i < tests->guard_count && is_out; i++) {
        is_out = is_guarded(look, &tests->guards[i]);
    }
    return is_out && demands_are_met(look);
}

bool delta_file_is_left_out(const DeltaFileFilter *filter,
                            const DeltaNames *partition,
                            const DeltaFile *file,
                            int64_t *rows) {
    if (filter->tests.test_count == 0 || file->stats == NULL || file->vector != NULL) {
        return false; // nobody asks, or nobody knows how many rows it has
    }
    Look look = {.filter = filter, .partition = partition, .file = file};
    look.stats = delta_json_parse(&look.arena, file->stats, strlen(file->stats));
    bool has_rows = delta_json_integer(look.stats, "numRecords", &look.rows) && look.rows >= 0;
    bool is_out = has_rows && tests_leave_out(&look);
    *rows = look.rows;
    arena_free(&look.arena);
    return is_out;
}

bool delta_file_leave_out(const DeltaTable *table,
                          uint32_t file,
                          const DeltaFileFilter *filter,
                          int64_t *rows) {
    return delta_file_is_left_out(
        filter, &table->metadata.partition_columns, &table->files.items[file].file, rows);
}
