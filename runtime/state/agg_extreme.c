// min, max. Generated code updates those of fixed-width kinds in place, so their form is public:
// the value, then whether there is one.
#include "state/agg_internal.h"

typedef struct ExtremeForm {
    FlowValue value;
    int64_t has;
    int64_t room_bytes; // behind a kept value's pointer
} ExtremeForm;
_Static_assert(sizeof(ExtremeForm) == 32, "as flow_agg_bytes says");

// The piece of memory that the kept value uses; a short text lies in the view's own bytes.
static char *room_of(const FlowTypeDesc *type, const ExtremeForm *form) {
    if (form->room_bytes == 0) {
        return NULL;
    }
    bool is_text = type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
    return is_text ? (char *)(uintptr_t)form->value.view.data
                   : (char *)(uintptr_t)form->value.nested;
}

static void
extreme_keep(Arena *arena, const FlowTypeDesc *type, ExtremeForm *form, const FlowValue *value) {
    Kept kept = {form->value, room_of(type, form), form->room_bytes};
    kept_set(arena, &kept, type, value);
    form->value = kept.value;
    form->room_bytes = value_room(type, value) == 0 ? 0 : kept.room_bytes;
    form->has = 1;
}

// Zeros and NaNs that are equal are one value, or the order of the rows would show.
static FlowValue canonical(const FlowTypeDesc *type, FlowValue value) {
    if (type_is_float(type)) {
        value.f64 = number_as_float(type, &value);
    }
    return value;
}

static void extreme_update(Arena *arena,
                           const FlowAgg *agg,
                           void *accumulator,
                           const FlowValue *values,
                           const AggPlace *place) {
    (void)place;
    ExtremeForm *form = accumulator;
    FlowValue value = canonical(agg->input, *values);
    if (form->has != 0) {
        int order = value_compare(agg->input, &value, agg->input, &form->value);
        if (agg->kind == FLOW_AGG_MIN ? order >= 0 : order <= 0) {
            return;
        }
    }
    extreme_keep(arena, agg->input, form, &value);
}

static void extreme_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    const ExtremeForm *form = from;
    if (form->has != 0) {
        extreme_update(arena, agg, into, &form->value, NULL);
    }
}

static void extreme_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    const ExtremeForm *form = accumulator;
    buffer_char(out, form->has != 0);
    if (form->has != 0) {
        value_save(out, agg->input, &form->value);
    }
}

static void extreme_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    if (*(*at)++ != 0) {
        FlowValue value = value_read(arena, agg->input, at);
        extreme_update(arena, agg, accumulator, &value, NULL);
    }
}

static AggStatus
extreme_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    const ExtremeForm *form = accumulator;
    if (form->has == 0) {
        return AGG_NULL;
    }
    *result = value_copy(arena, agg->input, form->value); // Ours may be written over.
    return AGG_VALUE;
}

const AggFamily agg_family_extreme = {
    extreme_update, extreme_merge, extreme_save, extreme_load, extreme_result};
