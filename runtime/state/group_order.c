// The order of results: by window_end, then by the bytes of the keys. Each partition is sorted for
// itself, then two by two they are merged, all in parallel.
#include "state/group_internal.h"

enum { COLUMN_BYTES = 9 }; // of a number: a tag and eight bytes

// --- ranks ---------------------------------------------------------------------------------------

// The eight bytes behind a column's tag, as a number that orders as they do. A null is 0, the
// least, which a value may be too.
static uint64_t column_rank(const char *bytes, size_t length) {
    uint64_t rank = 0;
    if (length == 0 || bytes[0] == 0) {
        return 0;
    }
    size_t rest = length - 1 < sizeof rank ? length - 1 : sizeof rank;
    memcpy(&rank, bytes + 1, rest);
    return __builtin_bswap64(rank);
}

static bool is_number(const FlowTypeDesc *type) {
    return value_is_whole(type) || type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64;
}

// A rank of 0 leaves open what the first column is, so that nothing is said of the second.
static Ordered ordered_plain(const FlowGroup *group, Entry *entry) {
    const char *key = entry_key(entry);
    Ordered ordered = {.rank = column_rank(key, entry->key_length), .entry = entry};
    if (ordered.rank != 0 && entry->key_length > COLUMN_BYTES && is_number(group->keys[0].type)) {
        ordered.next = column_rank(key + COLUMN_BYTES, entry->key_length - COLUMN_BYTES);
    }
    return ordered;
}

// What lies in front of a window's end is its start.
typedef struct Windows {
    bool has_any;
    bool are_alike; // of one length: the end tells the start
    int64_t length_us;
} Windows;

static void windows_add(Windows *windows, int64_t length_us) {
    windows->are_alike =
        !windows->has_any || (windows->are_alike && windows->length_us == length_us);
    windows->length_us = length_us;
    windows->has_any = true;
}

static Ordered
ordered_window(Arena *scratch, const FlowGroup *group, Entry *entry, Windows *windows) {
    const char *at = entry_key(entry);
    const char *end = at + entry->key_length;
    FlowValue value = {0};
    int64_t start_us = 0;
    bool has = false;
    for (int32_t i = 0; i <= group->window_end; i++) {
        start_us = value.i64;
        has = key_read(scratch, group->keys[i].type, &at, &value);
    }
    bool is_usual = has && group->window_end == 1;
    windows_add(windows, is_usual ? (int64_t)((uint64_t)value.i64 - (uint64_t)start_us) : -1);
    windows->are_alike &= is_usual;
    return (Ordered){.rank = has ? (uint64_t)value.i64 ^ UINT64_C(1) << 63 : 0,
                     .next = column_rank(at, (size_t)(end - at)),
                     .entry = entry};
}

// --- sorting -------------------------------------------------------------------------------------

// Runs of `ordered` are sorted each for itself, then two by two merged into the other array.
typedef struct Ordering {
    GroupState *state;
    uint64_t starts[STATE_PARTITIONS + 1]; // of each partition's entries
    Windows windows[STATE_PARTITIONS];
    bool has_next; // the second rank means something
    Ordered *from;
    Ordered *to;
    uint32_t width; // partitions that make a sorted run
} Ordering;

static bool keys_are_before(const Entry *a, const Entry *b) {
    size_t shorter = a->key_length < b->key_length ? a->key_length : b->key_length;
    int order = memcmp(entry_key(a), entry_key(b), shorter);
    return order != 0 ? order < 0 : a->key_length < b->key_length;
}

static inline bool is_before(const Ordered *a, const Ordered *b) {
    if (a->rank != b->rank) {
        return a->rank < b->rank;
    }
    return a->next != b->next ? a->next < b->next : keys_are_before(a->entry, b->entry);
}

// from[at[0] .. at[1]) and from[at[1] .. at[2]) into `to`.
static void ordered_merge(const Ordered *from, Ordered *to, const uint64_t at[3]) {
    uint64_t left = at[0];
    uint64_t right = at[1];
    for (uint64_t out = at[0]; out < at[2]; out++) {
        bool is_right = left == at[1] || (right < at[2] && is_before(&from[right], &from[left]));
        to[out] = from[is_right ? right++ : left++];
    }
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

// Into `from` again, whichever of the two it ends in.
static void ordered_sort(Ordered *from, Ordered *to, uint64_t count) {
    Ordered *at = from;
    for (uint64_t width = 1; width < count; width *= 2) {
        for (uint64_t i = 0; i < count; i += 2 * width) {
            uint64_t run[3] = {i, least(i + width, count), least(i + 2 * width, count)};
            ordered_merge(at, to, run);
        }
        Ordered *sorted = to;
        to = at;
        at = sorted;
    }
    if (at != from) {
        memcpy(from, at, count * sizeof(Ordered));
    }
}

static void partition_rank(void *user, uint32_t index, uint32_t worker) {
    Ordering *ordering = user;
    const FlowGroup *group = ordering->state->group;
    const Partition *partition = &ordering->state->partitions[index];
    Ordered *at = ordering->from + ordering->starts[index];
    Arena scratch = {0};
    (void)worker;
    for (uint64_t i = 0; i < partition->capacity; i++) {
        Entry *entry = bucket_entry(partition->buckets[i]);
        bucket_fetch_ahead(partition, i);
        if (entry != NULL) {
            *at++ = group->window_end == FLOW_NO_INDEX
                        ? ordered_plain(group, entry)
                        : ordered_window(&scratch, group, entry, &ordering->windows[index]);
        }
    }
    ASSERT(at == ordering->from + ordering->starts[index + 1]);
    arena_free(&scratch);
}

static void partition_order(void *user, uint32_t index, uint32_t worker) {
    const Ordering *ordering = user;
    uint64_t start = ordering->starts[index];
    uint64_t count = ordering->starts[index + 1] - start;
    (void)worker;
    for (uint64_t i = 0; i < count && !ordering->has_next; i++) {
        ordering->from[start + i].next = 0;
    }
    ordered_sort(ordering->from + start, ordering->to + start, count);
}

static void runs_merge(void *user, uint32_t index, uint32_t worker) {
    const Ordering *ordering = user;
    (void)worker;
    uint32_t first = index * 2 * ordering->width;
    uint64_t at[3] = {ordering->starts[first],
                      ordering->starts[first + ordering->width],
                      ordering->starts[first + 2 * ordering->width]};
    ordered_merge(ordering->from, ordering->to, at);
}

static bool windows_are_alike(const Ordering *ordering) {
    Windows all = {.are_alike = true};
    for (uint32_t i = 0; i < STATE_PARTITIONS && all.are_alike; i++) {
        if (ordering->windows[i].has_any) {
            windows_add(&all, ordering->windows[i].length_us);
            all.are_alike &= ordering->windows[i].are_alike;
        }
    }
    return all.are_alike;
}

void group_state_order(GroupState *state, Tasks *tasks) {
    Ordering ordering = {.state = state};
    ASSERT(state->ordered == NULL);
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        ordering.starts[i + 1] = ordering.starts[i] + state->partitions[i].count;
    }
    state->count = ordering.starts[STATE_PARTITIONS];
    ordering.from = memory_alloc(state->count * sizeof(Ordered));
    ordering.to = memory_alloc(state->count * sizeof(Ordered));
    tasks_run(tasks, STATE_PARTITIONS, partition_rank, &ordering);
    ordering.has_next = windows_are_alike(&ordering);
    tasks_run(tasks, STATE_PARTITIONS, partition_order, &ordering);
    for (ordering.width = 1; ordering.width < STATE_PARTITIONS; ordering.width *= 2) {
        tasks_run(tasks, STATE_PARTITIONS / (2 * ordering.width), runs_merge, &ordering);
        Ordered *merged = ordering.to;
        ordering.to = ordering.from;
        ordering.from = merged;
    }
    memory_free(ordering.to);
    state->ordered = ordering.from;
}
