// Tests of decoders against ranges of values: what statistics prove about many rows at once.
#include "format/format.h"

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
