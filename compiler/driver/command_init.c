// `flowc init DIR`: a project that runs: program, records, tests, a README and a CI workflow.
#include "driver/driver_internal.h"

typedef struct ProjectFile {
    const char *path; // below the folder
    const char *text;
} ProjectFile;

static const ProjectFile project_files[] = {
#define PROJECT_FILE(path, text) {path, text},
#include "driver/project.h"
#undef PROJECT_FILE
};

// A repository that was just made is empty all the same.
static bool is_empty(const SysEntry *entries, uint32_t count) {
    return count == 0 || (count == 1 && str_equal(entries[0].name, ".git"));
}

static Outcome folder_check(Sys *sys, const char *folder) {
    Arena arena = {0};
    SysEntry *entries = NULL;
    uint32_t count = 0;
    SysStat stat = {0};
    Outcome outcome = sys_stat(sys, folder, &stat);
    if (outcome == OUTCOME_OK && stat.exists && !stat.is_directory) {
        outcome = sys_fail(sys, OUTCOME_REFUSED, "%s is a file, not a folder", folder);
    } else if (outcome == OUTCOME_OK && stat.exists) {
        outcome = sys_list(sys, &arena, folder, &entries, &count);
    }
    if (outcome == OUTCOME_OK && !is_empty(entries, count)) {
        outcome = sys_fail(sys,
                           OUTCOME_REFUSED,
                           "%s is not empty: it has %s; a new project needs a folder of its own",
                           folder,
                           entries[0].name);
    }
    arena_free(&arena);
    return outcome;
}

static Outcome file_write(Sys *sys, Arena *arena, const char *folder, const ProjectFile *file) {
    const char *path = arena_format(arena, "%s/%s", folder, file->path);
    const char *parent = arena_copy(arena, path, (size_t)(strrchr(path, '/') - path));
    TRY(sys_make_directories(sys, parent));
    return sys_write_new(sys, path, file->text, strlen(file->text));
}

// Half a project would be in the way of the next try.
static void files_remove(Sys *sys, Arena *arena, const char *folder, size_t count) {
    for (size_t i = 0; i < count; i++) {
        // The write that failed is what counts, and is reported.
        (void)!sys_unlink(sys, arena_format(arena, "%s/%s", folder, project_files[i].path));
    }
}

static Outcome project_write(Sys *sys, const char *folder) {
    Arena arena = {0};
    Outcome outcome = OUTCOME_OK;
    for (size_t i = 0; i < COUNT_OF(project_files) && outcome == OUTCOME_OK; i++) {
        outcome = file_write(sys, &arena, folder, &project_files[i]);
        if (outcome != OUTCOME_OK) {
            files_remove(sys, &arena, folder, i);
        }
    }
    arena_free(&arena);
    return outcome;
}

static void next_print(const Options *options, const char *folder) {
    Buffer out = {0};
    for (size_t i = 0; i < COUNT_OF(project_files); i++) {
        buffer_format(&out, "%s/%s\n", folder, project_files[i].path);
    }
    print(options, 1, &out);
    buffer_clear(&out);
    buffer_format(
        &out, "next: cd %s; flowc test orders.flow; flowc run orders.flow --summary\n", folder);
    print(options, 2, &out);
    buffer_free(&out);
}

int command_init(const Options *options) {
    if (options->files.count != 1) {
        return usage_error(options, "flowc init takes one DIR, the folder of the new project");
    }
    const char *folder = options->files.items[0];
    Sys *sys = sys_posix_new(NULL);
    Outcome outcome = folder_check(sys, folder);
    outcome = outcome == OUTCOME_OK ? project_write(sys, folder) : outcome;
    if (outcome == OUTCOME_OK) {
        next_print(options, folder);
    } else {
        usage_error(options, "%s", sys->failure.text);
    }
    sys_posix_free(sys);
    return (int)outcome;
}
