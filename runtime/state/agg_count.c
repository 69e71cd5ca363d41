// count, count_if, row_number, bool_and, bool_or: numbers of rows.
#include "state/agg_internal.h"

typedef struct CountForm {
    int64_t count; // of rows that count; for bool_and and bool_or, of all values
} CountForm;

typedef struct LogicForm {
    CountForm all;
    int64_t false_count;
} LogicForm;
_Static_assert(sizeof(CountForm) == 8 && sizeof(LogicForm) == 16, "as flow_agg_bytes says");

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
        ((LogicForm *)accumulator)->false_count += values->i64 == 0;
    }
}

// row_number is as long as a LogicForm, and counts only.
static void count_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    (void)arena;
    ((CountForm *)into)->count += ((const CountForm *)from)->count;
    if (is_logic(agg)) {
        ((LogicForm *)into)->false_count += ((const LogicForm *)from)->false_count;
    }
}

// All are written alike.
static void count_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    LogicForm saved = {.all = *(const CountForm *)accumulator};
    saved.false_count = is_logic(agg) ? ((const LogicForm *)accumulator)->false_count : 0;
    buffer_append(out, &saved, sizeof(saved));
}

static void count_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    (void)arena;
    LogicForm saved;
    bytes_read(at, &saved, sizeof(saved));
    *(CountForm *)accumulator = saved.all;
    if (is_logic(agg)) {
        ((LogicForm *)accumulator)->false_count = saved.false_count;
    }
}

static AggStatus
count_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    (void)arena;
    int64_t count = ((const CountForm *)accumulator)->count;
    if (!is_logic(agg)) {
        result->i64 = count;
        return AGG_VALUE;
    }
    int64_t false_count = ((const LogicForm *)accumulator)->false_count;
    result->i64 = agg->kind == FLOW_AGG_BOOL_AND ? false_count == 0 : false_count < count;
    return count > 0 ? AGG_VALUE : AGG_NULL;
}

const AggFamily agg_family_count = {
    count_update, count_merge, count_save, count_load, count_result};
