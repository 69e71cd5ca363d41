// Goal: lists, maps and structs have one order, one text, one set of key bytes, and a copy of them
// needs nothing of the original. Method: values read from short texts by their types.
#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const FlowTypeDesc int_type = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc text_type = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc small_type = {.kind = FLOW_INT8, .is_nullable = 1};

static const FlowColumnDesc ints_child[] = {{.name = "element", .type = &int_type}};
static const FlowTypeDesc ints = {
    .kind = FLOW_LIST, .is_nullable = 1, .children = ints_child, .children_count = 1};
static const FlowColumnDesc small_child[] = {{.name = "element", .type = &small_type}};
static const FlowTypeDesc smalls = {
    .kind = FLOW_LIST, .is_nullable = 1, .children = small_child, .children_count = 1};
static const FlowColumnDesc pair_children[] = {{.name = "a", .type = &text_type},
                                               {.name = "b", .type = &ints}};
static const FlowTypeDesc pair = {
    .kind = FLOW_STRUCT, .is_nullable = 1, .children = pair_children, .children_count = 2};
static const FlowColumnDesc map_children[] = {{.name = "key", .type = &text_type},
                                              {.name = "value", .type = &int_type}};
static const FlowTypeDesc counts = {
    .kind = FLOW_MAP, .is_nullable = 1, .children = map_children, .children_count = 2};
static const FlowColumnDesc by_pair_children[] = {{.name = "key", .type = &pair},
                                                  {.name = "value", .type = &int_type}};
static const FlowTypeDesc by_pair = {
    .kind = FLOW_MAP, .is_nullable = 1, .children = by_pair_children, .children_count = 2};

// Reads `null`, a word of a single value, or the items of a nested one in brackets: (a (1 2)).
static bool value_read(Arena *arena, const FlowTypeDesc *type, const char **at, FlowValue *value);

static FlowValue nested_read(Arena *arena, const FlowTypeDesc *type, const char **at) {
    enum { ITEMS_MAX = 16 };
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    int64_t count = 0;
    const FlowNested *room = nested_new(arena, 0, ITEMS_MAX, &items, &validity);
    assert_int_equal(*(*at)++, '(');
    while (**at != ')') {
        assert_true(count < ITEMS_MAX);
        validity[count] = value_read(arena, nested_item_type(type, count), at, &items[count]);
        count++;
        *at += **at == ' ';
    }
    (*at)++;
    ((FlowNested *)room)->count = type->kind == FLOW_MAP ? count / 2 : count;
    return (FlowValue){.nested = room};
}

static bool value_read(Arena *arena, const FlowTypeDesc *type, const char **at, FlowValue *value) {
    size_t length = strcspn(*at, " ()");
    if (length == 4 && memcmp(*at, "null", length) == 0) {
        *at += length;
        return false;
    }
    if (desc_is_nested(type)) {
        *value = nested_read(arena, type, at);
        return true;
    }
    const char *word = arena_copy(arena, *at, length);
    assert_int_equal(value_parse(arena, type, word, length, value), PARSE_OK);
    *at += length;
    return true;
}

static FlowValue made(Arena *arena, const FlowTypeDesc *type, const char *text) {
    FlowValue value = {0};
    assert_true(value_read(arena, type, &text, &value));
    assert_int_equal(*text, '\0');
    return value;
}

static void an_order_and_key_bytes_agree(void **state) {
    (void)state;
    static const struct {
        const FlowTypeDesc *type;
        const char *ascending[7];
    } cases[] = {
        {&ints, {"()", "(null)", "(null null)", "(1)", "(1 null)", "(1 2)", "(2)"}},
        {&pair, {"(null null)", "(a null)", "(a ())", "(a (1))", "(ab (0))", "(b ())"}},
        {&counts, {"()", "(a null)", "(a 1)", "(b 0 a 1)", "(a 2)", "(b 1)"}},
        {&by_pair, {"()", "((a ()) 1)", "((a ()) 2)", "((a (1)) 0)"}},
    };
    Arena arena = {0};
    Buffer keys[2] = {{0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const FlowTypeDesc *type = cases[i].type;
        for (size_t j = 1; j < 7 && cases[i].ascending[j] != NULL; j++) {
            FlowValue below = made(&arena, type, cases[i].ascending[j - 1]);
            FlowValue above = made(&arena, type, cases[i].ascending[j]);
            assert_int_equal(value_compare(type, &below, type, &above), -1);
            assert_int_equal(value_compare(type, &above, type, &below), 1);
            assert_int_equal(value_compare(type, &above, type, &above), 0);
            buffer_clear(&keys[0]);
            buffer_clear(&keys[1]);
            key_append(&keys[0], type, false, &below);
            key_append(&keys[1], type, false, &above);
            size_t shorter = keys[0].length < keys[1].length ? keys[0].length : keys[1].length;
            assert_true(memcmp(keys[0].data, keys[1].data, shorter) < 0);
        }
    }
    buffer_free(&keys[0]);
    buffer_free(&keys[1]);
    arena_free(&arena);
}

static void the_order_of_entries_is_no_part_of_a_map(void **state) {
    (void)state;
    Arena arena = {0};
    Buffer keys[2] = {{0}};
    FlowValue one = made(&arena, &counts, "(b 2 a 1)");
    FlowValue other = made(&arena, &counts, "(a 1 b 2)");
    key_append(&keys[0], &counts, false, &one);
    key_append(&keys[1], &counts, false, &other);
    assert_int_equal(value_compare(&counts, &one, &counts, &other), 0);
    assert_int_equal(keys[0].length, keys[1].length);
    assert_memory_equal(keys[0].data, keys[1].data, keys[0].length);
    buffer_free(&keys[0]);
    buffer_free(&keys[1]);
    arena_free(&arena);
}

static void key_bytes_are_these_and_read_back(void **state) {
    (void)state;
    static const char want[] = "\x01"          // the struct
                               "\x01x\x00\x00" // its text
                               "\x01"          // its list
                               "\x01\x00"      // null
                               "\x01\x01\x80\x00\x00\x00\x00\x00\x00\x07"
                               "\x00";
    Arena arena = {0};
    Buffer key = {0};
    FlowValue value = made(&arena, &pair, "(x (null 7))");
    FlowValue again = {0};
    key_append(&key, &pair, false, &value);
    assert_int_equal(key.length, sizeof(want) - 1);
    assert_memory_equal(key.data, want, key.length);
    const char *at = key.data;
    assert_true(key_read(&arena, &pair, &at, &again));
    assert_ptr_equal(at, key.data + key.length);
    assert_int_equal(value_compare(&pair, &value, &pair, &again), 0);
    buffer_clear(&key);
    value = made(&arena, &counts, "(b null a 1)");
    key_append(&key, &counts, false, &value);
    at = key.data;
    assert_true(key_read(&arena, &counts, &at, &again));
    assert_ptr_equal(at, key.data + key.length);
    assert_int_equal(value_compare(&counts, &value, &counts, &again), 0);
    buffer_free(&key);
    arena_free(&arena);
}

static void json_shows_names_and_nulls(void **state) {
    (void)state;
    static const struct {
        const FlowTypeDesc *type;
        const char *text;
        const char *json;
    } cases[] = {
        {&ints, "(1 null 3)", "[1,null,3]"},
        {&pair, "(x ())", "{\"a\":\"x\",\"b\":[]}"},
        {&pair, "(null null)", "{\"a\":null,\"b\":null}"},
        {&counts, "(b 2 a null)", "{\"b\":2,\"a\":null}"},
        {&by_pair, "((x (1)) 5)", "[{\"key\":{\"a\":\"x\",\"b\":[1]},\"value\":5}]"},
    };
    Arena arena = {0};
    Buffer out = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowValue value = made(&arena, cases[i].type, cases[i].text);
        buffer_clear(&out);
        value_json(&out, cases[i].type, &value);
        assert_string_equal(buffer_cstring(&out), cases[i].json);
    }
    buffer_free(&out);
    arena_free(&arena);
}

static void a_copy_needs_nothing_of_the_original(void **state) {
    (void)state;
    Arena original = {0};
    Arena arena = {0};
    Buffer out = {0};
    FlowValue value = made(&original, &pair, "(a-text-that-no-view-holds (1 null))");
    FlowValue copy = value_copy(&arena, &pair, value);
    arena_free(&original);
    value_json(&out, &pair, &copy);
    assert_string_equal(buffer_cstring(&out),
                        "{\"a\":\"a-text-that-no-view-holds\",\"b\":[1,null]}");
    buffer_free(&out);
    arena_free(&arena);
}

static void casts_go_item_by_item(void **state) {
    (void)state;
    Arena arena = {0};
    FlowValue value = made(&arena, &ints, "(1 null 127)");
    FlowValue cast = {0};
    assert_int_equal(value_cast(&arena, &ints, &value, &smalls, &cast), FLOW_VALUE_OK);
    FlowValue want = made(&arena, &smalls, "(1 null 127)");
    assert_int_equal(value_compare(&smalls, &cast, &smalls, &want), 0);
    value = made(&arena, &ints, "(1 128)");
    assert_int_equal(value_cast(&arena, &ints, &value, &smalls, &cast), FLOW_VALUE_ERROR);
    assert_int_equal(value_cast(&arena, &ints, &value, &text_type, &cast), FLOW_VALUE_OK);
    assert_int_equal(cast.view.length, 7);
    assert_memory_equal(flow_view_data(&cast.view), "[1,128]", 7);
    assert_int_equal(value_cast(&arena, &ints, &value, &pair, &cast), FLOW_VALUE_ERROR);
    arena_free(&arena);
}

static void a_column_holds_nested_values(void **state) {
    (void)state;
    Arena arena = {0};
    const FlowNested *column[2] = {NULL, NULL};
    value_store(&ints, column, 1, made(&arena, &ints, "(4)"));
    FlowValue value = value_load(&ints, column, 1);
    assert_int_equal(value.nested->count, 1);
    assert_int_equal(value.nested->items[0].i64, 4);
    assert_null(column[0]);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_and_key_bytes_agree),
        cmocka_unit_test(the_order_of_entries_is_no_part_of_a_map),
        cmocka_unit_test(key_bytes_are_these_and_read_back),
        cmocka_unit_test(json_shows_names_and_nulls),
        cmocka_unit_test(a_copy_needs_nothing_of_the_original),
        cmocka_unit_test(casts_go_item_by_item),
        cmocka_unit_test(a_column_holds_nested_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
