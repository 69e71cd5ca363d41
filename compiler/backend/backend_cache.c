// The object cache: a file for each object, named by everything that the object depends on. The key
// holds the IR itself, so a change of the program, of the generator or of the ABI can not be
// missed. Files are written under another name and renamed; what is read is checked, because a
// damaged object mostly loads without complaint. Nothing here may fail a run: a cache that does not
// work is no cache.
#include "backend/backend_internal.h"

#include <llvm-c/BitWriter.h>

#define CACHE_MAGIC UINT64_C(0x314A424F574F4C46) // "FLOWOBJ1"
enum {
    CACHE_OBJECT_BYTES_MAX = 256 * 1024 * 1024,
    CACHE_ENTRIES_MAX = 256, // the oldest leave when there are more
};

typedef struct CacheHeader {
    uint64_t magic;
    uint64_t length;
    Hash128 checksum; // of the object
    char key[40];     // against a file under another's name
} CacheHeader;

const char *backend_cache_directory(Sys *sys, Arena *arena) {
    const char *cache = sys_environment(sys, "XDG_CACHE_HOME");
    if (cache != NULL && cache[0] == '/') {
        return arena_format(arena, "%s/flow", cache);
    }
    const char *home = sys_environment(sys, "HOME");
    return home == NULL || home[0] != '/' ? NULL : arena_format(arena, "%s/.cache/flow", home);
}

// --- key --------------------------------------------------------------------------------------
static void version_append(Buffer *key) {
    unsigned major;
    unsigned minor;
    unsigned patch;
    LLVMGetVersion(&major, &minor, &patch);
    buffer_format(key, "llvm %u.%u.%u\n", major, minor, patch);
}

CacheKey backend_cache_key(LLVMModuleRef module, const Target *target) {
    Buffer text = {0};
    version_append(&text);
    buffer_format(&text, "passes %s %d\n", backend_passes_version, target->optimise);
    buffer_format(&text, "cpu %s %s\n", target->cpu, target->features);
    buffer_append(&text, backend_helpers, backend_helpers_bytes);
    LLVMMemoryBufferRef bitcode = LLVMWriteBitcodeToMemoryBuffer(module);
    buffer_append(&text, LLVMGetBufferStart(bitcode), LLVMGetBufferSize(bitcode));
    LLVMDisposeMemoryBuffer(bitcode);
    CacheKey key;
    hash128_hex(hash128(text.data, text.length), key.text);
    buffer_free(&text);
    return key;
}

static CacheHeader header_of(CacheKey key, const char *object, size_t length) {
    CacheHeader header;
    memset(&header, 0, sizeof(header));
    header.magic = CACHE_MAGIC;
    header.length = length;
    header.checksum = hash128(object, length);
    memcpy(header.key, key.text, sizeof(key.text));
    return header;
}

static const char *entry_path(Arena *arena, const char *directory, CacheKey key) {
    return arena_format(arena, "%s/%s.o", directory, key.text);
}

// --- reading ----------------------------------------------------------------------------------
static bool entry_is_sound(CacheKey key, const char *bytes, size_t length) {
    if (length < sizeof(CacheHeader)) {
        return false;
    }
    size_t object_bytes = length - sizeof(CacheHeader);
    CacheHeader expected = header_of(key, bytes + sizeof(CacheHeader), object_bytes);
    return memcmp(bytes, &expected, sizeof(expected)) == 0;
}

// A Sys of its own, because a Sys remembers failures and a miss is none.
bool backend_cache_read(const char *directory, CacheKey key, Buffer *object) {
    Sys *disk = sys_posix_new(NULL);
    Arena arena = {0};
    char *bytes = NULL;
    size_t length = 0;
    const char *path = entry_path(&arena, directory, key);
    bool is_sound =
        sys_read_all(disk, &arena, path, CACHE_OBJECT_BYTES_MAX, &bytes, &length) == OUTCOME_OK &&
        entry_is_sound(key, bytes, length);
    if (is_sound) {
        buffer_append(object, bytes + sizeof(CacheHeader), length - sizeof(CacheHeader));
    }
    arena_free(&arena);
    sys_posix_free(disk);
    return is_sound;
}

// --- writing ----------------------------------------------------------------------------------
static Outcome bytes_write(Sys *disk, const char *path, CacheKey key, const Buffer *object) {
    SysFile *file = NULL;
    TRY(sys_open(disk, path, SYS_CREATE_NEW, &file));
    CacheHeader header = header_of(key, object->data, object->length);
    Outcome outcome = sys_append(disk, file, &header, sizeof(header));
    if (outcome == OUTCOME_OK) {
        outcome = sys_append(disk, file, object->data, object->length);
    }
    Outcome closed = sys_close(disk, file); // not synced: a torn entry is recognised
    return outcome == OUTCOME_OK ? closed : outcome;
}

static Outcome oldest_remove(Sys *disk, Arena *arena, const char *directory) {
    SysEntry *entries = NULL;
    uint32_t count = 0;
    TRY(sys_list(disk, arena, directory, &entries, &count));
    if (count <= CACHE_ENTRIES_MAX) {
        return OUTCOME_OK;
    }
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < count; i++) {
        if (entries[i].modified_ms < entries[oldest].modified_ms) {
            oldest = i;
        }
    }
    const char *path = arena_format(arena, "%s/%s", directory, entries[oldest].name);
    return sys_unlink(disk, path);
}

static Outcome
entry_write(Sys *disk, Arena *arena, const char *directory, CacheKey key, const Buffer *object) {
    char uuid[37];
    sys_uuid(disk, uuid);
    TRY(sys_make_directories(disk, directory));
    const char *temporary = arena_format(arena, "%s/%s.tmp", directory, uuid);
    if (bytes_write(disk, temporary, key, object) != OUTCOME_OK) {
        return sys_unlink(disk, temporary);
    }
    TRY(sys_rename(disk, temporary, entry_path(arena, directory, key)));
    return oldest_remove(disk, arena, directory);
}

void backend_cache_write(const char *directory, CacheKey key, const Buffer *object) {
    Sys *disk = sys_posix_new(NULL);
    Arena arena = {0};
    Outcome outcome = entry_write(disk, &arena, directory, key, object);
    (void)outcome; // the object is there all the same
    arena_free(&arena);
    sys_posix_free(disk);
}
