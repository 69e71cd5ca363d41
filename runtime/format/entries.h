// Entries of a map that are being read, one after the other. Inside of format only.
#ifndef FLOW_FORMAT_ENTRIES_H
#define FLOW_FORMAT_ENTRIES_H

#include "scalar/scalar.h"

// A value inside of a nested one, or that there is none.
typedef struct FormatItem {
    FlowValue value;
    bool is_valid;
} FormatItem;

// `items` are key, value, key, value …, `count` entries of them. Of equal keys the last one counts,
// where the first one stood; returns how many entries are left.
uint32_t
entries_unify(Arena *arena, const FlowTypeDesc *key_type, FormatItem *items, uint32_t count);
// The items as a nested value of `count` elements, entries or fields.
const FlowNested *
items_nested(Arena *arena, const FormatItem *items, uint32_t item_count, uint32_t count);

#endif
