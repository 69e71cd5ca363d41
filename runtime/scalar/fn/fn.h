// What the files of the built-in functions share.
#ifndef FLOW_SCALAR_FN_H
#define FLOW_SCALAR_FN_H

#include "scalar/scalar.h"

#include <utf8proc.h>

// Every code point of the text through one of these; the result is a fresh string.
typedef enum CaseKind { CASE_LOWER, CASE_UPPER } CaseKind;
FlowView case_change(FlowContext *ctx, FlowView text, CaseKind kind);

bool bytes_equal(const char *a, const char *b, size_t length); // of any length, 0 too

// Every built-in function has these arguments; few need all of them.
#define BUILTIN_FUNCTION(name)                                                                     \
    int32_t flow_rt_fn_##name(__attribute__((unused)) FlowContext *ctx,                            \
                              __attribute__((unused)) const FlowValue *args,                       \
                              FlowValue *result,                                                   \
                              __attribute__((unused)) const FlowKernelInfo *info)

enum { TEXT_RESULT_BYTES_MAX = RECORD_BYTES_MAX }; // a longer text is an error

static inline Arena *fn_arena(FlowContext *ctx) {
    return ((const ScalarRuntime *)ctx->runtime)->arena;
}
// The text becomes the result, and the buffer is freed. FLOW_VALUE_ERROR if it is too long.
int32_t text_result(FlowContext *ctx, Buffer *text, FlowValue *result);
FlowView hex_text(FlowContext *ctx, const uint8_t *bytes, size_t length, bool is_upper);

static inline bool number_is_float(const FlowTypeDesc *type) {
    return type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64;
}
double number_as_float64(const FlowTypeDesc *type, const FlowValue *value); // rounded once
// A float without a fraction as an int64; FLOW_VALUE_ERROR if it lies outside.
int32_t whole_result(double whole, FlowValue *result);

// A regular expression's match: places in bytes of the groups, group 0 being all of it.
enum { PATTERN_GROUPS_MAX = 100 };
#define PATTERN_NO_PLACE SIZE_MAX
typedef struct PatternMatch {
    uint32_t group_count; // without group 0
    size_t begin[PATTERN_GROUPS_MAX];
    size_t end[PATTERN_GROUPS_MAX];
} PatternMatch;
typedef enum PatternStatus { PATTERN_NONE, PATTERN_FOUND, PATTERN_ERROR } PatternStatus;
PatternStatus pattern_search(FlowView pattern, FlowView text, size_t from, PatternMatch *match);

// lpad and rpad: the text, filled up to the wanted number of code points or cut off at its end.
int32_t text_pad(FlowContext *ctx,
                 const FlowValue *args,
                 const FlowKernelInfo *info,
                 bool is_left,
                 FlowValue *result);

// The lambda's answer for an element; `is_true` is set unless it fails.
int32_t lambda_test(
    FlowContext *ctx, const FlowLambda *lambda, const FlowNested *list, int64_t i, bool *is_true);
// any and all: the first element with the answer `decides` gives it; if there is none the other
// one, or null where an answer was null.
int32_t lambda_decide(FlowContext *ctx, const FlowValue *args, bool decides, FlowValue *result);
// The sum of a list's numbers, or their average.
int32_t
list_total(const FlowNested *list, const FlowKernelInfo *info, bool is_sum, FlowValue *result);

#endif
