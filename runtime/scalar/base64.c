// Base64 (RFC 4648, with padding): the text form of bytes. Decoding is strict, so that a value has
// one text only: no blanks, padding where it belongs, unused bits zero.
#include "scalar/number.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void quad_append(Buffer *out, const uint8_t *bytes, size_t count) {
    uint32_t word = (uint32_t)bytes[0] << 16;
    word |= count > 1 ? (uint32_t)bytes[1] << 8 : 0;
    word |= count > 2 ? (uint32_t)bytes[2] : 0;
    char quad[4] = {alphabet[word >> 18],
                    alphabet[word >> 12 & 63],
                    count > 1 ? alphabet[word >> 6 & 63] : '=',
                    count > 2 ? alphabet[word & 63] : '='};
    buffer_append(out, quad, sizeof(quad));
}

void base64_append(Buffer *out, const char *bytes, size_t length) {
    const uint8_t *at = (const uint8_t *)bytes;
    for (size_t i = 0; i < length; i += 3) {
        quad_append(out, at + i, length - i < 3 ? length - i : 3);
    }
}

size_t base64_decoded_bytes_max(size_t length) {
    return length / 4 * 3 + 3;
}

static int32_t digit_value(char c) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// The first `digits` characters of a quad as 6 bits each, at the top of 24; -1 if one is none.
static int32_t quad_word(const char *text, uint32_t digits) {
    int32_t word = 0;
    for (uint32_t i = 0; i < digits; i++) {
        int32_t value = digit_value(text[i]);
        if (value < 0) {
            return -1;
        }
        word |= value << (18 - 6 * i);
    }
    return word;
}

bool base64_decode(const char *text, size_t length, char *bytes, size_t *count) {
    *count = 0;
    if (length % 4 != 0) {
        return false;
    }
    for (size_t i = 0; i < length; i += 4) {
        uint32_t digits = 4;
        if (i + 4 == length) {
            digits = text[i + 3] != '=' ? 4 : text[i + 2] != '=' ? 3 : 2;
        }
        int32_t word = quad_word(text + i, digits);
        uint32_t whole_bytes = digits - 1;
        if (word < 0 || (word & ((1 << (24 - 8 * whole_bytes)) - 1)) != 0) {
            return false;
        }
        for (uint32_t b = 0; b < whole_bytes; b++) {
            bytes[(*count)++] = (char)(word >> (16 - 8 * b));
        }
    }
    return true;
}
