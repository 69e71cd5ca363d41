// The calls of the seam: each passes through here, so that a poisoned Sys changes nothing any more,
// whatever is behind it. Below them, what can be said in terms of the table.
#include "sys/sys.h"

#include <pthread.h>

#define RETRY_SLICE_US INT64_C(100000)

// --- handles -------------------------------------------------------------------------------------

Sys *sys_share(Sys *sys) {
    Sys *share = memory_alloc(sizeof(Sys));
    *share = (Sys){.vtable = sys->vtable, .origin = sys_origin(sys)};
    return share;
}

void sys_share_free(Sys *share) {
    memory_free(share);
}

bool sys_is_poisoned(Sys *sys) {
    return __atomic_load_n(&sys_origin(sys)->is_poisoned, __ATOMIC_ACQUIRE);
}

void sys_poison(Sys *sys) {
    __atomic_store_n(&sys_origin(sys)->is_poisoned, true, __ATOMIC_RELEASE);
}

static void serial_begin(Sys *sys) {
    if (sys_origin(sys)->serial != NULL) {
        pthread_mutex_lock(sys_origin(sys)->serial);
    }
}

static void serial_end(Sys *sys) {
    if (sys_origin(sys)->serial != NULL) {
        pthread_mutex_unlock(sys_origin(sys)->serial);
    }
}

// The call of the table, alone if the machine wants that.
#define CALL(sys, name, ...)                                                                       \
    ({                                                                                             \
        serial_begin(sys);                                                                         \
        __typeof__((sys)->vtable->name(__VA_ARGS__)) call_result_ =                                \
            (sys)->vtable->name(__VA_ARGS__);                                                      \
        serial_end(sys);                                                                           \
        call_result_;                                                                              \
    })

// --- trying again --------------------------------------------------------------------------------

void sys_retry_set(Sys *sys, const SysRetry *retry) {
    sys_origin(sys)->retry = *retry;
}

// Twice as long each time, and a little more or less, so that many who wait for one thing do not
// all come back at once.
static int64_t retry_delay_us(Sys *sys, const SysRetry *retry, int64_t tried) {
    int64_t delay_us = retry->backoff_us;
    for (int64_t i = 0; i < tried && delay_us < retry->max_us; i++) {
        delay_us = delay_us > INT64_MAX / 2 ? INT64_MAX : delay_us * 2;
    }
    delay_us = delay_us < retry->max_us ? delay_us : retry->max_us;
    uint64_t number = 0;
    sys_random(sys, &number, sizeof(number));
    int64_t span_us = (int64_t)((__int128)delay_us * retry->jitter / SYS_JITTER_WHOLE);
    int64_t shift_us = (int64_t)(number % ((uint64_t)span_us * 2 + 1)) - span_us;
    return delay_us + shift_us;
}

// In slices, so that a signal is noticed. False: it came.
static bool retry_pause(Sys *sys, const SysRetry *retry, int64_t delay_us) {
    while (delay_us > 0) {
        int64_t slice_us = delay_us < RETRY_SLICE_US ? delay_us : RETRY_SLICE_US;
        sys->vtable->pause(sys, slice_us);
        delay_us -= slice_us;
        if (retry->is_over != NULL && retry->is_over()) {
            return false;
        }
    }
    return true;
}

// Whether the call that has just failed should be made again; then its failure is forgotten.
static bool retry_wait(Sys *sys, Outcome before, int64_t *tried) {
    const SysRetry *retry = &sys_origin(sys)->retry;
    bool is_known = before != OUTCOME_OK; // An earlier failure explains this one.
    if (!sys->may_pass || is_known || *tried >= retry->times || sys_is_poisoned(sys)) {
        return false;
    }
    if (!retry_pause(sys, retry, retry_delay_us(sys, retry, *tried))) {
        return false;
    }
    ++*tried;
    sys_forgive(sys);
    return true;
}

static void retry_tell(Sys *sys, int64_t tried) {
    Failure *failure = &sys->failure;
    size_t length = strlen(failure->text);
    if (tried > 0 && failure->outcome != OUTCOME_OK) {
        snprintf(failure->text + length,
                 sizeof(failure->text) - length,
                 " (tried %lld times)",
                 (long long)tried + 1);
    }
}

// The call, again and again while it may pass.
#define CALL_AGAIN(sys, name, ...)                                                                 \
    ({                                                                                             \
        Outcome again_before_ = (sys)->failure.outcome;                                            \
        Outcome again_outcome_;                                                                    \
        int64_t again_tried_ = 0;                                                                  \
        do {                                                                                       \
            (sys)->may_pass = false;                                                               \
            again_outcome_ = CALL(sys, name, __VA_ARGS__);                                         \
        } while (again_outcome_ == OUTCOME_ENVIRONMENT &&                                          \
                 retry_wait(sys, again_before_, &again_tried_));                                   \
        retry_tell(sys, again_outcome_ == OUTCOME_OK ? 0 : again_tried_);                          \
        again_outcome_;                                                                            \
    })

// --- calls ---------------------------------------------------------------------------------------

static Outcome poison_check(Sys *sys) {
    if (!sys_is_poisoned(sys)) {
        return OUTCOME_OK;
    }
    return sys_fail(sys, OUTCOME_ENVIRONMENT, "an earlier write failed; nothing more is written");
}

Outcome sys_open(Sys *sys, const char *path, SysOpen how, SysFile **file) {
    if (how == SYS_CREATE_NEW) {
        TRY(poison_check(sys));
    }
    return CALL_AGAIN(sys, open, sys, path, how, file);
}

Outcome sys_read(Sys *sys, SysFile *file, int64_t offset, void *bytes, size_t length, size_t *got) {
    return CALL_AGAIN(sys, read, sys, file, offset, bytes, length, got);
}

Outcome sys_append(Sys *sys, SysFile *file, const void *bytes, size_t length) {
    TRY(poison_check(sys));
    return CALL(sys, append, sys, file, bytes, length);
}

// After a failed fsync the kernel may call the pages clean: a second one that succeeds proves
// nothing, so there must not be a second one.
Outcome sys_sync(Sys *sys, SysFile *file) {
    TRY(poison_check(sys));
    Outcome outcome = CALL(sys, sync, sys, file);
    if (outcome != OUTCOME_OK) {
        sys_poison(sys);
    }
    return outcome;
}

Outcome sys_close(Sys *sys, SysFile *file) {
    Outcome outcome = CALL(sys, close, sys, file);
    if (outcome != OUTCOME_OK) {
        sys_poison(sys);
    }
    return outcome;
}

Outcome sys_stat(Sys *sys, const char *path, SysStat *stat) {
    return CALL_AGAIN(sys, stat, sys, path, stat);
}

static int entry_compare(const void *a, const void *b) {
    return strcmp(((const SysEntry *)a)->name, ((const SysEntry *)b)->name);
}

Outcome sys_list(Sys *sys, Arena *arena, const char *path, SysEntry **entries, uint32_t *count) {
    *entries = NULL;
    *count = 0;
    TRY(CALL_AGAIN(sys, list, sys, arena, path, entries, count));
    if (*count > 1) {
        qsort(*entries, *count, sizeof(SysEntry), entry_compare);
    }
    return OUTCOME_OK;
}

Outcome sys_make_directory(Sys *sys, const char *path) {
    TRY(poison_check(sys));
    return CALL(sys, make_directory, sys, path);
}

Outcome sys_sync_directory(Sys *sys, const char *path) {
    TRY(poison_check(sys));
    return CALL(sys, sync_directory, sys, path);
}

Outcome sys_link(Sys *sys, const char *from, const char *to, SysLink *result) {
    TRY(poison_check(sys));
    return CALL(sys, link, sys, from, to, result);
}

Outcome sys_rename(Sys *sys, const char *from, const char *to) {
    TRY(poison_check(sys));
    return CALL(sys, rename, sys, from, to);
}

Outcome sys_rename_new(Sys *sys, const char *from, const char *to, SysLink *result) {
    TRY(poison_check(sys));
    return CALL(sys, rename_new, sys, from, to, result);
}

Outcome sys_unlink(Sys *sys, const char *path) {
    TRY(poison_check(sys));
    return CALL(sys, unlink, sys, path);
}

Outcome sys_lock(Sys *sys, const char *path, bool *got) {
    TRY(poison_check(sys));
    return CALL(sys, lock, sys, path, got);
}

void sys_unlock(Sys *sys, const char *path) {
    serial_begin(sys);
    sys->vtable->unlock(sys, path);
    serial_end(sys);
}

int64_t sys_wall_us(Sys *sys) {
    return CALL(sys, wall_us, sys);
}

int64_t sys_monotonic_us(Sys *sys) {
    return CALL(sys, monotonic_us, sys);
}

void sys_random(Sys *sys, void *bytes, size_t length) {
    serial_begin(sys);
    sys->vtable->random(sys, bytes, length);
    serial_end(sys);
}

Outcome sys_write_stream(Sys *sys, int stream, const void *bytes, size_t length) {
    return CALL(sys, write_stream, sys, stream, bytes, length);
}

Outcome sys_read_stream(Sys *sys, void *bytes, size_t length, size_t *got) {
    return CALL(sys, read_stream, sys, bytes, length, got);
}

bool sys_is_terminal(Sys *sys, int stream) {
    return CALL(sys, is_terminal, sys, stream);
}

const char *sys_environment(Sys *sys, const char *name) {
    return CALL(sys, environment, sys, name);
}

uint32_t sys_cores(Sys *sys) {
    return CALL(sys, cores, sys);
}

// Without the lock of CALL: other threads may go on while one waits.
bool sys_watch(Sys *sys, const char *directory) {
    return sys->vtable->watch(sys, directory);
}

bool sys_wait(Sys *sys, int64_t timeout_us) {
    return sys->vtable->wait(sys, timeout_us);
}

bool sys_has_arrived(Sys *sys, const char *path) {
    return sys->vtable->has_arrived(sys, path);
}

void sys_arrivals_end(Sys *sys) {
    sys->vtable->arrivals_end(sys);
}

Outcome sys_listen(Sys *sys, const char *address, SysListener **listener) {
    return sys->vtable->listen(sys, address, listener);
}

void sys_forgive(Sys *sys) {
    sys->failure = (Failure){0};
}

Outcome sys_fail(Sys *sys, Outcome outcome, const char *format, ...) {
    char text[FAILURE_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return failure_set(&sys->failure, outcome, "%s", text);
}

// --- directories --------------------------------------------------------------------------------

// The length of the path without its last component: 0 for a name in the root, 1 for "/name".
static size_t parent_length(const char *path, size_t length) {
    while (length > 0 && path[length - 1] == '/') {
        length--;
    }
    while (length > 0 && path[length - 1] != '/') {
        length--;
    }
    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    return length;
}

static bool is_top(const char *path, size_t length) {
    return length == 0 || (length == 1 && (path[0] == '/' || path[0] == '.'));
}

static Outcome directory_make_durable(Sys *sys, const char *path, const char *parent) {
    TRY(sys_make_directory(sys, path));
    return sys_sync_directory(sys, parent);
}

// From the top down, each name durable before the next is made: thus of a run that died, at most
// the deepest name that is found is not durable yet, and one fsync of its parent makes it so.
static Outcome directories_make(Sys *sys, Arena *arena, const char *path, size_t length) {
    if (is_top(path, length)) {
        return OUTCOME_OK;
    }
    const char *directory = arena_copy(arena, path, length);
    size_t above = parent_length(path, length);
    const char *parent = above == 0 ? "." : arena_copy(arena, path, above);
    SysStat stat;
    TRY(sys_stat(sys, directory, &stat));
    if (!stat.exists) {
        TRY(directories_make(sys, arena, path, above));
    }
    return directory_make_durable(sys, directory, parent);
}

// Another run may remove an empty parent that we have just found.
static bool parent_is_gone(Sys *sys, Arena *arena, const char *path) {
    size_t above = parent_length(path, strlen(path));
    SysStat stat = {.exists = true};
    if (is_top(path, above) || sys_is_poisoned(sys)) {
        return false;
    }
    return sys_stat(sys, arena_copy(arena, path, above), &stat) == OUTCOME_OK && !stat.exists;
}

Outcome sys_make_directories(Sys *sys, const char *path) {
    Arena arena = {0};
    Failure before = sys->failure;
    Outcome outcome = directories_make(sys, &arena, path, strlen(path));
    for (int attempt = 1; attempt < DIRECTORY_ATTEMPTS_MAX; attempt++) {
        if (outcome == OUTCOME_OK || !parent_is_gone(sys, &arena, path)) {
            break;
        }
        sys->failure = before;
        outcome = directories_make(sys, &arena, path, strlen(path));
    }
    arena_free(&arena);
    return outcome;
}

// --- whole files --------------------------------------------------------------------------------

static Outcome
file_read_whole(Sys *sys, SysFile *file, char *bytes, size_t size_bytes, size_t *got) {
    TRY(sys_read(sys, file, 0, bytes, size_bytes, got));
    bytes[*got] = '\0';
    return OUTCOME_OK;
}

Outcome sys_read_all(
    Sys *sys, Arena *arena, const char *path, size_t max_bytes, char **bytes, size_t *length) {
    SysStat stat;
    TRY(sys_stat(sys, path, &stat));
    if (stat.size_bytes < 0 || (uint64_t)stat.size_bytes > max_bytes) {
        return sys_fail(sys, OUTCOME_REFUSED, "%s: larger than %zu bytes", path, max_bytes);
    }
    SysFile *file = NULL;
    TRY(sys_open(sys, path, SYS_READ, &file));
    *bytes = arena_alloc(arena, (size_t)stat.size_bytes + 1);
    Outcome outcome = file_read_whole(sys, file, *bytes, (size_t)stat.size_bytes, length);
    Outcome closed = sys_close(sys, file);
    return outcome != OUTCOME_OK ? outcome : closed;
}

static Outcome file_fill(Sys *sys, SysFile *file, const void *bytes, size_t length) {
    TRY(sys_append(sys, file, bytes, length));
    return sys_sync(sys, file);
}

Outcome sys_write_new(Sys *sys, const char *path, const void *bytes, size_t length) {
    SysFile *file = NULL;
    TRY(sys_open(sys, path, SYS_CREATE_NEW, &file));
    Outcome outcome = file_fill(sys, file, bytes, length);
    Outcome closed = sys_close(sys, file);
    return outcome != OUTCOME_OK ? outcome : closed;
}

void sys_uuid(Sys *sys, char text[37]) {
    uint8_t bytes[16];
    sys_random(sys, bytes, sizeof(bytes));
    bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
    size_t at = 0;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bool is_dashed = i == 4 || i == 6 || i == 8 || i == 10;
        at += (size_t)snprintf(text + at, 37 - at, is_dashed ? "-%02x" : "%02x", bytes[i]);
    }
}
