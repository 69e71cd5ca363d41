// Goal: a row comes back from its bytes as it was, whatever its types, and equal rows have equal
// bytes. Method: random batches over all kinds, nested ones too, written and read back in other
// places; values are compared one by one.
#include "record/record.h"

#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 500, ROUNDS = 20 };

static const FlowText colours[] = {{"red"}, {"green"}};
static const FlowTypeDesc type_int_null = {.kind = FLOW_INT32, .is_nullable = 1};
static const FlowTypeDesc type_text = {.kind = FLOW_STRING};
static const FlowTypeDesc type_text_null = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc type_wide = {.kind = FLOW_DECIMAL, .precision = 38, .scale = 2};
static const FlowColumnDesc texts[] = {{.name = "element", .type = &type_text_null}};
static const FlowTypeDesc type_texts = {
    .kind = FLOW_LIST, .is_nullable = 1, .children = texts, .children_count = 1};
static const FlowColumnDesc entries[] = {{.name = "key", .type = &type_text},
                                         {.name = "value", .type = &type_texts}};
static const FlowTypeDesc type_map = {.kind = FLOW_MAP, .children = entries, .children_count = 2};
static const FlowColumnDesc fields[] = {{.name = "a", .type = &type_int_null},
                                        {.name = "b", .type = &type_wide},
                                        {.name = "c", .type = &type_map}};

static const FlowTypeDesc types[] = {
    {.kind = FLOW_BOOL},
    {.kind = FLOW_INT8, .is_nullable = 1},
    {.kind = FLOW_INT16},
    {.kind = FLOW_INT32, .is_nullable = 1},
    {.kind = FLOW_INT64},
    {.kind = FLOW_FLOAT32, .is_nullable = 1},
    {.kind = FLOW_FLOAT64},
    {.kind = FLOW_DECIMAL, .precision = 18, .scale = 2, .is_nullable = 1},
    {.kind = FLOW_DECIMAL, .precision = 38, .scale = 2, .is_nullable = 1},
    {.kind = FLOW_STRING, .is_nullable = 1},
    {.kind = FLOW_BYTES},
    {.kind = FLOW_DATE, .is_nullable = 1},
    {.kind = FLOW_ENUM, .enum_values = colours, .enum_values_count = 2, .is_nullable = 1},
    {.kind = FLOW_LIST, .is_nullable = 1, .children = texts, .children_count = 1},
    {.kind = FLOW_STRUCT, .children = fields, .children_count = 3},
    {.kind = FLOW_MAP, .is_nullable = 1, .children = entries, .children_count = 2},
};
enum { COLUMNS = COUNT_OF(types) };

static uint64_t seed;

static uint64_t random_next(void) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return seed >> 33;
}

// --- random values ------------------------------------------------------------------------------

static FlowNested *nested_make(Arena *arena, const FlowTypeDesc *type);

static FlowView text_make(Arena *arena) {
    uint32_t length = (uint32_t)(random_next() % 30);
    char *bytes = arena_alloc(arena, length + 1);
    for (uint32_t i = 0; i < length; i++) {
        bytes[i] = (char)('a' + random_next() % 26);
    }
    return view_of(bytes, length);
}

static FlowValue value_make(Arena *arena, const FlowTypeDesc *type) {
    FlowValue value = {0};
    switch ((FlowKind)type->kind) {
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        value.nested = nested_make(arena, type);
        break;
    case FLOW_STRING:
    case FLOW_BYTES:
        value.view = text_make(arena);
        break;
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        value.f64 = (double)random_next() / 4;
        break;
    case FLOW_DECIMAL:
        value.i128 = (i128)random_next() * (type->precision > 18 ? (i128)1 << 70 : 1);
        break;
    default:
        value.i64 = (int64_t)(random_next() % 2);
        break;
    }
    return value;
}

static FlowNested *nested_make(Arena *arena, const FlowTypeDesc *type) {
    FlowNested *nested = arena_new(arena, FlowNested);
    bool is_struct = type->kind == FLOW_STRUCT;
    nested->count = is_struct ? type->children_count : (int64_t)(random_next() % 4);
    int64_t items = nested->count * (type->kind == FLOW_MAP ? 2 : 1);
    FlowValue *values = arena_array(arena, FlowValue, (size_t)items);
    uint8_t *validity = arena_array(arena, uint8_t, (size_t)items);
    for (int64_t i = 0; i < items; i++) {
        const FlowTypeDesc *child = type->children[i % type->children_count].type;
        validity[i] = !child->is_nullable || random_next() % 4 != 0;
        values[i] = validity[i] ? value_make(arena, child) : (FlowValue){0};
    }
    nested->items = values;
    nested->validity = random_next() % 2 == 0 && items == 0 ? NULL : validity;
    return nested;
}

static void batch_fill(Batch *batch) {
    batch_clear(batch);
    batch->abi.row_count = ROWS;
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint32_t column = 0; column < COLUMNS; column++) {
            if (types[column].is_nullable && random_next() % 3 == 0) {
                batch_set(batch, column, row, (FlowValue){.i64 = -1}); // must not show
                batch_set_null(batch, column, row);
            } else {
                batch_set(batch, column, row, value_make(&batch->arena, &types[column]));
            }
        }
    }
}

// --- comparison ---------------------------------------------------------------------------------

static void nested_assert(const FlowTypeDesc *type, const FlowNested *a, const FlowNested *b);

static void value_assert(const FlowTypeDesc *type, const FlowValue *a, const FlowValue *b) {
    if (type->kind == FLOW_LIST || type->kind == FLOW_MAP || type->kind == FLOW_STRUCT) {
        nested_assert(type, a->nested, b->nested);
    } else {
        assert_int_equal(value_compare(type, a, type, b), 0);
    }
}

static void nested_assert(const FlowTypeDesc *type, const FlowNested *a, const FlowNested *b) {
    assert_int_equal(a->count, b->count);
    int64_t items = a->count * (type->kind == FLOW_MAP ? 2 : 1);
    for (int64_t i = 0; i < items; i++) {
        bool is_there = a->validity == NULL || a->validity[i] != 0;
        assert_int_equal(is_there, b->validity == NULL || b->validity[i] != 0);
        if (is_there) {
            value_assert(type->children[i % type->children_count].type, &a->items[i], &b->items[i]);
        }
    }
}

static void rows_assert(const Batch *a, uint32_t a_row, const Batch *b, uint32_t b_row) {
    for (uint32_t column = 0; column < COLUMNS; column++) {
        bool is_null = batch_is_null(a, column, a_row);
        assert_int_equal(is_null, batch_is_null(b, column, b_row));
        if (!is_null) {
            FlowValue left = batch_value(a, column, a_row);
            FlowValue right = batch_value(b, column, b_row);
            value_assert(&types[column], &left, &right);
        }
    }
}

// --- the tests ----------------------------------------------------------------------------------

typedef struct World {
    FlowColumnDesc descs[COLUMNS];
    int32_t slots[COLUMNS];
    int32_t rows[ROWS];
    Batch *from;
    Batch *to;
    Arena arena;
    RowWriter writer;
} World;

static void world_open(World *world) {
    *world = (World){0};
    for (uint32_t i = 0; i < COLUMNS; i++) {
        world->descs[i] = (FlowColumnDesc){.name = "x", .type = &types[i], .is_used = 1};
        world->slots[i] = (int32_t)i;
    }
    for (int32_t i = 0; i < ROWS; i++) {
        world->rows[i] = i;
    }
    world->from = batch_new(world->descs, COLUMNS);
    world->to = batch_new(world->descs, COLUMNS);
    row_writer_init(&world->writer, row_form_new(&world->arena, world->descs, COLUMNS));
}

static void world_close(World *world) {
    row_writer_free(&world->writer);
    batch_free(world->from);
    batch_free(world->to);
    arena_free(&world->arena);
}

static void world_write(World *world, uint32_t count) {
    RowPick pick = {
        .batch = &world->from->abi, .slots = world->slots, .rows = world->rows, .count = count};
    row_writer_write(&world->writer, &pick);
}

// Every other row, written backwards, comes back behind the others.
static void rows_come_back(void **state) {
    (void)state;
    World world;
    world_open(&world);
    for (seed = 1; seed < ROUNDS; seed++) {
        batch_fill(world.from);
        uint32_t count = 0;
        for (int32_t row = ROWS - 1; row >= 0; row -= 2) {
            world.rows[count++] = row;
        }
        world_write(&world, count);
        const char *rows[ROWS];
        int32_t places[ROWS];
        for (uint32_t i = 0; i < count; i++) {
            rows[i] = world.writer.bytes.data + world.writer.starts[i];
            places[i] = (int32_t)(i * 2);
        }
        RowSpread spread = {.rows = rows, .places = places, .count = count};
        batch_clear(world.to);
        row_form_read(world.writer.form, &spread, batch_column(world.to, 0), &world.to->arena);
        for (uint32_t i = 0; i < count; i++) {
            rows_assert(world.from, (uint32_t)world.rows[i], world.to, i * 2);
        }
    }
    world_close(&world);
}

static void equal_rows_have_equal_bytes(void **state) {
    (void)state;
    World world;
    world_open(&world);
    seed = 7;
    batch_fill(world.from);
    world_write(&world, ROWS);
    const char *rows[ROWS];
    Buffer before = {0};
    buffer_append(&before, world.writer.bytes.data, world.writer.bytes.length);
    for (uint32_t i = 0; i < ROWS; i++) {
        rows[i] = before.data + world.writer.starts[i];
    }
    RowSpread spread = {.rows = rows, .count = ROWS};
    row_form_read(world.writer.form, &spread, batch_column(world.to, 0), &world.to->arena);
    Batch *kept = world.from;
    world.from = world.to;
    world_write(&world, ROWS);
    assert_int_equal(world.writer.bytes.length, before.length);
    assert_memory_equal(world.writer.bytes.data, before.data, before.length);
    world.from = kept;
    buffer_free(&before);
    world_close(&world);
}

static void no_row_is_a_row_of_nulls(void **state) {
    (void)state;
    static const FlowTypeDesc nullable[] = {{.kind = FLOW_INT64, .is_nullable = 1},
                                            {.kind = FLOW_STRING, .is_nullable = 1}};
    static const FlowColumnDesc descs[] = {{.name = "a", .type = &nullable[0], .is_used = 1},
                                           {.name = "b", .type = &nullable[1], .is_used = 1}};
    Arena arena = {0};
    Batch *batch = batch_new(descs, 2);
    static const char *const rows[] = {NULL, NULL};
    RowSpread spread = {.rows = rows, .count = 2};
    row_form_read(row_form_new(&arena, descs, 2), &spread, batch_column(batch, 0), &arena);
    assert_true(batch_is_null(batch, 0, 0) && batch_is_null(batch, 0, 1));
    assert_true(batch_is_null(batch, 1, 0) && batch_is_null(batch, 1, 1));
    batch_free(batch);
    arena_free(&arena);
}

static void vectors_are_gathered_by_row(void **state) {
    (void)state;
    World world;
    world_open(&world);
    seed = 3;
    batch_fill(world.from);
    for (uint32_t i = 0; i < ROWS; i++) {
        world.rows[i] = (int32_t)(random_next() % ROWS);
    }
    for (uint32_t column = 0; column < COLUMNS; column++) {
        const FlowColumn *from = batch_column(world.from, column);
        FlowColumn *to = batch_column(world.to, column);
        column_gather(&types[column], from, to, world.rows, ROWS);
    }
    for (uint32_t i = 0; i < ROWS; i++) {
        rows_assert(world.from, (uint32_t)world.rows[i], world.to, i);
    }
    world_close(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back),
        cmocka_unit_test(equal_rows_have_equal_bytes),
        cmocka_unit_test(no_row_is_a_row_of_nulls),
        cmocka_unit_test(vectors_are_gathered_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
