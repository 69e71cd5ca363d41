// The proleptic Gregorian calendar and the text forms of dates and timestamps (RFC 3339).
//
// Days are counted in eras of 400 years that begin on 1 March, so that the leap day is the last day
// of its year and needs no special case.
#include "scalar/number.h"
#include "scalar/scalar.h"

enum { ERA_DAYS = 146097, ERA_YEARS = 400, EPOCH_DAYS_FROM_ERA = 719468, YEAR_DAYS = 365 };

static int64_t floor_divide(int64_t value, int64_t divisor) {
    int64_t quotient = value / divisor;
    return quotient - (value % divisor < 0);
}

static int64_t days_from_civil64(int64_t year, uint32_t month, uint32_t day) {
    int64_t shifted_year = year - (month <= 2);
    int64_t era = floor_divide(shifted_year, ERA_YEARS);
    int64_t year_of_era = shifted_year - era * ERA_YEARS;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * YEAR_DAYS + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_DAYS_FROM_ERA;
}

int32_t days_from_civil(int64_t year, uint32_t month, uint32_t day) {
    return (int32_t)days_from_civil64(year, month, day);
}

void civil_from_days(int64_t days, int64_t *year, uint32_t *month, uint32_t *day) {
    int64_t shifted = days + EPOCH_DAYS_FROM_ERA;
    int64_t era = floor_divide(shifted, ERA_DAYS);
    int64_t day_of_era = shifted - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / YEAR_DAYS;
    int64_t day_of_year =
        day_of_era - (YEAR_DAYS * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = (uint32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (uint32_t)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = year_of_era + era * ERA_YEARS + (*month <= 2);
}

static bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint32_t month_days(int64_t year, uint32_t month) {
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

// `count` digits at `text` as a number, -1 if one of them is none.
static int32_t digits_value(const char *text, uint32_t count) {
    int32_t value = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t digit = (uint32_t)(uint8_t)text[i] - '0';
        if (digit > 9) {
            return -1;
        }
        value = value * 10 + (int32_t)digit;
    }
    return value;
}

ParseResult parse_date(const char *text, size_t length, int32_t *days) {
    if (length != 10 || text[4] != '-' || text[7] != '-') {
        return PARSE_BAD;
    }
    int32_t year = digits_value(text, 4);
    int32_t month = digits_value(text + 5, 2);
    int32_t day = digits_value(text + 8, 2);
    if (year < 0 || month < 0 || day < 0) {
        return PARSE_BAD;
    }
    if (month < 1 || month > 12 || day < 1 || (uint32_t)day > month_days(year, (uint32_t)month)) {
        return PARSE_RANGE;
    }
    *days = days_from_civil(year, (uint32_t)month, (uint32_t)day);
    return PARSE_OK;
}

// "hh:mm:ss" as seconds. A leap second has no place on a line of equal days: out of range.
static ParseResult clock_parse(const char *text, int64_t *seconds) {
    int32_t hour = digits_value(text, 2);
    int32_t minute = digits_value(text + 3, 2);
    int32_t second = digits_value(text + 6, 2);
    if (hour < 0 || minute < 0 || second < 0 || text[2] != ':' || text[5] != ':') {
        return PARSE_BAD;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return hour > 23 || minute > 59 || second > 59 ? PARSE_RANGE : PARSE_OK;
}

// ".123…" as µs: what follows the sixth digit is cut off. Moves *text past it.
static bool fraction_parse(const char **text, const char *end, int64_t *us) {
    *us = 0;
    if (*text == end || **text != '.') {
        return true;
    }
    int64_t place_us = 100000;
    const char *first = ++*text;
    while (*text < end && (uint32_t)(uint8_t)**text - '0' <= 9) {
        *us += (**text - '0') * place_us;
        place_us /= 10;
        ++*text;
    }
    return *text > first;
}

// "Z", "+hh:mm" or "-hh:mm" up to the end, as seconds.
static ParseResult offset_parse(const char *text, const char *end, int64_t *seconds) {
    *seconds = 0;
    if (end - text == 1 && (*text == 'Z' || *text == 'z')) {
        return PARSE_OK;
    }
    if (end - text != 6 || (*text != '+' && *text != '-') || text[3] != ':') {
        return PARSE_BAD;
    }
    int32_t hour = digits_value(text + 1, 2);
    int32_t minute = digits_value(text + 4, 2);
    if (hour < 0 || minute < 0) {
        return PARSE_BAD;
    }
    int64_t total_seconds = hour * 3600 + minute * 60;
    *seconds = *text == '-' ? -total_seconds : total_seconds;
    return hour > 23 || minute > 59 ? PARSE_RANGE : PARSE_OK;
}

ParseResult parse_timestamp(const char *text, size_t length, int64_t *us) {
    enum { SHORTEST = 20 }; // 2026-01-31T12:00:00Z
    if (length < SHORTEST || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
        return PARSE_BAD;
    }
    int32_t days = 0;
    int64_t clock_seconds = 0;
    int64_t fraction_us = 0;
    int64_t offset_seconds = 0;
    const char *end = text + length;
    const char *rest = text + SHORTEST - 1;
    ParseResult date = parse_date(text, 10, &days);
    ParseResult clock = clock_parse(text + 11, &clock_seconds);
    if (date == PARSE_BAD || clock == PARSE_BAD || !fraction_parse(&rest, end, &fraction_us)) {
        return PARSE_BAD;
    }
    ParseResult offset = offset_parse(rest, end, &offset_seconds);
    if (offset == PARSE_BAD) {
        return PARSE_BAD;
    }
    int64_t seconds = (int64_t)days * DAY_SECONDS + clock_seconds - offset_seconds;
    *us = seconds * SECOND_US + fraction_us;
    return date == PARSE_OK && clock == PARSE_OK ? offset : PARSE_RANGE;
}

static char *two_digits(char *out, uint32_t value) {
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
    return out + 2;
}

// Years outside 0000 … 9999 are written as ISO 8601's expanded form, with a sign.
static char *year_text(char *out, int64_t year) {
    uint64_t size = year < 0 ? (uint64_t)-year : (uint64_t)year;
    if (year < 0 || year > 9999) {
        *out++ = year < 0 ? '-' : '+';
    }
    char digits[24];
    uint32_t count = 0;
    while (size > 0 || count < 4) {
        digits[count++] = (char)('0' + size % 10);
        size /= 10;
    }
    while (count > 0) {
        *out++ = digits[--count];
    }
    return out;
}

size_t date_text(char *out, int64_t days) {
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    civil_from_days(days, &year, &month, &day);
    char *at = year_text(out, year);
    *at++ = '-';
    at = two_digits(at, month);
    *at++ = '-';
    return (size_t)(two_digits(at, day) - out);
}

// As many digits as are needed: none, 3 or 6.
static char *fraction_text(char *out, uint32_t us) {
    if (us == 0) {
        return out;
    }
    uint32_t count = us % 1000 == 0 ? 3 : 6;
    uint32_t value = count == 3 ? us / 1000 : us;
    *out++ = '.';
    for (uint32_t i = count; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

size_t timestamp_text(char *out, int64_t us) {
    int64_t days = floor_divide(us, DAY_US);
    // Unsigned: the first midnight before the least instant is out of range, the difference is not.
    int64_t of_day_us = (int64_t)((uint64_t)us - (uint64_t)days * (uint64_t)DAY_US);
    uint32_t seconds = (uint32_t)(of_day_us / SECOND_US);
    char *at = out + date_text(out, days);
    *at++ = 'T';
    at = two_digits(at, seconds / 3600);
    *at++ = ':';
    at = two_digits(at, seconds / 60 % 60);
    *at++ = ':';
    at = two_digits(at, seconds % 60);
    at = fraction_text(at, (uint32_t)(of_day_us % SECOND_US));
    *at++ = 'Z';
    return (size_t)(at - out);
}

int64_t timestamp_days(int64_t us) {
    return floor_divide(us, DAY_US);
}
