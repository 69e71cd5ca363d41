// What becomes of rows that are sent again. A rejection belongs to the row that asked for it: its
// flow, or one that it reads from, or none at all. What was behind that flow has accepted nothing
// of the record yet, so a rejection there takes the row over: from then on only that flow lacks it.
// Whatever else is rejected is a row of its own.
#include "dlq/internal.h"

#include "scalar/scalar.h"

typedef struct Fate {
    DlqSent sent;
    int64_t position;
    bool is_rejected;
    DlqRow again; // what the new rejection says; of its columns only
} Fate;

typedef VEC(Hash128) Hashes;

struct DlqReplay {
    Arena arena;
    VEC(Fate) fates;
    Hashes known; // ids, sorted once all are there
    uint32_t rejected;
};

DlqReplay *dlq_replay_new(void) {
    DlqReplay *replay = memory_alloc(sizeof(*replay));
    *replay = (DlqReplay){0};
    return replay;
}

void dlq_replay_free(DlqReplay *replay) {
    if (replay != NULL) {
        arena_free(&replay->arena);
        memory_free(replay);
    }
}

// --- ids ----------------------------------------------------------------------------------------
static int hash_compare(const void *a, const void *b) {
    const Hash128 *x = a;
    const Hash128 *y = b;
    if (x->high != y->high) {
        return x->high < y->high ? -1 : 1;
    }
    return (x->low > y->low) - (x->low < y->low);
}

bool dlq_hashes_have(const Hash128 *hashes, size_t count, Hash128 hash) {
    return count > 0 && bsearch(&hash, hashes, count, sizeof(hash), hash_compare) != NULL;
}

void dlq_replay_know(DlqReplay *replay, const DlqRow *row) {
    const FlowView *id = &row->cells[DLQ_RECORD_ID].value.view;
    *vec_push(&replay->arena, &replay->known) = hash128(flow_view_data(id), id->length);
}

static void hashes_order(Hashes *hashes) {
    if (hashes->count > 1) {
        qsort(hashes->items, hashes->count, sizeof(Hash128), hash_compare);
    }
}

// The record with the first ordinal that no row of the DLQ has.
static DlqRecord fresh(DlqReplay *replay, const DlqRecord *record) {
    DlqRecord made = *record;
    char id[33];
    dlq_record_id(&made, id);
    Hash128 hash = hash128(id, strlen(id));
    while (dlq_hashes_have(replay->known.items, replay->known.count, hash)) {
        made.ordinal++;
        dlq_record_id(&made, id);
        hash = hash128(id, strlen(id));
    }
    *vec_push(&replay->arena, &replay->known) = hash;
    hashes_order(&replay->known);
    return made;
}

// --- rows ---------------------------------------------------------------------------------------
int64_t dlq_replay_position(const DlqRow *row) {
    const FlowView *text = &row->cells[DLQ_POSITION].value.view;
    FlowTypeDesc type = {.kind = FLOW_INT64};
    FlowValue position = {.i64 = -1};
    bool is_number =
        !row->cells[DLQ_POSITION].is_null &&
        value_parse_number(&type, flow_view_data(text), text->length, &position) == PARSE_OK;
    return is_number ? position.i64 : -1;
}

void dlq_replay_send(DlqReplay *replay, const DlqSent *sent) {
    Fate *fate = vec_push(&replay->arena, &replay->fates);
    *fate = (Fate){.sent = *sent, .position = dlq_replay_position(&sent->row)};
    fate->sent.row = dlq_row_copy(&replay->arena, &sent->row);
}

static int cell_compare(const DlqCell *a, const DlqCell *b) {
    return view_compare(&a->value.view, &b->value.view);
}

static int fate_compare(const void *a, const void *b) {
    static const DlqColumn numbers[] = {DLQ_REJECTED_AT, DLQ_EPOCH};
    const Fate *x = a;
    const Fate *y = b;
    int order = cell_compare(&x->sent.row.cells[DLQ_SOURCE], &y->sent.row.cells[DLQ_SOURCE]);
    if (order == 0) {
        order = cell_compare(&x->sent.row.cells[DLQ_PARTITION], &y->sent.row.cells[DLQ_PARTITION]);
    }
    if (order == 0) {
        order = (x->position > y->position) - (x->position < y->position);
    }
    if (order == 0) {
        order = cell_compare(&x->sent.row.cells[DLQ_RECORD_ID], &y->sent.row.cells[DLQ_RECORD_ID]);
    }
    for (size_t i = 0; i < COUNT_OF(numbers) && order == 0; i++) {
        int64_t left = x->sent.row.cells[numbers[i]].value.i64;
        int64_t right = y->sent.row.cells[numbers[i]].value.i64;
        order = (left > right) - (left < right);
    }
    return order;
}

void dlq_replay_order(DlqReplay *replay) {
    hashes_order(&replay->known);
    if (replay->fates.count > 1) {
        qsort(replay->fates.items, replay->fates.count, sizeof(Fate), fate_compare);
    }
}

uint32_t dlq_replay_count(const DlqReplay *replay) {
    return replay->fates.count;
}

const DlqSent *dlq_replay_at(const DlqReplay *replay, uint32_t index) {
    return &replay->fates.items[index].sent;
}

uint32_t dlq_replay_rejected(const DlqReplay *replay) {
    return replay->rejected;
}

// --- rejections ---------------------------------------------------------------------------------
static int place_compare(const Fate *fate, const DlqRecord *record) {
    FlowView source = view_text(record->source);
    FlowView partition = view_text(record->partition);
    int order = view_compare(&fate->sent.row.cells[DLQ_SOURCE].value.view, &source);
    if (order == 0) {
        order = view_compare(&fate->sent.row.cells[DLQ_PARTITION].value.view, &partition);
    }
    return order != 0 ? order
                      : (fate->position > record->position) - (fate->position < record->position);
}

// The first row of the record, or the number of rows.
static uint32_t place_find(const DlqReplay *replay, const DlqRecord *record) {
    uint32_t low = 0;
    uint32_t high = replay->fates.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (place_compare(&replay->fates.items[middle], record) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_listed(const char *flows, const char *flow) {
    size_t length = strlen(flow);
    for (const char *at = strstr(flows, flow); at != NULL; at = strstr(at + 1, flow)) {
        if (at > flows && at[-1] == ',' && at[length] == ',') {
            return true;
        }
    }
    return false;
}

static void fate_reject(DlqReplay *replay, Fate *fate, const DlqRow *again, bool takes_flow) {
    DlqCell flow = fate->sent.row.cells[DLQ_FLOW];
    replay->rejected += !fate->is_rejected;
    fate->is_rejected = true;
    fate->again = *again;
    fate->again.cells[DLQ_FLOW] = takes_flow ? again->cells[DLQ_FLOW] : flow;
}

bool dlq_replay_reject(DlqReplay *replay, const DlqRecord *record, const DlqRow *rejected) {
    bool is_taken = false;
    Fate *behind = NULL;
    if (record->source == NULL || record->partition == NULL || record->stage != NULL) {
        return false;
    }
    DlqRow again = dlq_row_copy(&replay->arena, rejected);
    for (uint32_t i = place_find(replay, record);
         i < replay->fates.count && place_compare(&replay->fates.items[i], record) == 0;
         i++) {
        Fate *fate = &replay->fates.items[i];
        if (record->flow == NULL || is_listed(fate->sent.up, record->flow)) {
            fate_reject(replay, fate, &again, false);
            is_taken = true;
        } else if (is_listed(fate->sent.flows, record->flow) && !fate->is_rejected) {
            behind = behind == NULL ? fate : behind;
        }
    }
    if (!is_taken && behind != NULL) {
        fate_reject(replay, behind, &again, true);
        is_taken = true;
    }
    return is_taken;
}

DlqRecord dlq_replay_fresh(DlqReplay *replay, const DlqRecord *record) {
    return fresh(replay, record);
}

// --- what is written ----------------------------------------------------------------------------
static const DlqColumn reasons[] = {DLQ_FLOW,
                                    DLQ_CLASS,
                                    DLQ_CODE,
                                    DLQ_MESSAGE,
                                    DLQ_EXPRESSION,
                                    DLQ_LOCATION,
                                    DLQ_CONTRACT,
                                    DLQ_CONTRACT_VERSION,
                                    DLQ_EVENT_TIME};

DlqRow dlq_replay_result(const DlqReplay *replay, uint32_t index, int64_t clock_us) {
    const Fate *fate = &replay->fates.items[index];
    DlqRow row = fate->sent.row;
    row.cells[DLQ_ATTEMPTS].value.i64++;
    if (!fate->is_rejected) {
        row.cells[DLQ_REPLAYED_AT] = (DlqCell){.is_null = false, .value = {.i64 = clock_us}};
        return row;
    }
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        row.cells[reasons[i]] = fate->again.cells[reasons[i]];
    }
    return row;
}

// --- which rows of the table go -----------------------------------------------------------------
// A row is known by its id and by when it was written: two runs may have rejected one record.
static Hash128 row_hash(const DlqRow *row) {
    Buffer bytes = {0};
    const FlowView *id = &row->cells[DLQ_RECORD_ID].value.view;
    int64_t numbers[3] = {row->cells[DLQ_REJECTED_AT].value.i64,
                          row->cells[DLQ_EPOCH].value.i64,
                          row->cells[DLQ_ATTEMPTS].value.i64};
    buffer_append(&bytes, flow_view_data(id), id->length);
    buffer_append(&bytes, numbers, sizeof(numbers));
    Hash128 hash = hash128(bytes.data, bytes.length);
    buffer_free(&bytes);
    return hash;
}

DlqMarks dlq_replay_marks(DlqReplay *replay) {
    Hashes hashes = {0};
    for (uint32_t i = 0; i < replay->fates.count; i++) {
        *vec_push(&replay->arena, &hashes) = row_hash(&replay->fates.items[i].sent.row);
    }
    hashes_order(&hashes);
    return (DlqMarks){.pick = dlq_pick(false), .hashes = hashes.items, .count = hashes.count};
}

static void *judge_new(const void *user, Sys *sys, int64_t clock_us) {
    (void)sys;
    (void)clock_us;
    return (void *)user;
}

static Outcome judge(void *user, Batch *batch) {
    const DlqMarks *marks = user;
    int32_t *selection = batch->abi.selection;
    int32_t count = 0;
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        DlqRow values;
        dlq_row_of(batch, &marks->pick, (uint32_t)row, &values);
        selection[count] = row;
        count += values.cells[DLQ_REPLAYED_AT].is_null &&
                 dlq_hashes_have(marks->hashes, marks->count, row_hash(&values));
    }
    batch->abi.selected_count = count;
    return OUTCOME_OK;
}

static void judge_free(void *user) {
    (void)user;
}

DeltaCondition dlq_marks_condition(const DlqMarks *marks) {
    return (DeltaCondition){
        .text = "rows that were sent again",
        .columns = marks->pick.descs,
        .column_count = marks->pick.count,
        .user = marks,
        .judge_new = judge_new,
        .judge = judge,
        .judge_free = judge_free,
    };
}

// --- the outbox ---------------------------------------------------------------------------------
// The number of rows in eight bytes, their hashes in sixteen each, then the outbox of the table.
static void integer_put(Buffer *out, uint64_t value) {
    for (unsigned i = 0; i < 8; i++) {
        buffer_char(out, (char)(value >> (8 * i)));
    }
}

static uint64_t integer_get(const char *bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        value |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return value;
}

void dlq_marks_write(const DlqMarks *marks, Buffer *out) {
    integer_put(out, marks->count);
    for (size_t i = 0; i < marks->count; i++) {
        integer_put(out, marks->hashes[i].low);
        integer_put(out, marks->hashes[i].high);
    }
}

Outcome dlq_replay_commit(Sys *sys, const char *outbox, size_t length, int64_t *version) {
    uint64_t count = length < 8 ? UINT64_MAX : integer_get(outbox);
    if (count > length / sizeof(Hash128)) {
        return sys_fail(sys, OUTCOME_REFUSED, "the outbox of a replay is damaged");
    }
    Arena arena = {0};
    size_t head = 8 + (size_t)count * sizeof(Hash128);
    Hash128 *hashes = arena_array(&arena, Hash128, (size_t)count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *at = outbox + 8 + i * sizeof(Hash128);
        hashes[i] = (Hash128){.low = integer_get(at), .high = integer_get(at + 8)};
    }
    DlqMarks marks = {.pick = dlq_pick(false), .hashes = hashes, .count = (size_t)count};
    DeltaCondition condition = dlq_marks_condition(&marks);
    Outcome outcome =
        head > length ? sys_fail(sys, OUTCOME_REFUSED, "the outbox of a replay is damaged")
                      : delta_outbox_commit(sys, outbox + head, length - head, &condition, version);
    arena_free(&arena);
    return outcome;
}
