// Percent-encoding happens exactly once in each direction: decoding twice or never is the largest
// family of interoperability bugs of Delta readers (store.md 5.1).
#include "store/delta/path.h"

#include <inttypes.h>

static bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~/=", c) != NULL);
}

void delta_path_encode(Buffer *out, const char *path) {
    for (; *path != '\0'; path++) {
        if (is_unreserved(*path)) {
            buffer_char(out, *path);
        } else {
            buffer_format(out, "%%%02X", (unsigned char)*path);
        }
    }
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// `file:/x` and `file:///x` are the file /x.
static const char *scheme_skip(const char *uri) {
    if (strncmp(uri, "file:", 5) != 0) {
        return uri;
    }
    uri += 5;
    return strncmp(uri, "///", 3) == 0 ? uri + 2 : uri;
}

static bool percent_decode(const char *uri, char *out) {
    for (; *uri != '\0'; uri++) {
        if (*uri != '%') {
            *out++ = *uri;
            continue;
        }
        int high = hex_value(uri[1]);
        int low = high < 0 ? -1 : hex_value(uri[2]);
        if (low < 0 || high * 16 + low == 0) {
            return false;
        }
        *out++ = (char)(high * 16 + low);
        uri += 2;
    }
    *out = '\0';
    return true;
}

static bool leaves_table(const char *path) {
    int depth = 0;
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        bool is_up = length == 2 && memcmp(path, "..", 2) == 0;
        bool is_none = length == 0 || (length == 1 && *path == '.');
        depth += is_up ? -1 : !is_none;
        if (depth < 0) {
            return true;
        }
        path += length;
        path += strspn(path, "/");
    }
    return false;
}

const char *delta_path_decode(Arena *arena, const char *uri) {
    uri = scheme_skip(uri);
    char *path = arena_alloc(arena, strlen(uri) + 1);
    if (!percent_decode(uri, path) || *path == '\0') {
        return NULL;
    }
    return *path != '/' && leaves_table(path) ? NULL : path;
}

const char *delta_path_join(Arena *arena, const char *table, const char *decoded) {
    return *decoded == '/' ? decoded : arena_format(arena, "%s/%s", table, decoded);
}

const char *delta_log_path(Arena *arena, const char *table, int64_t version, const char *suffix) {
    return arena_format(arena, "%s/_delta_log/%020" PRId64 "%s", table, version, suffix);
}

bool delta_log_name(const char *name, const char *suffix, int64_t *version) {
    int64_t value = 0;
    for (int i = 0; i < DELTA_VERSION_DIGITS; i++) {
        int digit = name[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    *version = value;
    return strcmp(name + DELTA_VERSION_DIGITS, suffix) == 0;
}
