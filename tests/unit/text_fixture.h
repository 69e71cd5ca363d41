// What the tests of the text formats share: a contract with a column of every type, and a decoding
// that is done in several ways which must all give the same: at once and in pieces of any size, by
// prediction and carefully. What comes out is text: a line for each row with the columns that are
// not null, and a line for each reject: its code, its column, its position.
#ifndef FLOW_TESTS_TEXT_FIXTURE_H
#define FLOW_TESTS_TEXT_FIXTURE_H

#include "format/format.h"
#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

// --- contracts -----------------------------------------------------------------------------------

static const FlowText fixture_texts[] = {
    {"EUR"}, {"USD"}, {""}, {"a \"quote\""}, {"größer"}, {"a text of more than fifteen bytes"}};

static const FlowTypeDesc any_bool = {.kind = FLOW_BOOL, .is_nullable = 1};
static const FlowTypeDesc any_i8 = {.kind = FLOW_INT8, .is_nullable = 1};
static const FlowTypeDesc any_i16 = {.kind = FLOW_INT16, .is_nullable = 1};
static const FlowTypeDesc any_i32 = {.kind = FLOW_INT32, .is_nullable = 1};
static const FlowTypeDesc any_i64 = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc any_f32 = {.kind = FLOW_FLOAT32, .is_nullable = 1};
static const FlowTypeDesc any_f64 = {.kind = FLOW_FLOAT64, .is_nullable = 1};
static const FlowTypeDesc any_dec = {
    .kind = FLOW_DECIMAL, .is_nullable = 1, .precision = 12, .scale = 2};
static const FlowTypeDesc any_wide = {
    .kind = FLOW_DECIMAL, .is_nullable = 1, .precision = 38, .scale = 10};
static const FlowTypeDesc any_text = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc any_bytes = {.kind = FLOW_BYTES, .is_nullable = 1};
static const FlowTypeDesc any_day = {.kind = FLOW_DATE, .is_nullable = 1};
static const FlowTypeDesc any_time = {.kind = FLOW_TIMESTAMP, .is_nullable = 1};
static const FlowTypeDesc any_span = {.kind = FLOW_DURATION, .is_nullable = 1};
static const FlowTypeDesc any_enum = {.kind = FLOW_ENUM,
                                      .is_nullable = 1,
                                      .enum_values = fixture_texts,
                                      .enum_values_count = COUNT_OF(fixture_texts)};
static const FlowTypeDesc must_i64 = {.kind = FLOW_INT64};
static const FlowTypeDesc must_text = {.kind = FLOW_STRING};
static const FlowTypeDesc must_time = {.kind = FLOW_TIMESTAMP};

static const FlowColumnDesc fixture_columns[] = {
    {.name = "b", .type = &any_bool, .is_used = 1},
    {.name = "i8", .type = &any_i8, .is_used = 1},
    {.name = "i16", .type = &any_i16, .is_used = 1},
    {.name = "i32", .type = &any_i32, .is_used = 1},
    {.name = "i64", .type = &any_i64, .is_used = 1},
    {.name = "f32", .type = &any_f32, .is_used = 1},
    {.name = "f64", .type = &any_f64, .is_used = 1},
    {.name = "dec", .type = &any_dec, .is_used = 1},
    {.name = "wide", .type = &any_wide, .is_used = 1},
    {.name = "s", .type = &any_text, .is_used = 1},
    {.name = "raw", .type = &any_bytes, .is_used = 1},
    {.name = "day", .type = &any_day, .is_used = 1},
    {.name = "ts", .type = &any_time, .is_used = 1},
    {.name = "span", .type = &any_span, .is_used = 1},
    {.name = "e", .type = &any_enum, .is_used = 1},
};
static const FlowSource fixture_source = {
    .name = "things",
    .csv_delimiter = ',',
    .csv_header = 1,
    .csv_null = "",
    .columns = fixture_columns,
    .columns_count = COUNT_OF(fixture_columns),
};

static const FlowColumnDesc fixture_pair_columns[] = {
    {.name = "id", .type = &must_i64, .is_used = 1},
    {.name = "name", .type = &must_text, .is_used = 1},
};
static const FlowSource fixture_pair = {
    .name = "pairs",
    .csv_delimiter = ',',
    .csv_header = 1,
    .csv_null = "",
    .columns = fixture_pair_columns,
    .columns_count = COUNT_OF(fixture_pair_columns),
};

// --- decoding ------------------------------------------------------------------------------------

typedef struct Decoded {
    Buffer rows;
    Buffer rejects;
    Buffer messages;
    Buffer raws; // of rejects, at most 40 bytes each
    int64_t records;
    int64_t filtered;
    int64_t row_count;
    int64_t reject_count;
} Decoded;

static inline void decoded_free(Decoded *decoded) {
    buffer_free(&decoded->rows);
    buffer_free(&decoded->rejects);
    buffer_free(&decoded->messages);
    buffer_free(&decoded->raws);
}

static inline void fixture_reject(void *user, const FormatReject *reject) {
    Decoded *decoded = user;
    bool is_schema = reject->reject_class == FLOW_REJECT_SCHEMA;
    assert_true(reject->column == NULL || is_schema);
    assert_true(strlen(reject->message) < 300);
    buffer_format(&decoded->rejects,
                  "%s %s @%lld\n",
                  reject->code,
                  reject->column != NULL ? reject->column : "-",
                  (long long)reject->position);
    buffer_format(&decoded->messages, "%s\n", reject->message);
    buffer_append(&decoded->raws, reject->raw, reject->raw_length < 40 ? reject->raw_length : 40);
    buffer_char(&decoded->raws, '\n');
    decoded->reject_count++;
}

static inline void fixture_row(Buffer *out, const Batch *batch, uint32_t row, uint32_t count) {
    bool is_first = true;
    for (uint32_t column = 0; column < count; column++) {
        if (batch_is_null(batch, column, row)) {
            continue;
        }
        FlowValue value = batch_value(batch, column, row);
        buffer_text(out, is_first ? "" : " ");
        buffer_format(out, "%s=", batch->descs[column].name);
        value_json(out, batch->descs[column].type, &value);
        is_first = false;
    }
    buffer_char(out, '\n');
}

static inline void fixture_rows(Decoded *decoded, const Batch *batch, const FlowSource *source) {
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        fixture_row(&decoded->rows, batch, (uint32_t)row, (uint32_t)source->columns_count);
    }
    decoded->row_count += batch->abi.row_count;
}

typedef struct Way {
    size_t piece; // bytes that come at a time
    bool is_careful;
    bool is_unpredicted;
    char slack;  // what stands behind the bytes, as it may be anything
    bool is_cut; // pieces of about these bytes are decoded apart from each other
} Way;

// Each run gets memory of its own, with nothing readable behind the slack.
static inline char *fixture_chunk(const char *bytes, size_t length, char slack) {
    char *chunk = memory_alloc(length + FORMAT_SLACK_BYTES);
    memcpy(chunk, bytes, length);
    memset(chunk + length, slack, FORMAT_SLACK_BYTES);
    return chunk;
}

static inline void fixture_feed(TextDecoder *decoder,
                                const char *text,
                                size_t length,
                                Way way,
                                Decoded *decoded,
                                const FlowSource *source) {
    Batch *batch = batch_new(source->columns, (uint32_t)source->columns_count);
    size_t begin = 0;
    size_t end = 0;
    bool is_last = false;
    while (!is_last) {
        end = length - end < way.piece ? length : end + way.piece;
        is_last = end == length;
        size_t used;
        do {
            char *chunk = fixture_chunk(text + begin, end - begin, way.slack);
            batch_clear(batch);
            used = text_decoder_run(decoder, chunk, end - begin, (int64_t)begin, is_last, batch);
            fixture_rows(decoded, batch, source);
            begin += used;
            memory_free(chunk);
        } while (used > 0);
    }
    assert_int_equal(begin, length);
    batch_free(batch);
}

// Where the piece that begins here ends.
static inline size_t fixture_cut(const FlowSource *source,
                                 FlowFormat format,
                                 const char *text,
                                 size_t begin,
                                 size_t length,
                                 size_t wanted) {
    for (size_t end = begin; end < length;) {
        end = length - end < wanted ? length : end + wanted;
        size_t used = text_cut(source, format, begin == 0, text + begin, end - begin);
        if (used > 0 && end < length) {
            return begin + used;
        }
    }
    return length;
}

// Each piece with a decoder that has seen nothing of the others but the header.
static inline void fixture_feed_cut(const FlowSource *source,
                                    FlowFormat format,
                                    const char *text,
                                    size_t length,
                                    Way way,
                                    Decoded *decoded) {
    size_t header_begin = 0;
    size_t header_length = text_header(source, format, text, length, &header_begin);
    char *header = fixture_chunk(text + header_begin, header_length, way.slack);
    for (size_t begin = 0; begin < length || begin == 0;) {
        size_t end = fixture_cut(source, format, text, begin, length, way.piece);
        bool has_header = header_length > 0 && begin > header_begin;
        TextDecoder *decoder = text_decoder_new(source, format, fixture_reject, decoded);
        text_decoder_careful(decoder, way.is_careful);
        if (begin == 0) {
            text_decoder_begin(decoder, 3, "in/file", 1234);
        } else {
            text_decoder_resume(
                decoder, 3, "in/file", 1234, has_header ? header : NULL, header_length);
        }
        Batch *batch = batch_new(source->columns, (uint32_t)source->columns_count);
        char *chunk = fixture_chunk(text + begin, end - begin, way.slack);
        size_t at = 0;
        size_t used;
        do {
            batch_clear(batch);
            used = text_decoder_run(
                decoder, chunk + at, end - begin - at, (int64_t)(begin + at), end == length, batch);
            fixture_rows(decoded, batch, source);
            at += used;
        } while (used > 0);
        assert_int_equal(at, end - begin);
        decoded->records += text_decoder_records(decoder);
        decoded->filtered += text_decoder_filtered(decoder);
        memory_free(chunk);
        batch_free(batch);
        text_decoder_free(decoder);
        begin = end > 0 ? end : 1;
    }
    memory_free(header);
}

static inline Decoded fixture_decode_cut(
    const FlowSource *source, FlowFormat format, const char *text, size_t length, Way way) {
    Decoded decoded = {0};
    fixture_feed_cut(source, format, text, length, way, &decoded);
    assert_int_equal(decoded.records, decoded.row_count + decoded.reject_count + decoded.filtered);
    return decoded;
}

static inline Decoded fixture_decode(
    const FlowSource *source, FlowFormat format, const char *text, size_t length, Way way) {
    if (way.is_cut && text_is_cut(format)) {
        return fixture_decode_cut(source, format, text, length, way);
    }
    Decoded decoded = {0};
    TextDecoder *decoder = text_decoder_new(source, format, fixture_reject, &decoded);
    text_decoder_careful(decoder, way.is_careful);
    if (way.is_unpredicted) {
        text_decoder_unpredicted(decoder);
    }
    text_decoder_begin(decoder, 3, "in/file", 1234);
    fixture_feed(decoder, text, length, way, &decoded, source);
    decoded.records = text_decoder_records(decoder);
    decoded.filtered = text_decoder_filtered(decoder);
    // No record disappears.
    assert_int_equal(decoded.records, decoded.row_count + decoded.reject_count + decoded.filtered);
    text_decoder_free(decoder);
    return decoded;
}

static inline void
fixture_compare(const char *name, const char *what, Buffer *got, const char *want) {
    if (strcmp(buffer_cstring(got), want) != 0) {
        print_error("%s: %s\n got: %s\nwant: %s\n", name, what, buffer_cstring(got), want);
        fail();
    }
}

static const Way fixture_ways[] = {
    {.piece = SIZE_MAX, .slack = '\n'},
    {.piece = SIZE_MAX, .slack = '7'},
    {.piece = SIZE_MAX, .slack = '"', .is_careful = true},
    {.piece = 1, .slack = '"'},
    {.piece = 7, .slack = '}', .is_careful = true},
    {.piece = 64, .slack = ','},
    {.piece = 1, .slack = '\n', .is_cut = true},
    {.piece = 50, .slack = '"', .is_cut = true},
    {.piece = SIZE_MAX, .slack = '}', .is_unpredicted = true},
    {.piece = 64, .slack = ' ', .is_unpredicted = true},
};

// An input and what comes of it.
typedef struct Case {
    const char *name;
    const char *text;
    size_t length;
    const char *rows;
    const char *rejects;
} Case;

// The literal may hold NUL bytes.
#define INPUT(text) (text), sizeof(text) - 1

// Decodes in all ways and compares each with what is wanted.
static inline void
fixture_check(const FlowSource *source, FlowFormat format, const Case *cases, size_t count) {
    for (size_t i = 0; i < count * COUNT_OF(fixture_ways); i++) {
        const Case *c = &cases[i / COUNT_OF(fixture_ways)];
        Way way = fixture_ways[i % COUNT_OF(fixture_ways)];
        Decoded decoded = fixture_decode(source, format, c->text, c->length, way);
        fixture_compare(c->name, "rows", &decoded.rows, c->rows);
        fixture_compare(c->name, "rejects", &decoded.rejects, c->rejects);
        decoded_free(&decoded);
    }
}

#endif
