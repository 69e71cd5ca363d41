// What functions of lists share: testing an element, adding all of them up.
#include "scalar/fn/fn.h"

int32_t lambda_test(
    FlowContext *ctx, const FlowLambda *lambda, const FlowNested *list, int64_t i, bool *is_true) {
    FlowValue value = {0};
    uint8_t has = nested_has(list, i);
    int32_t status = lambda->run(ctx, lambda, &list->items[i], &has, &value);
    *is_true = status == FLOW_VALUE_OK && value.i64 != 0;
    return status;
}

int32_t lambda_decide(FlowContext *ctx, const FlowValue *args, bool decides, FlowValue *result) {
    const FlowNested *list = args[0].nested;
    bool has_null = false;
    for (int64_t i = 0; i < list->count; i++) {
        bool is_true = false;
        int32_t status = lambda_test(ctx, args[1].lambda, list, i, &is_true);
        if (status == FLOW_VALUE_ERROR) {
            return FLOW_VALUE_ERROR;
        }
        has_null |= status == FLOW_VALUE_NULL;
        if (status == FLOW_VALUE_OK && is_true == decides) {
            result->i64 = decides;
            return FLOW_VALUE_OK;
        }
    }
    result->i64 = !decides;
    return has_null ? FLOW_VALUE_NULL : FLOW_VALUE_OK;
}

static int32_t decimals_total(
    const WideSum *sum, int64_t count, const FlowKernelInfo *info, bool is_sum, FlowValue *result) {
    const FlowTypeDesc *to = info->result;
    int32_t scale = info->arguments[0].children[0].type->scale;
    bool fits = is_sum
                    ? wide_sum_decimal(sum, to->precision, &result->i128)
                    : wide_sum_average(sum, count, scale, to->precision, to->scale, &result->i128);
    return fits ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}

int32_t
list_total(const FlowNested *list, const FlowKernelInfo *info, bool is_sum, FlowValue *result) {
    const FlowTypeDesc *type = info->arguments[0].children[0].type;
    WideSum decimals = {{0}};
    i128 whole = 0;
    double floats = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < list->count; i++) {
        if (!nested_has(list, i)) {
            continue;
        }
        count++;
        if (number_is_float(type)) {
            floats += list->items[i].f64;
        } else if (type->kind == FLOW_DECIMAL) {
            wide_sum_add(&decimals, list->items[i].i128);
        } else {
            whole += list->items[i].i64;
        }
    }
    if (count == 0) {
        return FLOW_VALUE_NULL;
    }
    if (type->kind == FLOW_DECIMAL) {
        return decimals_total(&decimals, count, info, is_sum, result);
    }
    if (number_is_float(type)) {
        result->f64 = is_sum ? floats : floats / (double)count;
        return FLOW_VALUE_OK;
    }
    if (!is_sum) {
        result->f64 = float_of_ratio(whole, count, 0, false);
        return FLOW_VALUE_OK;
    }
    result->i64 = (int64_t)whole;
    return whole >= INT64_MIN && whole <= INT64_MAX ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}
