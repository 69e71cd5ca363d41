// Goal: a source gives every record of every file that its glob names, once, in order, whatever the
// files are packed in and wherever a chunk cuts them. Method: files on a disk in memory.
#include "source/source.h"

#include "source/glob.h"
#include "sys/sys_memory.h"
#include "text_fixture.h"

#include <zlib.h>
#include <zstd.h>

// --- reading -------------------------------------------------------------------------------------

typedef struct Reading {
    Decoded decoded;
    Buffer files; // the file of each row, as its index
    Outcome outcome;
    int64_t records;
    int64_t bytes_read;
    int64_t bytes_total;
} Reading;

static void reading_free(Reading *reading) {
    decoded_free(&reading->decoded);
    buffer_free(&reading->files);
}

static Outcome batches_read(Source *source, const FlowSource *desc, Reading *reading) {
    Batch *batch = batch_new(desc->columns, (uint32_t)desc->columns_count);
    Outcome outcome;
    do {
        outcome = source_next(source, batch);
        assert_int_equal(batch->abi.selected_count, batch->abi.row_count);
        fixture_rows(&reading->decoded, batch, desc);
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            buffer_format(&reading->files, "%d", batch->abi.file);
        }
    } while (outcome == OUTCOME_OK && batch->abi.row_count > 0);
    batch_free(batch);
    return outcome;
}

static Reading source_read(Sys *sys, const FlowSource *desc, const char *glob) {
    Reading reading = {0};
    SourceOptions options = {
        .glob = glob,
        .now_us = 1,
        .reject = fixture_reject,
        .user = &reading.decoded,
    };
    Source *source = NULL;
    reading.outcome = source_open(sys, desc, &options, &source);
    if (reading.outcome != OUTCOME_OK) {
        assert_null(source);
        return reading;
    }
    reading.outcome = batches_read(source, desc, &reading);
    reading.records = source_records(source);
    reading.bytes_read = source_bytes_read(source);
    reading.bytes_total = source_bytes_total(source);
    if (reading.outcome == OUTCOME_OK) {
        assert_int_equal(reading.records, reading.decoded.row_count + reading.decoded.reject_count);
        assert_int_equal(reading.bytes_read, reading.bytes_total);
    }
    source_close(source);
    return reading;
}

static void text_put(Sys *sys, const char *path, const char *text) {
    sys_memory_put(sys, path, text, strlen(text));
}

static void
read_check(Sys *sys, const char *glob, const char *want_rows, const char *want_rejects) {
    Reading reading = source_read(sys, &fixture_source, glob);
    assert_int_equal(reading.outcome, OUTCOME_OK);
    fixture_compare(glob, "rows", &reading.decoded.rows, want_rows);
    fixture_compare(glob, "rejects", &reading.decoded.rejects, want_rejects);
    reading_free(&reading);
}

// --- globs ---------------------------------------------------------------------------------------

typedef struct Match {
    const char *pattern;
    const char *name;
    bool is_match;
} Match;

static const Match matches[] = {
    {"*", "", true},
    {"*", "a.b", true},
    {"a*", "abc", true},
    {"a*c", "abc", true},
    {"a*c", "abd", false},
    {"*.csv", "x.csv", true},
    {"*.csv", "x.csv.gz", false},
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"[a-c]x", "bx", true},
    {"[a-c]x", "dx", false},
    {"[!a]x", "bx", true},
    {"[!a]x", "ax", false},
    {"[]]", "]", true},
    {"[a", "[a", true},
    {"a\\*b", "a*b", true},
    {"a\\*b", "axb", false},
    {"**", "abc", true},
    {"*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    {"abc", "abc", true},
    {"abc", "abcd", false},
    {"", "", true},
};

static void patterns_match_names(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(matches); i++) {
        if (glob_match(matches[i].pattern, matches[i].name) != matches[i].is_match) {
            print_error("%s against %s\n", matches[i].pattern, matches[i].name);
            fail();
        }
    }
}

typedef struct Walk {
    const char *glob;
    const char *want;
} Walk;

static const Walk walks[] = {
    {"in/*.csv", "in/B.csv in/a.csv in/b.csv"},
    {"./in//*.csv", "in/B.csv in/a.csv in/b.csv"},
    {"in/*", "in/B.csv in/a.csv in/b.csv in/x"},
    {"in/?.csv", "in/B.csv in/a.csv in/b.csv"},
    {"in/[ab].csv", "in/a.csv in/b.csv"},
    {"in/*/*.csv", "in/d/c.csv"},
    {"in/**/*.csv", "in/B.csv in/a.csv in/b.csv in/d/c.csv in/d/e/f.csv"},
    {"in/**/**/c.csv", "in/d/c.csv"},
    {"**/f.csv", "in/d/e/f.csv"},
    {"*/x", "in/x"},
    {"in/_h.csv", "in/_h.csv"},
    {"in/nothing*", ""},
    {"nowhere/*", ""},
    {"in/x/*", ""},
    {"in/d", ""},
};

static void globs_name_files_in_the_order_of_their_bytes(void **state) {
    (void)state;
    static const char *const paths[] = {
        "in/b.csv",
        "in/a.csv",
        "in/B.csv",
        "in/_h.csv",
        "in/.h.csv",
        "in/w.tmp",
        "in/w.csv.part",
        "in/x",
        "in/d/c.csv",
        "in/d/e/f.csv",
        "in/.d/g.csv",
        "in/_d/g.csv",
        "other/g.csv",
    };
    Sys *sys = sys_memory_new(1);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        text_put(sys, paths[i], "");
    }
    for (size_t i = 0; i < COUNT_OF(walks); i++) {
        Arena arena = {0};
        SourceListing listing;
        Buffer got = {0};
        assert_int_equal(glob_expand(sys, &arena, walks[i].glob, &listing), OUTCOME_OK);
        for (uint32_t f = 0; f < listing.files.count; f++) {
            buffer_format(&got, "%s%s", f > 0 ? " " : "", listing.files.items[f].path);
        }
        fixture_compare(walks[i].glob, "files", &got, walks[i].want);
        buffer_free(&got);
        arena_free(&arena);
    }
    sys_memory_free(sys);
}

// --- files ---------------------------------------------------------------------------------------

static void files_come_in_order_and_each_by_its_suffix(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    text_put(sys, "in/c.json", "{\"i64\":5}");
    text_put(sys, "in/a.ndjson", "{\"i64\":1}\n{\"i64\":2}");
    text_put(sys, "in/b.csv", "s,i64\nx,3\ny,4\n");
    text_put(sys, "in/bb.jsonl", "");
    Reading reading = source_read(sys, &fixture_source, "in/*");
    fixture_compare(
        "in", "rows", &reading.decoded.rows, "i64=1\ni64=2\ni64=3 s=\"x\"\ni64=4 s=\"y\"\ni64=5\n");
    fixture_compare("in", "files", &reading.files, "00113");
    reading_free(&reading);
    sys_memory_free(sys);
}

static void a_format_that_is_said_wins(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    text_put(sys, "in/a.log", "i64\n1\n");
    FlowSource source = fixture_source;
    source.format = FLOW_FORMAT_CSV;
    Reading reading = source_read(sys, &source, "in/a.log");
    fixture_compare("log", "rows", &reading.decoded.rows, "i64=1\n");
    reading_free(&reading);
    sys_memory_free(sys);
}

static void what_cannot_be_read_is_refused_before_anything_is(void **state) {
    (void)state;
    static const char *const globs[] = {"in/none.csv", "in/a.log", "in/*", "in"};
    Sys *sys = sys_memory_new(1);
    text_put(sys, "in/a.log", "i64\n1\n");
    for (size_t i = 0; i < COUNT_OF(globs); i++) {
        Reading reading = source_read(sys, &fixture_source, globs[i]);
        assert_int_equal(reading.outcome, OUTCOME_REFUSED);
        assert_int_equal(reading.decoded.row_count, 0);
        assert_non_null(strstr(sys->failure.text, "source things"));
        sys_forgive(sys);
        reading_free(&reading);
    }
    sys_memory_free(sys);
}

static void a_file_that_is_no_table_is_one_malformed_record(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    text_put(sys, "in/a.parquet", "PAR1");
    text_put(sys, "in/b.ndjson", "{\"i64\":1}\n");
    Reading reading = source_read(sys, &fixture_source, "in/*");
    assert_int_equal(reading.outcome, OUTCOME_OK);
    fixture_compare("both", "rows", &reading.decoded.rows, "i64=1\n");
    fixture_compare("both", "rejects", &reading.decoded.rejects, "F040 - @0\n");
    reading_free(&reading);
    sys_memory_free(sys);
}

static void a_wildcard_may_find_nothing(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    read_check(sys, "in/*.csv", "", "");
    sys_memory_free(sys);
}

static void a_file_that_shrinks_is_an_error_of_the_environment(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    text_put(sys, "a.ndjson", "{\"i64\":1}\n{\"i64\":2}\n");
    Decoded decoded = {0};
    SourceOptions options = {.glob = "a.ndjson", .reject = fixture_reject, .user = &decoded};
    Source *source;
    assert_int_equal(source_open(sys, &fixture_source, &options, &source), OUTCOME_OK);
    text_put(sys, "a.ndjson", "{\"i64\":1}\n");
    Batch *batch = batch_new(fixture_columns, COUNT_OF(fixture_columns));
    assert_int_equal(source_next(source, batch), OUTCOME_ENVIRONMENT);
    batch_free(batch);
    source_close(source);
    sys_memory_free(sys);
}

static void a_file_that_grows_ends_where_it_ended(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    text_put(sys, "a.ndjson", "{\"i64\":1}\n");
    Decoded decoded = {0};
    SourceOptions options = {.glob = "a.ndjson", .reject = fixture_reject, .user = &decoded};
    Source *source;
    assert_int_equal(source_open(sys, &fixture_source, &options, &source), OUTCOME_OK);
    text_put(sys, "a.ndjson", "{\"i64\":1}\n{\"i64\":2}\n");
    Batch *batch = batch_new(fixture_columns, COUNT_OF(fixture_columns));
    assert_int_equal(source_next(source, batch), OUTCOME_OK);
    assert_int_equal(batch->abi.row_count, 1);
    assert_int_equal(source_next(source, batch), OUTCOME_OK);
    assert_int_equal(batch->abi.row_count, 0);
    batch_free(batch);
    source_close(source);
    sys_memory_free(sys);
}

// --- chunks --------------------------------------------------------------------------------------

// Lines of all lengths over several chunks: the sum tells whether one was lost, doubled or torn.
static void records_cross_chunks(void **state) {
    (void)state;
    enum { ROWS = 60000 };
    Sys *sys = sys_memory_new(1);
    Buffer json = {0};
    Buffer csv = {0};
    buffer_text(&csv, "i64,s\n");
    for (int i = 0; i < ROWS; i++) {
        buffer_format(&json,
                      "{\"i64\":%d,\"s\":\"%.*s\"}\n",
                      i,
                      i % 60,
                      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        buffer_format(
            &csv,
            "%d,\"%.*s\"\n",
            i,
            i % 60,
            "y,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\ny,y\n");
    }
    sys_memory_put(sys, "a.ndjson", json.data, json.length);
    sys_memory_put(sys, "b.csv", csv.data, csv.length);
    static const char *const globs[] = {"a.ndjson", "b.csv"};
    for (size_t g = 0; g < COUNT_OF(globs); g++) {
        Decoded decoded = {0};
        SourceOptions options = {.glob = globs[g], .reject = fixture_reject, .user = &decoded};
        Source *source;
        assert_int_equal(source_open(sys, &fixture_source, &options, &source), OUTCOME_OK);
        Batch *batch = batch_new(fixture_columns, COUNT_OF(fixture_columns));
        int64_t next = 0;
        do {
            assert_int_equal(source_next(source, batch), OUTCOME_OK);
            for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
                assert_int_equal(batch_value(batch, 4, row).i64, next);
                FlowValue text = batch_value(batch, 9, row);
                assert_int_equal(text.view.length, next % 60);
                assert_true(text.view.length == 0 || flow_view_data(&text.view)[0] == "xy"[g]);
                next++;
            }
        } while (batch->abi.row_count > 0);
        assert_int_equal(next, ROWS);
        assert_int_equal(decoded.reject_count, 0);
        batch_free(batch);
        source_close(source);
    }
    buffer_free(&json);
    buffer_free(&csv);
    sys_memory_free(sys);
}

static void a_line_of_20_mib_is_one_reject(void **state) {
    (void)state;
    enum { HUGE_BYTES = 20 * 1024 * 1024 };
    Sys *sys = sys_memory_new(1);
    Buffer text = {0};
    buffer_text(&text, "{\"i64\":1}\n");
    buffer_reserve(&text, HUGE_BYTES);
    memset(text.data + text.length, 'x', HUGE_BYTES);
    text.length += HUGE_BYTES;
    buffer_text(&text, "\n{\"i64\":2}\n");
    sys_memory_put(sys, "a.ndjson", text.data, text.length);
    read_check(sys, "a.ndjson", "i64=1\ni64=2\n", "F010 - @10\n");
    buffer_free(&text);
    sys_memory_free(sys);
}

// --- compression ---------------------------------------------------------------------------------

static void gzip_append(Buffer *out, const char *text, size_t length) {
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    buffer_reserve(out, length + 1024);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (unsigned)length;
    stream.next_out = (unsigned char *)out->data + out->length;
    stream.avail_out = (unsigned)(length + 1024);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->length += stream.total_out;
    deflateEnd(&stream);
}

static void zstd_append(Buffer *out, const char *text, size_t length) {
    size_t bound = ZSTD_compressBound(length);
    buffer_reserve(out, bound);
    size_t got = ZSTD_compress(out->data + out->length, bound, text, length, 3);
    assert_false(ZSTD_isError(got));
    out->length += got;
}

typedef void (*PackFn)(Buffer *out, const char *text, size_t length);
static const PackFn packs[] = {gzip_append, zstd_append};

static void packed_put(Sys *sys, const char *path, PackFn pack, const char *text) {
    Buffer packed = {0};
    pack(&packed, text, strlen(text));
    sys_memory_put(sys, path, packed.data, packed.length);
    buffer_free(&packed);
}

static void compression_is_seen_by_content(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    packed_put(sys, "a.ndjson.gz", gzip_append, "{\"i64\":1}\n");
    packed_put(sys, "b.ndjson.zst", zstd_append, "{\"i64\":2}\n");
    packed_put(sys, "c.ndjson", gzip_append, "{\"i64\":3}\n");
    packed_put(sys, "d.ndjson.gz", zstd_append, "{\"i64\":4}\n");
    text_put(sys, "e.ndjson.zst", "{\"i64\":5}\n");
    packed_put(sys, "f.csv.gz", gzip_append, "i64\n6\n");
    packed_put(sys, "g.ndjson.gz", gzip_append, "");
    text_put(sys, "h.ndjson.gz", "");
    read_check(sys, "*", "i64=1\ni64=2\ni64=3\ni64=4\ni64=5\ni64=6\n", "");
    sys_memory_free(sys);
}

static void members_and_frames_follow_each_other(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(packs); i++) {
        Sys *sys = sys_memory_new(1);
        Buffer packed = {0};
        packs[i](&packed, "{\"i64\":1}\n{\"i6", 14);
        packs[i](&packed, "", 0);
        packs[i](&packed, "4\":2}\n", 6);
        if (packs[i] == gzip_append) {
            buffer_append(&packed, "\0\0\0\0\0", 5); // Padding, as tapes leave it.
        }
        sys_memory_put(sys, "a.ndjson", packed.data, packed.length);
        read_check(sys, "a.ndjson", "i64=1\ni64=2\n", "");
        buffer_free(&packed);
        sys_memory_free(sys);
    }
}

static int64_t cut_rows(Sys *sys, const char *bytes, size_t length) {
    sys_memory_put(sys, "a.ndjson.gz", bytes, length);
    Reading reading = source_read(sys, &fixture_source, "a.ndjson.gz");
    assert_int_equal(reading.outcome, OUTCOME_OK);
    assert_int_equal(reading.decoded.reject_count, 1);
    int64_t rows = reading.decoded.row_count;
    assert_non_null(strstr(buffer_cstring(&reading.decoded.rejects), "F016 -"));
    reading_free(&reading);
    return rows;
}

// Wherever the file breaks off: the whole records before it, and one malformed record.
static void broken_data_is_one_malformed_record_after_the_whole_ones(void **state) {
    (void)state;
    enum { ROWS = 40 };
    for (size_t i = 0; i < COUNT_OF(packs); i++) {
        Sys *sys = sys_memory_new(1);
        Buffer packed = {0};
        Buffer text = {0};
        for (int row = 0; row < ROWS; row++) {
            buffer_clear(&text);
            buffer_format(&text, "{\"i64\":%d}\n", row * 7919);
            packs[i](&packed, text.data, text.length);
        }
        // Behind the magic, and not between two members.
        int64_t rows_before = 0;
        for (size_t cut = 4; cut < packed.length; cut += 3) {
            bool is_boundary = memcmp(packed.data + cut, packed.data, 4) == 0;
            if (!is_boundary) {
                int64_t rows = cut_rows(sys, packed.data, cut);
                assert_true(rows >= rows_before && rows <= ROWS);
                rows_before = rows;
            }
        }
        assert_true(rows_before >= ROWS - 1);
        buffer_free(&packed);
        buffer_free(&text);
        sys_memory_free(sys);
    }
}

static void damaged_data_ends_the_file_and_the_next_is_read(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(packs); i++) {
        Sys *sys = sys_memory_new(1);
        Buffer packed = {0};
        packs[i](&packed, "{\"i64\":1}\n{\"i64\":2}\n", 20);
        buffer_text(&packed, "this is neither of them");
        sys_memory_put(sys, "a.ndjson", packed.data, packed.length);
        text_put(sys, "b.ndjson", "{\"i64\":3}\n");
        read_check(sys, "*", "i64=1\ni64=2\ni64=3\n", "F016 - @20\n");
        buffer_free(&packed);
        sys_memory_free(sys);
    }
}

static void the_rest_of_broken_data_is_its_raw(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Buffer packed = {0};
    zstd_append(&packed, "{\"i64\":1}\n{\"i64\":22", 18);
    buffer_text(&packed, "????");
    sys_memory_put(sys, "a.ndjson", packed.data, packed.length);
    Reading reading = source_read(sys, &fixture_source, "a.ndjson");
    fixture_compare("raw", "raws", &reading.decoded.raws, "{\"i64\":2\n");
    fixture_compare("raw", "rejects", &reading.decoded.rejects, "F016 - @10\n");
    reading_free(&reading);
    buffer_free(&packed);
    sys_memory_free(sys);
}

static void large_compressed_files_come_whole(void **state) {
    (void)state;
    enum { ROWS = 200000 };
    Buffer text = {0};
    for (int i = 0; i < ROWS; i++) {
        buffer_format(&text, "{\"i64\":%d}\n", i);
    }
    for (size_t i = 0; i < COUNT_OF(packs); i++) {
        Sys *sys = sys_memory_new(1);
        Buffer packed = {0};
        packs[i](&packed, text.data, text.length);
        sys_memory_put(sys, "a.ndjson", packed.data, packed.length);
        Reading reading = source_read(sys, &fixture_source, "a.ndjson");
        assert_int_equal(reading.decoded.row_count, ROWS);
        assert_int_equal(reading.decoded.reject_count, 0);
        reading_free(&reading);
        buffer_free(&packed);
        sys_memory_free(sys);
    }
    buffer_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_names),
        cmocka_unit_test(globs_name_files_in_the_order_of_their_bytes),
        cmocka_unit_test(files_come_in_order_and_each_by_its_suffix),
        cmocka_unit_test(a_format_that_is_said_wins),
        cmocka_unit_test(what_cannot_be_read_is_refused_before_anything_is),
        cmocka_unit_test(a_file_that_is_no_table_is_one_malformed_record),
        cmocka_unit_test(a_wildcard_may_find_nothing),
        cmocka_unit_test(a_file_that_shrinks_is_an_error_of_the_environment),
        cmocka_unit_test(a_file_that_grows_ends_where_it_ended),
        cmocka_unit_test(records_cross_chunks),
        cmocka_unit_test(a_line_of_20_mib_is_one_reject),
        cmocka_unit_test(compression_is_seen_by_content),
        cmocka_unit_test(members_and_frames_follow_each_other),
        cmocka_unit_test(broken_data_is_one_malformed_record_after_the_whole_ones),
        cmocka_unit_test(damaged_data_ends_the_file_and_the_next_is_read),
        cmocka_unit_test(the_rest_of_broken_data_is_its_raw),
        cmocka_unit_test(large_compressed_files_come_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
