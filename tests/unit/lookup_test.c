// Goal: a lookup finds exactly the rows that have the key, in the order of their arrival, whatever
// the types of the key, the number of parts and the memory. Method: random rows with few keys, long
// and short texts and nulls; each batch of keys is answered by a plain loop over all rows.
#include "state/lookup.h"

#include "scalar/scalar.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 1500, PROBES = 150, PIECE = 250, KEY_COLUMNS = 2 };

static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_int_null = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc type_small_null = {.kind = FLOW_INT16, .is_nullable = 1};
static const FlowTypeDesc type_text_null = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc type_float_null = {.kind = FLOW_FLOAT64, .is_nullable = 1};
static const FlowTypeDesc type_bool = {.kind = FLOW_BOOL};
static const FlowTypeDesc type_date_null = {.kind = FLOW_DATE, .is_nullable = 1};

// The types of the lookup's keys, and those of the keys that are looked up.
typedef struct Case {
    const FlowTypeDesc *built[KEY_COLUMNS];
    const FlowTypeDesc *probed[KEY_COLUMNS];
    uint32_t key_count;
    uint32_t distinct; // values of each key
} Case;

static uint64_t seed;

static uint64_t random_next(void) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return seed >> 33;
}

static FlowValue key_value(Arena *arena, const FlowTypeDesc *type, int64_t number) {
    FlowValue value = {.i64 = number};
    if (type->kind == FLOW_STRING) {
        const char *format = number % 2 == 0 ? "%lld" : "the number %lld, in words";
        value.view = view_text(arena_format(arena, format, (long long)number));
    } else if (type->kind == FLOW_FLOAT64) {
        value.f64 = number == 0 ? -0.0 : number == 1 ? __builtin_nan("") : (double)number / 2;
    } else if (type->kind == FLOW_BOOL) {
        value.i64 = number & 1;
    }
    return value;
}

// Keys first, then the row's number and a text. Key numbers are kept: -1 is null.
static void
batch_fill(Batch *batch, const Case *test, int64_t (*numbers)[KEY_COLUMNS], uint32_t count) {
    batch_clear(batch);
    batch->abi.row_count = (int32_t)count;
    for (uint32_t row = 0; row < count; row++) {
        for (uint32_t i = 0; i < test->key_count; i++) {
            const FlowTypeDesc *type = batch->descs[i].type;
            numbers[row][i] = (int64_t)(random_next() % test->distinct);
            batch_set(batch, i, row, key_value(&batch->arena, type, numbers[row][i]));
            if (type->is_nullable && random_next() % 9 == 0) {
                numbers[row][i] = -1;
                batch_set_null(batch, i, row);
            } else if (type->kind == FLOW_BOOL) {
                numbers[row][i] &= 1;
            }
        }
    }
    batch_select_all(batch);
}

static int64_t built[ROWS][KEY_COLUMNS];

static const int32_t slots[] = {0, 1, 2, 3};

static void descs_set(const Case *test, const FlowTypeDesc *const *types, FlowColumnDesc *descs) {
    for (uint32_t i = 0; i < test->key_count; i++) {
        descs[i] = (FlowColumnDesc){.name = "key", .type = types[i], .is_used = 1};
    }
    descs[test->key_count] = (FlowColumnDesc){.name = "id", .type = &type_int, .is_used = 1};
    descs[test->key_count + 1] =
        (FlowColumnDesc){.name = "text", .type = &type_text_null, .is_used = 1};
}

static void rows_build(Sys *sys, const Case *test, Lookup *lookup, uint32_t part_count) {
    FlowColumnDesc descs[KEY_COLUMNS + 2];
    descs_set(test, test->built, descs);
    Batch *batch = batch_new(descs, test->key_count + 2);
    for (uint32_t first = 0; first < ROWS; first += PIECE) {
        batch_fill(batch, test, built + first, PIECE);
        int64_t *offsets = batch->abi.offsets;
        for (uint32_t row = 0; row < PIECE; row++) {
            int64_t id = first + row;
            char *text = arena_format(&batch->arena, "text %lld", (long long)(id * id * id));
            offsets[row] = id;
            batch_set(batch, test->key_count, row, (FlowValue){.i64 = id});
            batch_set(batch, test->key_count + 1, row, (FlowValue){.view = view_text(text)});
        }
        StateRows rows = {.batch = &batch->abi, .slots = slots, .part = first / PIECE % part_count};
        assert_int_equal(lookup_add(sys, lookup, &rows), OUTCOME_OK);
    }
    batch_free(batch);
}

static bool is_match(const Case *test, const int64_t *probed, const int64_t *row) {
    for (uint32_t i = 0; i < test->key_count; i++) {
        if (probed[i] < 0 || probed[i] != row[i]) {
            return false;
        }
    }
    return true;
}

static const FlowColumnDesc found_columns[] = {
    {.name = "id", .type = &type_int, .is_used = 1},
    {.name = "text", .type = &type_text_null, .is_used = 1},
};

static void row_assert(Sys *sys, const Lookup *lookup, Batch *batch, uint32_t number, int64_t id) {
    char text[40];
    const char *row = NULL;
    batch_clear(batch);
    assert_int_equal(lookup_rows(sys, lookup, &number, 1, &batch->arena, &row), OUTCOME_OK);
    RowSpread spread = {.rows = &row, .count = 1};
    row_form_read(lookup_form(lookup), &spread, batch_column(batch, 0), &batch->arena);
    snprintf(text, sizeof(text), "text %lld", (long long)(id * id * id));
    FlowView view = view_text(text);
    FlowValue got = batch_value(batch, 1, 0);
    assert_int_equal(batch_value(batch, 0, 0).i64, id);
    assert_int_equal(view_compare(&got.view, &view), 0);
}

static void rows_probe(Sys *sys, const Case *test, const Lookup *lookup) {
    static int64_t probed[PROBES][KEY_COLUMNS];
    FlowColumnDesc descs[KEY_COLUMNS + 2];
    LookupMatch matches[PROBES];
    Buffer key = {0};
    descs_set(test, test->probed, descs);
    Batch *batch = batch_new(descs, test->key_count);
    Batch *found = batch_new(found_columns, COUNT_OF(found_columns));
    batch_fill(batch, test, probed, PROBES);
    LookupKeys keys = {.batch = &batch->abi, .slot_descs = descs, .slots = slots, .key = &key};
    lookup_find(lookup, &keys, matches);
    for (uint32_t i = 0; i < PROBES; i++) {
        uint32_t count = 0;
        for (int64_t row = 0; row < ROWS; row++) {
            if (is_match(test, probed[i], built[row])) {
                assert_true(count < matches[i].count);
                row_assert(sys, lookup, found, matches[i].first + count, row);
                count++;
            }
        }
        assert_int_equal(count, matches[i].count);
    }
    batch_free(found);
    batch_free(batch);
    buffer_free(&key);
}

static void case_check(const Case *test, uint32_t part_count, uint64_t memory_bytes) {
    FlowColumnDesc descs[KEY_COLUMNS + 2];
    descs_set(test, test->built, descs);
    FlowLookup desc = {.name = "rows",
                       .keys = descs,
                       .keys_count = test->key_count,
                       .columns = descs + test->key_count,
                       .columns_count = 2};
    StateOptions options = {
        .part_count = part_count, .memory_bytes = memory_bytes, .directory = "tmp"};
    Sys *sys = sys_memory_new(9);
    Lookup *lookup = lookup_new(&desc, &options);
    rows_build(sys, test, lookup, part_count);
    assert_true(lookup_has_rows(lookup));
    lookup_seal(lookup, 0);
    assert_int_equal(lookup_finish(sys, lookup), OUTCOME_OK);
    assert_false(lookup_is_unique(lookup));
    rows_probe(sys, test, lookup);
    lookup_free(sys, lookup);
    sys_memory_free(sys);
}

static void every_row_of_the_key_is_found(void **state) {
    (void)state;
    static const Case cases[] = {
        {{&type_int_null}, {&type_int_null}, 1, 300},
        {{&type_int}, {&type_small_null}, 1, 300},
        {{&type_small_null}, {&type_int}, 1, 40},
        {{&type_date_null}, {&type_date_null}, 1, 3000},
        {{&type_bool}, {&type_bool}, 1, 2},
        {{&type_text_null}, {&type_text_null}, 1, 300},
        {{&type_float_null}, {&type_float_null}, 1, 100},
        {{&type_text_null, &type_int_null}, {&type_text_null, &type_small_null}, 2, 20},
        {{&type_int, &type_int}, {&type_int_null, &type_int_null}, 2, 20},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        seed = i;
        case_check(&cases[i], 1, 0);
        case_check(&cases[i], 3, 0);
        case_check(&cases[i], 2, 30000);
    }
}

static void what_has_no_rows_finds_none(void **state) {
    (void)state;
    Case test = {{&type_text_null}, {&type_text_null}, 1, 10};
    FlowColumnDesc descs[KEY_COLUMNS + 2];
    LookupMatch matches[PROBES];
    int64_t numbers[PROBES][KEY_COLUMNS];
    Buffer key = {0};
    descs_set(&test, test.built, descs);
    FlowLookup desc = {.name = "rows", .keys = descs, .keys_count = 1, .columns = descs + 1};
    StateOptions options = {.part_count = 1, .directory = "tmp"};
    Sys *sys = sys_memory_new(9);
    Lookup *lookup = lookup_new(&desc, &options);
    Batch *batch = batch_new(descs, 1);
    batch_fill(batch, &test, numbers, PROBES);
    LookupKeys keys = {.batch = &batch->abi, .slot_descs = descs, .slots = slots, .key = &key};
    lookup_find(lookup, &keys, matches); // not even finished
    for (uint32_t i = 0; i < PROBES; i++) {
        assert_int_equal(matches[i].count, 0);
    }
    assert_true(lookup_is_unique(lookup));
    batch_free(batch);
    buffer_free(&key);
    lookup_free(sys, lookup);
    sys_memory_free(sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_key_is_found),
        cmocka_unit_test(what_has_no_rows_finds_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
