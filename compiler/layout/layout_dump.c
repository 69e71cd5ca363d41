// The program's constants as text, written by the list that also defines the structs: what is added
// to struct.def is dumped without a further line here.
#include "layout/layout.h"

typedef struct Dump {
    Buffer *out;
    int indent;
} Dump;

#define STRUCT(name) static void dump_##name(const Dump *d, const name *value);
#define FIELD(owner, type, field)
#define FIELD_REF(owner, field, target)
#define FIELD_ARRAY(owner, field, target)
#define FIELD_INTS(owner, field)
#define END_STRUCT(name)
#include "abi/struct.def"
#undef STRUCT
#undef FIELD
#undef FIELD_REF
#undef FIELD_ARRAY
#undef FIELD_INTS
#undef END_STRUCT

static void number_dump(const Dump *d, const char *field, int64_t value) {
    buffer_format(d->out, "%*s%s: %lld\n", d->indent, "", field, (long long)value);
}

static void text_dump(const Dump *d, const char *field, const char *value) {
    buffer_format(d->out, "%*s%s: ", d->indent, "", field);
    if (value == NULL) {
        buffer_text(d->out, "-");
    } else {
        buffer_json_string(d->out, value, strlen(value));
    }
    buffer_char(d->out, '\n');
}

static void ints_dump(const Dump *d, const char *field, const int32_t *values, int64_t count) {
    buffer_format(d->out, "%*s%s:", d->indent, "", field);
    for (int64_t i = 0; i < count; i++) {
        buffer_format(d->out, " %d", values[i]);
    }
    buffer_char(d->out, '\n');
}

static void title_dump(const Dump *d, const char *field) {
    buffer_format(d->out, "%*s%s:\n", d->indent, "", field);
}

// Addresses of functions and opaque pointers say nothing in a dump.
#define DUMP_I32(field) number_dump(d, #field, value->field);
#define DUMP_I64(field) number_dump(d, #field, value->field);
#define DUMP_STR(field) text_dump(d, #field, value->field);
#define DUMP_PTR(field)
#define DUMP_FN(field)
#define STRUCT(name)                                                                               \
    static void dump_##name(const Dump *d, const name *value) {                                    \
        Dump below = {d->out, d->indent + 2};                                                      \
        (void)value;                                                                               \
        (void)below;
#define FIELD(owner, type, field) DUMP_##type(field)
#define FIELD_REF(owner, field, target)                                                            \
    if (value->field != NULL) {                                                                    \
        title_dump(d, #field);                                                                     \
        dump_##target(&below, value->field);                                                       \
    }
#define FIELD_ARRAY(owner, field, target)                                                          \
    for (int64_t i = 0; i < value->field##_count; i++) {                                           \
        title_dump(d, #field);                                                                     \
        dump_##target(&below, &value->field[i]);                                                   \
    }
#define FIELD_INTS(owner, field) ints_dump(d, #field, value->field, value->field##_count);
#define END_STRUCT(name) }
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-function" // the structs of a run are not in a program
#include "abi/struct.def"
#pragma clang diagnostic pop

void layout_dump(const Layout *layout, Buffer *out) {
    Dump dump = {out, 0};
    dump_FlowProgram(&dump, layout->program);
}
