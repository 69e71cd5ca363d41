// scalar: single values: text forms, comparison, casts, decimal and calendar arithmetic, canonical
// key bytes. One truth for decoders, writers, casts, statistics, the DLQ and table listings.
//
// Includes abi and base. Nothing here allocates but into an Arena or Buffer that it is given.
#ifndef FLOW_SCALAR_H
#define FLOW_SCALAR_H

#include "base/base.h"

FlowView view_of(const char *bytes, size_t length); // borrows the bytes when longer than 12
static inline FlowView view_text(const char *text) {
    return view_of(text, strlen(text));
}
bool text_is_name(const char *text);                              // [A-Za-z_][A-Za-z0-9_]*
int view_compare(const FlowView *a, const FlowView *b);           // unsigned bytes
bool utf8_is_valid(const char *bytes, size_t length);             // fast on ASCII
size_t utf8_length(const char *bytes, size_t length);             // code points of valid UTF-8
size_t utf8_skip(const char *bytes, size_t length, size_t count); // bytes of `count` code points

// Column access: the value of row `row` of a column of this type, and the way back.
FlowValue value_load(const FlowTypeDesc *type, const void *values, size_t row);
void value_store(const FlowTypeDesc *type, void *values, size_t row, FlowValue value);
// A signed integer of this width; in loops of one width the compiler decides it once.
static inline int64_t integer_load(const void *values, uint32_t width_bytes, size_t row) {
    switch (width_bytes) {
    case 1:
        return ((const int8_t *)values)[row];
    case 2:
        return ((const int16_t *)values)[row];
    case 4:
        return ((const int32_t *)values)[row];
    default:
        return ((const int64_t *)values)[row];
    }
}

// Lists, maps and structs. `items` and `validity` are for the caller to fill, all valid at first; a
// list's `count` is its `item_count`, a map's half of it.
const FlowNested *
nested_new(Arena *arena, int64_t count, int64_t item_count, FlowValue **items, uint8_t **validity);
int64_t nested_item_count(const FlowTypeDesc *type, const FlowNested *nested);
const FlowTypeDesc *nested_item_type(const FlowTypeDesc *type, int64_t item);
static inline bool nested_has(const FlowNested *nested, int64_t item) {
    return nested->validity == NULL || nested->validity[item] != 0;
}
static inline bool desc_is_nested(const FlowTypeDesc *type) {
    return type->kind == FLOW_LIST || type->kind == FLOW_MAP || type->kind == FLOW_STRUCT;
}
// The value with all that it points to, for what outlives the row: state, batches.
FlowValue value_copy(Arena *arena, const FlowTypeDesc *type, FlowValue value);

// An enum's text, and the code of a text (-1: not listed).
const char *enum_text(const FlowTypeDesc *type, int64_t code);
int64_t enum_code(const FlowTypeDesc *type, const char *text, size_t length);

// Is a value an integer inside: a bool, an integer, a date, a timestamp, a duration?
bool value_is_whole(const FlowTypeDesc *type);

// -1, 0, 1; both of the same kind (decimals may differ in scale; enums compare as their text).
// Floats: NaN equals NaN and is greatest, -0.0 equals 0.0. Lists and structs item by item, null
// being the smallest and equal to null; maps by their entries in the order of the keys.
int value_compare(const FlowTypeDesc *a_type,
                  const FlowValue *a,
                  const FlowTypeDesc *b_type,
                  const FlowValue *b);

// Text of a value as Flow writes it: integers, exact decimals with all digits of the scale,
// shortest round-trip floats (NaN, Infinity, -Infinity), RFC 3339 timestamps that end in Z with as
// many fraction digits as needed (0, 3 or 6), dates, durations as integer µs, bytes as base64,
// true/false; lists, maps and structs as JSON.
void value_text(Buffer *out, const FlowTypeDesc *type, const FlowValue *value);
// The same as a JSON value: quoted for strings, enums, dates, timestamps, bytes and non-finite
// floats. A struct is an object of its fields in order; a map an object if its keys are single
// values (their texts are the names), else an array of {"key": …, "value": …}; no blanks.
void value_json(Buffer *out, const FlowTypeDesc *type, const FlowValue *value);

typedef enum ParseResult { PARSE_OK, PARSE_BAD, PARSE_RANGE } ParseResult;
// Text to a value of the type, strictly as LANGUAGE 3 and 11 say for CSV fields and JSON strings
// (the whole text; no blanks around). Strings borrow the text; bytes are decoded into the arena.
ParseResult value_parse(
    Arena *arena, const FlowTypeDesc *type, const char *text, size_t length, FlowValue *value);
// A JSON number's text: integers may be 1.0 or 1e2; decimals exact, digits beyond the scale zero.
ParseResult
value_parse_number(const FlowTypeDesc *type, const char *text, size_t length, FlowValue *value);
ParseResult
parse_timestamp(const char *text, size_t length, int64_t *us); // RFC 3339, offset required
ParseResult parse_date(const char *text, size_t length, int32_t *days);
ParseResult
parse_decimal(const char *text, size_t length, int32_t precision, int32_t scale, i128 *unscaled);
// As in a program: "10 minutes", "64 MiB" (or bytes: "65536"). False: it is no such text, or out of
// range.
bool parse_duration(const char *text, int64_t *us);
bool parse_size(const char *text, int64_t *bytes);
ParseResult parse_float64(const char *text, size_t length, double *value);

int32_t days_from_civil(int64_t year, uint32_t month, uint32_t day);
void civil_from_days(int64_t days, int64_t *year, uint32_t *month, uint32_t *day);

// Time zones, by their name ("Europe/Berlin") or offset ("+02:00"). Their data is built in, so that
// results do not depend on the machine of the run.
#define ZONE_NAME_BYTES_MAX 64
typedef enum ZoneChangeKind {
    ZONE_WEEKDAY,          // the `week`th weekday `day` of `month`
    ZONE_DAY_WITHOUT_LEAP, // day of the year from 1, February 29 never counted
    ZONE_DAY_FROM_ZERO,    // day of the year from 0
} ZoneChangeKind;
typedef struct ZoneChange {
    ZoneChangeKind kind;
    int32_t month, week, day;
    int32_t seconds; // of that day
} ZoneChange;
// Points into built-in data: needs no freeing, may be copied.
typedef struct Zone {
    const uint8_t *times; // of changes
    const uint8_t *kinds; // which of the types holds from a change on
    const uint8_t *types;
    uint32_t time_count;
    bool has_rule; // for all times after the last change
    bool has_summer;
    int32_t standard; // seconds east of UTC
    int32_t summer;
    ZoneChange begin; // of summer
    ZoneChange end;
} Zone;
bool zone_find(const char *name, size_t length, Zone *zone); // false: there is no such zone
int64_t zone_offset_us(const Zone *zone, int64_t us);        // local time minus UTC at this instant
// A local time is µs as if it were UTC. False: out of range. A local time that is skipped moves
// forward by the gap, of one that comes twice it is the first.
bool zone_to_local(const Zone *zone, int64_t us, int64_t *local_us);
bool zone_from_local(const Zone *zone, int64_t local_us, int64_t *us);

// A time in a zone: the calendar's day, the time of day, and what may stand behind them.
typedef struct LocalTime {
    int64_t days;           // since the epoch
    int64_t us;             // of the day
    bool has_offset;        // of a text that was read
    int32_t offset_seconds; // east of UTC
    FlowView zone;          // its name, for writing
} LocalTime;
// False: out of range.
bool local_time_of(int64_t us, const Zone *zone, LocalTime *time);
bool local_time_instant(const LocalTime *time,
                        const Zone *zone,
                        int64_t *us);  // by its own offset, if any
int64_t weekday_of_days(int64_t days); // 0: Monday
// Spark's patterns; valid ones only. Reading takes the whole text, and what is missing is the
// least.
bool time_pattern_is_valid(const char *pattern, size_t length);
void time_format(Buffer *out, const char *pattern, size_t length, const LocalTime *time);
bool time_parse(
    const char *pattern, size_t pattern_length, const char *text, size_t length, LocalTime *time);

// Whether a constant text is what a word of a signature in builtin.def asks for: unit, field, zone,
// regex, pattern, part. Any text is what other words ask for.
bool argument_text_is_valid(const char *word, const char *text, size_t length);

// Canonical key bytes: order-preserving, self-delimiting, equal exactly for equal values, the same
// on every machine and in every release (docs/decisions). Null is 0x00, a value 0x01 and then:
// integers, dates, times, bool: 8 bytes big-endian, sign bit flipped; decimals: 16 bytes likewise
// (unscaled, of the column's scale); floats: 8 bytes of the order-preserving bit pattern, -0.0 as
// 0.0, one NaN; strings, enums (their text), bytes: the bytes with 0x00 written as 0x00 0xFF, then
// 0x00 0x00. A struct is its fields one after the other; a list 0x01 and the element for each, then
// 0x00; a map likewise with key and value, in the order of the keys' bytes.
void key_append(Buffer *key, const FlowTypeDesc *type, bool is_null, const FlowValue *value);
// The way back: reads one value at *at, moves *at behind it and says whether there is one (false:
// null). Long strings
// point into the key, or into the arena if they had to be unescaped.
bool key_read(Arena *arena, const FlowTypeDesc *type, const char **at, FlowValue *value);

// Exact decimal arithmetic, 256-bit inside, half up; false if |result| has more than `precision`
// digits.
bool decimal_rescale(
    i128 value, int32_t from_scale, int32_t precision, int32_t scale, i128 *result);
bool decimal_add(i128 a,
                 int32_t a_scale,
                 i128 b,
                 int32_t b_scale,
                 int32_t precision,
                 int32_t scale,
                 i128 *result);
bool decimal_multiply(i128 a,
                      int32_t a_scale,
                      i128 b,
                      int32_t b_scale,
                      int32_t precision,
                      int32_t scale,
                      i128 *result);
bool decimal_divide(i128 a,
                    int32_t a_scale,
                    i128 b,
                    int32_t b_scale,
                    int32_t precision,
                    int32_t scale,
                    i128 *result);
// The remainder of the truncated division, with the sign of a; and its whole quotient.
bool decimal_modulo(i128 a,
                    int32_t a_scale,
                    i128 b,
                    int32_t b_scale,
                    int32_t precision,
                    int32_t scale,
                    i128 *result);
bool decimal_divide_whole(i128 a,
                          int32_t a_scale,
                          i128 b,
                          int32_t b_scale,
                          int32_t precision,
                          int32_t scale,
                          i128 *result);
// Sums of more than 128 bits: two's complement, little endian; they start as zeros.
typedef struct WideSum {
    uint64_t limbs[4];
} WideSum;
void wide_sum_add(WideSum *sum, i128 value);
void wide_sum_merge(WideSum *sum, const WideSum *more);
bool wide_sum_decimal(const WideSum *sum, int32_t precision, i128 *result);
// sum / count, from the sum's scale to `scale`, half up.
bool wide_sum_average(const WideSum *sum,
                      int64_t count,
                      int32_t sum_scale,
                      int32_t precision,
                      int32_t scale,
                      i128 *result);
int decimal_compare(i128 a, int32_t a_scale, i128 b, int32_t b_scale);
i128 decimal_power10(int32_t exponent); // 0..38
// Two's complement, big-endian, of any length but 0; false: the value has more than 128 bits.
bool decimal_of_bytes(const uint8_t *bytes, size_t length, i128 *value);

// The float nearest to mantissa * 2^exponent, or to a little more if sticky; ties to even. Infinite
// if it is past the greatest one.
double float_round(u128 mantissa, int32_t exponent, bool is_sticky, bool is_single);
// numerator / denominator * 2^exponent, exact and rounded once; denominator > 0.
// A quotient rounded half away from zero; the divisor is positive.
i128 integer_of_ratio(i128 numerator, int64_t denominator);
double float_of_ratio(i128 numerator, int64_t denominator, int32_t exponent, bool is_single);

// LANGUAGE 8: FLOW_VALUE_OK, or FLOW_VALUE_ERROR if the value does not fit.
int32_t value_cast(Arena *arena,
                   const FlowTypeDesc *from,
                   const FlowValue *value,
                   const FlowTypeDesc *to,
                   FlowValue *result);

// Whether `matches` takes it, for the compiler to say so before the run.
bool pattern_is_valid(const char *text, size_t length);

// What FlowContext.runtime points to begins with this: kernels and functions put the bytes of the
// strings that they make into the arena (flow_rt_bytes_new). Whoever calls a kernel outside of a
// run (folding constants, interpreting) needs no more than a ScalarRuntime of its own.
typedef struct ScalarRuntime {
    Arena *arena;
} ScalarRuntime;

// The kernel's string result: a copy in the arena if it is longer than a view holds.
FlowView view_new(FlowContext *ctx, const char *bytes, size_t length);

#endif
