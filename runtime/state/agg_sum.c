// sum and avg. Sums are kept wider than any input can fill them and judged once, at output, so that
// the order of the rows cannot decide whether one overflows. Generated code updates the plain ones
// (SumForm) in place.
#include "state/agg_internal.h"

// Accumulators lie at multiples of 8.
typedef i128 PlacedSum __attribute__((aligned(8)));

typedef struct SumForm { // integers, durations, decimals up to 18 digits
    PlacedSum sum;
    int64_t count;
} SumForm;

typedef struct WideForm { // longer decimals
    WideSum sum;
    int64_t count;
} WideForm;

typedef struct ExactForm { // floats
    ExactSum *sum;
    int64_t count;
} ExactForm;

// avg of integers: a place of its own for the sum.
typedef struct BoxForm {
    i128 *sum;
    int64_t count;
} BoxForm;
_Static_assert(sizeof(ExactForm) == 16 && sizeof(SumForm) == 24 && sizeof(WideForm) == 40,
               "the forms are those that flow_agg_bytes measures");

// A saved SumForm is written in 32 bytes, which earlier checkpoints have.
enum { SAVED_SPARE_BYTES = 8 };

typedef enum SumKind { SUM_PLAIN, SUM_WIDE, SUM_EXACT, SUM_BOX } SumKind;

static SumKind kind_of(const FlowAgg *agg) {
    if (type_is_float(agg->input)) {
        return SUM_EXACT;
    }
    if (agg->input->kind == FLOW_DECIMAL) {
        return agg->input->precision > 18 ? SUM_WIDE : SUM_PLAIN;
    }
    return agg->kind == FLOW_AGG_AVG ? SUM_BOX : SUM_PLAIN;
}

// --- in -----------------------------------------------------------------------------------------
static ExactSum *exact_of(Arena *arena, ExactForm *form) {
    if (form->sum == NULL) {
        form->sum = exact_sum_new(arena);
    }
    return form->sum;
}

static i128 *box_of(Arena *arena, BoxForm *form) {
    if (form->sum == NULL) {
        form->sum = arena_zeroed(arena, 1, sizeof(i128));
    }
    return form->sum;
}

static void sum_update(Arena *arena,
                       const FlowAgg *agg,
                       void *accumulator,
                       const FlowValue *values,
                       const AggPlace *place) {
    (void)place;
    bool is_decimal = agg->input->kind == FLOW_DECIMAL;
    switch (kind_of(agg)) {
    case SUM_EXACT:
        exact_sum_add(arena, exact_of(arena, accumulator), values->f64);
        ((ExactForm *)accumulator)->count++;
        break;
    case SUM_WIDE:
        wide_sum_add(&((WideForm *)accumulator)->sum, values->i128);
        ((WideForm *)accumulator)->count++;
        break;
    case SUM_BOX:
        *box_of(arena, accumulator) += values->i64;
        ((BoxForm *)accumulator)->count++;
        break;
    case SUM_PLAIN:
        ((SumForm *)accumulator)->sum += is_decimal ? values->i128 : (i128)values->i64;
        ((SumForm *)accumulator)->count++;
        break;
    }
}

static void exact_merge(Arena *arena, ExactForm *into, const ExactForm *from) {
    if (from->sum != NULL) {
        exact_sum_merge(arena, exact_of(arena, into), from->sum);
    }
    into->count += from->count;
}

static void box_merge(Arena *arena, BoxForm *into, const BoxForm *from) {
    if (from->sum != NULL) {
        *box_of(arena, into) += *from->sum;
    }
    into->count += from->count;
}

static void sum_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    switch (kind_of(agg)) {
    case SUM_EXACT:
        exact_merge(arena, into, from);
        break;
    case SUM_WIDE:
        wide_sum_merge(&((WideForm *)into)->sum, &((const WideForm *)from)->sum);
        ((WideForm *)into)->count += ((const WideForm *)from)->count;
        break;
    case SUM_BOX:
        box_merge(arena, into, from);
        break;
    case SUM_PLAIN:
        ((SumForm *)into)->sum += ((const SumForm *)from)->sum;
        ((SumForm *)into)->count += ((const SumForm *)from)->count;
        break;
    }
}

// --- spilled
// --------------------------------------------------------------------------------------
static void sum_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    const ExactForm *exact = accumulator;
    const BoxForm *box = accumulator;
    switch (kind_of(agg)) {
    case SUM_EXACT:
        buffer_append(out, &exact->count, sizeof(exact->count));
        if (exact->count > 0) {
            exact_sum_save(exact->sum, out);
        }
        break;
    case SUM_WIDE:
        buffer_append(out, accumulator, sizeof(WideForm));
        break;
    case SUM_BOX:
        buffer_append(out, &box->count, sizeof(box->count));
        if (box->count > 0) {
            buffer_append(out, box->sum, sizeof(*box->sum));
        }
        break;
    case SUM_PLAIN:
        buffer_append(out, accumulator, sizeof(SumForm));
        buffer_append(out, (char[SAVED_SPARE_BYTES]){0}, SAVED_SPARE_BYTES);
        break;
    }
}

static void sum_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    ExactForm *exact = accumulator;
    BoxForm *box = accumulator;
    switch (kind_of(agg)) {
    case SUM_EXACT:
        bytes_read(at, &exact->count, sizeof(exact->count));
        exact->sum = exact->count > 0 ? exact_sum_load(arena, at) : NULL;
        break;
    case SUM_WIDE:
        bytes_read(at, accumulator, sizeof(WideForm));
        break;
    case SUM_BOX:
        bytes_read(at, &box->count, sizeof(box->count));
        if (box->count > 0) {
            bytes_read(at, box_of(arena, box), sizeof(i128));
        }
        break;
    case SUM_PLAIN:
        bytes_read(at, accumulator, sizeof(SumForm));
        *at += SAVED_SPARE_BYTES;
        break;
    }
}

// --- out ----------------------------------------------------------------------------------------

static AggStatus value_or_overflow(bool fits) {
    return fits ? AGG_VALUE : AGG_OVERFLOW;
}

static AggStatus exact_result(const FlowAgg *agg, const ExactForm *form, FlowValue *result) {
    if (form->count == 0) {
        return AGG_NULL;
    }
    int64_t divisor = agg->kind == FLOW_AGG_AVG ? form->count : 1;
    bool is_single = agg->result->kind == FLOW_FLOAT32;
    return value_or_overflow(exact_sum_result(form->sum, divisor, is_single, &result->f64));
}

static AggStatus box_result(const FlowAgg *agg, const BoxForm *form, FlowValue *result) {
    if (form->count == 0) {
        return AGG_NULL;
    }
    if (agg->result->kind == FLOW_DURATION) {
        result->i64 = (int64_t)integer_of_ratio(*form->sum, form->count);
    } else {
        result->f64 = float_of_ratio(*form->sum, form->count, 0, false);
    }
    return AGG_VALUE;
}

static AggStatus
decimal_result(const FlowAgg *agg, const WideSum *sum, int64_t count, FlowValue *result) {
    const FlowTypeDesc *type = agg->result;
    i128 value = 0;
    if (count == 0) {
        return AGG_NULL;
    }
    bool fits =
        agg->kind == FLOW_AGG_SUM
            ? wide_sum_decimal(sum, type->precision, &value)
            : wide_sum_average(sum, count, agg->input->scale, type->precision, type->scale, &value);
    result->i128 = value;
    return value_or_overflow(fits);
}

static AggStatus integer_result(const SumForm *form, FlowValue *result) {
    if (form->count == 0) {
        return AGG_NULL;
    }
    result->i64 = (int64_t)form->sum;
    return value_or_overflow(form->sum >= INT64_MIN && form->sum <= INT64_MAX);
}

static AggStatus
sum_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    (void)arena;
    const SumForm *plain = accumulator;
    const WideForm *wide = accumulator;
    WideSum sum = {{0}};
    switch (kind_of(agg)) {
    case SUM_EXACT:
        return exact_result(agg, accumulator, result);
    case SUM_WIDE:
        return decimal_result(agg, &wide->sum, wide->count, result);
    case SUM_BOX:
        return box_result(agg, accumulator, result);
    case SUM_PLAIN:
        break;
    }
    if (agg->input->kind != FLOW_DECIMAL) {
        return integer_result(plain, result);
    }
    wide_sum_add(&sum, plain->sum);
    return decimal_result(agg, &sum, plain->count, result);
}

const AggFamily agg_family_sum = {sum_update, sum_merge, sum_save, sum_load, sum_result};
