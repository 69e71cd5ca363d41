// dlq: rejected records as rows of a Delta table, with exactly the columns of LANGUAGE 7.
//
// Includes abi, base, sys, scalar, record, store. The table is created by the first rejected record
// only.
#ifndef FLOW_DLQ_H
#define FLOW_DLQ_H

#include "store/store.h"

typedef enum DlqColumn {
#define DLQ_COLUMN(id, name, kind, is_nullable) DLQ_##id,
#include "dlq/dlq_column.def"
#undef DLQ_COLUMN
    DLQ_COLUMN_COUNT,
} DlqColumn;

typedef struct Dlq Dlq;

typedef struct DlqRecord {
    const char *flow;      // NULL: rejected at the source
    const char *source;    // NULL after state
    const char *partition; // the file's path below the root
    int64_t position;      // -1: none; after state, the number among the stage's results
    const char *stage;     // id of the stage that kept the row and made it what it is; or NULL
    int64_t epoch;         // that made the row out of several records, if others may too; or 0
    uint32_t ordinal;      // 0, or which further row of the same record
    FlowRejectClass reject_class;
    const char *code;
    const char *message;
    const char *expression; // NULL if none
    const char *location;   // NULL if none
    const char *raw;        // NULL if none; cut to RAW_BYTES_MAX
    size_t raw_length;
    const char *contract; // NULL if none
    const char *contract_version;
    bool has_event_time;
    int64_t event_time_us;
} DlqRecord;

#include "dlq/dlq_rows.h" // the rows that are there

typedef struct DlqReplay DlqReplay;

typedef struct DlqOptions {
    const char *path;
    const char *pipeline;
    const char *writer_id;
    const char *txn_app_id; // NULL without a checkpoint
    int64_t epoch;
    int64_t clock_us;
    bool raw_keep;
    DlqReplay *replay; // of an epoch that sends rejected records again; or NULL
} DlqOptions;

Dlq *dlq_new(Sys *sys, const DlqOptions *options);
NODISCARD Outcome dlq_add(Dlq *dlq, const DlqRecord *record);
int64_t dlq_count(const Dlq *dlq);
// After the last record: the write has all of them.
NODISCARD Outcome dlq_finish(Dlq *dlq);
// The staged write, or NULL when nothing was rejected; prepare and commit it like any table's.
DeltaWrite *dlq_write(const Dlq *dlq);
void dlq_free(Dlq *dlq);
const FlowColumnDesc *dlq_columns(uint32_t *count); // of the table
const char *reject_class_text(FlowRejectClass reject_class);
// hex of xxh3-128 over source, partition, position (stage; epoch, ordinal if > 0); docs/decisions
// say the bytes.
void dlq_record_id(const DlqRecord *record, char text[33]);

// What a manifest needs to finish the write, and how: "delta", or as dlq_replay.h says.
void dlq_outbox(Dlq *dlq, Buffer *out);
const char *dlq_outbox_kind(const Dlq *dlq);

#include "dlq/dlq_replay.h" // and rows that are sent again

#endif
