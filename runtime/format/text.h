// What the two text decoders share: the columns that a record's values go to, and the way a record
// ends: as a row, left out by a test, or rejected. Inside of format only.
#ifndef FLOW_FORMAT_TEXT_H
#define FLOW_FORMAT_TEXT_H

#include "format/format.h"
#include "format/swar.h"
#include "scalar/scalar.h"

typedef enum TextReject {
    REJECT_NONE,
#define REJECT(code, name, reject_class, message) REJECT_##name,
#include "format/reject.def"
#undef REJECT
    REJECT_COUNT,
} TextReject;

struct TextColumn;

// Why a record is no row; the fields are what the messages of reject.def name.
typedef struct TextError {
    TextReject reject;
    const struct TextColumn *column;
    const char *found;
    int64_t at;
    int64_t want;
} TextError;

// A text of an enum, found by its bytes: those of short texts themselves, a hash of long ones.
typedef struct TextEnumEntry {
    Text16 key;
    int32_t code;      // -1: the entry is free
    bool has_specials; // in JSON it would be written with escapes
} TextEnumEntry;

typedef struct TextEnums {
    TextEnumEntry *entries;
    uint32_t mask;
} TextEnums;

// A column of the contract and where its values go. `stride` is 0 if they are not kept.
typedef struct TextColumn {
    char *values;
    uint8_t *validity;
    size_t stride;
    size_t validity_stride;
    const FlowTypeDesc *type;
    const FlowColumnDesc *desc;
    TextDecoder *decoder;
    int64_t min, max;  // of integers, and of unscaled decimals up to 18 digits
    int64_t unit_us;   // a timestamp's number counts these; 0: it has to be a text
    char day_text[16]; // the day of dates and timestamps that was seen last, and a T
    int64_t day;       // since 1970
    TextEnums enums;
    struct TextColumn *children; // of nested types, each with the path to it
    const char *path;            // its name in messages: "address.city"
    const char *wanted;          // a struct's field: its name
    size_t wanted_length;
    const char *format; // how its dates or times are written; NULL: RFC 3339
    size_t format_length;
    Zone zone;        // of format
    bool has_default; // for a record that lacks it
    FlowValue missing;
    uint32_t wire; // first of the names that it has in records …
    uint32_t wire_count;
    uint32_t excused; // FLOW_EXCUSED_*
    uint32_t index;
    uint8_t unused_validity;
    FlowValue unused; // where the values go that are not kept
} TextColumn;

// Whether a column's value lies in min .. max, or outside.
typedef struct TextTest {
    const TextColumn *column;
    int64_t min, max;
    bool is_outside;
} TextTest;

// A name that a column has in records. Of those of a column the first that is there counts.
typedef struct TextWire {
    const char *name;
    size_t length;
    TextColumn *column;
} TextWire;

// Wires, found by the bytes of their names.
typedef struct TextNames {
    int32_t *slots; // index of a wire, -1: free
    uint32_t mask;
} TextNames;

typedef struct JsonRows JsonRows;
typedef struct JsonDocument JsonDocument;
typedef struct CsvRows CsvRows;

struct TextDecoder {
    const FlowSource *source;
    FlowFormat format;
    FormatRejectFn reject;
    void *user;
    TextColumn *columns; // those of the contract
    uint32_t column_count;
    TextTest *tests;  // if one of these does not hold, …
    TextTest *guards; // … and all of these do, a row is left out
    uint32_t test_count;
    uint32_t guard_count;
    TextColumn **nullable; // those without a default
    uint32_t nullable_count;
    TextColumn **defaulted;
    uint32_t defaulted_count;
    uint32_t required_count; // columns that every record must have
    TextWire *wires;
    uint32_t wire_count;
    TextColumn *before;    // takes the row before a change, or NULL
    TextColumn *operation; // says what a record is a change of, or NULL
    TextColumn *capture;   // takes the fields that the contract lacks, or NULL
    FlowUnknown on_unknown;
    TextNames names;
    JsonRows *json;
    JsonDocument *document;
    CsvRows *csv;
    Arena memory;
    bool is_careful; // for tests: no fast path

    // the file
    int32_t file;
    FlowView path;
    FlowView replay; // for whom records are sent again
    int64_t now_us;
    bool is_at_start;
    const char *header; // to be taken before the next run, or NULL
    size_t header_length;
    bool is_skipping; // the rest of a record that is too long
    int64_t records;
    int64_t filtered;
    int64_t unknown;     // fields that the contract lacks
    Buffer captured;     // of the record at hand: them as JSON
    Buffer nested;       // items of the nested values that are being read
    ptrdiff_t raw_shift; // from a record's copy to where it stands in the chunk

    // the run
    const char *bytes;
    int64_t position; // of bytes[0]
    Batch *batch;
    int32_t row; // the next one
    int64_t *offsets;
    int32_t *lengths;
    const char **raws;
};

// --- columns (text_column.c) ---------------------------------------------------------------------
void text_columns_new(TextDecoder *decoder);
void text_columns_bind(TextDecoder *decoder, Batch *batch);
const TextWire *text_wire_find(const TextDecoder *decoder, const char *name, size_t length);
// Which changes the record of this operation is: FLOW_EXCUSED_*, or 0.
uint32_t text_excuse(const TextDecoder *decoder, const char *operation, size_t length);
// The code of a text in the column's enum, or -1.
int32_t text_enum_find(const TextColumn *column, const char *text, size_t length);

// The place in the table where the search for a key begins.
static inline uint32_t text_enum_slot(const TextEnums *enums, Text16 key) {
    uint64_t mixed = (key.low ^ (key.high * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;
    return (uint32_t)(mixed >> 32) & enums->mask;
}

static inline const TextEnumEntry *text_enum_find_key(const TextEnums *enums, Text16 key) {
    uint32_t slot = text_enum_slot(enums, key);
    const TextEnumEntry *entry = &enums->entries[slot];
    while (entry->code >= 0 && (entry->key.low != key.low || entry->key.high != key.high)) {
        slot = (slot + 1) & enums->mask;
        entry = &enums->entries[slot];
    }
    return entry;
}

// The entry of a text of at most 15 bytes, with slack behind it: the key's last byte is the length.
static inline const TextEnumEntry *
text_enum_find_short(const TextColumn *column, const char *text, uint32_t length) {
    Text16 key = text16_load(text, length);
    key.high |= (uint64_t)length << 56;
    return text_enum_find_key(&column->enums, key);
}

static inline char *text_slot(const TextColumn *column, int32_t row) {
    return column->values + (size_t)row * column->stride;
}

static inline uint8_t *text_validity(const TextColumn *column, int32_t row) {
    return column->validity + (size_t)row * column->validity_stride;
}

// --- values that both formats write the same way (text_value.c) ----------------------------------
// A text as a value of any type but JSON's own forms; REJECT_NONE, REJECT_FORM, REJECT_RANGE or
// REJECT_ENUM. Strings borrow the text.
TextReject text_value(TextColumn *column, const char *text, size_t length, char *slot);
// A number as JSON writes it.
TextReject text_number(TextColumn *column, const char *text, size_t length, char *slot);
// An RFC 3339 timestamp in UTC at p, as written almost always: returns its end, or NULL.
const char *text_timestamp(TextColumn *column, const char *p, int64_t *us);
// Makes the ten characters at p the column's day, if they are one.
bool text_day(TextColumn *column, const char *p);

// --- records (text_record.c) ---------------------------------------------------------------------
// The fields of the row at hand that the contract lacks, as JSON, into the column for them.
void text_capture(TextDecoder *decoder, const char *json, size_t length);
// What is said of a record that is no row, without its place and its bytes. The message lies in the
// buffer.
FormatReject text_reject_make(Buffer *message, const TextError *error);
// Says of a row of the file that it is none; `raw` is what stands for its bytes.
void text_reject_tell(const FormatFile *input,
                      const TextError *error,
                      int64_t position,
                      const Buffer *raw);
// The record is no row.
void text_reject(TextDecoder *decoder, const char *record, size_t length, const TextError *error);
TextTest text_test(const TextColumn *column, FlowTestOp op, int64_t value);
// Whether the row that was just filled is one that nobody will miss.
bool text_row_is_left_out(const TextDecoder *decoder);

// The record at `record` is the row that was just filled. A row that is left out is written over by
// the next one: no branch depends on what a test says, since nobody could predict it.
static inline void text_row_done(TextDecoder *decoder, const char *record, size_t length) {
    int32_t row = decoder->row;
    bool is_left_out = decoder->test_count > 0 && text_row_is_left_out(decoder);
    decoder->records++;
    decoder->offsets[row] = decoder->position + (record - decoder->bytes);
    decoder->lengths[row] = (int32_t)length;
    decoder->raws[row] = record;
    decoder->filtered += is_left_out;
    decoder->row = row + !is_left_out;
}

// What the row has of columns that its record lacks. Nothing may be null where it has to be there:
// such a column has no validity.
void text_column_missing(const TextColumn *column, int32_t row);

static inline void text_row_begin(const TextDecoder *decoder) {
    for (uint32_t i = 0; i < decoder->nullable_count; i++) {
        *text_validity(decoder->nullable[i], decoder->row) = 0;
    }
    for (uint32_t i = 0; i < decoder->defaulted_count; i++) {
        text_column_missing(decoder->defaulted[i], decoder->row);
    }
}

// --- the formats ---------------------------------------------------------------------------------
// Each decodes records of [p, end) until the batch is full or no complete one is left, and returns
// where it stopped; with `is_last` what is left is a record too.
JsonRows *json_rows_new(TextDecoder *decoder);
void json_rows_unpredicted(JsonRows *rows);
const char *json_rows(TextDecoder *decoder, const char *p, const char *end, bool is_last);
// The elements of an array in one document, which comes in pieces.
JsonDocument *json_document_new(TextDecoder *decoder);
void json_document_begin(JsonDocument *document);
const char *json_document(TextDecoder *decoder, const char *p, const char *end, bool is_last);
CsvRows *csv_rows_new(TextDecoder *decoder);
void csv_rows_free(CsvRows *rows);
void csv_rows_begin(TextDecoder *decoder);
const char *csv_rows(TextDecoder *decoder, const char *p, const char *end, bool is_last);
// Takes the header that the file began with; its faults have been reported then.
void csv_rows_resume(TextDecoder *decoder, const char *header, size_t length);

#endif
