// collect_list, collect_set, string_agg: values with their places, put in order when the result is
// asked for.
#include "state/agg_internal.h"

enum { ITEMS_MIN = 4 };

typedef struct Item {
    FlowValue value;
    AggPlace place;
} Item;

typedef struct Collected {
    Item *items;
    uint64_t count;
    uint64_t capacity;
    DistinctSet *set; // COLLECT_SET: the number of a member is its item
    FlowView separator;
    bool is_unordered; // some item came after one that stands behind it
} Collected;

typedef struct ListForm {
    Collected *collected;
    int64_t reserved;
} ListForm;
_Static_assert(sizeof(ListForm) == 16, "as flow_agg_bytes says");

static int item_compare(const FlowTypeDesc *type, const Item *a, const Item *b) {
    int order = agg_place_compare(&a->place, &b->place);
    return order != 0 ? order : value_compare(type, &a->value, type, &b->value);
}

static Item *item_push(Arena *arena, Collected *collected) {
    if (collected->count == collected->capacity) {
        uint64_t capacity = collected->capacity == 0 ? ITEMS_MIN : collected->capacity * 2;
        Item *items = arena_array(arena, Item, capacity);
        if (collected->count > 0) {
            memcpy(items, collected->items, collected->count * sizeof(Item));
        }
        collected->items = items;
        collected->capacity = capacity;
    }
    return &collected->items[collected->count++];
}

static void item_add(Arena *arena, const FlowAgg *agg, Collected *collected, const Item *borrowed) {
    Item *item = item_push(arena, collected);
    item->value = value_copy(arena, agg->input, borrowed->value);
    item->place = borrowed->place;
    if (collected->count > 1 && item_compare(agg->input, item, item - 1) < 0) {
        collected->is_unordered = true;
    }
}

// A value that is there already takes the earlier place.
static void set_add(Arena *arena, const FlowAgg *agg, Collected *collected, const Item *borrowed) {
    const DistinctMember *member =
        distinct_set_add(arena, &collected->set, agg->input, &borrowed->value);
    if (member->number == collected->count) {
        item_add(arena, agg, collected, borrowed);
        return;
    }
    Item *item = &collected->items[member->number];
    if (item_compare(agg->input, borrowed, item) < 0) {
        item->value = value_copy(arena, agg->input, borrowed->value);
        item->place = borrowed->place;
        collected->is_unordered = true;
    }
}

static void collect(Arena *arena, const FlowAgg *agg, Collected *collected, const Item *borrowed) {
    if (agg->kind == FLOW_AGG_COLLECT_SET) {
        set_add(arena, agg, collected, borrowed);
    } else {
        item_add(arena, agg, collected, borrowed);
    }
}

static Collected *collected_of(Arena *arena, ListForm *form) {
    if (form->collected == NULL) {
        form->collected = arena_new(arena, Collected);
    }
    return form->collected;
}

static void separator_keep(Arena *arena, Collected *collected, FlowView separator) {
    static const FlowTypeDesc text = {.kind = FLOW_STRING};
    if (collected->count == 0) {
        FlowValue value = {.view = separator};
        collected->separator = value_copy(arena, &text, value).view;
    }
}

static void list_update(Arena *arena,
                        const FlowAgg *agg,
                        void *accumulator,
                        const FlowValue *values,
                        const AggPlace *place) {
    Collected *collected = collected_of(arena, accumulator);
    if (agg->kind == FLOW_AGG_STRING_AGG) {
        separator_keep(arena, collected, values[1].view);
    }
    collect(arena, agg, collected, &(Item){values[0], *place});
}

static void list_merge(Arena *arena, const FlowAgg *agg, void *into, const void *from) {
    const Collected *more = ((const ListForm *)from)->collected;
    if (more == NULL) {
        return;
    }
    Collected *collected = collected_of(arena, into);
    separator_keep(arena, collected, more->separator);
    for (uint64_t i = 0; i < more->count; i++) {
        collect(arena, agg, collected, &more->items[i]);
    }
}

static void list_save(const FlowAgg *agg, const void *accumulator, Buffer *out) {
    static const FlowTypeDesc text = {.kind = FLOW_STRING};
    const Collected *collected = ((const ListForm *)accumulator)->collected;
    uint64_t count = collected == NULL ? 0 : collected->count;
    buffer_append(out, &count, sizeof(count));
    for (uint64_t i = 0; i < count; i++) {
        buffer_append(out, &collected->items[i].place, sizeof(AggPlace));
        value_save(out, agg->input, &collected->items[i].value);
    }
    if (count > 0) {
        FlowValue separator = {.view = collected->separator};
        value_save(out, &text, &separator);
    }
}

static void list_load(Arena *arena, const FlowAgg *agg, void *accumulator, const char **at) {
    static const FlowTypeDesc text = {.kind = FLOW_STRING};
    uint64_t count = 0;
    bytes_read(at, &count, sizeof(count));
    if (count == 0) {
        return;
    }
    Collected *collected = collected_of(arena, accumulator);
    for (uint64_t i = 0; i < count; i++) {
        Item item = {0};
        bytes_read(at, &item.place, sizeof(AggPlace));
        item.value = value_read(arena, agg->input, at);
        collect(arena, agg, collected, &item);
    }
    collected->separator = value_read(arena, &text, at).view;
}

// --- results
// --------------------------------------------------------------------------------------- A merge
// sort, because qsort gives its comparison no type. Each half is put in order first.
static void items_sort(const FlowTypeDesc *type, const Item **items, uint64_t count) {
    if (count < 2) {
        return;
    }
    const Item **from = items;
    const Item **room = memory_alloc(count * sizeof(*room));
    const Item **to = room;
    for (uint64_t width = 1; width < count; width *= 2) {
        for (uint64_t low = 0; low < count; low += 2 * width) {
            uint64_t middle = low + width < count ? low + width : count;
            uint64_t high = middle + width < count ? middle + width : count;
            uint64_t a = low;
            uint64_t b = middle;
            for (uint64_t i = low; i < high; i++) {
                bool is_left =
                    b >= high || (a < middle && item_compare(type, from[a], from[b]) <= 0);
                to[i] = is_left ? from[a++] : from[b++];
            }
        }
        const Item **other = from;
        from = to;
        to = other;
    }
    if (from != items) {
        memcpy(items, from, count * sizeof(*items));
    }
    memory_free(room);
}

static const Item **items_in_order(const FlowAgg *agg, const Collected *collected) {
    const Item **items = memory_alloc((collected->count + 1) * sizeof(*items));
    for (uint64_t i = 0; i < collected->count; i++) {
        items[i] = &collected->items[i];
    }
    if (collected->is_unordered) {
        items_sort(agg->input, items, collected->count);
    }
    return items;
}

static FlowView texts_join(Arena *arena, const Collected *collected, const Item *const *items) {
    Buffer text = {0};
    for (uint64_t i = 0; i < collected->count; i++) {
        if (i > 0) {
            buffer_append(
                &text, flow_view_data(&collected->separator), collected->separator.length);
        }
        buffer_append(&text, flow_view_data(&items[i]->value.view), items[i]->value.view.length);
    }
    FlowView view = text.length <= FLOW_VIEW_INLINE_MAX
                        ? view_of(text.length == 0 ? "" : text.data, text.length)
                        : view_of(arena_copy(arena, text.data, text.length), text.length);
    buffer_free(&text);
    return view;
}

static const FlowNested *
list_of_items(Arena *arena, const FlowAgg *agg, const Item *const *items, uint64_t count) {
    FlowNested *list = arena_new(arena, FlowNested);
    FlowValue *values = arena_array(arena, FlowValue, count + 1);
    for (uint64_t i = 0; i < count; i++) {
        values[i] = value_copy(arena, agg->input, items[i]->value);
    }
    *list = (FlowNested){.count = (int64_t)count, .items = values};
    return list;
}

static AggStatus
list_result(Arena *arena, const FlowAgg *agg, const void *accumulator, FlowValue *result) {
    const Collected *collected = ((const ListForm *)accumulator)->collected;
    bool is_text = agg->kind == FLOW_AGG_STRING_AGG;
    if (collected == NULL) {
        result->nested = is_text ? NULL : list_of_items(arena, agg, NULL, 0);
        return is_text ? AGG_NULL : AGG_VALUE;
    }
    const Item **items = items_in_order(agg, collected);
    if (is_text) {
        result->view = texts_join(arena, collected, items);
    } else {
        result->nested = list_of_items(arena, agg, items, collected->count);
    }
    memory_free(items);
    return AGG_VALUE;
}

const AggFamily agg_family_list = {list_update, list_merge, list_save, list_load, list_result};
