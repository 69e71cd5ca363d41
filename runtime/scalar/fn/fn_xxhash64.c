// xxhash64: Spark's hash of one or more values, with seed 42: each value's hash is the seed of the
// next one, and null leaves it as it is.
//
// example: xxhash64(1) == -7001672635703045582
// example: xxhash64("Spark", [cast(123 as int32)], cast(2 as int32)) == 5602566077635097486
// example: xxhash64(true) != xxhash64(false)
// example: xxhash64("") == -7444071767201028348
#include "scalar/fn/fn.h"

#include <xxhash.h>

static uint64_t value_hash(const FlowTypeDesc *type, const FlowValue *value, uint64_t seed);

static uint64_t int_hash(int64_t value, uint64_t seed) {
    int32_t narrow = (int32_t)value;
    return XXH64(&narrow, sizeof(narrow), seed);
}

static uint64_t long_hash(int64_t value, uint64_t seed) {
    return XXH64(&value, sizeof(value), seed);
}

static uint64_t float_hash(double value, uint64_t seed) {
    float narrow = value == 0 ? 0 : value != value ? __builtin_nanf("") : (float)value;
    int32_t bits;
    memcpy(&bits, &narrow, sizeof(bits));
    return int_hash(bits, seed);
}

static uint64_t double_hash(double value, uint64_t seed) {
    double canonical = value == 0 ? 0 : value != value ? __builtin_nan("") : value;
    int64_t bits;
    memcpy(&bits, &canonical, sizeof(bits));
    return long_hash(bits, seed);
}

// More than 18 digits: the shortest big-endian two's complement of the unscaled value.
static uint64_t wide_hash(i128 value, uint64_t seed) {
    uint8_t bytes[sizeof(i128)];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[sizeof(bytes) - 1 - i] = (uint8_t)(value >> (8 * i));
    }
    size_t first = 0;
    uint8_t sign = value < 0 ? 0xFF : 0;
    while (first + 1 < sizeof(bytes) && bytes[first] == sign && (bytes[first + 1] ^ sign) < 0x80) {
        first++;
    }
    return XXH64(bytes + first, sizeof(bytes) - first, seed);
}

static uint64_t nested_hash(const FlowTypeDesc *type, const FlowNested *nested, uint64_t seed) {
    for (int64_t i = 0; i < nested_item_count(type, nested); i++) {
        if (nested_has(nested, i)) {
            seed = value_hash(nested_item_type(type, i), &nested->items[i], seed);
        }
    }
    return seed;
}

static uint64_t value_hash(const FlowTypeDesc *type, const FlowValue *value, uint64_t seed) {
    const char *text = NULL;
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_DATE:
        return int_hash(value->i64, seed);
    case FLOW_FLOAT32:
        return float_hash(value->f64, seed);
    case FLOW_FLOAT64:
        return double_hash(value->f64, seed);
    case FLOW_DECIMAL:
        return type->precision > 18 ? wide_hash(value->i128, seed)
                                    : long_hash((int64_t)value->i128, seed);
    case FLOW_STRING:
    case FLOW_BYTES:
        return XXH64(flow_view_data(&value->view), value->view.length, seed);
    case FLOW_ENUM:
        text = enum_text(type, value->i64);
        return XXH64(text, strlen(text), seed);
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return nested_hash(type, value->nested, seed);
    default:
        return long_hash(value->i64, seed);
    }
}

BUILTIN_FUNCTION(xxhash64) {
    uint64_t hash = 42;
    for (int64_t i = 0; i < info->arguments_count; i++) {
        hash = value_hash(&info->arguments[i], &args[i], hash);
    }
    result->i64 = (int64_t)hash;
    return FLOW_VALUE_OK;
}
