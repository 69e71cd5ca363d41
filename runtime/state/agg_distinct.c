// count_distinct and approx_count_distinct: sets of values, and a HyperLogLog where a set would be
// too large.
//
// The approximate count keeps hashes as long as there are few, so that small counts are exact, and
// registers beyond. What it holds is a function of the set of values alone: neither the order nor
// the merges show. The estimate is Ertl's, which needs no tables of corrections.
#include "state/agg_internal.h"

#include <math.h>

enum {
    REGISTER_BITS = 12,
    REGISTERS = 1 << REGISTER_BITS,
    RANK_MAX = 64 - REGISTER_BITS + 1,
    HASHES_MAX = 512, // as large as the registers
    HASHES_MIN = 8,
};

typedef struct Sketch {
    uint64_t *hashes; // open addressing; NULL when the registers are used
    uint8_t *registers;
    uint32_t count; // of hashes
    uint32_t capacity;
    bool has_zero; // the hash 0, which is free room in the table
} Sketch;

typedef struct DistinctForm {
    DistinctSet *set; // COUNT_DISTINCT
    Sketch *sketch;   // APPROX_COUNT_DISTINCT
} DistinctForm;
_Static_assert(sizeof(DistinctForm) == 16, "as flow_agg_bytes says");

// --- the sketch
// ------------------------------------------------------------------------------------
static void register_set(uint8_t *registers, uint64_t hash) {
    uint32_t index = (uint32_t)(hash >> (64 - REGISTER_BITS));
    uint64_t rest = hash << REGISTER_BITS;
    uint8_t rank = (uint8_t)(rest == 0 ? RANK_MAX : __builtin_clzll(rest) + 1);
    if (registers[index] < rank) {
        registers[index] = rank;
    }
}

static bool hash_put(uint64_t *hashes, uint32_t capacity, uint64_t hash) {
    uint32_t at = (uint32_t)hash & (capacity - 1);
    while (hashes[at] != 0 && hashes[at] != hash) {
        at = (at + 1) & (capacity - 1);
    }
    bool is_new = hashes[at] == 0;
    hashes[at] = hash;
    return is_new;
}

static void hashes_to_registers(Arena *arena, Sketch *sketch) {
    sketch->registers = arena_array(arena, uint8_t, REGISTERS);
    for (uint32_t i = 0; i < sketch->capacity; i++) {
        if (sketch->hashes[i] != 0) {
            register_set(sketch->registers, sketch->hashes[i]);
        }
    }
    if (sketch->has_zero) {
        register_set(sketch->registers, 0);
    }
    sketch->hashes = NULL;
}

static void hashes_grow(Arena *arena, Sketch *sketch) {
    uint32_t capacity = sketch->capacity == 0 ? HASHES_MIN : sketch->capacity * 2;
    uint64_t *hashes = arena_array(arena, uint64_t, capacity);
    for (uint32_t i = 0; i < sketch->capacity; i++) {
        if (sketch->hashes[i] != 0) {
            hash_put(hashes, capacity, sketch->hashes[i]);
        }
    }
    sketch->hashes = hashes;
    sketch->capacity = capacity;
}

static void sketch_add(Arena *arena, Sketch *sketch, uint64_t hash) {
    if (sketch->registers != NULL) {
        register_set(sketch->registers, hash);
        return;
    }
    if (sketch->count * 4 >= sketch->capacity * 3) {
        hashes_grow(arena, sketch);
    }
    if (hash == 0) {
        sketch->count += !sketch->has_zero;
        sketch->has_zero = true;
    } else {
        sketch->count += hash_put(sketch->hashes, sketch->capacity, hash);
    }
    if (sketch->count > HASHES_MAX) {
        hashes_to_registers(arena, sketch);
    }
}

static Sketch *sketch_of(Arena *arena, DistinctForm *form) {
    if (form->sketch == NULL) {
        form->sketch = arena_new(arena, Sketch);
    }
    return form->sketch;
}

static void sketch_merge(Arena *arena, Sketch *into, const Sketch *from) {
    for (uint32_t i = 0; from->hashes != NULL && i < from->capacity; i++) {
        if (from->hashes[i] != 0) {
            sketch_add(arena, into, from->hashes[i]);
        }
    }
    if (from->hashes != NULL && from->has_zero) {
        sketch_add(arena, into, 0);
    }
    if (from->registers == NULL) {
        return;
    }
    if (into->registers == NULL) {
        hashes_to_registers(arena, into);
    }
    for (uint32_t i = 0; i < REGISTERS; i++) {
        if (into->registers[i] < from->registers[i]) {
            into->registers[i] = from->registers[i];
        }
    }
}

// Sums of Ertl's estimator: what registers of rank 0 and of the greatest rank tell.
static double sum_of_zeros(double part) {
    double weight = 1;
    double sum = part;
    for (double before = -1; sum != before;) {
        part *= part;
        before = sum;
        sum += part * weight;
        weight += weight;
    }
    return sum;
}

static double sum_of_full(double part) {
    if (part == 0 || part == 1) {
        return 0;
    }
    double weight = 1;
    double sum = 1 - part;
    for (double before = -1; sum != before;) {
        part = sqrt(part);
        before = sum;
        weight *= 0.5;
        sum -= (1 - part) * (1 - part) * weight;
    }
    return sum / 3;
}

static int64_t registers_estimate(const uint8_t *registers) {
    static const double half_of_inverse_ln2 = 0.7213475204444817;
    static const double size = REGISTERS;
    uint32_t counts[RANK_MAX + 1] = {0};
    for (uint32_t i = 0; i < REGISTERS; i++) {
        counts[registers[i]]++;
    }
    double sum = size * sum_of_full(1 - counts[RANK_MAX] / size);
    for (uint32_t rank = RANK_MAX - 1; rank >= 1; rank--) {
        sum = 0.5 * (sum + counts[rank]);
    }
    sum += size * sum_of_zeros(counts[0] / size);
    return (int64_t)(half_of_inverse_ln2 * size * size / sum + 0.5);
}

static void sketch_save(const Sketch *sketch, Buffer *out) {
    buffer_char(out, sketch->registers != NULL);
    if (sketch->registers != NULL) {
        buffer_append(out, sketch->registers, REGISTERS);
        return;
    }
    buffer_append(out, &sketch->count, sizeof(sketch->count));
    for (uint32_t i = 0; i < sketch->capacity; i++) {
        if (sketch->hashes[i] != 0) {
            buffer_append(out, &sketch->hashes[i], sizeof(uint64_t));
        }
    }
    if (sketch->has_zero) {
        buffer_append(out, &(uint64_t){0}, sizeof(uint64_t));
    }
}

static void sketch_load(Arena *arena, Sketch *sketch, const char **at) {
    if (*(*at)++ != 0) {
        sketch->registers = arena_array(arena, uint8_t, REGISTERS);
        bytes_read(at, sketch->registers, REGISTERS);
        return;
    }
    uint32_t count = 0;
    bytes_read(at, &count, sizeof(count));
    for (uint32_t i = 0; i < count; i++) {
        uint64_t hash = 0;
        bytes_read(at, &hash, sizeof(hash));
        sketch_add(arena, sketch, hash);
    }
}

// --- the family
// ------------------------------------------------------------------------------------
static void distinct_update(Arena *arena,
                            const FlowAgg *agg,
                            void *accumulator,
                            const FlowValue *values,
                            const AggPlace *place) {
    Buffer *key = thread_buffer();
    (void)place;
    DistinctForm *form = accumulator;
    if (agg->kind == FLOW_AGG_COUNT_DISTINCT) {
        distinct_set_add(arena, &form->set, agg->input, values);
        return;
    }
    buffer_clear(key);
    key_append(key, agg->input, false, values);
    sketch_add(arena, sketch_of(arena, form), hash64(key->data, key->length));
}

static void distinct_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    (void)agg;
    DistinctForm *form = into;
    const DistinctForm *more = from;
    uint64_t cursor = 0;
    const DistinctMember *member = NULL;
    while ((member = distinct_set_next(more->set, &cursor)) != NULL) {
        distinct_set_add_bytes(arena, &form->set, member->bytes, member->length);
    }
    if (more->sketch != NULL) {
        sketch_merge(arena, sketch_of(arena, form), more->sketch);
    }
}

static void set_save(const DistinctSet *set, Buffer *out) {
    int64_t count = distinct_set_count(set);
    buffer_append(out, &count, sizeof(count));
    uint64_t cursor = 0;
    const DistinctMember *member = NULL;
    while ((member = distinct_set_next(set, &cursor)) != NULL) {
        buffer_append(out, &member->length, sizeof(member->length));
        buffer_append(out, member->bytes, member->length);
    }
}

static void distinct_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    const DistinctForm *form = accumulator;
    if (agg->kind == FLOW_AGG_COUNT_DISTINCT) {
        set_save(form->set, out);
        return;
    }
    buffer_char(out, form->sketch != NULL);
    if (form->sketch != NULL) {
        sketch_save(form->sketch, out);
    }
}

static void set_load(Arena *arena, DistinctForm *form, const char **at) {
    int64_t count = 0;
    bytes_read(at, &count, sizeof(count));
    for (int64_t i = 0; i < count; i++) {
        uint64_t length = 0;
        bytes_read(at, &length, sizeof(length));
        distinct_set_add_bytes(arena, &form->set, *at, length);
        *at += length;
    }
}

static void distinct_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    DistinctForm *form = accumulator;
    if (agg->kind == FLOW_AGG_COUNT_DISTINCT) {
        set_load(arena, form, at);
    } else if (*(*at)++ != 0) {
        sketch_load(arena, sketch_of(arena, form), at);
    }
}

static AggStatus
distinct_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    (void)arena;
    const DistinctForm *form = accumulator;
    const Sketch *sketch = form->sketch;
    if (agg->kind == FLOW_AGG_COUNT_DISTINCT) {
        result->i64 = distinct_set_count(form->set);
    } else if (sketch == NULL) {
        result->i64 = 0;
    } else {
        result->i64 =
            sketch->registers == NULL ? sketch->count : registers_estimate(sketch->registers);
    }
    return AGG_VALUE;
}

const AggFamily agg_family_distinct = {
    distinct_update, distinct_merge, distinct_save, distinct_load, distinct_result};
