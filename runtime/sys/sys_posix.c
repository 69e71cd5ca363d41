// The real machine. Paths are opened below a root descriptor, so `--root` needs no string joining
// and survives a rename of the root. Interrupted and partial calls are continued here; nothing
// above knows of errno.
#include "sys/net_posix.h"
#include "sys/watch_posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DIRECTORY_MODE = 0750, FILE_MODE = 0640, US_PER_SECOND = 1000000 };

// After so many bytes the machine is told to begin with writing them to the disk.
enum { WRITE_OUT_BYTES = 4 * 1024 * 1024 };

struct SysFile {
    int descriptor;
    size_t unsent_bytes; // appended since the machine was told last
    char *path;          // for messages; lies behind the struct
};

typedef struct HeldLock {
    char *path;
    int descriptor;
    struct HeldLock *next;
} HeldLock;

typedef struct SysPosix {
    Sys sys; // first: a Sys * is a SysPosix *
    int root;
    HeldLock *locks;
    Arena arena; // of the lock list
    Watch watch;
} SysPosix;

static SysPosix *posix_of(Sys *sys) {
    return (SysPosix *)sys_origin(sys);
}

static int root_of(Sys *sys) {
    return posix_of(sys)->root;
}

static const char *path_or_root(const char *path) {
    return path[0] == '\0' ? "." : path;
}

// Too much of something in use, or a file server that does not answer. An I/O error is no such:
// what it has lost is lost.
static bool may_pass(int error) {
    static const int passing[] = {EMFILE,
                                  ENFILE,
                                  ENOMEM,
                                  EAGAIN,
                                  EBUSY,
                                  ENOSPC,
                                  EDQUOT,
                                  ESTALE,
                                  ETIMEDOUT,
                                  EHOSTDOWN,
                                  EHOSTUNREACH,
                                  ENETDOWN,
                                  ENETUNREACH};
    for (size_t i = 0; i < COUNT_OF(passing); i++) {
        if (passing[i] == error) {
            return true;
        }
    }
    return false;
}

// A server that did not answer may have made the file all the same; and then it is not new.
static bool may_have_happened(int error) {
    return error == ESTALE || error == ETIMEDOUT || error == EHOSTDOWN || error == EHOSTUNREACH ||
           error == ENETDOWN || error == ENETUNREACH;
}

static Outcome fail_errno(Sys *sys, const char *doing, const char *path) {
    sys->may_pass = may_pass(errno);
    return sys_fail(sys, OUTCOME_ENVIRONMENT, "%s %s: %s", doing, path, strerror(errno));
}

// --- files --------------------------------------------------------------------------------------

static Outcome descriptor_check(Sys *sys, int descriptor, const char *path) {
    struct stat stat;
    if (fstat(descriptor, &stat) != 0) {
        return fail_errno(sys, "cannot open", path);
    }
    if (!S_ISREG(stat.st_mode)) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot open %s: it is not a regular file", path);
    }
    return OUTCOME_OK;
}

// Without O_NONBLOCK a FIFO would hang in open, before it can be looked at and refused.
static int descriptor_open(Sys *sys, const char *path, SysOpen how) {
    int flags = how == SYS_READ ? O_RDONLY | O_NONBLOCK : O_RDWR | O_CREAT | O_EXCL;
    int descriptor;
    do {
        descriptor = openat(root_of(sys), path, flags | O_CLOEXEC | O_NOCTTY, FILE_MODE);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static SysFile *file_new(int descriptor, const char *path) {
    size_t length = strlen(path);
    SysFile *file = memory_alloc(sizeof(SysFile) + length + 1);
    file->descriptor = descriptor;
    file->unsent_bytes = 0;
    file->path = (char *)(file + 1);
    memcpy(file->path, path, length + 1);
    return file;
}

static Outcome posix_open(Sys *sys, const char *path, SysOpen how, SysFile **file) {
    int descriptor = descriptor_open(sys, path_or_root(path), how);
    if (descriptor < 0) {
        bool is_unsure = how == SYS_CREATE_NEW && may_have_happened(errno);
        Outcome failed = fail_errno(sys, how == SYS_READ ? "cannot open" : "cannot create", path);
        sys->may_pass &= !is_unsure;
        return failed;
    }
    Outcome outcome = descriptor_check(sys, descriptor, path);
    if (outcome != OUTCOME_OK) {
        sys->may_pass = false; // It is there now.
        close(descriptor);
        return outcome;
    }
    *file = file_new(descriptor, path);
    return OUTCOME_OK;
}

static Outcome
posix_read(Sys *sys, SysFile *file, int64_t offset, void *bytes, size_t length, size_t *got) {
    *got = 0;
    while (*got < length) {
        ssize_t count =
            pread(file->descriptor, (char *)bytes + *got, length - *got, offset + (int64_t)*got);
        if (count == 0) {
            break;
        }
        if (count < 0 && errno != EINTR) {
            return fail_errno(sys, "cannot read", file->path);
        }
        *got += count > 0 ? (size_t)count : 0;
    }
    return OUTCOME_OK;
}

// False with errno set; EINTR and partial writes are continued.
static bool descriptor_write(int descriptor, const void *bytes, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t count = write(descriptor, (const char *)bytes + done, length - done);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}

// The disk works while the rows to come are made, so that the fsync at the end finds little to do.
// What a disk that began has not been able to write may be told here and never again: such an error
// counts as much as that of an fsync. Only a machine that has no such call has lost nothing.
static bool write_out_begin(SysFile *file, size_t length) {
    file->unsent_bytes += length;
    if (file->unsent_bytes < WRITE_OUT_BYTES) {
        return true;
    }
    file->unsent_bytes = 0;
    return sync_file_range(file->descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) == 0 || errno == ENOSYS;
}

static Outcome posix_append(Sys *sys, SysFile *file, const void *bytes, size_t length) {
    if (!descriptor_write(file->descriptor, bytes, length)) {
        if (errno == EIO) {
            sys_poison(sys); // A full disk may have room again; a broken one is not trusted.
        }
        return fail_errno(sys, "cannot write", file->path);
    }
    if (!write_out_begin(file, length)) {
        sys_poison(sys);
        return fail_errno(sys, "cannot write out", file->path);
    }
    return OUTCOME_OK;
}

static int descriptor_sync(int descriptor) {
    int result;
    do {
        result = fsync(descriptor);
    } while (result != 0 && errno == EINTR);
    return result;
}

static Outcome posix_sync(Sys *sys, SysFile *file) {
    return descriptor_sync(file->descriptor) == 0 ? OUTCOME_OK
                                                  : fail_errno(sys, "cannot fsync", file->path);
}

// EINTR: the descriptor is closed all the same, and a retry could close another thread's.
static Outcome posix_close(Sys *sys, SysFile *file) {
    Outcome outcome = OUTCOME_OK;
    if (close(file->descriptor) != 0 && errno != EINTR) {
        outcome = fail_errno(sys, "cannot close", file->path);
    }
    memory_free(file);
    return outcome;
}

// --- names --------------------------------------------------------------------------------------

static int64_t modified_ms_of(const struct stat *stat) {
    return (int64_t)stat->st_mtim.tv_sec * 1000 + stat->st_mtim.tv_nsec / US_PER_SECOND;
}

static Outcome posix_stat(Sys *sys, const char *path, SysStat *result) {
    struct stat stat;
    *result = (SysStat){0};
    if (fstatat(root_of(sys), path_or_root(path), &stat, 0) != 0) {
        return errno == ENOENT || errno == ENOTDIR ? OUTCOME_OK
                                                   : fail_errno(sys, "cannot look at", path);
    }
    *result = (SysStat){
        .exists = true,
        .is_directory = S_ISDIR(stat.st_mode),
        .size_bytes = S_ISDIR(stat.st_mode) ? 0 : (int64_t)stat.st_size,
        .modified_ms = modified_ms_of(&stat),
    };
    return OUTCOME_OK;
}

static bool is_dot(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

typedef VEC(SysEntry) SysEntries;

// A name that disappears while the directory is read, or leads nowhere, is no entry.
static void entry_add(Arena *arena, DIR *directory, const char *name, SysEntries *entries) {
    struct stat stat;
    if (is_dot(name) || fstatat(dirfd(directory), name, &stat, 0) != 0) {
        return;
    }
    *vec_push(arena, entries) = (SysEntry){
        .name = arena_string(arena, name),
        .is_directory = S_ISDIR(stat.st_mode),
        .size_bytes = S_ISDIR(stat.st_mode) ? 0 : (int64_t)stat.st_size,
        .modified_ms = modified_ms_of(&stat),
    };
}

static Outcome
entries_read(Sys *sys, Arena *arena, DIR *directory, const char *path, SysEntries *entries) {
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            return errno == 0 ? OUTCOME_OK : fail_errno(sys, "cannot list", path);
        }
        entry_add(arena, directory, entry->d_name, entries);
    }
}

static int directory_open(Sys *sys, const char *path) {
    return openat(root_of(sys), path_or_root(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static Outcome
posix_list(Sys *sys, Arena *arena, const char *path, SysEntry **entries, uint32_t *count) {
    int descriptor = directory_open(sys, path);
    if (descriptor < 0) {
        return errno == ENOENT ? OUTCOME_OK : fail_errno(sys, "cannot list", path);
    }
    DIR *directory = fdopendir(descriptor);
    if (directory == NULL) {
        close(descriptor);
        return fail_errno(sys, "cannot list", path);
    }
    SysEntries found = {0};
    Outcome outcome = entries_read(sys, arena, directory, path, &found);
    closedir(directory);
    *entries = found.items;
    *count = found.count;
    return outcome;
}

static Outcome posix_make_directory(Sys *sys, const char *path) {
    if (mkdirat(root_of(sys), path, DIRECTORY_MODE) == 0) {
        return OUTCOME_OK;
    }
    struct stat stat;
    bool is_there = errno == EEXIST && fstatat(root_of(sys), path, &stat, 0) == 0;
    if (is_there && S_ISDIR(stat.st_mode)) {
        return OUTCOME_OK;
    }
    errno = is_there ? ENOTDIR : errno;
    return fail_errno(sys, "cannot make the directory", path);
}

static Outcome posix_sync_directory(Sys *sys, const char *path) {
    int descriptor = directory_open(sys, path);
    if (descriptor < 0) {
        return fail_errno(sys, "cannot fsync the directory", path);
    }
    Outcome outcome = OUTCOME_OK;
    if (descriptor_sync(descriptor) != 0) {
        sys_poison(sys); // A directory that cannot be opened is no reason: nothing was tried.
        outcome = fail_errno(sys, "cannot fsync the directory", path);
    }
    close(descriptor);
    return outcome;
}

// The answer of a link can be lost (network file systems); the count of links tells what happened.
static bool link_happened(Sys *sys, const char *from) {
    struct stat stat;
    return fstatat(root_of(sys), from, &stat, 0) == 0 && stat.st_nlink >= 2;
}

static Outcome posix_link(Sys *sys, const char *from, const char *to, SysLink *result) {
    *result = SYS_LINK_DONE;
    if (linkat(root_of(sys), from, root_of(sys), to, 0) == 0) {
        return OUTCOME_OK;
    }
    int error = errno;
    if (error == EEXIST || error == ENOENT) {
        *result = error == EEXIST ? SYS_LINK_EXISTS : SYS_LINK_NO_SOURCE;
        return OUTCOME_OK;
    }
    if (link_happened(sys, from)) {
        return OUTCOME_OK;
    }
    errno = error;
    return fail_errno(sys, "cannot link", to);
}

static Outcome posix_rename(Sys *sys, const char *from, const char *to) {
    return renameat(root_of(sys), from, root_of(sys), to) == 0
               ? OUTCOME_OK
               : fail_errno(sys, "cannot rename to", to);
}

static Outcome posix_rename_new(Sys *sys, const char *from, const char *to, SysLink *result) {
    *result = SYS_LINK_DONE;
    if (renameat2(root_of(sys), from, root_of(sys), to, RENAME_NOREPLACE) == 0) {
        return OUTCOME_OK;
    }
    if (errno == EEXIST || errno == ENOENT) {
        *result = errno == EEXIST ? SYS_LINK_EXISTS : SYS_LINK_NO_SOURCE;
        return OUTCOME_OK;
    }
    return fail_errno(sys, "cannot rename to", to);
}

static Outcome posix_unlink(Sys *sys, const char *path) {
    int result = unlinkat(root_of(sys), path, 0);
    if (result != 0 && errno == EISDIR) {
        result = unlinkat(root_of(sys), path, AT_REMOVEDIR);
    }
    return result == 0 || errno == ENOENT ? OUTCOME_OK : fail_errno(sys, "cannot remove", path);
}

// --- locks --------------------------------------------------------------------------------------

// Locks of the open file description: unlike the older ones they are not lost when some other part
// of the process closes the file.
static bool descriptor_lock(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

static void lock_remember(SysPosix *posix, const char *path, int descriptor) {
    HeldLock *held = arena_new(&posix->arena, HeldLock);
    held->path = arena_string(&posix->arena, path);
    held->descriptor = descriptor;
    held->next = posix->locks;
    posix->locks = held;
}

// For people who ask who holds it. The lock holds without it, so an error changes nothing.
static void holder_note(int descriptor) {
    char text[128];
    struct tm parts;
    time_t now = time(NULL);
    gmtime_r(&now, &parts);
    int length = snprintf(text,
                          sizeof(text),
                          "process %ld, since %04d-%02d-%02dT%02d:%02d:%02dZ\n",
                          (long)getpid(),
                          parts.tm_year + 1900,
                          parts.tm_mon + 1,
                          parts.tm_mday,
                          parts.tm_hour,
                          parts.tm_min,
                          parts.tm_sec);
    if (ftruncate(descriptor, 0) == 0) {
        ssize_t written = pwrite(descriptor, text, (size_t)length, 0);
        (void)written;
    }
}

static Outcome posix_lock(Sys *sys, const char *path, bool *got) {
    *got = false;
    int descriptor = openat(root_of(sys), path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (descriptor < 0) {
        return fail_errno(sys, "cannot open", path);
    }
    if (descriptor_lock(descriptor)) {
        *got = true;
        holder_note(descriptor);
        lock_remember(posix_of(sys), path, descriptor);
        return OUTCOME_OK;
    }
    bool is_busy = errno == EAGAIN || errno == EACCES;
    Outcome outcome = is_busy ? OUTCOME_OK : fail_errno(sys, "cannot lock", path);
    close(descriptor);
    return outcome;
}

static void posix_unlock(Sys *sys, const char *path) {
    SysPosix *posix = posix_of(sys);
    for (HeldLock **link = &posix->locks; *link != NULL; link = &(*link)->next) {
        if (strcmp((*link)->path, path) == 0) {
            close((*link)->descriptor);
            *link = (*link)->next;
            return;
        }
    }
}

// --- clock, random numbers, streams -------------------------------------------------------------

static int64_t clock_us(clockid_t clock) {
    struct timespec now;
    ASSERT(clock_gettime(clock, &now) == 0);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

static int64_t posix_wall_us(Sys *sys) {
    (void)sys;
    return clock_us(CLOCK_REALTIME);
}

static int64_t posix_monotonic_us(Sys *sys) {
    (void)sys;
    return clock_us(CLOCK_MONOTONIC);
}

static void posix_random(Sys *sys, void *bytes, size_t length) {
    (void)sys;
    size_t done = 0;
    while (done < length) {
        ssize_t count = getrandom((char *)bytes + done, length - done, 0);
        ASSERT(count > 0 || errno == EINTR);
        done += count > 0 ? (size_t)count : 0;
    }
}

static Outcome posix_write_stream(Sys *sys, int stream, const void *bytes, size_t length) {
    const char *name = stream == STDOUT_FILENO ? "standard output" : "standard error";
    return descriptor_write(stream, bytes, length) ? OUTCOME_OK
                                                   : fail_errno(sys, "cannot write to", name);
}

static Outcome posix_read_stream(Sys *sys, void *bytes, size_t length, size_t *got) {
    ssize_t count = read(STDIN_FILENO, bytes, length);
    while (count < 0 && errno == EINTR) {
        count = read(STDIN_FILENO, bytes, length);
    }
    *got = count > 0 ? (size_t)count : 0;
    return count >= 0 ? OUTCOME_OK : fail_errno(sys, "cannot read", "standard input");
}

static bool posix_is_terminal(Sys *sys, int stream) {
    (void)sys;
    return isatty(stream) == 1;
}

static const char *posix_environment(Sys *sys, const char *name) {
    (void)sys;
    return getenv(name);
}

// Those that this process may use, which may be fewer than the machine has.
static uint32_t posix_cores(Sys *sys) {
    (void)sys;
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : (uint32_t)count;
}

static bool posix_watch(Sys *sys, const char *directory) {
    return watch_add(&posix_of(sys)->watch, root_of(sys), directory);
}

static bool posix_wait(Sys *sys, int64_t timeout_us) {
    return watch_wait(&posix_of(sys)->watch, timeout_us);
}

static void posix_pause(Sys *sys, int64_t us) {
    struct timespec time = {.tv_sec = us / US_PER_SECOND, .tv_nsec = us % US_PER_SECOND * 1000};
    (void)sys;
    (void)!nanosleep(&time, NULL); // A signal ends it early.
}

static bool posix_has_arrived(Sys *sys, const char *path) {
    return watch_has(&posix_of(sys)->watch, path);
}

static void posix_arrivals_end(Sys *sys) {
    watch_forget(&posix_of(sys)->watch);
}

static const SysVtable posix_vtable = {
    .open = posix_open,
    .read = posix_read,
    .append = posix_append,
    .sync = posix_sync,
    .close = posix_close,
    .stat = posix_stat,
    .list = posix_list,
    .make_directory = posix_make_directory,
    .sync_directory = posix_sync_directory,
    .link = posix_link,
    .rename = posix_rename,
    .rename_new = posix_rename_new,
    .unlink = posix_unlink,
    .lock = posix_lock,
    .unlock = posix_unlock,
    .wall_us = posix_wall_us,
    .monotonic_us = posix_monotonic_us,
    .random = posix_random,
    .write_stream = posix_write_stream,
    .read_stream = posix_read_stream,
    .is_terminal = posix_is_terminal,
    .environment = posix_environment,
    .cores = posix_cores,
    .watch = posix_watch,
    .wait = posix_wait,
    .pause = posix_pause,
    .has_arrived = posix_has_arrived,
    .arrivals_end = posix_arrivals_end,
    .listen = net_listen,
};

// A reader of our output that goes away is an error of a write, not the end of the process: the
// epoch must be dropped in order.
static void pipe_signal_ignore(void) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, NULL);
}

Sys *sys_posix_new(const char *root) {
    pipe_signal_ignore();
    SysPosix *posix = memory_alloc(sizeof(SysPosix));
    *posix = (SysPosix){.sys = {.vtable = &posix_vtable}, .root = AT_FDCWD};
    if (root == NULL) {
        return &posix->sys;
    }
    posix->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (posix->root < 0) {
        (void)fail_errno(&posix->sys, "cannot open the root", root);
    }
    return &posix->sys;
}

void sys_posix_free(Sys *sys) {
    SysPosix *posix = (SysPosix *)sys;
    while (posix->locks != NULL) {
        posix_unlock(sys, posix->locks->path);
    }
    if (posix->root >= 0) {
        close(posix->root);
    }
    watch_free(&posix->watch);
    arena_free(&posix->arena);
    memory_free(posix);
}
