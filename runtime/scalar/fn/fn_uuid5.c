// uuid5: the UUID of a name in a namespace, itself a UUID (RFC 9562, version 5).
//
// example: uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com") == "2ed6657d-e927-568b-95e1-2665a8aea6a2"
#include "scalar/fn/fn.h"

#include <nettle/sha1.h>

enum { UUID_BYTES = 16, UUID_TEXT_BYTES = 36 };

static bool is_dash(size_t place) {
    return place == 8 || place == 13 || place == 18 || place == 23;
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | ' ');
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool uuid_read(FlowView text, uint8_t bytes[UUID_BYTES]) {
    const char *at = flow_view_data(&text);
    uint32_t digits = 0;
    if (text.length != UUID_TEXT_BYTES) {
        return false;
    }
    for (size_t i = 0; i < UUID_TEXT_BYTES; i++) {
        int digit = digit_of(at[i]);
        if (is_dash(i) ? at[i] != '-' : digit < 0) {
            return false;
        }
        if (!is_dash(i)) {
            uint8_t *byte = &bytes[digits++ / 2];
            *byte = (uint8_t)(*byte << 4 | digit);
        }
    }
    return true;
}

static void uuid_write(const uint8_t bytes[UUID_BYTES], char text[UUID_TEXT_BYTES]) {
    uint32_t digits = 0;
    for (size_t i = 0; i < UUID_TEXT_BYTES; i++) {
        if (is_dash(i)) {
            text[i] = '-';
            continue;
        }
        uint8_t byte = bytes[digits / 2];
        text[i] = "0123456789abcdef"[digits++ % 2 == 0 ? byte >> 4 : byte & 0xF];
    }
}

BUILTIN_FUNCTION(uuid5) {
    struct sha1_ctx state;
    uint8_t space[UUID_BYTES] = {0};
    uint8_t digest[SHA1_DIGEST_SIZE];
    char text[UUID_TEXT_BYTES];
    if (!uuid_read(args[0].view, space)) {
        return FLOW_VALUE_ERROR;
    }
    sha1_init(&state);
    sha1_update(&state, sizeof(space), space);
    sha1_update(&state, args[1].view.length, (const uint8_t *)flow_view_data(&args[1].view));
    sha1_digest(&state, sizeof(digest), digest);
    digest[6] = (uint8_t)((digest[6] & 0x0F) | 0x50); // version 5
    digest[8] = (uint8_t)((digest[8] & 0x3F) | 0x80);
    uuid_write(digest, text);
    result->view = view_new(ctx, text, sizeof(text));
    return FLOW_VALUE_OK;
}
