// What comes into a sort and what goes out of it share this.
#ifndef FLOW_STATE_SORT_INTERNAL_H
#define FLOW_STATE_SORT_INTERNAL_H

#include "state/origin.h"
#include "state/sort.h"
#include "state/sorter.h"
#include "state/time_set.h"

enum { SORT_BOUND_KEYS = 4 };

// Of one group: what is behind this order value is not among the first. Of a TOP whose window, keys
// and order value are 64-bit integers, which are compared as they are.
typedef struct SortBound {
    bool is_set;
    int64_t group[SORT_BOUND_KEYS]; // the window's end, the keys
    int64_t order;
} SortBound;

typedef struct SortBlock SortBlock;

typedef struct SortPart {
    bool has_blocks; // what was added lies in these, not in the sorter
    VEC(SortBlock) blocks;
    Arena block_list;
    Arena block_arena; // their rows
    RowWriter writer;
    Buffer key;
    Buffer payload;
    Buffer owner;    // UNIQUE: the bytes of the row's own key
    uint64_t *seen;  // a filter of the keys that are asked of what is stored; NULL: nothing is
    bool is_asking;  // it has some
    bool is_picking; // TOP: of the last batch, most rows were cut off
    int32_t *picked; // those that were not
    SortBound bound; // of the group met last
} SortPart;

// A row that was sorted and waits for its batch.
typedef struct SortRow {
    int64_t time_us;
    RowOrigin origin;
    bool begins_group;
} SortRow;

// A text of the key at hand, as the newest change that is known has it.
typedef enum FillKnown { FILL_UNKNOWN, FILL_NULL, FILL_VALUE } FillKnown;
typedef struct FillText {
    FillKnown known;
    Buffer bytes;
} FillText;

// Of a `dedup` in a stream: the times of the key at hand, their number first.
typedef struct SortKept {
    bool is_on;
    GroupKeeper keeper;
    Buffer times;
    bool had_entry;
    bool is_changed;
} SortKept;

struct SortState {
    const FlowSort *desc;
    Arena arena;
    const RowForm *form; // of the columns that go along
    uint32_t along_count;
    uint32_t part_count;
    uint64_t part_bytes_max;                // of blocks; 0: no bound
    VEC(SortBlock *) blocks;                // of all parts, in order; none: the sorter has the rows
    int32_t bound_columns[SORT_BOUND_KEYS]; // of the bound's group
    int32_t bound_count;                    // -1: there are no bounds
    SortPart *parts;
    Sorter *sorter;
    Sorter *arrivals; // NULL: results come out of the first sorter
    int64_t filtered;
    Buffer group; // the key at hand
    bool has_group;
    TimeSet times; // of the key at hand
    SortKept kept;
    Buffer owners;   // UNIQUE: rows that have the key at hand, by the hash of their own
    FillText *texts; // FILL: what the key at hand has
    Buffer last;     // keep last: the newest of the span: key and payload
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
    size_t *lengths;
    Arena group_arena; // what accumulators of a key keep
    char *slot;
};

// Its rows are still those that came.
static inline bool sort_keeps_place(const FlowSort *desc) {
    return desc->kind == FLOW_SORT_UNIQUE || desc->kind == FLOW_SORT_FILL;
}
static inline bool sort_is_resorted(const FlowSort *desc) {
    return desc->kind == FLOW_SORT_DEDUP || sort_keeps_place(desc);
}
// The first column that goes along.
static inline int64_t sort_along_first(const FlowSort *desc) {
    return desc->key_count + desc->order_count + desc->fill_count + desc->has_gone;
}
// The row's key, in that of its part; false: one of its keys is null.
bool sort_key_make(
    SortState *state, const StateRows *rows, int32_t row, const RowOrigin *origin, SorterRow *made);
// Leaves only those rows in `pick` that may be among the first of their key. Most go without a
// payload and many without a key; it is not worth a look where most rows stay.
void sort_rows_pick(SortState *state, const StateRows *rows, RowPick *pick);
// What bounds of the sort's groups consist of.
void sort_bounds_init(SortState *state);
// Remembers the row's group; whether it is another than that of the row before.
bool sort_group_changes(SortState *state, const SorterRow *row);
// The canonical bytes of the keys; false: one of them is null. And those of the order values.
bool sort_group_put(const SortState *state, const StateRows *rows, int32_t row, Buffer *key);
void sort_order_put(const SortState *state, const StateRows *rows, int32_t row, Buffer *key);
// In front of a payload: when the row happened, and for UNIQUE in a table with a key whose it is.
int64_t sort_time_of(const SortState *state, const StateRows *rows, int32_t row);
int64_t sort_payload_time(const SorterRow *row);
static inline bool sort_has_owner(const FlowSort *desc) {
    return desc->kind == FLOW_SORT_UNIQUE && desc->order_count > 0;
}
static inline size_t sort_owner_bytes(const FlowSort *desc) {
    return sort_has_owner(desc) ? sizeof(Hash128) : 0;
}
// To the rows in the order of their arrival.
NODISCARD Outcome sort_arrival_add(Sys *sys,
                                   SortState *state,
                                   const SorterRow *row,
                                   bool is_rejected);

// Takes rows as the sorter gets them.
NODISCARD Outcome sort_rows_add(Sys *sys, SortState *state, const StateRows *rows);

// sort_block.c
void sort_blocks_init(SortState *state);
void sort_blocks_free(SortPart *part);
bool sort_block_add(SortState *state, const StateRows *rows); // false: they don't belong there
NODISCARD Outcome sort_blocks_leave(Sys *sys, SortState *state, uint32_t index); // to the sorter
NODISCARD Outcome sort_blocks_finish(Sys *sys, SortState *state);

// sort_stored.c
void seen_begin(SortState *state);
void seen_add(SortPart *part, const char *group, size_t length);
bool sort_row_is_stored(const SorterRow *row);

// sort_unique.c
Hash128 unique_owner(const SortState *state, const StateRows *rows, int32_t row);
NODISCARD Outcome unique_judge(Sys *sys, SortState *state, const SorterRow *row);

// sort_kept.c: the key at hand begins, a row of it is passed on, it ends; and all are done.
NODISCARD Outcome sort_kept_begin(SortState *state);
void sort_kept_passed(SortState *state, int64_t time_us);
NODISCARD Outcome sort_kept_end(SortState *state);
NODISCARD Outcome sort_kept_rest(SortState *state);

// sort_fill.c
void fill_begin(SortState *state);
void fill_free(SortState *state);
// Of a row that came or is stored, to the part's payload; whether one was left out.
bool fill_texts_append(const SortState *state, const StateRows *rows, int32_t row);
NODISCARD Outcome fill_judge(Sys *sys, SortState *state, const SorterRow *row);
void fill_texts_put(const SortState *state, Batch *batch);

#endif
