// Parts of JSON texts, found by a path.
#ifndef FLOW_SCALAR_FN_JSON_PART_H
#define FLOW_SCALAR_FN_JSON_PART_H

#include "scalar/fn/fn.h"

typedef struct JsonPart {
    const char *begin; // of a value, without blanks around
    const char *end;
} JsonPart;

// FLOW_VALUE_ERROR: no JSON, or no path; NULL: nothing there, or null (`part` is set then).
int32_t json_find(FlowView json, FlowView path, JsonPart *part);
bool json_path_is_valid(const char *path, size_t length);
void json_compact(Buffer *out, const JsonPart *part);  // without blanks between its parts
void json_unescape(Buffer *out, const JsonPart *part); // of a string

#endif
