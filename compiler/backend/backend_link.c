// Object bytes to an executable, by the system's compiler driver. The libraries are named as
// archives, so that the executable needs libc and libm and nothing else of the machine it was made
// on.
#include "backend/backend_internal.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ARGUMENTS_MAX = 64, PATH_BYTES_MAX = 4096 };

#ifndef FLOW_LINK_SANITIZE
#define FLOW_LINK_SANITIZE NULL // room.cmake: the library was built with a sanitizer
#endif

static const char *const libraries[] = {
    "-l:libzstd.a",
    "-l:libz.a",
    "-l:libxxhash.a",
    "-l:libjansson.a",
    "-l:libpcre2-8.a",
    "-l:libutf8proc.a",
    "-l:libnettle.a",
    "-l:libbrotlidec.a",
    "-l:libbrotlicommon.a",
    "-lm",
    "-lpthread",
};

const char *backend_program_path(Arena *arena) {
    char path[PATH_BYTES_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
    bool is_whole = length > 0 && (size_t)length < sizeof(path);
    return is_whole ? arena_copy(arena, path, (size_t)length) : NULL;
}

// --- where the runtime's archive is -----------------------------------------------------------
static bool file_exists(Sys *disk, const char *path) {
    SysStat stat = {0};
    return sys_stat(disk, path, &stat) == OUTCOME_OK && stat.exists;
}

static Outcome runtime_find(Sys *sys, Sys *disk, Arena *arena, const char **path) {
    static const char *const places[] = {"../lib", "lib", "."};
    const char *program = backend_program_path(arena);
    if (program == NULL) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot find out where flowc is");
    }
    int directory = (int)(strrchr(program, '/') - program);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        *path = arena_format(arena, "%.*s/%s/libflowrt.a", directory, program, places[i]);
        if (file_exists(disk, *path)) {
            return OUTCOME_OK;
        }
    }
    return sys_fail(sys,
                    OUTCOME_ENVIRONMENT,
                    "cannot find libflowrt.a beside %s (looked in ../lib and lib)",
                    program);
}

static const char *linker_of(Sys *sys, const BackendLink *link) {
    const char *named = link->linker != NULL ? link->linker : sys_environment(sys, "CC");
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    return FLOW_LINK_SANITIZE != NULL ? "clang-19" : "cc";
}

// --- the call ---------------------------------------------------------------------------------
typedef struct Command {
    const char *items[ARGUMENTS_MAX];
    uint32_t count;
} Command;

static void argument_add(Command *command, const char *argument) {
    ASSERT(command->count + 1 < ARGUMENTS_MAX);
    command->items[command->count++] = argument;
}

static Command command_of(const char *linker, const BackendLink *link, const char *object) {
    Command command = {0};
    argument_add(&command, linker);
    argument_add(&command, "-o");
    argument_add(&command, link->output);
    argument_add(&command, object);
    argument_add(&command, link->runtime);
    for (size_t i = 0; i < COUNT_OF(libraries); i++) {
        argument_add(&command, libraries[i]);
    }
    argument_add(&command, "-Wl,--gc-sections");
    argument_add(&command, "-Wl,--as-needed");
    if (link->strip) {
        argument_add(&command, "-s");
    }
    if (FLOW_LINK_SANITIZE != NULL) {
        argument_add(&command, FLOW_LINK_SANITIZE);
    }
    return command;
}

static Outcome command_run(Sys *sys, const Command *command) {
    pid_t process = 0;
    int error =
        posix_spawnp(&process, command->items[0], NULL, NULL, (char **)command->items, environ);
    if (error != 0) {
        return sys_fail(sys,
                        OUTCOME_ENVIRONMENT,
                        "cannot run the linker %s: %s",
                        command->items[0],
                        strerror(error));
    }
    int status = 0;
    if (waitpid(process, &status, 0) != process || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "the linker %s failed", command->items[0]);
    }
    return OUTCOME_OK;
}

static Outcome
link_with(Sys *sys, Sys *disk, Arena *arena, const Buffer *object, const BackendLink *link) {
    const char *path = arena_format(arena, "%s.%ld.o", link->output, (long)getpid());
    if (sys_write_new(disk, path, object->data, object->length) != OUTCOME_OK) {
        return sys_fail(sys, disk->failure.outcome, "%s", disk->failure.text);
    }
    Command command = command_of(linker_of(sys, link), link, path);
    Outcome outcome = command_run(sys, &command);
    Outcome removed = sys_unlink(disk, path);
    (void)removed; // a file left behind does no harm
    return outcome;
}

Outcome backend_link(Sys *sys, const Buffer *object, const BackendLink *link) {
    Sys *disk = sys_posix_new(NULL); // the linker's idea of paths, whatever the root of `sys`
    Arena arena = {0};
    BackendLink found = *link;
    Outcome outcome = OUTCOME_OK;
    if (found.runtime == NULL) {
        outcome = runtime_find(sys, disk, &arena, &found.runtime);
    }
    if (outcome == OUTCOME_OK) {
        outcome = link_with(sys, disk, &arena, object, &found);
    }
    arena_free(&arena);
    sys_posix_free(disk);
    return outcome;
}
