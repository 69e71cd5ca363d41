// Patterns: `like` by hand, `matches` by PCRE2.
//
// PCRE2 runs without its JIT, which would map pages both writable and executable, and with limits
// that are counted in steps, so that a pattern gives up at the same place on every machine.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/task.h"
#include "scalar/scalar.h"

#include <pcre2.h>

#include "scalar/fn/fn.h"

enum {
    PATTERN_CACHE_MAX = 64,
    MATCH_STEPS_MAX = 1000000,
    MATCH_DEPTH_MAX = 100000,
    MATCH_HEAP_KIB_MAX = 20000,
    PATTERN_BYTES_MAX = 65536,
};

// --- like ---------------------------------------------------------------------------------------

static size_t code_point_bytes(const char *at, const char *end) {
    return utf8_skip(at, (size_t)(end - at), 1);
}

// The place in a text and in a pattern to go back to when what follows a % does not fit.
typedef struct LikePlace {
    const char *text;
    const char *pattern;
} LikePlace;

// One element of the pattern that is no % against one code point of the text.
static bool like_step(LikePlace *at, const char *text_end, const char *pattern_end) {
    if (*at->pattern == '_') {
        at->pattern++;
        at->text += code_point_bytes(at->text, text_end);
        return true;
    }
    const char *literal = at->pattern;
    if (*literal == '\\' && literal + 1 < pattern_end) {
        literal++;
    }
    if (*literal != *at->text) {
        return false;
    }
    at->pattern = literal + 1;
    at->text++;
    return true;
}

// Only the last % needs to be tried again: what an earlier one took can only be less.
static bool
like_matches(const char *text, size_t length, const char *pattern, size_t pattern_length) {
    const char *text_end = text + length;
    const char *pattern_end = pattern + pattern_length;
    LikePlace at = {text, pattern};
    LikePlace back = {NULL, NULL};
    while (at.text < text_end || at.pattern < pattern_end) {
        if (at.pattern < pattern_end && *at.pattern == '%') {
            back = (LikePlace){at.text, ++at.pattern};
            if (at.pattern == pattern_end) {
                return true;
            }
            continue;
        }
        bool can_step = at.text < text_end && at.pattern < pattern_end;
        if (can_step && like_step(&at, text_end, pattern_end)) {
            continue;
        }
        if (back.text == NULL || back.text >= text_end) {
            return false;
        }
        back.text += code_point_bytes(back.text, text_end);
        at = back;
    }
    return true;
}

int32_t flow_rt_k_like(FlowContext *ctx,
                       const FlowValue *args,
                       FlowValue *result,
                       const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    FlowView text = args[0].view;
    FlowView pattern = args[1].view;
    result->i64 =
        like_matches(flow_view_data(&text), text.length, flow_view_data(&pattern), pattern.length);
    return FLOW_VALUE_OK;
}

// --- matches ------------------------------------------------------------------------------------

typedef struct Pattern {
    char *text; // NULL: the place is free
    size_t length;
    pcre2_code *code; // NULL: the pattern is no pattern
} Pattern;

// Compiled patterns of this thread, one place for each hash: nearly always a program's few
// constants.
typedef struct PatternCache {
    Pattern patterns[PATTERN_CACHE_MAX];
    pcre2_match_data *match;
    pcre2_match_context *limits;
} PatternCache;

static _Thread_local PatternCache cache;

static void cache_close(void) {
    for (uint32_t i = 0; i < PATTERN_CACHE_MAX; i++) {
        pcre2_code_free(cache.patterns[i].code);
        memory_free(cache.patterns[i].text);
    }
    pcre2_match_data_free(cache.match);
    pcre2_match_context_free(cache.limits);
}

static void cache_open(void) {
    if (cache.match != NULL) {
        return;
    }
    thread_end_call(cache_close);
    cache.match = pcre2_match_data_create(1, NULL);
    cache.limits = pcre2_match_context_create(NULL);
    ASSERT(cache.match != NULL && cache.limits != NULL);
    pcre2_set_match_limit(cache.limits, MATCH_STEPS_MAX);
    pcre2_set_depth_limit(cache.limits, MATCH_DEPTH_MAX);
    pcre2_set_heap_limit(cache.limits, MATCH_HEAP_KIB_MAX);
}

static pcre2_code *pattern_compile(const char *text, size_t length) {
    const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    int error = 0;
    size_t place = 0;
    if (length > PATTERN_BYTES_MAX) {
        return NULL;
    }
    return pcre2_compile((PCRE2_SPTR)text, length, options, &error, &place, NULL);
}

static const Pattern *pattern_find(const char *text, size_t length) {
    Pattern *pattern = &cache.patterns[hash64(text, length) % PATTERN_CACHE_MAX];
    bool is_found = pattern->text != NULL && pattern->length == length &&
                    memcmp(pattern->text, text, length) == 0;
    if (is_found) {
        return pattern;
    }
    pcre2_code_free(pattern->code);
    pattern->text = memory_resize(pattern->text, length + 1);
    memcpy(pattern->text, text, length);
    pattern->length = length;
    pattern->code = pattern_compile(text, length);
    return pattern;
}

bool pattern_is_valid(const char *text, size_t length) {
    pcre2_code *code = pattern_compile(text, length);
    pcre2_code_free(code);
    return code != NULL;
}

int32_t flow_rt_k_matches(FlowContext *ctx,
                          const FlowValue *args,
                          FlowValue *result,
                          const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    FlowView text = args[0].view;
    FlowView pattern_text = args[1].view;
    cache_open();
    const Pattern *pattern = pattern_find(flow_view_data(&pattern_text), pattern_text.length);
    if (pattern->code == NULL) {
        return FLOW_VALUE_ERROR;
    }
    int found = pcre2_match(pattern->code,
                            (PCRE2_SPTR)flow_view_data(&text),
                            text.length,
                            0,
                            PCRE2_NO_UTF_CHECK,
                            cache.match,
                            cache.limits);
    result->i64 = found >= 0;
    return found >= 0 || found == PCRE2_ERROR_NOMATCH ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}

PatternStatus
pattern_search(FlowView pattern_text, FlowView text, size_t from, PatternMatch *match) {
    cache_open();
    if (pcre2_get_ovector_count(cache.match) < PATTERN_GROUPS_MAX) { // made for `matches` alone
        pcre2_match_data_free(cache.match);
        cache.match = pcre2_match_data_create(PATTERN_GROUPS_MAX, NULL);
        ASSERT(cache.match != NULL);
    }
    const Pattern *pattern = pattern_find(flow_view_data(&pattern_text), pattern_text.length);
    if (pattern->code == NULL) {
        return PATTERN_ERROR;
    }
    int found = pcre2_match(pattern->code,
                            (PCRE2_SPTR)flow_view_data(&text),
                            text.length,
                            from,
                            PCRE2_NO_UTF_CHECK,
                            cache.match,
                            cache.limits);
    if (found < 0) {
        return found == PCRE2_ERROR_NOMATCH ? PATTERN_NONE : PATTERN_ERROR;
    }
    uint32_t count = 0;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &count);
    match->group_count = count;
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(cache.match);
    for (uint32_t i = 0; i <= count && i < PATTERN_GROUPS_MAX; i++) {
        bool is_there = (found == 0 || i < (uint32_t)found) && places[2 * i] != PCRE2_UNSET;
        match->begin[i] = is_there ? places[2 * i] : PATTERN_NO_PLACE;
        match->end[i] = is_there ? places[2 * i + 1] : PATTERN_NO_PLACE;
    }
    return PATTERN_FOUND;
}
