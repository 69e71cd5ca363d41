// A record of CSV, carefully, from byte to byte as RFC 4180 reads it. A quote where none may be
// ends the record at the next line end, and a quote that nothing closes costs one line, not the
// rest of the file: a stray quote is far more common than a field of that size.
#include "format/csv/csv.h"

typedef struct Record {
    CsvRows *rows;
    const char *begin;
    const char *end; // of what there is
    bool is_last;
    uint32_t field_count; // seen; the first CSV_FIELDS_MAX are in rows->spans
    TextError error;
} Record;

static const char *record_fail(Record *record, TextReject reject, const char *p) {
    record->error = (TextError){.reject = reject, .at = p - record->begin};
    return p;
}

static bool has_failed(const Record *record) {
    return record->error.reject != REJECT_NONE;
}

// --- fields --------------------------------------------------------------------------------------

static void span_add(Record *record, CsvSpan span) {
    if (record->field_count < CSV_FIELDS_MAX) {
        record->rows->spans[record->field_count] = span;
    }
    record->field_count++;
}

static bool is_line_end(const Record *record, const char *p) {
    return p == record->end || *p == '\n' || (*p == '\r' && (p + 1 == record->end || p[1] == '\n'));
}

static bool is_field_end(const Record *record, const char *p) {
    return is_line_end(record, p) || *p == record->rows->index.delimiter;
}

// The quoted field at p. NULL: it is not closed in what there is.
static const char *quoted_scan(Record *record, const char *p) {
    CsvSpan span = {.begin = p + 1, .is_quoted = true};
    const char *open = p++;
    for (;;) {
        p = memchr(p, '"', (size_t)(record->end - p));
        bool is_cut = p == NULL || (p + 1 == record->end && !record->is_last);
        if (is_cut && !record->is_last) {
            return NULL;
        }
        if (is_cut) {
            return record_fail(record, REJECT_QUOTE_OPEN, open);
        }
        if (p + 1 == record->end || p[1] != '"') {
            break;
        }
        span.has_quotes = true;
        p += 2;
    }
    span.end = p++;
    if (!is_field_end(record, p)) {
        return record_fail(record, REJECT_QUOTE_AFTER, p);
    }
    span_add(record, span);
    return p;
}

static const char *plain_scan(Record *record, const char *p) {
    CsvSpan span = {.begin = p};
    while (!is_field_end(record, p)) {
        if (*p == '"') {
            return record_fail(record, REJECT_QUOTE_STRAY, p);
        }
        p++;
    }
    span.end = p;
    span_add(record, span);
    return p;
}

// --- the record's end ----------------------------------------------------------------------------

// Behind the line end at or after p; NULL if there is none yet.
static const char *line_skip(const Record *record, const char *p) {
    const char *line_end = memchr(p, '\n', (size_t)(record->end - p));
    if (line_end != NULL) {
        return line_end + 1;
    }
    return record->is_last ? record->end : NULL;
}

// Splits the record into fields; returns what is behind it, or NULL if it is not complete.
static const char *fields_scan(Record *record) {
    const char *p = record->begin;
    for (;;) {
        bool is_quoted = p < record->end && *p == '"';
        p = is_quoted ? quoted_scan(record, p) : plain_scan(record, p);
        if (p == NULL) {
            return NULL;
        }
        if (has_failed(record)) {
            bool is_open = record->error.reject == REJECT_QUOTE_OPEN;
            return line_skip(record, is_open ? record->begin : p);
        }
        if (is_line_end(record, p)) {
            return line_skip(record, p);
        }
        p++;
    }
}

// Without its line end.
static size_t record_length(const Record *record, const char *after) {
    if (after > record->begin && after[-1] == '\n') {
        after--;
    }
    if (after > record->begin && after[-1] == '\r') {
        after--;
    }
    return (size_t)(after - record->begin);
}

// What concerns the bytes as such.
static void bytes_check(Record *record, size_t length) {
    const char *nul = memchr(record->begin, '\0', length);
    if (length > RECORD_BYTES_MAX) {
        record->error = (TextError){.reject = REJECT_OVERSIZED, .want = RECORD_BYTES_MAX};
    } else if (nul != NULL) {
        record_fail(record, REJECT_NUL, nul);
    } else if (!utf8_is_valid(record->begin, length)) {
        record_fail(record, REJECT_UTF8, record->begin);
    }
}

// --- values --------------------------------------------------------------------------------------

static TextReject text_read(TextColumn *column, const char *text, size_t length, char *slot) {
    TextReject reject = text_value(column, text, length, slot);
    bool may_be_number = column->type->kind == FLOW_TIMESTAMP && column->unit_us != 0;
    if (reject == REJECT_FORM && may_be_number) {
        return text_number(column, text, length, slot);
    }
    return reject;
}

static TextReject span_read(const CsvRows *rows, TextColumn *column, const CsvSpan *span) {
    int32_t row = rows->decoder->row;
    char *slot = text_slot(column, row);
    size_t length;
    const char *text = csv_span_text(&rows->decoder->batch->arena, span, &length);
    bool may_lack = column->type->is_nullable || (column->excused & rows->excuse) != 0;
    if (may_lack && !span->is_quoted && csv_is_null_text(rows, text, length)) {
        value_store(column->type, slot, 0, column->missing);
        *text_validity(column, row) = 0;
        return REJECT_NONE;
    }
    if (length == 0 && !span->is_quoted && column->type->kind != FLOW_STRING) {
        return REJECT_EMPTY;
    }
    *text_validity(column, row) = 1;
    return text_read(column, text, length, slot);
}

static bool column_decode(Record *record, TextColumn *column) {
    const CsvRows *rows = record->rows;
    int32_t field = rows->field_of_column[column->index];
    record->error = (TextError){.column = column, .found = "the field"};
    if (field >= 0) {
        record->error.reject = span_read(rows, column, &rows->spans[field]);
    } else if (column->type->is_nullable || column->has_default ||
               (column->excused & rows->excuse) != 0) {
        text_column_missing(column, rows->decoder->row);
    } else {
        record->error.reject = REJECT_HEADER_MISSING;
    }
    return !has_failed(record);
}

static void excuse_find(CsvRows *rows) {
    const TextDecoder *decoder = rows->decoder;
    int32_t field =
        decoder->operation == NULL ? -1 : rows->field_of_column[decoder->operation->index];
    rows->excuse = 0;
    if (field >= 0) {
        size_t length;
        const char *text = csv_span_text(&decoder->batch->arena, &rows->spans[field], &length);
        rows->excuse = text_excuse(decoder, text, length);
    }
}

// All fields that the contract lacks, as texts; those that are empty and unquoted are null.
static void unknown_capture(CsvRows *rows) {
    TextDecoder *decoder = rows->decoder;
    Buffer *captured = &decoder->captured;
    buffer_clear(captured);
    for (uint32_t i = 0; i < rows->field_count; i++) {
        if (rows->fields[i].column != NULL || rows->names[i].length == 0) {
            continue;
        }
        size_t length;
        const CsvSpan *span = &rows->spans[i];
        const char *text = csv_span_text(&decoder->batch->arena, span, &length);
        buffer_char(captured, captured->length == 0 ? '{' : ',');
        buffer_append(
            captured, rows->names_text.data + rows->names[i].begin, rows->names[i].length);
        if (!span->is_quoted && csv_is_null_text(rows, text, length)) {
            buffer_text(captured, "null");
        } else {
            buffer_json_string(captured, text, length);
        }
    }
    buffer_char(captured, '}');
    text_capture(decoder, captured->data, captured->length);
}

static bool unknown_settle(Record *record) {
    CsvRows *rows = record->rows;
    TextDecoder *decoder = rows->decoder;
    if (rows->unknown_count == 0) {
        return true;
    }
    switch (decoder->on_unknown) {
    case FLOW_UNKNOWN_REJECT:
        record_fail(record, REJECT_UNKNOWN, rows->spans[rows->unknown_first].begin);
        return false;
    case FLOW_UNKNOWN_CAPTURE:
        unknown_capture(rows);
        return true;
    case FLOW_UNKNOWN_IGNORE:
        break;
    }
    decoder->unknown += rows->unknown_count;
    return true;
}

static bool columns_decode(Record *record) {
    CsvRows *rows = record->rows;
    TextDecoder *decoder = rows->decoder;
    text_row_begin(decoder);
    excuse_find(rows);
    for (uint32_t i = 0; i < decoder->column_count; i++) {
        if (!column_decode(record, &decoder->columns[i])) {
            return false;
        }
    }
    return unknown_settle(record);
}

// --- header and rows -----------------------------------------------------------------------------

static void unknown_name_keep(CsvRows *rows, uint32_t field, const char *name, size_t length) {
    rows->unknown_first = rows->unknown_count == 0 ? field : rows->unknown_first;
    if (rows->decoder->capture == NULL) {
        return;
    }
    size_t begin = rows->names_text.length;
    buffer_json_string(&rows->names_text, name, length);
    buffer_char(&rows->names_text, ':');
    rows->names[field] = (CsvName){begin, rows->names_text.length - begin};
}

static void header_take(Record *record, size_t length) {
    CsvRows *rows = record->rows;
    rows->header = has_failed(record) || record->field_count > CSV_FIELDS_MAX ? CSV_HEADER_BAD
                                                                              : CSV_HEADER_READ;
    if (rows->header == CSV_HEADER_BAD) {
        text_reject(rows->decoder, record->begin, length, &(TextError){.reject = REJECT_HEADER});
        return;
    }
    rows->field_count = record->field_count;
    for (uint32_t i = 0; i < record->field_count; i++) {
        size_t name_length;
        const char *name =
            csv_span_text(&rows->decoder->batch->arena, &rows->spans[i], &name_length);
        const TextWire *wire = text_wire_find(rows->decoder, name, name_length);
        if (wire == NULL) {
            unknown_name_keep(rows, i, name, name_length);
        }
        csv_field_set(rows, i, wire);
    }
    csv_fields_check(rows);
}

static void row_take(Record *record, size_t length) {
    CsvRows *rows = record->rows;
    if (rows->header == CSV_HEADER_BAD) {
        record_fail(record, REJECT_HEADER, record->begin);
    } else if (!has_failed(record) && record->field_count != rows->field_count) {
        record->error = (TextError){
            .reject = REJECT_FIELD_COUNT,
            .at = record->field_count,
            .want = rows->field_count,
        };
    }
    if (!has_failed(record) && columns_decode(record)) {
        text_row_done(rows->decoder, record->begin, length);
    } else {
        text_reject(rows->decoder, record->begin, length, &record->error);
    }
}

const char *csv_record(CsvRows *rows, const char *p, const char *end, bool is_last) {
    Record record = {.rows = rows, .begin = p, .end = end, .is_last = is_last};
    const char *after = fields_scan(&record);
    if (after == NULL) {
        return NULL;
    }
    size_t length = record_length(&record, after);
    if (length == 0) {
        return after;
    }
    if (!has_failed(&record)) {
        bytes_check(&record, length);
    }
    if (rows->header == CSV_HEADER_AWAITED) {
        header_take(&record, length);
    } else {
        row_take(&record, length);
    }
    return after;
}
