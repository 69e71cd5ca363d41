// Merge, copy-on-write. A file is read for its keys, to see whether a change meets it, and once
// more to be written again. Only the first is done for most files, and not even that where
// statistics exclude the keys. What is read in one go and goes into one file again is a bin; bins
// are cut by the sizes of files alone, so neither rows nor files depend on who works on them.
#include "store/delta/merge.h"

#include "scalar/scalar.h"
#include "store/delta/merge_skip.h"
#include "store/delta/tombstone.h"

#define BIN_BYTES ((int64_t)16 * 1024 * 1024) // of files, after which a bin takes no more

// --- making -------------------------------------------------------------------------------------
static int32_t given_find(const DeltaWrite *write, const char *name) {
    for (uint32_t i = 0; i < write->table_count; i++) {
        if (strcmp(write->columns[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

// Nullable, whatever the table says, so that reading never refuses what merging does not touch; but
// a string partition that is never null, where null in the log means the empty string.
static const FlowTypeDesc *row_type(DeltaMerge *merge, uint32_t column) {
    const FlowTypeDesc *type = merge->write->schema.columns.items[column].desc.type;
    const FlowTypeDesc *given = merge->write->columns[merge->cells[column]].type;
    FlowTypeDesc *copy = arena_new(&merge->write->arena, FlowTypeDesc);
    *copy = *type;
    bool is_empty_null = merge->is_routed[column] && type->kind == FLOW_STRING;
    copy->is_nullable = !is_empty_null || given->is_nullable;
    return copy;
}

static void table_columns_make(DeltaMerge *merge) {
    DeltaWrite *write = merge->write;
    for (uint32_t i = 0; i < merge->table_count; i++) {
        const DeltaColumn *column = &write->schema.columns.items[i];
        merge->cells[i] = given_find(write, column->desc.name);
        ASSERT(merge->cells[i] != FLOW_NO_INDEX);
        merge->is_routed[i] = column->is_partition;
        merge->columns[i] =
            (FlowColumnDesc){.name = column->desc.name, .type = row_type(merge, i), .is_used = 1};
    }
}

static void order_columns_make(DeltaMerge *merge) {
    DeltaWrite *write = merge->write;
    const DeltaChanges *changes = merge->changes;
    for (uint32_t i = 0; i < write->order_count; i++) {
        FlowTypeDesc *type = arena_new(&write->arena, FlowTypeDesc);
        *type = *changes->columns[changes->order_first + i].type;
        merge->cells[merge->table_count + i] = (int32_t)(changes->order_first + i);
        merge->columns[merge->table_count + i] = (FlowColumnDesc){
            .name = write->order_count == 1 ? DELTA_SEQUENCE_NAME
                                            : arena_format(&write->arena, "_%u", i + 1),
            .type = type,
            .is_used = 1,
        };
    }
}

static void keys_make(DeltaMerge *merge) {
    const DeltaWrite *write = merge->write;
    for (uint32_t i = 0; i < write->key.count; i++) {
        merge->keys[i] = delta_schema_find(&write->schema, write->key.items[i]);
        ASSERT(merge->keys[i] != FLOW_NO_INDEX);
    }
}

static void files_make(DeltaMerge *merge) {
    const DeltaWrite *write = merge->write;
    merge->base_count = write->base == NULL ? 0 : write->base->files.count;
    merge->file_count = merge->base_count + write->appended.count;
    merge->files = arena_array(&merge->arena, DeltaLive, merge->file_count + 1);
    for (uint32_t i = 0; i < merge->file_count; i++) {
        merge->files[i] = i < merge->base_count ? write->base->files.items[i]
                                                : write->appended.items[i - merge->base_count];
    }
}

// The columns outlive the merge: the stage and the write's scans refer to them.
void delta_merge_begin(DeltaMerge *merge, DeltaWrite *write) {
    *merge = (DeltaMerge){.write = write, .changes = write->changes};
    merge->table_count = write->schema.columns.count;
    merge->column_count = merge->table_count + write->order_count;
    merge->has_sequence = write->base != NULL && write->base->schema.sequence_count > 0;
    merge->columns = arena_array(&write->arena, FlowColumnDesc, merge->column_count);
    merge->cells = arena_array(&merge->arena, int32_t, merge->column_count);
    merge->is_routed = arena_array(&merge->arena, bool, merge->column_count);
    merge->keys = arena_array(&merge->arena, int32_t, write->key.count);
    table_columns_make(merge);
    order_columns_make(merge);
    keys_make(merge);
    files_make(merge);
    delta_merge_changed_make(merge);
    delta_merge_keys_changed(merge);
}

void delta_merge_keys_changed(DeltaMerge *merge) {
    delta_merge_filter_make(merge);
    merge->sorted = delta_changes_sorted(merge->changes, &merge->arena);
}

void delta_merge_end(DeltaMerge *merge) {
    arena_free(&merge->arena);
}

DeltaStage *delta_merge_stage_new(const DeltaMerge *merge, int64_t bin) {
    DeltaWrite *write = merge->write;
    uint32_t sequence_count = write->order_count > 1 ? write->order_count : 0;
    return delta_write_stage_new(write, merge->columns, merge->column_count, sequence_count, bin);
}

// Of equals the change, which came later, wins.
bool delta_merge_is_truncated(const DeltaMerge *merge, const Batch *batch, uint32_t row) {
    uint32_t truncate = merge->changes->truncate;
    return truncate != DELTA_ROW_NONE && delta_merge_order(merge, truncate, batch, row) >= 0;
}

void delta_merge_remove(DeltaMerge *merge, uint32_t file) {
    if (file < merge->base_count) {
        *vec_push(&merge->write->arena, &merge->write->removes) = merge->files[file].path;
    }
    merge->files[file].path = NULL;
}

void delta_merge_files_take(DeltaMerge *merge) {
    for (uint32_t i = merge->base_count; i < merge->file_count; i++) {
        if (merge->files[i].path != NULL) {
            *vec_push(&merge->write->arena, &merge->write->adds) = merge->files[i];
        }
    }
}

// --- what a change does to a row ----------------------------------------------------------------
typedef enum Effect { EFFECT_NONE, EFFECT_KEPT, EFFECT_DELETE, EFFECT_UPDATE, EFFECT_MOVE } Effect;

static bool is_truncated(DeltaMergeReader *reader, uint32_t row) {
    const DeltaKeySet *outlasting = &reader->merge->write->outlasting;
    if (!delta_merge_is_truncated(reader->merge, reader->batch, row)) {
        return false;
    }
    if (outlasting->count == 0) {
        return true;
    }
    const Buffer *key = delta_merge_row_key(reader, row);
    return delta_keyset_find(outlasting, key->data, key->length) == DELTA_KEY_NONE;
}

// What is known of a row's effect without its values; EFFECT_UPDATE: they have to be compared.
static Effect key_effect(DeltaMergeReader *reader, uint32_t row) {
    uint32_t number = reader->found[row];
    const DeltaChange *change =
        number == DELTA_KEY_NONE ? NULL : &reader->merge->changes->items.items[number];
    if (change == NULL || change->is_stale || change->is_older) {
        return is_truncated(reader, row) ? EFFECT_DELETE : EFFECT_NONE;
    }
    if (change->is_delete) {
        return EFFECT_DELETE;
    }
    return change->is_doubled ? EFFECT_MOVE : EFFECT_UPDATE;
}

// --- first: whose keys are met ------------------------------------------------------------------
typedef struct PieceMatches {
    Arena arena;
    DeltaMatches items;
    bool is_truncated; // some row of it
} PieceMatches;

// Where files know no order values, every change is the newer one.
static bool match_is_older(const DeltaMergeReader *reader, uint32_t number, uint32_t row) {
    const DeltaMerge *merge = reader->merge;
    return merge->has_sequence &&
           delta_merge_order(merge, merge->changes->items.items[number].row, reader->batch, row) <
               0;
}

static void batch_match(DeltaMergeReader *reader, PieceMatches *matches) {
    const DeltaMerge *merge = reader->merge;
    bool has_truncate = merge->changes->truncate != DELTA_ROW_NONE;
    const int64_t *offsets = reader->batch->abi.offsets;
    for (uint32_t row = 0; row < (uint32_t)reader->batch->abi.row_count; row++) {
        uint32_t number = reader->found[row];
        if (has_truncate && !matches->is_truncated) {
            matches->is_truncated = is_truncated(reader, row);
        }
        if (number != DELTA_KEY_NONE) {
            bool is_older = match_is_older(reader, number, row);
            *vec_push(&matches->arena, &matches->items) =
                (DeltaMatch){.row = offsets[row], .number = number, .is_older = is_older};
        }
    }
}

static Outcome
piece_match(DeltaMergeReader *reader, const DeltaMergePiece *piece, PieceMatches *matches) {
    Outcome outcome = OUTCOME_OK;
    delta_merge_reader_piece(reader, piece, DELTA_MERGE_KEYS);
    do {
        outcome = delta_merge_reader_next(reader);
        if (outcome == OUTCOME_OK) {
            batch_match(reader, matches);
        }
    } while (outcome == OUTCOME_OK && reader->batch->abi.row_count > 0);
    delta_merge_reader_close(reader);
    return outcome;
}

// A key may stand in several files, or several times in one.
static bool matches_take(DeltaChanges *changes, const PieceMatches *matches) {
    bool is_met = matches->is_truncated;
    for (uint32_t i = 0; i < matches->items.count; i++) {
        const DeltaMatch *match = &matches->items.items[i];
        DeltaChange *change = &changes->items.items[match->number];
        change->is_doubled = change->is_found;
        change->is_found = true;
        if (!change->is_stale) {
            change->is_older = change->is_older || match->is_older;
            is_met = is_met || !match->is_older;
        }
    }
    return is_met;
}

bool delta_merge_may_match(const DeltaMerge *merge, uint32_t file) {
    DeltaSkip skip = {
        .changes = merge->changes,
        .sorted = merge->sorted,
        .columns = merge->columns,
        .keys = merge->keys,
        .is_routed = merge->is_routed,
    };
    return merge->changes->truncate != DELTA_ROW_NONE ||
           delta_skip_may_match(&skip, &merge->files[file].file);
}

typedef struct MatchRun {
    DeltaMerge *merge;
    PieceMatches *matches; // by piece
} MatchRun;

static Outcome match_call(void *user, uint32_t index, Sys *sys) {
    MatchRun *run = user;
    const DeltaMergePiece *piece = &run->merge->pieces.items[index];
    DeltaMergeReader reader;
    if (!delta_merge_may_match(run->merge, piece->file)) {
        return OUTCOME_OK;
    }
    delta_merge_reader_begin(&reader, run->merge, sys);
    Outcome outcome = piece_match(&reader, piece, &run->matches[index]);
    delta_merge_reader_end(&reader);
    return outcome;
}

// All keys are matched before any row is written: a key may stand in several files.
static Outcome pieces_match(DeltaMerge *merge, PieceMatches *matches, bool *met) {
    MatchRun run = {.merge = merge, .matches = matches};
    Outcome outcome = delta_files_run(merge->write, merge->pieces.count, match_call, &run);
    for (uint32_t i = 0; i < merge->pieces.count; i++) {
        bool is_met = matches_take(merge->changes, &matches[i]);
        met[merge->pieces.items[i].file] |= is_met;
    }
    return outcome;
}

// --- second: the rows that stay, in their order -------------------------------------------------
typedef struct Rewrite {
    DeltaMerge *merge;
    DeltaMergeReader reader;
    DeltaStage *stage;
    Arena arena;
    bool is_writing; // the piece at hand is written: something in it has changed, or may have
    bool has_effect; // something has
    VEC(uint32_t) kept;
    VEC(uint32_t) inserts;
    DeltaMetrics metrics;
    Effect *effects;   // of the batch at hand
    DeltaPairs *pairs; // … and the rows that have a change
} Rewrite;

enum { MARK_DIFFERS = 1, MARK_MOVES = 2 };

// What would change nothing is remembered. Others may have given a key several rows; its next
// change leaves one.
static Effect pair_effect(const Rewrite *rewrite, uint32_t pair) {
    const DeltaPairs *pairs = rewrite->pairs;
    if (pairs->marks[pair] != 0) {
        return (pairs->marks[pair] & MARK_MOVES) != 0 ? EFFECT_MOVE : EFFECT_UPDATE;
    }
    int order = delta_merge_order(
        rewrite->merge, pairs->changes[pair], rewrite->reader.batch, pairs->rows[pair]);
    return order > 0 ? EFFECT_KEPT : EFFECT_NONE;
}

static void pairs_compare(Rewrite *rewrite) {
    const DeltaMerge *merge = rewrite->merge;
    DeltaPairs *pairs = rewrite->pairs;
    memset(pairs->marks, 0, pairs->count);
    for (uint32_t i = 0; i < merge->table_count; i++) {
        uint8_t mark = merge->is_routed[i] ? MARK_DIFFERS | MARK_MOVES : MARK_DIFFERS;
        delta_pairs_compare(merge, i, rewrite->reader.batch, pairs, mark);
    }
    for (uint32_t i = 0; i < pairs->count; i++) {
        rewrite->effects[pairs->rows[i]] = pair_effect(rewrite, i);
    }
}

static bool effects_find(Rewrite *rewrite) {
    DeltaMergeReader *reader = &rewrite->reader;
    const DeltaChange *changes = rewrite->merge->changes->items.items;
    bool is_plain = rewrite->merge->changes->truncate == DELTA_ROW_NONE;
    uint32_t row_count = (uint32_t)reader->batch->abi.row_count;
    bool has_effect = false;
    rewrite->pairs->count = 0;
    for (uint32_t row = 0; row < row_count; row++) {
        uint32_t number = reader->found[row];
        rewrite->effects[row] = EFFECT_NONE;
        if (number == DELTA_KEY_NONE && is_plain) {
            continue;
        }
        rewrite->effects[row] = key_effect(reader, row);
        if (rewrite->effects[row] == EFFECT_UPDATE) {
            rewrite->pairs->rows[rewrite->pairs->count] = row;
            rewrite->pairs->changes[rewrite->pairs->count++] = changes[number].row;
        }
    }
    pairs_compare(rewrite);
    for (uint32_t row = 0; row < row_count; row++) {
        has_effect = has_effect || rewrite->effects[row] > EFFECT_KEPT;
    }
    return has_effect;
}

// The pairs that are updates, and nothing else.
static void updates_put(Rewrite *rewrite) {
    DeltaPairs *pairs = rewrite->pairs;
    uint32_t count = 0;
    for (uint32_t i = 0; i < pairs->count; i++) {
        pairs->rows[count] = pairs->rows[i];
        pairs->changes[count] = pairs->changes[i];
        count += rewrite->effects[pairs->rows[i]] == EFFECT_UPDATE;
    }
    pairs->count = count;
    delta_pairs_put(rewrite->merge, pairs, rewrite->reader.batch);
}

// False: the row does not stay in this file.
static bool row_rewrite(Rewrite *rewrite, uint32_t row) {
    uint32_t number = rewrite->reader.found[row];
    switch (rewrite->effects[row]) {
    case EFFECT_NONE:
        return true;
    case EFFECT_KEPT:
        *vec_push(&rewrite->arena, &rewrite->kept) = number;
        return true;
    case EFFECT_DELETE:
        rewrite->metrics.rows_deleted++;
        return false;
    case EFFECT_UPDATE:
        rewrite->metrics.rows_updated++;
        return true;
    case EFFECT_MOVE:
        rewrite->metrics.rows_updated++;
        *vec_push(&rewrite->arena, &rewrite->inserts) = number;
        return false;
    }
    return true;
}

static Outcome batch_rewrite(Rewrite *rewrite) {
    FlowBatch *batch = &rewrite->reader.batch->abi;
    int32_t *selection = batch->selection;
    batch->selected_count = 0;
    for (int32_t row = 0; row < batch->row_count; row++) {
        if (row_rewrite(rewrite, (uint32_t)row)) {
            selection[batch->selected_count++] = row;
        }
    }
    if (!rewrite->is_writing) {
        return OUTCOME_OK;
    }
    updates_put(rewrite);
    return delta_merge_stage_batch(rewrite->merge, rewrite->stage, rewrite->reader.batch);
}

// *is_late: something changes here, but rows before it were not written.
static Outcome batches_rewrite(Rewrite *rewrite, bool *is_late) {
    DeltaMergeReader *reader = &rewrite->reader;
    bool is_first = true;
    *is_late = false;
    do {
        TRY(delta_merge_reader_next(reader));
        bool has_effect = effects_find(rewrite);
        *is_late = has_effect && !rewrite->is_writing && !is_first;
        rewrite->is_writing = rewrite->is_writing || has_effect;
        rewrite->has_effect = rewrite->has_effect || has_effect;
        if (*is_late) {
            return OUTCOME_OK;
        }
        TRY(batch_rewrite(rewrite));
        is_first = false;
    } while (reader->batch->abi.row_count > 0);
    return OUTCOME_OK;
}

// Most files that are met change in their first rows; others are read again from the start. What is
// a part of a file is written at once: another part may have a change.
static Outcome piece_rewrite(Rewrite *rewrite, const DeltaMergePiece *piece, bool *is_changed) {
    bool is_late = false;
    uint32_t kept_count = rewrite->kept.count;
    rewrite->is_writing = piece->group_end > 0;
    rewrite->has_effect = false;
    delta_merge_reader_piece(&rewrite->reader, piece, DELTA_MERGE_ALL);
    Outcome outcome = batches_rewrite(rewrite, &is_late);
    delta_merge_reader_close(&rewrite->reader);
    if (outcome == OUTCOME_OK && is_late) {
        rewrite->kept.count = kept_count;
        delta_merge_reader_piece(&rewrite->reader, piece, DELTA_MERGE_ALL);
        outcome = batches_rewrite(rewrite, &is_late);
        delta_merge_reader_close(&rewrite->reader);
    }
    *is_changed = rewrite->has_effect;
    return outcome;
}

// Files that are written again together: small ones become one.
typedef struct Bin {
    Rewrite rewrite;
    uint32_t first; // in RewriteRun.met
    uint32_t count;
    bool *is_changed; // by place in the bin
} Bin;

typedef struct RewriteRun {
    DeltaMerge *merge;
    const PieceMatches *matches; // by piece
    VEC(uint32_t) met;           // pieces
    bool *is_changed;            // by file
    VEC(Bin) bins;
} RewriteRun;

// A part of a file is alone in its bin: if nothing in the file has changed, what was written goes.
static void bins_cut(RewriteRun *run, const bool *met) {
    DeltaMerge *merge = run->merge;
    int64_t size_bytes = BIN_BYTES;
    for (uint32_t i = 0; i < merge->pieces.count; i++) {
        const DeltaMergePiece *piece = &merge->pieces.items[i];
        if (!met[piece->file]) {
            continue;
        }
        bool is_part = piece->group_end > 0;
        if (size_bytes >= BIN_BYTES || is_part) {
            *vec_push(&merge->arena, &run->bins) = (Bin){.first = run->met.count};
            size_bytes = 0;
        }
        run->bins.items[run->bins.count - 1].count++;
        size_bytes += is_part ? BIN_BYTES : merge->files[piece->file].file.size_bytes;
        *vec_push(&merge->arena, &run->met) = i;
    }
}

static DeltaStage *bin_stage(const DeltaMerge *merge, uint32_t bin) {
    DeltaWrite *write = merge->write;
    DeltaStage *stage = delta_merge_stage_new(merge, (int64_t)write->file_number + bin);
    *vec_push(&write->arena, &write->bins) = stage;
    return stage;
}

static void bins_begin(RewriteRun *run) {
    DeltaMerge *merge = run->merge;
    for (uint32_t i = 0; i < run->bins.count; i++) {
        Bin *bin = &run->bins.items[i];
        bin->is_changed = arena_array(&merge->arena, bool, bin->count);
        bin->rewrite = (Rewrite){.merge = merge, .stage = bin_stage(merge, i)};
    }
}

static Outcome bin_pieces_rewrite(RewriteRun *run, Bin *bin) {
    for (uint32_t i = 0; i < bin->count; i++) {
        uint32_t index = run->met.items[bin->first + i];
        const DeltaMergePiece *piece = &run->merge->pieces.items[index];
        bin->rewrite.reader.matches = &run->matches[index].items;
        TRY(piece_rewrite(&bin->rewrite, piece, &bin->is_changed[i]));
    }
    return delta_stage_finish(bin->rewrite.stage);
}

static Outcome bin_call(void *user, uint32_t index, Sys *sys) {
    RewriteRun *run = user;
    Bin *bin = &run->bins.items[index];
    Rewrite *rewrite = &bin->rewrite;
    rewrite->effects = arena_array(&rewrite->arena, Effect, FLOW_BATCH_ROWS_MAX);
    rewrite->pairs = arena_new(&rewrite->arena, DeltaPairs);
    delta_merge_reader_begin(&rewrite->reader, run->merge, sys);
    delta_stage_sys_set(rewrite->stage, sys);
    Outcome outcome = bin_pieces_rewrite(run, bin);
    delta_stage_sys_set(rewrite->stage, run->merge->write->sys);
    delta_merge_reader_end(&rewrite->reader);
    return outcome;
}

static void bin_take(RewriteRun *run, const Bin *bin) {
    DeltaMerge *merge = run->merge;
    const Rewrite *rewrite = &bin->rewrite;
    DeltaChange *changes = merge->changes->items.items;
    for (uint32_t i = 0; i < rewrite->kept.count; i++) {
        changes[rewrite->kept.items[i]].is_kept = true;
    }
    for (uint32_t i = 0; i < rewrite->inserts.count; i++) {
        changes[rewrite->inserts.items[i]].is_insert = true;
    }
    for (uint32_t i = 0; i < bin->count; i++) {
        uint32_t file = merge->pieces.items[run->met.items[bin->first + i]].file;
        run->is_changed[file] |= bin->is_changed[i];
    }
    merge->write->metrics.rows_updated += rewrite->metrics.rows_updated;
    merge->write->metrics.rows_deleted += rewrite->metrics.rows_deleted;
}

static void files_settle(RewriteRun *run) {
    DeltaMerge *merge = run->merge;
    for (uint32_t i = 0; i < run->bins.count; i++) {
        const Bin *bin = &run->bins.items[i];
        const DeltaMergePiece *piece = &merge->pieces.items[run->met.items[bin->first]];
        if (piece->group_end > 0 && !run->is_changed[piece->file]) {
            delta_stage_discard(bin->rewrite.stage);
        }
    }
    for (uint32_t i = 0; i < merge->file_count; i++) {
        if (run->is_changed[i]) {
            delta_merge_remove(merge, i);
        }
    }
}

static Outcome files_rewrite(DeltaMerge *merge, const PieceMatches *matches, const bool *met) {
    RewriteRun run = {.merge = merge, .matches = matches};
    run.is_changed = arena_array(&merge->arena, bool, merge->file_count + 1);
    bins_cut(&run, met);
    bins_begin(&run);
    Outcome outcome = delta_files_run(merge->write, run.bins.count, bin_call, &run);
    for (uint32_t i = 0; i < run.bins.count; i++) {
        bin_take(&run, &run.bins.items[i]);
        arena_free(&run.bins.items[i].rewrite.arena);
    }
    files_settle(&run);
    merge->write->file_number += run.bins.count;
    return outcome;
}

// --- new rows -----------------------------------------------------------------------------------
static bool is_insert(const DeltaChange *change) {
    return !change->is_delete && !change->is_stale && (!change->is_found || change->is_insert);
}

static Outcome inserts_flush(const DeltaMerge *merge, DeltaPairs *pairs, Batch *batch) {
    batch->abi.row_count = (int32_t)pairs->count;
    delta_pairs_put(merge, pairs, batch);
    batch_select_all(batch);
    TRY(delta_merge_stage_batch(merge, merge->write->stage, batch));
    batch_clear(batch);
    pairs->count = 0;
    return OUTCOME_OK;
}

static Outcome inserts_fill(const DeltaMerge *merge, DeltaPairs *pairs, Batch *batch) {
    batch_clear(batch);
    for (uint32_t i = 0; i < merge->changes->items.count; i++) {
        const DeltaChange *change = &merge->changes->items.items[merge->sorted[i]];
        if (!is_insert(change)) {
            continue;
        }
        merge->write->metrics.rows_inserted += !change->is_insert;
        pairs->rows[pairs->count] = pairs->count;
        pairs->changes[pairs->count++] = change->row;
        if (pairs->count == FLOW_BATCH_ROWS_MAX) {
            TRY(inserts_flush(merge, pairs, batch));
        }
    }
    return inserts_flush(merge, pairs, batch);
}

static Outcome inserts_write(const DeltaMerge *merge) {
    Batch *batch = batch_new(merge->columns, merge->column_count);
    DeltaPairs *pairs = memory_alloc(sizeof(*pairs));
    pairs->count = 0;
    Outcome outcome = inserts_fill(merge, pairs, batch);
    memory_free(pairs);
    batch_free(batch);
    return outcome;
}

// --- the whole ----------------------------------------------------------------------------------
static Outcome base_merge(DeltaMerge *merge) {
    TRY(delta_merge_pieces_cut(merge));
    bool *met = arena_array(&merge->arena, bool, merge->file_count + 1);
    PieceMatches *matches = arena_array(&merge->arena, PieceMatches, merge->pieces.count + 1);
    Outcome outcome = pieces_match(merge, matches, met);
    if (outcome == OUTCOME_OK) {
        outcome = files_rewrite(merge, matches, met);
    }
    for (uint32_t i = 0; i < merge->pieces.count; i++) {
        arena_free(&matches[i].arena);
    }
    return outcome;
}

// What is older than a change that deletes all keys does not count, whichever comes first.
static void stale_mark(DeltaMerge *merge) {
    DeltaChanges *changes = merge->changes;
    uint32_t truncate = changes->truncate;
    DeltaCell *order = arena_array(&merge->arena, DeltaCell, changes->order_count + 1);
    if (truncate != DELTA_ROW_NONE) {
        delta_changes_order(changes, truncate, order);
    }
    for (uint32_t i = 0; i < changes->items.count; i++) {
        DeltaChange *change = &changes->items.items[i];
        const DeltaCell *remembered = merge->write->truncated;
        if (remembered != NULL &&
            delta_changes_order_compare(changes, change->row, remembered) < 0) {
            change->is_stale = true;
        }
        if (truncate == DELTA_ROW_NONE) {
            continue;
        }
        int compared = delta_changes_order_compare(changes, change->row, order);
        change->is_stale |= compared < 0 || (compared == 0 && change->row < truncate);
    }
}

static Outcome scd1_merge(DeltaMerge *merge) {
    DeltaWrite *write = merge->write;
    TRY(delta_tombstones_apply(write));
    stale_mark(merge);
    TRY(base_merge(merge));
    write->stage = delta_merge_stage_new(merge, -1);
    TRY(inserts_write(merge));
    TRY(delta_stage_finish(write->stage));
    delta_write_take_files(write);
    delta_merge_files_take(merge);
    return delta_tombstones_write(write, merge->sorted);
}

// What was staged for another base is given up; its names are not used again.
static void stage_drop(DeltaWrite *write) {
    if (write->stage != NULL) {
        write->file_number = delta_stage_file_number(write->stage);
        delta_stage_discard(write->stage);
        delta_stage_free(write->stage);
        write->stage = NULL;
    }
    delta_write_bins_free(write, true);
    delta_tombstones_discard(write);
    write->removes.count = 0;
    write->adds.count = 0;
    write->truncated = NULL;
    delta_keyset_free(&write->outlasting);
    write->metrics = (DeltaMetrics){.rows_given = write->metrics.rows_given};
}

Outcome delta_merge_compute(DeltaWrite *write) {
    DeltaMerge merge;
    delta_changes_reset(write->changes);
    delta_merge_begin(&merge, write);
    stage_drop(write);
    Outcome outcome =
        write->history == FLOW_HISTORY_SCD2 ? delta_timeline_merge(&merge) : scd1_merge(&merge);
    delta_merge_end(&merge);
    return outcome;
}
