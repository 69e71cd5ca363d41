// A lookup: the rows that joins find by key.
//
// Rows are added by workers, each to its part, and then indexed; from then on any number of threads
// may look up. Matches of a key come in the canonical order of the looked-up rows, whoever added
// them. Rows with a null in the key are nobody's match and are not kept. Rows without room in
// memory lie in files and are read when they are matched; the index is always in memory.
#ifndef FLOW_STATE_LOOKUP_H
#define FLOW_STATE_LOOKUP_H

#include "state/options.h"

typedef struct Lookup Lookup;
Lookup *lookup_new(const FlowLookup *desc, const StateOptions *options);
void lookup_free(Sys *sys, Lookup *lookup);
// `slots` are the keys, then the columns.
NODISCARD Outcome lookup_add(Sys *sys, Lookup *lookup, const StateRows *rows);
void lookup_seal(Lookup *lookup, uint32_t part); // parts may be sealed at the same time
NODISCARD Outcome lookup_finish(Sys *sys, Lookup *lookup);
bool lookup_has_rows(const Lookup *lookup);  // until it is finished it finds none
bool lookup_is_unique(const Lookup *lookup); // no key has two rows
const RowForm *lookup_form(const Lookup *lookup);

// The rows of a key are numbers first .. first + count - 1.
typedef struct LookupMatch {
    uint32_t first;
    uint32_t count;
} LookupMatch;

// Columns of a batch as keys to look up; the types may be narrower than the lookup's.
typedef struct LookupKeys {
    const FlowBatch *batch; // the selected rows
    const FlowColumnDesc *slot_descs;
    const int32_t *slots;
    Buffer *key; // scratch
} LookupKeys;
// matches[i] is of the i-th selected row.
void lookup_find(const Lookup *lookup, const LookupKeys *keys, LookupMatch *matches);
// The bytes of these rows. Those in a file are read into the arena.
NODISCARD Outcome lookup_rows(Sys *sys,
                              const Lookup *lookup,
                              const uint32_t *numbers,
                              uint32_t count,
                              Arena *arena,
                              const char **rows);
uint64_t lookup_bytes(const Lookup *lookup);

#endif
