// Canonical key bytes: the form in which keys are hashed, compared, ordered and kept. Generated
// code makes the same bytes with the flow_h_key_* helpers; both must stay as docs/decisions say.
#include "scalar/nested.h"
#include "scalar/number.h"
#include "scalar/scalar.h"

#include <math.h>

static void append_big_endian(Buffer *key, uint64_t bits) {
    uint64_t swapped = __builtin_bswap64(bits);
    buffer_append(key, &swapped, sizeof(swapped));
}

static void append_integer(Buffer *key, int64_t value) {
    append_big_endian(key, (uint64_t)value ^ UINT64_C(1) << 63);
}

static void append_decimal(Buffer *key, i128 value) {
    u128 bits = (u128)value ^ (u128)1 << 127;
    append_big_endian(key, (uint64_t)(bits >> 64));
    append_big_endian(key, (uint64_t)bits);
}

// Negative floats are turned over whole, others only in their sign: then the bits order as numbers.
static void append_float(Buffer *key, double value) {
    double canonical = isnan(value) ? __builtin_nan("") : value == 0.0 ? 0.0 : value;
    uint64_t bits;
    memcpy(&bits, &canonical, sizeof(bits));
    append_big_endian(key, (bits >> 63) != 0 ? ~bits : bits | UINT64_C(1) << 63);
}

static void append_bytes(Buffer *key, const char *bytes, size_t length) {
    const char *end = bytes + length;
    while (bytes < end) {
        const char *zero = memchr(bytes, '\0', (size_t)(end - bytes));
        const char *stop = zero == NULL ? end : zero + 1;
        buffer_append(key, bytes, (size_t)(stop - bytes));
        if (zero != NULL) {
            buffer_char(key, '\xFF');
        }
        bytes = stop;
    }
    buffer_append(key, "\0\0", 2);
}

void key_append(Buffer *key, const FlowTypeDesc *type, bool is_null, const FlowValue *value) {
    buffer_char(key, is_null ? '\0' : '\1');
    if (is_null) {
        return;
    }
    switch ((FlowKind)type->kind) {
    case FLOW_DECIMAL:
        append_decimal(key, value->i128);
        break;
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        append_float(key, value->f64);
        break;
    case FLOW_STRING:
    case FLOW_BYTES:
        append_bytes(key, flow_view_data(&value->view), value->view.length);
        break;
    case FLOW_ENUM: {
        const char *text = enum_text(type, value->i64);
        append_bytes(key, text, strlen(text));
        break;
    }
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        nested_key_append(key, type, value->nested);
        break;
    default:
        append_integer(key, value->i64);
        break;
    }
}

static uint64_t read_big_endian(const char **at) {
    uint64_t bits;
    memcpy(&bits, *at, sizeof(bits));
    *at += sizeof(bits);
    return __builtin_bswap64(bits);
}

static double read_float(const char **at) {
    uint64_t bits = read_big_endian(at);
    bits = (bits >> 63) != 0 ? bits ^ UINT64_C(1) << 63 : ~bits;
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static i128 read_decimal(const char **at) {
    u128 high = read_big_endian(at);
    return (i128)((high << 64 | read_big_endian(at)) ^ (u128)1 << 127);
}

// The bytes of a string: in place if none of them is zero, else copied without the escapes.
static const char *read_bytes(Arena *arena, const char **at, size_t *length) {
    const char *begin = *at;
    const char *end = begin;
    size_t escapes = 0;
    while (end[0] != '\0' || end[1] != '\0') {
        escapes += end[0] == '\0';
        end += end[0] == '\0' ? 2 : 1;
    }
    *at = end + 2;
    *length = (size_t)(end - begin) - escapes;
    if (escapes == 0) {
        return begin;
    }
    char *copy = arena_alloc(arena, *length);
    char *to = copy;
    for (const char *from = begin; from < end; from += *from == '\0' ? 2 : 1) {
        *to++ = *from;
    }
    return copy;
}

bool key_read(Arena *arena, const FlowTypeDesc *type, const char **at, FlowValue *value) {
    size_t length = 0;
    const char *bytes = NULL;
    if (*(*at)++ == '\0') {
        return false;
    }
    switch ((FlowKind)type->kind) {
    case FLOW_DECIMAL:
        value->i128 = read_decimal(at);
        break;
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        value->f64 = read_float(at);
        break;
    case FLOW_STRING:
    case FLOW_BYTES:
        bytes = read_bytes(arena, at, &length);
        value->view = view_of(bytes, length);
        break;
    case FLOW_ENUM:
        bytes = read_bytes(arena, at, &length);
        value->i64 = enum_code(type, bytes, length);
        ASSERT(value->i64 >= 0);
        break;
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        value->nested = nested_key_read(arena, type, at);
        break;
    default:
        value->i64 = (int64_t)(read_big_endian(at) ^ UINT64_C(1) << 63);
        break;
    }
    return true;
}
