// Inside of the CSV decoder. Two ways of reading: by the index of delimiters and line ends
// (csv_rows.c), which trusts that quotes come in pairs and checks it field by field; and from byte
// to byte (csv_record.c), which alone says where a record with a misplaced quote ends, and why it
// is bad.
#ifndef FLOW_FORMAT_CSV_H
#define FLOW_FORMAT_CSV_H

#include "format/text.h"

// Reads the whole field at p, without quotes; false: ask text_value.
typedef bool (*CsvParseFn)(TextColumn *column, const char *p, uint32_t length, char *slot);
CsvParseFn csv_parse_for(const TextColumn *column); // csv_parse.c

// A field of the file; of a quoted one without its quotes.
typedef struct CsvSpan {
    const char *begin;
    const char *end;
    bool is_quoted;
    bool has_quotes; // doubled, inside
} CsvSpan;

typedef struct CsvField {
    TextColumn *column; // NULL: not in the contract
    CsvParseFn parse;
    bool is_nullable;
    bool is_text; // an empty field is a value too
} CsvField;

// A field that the contract lacks: `"name":` as JSON.
typedef struct CsvName {
    size_t begin;  // in names_text
    size_t length; // 0: the contract has it
} CsvName;

typedef enum CsvHeader {
    CSV_HEADER_NONE,
    CSV_HEADER_AWAITED,
    CSV_HEADER_READ,
    CSV_HEADER_BAD
} CsvHeader;

// --- index (csv_index.c) -------------------------------------------------------------------------

enum {
    CSV_WAYS_MAX = 3,
    CSV_OFFSETS_AT_ONCE = 8,
    CSV_WINDOW_BLOCKS = 256,
    CSV_WINDOW_BYTES = CSV_WINDOW_BLOCKS * 64
};

// Of 64 bytes, a bit each.
typedef struct CsvMasks {
    uint64_t stops; // delimiters and line ends
    uint64_t quotes;
} CsvMasks;

// Whether some byte of a window was a NUL, no ASCII, or a quote.
typedef struct CsvOdd {
    uint64_t nul;
    uint64_t high;
    uint64_t quote;
} CsvOdd;

typedef void (*CsvMasksFn)(
    const char *p, uint32_t block_count, char delimiter, CsvMasks *masks, CsvOdd *odd);
// The ways of this machine, the best one last; the first works everywhere.
uint32_t csv_masks_ways(CsvMasksFn ways[CSV_WAYS_MAX]);

// Delimiters and line ends outside of quotes, window by window.
typedef struct CsvIndex {
    CsvMasksFn masks_fn;
    char delimiter;
    uint32_t *stops; // offsets from `base`
    uint32_t count;
    uint32_t next;
    const char *base;
    const char *indexed; // everything before it is in
    const char *end;
    size_t window_bytes; // of the next window: small ones first, as a bad record starts us anew
    uint64_t inside;     // all ones: within quotes
    CsvOdd odd;          // of the windows that the stops are from
    CsvMasks masks[CSV_WINDOW_BLOCKS];
} CsvIndex;

void csv_index_begin(CsvIndex *index, const char *p, const char *end);
// At least `count` stops are left, unless the end is reached.
void csv_index_fill(CsvIndex *index, uint32_t count);

// --- rows ----------------------------------------------------------------------------------------

struct CsvRows {
    TextDecoder *decoder;
    const char *null_text;
    size_t null_length;
    CsvHeader header;
    CsvField *fields; // of the file, in its order
    uint32_t field_count;
    int32_t *field_of_column; // -1: the header lacks it
    uint32_t *rank_of_column; // which of the column's names the header has
    CsvName *names;           // of the fields that the contract lacks
    Buffer names_text;
    uint32_t unknown_count;
    uint32_t unknown_first;
    uint32_t excuse;   // FLOW_EXCUSED_* of the record at hand
    bool is_indexable; // no column without ? is missing
    CsvSpan *spans;    // of the record at hand
    CsvIndex index;
};

// Fields of a file are as many as a contract may have columns.
enum { CSV_FIELDS_MAX = COLUMNS_MAX };

// `wire` is the name by which the contract knows the field; NULL: it does not.
void csv_field_set(CsvRows *rows, uint32_t field, const TextWire *wire);
void csv_fields_check(CsvRows *rows); // after the last of them
// An unquoted field that stands for nothing, or for the null text.
bool csv_is_null_text(const CsvRows *rows, const char *p, size_t length);
const char *csv_span_text(Arena *arena, const CsvSpan *span, size_t *length);

// --- records (csv_record.c) ----------------------------------------------------------------------

// The record at p, whatever it is: a blank line, the header, a row, a reject. Returns its end, or
// NULL if it is not complete.
const char *csv_record(CsvRows *rows, const char *p, const char *end, bool is_last);

// --- cuts (csv_cut.c) ----------------------------------------------------------------------------

// A record begins at bytes[0]: how many bytes the whole records take up.
size_t csv_cut(const char *bytes, size_t length, char delimiter);
// The first record that is no blank line.
size_t csv_header_length(const char *bytes, size_t length, char delimiter, size_t *begin);

#endif
