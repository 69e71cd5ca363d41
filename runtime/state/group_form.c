// What saved accumulators of a group are made of, as a text: where two are equal, what one program
// has kept another can go on with.
#include "state/group_internal.h"

enum { SAVED_VERSION = 1 }; // of agg_save and of canonical key bytes

static const char *agg_name(FlowAggKind kind) {
    static const char *const names[] = {
#define AGG(name, text, ...) text,
#include "abi/agg.def"
#undef AGG
    };
    return names[kind];
}

static void type_form(const FlowTypeDesc *type, Buffer *out);

static void parts_form(const FlowTypeDesc *type, Buffer *out) {
    for (int64_t i = 0; i < type->enum_values_count; i++) {
        const char *text = type->enum_values[i].text;
        buffer_text(out, i > 0 ? "," : "");
        buffer_json_string(out, text, strlen(text)); // its code stands in the key
    }
    for (int64_t i = 0; i < type->children_count; i++) {
        buffer_text(out, i > 0 ? "," : "");
        type_form(type->children[i].type, out);
    }
}

static void type_form(const FlowTypeDesc *type, Buffer *out) {
    if (type == NULL) {
        buffer_text(out, "-");
        return;
    }
    buffer_format(out, "%d", (int)type->kind);
    if (type->kind == FLOW_DECIMAL) {
        buffer_format(out, "(%d,%d)", (int)type->precision, (int)type->scale);
    }
    if (type->enum_values_count + type->children_count > 0) {
        buffer_text(out, "(");
        parts_form(type, out);
        buffer_text(out, ")");
    }
    buffer_text(out, type->is_nullable ? "?" : "");
}

void group_form(const FlowGroup *group, Buffer *out) {
    buffer_format(out, "%d by", SAVED_VERSION);
    for (int64_t i = 0; i < group->keys_count; i++) {
        buffer_text(out, " ");
        type_form(group->keys[i].type, out);
    }
    for (int64_t i = 0; i < group->aggs_count; i++) {
        const FlowAgg *agg = &group->aggs[i];
        buffer_format(out, "; %s ", agg_name((FlowAggKind)agg->kind));
        type_form(agg->input, out);
        type_form(agg->second, out);
        type_form(agg->result, out);
    }
}
