// Types as written to Types: arguments in range, named types followed.
#include "check/check_internal.h"

const char *type_show(Checker *c, const Type *type) {
    return type_text(c->arena, type);
}

static void unknown_type_report(Checker *c, const AstType *type) {
    VEC(const char *) names = {0};
    for (FlowKind kind = 0; kind < FLOW_NULL; kind++) {
        *vec_push(c->arena, &names) = type_kind_text(kind);
    }
    for (uint32_t i = 0; i < c->program->types.count; i++) {
        *vec_push(c->arena, &names) = c->program->types.items[i]->name.text;
    }
    Diag *diag =
        diag_add(c->diags, DIAG_E010, type->name.span, "no type is called `%s`", type->name.text);
    diag_suggest(c->diags, diag, type->name.text, names.items, names.count);
}

static bool kind_find(const char *name, FlowKind *kind) {
    for (FlowKind k = 0; k < FLOW_NULL; k++) {
        if (str_equal(type_kind_text(k), name)) {
            *kind = k;
            return true;
        }
    }
    return false;
}

static bool is_integer_argument(const AstType *type, uint32_t index) {
    return index < type->arg_count && type->args[index].kind == AST_TYPE_ARG_INTEGER &&
           !type->args[index].literal.is_out_of_range;
}

static const Type *decimal_check(Checker *c, const AstType *type) {
    bool has_both =
        type->arg_count == 2 && is_integer_argument(type, 0) && is_integer_argument(type, 1);
    if (!has_both) {
        diag_add(c->diags,
                 DIAG_E101,
                 type->span,
                 "decimal takes its precision and scale: `decimal(12, 2)`");
        return NULL;
    }
    int64_t precision = type->args[0].literal.value;
    int64_t scale = type->args[1].literal.value;
    if (precision < 1 || precision > TYPE_PRECISION_MAX) {
        diag_add(c->diags,
                 DIAG_E024,
                 type->args[0].span,
                 "a decimal has 1 to %d digits, not %lld",
                 TYPE_PRECISION_MAX,
                 (long long)precision);
        return NULL;
    }
    if (scale < 0 || scale > precision) {
        diag_add(c->diags,
                 DIAG_E023,
                 type->args[1].span,
                 "the scale %lld exceeds the precision %lld",
                 (long long)scale,
                 (long long)precision);
        return NULL;
    }
    return type_decimal(c->arena, (int32_t)precision, (int32_t)scale, type->is_nullable);
}

static bool is_listed_above(const char *const *values, uint32_t count, const char *value) {
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(values[i], value)) {
            return true;
        }
    }
    return false;
}

static const Type *enum_check(Checker *c, const AstType *type) {
    if (type->arg_count == 0 || type->arg_count > ENUM_VALUES_MAX) {
        diag_add(c->diags,
                 DIAG_E101,
                 type->span,
                 "an enum lists its values: `enum(\"open\", \"paid\")`, at most %d",
                 ENUM_VALUES_MAX);
        return NULL;
    }
    const char **values = arena_array(c->arena, const char *, type->arg_count);
    for (uint32_t i = 0; i < type->arg_count; i++) {
        const AstTypeArg *arg = &type->args[i];
        if (arg->kind != AST_TYPE_ARG_STRING) {
            diag_add(c->diags, DIAG_E101, arg->span, "the values of an enum are texts in quotes");
            return NULL;
        }
        if (is_listed_above(values, i, arg->literal.text)) {
            diag_add(
                c->diags, DIAG_E102, arg->span, "the enum lists \"%s\" twice", arg->literal.text);
            return NULL;
        }
        values[i] = arg->literal.text;
    }
    return type_enum(c->arena, values, type->arg_count, type->is_nullable);
}

static bool is_being_defined(const Checker *c, const AstDecl *decl) {
    for (uint32_t i = 0; i < c->type_depth; i++) {
        if (c->type_stack[i] == decl) {
            return true;
        }
    }
    return false;
}

static const Type *named_check(Checker *c, const AstType *type, const AstDecl *decl) {
    if (is_being_defined(c, decl)) {
        diag_add(c->diags,
                 DIAG_E103,
                 type->name.span,
                 "the type `%s` is defined by itself",
                 decl->name.text);
        return NULL;
    }
    c->type_stack[c->type_depth++] = decl;
    const Type *meant = decl->type == NULL ? NULL : type_check(c, decl->type);
    c->type_depth--;
    if (meant == NULL) {
        return NULL; // reported where the type is declared; once, because places repeat
    }
    Type *named = arena_new(c->arena, Type);
    *named = *meant;
    named->name = decl->name.text;
    named->is_nullable = meant->is_nullable || type->is_nullable;
    return named;
}

// --- nested types --------------------------------------------------------------------------------
static const Type *inner_check(Checker *c, const AstType *type, uint32_t index) {
    bool is_type = index < type->arg_count && type->args[index].kind == AST_TYPE_ARG_TYPE;
    return is_type ? type_check(c, type->args[index].type) : NULL;
}

static bool has_types(const AstType *type, uint32_t count) {
    for (uint32_t i = 0; i < type->arg_count; i++) {
        if (type->args[i].kind != AST_TYPE_ARG_TYPE) {
            return false;
        }
    }
    return type->arg_count == count;
}

static const Type *list_type_check(Checker *c, const AstType *type) {
    if (!has_types(type, 1)) {
        diag_add(c->diags,
                 DIAG_E101,
                 type->span,
                 "a list has the type of its elements in brackets: `list(int64)`");
        return NULL;
    }
    const Type *element = inner_check(c, type, 0);
    return element == NULL ? NULL : type_list(c->arena, element, type->is_nullable);
}

static const Type *map_type_check(Checker *c, const AstType *type) {
    if (!has_types(type, 2)) {
        diag_add(c->diags,
                 DIAG_E101,
                 type->span,
                 "a map has the types of its keys and values in brackets: `map(string, int64)`");
        return NULL;
    }
    const Type *key = inner_check(c, type, 0);
    const Type *value = inner_check(c, type, 1);
    if (key == NULL || value == NULL) {
        return NULL;
    }
    if (key->is_nullable) {
        diag_add(c->diags,
                 DIAG_E101,
                 type->args[0].span,
                 "a key of a map is never null, so its type has no `?`");
        return NULL;
    }
    if (type_has(key, FLOW_MAP)) {
        diag_add(c->diags,
                 DIAG_E101,
                 type->args[0].span,
                 "a map can't be a key of a map: maps are not compared");
        return NULL;
    }
    return type_map(c->arena, key, value, type->is_nullable);
}

static bool field_is_repeated(Checker *c, const AstType *type, uint32_t index) {
    const AstName *name = &type->args[index].name;
    for (uint32_t i = 0; i < index; i++) {
        if (str_equal(type->args[i].name.text, name->text)) {
            diag_add(c->diags,
                     DIAG_E203,
                     name->span,
                     "the struct has two fields called `%s`",
                     name->text);
            return true;
        }
    }
    return false;
}

static const Type *struct_type_check(Checker *c, const AstType *type) {
    TypeField *fields = arena_array(c->arena, TypeField, type->arg_count + 1);
    bool is_fine = type->arg_count > 0 && type->arg_count <= COLUMNS_MAX;
    for (uint32_t i = 0; i < type->arg_count && is_fine; i++) {
        is_fine = type->args[i].kind == AST_TYPE_ARG_FIELD;
    }
    if (!is_fine) {
        diag_add(c->diags,
                 DIAG_E101,
                 type->span,
                 "a struct lists its fields with their types: `struct(street: string, city: "
                 "string)`, at most %d",
                 COLUMNS_MAX);
        return NULL;
    }
    for (uint32_t i = 0; i < type->arg_count; i++) {
        fields[i] = (TypeField){type->args[i].name.text, type_check(c, type->args[i].type)};
        is_fine &= fields[i].type != NULL && !field_is_repeated(c, type, i);
    }
    return is_fine ? type_struct(c->arena, fields, type->arg_count, type->is_nullable) : NULL;
}

static const Type *nested_check(Checker *c, const AstType *type, FlowKind kind) {
    if (c->type_nesting == TYPE_DEPTH_MAX) {
        diag_add(c->diags,
                 DIAG_E120,
                 type->span,
                 "lists, maps and structs stand at most %d deep in each other",
                 TYPE_DEPTH_MAX);
        return NULL;
    }
    c->type_nesting++;
    const Type *nested = kind == FLOW_LIST  ? list_type_check(c, type)
                         : kind == FLOW_MAP ? map_type_check(c, type)
                                            : struct_type_check(c, type);
    c->type_nesting--;
    return nested;
}

const Type *type_check(Checker *c, const AstType *type) {
    const char *name = type->name.text;
    const AstDecl *decl = program_type(c->program, name);
    if (decl != NULL) {
        return named_check(c, type, decl);
    }
    FlowKind kind = FLOW_NULL;
    if (!kind_find(name, &kind)) {
        unknown_type_report(c, type);
        return NULL;
    }
    switch (kind) {
    case FLOW_DECIMAL:
        return decimal_check(c, type);
    case FLOW_ENUM:
        return enum_check(c, type);
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return nested_check(c, type, kind);
    default:
        break;
    }
    if (type->arg_count > 0) {
        diag_add(c->diags, DIAG_E101, type->span, "%s takes nothing in brackets", name);
        return NULL;
    }
    return type_new(c->arena, kind, type->is_nullable);
}
