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

static bool is_nested(const char *name) {
    return str_equal(name, "list") || str_equal(name, "map") || str_equal(name, "struct");
}

const Type *type_check(Checker *c, const AstType *type) {
    const char *name = type->name.text;
    const AstDecl *decl = program_type(c->program, name);
    if (decl != NULL) {
        return named_check(c, type, decl);
    }
    if (is_nested(name)) {
        diag_unsupported(c->diags, type->span, UNSUPPORTED_NESTED_TYPES);
        return NULL;
    }
    FlowKind kind = FLOW_NULL;
    if (!kind_find(name, &kind)) {
        unknown_type_report(c, type);
        return NULL;
    }
    if (kind == FLOW_DECIMAL) {
        return decimal_check(c, type);
    }
    if (kind == FLOW_ENUM) {
        return enum_check(c, type);
    }
    if (type->arg_count > 0) {
        diag_add(c->diags, DIAG_E101, type->span, "%s takes nothing in brackets", name);
        return NULL;
    }
    return type_new(c->arena, kind, type->is_nullable);
}
