// Making, comparing and printing types, and the one table of implicit widenings.
//
// Everything here is a pure function of its arguments, so that check, rewrite and gen can ask the
// same question at different times and get the same answer.
#include "types/types.h"

const Type *type_new(Arena *arena, FlowKind kind, bool is_nullable) {
    Type *type = arena_new(arena, Type);
    type->kind = kind;
    type->is_nullable = is_nullable;
    return type;
}

const Type *type_decimal(Arena *arena, int32_t precision, int32_t scale, bool is_nullable) {
    ASSERT(precision >= 1 && precision <= TYPE_PRECISION_MAX && scale >= 0 && scale <= precision);
    Type *type = arena_new(arena, Type);
    type->kind = FLOW_DECIMAL;
    type->is_nullable = is_nullable;
    type->precision = precision;
    type->scale = scale;
    return type;
}

const Type *type_enum(Arena *arena, const char *const *values, uint32_t count, bool is_nullable) {
    Type *type = arena_new(arena, Type);
    type->kind = FLOW_ENUM;
    type->is_nullable = is_nullable;
    type->enum_values = values;
    type->enum_count = count;
    return type;
}

// --- nested types -------------------------------------------------------------------------------
static const Type *
nested_new(Arena *arena, FlowKind kind, const TypeField *fields, uint32_t count, bool is_nullable) {
    TypeField *children = arena_array(arena, TypeField, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        children[i] = fields[i];
    }
    Type *type = arena_new(arena, Type);
    type->kind = kind;
    type->is_nullable = is_nullable;
    type->children = children;
    type->child_count = count;
    return type;
}

const Type *type_list(Arena *arena, const Type *element, bool is_nullable) {
    const TypeField child = {"element", element};
    return nested_new(arena, FLOW_LIST, &child, 1, is_nullable);
}

const Type *type_map(Arena *arena, const Type *key, const Type *value, bool is_nullable) {
    const TypeField children[] = {{"key", key}, {"value", value}};
    return nested_new(arena, FLOW_MAP, children, COUNT_OF(children), is_nullable);
}

const Type *type_struct(Arena *arena, const TypeField *fields, uint32_t count, bool is_nullable) {
    return nested_new(arena, FLOW_STRUCT, fields, count, is_nullable);
}

bool type_is_nested(const Type *type) {
    return type->kind == FLOW_LIST || type->kind == FLOW_MAP || type->kind == FLOW_STRUCT;
}

int32_t type_field(const Type *type, const char *name) {
    for (uint32_t i = 0; type->kind == FLOW_STRUCT && i < type->child_count; i++) {
        if (strcmp(type->children[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

uint32_t type_depth(const Type *type) {
    uint32_t depth = 0;
    for (uint32_t i = 0; i < type->child_count; i++) {
        uint32_t below = type_depth(type->children[i].type);
        depth = below > depth ? below : depth;
    }
    return depth + (type_is_nested(type) ? 1 : 0);
}

bool type_has(const Type *type, FlowKind kind) {
    bool has = type->kind == kind;
    for (uint32_t i = 0; i < type->child_count && !has; i++) {
        has = type_has(type->children[i].type, kind);
    }
    return has;
}

const Type *type_with_null(Arena *arena, const Type *type, bool is_nullable) {
    if (type->is_nullable == is_nullable) {
        return type;
    }
    Type *copy = arena_new(arena, Type);
    *copy = *type;
    copy->is_nullable = is_nullable;
    return copy;
}

static bool enum_equal(const Type *a, const Type *b) {
    if (a->enum_count != b->enum_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->enum_count; i++) {
        if (strcmp(a->enum_values[i], b->enum_values[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool child_names_equal(const Type *a, const Type *b) {
    if (a->child_count != b->child_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->child_count; i++) {
        if (strcmp(a->children[i].name, b->children[i].name) != 0) {
            return false;
        }
    }
    return true;
}

static bool children_equal(const Type *a, const Type *b) {
    bool are_equal = child_names_equal(a, b);
    for (uint32_t i = 0; i < a->child_count && are_equal; i++) {
        are_equal = type_equal(a->children[i].type, b->children[i].type);
    }
    return are_equal;
}

bool type_equal_base(const Type *a, const Type *b) {
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == FLOW_DECIMAL) {
        return a->precision == b->precision && a->scale == b->scale;
    }
    if (type_is_nested(a)) {
        return children_equal(a, b);
    }
    return a->kind != FLOW_ENUM || enum_equal(a, b);
}

bool type_equal(const Type *a, const Type *b) {
    return a->is_nullable == b->is_nullable && type_equal_base(a, b);
}

bool type_narrows_to(const Type *from, const Type *to) {
    bool narrows = from->is_nullable || !to->is_nullable;
    if (!type_is_nested(from)) {
        return narrows && type_equal_base(from, to);
    }
    narrows &= from->kind == to->kind && child_names_equal(from, to);
    for (uint32_t i = 0; i < from->child_count && narrows; i++) {
        narrows = type_narrows_to(from->children[i].type, to->children[i].type);
    }
    return narrows;
}

bool type_is_integer(const Type *type) {
    return type->kind >= FLOW_INT8 && type->kind <= FLOW_INT64;
}

bool type_is_float(const Type *type) {
    return type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64;
}

bool type_is_number(const Type *type) {
    return type_is_integer(type) || type_is_float(type) || type->kind == FLOW_DECIMAL;
}

bool type_is_text(const Type *type) {
    return type->kind == FLOW_STRING || type->kind == FLOW_ENUM;
}

uint32_t type_width(const Type *type) {
    return flow_kind_width(type->kind, type->precision);
}

int32_t type_enum_code(const Type *type, const char *text, size_t length) {
    for (uint32_t i = 0; i < type->enum_count; i++) {
        const char *value = type->enum_values[i];
        if (strlen(value) == length && memcmp(value, text, length) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

// --- text ----------------------------------------------------------------------------------------
const char *type_kind_text(FlowKind kind) {
    static const char *const texts[] = {
#define TYPE(name, text, width) text,
#include "abi/type.def"
#undef TYPE
    };
    _Static_assert(COUNT_OF(texts) == FLOW_KIND_COUNT, "one text for each kind");
    return texts[kind];
}

static void enum_value_text(Buffer *out, const char *value) {
    buffer_char(out, '"');
    for (const char *c = value; *c != '\0'; c++) {
        switch (*c) {
        case '"':
        case '\\':
            buffer_char(out, '\\');
            buffer_char(out, *c);
            break;
        case '\n':
            buffer_text(out, "\\n");
            break;
        case '\r':
            buffer_text(out, "\\r");
            break;
        case '\t':
            buffer_text(out, "\\t");
            break;
        default:
            buffer_char(out, *c);
        }
    }
    buffer_char(out, '"');
}

// A field's name as it is written: in backquotes unless it is a plain name.
static void name_text(Buffer *out, const char *name) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    bool is_plain =
        *name != '\0' && strspn(name, plain) == strlen(name) && (name[0] < '0' || name[0] > '9');
    buffer_text(out, is_plain ? "" : "`");
    buffer_text(out, name);
    buffer_text(out, is_plain ? "" : "`");
}

static void type_put(Buffer *out, const Type *type);

static void children_text(Buffer *out, const Type *type) {
    buffer_char(out, '(');
    for (uint32_t i = 0; i < type->child_count; i++) {
        buffer_text(out, i == 0 ? "" : ", ");
        if (type->kind == FLOW_STRUCT) {
            name_text(out, type->children[i].name);
            buffer_text(out, ": ");
        }
        type_put(out, type->children[i].type);
    }
    buffer_char(out, ')');
}

static void arguments_text(Buffer *out, const Type *type) {
    if (type->kind == FLOW_DECIMAL) {
        buffer_format(out, "(%d, %d)", type->precision, type->scale);
        return;
    }
    if (type_is_nested(type)) {
        children_text(out, type);
        return;
    }
    buffer_char(out, '(');
    for (uint32_t i = 0; i < type->enum_count; i++) {
        buffer_text(out, i == 0 ? "" : ", ");
        enum_value_text(out, type->enum_values[i]);
    }
    buffer_char(out, ')');
}

static void type_put(Buffer *out, const Type *type) {
    bool has_arguments =
        type->kind == FLOW_DECIMAL || type->kind == FLOW_ENUM || type_is_nested(type);
    buffer_text(out, type->name != NULL ? type->name : type_kind_text(type->kind));
    if (type->name == NULL && has_arguments) {
        arguments_text(out, type);
    }
    if (type->is_nullable && type->kind != FLOW_NULL) {
        buffer_char(out, '?');
    }
}

const char *type_text(Arena *arena, const Type *type) {
    Buffer out = {0};
    type_put(&out, type);
    const char *text = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return text;
}

// --- widening ------------------------------------------------------------------------------------
// Digits of the largest value of an integer type.
static int32_t integer_digits(const Type *type) {
    static const int32_t digits[] = {3, 5, 10, 19};
    return digits[type->kind - FLOW_INT8];
}

static bool decimal_holds(const Type *decimal, int32_t digits, int32_t scale) {
    return decimal->precision - decimal->scale >= digits && decimal->scale >= scale;
}

static bool integer_widens_to(const Type *from, const Type *to) {
    if (type_is_integer(to)) {
        return from->kind <= to->kind;
    }
    if (to->kind == FLOW_DECIMAL) {
        return decimal_holds(to, integer_digits(from), 0);
    }
    return to->kind == FLOW_FLOAT64 && from->kind != FLOW_INT64;
}

// A nested value is immutable, so its parts widen as single values do.
static bool children_widen_to(const Type *from, const Type *to) {
    bool all_do = child_names_equal(from, to);
    for (uint32_t i = 0; i < from->child_count && all_do; i++) {
        all_do = type_widens_to(from->children[i].type, to->children[i].type);
    }
    return all_do;
}

static bool base_widens_to(const Type *from, const Type *to) {
    if (type_is_integer(from)) {
        return integer_widens_to(from, to);
    }
    if (from->kind == FLOW_DECIMAL && to->kind == FLOW_DECIMAL) {
        return decimal_holds(to, from->precision - from->scale, from->scale);
    }
    if (from->kind == FLOW_FLOAT32) {
        return to->kind == FLOW_FLOAT64;
    }
    if (type_is_nested(from)) {
        return from->kind == to->kind && children_widen_to(from, to);
    }
    return from->kind == FLOW_ENUM && to->kind == FLOW_STRING;
}

bool type_widens_to(const Type *from, const Type *to) {
    if (from->kind == FLOW_NULL) {
        return to->is_nullable || !from->is_nullable;
    }
    if (from->is_nullable && !to->is_nullable) {
        return false;
    }
    return type_equal_base(from, to) || base_widens_to(from, to);
}

// --- decimal arithmetic --------------------------------------------------------------------------
static int32_t larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

TypeDigits type_decimal_exact(char operation, const Type *a, const Type *b) {
    int32_t a_whole = a->precision - a->scale;
    int32_t b_whole = b->precision - b->scale;
    int32_t scale = larger(a->scale, b->scale);
    switch (operation) {
    case '+':
    case '-':
        return (TypeDigits){larger(a_whole, b_whole) + scale + 1, scale};
    case '*':
        return (TypeDigits){a->precision + b->precision + 1, a->scale + b->scale};
    case '/':
        scale = larger(6, a->scale + b->precision + 1);
        return (TypeDigits){a_whole + b->scale + scale, scale};
    case '%':
        return (TypeDigits){larger(1, smaller(a_whole, b_whole) + scale), scale};
    default:
        ASSERT(operation == 'd');
        return (TypeDigits){larger(1, a_whole + b->scale), 0};
    }
}

const Type *type_decimal_result(Arena *arena, char operation, const Type *a, const Type *b) {
    TypeDigits digits = type_decimal_exact(operation, a, b);
    bool is_nullable = a->is_nullable || b->is_nullable;
    if (digits.precision <= TYPE_PRECISION_MAX) {
        return type_decimal(arena, digits.precision, digits.scale, is_nullable);
    }
    // Whole digits are dearer than fractional ones, but six of the latter stay.
    int32_t whole = digits.precision - digits.scale;
    int32_t scale = larger(TYPE_PRECISION_MAX - whole, smaller(digits.scale, 6));
    return type_decimal(arena, TYPE_PRECISION_MAX, scale, is_nullable);
}
