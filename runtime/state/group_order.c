// The order of results: by window_end, then by the bytes of the keys; of sessions by end, start and
// keys.
//
// Two numbers, the ranks, decide nearly always. So the groups of all partitions are dealt out by
// the first byte of the ranks in which any two differ, and each of these shares is sorted by the
// other bytes that differ in it, the last one first; all in parallel. Only groups of equal ranks
// are compared, key by key.
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

// Word `at` of a key of words; behind its end: 0.
static uint64_t word_rank(const Entry *entry, size_t at) {
    uint64_t word = 0;
    if (at * sizeof word < entry->key_length) {
        memcpy(&word, entry_key(entry) + at * sizeof word, sizeof word);
    }
    return __builtin_bswap64(word);
}

static bool has_words(const Entry *entry) {
    return entry->partition->state->key_bytes != 0;
}

// A rank of 0 leaves open what the first column is, so that nothing is said of the second.
static Ordered ordered_plain(const FlowGroup *group, Entry *entry) {
    if (has_words(entry)) {
        return (Ordered){word_rank(entry, 0), word_rank(entry, 1), entry};
    }
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

// Both are numbers as their bytes order, so that the difference is that of the times.
static void window_met(Windows *windows, bool is_usual, uint64_t start, uint64_t end) {
    windows_add(windows, is_usual ? (int64_t)(end - start) : -1);
    windows->are_alike &= is_usual;
}

static Ordered ordered_window_words(const FlowGroup *group, Entry *entry, Windows *windows) {
    size_t at = 0;
    for (int32_t i = 0; i < group->window_end; i++) {
        at += key_column_words(group->keys[i].type);
    }
    uint64_t end = word_rank(entry, at);
    bool is_usual = group->window_end == 1;
    window_met(windows, is_usual, is_usual ? word_rank(entry, 0) : 0, end);
    return (Ordered){.rank = end, .next = word_rank(entry, at + 1), .entry = entry};
}

static Ordered
ordered_window(Arena *scratch, const FlowGroup *group, Entry *entry, Windows *windows) {
    if (has_words(entry)) {
        return ordered_window_words(group, entry, windows);
    }
    const char *at = entry_key(entry);
    const char *end = at + entry->key_length;
    FlowValue value = {0};
    int64_t start_us = 0;
    bool has = false;
    for (int32_t i = 0; i <= group->window_end; i++) {
        start_us = value.i64;
        has = key_read(scratch, group->keys[i].type, &at, &value);
    }
    window_met(windows, has && group->window_end == 1, (uint64_t)start_us, (uint64_t)value.i64);
    return (Ordered){.rank = has ? (uint64_t)value.i64 ^ UINT64_C(1) << 63 : 0,
                     .next = column_rank(at, (size_t)(end - at)),
                     .entry = entry};
}

// Sessions have their start in front of the other keys, as windows have.
static Ordered ordered_session(const FlowGroup *group, Entry *entry) {
    uint64_t sign = UINT64_C(1) << 63;
    return (Ordered){.rank = (uint64_t)session_end(group, entry_slot(entry)) ^ sign,
                     .next = (uint64_t)session_start(group, entry_slot(entry)) ^ sign,
                     .entry = entry};
}

// --- sorting -------------------------------------------------------------------------------------

enum {
    DIGITS = 256,     // values of a byte
    RANK_BYTES = 16,  // of the two ranks
    DEAL_MIN = 4096,  // fewer groups are one share
    COMPARE_MAX = 48, // so few are sorted faster by comparing them
};

typedef struct Ordering {
    GroupState *state;
    uint64_t starts[STATE_PARTITIONS + 1]; // of each partition's entries
    Windows windows[STATE_PARTITIONS];
    bool has_next;               // the second rank means something
    uint32_t byte;               // that groups are dealt out by
    uint64_t (*places)[DIGITS];  // of each partition's next group, by that byte
    uint64_t shares[DIGITS + 1]; // where they begin
    Ordered *from;
    Ordered *to;
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
static void ordered_compare(Ordered *from, Ordered *to, uint64_t count) {
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

// Byte 0 is the last one of the second rank.
static inline uint32_t digit_of(const Ordered *ordered, uint32_t byte) {
    uint64_t rank = byte < sizeof rank ? ordered->next : ordered->rank;
    return (uint32_t)(rank >> (byte % sizeof rank * 8)) & (DIGITS - 1);
}

// A one wherever two of them differ.
static Ordered ordered_differences(const Ordered *ordered, uint64_t count) {
    Ordered differences = {0};
    for (uint64_t i = 1; i < count; i++) {
        differences.rank |= ordered[i].rank ^ ordered[0].rank;
        differences.next |= ordered[i].next ^ ordered[0].next;
    }
    return differences;
}

static void ordered_deal(const Ordered *from, Ordered *to, uint64_t count, uint32_t byte) {
    uint64_t places[DIGITS] = {0};
    for (uint64_t i = 0; i < count; i++) {
        places[digit_of(&from[i], byte)]++;
    }
    uint64_t place = 0;
    for (uint32_t digit = 0; digit < DIGITS; digit++) {
        uint64_t digit_count = places[digit];
        places[digit] = place;
        place += digit_count;
    }
    for (uint64_t i = 0; i < count; i++) {
        to[places[digit_of(&from[i], byte)]++] = from[i];
    }
}

// Of equal ranks the keys decide.
static void ties_order(Ordered *ordered, Ordered *spare, uint64_t count) {
    for (uint64_t first = 0; first < count;) {
        uint64_t end = first + 1;
        while (end < count && ordered[end].rank == ordered[first].rank &&
               ordered[end].next == ordered[first].next) {
            end++;
        }
        if (end - first > 1) {
            ordered_compare(ordered + first, spare + first, end - first);
        }
        first = end;
    }
}

// Into `from` again.
static void ordered_sort(Ordered *from, Ordered *to, uint64_t count) {
    if (count <= COMPARE_MAX) {
        ordered_compare(from, to, count);
        return;
    }
    Ordered differences = ordered_differences(from, count);
    Ordered *at = from;
    Ordered *other = to;
    for (uint32_t byte = 0; byte < RANK_BYTES; byte++) {
        if (digit_of(&differences, byte) != 0) {
            ordered_deal(at, other, count, byte);
            Ordered *sorted = other;
            other = at;
            at = sorted;
        }
    }
    if (at != from) {
        memcpy(from, at, count * sizeof(Ordered));
    }
    ties_order(from, to, count);
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
        if (entry != NULL && group_has_sessions(group)) {
            *at++ = ordered_session(group, entry);
        } else if (entry != NULL) {
            *at++ = group->window_end == FLOW_NO_INDEX
                        ? ordered_plain(group, entry)
                        : ordered_window(&scratch, group, entry, &ordering->windows[index]);
        }
    }
    ASSERT(at == ordering->from + ordering->starts[index + 1]);
    arena_free(&scratch);
}

static void partition_count(void *user, uint32_t index, uint32_t worker) {
    Ordering *ordering = user;
    (void)worker;
    for (uint64_t i = ordering->starts[index]; i < ordering->starts[index + 1]; i++) {
        ordering->places[index][digit_of(&ordering->from[i], ordering->byte)]++;
    }
}

static void partition_deal(void *user, uint32_t index, uint32_t worker) {
    Ordering *ordering = user;
    uint64_t *places = ordering->places[index];
    (void)worker;
    for (uint64_t i = ordering->starts[index]; i < ordering->starts[index + 1]; i++) {
        ordering->to[places[digit_of(&ordering->from[i], ordering->byte)]++] = ordering->from[i];
    }
}

static void share_order(void *user, uint32_t index, uint32_t worker) {
    const Ordering *ordering = user;
    uint64_t start = ordering->shares[index];
    (void)worker;
    ordered_sort(ordering->from + start, ordering->to + start, ordering->shares[index + 1] - start);
}

// Where the groups of each partition go: share by share, in a share partition by partition.
static void places_assign(Ordering *ordering) {
    uint64_t place = 0;
    for (uint32_t digit = 0; digit < DIGITS; digit++) {
        ordering->shares[digit] = place;
        for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
            uint64_t count = ordering->places[i][digit];
            ordering->places[i][digit] = place;
            place += count;
        }
    }
    ordering->shares[DIGITS] = place;
}

static void shares_make(Ordering *ordering, Tasks *tasks) {
    ordering->places = memory_alloc(STATE_PARTITIONS * sizeof(*ordering->places));
    memset(ordering->places, 0, STATE_PARTITIONS * sizeof(*ordering->places));
    tasks_run(tasks, STATE_PARTITIONS, partition_count, ordering);
    places_assign(ordering);
    tasks_run(tasks, STATE_PARTITIONS, partition_deal, ordering);
    Ordered *dealt = ordering->to;
    ordering->to = ordering->from;
    ordering->from = dealt;
    memory_free(ordering->places);
}

static void all_order(Ordering *ordering, Tasks *tasks) {
    uint64_t count = ordering->state->count;
    Ordered differences = ordered_differences(ordering->from, count);
    ordering->byte = RANK_BYTES;
    while (ordering->byte > 0 && digit_of(&differences, ordering->byte - 1) == 0) {
        ordering->byte--;
    }
    if (count < DEAL_MIN || ordering->byte == 0) {
        ordered_sort(ordering->from, ordering->to, count);
        return;
    }
    ordering->byte--;
    shares_make(ordering, tasks);
    tasks_run(tasks, DIGITS, share_order, ordering);
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
    if (group_has_sessions(state->group)) {
        group_sessions_join(state, tasks);
    }
    for (uint32_t i = 0; i < STATE_PARTITIONS; i++) {
        ordering.starts[i + 1] = ordering.starts[i] + state->partitions[i].count;
    }
    state->count = ordering.starts[STATE_PARTITIONS];
    ordering.from = memory_alloc(state->count * sizeof(Ordered));
    ordering.to = memory_alloc(state->count * sizeof(Ordered));
    tasks_run(tasks, STATE_PARTITIONS, partition_rank, &ordering);
    ordering.has_next = windows_are_alike(&ordering);
    for (uint64_t i = 0; i < state->count && !ordering.has_next; i++) {
        ordering.from[i].next = 0;
    }
    all_order(&ordering, tasks);
    memory_free(ordering.to);
    state->ordered = ordering.from;
}
