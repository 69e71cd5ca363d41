// Which ways there are from the types of files to those of Flow.
#include "format/avro/resolve.h"

static const AvroStep unfit = {.op = AVRO_OP_UNFIT};

static const FlowTypeDesc shown_types[] = {
    [AVRO_NULL] = {.kind = FLOW_BOOL, .is_nullable = 1},
    [AVRO_BOOLEAN] = {.kind = FLOW_BOOL},
    [AVRO_INT] = {.kind = FLOW_INT32},
    [AVRO_LONG] = {.kind = FLOW_INT64},
    [AVRO_FLOAT] = {.kind = FLOW_FLOAT32},
    [AVRO_DOUBLE] = {.kind = FLOW_FLOAT64},
    [AVRO_BYTES] = {.kind = FLOW_BYTES},
    [AVRO_STRING] = {.kind = FLOW_BYTES}, // it may be no UTF-8
    [AVRO_FIXED] = {.kind = FLOW_BYTES},
    [AVRO_ENUM] = {.kind = FLOW_STRING},
};
static const FlowTypeDesc date_type = {.kind = FLOW_DATE};
static const FlowTypeDesc timestamp_type = {.kind = FLOW_TIMESTAMP};
static const FlowTypeDesc text_type = {.kind = FLOW_STRING};
static const AvroType string_type = {.kind = AVRO_STRING};

static AvroStep *step_new(AvroResolver *resolver, AvroOp op) {
    AvroStep *step = arena_new(resolver->arena, AvroStep);
    step->op = op;
    step->multiplier = 1;
    step->divisor = 1;
    return step;
}

// --- single values -------------------------------------------------------------------------------
static bool is_number(const AvroType *from) {
    return (from->kind == AVRO_INT || from->kind == AVRO_LONG) && from->logical == AVRO_PLAIN;
}

static AvroOp number_to(AvroStep *step, bool fits, int64_t min, int64_t max) {
    step->min = min;
    step->max = max;
    return fits ? AVRO_OP_INTEGER : AVRO_OP_UNFIT;
}

static AvroOp timestamp_to(AvroStep *step, const AvroType *from, int64_t unit_us) {
    bool is_count = is_number(from) && unit_us > 0;
    step->multiplier = is_count ? unit_us : from->multiplier;
    step->divisor = from->divisor;
    return number_to(step, is_count || from->logical == AVRO_TIMESTAMP, INT64_MIN, INT64_MAX);
}

static AvroOp float_to(const AvroType *from, bool is_wide) {
    if (from->kind == AVRO_FLOAT) {
        return AVRO_OP_FLOAT;
    }
    if (!is_wide) {
        return AVRO_OP_UNFIT;
    }
    bool is_int = from->kind == AVRO_INT && from->logical == AVRO_PLAIN;
    return from->kind == AVRO_DOUBLE ? AVRO_OP_DOUBLE
           : is_int                  ? AVRO_OP_INTEGER_FLOAT
                                     : AVRO_OP_UNFIT;
}

static AvroOp decimal_to(const AvroType *from, const FlowTypeDesc *to) {
    if (is_number(from)) {
        return AVRO_OP_INTEGER_DECIMAL;
    }
    bool fits = from->logical == AVRO_DECIMAL && from->scale <= to->scale;
    return fits ? AVRO_OP_DECIMAL : AVRO_OP_UNFIT;
}

// Symbols and bytes as texts; and where the texts of an enum are read as codes.
static AvroOp text_to(const AvroType *from, FlowKind kind) {
    if (from->kind == AVRO_ENUM) {
        return kind == FLOW_ENUM ? AVRO_OP_CODE : AVRO_OP_SYMBOL;
    }
    if (from->kind == AVRO_FIXED && from->logical == AVRO_UUID && kind == FLOW_STRING) {
        return AVRO_OP_UUID;
    }
    bool is_fixed = from->kind == AVRO_FIXED && kind == FLOW_BYTES;
    bool is_text = from->kind == AVRO_STRING || from->kind == AVRO_BYTES || is_fixed;
    if (!is_text || from->logical == AVRO_DECIMAL) {
        return AVRO_OP_UNFIT;
    }
    return kind == FLOW_STRING ? AVRO_OP_TEXT : kind == FLOW_BYTES ? AVRO_OP_BYTES : AVRO_OP_ENUM;
}

static AvroOp single_op(AvroStep *step, const AvroType *from, int64_t unit_us) {
    const FlowTypeDesc *to = step->to;
    switch ((FlowKind)to->kind) {
    case FLOW_BOOL:
        return from->kind == AVRO_BOOLEAN ? AVRO_OP_BOOL : AVRO_OP_UNFIT;
    case FLOW_INT8:
        return number_to(step, is_number(from), INT8_MIN, INT8_MAX);
    case FLOW_INT16:
        return number_to(step, is_number(from), INT16_MIN, INT16_MAX);
    case FLOW_INT32:
        return number_to(step, is_number(from), INT32_MIN, INT32_MAX);
    case FLOW_INT64:
    case FLOW_DURATION:
        return number_to(step, is_number(from), INT64_MIN, INT64_MAX);
    case FLOW_DATE:
        return number_to(step, from->logical == AVRO_DATE, INT32_MIN, INT32_MAX);
    case FLOW_TIMESTAMP:
        return timestamp_to(step, from, unit_us);
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        return float_to(from, to->kind == FLOW_FLOAT64);
    case FLOW_DECIMAL:
        return decimal_to(from, to);
    case FLOW_STRING:
    case FLOW_BYTES:
    case FLOW_ENUM:
        return text_to(from, (FlowKind)to->kind);
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
    case FLOW_NULL:
    case FLOW_KIND_COUNT:
        break;
    }
    return AVRO_OP_UNFIT;
}

static void codes_set(AvroResolver *resolver, AvroStep *step) {
    const AvroType *from = step->from;
    step->places = arena_array(resolver->arena, int32_t, (size_t)from->symbol_count + 1);
    for (uint32_t i = 0; i < from->symbol_count; i++) {
        const char *symbol = from->symbols[i];
        step->places[i] = (int32_t)enum_code(step->to, symbol, strlen(symbol));
    }
}

// --- nested values -------------------------------------------------------------------------------
static int32_t field_find(const FlowTypeDesc *type, const char *name) {
    for (int64_t i = 0; i < type->children_count; i++) {
        if (strcmp(type->children[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

static void fields_resolve(AvroResolver *resolver, AvroStep *step) {
    const AvroType *from = step->from;
    bool *is_found = arena_array(resolver->arena, bool, (size_t)step->to->children_count + 1);
    step->parts = arena_array(resolver->arena, const AvroStep *, (size_t)from->part_count + 1);
    step->places = arena_array(resolver->arena, int32_t, (size_t)from->part_count + 1);
    for (uint32_t i = 0; i < from->part_count; i++) {
        int32_t place = field_find(step->to, from->parts[i].name);
        step->places[i] = place;
        if (place >= 0 && !is_found[place]) {
            is_found[place] = true;
            step->parts[i] =
                avro_resolve(resolver, from->parts[i].type, step->to->children[place].type);
        }
    }
    for (int64_t i = 0; i < step->to->children_count; i++) {
        step->lacks_field |= !is_found[i] && !step->to->children[i].type->is_nullable;
    }
}

static const AvroStep *
struct_resolve(AvroResolver *resolver, const AvroType *from, const FlowTypeDesc *to) {
    for (uint32_t i = 0; i < resolver->shared.count; i++) {
        AvroStep *known = resolver->shared.items[i];
        if (known->from == from && known->to == to) {
            return known;
        }
    }
    AvroStep *step = step_new(resolver, AVRO_OP_STRUCT);
    step->from = from;
    step->to = to;
    *vec_push(resolver->arena, &resolver->shared) = step;
    fields_resolve(resolver, step);
    return step;
}

static const AvroStep *key_resolve(AvroResolver *resolver, const FlowTypeDesc *to) {
    AvroStep *step = step_new(resolver, text_to(&string_type, (FlowKind)to->kind));
    bool is_text = to->kind == FLOW_STRING || to->kind == FLOW_ENUM;
    step->op = is_text ? step->op : AVRO_OP_PARSE;
    step->from = &string_type;
    step->to = to;
    return step;
}

static bool is_entry(const AvroType *type) {
    return type->kind == AVRO_RECORD && type->part_count == 2 &&
           strcmp(type->parts[0].name, "key") == 0 && strcmp(type->parts[1].name, "value") == 0;
}

static const AvroStep *
map_resolve(AvroResolver *resolver, const AvroType *from, const FlowTypeDesc *to) {
    const AvroType *item = from->parts[0].type;
    bool is_map = from->kind == AVRO_MAP;
    if (!is_map && !is_entry(item)) {
        return &unfit;
    }
    AvroStep *step = step_new(resolver, is_map ? AVRO_OP_MAP : AVRO_OP_ENTRIES);
    const FlowTypeDesc *key = to->children[0].type;
    step->from = from;
    step->to = to;
    step->parts = arena_array(resolver->arena, const AvroStep *, 2);
    step->parts[0] =
        is_map ? key_resolve(resolver, key) : avro_resolve(resolver, item->parts[0].type, key);
    step->parts[1] =
        avro_resolve(resolver, is_map ? item : item->parts[1].type, to->children[1].type);
    return step;
}

static const AvroStep *
list_resolve(AvroResolver *resolver, const AvroType *from, const FlowTypeDesc *to) {
    AvroStep *step = step_new(resolver, AVRO_OP_LIST);
    step->from = from;
    step->to = to;
    step->parts = arena_array(resolver->arena, const AvroStep *, 1);
    step->parts[0] = avro_resolve(resolver, from->parts[0].type, to->children[0].type);
    return step;
}

static const AvroStep *
union_resolve(AvroResolver *resolver, const AvroType *from, const FlowTypeDesc *to) {
    AvroStep *step = step_new(resolver, AVRO_OP_UNION);
    step->from = from;
    step->to = to;
    step->parts = arena_array(resolver->arena, const AvroStep *, from->part_count);
    for (uint32_t i = 0; i < from->part_count; i++) {
        step->parts[i] = avro_resolve(resolver, from->parts[i].type, to);
    }
    return step;
}

// --- all -----------------------------------------------------------------------------------------
static const AvroStep *
single_resolve(AvroResolver *resolver, const AvroType *from, const FlowTypeDesc *to) {
    AvroStep *step = step_new(resolver, AVRO_OP_NULL);
    step->from = from;
    step->to = to;
    if (from->kind != AVRO_NULL) {
        step->op = single_op(step, from, resolver->unit_us);
    }
    if (step->op == AVRO_OP_CODE) {
        codes_set(resolver, step);
    }
    return step;
}

static const AvroStep *unfit_of(AvroResolver *resolver, const AvroType *from) {
    AvroStep *step = step_new(resolver, AVRO_OP_UNFIT);
    step->from = from;
    return step;
}

const AvroStep *avro_resolve(AvroResolver *resolver, const AvroType *from, const FlowTypeDesc *to) {
    const AvroStep *step = &unfit;
    if (from->kind == AVRO_UNION) {
        return union_resolve(resolver, from, to);
    }
    if (from->kind < AVRO_RECORD) {
        return single_resolve(resolver, from, to);
    }
    if (from->kind == AVRO_RECORD && to->kind == FLOW_STRUCT) {
        return struct_resolve(resolver, from, to);
    }
    if (from->kind == AVRO_ARRAY && to->kind == FLOW_LIST) {
        return list_resolve(resolver, from, to);
    }
    if (from->kind != AVRO_RECORD && to->kind == FLOW_MAP) {
        step = map_resolve(resolver, from, to);
    }
    return step->op == AVRO_OP_UNFIT ? unfit_of(resolver, from) : step;
}

// Decimals as wide as can be of their scale; those that are wider are shown as bytes.
static const FlowTypeDesc *shown_type(Arena *arena, const AvroType *type) {
    switch (type->logical) {
    case AVRO_DATE:
        return &date_type;
    case AVRO_TIMESTAMP:
        return &timestamp_type;
    case AVRO_DECIMAL: {
        FlowTypeDesc *wide = arena_new(arena, FlowTypeDesc);
        *wide = (FlowTypeDesc){.kind = FLOW_DECIMAL, .precision = 38, .scale = type->scale};
        return wide;
    }
    case AVRO_UUID:
        return type->kind == AVRO_FIXED ? &text_type : &shown_types[type->kind];
    case AVRO_PLAIN:
    case AVRO_TIME:
        break;
    }
    return &shown_types[type->kind];
}

void avro_resolve_shown(AvroResolver *resolver, const AvroSchema *schema) {
    for (uint32_t i = 0; i < schema->type_count; i++) {
        AvroType *type = schema->types[i];
        if (type->kind >= AVRO_RECORD) {
            continue;
        }
        AvroType bare = *type;
        bare.logical = type->logical == AVRO_TIME ? AVRO_PLAIN : type->logical;
        AvroStep *step = step_new(resolver, AVRO_OP_NULL);
        step->to = shown_type(resolver->arena, type);
        step->op = type->kind == AVRO_NULL ? AVRO_OP_NULL : single_op(step, &bare, 0);
        step->from = type;
        type->shown = step;
    }
}
