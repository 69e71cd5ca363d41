// The rows that a DLQ has: reading, choosing and removing them. Part of the door; include
// dlq/dlq.h.
#ifndef FLOW_DLQ_ROWS_H
#define FLOW_DLQ_ROWS_H

// Texts and bytes borrow from whoever holds the row.
typedef struct DlqCell {
    bool is_null;
    FlowValue value;
} DlqCell;

typedef struct DlqRow {
    DlqCell cells[DLQ_COLUMN_COUNT];
} DlqRow;

typedef enum DlqReplayed { DLQ_REPLAYED_OR_NOT, DLQ_REPLAYED_ONLY, DLQ_NOT_REPLAYED } DlqReplayed;

// Which rows are meant; what is NULL or false asks for nothing.
typedef struct DlqSelect {
    const char *record_id;
    const char *reject_class;
    const char *code;
    const char *flow;
    const char *source;
    const char *pipeline;
    bool has_since;
    int64_t since_us; // rejected then or later
    bool has_before;
    int64_t before_us; // rejected earlier
    DlqReplayed replayed;
} DlqSelect;

bool dlq_row_meets(const DlqRow *row, const DlqSelect *select);
bool dlq_cell_is(const DlqCell *cell, const char *text);      // a text column's cell
DlqRow dlq_row_copy(Arena *arena, const DlqRow *row);         // owns its texts
const char *dlq_cell_text(Arena *arena, const DlqCell *cell); // of a text column; NULL: it is null

// The newest version's rows in the order of the files. REFUSED: no table is there, or it is no DLQ.
typedef struct DlqReader DlqReader;
NODISCARD Outcome dlq_reader_open(Sys *sys, const char *path, bool has_raw, DlqReader **reader);
// The row borrows from the reader until the next call. Without `has_raw` its `raw` is null.
NODISCARD Outcome dlq_reader_next(DlqReader *reader, DlqRow *row, bool *has_row);
void dlq_reader_close(DlqReader *reader);

// Removes the rows in one commit and says how many they were; none: no commit. Rows that others add
// in the meantime are judged, too.
typedef struct DlqPurge {
    const char *path;
    DlqSelect select;
    const char *text; // what the commit says of it
    int64_t clock_us;
    bool is_dry; // only counts
} DlqPurge;
NODISCARD Outcome dlq_purge(Sys *sys, const DlqPurge *purge, int64_t *count);

#endif
