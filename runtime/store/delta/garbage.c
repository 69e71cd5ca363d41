// Files that a run has staged and not lived to decide about. Their names say which epoch of which
// checkpoint they are of, and whoever holds that checkpoint and is about to begin the same epoch
// knows that no version can have them.
#include "store/store.h"

#include <inttypes.h>

typedef struct Staged {
    Sys *sys;
    Arena arena;
    int64_t slot;
    int64_t incarnation;
    const char *checkpoint; // the last part of a writer's id
} Staged;

// part-<slot>-<incarnation>-<checkpoint>-…
static bool is_garbage(const Staged *staged, const char *name) {
    int64_t slot;
    int64_t incarnation;
    int length = 0;
    size_t checkpoint_length = strlen(staged->checkpoint);
    if (sscanf(name, "part-%" SCNd64 "-%" SCNd64 "-%n", &slot, &incarnation, &length) != 2 ||
        length == 0) {
        return false;
    }
    const char *rest = name + length;
    return slot >= staged->slot && incarnation < staged->incarnation &&
           strncmp(rest, staged->checkpoint, checkpoint_length) == 0 &&
           rest[checkpoint_length] == '-';
}

static Outcome directory_clean(Staged *staged, const char *directory, uint32_t depth) {
    SysEntry *entries;
    uint32_t count;
    TRY(sys_list(staged->sys, &staged->arena, directory, &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        const char *name = entries[i].name;
        const char *path = arena_format(&staged->arena, "%s/%s", directory, name);
        bool is_hidden = name[0] == '_' || name[0] == '.';
        if (is_garbage(staged, name)) {
            TRY(sys_unlink(staged->sys, path));
        } else if (entries[i].is_directory && !is_hidden && depth < GLOB_DEPTH_MAX) {
            TRY(directory_clean(staged, path, depth + 1));
        }
    }
    return OUTCOME_OK;
}

void delta_staged_remove(Sys *sys, const char *path, const char *writer_id) {
    Staged staged = {.sys = sys};
    int length = 0;
    SysStat stat;
    bool is_epoch =
        sscanf(
            writer_id, "%" SCNd64 "-%" SCNd64 "-%n", &staged.slot, &staged.incarnation, &length) ==
            2 &&
        length > 0;
    if (!is_epoch) {
        return;
    }
    staged.checkpoint = writer_id + length;
    Outcome outcome = sys_stat(sys, path, &stat);
    if (outcome == OUTCOME_OK && stat.exists) {
        outcome = directory_clean(&staged, path, 0);
    }
    if (outcome != OUTCOME_OK) {
        sys_forgive(sys); // garbage stays garbage
    }
    arena_free(&staged.arena);
}
