// Groups of sessions. Rows are gathered by key and by piece of time; rows of one piece are in one
// session. When all are there, pieces of a key are looked at in the order of their reach, from
// which on they go with what came before: those that reach behind the end of what is taken are part
// of it. As spans from reach to end these overlap, so one pass finds all.
//
// In memory, all pieces of a key are in one partition. On disk, they are sorted by key and reach;
// the sessions are sorted once more, by their end. Sessions that live longer than an epoch are kept
// in the order of pieces, and are pieces of the next.
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

static int64_t reach_of(const FlowGroup *group, const char *slot) {
    return bound_us(group, slot, (uint32_t)group->session_reach);
}

// --- in memory -----------------------------------------------------------------------------------

typedef struct Piece {
    uint64_t hash; // of the key alone
    int64_t reach_us;
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

// Without a look at the keys, which lie in no cache.
static int pieces_compare(const void *left, const void *right) {
    const Piece *a = left;
    const Piece *b = right;
    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    return (a->reach_us > b->reach_us) - (a->reach_us < b->reach_us);
}

static int pieces_of_keys_compare(const void *left, const void *right) {
    const Piece *a = left;
    const Piece *b = right;
    int order = keys_compare(a->entry, b->entry);
    return order != 0 ? order : pieces_compare(a, b);
}

// Keys of one hash would lie mixed.
static void mixed_sort(Piece *pieces, uint64_t count) {
    uint64_t end = 0;
    for (uint64_t first = 0; first < count; first = end) {
        bool is_mixed = false;
        for (end = first + 1; end < count && pieces[end].hash == pieces[first].hash; end++) {
            is_mixed |= keys_compare(pieces[first].entry, pieces[end].entry) != 0;
        }
        if (is_mixed) {
            qsort(pieces + first, end - first, sizeof(Piece), pieces_of_keys_compare);
        }
    }
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
                                      .reach_us = reach_of(group, entry_slot(entry)),
                                      .entry = entry};
        }
    }
    ASSERT(count == partition->count);
    qsort(pieces, count, sizeof(Piece), pieces_compare);
    mixed_sort(pieces, count);
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
            pieces[i].reach_us < session_end(group, entry_slot(last))) {
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

// Its bytes order as the times do.
static void time_append(const FlowGroup *group, int64_t time_us, Buffer *key) {
    FlowValue value = {.i64 = time_us};
    key_append(key, group->keys[0].type, false, &value);
}

void session_piece_key(const FlowGroup *group, Entry *entry, Buffer *out) {
    buffer_append(
        out, entry_key(entry) + SESSION_TIME_BYTES, entry->key_length - SESSION_TIME_BYTES);
    time_append(group, reach_of(group, entry_slot(entry)), out);
}

// The next piece, of the epoch's rows or kept before.
typedef struct Part {
    const char *key; // of the group, and its reach behind it
    size_t key_length;
    const char *saved;
    bool was_kept;
} Part;

// A session that may grow still; its accumulators are in the spill's slot.
typedef struct Growing {
    GroupSpill *spill;
    bool has_any;
    bool is_touched; // by rows of the epoch
    Buffer key;      // of its first part
    Buffer end;      // as bytes of a key
    Buffer kept;     // keys of its parts that were kept, each behind its length
    Arena arena;
    Arena scratch; // of the part at hand
} Growing;

static bool part_find(const GroupSpill *spill, Part *part) {
    const GroupKeeper *keeper = &spill->keeper;
    const SorterRow *row = &spill->row;
    bool is_kept = keeper->has_entry &&
                   (!spill->has_row ||
                    bytes_order(keeper->key, keeper->key_length, row->key, row->key_length) <= 0);
    *part = is_kept ? (Part){keeper->key, keeper->key_length, keeper->value, true}
                    : (Part){row->key, row->key_length, row->payload, false};
    return is_kept || spill->has_row;
}

static bool part_belongs(const Part *part, const Growing *session) {
    size_t length = part->key_length - SESSION_TIME_BYTES;
    return session->has_any && session->key.length == part->key_length &&
           (length == 0 || memcmp(session->key.data, part->key, length) == 0) &&
           memcmp(part->key + length, session->end.data, SESSION_TIME_BYTES) < 0;
}

static void part_take(const Part *part, Growing *session) {
    GroupSpill *spill = session->spill;
    if (part_belongs(part, session)) {
        arena_reset(&session->scratch);
        group_slot_load(spill->group, &session->scratch, part->saved, spill->other);
        group_slot_merge(spill->group, &session->arena, spill->slot, spill->other);
    } else {
        session->has_any = true;
        session->is_touched = false;
        arena_reset(&session->arena);
        buffer_clear(&session->kept);
        buffer_clear(&session->key);
        buffer_append(&session->key, part->key, part->key_length);
        group_slot_load(spill->group, &session->arena, part->saved, spill->slot);
    }
    session->is_touched |= !part->was_kept;
    if (part->was_kept) {
        buffer_append(&session->kept, &part->key_length, sizeof(part->key_length));
        buffer_append(&session->kept, part->key, part->key_length);
    }
    buffer_clear(&session->end);
    time_append(spill->group, session_end(spill->group, spill->slot), &session->end);
}

// --- what becomes of a session -------------------------------------------------------------------

static Outcome session_give(Sys *sys, const Growing *session) {
    GroupSpill *spill = session->spill;
    const FlowGroup *group = spill->group;
    buffer_clear(&spill->key);
    buffer_append(&spill->key, session->end.data, session->end.length);
    time_append(group, session_start(group, spill->slot), &spill->key);
    buffer_append(&spill->key, session->key.data, session->key.length - SESSION_TIME_BYTES);
    const SorterRow row = {
        .key = spill->key.data,
        .key_length = spill->key.length,
        .group_length = spill->key.length,
        .payload = spill->saved.data,
        .payload_length = spill->saved.length,
    };
    return sorter_add(sys, spill->sessions, 0, &row);
}

// What was kept of its parts is not kept any more, unless it stands for the whole now.
static Outcome parts_leave(const Growing *session, bool is_kept) {
    GroupKeeper *keeper = &session->spill->keeper;
    size_t at = 0;
    while (at < session->kept.length) {
        Buffer key = {0};
        memcpy(&key.length, session->kept.data + at, sizeof(key.length));
        key.data = session->kept.data + at + sizeof(key.length);
        at += sizeof(key.length) + key.length;
        int order = bytes_order(key.data, key.length, session->key.data, session->key.length);
        if (!is_kept || order != 0) {
            TRY(keeper->put(keeper->user, &key, NULL));
        }
    }
    return OUTCOME_OK;
}

static Outcome session_end_judge(Sys *sys, const Growing *session) {
    GroupSpill *spill = session->spill;
    GroupKeeper *keeper = &spill->keeper;
    if (!session->has_any) {
        return OUTCOME_OK; // The slot is nobody's yet.
    }
    bool is_kept =
        keeper->put != NULL && session_end(spill->group, spill->slot) > keeper->watermark_us;
    if (is_kept && !session->is_touched) {
        return OUTCOME_OK;
    }
    buffer_clear(&spill->saved);
    group_slot_save(spill->group, spill->slot, &spill->saved);
    TRY(is_kept ? keeper->put(keeper->user, &session->key, &spill->saved)
                : session_give(sys, session));
    return parts_leave(session, is_kept);
}

static Outcome parts_join(Sys *sys, Growing *session) {
    GroupSpill *spill = session->spill;
    GroupKeeper *keeper = &spill->keeper;
    Part part = {0};
    TRY(group_row_next(sys, spill));
    while (part_find(spill, &part)) {
        if (!part_belongs(&part, session)) {
            TRY(session_end_judge(sys, session));
        }
        part_take(&part, session);
        TRY(part.was_kept ? keeper->next(keeper->user, keeper) : group_row_next(sys, spill));
    }
    return session_end_judge(sys, session);
}

Outcome group_sessions_sort(Sys *sys, GroupSpill *spill) {
    Growing session = {.spill = spill};
    Outcome outcome = parts_join(sys, &session);
    buffer_free(&session.key);
    buffer_free(&session.end);
    buffer_free(&session.kept);
    arena_free(&session.arena);
    arena_free(&session.scratch);
    TRY(outcome);
    spill->keeper = (GroupKeeper){0};   // The results are nobody's parts.
    Sorter *sessions = spill->sessions; // what is read from now on
    spill->sessions = spill->sorter;
    spill->sorter = sessions;
    return sorter_finish(sys, spill->sorter);
}
