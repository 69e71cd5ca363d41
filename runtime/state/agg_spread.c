// stddev and variance of a sample: the sum of the values and that of their squares are kept
// exactly, so that the order of the rows cannot show, and neither can cancellation.
#include "state/agg_internal.h"

#include <float.h>
#include <math.h>

typedef struct Spread {
    BigSum sum;
    BigSum squares;
    bool has_other; // NaN or infinite
} Spread;

typedef struct SpreadForm {
    Spread *spread;
    int64_t count;
} SpreadForm;
_Static_assert(sizeof(SpreadForm) == 16, "as flow_agg_bytes says");

static Spread *spread_of(Arena *arena, SpreadForm *form) {
    if (form->spread == NULL) {
        form->spread = arena_new(arena, Spread);
    }
    return form->spread;
}

// The size squared, as four words.
static void square(u128 size, uint64_t words[4]) {
    u128 low = (uint64_t)size;
    u128 high = size >> 64;
    u128 middle = low * high;
    u128 bottom = low * low;
    u128 top = high * high + (middle >> 63);
    u128 shifted = middle << 65;
    u128 total = bottom + shifted;
    top += total < bottom;
    words[0] = (uint64_t)total;
    words[1] = (uint64_t)(total >> 64);
    words[2] = (uint64_t)top;
    words[3] = (uint64_t)(top >> 64);
}

static void
spread_add(Arena *arena, Spread *spread, u128 size, int32_t exponent, bool is_negative) {
    uint64_t words[4] = {(uint64_t)size, (uint64_t)(size >> 64)};
    big_sum_add(arena, &spread->sum, words, 2, exponent, is_negative);
    square(size, words);
    big_sum_add(arena, &spread->squares, words, COUNT_OF(words), exponent * 2, false);
}

static void float_add(Arena *arena, Spread *spread, double value) {
    if (!isfinite(value)) {
        spread->has_other = true;
        return;
    }
    int exponent = 0;
    int64_t mantissa = (int64_t)ldexp(frexp(value, &exponent), DBL_MANT_DIG);
    u128 size = (u128)(mantissa < 0 ? -mantissa : mantissa);
    spread_add(arena, spread, size, exponent - DBL_MANT_DIG, mantissa < 0);
}

static void spread_update(Arena *arena,
                          const FlowAgg *agg,
                          void *accumulator,
                          const FlowValue *values,
                          const AggPlace *place) {
    (void)place;
    SpreadForm *form = accumulator;
    Spread *spread = spread_of(arena, form);
    form->count++;
    if (type_is_float(agg->input)) {
        float_add(arena, spread, values->f64);
        return;
    }
    i128 value = agg->input->kind == FLOW_DECIMAL ? values->i128 : (i128)values->i64;
    spread_add(arena, spread, value < 0 ? -(u128)value : (u128)value, 0, value < 0);
}

static void spread_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    (void)agg;
    const SpreadForm *more = from;
    SpreadForm *form = into;
    if (more->spread == NULL) {
        return;
    }
    Spread *spread = spread_of(arena, form);
    form->count += more->count;
    spread->has_other |= more->spread->has_other;
    big_sum_merge(arena, &spread->sum, &more->spread->sum);
    big_sum_merge(arena, &spread->squares, &more->spread->squares);
}

static void spread_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    (void)agg;
    const SpreadForm *form = accumulator;
    buffer_append(out, &form->count, sizeof(form->count));
    if (form->count > 0) {
        buffer_char(out, form->spread->has_other);
        big_sum_save(&form->spread->sum, out);
        big_sum_save(&form->spread->squares, out);
    }
}

static void spread_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    (void)agg;
    SpreadForm *form = accumulator;
    bytes_read(at, &form->count, sizeof(form->count));
    if (form->count > 0) {
        Spread *spread = spread_of(arena, form);
        spread->has_other = *(*at)++ != 0;
        big_sum_load(arena, &spread->sum, at);
        big_sum_load(arena, &spread->squares, at);
    }
}

static AggStatus
spread_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    (void)arena;
    const SpreadForm *form = accumulator;
    if (form->count < 2) {
        return AGG_NULL;
    }
    const Spread *spread = form->spread;
    if (spread->has_other) {
        result->f64 = __builtin_nan("");
        return AGG_VALUE;
    }
    int32_t digits = agg->input->kind == FLOW_DECIMAL ? agg->input->scale * 2 : 0;
    double variance = big_sum_variance(&spread->sum, &spread->squares, form->count, digits);
    result->f64 = agg->kind == FLOW_AGG_STDDEV ? sqrt(variance) : variance;
    return isfinite(result->f64) ? AGG_VALUE : AGG_OVERFLOW;
}

const AggFamily agg_family_spread = {
    spread_update, spread_merge, spread_save, spread_load, spread_result};
