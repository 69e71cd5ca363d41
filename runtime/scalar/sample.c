// `sample`: whether a record belongs to a part of all records. A hash of what tells it from others
// decides, so every run and every machine takes the same ones.
#include "scalar/scalar.h"

// (part, value…): the part of 2^63 below which the hash of the values' key bytes must lie.
int32_t flow_rt_k_sample(FlowContext *ctx,
                         const FlowValue *args,
                         FlowValue *result,
                         const FlowKernelInfo *info) {
    (void)ctx;
    Buffer key = {0};
    for (int64_t i = 1; i < info->arguments_count; i++) {
        key_append(&key, &info->arguments[i], false, &args[i]);
    }
    int64_t hash = (int64_t)(hash64(key.data, key.length) >> 1);
    bool is_all = args[0].i64 == INT64_MAX;
    *result = (FlowValue){.i64 = is_all || hash < args[0].i64};
    buffer_free(&key);
    return FLOW_VALUE_OK;
}
