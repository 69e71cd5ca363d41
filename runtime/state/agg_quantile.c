// median and percentile: all values are kept, as float64, and the two around the wanted place are
// found when the result is asked for.
#include "state/agg_internal.h"

#include <math.h>

enum { NUMBERS_MIN = 4 };

typedef struct Numbers {
    double *items;
    uint64_t count;
    uint64_t capacity;
    double part; // 0 .. 1
} Numbers;

typedef struct QuantileForm {
    Numbers *numbers;
    int64_t reserved;
} QuantileForm;
_Static_assert(sizeof(QuantileForm) == 16, "as flow_agg_bytes says");

static Numbers *numbers_of(Arena *arena, QuantileForm *form) {
    if (form->numbers == NULL) {
        form->numbers = arena_new(arena, Numbers);
    }
    return form->numbers;
}

static void numbers_reserve(Arena *arena, Numbers *numbers, uint64_t more) {
    if (numbers->count + more <= numbers->capacity) {
        return;
    }
    uint64_t capacity = numbers->capacity == 0 ? NUMBERS_MIN : numbers->capacity * 2;
    while (capacity < numbers->count + more) {
        capacity *= 2;
    }
    double *items = arena_alloc(arena, capacity * sizeof(double));
    if (numbers->count > 0) {
        memcpy(items, numbers->items, numbers->count * sizeof(double));
    }
    numbers->items = items;
    numbers->capacity = capacity;
}

static void quantile_update(Arena *arena,
                            const FlowAgg *agg,
                            void *accumulator,
                            const FlowValue *values,
                            const AggPlace *place) {
    (void)place;
    Numbers *numbers = numbers_of(arena, accumulator);
    numbers_reserve(arena, numbers, 1);
    numbers->items[numbers->count++] = number_as_float(agg->input, values);
    numbers->part = agg->kind == FLOW_AGG_MEDIAN ? 0.5 : values[1].f64;
}

static void quantile_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    (void)agg;
    const Numbers *more = ((const QuantileForm *)from)->numbers;
    if (more == NULL) {
        return;
    }
    Numbers *numbers = numbers_of(arena, into);
    numbers_reserve(arena, numbers, more->count);
    memcpy(numbers->items + numbers->count, more->items, more->count * sizeof(double));
    numbers->count += more->count;
    numbers->part = more->part;
}

static void quantile_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    (void)agg;
    const Numbers *numbers = ((const QuantileForm *)accumulator)->numbers;
    uint64_t count = numbers == NULL ? 0 : numbers->count;
    buffer_append(out, &count, sizeof(count));
    if (count > 0) {
        buffer_append(out, &numbers->part, sizeof(numbers->part));
        buffer_append(out, numbers->items, count * sizeof(double));
    }
}

static void quantile_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    (void)agg;
    uint64_t count = 0;
    bytes_read(at, &count, sizeof(count));
    if (count > 0) {
        Numbers *numbers = numbers_of(arena, accumulator);
        numbers_reserve(arena, numbers, count);
        bytes_read(at, &numbers->part, sizeof(numbers->part));
        bytes_read(at, numbers->items, count * sizeof(double));
        numbers->count = count;
    }
}

static void swap(double *a, double *b) {
    double kept = *a;
    *a = *b;
    *b = kept;
}

static double median_of_three(double a, double b, double c) {
    bool a_first = float_is_less(a, b);
    double low = a_first ? a : b;
    double high = a_first ? b : a;
    return float_is_less(c, low) ? low : float_is_less(high, c) ? high : c;
}

// Puts the value of place `wanted` there; the others are on their side of it.
static void place_find(double *items, int64_t count, int64_t wanted) {
    int64_t low = 0;
    int64_t high = count - 1;
    while (low < high) {
        double pivot = median_of_three(items[low], items[(low + high) / 2], items[high]);
        int64_t i = low;
        int64_t j = high;
        while (i <= j) {
            while (float_is_less(items[i], pivot)) {
                i++;
            }
            while (float_is_less(pivot, items[j])) {
                j--;
            }
            if (i <= j) {
                swap(&items[i++], &items[j--]);
            }
        }
        low = wanted >= i ? i : low;
        high = wanted <= j ? j : high;
        if (wanted > j && wanted < i) {
            return;
        }
    }
}

static double interpolated(double *items, uint64_t count, double part) {
    double place = part * (double)(count - 1);
    uint64_t below = (uint64_t)place;
    double share = place - (double)below;
    place_find(items, (int64_t)count, (int64_t)below);
    double low = items[below];
    if (share == 0 || below + 1 == count) {
        return low;
    }
    double high = items[below + 1];
    for (uint64_t i = below + 2; i < count; i++) {
        high = float_is_less(items[i], high) ? items[i] : high;
    }
    if (low == high) {
        return low; // infinities too
    }
    double span = high - low;
    return isfinite(span) ? low + span * share : low * (1 - share) + high * share;
}

static AggStatus
quantile_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    (void)arena, (void)agg;
    const Numbers *numbers = ((const QuantileForm *)accumulator)->numbers;
    if (numbers == NULL) {
        return AGG_NULL;
    }
    double *items = memory_alloc(numbers->count * sizeof(double));
    memcpy(items, numbers->items, numbers->count * sizeof(double));
    result->f64 = interpolated(items, numbers->count, numbers->part);
    memory_free(items);
    return AGG_VALUE;
}

const AggFamily agg_family_quantile = {
    quantile_update, quantile_merge, quantile_save, quantile_load, quantile_result};
