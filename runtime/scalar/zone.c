// Time zones: the offset of an instant, from the changes that the data lists and, after the last of
// them, from the rule that stands behind them (RFC 8536).
#include "scalar/zone.h"

#include "scalar/number.h"
#include "scalar/scalar.h"

enum {
    HEADER_BYTES = 44,
    TIME_BYTES = 8,
    TYPE_BYTES = 6,
    MINUTE_SECONDS = 60,
    HOUR_SECONDS = 3600,
    OFFSET_SECONDS_MAX = 18 * HOUR_SECONDS,
};

// --- reading the data
// ------------------------------------------------------------------------------
static uint32_t read_u32(const uint8_t *bytes) {
    uint32_t bits;
    memcpy(&bits, bytes, sizeof(bits));
    return __builtin_bswap32(bits);
}

static int64_t read_i64(const uint8_t *bytes) {
    uint64_t bits;
    memcpy(&bits, bytes, sizeof(bits));
    return (int64_t)__builtin_bswap64(bits);
}

typedef struct Name {
    uint32_t offset, length, data;
} Name;

static Name name_at(uint32_t index) {
    Name name;
    memcpy(&name, flow_zone_pack + sizeof(uint32_t) + index * sizeof(name), sizeof(name));
    return name;
}

static int name_compare(const char *text, size_t length, Name name) {
    size_t shorter = length < name.length ? length : name.length;
    int order = memcmp(text, flow_zone_pack + name.offset, shorter);
    return order != 0 ? order : (length > name.length) - (length < name.length);
}

static const uint8_t *data_find(const char *text, size_t length) {
    uint32_t count;
    memcpy(&count, flow_zone_pack, sizeof(count));
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        Name name = name_at(middle);
        int order = name_compare(text, length, name);
        if (order == 0) {
            return flow_zone_pack + name.data;
        }
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    return NULL;
}

// --- the rule behind the last change: CET-1CEST,M3.5.0,M10.5.0/3
// -----------------------------------
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *abbreviation_skip(const char *at) {
    if (*at == '<') {
        while (*at != '>' && *at != '\0') {
            at++;
        }
        return *at == '>' ? at + 1 : at;
    }
    while (is_letter(*at)) {
        at++;
    }
    return at;
}

static int32_t whole_read(const char **at) {
    int32_t value = 0;
    while (**at >= '0' && **at <= '9') {
        value = value * 10 + (*(*at)++ - '0');
    }
    return value;
}

// [-]h[:mm[:ss]]
static int32_t seconds_read(const char **at) {
    int32_t sign = 1;
    if (**at == '-' || **at == '+') {
        sign = *(*at)++ == '-' ? -1 : 1;
    }
    int32_t seconds = whole_read(at) * HOUR_SECONDS;
    for (int32_t unit = MINUTE_SECONDS; **at == ':' && unit > 0; unit /= MINUTE_SECONDS) {
        (*at)++;
        seconds += whole_read(at) * unit;
    }
    return sign * seconds;
}

static ZoneChange change_read(const char **at) {
    ZoneChange change = {.kind = ZONE_DAY_FROM_ZERO, .seconds = 2 * HOUR_SECONDS};
    if (**at == ',') {
        (*at)++;
    }
    if (**at == 'M') {
        (*at)++;
        change.kind = ZONE_WEEKDAY;
        change.month = whole_read(at);
        *at += **at == '.';
        change.week = whole_read(at);
        *at += **at == '.';
    } else if (**at == 'J') {
        (*at)++;
        change.kind = ZONE_DAY_WITHOUT_LEAP;
    }
    change.day = whole_read(at);
    if (**at == '/') {
        (*at)++;
        change.seconds = seconds_read(at);
    }
    return change;
}

static void rule_read(const char *text, Zone *zone) {
    const char *at = abbreviation_skip(text);
    if (at == text) {
        return; // No rule: the last change holds for ever.
    }
    zone->has_rule = true;
    zone->standard = -seconds_read(&at);
    zone->has_summer = *at != '\0' && *at != '\n';
    if (!zone->has_summer) {
        return;
    }
    at = abbreviation_skip(at);
    zone->summer = zone->standard + HOUR_SECONDS;
    if (*at != ',' && *at != '\0') {
        zone->summer = -seconds_read(&at);
    }
    zone->begin = change_read(&at);
    zone->end = change_read(&at);
}

static bool is_leap(int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// Seconds from the epoch to the change, in the local time before it.
static int64_t change_time(const ZoneChange *change, int64_t year) {
    int64_t days = 0;
    if (change->kind != ZONE_WEEKDAY) {
        days = days_from_civil(year, 1, 1) + change->day;
        if (change->kind == ZONE_DAY_WITHOUT_LEAP) {
            enum { END_OF_FEBRUARY = 59 };
            days += (is_leap(year) && change->day > END_OF_FEBRUARY ? 1 : 0) - 1;
        }
        return days * DAY_SECONDS + change->seconds;
    }
    days = days_from_civil(year, (uint32_t)change->month, 1);
    int64_t weekday = ((days + 4) % 7 + 7) % 7; // The epoch was a Thursday; 0 is Sunday.
    days += (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
    int64_t next = change->month == 12 ? days_from_civil(year + 1, 1, 1)
                                       : days_from_civil(year, (uint32_t)change->month + 1, 1);
    while (days >= next) { // The fifth is the last.
        days -= 7;
    }
    return days * DAY_SECONDS + change->seconds;
}

static int32_t rule_offset(const Zone *zone, int64_t second) {
    if (!zone->has_summer) {
        return zone->standard;
    }
    int64_t local = second + zone->standard;
    int64_t days = local / DAY_SECONDS - (local % DAY_SECONDS < 0);
    int64_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;
    civil_from_days(days, &year, &month, &day);
    int64_t begin = change_time(&zone->begin, year) - zone->standard;
    int64_t end = change_time(&zone->end, year) - zone->summer;
    bool is_summer =
        begin < end ? second >= begin && second < end : second >= begin || second < end;
    return is_summer ? zone->summer : zone->standard;
}

// --- zones
// -----------------------------------------------------------------------------------------
static void data_read(const uint8_t *data, Zone *zone) {
    uint32_t utc_count = read_u32(data + 20);
    uint32_t standard_count = read_u32(data + 24);
    uint32_t leap_count = read_u32(data + 28);
    zone->time_count = read_u32(data + 32);
    uint32_t type_count = read_u32(data + 36);
    uint32_t text_bytes = read_u32(data + 40);
    zone->times = data + HEADER_BYTES;
    zone->kinds = zone->times + (size_t)zone->time_count * TIME_BYTES;
    zone->types = zone->kinds + zone->time_count;
    const uint8_t *behind = zone->types + (size_t)type_count * TYPE_BYTES + text_bytes +
                            (size_t)leap_count * (TIME_BYTES + 4) + standard_count + utc_count;
    rule_read((const char *)behind + 1, zone);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Z, and offsets as +02:00.
static bool fixed_read(const char *name, size_t length, Zone *zone) {
    zone->has_rule = true;
    if (length == 1 && name[0] == 'Z') {
        return true;
    }
    bool has_form = length == 6 && (name[0] == '+' || name[0] == '-') && is_digit(name[1]) &&
                    is_digit(name[2]) && name[3] == ':' && is_digit(name[4]) && is_digit(name[5]);
    if (!has_form) {
        return false;
    }
    int32_t minutes = (name[4] - '0') * 10 + (name[5] - '0');
    int32_t seconds =
        ((name[1] - '0') * 10 + (name[2] - '0')) * HOUR_SECONDS + minutes * MINUTE_SECONDS;
    zone->standard = name[0] == '-' ? -seconds : seconds;
    return minutes < MINUTE_SECONDS && seconds <= OFFSET_SECONDS_MAX;
}

bool zone_find(const char *name, size_t length, Zone *zone) {
    static _Thread_local Zone last; // Nearly always the same one again.
    static _Thread_local char last_name[ZONE_NAME_BYTES_MAX];
    static _Thread_local size_t last_length;
    if (length == 0 || length > ZONE_NAME_BYTES_MAX) {
        return false;
    }
    if (length == last_length && memcmp(name, last_name, length) == 0) {
        *zone = last;
        return true;
    }
    *zone = (Zone){0};
    const uint8_t *data = data_find(name, length);
    if (data != NULL) {
        data_read(data, zone);
    } else if (!fixed_read(name, length, zone)) {
        return false;
    }
    last = *zone;
    last_length = length;
    memcpy(last_name, name, length);
    return true;
}

static int32_t type_offset(const Zone *zone, uint32_t type) {
    return (int32_t)read_u32(zone->types + (size_t)type * TYPE_BYTES);
}

static int32_t offset_at(const Zone *zone, int64_t second) {
    uint32_t low = 0;
    uint32_t high = zone->time_count; // changes [0, low) are not after `second`
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        bool is_past = read_i64(zone->times + (size_t)middle * TIME_BYTES) <= second;
        low = is_past ? middle + 1 : low;
        high = is_past ? high : middle;
    }
    if (low == zone->time_count && zone->has_rule) {
        return rule_offset(zone, second);
    }
    return type_offset(zone, low == 0 ? 0 : zone->kinds[low - 1]);
}

static int64_t floor_seconds(int64_t us) {
    return us / SECOND_US - (us % SECOND_US < 0);
}

int64_t zone_offset_us(const Zone *zone, int64_t us) {
    return (int64_t)offset_at(zone, floor_seconds(us)) * SECOND_US;
}

bool zone_to_local(const Zone *zone, int64_t us, int64_t *local_us) {
    return !__builtin_add_overflow(us, zone_offset_us(zone, us), local_us);
}

// The offset that held a day before names the first of two equal local times, and moves a skipped
// one forward by the gap.
bool zone_from_local(const Zone *zone, int64_t local_us, int64_t *us) {
    int64_t second = floor_seconds(local_us);
    int32_t before = offset_at(zone, second - DAY_SECONDS);
    int32_t after = offset_at(zone, second + DAY_SECONDS);
    bool is_after =
        offset_at(zone, second - before) != before && offset_at(zone, second - after) == after;
    return !__builtin_sub_overflow(local_us, (int64_t)(is_after ? after : before) * SECOND_US, us);
}
