// Rows of a DLQ that are sent through the program again: what becomes of each, and the write that
// says so. Part of the door; include dlq/dlq.h.
//
// Nothing of it is visible before the write of the Dlq is committed, which is part of the epoch
// that sends the records: it replaces the rows by what became of them.
#ifndef FLOW_DLQ_REPLAY_H
#define FLOW_DLQ_REPLAY_H

// A row that is sent again. Texts are borrowed.
typedef struct DlqSent {
    DlqRow row;
    const char *up;    // ",a,b,": flows that the record passes up to the one that rejected it
    const char *flows; // these, and those behind it
} DlqSent;

DlqReplay *dlq_replay_new(void);
void dlq_replay_free(DlqReplay *replay);
// An id that the DLQ has already, of any of its rows: no new row gets it.
void dlq_replay_know(DlqReplay *replay, const DlqRow *row);
void dlq_replay_send(DlqReplay *replay, const DlqSent *sent); // copies the row
// After all are there: by source, partition, position.
void dlq_replay_order(DlqReplay *replay);
uint32_t dlq_replay_count(const DlqReplay *replay);
const DlqSent *dlq_replay_at(const DlqReplay *replay, uint32_t index);
int64_t dlq_replay_position(const DlqRow *row);
uint32_t dlq_replay_rejected(const DlqReplay *replay); // of those that were sent

// What a manifest needs to finish the write of a Dlq with a replay, and the way back.
#define DLQ_REPLAY_KIND "replay"
NODISCARD Outcome dlq_replay_commit(Sys *sys, const char *outbox, size_t length, int64_t *version);

#endif
