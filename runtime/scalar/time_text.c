// Times as text by a pattern, and back: Spark's patterns (LANGUAGE 11), in English.
//
// y M L d D E a H h K k m s S Q q X x Z V, quoted text, and [ ] around what may be missing from a
// text that is read. Everything else among the letters is no pattern.
#include "scalar/number.h"
#include "scalar/scalar.h"

enum { HOUR_SECONDS = 3600, MINUTE_SECONDS = 60, US_DIGITS = 6, DIGITS_MAX = 9 };

static const char *const month_names[] = {"January",
                                          "February",
                                          "March",
                                          "April",
                                          "May",
                                          "June",
                                          "July",
                                          "August",
                                          "September",
                                          "October",
                                          "November",
                                          "December"};
static const char *const weekday_names[] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

// One part of a pattern: a letter and how often it stands there, or a literal character.
typedef struct Part {
    char letter; // '\0': the bytes of `text`
    uint32_t count;
    const char *text;
    size_t length;
} Part;

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Text in quotes; two quotes are one.
static Part quoted_next(const char **at, const char *end) {
    const char *begin = *at + 1;
    if (begin < end && *begin == '\'') {
        *at = begin + 1;
        return (Part){.text = begin, .length = 1};
    }
    const char *close = memchr(begin, '\'', (size_t)(end - begin));
    *at = close == NULL ? end : close + 1;
    return (Part){.text = begin, .length = (size_t)((close == NULL ? end : close) - begin)};
}

static Part part_next(const char **at, const char *end) {
    char c = **at;
    if (c == '\'') {
        return quoted_next(at, end);
    }
    if (!is_letter(c) && c != '[' && c != ']') {
        return (Part){.text = (*at)++, .length = 1};
    }
    Part part = {.letter = c};
    bool is_bracket = c == '[' || c == ']';
    while (*at < end && **at == c && (part.count == 0 || !is_bracket)) {
        part.count++;
        (*at)++;
    }
    return part;
}

static uint32_t count_max(char letter) {
    switch (letter) {
    case 'y':
    case 'S':
        return DIGITS_MAX;
    case 'M':
    case 'L':
    case 'E':
    case 'Q':
    case 'q':
        return 4;
    case 'D':
    case 'X':
    case 'x':
    case 'Z':
        return 3;
    case 'd':
    case 'H':
    case 'h':
    case 'K':
    case 'k':
    case 'm':
    case 's':
    case 'V':
        return 2;
    case 'a':
    case '[':
    case ']':
        return 1;
    default:
        return 0;
    }
}

bool time_pattern_is_valid(const char *pattern, size_t length) {
    const char *at = pattern;
    const char *end = pattern + length;
    int depth = 0;
    while (at < end) {
        const char *begin = at;
        Part part = part_next(&at, end);
        if (part.letter == '\0') {
            bool is_open = *begin == '\'' && at == end && (at[-1] != '\'' || at == begin + 1);
            if (is_open) {
                return false;
            }
            continue;
        }
        depth += part.letter == '[' ? 1 : part.letter == ']' ? -1 : 0;
        bool needs_two = part.letter == 'V' && part.count != 2;
        if (part.count > count_max(part.letter) || needs_two || depth < 0) {
            return false;
        }
    }
    return depth == 0 && length > 0;
}

// --- writing
// ---------------------------------------------------------------------------------------
static void number_put(Buffer *out, int64_t value, uint32_t digits) {
    buffer_format(out, "%0*lld", (int)digits, (long long)value);
}

static void name_put(Buffer *out, const char *name, uint32_t count) {
    enum { SHORT = 3 };
    buffer_append(out, name, count < 4 ? SHORT : strlen(name));
}

static void year_put(Buffer *out, int64_t year, uint32_t count) {
    if (count == 2) {
        number_put(out, ((year % 100) + 100) % 100, 2);
        return;
    }
    if (year < 0) {
        buffer_char(out, '-');
        year = -year;
    } else if (count >= 4 && year > 9999) {
        buffer_char(out, '+');
    }
    number_put(out, year, count);
}

static void month_put(Buffer *out, uint32_t month, uint32_t count) {
    if (count > 2) {
        name_put(out, month_names[month - 1], count);
    } else {
        number_put(out, month, count);
    }
}

static void quarter_put(Buffer *out, uint32_t quarter, uint32_t count) {
    static const char *const names[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};
    if (count <= 2) {
        number_put(out, quarter, count);
    } else if (count == 3) {
        buffer_format(out, "Q%u", quarter);
    } else {
        buffer_text(out, names[quarter - 1]);
    }
}

// +01, +0100, +01:00; Z for none where the letter is X.
static void offset_put(Buffer *out, int32_t offset, char letter, uint32_t count) {
    if (letter == 'X' && offset == 0) {
        buffer_char(out, 'Z');
        return;
    }
    int32_t size = offset < 0 ? -offset : offset;
    int32_t minutes = size / MINUTE_SECONDS % MINUTE_SECONDS;
    buffer_format(out, "%c%02d", offset < 0 ? '-' : '+', size / HOUR_SECONDS);
    bool has_colon = count == 3 && letter != 'Z';
    if (count > 1 || minutes != 0 || letter == 'Z') {
        buffer_format(out, "%s%02d", has_colon ? ":" : "", minutes);
    }
}

static void fraction_put(Buffer *out, int64_t us, uint32_t count) {
    char digits[16];
    snprintf(digits, sizeof(digits), "%06lld000", (long long)us);
    buffer_append(out, digits, count);
}

static void letter_put(Buffer *out, const LocalTime *time, const Part *part) {
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    civil_from_days(time->days, &year, &month, &day);
    int64_t second = time->us / SECOND_US;
    int64_t hour = second / HOUR_SECONDS;
    switch (part->letter) {
    case 'y':
        year_put(out, year, part->count);
        break;
    case 'M':
    case 'L':
        month_put(out, month, part->count);
        break;
    case 'Q':
    case 'q':
        quarter_put(out, (month + 2) / 3, part->count);
        break;
    case 'd':
        number_put(out, day, part->count);
        break;
    case 'D':
        number_put(out, time->days - days_from_civil(year, 1, 1) + 1, part->count);
        break;
    case 'E':
        name_put(out, weekday_names[weekday_of_days(time->days)], part->count);
        break;
    case 'a':
        buffer_text(out, hour < 12 ? "AM" : "PM");
        break;
    case 'H':
        number_put(out, hour, part->count);
        break;
    case 'h':
        number_put(out, (hour + 11) % 12 + 1, part->count);
        break;
    case 'K':
        number_put(out, hour % 12, part->count);
        break;
    case 'k':
        number_put(out, (hour + 23) % 24 + 1, part->count);
        break;
    case 'm':
        number_put(out, second / MINUTE_SECONDS % MINUTE_SECONDS, part->count);
        break;
    case 's':
        number_put(out, second % MINUTE_SECONDS, part->count);
        break;
    case 'S':
        fraction_put(out, time->us % SECOND_US, part->count);
        break;
    case 'V':
        buffer_append(out, flow_view_data(&time->zone), time->zone.length);
        break;
    case 'X':
    case 'x':
    case 'Z':
        offset_put(out, time->offset_seconds, part->letter, part->count);
        break;
    default: // Brackets are for reading.
        break;
    }
}

void time_format(Buffer *out, const char *pattern, size_t length, const LocalTime *time) {
    const char *end = pattern + length;
    for (const char *at = pattern; at < end;) {
        Part part = part_next(&at, end);
        if (part.letter == '\0') {
            buffer_append(out, part.text, part.length);
        } else {
            letter_put(out, time, &part);
        }
    }
}

// --- reading
// ---------------------------------------------------------------------------------------
typedef struct Fields {
    int64_t year;
    int64_t month, day, day_of_year; // 0: not there
    int64_t hour, minute, second, us;
    int64_t half;    // 0: not there; 1: AM; 2: PM
    int64_t weekday; // 0: not there; 1: Monday
    bool has_offset;
    int32_t offset_seconds;
} Fields;

typedef struct Reader {
    const char *at;
    const char *end;
    const char *pattern; // the place in the pattern
    const char *pattern_end;
    Fields fields;
} Reader;

static bool digits_read(Reader *r, uint32_t least, uint32_t most, int64_t *value) {
    uint32_t count = 0;
    *value = 0;
    while (r->at < r->end && count < most && *r->at >= '0' && *r->at <= '9') {
        *value = *value * 10 + (*r->at++ - '0');
        count++;
    }
    return count >= least;
}

// A field of two digits, or of one or two where the letter stands once.
static bool pair_read(Reader *r, uint32_t count, int64_t low, int64_t high, int64_t *value) {
    return digits_read(r, count, 2, value) && *value >= low && *value <= high;
}

static bool name_read(
    Reader *r, const char *const *names, uint32_t names_count, uint32_t count, int64_t *value) {
    enum { SHORT = 3 };
    for (uint32_t i = 0; i < names_count; i++) {
        size_t length = count < 4 ? SHORT : strlen(names[i]);
        bool fits = (size_t)(r->end - r->at) >= length;
        for (size_t c = 0; fits && c < length; c++) {
            fits = (r->at[c] | ' ') == (names[i][c] | ' ');
        }
        if (fits) {
            r->at += length;
            *value = i + 1;
            return true;
        }
    }
    return false;
}

static bool year_read(Reader *r, uint32_t count) {
    enum { YEAR_DIGITS_MAX = 6, CENTURY = 2000 };
    bool is_negative = count != 2 && r->at < r->end && *r->at == '-';
    r->at += is_negative;
    uint32_t most = count == 1 ? YEAR_DIGITS_MAX : count;
    if (!digits_read(r, count, most, &r->fields.year)) {
        return false;
    }
    if (count == 2) {
        r->fields.year += CENTURY;
    }
    r->fields.year = is_negative ? -r->fields.year : r->fields.year;
    return true;
}

static bool fraction_read(Reader *r, uint32_t count) {
    const char *begin = r->at;
    int64_t value = 0;
    if (!digits_read(r, 1, count, &value)) {
        return false;
    }
    for (int64_t digits = r->at - begin; digits < US_DIGITS; digits++) {
        value *= 10;
    }
    for (int64_t digits = r->at - begin; digits > US_DIGITS; digits--) {
        value /= 10;
    }
    r->fields.us = value;
    return true;
}

static bool offset_read(Reader *r, char letter, uint32_t count) {
    r->fields.has_offset = true;
    r->fields.offset_seconds = 0;
    if (letter == 'X' && r->at < r->end && *r->at == 'Z') {
        r->at++;
        return true;
    }
    if (r->at == r->end || (*r->at != '+' && *r->at != '-')) {
        return false;
    }
    bool is_negative = *r->at++ == '-';
    int64_t hours = 0;
    int64_t minutes = 0;
    if (!pair_read(r, 2, 0, 18, &hours)) {
        return false;
    }
    bool has_colon = count == 3 && letter != 'Z';
    if (has_colon && (r->at == r->end || *r->at++ != ':')) {
        return false;
    }
    bool has_minutes =
        count > 1 || letter == 'Z' || (r->at < r->end && *r->at >= '0' && *r->at <= '9');
    if (has_minutes && !pair_read(r, 2, 0, 59, &minutes)) {
        return false;
    }
    int32_t seconds = (int32_t)(hours * HOUR_SECONDS + minutes * MINUTE_SECONDS);
    r->fields.offset_seconds = is_negative ? -seconds : seconds;
    return true;
}

static bool twelve_read(Reader *r, uint32_t count, int64_t low, int64_t high) {
    bool is_fine = pair_read(r, count, low, high, &r->fields.hour);
    r->fields.hour %= 12;
    return is_fine;
}

static bool letter_read(Reader *r, const Part *part) {
    static const char *const halves[] = {"AM ", "PM "};
    Fields *f = &r->fields;
    uint32_t count = part->count;
    int64_t quarter = 0;
    switch (part->letter) {
    case 'y':
        return year_read(r, count);
    case 'M':
    case 'L':
        return count > 2 ? name_read(r, month_names, COUNT_OF(month_names), count, &f->month)
                         : pair_read(r, count, 1, 12, &f->month);
    case 'Q':
    case 'q':
        r->at += count == 3 && r->at < r->end && *r->at == 'Q';
        if (!digits_read(r, 1, count == 2 ? 2 : 1, &quarter) || quarter < 1 || quarter > 4) {
            return false;
        }
        f->month = f->month == 0 ? quarter * 3 - 2 : f->month;
        return count < 4;
    case 'd':
        return pair_read(r, count, 1, 31, &f->day);
    case 'D':
        return digits_read(r, count, 3, &f->day_of_year) && f->day_of_year >= 1;
    case 'E':
        return name_read(r, weekday_names, COUNT_OF(weekday_names), count, &f->weekday);
    case 'a':
        for (int64_t i = 0; i < 2; i++) {
            bool is_there = r->end - r->at >= 2 && (r->at[0] | ' ') == (halves[i][0] | ' ') &&
                            (r->at[1] | ' ') == 'm';
            if (is_there) {
                r->at += 2;
                f->half = i + 1;
                return true;
            }
        }
        return false;
    case 'H':
        return pair_read(r, count, 0, 23, &f->hour);
    case 'k':
        return pair_read(r, count, 1, 24, &f->hour);
    case 'h':
        return twelve_read(r, count, 1, 12);
    case 'K':
        return twelve_read(r, count, 0, 11);
    case 'm':
        return pair_read(r, count, 0, 59, &f->minute);
    case 's':
        return pair_read(r, count, 0, 59, &f->second);
    case 'S':
        return fraction_read(r, count);
    case 'X':
    case 'x':
    case 'Z':
        return offset_read(r, part->letter, count);
    default:
        return false; // A zone's name is written only.
    }
}

// Behind the bracket that closes what was just opened.
static const char *behind_bracket(const char *at, const char *end) {
    int depth = 1;
    while (at < end && depth > 0) {
        Part part = part_next(&at, end);
        depth += part.letter == '[' ? 1 : part.letter == ']' ? -1 : 0;
    }
    return at;
}

static bool parts_read(Reader *r, int depth);

// What stands in brackets is taken whole or not at all.
static void optional_read(Reader *r, int depth) {
    Reader kept = *r;
    const char *behind = behind_bracket(r->pattern, r->pattern_end);
    if (!parts_read(r, depth + 1)) {
        *r = kept;
    }
    r->pattern = behind;
}

static bool part_read(Reader *r, const Part *part) {
    if (part->letter != '\0') {
        return letter_read(r, part);
    }
    bool fits =
        (size_t)(r->end - r->at) >= part->length && memcmp(r->at, part->text, part->length) == 0;
    r->at += fits ? part->length : 0;
    return fits;
}

static bool parts_read(Reader *r, int depth) {
    enum { BRACKETS_MAX = 16 };
    while (r->pattern < r->pattern_end) {
        Part part = part_next(&r->pattern, r->pattern_end);
        if (part.letter == ']') {
            return true;
        }
        if (part.letter == '[') {
            if (depth == BRACKETS_MAX) {
                return false;
            }
            optional_read(r, depth);
        } else if (!part_read(r, &part)) {
            return false;
        }
    }
    return true;
}

static bool fields_join(const Fields *f, LocalTime *time) {
    enum { YEAR_MAX = 294247 }; // what a timestamp holds
    if (f->year > YEAR_MAX || f->year < -YEAR_MAX) {
        return false;
    }
    uint32_t month = f->month == 0 ? 1 : (uint32_t)f->month;
    uint32_t day = f->day == 0 ? 1 : (uint32_t)f->day;
    time->days = days_from_civil(f->year, month, day);
    if (f->day_of_year != 0) {
        time->days = days_from_civil(f->year, 1, 1) + f->day_of_year - 1;
    }
    int64_t year = 0;
    uint32_t month_back = 0;
    uint32_t day_back = 0;
    civil_from_days(time->days, &year, &month_back, &day_back);
    bool is_real = year == f->year && (f->day == 0 || day_back == day) &&
                   (f->month == 0 || month_back == month) &&
                   (f->weekday == 0 || weekday_of_days(time->days) == f->weekday - 1);
    int64_t hour = (f->hour % 24) % (f->half != 0 ? 12 : 24) + (f->half == 2 ? 12 : 0);
    time->us =
        ((hour * MINUTE_SECONDS + f->minute) * MINUTE_SECONDS + f->second) * SECOND_US + f->us;
    time->has_offset = f->has_offset;
    time->offset_seconds = f->offset_seconds;
    return is_real;
}

bool time_parse(
    const char *pattern, size_t pattern_length, const char *text, size_t length, LocalTime *time) {
    enum { YEAR_DEFAULT = 1970 };
    Reader r = {.at = text,
                .end = text + length,
                .pattern = pattern,
                .pattern_end = pattern + pattern_length,
                .fields = {.year = YEAR_DEFAULT}};
    *time = (LocalTime){0};
    return parts_read(&r, 0) && r.at == r.end && fields_join(&r.fields, time);
}
