// Dates and timestamps of the program's text: RFC 3339, the proleptic Gregorian calendar, years 1
// to 9999.
#include "syntax/parse.h"

#define DAY_US (INT64_C(86400) * 1000000)

typedef struct Reader {
    const char *at;
    bool is_good;
} Reader;

static int32_t digits_read(Reader *reader, uint32_t count) {
    int32_t value = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (*reader->at < '0' || *reader->at > '9') {
            reader->is_good = false;
            return 0;
        }
        value = value * 10 + (*reader->at++ - '0');
    }
    return value;
}

static void letter_read(Reader *reader, const char *letters) {
    if (*reader->at == '\0' || strchr(letters, *reader->at) == NULL) {
        reader->is_good = false;
        return;
    }
    reader->at++;
}

static bool is_leap(int32_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t month_days(int32_t year, int32_t month) {
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

// Days since 1970-01-01, counted from March so that the leap day comes last.
static int64_t days_of(int32_t year, int32_t month, int32_t day) {
    int64_t years = month <= 2 ? year - 1 : year;
    int64_t era_years = years - (years / 400) * 400;
    int64_t months = (month + 9) % 12;
    int64_t days = (153 * months + 2) / 5 + day - 1;
    return (years / 400) * 146097 + era_years * 365 + era_years / 4 - era_years / 100 + days -
           719468;
}

static int64_t date_read(Reader *reader) {
    int32_t year = digits_read(reader, 4);
    letter_read(reader, "-");
    int32_t month = digits_read(reader, 2);
    letter_read(reader, "-");
    int32_t day = digits_read(reader, 2);
    bool is_date = reader->is_good && year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
                   day <= month_days(year, month);
    reader->is_good = is_date;
    return is_date ? days_of(year, month, day) : 0;
}

// Digits beyond microseconds are cut off, as in data.
static int64_t fraction_read(Reader *reader) {
    int64_t value = 0;
    int64_t scale = 100000;
    if (*reader->at != '.') {
        return 0;
    }
    reader->at++;
    reader->is_good &= *reader->at >= '0' && *reader->at <= '9';
    for (; *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
        value += (*reader->at - '0') * scale;
        scale /= 10;
    }
    return value;
}

static int64_t time_read(Reader *reader) {
    int64_t hours = digits_read(reader, 2);
    letter_read(reader, ":");
    int64_t minutes = digits_read(reader, 2);
    letter_read(reader, ":");
    int64_t seconds = digits_read(reader, 2);
    reader->is_good &= hours < 24 && minutes < 60 && seconds < 60;
    return ((hours * 60 + minutes) * 60 + seconds) * 1000000 + fraction_read(reader);
}

static int64_t offset_read(Reader *reader) {
    if (*reader->at == 'Z' || *reader->at == 'z') {
        reader->at++;
        return 0;
    }
    int64_t sign = *reader->at == '-' ? -1 : 1;
    letter_read(reader, "+-");
    int64_t hours = digits_read(reader, 2);
    letter_read(reader, ":");
    int64_t minutes = digits_read(reader, 2);
    reader->is_good &= hours < 24 && minutes < 60;
    return sign * (hours * 60 + minutes) * 60 * 1000000;
}

static AstLiteral *literal_from(Parser *parser, AstLiteralKind kind, Span span) {
    AstLiteral *literal = arena_new(parser->arena, AstLiteral);
    literal->kind = kind;
    literal->span = span;
    return literal;
}

static bool is_whole(const Reader *reader, const AstLiteral *text) {
    return reader->is_good && reader->at == text->text + text->length;
}

const AstLiteral *literal_date(Parser *parser, const AstLiteral *text, Span span) {
    AstLiteral *literal = literal_from(parser, AST_DATE, span);
    Reader reader = {text->text, true};
    literal->value = date_read(&reader);
    if (!is_whole(&reader, text)) {
        Diag *diag = diag_add(parser->diags, DIAG_E061, text->span, "this is no date");
        diag_help(parser->diags, diag, "year, month and day: `date \"2026-01-31\"`");
    }
    return literal;
}

const AstLiteral *literal_timestamp(Parser *parser, const AstLiteral *text, Span span) {
    AstLiteral *literal = literal_from(parser, AST_TIMESTAMP, span);
    Reader reader = {text->text, true};
    literal->is_out_of_range = true; // until it could be read
    int64_t days = date_read(&reader);
    letter_read(&reader, "Tt ");
    int64_t time = reader.is_good ? time_read(&reader) : 0;
    if (is_whole(&reader, text)) {
        Diag *diag = diag_add(parser->diags,
                              DIAG_E029,
                              text->span,
                              "an offset is required, else the instant is unknown");
        diag_help(parser->diags, diag, "add `Z` for UTC: `timestamp \"%sZ\"`", text->text);
        return literal;
    }
    int64_t offset = reader.is_good ? offset_read(&reader) : 0;
    if (!is_whole(&reader, text)) {
        Diag *diag = diag_add(parser->diags, DIAG_E061, text->span, "this is no timestamp");
        diag_help(
            parser->diags, diag, "date, time and offset: `timestamp \"2026-01-31T12:00:00Z\"`");
        return literal;
    }
    literal->value = days * DAY_US + time - offset;
    literal->is_out_of_range = false;
    return literal;
}
