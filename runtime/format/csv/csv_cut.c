// Where a CSV file may be cut: behind a record. Quotes decide, and a misplaced one ends its record
// at the next line end, as csv_record.c reads it; so only quotes are looked at one by one.
#include "format/csv/csv.h"

typedef struct CsvCut {
    const char *begin;
    const char *end;
    char delimiter;
    const char *cut; // behind the last record that is whole
} CsvCut;

// A record may end at every line end before the quote.
static void lines_pass(CsvCut *cut, const char *p, const char *quote) {
    const char *last = memrchr(p, '\n', (size_t)(quote - p));
    if (last != NULL) {
        cut->cut = last + 1;
    }
}

static bool is_field_begin(const CsvCut *cut, const char *p) {
    return p == cut->begin || p[-1] == '\n' || p[-1] == cut->delimiter;
}

static bool is_field_end(const CsvCut *cut, const char *p) {
    bool is_line_end = *p == '\n' || (*p == '\r' && (p + 1 == cut->end || p[1] == '\n'));
    return is_line_end || *p == cut->delimiter;
}

// Behind the quote that closes the field whose first quote is at p; NULL: none does.
static const char *quote_close(const CsvCut *cut, const char *p) {
    p++;
    for (;;) {
        p = memchr(p, '"', (size_t)(cut->end - p));
        if (p == NULL || p + 1 == cut->end) {
            return NULL; // The last byte may be half of a pair.
        }
        if (p[1] != '"') {
            return p + 1;
        }
        p += 2;
    }
}

// Behind the line end that ends a record whose quotes are misplaced.
static const char *bad_line_pass(CsvCut *cut, const char *p) {
    const char *line_end = memchr(p, '\n', (size_t)(cut->end - p));
    if (line_end == NULL) {
        return NULL;
    }
    cut->cut = line_end + 1;
    return line_end + 1;
}

size_t csv_cut(const char *bytes, size_t length, char delimiter) {
    CsvCut cut = {bytes, bytes + length, delimiter, bytes};
    const char *p = bytes;
    while (p != NULL) {
        const char *quote = memchr(p, '"', (size_t)(cut.end - p));
        lines_pass(&cut, p, quote == NULL ? cut.end : quote);
        if (quote == NULL) {
            break;
        }
        if (!is_field_begin(&cut, quote)) {
            p = bad_line_pass(&cut, quote);
            continue;
        }
        p = quote_close(&cut, quote);
        if (p != NULL && !is_field_end(&cut, p)) {
            p = bad_line_pass(&cut, p);
        }
    }
    return (size_t)(cut.cut - bytes);
}

// A record begins at p: behind it, or the end.
static const char *record_end(const char *p, const char *end, char delimiter) {
    for (const char *line_end = p; (line_end = memchr(line_end, '\n', (size_t)(end - line_end)));) {
        line_end++;
        if (csv_cut(p, (size_t)(line_end - p), delimiter) > 0) {
            return line_end;
        }
    }
    return end;
}

size_t csv_header_length(const char *bytes, size_t length, char delimiter, size_t *begin) {
    const char *end = bytes + length;
    const char *p = bytes;
    while (p < end) {
        const char *after = record_end(p, end, delimiter);
        const char *line = p;
        while (line < after && (*line == '\n' || (*line == '\r' && line[1] == '\n'))) {
            line++;
        }
        if (line < after) {
            *begin = (size_t)(p - bytes);
            return (size_t)(after - p);
        }
        p = after;
    }
    return 0;
}
