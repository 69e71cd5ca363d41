// Row after row, by the index: a row has as many stops as the file has fields, the last of them a
// line end. Anything else, and any quote that is not where RFC 4180 puts it, goes to csv_record,
// and the index begins anew behind that record, because its quotes may have misled it.
#include "format/csv/csv.h"

CsvRows *csv_rows_new(TextDecoder *decoder) {
    const FlowSource *source = decoder->source;
    Arena *memory = &decoder->memory;
    CsvRows *rows = arena_new(memory, CsvRows);
    rows->decoder = decoder;
    rows->null_text = source->csv_null == NULL ? "" : source->csv_null;
    rows->null_length = strlen(rows->null_text);
    rows->fields = arena_array(memory, CsvField, CSV_FIELDS_MAX);
    rows->field_of_column = arena_array(memory, int32_t, decoder->column_count);
    rows->rank_of_column = arena_array(memory, uint32_t, decoder->column_count);
    rows->names = arena_array(memory, CsvName, CSV_FIELDS_MAX);
    rows->spans = arena_array(memory, CsvSpan, CSV_FIELDS_MAX);
    CsvMasksFn ways[CSV_WAYS_MAX];
    rows->index.masks_fn = ways[csv_masks_ways(ways) - 1];
    rows->index.delimiter = (char)(source->csv_delimiter == 0 ? ',' : source->csv_delimiter);
    // A window's stops come on top of what a row may still lack, and are written some at a time.
    rows->index.stops =
        arena_array(memory, uint32_t, CSV_FIELDS_MAX + CSV_WINDOW_BYTES + CSV_OFFSETS_AT_ONCE);
    return rows;
}

// Of equal names the last counts, as in JSON; of different ones of a column the first of its list.
static bool is_overruled(const CsvRows *rows, const TextWire *wire, uint32_t rank) {
    uint32_t index = wire->column->index;
    return rows->field_of_column[index] >= 0 && rank > rows->rank_of_column[index];
}

void csv_field_set(CsvRows *rows, uint32_t field, const TextWire *wire) {
    rows->fields[field] = (CsvField){.column = NULL};
    if (wire == NULL) {
        rows->unknown_count++;
        return;
    }
    TextColumn *column = wire->column;
    uint32_t rank = (uint32_t)(wire - rows->decoder->wires) - column->wire;
    if (is_overruled(rows, wire, rank)) {
        return;
    }
    int32_t earlier = rows->field_of_column[column->index];
    if (earlier >= 0) {
        rows->fields[earlier].column = NULL;
    }
    rows->fields[field].column = column;
    rows->rank_of_column[column->index] = rank;
    rows->fields[field].parse = csv_parse_for(column);
    rows->fields[field].is_nullable = column->type->is_nullable != 0;
    rows->fields[field].is_text = column->type->kind == FLOW_STRING;
    rows->field_of_column[column->index] = (int32_t)field;
}

void csv_fields_check(CsvRows *rows) {
    rows->is_indexable = rows->field_count > 0;
    for (uint32_t i = 0; i < rows->decoder->column_count; i++) {
        const TextColumn *column = &rows->decoder->columns[i];
        bool is_there = rows->field_of_column[i] >= 0;
        rows->is_indexable &= is_there || column->type->is_nullable || column->has_default;
        // An empty field is null there, not the default that the row begins with.
        rows->is_indexable &= !is_there || !column->type->is_nullable || !column->has_default;
    }
    bool is_ignored = rows->decoder->on_unknown == FLOW_UNKNOWN_IGNORE;
    rows->is_indexable &= is_ignored || rows->unknown_count == 0;
}

void csv_rows_free(CsvRows *rows) {
    buffer_free(&rows->names_text);
}

void csv_rows_begin(TextDecoder *decoder) {
    CsvRows *rows = decoder->csv;
    bool has_header = decoder->source->csv_header != 0;
    rows->header = has_header ? CSV_HEADER_AWAITED : CSV_HEADER_NONE;
    rows->field_count = 0;
    rows->unknown_count = 0;
    buffer_clear(&rows->names_text);
    memset(rows->names, 0, CSV_FIELDS_MAX * sizeof(CsvName));
    memset(rows->field_of_column, 0xFF, decoder->column_count * sizeof(int32_t));
    for (uint32_t i = 0; !has_header && i < decoder->column_count; i++) {
        const TextColumn *column = &decoder->columns[i];
        if (column->wire_count > 0) { // those that files have, in the contract's order
            csv_field_set(rows, rows->field_count++, &decoder->wires[column->wire]);
        }
    }
    csv_fields_check(rows);
}

static void reject_nobody(void *user, const FormatReject *reject) {
    (void)user, (void)reject;
}

void csv_rows_resume(TextDecoder *decoder, const char *header, size_t length) {
    FormatRejectFn reject = decoder->reject;
    int64_t records = decoder->records;
    decoder->reject = reject_nobody;
    (void)csv_record(decoder->csv, header, header + length, true);
    decoder->reject = reject;
    decoder->records = records;
}

bool csv_is_null_text(const CsvRows *rows, const char *p, size_t length) {
    return length == 0 || (length == rows->null_length && memcmp(p, rows->null_text, length) == 0);
}

const char *csv_span_text(Arena *arena, const CsvSpan *span, size_t *length) {
    size_t raw_length = (size_t)(span->end - span->begin);
    if (!span->has_quotes) {
        *length = raw_length;
        return span->begin;
    }
    char *text = arena_alloc(arena, raw_length + FORMAT_SLACK_BYTES);
    char *out = text;
    for (const char *p = span->begin; p < span->end; p++) {
        *out++ = *p;
        p += *p == '"'; // the other one of the pair
    }
    *length = (size_t)(out - text);
    return text;
}

// --- fields --------------------------------------------------------------------------------------

// The quotes of a field that begins and ends with one: inside they stand in pairs.
static bool quotes_pair(const char *p, const char *end, bool *has_quotes) {
    *has_quotes = false;
    while ((p = memchr(p, '"', (size_t)(end - p))) != NULL) {
        if (p + 1 == end || p[1] != '"') {
            return false;
        }
        *has_quotes = true;
        p += 2;
    }
    return true;
}

static bool quoted_span(const char *p, uint32_t length, CsvSpan *span) {
    *span = (CsvSpan){.begin = p + 1, .end = p + length - 1, .is_quoted = true};
    return length >= 2 && p[length - 1] == '"' &&
           quotes_pair(span->begin, span->end, &span->has_quotes);
}

ALWAYS_INLINE bool
value_read(const CsvRows *rows, const CsvField *field, const char *p, uint32_t length) {
    TextColumn *column = field->column;
    int32_t row = rows->decoder->row;
    char *slot = text_slot(column, row);
    if (field->is_nullable) {
        *text_validity(column, row) = 1;
    }
    return LIKELY(field->parse(column, p, length, slot)) ||
           text_value(column, p, length, slot) == REJECT_NONE;
}

static bool quoted_read(CsvRows *rows, const CsvField *field, const char *p, uint32_t length) {
    CsvSpan span;
    if (!quoted_span(p, length, &span)) {
        return false;
    }
    if (field->column == NULL) {
        return true;
    }
    size_t text_length;
    const char *text = csv_span_text(&rows->decoder->batch->arena, &span, &text_length);
    // The parses take an empty text for something, but for that of a string.
    return (text_length > 0 || field->is_text) &&
           value_read(rows, field, text, (uint32_t)text_length);
}

ALWAYS_INLINE bool
plain_read(const CsvRows *rows, const CsvField *field, const char *p, uint32_t length) {
    if (field->is_nullable) {
        bool is_null = length == 0 || (rows->null_length > 0 && csv_is_null_text(rows, p, length));
        return is_null || value_read(rows, field, p, length); // It is null already.
    }
    return LIKELY(length > 0 || field->is_text) && value_read(rows, field, p, length);
}

// `may_quote` is known at each place: where a window has no quote, nothing looks for one.
ALWAYS_INLINE bool
field_read(CsvRows *rows, const CsvField *field, const char *p, uint32_t length, bool may_quote) {
    if (may_quote) {
        if (length > 0 && *p == '"') {
            return quoted_read(rows, field, p, length);
        }
        if (memchr(p, '"', length) != NULL) {
            return false;
        }
    }
    return field->column == NULL || plain_read(rows, field, p, length);
}

// --- rows ----------------------------------------------------------------------------------------

static bool is_clean(const CsvOdd *odd, const char *p, size_t length) {
    return (odd->nul == 0 || memchr(p, '\0', length) == NULL) &&
           (odd->high == 0 || utf8_is_valid(p, length));
}

// The first fields of the row at p, `count` of them; returns where the next one begins.
ALWAYS_INLINE const char *
fields_read(CsvRows *rows, const char *p, uint32_t count, bool may_quote) {
    const uint32_t *stops = rows->index.stops + rows->index.next;
    const char *base = rows->index.base;
    const CsvField *field = rows->fields;
    for (const uint32_t *end = stops + count; stops < end; stops++, field++) {
        const char *stop = base + *stops;
        if (UNLIKELY(*stop == '\n') ||
            UNLIKELY(!field_read(rows, field, p, (uint32_t)(stop - p), may_quote))) {
            return NULL;
        }
        p = stop + 1;
    }
    return p;
}

// The row in [p, end), whose line end is known; false if it is not as the index says.
ALWAYS_INLINE bool row_read(CsvRows *rows, const char *p, const char *end, bool may_quote) {
    uint32_t last = rows->field_count - 1;
    p = fields_read(rows, p, last, may_quote);
    return p != NULL && p <= end &&
           field_read(rows, &rows->fields[last], p, (uint32_t)(end - p), may_quote);
}

// The row at p by the next stops, of which there are enough: behind its line end, or NULL.
static const char *row_indexed(CsvRows *rows, const char *p) {
    CsvIndex *index = &rows->index;
    const char *stop = index->base + index->stops[index->next + rows->field_count - 1];
    const char *end = stop > p && stop[-1] == '\r' ? stop - 1 : stop;
    size_t length = (size_t)(end - p);
    bool is_usual = *stop == '\n' && length > 0 && length <= RECORD_BYTES_MAX &&
                    is_clean(&index->odd, p, length);
    if (UNLIKELY(!is_usual)) {
        return NULL;
    }
    text_row_begin(rows->decoder);
    bool is_read =
        index->odd.quote == 0 ? row_read(rows, p, end, false) : row_read(rows, p, end, true);
    if (UNLIKELY(!is_read)) {
        return NULL;
    }
    rows->decoder->unknown += rows->unknown_count;
    text_row_done(rows->decoder, p, length);
    index->next += rows->field_count;
    return stop + 1;
}

// One record, whichever way; NULL if it is not complete.
static const char *record_next(CsvRows *rows, const char *p, bool is_last) {
    CsvIndex *index = &rows->index;
    bool is_indexed = rows->is_indexable && !rows->decoder->is_careful;
    if (is_indexed && index->count - index->next < rows->field_count) {
        csv_index_fill(index, rows->field_count);
    }
    const char *after = NULL;
    if (is_indexed && index->count - index->next >= rows->field_count) {
        after = row_indexed(rows, p);
    }
    if (after == NULL) {
        const char *end = index->end;
        after = csv_record(rows, p, end, is_last);
        csv_index_begin(index, after == NULL ? p : after, end);
    }
    return after;
}

const char *csv_rows(TextDecoder *decoder, const char *p, const char *end, bool is_last) {
    CsvRows *rows = decoder->csv;
    csv_index_begin(&rows->index, p, end);
    while (p < end && decoder->row < FLOW_BATCH_ROWS_MAX) {
        const char *after = record_next(rows, p, is_last);
        if (after == NULL) {
            break;
        }
        p = after;
    }
    return p;
}
