// Groups of sessions. Rows are gathered by key and by piece of time, as long as the gap: rows of
// one piece are less than the gap apart, so they are in one session. When all are there, pieces of
// a key are looked at in the order of time, and those that overlap become one.
//
// In memory, all pieces of a key are in one partition. On disk, they are sorted by key and time;
// the sessions are sorted once more, by their end.
#include "state/group_spill.h"

enum { START, END }; // aggregates

static int64_t bound_us(const FlowGroup *group, const char *slot, uint32_t bound) {
    FlowValue value = {0};
    const FlowAgg *agg = &group->aggs[bound];
    AggStatus status = agg_result(NULL, agg, slot + agg->offset, &value);
    ASSERT(status == AGG_VALUE);
    return value.i64;
}

int64_t session_start(const FlowGroup *group, const char *slot) {
    return bound_us(group, slot, START);
}

int64_t session_end(const FlowGroup *group, const char *slot) {
    return bound_us(group, slot, END);
}

// --- in memory -----------------------------------------------------------------------------------

typedef struct Piece {
    uint64_t hash; // of the key alone
    int64_t start_us;
    Entry *entry;
} Piece;

static int keys_compare(const Entry *a, const Entry *b) {
    if (a->key_length != b->key_length) {
        return a->key_length < b->key_length ? -1 : 1;
    }
    size_t length = a->key_length - SESSION_TIME_BYTES;
    return length == 0 ? 0
                       : memcmp(entry_key(a) + SESSION_TIME_BYTES,
                                entry_key(b) + SESSION_TIME_BYTES,
                                length);
}

static int pieces_compare(const void *left, const void *right) {
    const Piece *a = left;
    const Piece *b = right;
    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    int order = keys_compare(a->entry, b->entry);
    return order != 0 ? order : (a->start_us > b->start_us) - (a->start_us < b->start_us);
}

static Piece *pieces_sorted(const Partition *partition) {
    const FlowGroup *group = partition->state->group;
    Piece *pieces = memory_alloc(partition->count * sizeof(Piece));
    uint64_t count = 0;
    for (uint64_t i = 0; i < partition->capacity; i++) {
        Entry *entry = bucket_entry(partition->buckets[i]);
        bucket_fetch_ahead(partition, i);
        if (entry != NULL) {
            const char *key = entry_key(entry) + SESSION_TIME_BYTES;
            pieces[count++] = (Piece){.hash = hash64(key, entry->key_length - SESSION_TIME_BYTES),
                                      .start_us = session_start(group, entry_slot(entry)),
                                      .entry = entry};
        }
    }
    ASSERT(count == partition->count);
    qsort(pieces, count, sizeof(Piece), pieces_compare);
    return pieces;
}

// The buckets are no table any more, only a list of the entries that are left.
static void partition_join(void *user, uint32_t index, uint32_t worker) {
    Partition *partition = &((GroupState *)user)->partitions[index];
    const FlowGroup *group = partition->state->group;
    (void)worker;
    if (partition->count == 0) {
        return;
    }
    Piece *pieces = pieces_sorted(partition);
    uint64_t left = 0;
    memset(partition->buckets, 0, partition->capacity * sizeof(Bucket));
    for (uint64_t i = 0; i < partition->count; i++) {
        Entry *last = left == 0 ? NULL : bucket_entry(partition->buckets[left - 1]);
        if (last != NULL && keys_compare(last, pieces[i].entry) == 0 &&
            pieces[i].start_us < session_end(group, entry_slot(last))) {
            group_slot_merge(
                group, &partition->arena, entry_slot(last), entry_slot(pieces[i].entry));
        } else {
            partition->buckets[left++] = (Bucket)(uintptr_t)pieces[i].entry;
        }
    }
    partition->count = left;
    memory_free(pieces);
}

void group_sessions_join(GroupState *state, Tasks *tasks) {
    tasks_run(tasks, STATE_PARTITIONS, partition_join, state);
}

// --- on disk -------------------------------------------------------------------------------------

// The start's bytes order as the times do.
static void time_append(const FlowGroup *group, int64_t time_us, Buffer *key) {
    FlowValue value = {.i64 = time_us};
    key_append(key, group->keys[0].type, false, &value);
}

void session_piece_key(const FlowGroup *group, Entry *entry, Buffer *out) {
    buffer_append(
        out, entry_key(entry) + SESSION_TIME_BYTES, entry->key_length - SESSION_TIME_BYTES);
    time_append(group, session_start(group, entry_slot(entry)), out);
}

// A session that may grow still.
typedef struct Growing {
    Buffer key; // of the group alone
    Buffer end; // as bytes of a key
    Arena arena;
    Arena scratch; // of the piece at hand
    bool has_any;
} Growing;

static bool row_belongs(const GroupSpill *spill, const Growing *session) {
    size_t length = spill->row.key_length - SESSION_TIME_BYTES;
    return session->has_any && session->key.length == length &&
           (length == 0 || memcmp(session->key.data, spill->row.key, length) == 0) &&
           memcmp(spill->row.key + length, session->end.data, SESSION_TIME_BYTES) < 0;
}

static void session_begin(GroupSpill *spill, Growing *session) {
    session->has_any = true;
    arena_reset(&session->arena);
    buffer_clear(&session->key);
    buffer_append(
        &session->key, spill->row.key, spill->row.key_length - (size_t)SESSION_TIME_BYTES);
    group_slot_load(spill->group, &session->arena, spill->row.payload, spill->slot);
}

static void session_grow(GroupSpill *spill, Growing *session) {
    arena_reset(&session->scratch);
    group_slot_load(spill->group, &session->scratch, spill->row.payload, spill->other);
    group_slot_merge(spill->group, &session->arena, spill->slot, spill->other);
}

static Outcome session_put(Sys *sys, GroupSpill *spill, const Growing *session) {
    const FlowGroup *group = spill->group;
    if (!session->has_any) {
        return OUTCOME_OK;
    }
    buffer_clear(&spill->key);
    time_append(group, session_end(group, spill->slot), &spill->key);
    time_append(group, session_start(group, spill->slot), &spill->key);
    buffer_append(&spill->key, session->key.data, session->key.length);
    buffer_clear(&spill->saved);
    group_slot_save(group, spill->slot, &spill->saved);
    const SorterRow row = {
        .key = spill->key.data,
        .key_length = spill->key.length,
        .group_length = spill->key.length,
        .payload = spill->saved.data,
        .payload_length = spill->saved.length,
    };
    return sorter_add(sys, spill->sessions, 0, &row);
}

static Outcome pieces_join(Sys *sys, GroupSpill *spill, Growing *session) {
    TRY(group_row_next(sys, spill));
    while (spill->has_row) {
        if (row_belongs(spill, session)) {
            session_grow(spill, session);
        } else {
            TRY(session_put(sys, spill, session));
            session_begin(spill, session);
        }
        buffer_clear(&session->end);
        time_append(spill->group, session_end(spill->group, spill->slot), &session->end);
        TRY(group_row_next(sys, spill));
    }
    return session_put(sys, spill, session);
}

Outcome group_sessions_sort(Sys *sys, GroupSpill *spill) {
    Growing session = {0};
    Outcome outcome = pieces_join(sys, spill, &session);
    buffer_free(&session.key);
    buffer_free(&session.end);
    arena_free(&session.arena);
    arena_free(&session.scratch);
    TRY(outcome);
    Sorter *sessions = spill->sessions; // what is read from now on
    spill->sessions = spill->sorter;
    spill->sorter = sessions;
    return sorter_finish(sys, spill->sorter);
}
