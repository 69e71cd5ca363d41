// Texts that a regular expression matches, made from its parts rather than found by trying:
// letters, sets, groups, alternatives and counts. What goes beyond that (references, look-arounds,
// borders of words) is not simple: its texts have to be drawn and judged.
#include "generate/internal.h"

enum {
    PATTERN_DEPTH_MAX = 32,
    PATTERN_BYTES_MAX = 10000, // of a text
    PATTERN_COUNT_MAX = 1000,  // of a repetition
    PATTERN_MORE = 5,          // repetitions beyond the least, where there is no most
};

typedef enum PatternKind {
    PATTERN_SET,
    PATTERN_SEQUENCE,
    PATTERN_CHOICE,
    PATTERN_REPEAT
} PatternKind;

struct Pattern {
    PatternKind kind;
    const char *set; // its characters, all ASCII or one byte of a longer one
    uint32_t set_count;
    VEC(const Pattern *) parts;
    uint32_t least; // REPEAT
    uint32_t most;
    uint64_t count;
    size_t bytes_max;
};

typedef struct Parser {
    Arena *arena;
    const char *at;
    uint32_t depth;
    bool is_simple;
} Parser;

// --- counts --------------------------------------------------------------------------------------
static uint64_t product(uint64_t a, uint64_t b) {
    u128 result = (u128)a * b;
    return result > GENERATE_COUNT_MAX ? GENERATE_COUNT_MAX : (uint64_t)result;
}

static uint64_t sum(uint64_t a, uint64_t b) {
    return a + b > GENERATE_COUNT_MAX ? GENERATE_COUNT_MAX : a + b;
}

static uint64_t power(uint64_t base, uint32_t exponent) {
    uint64_t result = 1;
    for (uint32_t i = 0; i < exponent; i++) {
        result = product(result, base);
    }
    return result;
}

static void measure_repeat(Pattern *made) {
    const Pattern *part = made->parts.items[0];
    made->count = 0;
    for (uint32_t i = made->least; i <= made->most; i++) {
        made->count = sum(made->count, power(part->count, i));
    }
    made->bytes_max = part->bytes_max * made->most;
}

static void measure(Pattern *made) {
    made->count = made->kind == PATTERN_SEQUENCE ? 1 : made->set_count;
    made->bytes_max = made->kind == PATTERN_SET ? 1 : 0;
    for (uint32_t i = 0; i < made->parts.count; i++) {
        const Pattern *part = made->parts.items[i];
        if (made->kind == PATTERN_SEQUENCE) {
            made->count = product(made->count, part->count);
            made->bytes_max += part->bytes_max;
        } else {
            made->count = sum(made->count, part->count);
            made->bytes_max = part->bytes_max > made->bytes_max ? part->bytes_max : made->bytes_max;
        }
    }
    if (made->kind == PATTERN_REPEAT) {
        measure_repeat(made);
    }
}

static const Pattern *measured(Parser *p, Pattern *made) {
    measure(made);
    p->is_simple &= made->bytes_max <= PATTERN_BYTES_MAX && made->count > 0;
    return made;
}

// --- sets ----------------------------------------------------------------------------------------
static const Pattern *set_new(Parser *p, const char *set, size_t count) {
    Pattern *made = arena_new(p->arena, Pattern);
    *made = (Pattern){
        .kind = PATTERN_SET, .set = arena_copy(p->arena, set, count), .set_count = (uint32_t)count};
    return measured(p, made);
}

// Which characters \d, \w and \s stand for; NULL: the letter is no such class.
static const char *class_of(char letter) {
    switch (letter) {
    case 'd':
        return "0123456789";
    case 'w':
        return "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    case 's':
        return " ";
    case 't':
        return "\t";
    default:
        return NULL;
    }
}

static void class_add(const char *class, bool *has) {
    for (const char *at = class; *at != '\0'; at++) {
        has[(unsigned char)*at] = true;
    }
}

static bool is_plain(char c) {
    return c >= ' ' && c <= '~';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// One character of a set, or a class; false: it is a class.
static bool set_member(Parser *p, bool *has, char *member) {
    *member = *p->at++;
    if (*member == '[' || !is_plain(*member)) {
        p->is_simple = false; // [:alpha:], or more than a byte
        return *member != '\0';
    }
    if (*member != '\\') {
        return true;
    }
    *member = *p->at == '\0' ? '\\' : *p->at++;
    const char *class = class_of(*member);
    if (class != NULL) {
        class_add(class, has);
        return false;
    }
    p->is_simple &= !is_letter(*member);
    return true;
}

static void set_members(Parser *p, bool *has) {
    bool is_first = true;
    while (*p->at != '\0' && (*p->at != ']' || is_first) && p->is_simple) {
        char from = '\0';
        is_first = false;
        if (!set_member(p, has, &from)) {
            continue;
        }
        char to = from;
        if (p->at[0] == '-' && p->at[1] != ']' && p->at[1] != '\0') {
            p->at++;
            p->is_simple &= set_member(p, has, &to) && to >= from;
        }
        for (int c = (unsigned char)from; c <= (unsigned char)to; c++) {
            has[c] = true;
        }
    }
}

static const Pattern *set_parse(Parser *p) {
    bool has[256] = {false};
    char set[256];
    size_t count = 0;
    bool is_negated = *p->at == '^';
    p->at += is_negated;
    set_members(p, has);
    p->is_simple &= *p->at == ']';
    p->at += *p->at == ']';
    for (int c = 1; c < 127; c++) {
        bool is_in = is_negated ? is_plain((char)c) && !has[c] : has[c];
        if (is_in) {
            set[count++] = (char)c;
        }
    }
    return set_new(p, set, count);
}

// --- parts ---------------------------------------------------------------------------------------
static const Pattern *choice_parse(Parser *p);

static const Pattern *group_parse(Parser *p) {
    if (p->at[0] == '?') {
        p->is_simple &= p->at[1] == ':';
        p->at += p->at[1] == '\0' ? 1 : 2;
    }
    const Pattern *made = choice_parse(p);
    p->is_simple &= *p->at == ')';
    p->at += *p->at == ')';
    return made;
}

static const Pattern *escape_parse(Parser *p) {
    char letter = *p->at;
    const char *class = class_of(letter);
    p->at += letter != '\0';
    if (class != NULL) {
        return set_new(p, class, strlen(class));
    }
    p->is_simple &= letter != '\0' && !is_letter(letter);
    return set_new(p, &letter, 1);
}

// A character of more than one byte is repeated as one.
static const Pattern *character_parse(Parser *p, char first) {
    Pattern *made = arena_new(p->arena, Pattern);
    made->kind = PATTERN_SEQUENCE;
    *vec_push(p->arena, &made->parts) = set_new(p, &first, 1);
    while ((*p->at & 0xC0) == 0x80) {
        *vec_push(p->arena, &made->parts) = set_new(p, p->at++, 1);
    }
    return measured(p, made);
}

static const Pattern *atom_parse(Parser *p) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    char c = *p->at++;
    switch (c) {
    case '(':
        return group_parse(p);
    case '[':
        return set_parse(p);
    case '\\':
        return escape_parse(p);
    case '.':
        return set_new(p, letters, strlen(letters));
    case '*':
    case '+':
    case '?':
    case '^':
    case '$':
        p->is_simple = false;
        return set_new(p, &c, 1);
    default:
        return character_parse(p, c);
    }
}

static uint32_t number_parse(Parser *p) {
    uint32_t value = 0;
    p->is_simple &= *p->at >= '0' && *p->at <= '9';
    while (*p->at >= '0' && *p->at <= '9' && value <= PATTERN_COUNT_MAX) {
        value = value * 10 + (uint32_t)(*p->at++ - '0');
    }
    p->is_simple &= value <= PATTERN_COUNT_MAX;
    return value;
}

// {2}, {2,} or {2,4}.
static void counts_parse(Parser *p, uint32_t *least, uint32_t *most) {
    *least = number_parse(p);
    *most = *least;
    if (*p->at == ',') {
        p->at++;
        *most = *p->at == '}' ? *least + PATTERN_MORE : number_parse(p);
    }
    p->is_simple &= *p->at == '}' && *most >= *least;
    p->at += *p->at == '}';
}

static bool repeat_parse(Parser *p, uint32_t *least, uint32_t *most) {
    switch (*p->at) {
    case '?':
    case '*':
    case '+':
        *least = *p->at == '+' ? 1 : 0;
        *most = *p->at == '?' ? 1 : PATTERN_MORE;
        p->at++;
        break;
    case '{':
        p->at++;
        counts_parse(p, least, most);
        break;
    default:
        return false;
    }
    p->at += *p->at == '?' || *p->at == '+'; // how much it takes does not matter
    return true;
}

static const Pattern *repeated(Parser *p, const Pattern *part) {
    uint32_t least = 0;
    uint32_t most = 0;
    if (!repeat_parse(p, &least, &most) || !p->is_simple) {
        return part;
    }
    Pattern *made = arena_new(p->arena, Pattern);
    *made = (Pattern){.kind = PATTERN_REPEAT, .least = least, .most = most};
    *vec_push(p->arena, &made->parts) = part;
    return measured(p, made);
}

static const Pattern *sequence_parse(Parser *p) {
    Pattern *made = arena_new(p->arena, Pattern);
    made->kind = PATTERN_SEQUENCE;
    while (p->is_simple && *p->at != '\0' && *p->at != '|' && *p->at != ')') {
        bool is_end = *p->at == '$' && strchr("|)", p->at[1]) != NULL; // or the text's end
        if (is_end) {
            p->at++;
            continue;
        }
        const Pattern *part = atom_parse(p);
        *vec_push(p->arena, &made->parts) = repeated(p, part);
    }
    return measured(p, made);
}

static const Pattern *choice_parse(Parser *p) {
    Pattern *made = arena_new(p->arena, Pattern);
    made->kind = PATTERN_CHOICE;
    p->is_simple &= ++p->depth <= PATTERN_DEPTH_MAX;
    while (p->is_simple) {
        p->at += *p->at == '^';
        *vec_push(p->arena, &made->parts) = sequence_parse(p);
        if (*p->at != '|') {
            break;
        }
        p->at++;
    }
    p->depth--;
    return measured(p, made);
}

const Pattern *pattern_parse(Arena *arena, const char *text) {
    Parser p = {.arena = arena, .at = text, .is_simple = true};
    const Pattern *made = choice_parse(&p);
    return p.is_simple && *p.at == '\0' ? made : NULL;
}

uint64_t pattern_count(const Pattern *pattern) {
    return pattern->count;
}

// --- texts ---------------------------------------------------------------------------------------
void pattern_draw(const Pattern *pattern, Draw *draw, Buffer *out) {
    switch (pattern->kind) {
    case PATTERN_SET:
        buffer_char(out, pattern->set[draw_below(draw, pattern->set_count)]);
        break;
    case PATTERN_SEQUENCE:
        for (uint32_t i = 0; i < pattern->parts.count; i++) {
            pattern_draw(pattern->parts.items[i], draw, out);
        }
        break;
    case PATTERN_CHOICE:
        pattern_draw(pattern->parts.items[draw_below(draw, pattern->parts.count)], draw, out);
        break;
    case PATTERN_REPEAT: {
        uint64_t times = pattern->least + draw_below(draw, pattern->most - pattern->least + 1);
        for (uint64_t i = 0; i < times; i++) {
            pattern_draw(pattern->parts.items[0], draw, out);
        }
        break;
    }
    }
}

// The texts of a sequence are counted like numbers whose last digit is its last part.
static void sequence_nth(const Pattern *pattern, uint64_t index, Buffer *out) {
    for (uint32_t i = 0; i < pattern->parts.count; i++) {
        uint64_t behind = 1;
        for (uint32_t j = i + 1; j < pattern->parts.count; j++) {
            behind = product(behind, pattern->parts.items[j]->count);
        }
        pattern_nth(pattern->parts.items[i], index / behind, out);
        index %= behind;
    }
}

static void repeat_nth(const Pattern *pattern, uint64_t index, Buffer *out) {
    const Pattern *part = pattern->parts.items[0];
    uint32_t times = pattern->least;
    while (times < pattern->most && index >= power(part->count, times)) {
        index -= power(part->count, times++);
    }
    for (uint32_t i = times; i > 0; i--) {
        uint64_t behind = power(part->count, i - 1);
        pattern_nth(part, index / behind, out);
        index %= behind;
    }
}

void pattern_nth(const Pattern *pattern, uint64_t index, Buffer *out) {
    uint32_t at = 0;
    switch (pattern->kind) {
    case PATTERN_SET:
        buffer_char(out, pattern->set[index]);
        break;
    case PATTERN_SEQUENCE:
        sequence_nth(pattern, index, out);
        break;
    case PATTERN_CHOICE:
        while (index >= pattern->parts.items[at]->count) {
            index -= pattern->parts.items[at++]->count;
        }
        pattern_nth(pattern->parts.items[at], index, out);
        break;
    case PATTERN_REPEAT:
        repeat_nth(pattern, index, out);
        break;
    }
}
