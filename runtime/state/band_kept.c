// Bands whose rows live on: what comes back of them, and what is kept again.
//
// A kept row's key is its key in the sequence; its value says how much of that is the group and
// what has become of the row so far, then come the bytes of what goes along.
#include "state/band_internal.h"
#include "state/form.h"

enum { SAVED_VERSION = 1, LENGTH_BYTES = 4, VALUE_HEAD_BYTES = LENGTH_BYTES + 1 };

void band_state_keep(BandState *state, int64_t epoch) {
    state->is_keeping = true;
    state->epoch = epoch;
}

static void columns_form(const FlowColumnDesc *columns, int64_t count, Buffer *out) {
    for (int64_t i = 0; i < count; i++) {
        buffer_text(out, " ");
        buffer_json_string(out, columns[i].name, strlen(columns[i].name));
        buffer_text(out, " ");
        type_form(columns[i].type, out);
    }
}

// For how long rows are kept depends on the bounds.
void band_form(const FlowBand *desc, Buffer *out) {
    buffer_format(out,
                  "%d %d %d %lld %lld by %d",
                  SAVED_VERSION,
                  (int)desc->kind,
                  (int)desc->keep,
                  (long long)desc->low_us,
                  (long long)desc->high_us,
                  (int)desc->key_count);
    columns_form(desc->ours, desc->ours_count, out);
    buffer_text(out, ";");
    columns_form(desc->theirs, desc->theirs_count, out);
}

bool band_is_passed(const BandState *state, int64_t time_us, int64_t wait_us) {
    return !state->is_keeping || state->keeper.watermark_us == INT64_MAX ||
           band_time_at(time_us, wait_us) < state->keeper.watermark_us;
}

Outcome band_kept_next(BandState *state, BandSide side, BandNext *next) {
    BandEntry entry;
    uint32_t group_length = 0;
    *next = (BandNext){.is_old = true};
    TRY(state->keeper.next(state->keeper.user, side, &entry, &next->has_row));
    if (!next->has_row) {
        return OUTCOME_OK;
    }
    ASSERT(entry.value_length >= VALUE_HEAD_BYTES); // a run's blocks have checksums
    memcpy(&group_length, entry.value, LENGTH_BYTES);
    next->flags = (uint8_t)entry.value[LENGTH_BYTES];
    next->row = (SorterRow){.key = entry.key,
                            .key_length = entry.key_length,
                            .group_length = group_length,
                            .payload = entry.value + VALUE_HEAD_BYTES,
                            .payload_length = entry.value_length - VALUE_HEAD_BYTES};
    return OUTCOME_OK;
}

// --- what becomes of a row -----------------------------------------------------------------------

static Outcome row_put(BandState *state, BandSide side, const BandRow *row, bool is_kept) {
    Buffer *value = &state->value;
    buffer_clear(value);
    buffer_append(value, &row->group_length, LENGTH_BYTES);
    buffer_char(value, (char)row->flags);
    buffer_append(value, row->bytes, row->byte_count);
    BandEntry entry = {.key = row->key,
                       .key_length = row->key_length,
                       .value = is_kept ? value->data : NULL,
                       .value_length = is_kept ? value->length : 0};
    return state->keeper.put(state->keeper.user, side, &entry);
}

// A row of which one pair goes on needs no other, but for what another might reject.
static bool is_done(const BandState *state, BandSide side, const BandRow *row) {
    bool has_enough = side == BAND_LEFT && band_takes_one(state->desc) &&
                      !band_has_rest(state->desc) && (row->flags & BAND_HAS_MATCH) != 0;
    return row->is_finished || has_enough;
}

static Outcome row_settle(BandState *state, BandSide side, const BandRow *row) {
    bool is_kept = !is_done(state, side, row);
    if (side == BAND_LEFT && !is_kept) {
        state->merge.counts.unmet += (row->flags & BAND_IS_MET) == 0;
    }
    bool is_changed = row->is_old ? !is_kept || row->flags != row->kept_flags : is_kept;
    return state->is_keeping && is_changed ? row_put(state, side, row, is_kept) : OUTCOME_OK;
}

Outcome band_rows_settle(BandState *state) {
    for (int side = 0; side < 2; side++) {
        Buffer *settling = &state->merge.settling[side];
        for (size_t at = 0; at < settling->length; at += sizeof(BandRow *)) {
            const BandRow *row = NULL;
            memcpy(&row, settling->data + at, sizeof(row));
            TRY(row_settle(state, (BandSide)side, row));
        }
        buffer_clear(settling);
    }
    return OUTCOME_OK;
}
