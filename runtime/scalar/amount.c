// Amounts as a program spells them: a whole number, blanks, a unit. What params and the environment
// say of durations and sizes.
#include "scalar/scalar.h"
typedef struct Unit {
    const char *word;
    int64_t factor;
} Unit;

static const Unit time_units[] = {{"us", 1},
                                  {"ms", 1000},
                                  {"second", INT64_C(1000000)},
                                  {"minute", INT64_C(60000000)},
                                  {"hour", INT64_C(3600000000)},
                                  {"day", INT64_C(86400000000)},
                                  {"week", INT64_C(604800000000)}};
static const Unit size_units[] = {{"", 1},
                                  {"B", 1},
                                  {"KiB", INT64_C(1) << 10},
                                  {"MiB", INT64_C(1) << 20},
                                  {"GiB", INT64_C(1) << 30},
                                  {"TiB", INT64_C(1) << 40}};

static bool unit_is(const char *text, const char *word, bool has_plural) {
    size_t length = strlen(word);
    bool begins = strncmp(text, word, length) == 0;
    bool is_plural = has_plural && length > 2 && text[length] == 's' && text[length + 1] == '\0';
    return begins && (text[length] == '\0' || is_plural);
}

// A whole number, blanks, a unit; what may stand without one has a unit without a word.
static bool amount_parse(const char *text, const Unit *units, size_t count, int64_t *value) {
    bool is_negative = *text == '-';
    int64_t number = 0;
    const char *at = text + is_negative;
    size_t digits = strspn(at, "0123456789");
    for (size_t i = 0; i < digits; i++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, at[i] - '0', &number)) {
            return false;
        }
    }
    size_t blanks = strspn(at + digits, " ");
    const char *unit = at + digits + blanks;
    bool is_apart = blanks > 0 || *unit == '\0';
    for (size_t i = 0; digits > 0 && is_apart && i < count; i++) {
        if (unit_is(unit, units[i].word, units == time_units)) {
            return !__builtin_mul_overflow(
                number, is_negative ? -units[i].factor : units[i].factor, value);
        }
    }
    return false;
}

bool parse_duration(const char *text, int64_t *us) {
    return amount_parse(text, time_units, COUNT_OF(time_units), us);
}

bool parse_size(const char *text, int64_t *bytes) {
    return amount_parse(text, size_units, COUNT_OF(size_units), bytes);
}
