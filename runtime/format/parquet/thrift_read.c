// Reading thrift's compact protocol from bytes that nobody vouches for.
#include "format/parquet/thrift.h"

ThriftReader thrift_reader(const void *bytes, size_t length) {
    return (ThriftReader){.next = bytes, .end = (const uint8_t *)bytes + length};
}

static uint64_t bad(ThriftReader *reader) {
    reader->is_bad = true;
    reader->next = reader->end;
    return 0;
}

static uint64_t ended(ThriftReader *reader) {
    reader->is_short = !reader->is_bad;
    return bad(reader);
}

static size_t bytes_left(const ThriftReader *reader) {
    return (size_t)(reader->end - reader->next);
}

static uint8_t get_byte(ThriftReader *reader) {
    if (bytes_left(reader) == 0) {
        return (uint8_t)ended(reader);
    }
    return *reader->next++;
}

static uint64_t get_varint(ThriftReader *reader) {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64; shift += 7) {
        uint8_t byte = get_byte(reader);
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            return reader->is_bad ? 0 : value;
        }
    }
    return bad(reader);
}

static int64_t get_zigzag(ThriftReader *reader) {
    uint64_t value = get_varint(reader);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

void thrift_enter(ThriftReader *reader) {
    if (reader->depth == THRIFT_DEPTH_MAX) {
        bad(reader);
        return;
    }
    reader->last_ids[reader->depth++] = 0;
}

bool thrift_field(ThriftReader *reader, ThriftField *field) {
    uint8_t header = get_byte(reader);
    if (reader->is_bad) {
        return false;
    }
    if (header == 0) {
        reader->depth--;
        return false;
    }
    int32_t *last = &reader->last_ids[reader->depth - 1];
    int64_t id = (header >> 4) != 0 ? *last + (header >> 4) : get_zigzag(reader);
    uint8_t type = header & 0x0F;
    if (id < INT16_MIN || id > INT16_MAX || type < THRIFT_TRUE || type > THRIFT_UUID) {
        bad(reader);
        return false;
    }
    *last = (int32_t)id;
    *field = (ThriftField){.id = (int32_t)id, .type = (ThriftType)type};
    return !reader->is_bad;
}

static void skip_bytes(ThriftReader *reader, uint64_t count) {
    if (count > bytes_left(reader)) {
        ended(reader);
        return;
    }
    reader->next += count;
}

static void skip_value(ThriftReader *reader, ThriftType type, bool is_element);

static void skip_struct(ThriftReader *reader) {
    thrift_enter(reader);
    ThriftField field;
    while (thrift_field(reader, &field)) {
        skip_value(reader, field.type, false);
    }
}

// Lists and maps have no field that counts their depth: they count it themselves.
static bool container_enter(ThriftReader *reader) {
    thrift_enter(reader);
    return !reader->is_bad;
}

static void skip_list(ThriftReader *reader) {
    uint8_t header = get_byte(reader);
    uint64_t count = (header >> 4) == 15 ? get_varint(reader) : (uint64_t)(header >> 4);
    if (!container_enter(reader)) {
        return;
    }
    for (uint64_t i = 0; i < count && !reader->is_bad; i++) {
        skip_value(reader, (ThriftType)(header & 0x0F), true);
    }
    reader->depth--;
}

static void skip_map(ThriftReader *reader) {
    uint64_t count = get_varint(reader);
    uint8_t types = count > 0 ? get_byte(reader) : 0;
    if (!container_enter(reader)) {
        return;
    }
    for (uint64_t i = 0; i < count && !reader->is_bad; i++) {
        skip_value(reader, (ThriftType)(types >> 4), true);
        skip_value(reader, (ThriftType)(types & 0x0F), true);
    }
    reader->depth--;
}

static void skip_value(ThriftReader *reader, ThriftType type, bool is_element) {
    switch (type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        skip_bytes(reader, is_element ? 1 : 0); // a field's header holds the value
        return;
    case THRIFT_I8:
        skip_bytes(reader, 1);
        return;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
        get_varint(reader);
        return;
    case THRIFT_DOUBLE:
        skip_bytes(reader, 8);
        return;
    case THRIFT_BINARY:
        skip_bytes(reader, get_varint(reader));
        return;
    case THRIFT_LIST:
    case THRIFT_SET:
        skip_list(reader);
        return;
    case THRIFT_MAP:
        skip_map(reader);
        return;
    case THRIFT_STRUCT:
        skip_struct(reader);
        return;
    case THRIFT_UUID:
        skip_bytes(reader, 16);
        return;
    }
    bad(reader);
}

void thrift_skip(ThriftReader *reader, ThriftField field) {
    skip_value(reader, field.type, false);
}

bool thrift_get_bool(ThriftReader *reader, ThriftField field) {
    if (field.type != THRIFT_TRUE && field.type != THRIFT_FALSE) {
        bad(reader);
    }
    return field.type == THRIFT_TRUE;
}

int64_t thrift_get_i64(ThriftReader *reader, ThriftField field) {
    if (field.type == THRIFT_I8) {
        return (int8_t)get_byte(reader);
    }
    if (field.type != THRIFT_I16 && field.type != THRIFT_I32 && field.type != THRIFT_I64) {
        return (int64_t)bad(reader);
    }
    return get_zigzag(reader);
}

int32_t thrift_get_i32(ThriftReader *reader, ThriftField field) {
    int64_t value = thrift_get_i64(reader, field);
    if (value < INT32_MIN || value > INT32_MAX) {
        return (int32_t)bad(reader);
    }
    return (int32_t)value;
}

const char *thrift_element_read(ThriftReader *reader, uint32_t *length) {
    uint64_t count = get_varint(reader);
    if (count > bytes_left(reader)) {
        count = ended(reader);
    }
    const char *bytes = (const char *)reader->next;
    *length = (uint32_t)count; // at most the bytes of a footer
    reader->next += count;
    return bytes;
}

const char *thrift_get_binary(ThriftReader *reader, ThriftField field, uint32_t *length) {
    if (field.type != THRIFT_BINARY) {
        bad(reader);
    }
    return thrift_element_read(reader, length);
}

bool thrift_get_struct(ThriftReader *reader, ThriftField field) {
    if (field.type != THRIFT_STRUCT) {
        bad(reader);
        return false;
    }
    thrift_enter(reader);
    return !reader->is_bad;
}

uint32_t thrift_get_list(ThriftReader *reader, ThriftField field, ThriftType type) {
    if (field.type != THRIFT_LIST) {
        return (uint32_t)bad(reader);
    }
    uint8_t header = get_byte(reader);
    uint64_t count = (header >> 4) == 15 ? get_varint(reader) : (uint64_t)(header >> 4);
    if (count > 0 && (header & 0x0F) != (uint8_t)type) {
        return (uint32_t)bad(reader);
    }
    if (count > bytes_left(reader)) {
        return (uint32_t)ended(reader);
    }
    return (uint32_t)count;
}
