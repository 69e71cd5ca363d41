// parquet_tool: the Parquet room on the command line, for the judge that compares it with other
// readers.
//
//   parquet_tool write FILE ROWS NULLS GROUP_ROWS   every type; NULLS none, some or all; prints the
//   rows parquet_tool read FILE NAME:TYPE ...            prints the rows parquet_tool tree-write
//   FILE ROWS               a tree like a checkpoint; prints the rows parquet_tool tree-read FILE
//   prints the rows of such a tree
// Rows are printed as NDJSON. Exit status 6 and a sentence for a file that is refused.
#include "format/parquet/parquet.h"
#include "scalar/scalar.h"

#include <inttypes.h>
#include <math.h>

enum { COLUMN_COUNT_MAX = 64 };

static const FlowText enum_texts[] = {
    {"low"}, {"medium"}, {"high"}, {"a value longer than twelve bytes"}};
#define SIMPLE(k) {.kind = FLOW_##k, .is_nullable = 1}
#define DECIMAL(p, s) {.kind = FLOW_DECIMAL, .is_nullable = 1, .precision = (p), .scale = (s)}
static const FlowTypeDesc types[] = {
    SIMPLE(BOOL),
    SIMPLE(INT8),
    SIMPLE(INT16),
    SIMPLE(INT32),
    SIMPLE(INT64),
    SIMPLE(FLOAT32),
    SIMPLE(FLOAT64),
    DECIMAL(9, 2),
    DECIMAL(18, 4),
    DECIMAL(19, 0),
    DECIMAL(27, 9),
    DECIMAL(38, 10),
    SIMPLE(STRING),
    SIMPLE(BYTES),
    SIMPLE(DATE),
    SIMPLE(TIMESTAMP),
    SIMPLE(DURATION),
    {.kind = FLOW_ENUM,
     .is_nullable = 1,
     .enum_values = enum_texts,
     .enum_values_count = COUNT_OF(enum_texts)},
    SIMPLE(INT64),                          // ascending
    SIMPLE(STRING),                         // all different, long
    SIMPLE(STRING),                         // always the same
    {.kind = FLOW_INT32, .is_nullable = 0}, // no nulls
    DECIMAL(38, 0),                         // extremes
    SIMPLE(TIMESTAMP),                      // ascending with jitter
};
static const char *const names[] = {
    "flag", "i8",    "i16",    "i32",    "i64",      "f32",      "f64",     "d9",
    "d18",  "d19",   "d27",    "d38",    "text",     "raw",      "day",     "at",
    "span", "level", "rising", "unique", "constant", "required", "extreme", "clock",
};

_Noreturn static void die(const char *what) {
    fprintf(stderr, "parquet_tool: %s\n", what);
    exit(1);
}

// --- values ------------------------------------------------------------------------------------
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 29)) * 0xD6E8FEB86659FD93u;
    return x ^ (x >> 32);
}

static i128 digits(uint64_t random, int32_t precision) {
    i128 limit = decimal_power10(precision);
    i128 value = (i128)((u128)mix(random) << 64 | mix(random + 1)) % limit;
    return random % 50 == 0 ? limit - 1 : random % 50 == 1 ? 1 - limit : value;
}

static const char *text_at(Arena *arena, const char *name, uint64_t random, uint64_t row) {
    if (strcmp(name, "constant") == 0) {
        return "the same everywhere";
    }
    if (strcmp(name, "unique") == 0) {
        return arena_format(arena, "%016" PRIx64 " \xC3\xA9 %" PRIu64, mix(row), row);
    }
    static const char *const words[] = {"",
                                        "a",
                                        "Z\xC3\xBCrich",
                                        "exactly12byt",
                                        "thirteen bytes",
                                        "\xF0\x9F\x90\xA6 bird",
                                        "quote \" and \\"};
    return random % 3 == 0 ? arena_format(arena, "word %" PRIu64, random % 1000)
                           : words[random % COUNT_OF(words)];
}

static double double_at(uint64_t random) {
    static const double special[] = {0.0, -0.0, 1.5, -1e300, 5e-324, 0.1};
    return random % 4 == 0 ? special[random / 4 % COUNT_OF(special)]
                           : (double)(int64_t)mix(random) / 1024.0;
}

static int64_t time_at(const char *name, uint64_t random, uint64_t row) {
    if (strcmp(name, "clock") == 0) {
        return 1700000000000000 + (int64_t)(row * 1000000 + random % 1000);
    }
    return (int64_t)(random % 4000000000000000);
}

static int64_t integer_at(const char *name, FlowKind kind, uint64_t random, uint64_t row) {
    if (strcmp(name, "rising") == 0) {
        return (int64_t)(row * 3 + random % 3);
    }
    int shift = kind == FLOW_INT8 ? 56 : kind == FLOW_INT16 ? 48 : kind == FLOW_INT32 ? 32 : 0;
    return random % 20 == 0   ? INT64_MIN >> shift
           : random % 20 == 1 ? INT64_MAX >> shift
                              : (int64_t)random >> shift;
}

static FlowValue value_at(Arena *arena, uint32_t column, uint64_t row) {
    const char *name = names[column];
    uint64_t random = mix(row * COUNT_OF(types) + column + 1);
    FlowKind kind = (FlowKind)types[column].kind;
    switch (kind) {
    case FLOW_BOOL:
        return (FlowValue){.i64 = (int64_t)(random & 1)};
    case FLOW_FLOAT32:
        return (FlowValue){.f64 = (float)(int32_t)random / 64.0f};
    case FLOW_FLOAT64:
        return (FlowValue){.f64 = double_at(random)};
    case FLOW_DECIMAL:
        return (FlowValue){.i128 = digits(random, types[column].precision)};
    case FLOW_STRING:
    case FLOW_BYTES:
        return (FlowValue){.view = view_text(text_at(arena, name, random, row))};
    case FLOW_DATE:
        return (FlowValue){.i64 = (int64_t)(random % 40000) - 10000};
    case FLOW_TIMESTAMP:
        return (FlowValue){.i64 = time_at(name, random, row)};
    case FLOW_ENUM:
        return (FlowValue){.i64 = (int64_t)(random % COUNT_OF(enum_texts))};
    default:
        return (FlowValue){.i64 = integer_at(name, kind, random, row)};
    }
}

// --- files -------------------------------------------------------------------------------------
static Outcome file_write(void *user, const void *bytes, size_t length) {
    return fwrite(bytes, 1, length, user) == length ? OUTCOME_OK : OUTCOME_ENVIRONMENT;
}

static Outcome file_read(void *user, int64_t offset, void *bytes, size_t length) {
    if (fseek(user, offset, SEEK_SET) != 0 || fread(bytes, 1, length, user) != length) {
        return OUTCOME_ENVIRONMENT;
    }
    return OUTCOME_OK;
}

static FILE *file_open(const char *path, const char *mode, int64_t *length) {
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        die("cannot open the file");
    }
    if (length != NULL) {
        fseek(file, 0, SEEK_END);
        *length = ftell(file);
    }
    return file;
}

static void rows_print(const Batch *batch, const int32_t *slots, uint32_t column_count) {
    Buffer line = {0};
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        buffer_clear(&line);
        batch_row_json(batch, (uint32_t)row, slots, column_count, &line);
        puts(buffer_cstring(&line));
    }
    buffer_free(&line);
}

// --- write -------------------------------------------------------------------------------------
static bool is_null_at(const char *nulls, uint32_t column, uint64_t row) {
    if (!types[column].is_nullable || strcmp(nulls, "none") == 0) {
        return false;
    }
    return strcmp(nulls, "all") == 0 || mix(row * 31 + column) % 7 == 0;
}

static void batch_fill(Batch *batch, uint64_t from, uint64_t to, const char *nulls) {
    batch_clear(batch);
    for (uint64_t row = from; row < to; row++) {
        for (uint32_t i = 0; i < COUNT_OF(types); i++) {
            if (is_null_at(nulls, i, row)) {
                batch_set_null(batch, i, (uint32_t)(row - from));
            } else {
                batch_set(batch, i, (uint32_t)(row - from), value_at(&batch->arena, i, row));
            }
        }
    }
    batch->abi.row_count = (int32_t)(to - from);
    batch_select_all(batch);
}

static void columns_fill(FlowColumnDesc *columns, int32_t *slots) {
    for (uint32_t i = 0; i < COUNT_OF(types); i++) {
        columns[i] = (FlowColumnDesc){.name = names[i], .type = &types[i], .is_used = 1};
        slots[i] = (int32_t)i;
    }
}

static int run_write(const char *path, uint64_t row_count, const char *nulls, int64_t group_rows) {
    FlowColumnDesc columns[COLUMN_COUNT_MAX];
    int32_t slots[COLUMN_COUNT_MAX];
    columns_fill(columns, slots);
    FILE *file = file_open(path, "wb", NULL);
    Batch *batch = batch_new(columns, COUNT_OF(types));
    ParquetWriterOptions options = {.row_group_rows_max = group_rows};
    ParquetWriter *writer =
        parquet_writer_new(columns, COUNT_OF(types), &options, file_write, file);
    for (uint64_t row = 0; row < row_count; row += FLOW_BATCH_ROWS_MAX) {
        uint64_t end =
            row + FLOW_BATCH_ROWS_MAX < row_count ? row + FLOW_BATCH_ROWS_MAX : row_count;
        batch_fill(batch, row, end, nulls);
        rows_print(batch, slots, COUNT_OF(types));
        if (parquet_writer_append(writer, &batch->abi, slots) != OUTCOME_OK) {
            die("cannot write");
        }
    }
    if (parquet_writer_finish(writer) != OUTCOME_OK) {
        die("cannot write");
    }
    parquet_writer_free(writer);
    batch_free(batch);
    return fclose(file) == 0 ? 0 : 1;
}

// --- read --------------------------------------------------------------------------------------
static FlowTypeDesc type_of(const char *text) {
    FlowTypeDesc type = {.kind = FLOW_KIND_COUNT, .is_nullable = 1};
    if (sscanf(text, "decimal(%d,%d)", &type.precision, &type.scale) == 2) {
        type.kind = FLOW_DECIMAL;
        return type;
    }
    static const char *const kinds[] = {
#define TYPE(name, text_, width) text_,
#include "abi/type.def"
#undef TYPE
    };
    for (int32_t i = 0; i < FLOW_KIND_COUNT; i++) {
        type.kind = strcmp(kinds[i], text) == 0 ? i : type.kind;
    }
    if (type.kind == FLOW_KIND_COUNT) {
        die("unknown type");
    }
    type.enum_values = enum_texts;
    type.enum_values_count = COUNT_OF(enum_texts);
    return type;
}

static int refused(const Failure *failure) {
    fprintf(stderr, "%s\n", failure->text);
    return OUTCOME_REFUSED;
}

static int
rows_read(ParquetReader *reader, Batch *batch, const int32_t *slots, const Failure *failure) {
    do {
        batch_clear(batch);
        if (parquet_reader_next(reader, batch, slots) != OUTCOME_OK) {
            return refused(failure);
        }
        rows_print(batch, slots, batch->column_count);
    } while (batch->abi.row_count > 0);
    return 0;
}

typedef struct Wanted {
    FlowColumnDesc columns[COLUMN_COUNT_MAX];
    FlowTypeDesc types[COLUMN_COUNT_MAX];
    int32_t slots[COLUMN_COUNT_MAX];
    uint32_t count;
} Wanted;

static void specs_parse(char **specs, uint32_t count, Wanted *wanted) {
    wanted->count = count;
    for (uint32_t i = 0; i < count; i++) {
        char *colon = strrchr(specs[i], ':');
        if (colon == NULL || count > COLUMN_COUNT_MAX) {
            die("columns are given as NAME:TYPE");
        }
        *colon = '\0';
        wanted->types[i] = type_of(colon + 1);
        wanted->columns[i] =
            (FlowColumnDesc){.name = specs[i], .type = &wanted->types[i], .is_used = 1};
        wanted->slots[i] = (int32_t)i;
    }
}

static int run_read(const char *path, char **specs, uint32_t count) {
    static Wanted wanted;
    specs_parse(specs, count, &wanted);
    int64_t length = 0;
    FILE *file = file_open(path, "rb", &length);
    static Failure failure;
    ParquetReader *reader = NULL;
    if (parquet_reader_open(file_read, file, length, wanted.columns, count, &failure, &reader) !=
        OUTCOME_OK) {
        return refused(&failure);
    }
    Batch *batch = batch_new(wanted.columns, count);
    int status = rows_read(reader, batch, wanted.slots, &failure);
    batch_free(batch);
    parquet_reader_free(reader);
    fclose(file);
    return status;
}

// --- fuzz --------------------------------------------------------------------------------------
enum { FUZZ_BATCHES_MAX = 20 };

static Outcome memory_read(void *user, int64_t offset, void *bytes, size_t length) {
    const Buffer *file = user;
    if (offset < 0 || (size_t)offset > file->length || length > file->length - (size_t)offset) {
        die("a read outside the file");
    }
    memcpy(bytes, file->data + offset, length);
    return OUTCOME_OK;
}

static Outcome attempt(Buffer *file, Batch *batch, const Wanted *wanted) {
    static Failure failure;
    failure = (Failure){0};
    ParquetReader *reader = NULL;
    Outcome outcome = parquet_reader_open(memory_read,
                                          file,
                                          (int64_t)file->length,
                                          wanted->columns,
                                          wanted->count,
                                          &failure,
                                          &reader);
    for (int i = 0; outcome == OUTCOME_OK && i < FUZZ_BATCHES_MAX; i++) {
        batch_clear(batch);
        outcome = parquet_reader_next(reader, batch, wanted->slots);
    }
    parquet_reader_free(reader);
    return outcome;
}

// A few bytes become others: any, or those that are often at a limit.
static void damage(Buffer *file, uint64_t seed) {
    static const char limits[] = {0, 1, 0x7F, (char)0x80, (char)0xFF};
    uint64_t count = 1 + mix(seed) % 4;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t random = mix(seed * 5 + i);
        char byte = random % 2 == 0 ? limits[random / 2 % COUNT_OF(limits)] : (char)(random >> 8);
        file->data[(random >> 16) % file->length] = byte;
    }
}

static void file_load(const char *path, Buffer *bytes) {
    int64_t length = 0;
    FILE *file = file_open(path, "rb", &length);
    buffer_reserve(bytes, (size_t)length);
    bytes->length = (size_t)length;
    if (file_read(file, 0, bytes->data, bytes->length) != OUTCOME_OK || fclose(file) != 0) {
        die("cannot read the file");
    }
}

static int run_fuzz(const char *path, uint64_t count, char **specs, uint32_t spec_count) {
    static Wanted wanted;
    specs_parse(specs, spec_count, &wanted);
    Buffer sound = {0};
    Buffer broken = {0};
    file_load(path, &sound);
    Batch *batch = batch_new(wanted.columns, spec_count);
    uint64_t refused_count = 0;
    for (uint64_t seed = 0; seed < count; seed++) {
        buffer_clear(&broken);
        buffer_append(&broken, sound.data, sound.length);
        damage(&broken, seed);
        refused_count += attempt(&broken, batch, &wanted) == OUTCOME_REFUSED;
    }
    printf("%" PRIu64 "\n", refused_count);
    batch_free(batch);
    buffer_free(&broken);
    buffer_free(&sound);
    return 0;
}

// --- trees -------------------------------------------------------------------------------------
static const FlowTypeDesc text_type = SIMPLE(STRING);
static const FlowTypeDesc long_type = SIMPLE(INT64);
static const FlowTypeDesc int_type = SIMPLE(INT32);
static const FlowTypeDesc bool_type = SIMPLE(BOOL);
#define LEAF(n, t) {.name = (n), .kind = PARQUET_LEAF, .type = &(t)}
static const ParquetNode entry[] = {LEAF("key", text_type), LEAF("value", text_type)};
static const ParquetNode element[] = {LEAF("element", text_type)};
static const ParquetNode vector_fields[] = {LEAF("storageType", text_type),
                                            LEAF("offset", int_type)};
static const ParquetNode add_fields[] = {
    LEAF("path", text_type),
    {.name = "partitionValues", .kind = PARQUET_MAP, .children = entry, .child_count = 2},
    LEAF("size", long_type),
    LEAF("dataChange", bool_type),
    {.name = "deletionVector", .kind = PARQUET_GROUP, .children = vector_fields, .child_count = 2},
};
static const ParquetNode meta_fields[] = {
    LEAF("id", text_type),
    {.name = "partitionColumns", .kind = PARQUET_LIST, .children = element, .child_count = 1},
};
static const ParquetNode fields[] = {
    {.name = "add",
     .kind = PARQUET_GROUP,
     .children = add_fields,
     .child_count = COUNT_OF(add_fields)},
    {.name = "metaData",
     .kind = PARQUET_GROUP,
     .children = meta_fields,
     .child_count = COUNT_OF(meta_fields)},
};

static int32_t node_of(const char *path) {
    int32_t node = parquet_node_find(fields, COUNT_OF(fields), path);
    if (node < 0) {
        die(path);
    }
    return node;
}

static void set_text(ParquetTreeWriter *writer, const char *path, const char *text) {
    FlowValue value = {.view = view_text(text)};
    parquet_tree_set(writer, node_of(path), &value);
}

static void set_integer(ParquetTreeWriter *writer, const char *path, int64_t integer) {
    FlowValue value = {.i64 = integer};
    parquet_tree_set(writer, node_of(path), &value);
}

static void add_write(ParquetTreeWriter *writer, uint64_t row) {
    Arena arena = {0};
    set_text(writer, "add.path", arena_format(&arena, "part-%05" PRIu64 ".parquet", row));
    set_integer(writer, "add.size", (int64_t)row * 100);
    set_integer(writer, "add.dataChange", row % 2 == 0);
    parquet_tree_present(writer, node_of("add.partitionValues"));
    for (uint64_t i = 0; i < row % 4; i++) {
        parquet_tree_item(writer, node_of("add.partitionValues"));
        set_text(writer, "add.partitionValues.key", arena_format(&arena, "key%" PRIu64, i));
        if ((row + i) % 3 != 0) {
            set_text(writer, "add.partitionValues.value", arena_format(&arena, "%" PRIu64, row));
        }
    }
    if (row % 5 == 0) {
        set_text(writer, "add.deletionVector.storageType", "u");
        set_integer(writer, "add.deletionVector.offset", 7);
    }
    arena_free(&arena);
}

static void tree_row_write(ParquetTreeWriter *writer, uint64_t row) {
    if (row % 10 != 0) {
        add_write(writer, row);
        return;
    }
    set_text(writer, "metaData.id", "0b9d7e4c-2d5a-4f0e-8a52-1c9f0e3b7a11");
    for (uint64_t i = 0; i < row / 10 % 3; i++) {
        parquet_tree_item(writer, node_of("metaData.partitionColumns"));
        set_text(writer, "metaData.partitionColumns.element", i == 0 ? "day" : "country");
    }
}

static int run_tree_write(const char *path, uint64_t row_count) {
    FILE *file = file_open(path, "wb", NULL);
    ParquetTreeWriter *writer =
        parquet_tree_writer_new(fields, COUNT_OF(fields), NULL, file_write, file);
    for (uint64_t row = 0; row < row_count; row++) {
        tree_row_write(writer, row);
        if (parquet_tree_row_end(writer) != OUTCOME_OK) {
            die("cannot write");
        }
    }
    if (parquet_tree_writer_finish(writer) != OUTCOME_OK) {
        die("cannot write");
    }
    parquet_tree_writer_free(writer);
    return fclose(file) == 0 ? 0 : 1;
}

static void
node_print(const ParquetTreeReader *reader, const ParquetNode *node, int32_t *number, Buffer *out);

static void leaf_print(const ParquetTreeReader *reader,
                       const ParquetNode *node,
                       int32_t number,
                       int32_t item,
                       Buffer *out) {
    FlowValue value;
    if (parquet_tree_get(reader, number, item, &value)) {
        value_json(out, node->type, &value);
    } else {
        buffer_text(out, "null");
    }
}

static void
items_print(const ParquetTreeReader *reader, const ParquetNode *node, int32_t number, Buffer *out) {
    buffer_char(out, '[');
    for (int32_t item = 0; item < parquet_tree_item_count(reader, number); item++) {
        buffer_text(out, item > 0 ? "," : "");
        buffer_text(out, node->child_count > 1 ? "[" : "");
        for (uint32_t child = 0; child < node->child_count; child++) {
            buffer_text(out, child > 0 ? "," : "");
            leaf_print(reader, &node->children[child], number + 1 + (int32_t)child, item, out);
        }
        buffer_text(out, node->child_count > 1 ? "]" : "");
    }
    buffer_char(out, ']');
}

static void group_print(const ParquetTreeReader *reader,
                        const ParquetNode *nodes,
                        uint32_t count,
                        int32_t *number,
                        Buffer *out) {
    buffer_char(out, '{');
    for (uint32_t i = 0; i < count; i++) {
        buffer_text(out, i > 0 ? "," : "");
        buffer_json_string(out, nodes[i].name, strlen(nodes[i].name));
        buffer_char(out, ':');
        node_print(reader, &nodes[i], number, out);
    }
    buffer_char(out, '}');
}

static int32_t nodes_below(const ParquetNode *node) {
    int32_t total = (int32_t)node->child_count;
    for (uint32_t i = 0; i < node->child_count; i++) {
        total += nodes_below(&node->children[i]);
    }
    return total;
}

static void
node_print(const ParquetTreeReader *reader, const ParquetNode *node, int32_t *number, Buffer *out) {
    int32_t mine = (*number)++;
    bool is_present = parquet_tree_is_present(reader, mine);
    if (node->kind == PARQUET_GROUP && is_present) {
        group_print(reader, node->children, node->child_count, number, out);
        return;
    }
    *number = mine + 1 + nodes_below(node);
    if (!is_present) {
        buffer_text(out, "null");
    } else if (node->kind == PARQUET_LEAF) {
        leaf_print(reader, node, mine, 0, out);
    } else {
        items_print(reader, node, mine, out);
    }
}

static int run_tree_read(const char *path) {
    int64_t length = 0;
    FILE *file = file_open(path, "rb", &length);
    static Failure failure;
    ParquetTreeReader *reader = NULL;
    if (parquet_tree_reader_open(
            file_read, file, length, fields, COUNT_OF(fields), &failure, &reader) != OUTCOME_OK) {
        return refused(&failure);
    }
    Buffer line = {0};
    bool has_row = true;
    while (has_row) {
        if (parquet_tree_reader_next(reader, &has_row) != OUTCOME_OK) {
            return refused(&failure);
        }
        int32_t number = 0;
        buffer_clear(&line);
        group_print(reader, fields, COUNT_OF(fields), &number, &line);
        if (has_row) {
            puts(buffer_cstring(&line));
        }
    }
    buffer_free(&line);
    parquet_tree_reader_free(reader);
    return fclose(file);
}

int main(int argc, char **argv) {
    if (argc == 6 && strcmp(argv[1], "write") == 0) {
        return run_write(argv[2], strtoull(argv[3], NULL, 10), argv[4], strtoll(argv[5], NULL, 10));
    }
    if (argc > 3 && strcmp(argv[1], "read") == 0) {
        return run_read(argv[2], argv + 3, (uint32_t)argc - 3);
    }
    if (argc > 4 && strcmp(argv[1], "fuzz") == 0) {
        return run_fuzz(argv[2], strtoull(argv[3], NULL, 10), argv + 4, (uint32_t)argc - 4);
    }
    if (argc == 4 && strcmp(argv[1], "tree-write") == 0) {
        return run_tree_write(argv[2], strtoull(argv[3], NULL, 10));
    }
    if (argc == 3 && strcmp(argv[1], "tree-read") == 0) {
        return run_tree_read(argv[2]);
    }
    die("see the comment at the top of its source");
}
