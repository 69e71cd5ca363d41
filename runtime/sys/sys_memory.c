// A process on the in-memory disk: the seam's table of functions over memory_disk, with a clock
// that only moves when it is looked at, and a process that dies or meets a fault where a test says.
#include "sys/memory_disk.h"

#include <pthread.h>

enum { STREAM_COUNT = 2 };
static const int64_t CLOCK_START_US = 1704067200000000; // 2024-01-01T00:00:00Z
static const int64_t OPERATION_US = 10;

struct SysFile {
    uint32_t inode;
    bool is_writable;
    SysFile *next; // of all open files of the process
};

typedef struct FaultPlan {
    uint64_t at; // 0: none
    SysFault fault;
} FaultPlan;

typedef struct HookPlan {
    uint64_t at; // 0: none
    SysHook hook;
    void *context;
} HookPlan;

typedef struct SysMemory {
    Sys sys; // first: a Sys * is a SysMemory *
    MemoryDisk *disk;
    uint64_t random_state;
    int64_t clock_us;
    bool is_clock_held;
    uint64_t operation_count;
    uint64_t sync_count;
    uint64_t crash_at; // the operation that no longer happens
    bool is_dead;
    bool ignores_locks;
    FaultPlan fault;
    FaultPlan sync_fault;
    uint64_t busy_count; // so many calls are refused for a while
    HookPlan hook;
    SysHook on_wait; // NULL: nobody wants to know
    void *wait_context;
    pthread_mutex_t serial; // recursive: a hook may call this process
    Buffer streams[STREAM_COUNT];
    SysFile *files;
} SysMemory;

static SysMemory *memory_of(const Sys *sys) {
    return (SysMemory *)sys_origin((Sys *)(uintptr_t)sys);
}

static MemoryDisk *disk_of(Sys *sys) {
    return memory_of(sys)->disk;
}

// --- death and faults ---------------------------------------------------------------------------

static void locks_drop(MemoryDisk *disk, const Sys *owner, const char *path) {
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < disk->locks.count; i++) {
        DiskLock lock = disk->locks.items[i];
        bool is_dropped = lock.owner == owner && (path == NULL || strcmp(lock.path, path) == 0);
        if (!is_dropped) {
            disk->locks.items[kept_count++] = lock;
        }
    }
    disk->locks.count = kept_count;
}

static Outcome alive(Sys *sys) {
    return memory_of(sys)->is_dead ? sys_fail(sys, OUTCOME_ENVIRONMENT, "the process has died")
                                   : OUTCOME_OK;
}

static void die(Sys *sys) {
    memory_of(sys)->is_dead = true;
    locks_drop(disk_of(sys), sys_origin(sys), NULL);
}

static void hook_run(SysMemory *memory) {
    if (memory->hook.at == memory->operation_count && memory->hook.hook != NULL) {
        HookPlan plan = memory->hook;
        memory->hook = (HookPlan){0};
        plan.hook(plan.context);
    }
}

static Outcome fault_meet(Sys *sys, FaultPlan *plan, uint64_t number) {
    if (plan->at == 0 || plan->at != number) {
        return OUTCOME_OK;
    }
    plan->at = 0;
    bool is_space = plan->fault == SYS_FAULT_SPACE;
    sys->may_pass = is_space;
    if (!is_space) {
        sys_poison(sys);
    }
    return sys_fail(sys,
                    OUTCOME_ENVIRONMENT,
                    "%s",
                    is_space ? "no space left on the device" : "input/output error");
}

// What reads, and what makes new files, begins here.
static Outcome busy_meet(Sys *sys) {
    SysMemory *memory = memory_of(sys);
    TRY(alive(sys));
    if (memory->busy_count == 0) {
        return OUTCOME_OK;
    }
    memory->busy_count--;
    sys->may_pass = true;
    return sys_fail(sys, OUTCOME_ENVIRONMENT, "too many open files");
}

// Every call that changes something begins here.
static Outcome operation(Sys *sys) {
    SysMemory *memory = memory_of(sys);
    TRY(alive(sys));
    memory->operation_count++;
    memory->clock_us += memory->is_clock_held ? 0 : OPERATION_US;
    hook_run(memory);
    if (memory->crash_at == memory->operation_count) {
        die(sys);
    }
    TRY(alive(sys));
    return fault_meet(sys, &memory->fault, memory->operation_count);
}

static Outcome sync_operation(Sys *sys) {
    TRY(operation(sys));
    SysMemory *memory = memory_of(sys);
    return fault_meet(sys, &memory->sync_fault, ++memory->sync_count);
}

// --- files --------------------------------------------------------------------------------------

static Outcome file_make(Sys *sys, const char *path, uint32_t *inode) {
    DiskPlace place;
    disk_find(disk_of(sys), path, &place);
    if (place.directory == DISK_NO_INODE) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot create %s: no such directory", path);
    }
    if (place.inode != DISK_NO_INODE) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot create %s: it exists", path);
    }
    *inode = disk_inode_new(disk_of(sys), false, memory_of(sys)->clock_us);
    disk_add(disk_of(sys), &place, *inode);
    return OUTCOME_OK;
}

static Outcome file_find(Sys *sys, const char *path, uint32_t *inode) {
    TRY(alive(sys));
    DiskPlace place;
    disk_find(disk_of(sys), path, &place);
    *inode = place.inode;
    if (place.inode == DISK_NO_INODE) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot open %s: no such file", path);
    }
    if (disk_inode(disk_of(sys), place.inode)->is_directory) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot open %s: it is not a regular file", path);
    }
    return OUTCOME_OK;
}

// The operation comes first: another process may act in it.
static Outcome file_create(Sys *sys, const char *path, uint32_t *inode) {
    TRY(operation(sys));
    return file_make(sys, path, inode);
}

static Outcome memory_open(Sys *sys, const char *path, SysOpen how, SysFile **file) {
    uint32_t inode = DISK_NO_INODE;
    TRY(busy_meet(sys));
    TRY(how == SYS_CREATE_NEW ? file_create(sys, path, &inode) : file_find(sys, path, &inode));
    SysMemory *memory = memory_of(sys);
    *file = memory_alloc(sizeof(SysFile));
    **file = (SysFile){inode, how == SYS_CREATE_NEW, memory->files};
    memory->files = *file;
    return OUTCOME_OK;
}

static Outcome
memory_read(Sys *sys, SysFile *file, int64_t offset, void *bytes, size_t length, size_t *got) {
    *got = 0;
    TRY(busy_meet(sys));
    const Buffer *data = &disk_inode(disk_of(sys), file->inode)->data;
    ASSERT(offset >= 0);
    if ((uint64_t)offset < data->length) {
        size_t rest = data->length - (size_t)offset;
        *got = rest < length ? rest : length;
        memcpy(bytes, data->data + offset, *got);
    }
    return OUTCOME_OK;
}

static Outcome memory_append(Sys *sys, SysFile *file, const void *bytes, size_t length) {
    TRY(operation(sys));
    ASSERT(file->is_writable);
    DiskInode *inode = disk_inode(disk_of(sys), file->inode);
    buffer_append(&inode->data, bytes, length);
    inode->modified_us = memory_of(sys)->clock_us;
    return OUTCOME_OK;
}

static Outcome memory_sync(Sys *sys, SysFile *file) {
    TRY(sync_operation(sys));
    DiskInode *inode = disk_inode(disk_of(sys), file->inode);
    inode->synced_bytes = inode->data.length;
    return OUTCOME_OK;
}

static Outcome memory_close(Sys *sys, SysFile *file) {
    SysMemory *memory = memory_of(sys);
    SysFile **link = &memory->files;
    while (*link != file) {
        ASSERT(*link != NULL);
        link = &(*link)->next;
    }
    *link = file->next;
    memory_free(file);
    return alive(sys);
}

// --- names --------------------------------------------------------------------------------------

static int64_t inode_size(const DiskInode *inode) {
    return inode->is_directory ? 0 : (int64_t)inode->data.length;
}

static Outcome memory_stat(Sys *sys, const char *path, SysStat *stat) {
    TRY(busy_meet(sys));
    DiskPlace place;
    disk_find(disk_of(sys), path, &place);
    *stat = (SysStat){0};
    if (place.inode == DISK_NO_INODE) {
        return OUTCOME_OK;
    }
    const DiskInode *inode = disk_inode(disk_of(sys), place.inode);
    *stat = (SysStat){true, inode->is_directory, inode_size(inode), inode->modified_us / 1000};
    return OUTCOME_OK;
}

static Outcome
memory_list(Sys *sys, Arena *arena, const char *path, SysEntry **entries, uint32_t *count) {
    TRY(busy_meet(sys));
    DiskPlace place;
    disk_find(disk_of(sys), path, &place);
    if (place.inode == DISK_NO_INODE) {
        return OUTCOME_OK;
    }
    const DiskNames *names = &disk_inode(disk_of(sys), place.inode)->names;
    *entries = arena_array(arena, SysEntry, names->count);
    *count = names->count;
    for (uint32_t i = 0; i < names->count; i++) {
        const DiskInode *inode = disk_inode(disk_of(sys), names->items[i].inode);
        (*entries)[i] = (SysEntry){
            .name = arena_string(arena, names->items[i].name),
            .is_directory = inode->is_directory,
            .size_bytes = inode_size(inode),
            .modified_ms = inode->modified_us / 1000,
        };
    }
    return OUTCOME_OK;
}

static Outcome memory_make_directory(Sys *sys, const char *path) {
    TRY(operation(sys));
    MemoryDisk *disk = disk_of(sys);
    DiskPlace place;
    disk_find(disk, path, &place);
    if (place.inode != DISK_NO_INODE && disk_inode(disk, place.inode)->is_directory) {
        return OUTCOME_OK;
    }
    if (place.inode != DISK_NO_INODE || place.directory == DISK_NO_INODE) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot make the directory %s", path);
    }
    disk_add(disk, &place, disk_inode_new(disk, true, memory_of(sys)->clock_us));
    return OUTCOME_OK;
}

static Outcome memory_sync_directory(Sys *sys, const char *path) {
    TRY(sync_operation(sys));
    MemoryDisk *disk = disk_of(sys);
    DiskPlace place;
    disk_find(disk, path, &place);
    if (place.inode == DISK_NO_INODE || !disk_inode(disk, place.inode)->is_directory) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot fsync the directory %s", path);
    }
    disk_sync_names(disk, place.inode);
    return OUTCOME_OK;
}

static Outcome
places_find(Sys *sys, const char *from, const char *to, DiskPlace *source, DiskPlace *target) {
    TRY(operation(sys));
    disk_find(disk_of(sys), from, source);
    disk_find(disk_of(sys), to, target);
    return OUTCOME_OK;
}

static SysLink link_verdict(const DiskPlace *source, const DiskPlace *target) {
    if (source->inode == DISK_NO_INODE || target->directory == DISK_NO_INODE) {
        return SYS_LINK_NO_SOURCE;
    }
    return target->inode == DISK_NO_INODE ? SYS_LINK_DONE : SYS_LINK_EXISTS;
}

static Outcome memory_link(Sys *sys, const char *from, const char *to, SysLink *result) {
    DiskPlace source;
    DiskPlace target;
    TRY(places_find(sys, from, to, &source, &target));
    *result = link_verdict(&source, &target);
    if (*result == SYS_LINK_DONE) {
        disk_add(disk_of(sys), &target, source.inode);
    }
    return OUTCOME_OK;
}

static Outcome memory_rename(Sys *sys, const char *from, const char *to) {
    DiskPlace source;
    DiskPlace target;
    TRY(places_find(sys, from, to, &source, &target));
    if (link_verdict(&source, &target) == SYS_LINK_NO_SOURCE) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot rename to %s: no such file", to);
    }
    disk_rename(disk_of(sys), &source, &target);
    return OUTCOME_OK;
}

static Outcome memory_rename_new(Sys *sys, const char *from, const char *to, SysLink *result) {
    DiskPlace source;
    DiskPlace target;
    TRY(places_find(sys, from, to, &source, &target));
    *result = link_verdict(&source, &target);
    if (*result == SYS_LINK_DONE) {
        disk_rename(disk_of(sys), &source, &target);
    }
    return OUTCOME_OK;
}

static Outcome memory_unlink(Sys *sys, const char *path) {
    TRY(operation(sys));
    MemoryDisk *disk = disk_of(sys);
    DiskPlace place;
    disk_find(disk, path, &place);
    if (place.inode == DISK_NO_INODE) {
        return OUTCOME_OK;
    }
    if (disk_inode(disk, place.inode)->names.count > 0) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot remove %s: not empty", path);
    }
    disk_remove(disk, &place);
    return OUTCOME_OK;
}

// --- locks --------------------------------------------------------------------------------------

static bool is_locked(const MemoryDisk *disk, const char *path) {
    for (uint32_t i = 0; i < disk->locks.count; i++) {
        if (strcmp(disk->locks.items[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

static bool file_exists(Sys *sys, const char *path) {
    DiskPlace place;
    disk_find(disk_of(sys), path, &place);
    return place.inode != DISK_NO_INODE;
}

static Outcome memory_lock(Sys *sys, const char *path, bool *got) {
    *got = false;
    uint32_t inode = DISK_NO_INODE;
    TRY(operation(sys));
    if (!file_exists(sys, path)) {
        TRY(file_make(sys, path, &inode));
    }
    MemoryDisk *disk = disk_of(sys);
    if (is_locked(disk, path) && !memory_of(sys)->ignores_locks) {
        return OUTCOME_OK;
    }
    *vec_push(&disk->arena, &disk->locks) =
        (DiskLock){arena_string(&disk->arena, path), sys_origin(sys)};
    *got = true;
    return OUTCOME_OK;
}

static void memory_unlock(Sys *sys, const char *path) {
    locks_drop(disk_of(sys), sys_origin(sys), path);
}

// --- clock, random numbers, streams -------------------------------------------------------------

static int64_t memory_clock_us(Sys *sys) {
    SysMemory *memory = memory_of(sys);
    int64_t now_us = memory->clock_us;
    memory->clock_us += memory->is_clock_held ? 0 : 1;
    return now_us;
}

static void memory_random(Sys *sys, void *bytes, size_t length) {
    uint8_t *at = bytes;
    for (size_t i = 0; i < length; i++) {
        at[i] = (uint8_t)(random_next(&memory_of(sys)->random_state) >> 56);
    }
}

static Outcome memory_write_stream(Sys *sys, int stream, const void *bytes, size_t length) {
    TRY(operation(sys));
    ASSERT(stream >= 1 && stream <= STREAM_COUNT);
    buffer_append(&memory_of(sys)->streams[stream - 1], bytes, length);
    return OUTCOME_OK;
}

static Outcome memory_read_stream(Sys *sys, void *bytes, size_t length, size_t *got) {
    (void)sys, (void)bytes, (void)length;
    *got = 0; // Nobody writes to a test's standard input.
    return OUTCOME_OK;
}

static bool memory_is_terminal(Sys *sys, int stream) {
    (void)sys;
    (void)stream;
    return false;
}

static const char *memory_environment(Sys *sys, const char *name) {
    (void)sys;
    (void)name;
    return NULL;
}

// Tests that want more than one worker say so: with one, every run makes the same calls in the same
// order.
static uint32_t memory_cores(Sys *sys) {
    (void)sys;
    return 1;
}

static bool memory_watch(Sys *sys, const char *directory) {
    (void)sys;
    (void)directory;
    return false;
}

// Whoever waits is alone: the time passes at once, and the hook may put files or ask for an end.
static bool memory_wait(Sys *sys, int64_t timeout_us) {
    SysMemory *memory = memory_of(sys);
    memory->clock_us += timeout_us;
    if (memory->on_wait != NULL) {
        memory->on_wait(memory->wait_context);
    }
    return true;
}

static void memory_pause(Sys *sys, int64_t us) {
    memory_of(sys)->clock_us += us;
}

static bool memory_has_arrived(Sys *sys, const char *path) {
    (void)sys;
    (void)path;
    return false;
}

static void memory_arrivals_end(Sys *sys) {
    (void)sys;
}

static Outcome memory_listen(Sys *sys, const char *address, SysListener **listener) {
    (void)sys;
    (void)address;
    *listener = NULL;
    return OUTCOME_OK;
}

static const SysVtable memory_vtable = {
    .open = memory_open,
    .read = memory_read,
    .append = memory_append,
    .sync = memory_sync,
    .close = memory_close,
    .stat = memory_stat,
    .list = memory_list,
    .make_directory = memory_make_directory,
    .sync_directory = memory_sync_directory,
    .link = memory_link,
    .rename = memory_rename,
    .rename_new = memory_rename_new,
    .unlink = memory_unlink,
    .lock = memory_lock,
    .unlock = memory_unlock,
    .wall_us = memory_clock_us,
    .monotonic_us = memory_clock_us,
    .random = memory_random,
    .write_stream = memory_write_stream,
    .read_stream = memory_read_stream,
    .is_terminal = memory_is_terminal,
    .environment = memory_environment,
    .cores = memory_cores,
    .watch = memory_watch,
    .wait = memory_wait,
    .pause = memory_pause,
    .has_arrived = memory_has_arrived,
    .arrivals_end = memory_arrivals_end,
    .listen = memory_listen,
};

// --- what tests do with it ----------------------------------------------------------------------

static Sys *process_new(MemoryDisk *disk, uint64_t seed, int64_t clock_us) {
    SysMemory *memory = memory_alloc(sizeof(SysMemory));
    *memory = (SysMemory){
        .sys = {.vtable = &memory_vtable},
        .disk = disk,
        .random_state = seed ^ (++disk->process_number << 48),
        .clock_us = clock_us,
    };
    disk->process_count++;
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&memory->serial, &recursive);
    pthread_mutexattr_destroy(&recursive);
    memory->sys.serial = &memory->serial;
    return &memory->sys;
}

Sys *sys_memory_new(uint64_t seed) {
    return process_new(disk_new(), seed, CLOCK_START_US);
}

Sys *sys_memory_process(Sys *sys, uint64_t seed) {
    return process_new(disk_of(sys), seed, memory_of(sys)->clock_us);
}

void sys_memory_free(Sys *sys) {
    SysMemory *memory = memory_of(sys);
    while (memory->files != NULL) {
        SysFile *next = memory->files->next;
        memory_free(memory->files);
        memory->files = next;
    }
    for (int i = 0; i < STREAM_COUNT; i++) {
        buffer_free(&memory->streams[i]);
    }
    locks_drop(memory->disk, sys, NULL);
    disk_release(memory->disk);
    pthread_mutex_destroy(&memory->serial);
    memory_free(memory);
}

static void parents_put(MemoryDisk *disk, const char *path, int64_t now_us) {
    char directory[DISK_PATH_BYTES_MAX];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - path);
        ASSERT(length < sizeof(directory));
        memcpy(directory, path, length);
        directory[length] = '\0';
        DiskPlace place;
        disk_find(disk, directory, &place);
        if (place.inode == DISK_NO_INODE) {
            disk_add(disk, &place, disk_inode_new(disk, true, now_us));
        }
    }
}

void sys_memory_put(Sys *sys, const char *path, const void *bytes, size_t length) {
    MemoryDisk *disk = disk_of(sys);
    int64_t now_us = memory_of(sys)->clock_us;
    parents_put(disk, path, now_us);
    uint32_t inode = disk_inode_new(disk, false, now_us);
    buffer_append(&disk_inode(disk, inode)->data, bytes, length);
    disk_inode(disk, inode)->synced_bytes = length;
    DiskPlace place;
    disk_find(disk, path, &place);
    disk_add(disk, &place, inode);
    disk_sync_all(disk);
}

const Buffer *sys_memory_stream(const Sys *sys, int stream) {
    ASSERT(stream >= 1 && stream <= STREAM_COUNT);
    return &memory_of(sys)->streams[stream - 1];
}

void sys_memory_hold_clock(Sys *sys, int64_t us) {
    memory_of(sys)->clock_us = us;
    memory_of(sys)->is_clock_held = true;
}

void sys_memory_advance(Sys *sys, int64_t us) {
    memory_of(sys)->clock_us += us;
}

void sys_memory_on_wait(Sys *sys, SysHook hook, void *context) {
    memory_of(sys)->on_wait = hook;
    memory_of(sys)->wait_context = context;
}

void sys_memory_ignore_locks(Sys *sys) {
    memory_of(sys)->ignores_locks = true;
}

uint64_t sys_memory_operations(const Sys *sys) {
    return memory_of(sys)->operation_count;
}

void sys_memory_crash_after(Sys *sys, uint64_t count) {
    memory_of(sys)->crash_at = memory_of(sys)->operation_count + count + 1;
}

bool sys_memory_is_dead(const Sys *sys) {
    return memory_of(sys)->is_dead;
}

void sys_memory_fail_at(Sys *sys, uint64_t count, SysFault fault) {
    memory_of(sys)->fault = (FaultPlan){memory_of(sys)->operation_count + count, fault};
}

void sys_memory_fail_sync(Sys *sys, uint64_t count) {
    memory_of(sys)->sync_fault = (FaultPlan){memory_of(sys)->sync_count + count, SYS_FAULT_IO};
}

void sys_memory_be_busy(Sys *sys, uint64_t count) {
    memory_of(sys)->busy_count = count;
}

void sys_memory_hook(Sys *sys, uint64_t count, SysHook hook, void *context) {
    memory_of(sys)->hook = (HookPlan){memory_of(sys)->operation_count + count, hook, context};
}

Sys *sys_memory_crashed_disk(Sys *sys, uint64_t seed, SysCrash crash) {
    MemoryDisk *disk = disk_copy(disk_of(sys));
    if (crash != SYS_CRASH_KILL) {
        disk_lose(disk, seed, crash);
    }
    return process_new(disk, seed, memory_of(sys)->clock_us);
}

// --- dump ---------------------------------------------------------------------------------------

static void file_dump(const DiskInode *inode, const char *path, Buffer *out) {
    char hash[33];
    hash128_hex(hash128(inode->data.data, inode->data.length), hash);
    buffer_format(out, "%s %zu %s\n", path, inode->data.length, hash);
}

static int name_compare(const void *a, const void *b) {
    return strcmp(((const DiskName *)a)->name, ((const DiskName *)b)->name);
}

static void
directory_dump(const MemoryDisk *disk, Arena *arena, uint32_t at, const char *path, Buffer *out) {
    const DiskNames *names = &disk_inode(disk, at)->names;
    DiskName *sorted = arena_array(arena, DiskName, names->count + 1);
    if (names->count > 0) {
        memcpy(sorted, names->items, names->count * sizeof(DiskName));
        qsort(sorted, names->count, sizeof(DiskName), name_compare);
    }
    for (uint32_t i = 0; i < names->count; i++) {
        const DiskInode *inode = disk_inode(disk, sorted[i].inode);
        const char *below =
            arena_format(arena, "%s%s%s", path, path[0] == '\0' ? "" : "/", sorted[i].name);
        if (inode->is_directory) {
            directory_dump(disk, arena, sorted[i].inode, below, out);
        } else {
            file_dump(inode, below, out);
        }
    }
}

void sys_memory_dump(Sys *sys, Buffer *out) {
    Arena arena = {0};
    directory_dump(disk_of(sys), &arena, DISK_ROOT, "", out);
    arena_free(&arena);
}
