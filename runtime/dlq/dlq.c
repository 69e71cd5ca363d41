// Rejected records become rows of a batch, and full batches go to a table's write, which is opened
// by the first of them: a run that rejects nothing makes no table.
#include "dlq/internal.h"

#include "scalar/scalar.h"

#include <inttypes.h>

enum { FIRST_ATTEMPT = 1, BATCH_RAW_BYTES_MAX = 4 * 1024 * 1024 };

static const FlowTypeDesc types[] = {
#define DLQ_COLUMN(id, text, type_kind, nullable)                                                  \
    {.kind = FLOW_##type_kind, .is_nullable = (nullable)},
#include "dlq/dlq_column.def"
#undef DLQ_COLUMN
};

static const FlowColumnDesc columns[] = {
#define DLQ_COLUMN(id, text, type_kind, nullable)                                                  \
    {.name = (text), .type = &types[DLQ_##id], .is_used = 1},
#include "dlq/dlq_column.def"
#undef DLQ_COLUMN
};

const FlowTable dlq_table = {
    .name = "dlq",
    .columns = columns,
    .columns_count = DLQ_COLUMN_COUNT,
    .event_time = FLOW_NO_INDEX,
};

struct Dlq {
    Sys *sys;
    Arena arena;
    DlqOptions options;
    DeltaWrite *write; // NULL before the first record
    Batch *batch;
    int32_t slots[DLQ_COLUMN_COUNT];
    int64_t count;
    size_t raw_bytes; // in the batch
    DlqMarks marks;   // of a replay
    DeltaCondition condition;
    bool is_flushed; // what became of the rows that were sent is written
};

static const char *text_keep(Arena *arena, const char *text) {
    return text == NULL ? NULL : arena_string(arena, text);
}

const FlowColumnDesc *dlq_columns(uint32_t *count) {
    *count = DLQ_COLUMN_COUNT;
    return columns;
}

Dlq *dlq_new(Sys *sys, const DlqOptions *options) {
    Dlq *dlq = memory_alloc(sizeof(*dlq));
    *dlq = (Dlq){.sys = sys, .options = *options};
    dlq->options.path = arena_string(&dlq->arena, options->path);
    dlq->options.pipeline = arena_string(&dlq->arena, options->pipeline);
    dlq->options.writer_id = arena_string(&dlq->arena, options->writer_id);
    dlq->options.txn_app_id = text_keep(&dlq->arena, options->txn_app_id);
    for (int32_t i = 0; i < DLQ_COLUMN_COUNT; i++) {
        dlq->slots[i] = i;
    }
    return dlq;
}

void dlq_free(Dlq *dlq) {
    if (dlq == NULL) {
        return;
    }
    delta_write_free(dlq->write);
    batch_free(dlq->batch);
    arena_free(&dlq->arena);
    memory_free(dlq);
}

int64_t dlq_count(const Dlq *dlq) {
    return dlq->count;
}

const char *reject_class_text(FlowRejectClass reject_class) {
    switch (reject_class) {
    case FLOW_REJECT_MALFORMED:
        return "malformed";
    case FLOW_REJECT_SCHEMA:
        return "schema";
    case FLOW_REJECT_CONTRACT:
        return "contract";
    case FLOW_REJECT_EXPRESSION:
        return "expression";
    case FLOW_REJECT_LATE:
        return "late";
    case FLOW_REJECT_SINK:
        return "sink";
    }
    return "";
}

// Each part ends with a byte that no text has, so that no two records share the bytes.
void dlq_record_id(const DlqRecord *record, char text[33]) {
    Buffer bytes = {0};
    buffer_text(&bytes, record->source == NULL ? "" : record->source);
    buffer_char(&bytes, '\0');
    buffer_text(&bytes, record->partition == NULL ? "" : record->partition);
    buffer_char(&bytes, '\0');
    buffer_format(&bytes, "%" PRId64, record->position);
    if (record->stage != NULL) {
        buffer_format(&bytes, "@%s", record->stage);
    }
    if (record->epoch > 0) {
        buffer_format(&bytes, "!%" PRId64, record->epoch);
    }
    if (record->ordinal > 0) {
        buffer_format(&bytes, "#%u", record->ordinal);
    }
    hash128_hex(hash128(bytes.data, bytes.length), text);
    buffer_free(&bytes);
}

// --- a row --------------------------------------------------------------------------------------
static void bytes_put(Dlq *dlq, DlqColumn column, const char *bytes, size_t length) {
    uint32_t row = (uint32_t)dlq->batch->abi.row_count;
    if (bytes == NULL) {
        batch_set_null(dlq->batch, column, row);
        return;
    }
    const char *copy = arena_copy(&dlq->batch->arena, bytes, length);
    batch_set(dlq->batch, column, row, (FlowValue){.view = view_of(copy, length)});
}

// Messages and paths may quote bytes that are no text; a string column holds text only.
static void text_put(Dlq *dlq, DlqColumn column, const char *text) {
    size_t length = text == NULL ? 0 : strlen(text);
    if (length == 0 || utf8_is_valid(text, length)) {
        bytes_put(dlq, column, text, length);
        return;
    }
    char *clean = arena_copy(&dlq->batch->arena, text, length);
    for (size_t i = 0; i < length; i++) {
        clean[i] = (unsigned char)clean[i] < 0x80 ? clean[i] : '?';
    }
    bytes_put(dlq, column, clean, length);
}

static void integer_put(Dlq *dlq, DlqColumn column, int64_t value) {
    batch_set(dlq->batch, column, (uint32_t)dlq->batch->abi.row_count, (FlowValue){.i64 = value});
}

static void origin_put(Dlq *dlq, const DlqRecord *record) {
    char id[33];
    char position[24];
    bool has_position = record->position >= 0 && (record->stage == NULL || record->source != NULL);
    dlq_record_id(record, id);
    snprintf(position, sizeof(position), "%" PRId64, record->position);
    text_put(dlq, DLQ_RECORD_ID, id);
    text_put(dlq, DLQ_PIPELINE, dlq->options.pipeline);
    text_put(dlq, DLQ_FLOW, record->flow);
    text_put(dlq, DLQ_SOURCE, record->source);
    text_put(dlq, DLQ_PARTITION, record->partition);
    text_put(dlq, DLQ_POSITION, has_position ? position : NULL);
}

static void reason_put(Dlq *dlq, const DlqRecord *record) {
    size_t raw_length = record->raw_length < RAW_BYTES_MAX ? record->raw_length : RAW_BYTES_MAX;
    text_put(dlq, DLQ_CLASS, reject_class_text(record->reject_class));
    text_put(dlq, DLQ_CODE, record->code);
    text_put(dlq, DLQ_MESSAGE, record->message);
    text_put(dlq, DLQ_EXPRESSION, record->expression);
    text_put(dlq, DLQ_LOCATION, record->location);
    bytes_put(dlq, DLQ_RAW, dlq->options.raw_keep ? record->raw : NULL, raw_length);
    text_put(dlq, DLQ_CONTRACT, record->contract);
    text_put(dlq, DLQ_CONTRACT_VERSION, record->contract_version);
}

static void time_put(Dlq *dlq, const DlqRecord *record) {
    uint32_t row = (uint32_t)dlq->batch->abi.row_count;
    if (record->has_event_time) {
        integer_put(dlq, DLQ_EVENT_TIME, record->event_time_us);
    } else {
        batch_set_null(dlq->batch, DLQ_EVENT_TIME, row);
    }
    integer_put(dlq, DLQ_REJECTED_AT, dlq->options.clock_us);
    integer_put(dlq, DLQ_EPOCH, dlq->options.epoch);
    integer_put(dlq, DLQ_ATTEMPTS, FIRST_ATTEMPT);
    batch_set_null(dlq->batch, DLQ_REPLAYED_AT, row);
}

// --- the table ----------------------------------------------------------------------------------
static Outcome write_begin(Dlq *dlq) {
    DeltaWriteOptions options = {
        .mode = DELTA_APPEND,
        .table = &dlq_table,
        .path = dlq->options.path,
        .writer_id = dlq->options.writer_id,
        .txn_app_id = dlq->options.txn_app_id,
        .txn_version = dlq->options.epoch,
        .clock_us = dlq->options.clock_us,
        .columns = columns,
        .column_count = DLQ_COLUMN_COUNT,
    };
    if (dlq->options.replay != NULL) {
        dlq->marks = dlq_replay_marks(dlq->options.replay);
        dlq->condition = dlq_marks_condition(&dlq->marks);
        options.mode = DELTA_OVERWRITE;
        options.condition = &dlq->condition;
    }
    TRY(delta_write_open(dlq->sys, &options, &dlq->write));
    dlq->batch = batch_new(columns, DLQ_COLUMN_COUNT);
    batch_clear(dlq->batch);
    return OUTCOME_OK;
}

static Outcome batch_flush(Dlq *dlq) {
    batch_select_all(dlq->batch);
    TRY(delta_write_append(dlq->write, &dlq->batch->abi, dlq->slots));
    batch_clear(dlq->batch);
    dlq->raw_bytes = 0;
    return OUTCOME_OK;
}

// The batch has room for a row.
static Outcome row_begin(Dlq *dlq, size_t raw_length) {
    if (dlq->write == NULL) {
        TRY(write_begin(dlq));
    }
    if (dlq->batch->abi.row_count == FLOW_BATCH_ROWS_MAX || dlq->raw_bytes > BATCH_RAW_BYTES_MAX) {
        TRY(batch_flush(dlq));
    }
    dlq->raw_bytes += raw_length;
    return OUTCOME_OK;
}

static void record_put(Dlq *dlq, const DlqRecord *record) {
    origin_put(dlq, record);
    reason_put(dlq, record);
    time_put(dlq, record);
}

// In a replay, what is rejected again is the row that was sent, if it was one. What it says is made
// in the place of the next row.
static bool is_of_replay(Dlq *dlq, const DlqRecord *record) {
    DlqRow row;
    DlqPick pick = dlq_pick(true);
    if (dlq->options.replay == NULL) {
        return false;
    }
    record_put(dlq, record);
    dlq_row_of(dlq->batch, &pick, (uint32_t)dlq->batch->abi.row_count, &row);
    return dlq_replay_reject(dlq->options.replay, record, &row);
}

Outcome dlq_add(Dlq *dlq, const DlqRecord *record) {
    DlqRecord added = *record;
    TRY(row_begin(dlq, record->raw_length));
    if (is_of_replay(dlq, record)) {
        return OUTCOME_OK;
    }
    if (dlq->options.replay != NULL) {
        added = dlq_replay_fresh(dlq->options.replay, record);
    }
    record_put(dlq, &added);
    dlq->batch->abi.row_count++;
    dlq->count++;
    return OUTCOME_OK;
}

// --- a replay -----------------------------------------------------------------------------------
static Outcome result_add(Dlq *dlq, const DlqRow *row) {
    TRY(row_begin(dlq, row->cells[DLQ_RAW].is_null ? 0 : row->cells[DLQ_RAW].value.view.length));
    uint32_t at = (uint32_t)dlq->batch->abi.row_count++;
    for (uint32_t i = 0; i < DLQ_COLUMN_COUNT; i++) {
        if (row->cells[i].is_null) {
            batch_set_null(dlq->batch, i, at);
        } else {
            batch_set(dlq->batch, i, at, row->cells[i].value);
        }
    }
    return OUTCOME_OK;
}

static Outcome results_add(Dlq *dlq) {
    uint32_t count = dlq->options.replay == NULL ? 0 : dlq_replay_count(dlq->options.replay);
    dlq->is_flushed = true;
    for (uint32_t i = 0; i < count; i++) {
        DlqRow row = dlq_replay_result(dlq->options.replay, i, dlq->options.clock_us);
        TRY(result_add(dlq, &row));
    }
    return OUTCOME_OK;
}

// --- the end ------------------------------------------------------------------------------------
Outcome dlq_finish(Dlq *dlq) {
    if (!dlq->is_flushed) {
        TRY(results_add(dlq));
    }
    return dlq->write != NULL && dlq->batch->abi.row_count > 0 ? batch_flush(dlq) : OUTCOME_OK;
}

DeltaWrite *dlq_write(const Dlq *dlq) {
    return dlq->write;
}

void dlq_outbox(Dlq *dlq, Buffer *out) {
    if (dlq->options.replay != NULL) {
        dlq_marks_write(&dlq->marks, out);
    }
    delta_write_outbox(dlq->write, out);
}

const char *dlq_outbox_kind(const Dlq *dlq) {
    return dlq->options.replay != NULL ? DLQ_REPLAY_KIND : "delta";
}
