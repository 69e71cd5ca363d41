// Changes that left out a text as unchanged get what their key had before: in the order of the
// changes, and the rows that a table holds stand among them. A delete ends what was known.
//
// The texts stand behind what goes along, each with its length in front, and at the very end how
// long they are together.
#include "scalar/scalar.h"
#include "state/sort_internal.h"

enum { TEXT_NULL = -1, TEXT_LEFT_OUT = -2 };

void fill_begin(SortState *state) {
    state->texts = arena_array(&state->arena, FillText, (size_t)state->desc->fill_count + 1);
}

void fill_free(SortState *state) {
    for (int32_t i = 0; i < state->desc->fill_count; i++) {
        buffer_free(&state->texts[i].bytes);
    }
}

// --- texts of a row -----------------------------------------------------------------------------

typedef struct FillEntry {
    int64_t length; // or TEXT_*
    const char *bytes;
} FillEntry;

static void entry_append(Buffer *out, const FillEntry *entry) {
    buffer_append(out, &entry->length, sizeof(entry->length));
    if (entry->length > 0) {
        buffer_append(out, entry->bytes, (size_t)entry->length);
    }
}

static FillEntry entry_read(const char **at) {
    FillEntry entry;
    memcpy(&entry.length, *at, sizeof(entry.length));
    entry.bytes = *at + sizeof(entry.length);
    *at = entry.bytes + (entry.length > 0 ? entry.length : 0);
    return entry;
}

static void end_append(Buffer *out, size_t start) {
    uint64_t length = out->length - start;
    buffer_append(out, &length, sizeof(length));
}

// Where the texts begin in a payload that ends there.
static const char *texts_begin(const char *end) {
    uint64_t length;
    memcpy(&length, end - sizeof(length), sizeof(length));
    return end - sizeof(length) - length;
}

static FillEntry entry_of(const FlowColumn *column, int32_t row) {
    const uint8_t *validity = column->validity;
    const FlowView *view = &((const FlowView *)column->values)[row];
    if (validity != NULL && validity[row] == 0) {
        return (FillEntry){.length = TEXT_NULL};
    }
    FillEntry entry = {.length = view->length, .bytes = flow_view_data(view)};
    bool is_left_out = view->length == sizeof(FLOW_UNCHANGED_TEXT) - 1 &&
                       memcmp(entry.bytes, FLOW_UNCHANGED_TEXT, view->length) == 0;
    return is_left_out ? (FillEntry){.length = TEXT_LEFT_OUT} : entry;
}

static bool is_gone(const SortState *state, const StateRows *rows, int32_t row) {
    int32_t slot = rows->slots[sort_along_first(state->desc) - 1];
    const FlowColumn *columns = rows->batch->columns;
    return state->desc->has_gone && slot != FLOW_NO_INDEX &&
           ((const uint8_t *)columns[slot].values)[row] != 0;
}

bool fill_texts_append(const SortState *state, const StateRows *rows, int32_t row) {
    const FlowSort *desc = state->desc;
    Buffer *payload = &state->parts[rows->part].payload;
    const FlowColumn *columns = rows->batch->columns;
    bool is_left_out = false;
    size_t start = payload->length;
    for (int32_t i = 0; i < desc->fill_count; i++) {
        int32_t slot = rows->slots[desc->key_count + desc->order_count + i];
        FillEntry entry = entry_of(&columns[slot], row);
        is_left_out |= entry.length == TEXT_LEFT_OUT;
        entry_append(payload, &entry);
    }
    end_append(payload, start);
    int64_t gone = is_gone(state, rows, row);
    memcpy(payload->data, &gone, sizeof(gone));
    return is_left_out && gone == 0;
}

// --- in the order of the changes ----------------------------------------------------------------

static void texts_forget(SortState *state) {
    for (int32_t i = 0; i < state->desc->fill_count; i++) {
        state->texts[i].known = FILL_UNKNOWN;
    }
}

static void text_take(FillText *text, const FillEntry *entry) {
    if (entry->length == TEXT_LEFT_OUT) {
        return;
    }
    buffer_clear(&text->bytes);
    text->known = entry->length == TEXT_NULL ? FILL_NULL : FILL_VALUE;
    if (entry->length > 0) {
        buffer_append(&text->bytes, entry->bytes, (size_t)entry->length);
    }
}

static FillEntry entry_known(const FillText *text) {
    bool has_value = text->known == FILL_VALUE;
    return (FillEntry){.length = has_value ? (int64_t)text->bytes.length : TEXT_NULL,
                       .bytes = text->bytes.data};
}

// The row's texts behind the rest of the payload; false: nothing is known of one that must be
// there.
static bool texts_settle(SortState *state, const SorterRow *row, bool is_deleted, Buffer *out) {
    const FlowSort *desc = state->desc;
    const char *at = texts_begin(row->payload + row->payload_length);
    bool is_whole = true;
    size_t start = out->length;
    for (int32_t i = 0; i < desc->fill_count; i++) {
        const FlowTypeDesc *type = desc->columns[desc->key_count + desc->order_count + i].type;
        FillText *text = &state->texts[i];
        FillEntry entry = entry_read(&at);
        if (entry.length == TEXT_LEFT_OUT) {
            is_whole &= text->known != FILL_UNKNOWN || type->is_nullable || is_deleted;
            entry = entry_known(text);
        } else {
            text_take(text, &entry);
        }
        entry_append(out, &entry);
    }
    end_append(out, start);
    return is_whole;
}

static void stored_take(SortState *state, const SorterRow *row) {
    const char *at = texts_begin(row->payload + row->payload_length);
    for (int32_t i = 0; i < state->desc->fill_count; i++) {
        FillEntry entry = entry_read(&at);
        text_take(&state->texts[i], &entry);
    }
}

Outcome fill_judge(Sys *sys, SortState *state, const SorterRow *row) {
    if (sort_group_changes(state, row)) {
        texts_forget(state);
    }
    if (sort_row_is_stored(row)) {
        stored_take(state, row);
        return OUTCOME_OK;
    }
    bool is_deleted = sort_payload_time(row) != 0;
    const char *texts = texts_begin(row->payload + row->payload_length);
    Buffer *made = &state->last;
    buffer_clear(made);
    buffer_append(made, row->payload, (size_t)(texts - row->payload));
    bool is_whole = texts_settle(state, row, is_deleted, made);
    if (is_deleted) {
        texts_forget(state);
    }
    SorterRow filled = *row;
    filled.payload = made->data;
    filled.payload_length = made->length;
    return sort_arrival_add(sys, state, &filled, !is_whole);
}

// --- results ------------------------------------------------------------------------------------

void fill_texts_put(const SortState *state, Batch *batch) {
    for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
        const char *at = texts_begin(state->bytes[row] + state->lengths[row]);
        for (uint32_t i = 0; i < (uint32_t)state->desc->fill_count; i++) {
            FillEntry entry = entry_read(&at);
            uint32_t column = state->along_count + i;
            bool is_null = entry.length < 0;
            FlowView view = view_of(entry.bytes, is_null ? 0 : (size_t)entry.length);
            batch_set(batch, column, row, (FlowValue){.view = view}); // of a rejected row, too
            if (is_null) {
                batch_set_blank(batch, column, row);
            }
        }
    }
}
