// What saved accumulators of a group are made of, as a text: where two are equal, what one program
// has kept another can go on with.
#include "state/form.h"
#include "state/group_internal.h"

enum { SAVED_VERSION = 1 }; // of agg_save and of canonical key bytes
enum { TYPE_FORM_CHILDREN_MAX = 256, TYPE_FORM_DEPTH_MAX = 2 * TYPE_DEPTH_MAX };

static const char *agg_name(FlowAggKind kind) {
    static const char *const names[] = {
#define AGG(name, text, ...) text,
#include "abi/agg.def"
#undef AGG
    };
    return names[kind];
}

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

void type_form(const FlowTypeDesc *type, Buffer *out) {
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

void group_keys_form(const FlowGroup *group, Buffer *out) {
    buffer_format(out, "%d by", SAVED_VERSION);
    for (int64_t i = 0; i < group->keys_count; i++) {
        buffer_text(out, " ");
        type_form(group->keys[i].type, out);
    }
    if (group->session_gap_us > 0) {
        buffer_format(out, " session gap %lld", (long long)group->session_gap_us);
    }
}

void group_agg_form(const FlowAgg *agg, Buffer *out) {
    buffer_format(out, "%s ", agg_name((FlowAggKind)agg->kind));
    type_form(agg->input, out);
    type_form(agg->second, out);
    type_form(agg->result, out);
}

void group_form(const FlowGroup *group, Buffer *out) {
    group_keys_form(group, out);
    for (int64_t i = 0; i < group->aggs_count; i++) {
        buffer_text(out, "; ");
        group_agg_form(&group->aggs[i], out);
    }
}

// --- reading it again ----------------------------------------------------------------------------
// Only as far as saved accumulators need it to be read: of an enum its code is saved, not its text.

typedef struct FormReader {
    Arena *arena;
    const char *at; // NUL-terminated
    uint32_t depth;
} FormReader;

static bool take(FormReader *reader, char c) {
    bool is_there = *reader->at == c;
    reader->at += is_there;
    return is_there;
}

static bool number_take(FormReader *reader, int32_t *number) {
    const char *first = reader->at;
    *number = 0;
    while (*reader->at >= '0' && *reader->at <= '9' && *number < 1000) {
        *number = *number * 10 + (*reader->at++ - '0');
    }
    return reader->at > first;
}

static bool text_skip(FormReader *reader) {
    reader->at++;
    while (*reader->at != '"') {
        reader->at += *reader->at == '\\';
        if (*reader->at == '\0') {
            return false;
        }
        reader->at++;
    }
    reader->at++;
    return true;
}

static bool type_read(FormReader *reader, const FlowTypeDesc **type);

static bool child_read(FormReader *reader, FlowTypeDesc *type, FlowColumnDesc *children) {
    if (*reader->at == '"') {
        return text_skip(reader);
    }
    return type->children_count < TYPE_FORM_CHILDREN_MAX &&
           type_read(reader, &children[type->children_count++].type);
}

static bool parts_read(FormReader *reader, FlowTypeDesc *type) {
    if (type->kind == FLOW_DECIMAL) {
        return take(reader, '(') && number_take(reader, &type->precision) && take(reader, ',') &&
               number_take(reader, &type->scale) && take(reader, ')');
    }
    if (!take(reader, '(')) {
        return true;
    }
    FlowColumnDesc *children = arena_array(reader->arena, FlowColumnDesc, TYPE_FORM_CHILDREN_MAX);
    type->children = children;
    do {
        if (!child_read(reader, type, children)) {
            return false;
        }
    } while (take(reader, ','));
    return take(reader, ')');
}

static bool type_read(FormReader *reader, const FlowTypeDesc **type) {
    *type = NULL;
    if (take(reader, '-')) {
        return true;
    }
    FlowTypeDesc *made = arena_new(reader->arena, FlowTypeDesc);
    *type = made;
    if (++reader->depth > TYPE_FORM_DEPTH_MAX || !number_take(reader, &made->kind) ||
        made->kind >= FLOW_KIND_COUNT || !parts_read(reader, made)) {
        return false;
    }
    reader->depth--;
    made->is_nullable = take(reader, '?');
    return true;
}

bool group_agg_form_read(Arena *arena, const char *form, FlowAgg *agg) {
    FormReader reader = {.arena = arena, .at = form};
    *agg = (FlowAgg){.kind = FLOW_AGG_COUNT_KINDS, .site = FLOW_NO_INDEX};
    for (FlowAggKind kind = 0; kind < FLOW_AGG_COUNT_KINDS; kind++) {
        size_t length = strlen(agg_name(kind));
        if (strncmp(form, agg_name(kind), length) == 0 && form[length] == ' ') {
            agg->kind = (int32_t)kind;
            reader.at = form + length + 1;
        }
    }
    return agg->kind != FLOW_AGG_COUNT_KINDS && type_read(&reader, &agg->input) &&
           type_read(&reader, &agg->second) && type_read(&reader, &agg->result) &&
           *reader.at == '\0';
}
