// Reading the table's files beside the changes: a batch's keys are hashed first and looked up then,
// so that the lookups of a batch wait for memory together.
#include "store/delta/merge.h"

#include "scalar/scalar.h"

enum { READER_ROWS = FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK, INTEGER_KEY_BYTES = 9 };
enum { FILTER_BITS_MIN = 10, FILTER_BITS_MAX = 30 };

void delta_merge_reader_begin(DeltaMergeReader *reader, const DeltaMerge *merge, Sys *sys) {
    *reader = (DeltaMergeReader){.merge = merge, .sys = sys};
    reader->batch = batch_new(merge->columns, merge->column_count);
    reader->found = arena_array(&reader->arena, uint32_t, READER_ROWS);
    reader->hashes = arena_array(&reader->arena, uint32_t, READER_ROWS);
    reader->keys = arena_array(&reader->arena, uint64_t, READER_ROWS);
    reader->rows = arena_array(&reader->arena, uint32_t, READER_ROWS);
}

void delta_merge_reader_end(DeltaMergeReader *reader) {
    delta_merge_reader_close(reader);
    batch_free(reader->batch);
    buffer_free(&reader->key);
    arena_free(&reader->arena);
}

// The file's key columns or all of the table's, and the order values where files have them.
void delta_merge_reader_open(DeltaMergeReader *reader, uint32_t file, DeltaMergeColumns which) {
    const DeltaMerge *merge = reader->merge;
    const DeltaWrite *write = merge->write;
    bool is_whole = which == DELTA_MERGE_ALL;
    reader->match = 0;
    uint32_t plain_count = is_whole ? merge->table_count : write->key.count;
    uint32_t order_count = merge->has_sequence ? write->order_count : 0;
    uint32_t count = plain_count + order_count;
    FlowColumnDesc *columns = arena_array(&reader->arena, FlowColumnDesc, count);
    reader->slots = arena_array(&reader->arena, int32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        reader->slots[i] = i >= plain_count ? (int32_t)(merge->table_count + i - plain_count)
                           : is_whole       ? (int32_t)i
                                            : merge->keys[i];
        columns[i] = merge->columns[reader->slots[i]];
    }
    DeltaScanOptions options = {
        .sys = reader->sys,
        .table_path = write->path,
        .files = &merge->files[file],
        .file_count = 1,
        .partition = delta_write_partition(write),
        .columns = columns,
        .column_count = count,
        .sequence_count = order_count > 1 ? order_count : 0,
    };
    reader->scan = delta_scan_new(&options);
}

void delta_merge_reader_piece(DeltaMergeReader *reader,
                              const DeltaMergePiece *piece,
                              DeltaMergeColumns columns) {
    delta_merge_reader_open(reader, piece->file, columns);
    delta_scan_groups_only(reader->scan, piece->group_first, piece->group_end);
}

void delta_merge_reader_close(DeltaMergeReader *reader) {
    delta_scan_close(reader->scan);
    reader->scan = NULL;
}

// --- keys ---------------------------------------------------------------------------------------
static bool is_integer_kind(int32_t kind) {
    return kind == FLOW_INT8 || kind == FLOW_INT16 || kind == FLOW_INT32 || kind == FLOW_INT64 ||
           kind == FLOW_DATE || kind == FLOW_TIMESTAMP || kind == FLOW_DURATION;
}

const Buffer *delta_merge_row_key(DeltaMergeReader *reader, uint32_t row) {
    const DeltaMerge *merge = reader->merge;
    buffer_clear(&reader->key);
    for (uint32_t i = 0; i < merge->write->key.count; i++) {
        uint32_t column = (uint32_t)merge->keys[i];
        DeltaCell cell = delta_batch_cell(reader->batch, column, row);
        key_append(&reader->key, merge->columns[column].type, cell.is_null, &cell.value);
    }
    return &reader->key;
}

// The canonical bytes of one integer: 01, then its eight bytes, the greatest first, the sign
// turned.
static void integer_key(uint64_t key, char bytes[INTEGER_KEY_BYTES]) {
    bytes[0] = 1;
    memcpy(bytes + 1, &key, sizeof(key));
}

// Which bit of the filter a key has. Most rows have no change, and most of these the filter tells,
// which is small enough to stay near, unlike the table of the keys.
static inline size_t filter_bit(const DeltaMerge *merge, uint64_t key) {
    uint64_t value = __builtin_bswap64(key);
    value = (value ^ value >> 32) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(value >> merge->filter_shift);
}

static bool is_integer_key(const DeltaMerge *merge) {
    return merge->write->key.count == 1 &&
           is_integer_kind(merge->columns[merge->keys[0]].type->kind);
}

void delta_merge_filter_make(DeltaMerge *merge) {
    const DeltaKeySet *set = &merge->changes->set;
    uint32_t bits = FILTER_BITS_MIN;
    if (!is_integer_key(merge)) {
        return;
    }
    while (bits < FILTER_BITS_MAX && (UINT64_C(1) << bits) < (uint64_t)set->count * 8) {
        bits++;
    }
    merge->filter_shift = 64 - bits;
    merge->filter = arena_array(&merge->arena, uint8_t, (size_t)1 << (bits - 3));
    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t key;
        if (set->keys[i].length == INTEGER_KEY_BYTES) { // not null
            memcpy(&key, set->keys[i].bytes + 1, sizeof(key));
            size_t bit = filter_bit(merge, key);
            merge->filter[bit / 8] |= (uint8_t)(1u << (bit % 8));
        }
    }
}

// Rows whose key may have a change, with the hashes of their keys; the others have none.
static uint32_t integers_hash(DeltaMergeReader *reader, uint32_t column) {
    const DeltaMerge *merge = reader->merge;
    const DeltaKeySet *set = &merge->changes->set;
    const FlowTypeDesc *type = merge->columns[column].type;
    uint32_t width_bytes = flow_kind_width((FlowKind)type->kind, type->precision);
    const FlowColumn *vector = batch_column(reader->batch, column);
    const uint8_t *validity = vector->validity;
    uint32_t count = (uint32_t)reader->batch->abi.row_count;
    uint32_t candidate_count = 0;
    char bytes[INTEGER_KEY_BYTES];
    for (uint32_t row = 0; row < count; row++) {
        uint64_t value = (uint64_t)integer_load(vector->values, width_bytes, row);
        uint64_t key = __builtin_bswap64(value ^ (UINT64_C(1) << 63));
        size_t bit = filter_bit(merge, key);
        bool is_null = validity != NULL && validity[row] == 0;
        reader->found[row] = is_null ? delta_keyset_find(set, "", 1) : DELTA_KEY_NONE;
        if (is_null || (merge->filter[bit / 8] >> (bit % 8) & 1) == 0) {
            continue;
        }
        integer_key(key, bytes);
        reader->keys[candidate_count] = key;
        reader->rows[candidate_count] = row;
        reader->hashes[candidate_count] = delta_keyset_hash(bytes, sizeof(bytes));
        delta_keyset_prefetch(set, reader->hashes[candidate_count++]);
    }
    return candidate_count;
}

static void integers_find(DeltaMergeReader *reader, uint32_t column) {
    const DeltaKeySet *set = &reader->merge->changes->set;
    uint32_t count = integers_hash(reader, column);
    char bytes[INTEGER_KEY_BYTES];
    for (uint32_t i = 0; i < count; i++) {
        integer_key(reader->keys[i], bytes);
        reader->found[reader->rows[i]] =
            delta_keyset_find_hashed(set, bytes, sizeof(bytes), reader->hashes[i]);
    }
}

static void keys_find(DeltaMergeReader *reader) {
    const DeltaMerge *merge = reader->merge;
    if (merge->filter != NULL) {
        integers_find(reader, (uint32_t)merge->keys[0]);
        return;
    }
    for (uint32_t row = 0; row < (uint32_t)reader->batch->abi.row_count; row++) {
        const Buffer *key = delta_merge_row_key(reader, row);
        reader->found[row] = delta_keyset_find(&merge->changes->set, key->data, key->length);
    }
}

// --- rows ---------------------------------------------------------------------------------------
static void order_clear(DeltaMergeReader *reader) {
    const DeltaMerge *merge = reader->merge;
    for (uint32_t i = 0; i < merge->write->order_count && !merge->has_sequence; i++) {
        uint8_t *validity = batch_column(reader->batch, merge->table_count + i)->validity;
        memset(validity, 0, (size_t)reader->batch->abi.row_count);
    }
}

// The file was read for its keys before.
static void matches_put(DeltaMergeReader *reader) {
    const DeltaMatches *matches = reader->matches;
    const int64_t *offsets = reader->batch->abi.offsets;
    uint32_t count = (uint32_t)reader->batch->abi.row_count;
    memset(reader->found, 0xFF, count * sizeof(*reader->found)); // DELTA_KEY_NONE
    while (count > 0 && reader->match < matches->count &&
           matches->items[reader->match].row <= offsets[count - 1]) {
        const DeltaMatch *match = &matches->items[reader->match++];
        reader->found[match->row - offsets[0]] = match->number;
    }
}

Outcome delta_merge_reader_next(DeltaMergeReader *reader) {
    TRY(delta_scan_next(reader->scan, reader->batch, reader->slots));
    order_clear(reader);
    if (reader->matches == NULL) {
        keys_find(reader);
    } else {
        matches_put(reader);
    }
    return OUTCOME_OK;
}

int delta_merge_order(const DeltaMerge *merge,
                      uint32_t change_row,
                      const Batch *batch,
                      uint32_t row) {
    for (uint32_t i = 0; i < merge->write->order_count; i++) {
        uint32_t column = merge->table_count + i;
        DeltaCell is = delta_batch_cell(batch, column, row);
        DeltaCell wanted =
            delta_changes_cell(merge->changes, change_row, merge->changes->order_first + i);
        int compared = delta_cells_compare(&merge->columns[column], &wanted, &is, 1);
        if (compared != 0) {
            return compared;
        }
    }
    return 0;
}

Outcome delta_merge_stage_batch(const DeltaMerge *merge, DeltaStage *stage, Batch *batch) {
    int32_t *slots = arena_array(&batch->arena, int32_t, merge->column_count);
    for (uint32_t i = 0; i < merge->column_count; i++) {
        slots[i] = (int32_t)i;
    }
    return delta_stage_append(stage, &batch->abi, slots);
}
