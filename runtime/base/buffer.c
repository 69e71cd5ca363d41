// Growing byte buffers, for text and files that are made piece by piece.
#include "base/base.h"

enum { BUFFER_BYTES_MIN = 64 };

void buffer_reserve(Buffer *buffer, size_t more_bytes) {
    ASSERT(more_bytes <= SIZE_MAX / 4 - buffer->length);
    size_t needed = buffer->length + more_bytes;
    if (needed <= buffer->capacity) {
        return;
    }
    size_t doubled = buffer->capacity * 2;
    size_t capacity = needed > doubled ? needed : doubled;
    buffer->capacity = capacity < BUFFER_BYTES_MIN ? BUFFER_BYTES_MIN : capacity;
    buffer->data = memory_resize(buffer->data, buffer->capacity);
}

void buffer_append(Buffer *buffer, const void *bytes, size_t length) {
    if (length == 0) {
        return;
    }
    buffer_reserve(buffer, length);
    memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
}

void buffer_text(Buffer *buffer, const char *text) {
    buffer_append(buffer, text, strlen(text));
}

void buffer_char(Buffer *buffer, char c) {
    buffer_reserve(buffer, 1);
    buffer->data[buffer->length++] = c;
}

void buffer_format(Buffer *buffer, const char *format, ...) {
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(length >= 0);
    buffer_reserve(buffer, (size_t)length + 1);
    vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
    va_end(again);
    buffer->length += (size_t)length;
}

// The letter after the backslash; 0: written as it is; 'u': as \u00XX.
static char json_escape(unsigned char c) {
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return c < 0x20 ? 'u' : 0;
    }
}

static void json_escape_append(Buffer *buffer, unsigned char c, char escape) {
    if (escape == 'u') {
        buffer_format(buffer, "\\u%04x", c);
        return;
    }
    buffer_char(buffer, '\\');
    buffer_char(buffer, escape);
}

void buffer_json_string(Buffer *buffer, const char *bytes, size_t length) {
    buffer_char(buffer, '"');
    size_t plain_from = 0;
    for (size_t i = 0; i < length; i++) {
        char escape = json_escape((unsigned char)bytes[i]);
        if (escape == 0) {
            continue;
        }
        buffer_append(buffer, bytes + plain_from, i - plain_from);
        json_escape_append(buffer, (unsigned char)bytes[i], escape);
        plain_from = i + 1;
    }
    if (plain_from < length) { // an empty text may have no bytes to point to
        buffer_append(buffer, bytes + plain_from, length - plain_from);
    }
    buffer_char(buffer, '"');
}

const char *buffer_cstring(Buffer *buffer) {
    buffer_reserve(buffer, 1);
    buffer->data[buffer->length] = '\0';
    return buffer->data;
}

void buffer_clear(Buffer *buffer) {
    buffer->length = 0;
}

void buffer_free(Buffer *buffer) {
    memory_free(buffer->data);
    *buffer = (Buffer){0};
}

int bytes_order(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order = shorter == 0 ? 0 : memcmp(a, b, shorter);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}
