// Removes rows of a DLQ: an overwrite of a part that puts nothing in the place of what goes.
#include "dlq/internal.h"

#include "scalar/scalar.h"

typedef struct Judged {
    DlqPick pick;
    const DlqSelect *select;
} Judged;

// Judges keep nothing: what they need is shared and only read.
static void *judge_new(const void *user, Sys *sys, int64_t clock_us) {
    (void)sys;
    (void)clock_us;
    return (void *)user;
}

static Outcome judge(void *user, Batch *batch) {
    const Judged *judged = user;
    int32_t *selection = batch->abi.selection;
    int32_t count = 0;
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        DlqRow values;
        dlq_row_of(batch, &judged->pick, (uint32_t)row, &values);
        selection[count] = row;
        count += dlq_row_meets(&values, judged->select);
    }
    batch->abi.selected_count = count;
    return OUTCOME_OK;
}

static void judge_free(void *user) {
    (void)user;
}

static Outcome rows_count(Sys *sys, const DlqPurge *purge, int64_t *count) {
    DlqReader *reader;
    DlqRow row;
    bool has_row = true;
    *count = 0;
    TRY(dlq_reader_open(sys, purge->path, false, &reader));
    Outcome outcome = dlq_reader_next(reader, &row, &has_row);
    while (outcome == OUTCOME_OK && has_row) {
        *count += dlq_row_meets(&row, &purge->select);
        outcome = dlq_reader_next(reader, &row, &has_row);
    }
    dlq_reader_close(reader);
    return outcome;
}

static Outcome rows_remove(Sys *sys, const DlqPurge *purge, int64_t *count) {
    char writer[37];
    Judged judged = {.pick = dlq_pick(false), .select = &purge->select};
    DeltaCondition condition = {
        .text = purge->text,
        .columns = judged.pick.descs,
        .column_count = judged.pick.count,
        .user = &judged,
        .judge_new = judge_new,
        .judge = judge,
        .judge_free = judge_free,
    };
    DeltaWriteOptions options = {
        .mode = DELTA_OVERWRITE,
        .condition = &condition,
        .table = &dlq_table,
        .path = purge->path,
        .writer_id = writer,
        .clock_us = purge->clock_us,
        .columns = dlq_table.columns,
        .column_count = DLQ_COLUMN_COUNT,
    };
    DeltaWrite *write;
    int64_t version;
    sys_uuid(sys, writer);
    TRY(delta_write_open(sys, &options, &write));
    Outcome outcome = delta_write_prepare(write);
    outcome = outcome == OUTCOME_OK ? delta_write_commit(write, &version) : outcome;
    *count = delta_write_replaced(write);
    if (outcome != OUTCOME_OK) {
        delta_write_abort(write);
    }
    delta_write_free(write);
    return outcome;
}

Outcome dlq_purge(Sys *sys, const DlqPurge *purge, int64_t *count) {
    TRY(rows_count(sys, purge, count)); // is it a DLQ at all?
    return purge->is_dry || *count == 0 ? OUTCOME_OK : rows_remove(sys, purge, count);
}
