// Slots as files. A temp that is linked holds all of its bytes durably, so a slot is never half
// there; what is not sure after a crash is only whether the name is there.
#include "checkpoint/manifest_log.h"

enum { SLOT_DIGITS = 20, TEMP_ATTEMPTS_MAX = 100 };
static const char TEMP_PREFIX[] = ".tmp-";

// -1: the name is not that of a slot.
static int64_t slot_of_name(const char *name) {
    int64_t slot = 0;
    size_t length = 0;
    for (; name[length] >= '0' && name[length] <= '9' && length < SLOT_DIGITS; length++) {
        if (__builtin_mul_overflow(slot, 10, &slot) ||
            __builtin_add_overflow(slot, name[length] - '0', &slot)) {
            return -1;
        }
    }
    return length == SLOT_DIGITS && name[length] == '\0' ? slot : -1;
}

static const char *slot_path(const ManifestLog *log, Arena *arena, int64_t slot) {
    return arena_format(arena, "%s/%020lld", log->directory, (long long)slot);
}

static const char *temp_path(const ManifestLog *log, Arena *arena) {
    uint64_t random = 0;
    sys_random(log->sys, &random, sizeof(random));
    return arena_format(
        arena, "%s/%s%016llx", log->directory, TEMP_PREFIX, (unsigned long long)random);
}

Outcome manifest_log_head(ManifestLog *log, int64_t *slot) {
    Arena arena = {0};
    SysEntry *entries = NULL;
    uint32_t count = 0;
    *slot = 0;
    Outcome outcome = sys_list(log->sys, &arena, log->directory, &entries, &count);
    for (uint32_t i = 0; i < count; i++) {
        int64_t found = slot_of_name(entries[i].name);
        *slot = found > *slot ? found : *slot;
    }
    arena_free(&arena);
    return outcome;
}

Outcome manifest_log_sync(ManifestLog *log) {
    return sys_sync_directory(log->sys, log->directory);
}

// --- put ----------------------------------------------------------------------------------------

// An error of a link that is not one of its answers leaves open whether it happened. Nothing may be
// cleaned up then: if it did, the staged files belong to a decided epoch.
static Outcome temp_link(ManifestLog *log, const char *temp, const char *path, SysLink *link) {
    Outcome outcome = sys_link(log->sys, temp, path, link);
    if (outcome != OUTCOME_OK) {
        sys_poison(log->sys);
    }
    return outcome;
}

// One attempt. NO_SOURCE: another run collected our temp; whether we are still the head decides.
static Outcome
slot_put_once(ManifestLog *log, Arena *arena, const Buffer *bytes, int64_t slot, SysLink *link) {
    const char *temp = temp_path(log, arena);
    TRY(sys_write_new(log->sys, temp, bytes->data, bytes->length));
    TRY(temp_link(log, temp, slot_path(log, arena, slot), link));
    if (sys_unlink(log->sys, temp) != OUTCOME_OK) {
        sys_forgive(log->sys); // A temp that stays is garbage, which the next collection takes.
    }
    return OUTCOME_OK;
}

static Outcome
slot_put(ManifestLog *log, Arena *arena, const Buffer *bytes, int64_t slot, ManifestPut *put) {
    for (int attempt = 0; attempt < TEMP_ATTEMPTS_MAX; attempt++) {
        SysLink link = SYS_LINK_DONE;
        TRY(slot_put_once(log, arena, bytes, slot, &link));
        int64_t head = slot - 1;
        if (link == SYS_LINK_NO_SOURCE) {
            TRY(manifest_log_head(log, &head));
        }
        *put = link == SYS_LINK_DONE ? MANIFEST_PUT_DONE : MANIFEST_PUT_TAKEN;
        if (link != SYS_LINK_NO_SOURCE || head >= slot) {
            return OUTCOME_OK;
        }
    }
    return sys_fail(log->sys,
                    OUTCOME_ENVIRONMENT,
                    "%s: new files disappear before they can be linked",
                    log->directory);
}

Outcome
manifest_log_put(ManifestLog *log, const Manifest *manifest, ManifestRef *ref, ManifestPut *put) {
    Arena arena = {0};
    Buffer bytes = {0};
    manifest_encode(manifest, log->uuid, &bytes);
    *ref = (ManifestRef){manifest->slot, hash128(bytes.data, bytes.length)};
    Outcome outcome = slot_put(log, &arena, &bytes, manifest->slot, put);
    buffer_free(&bytes);
    arena_free(&arena);
    return outcome;
}

// --- read ---------------------------------------------------------------------------------------

Outcome manifest_log_read(
    ManifestLog *log, Arena *arena, int64_t slot, Manifest *manifest, ManifestRef *ref) {
    const char *path = slot_path(log, arena, slot);
    SysStat stat;
    TRY(sys_stat(log->sys, path, &stat));
    if (!stat.exists) {
        return sys_fail(log->sys, OUTCOME_REFUSED, "E702 %s: the manifest is missing", path);
    }
    char *bytes = NULL;
    size_t length = 0;
    TRY(sys_read_all(log->sys, arena, path, MANIFEST_BYTES_MAX, &bytes, &length));
    *ref = (ManifestRef){slot, hash128(bytes, length)};
    FrameDamage damage = {0};
    if (!manifest_decode(arena, bytes, length, log->uuid, manifest, &damage)) {
        return sys_fail(log->sys,
                        OUTCOME_REFUSED,
                        "%s %s: at byte %zu: %s",
                        damage.code,
                        path,
                        damage.offset,
                        damage.text);
    }
    if (manifest->slot != slot) {
        return sys_fail(log->sys,
                        OUTCOME_REFUSED,
                        "E702 %s: it is the manifest of slot %lld",
                        path,
                        (long long)manifest->slot);
    }
    return OUTCOME_OK;
}

// --- collect ------------------------------------------------------------------------------------

static bool is_collected(const char *name, int64_t floor) {
    int64_t slot = slot_of_name(name);
    return (slot >= 0 && slot < floor) || strncmp(name, TEMP_PREFIX, sizeof(TEMP_PREFIX) - 1) == 0;
}

static Outcome slots_collect(ManifestLog *log, Arena *arena, int64_t floor) {
    SysEntry *entries = NULL;
    uint32_t count = 0;
    TRY(sys_list(log->sys, arena, log->directory, &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (is_collected(entries[i].name, floor)) {
            TRY(sys_unlink(log->sys,
                           arena_format(arena, "%s/%s", log->directory, entries[i].name)));
        }
    }
    return OUTCOME_OK;
}

Outcome manifest_log_collect(ManifestLog *log, int64_t floor) {
    Arena arena = {0};
    Outcome outcome = slots_collect(log, &arena, floor);
    arena_free(&arena);
    return outcome;
}
