// Writing thrift's compact protocol: footers, page headers and indexes.
#include "format/parquet/thrift.h"

static uint64_t zigzag(int64_t value) {
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static void put_varint(Buffer *out, uint64_t value) {
    buffer_reserve(out, 10);
    while (value >= 0x80) {
        out->data[out->length++] = (char)(value | 0x80);
        value >>= 7;
    }
    out->data[out->length++] = (char)value;
}

void thrift_begin(ThriftWriter *writer) {
    ASSERT(writer->depth < THRIFT_DEPTH_MAX);
    writer->last_ids[writer->depth++] = 0;
}

void thrift_end(ThriftWriter *writer) {
    ASSERT(writer->depth > 0);
    buffer_char(writer->out, 0);
    writer->depth--;
}

static void put_header(ThriftWriter *writer, int32_t id, ThriftType type) {
    ASSERT(writer->depth > 0);
    int32_t *last = &writer->last_ids[writer->depth - 1];
    int32_t step = id - *last;
    *last = id;
    if (step >= 1 && step <= 15) {
        buffer_char(writer->out, (char)((step << 4) | (int32_t)type));
        return;
    }
    buffer_char(writer->out, (char)type);
    put_varint(writer->out, zigzag(id));
}

void thrift_begin_field(ThriftWriter *writer, int32_t id) {
    put_header(writer, id, THRIFT_STRUCT);
    thrift_begin(writer);
}

void thrift_put_empty(ThriftWriter *writer, int32_t id) {
    thrift_begin_field(writer, id);
    thrift_end(writer);
}

void thrift_put_bool(ThriftWriter *writer, int32_t id, bool value) {
    put_header(writer, id, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_put_i8(ThriftWriter *writer, int32_t id, int8_t value) {
    put_header(writer, id, THRIFT_I8);
    buffer_char(writer->out, (char)value);
}

void thrift_put_i16(ThriftWriter *writer, int32_t id, int16_t value) {
    put_header(writer, id, THRIFT_I16);
    put_varint(writer->out, zigzag(value));
}

void thrift_put_i32(ThriftWriter *writer, int32_t id, int32_t value) {
    put_header(writer, id, THRIFT_I32);
    put_varint(writer->out, zigzag(value));
}

void thrift_put_i64(ThriftWriter *writer, int32_t id, int64_t value) {
    put_header(writer, id, THRIFT_I64);
    put_varint(writer->out, zigzag(value));
}

void thrift_put_binary(ThriftWriter *writer, int32_t id, const void *bytes, size_t length) {
    put_header(writer, id, THRIFT_BINARY);
    thrift_element_binary(writer, bytes, length);
}

void thrift_put_text(ThriftWriter *writer, int32_t id, const char *text) {
    thrift_put_binary(writer, id, text, strlen(text));
}

void thrift_put_list(ThriftWriter *writer, int32_t id, ThriftType type, size_t count) {
    put_header(writer, id, THRIFT_LIST);
    if (count < 15) {
        buffer_char(writer->out, (char)((count << 4) | (size_t)type));
        return;
    }
    buffer_char(writer->out, (char)(0xF0 | (int32_t)type));
    put_varint(writer->out, count);
}

void thrift_element_bool(ThriftWriter *writer, bool value) {
    buffer_char(writer->out, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_element_i64(ThriftWriter *writer, int64_t value) {
    put_varint(writer->out, zigzag(value));
}

void thrift_element_binary(ThriftWriter *writer, const void *bytes, size_t length) {
    put_varint(writer->out, length);
    buffer_append(writer->out, bytes, length);
}
