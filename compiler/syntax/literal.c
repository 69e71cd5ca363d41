// Numbers, durations, sizes and percentages: exact, never through a float.
#include "syntax/parse.h"

typedef struct Unit {
    const char *name;
    AstLiteralKind kind;
    int64_t factor; // microseconds or bytes
    int32_t months; // of units without a fixed length
} Unit;

#define SECOND INT64_C(1000000)
static const Unit units[] = {
    {"us", AST_DURATION, 1, 0},
    {"ms", AST_DURATION, 1000, 0},
    {"second", AST_DURATION, SECOND, 0},
    {"seconds", AST_DURATION, SECOND, 0},
    {"minute", AST_DURATION, 60 * SECOND, 0},
    {"minutes", AST_DURATION, 60 * SECOND, 0},
    {"hour", AST_DURATION, 3600 * SECOND, 0},
    {"hours", AST_DURATION, 3600 * SECOND, 0},
    {"day", AST_DURATION, 86400 * SECOND, 0},
    {"days", AST_DURATION, 86400 * SECOND, 0},
    {"week", AST_DURATION, 604800 * SECOND, 0},
    {"weeks", AST_DURATION, 604800 * SECOND, 0},
    {"month", AST_DURATION, 0, 1},
    {"months", AST_DURATION, 0, 1},
    {"quarter", AST_DURATION, 0, 3},
    {"quarters", AST_DURATION, 0, 3},
    {"year", AST_DURATION, 0, 12},
    {"years", AST_DURATION, 0, 12},
    {"B", AST_SIZE, 1, 0},
    {"KiB", AST_SIZE, INT64_C(1) << 10, 0},
    {"MiB", AST_SIZE, INT64_C(1) << 20, 0},
    {"GiB", AST_SIZE, INT64_C(1) << 30, 0},
    {"TiB", AST_SIZE, INT64_C(1) << 40, 0},
    {"percent", AST_PERCENT, 1, 0},
};

// What people write for a unit in other languages.
static const char *const meant_units[][2] = {
    {"s", "seconds"},
    {"sec", "seconds"},
    {"secs", "seconds"},
    {"m", "minutes"},
    {"min", "minutes"},
    {"mins", "minutes"},
    {"h", "hours"},
    {"hr", "hours"},
    {"hrs", "hours"},
    {"d", "days"},
    {"w", "weeks"},
};

static const Unit *unit_find(const char *text, uint32_t length) {
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strlen(units[i].name) == length && strncmp(units[i].name, text, length) == 0) {
            return &units[i];
        }
    }
    return NULL;
}

int64_t syntax_unit_us(const char *word) {
    const Unit *unit = unit_find(word, (uint32_t)strlen(word));
    return unit != NULL && unit->kind == AST_DURATION ? unit->factor : 0;
}

// The unit in "10  minutes", or NULL if the word is none.
static const Unit *quantity_unit(const char *text, uint32_t length) {
    uint32_t start = length;
    while (start > 0 && strchr(" \t\r", text[start - 1]) == NULL) {
        start--;
    }
    return unit_find(text + start, length - start);
}

bool literal_is_unit(const char *quantity, uint32_t length) {
    return quantity_unit(quantity, length) != NULL;
}

const char *literal_unit_meant(const char *word) {
    for (size_t i = 0; i < COUNT_OF(meant_units); i++) {
        if (str_equal(meant_units[i][0], word)) {
            return meant_units[i][1];
        }
    }
    const Unit *unit = unit_find(word, (uint32_t)strlen(word));
    return unit != NULL ? unit->name : NULL;
}

static AstLiteral *literal_new(Parser *parser, AstLiteralKind kind) {
    AstLiteral *literal = arena_new(parser->arena, AstLiteral);
    literal->kind = kind;
    literal->span = parser->span;
    return literal;
}

static void text_set(Parser *parser, AstLiteral *literal, const char *text, uint32_t length) {
    char *digits = arena_alloc(parser->arena, length + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] != '_') {
            digits[count++] = text[i];
        }
    }
    digits[count] = '\0';
    literal->text = digits;
    literal->length = count;
}

static bool integer_parse(const char *digits, int64_t *value) {
    *value = 0;
    for (; *digits != '\0'; digits++) {
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, *digits - '0', value)) {
            *value = 0;
            return false;
        }
    }
    return true;
}

const AstLiteral *
literal_number(Parser *parser, const char *text, uint32_t length, AstLiteralKind kind) {
    AstLiteral *literal = literal_new(parser, kind);
    text_set(parser, literal, text, length);
    if (kind == AST_INTEGER) {
        literal->is_out_of_range = !integer_parse(literal->text, &literal->value);
    }
    return literal;
}

static void duration_check_months(Parser *parser, AstLiteral *literal, int64_t months) {
    if (months > 12 * 9999) {
        scan_report(parser, DIAG_E061, "this duration is too long");
        months = 1;
    }
    literal->value = 0;
    literal->months = (int32_t)months;
}

const AstLiteral *literal_quantity(Parser *parser, const char *text, uint32_t length) {
    const Unit *unit = quantity_unit(text, length);
    AstLiteral *literal = literal_new(parser, unit->kind);
    uint32_t number_length = scan_number_length(text);
    text_set(parser, literal, text, number_length);
    if (unit->kind == AST_PERCENT) {
        return literal;
    }
    int64_t number = 1;
    if (memchr(text, '.', number_length) != NULL) {
        Diag *diag = scan_report(parser, DIAG_E048, "durations and sizes are whole numbers");
        diag_help(parser->diags, diag, "take a smaller unit: `90 seconds` for 1.5 minutes");
    } else if (!integer_parse(literal->text, &number)) {
        scan_report(parser, DIAG_E061, "this number is too large");
    }
    literal->text = NULL;
    literal->length = 0;
    if (unit->months > 0) {
        int64_t months = number > 12 * 9999 ? number : number * unit->months;
        duration_check_months(parser, literal, months);
    } else if (__builtin_mul_overflow(number, unit->factor, &literal->value)) {
        scan_report(parser, DIAG_E061, "this number is too large");
        literal->value = unit->factor;
    }
    return literal;
}

const AstLiteral *literal_word(Parser *parser, AstLiteralKind kind, bool value, Span span) {
    AstLiteral *literal = literal_new(parser, kind);
    literal->span = span;
    literal->value = value;
    return literal;
}

const AstLiteral *literal_negated(Parser *parser, const AstLiteral *literal, Span span) {
    AstLiteral *negated = arena_new(parser->arena, AstLiteral);
    *negated = *literal;
    negated->span = span;
    negated->value = -literal->value;
    if (literal->text == NULL) {
        return negated;
    }
    negated->text = arena_format(parser->arena, "-%s", literal->text);
    negated->length = literal->length + 1;
    if (literal->is_out_of_range && str_equal(literal->text, "9223372036854775808")) {
        negated->is_out_of_range = false;
        negated->value = INT64_MIN;
    }
    return negated;
}

const AstLiteral *literal_unit(Parser *parser, AstName name) {
    const Unit *unit = unit_find(name.text, (uint32_t)strlen(name.text));
    AstLiteral *literal = literal_new(parser, AST_DURATION);
    literal->span = name.span;
    literal->value = SECOND;
    if (unit == NULL || unit->kind != AST_DURATION || unit->months > 0) {
        Diag *diag =
            diag_add(parser->diags, DIAG_E048, name.span, "`%s` is no unit of time", name.text);
        const char *names[COUNT_OF(units)];
        for (size_t i = 0; i < COUNT_OF(units); i++) {
            names[i] = units[i].name;
        }
        diag_suggest(parser->diags, diag, name.text, names, COUNT_OF(units));
        return literal;
    }
    literal->value = unit->factor;
    return literal;
}

const AstLiteral *literal_fixed(Parser *parser, const AstLiteral *literal) {
    if (literal->months > 0) {
        Diag *diag = diag_add(parser->diags,
                              DIAG_E048,
                              literal->span,
                              "months, quarters and years have no fixed length");
        diag_help(parser->diags, diag, "only windows take them; write days or weeks here");
    }
    return literal;
}
