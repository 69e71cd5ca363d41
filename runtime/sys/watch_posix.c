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
    int number = inotify_add_watch(
        descriptor_of(watch), path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_ONLYDIR);
    close(opened);
    return number;
}

void watch_add(Watch *watch, int root, const char *directory) {
    if (is_watched(watch, directory)) {
        return;
    }
    if (watch->descriptor == 0) {
        watch->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) + 1;
    }
    int number = watch->descriptor == 0 ? -1 : watch_number(watch, root, directory);
    if (number >= 0) {
        *vec_push(&watch->arena, &watch->directories) =
            (WatchedDirectory){number, arena_string(&watch->arena, directory)};
    }
}

static const char *directory_of(const Watch *watch, int number) {
    for (uint32_t i = 0; i < watch->directories.count; i++) {
        if (watch->directories.items[i].number == number) {
            return watch->directories.items[i].path;
        }
    }
    return NULL;
}

static void event_take(Watch *watch, const struct inotify_event *event) {
    const char *directory = directory_of(watch, event->wd);
    if ((event->mask & IN_MOVED_TO) == 0 || directory == NULL ||
        watch->arrived.count == ARRIVED_MAX) {
        return;
    }
    bool needs_slash = directory[0] != '\0' && strcmp(directory, "/") != 0;
    const char *slash = needs_slash ? "/" : "";
    size_t length = strlen(directory) + strlen(event->name) + 2;
    char *path = memory_alloc(length);
    snprintf(path, length, "%s%s%s", directory, slash, event->name);
    *vec_push(&watch->arena, &watch->arrived) = path;
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

bool watch_take(Watch *watch, const char *path) {
    for (uint32_t i = 0; i < watch->arrived.count; i++) {
        if (strcmp(watch->arrived.items[i], path) == 0) {
            memory_free(watch->arrived.items[i]);
            watch->arrived.items[i] = watch->arrived.items[--watch->arrived.count];
            return true;
        }
    }
    return false;
}

void watch_free(Watch *watch) {
    for (uint32_t i = 0; i < watch->arrived.count; i++) {
        memory_free(watch->arrived.items[i]);
    }
    if (watch->descriptor != 0) {
        close(descriptor_of(watch));
    }
    arena_free(&watch->arena);
}
