// What value.c, key.c and cast.c leave to nested.c: the same questions about lists, maps, structs.
#ifndef FLOW_SCALAR_NESTED_H
#define FLOW_SCALAR_NESTED_H

#include "scalar/scalar.h"

int nested_compare(const FlowTypeDesc *a_type,
                   const FlowNested *a,
                   const FlowTypeDesc *b_type,
                   const FlowNested *b);
void nested_json(Buffer *out, const FlowTypeDesc *type, const FlowNested *nested);
void nested_key_append(Buffer *key, const FlowTypeDesc *type, const FlowNested *nested);
const FlowNested *nested_key_read(Arena *arena, const FlowTypeDesc *type, const char **at);
// Item by item; both of the same kind, structs with the same number of fields.
int32_t nested_cast(Arena *arena,
                    const FlowTypeDesc *from,
                    const FlowNested *nested,
                    const FlowTypeDesc *to,
                    FlowValue *result);
// A map's entries in the order of their keys' bytes.
const FlowNested *map_sorted(Arena *arena, const FlowTypeDesc *type, const FlowNested *map);

#endif
