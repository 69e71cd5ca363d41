// map: the list of what a lambda makes of each element.
//
// example: map([1, 2, 3], x -> x * 2) == [2, 4, 6]
// example: map(["a", null], x -> upper(x)) == ["A", null]
#include "scalar/fn/fn.h"

int32_t flow_rt_fn_map(FlowContext *ctx,
                       const FlowValue *args,
                       FlowValue *result,
                       const FlowKernelInfo *info) {
    (void)info;
    const ScalarRuntime *runtime = ctx->runtime;
    const FlowNested *list = args[0].nested;
    const FlowLambda *lambda = args[1].lambda;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    result->nested = nested_new(runtime->arena, list->count, list->count, &items, &validity);
    for (int64_t i = 0; i < list->count; i++) {
        uint8_t has = nested_has(list, i);
        int32_t status = lambda->run(ctx, lambda, &list->items[i], &has, &items[i]);
        if (status == FLOW_VALUE_ERROR) {
            return status;
        }
        validity[i] = status == FLOW_VALUE_OK;
    }
    return FLOW_VALUE_OK;
}
