// The checksum of `_last_checkpoint` covers its meaning and not its bytes: a canonical form, in
// which paths and values are listed in the order of their bytes, is hashed (store.md 2.11).
#include "store/delta/checkpoint.h"

#include <nettle/md5.h>

typedef struct HintPair {
    const char *path;
    const char *value;
} HintPair;

typedef VEC(HintPair) HintPairs;

static void quoted_append(Buffer *out, const char *text, size_t length) {
    buffer_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
        if (is_plain) {
            buffer_char(out, c);
        } else {
            buffer_format(out, "%%%02X", (unsigned char)c);
        }
    }
    buffer_char(out, '"');
}

static const char *quoted(Arena *arena, const char *text, size_t length) {
    Buffer out = {0};
    quoted_append(&out, text, length);
    const char *copy = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return copy;
}

static void
value_flatten(Arena *arena, const DeltaJson *value, const char *path, HintPairs *pairs) {
    if (value->kind == DELTA_JSON_OBJECT || value->kind == DELTA_JSON_ARRAY) {
        uint32_t index = 0;
        for (const DeltaJson *item = value->first; item != NULL; item = item->next, index++) {
            const char *name = value->kind == DELTA_JSON_ARRAY
                                   ? arena_format(arena, "%u", index)
                                   : quoted(arena, item->key, strlen(item->key));
            const char *below = *path == '\0' ? name : arena_format(arena, "%s+%s", path, name);
            value_flatten(arena, item, below, pairs);
        }
        return;
    }
    *vec_push(arena, pairs) = (HintPair){
        .path = path,
        .value = value->kind == DELTA_JSON_STRING
                     ? quoted(arena, value->text, value->length)
                     : arena_copy(arena, value->source, value->source_length),
    };
}

static int pair_compare(const void *a, const void *b) {
    return strcmp(((const HintPair *)a)->path, ((const HintPair *)b)->path);
}

static bool canonical_write(Buffer *out, const HintPairs *pairs) {
    const char *last = "";
    for (uint32_t i = 0; i < pairs->count; i++) {
        const HintPair *pair = &pairs->items[i];
        if (strcmp(pair->path, last) == 0) {
            return false;
        }
        last = pair->path;
        if (strcmp(pair->path, "\"checksum\"") == 0) {
            continue;
        }
        buffer_format(out, "%s%s=%s", out->length == 0 ? "" : ",", pair->path, pair->value);
    }
    return true;
}

static void md5_text(const Buffer *bytes, char text[33]) {
    struct md5_ctx context;
    uint8_t digest[MD5_DIGEST_SIZE];
    md5_init(&context);
    md5_update(&context, bytes->length, (const uint8_t *)bytes->data);
    md5_digest(&context, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
}

bool delta_hint_checksum(Arena *arena, const DeltaJson *hint, char text[33]) {
    HintPairs pairs = {0};
    Buffer canonical = {0};
    if (hint == NULL || hint->kind != DELTA_JSON_OBJECT) {
        return false;
    }
    value_flatten(arena, hint, "", &pairs);
    if (pairs.count > 1) {
        qsort(pairs.items, pairs.count, sizeof(HintPair), pair_compare);
    }
    bool is_sound = canonical_write(&canonical, &pairs);
    if (is_sound) {
        md5_text(&canonical, text);
    }
    buffer_free(&canonical);
    return is_sound;
}
