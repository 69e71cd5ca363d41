// JSON of a Delta log: a tree over the text that keeps every number's digits and every value's
// span.
//
// Internal to store. The tree lives in the arena that it was parsed into and points into the text.
#ifndef FLOW_STORE_DELTA_JSON_H
#define FLOW_STORE_DELTA_JSON_H

#include "base/base.h"

typedef enum DeltaJsonKind {
    DELTA_JSON_NULL,
    DELTA_JSON_BOOL,
    DELTA_JSON_NUMBER,
    DELTA_JSON_STRING,
    DELTA_JSON_ARRAY,
    DELTA_JSON_OBJECT,
} DeltaJsonKind;

typedef struct DeltaJson {
    DeltaJsonKind kind;
    bool truth;         // BOOL
    const char *text;   // STRING: decoded, NUL after it; NUMBER: its digits
    size_t length;      // of text
    const char *key;    // as a member of an object: decoded, NUL after it
    const char *source; // where the value stands in the text that was parsed
    size_t source_length;
    uint32_t count; // of an array or object
    struct DeltaJson *first;
    struct DeltaJson *next;
} DeltaJson;

// NULL: not JSON, too deep, or something stands behind it.
const DeltaJson *delta_json_parse(Arena *arena, const char *text, size_t length);
// The last member of this name; NULL if there is none, it is null, or `object` is no object.
const DeltaJson *delta_json_member(const DeltaJson *object, const char *name);
// The same where only one kind makes sense.
const DeltaJson *delta_json_object(const DeltaJson *object, const char *name);
const DeltaJson *delta_json_array(const DeltaJson *object, const char *name);
const char *delta_json_string(const DeltaJson *object, const char *name); // NULL: no string
bool delta_json_integer(const DeltaJson *object, const char *name, int64_t *value);
bool delta_json_truth(const DeltaJson *object, const char *name, bool otherwise);
bool delta_json_is(const DeltaJson *value, const char *text); // a string of this text?
// Decimal digits with an optional '-': false if there is anything else or it does not fit.
bool delta_integer_parse(const char *text, size_t length, int64_t *value);

#endif
