// first, last, arg_min, arg_max: the value of one row, chosen by its place or by another value; and
// lag, the value of the row before.
#include "state/agg_internal.h"

typedef struct Chosen {
    Kept value;
    Kept by; // ARG_*: what decides; LAG: the newest row's value
    AggPlace place;
    bool has;    // there is a value
    bool has_by; // LAG: the newest row has one
} Chosen;

typedef struct ChosenForm {
    Chosen *chosen; // NULL: no row yet
    int64_t reserved;
} ChosenForm;
_Static_assert(sizeof(ChosenForm) == 16, "as flow_agg_bytes says");

static bool is_by_value(const FlowAgg *agg) {
    return agg->kind == FLOW_AGG_ARG_MIN || agg->kind == FLOW_AGG_ARG_MAX;
}

// Whether the row beats the one that is chosen. Equal places are two results of one row: then the
// values decide, so that the order of the calls does not.
static bool
is_better(const FlowAgg *agg, const Chosen *kept, const FlowValue *values, const AggPlace *place) {
    int order = 0;
    if (is_by_value(agg)) {
        order = value_compare(agg->second, &values[1], agg->second, &kept->by.value);
        order = agg->kind == FLOW_AGG_ARG_MIN ? order : -order;
    }
    if (order == 0) {
        order = agg_place_compare(place, &kept->place);
        order = agg->kind == FLOW_AGG_LAST ? -order : order;
    }
    if (order == 0) {
        order = value_compare(agg->input, values, agg->input, &kept->value.value);
    }
    return order < 0;
}

static void lag_update(Arena *arena, const FlowAgg *agg, Chosen *chosen, const FlowValue *value) {
    Kept older = chosen->value;
    chosen->value = chosen->by;
    chosen->has = chosen->has_by;
    chosen->by = older;
    chosen->has_by = value != NULL;
    if (value != NULL) {
        kept_set(arena, &chosen->by, agg->input, value);
    }
}

static void chosen_update(Arena *arena,
                          const FlowAgg *agg,
                          void *accumulator,
                          const FlowValue *values,
                          const AggPlace *place) {
    ChosenForm *form = accumulator;
    if (form->chosen == NULL) {
        form->chosen = arena_new(arena, Chosen);
    }
    Chosen *chosen = form->chosen;
    if (agg->kind == FLOW_AGG_LAG) {
        lag_update(arena, agg, chosen, values);
        return;
    }
    if (chosen->has && !is_better(agg, chosen, values, place)) {
        return;
    }
    chosen->has = true;
    chosen->place = *place;
    kept_set(arena, &chosen->value, agg->input, values);
    if (is_by_value(agg)) {
        kept_set(arena, &chosen->by, agg->second, &values[1]);
    }
}

static void chosen_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    const Chosen *chosen = ((const ChosenForm *)from)->chosen;
    ASSERT(agg->kind != FLOW_AGG_LAG);
    if (chosen != NULL) {
        FlowValue values[2] = {chosen->value.value, chosen->by.value};
        chosen_update(arena, agg, into, values, &chosen->place);
    }
}

static void kept_save(Buffer *out, const FlowTypeDesc *type, const Kept *kept, bool has) {
    buffer_char(out, has);
    if (has) {
        value_save(out, type, &kept->value);
    }
}

static bool kept_load(Arena *arena, const FlowTypeDesc *type, Kept *kept, const char **at) {
    bool has = *(*at)++ != 0;
    if (has) {
        FlowValue value = value_read(arena, type, at);
        kept_set(arena, kept, type, &value);
    }
    return has;
}

static void chosen_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    const Chosen *chosen = ((const ChosenForm *)accumulator)->chosen;
    buffer_char(out, chosen != NULL);
    if (chosen == NULL) {
        return;
    }
    buffer_append(out, &chosen->place, sizeof(chosen->place));
    kept_save(out, agg->input, &chosen->value, chosen->has);
    const FlowTypeDesc *by = is_by_value(agg) ? agg->second : agg->input;
    kept_save(out, by, &chosen->by, is_by_value(agg) || chosen->has_by);
}

static void chosen_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    if (*(*at)++ == 0) {
        return;
    }
    Chosen *chosen = arena_new(arena, Chosen);
    ((ChosenForm *)accumulator)->chosen = chosen;
    bytes_read(at, &chosen->place, sizeof(chosen->place));
    chosen->has = kept_load(arena, agg->input, &chosen->value, at);
    const FlowTypeDesc *by = is_by_value(agg) ? agg->second : agg->input;
    chosen->has_by = kept_load(arena, by, &chosen->by, at);
}

static AggStatus
chosen_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    const Chosen *chosen = ((const ChosenForm *)accumulator)->chosen;
    if (chosen == NULL || !chosen->has) {
        return AGG_NULL;
    }
    *result = value_copy(arena, agg->input, chosen->value.value); // Ours may be written over.
    return AGG_VALUE;
}

const AggFamily agg_family_chosen = {
    chosen_update, chosen_merge, chosen_save, chosen_load, chosen_result};
