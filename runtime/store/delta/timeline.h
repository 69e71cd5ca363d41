// A history: what is known of a key as events in the order of their time, and the versions that
// they make.
//
// Internal to store. timeline.c gathers events and writes what has changed, timeline_key.c makes
// the versions of one key.
#ifndef FLOW_STORE_DELTA_TIMELINE_H
#define FLOW_STORE_DELTA_TIMELINE_H

#include "store/delta/merge.h"

typedef enum DeltaEventKind {
    DELTA_EVENT_GAP,    // a row was closed, and nothing is remembered of it: row of `rows`
    DELTA_EVENT_ROW,    // a row begins: row of `rows`
    DELTA_EVENT_MEMORY, // row of `memory`
    DELTA_EVENT_CHANGE  // row of the changes
} DeltaEventKind;

typedef struct DeltaEvent {
    DeltaEventKind kind;
    uint32_t row;
    int64_t valid_from;
    bool is_delete;
} DeltaEvent;

// Events [first, end) of a key with equal tracked values.
typedef struct DeltaVersion {
    uint32_t first;
    uint32_t end;
    int64_t valid_from;
    int64_t valid_to;
    bool is_current; // no valid_to
    int32_t row;     // of `rows`: stands in the table just so; or -1
} DeltaVersion;

// A row of the table that a key has.
typedef struct DeltaStanding {
    uint32_t file;
    uint32_t position;
    uint32_t before; // the key's row that was found before it, or DELTA_ROW_NONE
    bool stays;
} DeltaStanding;

typedef struct DeltaTimeline {
    DeltaMerge *merge;
    Arena arena;
    int32_t *row_columns; // by the write's columns: where rows of the table have it
    bool *is_tracked;     // by the write's columns
    uint32_t given_count; // the program's columns
    int32_t valid_from;   // columns of a row
    int32_t valid_to;
    int32_t is_current;
    int32_t surrogate; // or -1
    DeltaRows rows;    // of the table, of keys that are looked at
    VEC(DeltaStanding) standings;
    DeltaRows memory; // what is remembered of these keys
    VEC(uint32_t) memory_before;
    uint32_t *row_last; // by key: the last of its rows, or DELTA_ROW_NONE
    uint32_t *memory_last;
    uint32_t key_count;
    // Of the key at hand:
    VEC(DeltaEvent) events;
    VEC(DeltaVersion) versions;
    VEC(uint32_t) remembered; // events
} DeltaTimeline;

// The versions of a key and what is to be remembered of it; marks the rows that stay.
void delta_timeline_key(DeltaTimeline *history, uint32_t key);
// The event, or what is remembered just so.
DeltaEvent
delta_event_remembered(const DeltaTimeline *timeline, uint32_t key, const DeltaEvent *event);
DeltaCell delta_event_order(const DeltaTimeline *history, const DeltaEvent *event, uint32_t at);
DeltaCell delta_event_cell(const DeltaTimeline *history, const DeltaEvent *event, uint32_t column);
// A version's value in a column of a row; an order value's column is beyond the table's.
DeltaCell delta_version_cell(DeltaTimeline *history,
                             const DeltaVersion *version,
                             uint32_t key,
                             uint32_t column);

#endif
