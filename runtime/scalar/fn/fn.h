// What the files of the built-in functions share.
#ifndef FLOW_SCALAR_FN_H
#define FLOW_SCALAR_FN_H

#include "scalar/scalar.h"

#include <utf8proc.h>

// Every code point of the text through one of these; the result is a fresh string.
typedef enum CaseKind { CASE_LOWER, CASE_UPPER } CaseKind;
FlowView case_change(FlowContext *ctx, FlowView text, CaseKind kind);

bool bytes_equal(const char *a, const char *b, size_t length); // of any length, 0 too

// The calendar's fields of a timestamp, in UTC.
typedef struct TimeParts {
    int64_t year;
    uint32_t month;
    uint32_t day;
    uint32_t hour;
} TimeParts;
TimeParts time_parts(int64_t us);

#endif
