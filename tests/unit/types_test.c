// links: compiler
// Goal: the rules of LANGUAGE 2 and 11 "Numbers" for types. Method: tables of types as a program
// writes them, with what must come of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types/types.h"

// --- types from their text -----------------------------------------------------------------------
static const Type *number_read(Arena *arena, const char *text, bool is_nullable) {
    int precision = 0;
    int scale = 0;
    if (sscanf(text, "decimal(%d,%d)", &precision, &scale) == 2) {
        return type_decimal(arena, precision, scale, is_nullable);
    }
    return NULL;
}

static const Type *enum_read(Arena *arena, const char *text, bool is_nullable) {
    static const char *const values[] = {"a", "b", "c"};
    if (strncmp(text, "enum", 4) != 0) {
        return NULL;
    }
    return type_enum(arena, values, (uint32_t)(text[4] - '0'), is_nullable);
}

// `decimal(12,2)?`, `int32`, `enum2`: an enum of the first two letters.
static const Type *type_read(Arena *arena, const char *text) {
    size_t length = strlen(text);
    bool is_nullable = text[length - 1] == '?';
    const char *base = arena_copy(arena, text, length - is_nullable);
    const Type *type = number_read(arena, base, is_nullable);
    type = type != NULL ? type : enum_read(arena, base, is_nullable);
    for (FlowKind kind = 0; type == NULL && kind < FLOW_KIND_COUNT; kind++) {
        if (strcmp(type_kind_text(kind), base) == 0) {
            type = type_new(arena, kind, is_nullable || kind == FLOW_NULL);
        }
    }
    assert_non_null(type);
    return type;
}

// --- decimals ------------------------------------------------------------------------------------
typedef struct DecimalCase {
    const char *a;
    char operation;
    const char *b;
    const char *result;
} DecimalCase;

// Worked out by hand from LANGUAGE 11; the rows with 38 digits lose scale, but keep at least six.
static const DecimalCase decimal_cases[] = {
    {"decimal(12,2)", '+', "decimal(12,2)", "decimal(13, 2)"},
    {"decimal(12,2)", '-', "decimal(5,4)", "decimal(15, 4)"},
    {"decimal(38,0)", '+', "decimal(38,0)", "decimal(38, 0)"},
    {"decimal(38,10)", '+', "decimal(38,10)", "decimal(38, 9)"},
    {"decimal(38,38)", '+', "decimal(38,0)", "decimal(38, 6)"},
    {"decimal(12,2)", '*', "decimal(4,3)", "decimal(17, 5)"},
    {"decimal(20,10)", '*', "decimal(20,10)", "decimal(38, 17)"},
    {"decimal(38,10)", '*', "decimal(38,10)", "decimal(38, 6)"},
    {"decimal(38,2)", '*', "decimal(38,2)", "decimal(38, 4)"},
    {"decimal(12,2)", '/', "decimal(4,3)", "decimal(20, 7)"},
    {"decimal(12,2)", '/', "decimal(1,0)", "decimal(16, 6)"},
    {"decimal(38,10)", '/', "decimal(38,10)", "decimal(38, 6)"},
    {"decimal(20,0)", '/', "decimal(20,0)", "decimal(38, 18)"},
    {"decimal(12,2)", '%', "decimal(5,4)", "decimal(5, 4)"},
    {"decimal(12,2)", '%', "decimal(12,2)", "decimal(12, 2)"},
    {"decimal(12,2)", 'd', "decimal(5,4)", "decimal(14, 0)"},
    {"decimal(2,2)", 'd', "decimal(5,0)", "decimal(1, 0)"},
    {"decimal(12,2)?", '+', "decimal(12,2)", "decimal(13, 2)?"},
    {"decimal(12,2)", '/', "decimal(12,2)?", "decimal(27, 15)?"},
};

static void decimals_test(void **state) {
    (void)state;
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(decimal_cases); i++) {
        const DecimalCase *c = &decimal_cases[i];
        const Type *result = type_decimal_result(
            &arena, c->operation, type_read(&arena, c->a), type_read(&arena, c->b));
        assert_string_equal(type_text(&arena, result), c->result);
    }
    arena_free(&arena);
}

// --- widening ------------------------------------------------------------------------------------
typedef struct WideningCase {
    const char *from;
    const char *to;     // texts separated by blanks: all that it widens to …
    const char *not_to; // … and what it does not
} WideningCase;

static const WideningCase widening_cases[] = {
    {"int8",
     "int8 int8? int16 int32 int64 float64 decimal(3,0) decimal(5,2)",
     "decimal(2,0) decimal(4,2) float32 bool string duration timestamp"},
    {"int16", "int16 int32 int64 float64 decimal(5,0)", "int8 decimal(4,0) float32"},
    {"int32", "int32 int64 float64 decimal(10,0) decimal(12,2)", "int16 decimal(11,2) float32"},
    {"int64", "int64 decimal(19,0) decimal(38,19)", "int32 float64 float32 decimal(18,0)"},
    {"float32", "float32 float64", "int64 decimal(38,10)"},
    {"float64", "float64 float64?", "float32 int64 decimal(38,10) string"},
    {"decimal(12,2)",
     "decimal(12,2) decimal(13,2) decimal(14,4) decimal(12,2)?",
     "decimal(12,3) decimal(11,2) decimal(12,1) int64 float64"},
    {"enum2", "enum2 string string?", "enum3 bytes int32"},
    {"string", "string", "enum2 bytes date timestamp"},
    {"date", "date date?", "timestamp string int32"},
    {"timestamp", "timestamp", "date int64 string"},
    {"duration", "duration", "int64 timestamp"},
    {"bool", "bool bool?", "int8 string"},
    {"int32?", "int32? int64?", "int32 int64"},
    {"null", "int8? string? enum2? decimal(5,2)?", "int8 string"},
};

static void widening_check(Arena *arena, const char *from, const char *list, bool wanted) {
    const char *at = list;
    while (*at != '\0') {
        size_t length = strcspn(at, " ");
        const char *to = arena_copy(arena, at, length);
        at += length + (at[length] == ' ');
        bool is = type_widens_to(type_read(arena, from), type_read(arena, to));
        if (is != wanted) {
            fail_msg("%s to %s: wanted %s", from, to, wanted ? "yes" : "no");
        }
    }
}

static void widening_test(void **state) {
    (void)state;
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(widening_cases); i++) {
        const WideningCase *c = &widening_cases[i];
        widening_check(&arena, c->from, c->to, true);
        widening_check(&arena, c->from, c->not_to, false);
    }
    arena_free(&arena);
}

// --- text and equality ---------------------------------------------------------------------------
static void text_test(void **state) {
    (void)state;
    static const char *const texts[] = {
        "bool", "int8?", "decimal(38, 0)", "string?", "timestamp", "enum(\"a\", \"b\")?"};
    static const char *const written[] = {
        "bool", "int8?", "decimal(38,0)", "string?", "timestamp", "enum2?"};
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_string_equal(type_text(&arena, type_read(&arena, written[i])), texts[i]);
    }
    const char *const odd[] = {"a\"b", "back\\slash", "tab\t"};
    assert_string_equal(type_text(&arena, type_enum(&arena, odd, 3, false)),
                        "enum(\"a\\\"b\", \"back\\\\slash\", \"tab\\t\")");
    arena_free(&arena);
}

static void equality_test(void **state) {
    (void)state;
    Arena arena = {0};
    const Type *a = type_read(&arena, "decimal(12,2)");
    const Type *b = type_with_null(&arena, a, true);
    assert_true(type_equal_base(a, b));
    assert_false(type_equal(a, b));
    assert_false(type_equal_base(a, type_read(&arena, "decimal(12,3)")));
    assert_false(type_equal_base(type_read(&arena, "enum2"), type_read(&arena, "enum3")));
    assert_true(type_equal(type_read(&arena, "enum2"), type_read(&arena, "enum2")));
    assert_int_equal(type_enum_code(type_read(&arena, "enum3"), "c", 1), 2);
    assert_int_equal(type_enum_code(type_read(&arena, "enum2"), "c", 1), -1);
    assert_int_equal(type_width(type_read(&arena, "decimal(18,2)")), 8);
    assert_int_equal(type_width(type_read(&arena, "decimal(19,2)")), 16);
    arena_free(&arena);
}

static void nested_test(void **state) {
    (void)state;
    Arena arena = {0};
    const Type *small = type_read(&arena, "int32");
    const Type *large = type_read(&arena, "int64?");
    const TypeField fields[] = {{"a", small}, {"b c", type_list(&arena, large, true)}};
    const Type *pair = type_struct(&arena, fields, COUNT_OF(fields), false);
    const Type *map = type_map(&arena, type_read(&arena, "string"), pair, true);
    assert_string_equal(type_text(&arena, map),
                        "map(string, struct(a: int32, `b c`: list(int64?)?))?");
    assert_int_equal(type_depth(map), 3);
    assert_int_equal(type_depth(small), 0);
    assert_int_equal(type_field(pair, "b c"), 1);
    assert_int_equal(type_field(pair, "c"), -1);
    assert_true(type_has(map, FLOW_LIST));
    assert_false(type_has(pair, FLOW_MAP));
    assert_true(type_is_nested(pair));
    const TypeField less[] = {{"a", small}, {"b c", type_list(&arena, large, false)}};
    const Type *proven = type_struct(&arena, less, COUNT_OF(less), false);
    assert_true(type_narrows_to(pair, proven));
    assert_false(type_narrows_to(proven, pair));
    assert_true(type_narrows_to(map, type_with_null(&arena, map, false)));
    assert_false(type_narrows_to(small, large));
    assert_int_equal(type_width(map), 8);
    arena_free(&arena);
}

static void nested_widening_test(void **state) {
    (void)state;
    Arena arena = {0};
    const Type *small = type_list(&arena, type_read(&arena, "int32"), false);
    const Type *large = type_list(&arena, type_read(&arena, "int64?"), false);
    const Type *empty = type_list(&arena, type_new(&arena, FLOW_NULL, false), false);
    const Type *nulls = type_list(&arena, type_new(&arena, FLOW_NULL, true), false);
    assert_true(type_widens_to(small, large));
    assert_true(type_widens_to(small, type_with_null(&arena, large, true)));
    assert_false(type_widens_to(large, small));
    assert_false(type_equal_base(small, large));
    assert_true(type_widens_to(empty, small));
    assert_false(type_widens_to(nulls, small));
    assert_true(type_widens_to(nulls, large));
    const TypeField one[] = {{"a", small}};
    const TypeField other[] = {{"b", small}};
    const Type *a = type_struct(&arena, one, 1, false);
    assert_true(type_equal(a, type_struct(&arena, one, 1, false)));
    assert_false(type_widens_to(a, type_struct(&arena, other, 1, false)));
    assert_false(type_widens_to(a, small));
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_test),
        cmocka_unit_test(widening_test),
        cmocka_unit_test(text_test),
        cmocka_unit_test(equality_test),
        cmocka_unit_test(nested_test),
        cmocka_unit_test(nested_widening_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
