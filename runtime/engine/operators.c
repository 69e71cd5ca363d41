// Operators that hand rows to other pipelines or keep them: forward, unnest, build, join, sort.
#include "engine/run.h"

#define NOT_BUILT(name)                                                                            \
    int32_t name(void *ctx, int32_t index, void *batch, void *slots) {                             \
        (void)ctx, (void)index, (void)batch, (void)slots;                                          \
        flow_bug(__FILE__, __LINE__, #name);                                                       \
    }
NOT_BUILT(flow_rt_forward)
NOT_BUILT(flow_rt_unnest)
NOT_BUILT(flow_rt_build)
NOT_BUILT(flow_rt_join)
NOT_BUILT(flow_rt_sort)
