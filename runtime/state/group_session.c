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
    size_t length = a->key_length - SESSION_PIECE_BYTES;
    return length == 0 ? 0
                       : memcmp(entry_key(a) + SESSION_PIECE_BYTES,
                                entry_key(b) + SESSION_PIECE_BYTES,
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
            const char *key = entry_key(entry) + SESSION_PIECE_BYTES;
            pieces[count++] = (Piece){.hash = hash64(key, entry->key_length - SESSION_PIECE_BYTES),
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

void session_piece_key(const char *key, size_t length, Buffer *out) {
    buffer_append(out, key + SESSION_PIECE_BYTES, length - SESSION_PIECE_BYTES);
    buffer_append(out, key, SESSION_PIECE_BYTES);
}

// A session that may grow still, and the piece behind it. What each has beyond its slot lives in an
// arena of its own.
typedef struct Part {
    char *slot;
    Arena arena;
    Buffer key; // as a piece has it
} Part;

static size_t part_key_length(const Part *part) {
    return part->key.length - SESSION_PIECE_BYTES;
}

static bool is_of_key(const Part *session, const Part *piece) {
    size_t length = part_key_length(piece);
    return session->key.length == piece->key.length &&
           (length == 0 || memcmp(session->key.data, piece->key.data, length) == 0);
}

static bool row_is_of(const GroupSpill *spill, const Part *piece) {
    return spill->has_row && spill->row.key_length == piece->key.length &&
           memcmp(spill->row.key, piece->key.data, piece->key.length) == 0;
}

// What several workers, or one at several times, have gathered of a piece comes together first:
// only then is its start known.
static Outcome piece_gather(Sys *sys, GroupSpill *spill, Part *piece) {
    const FlowGroup *group = spill->group;
    arena_reset(&piece->arena);
    buffer_clear(&piece->key);
    buffer_append(&piece->key, spill->row.key, spill->row.key_length);
    group_slot_load(group, &piece->arena, spill->row.payload, piece->slot);
    TRY(group_row_next(sys, spill));
    while (row_is_of(spill, piece)) {
        group_slot_load(group, &piece->arena, spill->row.payload, spill->other);
        group_slot_merge(group, &piece->arena, piece->slot, spill->other);
        TRY(group_row_next(sys, spill));
    }
    return OUTCOME_OK;
}

static Outcome session_put(Sys *sys, GroupSpill *spill, const Part *session) {
    const FlowGroup *group = spill->group;
    FlowValue end = {.i64 = session_end(group, session->slot)};
    FlowValue start = {.i64 = session_start(group, session->slot)};
    buffer_clear(&spill->key);
    key_append(&spill->key, group->keys[0].type, false, &end);
    ASSERT(spill->key.length == SESSION_PREFIX_BYTES);
    key_append(&spill->key, group->keys[0].type, false, &start);
    buffer_append(&spill->key, session->key.data, part_key_length(session));
    buffer_clear(&spill->saved);
    group_slot_save(group, session->slot, &spill->saved);
    const SorterRow row = {
        .key = spill->key.data,
        .key_length = spill->key.length,
        .group_length = spill->key.length,
        .payload = spill->saved.data,
        .payload_length = spill->saved.length,
    };
    return sorter_add(sys, spill->sessions, 0, &row);
}

static void parts_swap(Part *a, Part *b) {
    Part kept = *a;
    *a = *b;
    *b = kept;
}

static Outcome pieces_join(Sys *sys, GroupSpill *spill, Part *session, Part *piece) {
    const FlowGroup *group = spill->group;
    bool has_session = false;
    TRY(group_row_next(sys, spill));
    while (spill->has_row) {
        TRY(piece_gather(sys, spill, piece));
        if (has_session && is_of_key(session, piece) &&
            session_start(group, piece->slot) < session_end(group, session->slot)) {
            group_slot_merge(group, &session->arena, session->slot, piece->slot);
            continue;
        }
        if (has_session) {
            TRY(session_put(sys, spill, session));
        }
        parts_swap(session, piece);
        has_session = true;
    }
    return has_session ? session_put(sys, spill, session) : OUTCOME_OK;
}

Outcome group_sessions_sort(Sys *sys, GroupSpill *spill) {
    Part parts[2] = {0};
    for (uint32_t i = 0; i < COUNT_OF(parts); i++) {
        parts[i].slot = memory_aligned(16, (size_t)spill->group->slot_bytes);
    }
    Outcome outcome = pieces_join(sys, spill, &parts[0], &parts[1]);
    for (uint32_t i = 0; i < COUNT_OF(parts); i++) {
        memory_free(parts[i].slot);
        arena_free(&parts[i].arena);
        buffer_free(&parts[i].key);
    }
    TRY(outcome);
    Sorter *sessions = spill->sessions; // what is read from now on
    spill->sessions = spill->sorter;
    spill->sorter = sessions;
    return sorter_finish(sys, spill->sorter);
}
