// sort: the elements from the least to the greatest; nulls come first.
//
// example: sort([3, 1, 2]) == [1, 2, 3]
// example: sort(["b", null, "a"]) == [null, "a", "b"]
// example: sort([2, 1, 2]) == [1, 2, 2]
#include "scalar/fn/fn.h"

typedef struct Sorting {
    const FlowTypeDesc *type;
    FlowValue *items;
    FlowValue *room;
} Sorting;

// The nulls stand in front; the others are merged from halves, equal ones in their order.
static void part_sort(const Sorting *s, int64_t low, int64_t high) {
    if (high - low < 2) {
        return;
    }
    int64_t middle = low + (high - low) / 2;
    part_sort(s, low, middle);
    part_sort(s, middle, high);
    int64_t a = low;
    int64_t b = middle;
    for (int64_t i = low; i < high; i++) {
        bool is_left =
            b == high ||
            (a < middle && value_compare(s->type, &s->items[a], s->type, &s->items[b]) <= 0);
        s->room[i] = is_left ? s->items[a++] : s->items[b++];
    }
    memcpy(s->items + low, s->room + low, (size_t)(high - low) * sizeof(FlowValue));
}

BUILTIN_FUNCTION(sort) {
    const FlowNested *list = args[0].nested;
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    result->nested = nested_new(fn_arena(ctx), list->count, list->count, &items, &validity);
    int64_t nulls = 0;
    for (int64_t i = 0; i < list->count; i++) {
        nulls += !nested_has(list, i);
    }
    memset(validity, 0, (size_t)nulls);
    int64_t at = nulls;
    for (int64_t i = 0; i < list->count; i++) {
        if (nested_has(list, i)) {
            items[at++] = list->items[i];
        }
    }
    Sorting sorting = {info->arguments[0].children[0].type,
                       items,
                       arena_array(fn_arena(ctx), FlowValue, (size_t)list->count + 1)};
    part_sort(&sorting, nulls, list->count);
    return FLOW_VALUE_OK;
}
