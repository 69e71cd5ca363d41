// count, count_if, row_number, bool_and, bool_or: numbers of rows.
#include "state/agg_internal.h"

typedef struct CountForm {
    int64_t count;       // of rows that count; for bool_and and bool_or, of all values …
    int64_t false_count; // … and of the false ones
} CountForm;
_Static_assert(sizeof(CountForm) == 16, "as flow_agg_bytes says");

static bool is_logic(const FlowAgg *agg) {
    return agg->kind == FLOW_AGG_BOOL_AND || agg->kind == FLOW_AGG_BOOL_OR;
}

static void count_update(Arena *arena,
                         const FlowAgg *agg,
                         void *accumulator,
                         const FlowValue *values,
                         const AggPlace *place) {
    (void)arena, (void)place;
    CountForm *form = accumulator;
    if (agg->kind == FLOW_AGG_COUNT_IF) {
        form->count += values->i64 != 0;
        return;
    }
    form->count++;
    if (is_logic(agg)) {
        form->false_count += values->i64 == 0;
    }
}

static void count_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    (void)arena, (void)agg;
    const CountForm *more = from;
    ((CountForm *)into)->count += more->count;
    ((CountForm *)into)->false_count += more->false_count;
}

static void count_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    (void)agg;
    buffer_append(out, accumulator, sizeof(CountForm));
}

static void count_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    (void)arena, (void)agg;
    bytes_read(at, accumulator, sizeof(CountForm));
}

static AggStatus
count_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    (void)arena;
    const CountForm *form = accumulator;
    if (!is_logic(agg)) {
        result->i64 = form->count;
        return AGG_VALUE;
    }
    result->i64 =
        agg->kind == FLOW_AGG_BOOL_AND ? form->false_count == 0 : form->false_count < form->count;
    return form->count > 0 ? AGG_VALUE : AGG_NULL;
}

const AggFamily agg_family_count = {
    count_update, count_merge, count_save, count_load, count_result};
