// types: what a value can be.
//
// Includes support and the runtime's abi (the kinds of types are one list). A Type is immutable and
// lives in the arena it was made in; two Types are the same type if type_equal says so.
#ifndef FLOW_TYPES_H
#define FLOW_TYPES_H

#include "abi/abi.h"
#include "base/base.h"

#define TYPE_PRECISION_MAX 38 // digits of a decimal

typedef struct Type {
    FlowKind kind;
    bool is_nullable;
    int32_t precision; // of DECIMAL, else 0
    int32_t scale;
    const char *const *enum_values; // of ENUM: the listed strings, in the order written
    uint32_t enum_count;
    const struct TypeField *children; // LIST: the element; MAP: key and value; STRUCT: the fields
    uint32_t child_count;
    const char *name; // of a named type (`type Status = …`), for messages; else NULL
} Type;

typedef struct TypeField {
    const char *name; // of a struct's field; else "element", "key" or "value"
    const Type *type;
} TypeField;

const Type *type_new(Arena *arena, FlowKind kind, bool is_nullable);
const Type *type_decimal(Arena *arena, int32_t precision, int32_t scale, bool is_nullable);
const Type *type_enum(Arena *arena, const char *const *values, uint32_t count, bool is_nullable);
const Type *type_list(Arena *arena, const Type *element, bool is_nullable);
const Type *type_map(Arena *arena, const Type *key, const Type *value, bool is_nullable);
const Type *type_struct(Arena *arena, const TypeField *fields, uint32_t count, bool is_nullable);
const Type *type_with_null(Arena *arena, const Type *type, bool is_nullable);

bool type_equal(const Type *a, const Type *b);      // nullability included
bool type_equal_base(const Type *a, const Type *b); // without it
// Equal but for `?`s that `to` has lost, itself or in its parts: what a test proves of a value.
bool type_narrows_to(const Type *from, const Type *to);
bool type_is_integer(const Type *type);
bool type_is_float(const Type *type);
bool type_is_number(const Type *type);                  // integers, floats, decimals
bool type_is_nested(const Type *type);                  // list, map, struct
int32_t type_field(const Type *type, const char *name); // of a struct: its index, or -1
uint32_t type_depth(const Type *type);                  // 0 for scalars, 1 for a list of them
bool type_has(const Type *type, FlowKind kind);         // it or a part of it is of the kind
bool type_is_text(const Type *type);                    // string, enum
uint32_t type_width(const Type *type);                  // bytes of a value in a column
const char *type_kind_text(FlowKind kind);              // "int64"
// As it is written in a program: decimal(12, 2)?, enum("a", "b").
const char *type_text(Arena *arena, const Type *type);
// Index of a value in an enum's list, or -1.
int32_t type_enum_code(const Type *type, const char *text, size_t length);
// The implicit widening of LANGUAGE 2 (no value can change); `from` may be nullable only if `to`
// is. Lists, maps and structs widen part by part; fields keep their names and order. The type of
// the elements of `[]` is NULL without a `?`, which widens to any type.
bool type_widens_to(const Type *from, const Type *to);

// The result types of decimal arithmetic, LANGUAGE 11 "Numbers" (Spark's, precision loss allowed).
// Operations: + - * / % and d (div: the whole digits of the quotient, scale 0).
const Type *type_decimal_result(Arena *arena, char operation, const Type *a, const Type *b);
// The same before it was cut to 38 digits: what an exact result may need.
typedef struct TypeDigits {
    int32_t precision;
    int32_t scale;
} TypeDigits;
TypeDigits type_decimal_exact(char operation, const Type *a, const Type *b);

#endif
