// What comes into a sort and what goes out of it share this.
#ifndef FLOW_STATE_SORT_INTERNAL_H
#define FLOW_STATE_SORT_INTERNAL_H

#include "state/origin.h"
#include "state/sort.h"
#include "state/sorter.h"
#include "state/time_set.h"

typedef struct SortPart {
    RowWriter writer;
    Buffer key;
    Buffer payload;
    bool is_picking; // TOP: of the last batch, most rows were cut off
    int32_t *picked; // those that were not
} SortPart;

// A row that was sorted and waits for its batch.
typedef struct SortRow {
    int64_t time_us;
    RowOrigin origin;
    bool begins_group;
} SortRow;

struct SortState {
    const FlowSort *desc;
    Arena arena;
    const RowForm *form; // of the columns that go along
    uint32_t along_count;
    uint32_t part_count;
    SortPart *parts;
    Sorter *sorter;
    Sorter *arrivals; // NULL: results come out of the first sorter
    int64_t filtered;
    Buffer group; // the key at hand
    bool has_group;
    TimeSet times; // of the key at hand
    Buffer last;   // keep last: the newest of the span: key and payload
    size_t last_key_length;
    bool has_last;
    int64_t first_us; // when the span begins
    Buffer key;
    SorterRow row; // the next result
    bool has_row;
    bool is_begun;
    int64_t place;  // in the key at hand
    int64_t passed; // rows in all
    SortRow *rows;  // of a batch, their places in the keys, and their bytes
    int64_t *places;
    const char **bytes;
    Arena group_arena; // what accumulators of a key keep
    char *slot;
};

static inline bool sort_is_resorted(const FlowSort *desc) {
    return desc->kind == FLOW_SORT_DEDUP || desc->kind == FLOW_SORT_UNIQUE;
}
// Remembers the row's group; whether it is another than that of the row before.
bool sort_group_changes(SortState *state, const SorterRow *row);

#endif
