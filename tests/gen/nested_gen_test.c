// Goal: generated code makes, reads and compares lists, maps and structs and calls lambdas as the
// plan says. Method: as in gen_test.c, the reference interpreter on the same rows, for every type.
#include "cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

// --- values ------------------------------------------------------------------------------------
static const Expr *list_of(Fixture *f, FixtureType t, uint32_t nullable) {
    const Type *element = fixture_type(f, f->types[t], nullable != 0);
    const Expr *items[] = {fixture_column(f, t, COLUMN_A + nullable),
                           fixture_column(f, t, COLUMN_B + nullable)};
    return fixture_expr(f, EXPR_LIST, type_list(&f->arena, element, false), items, 2);
}

static const Expr *struct_of(Fixture *f, FixtureType t, uint32_t nullable) {
    const Expr *items[] = {fixture_column(f, t, COLUMN_A + nullable), list_of(f, t, nullable)};
    const TypeField fields[] = {{"a", items[0]->type}, {"b", items[1]->type}};
    return fixture_expr(f, EXPR_STRUCT, type_struct(&f->arena, fields, 2, false), items, 2);
}

// Null in the rows in which a bool column is not true.
static const Expr *sometimes(Fixture *f, const Expr *value) {
    const Type *type = fixture_type(f, value->type, true);
    const Expr *choice[] = {fixture_column(f, T_BOOL, NULLABLE), value, expr_null(&f->arena, type)};
    return fixture_expr(f, EXPR_IF, type, choice, 3);
}

static const Expr *field_of(Fixture *f, const Expr *fields, uint32_t index) {
    const Type *type = fields->type->children[index].type;
    bool is_nullable = type->is_nullable || fields->type->is_nullable;
    Expr *read = expr_new(&f->arena, EXPR_FIELD, fixture_type(f, type, is_nullable), &fields, 1);
    read->index = index;
    return read;
}

static const Expr *element_of(Fixture *f, const Expr *list, const Expr *index) {
    const Expr *parts[] = {list, index};
    const Type *type = fixture_type(f, list->type->children[0].type, true);
    return fixture_expr(f, EXPR_INDEX, type, parts, 2);
}

typedef void Adder(Cases *cases, FixtureType t, uint32_t nullable);

static void every_type(Adder *add) {
    Cases cases = {0};
    for (FixtureType t = 0; t < T_COUNT; t++) {
        add(&cases, t, 0);
        add(&cases, t, NULLABLE);
    }
    cases_flush(&cases);
}

static void values_add(Cases *cases, FixtureType t, uint32_t nullable) {
    Fixture *f = cases_fixture(cases);
    case_add(f, list_of(f, t, nullable));
    f = cases_fixture(cases);
    case_add(f, sometimes(f, struct_of(f, t, nullable)));
}

static void test_values(void **state) {
    (void)state;
    every_type(values_add);
}

static void parts_add(Cases *cases, FixtureType t, uint32_t nullable) {
    Fixture *f = cases_fixture(cases);
    case_add(f, field_of(f, struct_of(f, t, nullable), 0));
    f = cases_fixture(cases);
    const Expr *list = field_of(f, sometimes(f, struct_of(f, t, nullable)), 1);
    case_add(f, element_of(f, list, fixture_column(f, T_INT64, COLUMN_A + nullable)));
    f = cases_fixture(cases);
    case_add(f, element_of(f, list_of(f, t, nullable), fixture_constant(f, T_INT64, "1")));
    f = cases_fixture(cases);
    case_add(f, element_of(f, list_of(f, t, nullable), fixture_constant(f, T_INT64, "2")));
}

static void test_parts(void **state) {
    (void)state;
    every_type(parts_add);
}

static void comparisons_add(Cases *cases, FixtureType t, uint32_t nullable) {
    for (ExprOp op = EXPR_EQ; op <= EXPR_GE; op += t % 2 + 1) {
        Fixture *f = cases_fixture(cases);
        const Expr *turned[] = {fixture_column(f, t, COLUMN_B + nullable),
                                fixture_column(f, t, COLUMN_A + nullable)};
        const Expr *list = list_of(f, t, nullable);
        const Expr *operands[] = {list,
                                  sometimes(f, fixture_expr(f, EXPR_LIST, list->type, turned, 2))};
        case_add(f, fixture_expr(f, op, f->nullable[T_BOOL], operands, 2));
    }
}

static void test_comparisons(void **state) {
    (void)state;
    every_type(comparisons_add);
}

// A map as a constant: the language has no literal of one.
static const Expr *map_constant(Fixture *f) {
    static const FlowValue items[] = {
        {.i64 = 1}, {.i64 = 10}, {.i64 = -1}, {.i64 = 0}, {.i64 = 1}, {.i64 = 30}};
    static const uint8_t validity[] = {1, 1, 1, 0, 1, 1};
    static const FlowNested map = {3, items, validity};
    const Type *type = type_map(&f->arena, f->types[T_INT64], f->nullable[T_INT8], false);
    return expr_constant(&f->arena, type, (FlowValue){.nested = &map});
}

static void test_maps(void **state) {
    (void)state;
    Cases cases = {0};
    for (uint32_t nullable = 0; nullable <= NULLABLE; nullable += NULLABLE) {
        Fixture *f = cases_fixture(&cases);
        const Expr *parts[] = {map_constant(f), fixture_column(f, T_INT64, nullable)};
        case_add(f, fixture_expr(f, EXPR_INDEX, f->nullable[T_INT8], parts, 2));
        f = cases_fixture(&cases);
        case_add(f, map_constant(f));
    }
    cases_flush(&cases);
}

static void test_constants(void **state) {
    (void)state;
    static const char long_text[] = "a text that no view holds";
    static FlowValue inner[] = {{.i64 = 7}, {.i64 = 0}};
    static const uint8_t inner_validity[] = {1, 0};
    static const FlowNested numbers = {2, inner, inner_validity};
    FlowValue items[3] = {{.i128 = -((i128)5 << 70)}, {.f64 = -0.0}, {.nested = &numbers}};
    FlowValue texts[2] = {{.view = view_text("short")}, {.view = view_text(long_text)}};
    const FlowNested fields = {3, items, NULL};
    const FlowNested list = {2, texts, NULL};
    Cases cases = {0};
    Fixture *f = cases_fixture(&cases);
    const TypeField types[] = {{"a", f->types[T_DECIMAL38]},
                               {"b", f->types[T_FLOAT64]},
                               {"c", type_list(&f->arena, f->nullable[T_INT8], false)}};
    const Type *type = type_struct(&f->arena, types, COUNT_OF(types), false);
    case_add(f, expr_constant(&f->arena, type, (FlowValue){.nested = &fields}));
    const Type *strings = type_list(&f->arena, f->types[T_STRING], false);
    const Expr *constant = expr_constant(&f->arena, strings, (FlowValue){.nested = &list});
    case_add(f, constant);
    case_add(f, element_of(f, constant, fixture_column(f, T_INT64, COLUMN_A)));
    cases_flush(&cases);
}

// --- casts -------------------------------------------------------------------------------------
static void cast_add(Cases *cases, FixtureType from, FixtureType to, bool is_widening) {
    for (uint32_t nullable = 0; nullable <= NULLABLE; nullable += NULLABLE) {
        Fixture *f = cases_fixture(cases);
        const Expr *list = sometimes(f, list_of(f, from, nullable));
        const Type *element = fixture_type(f, f->types[to], nullable != 0);
        const Type *type = type_list(&f->arena, element, true);
        Expr *cast = (Expr *)fixture_expr(f, EXPR_CAST, type, &list, 1);
        cast->is_widening = is_widening;
        case_add(f, cast);
        f = cases_fixture(cases);
        list = sometimes(f, list_of(f, from, nullable));
        type = type_list(&f->arena, fixture_type(f, f->types[to], nullable != 0), true);
        case_add(f, fixture_expr(f, EXPR_TRY_CAST, type, &list, 1));
    }
}

static void test_casts(void **state) {
    (void)state;
    Cases cases = {0};
    cast_add(&cases, T_INT8, T_INT64, true);
    cast_add(&cases, T_INT64, T_INT8, false);
    cast_add(&cases, T_FLOAT32, T_FLOAT64, true);
    cast_add(&cases, T_DECIMAL4, T_DECIMAL18, true);
    cast_add(&cases, T_ENUM, T_STRING, true);
    cast_add(&cases, T_STRING, T_INT32, false);
    cast_add(&cases, T_INT32, T_STRING, false);
    cases_flush(&cases);
}

// --- lambdas -----------------------------------------------------------------------------------
static const Expr *parameter(Fixture *f, uint32_t number, const Type *type) {
    Expr *argument = expr_new(&f->arena, EXPR_ARGUMENT, type, NULL, 0);
    argument->index = number;
    return argument;
}

static const Expr *mapped(Fixture *f, const Expr *list, uint32_t number, const Expr *body) {
    Expr *lambda = expr_new(&f->arena, EXPR_LAMBDA, body->type, &body, 1);
    lambda->index = number;
    lambda->parameter_count = 1;
    const Expr *arguments[] = {list, lambda};
    const Type *type = type_list(&f->arena, body->type, list->type->is_nullable);
    Expr *call = (Expr *)fixture_expr(f, EXPR_CALL, type, arguments, 2);
    call->builtin = BUILTIN_map;
    return call;
}

// x ?? a: a column, what may be null and what may not.
static void captures_add(Cases *cases, FixtureType t, uint32_t nullable) {
    Fixture *f = cases_fixture(cases);
    const Expr *list = sometimes(f, list_of(f, t, NULLABLE));
    const Expr *pair[] = {parameter(f, 3, f->nullable[t]), fixture_column(f, t, nullable)};
    const Type *type = fixture_type(f, f->types[t], nullable != 0);
    const Expr *body = fixture_expr(f, EXPR_COALESCE, type, pair, 2);
    case_add(f, mapped(f, list, 3, body));
}

static void test_captures(void **state) {
    (void)state;
    every_type(captures_add);
}

// x div b fails in the body; the sum of it and a text's length outside of it too.
static const Expr *dividing(Fixture *f, const Expr *dividend, uint32_t nullable) {
    const Expr *pair[] = {dividend, fixture_column(f, T_INT32, COLUMN_B + nullable)};
    bool is_nullable = nullable != 0 || dividend->type->is_nullable;
    return fixture_expr(f, EXPR_DIV_INT, fixture_type(f, f->types[T_INT32], is_nullable), pair, 2);
}

static void test_failures(void **state) {
    (void)state;
    Cases cases = {0};
    for (uint32_t nullable = 0; nullable <= NULLABLE; nullable += NULLABLE) {
        Fixture *f = cases_fixture(&cases);
        const Type *type = fixture_type(f, f->types[T_INT32], nullable != 0);
        const Expr *list = list_of(f, T_INT32, nullable);
        case_add(f, mapped(f, list, 0, dividing(f, parameter(f, 0, type), nullable)));
        f = cases_fixture(&cases);
        // A lambda in a lambda: the inner one fails, and reads the outer one's parameter.
        type = fixture_type(f, f->types[T_INT32], nullable != 0);
        list = list_of(f, T_INT32, nullable);
        const Expr *pair[] = {parameter(f, 0, type), parameter(f, 1, type)};
        const Expr *inner = fixture_expr(f, EXPR_ADD, type, pair, 2);
        const Expr *body =
            mapped(f, list_of(f, T_INT32, nullable), 1, dividing(f, inner, nullable));
        case_add(f, mapped(f, sometimes(f, list), 0, body));
    }
    cases_flush(&cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_casts),
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
