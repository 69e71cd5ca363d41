// Statistics are bounds, never data: what cannot be said exactly is rounded outwards or left out,
// and what cannot be read disables skipping, not the read (store.md 2.6).
#include "scalar/scalar.h"
#include "store/delta/value.h"

#include <inttypes.h>

enum { STRING_PREFIX_UNITS = 32, US_PER_MS = 1000 };

// --- strings ------------------------------------------------------------------------------------
static size_t char_bytes(char first) {
    uint8_t byte = (uint8_t)first;
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// Bytes of the first `units` UTF-16 units; a pair is not split: one unit more.
static size_t prefix_bytes(const char *text, size_t length, size_t units) {
    size_t at = 0;
    for (size_t used = 0; at < length && used < units;) {
        size_t bytes = char_bytes(text[at]);
        used += bytes == 4 ? 2 : 1;
        at += bytes;
    }
    return at < length ? at : length;
}

// Some writers cut the pair that their last unit belongs to in two and leave a question mark of it.
size_t delta_stats_text_cut(const char *text, size_t length) {
    return prefix_bytes(text, length, STRING_PREFIX_UNITS - 1);
}

static bool is_greatest_char(const char *text) {
    return memcmp(text, "\xF4\x8F\xBF\xBF", 4) == 0;
}

static void string_min_write(Buffer *out, const FlowView *view) {
    const char *text = flow_view_data(view);
    buffer_json_string(out, text, prefix_bytes(text, view->length, STRING_PREFIX_UNITS));
}

// False: no bound short enough exists.
static bool string_max_text(Buffer *out, const FlowView *view) {
    const char *text = flow_view_data(view);
    size_t length = view->length;
    size_t at = prefix_bytes(text, length, STRING_PREFIX_UNITS);
    size_t at_most = prefix_bytes(text, length, (size_t)STRING_PREFIX_UNITS * 2);
    while (at + 4 <= length && is_greatest_char(text + at)) {
        at += 4;
    }
    buffer_append(out, text, at);
    if (at < length) {
        bool is_below = (uint8_t)text[at] < 0x7F;
        buffer_text(out, is_below ? "\x7F" : "\xF4\x8F\xBF\xBF");
    }
    return at <= at_most;
}

// --- writing ------------------------------------------------------------------------------------
static void ms_timestamp_write(Buffer *out, int64_t us, bool is_max) {
    int64_t ms = us / US_PER_MS - (us % US_PER_MS < 0);
    ms += is_max && us % US_PER_MS != 0;
    int64_t days = ms / 86400000 - (ms % 86400000 < 0);
    int64_t rest = ms - days * 86400000;
    int64_t year;
    uint32_t month;
    uint32_t day;
    civil_from_days(days, &year, &month, &day);
    buffer_format(out, "\"%04" PRId64 "-%02u-%02uT", year, month, day);
    buffer_format(out,
                  "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64 "Z\"",
                  rest / 3600000,
                  rest / 60000 % 60,
                  rest / 1000 % 60,
                  rest % 1000);
}

static bool has_bounds(const DeltaStatsColumn *column) {
    FlowKind kind = (FlowKind)column->desc->type->kind;
    return column->stats.has_bounds && kind != FLOW_BOOL && kind != FLOW_BYTES &&
           column->desc->type->children_count == 0;
}

// A zero's sign is not in the statistics, so the bound takes the one that holds for both.
static void float_write(Buffer *out, const FlowTypeDesc *type, FlowValue value, bool is_max) {
    if (value.f64 == 0) {
        buffer_text(out, is_max ? "0.0" : "-0.0");
        return;
    }
    value_text(out, type, &value);
}

// False: the bound is left out.
static bool bound_write(Buffer *out, const DeltaStatsColumn *column, bool is_max) {
    const FlowTypeDesc *type = column->desc->type;
    const FlowValue *value = is_max ? &column->stats.max : &column->stats.min;
    bool is_float = type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64;
    if (type->kind == FLOW_STRING) {
        Buffer text = {0};
        bool has_text = !is_max || string_max_text(&text, &value->view);
        if (!is_max) {
            string_min_write(out, &value->view);
        } else if (has_text) {
            buffer_json_string(out, text.data, text.length);
        }
        buffer_free(&text);
        return has_text;
    }
    if (type->kind == FLOW_TIMESTAMP) {
        ms_timestamp_write(out, value->i64, is_max);
    } else if (is_float) {
        float_write(out, type, *value, is_max);
    } else {
        value_json(out, type, value);
    }
    return true;
}

static void
bounds_write(Buffer *out, const DeltaStatsColumn *columns, uint32_t count, bool is_max) {
    const char *comma = "";
    for (uint32_t i = 0; i < count; i++) {
        if (!has_bounds(&columns[i])) {
            continue;
        }
        size_t start = out->length;
        buffer_text(out, comma);
        delta_json_text(out, columns[i].desc->name);
        buffer_char(out, ':');
        if (bound_write(out, &columns[i], is_max)) {
            comma = ",";
        } else {
            out->length = start;
        }
    }
}

void delta_stats_write(Buffer *out, int64_t rows, const DeltaStatsColumn *columns, uint32_t count) {
    buffer_format(out, "{\"numRecords\":%" PRId64 ",\"minValues\":{", rows);
    bounds_write(out, columns, count, false);
    buffer_text(out, "},\"maxValues\":{");
    bounds_write(out, columns, count, true);
    buffer_text(out, "},\"nullCount\":{");
    const char *comma = "";
    for (uint32_t i = 0; i < count; i++) {
        if (columns[i].desc->type->kind == FLOW_STRUCT) {
            continue; // its fields would have counts, not the struct
        }
        buffer_text(out, comma);
        delta_json_text(out, columns[i].desc->name);
        buffer_format(out, ":%" PRId64, columns[i].stats.null_count);
        comma = ",";
    }
    buffer_text(out, "}}");
}

// --- reading ------------------------------------------------------------------------------------
static bool is_bound_kind(const FlowTypeDesc *type, const DeltaJson *bound) {
    bool is_text = type->kind == FLOW_STRING || type->kind == FLOW_DATE ||
                   type->kind == FLOW_TIMESTAMP || type->kind == FLOW_ENUM;
    return bound->kind == (is_text ? DELTA_JSON_STRING : DELTA_JSON_NUMBER);
}

// The shortest digits of a float32 name another double than the float32 itself.
static bool float_read(const FlowTypeDesc *type, const DeltaJson *bound, FlowValue *value) {
    if (parse_float64(bound->text, bound->length, &value->f64) != PARSE_OK) {
        return false;
    }
    if (type->kind == FLOW_FLOAT32) {
        value->f64 = (double)(float)value->f64;
    }
    return true;
}

static bool bound_read(Arena *arena,
                       const DeltaJson *bounds,
                       const char *column,
                       const FlowTypeDesc *type,
                       FlowValue *value) {
    const DeltaJson *bound = delta_json_member(bounds, column);
    if (bound == NULL || !is_bound_kind(type, bound)) {
        return false;
    }
    DeltaPair pair = {.value = bound->text, .value_length = bound->length};
    if (type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64) {
        return float_read(type, bound, value);
    }
    return delta_partition_parse(arena, type, &pair, value);
}

// Other writers cut timestamps to milliseconds, and offsets of old dates to minutes.
static void timestamp_widen(DeltaBounds *bounds) {
    enum { FOREIGN_MS_US = 999, OLD_OFFSET_US = 60000000 };
    int64_t below = bounds->min.i64 <= 0 ? OLD_OFFSET_US : 0;
    int64_t above = FOREIGN_MS_US + (bounds->max.i64 < 0 ? OLD_OFFSET_US : 0);
    if (bounds->has_min && __builtin_sub_overflow(bounds->min.i64, below, &bounds->min.i64)) {
        bounds->has_min = false;
    }
    if (bounds->has_max && __builtin_add_overflow(bounds->max.i64, above, &bounds->max.i64)) {
        bounds->has_max = false;
    }
}

DeltaBounds delta_stats_bounds(Arena *arena,
                               const DeltaJson *stats,
                               const char *column,
                               const FlowTypeDesc *type) {
    DeltaBounds bounds = {0};
    if (type->kind == FLOW_BOOL || type->kind == FLOW_BYTES || type->kind == FLOW_ENUM) {
        return bounds; // An enum's text bounds need not be values of the enum.
    }
    bounds.has_min =
        bound_read(arena, delta_json_object(stats, "minValues"), column, type, &bounds.min);
    bounds.has_max =
        bound_read(arena, delta_json_object(stats, "maxValues"), column, type, &bounds.max);
    if (type->kind == FLOW_TIMESTAMP) {
        timestamp_widen(&bounds);
    }
    return bounds;
}

int64_t delta_stats_nulls(const DeltaJson *stats, const char *column) {
    int64_t nulls;
    const DeltaJson *counts = delta_json_object(stats, "nullCount");
    return delta_json_integer(counts, column, &nulls) && nulls >= 0 ? nulls : -1;
}

int64_t delta_stats_rows(Arena *arena, const char *stats) {
    int64_t rows;
    const DeltaJson *json = stats == NULL ? NULL : delta_json_parse(arena, stats, strlen(stats));
    return delta_json_integer(json, "numRecords", &rows) && rows >= 0 ? rows : -1;
}
