// What constant arguments must be, for the compiler to say so before a run.
#include "scalar/fn/json_part.h"
#include "scalar/fn/times.h"

typedef struct Word {
    const char *name;
    bool (*is_valid)(const char *text, size_t length);
} Word;

static bool is_unit(const char *text, size_t length) {
    TimeUnit unit;
    return time_unit_find(text, length, &unit);
}

static bool is_field(const char *text, size_t length) {
    TimeField field;
    return time_field_find(text, length, &field);
}

static bool is_zone(const char *text, size_t length) {
    Zone zone;
    return zone_find(text, length, &zone);
}

static bool is_part(const char *text, size_t length) {
    static const char *const parts[] = {
        "PROTOCOL", "HOST", "PATH", "QUERY", "REF", "FILE", "AUTHORITY", "USERINFO"};
    for (uint32_t i = 0; i < COUNT_OF(parts); i++) {
        if (strlen(parts[i]) == length && memcmp(parts[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}

bool argument_text_is_valid(const char *word, const char *text, size_t length) {
    static const Word words[] = {
        {"unit", is_unit},
        {"field", is_field},
        {"zone", is_zone},
        {"regex", pattern_is_valid},
        {"pattern", time_pattern_is_valid},
        {"path", json_path_is_valid},
        {"part", is_part},
    };
    for (uint32_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(words[i].name, word) == 0) {
            return words[i].is_valid(text, length);
        }
    }
    return true;
}
