// The aggregates. Sums are kept wider than any input can fill them and judged once, at output, so
// that the order of the rows cannot decide whether one overflows.
#include "state/agg.h"

typedef struct CountForm {
    int64_t count;
} CountForm;

typedef struct SumForm {
    i128 sum;
    int64_t count;
} SumForm;

typedef struct WideForm {
    WideSum sum;
    int64_t count;
} WideForm;

typedef struct ExactForm {
    ExactSum *sum;
    int64_t count;
} ExactForm;

// AVG of integers: a place of its own for the sum, so that its form is that of the other averages.
typedef struct BoxForm {
    i128 *sum;
    int64_t count;
} BoxForm;

typedef struct ExtremeForm {
    FlowValue value;
    int64_t has;
    int64_t capacity; // bytes behind a kept string's view
} ExtremeForm;

typedef struct SetForm {
    DistinctSet *set;
} SetForm;

static bool is_float(const FlowTypeDesc *type) {
    return type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64;
}

static bool is_text(const FlowTypeDesc *type) {
    return type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
}

static bool is_wide(const FlowTypeDesc *type) {
    return type->kind == FLOW_DECIMAL && type->precision > 18;
}

uint32_t agg_bytes(FlowAggKind kind, const FlowTypeDesc *input) {
    _Static_assert(sizeof(ExactForm) == 16 && sizeof(SumForm) == 32 && sizeof(ExtremeForm) == 32,
                   "the forms are those that flow_agg_bytes measures");
    return flow_agg_bytes(kind,
                          input == NULL ? FLOW_NULL : (FlowKind)input->kind,
                          input == NULL ? 0 : input->precision);
}

// --- in -----------------------------------------------------------------------------------------

static void exact_update(Arena *arena, ExactForm *form, double value) {
    if (form->sum == NULL) {
        form->sum = exact_sum_new(arena);
    }
    exact_sum_add(arena, form->sum, value);
    form->count++;
}

static void box_update(Arena *arena, BoxForm *form, int64_t value) {
    if (form->sum == NULL) {
        form->sum = arena_zeroed(arena, 1, sizeof(i128));
    }
    *form->sum += value;
    form->count++;
}

static void
sum_update(Arena *arena, const FlowAgg *agg, void *accumulator, const FlowValue *value) {
    if (is_float(agg->input)) {
        exact_update(arena, accumulator, value->f64);
    } else if (is_wide(agg->input)) {
        WideForm *form = accumulator;
        wide_sum_add(&form->sum, value->i128);
        form->count++;
    } else if (agg->input->kind == FLOW_DECIMAL) {
        SumForm *form = accumulator;
        form->sum += value->i128;
        form->count++;
    } else if (agg->kind == FLOW_AGG_AVG) {
        box_update(arena, accumulator, value->i64);
    } else {
        SumForm *form = accumulator;
        form->sum += value->i64;
        form->count++;
    }
}

// A row's string is gone with its batch: the extreme keeps a copy, in the same place while it fits.
static void text_keep(Arena *arena, ExtremeForm *form, FlowView view) {
    char *place = form->has != 0 && form->capacity > 0 ? (char *)form->value.view.data : NULL;
    int64_t length = view.length;
    if (length > FLOW_VIEW_INLINE_MAX && length > form->capacity) {
        form->capacity = length * 2;
        place = arena_alloc(arena, (size_t)form->capacity);
    }
    if (length > FLOW_VIEW_INLINE_MAX) {
        memcpy(place, view.data, (size_t)length);
        view.data = place;
    } else {
        form->capacity = 0; // The view's own bytes now stand where the pointer was.
    }
    form->value.view = view;
}

static void
extreme_update(Arena *arena, const FlowAgg *agg, ExtremeForm *form, const FlowValue *value) {
    if (form->has != 0) {
        int order = value_compare(agg->input, value, agg->input, &form->value);
        if (agg->kind == FLOW_AGG_MIN ? order >= 0 : order <= 0) {
            return;
        }
    }
    if (is_text(agg->input)) {
        text_keep(arena, form, value->view);
    } else {
        form->value = *value;
    }
    form->has = 1;
}

void agg_update(Arena *arena, const FlowAgg *agg, void *accumulator, const FlowValue *value) {
    switch ((FlowAggKind)agg->kind) {
    case FLOW_AGG_COUNT:
    case FLOW_AGG_COUNT_VALUES:
        ((CountForm *)accumulator)->count++;
        break;
    case FLOW_AGG_COUNT_IF:
        ((CountForm *)accumulator)->count += value->i64 != 0;
        break;
    case FLOW_AGG_COUNT_DISTINCT:
        distinct_set_add(arena, &((SetForm *)accumulator)->set, agg->input, value);
        break;
    case FLOW_AGG_SUM:
    case FLOW_AGG_AVG:
        sum_update(arena, agg, accumulator, value);
        break;
    case FLOW_AGG_MIN:
    case FLOW_AGG_MAX:
        extreme_update(arena, agg, accumulator, value);
        break;
    case FLOW_AGG_COUNT_KINDS:
        ASSERT(false);
    default:
        flow_bug(__FILE__, __LINE__, "a kind that is not built yet");
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

static AggStatus box_result(const BoxForm *form, FlowValue *result) {
    if (form->count == 0) {
        return AGG_NULL;
    }
    result->f64 = float_of_ratio(*form->sum, form->count, 0, false);
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

static AggStatus sum_result(const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    if (is_float(agg->input)) {
        return exact_result(agg, accumulator, result);
    }
    if (is_wide(agg->input)) {
        const WideForm *form = accumulator;
        return decimal_result(agg, &form->sum, form->count, result);
    }
    if (agg->input->kind == FLOW_DECIMAL) {
        const SumForm *form = accumulator;
        WideSum sum = {{0}};
        wide_sum_add(&sum, form->sum);
        return decimal_result(agg, &sum, form->count, result);
    }
    return agg->kind == FLOW_AGG_AVG ? box_result(accumulator, result)
                                     : integer_result(accumulator, result);
}

AggStatus agg_result(const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    const ExtremeForm *extreme = accumulator;
    switch ((FlowAggKind)agg->kind) {
    case FLOW_AGG_COUNT:
    case FLOW_AGG_COUNT_VALUES:
    case FLOW_AGG_COUNT_IF:
        result->i64 = ((const CountForm *)accumulator)->count;
        return AGG_VALUE;
    case FLOW_AGG_COUNT_DISTINCT:
        result->i64 = distinct_set_count(((const SetForm *)accumulator)->set);
        return AGG_VALUE;
    case FLOW_AGG_SUM:
    case FLOW_AGG_AVG:
        return sum_result(agg, accumulator, result);
    case FLOW_AGG_MIN:
    case FLOW_AGG_MAX:
        *result = extreme->value;
        return extreme->has != 0 ? AGG_VALUE : AGG_NULL;
    case FLOW_AGG_COUNT_KINDS:
        break;
    default:
        flow_bug(__FILE__, __LINE__, "a kind that is not built yet");
    }
    ASSERT(false);
    return AGG_NULL;
}
