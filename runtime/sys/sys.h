// sys: the only door to the operating system: files, directories, clock, random numbers.
//
// Includes base. A Sys is a table of functions and its own state: sys_posix is the real machine,
// sys_memory (sys/sys_memory.h) an in-memory disk with a virtual clock that can crash. Paths are
// relative to the Sys's root (`--root`) unless absolute; a path's components are joined by '/'.
// Every function returns an Outcome; the reason is in `sys->failure`. Nothing below retries an
// fsync: after an error of fsync or close (or an I/O error of a write) the Sys is poisoned: every
// later call that would change something fails. One thread at a time may use a Sys; another thread
// gets a handle of its own from sys_share, with which it may use the files that others opened
// (one thread at a time a file, but for sys_read). Who opens a file closes it.
#ifndef FLOW_SYS_H
#define FLOW_SYS_H

#include "base/base.h"

typedef struct Sys Sys;
typedef struct SysFile SysFile; // an open file
typedef struct SysListener SysListener;

typedef enum SysOpen {
    SYS_READ,       // must exist
    SYS_CREATE_NEW, // must not exist; parents must
} SysOpen;

typedef enum SysLink { SYS_LINK_DONE, SYS_LINK_EXISTS, SYS_LINK_NO_SOURCE } SysLink;

typedef struct SysStat {
    bool exists;
    bool is_directory;
    int64_t size_bytes;
    int64_t modified_ms;
} SysStat;

typedef struct SysEntry {
    const char *name;
    bool is_directory;
    int64_t size_bytes; // 0 for directories
    int64_t modified_ms;
} SysEntry;

typedef struct SysVtable {
    Outcome (*open)(Sys *sys, const char *path, SysOpen how, SysFile **file);
    Outcome (*read)(
        Sys *sys, SysFile *file, int64_t offset, void *bytes, size_t length, size_t *got);
    Outcome (*append)(Sys *sys, SysFile *file, const void *bytes, size_t length);
    Outcome (*sync)(Sys *sys, SysFile *file);
    Outcome (*close)(Sys *sys, SysFile *file);
    Outcome (*stat)(Sys *sys, const char *path, SysStat *stat);
    Outcome (*list)(Sys *sys, Arena *arena, const char *path, SysEntry **entries, uint32_t *count);
    Outcome (*make_directory)(Sys *sys, const char *path); // fine if it exists
    Outcome (*sync_directory)(Sys *sys, const char *path);
    Outcome (*link)(Sys *sys, const char *from, const char *to, SysLink *result);
    Outcome (*rename)(Sys *sys, const char *from, const char *to); // replaces
    Outcome (*rename_new)(Sys *sys,
                          const char *from,
                          const char *to,
                          SysLink *result);        // never replaces
    Outcome (*unlink)(Sys *sys, const char *path); // fine if absent
    // Exclusive, until unlock or the end. The file may say who holds it, for people.
    Outcome (*lock)(Sys *sys, const char *path, bool *got);
    void (*unlock)(Sys *sys, const char *path);
    int64_t (*wall_us)(Sys *sys);
    int64_t (*monotonic_us)(Sys *sys);
    void (*random)(Sys *sys, void *bytes, size_t length); // for unique names only, never for data
    Outcome (*write_stream)(Sys *sys,
                            int stream,
                            const void *bytes,
                            size_t length);                                    // 1 stdout, 2 stderr
    Outcome (*read_stream)(Sys *sys, void *bytes, size_t length, size_t *got); // standard input
    bool (*is_terminal)(Sys *sys, int stream);
    const char *(*environment)(Sys *sys, const char *name); // NULL if unset
    uint32_t (*cores)(Sys *sys);
    bool (*watch)(Sys *sys, const char *directory);
    bool (*wait)(Sys *sys, int64_t timeout_us);
    void (*pause)(Sys *sys, int64_t us);
    bool (*has_arrived)(Sys *sys, const char *path);
    void (*arrivals_end)(Sys *sys);
    Outcome (*listen)(Sys *sys, const char *address, SysListener **listener);
} SysVtable;

// How often what may pass by itself is tried again, and how long is waited in between. It is
// reading that is tried again (opening, listing, looking at files) and the making of new files:
// what a call that failed cannot have done by half. Nothing that writes, links, renames or syncs
// is.
typedef struct SysRetry {
    int64_t times;         // after the first
    int64_t backoff_us;    // before the first of them; twice as long before each other
    int64_t max_us;        // but no longer than this
    int64_t jitter;        // of SYS_JITTER_WHOLE: the part by which a wait is longer or shorter
    bool (*is_over)(void); // asked while it waits: nobody wants to wait any more; or NULL
} SysRetry;
#define SYS_JITTER_WHOLE INT64_C(1000000000)

struct Sys {
    const SysVtable *vtable;
    Failure failure;
    bool may_pass;    // the machine has just refused something that it may do a little later
    SysRetry retry;   // of an origin
    Sys *origin;      // whose handle this is; NULL: it is the machine itself
    void *serial;     // of an origin: the lock of a machine that takes one call at a time, or NULL
    bool is_poisoned; // of an origin; ask sys_is_poisoned
};

// A handle for another thread: the same machine, locks and poison, but a failure of its own. Freed
// before its origin.
Sys *sys_share(Sys *sys);
void sys_share_free(Sys *share);
static inline Sys *sys_origin(Sys *sys) {
    return sys->origin == NULL ? sys : sys->origin;
}
// From now on, for all handles of the machine. At first nothing is tried again.
void sys_retry_set(Sys *sys, const SysRetry *retry);
bool sys_is_poisoned(Sys *sys);
void sys_poison(Sys *sys);

// The real machine, rooted at `root` (NULL: the working directory). If the root cannot be opened,
// `failure` says so and every call on a relative path fails.
Sys *sys_posix_new(const char *root);
void sys_posix_free(Sys *sys);

// Regular files only: a FIFO, device or directory is an error.
NODISCARD Outcome sys_open(Sys *sys, const char *path, SysOpen how, SysFile **file);
// Fewer than `length` bytes mean the end of the file.
NODISCARD Outcome
sys_read(Sys *sys, SysFile *file, int64_t offset, void *bytes, size_t length, size_t *got);
NODISCARD Outcome sys_append(Sys *sys, SysFile *file, const void *bytes, size_t length);
NODISCARD Outcome sys_sync(Sys *sys, SysFile *file);
NODISCARD Outcome sys_close(Sys *sys, SysFile *file);
NODISCARD Outcome sys_stat(Sys *sys, const char *path, SysStat *stat);
// Entries sorted by the bytes of their names, without "." and "..". No such directory: count 0.
NODISCARD Outcome
sys_list(Sys *sys, Arena *arena, const char *path, SysEntry **entries, uint32_t *count);
NODISCARD Outcome sys_make_directory(Sys *sys, const char *path);
NODISCARD Outcome sys_sync_directory(Sys *sys, const char *path);
NODISCARD Outcome sys_link(Sys *sys, const char *from, const char *to, SysLink *result);
NODISCARD Outcome sys_rename(Sys *sys, const char *from, const char *to);
NODISCARD Outcome sys_rename_new(Sys *sys, const char *from, const char *to, SysLink *result);
NODISCARD Outcome sys_unlink(Sys *sys, const char *path); // a directory must be empty
NODISCARD Outcome sys_lock(Sys *sys, const char *path, bool *got);
void sys_unlock(Sys *sys, const char *path); // fine if not held
int64_t sys_wall_us(Sys *sys);
int64_t sys_monotonic_us(Sys *sys);
void sys_random(Sys *sys, void *bytes, size_t length);
NODISCARD Outcome sys_write_stream(Sys *sys, int stream, const void *bytes, size_t length);
// Standard input; *got == 0 is its end.
NODISCARD Outcome sys_read_stream(Sys *sys, void *bytes, size_t length, size_t *got);
bool sys_is_terminal(Sys *sys, int stream);
const char *sys_environment(Sys *sys, const char *name);
uint32_t sys_cores(Sys *sys); // how many threads can run at once

// --- waiting for files; one thread only ----------------------------------------------------------
// From now on files that appear in the directory wake who waits. Watching only makes a run quicker:
// nothing fails if it is not possible, and nobody may rely on it. True: it was not watched before,
// so what has just been seen in it may be out of date.
bool sys_watch(Sys *sys, const char *directory);
// Returns when a file appears in a watched directory (true), a signal comes, or the time is over.
bool sys_wait(Sys *sys, int64_t timeout_us);
// Was this file renamed into a watched directory, so that all of it is there?
bool sys_has_arrived(Sys *sys, const char *path);
void sys_arrivals_end(Sys *sys); // nobody asks any more for those of which sys_wait has heard

// --- who asks over the network -------------------------------------------------------------------
// "127.0.0.1:9090", "[::1]:9090"; a port alone is at loopback, port 0 is any that is free.
bool sys_is_address(const char *text);
// In use already and the like: ENVIRONMENT. *listener is NULL on a machine that has no network.
NODISCARD Outcome sys_listen(Sys *sys, const char *address, SysListener **listener);
uint16_t sys_listener_port(const SysListener *listener);
void sys_listener_stop(SysListener *listener); // by any thread: nobody is accepted any more
void sys_listener_free(SysListener *listener);
typedef struct SysCaller {
    int descriptor;
} SysCaller;
// Waits for the next one who asks. False: it was stopped.
bool sys_accept(SysListener *listener, SysCaller *caller);
// As many bytes as come or go at once; 0: the time is over, or the caller has gone.
size_t sys_receive(SysCaller caller, void *bytes, size_t length, int64_t timeout_us);
size_t sys_send(SysCaller caller, const void *bytes, size_t length, int64_t timeout_us);
void sys_hang_up(SysCaller caller);

// Built on the table above.
// Makes a directory and its missing parents. Afterwards all of their names are durable, also those
// that a run which died had made.
NODISCARD Outcome sys_make_directories(Sys *sys, const char *path);
// The whole of a file, NUL appended (not counted), at most `max_bytes`.
NODISCARD Outcome sys_read_all(
    Sys *sys, Arena *arena, const char *path, size_t max_bytes, char **bytes, size_t *length);
// A new file with these bytes, fsynced and closed; its directory is not synced.
NODISCARD Outcome sys_write_new(Sys *sys, const char *path, const void *bytes, size_t length);
void sys_uuid(Sys *sys, char text[37]); // random (version 4), lower case
// Forgets a failure that the caller can live with, so that a later one is reported.
void sys_forgive(Sys *sys);
// Remembers why (the first reason stays) and returns `outcome`.
Outcome sys_fail(Sys *sys, Outcome outcome, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
