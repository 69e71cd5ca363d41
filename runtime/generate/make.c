// Values of columns: drawn, or the n-th of all that a column can have. What a recipe says bounds
// them; where it says nothing they are of a size that reads well.
#include "generate/internal.h"

#include <math.h>

enum {
    NUMBERS = 1000000, // different ones, of a column without bounds
    NAMES = 1000,
    FLOAT_STEPS = 1 << 20,
    BYTES_MAX = 16,
    ITEMS_MAX = 4,     // of a list or map; of one within another fewer
    NULL_ONE_OF = 8,   // an item that may be null is one of so many times
    EXACT_DIGITS = 15, // of a distinct float64; a float32 has EXACT_DIGITS_SINGLE
    EXACT_DIGITS_SINGLE = 7,
};

#define DAY_US (INT64_C(86400) * 1000000)
#define NEAR_US (30 * DAY_US)
#define DAY_FIRST INT64_C(-719162) // 0001-01-01
#define DAY_LAST INT64_C(2932896)  // 9999-12-31
#define DAY_START INT64_C(20454)   // 2026-01-01

typedef struct Range {
    i128 low;
    i128 high;
} Range;

int64_t clock_time(const Clock *clock, int64_t row) {
    return clock->start_us + (int64_t)((i128)row * clock->step_us / clock->step_rows);
}

bool make_bound(Arena *arena, const FlowTypeDesc *type, const char *text, FlowValue *value) {
    return text != NULL && value_parse(arena, type, text, strlen(text), value) == PARSE_OK;
}

// --- ranges --------------------------------------------------------------------------------------
// All values of a type that is counted; false: it is not.
static bool range_of_type(const FlowTypeDesc *type, Range *range) {
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        *range = (Range){0, 1};
        return true;
    case FLOW_ENUM:
        *range = (Range){0, type->enum_values_count - 1};
        return true;
    case FLOW_INT8:
        *range = (Range){INT8_MIN, INT8_MAX};
        return true;
    case FLOW_INT16:
        *range = (Range){INT16_MIN, INT16_MAX};
        return true;
    case FLOW_INT32:
        *range = (Range){INT32_MIN, INT32_MAX};
        return true;
    case FLOW_INT64:
    case FLOW_DURATION:
        *range = (Range){INT64_MIN, INT64_MAX};
        return true;
    case FLOW_DATE:
        *range = (Range){DAY_FIRST, DAY_LAST};
        return true;
    case FLOW_TIMESTAMP:
        *range = (Range){(i128)DAY_FIRST * DAY_US, (i128)(DAY_LAST + 1) * DAY_US - 1};
        return true;
    case FLOW_DECIMAL:
        *range =
            (Range){1 - decimal_power10(type->precision), decimal_power10(type->precision) - 1};
        return true;
    default:
        return false;
    }
}

// How many of them, and from where on, if there are no bounds.
static i128 usual_width(const FlowTypeDesc *type) {
    int32_t digits = type->scale + 5;
    switch ((FlowKind)type->kind) {
    case FLOW_DATE:
        return 365;
    case FLOW_TIMESTAMP:
        return 2 * (i128)NEAR_US;
    case FLOW_DURATION:
        return DAY_US;
    case FLOW_DECIMAL:
        return decimal_power10(digits < type->precision ? digits : type->precision);
    default:
        return NUMBERS;
    }
}

static i128 usual_low(const FlowTypeDesc *type, bool is_distinct) {
    switch ((FlowKind)type->kind) {
    case FLOW_DATE:
        return DAY_START;
    case FLOW_TIMESTAMP:
        return GENERATE_START_US;
    case FLOW_BOOL:
    case FLOW_ENUM:
        return 0;
    default:
        return is_distinct ? 1 : 0;
    }
}

static i128 counted(const FlowTypeDesc *type, FlowValue value) {
    return type->kind == FLOW_DECIMAL ? value.i128 : value.i64;
}

static void range_narrow(
    const Make *make, Arena *arena, const FlowRecipe *recipe, bool is_distinct, Range *range) {
    Range all = *range;
    FlowValue value = {0};
    bool has_low = recipe != NULL && make_bound(arena, make->type, recipe->low, &value);
    if (has_low) {
        range->low = counted(make->type, value);
    }
    bool has_high = recipe != NULL && make_bound(arena, make->type, recipe->high, &value);
    if (has_high) {
        range->high = counted(make->type, value);
    }
    i128 low = usual_low(make->type, is_distinct);
    i128 width = usual_width(make->type);
    if (!has_low && !(has_high && range->high < low)) {
        range->low = low > all.low ? low : all.low;
    } else if (!has_low && !is_distinct) {
        range->low = range->high - width + 1 > all.low ? range->high - width + 1 : all.low;
    }
    if (!has_high && !is_distinct && range->low + width - 1 < all.high) {
        range->high = range->low + width - 1;
    }
}

static void number_make(Arena *arena, Make *make, const FlowRecipe *recipe, bool is_distinct) {
    Range range = {0, 0};
    bool is_counted = range_of_type(make->type, &range);
    ASSERT(is_counted);
    range_narrow(make, arena, recipe, is_distinct, &range);
    u128 count = range.high < range.low ? 1 : (u128)range.high - (u128)range.low + 1;
    make->kind = MAKE_NUMBER;
    make->low = range.low;
    make->count = count > GENERATE_COUNT_MAX ? GENERATE_COUNT_MAX : (uint64_t)count;
}

static void float_make(Arena *arena, Make *make, const FlowRecipe *recipe) {
    FlowValue low = {.f64 = 0};
    FlowValue high = {.f64 = 1000};
    bool has_low = recipe != NULL && make_bound(arena, make->type, recipe->low, &low);
    bool has_high = recipe != NULL && make_bound(arena, make->type, recipe->high, &high);
    if (has_low && !has_high && low.f64 > 0) {
        high.f64 = low.f64 + 1000;
    } else if (has_high && !has_low && high.f64 < 0) {
        low.f64 = high.f64 - 1000;
    }
    make->kind = MAKE_FLOAT;
    make->float_low = low.f64;
    make->float_high = high.f64;
    bool is_single = make->type->kind == FLOW_FLOAT32;
    if (!has_low && !has_high) {
        make->count = (uint64_t)decimal_power10(is_single ? EXACT_DIGITS_SINGLE : EXACT_DIGITS);
    }
}

// --- texts ---------------------------------------------------------------------------------------
static const Pattern *letters_of(Arena *arena, const FlowRecipe *recipe) {
    int64_t least = recipe->length_min;
    int64_t most = recipe->length_max < 0 ? least + 10 : recipe->length_max;
    return pattern_parse(
        arena, arena_format(arena, "[a-z]{%lld,%lld}", (long long)least, (long long)most));
}

static void string_make(Arena *arena, Make *make, const FlowRecipe *recipe) {
    make->kind = MAKE_NAME;
    make->count = GENERATE_COUNT_MAX;
    if (recipe != NULL && recipe->pattern != NULL) {
        make->pattern = pattern_parse(arena, recipe->pattern);
    } else if (recipe != NULL && (recipe->length_min > 0 || recipe->length_max >= 0)) {
        make->pattern = letters_of(arena, recipe);
    }
    if (make->pattern != NULL) {
        make->kind = MAKE_PATTERN;
        make->count = pattern_count(make->pattern);
    }
}

static void values_make(Arena *arena, Make *make, const FlowRecipe *recipe) {
    FlowValue *values = arena_array(arena, FlowValue, (size_t)recipe->texts_count + 1);
    make->kind = MAKE_VALUES;
    make->values = values;
    for (int64_t i = 0; i < recipe->texts_count; i++) {
        FlowValue value = {0};
        if (make_bound(arena, make->type, recipe->texts[i].text, &value)) {
            values[make->count++] = value_copy(arena, make->type, value);
        }
    }
}

Make make_new(Arena *arena,
              const FlowColumnDesc *column,
              const FlowRecipe *recipe,
              bool is_distinct) {
    Make make = {.type = column->type, .name = column->name};
    FlowKind kind = (FlowKind)column->type->kind;
    bool has_bounds = recipe != NULL && (recipe->low != NULL || recipe->high != NULL);
    if (recipe != NULL && recipe->texts_count > 0) {
        values_make(arena, &make, recipe);
    } else if (desc_is_nested(column->type)) {
        make.kind = MAKE_NESTED;
    } else if (kind == FLOW_FLOAT32 || kind == FLOW_FLOAT64) {
        float_make(arena, &make, recipe);
    } else if (kind == FLOW_STRING) {
        string_make(arena, &make, recipe);
    } else if (kind == FLOW_BYTES) {
        make.kind = MAKE_BYTES;
        make.count = GENERATE_COUNT_MAX;
    } else if (kind == FLOW_TIMESTAMP && !has_bounds && !is_distinct) {
        make.kind = MAKE_NEAR;
    } else {
        number_make(arena, &make, recipe, is_distinct);
    }
    return make;
}

// --- values --------------------------------------------------------------------------------------
static FlowValue number_value(const Make *make, uint64_t index) {
    FlowValue value = {0};
    if (make->type->kind == FLOW_DECIMAL) {
        value.i128 = make->low + (i128)index;
    } else {
        value.i64 = (int64_t)(make->low + (i128)index);
    }
    return value;
}

static FlowValue text_value(const MakePlace *place, Buffer *text) {
    const char *bytes =
        arena_copy(place->arena, text->data == NULL ? "" : text->data, text->length);
    FlowValue value = {.view = view_of(bytes, text->length)};
    buffer_free(text);
    return value;
}

static FlowValue name_value(const Make *make, const MakePlace *place, uint64_t index) {
    Buffer text = {0};
    buffer_format(&text, "%s-%llu", make->name, (unsigned long long)index + 1);
    return text_value(place, &text);
}

// Hundredths where the bounds lie far enough apart, for they read well.
static FlowValue float_draw(const Make *make, Draw *draw) {
    double width = make->float_high - make->float_low;
    double value = 0;
    if (width >= 1 && width < (double)NUMBERS) {
        value = make->float_low + (double)draw_below(draw, (uint64_t)(width * 100) + 1) / 100;
        value = floor(value * 100 + 0.5) / 100;
    } else {
        double part = (double)draw_below(draw, FLOAT_STEPS + 1) / (double)FLOAT_STEPS;
        value = make->float_low + part * width;
    }
    if (make->type->kind == FLOW_FLOAT32) {
        value = (double)(float)value;
    }
    return (FlowValue){.f64 = fmin(fmax(value, make->float_low), make->float_high)};
}

static FlowValue bytes_draw(const MakePlace *place, Draw *draw) {
    Buffer bytes = {0};
    for (uint64_t left = draw_below(draw, BYTES_MAX + 1); left > 0; left--) {
        buffer_char(&bytes, (char)draw_below(draw, 256));
    }
    return text_value(place, &bytes);
}

static FlowValue bytes_nth(const MakePlace *place, uint64_t index) {
    Buffer bytes = {0};
    for (int32_t shift = 56; shift >= 0; shift -= 8) {
        buffer_char(&bytes, (char)(index >> shift & 0xFF));
    }
    return text_value(place, &bytes);
}

static FlowValue near_draw(const MakePlace *place, Draw *draw) {
    int64_t shift_us = (int64_t)draw_below(draw, 2 * NEAR_US + 1) - NEAR_US;
    int64_t second = clock_time(place->clock, place->row) + shift_us;
    return (FlowValue){.i64 = second - second % 1000000};
}

// --- lists, maps and structs ---------------------------------------------------------------------
static FlowValue nested_draw(
    const FlowTypeDesc *type, const char *name, const MakePlace *place, Draw *draw, uint64_t depth);

static FlowValue part_draw(const FlowColumnDesc *column,
                           const char *name,
                           const MakePlace *place,
                           Draw *draw,
                           uint64_t depth) {
    if (desc_is_nested(column->type)) {
        return nested_draw(column->type, name, place, draw, depth + 1);
    }
    FlowColumnDesc named = {.name = name, .type = column->type};
    Make make = make_new(place->arena, &named, NULL, false);
    return make_draw(&make, place, draw);
}

static bool has_equal(const FlowTypeDesc *type, const FlowValue *items, int64_t count) {
    for (int64_t i = 0; i < count; i += 2) {
        if (value_compare(type, &items[i], type, &items[count]) == 0) {
            return true;
        }
    }
    return false;
}

// Entries with a key that is there already are left out.
static FlowValue map_draw(const FlowTypeDesc *type,
                          const char *name,
                          const MakePlace *place,
                          Draw *draw,
                          uint64_t depth) {
    const FlowColumnDesc *parts = type->children;
    uint64_t wanted = draw_below(draw, depth < ITEMS_MAX ? ITEMS_MAX + 1 - depth : 1);
    FlowValue *items = arena_array(place->arena, FlowValue, 2 * (size_t)wanted + 2);
    uint8_t *validity = arena_array(place->arena, uint8_t, 2 * (size_t)wanted + 2);
    int64_t count = 0;
    for (uint64_t i = 0; i < wanted; i++) {
        items[count] = part_draw(&parts[0], name, place, draw, depth);
        bool is_null = parts[1].type->is_nullable && draw_is_one_of(draw, NULL_ONE_OF);
        items[count + 1] =
            is_null ? (FlowValue){0} : part_draw(&parts[1], name, place, draw, depth);
        validity[count] = 1;
        validity[count + 1] = !is_null;
        count += has_equal(parts[0].type, items, count) ? 0 : 2;
    }
    FlowNested *nested = arena_new(place->arena, FlowNested);
    *nested = (FlowNested){.count = count / 2, .items = items, .validity = validity};
    return (FlowValue){.nested = nested};
}

static FlowValue nested_draw(const FlowTypeDesc *type,
                             const char *name,
                             const MakePlace *place,
                             Draw *draw,
                             uint64_t depth) {
    if (type->kind == FLOW_MAP) {
        return map_draw(type, name, place, draw, depth);
    }
    bool is_struct = type->kind == FLOW_STRUCT;
    uint64_t most = depth < ITEMS_MAX ? ITEMS_MAX - depth : 0;
    int64_t count = is_struct ? type->children_count : (int64_t)draw_below(draw, most + 1);
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    const FlowNested *nested = nested_new(place->arena, count, count, &items, &validity);
    for (int64_t i = 0; i < count; i++) {
        const FlowColumnDesc *part = &type->children[is_struct ? i : 0];
        validity[i] = !(part->type->is_nullable && draw_is_one_of(draw, NULL_ONE_OF));
        if (validity[i] != 0) {
            items[i] = part_draw(part, is_struct ? part->name : name, place, draw, depth);
        }
    }
    return (FlowValue){.nested = nested};
}

FlowValue make_draw(const Make *make, const MakePlace *place, Draw *draw) {
    Buffer text = {0};
    switch (make->kind) {
    case MAKE_VALUES:
        return make->values[make->count == 0 ? 0 : draw_below(draw, make->count)];
    case MAKE_NUMBER:
        return number_value(make, draw_below(draw, make->count));
    case MAKE_FLOAT:
        return float_draw(make, draw);
    case MAKE_PATTERN:
        pattern_draw(make->pattern, draw, &text);
        return text_value(place, &text);
    case MAKE_NAME:
        return name_value(make, place, draw_below(draw, NAMES));
    case MAKE_BYTES:
        return bytes_draw(place, draw);
    case MAKE_NEAR:
        return near_draw(place, draw);
    case MAKE_CLOCK: {
        uint64_t jitter_us = draw_below(draw, (uint64_t)place->clock->jitter_us + 1);
        return (FlowValue){.i64 = clock_time(place->clock, place->row) + (int64_t)jitter_us};
    }
    case MAKE_NESTED:
        break;
    }
    return nested_draw(make->type, make->name, place, draw, 0);
}

FlowValue make_nth(const Make *make, const MakePlace *place, uint64_t index) {
    Buffer text = {0};
    switch (make->kind) {
    case MAKE_VALUES:
        return make->values[index];
    case MAKE_NUMBER:
        return number_value(make, index);
    case MAKE_FLOAT:
        return (FlowValue){.f64 = (double)index};
    case MAKE_PATTERN:
        pattern_nth(make->pattern, index, &text);
        return text_value(place, &text);
    case MAKE_NAME:
        return name_value(make, place, index);
    case MAKE_BYTES:
        return bytes_nth(place, index);
    case MAKE_CLOCK: // each row has a time of its own
        return (FlowValue){.i64 = clock_time(place->clock, place->row)};
    case MAKE_NEAR:
    case MAKE_NESTED:
        break;
    }
    ASSERT(false); // Their values can't be counted.
    return (FlowValue){0};
}
