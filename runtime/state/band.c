// Bands: how rows come in.
//
// A row's key is the bytes of its key columns, its event time and its place in the canonical order.
// A row without a key (a null is nobody's equal) has a group of its own kind, before all others.
#include "state/band_internal.h"

BandState *band_state_new(const FlowBand *desc, const StateOptions *options) {
    BandState *state = memory_alloc(sizeof(BandState));
    *state = (BandState){.desc = desc, .part_count = options->part_count};
    SorterOptions sorting = {.part_count = options->part_count,
                             .memory_bytes = options->memory_bytes / 2,
                             .directory = options->directory,
                             .limit = -1};
    int64_t along = desc->key_count + 1;
    const FlowColumnDesc *columns[2] = {desc->ours, desc->theirs};
    int64_t counts[2] = {desc->ours_count, desc->theirs_count};
    for (int side = 0; side < 2; side++) {
        state->along_count[side] = (uint32_t)(counts[side] - along);
        state->forms[side] =
            row_form_new(&state->arena, columns[side] + along, state->along_count[side]);
        state->sorters[side] = sorter_new(&sorting);
        state->parts[side] = arena_array(&state->arena, BandPart, options->part_count);
        for (uint32_t i = 0; i < options->part_count; i++) {
            row_writer_init(&state->parts[side][i].writer, state->forms[side]);
        }
    }
    return state;
}

void band_state_free(Sys *sys, BandState *state) {
    if (state == NULL) {
        return;
    }
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < state->part_count; i++) {
            row_writer_free(&state->parts[side][i].writer);
            buffer_free(&state->parts[side][i].key);
        }
        sorter_free(sys, state->sorters[side]);
        band_rows_forget(&state->merge.memory[side], NULL);
        buffer_free(&state->merge.settling[side]);
    }
    buffer_free(&state->value);
    buffer_free(&state->merge.group);
    buffer_free(&state->merge.truncates);
    arena_free(&state->arena);
    memory_free(state);
}

// False: one of the keys, or the time, is null.
static bool key_put(const BandState *state,
                    BandSide side,
                    const StateRows *rows,
                    int32_t row,
                    Buffer *key,
                    int64_t *time_us) {
    const FlowBand *desc = state->desc;
    const FlowColumnDesc *descs = side == BAND_LEFT ? desc->ours : desc->theirs;
    const FlowColumn *columns = rows->batch->columns;
    const FlowColumn *time = &columns[rows->slots[desc->key_count]];
    bool is_whole = time->validity == NULL || ((const uint8_t *)time->validity)[row] != 0;
    *time_us = is_whole ? ((const int64_t *)time->values)[row] : 0;
    for (int32_t i = 0; i < desc->key_count; i++) {
        const FlowColumn *column = &columns[rows->slots[i]];
        is_whole &= column_key_append(descs[i].type, column, (uint32_t)row, key);
    }
    return is_whole;
}

// Of rows that live on, positions are those of an epoch: it stands behind the source.
static void place_append(const BandState *state, Buffer *key, const RowOrigin *origin) {
    enum { SOURCE_BYTES = 4 };
    size_t start = key->length;
    origin_append(key, origin);
    if (!state->is_keeping) {
        return;
    }
    char rest[ORIGIN_BYTES - SOURCE_BYTES];
    memcpy(rest, key->data + start + SOURCE_BYTES, sizeof(rest));
    key->length = start + SOURCE_BYTES;
    time_append(key, state->epoch);
    buffer_append(key, rest, sizeof(rest));
}

static Outcome row_add(Sys *sys,
                       BandState *state,
                       BandSide side,
                       const StateRows *rows,
                       const SorterRow *payload,
                       int32_t row) {
    Buffer *key = &state->parts[side][rows->part].key;
    int64_t time_us = 0;
    buffer_clear(key);
    if (!key_put(state, side, rows, row, key, &time_us)) {
        buffer_clear(key);
        buffer_char(key, '\0');
    }
    SorterRow sorted = *payload;
    RowOrigin origin = row_origin(rows, row);
    sorted.group_length = key->length;
    time_append(key, time_us);
    place_append(state, key, &origin);
    sorted.key = key->data;
    sorted.key_length = key->length;
    return sorter_add(sys, state->sorters[side], rows->part, &sorted);
}

Outcome band_state_add(Sys *sys, BandState *state, BandSide side, const StateRows *rows) {
    RowWriter *writer = &state->parts[side][rows->part].writer;
    RowPick pick = {.batch = rows->batch,
                    .slots = rows->slots + state->desc->key_count + 1,
                    .rows = rows->batch->selection,
                    .count = (uint32_t)rows->batch->selected_count};
    row_writer_write(writer, &pick);
    for (uint32_t i = 0; i < pick.count; i++) {
        SorterRow payload = {.payload = writer->bytes.data + writer->starts[i],
                             .payload_length = writer->starts[i + 1] - writer->starts[i]};
        TRY(row_add(sys, state, side, rows, &payload, pick.rows[i]));
    }
    return OUTCOME_OK;
}

void band_state_seal(BandState *state, uint32_t part) {
    sorter_seal(state->sorters[BAND_LEFT], part);
    sorter_seal(state->sorters[BAND_RIGHT], part);
}

Outcome band_state_finish(Sys *sys, BandState *state, const BandKeeper *keeper) {
    ASSERT((keeper != NULL) == state->is_keeping);
    if (keeper != NULL) {
        state->keeper = *keeper;
    }
    TRY(sorter_finish(sys, state->sorters[BAND_LEFT]));
    TRY(sorter_finish(sys, state->sorters[BAND_RIGHT]));
    state->merge.sides[BAND_LEFT].sorter = state->sorters[BAND_LEFT];
    state->merge.sides[BAND_RIGHT].sorter = state->sorters[BAND_RIGHT];
    return OUTCOME_OK;
}

BandCounts band_state_counts(const BandState *state) {
    return state->merge.counts;
}
