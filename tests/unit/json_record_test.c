// Goal: the ways from JSON to rows that are not one plain object a line: documents with an array of
// records, nested values, names on the wire, defaults, fields that the contract lacks, deletes that
// lack columns. Method: tables of inputs, each read at once, in pieces, by prediction and
// carefully.
#include "text_fixture.h"

// --- documents -----------------------------------------------------------------------------------

static const Case arrays[] = {
    {"elements", INPUT("[{\"i64\":1},{\"i64\":2}]"), "i64=1\ni64=2\n", ""},
    {"line ends anywhere",
     INPUT("\n[\n {\n\"i64\"\n:\n1\n}\n,\n{\"s\":\"]\\\"[\"}\n]\n"),
     "i64=1\ns=\"]\\\"[\"\n",
     ""},
    {"no elements", INPUT(" [ ] "), "", ""},
    {"nothing", INPUT(""), "", ""},
    {"elements that are no objects",
     INPUT("[1, \"a\", null, [2], {\"i64\":true}, {\"i64\":5}]"),
     "i64=5\n",
     "F002 - @1\nF002 - @4\nF002 - @9\nF002 - @15\nF022 i64 @20\n"},
    {"a raw line end in a string",
     INPUT("[{\"s\":\"a\nb\"}, {\"i64\":5}]"),
     "i64=5\n",
     "F006 - @1\n"},
    {"an element that is not well-formed",
     INPUT("[{\"i64\":01}, {\"i64\":5}]"),
     "i64=5\n",
     "F001 - @1\n"},
    {"it breaks off", INPUT("[{\"i64\":1},{\"i64\":2"), "i64=1\n", "F003 - @11\n"},
    {"it breaks off behind an element", INPUT("[{\"i64\":1}"), "i64=1\n", "F003 - @10\n"},
    {"a comma is missing", INPUT("[{\"i64\":1}{\"i64\":2}]"), "i64=1\n", "F018 - @10\n"},
    {"a comma too many", INPUT("[{\"i64\":1},]"), "i64=1\n", "F018 - @11\n"},
    {"text behind it", INPUT("[{\"i64\":1}] x"), "i64=1\n", "F018 - @11\n"},
    {"no array", INPUT("{\"i64\":1}"), "", "F019 - @0\n"},
};

static const Case paths[] = {
    {"at a path",
     INPUT("{\"x\":[{\"b\":[]}], \"a\": {\"c\":{}, \"b\":[{\"i64\":1}], \"d\":1}, \"e\":[]}"),
     "i64=1\n",
     ""},
    {"not at the path", INPUT("{\"a\":{\"c\":[]}}"), "", "F019 - @0\n"},
    {"what is behind is not closed",
     INPUT("{\"a\":{\"b\":[{\"i64\":1}]}"),
     "i64=1\n",
     "F018 - @21\n"},
};

static void documents_give_the_elements_of_their_array(void **state) {
    (void)state;
    fixture_check(&fixture_source, FLOW_FORMAT_JSON, arrays, COUNT_OF(arrays));
    FlowSource source = fixture_source;
    source.records = "a.b";
    fixture_check(&source, FLOW_FORMAT_JSON, paths, COUNT_OF(paths));
}

// --- nested values -------------------------------------------------------------------------------

static const FlowTypeDesc must_i8 = {.kind = FLOW_INT8};
static const FlowColumnDesc list_children[] = {{.name = "element", .type = &must_i8}};
static const FlowTypeDesc any_list = {
    .kind = FLOW_LIST, .is_nullable = 1, .children = list_children, .children_count = 1};
static const FlowColumnDesc map_children[] = {{.name = "key", .type = &must_i64},
                                              {.name = "value", .type = &any_text}};
static const FlowTypeDesc any_map = {
    .kind = FLOW_MAP, .is_nullable = 1, .children = map_children, .children_count = 2};
static const FlowColumnDesc struct_children[] = {{.name = "a", .type = &must_i8},
                                                 {.name = "l", .type = &any_list}};
static const FlowTypeDesc any_struct = {
    .kind = FLOW_STRUCT, .is_nullable = 1, .children = struct_children, .children_count = 2};
static const FlowColumnDesc nested_columns[] = {
    {.name = "l", .type = &any_list, .is_used = 1},
    {.name = "m", .type = &any_map, .is_used = 1},
    {.name = "t", .type = &any_struct, .is_used = 1},
};
static const FlowSource nested_source = {
    .name = "nested", .columns = nested_columns, .columns_count = COUNT_OF(nested_columns)};

static const Case nested[] = {
    {"lists", INPUT("{\"l\":[1, -2 ,3]}\n{\"l\":[]}\n{\"l\":null}\n"), "l=[1,-2,3]\nl=[]\n\n", ""},
    {"items that do not fit",
     INPUT("{\"l\":[1,200]}\n{\"l\":[null]}\n{\"l\":[[1]]}\n{\"l\":{}}\n"),
     "",
     "F024 l (element) @0\nF021 l (element) @14\nF022 l (element) @27\nF022 l @39\n"},
    {"keys of maps are read as their type, of equal ones the last value counts",
     INPUT("{\"m\":{\"1\":\"a\",\"2\":null,\"1\":\"b\"}}\n{\"m\":{\"x\":\"a\"}}\n"),
     "m={\"1\":\"b\",\"2\":null}\n",
     "F023 m (key) @33\n"},
    {"structs",
     INPUT("{\"t\":{\"l\":[7],\"more\":{\"a\":[]},\"a\":1,\"a\":2}}\n{\"t\":{\"l\":null}}\n"
           "{\"t\":{\"a\":null}}\n"),
     "t={\"a\":2,\"l\":[7]}\n",
     "F020 t.a @44\nF021 t.a @61\n"},
};

static void nested_values_are_read_by_the_rules_of_columns(void **state) {
    (void)state;
    fixture_check(&nested_source, FLOW_FORMAT_NDJSON, nested, COUNT_OF(nested));
}

// --- names, defaults, unknown fields, deletes ----------------------------------------------------

static const FlowText id_names[] = {{"new"}, {"old"}};
static const FlowText text_names[] = {{"t"}};
static const FlowText op_names[] = {{"op"}};
static const FlowText delete_texts[] = {{"D"}};
static const FlowColumnDesc wire_columns[] = {
    {.name = "id", .type = &must_i64, .is_used = 1},
    {.name = "t", .type = &must_text, .is_used = 1},
    {.name = "op", .type = &any_text, .is_used = 1},
    {.name = "rest", .type = &any_text, .is_used = 1},
};
static const FlowWire wires[] = {
    {.names = id_names, .names_count = 2},
    {.names = text_names, .names_count = 1, .default_text = "none", .excused = FLOW_EXCUSED_DELETE},
    {.names = op_names, .names_count = 1},
    {.names = NULL, .names_count = 0},
};
static const FlowSource wire_source = {.name = "wires",
                                       .columns = wire_columns,
                                       .columns_count = COUNT_OF(wire_columns),
                                       .wires = wires,
                                       .wires_count = COUNT_OF(wires),
                                       .on_unknown = FLOW_UNKNOWN_CAPTURE,
                                       .capture = 3,
                                       .operation = 2,
                                       .deletes = delete_texts,
                                       .deletes_count = 1};

static const Case names[] = {
    {"the first name that is there counts",
     INPUT("{\"old\":1}\n{\"new\":2}\n{\"old\":3,\"new\":4}\n{\"new\":null,\"old\":5}\n"
           "{\"new\":\"x\",\"old\":5}\n"),
     "id=1 t=\"none\"\nid=2 t=\"none\"\nid=4 t=\"none\"\n",
     "F021 id @38\nF022 id @59\n"},
    {"a default is for what is missing, not for null",
     INPUT("{\"new\":1,\"t\":\"a\"}\n{\"new\":2}\n{\"new\":3,\"t\":null}\n{\"new\":4}\n"),
     "id=1 t=\"a\"\nid=2 t=\"none\"\nid=4 t=\"none\"\n",
     "F021 t @28\n"},
    {"unknown fields are captured as they stand",
     INPUT("{\"id\":1,\"new\":2,\"r\":[1, {\"a\":\"\\n\"}],\"rest\":null}\n{\"new\":3}\n"),
     "id=2 t=\"none\" rest=\"{\\\"id\\\":1,\\\"r\\\":[1, "
     "{\\\"a\\\":\\\"\\\\n\\\"}],\\\"rest\\\":null}\"\n"
     "id=3 t=\"none\"\n",
     ""},
    {"a delete may lack what it need not have",
     INPUT("{\"new\":1,\"op\":\"D\",\"t\":null}\n{\"op\":\"D\"}\n{\"new\":1,\"op\":\"E\",\"t\":"
           "null}\n"),
     "id=1 t=\"none\" op=\"D\"\n",
     "F020 id @28\nF021 t @39\n"},
};

static void columns_have_the_names_and_defaults_of_their_wires(void **state) {
    (void)state;
    fixture_check(&wire_source, FLOW_FORMAT_NDJSON, names, COUNT_OF(names));
}

// --- damage --------------------------------------------------------------------------------------

static uint64_t random_next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

typedef struct Sample {
    const FlowSource *source;
    FlowFormat format;
    const char *text;
} Sample;

// Up to three bytes of it are replaced or left out.
static void damage(Buffer *text, uint64_t *state) {
    static const char bytes[] = "{}[]\",:\\ \n\r0123456789.-eEtrufalsn\t\xC3\xA4x";
    for (uint64_t i = random_next(state) % 3 + 1; i > 0; i--) {
        size_t at = random_next(state) % text->length;
        text->data[at] = bytes[random_next(state) % (sizeof(bytes) - 1)];
        if (random_next(state) % 3 == 0) {
            text->length--;
            memmove(text->data + at, text->data + at + 1, text->length - at);
        }
    }
}

static void agreement_check(const Sample *sample, uint64_t *state) {
    Buffer text = {0};
    buffer_text(&text, sample->text);
    damage(&text, state);
    Way careful = {.piece = SIZE_MAX, .is_careful = true};
    Decoded want = fixture_decode(sample->source, sample->format, text.data, text.length, careful);
    for (size_t i = 0; i < COUNT_OF(fixture_ways); i++) {
        Decoded got =
            fixture_decode(sample->source, sample->format, text.data, text.length, fixture_ways[i]);
        fixture_compare(sample->text, "rows", &got.rows, buffer_cstring(&want.rows));
        fixture_compare(sample->text, "rejects", &got.rejects, buffer_cstring(&want.rejects));
        decoded_free(&got);
    }
    decoded_free(&want);
    buffer_free(&text);
}

static void all_ways_agree_on_damaged_records(void **state) {
    (void)state;
    FlowSource at_path = fixture_source;
    at_path.records = "a.b";
    FlowSource envelopes = wire_source;
    envelopes.deletes_count = 0;
    const Sample samples[] = {
        {&nested_source,
         FLOW_FORMAT_NDJSON,
         "{\"l\":[1, -2 ,3],\"m\":{\"1\":\"a\",\"2\":null,\"1\":\"b\"}}\n"
         "{\"t\":{\"l\":[7],\"more\":{\"a\":[]},\"a\":1,\"a\":2}, \"l\": "
         "null}\n{\"t\":{\"a\":3}}\n"},
        {&wire_source,
         FLOW_FORMAT_NDJSON,
         "{\"new\":1,\"op\":\"D\",\"t\":null}\n{\"old\":3,\"new\":4}\n"
         "{\"id\":1,\"new\":2,\"r\":[1, {\"a\":\"\\n\"}],\"rest\":null}\n{\"new\":5, \"t\" : "
         "\"x\"}\n"},
        {&fixture_source,
         FLOW_FORMAT_JSON,
         "\n[{\"i64\":1,\"s\":\"]\\\"[\"},\n {\"s\":\"b\",\"x\":[{},[]]} , "
         "{\"b\":true,\"dec\":1.5}]\n"},
        {&at_path,
         FLOW_FORMAT_JSON,
         "{\"x\":[{\"b\":[]}], \"a\": {\"c\":{}, \"b\":[{\"i64\":1},{\"s\":\"q\"}], \"d\":1}, "
         "\"e\":[]}"},
        {&envelopes,
         FLOW_FORMAT_DEBEZIUM,
         "{\"op\":\"u\",\"before\":null,\"after\":{\"new\":1,\"t\":\"x\"},\"source\":{\"lsn\":5}}\n"
         "{\"payload\":{\"op\":\"d\",\"before\":{\"old\":2},\"ts_ms\":7}}\n{\"op\":\"t\"}\n"},
    };
    enum { ROUNDS = 100 };
    uint64_t random = 0x9E3779B97F4A7C15u;
    for (int round = 0; round < ROUNDS; round++) {
        agreement_check(&samples[(size_t)round % COUNT_OF(samples)], &random);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_give_the_elements_of_their_array),
        cmocka_unit_test(nested_values_are_read_by_the_rules_of_columns),
        cmocka_unit_test(columns_have_the_names_and_defaults_of_their_wires),
        cmocka_unit_test(all_ways_agree_on_damaged_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
