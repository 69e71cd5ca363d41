// The kernels of abi/kernel.def that are more than a line of generated code: thin covers over this
// room's functions, which know types only through the FlowKernelInfo.
#include "scalar/scalar.h"

#include <math.h>

static int32_t ok_or_error(bool is_ok) {
    return is_ok ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}

// A string result is the argument's own bytes, an enum's constant text, or fresh ones, which move
// into the batch.
static void text_keep(FlowContext *ctx, const FlowTypeDesc *from, FlowView *view) {
    bool is_borrowed =
        from->kind == FLOW_STRING || from->kind == FLOW_BYTES || from->kind == FLOW_ENUM;
    if (!is_borrowed && view->length > FLOW_VIEW_INLINE_MAX) {
        *view = view_new(ctx, view->data, view->length);
    }
}

int32_t flow_rt_k_cast(FlowContext *ctx,
                       const FlowValue *args,
                       FlowValue *result,
                       const FlowKernelInfo *info) {
    if (desc_is_nested(&info->arguments[0])) { // what is made is kept, all of it
        const ScalarRuntime *runtime = ctx->runtime;
        return value_cast(runtime->arena, &info->arguments[0], &args[0], info->result, result);
    }
    Arena scratch = {0};
    int32_t status = value_cast(&scratch, &info->arguments[0], &args[0], info->result, result);
    if (status == FLOW_VALUE_OK && info->result->kind == FLOW_STRING) {
        text_keep(ctx, &info->arguments[0], &result->view);
    }
    arena_free(&scratch);
    return status;
}

typedef bool (*DecimalFn)(i128, int32_t, i128, int32_t, int32_t, int32_t, i128 *);

static int32_t decimal_call(DecimalFn function,
                            const FlowValue *args,
                            FlowValue *result,
                            const FlowKernelInfo *info) {
    i128 value = 0;
    bool is_ok = function(args[0].i128,
                          info->arguments[0].scale,
                          args[1].i128,
                          info->arguments[1].scale,
                          info->result->precision,
                          info->result->scale,
                          &value);
    result->i128 = value;
    return ok_or_error(is_ok);
}

static bool decimal_subtract(i128 a,
                             int32_t a_scale,
                             i128 b,
                             int32_t b_scale,
                             int32_t precision,
                             int32_t scale,
                             i128 *result) {
    return decimal_add(a, a_scale, -b, b_scale, precision, scale, result);
}

#define DECIMAL_KERNEL(name, function)                                                             \
    int32_t flow_rt_k_##name(                                                                      \
        FlowContext *ctx, const FlowValue *args, FlowValue *result, const FlowKernelInfo *info) {  \
        (void)ctx;                                                                                 \
        return decimal_call(function, args, result, info);                                         \
    }
DECIMAL_KERNEL(decimal_add, decimal_add)
DECIMAL_KERNEL(decimal_sub, decimal_subtract)
DECIMAL_KERNEL(decimal_mul, decimal_multiply)
DECIMAL_KERNEL(decimal_div, decimal_divide)
DECIMAL_KERNEL(decimal_mod, decimal_modulo)

// div is integral: its result may be an integer or a decimal, as the checker typed it.
int32_t flow_rt_k_decimal_div_int(FlowContext *ctx,
                                  const FlowValue *args,
                                  FlowValue *result,
                                  const FlowKernelInfo *info) {
    enum { WHOLE_DIGITS = 38 };
    (void)ctx;
    bool is_decimal = info->result->kind == FLOW_DECIMAL;
    i128 value = 0;
    bool is_ok = decimal_divide_whole(args[0].i128,
                                      info->arguments[0].scale,
                                      args[1].i128,
                                      info->arguments[1].scale,
                                      is_decimal ? info->result->precision : WHOLE_DIGITS,
                                      is_decimal ? info->result->scale : 0,
                                      &value);
    if (is_decimal || !is_ok) {
        result->i128 = value;
        return ok_or_error(is_ok);
    }
    uint32_t bits = flow_kind_width((FlowKind)info->result->kind, 0) * 8;
    i128 limit = (i128)1 << (bits - 1);
    result->i64 = (int64_t)value;
    return ok_or_error(value >= -limit && value < limit);
}

int32_t flow_rt_k_decimal_neg(FlowContext *ctx,
                              const FlowValue *args,
                              FlowValue *result,
                              const FlowKernelInfo *info) {
    (void)ctx;
    i128 value = 0;
    bool is_ok = decimal_rescale(-args[0].i128,
                                 info->arguments[0].scale,
                                 info->result->precision,
                                 info->result->scale,
                                 &value);
    result->i128 = value;
    return ok_or_error(is_ok);
}

int32_t flow_rt_k_compare(FlowContext *ctx,
                          const FlowValue *args,
                          FlowValue *result,
                          const FlowKernelInfo *info) {
    (void)ctx;
    result->i64 = value_compare(&info->arguments[0], &args[0], &info->arguments[1], &args[1]);
    return FLOW_VALUE_OK;
}

int32_t flow_rt_k_concat(FlowContext *ctx,
                         const FlowValue *args,
                         FlowValue *result,
                         const FlowKernelInfo *info) {
    (void)info;
    FlowView a = args[0].view;
    FlowView b = args[1].view;
    uint64_t length = (uint64_t)a.length + b.length;
    if (length > UINT32_MAX) {
        return FLOW_VALUE_ERROR;
    }
    char few[FLOW_VIEW_INLINE_MAX];
    char *bytes =
        length <= FLOW_VIEW_INLINE_MAX ? few : (char *)flow_rt_bytes_new(ctx, (int64_t)length);
    memcpy(bytes, flow_view_data(&a), a.length);
    memcpy(bytes + a.length, flow_view_data(&b), b.length);
    result->view = view_of(bytes, length);
    return FLOW_VALUE_OK;
}

int32_t flow_rt_k_window_start(FlowContext *ctx,
                               const FlowValue *args,
                               FlowValue *result,
                               const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    i128 shifted = (i128)args[0].i64 - args[2].i64;
    i128 length = args[1].i64;
    i128 rest = shifted % length;
    i128 start = args[0].i64 - (rest < 0 ? rest + length : rest);
    result->i64 = (int64_t)start;
    return ok_or_error(start >= INT64_MIN);
}

int32_t flow_rt_k_map_get(FlowContext *ctx,
                          const FlowValue *args,
                          FlowValue *result,
                          const FlowKernelInfo *info) {
    (void)ctx;
    const FlowNested *map = args[0].nested;
    const FlowTypeDesc *key = info->arguments[0].children[0].type;
    for (int64_t i = map->count; i-- > 0;) {
        if (value_compare(key, &map->items[2 * i], &info->arguments[1], &args[1]) == 0) {
            *result = map->items[2 * i + 1];
            return nested_has(map, 2 * i + 1) ? FLOW_VALUE_OK : FLOW_VALUE_NULL;
        }
    }
    return FLOW_VALUE_NULL;
}

int32_t flow_rt_k_float_mod(FlowContext *ctx,
                            const FlowValue *args,
                            FlowValue *result,
                            const FlowKernelInfo *info) {
    (void)ctx;
    (void)info;
    if (args[1].f64 == 0.0) {
        return FLOW_VALUE_ERROR;
    }
    result->f64 = fmod(args[0].f64, args[1].f64);
    return FLOW_VALUE_OK;
}
