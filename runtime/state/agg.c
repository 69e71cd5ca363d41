// The aggregates' common door: which family a kind belongs to, and the canonical order of rows.
#include "state/agg_internal.h"

static const AggFamily *family_of(const FlowAgg *agg) {
    static const AggFamily *const families[] = {
#define AGG(name, text, arguments, is_ordered, family) &agg_family_##family,
#include "abi/agg.def"
#undef AGG
    };
    return families[agg->kind];
}

uint32_t agg_bytes(FlowAggKind kind, const FlowTypeDesc *input) {
    return flow_agg_bytes(kind,
                          input == NULL ? FLOW_NULL : (FlowKind)input->kind,
                          input == NULL ? 0 : input->precision);
}

int agg_place_compare(const AggPlace *a, const AggPlace *b) {
    if (a->time_us != b->time_us) {
        return a->time_us < b->time_us ? -1 : 1;
    }
    if (a->source != b->source) {
        return a->source < b->source ? -1 : 1;
    }
    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    }
    if (a->position != b->position) {
        return a->position < b->position ? -1 : 1;
    }
    return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

AggPlace agg_place_of(const FlowContext *ctx, const FlowBatch *batch, int32_t row) {
    return (AggPlace){
        .time_us = ctx->row_time_us,
        .position = ((const int64_t *)batch->offsets)[row],
        .source = batch->source,
        .file = batch->file,
        .ordinal = batch->ordinals == NULL ? 0 : ((const int32_t *)batch->ordinals)[row],
    };
}

void agg_update(Arena *arena, const FlowAgg *agg, void *accumulator, const FlowValue *values) {
    family_of(agg)->update(arena, agg, accumulator, values, NULL);
}

void agg_update_at(Arena *arena,
                   const FlowAgg *agg,
                   void *accumulator,
                   const FlowValue *values,
                   const AggPlace *place) {
    family_of(agg)->update(arena, agg, accumulator, values, place);
}

void agg_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    family_of(agg)->merge(arena, agg, into, from);
}

void agg_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    family_of(agg)->save(agg, accumulator, out);
}

void agg_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    family_of(agg)->load(arena, agg, accumulator, at);
}

AggStatus agg_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    return family_of(agg)->result(arena, agg, accumulator, result);
}
