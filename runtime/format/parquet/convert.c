// Conversions: which there are, and the loops that do them.
#include "format/parquet/convert.h"

#include "format/parquet/packing.h"
#include "scalar/scalar.h"

enum { BLOCK = 1024 };

static const int64_t day_us = 86400000000;
static const int64_t julian_epoch_day = 2440588; // 1970-01-01
static const int64_t ancient_date = -141427;     // before the Gregorian calendar
static const int64_t ancient_timestamp = -2208988800000000;

// --- choosing ----------------------------------------------------------------------------------
static bool is_unsigned(const ParquetElement *element) {
    return (element->logical == PARQUET_LOGICAL_INTEGER && !element->is_signed) ||
           (element->logical == PARQUET_LOGICAL_NONE &&
            element->converted >= PARQUET_CONVERTED_UINT_8 &&
            element->converted <= PARQUET_CONVERTED_UINT_64);
}

static bool is_decimal(const ParquetElement *element) {
    return element->logical == PARQUET_LOGICAL_DECIMAL ||
           element->converted == PARQUET_CONVERTED_DECIMAL;
}

static bool is_date(const ParquetElement *element) {
    return element->logical == PARQUET_LOGICAL_DATE || element->converted == PARQUET_CONVERTED_DATE;
}

static bool is_integer_type(ParquetType type) {
    return type == PARQUET_TYPE_INT32 || type == PARQUET_TYPE_INT64;
}

// INT32 or INT64 that are numbers, not dates, times or decimals.
static bool is_number(const ParquetElement *element) {
    bool is_bare = element->logical == PARQUET_LOGICAL_NONE &&
                   (element->converted == PARQUET_CONVERTED_NONE ||
                    (element->converted >= PARQUET_CONVERTED_UINT_8 &&
                     element->converted <= PARQUET_CONVERTED_INT_64));
    return is_integer_type(element->type) &&
           (is_bare || element->logical == PARQUET_LOGICAL_INTEGER);
}

static ParquetUnit unit_of(const ParquetElement *element) {
    if (element->logical == PARQUET_LOGICAL_TIMESTAMP) {
        return element->unit;
    }
    return element->converted == PARQUET_CONVERTED_TIMESTAMP_MILLIS   ? PARQUET_UNIT_MILLIS
           : element->converted == PARQUET_CONVERTED_TIMESTAMP_MICROS ? PARQUET_UNIT_MICROS
                                                                      : PARQUET_UNIT_NONE;
}

static bool
to_integer(ParquetConversion *conversion, const ParquetElement *element, int64_t min, int64_t max) {
    uint32_t physical_width = element->type == PARQUET_TYPE_INT32 ? 4 : 8;
    bool is_same = physical_width == conversion->width && !conversion->is_unsigned;
    conversion->kind = is_same ? PARQUET_CONVERT_COPY : PARQUET_CONVERT_INTEGER;
    conversion->min = min;
    conversion->max = max;
    return is_number(element);
}

// Dates and timestamps: old ones of a Julian file are refused, never passed on.
static bool to_date(ParquetConversion *conversion, const ParquetElement *element, bool is_julian) {
    conversion->kind = is_julian ? PARQUET_CONVERT_INTEGER : PARQUET_CONVERT_COPY;
    conversion->min = is_julian ? ancient_date : INT32_MIN;
    conversion->max = INT32_MAX;
    return element->type == PARQUET_TYPE_INT32 && is_date(element);
}

static bool
to_timestamp(ParquetConversion *conversion, const ParquetElement *element, bool is_julian) {
    conversion->min = is_julian ? ancient_timestamp : INT64_MIN;
    conversion->max = INT64_MAX;
    if (element->type == PARQUET_TYPE_INT96) {
        conversion->kind = PARQUET_CONVERT_INT96;
        return true;
    }
    ParquetUnit unit = unit_of(element);
    conversion->multiplier = unit == PARQUET_UNIT_MILLIS ? 1000 : 1;
    conversion->divisor = unit == PARQUET_UNIT_NANOS ? 1000 : 1;
    bool is_same = unit == PARQUET_UNIT_MICROS && !is_julian;
    conversion->kind = is_same ? PARQUET_CONVERT_COPY : PARQUET_CONVERT_INTEGER;
    return element->type == PARQUET_TYPE_INT64 && unit != PARQUET_UNIT_NONE;
}

static bool to_decimal(ParquetConversion *conversion, const ParquetElement *element) {
    const FlowTypeDesc *type = conversion->type;
    bool has_form = is_integer_type(element->type) || element->type == PARQUET_TYPE_FIXED ||
                    element->type == PARQUET_TYPE_BYTE_ARRAY;
    if (!has_form || (!is_decimal(element) && !is_number(element)) ||
        element->scale > type->scale) {
        return false;
    }
    conversion->scale = element->scale; // an integer has none
    bool is_small = type->precision <= 18 && is_integer_type(element->type);
    conversion->kind = is_small ? PARQUET_CONVERT_INTEGER : PARQUET_CONVERT_WIDE;
    if (is_small) {
        conversion->multiplier = (int64_t)decimal_power10(type->scale - element->scale);
        conversion->max = (int64_t)decimal_power10(type->precision) - 1;
        conversion->min = -conversion->max;
    }
    return true;
}

static bool to_float(ParquetConversion *conversion, const ParquetElement *element) {
    bool is_wide = conversion->type->kind == FLOW_FLOAT64;
    if (element->type == PARQUET_TYPE_FIXED) {
        conversion->kind = PARQUET_CONVERT_HALF;
        return element->logical == PARQUET_LOGICAL_FLOAT16 && element->type_length == 2;
    }
    bool is_float = element->type == PARQUET_TYPE_FLOAT;
    conversion->kind = is_wide && is_float ? PARQUET_CONVERT_FLOAT : PARQUET_CONVERT_COPY;
    return is_float || (is_wide && element->type == PARQUET_TYPE_DOUBLE);
}

static bool to_text(ParquetConversion *conversion, const ParquetElement *element) {
    conversion->kind = conversion->type->kind == FLOW_STRING  ? PARQUET_CONVERT_TEXT
                       : conversion->type->kind == FLOW_BYTES ? PARQUET_CONVERT_BYTES
                                                              : PARQUET_CONVERT_ENUM;
    bool is_fixed = element->type == PARQUET_TYPE_FIXED && conversion->type->kind == FLOW_BYTES;
    return !is_decimal(element) && (element->type == PARQUET_TYPE_BYTE_ARRAY || is_fixed);
}

bool parquet_conversion_of(const ParquetElement *element,
                           const FlowTypeDesc *type,
                           bool is_julian,
                           ParquetConversion *conversion) {
    *conversion = (ParquetConversion){
        .kind = PARQUET_CONVERT_COPY,
        .physical = element->type,
        .is_unsigned = is_unsigned(element),
        .type = type,
        .width = flow_kind_width((FlowKind)type->kind, type->precision),
        .divisor = 1,
        .multiplier = 1,
    };
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        return element->type == PARQUET_TYPE_BOOLEAN;
    case FLOW_INT8:
        return to_integer(conversion, element, INT8_MIN, INT8_MAX);
    case FLOW_INT16:
        return to_integer(conversion, element, INT16_MIN, INT16_MAX);
    case FLOW_INT32:
        return to_integer(conversion, element, INT32_MIN, INT32_MAX);
    case FLOW_INT64:
    case FLOW_DURATION:
        return to_integer(conversion, element, INT64_MIN, INT64_MAX);
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        return to_float(conversion, element);
    case FLOW_DECIMAL:
        return to_decimal(conversion, element);
    case FLOW_STRING:
    case FLOW_BYTES:
    case FLOW_ENUM:
        return to_text(conversion, element);
    case FLOW_DATE:
        return to_date(conversion, element, is_julian);
    case FLOW_TIMESTAMP:
        return to_timestamp(conversion, element, is_julian);
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
    case FLOW_NULL:
    case FLOW_KIND_COUNT:
        break; // put together from leaves, or never a column
    }
    return false;
}

bool parquet_conversion_of_number(const ParquetElement *element,
                                  const FlowTypeDesc *type,
                                  int64_t unit_us,
                                  ParquetConversion *conversion) {
    *conversion = (ParquetConversion){
        .kind = PARQUET_CONVERT_INTEGER,
        .physical = element->type,
        .is_unsigned = is_unsigned(element),
        .type = type,
        .width = sizeof(int64_t),
        .divisor = 1,
        .multiplier = unit_us,
        .min = INT64_MIN,
        .max = INT64_MAX,
    };
    return type->kind == FLOW_TIMESTAMP && unit_us > 0 && is_number(element);
}

// --- integers ----------------------------------------------------------------------------------
#define LOAD(name, from)                                                                           \
    static void name(const void *physical, uint32_t count, int64_t *out) {                         \
        const from *values = physical;                                                             \
        for (uint32_t i = 0; i < count; i++) {                                                     \
            out[i] = (int64_t)values[i];                                                           \
        }                                                                                          \
    }
LOAD(load_i32, int32_t)
LOAD(load_u32, uint32_t)
LOAD(load_i64, int64_t)
#undef LOAD

#define STORE(name, to)                                                                            \
    static void name(const int64_t *values, uint32_t count, void *out) {                           \
        to *target = out;                                                                          \
        for (uint32_t i = 0; i < count; i++) {                                                     \
            target[i] = (to)values[i];                                                             \
        }                                                                                          \
    }
STORE(store_8, int8_t)
STORE(store_16, int16_t)
STORE(store_32, int32_t)
STORE(store_64, int64_t)
#undef STORE

static void integers_store(uint32_t width, const int64_t *values, uint32_t count, void *out) {
    (width == 1   ? store_8
     : width == 2 ? store_16
     : width == 4 ? store_32
                  : store_64)(values, count, out);
}

static bool integers_load(const ParquetConversion *conversion,
                          const void *physical,
                          uint32_t count,
                          int64_t *out) {
    if (conversion->physical == PARQUET_TYPE_INT32) {
        (conversion->is_unsigned ? load_u32 : load_i32)(physical, count, out);
        return true;
    }
    load_i64(physical, count, out);
    uint64_t all = 0;
    for (uint32_t i = 0; i < count; i++) {
        all |= (uint64_t)out[i];
    }
    return !conversion->is_unsigned || all <= INT64_MAX;
}

static bool multiply(int64_t *values, uint32_t count, int64_t factor) {
    bool overflows = false;
    for (uint32_t i = 0; i < count; i++) {
        overflows |= __builtin_mul_overflow(values[i], factor, &values[i]);
    }
    return !overflows;
}

static void divide_floor(int64_t *values, uint32_t count, int64_t divisor) {
    for (uint32_t i = 0; i < count; i++) {
        int64_t quotient = values[i] / divisor;
        values[i] = quotient - (quotient * divisor > values[i]);
    }
}

static bool are_within(const int64_t *values, uint32_t count, int64_t min, int64_t max) {
    bool are = true;
    for (uint32_t i = 0; i < count; i++) {
        are &= values[i] >= min && values[i] <= max;
    }
    return are;
}

// Bounds that no difference of two such numbers overflows, so that its sign tells.
static bool has_narrow_range(const ParquetConversion *conversion) {
    return conversion->min >= INT64_MIN / 2 && conversion->max <= INT64_MAX / 2;
}

bool parquet_is_copy(const ParquetConversion *conversion) {
    bool is_same_integer = conversion->kind == PARQUET_CONVERT_INTEGER &&
                           conversion->physical == PARQUET_TYPE_INT64 &&
                           conversion->width == sizeof(int64_t) && !conversion->is_unsigned &&
                           conversion->multiplier == 1 && conversion->divisor == 1;
    return conversion->kind == PARQUET_CONVERT_COPY ||
           (is_same_integer && has_narrow_range(conversion));
}

// What lies outside of a narrow range has a sign, on one side or on the other.
static inline __attribute__((always_inline)) bool
are_between(const uint64_t *bits, uint32_t count, uint64_t min, uint64_t max) {
    uint64_t outside = 0;
    for (uint32_t i = 0; i < count; i++) {
        outside |= (bits[i] - min) | (max - bits[i]);
    }
    return outside >> 63 == 0;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static bool
are_between_avx2(const uint64_t *bits, uint32_t count, uint64_t min, uint64_t max) {
    return are_between(bits, count, min, max);
}
#endif

bool parquet_copy_fits(const ParquetConversion *conversion, const void *values, uint32_t count) {
    if (conversion->kind == PARQUET_CONVERT_COPY) {
        return true;
    }
    uint64_t min = (uint64_t)conversion->min;
    uint64_t max = (uint64_t)conversion->max;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        return are_between_avx2(values, count, min, max);
    }
#endif
    return are_between(values, count, min, max);
}

static ParquetFault integers_convert(const ParquetConversion *conversion,
                                     const void *physical,
                                     uint32_t count,
                                     void *out) {
    int64_t values[BLOCK];
    bool fits = integers_load(conversion, physical, count, values);
    if (conversion->multiplier != 1) {
        fits &= multiply(values, count, conversion->multiplier);
    }
    if (conversion->divisor != 1) {
        divide_floor(values, count, conversion->divisor);
    }
    if (!fits || !are_within(values, count, conversion->min, conversion->max)) {
        return PARQUET_FAULT_RANGE;
    }
    integers_store(conversion->width, values, count, out);
    return PARQUET_FAULT_NONE;
}

// Nanoseconds of a day and a Julian day, in UTC; wrapping, as those who write it do.
static ParquetFault int96_convert(const ParquetConversion *conversion,
                                  const void *physical,
                                  uint32_t count,
                                  void *out) {
    const uint8_t *bytes = physical;
    int64_t values[BLOCK];
    for (uint32_t i = 0; i < count; i++, bytes += 12) {
        uint64_t nanos = parquet_load64(bytes);
        int64_t day = (int64_t)parquet_load32(bytes + 8) - julian_epoch_day;
        values[i] = (int64_t)((uint64_t)day * (uint64_t)day_us + nanos / 1000);
    }
    if (!are_within(values, count, conversion->min, conversion->max)) {
        return PARQUET_FAULT_CALENDAR;
    }
    memcpy(out, values, count * sizeof *values);
    return PARQUET_FAULT_NONE;
}

// --- decimals ----------------------------------------------------------------------------------
static bool
wide_load(const ParquetConversion *conversion, const void *physical, uint32_t at, i128 *value) {
    if (conversion->physical == PARQUET_TYPE_INT32) {
        int32_t bits = ((const int32_t *)physical)[at];
        *value = conversion->is_unsigned ? (i128)(uint32_t)bits : (i128)bits;
        return true;
    }
    if (conversion->physical == PARQUET_TYPE_INT64) {
        int64_t bits = ((const int64_t *)physical)[at];
        *value = conversion->is_unsigned ? (i128)(uint64_t)bits : (i128)bits;
        return true;
    }
    const ParquetSlice *slice = (const ParquetSlice *)physical + at;
    return decimal_of_bytes(slice->data, slice->length, value);
}

static ParquetFault
wide_convert(const ParquetConversion *conversion, const void *physical, uint32_t count, void *out) {
    const FlowTypeDesc *type = conversion->type;
    bool is_same_scale = conversion->scale == type->scale;
    i128 limit = decimal_power10(type->precision);
    for (uint32_t i = 0; i < count; i++) {
        i128 value = 0;
        bool fits = wide_load(conversion, physical, i, &value);
        fits = fits &&
               (is_same_scale ||
                decimal_rescale(value, conversion->scale, type->precision, type->scale, &value));
        if (!fits || value >= limit || value <= -limit) {
            return PARQUET_FAULT_RANGE;
        }
        if (conversion->width == 16) {
            ((i128 *)out)[i] = value;
        } else {
            ((int64_t *)out)[i] = (int64_t)value;
        }
    }
    return PARQUET_FAULT_NONE;
}

// --- floats ------------------------------------------------------------------------------------
static void floats_convert(const void *physical, uint32_t count, double *out) {
    const float *values = physical;
    for (uint32_t i = 0; i < count; i++) {
        out[i] = values[i];
    }
}

static float half_value(const ParquetSlice *slice) {
    uint32_t half = (uint32_t)slice->data[0] | (uint32_t)slice->data[1] << 8;
    float fraction = (float)(half & 0x3FF);
    uint32_t exponent = half >> 10 & 0x1F;
    float sign = (half & 0x8000) != 0 ? -1.0f : 1.0f;
    if (exponent == 0x1F) {
        return sign * (fraction != 0.0f ? __builtin_nanf("") : __builtin_inff());
    }
    float value = exponent == 0 ? fraction * 0x1p-24f : (fraction + 1024.0f) * 0x1p-25f;
    for (uint32_t i = 0; i < exponent; i++) {
        value *= 2.0f; // exact
    }
    return sign * value;
}

static void halves_convert(const ParquetConversion *conversion,
                           const ParquetSlice *slices,
                           uint32_t count,
                           void *out) {
    for (uint32_t i = 0; i < count; i++) {
        float value = half_value(&slices[i]);
        if (conversion->width == 4) {
            ((float *)out)[i] = value;
        } else {
            ((double *)out)[i] = value;
        }
    }
}

// --- texts -------------------------------------------------------------------------------------
static ParquetFault
texts_convert(bool is_text, const ParquetSlice *slices, uint32_t count, FlowView *out) {
    bool are_valid = true;
    for (uint32_t i = 0; i < count; i++) {
        const char *bytes = (const char *)slices[i].data;
        are_valid &= !is_text || utf8_is_valid(bytes, slices[i].length);
        out[i] = view_of(bytes, slices[i].length);
    }
    return are_valid ? PARQUET_FAULT_NONE : PARQUET_FAULT_UTF8;
}

static ParquetFault
enums_convert(const FlowTypeDesc *type, const ParquetSlice *slices, uint32_t count, uint16_t *out) {
    for (uint32_t i = 0; i < count; i++) {
        int64_t code = enum_code(type, (const char *)slices[i].data, slices[i].length);
        if (code < 0) {
            return PARQUET_FAULT_ENUM;
        }
        out[i] = (uint16_t)code;
    }
    return PARQUET_FAULT_NONE;
}

// --- all ---------------------------------------------------------------------------------------
static uint32_t physical_width(ParquetType type) {
    switch (type) {
    case PARQUET_TYPE_BOOLEAN:
        return 1;
    case PARQUET_TYPE_BYTE_ARRAY:
    case PARQUET_TYPE_FIXED:
        return sizeof(ParquetSlice);
    default:
        return parquet_plain_width(type, 0);
    }
}

static ParquetFault block_convert(const ParquetConversion *conversion,
                                  const void *physical,
                                  uint32_t count,
                                  void *out) {
    switch (conversion->kind) {
    case PARQUET_CONVERT_COPY:
        memcpy(out, physical, (size_t)count * conversion->width);
        return PARQUET_FAULT_NONE;
    case PARQUET_CONVERT_INTEGER:
        return integers_convert(conversion, physical, count, out);
    case PARQUET_CONVERT_WIDE:
        return wide_convert(conversion, physical, count, out);
    case PARQUET_CONVERT_FLOAT:
        floats_convert(physical, count, out);
        return PARQUET_FAULT_NONE;
    case PARQUET_CONVERT_HALF:
        halves_convert(conversion, physical, count, out);
        return PARQUET_FAULT_NONE;
    case PARQUET_CONVERT_INT96:
        return int96_convert(conversion, physical, count, out);
    case PARQUET_CONVERT_TEXT:
    case PARQUET_CONVERT_BYTES:
        return texts_convert(conversion->kind == PARQUET_CONVERT_TEXT, physical, count, out);
    case PARQUET_CONVERT_ENUM:
        return enums_convert(conversion->type, physical, count, out);
    }
    flow_bug(__FILE__, __LINE__, "an unknown conversion");
}

// One value after the other, after a block in which not all were right.
static void faults_find(const ParquetConversion *conversion,
                        const char *physical,
                        uint32_t count,
                        char *out,
                        uint8_t *faults) {
    uint32_t step = physical_width(conversion->physical);
    for (uint32_t i = 0; i < count; i++) {
        char *value = out + (size_t)i * conversion->width;
        faults[i] = (uint8_t)block_convert(conversion, physical + (size_t)i * step, 1, value);
        if (faults[i] != PARQUET_FAULT_NONE) {
            memset(value, 0, conversion->width);
        }
    }
}

ParquetFault parquet_convert(const ParquetConversion *conversion,
                             const void *physical,
                             uint32_t count,
                             void *out,
                             uint8_t *faults) {
    const char *from = physical;
    char *to = out;
    ParquetFault first = PARQUET_FAULT_NONE;
    for (uint32_t at = 0; at < count; at += BLOCK) {
        uint32_t length = count - at < BLOCK ? count - at : BLOCK;
        ParquetFault fault = block_convert(conversion, from, length, to);
        first = first == PARQUET_FAULT_NONE ? fault : first;
        if (fault != PARQUET_FAULT_NONE && faults == NULL) {
            return fault;
        }
        if (fault != PARQUET_FAULT_NONE) {
            faults_find(conversion, from, length, to, faults + at);
        } else if (faults != NULL) {
            memset(faults + at, 0, length);
        }
        from += (size_t)length * physical_width(conversion->physical);
        to += (size_t)length * conversion->width;
    }
    return first;
}

const char *parquet_fault_text(ParquetFault fault) {
    switch (fault) {
    case PARQUET_FAULT_RANGE:
        return "a value is outside the range of the type";
    case PARQUET_FAULT_ENUM:
        return "a value is none of the enum's";
    case PARQUET_FAULT_UTF8:
        return "a string is not valid UTF-8";
    case PARQUET_FAULT_CALENDAR:
        return "a date or timestamp of the Julian calendar, which is not supported";
    default:
        return "a null where there can be none";
    }
}
