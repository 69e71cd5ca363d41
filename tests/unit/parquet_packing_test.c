// Goal: what Parquet packs into bits and bytes comes out as it went in, and nothing is read or
// written out of bounds. Method: the packings against values of every width, in pieces of odd
// lengths; blocks of Snappy and LZ4 made by hand, sound and broken; thrift's structs with every
// kind of field.
#include "format/parquet/codec.h"
#include "format/parquet/column.h"
#include "format/parquet/packing.h"
#include "format/parquet/thrift.h"
#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 29)) * 0xD6E8FEB86659FD93u;
    return x ^ (x >> 32);
}

// --- integers ----------------------------------------------------------------------------------
static void rle_check(const uint32_t *values, uint32_t count, uint32_t width) {
    Buffer packed = {0};
    parquet_rle_write(&packed, values, count, width);
    size_t length = packed.length;
    buffer_reserve(&packed, PARQUET_SLACK);
    ParquetRle rle = parquet_rle((const uint8_t *)packed.data, length, width);
    uint32_t found[1000];
    for (uint32_t at = 0; at < count;) {
        uint32_t step = count - at < 37 ? count - at : 37;
        assert_true(parquet_rle_read(&rle, found + at, step));
        at += step;
    }
    assert_memory_equal(found, values, count * sizeof *values);
    buffer_free(&packed);
}

static void hybrids_of_every_width_come_back(void **state) {
    (void)state;
    uint32_t values[1000];
    for (uint32_t width = 1; width <= 32; width++) {
        uint32_t mask = width == 32 ? UINT32_MAX : (1u << width) - 1;
        for (uint32_t i = 0; i < COUNT_OF(values); i++) {
            bool is_run = i / 50 % 3 == 1;
            values[i] = (uint32_t)mix(is_run ? i / 50 : i) & mask;
        }
        for (uint32_t count = 0; count <= COUNT_OF(values); count += count < 40 ? 1 : 191) {
            rle_check(values, count, width);
        }
    }
}

// Every way that this machine has against the first one, which every machine has.
static void all_ways_of_measuring_differences_agree(void **state) {
    (void)state;
    enum { ROUNDS = 600 };
    ParquetMeasureFn ways[PARQUET_DELTA_WAYS_MAX];
    uint32_t way_count = parquet_delta_ways(ways);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        int64_t deltas[PARQUET_DELTA_WAYS_MAX][PARQUET_DELTA_BLOCK];
        uint64_t all[PARQUET_DELTA_WAYS_MAX][PARQUET_DELTA_MINIS];
        int64_t least[PARQUET_DELTA_WAYS_MAX];
        uint32_t count = 1 + (uint32_t)(mix(round) % PARQUET_DELTA_BLOCK);
        for (uint32_t way = 0; way < way_count; way++) {
            for (uint32_t i = 0; i < count; i++) {
                deltas[way][i] = (int64_t)mix(round << 8 | i) >> (round % 64);
            }
            least[way] = ways[way](deltas[way], count, all[way]);
            assert_true(least[way] == least[0]);
            assert_memory_equal(deltas[way], deltas[0], sizeof deltas[0]);
            assert_memory_equal(all[way], all[0], sizeof all[0]);
        }
        for (uint32_t i = count; i < PARQUET_DELTA_BLOCK; i++) {
            assert_int_equal(deltas[0][i], 0);
        }
    }
}

// The encoding that was replaced by the hybrid: the highest bit first.
static void old_levels_are_read(void **state) {
    (void)state;
    uint8_t packed[3 + PARQUET_SLACK] = {0x05, 0x39, 0x77};
    ParquetRle rle = parquet_rle_msb(packed, 3, 3, 8);
    uint32_t found[8];
    assert_int_equal(parquet_rle_take_run(&rle, 7, 8), 0);
    assert_true(parquet_rle_read(&rle, found, 3));
    assert_true(parquet_rle_read(&rle, found + 3, 5));
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(found[i], i);
    }
    assert_false(parquet_rle_read(&rle, found, 1));
}

static void deltas_check(const int64_t *values, uint32_t count, bool is_narrow) {
    int32_t narrow[700];
    for (uint32_t i = 0; i < count; i++) {
        narrow[i] = (int32_t)values[i];
    }
    Buffer packed = {0};
    if (is_narrow) {
        parquet_delta_write32(&packed, narrow, count);
    } else {
        parquet_delta_write64(&packed, values, count);
    }
    size_t length = packed.length;
    buffer_text(&packed, "behind");
    buffer_reserve(&packed, PARQUET_SLACK);
    ParquetDelta delta;
    assert_true(parquet_delta_begin(&delta, (const uint8_t *)packed.data, length + 6));
    assert_int_equal(delta.left, count);
    uint64_t found[700];
    assert_true(parquet_delta_read(&delta, found, count / 3));
    assert_true(parquet_delta_read(&delta, found + count / 3, count - count / 3));
    assert_memory_equal(delta.next, "behind", 6);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(is_narrow ? (int32_t)found[i] == narrow[i] : (int64_t)found[i] == values[i]);
    }
    buffer_free(&packed);
}

static void deltas_of_every_width_come_back(void **state) {
    (void)state;
    int64_t values[700];
    for (uint32_t width = 0; width <= 64; width += width < 32 ? 1 : 4) {
        uint64_t mask = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
        for (uint32_t i = 0; i < COUNT_OF(values); i++) {
            values[i] = (int64_t)(mix(i) & mask) - 5;
        }
        static const uint32_t counts[] = {0, 1, 2, 33, 128, 129, 130, 385, 700};
        for (size_t i = 0; i < COUNT_OF(counts); i++) {
            deltas_check(values, counts[i], false);
            deltas_check(values, counts[i], true);
        }
    }
}

// --- blocks ------------------------------------------------------------------------------------
typedef struct BlockCase {
    const char *packed;
    size_t packed_length;
    const char *raw; // NULL: must be refused
    size_t raw_length;
    bool (*unpack)(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length);
} BlockCase;

static void blocks_are_unpacked_within_bounds(void **state) {
    (void)state;
    static const BlockCase cases[] = {
        {"\x0b\x28hello world", 13, "hello world", 11, parquet_snappy_unpack},
        {"\x09\x08"
         "abc\x09\x03",
         7,
         "abcabcabc",
         9,
         parquet_snappy_unpack}, // one-byte offset
        {"\x09\x08"
         "abc\x16\x03\x00",
         8,
         "abcabcabc",
         9,
         parquet_snappy_unpack}, // two-byte offset
        {"\x09\x08"
         "abc\x17\x03\x00\x00\x00",
         10,
         "abcabcabc",
         9,
         parquet_snappy_unpack}, // four-byte offset
        {"\x05\x08"
         "abc\x09\x03",
         7,
         NULL,
         5,
         parquet_snappy_unpack}, // more than it says
        {"\x0a\x08"
         "abc\x09\x03",
         7,
         NULL,
         10,
         parquet_snappy_unpack}, // less
        {"\x09\x08"
         "abc\x09\x04",
         7,
         NULL,
         9,
         parquet_snappy_unpack}, // from before the start
        {"\x09\x08"
         "abc\x09\x00",
         7,
         NULL,
         9,
         parquet_snappy_unpack}, // from nowhere
        {"\x0b\x28hello", 7, NULL, 11, parquet_snappy_unpack},
        {"\x05\xf0", 2, NULL, 5, parquet_snappy_unpack},
        {"\xff\xff\xff\xff\xff\x01", 6, NULL, 5, parquet_snappy_unpack},
        {"\x50hello", 6, "hello", 5, parquet_lz4_unpack},
        {"\x32"
         "abc\x03\x00\x00",
         7,
         "abcabcabc",
         9,
         parquet_lz4_unpack},
        {"\x32"
         "abc\x04\x00\x00",
         7,
         NULL,
         9,
         parquet_lz4_unpack},
        {"\x32"
         "abc\x00\x00\x00",
         7,
         NULL,
         9,
         parquet_lz4_unpack},
        {"\x3f"
         "abc\x03\x00\xff",
         7,
         NULL,
         9,
         parquet_lz4_unpack},
        {"\xf0", 1, NULL, 15, parquet_lz4_unpack},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t in[32 + PARQUET_SLACK] = {0};
        uint8_t out[32 + PARQUET_SLACK];
        memcpy(in, cases[i].packed, cases[i].packed_length);
        bool is_unpacked = cases[i].unpack(in, cases[i].packed_length, out, cases[i].raw_length);
        assert_int_equal(is_unpacked, cases[i].raw != NULL);
        if (is_unpacked) {
            assert_memory_equal(out, cases[i].raw, cases[i].raw_length);
        }
    }
}

// Hadoop's LZ4 has lengths in front, others left them out: both under the same name.
static void both_forms_of_lz4_are_known(void **state) {
    (void)state;
    uint8_t framed[32 + PARQUET_SLACK] = "\0\0\0\x09\0\0\0\x07\x32"
                                         "abc\x03\x00\x00";
    uint8_t out[9 + PARQUET_SLACK];
    ParquetUnpacker unpacker = {0};
    assert_true(parquet_unpack(&unpacker, PARQUET_CODEC_LZ4_HADOOP, framed, 15, out, 9));
    assert_memory_equal(out, "abcabcabc", 9);
    assert_true(parquet_unpack(&unpacker, PARQUET_CODEC_LZ4_HADOOP, framed + 8, 7, out, 9));
    assert_memory_equal(out, "abcabcabc", 9);
    assert_false(parquet_unpack(&unpacker, PARQUET_CODEC_LZ4_HADOOP, framed, 14, out, 9));
}

// --- bounds ---
#define TEN(c) c c c c c c c c c c
#define SIXTY(c) TEN(c) TEN(c) TEN(c) TEN(c) TEN(c) TEN(c)

typedef struct BoundCase {
    FlowKind kind;
    const char *text;
    const char *min;
    const char *max; // NULL: there is none
} BoundCase;

// What a reader may conclude from a shortened bound must hold for the whole text.
static void long_texts_have_short_bounds(void **state) {
    (void)state;
    static const BoundCase cases[] = {
        {FLOW_STRING, "short", "short", "short"},
        {FLOW_STRING, SIXTY("a") "bbbb", SIXTY("a") "bbbb", SIXTY("a") "bbbb"},
        {FLOW_STRING, SIXTY("a") "bbbbc", SIXTY("a") "bbbb", SIXTY("a") "bbbc"},
        {FLOW_STRING, SIXTY("a") "bbb\xC3\xA9", SIXTY("a") "bbb", SIXTY("a") "bbc"},
        {FLOW_STRING, SIXTY("a") "bb\xC3\xA9 ", SIXTY("a") "bb\xC3\xA9", SIXTY("a") "bb\xC3\xAA"},
        {FLOW_STRING, SIXTY("a") "bbb\x7F ", SIXTY("a") "bbb\x7F", SIXTY("a") "bbb\xC2\x80"},
        {FLOW_STRING,
         SIXTY("a") "b\xED\x9F\xBF ",
         SIXTY("a") "b\xED\x9F\xBF",
         SIXTY("a") "b\xEE\x80\x80"},
        {FLOW_STRING,
         SIXTY("a") "\xF4\x8F\xBF\xBF ",
         SIXTY("a") "\xF4\x8F\xBF\xBF",
         TEN("a") TEN("a") TEN("a") TEN("a") TEN("a") "aaaaaaaaab"},
        {FLOW_BYTES, SIXTY("\xFF") "\xFF\xFF\xFF\xFF\xFF", SIXTY("\xFF") "\xFF\xFF\xFF\xFF", NULL},
        {FLOW_BYTES, SIXTY("a") "bb\xFF\xFF\xFF", SIXTY("a") "bb\xFF\xFF", SIXTY("a") "bc"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FlowTypeDesc type = {.kind = (int32_t)cases[i].kind};
        ParquetColumn column = {.type = &type, .order = PARQUET_ORDER_TEXT};
        FlowValue value = {.view = view_text(cases[i].text)};
        bool is_exact = false;
        ParquetBytes min = parquet_bound_bytes(&column, &value, false, &is_exact, &arena);
        assert_int_equal(min.length, strlen(cases[i].min));
        assert_memory_equal(min.data, cases[i].min, min.length);
        assert_int_equal(is_exact, strlen(cases[i].text) <= PARQUET_BOUND_BYTES_MAX);
        ParquetBytes max = parquet_bound_bytes(&column, &value, true, &is_exact, &arena);
        assert_int_equal(max.data != NULL, cases[i].max != NULL);
        if (cases[i].max != NULL) {
            assert_int_equal(max.length, strlen(cases[i].max));
            assert_memory_equal(max.data, cases[i].max, max.length);
        }
    }
    arena_free(&arena);
}

static int32_t order_of(const int64_t *bounds, uint32_t page_count) {
    ParquetPage pages[8] = {0};
    for (uint32_t i = 0; i < page_count; i++) {
        pages[i].value_count =
            bounds[2 * i] <= bounds[2 * i + 1]; // crossed bounds: a page of nulls
        pages[i].bounds.min.i64 = bounds[2 * i];
        pages[i].bounds.max.i64 = bounds[2 * i + 1];
    }
    return parquet_boundary_order(PARQUET_ORDER_INT, pages, page_count);
}

static void the_order_of_pages_is_claimed_only_if_it_is_so(void **state) {
    (void)state;
    static const int64_t rising[] = {1, 5, 1, 6, 9, 0, 3, 6};
    static const int64_t falling[] = {9, 9, 5, 9, 5, 6};
    static const int64_t nested[] = {1, 9, 2, 8};
    static const int64_t mixed[] = {1, 2, 3, 4, 2, 3};
    assert_int_equal(order_of(rising, 4), 1);
    assert_int_equal(order_of(falling, 3), 2);
    assert_int_equal(order_of(nested, 2), 0);
    assert_int_equal(order_of(mixed, 3), 0);
}

// --- thrift ------------------------------------------------------------------------------------
// A reader that knows only field 2 of the outer struct and 20 of the inner one skips all the rest.
static void thrift_sample(Buffer *out) {
    ThriftWriter writer = {.out = out};
    thrift_begin(&writer);
    thrift_put_bool(&writer, 1, true);
    thrift_put_i64(&writer, 2, INT64_MIN);
    thrift_put_text(&writer, 3, "text");
    thrift_put_list(&writer, 4, THRIFT_TRUE, 20);
    for (int i = 0; i < 20; i++) {
        thrift_element_bool(&writer, i % 2 == 0);
    }
    thrift_begin_field(&writer, 5);
    thrift_put_i8(&writer, 1, -1);
    thrift_put_i16(&writer, 2, -300);
    thrift_put_i32(&writer, 20, INT32_MAX);
    thrift_end(&writer);
    thrift_put_list(&writer, 6, THRIFT_STRUCT, 1);
    thrift_begin(&writer);
    thrift_put_list(&writer, 1, THRIFT_BINARY, 1);
    thrift_element_binary(&writer, "x", 1);
    thrift_end(&writer);
    thrift_put_empty(&writer, 7);
    thrift_end(&writer);
}

typedef struct Sample {
    int64_t outer;
    int32_t inner;
} Sample;

static bool sample_read(const void *bytes, size_t length, Sample *sample) {
    ThriftReader reader = thrift_reader(bytes, length);
    thrift_enter(&reader);
    ThriftField field;
    while (thrift_field(&reader, &field)) {
        if (field.id == 2) {
            sample->outer = thrift_get_i64(&reader, field);
        } else if (field.id == 5 && thrift_get_struct(&reader, field)) {
            while (thrift_field(&reader, &field)) {
                if (field.id == 20) {
                    sample->inner = thrift_get_i32(&reader, field);
                } else {
                    thrift_skip(&reader, field);
                }
            }
        } else {
            thrift_skip(&reader, field);
        }
    }
    return !reader.is_bad;
}

static void structs_come_back_and_what_is_unknown_is_skipped(void **state) {
    (void)state;
    Buffer bytes = {0};
    thrift_sample(&bytes);
    Sample sample = {0};
    assert_true(sample_read(bytes.data, bytes.length, &sample));
    assert_true(sample.outer == INT64_MIN);
    assert_int_equal(sample.inner, INT32_MAX);
    for (size_t length = 0; length < bytes.length; length++) {
        assert_false(sample_read(bytes.data, length, &sample));
    }
    buffer_free(&bytes);
}

static void depth_and_lengths_are_bounded(void **state) {
    (void)state;
    char structs[200];
    memset(structs, 0x1C, sizeof structs); // a struct in a struct in a struct
    char lists[200];
    memset(lists, 0x19, sizeof lists); // a list of one list of one list
    static const char long_text[] = "\x18\xff\xff\xff\xff\x0f";
    static const char long_list[] = "\x19\xf8\xff\xff\xff\xff\x0f";
    static const char long_map[] = "\x1b\xff\xff\xff\xff\x0f\x88";
    static const char endless[] = "\x16\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    Sample sample;
    assert_false(sample_read(structs, sizeof structs, &sample));
    assert_false(sample_read(lists, sizeof lists, &sample));
    assert_false(sample_read(long_text, sizeof long_text - 1, &sample));
    assert_false(sample_read(long_list, sizeof long_list - 1, &sample));
    assert_false(sample_read(long_map, sizeof long_map - 1, &sample));
    assert_false(sample_read(endless, sizeof endless - 1, &sample));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hybrids_of_every_width_come_back),
        cmocka_unit_test(deltas_of_every_width_come_back),
        cmocka_unit_test(all_ways_of_measuring_differences_agree),
        cmocka_unit_test(old_levels_are_read),
        cmocka_unit_test(blocks_are_unpacked_within_bounds),
        cmocka_unit_test(both_forms_of_lz4_are_known),
        cmocka_unit_test(long_texts_have_short_bounds),
        cmocka_unit_test(the_order_of_pages_is_claimed_only_if_it_is_so),
        cmocka_unit_test(structs_come_back_and_what_is_unknown_is_skipped),
        cmocka_unit_test(depth_and_lengths_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
