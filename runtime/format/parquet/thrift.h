// thrift: the compact protocol, written into a Buffer and read from bounded bytes.
//
// Private to parquet. The reader is sticky: after the first wrong byte `is_bad` stays true, every
// value is 0 and every loop over fields ends, so that callers check once, at the end. Nothing is
// allocated: strings point into what is read.
#ifndef FLOW_PARQUET_THRIFT_H
#define FLOW_PARQUET_THRIFT_H

#include "base/base.h"

#define THRIFT_DEPTH_MAX 32

typedef enum ThriftType {
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_I8 = 3,
    THRIFT_I16 = 4,
    THRIFT_I32 = 5,
    THRIFT_I64 = 6,
    THRIFT_DOUBLE = 7,
    THRIFT_BINARY = 8,
    THRIFT_LIST = 9,
    THRIFT_SET = 10,
    THRIFT_MAP = 11,
    THRIFT_STRUCT = 12,
    THRIFT_UUID = 13,
} ThriftType;

typedef struct ThriftWriter {
    Buffer *out;
    int32_t depth;
    int32_t last_ids[THRIFT_DEPTH_MAX];
} ThriftWriter;

void thrift_begin(ThriftWriter *writer); // a struct that is no field: the outermost, or in a list
void thrift_end(ThriftWriter *writer);
void thrift_begin_field(ThriftWriter *writer, int32_t id);
void thrift_put_bool(ThriftWriter *writer, int32_t id, bool value);
void thrift_put_i8(ThriftWriter *writer, int32_t id, int8_t value);
void thrift_put_i16(ThriftWriter *writer, int32_t id, int16_t value);
void thrift_put_i32(ThriftWriter *writer, int32_t id, int32_t value);
void thrift_put_i64(ThriftWriter *writer, int32_t id, int64_t value);
void thrift_put_binary(ThriftWriter *writer, int32_t id, const void *bytes, size_t length);
void thrift_put_text(ThriftWriter *writer, int32_t id, const char *text);
void thrift_put_empty(ThriftWriter *writer, int32_t id); // a struct without fields
void thrift_put_list(ThriftWriter *writer, int32_t id, ThriftType type, size_t count);
// Elements of the list that was put last.
void thrift_element_bool(ThriftWriter *writer, bool value);
void thrift_element_i64(ThriftWriter *writer, int64_t value); // also i32
void thrift_element_binary(ThriftWriter *writer, const void *bytes, size_t length);

typedef struct ThriftReader {
    const uint8_t *next;
    const uint8_t *end;
    bool is_bad;
    bool is_short; // bad only because the bytes ended: with more of them it might be fine
    int32_t depth;
    int32_t last_ids[THRIFT_DEPTH_MAX];
} ThriftReader;

typedef struct ThriftField {
    int32_t id;
    ThriftType type;
} ThriftField;

ThriftReader thrift_reader(const void *bytes, size_t length);
void thrift_enter(ThriftReader *reader); // a struct begins
// The next field of the innermost struct; false at its end, which leaves it.
bool thrift_field(ThriftReader *reader, ThriftField *field);
void thrift_skip(ThriftReader *reader, ThriftField field);
bool thrift_get_bool(ThriftReader *reader, ThriftField field);
int32_t thrift_get_i32(ThriftReader *reader, ThriftField field);
int64_t thrift_get_i64(ThriftReader *reader, ThriftField field);
const char *thrift_get_binary(ThriftReader *reader, ThriftField field, uint32_t *length);
bool thrift_get_struct(ThriftReader *reader, ThriftField field); // enters it
// The number of elements, at most as many as there are bytes left; 0 if it is no list of `type`.
uint32_t thrift_get_list(ThriftReader *reader, ThriftField field, ThriftType type);
const char *thrift_element_read(ThriftReader *reader, uint32_t *length); // a binary element

#endif
