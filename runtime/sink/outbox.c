// The bytes of an outbox. They lie in a manifest whose checksum is verified before, so what is
// checked here is only that no length leads out of them.
#include "sink/internal.h"

static const char magic[8] = "FLOWSNK1";

void outbox_begin(Buffer *out, OutboxKind kind) {
    buffer_append(out, magic, sizeof(magic));
    outbox_number(out, kind);
}

void outbox_number(Buffer *out, uint64_t number) {
    buffer_append(out, &number, sizeof(number));
}

void outbox_text(Buffer *out, const char *text, size_t length) {
    outbox_number(out, length);
    buffer_append(out, text, length);
}

OutboxReader outbox_reader(const char *bytes, size_t length, uint64_t *kind) {
    OutboxReader reader = {.next = bytes, .end = bytes + length};
    reader.is_corrupt = length < sizeof(magic) || memcmp(bytes, magic, sizeof(magic)) != 0;
    reader.next += reader.is_corrupt ? 0 : sizeof(magic);
    *kind = outbox_read_number(&reader);
    return reader;
}

// The next `length` bytes, or NULL.
static const char *bytes_take(OutboxReader *reader, size_t length) {
    reader->is_corrupt |= (size_t)(reader->end - reader->next) < length;
    if (reader->is_corrupt) {
        return NULL;
    }
    const char *bytes = reader->next;
    reader->next += length;
    return bytes;
}

uint64_t outbox_read_number(OutboxReader *reader) {
    uint64_t number = 0;
    const char *bytes = bytes_take(reader, sizeof(number));
    if (bytes != NULL) {
        memcpy(&number, bytes, sizeof(number));
    }
    return number;
}

const char *outbox_read_text(OutboxReader *reader, size_t *length) {
    *length = outbox_read_number(reader);
    const char *text = bytes_take(reader, *length);
    if (text == NULL) {
        *length = 0;
        return "";
    }
    return text;
}

const char *outbox_read_string(OutboxReader *reader, Arena *arena) {
    size_t length;
    const char *text = outbox_read_text(reader, &length);
    return arena_copy(arena, text, length);
}
