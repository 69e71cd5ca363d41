// Goal: every CSV record ends in exactly one place, whether the index finds its fields or it is
// read from byte to byte. Method: tables of inputs with the rows and rejects that come of them,
// each decoded at once, in pieces, by index and carefully; and random files, for which the ways
// have to agree.
#include "format/csv/csv.h"
#include "text_fixture.h"

static void cases_check(const FlowSource *source, const Case *cases, size_t count) {
    fixture_check(source, FLOW_FORMAT_CSV, cases, count);
}

// --- values --------------------------------------------------------------------------------------

static const Case values[] = {
    {"bool", INPUT("b\ntrue\nfalse\nTRUE\n1\n"), "b=true\nb=false\n", "F023 b @13\nF023 b @18\n"},
    {"integers",
     INPUT("i8,i16,i32,i64\n1,2,3,4\n-128,-32768,-2147483648,-9223372036854775808\n128,0,0,0\n"
           "0,0,0,9223372036854775808\n0,0,0,x\n0,0,0,123456789012345678\n"),
     "i8=1 i16=2 i32=3 i64=4\ni8=-128 i16=-32768 i32=-2147483648 i64=-9223372036854775808\n"
     "i8=0 i16=0 i32=0 i64=123456789012345678\n",
     "F024 i8 @68\nF024 i64 @78\nF023 i64 @104\n"},
    {"floats",
     INPUT("f32,f64\n0.1,-2.5\n1e3,1e300\nNaN,Infinity\n0,1e400\n"),
     "f32=0.1 f64=-2.5\nf32=1000.0 f64=1e+300\nf32=\"NaN\" f64=\"Infinity\"\n",
     "F024 f64 @40\n"},
    {"decimals",
     INPUT("dec,wide\n12.5,1\n-0.05,1234567890123456789012345678.0123456789\n1.230,0\n1.234,0\n"
           "9999999999.99,0\n10000000000,0\n,\n"),
     "dec=12.50 wide=1.0000000000\ndec=-0.05 wide=1234567890123456789012345678.0123456789\n"
     "dec=1.23 wide=0.0000000000\ndec=9999999999.99 wide=0.0000000000\n\n",
     "F024 dec @70\nF024 dec @94\n"},
    {"times",
     INPUT("day,ts,span\n2024-02-29,2026-01-31T12:00:00Z,-5\n2023-02-29,,\n,2026-01-31T12:00:00,\n"
           ",2026-01-31T14:00:00.25+02:00,\n2024-02-28,,1s\n"),
     "day=\"2024-02-29\" ts=\"2026-01-31T12:00:00Z\" span=-5\nts=\"2026-01-31T12:00:00.250Z\"\n",
     "F024 day @47\nF023 ts @60\nF023 span @113\n"},
    {"texts",
     INPUT("s,e,raw\nabc,EUR,aGVsbG8=\n\"a,b\",\"a \"\"quote\"\"\",\n  x ,eur,\nx,,a\n"),
     "s=\"abc\" raw=\"aGVsbG8=\" e=\"EUR\"\ns=\"a,b\" e=\"a \\\"quote\\\"\"\n",
     "F025 e @46\nF023 raw @56\n"},
    {"quoted numbers", INPUT("i64,dec\n\"7\",\"1.5\"\n"), "i64=7 dec=1.50\n", ""},
};

// --- nulls ---------------------------------------------------------------------------------------

static const Case nulls[] = {
    {"an empty field is null", INPUT("i64,s,e\n,,\n1,,\n"), "\ni64=1\n", ""},
    {"a quoted one is a text",
     INPUT("i64,s\n1,\"\"\n\"\",x\n"),
     "i64=1 s=\"\"\n",
     "F023 i64 @11\n"},
};

static const Case required[] = {
    {"an empty field is an empty text", INPUT("id,name\n1,\n"), "id=1 name=\"\"\n", ""},
    {"but no number", INPUT("id,name\n,a\n2,b\n"), "id=2 name=\"b\"\n", "F027 id @8\n"},
    {"a column that the header lacks", INPUT("id\n1\n2\n"), "", "F026 name @3\nF026 name @5\n"},
    {"any order, unknown columns, the last of equal names",
     INPUT("x,name,id,name\n0,a,1,b\n"),
     "id=1 name=\"b\"\n",
     ""},
};

// --- records -------------------------------------------------------------------------------------

static const Case records[] = {
    {"an empty file", INPUT(""), "", ""},
    {"only a header", INPUT("i64,s\n"), "", ""},
    {"only a header without a line end", INPUT("i64,s"), "", ""},
    {"a byte order mark", INPUT("\xEF\xBB\xBFi64\n1\n"), "i64=1\n", ""},
    {"CRLF",
     INPUT("i64,s\r\n1,a\r\n\r\n2,b\r\n3,\"c\"\r\n4,d\r"),
     "i64=1 s=\"a\"\ni64=2 s=\"b\"\ni64=3 s=\"c\"\ni64=4 s=\"d\"\n",
     ""},
    {"blank lines", INPUT("\n\ni64,s\n\n1,a\n\n\n2,b\n\n"), "i64=1 s=\"a\"\ni64=2 s=\"b\"\n", ""},
    {"no line end at the end", INPUT("i64,s\n1,a\n2,b"), "i64=1 s=\"a\"\ni64=2 s=\"b\"\n", ""},
    {"too few and too many fields",
     INPUT("i64,s\n1\n1,a,b\n1,\n2,b\n3"),
     "i64=1\ni64=2 s=\"b\"\n",
     "F011 - @6\nF011 - @8\nF011 - @21\n"},
    {"line ends and delimiters in quotes",
     INPUT("i64,s\n1,\"a\nb,c\"\n2,\"x\r\ny\"\n3,z\n"),
     "i64=1 s=\"a\\nb,c\"\ni64=2 s=\"x\\r\\ny\"\ni64=3 s=\"z\"\n",
     ""},
    {"doubled quotes",
     INPUT("s,i64\n\"say \"\"hi\"\"\",1\n\"\"\"\",2\n\"\"\"\"\"\",3\n"),
     "i64=1 s=\"say \\\"hi\\\"\"\ni64=2 s=\"\\\"\"\ni64=3 s=\"\\\"\\\"\"\n",
     ""},
    {"a quote inside of an unquoted field",
     INPUT("i64,s\n1,a\"b\n2,c\n3,a\"b,\"c\n4,d\n"),
     "i64=2 s=\"c\"\ni64=4 s=\"d\"\n",
     "F013 - @6\nF013 - @16\n"},
    {"quotes that pair up across lines",
     INPUT("i64,s,x\n1,a\"b,c\n2,d\"e,f\n3,g,h\n"),
     "i64=3 s=\"g\"\n",
     "F013 - @8\nF013 - @16\n"},
    {"text after a closing quote",
     INPUT("i64,s\n1,\"a\"b\n2,c\n3,\"a\" \n4,d\n"),
     "i64=2 s=\"c\"\ni64=4 s=\"d\"\n",
     "F014 - @6\nF014 - @17\n"},
    {"a quote that is never closed costs its line",
     INPUT("i64,s\n1,\"a\n2,b\n3,c\n"),
     "i64=2 s=\"b\"\ni64=3 s=\"c\"\n",
     "F012 - @6\n"},
    {"an open quote in the last line",
     INPUT("i64,s\n1,a\n2,\"b"),
     "i64=1 s=\"a\"\n",
     "F012 - @10\n"},
    {"a truncated last line", INPUT("i64,s\n1,a\n2"), "i64=1 s=\"a\"\n", "F011 - @10\n"},
    {"NUL bytes",
     INPUT("i64,s\n1,a\0b\n2\0,b\n3,c\n\0\n"),
     "i64=3 s=\"c\"\n",
     "F015 - @6\nF015 - @12\nF015 - @21\n"},
    {"UTF-8 and bytes that are none",
     INPUT("i64,s\n1,\xC3\xA4\n2,\xFF\n3,\"\xED\xA0\x80\"\n4,d\n"),
     "i64=1 s=\"\xC3\xA4\"\ni64=4 s=\"d\"\n",
     "F005 - @11\nF005 - @15\n"},
    {"bad bytes in a column that nobody knows",
     INPUT("i64,x\n1,\xFF\n2,a\0\n3,\"\n4,y\n"),
     "i64=4\n",
     "F005 - @6\nF015 - @10\nF012 - @15\n"},
    {"a carriage return is text",
     INPUT("s,i64\na\rb,1\n\r,2\n"),
     "i64=1 s=\"a\\rb\"\ni64=2 s=\"\\r\"\n",
     ""},
    {"control characters are text", INPUT("s,i64\na\tb\x01,1\n"), "i64=1 s=\"a\\tb\\u0001\"\n", ""},
    {"a header in quotes", INPUT("\"i64\",\"s\"\n1,a\n"), "i64=1 s=\"a\"\n", ""},
    {"a header that cannot be read",
     INPUT("i64,s\"x\n1,a\n2,b\n"),
     "",
     "F017 - @0\nF017 - @8\nF017 - @12\n"},
    {"a header of other columns", INPUT("x,y\n1,2\n"), "\n", ""},
    {"malformed counts before wrong",
     INPUT("i64,s\nx,\"a\"b\nx,\xFF\nx,a,b\n"),
     "",
     "F014 - @6\nF005 - @13\nF011 - @17\n"},
};

static void values_are_read_exactly_or_rejected(void **state) {
    (void)state;
    cases_check(&fixture_source, values, COUNT_OF(values));
}

static void empty_fields_follow_the_type(void **state) {
    (void)state;
    cases_check(&fixture_source, nulls, COUNT_OF(nulls));
    cases_check(&fixture_pair, required, COUNT_OF(required));
}

static void every_record_ends_somewhere(void **state) {
    (void)state;
    cases_check(&fixture_source, records, COUNT_OF(records));
}

// --- settings ------------------------------------------------------------------------------------

static void without_a_header_fields_are_columns_in_order(void **state) {
    (void)state;
    FlowSource source = fixture_pair;
    source.csv_header = 0;
    static const Case cases[] = {
        {"no header", INPUT("1,a\n2,b\n3\n"), "id=1 name=\"a\"\nid=2 name=\"b\"\n", "F011 - @8\n"},
    };
    cases_check(&source, cases, COUNT_OF(cases));
}

static void the_delimiter_is_a_setting(void **state) {
    (void)state;
    FlowSource source = fixture_pair;
    source.csv_delimiter = ';';
    static const Case cases[] = {
        {"semicolons",
         INPUT("id;name\n1;a,b\n2;\"c;d\"\n"),
         "id=1 name=\"a,b\"\nid=2 name=\"c;d\"\n",
         ""},
    };
    cases_check(&source, cases, COUNT_OF(cases));
}

static void the_null_text_is_a_setting(void **state) {
    (void)state;
    FlowSource source = fixture_source;
    source.csv_null = "NA";
    static const Case cases[] = {
        {"NA",
         INPUT("i64,s,e\nNA,NA,NA\n1,\"NA\",\n,NAN,EUR\n"),
         "\ni64=1 s=\"NA\"\ns=\"NAN\" e=\"EUR\"\n",
         ""},
    };
    cases_check(&source, cases, COUNT_OF(cases));
    FlowSource pair = fixture_pair;
    pair.csv_null = "NA";
    static const Case pair_cases[] = {
        {"NA is a text where null may not be",
         INPUT("id,name\n1,NA\nNA,x\n"),
         "id=1 name=\"NA\"\n",
         "F023 id @13\n"},
    };
    cases_check(&pair, pair_cases, COUNT_OF(pair_cases));
}

static void timestamps_may_be_numbers_of_a_unit(void **state) {
    (void)state;
    FlowSource source = fixture_source;
    source.timestamp_unit = FLOW_UNIT_SECONDS;
    static const Case cases[] = {
        {"seconds",
         INPUT("ts\n1\n1.5\n1970-01-01T00:00:02Z\nx\n"),
         "ts=\"1970-01-01T00:00:01Z\"\nts=\"1970-01-01T00:00:01.500Z\"\nts=\"1970-01-01T00:00:"
         "02Z\"\n",
         "F023 ts @30\n"},
    };
    cases_check(&source, cases, COUNT_OF(cases));
}

static void each_file_has_its_own_header(void **state) {
    (void)state;
    Decoded decoded = {0};
    TextDecoder *decoder =
        text_decoder_new(&fixture_pair, FLOW_FORMAT_CSV, fixture_reject, &decoded);
    static const char *const files[] = {"id,name\n1,a\n", "name,x,id\nb,0,2\n", "id\n3\n"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        text_decoder_begin(decoder, (int32_t)i, "f", 0);
        fixture_feed(decoder, files[i], strlen(files[i]), fixture_ways[0], &decoded, &fixture_pair);
    }
    fixture_compare("files", "rows", &decoded.rows, "id=1 name=\"a\"\nid=2 name=\"b\"\n");
    fixture_compare("files", "rejects", &decoded.rejects, "F026 name @3\n");
    text_decoder_free(decoder);
    decoded_free(&decoded);
}

// --- size ----------------------------------------------------------------------------------------

static void a_record_of_20_mib_is_malformed_and_the_next_is_read(void **state) {
    (void)state;
    enum { HUGE_BYTES = 20 * 1024 * 1024 };
    static const Way ways[] = {{.piece = 1024 * 1024}, {.piece = SIZE_MAX}};
    static const char *const begins[] = {"i64,s\n1,a\n2,", "i64,s\n1,a\n2,\""};
    for (size_t i = 0; i < COUNT_OF(ways) * COUNT_OF(begins); i++) {
        Buffer text = {0};
        buffer_text(&text, begins[i % 2]);
        buffer_reserve(&text, HUGE_BYTES);
        memset(text.data + text.length, 'x', HUGE_BYTES);
        text.length += HUGE_BYTES;
        buffer_text(&text, i % 2 == 0 ? "\n3,c\n" : "\"\n3,c\n");
        Decoded decoded =
            fixture_decode(&fixture_source, FLOW_FORMAT_CSV, text.data, text.length, ways[i / 2]);
        fixture_compare("huge", "rows", &decoded.rows, "i64=1 s=\"a\"\ni64=3 s=\"c\"\n");
        fixture_compare("huge", "rejects", &decoded.rejects, "F010 - @10\n");
        decoded_free(&decoded);
        buffer_free(&text);
    }
}

// A stray quote early in a large file: what stands behind its line is read, not swallowed.
static void a_stray_quote_in_a_large_file_costs_its_line(void **state) {
    (void)state;
    enum { ROWS = 1500000 };
    Buffer text = {0};
    buffer_text(&text, "i64,s\n1,\"a\n");
    for (int i = 0; i < ROWS; i++) {
        buffer_text(&text, "2,some text\n");
    }
    Decoded decoded = {0};
    TextDecoder *decoder =
        text_decoder_new(&fixture_source, FLOW_FORMAT_CSV, fixture_reject, &decoded);
    text_decoder_begin(decoder, 0, "f", 0);
    Batch *batch = batch_new(fixture_columns, COUNT_OF(fixture_columns));
    buffer_reserve(&text, FORMAT_SLACK_BYTES);
    int64_t rows = 0;
    for (size_t used = 0; used < text.length;) {
        batch_clear(batch);
        used += text_decoder_run(
            decoder, text.data + used, text.length - used, (int64_t)used, false, batch);
        rows += batch->abi.row_count;
    }
    assert_int_equal(rows, ROWS);
    assert_int_equal(decoded.reject_count, 1);
    batch_free(batch);
    text_decoder_free(decoder);
    decoded_free(&decoded);
    buffer_free(&text);
}

// --- the index -----------------------------------------------------------------------------------

static uint64_t random_next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void every_instruction_set_finds_the_same(void **state) {
    (void)state;
    enum { BLOCKS = 64 };
    static const char bytes[] = ",,,,\n\"ab\0\xC3 01;";
    CsvMasksFn ways[CSV_WAYS_MAX];
    uint32_t count = csv_masks_ways(ways);
    char text[BLOCKS * 64];
    uint64_t random = 7;
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = bytes[random_next(&random) % (sizeof(bytes) - 1)];
    }
    for (uint32_t block = 0; block < BLOCKS; block++) {
        CsvMasks want;
        CsvOdd want_odd = {0};
        ways[0](text + block * 64, 1, ',', &want, &want_odd);
        for (uint32_t way = 1; way < count; way++) {
            CsvMasks got;
            CsvOdd odd = {0};
            ways[way](text + block * 64, 1, ',', &got, &odd);
            assert_true(got.stops == want.stops && got.quotes == want.quotes);
            assert_true((odd.nul != 0) == (want_odd.nul != 0));
            assert_true((odd.high != 0) == (want_odd.high != 0));
            assert_true(odd.quote == want_odd.quote);
        }
    }
}

// --- the ways agree ------------------------------------------------------------------------------

static const char *const random_fields[] = {
    "",
    "0",
    "7",
    "-12",
    "123456",
    "12345678901234567",
    "1.5",
    "12.50",
    "0.125",
    "true",
    "false",
    "EUR",
    "eur",
    "2026-01-31",
    "2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00.5Z",
    "NaN",
    "x y",
    "\"\"",
    "\"7\"",
    "\"a,b\"",
    "\"a\nb\"",
    "\"a\"\"b\"",
    "\"EUR\"",
    "\"1.50\"",
    "a\"b",
    "\"a\"b",
    "\"open",
    "\xC3\xA4",
    "\xFF",
    "\r",
    "a\r",
    "\"\xC3\xA4\"",
    "aGVsbG8=",
    "01",
    "+1",
    " 1",
    "1 ",
    "some longer text of more than twelve bytes",
};

static void random_file(Buffer *out, uint64_t *state) {
    static const char *const headers[] = {"i64,s\n", "s,dec,ts,e\r\n", "b,i8,x,f64,s\n", "ts\n"};
    static const uint32_t counts[] = {2, 4, 5, 1};
    uint64_t which = random_next(state) % COUNT_OF(headers);
    bool is_tame = random_next(state) % 2 == 0;
    buffer_text(out, headers[which]);
    for (int line = 0; line < 60; line++) {
        uint32_t count = counts[which] + (random_next(state) % 16 == 0);
        for (uint32_t i = 0; i < count; i++) {
            uint64_t field = random_next(state) % (is_tame ? 18 : COUNT_OF(random_fields));
            buffer_format(out, "%s%s", i > 0 ? "," : "", random_fields[field]);
        }
        buffer_text(out, random_next(state) % 8 == 0 ? "\r\n" : "\n");
    }
}

static void the_index_and_care_agree_on_random_files(void **state) {
    (void)state;
    enum { SEEDS = 150 };
    static const Way ways[] = {{.piece = SIZE_MAX, .slack = '"'},
                               {.piece = 97, .slack = '\n'},
                               {.piece = 61, .is_cut = true}};
    int64_t rows = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t random = seed * 0x9E3779B97F4A7C15u;
        Buffer text = {0};
        random_file(&text, &random);
        Way careful = {.piece = SIZE_MAX, .is_careful = true};
        Decoded want =
            fixture_decode(&fixture_source, FLOW_FORMAT_CSV, text.data, text.length, careful);
        char name[64];
        snprintf(name, sizeof(name), "seed %llu", (unsigned long long)seed);
        for (size_t i = 0; i < COUNT_OF(ways); i++) {
            Decoded got =
                fixture_decode(&fixture_source, FLOW_FORMAT_CSV, text.data, text.length, ways[i]);
            fixture_compare(name, "rows", &got.rows, buffer_cstring(&want.rows));
            fixture_compare(name, "rejects", &got.rejects, buffer_cstring(&want.rejects));
            fixture_compare(name, "messages", &got.messages, buffer_cstring(&want.messages));
            decoded_free(&got);
        }
        rows += want.row_count;
        decoded_free(&want);
        buffer_free(&text);
    }
    assert_true(rows > SEEDS);
}

// --- messages and writing ------------------------------------------------------------------------

static void messages_name_the_column_and_what_was_found(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"i64,s\n1\n", "2 fields were expected, found 1\n"},
        {"i64\nx\n", "column \"i64\": the field does not read as int64\n"},
        {"i8\n200\n", "column \"i8\": the field does not fit int8\n"},
        {"s\n\"a\"b\n", "text after a closing quote, at byte 3\n"},
        {"s\na\"b\n", "a quote inside of an unquoted field, at byte 1\n"},
        {"s,s\na,\"b\n", "the quoted field at byte 2 is not closed\n"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        Decoded decoded = fixture_decode(
            &fixture_source, FLOW_FORMAT_CSV, pairs[i][0], strlen(pairs[i][0]), fixture_ways[0]);
        fixture_compare(pairs[i][0], "message", &decoded.messages, pairs[i][1]);
        decoded_free(&decoded);
    }
}

static void read_again_in(const FlowSource *source) {
    static const int32_t slots[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    const char *text =
        "b,i64,f64,dec,s,raw,day,ts,span,e\n"
        "true,-5,0.1,1.5,\"a,\"\"b\"\"\nc\",aGVsbG8=,2026-01-31,2026-01-31T12:00:00Z,7,EUR\n"
        ",,,,\"\",,,,,\"\"\n";
    Decoded decoded = {0};
    TextDecoder *decoder =
        text_decoder_new(&fixture_source, FLOW_FORMAT_CSV, fixture_reject, &decoded);
    Batch *batch = batch_new(fixture_columns, COUNT_OF(fixture_columns));
    char *chunk = fixture_chunk(text, strlen(text), 0);
    text_decoder_begin(decoder, 0, "f", 0);
    (void)text_decoder_run(decoder, chunk, strlen(text), 0, true, batch);
    batch_select_all(batch);
    CsvStyle style = {.delimiter = (char)source->csv_delimiter, .null_text = source->csv_null};
    Buffer out = {0};
    if (source->csv_header != 0) {
        csv_write_header(&style, fixture_columns, COUNT_OF(slots), &out);
    }
    csv_write(&style, batch, fixture_columns, slots, COUNT_OF(slots), &out);
    Decoded again = fixture_decode(source, FLOW_FORMAT_CSV, out.data, out.length, fixture_ways[0]);
    fixture_compare(
        "again",
        "rows",
        &again.rows,
        "b=true i64=-5 f64=0.1 dec=1.50 s=\"a,\\\"b\\\"\\nc\" raw=\"aGVsbG8=\" "
        "day=\"2026-01-31\" ts=\"2026-01-31T12:00:00Z\" span=7 e=\"EUR\"\ns=\"\" e=\"\"\n");
    buffer_free(&out);
    decoded_free(&again);
    decoded_free(&decoded);
    memory_free(chunk);
    batch_free(batch);
    text_decoder_free(decoder);
}

static void written_rows_are_read_again(void **state) {
    (void)state;
    static const struct {
        char delimiter;
        bool has_header;
        const char *null_text;
    } styles[] = {
        {',', true, ""},
        {';', true, "NA"},
        {'-', false, "0.1"}, // as in numbers and times, and a number that is there
        {'.', false, "true"},
        {'a', true, "EUR"},
    };
    for (size_t i = 0; i < COUNT_OF(styles); i++) {
        FlowSource source = fixture_source;
        source.csv_delimiter = styles[i].delimiter;
        source.csv_header = styles[i].has_header;
        source.csv_null = styles[i].null_text;
        read_again_in(&source);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_exactly_or_rejected),
        cmocka_unit_test(empty_fields_follow_the_type),
        cmocka_unit_test(every_record_ends_somewhere),
        cmocka_unit_test(without_a_header_fields_are_columns_in_order),
        cmocka_unit_test(the_delimiter_is_a_setting),
        cmocka_unit_test(the_null_text_is_a_setting),
        cmocka_unit_test(timestamps_may_be_numbers_of_a_unit),
        cmocka_unit_test(each_file_has_its_own_header),
        cmocka_unit_test(a_record_of_20_mib_is_malformed_and_the_next_is_read),
        cmocka_unit_test(a_stray_quote_in_a_large_file_costs_its_line),
        cmocka_unit_test(every_instruction_set_finds_the_same),
        cmocka_unit_test(the_index_and_care_agree_on_random_files),
        cmocka_unit_test(messages_name_the_column_and_what_was_found),
        cmocka_unit_test(written_rows_are_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
