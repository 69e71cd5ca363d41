// inotify: a file that is renamed into a directory is there as a whole; one that is written in
// place only wakes whoever waits.
#include "sys/watch_posix.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { EVENTS_BYTES = 64 * (sizeof(struct inotify_event) + NAME_MAX + 1), ARRIVED_MAX = 65536 };

static int descriptor_of(const Watch *watch) {
    return watch->descriptor - 1;
}

static char *text_keep(const char *text) {
    size_t bytes = strlen(text) + 1;
    char *kept = memory_alloc(bytes);
    memcpy(kept, text, bytes);
    return kept;
}

// --- directories --------------------------------------------------------------------------------

static bool is_watched(const Watch *watch, const char *directory) {
    for (uint32_t i = 0; i < watch->directories.count; i++) {
        if (strcmp(watch->directories.items[i].path, directory) == 0) {
            return true;
        }
    }
    return false;
}

// Below the root, without a path that would have to be joined.
static int watch_number(const Watch *watch, int root, const char *directory) {
    int opened =
        openat(root, directory[0] == '\0' ? "." : directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) {
        return -1;
    }
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", opened);
    int number =
        inotify_add_watch(descriptor_of(watch),
                          path,
                          IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_MOVE_SELF | IN_ONLYDIR);
    close(opened);
    return number;
}

bool watch_add(Watch *watch, int root, const char *directory) {
    if (is_watched(watch, directory)) {
        return false;
    }
    if (watch->descriptor == 0) {
        watch->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) + 1;
    }
    int number = watch->descriptor == 0 ? -1 : watch_number(watch, root, directory);
    if (number >= 0) {
        *vec_push(&watch->arena, &watch->directories) =
            (WatchedDirectory){number, text_keep(directory)};
    }
    return number >= 0;
}

static uint32_t directory_find(const Watch *watch, int number) {
    uint32_t at = 0;
    while (at < watch->directories.count && watch->directories.items[at].number != number) {
        at++;
    }
    return at;
}

// Under this path it is there no more; another may come in its place, and is watched anew.
static void directory_drop(Watch *watch, uint32_t at) {
    memory_free(watch->directories.items[at].path);
    watch->directories.items[at] = watch->directories.items[--watch->directories.count];
}

// --- events -------------------------------------------------------------------------------------

static void arrived_add(Watch *watch, const char *directory, const char *name) {
    bool needs_slash = directory[0] != '\0' && strcmp(directory, "/") != 0;
    size_t length = strlen(directory) + strlen(name) + 2;
    char *path = memory_alloc(length);
    snprintf(path, length, "%s%s%s", directory, needs_slash ? "/" : "", name);
    *vec_push(&watch->arena, &watch->arrived) = path;
    watch->is_sorted = false;
}

static void event_take(Watch *watch, const struct inotify_event *event) {
    uint32_t at = directory_find(watch, event->wd);
    if (at == watch->directories.count) {
        return;
    }
    if ((event->mask & IN_MOVE_SELF) != 0) {
        inotify_rm_watch(descriptor_of(watch), event->wd);
    }
    if ((event->mask & (IN_IGNORED | IN_MOVE_SELF)) != 0) {
        directory_drop(watch, at);
    } else if ((event->mask & IN_MOVED_TO) != 0 && watch->arrived.count < ARRIVED_MAX) {
        arrived_add(watch, watch->directories.items[at].path, event->name);
    }
}

static void events_take(Watch *watch) {
    _Alignas(struct inotify_event) char bytes[EVENTS_BYTES];
    ssize_t length = read(descriptor_of(watch), bytes, sizeof(bytes));
    while (length > 0) {
        for (ssize_t at = 0; at < length;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)(bytes + at);
            event_take(watch, event);
            at += (ssize_t)(sizeof(*event) + event->len);
        }
        length = read(descriptor_of(watch), bytes, sizeof(bytes));
    }
}

bool watch_wait(Watch *watch, int64_t timeout_us) {
    struct pollfd waited = {.fd = descriptor_of(watch), .events = POLLIN};
    struct timespec timeout = {
        .tv_sec = timeout_us / 1000000,
        .tv_nsec = timeout_us % 1000000 * 1000,
    };
    // A signal ends it as well; who waits asks for it.
    int ready = ppoll(&waited, watch->descriptor == 0 ? 0 : 1, &timeout, NULL);
    if (ready > 0) {
        events_take(watch);
    }
    return ready > 0;
}

// --- files that were renamed in -----------------------------------------------------------------

static int path_compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool watch_has(Watch *watch, const char *path) {
    if (watch->arrived.count == 0) {
        return false;
    }
    if (!watch->is_sorted) {
        qsort(watch->arrived.items, watch->arrived.count, sizeof(char *), path_compare);
        watch->is_sorted = true;
    }
    return bsearch(
               &path, watch->arrived.items, watch->arrived.count, sizeof(char *), path_compare) !=
           NULL;
}

void watch_forget(Watch *watch) {
    for (uint32_t i = 0; i < watch->arrived.count; i++) {
        memory_free(watch->arrived.items[i]);
    }
    watch->arrived.count = 0;
}

void watch_free(Watch *watch) {
    watch_forget(watch);
    while (watch->directories.count > 0) {
        directory_drop(watch, watch->directories.count - 1);
    }
    if (watch->descriptor != 0) {
        close(descriptor_of(watch));
    }
    arena_free(&watch->arena);
}
