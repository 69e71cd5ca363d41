// Tests of decoders against ranges of values: what statistics prove about many rows at once.
#include "format/format.h"
#include "scalar/scalar.h"

bool format_test_holds(FlowTestOp op, int64_t value, FormatRange range) {
    switch (op) {
    case FLOW_TEST_EQ:
        return range.min == value && range.max == value;
    case FLOW_TEST_NE:
        return value < range.min || value > range.max;
    case FLOW_TEST_LT:
        return range.max < value;
    case FLOW_TEST_LE:
        return range.max <= value;
    case FLOW_TEST_GT:
        return range.min > value;
    case FLOW_TEST_GE:
        return range.min >= value;
    }
    return false;
}

bool format_test_fails(FlowTestOp op, int64_t value, FormatRange range) {
    static const FlowTestOp opposites[] = {
        [FLOW_TEST_EQ] = FLOW_TEST_NE,
        [FLOW_TEST_NE] = FLOW_TEST_EQ,
        [FLOW_TEST_LT] = FLOW_TEST_GE,
        [FLOW_TEST_LE] = FLOW_TEST_GT,
        [FLOW_TEST_GT] = FLOW_TEST_LE,
        [FLOW_TEST_GE] = FLOW_TEST_LT,
    };
    return format_test_holds(opposites[op], value, range);
}

// --- floats --------------------------------------------------------------------------------------
bool format_float_test_fails(const FlowScanTest *test, const FormatFloatRange *range) {
    double value;
    memcpy(&value, &test->value, sizeof(value));
    bool is_wrong = range->has_min && range->has_max && !(range->min <= range->max);
    if (is_wrong) {
        return false;
    }
    switch ((FlowTestOp)test->op) {
    case FLOW_TEST_EQ:
        return (range->has_min && value < range->min) || (range->has_max && value > range->max);
    case FLOW_TEST_LT:
        return range->has_min && range->min >= value;
    case FLOW_TEST_LE:
        return range->has_min && range->min > value;
    case FLOW_TEST_NE:
    case FLOW_TEST_GT:
    case FLOW_TEST_GE:
        break; // true of a NaN
    }
    return false;
}

// --- texts ---------------------------------------------------------------------------------------
static int texts_compare(const FlowView *a, const FlowView *b) {
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(flow_view_data(a), flow_view_data(b), shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

// Above the bound and whatever begins with it.
static bool is_above(const FlowView *text, const FlowView *bound) {
    size_t shorter = text->length < bound->length ? text->length : bound->length;
    return memcmp(flow_view_data(text), flow_view_data(bound), shorter) > 0;
}

static bool none_reaches(const FormatTextRange *range, const FlowView *value) {
    return range->has_max &&
           (range->is_exact ? texts_compare(&range->max, value) < 0 : is_above(value, &range->max));
}

static bool none_passes(const FormatTextRange *range, const FlowView *value) {
    return range->has_max && (range->is_exact ? texts_compare(&range->max, value) <= 0
                                              : is_above(value, &range->max));
}

bool format_text_test_fails(const FlowScanTest *test, const FormatTextRange *range) {
    FlowView value = view_text(test->text);
    if (range->has_min && range->has_max && is_above(&range->min, &range->max)) {
        return false; // bounds that look wrong
    }
    switch ((FlowTestOp)test->op) {
    case FLOW_TEST_EQ:
        return (range->has_min && texts_compare(&value, &range->min) < 0) ||
               none_reaches(range, &value);
    case FLOW_TEST_LT:
        return range->has_min && texts_compare(&range->min, &value) >= 0;
    case FLOW_TEST_LE:
        return range->has_min && texts_compare(&range->min, &value) > 0;
    case FLOW_TEST_GT:
        return none_passes(range, &value);
    case FLOW_TEST_GE:
        return none_reaches(range, &value);
    case FLOW_TEST_NE:
        return range->is_exact && texts_compare(&value, &range->min) == 0;
    }
    return false;
}
