// Goal: every NDJSON record ends in exactly one place, whichever way it is read. Method: tables of
// inputs with the rows and rejects that come of them, each decoded at once, in pieces, by
// prediction and carefully; and random rows, for which the ways have to agree.
#include "text_fixture.h"

static void cases_check(const FlowSource *source, const Case *cases, size_t count) {
    fixture_check(source, FLOW_FORMAT_NDJSON, cases, count);
}

// --- values --------------------------------------------------------------------------------------

static const Case values[] = {
    {"bool", INPUT("{\"b\":true}\n{\"b\":false}\n{\"b\":null}\n"), "b=true\nb=false\n\n", ""},
    {"bool is no number", INPUT("{\"b\":1}\n{\"b\":\"true\"}\n"), "", "F022 b @0\nF022 b @8\n"},
    {"int8 range",
     INPUT("{\"i8\":127}\n{\"i8\":128}\n{\"i8\":-128}\n{\"i8\":-129}\n"),
     "i8=127\ni8=-128\n",
     "F024 i8 @11\nF024 i8 @34\n"},
    {"int16 range",
     INPUT("{\"i16\":32767}\n{\"i16\":32768}\n{\"i16\":-32768}\n"),
     "i16=32767\ni16=-32768\n",
     "F024 i16 @14\n"},
    {"int32 range",
     INPUT("{\"i32\":2147483647}\n{\"i32\":2147483648}\n"),
     "i32=2147483647\n",
     "F024 i32 @19\n"},
    {"int64 range",
     INPUT("{\"i64\":9223372036854775807}\n{\"i64\":-9223372036854775808}\n"
           "{\"i64\":9223372036854775808}\n{\"i64\":123456789012345678901234567890}\n"),
     "i64=9223372036854775807\ni64=-9223372036854775808\n",
     "F024 i64 @57\nF024 i64 @85\n"},
    {"integers of every length",
     INPUT("{\"i64\":1}\n{\"i64\":12345678}\n{\"i64\":123456789}\n{\"i64\":1234567890123456}\n"
           "{\"i64\":12345678901234567}\n{\"i64\":123456789012345678}\n"
           "{\"i64\":1234567890123456789}\n"),
     "i64=1\ni64=12345678\ni64=123456789\ni64=1234567890123456\ni64=12345678901234567\n"
     "i64=123456789012345678\ni64=1234567890123456789\n",
     ""},
    {"integral numbers",
     INPUT("{\"i64\":1.0}\n{\"i64\":1e2}\n{\"i64\":1.5}\n{\"i64\":15e-1}\n{\"i64\":-0}\n"
           "{\"i64\":150e-1}\n{\"i64\":0.0}\n{\"i64\":1E+3}\n"),
     "i64=1\ni64=100\ni64=0\ni64=15\ni64=0\ni64=1000\n",
     "F024 i64 @24\nF024 i64 @36\n"},
    {"a string is no integer", INPUT("{\"i64\":\"5\"}\n"), "", "F022 i64 @0\n"},
    {"floats",
     INPUT("{\"f64\":1.5}\n{\"f64\":-0.1}\n{\"f64\":1e300}\n{\"f64\":3}\n{\"f64\":\"NaN\"}\n"
           "{\"f64\":\"-Infinity\"}\n{\"f64\":\"Infinity\"}\n"),
     "f64=1.5\nf64=-0.1\nf64=1e+300\nf64=3.0\nf64=\"NaN\"\nf64=\"-Infinity\"\nf64=\"Infinity\"\n",
     ""},
    {"1e400", INPUT("{\"f64\":1e400}\n{\"f64\":-1e400}\n"), "", "F024 f64 @0\nF024 f64 @14\n"},
    {"other words are no floats",
     INPUT("{\"f64\":\"nan\"}\n{\"f64\":\"1.5\"}\n{\"f64\":\"+Infinity\"}\n"),
     "",
     "F022 f64 @0\nF022 f64 @14\nF022 f64 @28\n"},
    {"float32 is rounded once",
     INPUT("{\"f32\":0.1}\n{\"f32\":16777217}\n{\"f32\":1e39}\n"),
     "f32=0.1\nf32=16777216.0\n",
     "F024 f32 @29\n"},
    {"decimals of numbers and strings",
     INPUT("{\"dec\":12.5}\n{\"dec\":\"12.50\"}\n{\"dec\":-7}\n{\"dec\":1e3}\n{\"dec\":0.05}\n"),
     "dec=12.50\ndec=12.50\ndec=-7.00\ndec=1000.00\ndec=0.05\n",
     ""},
    {"digits beyond the scale",
     INPUT("{\"dec\":1.230}\n{\"dec\":1.234}\n{\"dec\":\"1.2300000000\"}\n"),
     "dec=1.23\ndec=1.23\n",
     "F024 dec @14\n"},
    {"decimal range",
     INPUT("{\"dec\":9999999999.99}\n{\"dec\":10000000000}\n{\"dec\":-10000000000.00}\n"),
     "dec=9999999999.99\n",
     "F024 dec @22\nF024 dec @42\n"},
    {"a decimal of 38 digits",
     INPUT("{\"wide\":1234567890123456789012345678.0123456789}\n{\"wide\":\"-0.0000000001\"}\n"
           "{\"wide\":7.25}\n"),
     "wide=1234567890123456789012345678.0123456789\nwide=-0.0000000001\nwide=7.2500000000\n",
     ""},
    {"bytes are base64",
     INPUT("{\"raw\":\"aGVsbG8=\"}\n{\"raw\":\"\"}\n{\"raw\":\"a\"}\n"),
     "raw=\"aGVsbG8=\"\nraw=\"\"\n",
     "F023 raw @30\n"},
    {"dates",
     INPUT("{\"day\":\"2024-02-29\"}\n{\"day\":\"2023-02-29\"}\n{\"day\":\"1969-12-31\"}\n"
           "{\"day\":\"2024-2-1\"}\n{\"day\":20240201}\n"),
     "day=\"2024-02-29\"\nday=\"1969-12-31\"\n",
     "F024 day @21\nF023 day @63\nF022 day @82\n"},
    {"timestamps",
     INPUT("{\"ts\":\"2026-01-31T12:00:00Z\"}\n{\"ts\":\"2026-01-31T12:00:00.5Z\"}\n"
           "{\"ts\":\"2026-01-31T12:00:00.123456789Z\"}\n{\"ts\":\"2026-01-31T14:30:00+02:30\"}\n"),
     "ts=\"2026-01-31T12:00:00Z\"\nts=\"2026-01-31T12:00:00.500Z\"\n"
     "ts=\"2026-01-31T12:00:00.123456Z\"\nts=\"2026-01-31T12:00:00Z\"\n",
     ""},
    {"no timestamps",
     INPUT("{\"ts\":\"2026-01-31T12:00:00\"}\n{\"ts\":\"2026-02-30T12:00:00Z\"}\n"
           "{\"ts\":\"2026-01-31T24:00:00Z\"}\n{\"ts\":\"2026-01-31T12:60:00Z\"}\n{\"ts\":1}\n"),
     "",
     "F023 ts @0\nF024 ts @29\nF024 ts @59\nF024 ts @89\nF022 ts @119\n"},
    {"durations",
     INPUT("{\"span\":-1500000}\n{\"span\":\"1s\"}\n"),
     "span=-1500000\n",
     "F022 span @18\n"},
    {"enums",
     INPUT("{\"e\":\"EUR\"}\n{\"e\":\"eur\"}\n{\"e\":\"\"}\n{\"e\":\"a \\\"quote\\\"\"}\n"
           "{\"e\":\"gr\xC3\xB6\xC3\x9F"
           "er\"}\n{\"e\":\"\\u0045UR\"}\n"
           "{\"e\":\"a text of more than fifteen bytes\"}\n"),
     "e=\"EUR\"\ne=\"\"\ne=\"a \\\"quote\\\"\"\ne=\"gr\xC3\xB6\xC3\x9F"
     "er\"\ne=\"EUR\"\n"
     "e=\"a text of more than fifteen bytes\"\n",
     "F025 e @12\n"},
    {"nested values are no scalars",
     INPUT("{\"s\":{\"a\":1}}\n{\"i64\":[1]}\n{\"s\":1}\n{\"e\":null}\n"),
     "\n",
     "F022 s @0\nF022 i64 @14\nF022 s @26\n"},
};

// --- strings -------------------------------------------------------------------------------------

static const Case strings[] = {
    {"lengths around the inline form",
     INPUT("{\"s\":\"\"}\n{\"s\":\"abcd\"}\n{\"s\":\"twelve bytes\"}\n{\"s\":\"thirteen byte\"}\n"
           "{\"s\":\"a string that is longer than thirty-two bytes\"}\n"),
     "s=\"\"\ns=\"abcd\"\ns=\"twelve bytes\"\ns=\"thirteen byte\"\n"
     "s=\"a string that is longer than thirty-two bytes\"\n",
     ""},
    {"escapes",
     INPUT("{\"s\":\"a\\n\\t\\r\\b\\f\\\\\\/\\\"z\"}\n{\"s\":\"\\u00e4\\u20AC\\ud83d\\ude00\"}\n"
           "{\"s\":\"\\u0000\"}\n"),
     "s=\"a\\n\\t\\r\\u0008\\u000c\\\\/\\\"z\"\ns=\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"\n"
     "s=\"\\u0000\"\n",
     ""},
    {"UTF-8",
     INPUT("{\"s\":\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"}\n"),
     "s=\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"\n",
     ""},
    {"bad UTF-8",
     INPUT("{\"s\":\"\xC3\"}\n{\"s\":\"\xFF\"}\n{\"s\":\"\xED\xA0\x80\"}\n{\"s\":\"\xC0\xAF\"}\n"
           "{\"x\":\"\xFF\"}\n{\"\xFF\":1}\n"),
     "",
     "F005 - @0\nF005 - @10\nF005 - @20\nF005 - @32\nF005 - @43\nF005 - @53\n"},
    {"lone surrogates",
     INPUT("{\"s\":\"\\ud83d\"}\n{\"s\":\"\\ude00\"}\n{\"s\":\"\\ud83dx\"}\n"
           "{\"s\":\"\\ud83d\\u0041\"}\n{\"x\":\"\\udc00\"}\n"),
     "",
     "F008 - @0\nF008 - @15\nF008 - @30\nF008 - @46\nF008 - @67\n"},
    {"unknown escapes",
     INPUT("{\"s\":\"\\x\"}\n{\"s\":\"\\u12G4\"}\n"),
     "",
     "F007 - @0\nF007 - @11\n"},
    {"control bytes",
     INPUT("{\"s\":\"a\tb\"}\n{\"s\":\"a\x01\"}\n"),
     "",
     "F006 - @0\nF006 - @12\n"},
    {"NUL bytes",
     INPUT("{\"s\":\"a\0b\"}\n{\"i64\":1\0}\n\0\n{\"i64\":1}\0\n{\0\"i64\":1}\n{\"i64\":\0}\n{"
           "\"i64\":7}\n"),
     "i64=7\n",
     "F015 - @0\nF015 - @12\nF015 - @23\nF015 - @25\nF015 - @36\nF015 - @47\n"},
};

// --- lines ---------------------------------------------------------------------------------------

static const Case lines[] = {
    {"an empty file", INPUT(""), "", ""},
    {"only a line end", INPUT("\n"), "", ""},
    {"blank lines", INPUT("\n  \n\t\r\n{\"i64\":1}\n\n\n{\"i64\":2}\n \n"), "i64=1\ni64=2\n", ""},
    {"no line end at the end", INPUT("{\"i64\":1}\n{\"i64\":2}"), "i64=1\ni64=2\n", ""},
    {"CRLF", INPUT("{\"i64\":1}\r\n{\"i64\":2}\r\n\r\n{\"i64\":3}\r"), "i64=1\ni64=2\ni64=3\n", ""},
    {"a byte order mark", INPUT("\xEF\xBB\xBF{\"i64\":1}\n"), "i64=1\n", ""},
    {"only a byte order mark", INPUT("\xEF\xBB\xBF"), "", ""},
    {"half of a byte order mark", INPUT("\xEF\xBB"), "", "F001 - @0\n"},
    {"a mark inside of the file is none",
     INPUT("{\"i64\":1}\n\xEF\xBB\xBF{\"i64\":2}\n"),
     "i64=1\n",
     "F001 - @10\n"},
    {"truncated lines",
     INPUT("{\"i64\":1\n{\"i64\":\n{\"i64\"\n{\"i6\n{\n{\"s\":\"abc\n{\"i64\":1,\n{\"i64\":7}\n"),
     "i64=7\n",
     "F003 - @0\nF003 - @9\nF003 - @17\nF003 - @24\nF003 - @29\nF003 - @31\nF003 - @41\n"},
    {"a truncated last line", INPUT("{\"i64\":1}\n{\"i64\":12"), "i64=1\n", "F003 - @10\n"},
    {"text after the object",
     INPUT("{\"i64\":1} x\n{\"i64\":1}{}\n{\"i64\":1}\n"),
     "i64=1\n",
     "F004 - @0\nF004 - @12\n"},
    {"no objects",
     INPUT("[1]\n42\n\"text\"\nnull\nnot json\n\xFF\n"),
     "",
     "F002 - @0\nF002 - @4\nF002 - @7\nF002 - @14\nF001 - @19\nF001 - @28\n"},
    {"no JSON",
     INPUT(
         "{i64:1}\n{'i64':1}\n{\"i64\" 1}\n{\"i64\":1,}\n{\"i64\":1;\"s\":2}\n{,}\n{\"i64\":+1}\n"),
     "",
     "F001 - @0\nF001 - @8\nF001 - @18\nF001 - @28\nF001 - @39\nF001 - @55\nF001 - @59\n"},
    {"numbers that are none",
     INPUT("{\"i64\":01}\n{\"i64\":1.}\n{\"i64\":.5}\n{\"i64\":-}\n{\"i64\":1e}\n{\"i64\":0x1}\n"
           "{\"dec\":-01.5}\n{\"x\":00}\n{\"i64\":NaN}\n{\"i64\":-01}\n"),
     "",
     "F001 - @0\nF001 - @11\nF001 - @22\nF001 - @33\nF001 - @43\nF001 - @54\nF001 - @66\nF001 - "
     "@80\n"
     "F001 - @89\nF001 - @101\n"},
    {"an empty object is a row of nulls", INPUT("{}\n{ }\n"), "\n\n", ""},
    {"white space",
     INPUT(" { \"i64\" :\t1 , \"s\" : \"x\" } \n{\"i64\":2}\n"),
     "i64=1 s=\"x\"\ni64=2\n",
     ""},
    {"any order, some missing",
     INPUT("{\"s\":\"x\",\"i64\":1}\n{\"i64\":2,\"s\":\"y\"}\n{\"s\":\"z\"}\n{\"i64\":3,\"b\":true}"
           "\n"),
     "i64=1 s=\"x\"\ni64=2 s=\"y\"\ns=\"z\"\nb=true i64=3\n",
     ""},
    {"the last of equal keys wins",
     INPUT("{\"i64\":1,\"i64\":2}\n{\"i64\":\"x\",\"i64\":3}\n{\"i64\":4,\"i64\":null}\n"
           "{\"i64\":5,\"\\u00696\\u0034\":6}\n{\"i64\":1,\"i64\":\"x\"}\n"),
     "i64=2\ni64=3\n\ni64=6\n",
     "F022 i64 @87\n"},
    {"unknown fields",
     INPUT("{\"x\":[1,{\"y\":[]},\"\\n\"],\"i64\":1}\n{\"x\":{},\"i64\":2,\"z\":-1.5e3}\n"
           "{\"I64\":5,\"i64 \":6}\n"),
     "i64=1\ni64=2\n\n",
     ""},
    {"unknown fields must be well-formed",
     INPUT("{\"x\":[1,],\"i64\":1}\n{\"x\":{\"a\"},\"i64\":1}\n{\"x\":[}\n{\"x\":tru}\n{\"x\":[1}\n"
           "{\"x\":{\"a\":1]}\n"),
     "",
     "F001 - @0\nF001 - @19\nF001 - @39\nF001 - @47\nF001 - @57\nF001 - @66\n"},
    {"malformed counts before wrong", INPUT("{\"i64\":\"x\",\"s\":}\n"), "", "F001 - @0\n"},
};

static const Case required[] = {
    {"both there", INPUT("{\"id\":1,\"name\":\"a\"}\n"), "id=1 name=\"a\"\n", ""},
    {"one missing",
     INPUT("{\"id\":1}\n{\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n"),
     "id=2 name=\"b\"\n",
     "F020 name @0\nF020 id @9\n"},
    {"null",
     INPUT("{\"id\":null,\"name\":\"a\"}\n{\"id\":1,\"name\":null}\n"),
     "",
     "F021 id @0\nF021 name @23\n"},
    {"the first column that is wrong is named",
     INPUT("{\"name\":1,\"id\":\"x\"}\n"),
     "",
     "F022 id @0\n"},
    {"missing after it was there",
     INPUT("{\"id\":1,\"name\":\"a\"}\n{\"id\":2}\n{}\n"),
     "id=1 name=\"a\"\n",
     "F020 name @20\nF020 id @29\n"},
};

static void values_are_read_exactly_or_rejected(void **state) {
    (void)state;
    cases_check(&fixture_source, values, COUNT_OF(values));
}

static void strings_are_valid_or_rejected(void **state) {
    (void)state;
    cases_check(&fixture_source, strings, COUNT_OF(strings));
}

static void every_line_ends_somewhere(void **state) {
    (void)state;
    cases_check(&fixture_source, lines, COUNT_OF(lines));
}

static void columns_without_question_mark_are_required(void **state) {
    (void)state;
    cases_check(&fixture_pair, required, COUNT_OF(required));
}

// --- size and depth ------------------------------------------------------------------------------

static void a_record_of_20_mib_is_malformed_and_the_next_is_read(void **state) {
    (void)state;
    enum { HUGE_BYTES = 20 * 1024 * 1024 };
    static const Way ways[] = {{.piece = 1024 * 1024}, {.piece = SIZE_MAX}};
    Buffer text = {0};
    buffer_text(&text, "{\"i64\":1}\n{\"s\":\"");
    buffer_reserve(&text, HUGE_BYTES);
    memset(text.data + text.length, 'x', HUGE_BYTES);
    text.length += HUGE_BYTES;
    buffer_text(&text, "\"}\n{\"i64\":2}\n");
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        Decoded decoded =
            fixture_decode(&fixture_source, FLOW_FORMAT_NDJSON, text.data, text.length, ways[i]);
        fixture_compare("huge", "rows", &decoded.rows, "i64=1\ni64=2\n");
        fixture_compare("huge", "rejects", &decoded.rejects, "F010 - @10\n");
        decoded_free(&decoded);
    }
    buffer_free(&text);
}

static void a_record_of_16_mib_is_a_row(void **state) {
    (void)state;
    Buffer text = {0};
    buffer_text(&text, "{\"s\":\"");
    size_t fill = RECORD_BYTES_MAX - 8;
    buffer_reserve(&text, fill);
    memset(text.data + text.length, 'x', fill);
    text.length += fill;
    buffer_text(&text, "\"}\n");
    Way way = {.piece = SIZE_MAX};
    Decoded decoded =
        fixture_decode(&fixture_source, FLOW_FORMAT_NDJSON, text.data, text.length, way);
    assert_int_equal(decoded.row_count, 1);
    decoded_free(&decoded);
    text.data[text.length - 3] = 'x';
    text.data[text.length - 2] = '"';
    text.data[text.length - 1] = '}';
    buffer_char(&text, '\n');
    decoded = fixture_decode(&fixture_source, FLOW_FORMAT_NDJSON, text.data, text.length, way);
    fixture_compare("one more byte", "rejects", &decoded.rejects, "F010 - @0\n");
    decoded_free(&decoded);
    buffer_free(&text);
}

static void nesting_is_bounded(void **state) {
    (void)state;
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        Buffer text = {0};
        buffer_text(&text, "{\"x\":");
        for (int i = 0; i < depth; i++) {
            buffer_char(&text, '[');
        }
        for (int i = 0; i < depth; i++) {
            buffer_char(&text, ']');
        }
        buffer_text(&text, ",\"i64\":1}\n");
        bool is_fine = depth == JSON_DEPTH_MAX;
        const Case c = {
            .name = "depth",
            .text = text.data,
            .length = text.length,
            .rows = is_fine ? "i64=1\n" : "",
            .rejects = is_fine ? "" : "F009 - @0\n",
        };
        cases_check(&fixture_source, &c, 1);
        buffer_free(&text);
    }
}

// --- messages ------------------------------------------------------------------------------------

typedef struct Message {
    const char *text;
    const char *want;
} Message;

static const Message messages[] = {
    {"{\"dec\":[1]}\n", "column \"dec\" wants decimal(12, 2), found an array\n"},
    {"{\"ts\":\"now\"}\n", "column \"ts\": a string does not read as timestamp\n"},
    {"{\"i8\":1000}\n", "column \"i8\": a number does not fit int8\n"},
    {"{\"e\":\"DM\"}\n", "column \"e\": a text that the enum does not list\n"},
    {"{\"s\":\"\\ud800\"}\n", "half of a surrogate pair, at byte 6\n"},
    {"{\"s\":1", "the record breaks off inside of an object\n"},
    {"{\"s\":}\n", "not well-formed JSON at byte 5: a value was expected\n"},
    {"[]\n", "a JSON object was expected, found an array\n"},
};

static void messages_name_the_column_and_what_was_found(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        Decoded decoded = fixture_decode(&fixture_source,
                                         FLOW_FORMAT_NDJSON,
                                         messages[i].text,
                                         strlen(messages[i].text),
                                         fixture_ways[0]);
        fixture_compare(messages[i].text, "message", &decoded.messages, messages[i].want);
        decoded_free(&decoded);
    }
}

static void a_reject_brings_its_raw_bytes(void **state) {
    (void)state;
    const char *text = "{\"i64\":1}\n{\"i64\":x}\r\n";
    Decoded decoded =
        fixture_decode(&fixture_source, FLOW_FORMAT_NDJSON, text, strlen(text), fixture_ways[0]);
    fixture_compare("raw", "raws", &decoded.raws, "{\"i64\":x}\n");
    decoded_free(&decoded);
}

// --- columns that are not kept, tests and meta ---------------------------------------------------

static void columns_that_nobody_uses_are_checked_but_not_stored(void **state) {
    (void)state;
    FlowColumnDesc columns[2] = {fixture_pair_columns[0], fixture_pair_columns[1]};
    columns[1].is_used = 0;
    FlowSource source = fixture_pair;
    source.columns = columns;
    const char *text = "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":5}\n";
    Decoded decoded = {0};
    TextDecoder *decoder = text_decoder_new(&source, FLOW_FORMAT_NDJSON, fixture_reject, &decoded);
    Batch *batch = batch_new(columns, 2);
    memset(batch_column(batch, 1)->values, 0xEE, 16);
    char *chunk = fixture_chunk(text, strlen(text), 0);
    text_decoder_begin(decoder, 0, "f", 0);
    (void)text_decoder_run(decoder, chunk, strlen(text), 0, true, batch);
    assert_int_equal(batch->abi.row_count, 1);
    assert_int_equal(((const uint8_t *)batch_column(batch, 1)->values)[0], 0xEE);
    fixture_compare("unused", "rejects", &decoded.rejects, "F022 name @20\n");
    memory_free(chunk);
    batch_free(batch);
    text_decoder_free(decoder);
    decoded_free(&decoded);
}

static void rows_that_fail_a_test_and_meet_all_guards_are_left_out(void **state) {
    (void)state;
    static const FlowScanTest tests[] = {{.column = 4, .op = FLOW_TEST_GE, .value = 10},
                                         {.column = 14, .op = FLOW_TEST_EQ, .value = 1}};
    static const FlowScanTest guards[] = {{.column = 7, .op = FLOW_TEST_GT, .value = -100}};
    FlowSource source = fixture_source;
    source.tests = tests;
    source.tests_count = COUNT_OF(tests);
    source.guards = guards;
    source.guards_count = COUNT_OF(guards);
    const char *text = "{\"i64\":10,\"e\":\"USD\",\"dec\":1}\n{\"i64\":9,\"e\":\"USD\",\"dec\":1}\n"
                       "{\"i64\":10,\"e\":\"EUR\",\"dec\":1}\n{\"i64\":10,\"dec\":1}\n"
                       "{\"i64\":9,\"e\":\"USD\",\"dec\":-1}\n{\"i64\":9,\"e\":\"USD\"}\n";
    for (size_t i = 0; i < COUNT_OF(fixture_ways); i++) {
        Decoded decoded =
            fixture_decode(&source, FLOW_FORMAT_NDJSON, text, strlen(text), fixture_ways[i]);
        fixture_compare("tests",
                        "rows",
                        &decoded.rows,
                        "i64=10 dec=1.00 e=\"USD\"\ni64=9 dec=-1.00 e=\"USD\"\ni64=9 e=\"USD\"\n");
        assert_int_equal(decoded.filtered, 3);
        decoded_free(&decoded);
    }
}

static void tests_compare_as_their_operators_say(void **state) {
    (void)state;
    static const struct {
        FlowTestOp op;
        int64_t value;
        int64_t kept;
    } cases[] = {
        {FLOW_TEST_EQ, 0, 1},
        {FLOW_TEST_NE, 0, 4},
        {FLOW_TEST_LT, 0, 2},
        {FLOW_TEST_LE, 0, 3},
        {FLOW_TEST_GT, 0, 2},
        {FLOW_TEST_GE, 0, 3},
        {FLOW_TEST_LT, INT64_MIN, 0},
        {FLOW_TEST_LE, INT64_MIN, 1},
        {FLOW_TEST_GT, INT64_MAX, 0},
        {FLOW_TEST_GE, INT64_MAX, 1},
        {FLOW_TEST_NE, INT64_MIN, 4},
        {FLOW_TEST_GT, INT64_MIN, 4},
    };
    const char *text = "{\"i64\":-9223372036854775808}\n{\"i64\":-1}\n{\"i64\":0}\n{\"i64\":1}\n"
                       "{\"i64\":9223372036854775807}\n{\"i64\":null}\n";
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowScanTest test = {.column = 4, .op = (int32_t)cases[i].op, .value = cases[i].value};
        FlowSource source = fixture_source;
        source.tests = &test;
        source.tests_count = 1;
        Decoded decoded =
            fixture_decode(&source, FLOW_FORMAT_NDJSON, text, strlen(text), fixture_ways[0]);
        assert_int_equal(decoded.row_count, cases[i].kept);
        decoded_free(&decoded);
    }
}

static void tests_read_columns_of_every_width(void **state) {
    (void)state;
    static const char text[] =
        "{\"b\":true,\"i8\":-1,\"i16\":-1,\"i32\":-1,\"i64\":-1,\"dec\":-0.01,"
        "\"day\":\"1969-12-31\",\"ts\":\"1969-12-31T23:59:59.999999Z\",\"span\":-1}\n";
    for (int32_t column = 0; column <= 13; column++) {
        bool is_comparable = fixture_columns[column].type->kind != FLOW_STRING &&
                             fixture_columns[column].type->kind != FLOW_BYTES &&
                             !(column >= 5 && column <= 6) && column != 8;
        if (!is_comparable) {
            continue;
        }
        FlowScanTest test = {.column = column, .op = FLOW_TEST_EQ, .value = column == 0 ? 1 : -1};
        FlowSource source = fixture_source;
        source.tests = &test;
        source.tests_count = 1;
        Decoded decoded =
            fixture_decode(&source, FLOW_FORMAT_NDJSON, text, sizeof(text) - 1, fixture_ways[0]);
        assert_int_equal(decoded.row_count, 1);
        decoded_free(&decoded);
    }
}

static void meta_columns_follow_those_of_the_contract(void **state) {
    (void)state;
    const FlowColumnDesc columns[] = {
        fixture_pair_columns[0],
        {.name = "p", .type = &must_i64, .is_used = 1, .meta = FLOW_META_POSITION},
        {.name = "f", .type = &must_text, .is_used = 1, .meta = FLOW_META_FILE},
        {.name = "at", .type = &must_time, .is_used = 1, .meta = FLOW_META_INGESTED_AT},
    };
    FlowSource source = fixture_pair;
    source.columns = columns;
    source.columns_count = COUNT_OF(columns);
    static const Case c = {
        "meta",
        INPUT("{\"id\":1}\n\n{\"id\":2}\n"),
        "id=1 p=0 f=\"in/file\" at=\"1970-01-01T00:00:00.001234Z\"\n"
        "id=2 p=10 f=\"in/file\" at=\"1970-01-01T00:00:00.001234Z\"\n",
        "",
    };
    cases_check(&source, &c, 1);
}

static void timestamps_may_be_numbers_of_a_unit(void **state) {
    (void)state;
    FlowSource source = fixture_source;
    source.timestamp_unit = FLOW_UNIT_MS;
    static const Case c = {
        "unit",
        INPUT("{\"ts\":1500}\n{\"ts\":1.5}\n{\"ts\":-1}\n{\"ts\":\"1970-01-01T00:00:01Z\"}\n"
              "{\"ts\":0.0019}\n{\"ts\":1e30}\n{\"ts\":true}\n"),
        "ts=\"1970-01-01T00:00:01.500Z\"\nts=\"1970-01-01T00:00:00.001500Z\"\n"
        "ts=\"1969-12-31T23:59:59.999Z\"\nts=\"1970-01-01T00:00:01Z\"\n"
        "ts=\"1970-01-01T00:00:00.000001Z\"\n",
        "F024 ts @77\nF022 ts @89\n",
    };
    cases_check(&source, &c, 1);
}

// --- the ways agree ------------------------------------------------------------------------------

static uint64_t random_next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void space_write(Buffer *out, uint64_t *state, bool is_loose) {
    static const char *const spaces[] = {"", "", "", "", " ", "  ", "\t"};
    if (is_loose) {
        buffer_text(out, spaces[random_next(state) % COUNT_OF(spaces)]);
    }
}

// Values of every kind and many forms, good and bad; each may stand for each column.
static const char *const random_values[] = {
    "true",
    "false",
    "null",
    "0",
    "-0",
    "7",
    "-12",
    "127",
    "128",
    "32768",
    "2147483648",
    "123456789012",
    "9223372036854775807",
    "9223372036854775808",
    "12345678901234567890123",
    "1.0",
    "1.50",
    "0.1",
    "12.345",
    "-3.14",
    "9999999999.99",
    "10000000000.00",
    "1e2",
    "1E-2",
    "1e400",
    "2.5e-3",
    "01",
    "1.",
    "-",
    "\"\"",
    "\"x\"",
    "\"12.50\"",
    "\"NaN\"",
    "\"Infinity\"",
    "\"EUR\"",
    "\"USD\"",
    "\"\\u0045UR\"",
    "\"a \\\"quote\\\"\"",
    "\"2026-01-31\"",
    "\"2026-02-30\"",
    "\"2026-01-31T12:00:00Z\"",
    "\"2026-01-31T12:00:00.123Z\"",
    "\"2026-01-30T23:59:59.999999Z\"",
    "\"2026-01-31T12:00:00+02:00\"",
    "\"2026-01-31T12:00:60Z\"",
    "\"2026-01-31t12:00:00z\"",
    "\"aGVsbG8=\"",
    "\"a string of a good length\"",
    "\"tab\\there\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\xC3\xA4\"",
    "\"\xC3\"",
    "[1,2]",
    "{\"a\":null}",
    "nul",
    "truex",
    "\"open",
    "\"a text of more than fifteen bytes\"",
    "1234567.5",
    "16777217",
    "0.30000000000000004",
};

static void random_member(Buffer *out, uint64_t *state, bool is_loose) {
    static const char *const others[] = {
        "x", "yy", "\\u0062", "i640", "s\\n", "a_much_longer_name_of_a_field_that_is_unknown"};
    uint32_t key = (uint32_t)(random_next(state) % (COUNT_OF(fixture_columns) + 3));
    buffer_char(out, '"');
    buffer_text(out,
                key < COUNT_OF(fixture_columns) ? fixture_columns[key].name
                                                : others[random_next(state) % COUNT_OF(others)]);
    buffer_char(out, '"');
    space_write(out, state, is_loose);
    buffer_char(out, ':');
    space_write(out, state, is_loose);
    buffer_text(out, random_values[random_next(state) % COUNT_OF(random_values)]);
}

// Mostly values that fit their columns, so that rows come out too.
static const char *const fitting_values[] = {
    "true",
    "12",
    "-300",
    "70000",
    "123456789012",
    "1.5",
    "2.25",
    "10.50",
    "7.125",
    "\"some text\"",
    "\"aGVsbG8=\"",
    "\"2026-01-31\"",
    "\"2026-01-31T12:00:00.123Z\"",
    "-5000000",
    "\"EUR\"",
};
_Static_assert(COUNT_OF(fitting_values) == COUNT_OF(fixture_columns), "one for each column");

static void fitting_member(Buffer *out, uint64_t *state, bool is_loose) {
    uint32_t key = (uint32_t)(random_next(state) % COUNT_OF(fixture_columns));
    buffer_format(out, "\"%s\":", fixture_columns[key].name);
    space_write(out, state, is_loose);
    buffer_text(out, random_next(state) % 8 == 0 ? "null" : fitting_values[key]);
}

static void random_line(Buffer *out, uint64_t *state) {
    bool is_loose = random_next(state) % 4 == 0;
    bool is_fitting = random_next(state) % 2 == 0;
    uint64_t count = random_next(state) % 6;
    space_write(out, state, is_loose);
    buffer_char(out, '{');
    for (uint64_t i = 0; i < count; i++) {
        space_write(out, state, is_loose);
        (is_fitting ? fitting_member : random_member)(out, state, is_loose);
        space_write(out, state, is_loose);
        if (i + 1 < count) {
            buffer_char(out, ',');
        }
    }
    buffer_text(out, random_next(state) % 64 == 0 ? "" : "}");
    space_write(out, state, is_loose);
    buffer_text(out, random_next(state) % 8 == 0 ? "\r\n" : "\n");
}

static void agreement_check(const char *text, size_t length, uint64_t seed) {
    Way careful = {.piece = SIZE_MAX, .is_careful = true};
    Decoded want = fixture_decode(&fixture_source, FLOW_FORMAT_NDJSON, text, length, careful);
    static const Way ways[] = {{.piece = SIZE_MAX, .slack = '"'},
                               {.piece = 97, .slack = '1'},
                               {.piece = SIZE_MAX, .slack = ',', .is_unpredicted = true}};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        Decoded got = fixture_decode(&fixture_source, FLOW_FORMAT_NDJSON, text, length, ways[i]);
        char name[64];
        snprintf(name, sizeof(name), "seed %llu", (unsigned long long)seed);
        fixture_compare(name, "rows", &got.rows, buffer_cstring(&want.rows));
        fixture_compare(name, "rejects", &got.rejects, buffer_cstring(&want.rejects));
        fixture_compare(name, "messages", &got.messages, buffer_cstring(&want.messages));
        decoded_free(&got);
    }
    assert_true(want.row_count > 0);
    decoded_free(&want);
}

static void prediction_and_care_agree_on_random_rows(void **state) {
    (void)state;
    enum { SEEDS = 60, LINES = 60 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t random = seed * 0x9E3779B97F4A7C15u;
        Buffer text = {0};
        for (int line = 0; line < LINES; line++) {
            random_line(&text, &random);
        }
        agreement_check(text.data, text.length, seed);
        buffer_free(&text);
    }
}

// One byte of a good line is replaced: the ways still agree, and nothing is lost.
static void they_agree_on_damaged_rows(void **state) {
    (void)state;
    static const char good[] = "{\"i64\":123,\"s\":\"abc\",\"dec\":1.50,\"e\":\"EUR\",\"b\":true,"
                               "\"ts\":\"2026-01-31T12:00:00.5Z\",\"x\":[1,{\"y\":null}]}\n";
    static const char bytes[] = "\0\"\\{}[],: \n\r\xFFx09.-eE+tn";
    size_t length = sizeof(good) - 1;
    for (size_t at = 0; at < length; at++) {
        Buffer text = {0};
        for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
            buffer_append(&text, good, length);
            buffer_append(&text, good, length);
            text.data[text.length - length + at] = bytes[b];
        }
        agreement_check(text.data, text.length, at);
        buffer_free(&text);
    }
}

// --- writing -------------------------------------------------------------------------------------

static void written_rows_are_read_again(void **state) {
    (void)state;
    static const int32_t slots[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    const char *text =
        "{\"b\":true,\"i64\":-5,\"f64\":0.1,\"dec\":1.5,\"s\":\"a\\\"\\n\xC3\xA4\","
        "\"raw\":\"aGVsbG8=\",\"day\":\"2026-01-31\",\"ts\":\"2026-01-31T12:00:00Z\","
        "\"span\":7,\"e\":\"EUR\"}\n{}\n";
    Decoded decoded = {0};
    TextDecoder *decoder =
        text_decoder_new(&fixture_source, FLOW_FORMAT_NDJSON, fixture_reject, &decoded);
    Batch *batch = batch_new(fixture_columns, COUNT_OF(fixture_columns));
    char *chunk = fixture_chunk(text, strlen(text), 0);
    text_decoder_begin(decoder, 0, "f", 0);
    (void)text_decoder_run(decoder, chunk, strlen(text), 0, true, batch);
    batch_select_all(batch);
    Buffer out = {0};
    ndjson_write(batch, fixture_columns, slots, COUNT_OF(slots), &out);
    Decoded again =
        fixture_decode(&fixture_source, FLOW_FORMAT_NDJSON, out.data, out.length, fixture_ways[0]);
    fixture_compare("again",
                    "rows",
                    &again.rows,
                    "b=true i64=-5 f64=0.1 dec=1.50 s=\"a\\\"\\n\xC3\xA4\" raw=\"aGVsbG8=\" "
                    "day=\"2026-01-31\" ts=\"2026-01-31T12:00:00Z\" span=7 e=\"EUR\"\n\n");
    buffer_free(&out);
    decoded_free(&again);
    decoded_free(&decoded);
    memory_free(chunk);
    batch_free(batch);
    text_decoder_free(decoder);
}

static void a_full_batch_goes_on_in_the_next(void **state) {
    (void)state;
    Buffer text = {0};
    enum { ROWS = FLOW_BATCH_ROWS_MAX * 2 + 3 };
    for (int i = 0; i < ROWS; i++) {
        buffer_format(&text, "{\"i64\":%d}\n", i);
    }
    Decoded decoded = fixture_decode(
        &fixture_source, FLOW_FORMAT_NDJSON, text.data, text.length, fixture_ways[0]);
    assert_int_equal(decoded.row_count, ROWS);
    decoded_free(&decoded);
    buffer_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_exactly_or_rejected),
        cmocka_unit_test(strings_are_valid_or_rejected),
        cmocka_unit_test(every_line_ends_somewhere),
        cmocka_unit_test(columns_without_question_mark_are_required),
        cmocka_unit_test(a_record_of_20_mib_is_malformed_and_the_next_is_read),
        cmocka_unit_test(a_record_of_16_mib_is_a_row),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(messages_name_the_column_and_what_was_found),
        cmocka_unit_test(a_reject_brings_its_raw_bytes),
        cmocka_unit_test(columns_that_nobody_uses_are_checked_but_not_stored),
        cmocka_unit_test(rows_that_fail_a_test_and_meet_all_guards_are_left_out),
        cmocka_unit_test(tests_compare_as_their_operators_say),
        cmocka_unit_test(tests_read_columns_of_every_width),
        cmocka_unit_test(meta_columns_follow_those_of_the_contract),
        cmocka_unit_test(timestamps_may_be_numbers_of_a_unit),
        cmocka_unit_test(prediction_and_care_agree_on_random_rows),
        cmocka_unit_test(they_agree_on_damaged_rows),
        cmocka_unit_test(written_rows_are_read_again),
        cmocka_unit_test(a_full_batch_goes_on_in_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
