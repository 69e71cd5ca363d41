// What the families of aggregates share: kept values, exact sums, sets of values, bytes of a spill.
#ifndef FLOW_STATE_AGG_INTERNAL_H
#define FLOW_STATE_AGG_INTERNAL_H

#include "state/agg.h"

typedef struct AggFamily {
    // `place` is NULL unless the kind is ordered
    void (*update)(Arena *arena,
                   const FlowAgg *agg,
                   void *accumulator,
                   const FlowValue *values,
                   const AggPlace *place);
    void (*merge)(Arena *arena, const FlowAgg *agg, void *into, const void *from);
    void (*save)(const FlowAgg *agg, const void *accumulator, Buffer *out);
    void (*load)(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at);
    AggStatus (*result)(Arena *arena,
                        const FlowAgg *agg,
                        const void *accumulator,
                        FlowValue *result);
} AggFamily;
extern const AggFamily agg_family_count, agg_family_sum, agg_family_extreme, agg_family_chosen,
    agg_family_distinct, agg_family_spread, agg_family_quantile, agg_family_sketch, agg_family_list;

// --- agg_value.c: values that outlive their batch
// -------------------------------------------------- Bytes that the value needs beyond its own 16,
// and a copy of it that has them at `to` (16-byte aligned): one piece, so that it can be written
// over by the next value that fits.
size_t value_room(const FlowTypeDesc *type, const FlowValue *value);
FlowValue value_put(const FlowTypeDesc *type, const FlowValue *value, char *to);

typedef struct Kept {
    FlowValue value;
    char *room;
    int64_t room_bytes;
} Kept;
void kept_set(Arena *arena, Kept *kept, const FlowTypeDesc *type, const FlowValue *value);

// Exact bytes of a value (key bytes would lose the sign of a zero).
void value_save(Buffer *out, const FlowTypeDesc *type, const FlowValue *value);
FlowValue value_read(Arena *arena, const FlowTypeDesc *type, const char **at);
void bytes_read(const char **at, void *to, size_t length);

// A number of any numeric type as a float64, rounded once; zeros are positive, NaN is one.
double number_as_float(const FlowTypeDesc *type, const FlowValue *value);

static inline bool float_is_less(double a, double b) {
    return b != b ? a == a : a < b; // NaN is greatest
}

static inline bool type_is_float(const FlowTypeDesc *type) {
    return type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64;
}

// --- exact_sum.c: exact sums of floats
// -------------------------------------------------------------
typedef struct ExactSum ExactSum;
ExactSum *exact_sum_new(Arena *arena);
void exact_sum_add(Arena *arena, ExactSum *sum, double value);
void exact_sum_merge(Arena *arena, ExactSum *into, const ExactSum *from);
void exact_sum_save(const ExactSum *sum, Buffer *out);
ExactSum *exact_sum_load(Arena *arena, const char **at);
// sum / count, rounded once. False if finite values give more than the greatest float.
bool exact_sum_result(const ExactSum *sum, int64_t count, bool is_single, double *result);

// --- distinct_set.c: sets of values
// ---------------------------------------------------------------- Members are canonical key bytes
// and have numbers in the order in which they were added.
typedef struct DistinctSet DistinctSet;
typedef struct DistinctMember {
    const char *bytes;
    uint64_t length;
    uint64_t hash;
    uint64_t number;
} DistinctMember;
// The value's member; whether it is new shows in the set's count.
const DistinctMember *
distinct_set_add(Arena *arena, DistinctSet **set, const FlowTypeDesc *type, const FlowValue *value);
void distinct_set_add_bytes(Arena *arena, DistinctSet **set, const char *bytes, size_t length);
int64_t distinct_set_count(const DistinctSet *set);
const DistinctMember *distinct_set_next(const DistinctSet *set, uint64_t *cursor); // NULL: no more

// --- big_sum.c: sums of whole numbers times powers of two
// ------------------------------------------ Whole numbers that are as wide as their summands need,
// in units of 2^(32 * first).
typedef struct BigSum {
    int64_t *digits; // signed, of 32 bits each, carried now and then
    int32_t first;
    int32_t count;
    uint32_t pending; // additions since the last carry
    uint32_t reserved;
} BigSum;
// The sum += (-) size * 2^exponent, `size` being `count` 64-bit words, little endian.
void big_sum_add(
    Arena *arena, BigSum *sum, const uint64_t *size, uint32_t count, int32_t exponent, bool minus);
void big_sum_merge(Arena *arena, BigSum *into, const BigSum *from);
void big_sum_save(const BigSum *sum, Buffer *out);
void big_sum_load(Arena *arena, BigSum *sum, const char **at);
// (n * squares - sum * sum) / (n * (n - 1) * 10^digits), rounded once; n > 1.
double big_sum_variance(const BigSum *sum, const BigSum *squares, int64_t n, int32_t digits);

#endif
