// approx_percentile: a DDSketch: counts of values in buckets whose bounds are powers of two, cut
// into 128 equal parts, so that a result is at most 1/256 away from a value of that rank. Which
// bucket a value belongs to is read off its bits: the same on every machine.
#include "state/agg_internal.h"

enum { PART_BITS = 7, DROPPED_BITS = 52 - PART_BITS, BUCKETS_MIN = 8 };

typedef struct Bucket {
    int64_t index; // of a float's bits without the dropped ones, negative for negative values
    int64_t count; // 0: free
} Bucket;

typedef struct Sketch {
    Bucket *buckets; // open addressing
    uint32_t used;
    uint32_t capacity;
    int64_t count; // of all values
    double least;
    double greatest;
    double part; // 0 .. 1
} Sketch;

typedef struct SketchForm {
    Sketch *sketch;
    int64_t reserved;
} SketchForm;
_Static_assert(sizeof(SketchForm) == 16, "as flow_agg_bytes says");

static int64_t index_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    bool is_negative = bits >> 63 != 0;
    int64_t index = (int64_t)((bits & INT64_MAX) >> DROPPED_BITS);
    return is_negative ? -1 - index : index;
}

// The middle of a bucket.
static double value_of(int64_t index) {
    bool is_negative = index < 0;
    uint64_t size = (uint64_t)(is_negative ? -1 - index : index);
    uint64_t bits = size << DROPPED_BITS;
    if (size != 0) { // The lowest bucket holds zero.
        bits |= UINT64_C(1) << (DROPPED_BITS - 1);
    }
    double value;
    memcpy(&value, &bits, sizeof(value));
    return is_negative ? -value : value;
}

static Bucket *bucket_find(Bucket *buckets, uint32_t capacity, int64_t index) {
    uint64_t hash = (uint64_t)index * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t at = (uint32_t)(hash >> 32) & (capacity - 1);
    while (buckets[at].count != 0 && buckets[at].index != index) {
        at = (at + 1) & (capacity - 1);
    }
    return &buckets[at];
}

static void sketch_grow(Arena *arena, Sketch *sketch) {
    uint32_t capacity = sketch->capacity == 0 ? BUCKETS_MIN : sketch->capacity * 2;
    Bucket *buckets = arena_array(arena, Bucket, capacity);
    for (uint32_t i = 0; i < sketch->capacity; i++) {
        if (sketch->buckets[i].count != 0) {
            *bucket_find(buckets, capacity, sketch->buckets[i].index) = sketch->buckets[i];
        }
    }
    sketch->buckets = buckets;
    sketch->capacity = capacity;
}

static void bucket_add(Arena *arena, Sketch *sketch, int64_t index, int64_t count) {
    if (sketch->used * 4 >= sketch->capacity * 3) {
        sketch_grow(arena, sketch);
    }
    Bucket *bucket = bucket_find(sketch->buckets, sketch->capacity, index);
    sketch->used += bucket->count == 0;
    bucket->index = index;
    bucket->count += count;
    sketch->count += count;
}

static void bounds_widen(Sketch *sketch, double least, double greatest) {
    bool is_first = sketch->count == 0;
    sketch->least = is_first || float_is_less(least, sketch->least) ? least : sketch->least;
    bool is_beyond = is_first || float_is_less(sketch->greatest, greatest);
    sketch->greatest = is_beyond ? greatest : sketch->greatest;
}

static Sketch *sketch_of(Arena *arena, SketchForm *form) {
    if (form->sketch == NULL) {
        form->sketch = arena_new(arena, Sketch);
    }
    return form->sketch;
}

static void sketch_update(Arena *arena,
                          const FlowAgg *agg,
                          void *accumulator,
                          const FlowValue *values,
                          const AggPlace *place) {
    (void)place;
    Sketch *sketch = sketch_of(arena, accumulator);
    double value = number_as_float(agg->input, values);
    bounds_widen(sketch, value, value);
    bucket_add(arena, sketch, index_of(value), 1);
    sketch->part = values[1].f64;
}

static void sketch_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    (void)agg;
    const Sketch *more = ((const SketchForm *)from)->sketch;
    if (more == NULL) {
        return;
    }
    Sketch *sketch = sketch_of(arena, into);
    bounds_widen(sketch, more->least, more->greatest);
    sketch->part = more->part;
    for (uint32_t i = 0; i < more->capacity; i++) {
        if (more->buckets[i].count != 0) {
            bucket_add(arena, sketch, more->buckets[i].index, more->buckets[i].count);
        }
    }
}

static void sketch_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    (void)agg;
    const Sketch *sketch = ((const SketchForm *)accumulator)->sketch;
    buffer_char(out, sketch != NULL);
    if (sketch != NULL) {
        buffer_append(out, sketch, sizeof(*sketch));
        buffer_append(out, sketch->buckets, sketch->capacity * sizeof(Bucket));
    }
}

static void sketch_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    (void)agg;
    if (*(*at)++ != 0) {
        Sketch *sketch = sketch_of(arena, accumulator);
        bytes_read(at, sketch, sizeof(*sketch));
        sketch->buckets = arena_array(arena, Bucket, sketch->capacity);
        bytes_read(at, sketch->buckets, sketch->capacity * sizeof(Bucket));
    }
}

static int bucket_compare(const void *a, const void *b) {
    int64_t left = ((const Bucket *)a)->index;
    int64_t right = ((const Bucket *)b)->index;
    return (left > right) - (left < right);
}

// The bucket of the value with this rank, from 0.
static int64_t index_of_rank(const Sketch *sketch, int64_t rank) {
    Bucket *ordered = memory_alloc(sketch->used * sizeof(Bucket));
    uint32_t count = 0;
    for (uint32_t i = 0; i < sketch->capacity; i++) {
        if (sketch->buckets[i].count != 0) {
            ordered[count++] = sketch->buckets[i];
        }
    }
    qsort(ordered, count, sizeof(Bucket), bucket_compare);
    uint32_t at = 0;
    while (rank >= ordered[at].count) {
        rank -= ordered[at++].count;
    }
    int64_t index = ordered[at].index;
    memory_free(ordered);
    return index;
}

static AggStatus
sketch_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    (void)arena, (void)agg;
    const Sketch *sketch = ((const SketchForm *)accumulator)->sketch;
    if (sketch == NULL) {
        return AGG_NULL;
    }
    int64_t rank = (int64_t)(sketch->part * (double)(sketch->count - 1));
    int64_t index = index_of_rank(sketch, rank);
    bool is_top = rank == sketch->count - 1 || index == index_of(sketch->greatest);
    double value = rank == 0 ? sketch->least : is_top ? sketch->greatest : value_of(index);
    value = float_is_less(value, sketch->least) ? sketch->least : value;
    result->f64 = float_is_less(sketch->greatest, value) ? sketch->greatest : value;
    return AGG_VALUE;
}

const AggFamily agg_family_sketch = {
    sketch_update, sketch_merge, sketch_save, sketch_load, sketch_result};
