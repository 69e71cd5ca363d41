// Which name was meant. Near enough is: the same letters in another case, or at most a third of the
// letters wrong, missing, added or swapped with their neighbour, or the same words in another
// order.
#include "support/support.h"

enum {
    LETTERS_MAX = 64,    // longer names are compared for equality only
    LETTERS_MIN = 3,     // below this everything resembles everything
    DISTANCE_NONE = 1000 // not near at all
};

bool str_equal(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_equal_but_case(const char *a, const char *b) {
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// Optimal string alignment; three rows of the table are enough.
static uint32_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    uint32_t rows[3][LETTERS_MAX + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = (uint32_t)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        const uint32_t *above_that = rows[(i + 1) % 3];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= b_length; j++) {
            uint32_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], above_that[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

// date_order for order_date: the two halves around one underscore, swapped.
static bool is_words_swapped(const char *a, const char *b) {
    const char *cut = strchr(a, '_');
    if (cut == NULL || strlen(a) != strlen(b)) {
        return false;
    }
    size_t first = (size_t)(cut - a);
    size_t second = strlen(cut + 1);
    return strncmp(b, cut + 1, second) == 0 && b[second] == '_' &&
           strncmp(b + second + 1, a, first) == 0;
}

static uint32_t candidate_distance(const char *name, const char *candidate) {
    if (is_equal_but_case(name, candidate)) {
        return 0;
    }
    size_t length = strlen(name);
    size_t candidate_length = strlen(candidate);
    if (length < LETTERS_MIN || length > LETTERS_MAX || candidate_length > LETTERS_MAX) {
        return DISTANCE_NONE;
    }
    uint32_t steps = distance(name, length, candidate, candidate_length);
    if (steps <= length / 3) {
        return steps;
    }
    return is_words_swapped(name, candidate) ? (uint32_t)length : DISTANCE_NONE;
}

const char *str_suggest(const char *name, const char *const *candidates, uint32_t count) {
    const char *best = NULL;
    uint32_t best_distance = DISTANCE_NONE;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t steps = candidate_distance(name, candidates[i]);
        if (steps < best_distance) {
            best_distance = steps;
            best = candidates[i];
        }
    }
    return best;
}
