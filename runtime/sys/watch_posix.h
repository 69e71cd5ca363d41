// Directories that are watched for files that appear: inotify. Inside of sys.
#ifndef FLOW_SYS_WATCH_POSIX_H
#define FLOW_SYS_WATCH_POSIX_H

#include "sys/sys.h"

typedef struct WatchedDirectory {
    int number;
    char *path; // from memory_alloc
} WatchedDirectory;

// Zero-initialised ones are ready. Watching is a help to be quick, never what a result depends on:
// what goes wrong here is not told, and who waits looks again after a while anyway.
typedef struct Watch {
    int descriptor; // of inotify, as its number + 1; 0: none yet
    Arena arena;    // of the lists
    VEC(WatchedDirectory) directories;
    VEC(char *) arrived; // paths of files that were renamed in, from memory_alloc
    bool is_sorted;      // `arrived` is
} Watch;

// True if the directory was not watched before.
bool watch_add(Watch *watch, int root, const char *directory);
// Until something appears in a watched directory (true), a signal comes, or the time is over.
bool watch_wait(Watch *watch, int64_t timeout_us);
// Was this file renamed into a watched directory?
bool watch_has(Watch *watch, const char *path);
void watch_forget(Watch *watch); // the files that were
void watch_free(Watch *watch);

#endif
