// Lookups: rows from their arrival to the index.
//
// A row is kept as its key, the length of its columns, and the columns (record/row.c). A single
// integer key is kept as a number, all others as canonical bytes. The index is made once, from the
// rows in canonical order: first a table of the keys that grows, then one that is just large enough
// and says where the rows of each key lie.
#include "state/lookup_internal.h"

#include "scalar/scalar.h"

struct LookupPart {
    RowWriter writer;
    Buffer key;
    Buffer payload;
};

static void part_free(LookupPart *part) {
    row_writer_free(&part->writer);
    buffer_free(&part->key);
    buffer_free(&part->payload);
}

void lookup_free(Sys *sys, Lookup *lookup) {
    if (lookup == NULL) {
        return;
    }
    for (uint32_t i = 0; i < lookup->part_count; i++) {
        part_free(&lookup->parts[i]);
    }
    sorter_free(sys, lookup->sorter);
    memory_free(lookup->places);
    memory_free(lookup->buckets);
    memory_free(lookup->keys);
    arena_free(&lookup->arena);
    memory_free(lookup);
}

bool lookup_has_rows(const Lookup *lookup) {
    return sorter_count(lookup->sorter) > 0;
}

bool lookup_is_unique(const Lookup *lookup) {
    return lookup->is_unique;
}

const RowForm *lookup_form(const Lookup *lookup) {
    return lookup->form;
}

uint64_t lookup_bytes(const Lookup *lookup) {
    return sorter_bytes(lookup->sorter) + lookup->arena.total_bytes +
           lookup->row_count * sizeof(*lookup->places) +
           (lookup->bucket_mask + 1) * sizeof(*lookup->buckets);
}

// --- adding -------------------------------------------------------------------------------------

// The key behind its length; false: one of its values is null.
static bool key_put(const Lookup *lookup, const StateRows *rows, int32_t row, Buffer *payload) {
    const FlowColumn *columns = rows->batch->columns;
    size_t before = payload->length;
    uint32_t length = 0;
    buffer_append(payload, &length, sizeof(length));
    for (int64_t i = 0; i < lookup->desc->keys_count; i++) {
        const FlowColumn *column = &columns[rows->slots[i]];
        if (!column_key_append(lookup->desc->keys[i].type, column, (uint32_t)row, payload)) {
            return false;
        }
    }
    ASSERT(payload->length - before - sizeof(length) <= UINT32_MAX);
    length = (uint32_t)(payload->length - before - sizeof(length));
    memcpy(payload->data + before, &length, sizeof(length));
    return true;
}

static Outcome
row_add(Sys *sys, Lookup *lookup, const StateRows *rows, int32_t row, uint32_t index) {
    LookupPart *part = &lookup->parts[rows->part];
    buffer_clear(&part->payload);
    if (!key_put(lookup, rows, row, &part->payload)) {
        return OUTCOME_OK;
    }
    const RowWriter *writer = &part->writer;
    uint64_t length = writer->starts[index + 1] - writer->starts[index];
    buffer_append(&part->payload, &length, sizeof(length));
    buffer_append(&part->payload, writer->bytes.data + writer->starts[index], length);
    RowOrigin origin = row_origin(rows, row);
    buffer_clear(&part->key);
    buffer_char(&part->key, KEY_TAG);
    origin_append(&part->key, &origin);
    SorterRow sorted = {.key = part->key.data,
                        .key_length = part->key.length,
                        .payload = part->payload.data,
                        .payload_length = part->payload.length};
    return sorter_add(sys, lookup->sorter, rows->part, &sorted);
}

Outcome lookup_add(Sys *sys, Lookup *lookup, const StateRows *rows) {
    const FlowBatch *batch = rows->batch;
    const int32_t *selection = batch->selection;
    RowPick pick = {.batch = batch,
                    .slots = rows->slots + lookup->desc->keys_count,
                    .rows = selection,
                    .count = (uint32_t)batch->selected_count};
    row_writer_write(&lookup->parts[rows->part].writer, &pick);
    for (uint32_t i = 0; i < pick.count; i++) {
        TRY(row_add(sys, lookup, rows, selection[i], i));
    }
    return OUTCOME_OK;
}

void lookup_seal(Lookup *lookup, uint32_t part) {
    sorter_seal(lookup->sorter, part);
}

// --- the index ----------------------------------------------------------------------------------

// Keys are met in an order that no machine foresees, so that rows are looked at block by block:
// what they will need is fetched first.
enum { BLOCK_ROWS = 64, FETCH_AHEAD = 16, TABLE_FIRST_MAX = 1 << 20 };

typedef struct IndexRow {
    uint64_t hash;
    const char *bytes; // the key with its length; NULL for a number, which its hash tells
    LookupPlace place;
} IndexRow;

typedef struct IndexKey {
    uint64_t hash;
    const char *key; // length and bytes; a number is its hash
    uint32_t count;
    uint32_t first;
} IndexKey;

typedef struct Index {
    IndexKey *keys;
    uint32_t key_count;
    uint32_t key_capacity;
    uint32_t *table; // key number + 1; 0: free
    uint64_t mask;
    uint32_t *key_of_row;
    uint64_t first_capacity; // of the table
    IndexRow block[BLOCK_ROWS];
    uint32_t block_count;
} Index;

static void index_grow(Index *index) {
    uint64_t capacity = index->table == NULL ? index->first_capacity : (index->mask + 1) * 2;
    memory_free(index->table);
    index->table = memory_alloc(capacity * sizeof(*index->table));
    memset(index->table, 0, capacity * sizeof(*index->table));
    index->mask = capacity - 1;
    for (uint32_t i = 0; i < index->key_count; i++) {
        uint64_t at = index->keys[i].hash & index->mask;
        while (index->table[at] != 0) {
            at = (at + 1) & index->mask;
        }
        index->table[at] = i + 1;
    }
}

static bool is_key(const IndexKey *key, uint64_t hash, const char *bytes) {
    if (key->hash != hash) {
        return false;
    }
    return bytes == NULL || lookup_keys_equal(key->key, bytes);
}

static uint32_t key_new(Lookup *lookup, Index *index, uint64_t hash, const char *bytes) {
    if (index->key_count == index->key_capacity) {
        index->key_capacity =
            index->key_capacity == 0 ? LOOKUP_BUCKETS_MIN : index->key_capacity * 2;
        index->keys = memory_resize(index->keys, index->key_capacity * sizeof(*index->keys));
    }
    IndexKey *key = &index->keys[index->key_count];
    *key = (IndexKey){.hash = hash};
    if (bytes != NULL) {
        key->key = arena_copy(&lookup->arena, bytes, sizeof(uint32_t) + lookup_key_length(bytes));
    }
    return index->key_count++;
}

// `bytes` is NULL for a number, which is known by its hash alone.
static uint32_t index_find(Lookup *lookup, Index *index, uint64_t hash, const char *bytes) {
    uint64_t at = hash & index->mask;
    while (index->table[at] != 0) {
        if (is_key(&index->keys[index->table[at] - 1], hash, bytes)) {
            return index->table[at] - 1;
        }
        at = (at + 1) & index->mask;
    }
    uint32_t number = key_new(lookup, index, hash, bytes);
    index->table[at] = number + 1;
    return number;
}

static void block_fetch(const Index *index) {
    for (uint32_t i = 0; i < index->block_count; i++) {
        __builtin_prefetch(&index->table[index->block[i].hash & index->mask]);
    }
    for (uint32_t i = 0; i < index->block_count; i++) {
        uint32_t number = index->table[index->block[i].hash & index->mask];
        if (number != 0) {
            __builtin_prefetch(&index->keys[number - 1], 1);
        }
    }
}

static void block_add(Lookup *lookup, Index *index) {
    while (index->table == NULL ||
           ((uint64_t)index->key_count + index->block_count) * 2 > index->mask) {
        index_grow(index);
    }
    block_fetch(index);
    for (uint32_t i = 0; i < index->block_count; i++) {
        const IndexRow *row = &index->block[i];
        uint32_t number = index_find(lookup, index, row->hash, row->bytes);
        index->keys[number].count++;
        index->key_of_row[lookup->row_count] = number;
        lookup->places[lookup->row_count++] = row->place;
    }
    index->block_count = 0;
}

static IndexRow index_row(const Lookup *lookup, const SorterRow *row) {
    const char *bytes = row->payload;
    uint32_t length = lookup_key_length(bytes);
    size_t columns_at = sizeof(length) + length;
    IndexRow made = {.bytes = lookup->is_number ? NULL : bytes};
    made.hash = lookup->is_number ? lookup_hash_number(lookup_number_of_key(bytes))
                                  : hash64(bytes + sizeof(length), length);
    made.place = row->is_kept ? (LookupPlace){.row = bytes + columns_at + sizeof(uint64_t)}
                              : (LookupPlace){.file = row->file,
                                              .at = row->payload_at + (int64_t)columns_at};
    return made;
}

// The bytes of a row from a file are there until the next one is asked for.
static void index_add(Lookup *lookup, Index *index, const SorterRow *row) {
    index->block[index->block_count++] = index_row(lookup, row);
    if (index->block_count == BLOCK_ROWS || !row->is_kept) {
        block_add(lookup, index);
    }
}

// Rows of a key side by side, in the order in which they came.
static void places_group(Lookup *lookup, Index *index) {
    if (lookup->is_unique) {
        for (uint32_t i = 0; i < index->key_count; i++) {
            index->keys[i].first = i; // Each row came with a new key.
        }
        return;
    }
    LookupPlace *grouped = memory_alloc(lookup->row_count * sizeof(*grouped));
    uint32_t first = 0;
    for (uint32_t i = 0; i < index->key_count; i++) {
        index->keys[i].first = first;
        first += index->keys[i].count;
        index->keys[i].count = 0;
    }
    for (uint64_t i = 0; i < lookup->row_count; i++) {
        IndexKey *key = &index->keys[index->key_of_row[i]];
        grouped[key->first + key->count++] = lookup->places[i];
    }
    memory_free(lookup->places);
    lookup->places = grouped;
}

static void buckets_make(Lookup *lookup, const Index *index) {
    uint64_t capacity = LOOKUP_BUCKETS_MIN;
    while (capacity < (uint64_t)index->key_count * 2) {
        capacity *= 2;
    }
    lookup->buckets = memory_alloc(capacity * sizeof(*lookup->buckets));
    memset(lookup->buckets, 0, capacity * sizeof(*lookup->buckets));
    lookup->keys = lookup->is_number ? NULL : memory_alloc(capacity * sizeof(*lookup->keys));
    lookup->bucket_mask = capacity - 1;
    for (uint32_t i = 0; i < index->key_count; i++) {
        const IndexKey *key = &index->keys[i];
        if (i + FETCH_AHEAD < index->key_count) {
            uint64_t ahead = index->keys[i + FETCH_AHEAD].hash & lookup->bucket_mask;
            __builtin_prefetch(&lookup->buckets[ahead], 1);
        }
        uint64_t at = key->hash & lookup->bucket_mask;
        while (lookup->buckets[at].match.count != 0) {
            at = (at + 1) & lookup->bucket_mask;
        }
        lookup->buckets[at] = (LookupBucket){key->hash, {key->first, key->count}};
        if (lookup->keys != NULL) {
            lookup->keys[at] = key->key;
        }
    }
}

Lookup *lookup_new(const FlowLookup *desc, const StateOptions *options) {
    SorterOptions sorting = {.part_count = options->part_count,
                             .memory_bytes = options->memory_bytes,
                             .directory = options->directory,
                             .limit = -1};
    Lookup *lookup = memory_alloc(sizeof(Lookup));
    *lookup = (Lookup){.desc = desc, .is_unique = true, .sorter = sorter_new(&sorting)};
    lookup->form = row_form_new(&lookup->arena, desc->columns, (uint32_t)desc->columns_count);
    lookup->is_number = desc->keys_count == 1 && value_is_whole(desc->keys[0].type);
    lookup->part_count = options->part_count;
    lookup->parts = arena_array(&lookup->arena, LookupPart, options->part_count);
    for (uint32_t i = 0; i < options->part_count; i++) {
        row_writer_init(&lookup->parts[i].writer, lookup->form);
    }
    buckets_make(lookup, &(Index){0});
    return lookup;
}

static Outcome index_fill(Sys *sys, Lookup *lookup, Index *index) {
    bool has_row = false;
    SorterRow row;
    TRY(sorter_finish(sys, lookup->sorter));
    TRY(sorter_next(sys, lookup->sorter, &row, &has_row));
    while (has_row) {
        index_add(lookup, index, &row);
        TRY(sorter_next(sys, lookup->sorter, &row, &has_row));
    }
    block_add(lookup, index);
    return OUTCOME_OK;
}

Outcome lookup_finish(Sys *sys, Lookup *lookup) {
    uint64_t count = sorter_count(lookup->sorter);
    if (count > LOOKUP_ROWS_MAX) {
        return sys_fail(
            sys, OUTCOME_REFUSED, "%s has too many rows to look up", lookup->desc->name);
    }
    Index index = {.key_of_row = memory_alloc(count * sizeof(uint32_t)),
                   .first_capacity = LOOKUP_BUCKETS_MIN};
    while (index.first_capacity < count * 2 && index.first_capacity < TABLE_FIRST_MAX) {
        index.first_capacity *= 2;
    }
    lookup->places = memory_alloc(count * sizeof(*lookup->places));
    Outcome outcome = index_fill(sys, lookup, &index);
    if (outcome == OUTCOME_OK) {
        lookup->is_unique = index.key_count == lookup->row_count;
        places_group(lookup, &index);
        memory_free(lookup->buckets);
        memory_free(lookup->keys);
        buckets_make(lookup, &index);
    }
    memory_free(index.key_of_row);
    memory_free(index.keys);
    memory_free(index.table);
    return outcome;
}
