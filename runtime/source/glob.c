// The walk over directories that turns a glob into a sorted list of files. Names are compared as
// bytes, so the order does not depend on a locale.
#include "source/glob.h"

// --- matching ------------------------------------------------------------------------------------

// The set at p, which is behind its '['. Returns what is behind its ']', or NULL: it has none.
static const char *set_match(const char *p, char c, bool *is_in) {
    bool is_negated = *p == '!' || *p == '^';
    p += is_negated;
    bool is_found = false;
    for (bool is_first = true; *p != ']' || is_first; is_first = false) {
        if (*p == '\0') {
            return NULL;
        }
        unsigned char low = (unsigned char)*p++;
        bool is_range = p[0] == '-' && p[1] != ']' && p[1] != '\0';
        unsigned char high = is_range ? (unsigned char)p[1] : low;
        p += is_range ? 2 : 0;
        is_found |= (unsigned char)c >= low && (unsigned char)c <= high;
    }
    *is_in = is_found != is_negated;
    return p + 1;
}

// One character against the head of the pattern, which is no star. Returns the pattern behind it.
static const char *head_match(const char *pattern, char c) {
    if (*pattern == '?') {
        return pattern + 1;
    }
    if (*pattern == '[') {
        bool is_in;
        const char *behind = set_match(pattern + 1, c, &is_in);
        if (behind != NULL) {
            return is_in ? behind : NULL;
        }
    }
    if (*pattern == '\\' && pattern[1] != '\0') {
        pattern++;
    }
    return *pattern == c ? pattern + 1 : NULL;
}

// A star takes as little as it can, and one more each time the rest does not fit. Only the last
// star has to be tried again, so this is no worse than the product of the lengths.
bool glob_match(const char *pattern, const char *name) {
    const char *star = NULL;
    const char *star_name = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            star_name = name;
            continue;
        }
        const char *behind = *pattern == '\0' ? NULL : head_match(pattern, *name);
        if (behind != NULL) {
            pattern = behind;
            name++;
        } else if (star != NULL) {
            pattern = star;
            name = ++star_name;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

bool glob_has_wildcard(const char *glob) {
    return strpbrk(glob, "*?[") != NULL;
}

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

// What other programs are still writing, or keep for themselves.
static bool is_passed_over(const char *name) {
    return name[0] == '.' || name[0] == '_' || ends_with(name, ".tmp") || ends_with(name, ".part");
}

// --- the walk ------------------------------------------------------------------------------------

typedef struct Walk {
    Sys *sys;
    Arena *arena;
    SourceListing *listing;
    char *const *parts; // of the glob, between its slashes
    uint32_t part_count;
    uint32_t depth; // directories entered by **
} Walk;

static Outcome part_walk(Walk *walk, const char *base, uint32_t part);

// `base` is "", "/", or a path without a slash at its end.
static const char *path_join(Arena *arena, const char *base, const char *name) {
    bool needs_slash = base[0] != '\0' && strcmp(base, "/") != 0;
    return arena_format(arena, "%s%s%s", base, needs_slash ? "/" : "", name);
}

static void file_add(Walk *walk, const char *path, int64_t size_bytes, int64_t modified_ms) {
    *vec_push(walk->arena, &walk->listing->files) =
        (SourceEntry){.path = path, .size_bytes = size_bytes, .modified_ms = modified_ms};
}

static Outcome literal_walk(Walk *walk, const char *base, uint32_t part) {
    const char *path = path_join(walk->arena, base, walk->parts[part]);
    if (part + 1 < walk->part_count) {
        return part_walk(walk, path, part + 1);
    }
    *vec_push(walk->arena, &walk->listing->directories) = base;
    SysStat stat;
    TRY(sys_stat(walk->sys, path, &stat));
    if (stat.exists && !stat.is_directory) {
        file_add(walk, path, stat.size_bytes, stat.modified_ms);
    }
    return OUTCOME_OK;
}

static Outcome entries_list(Walk *walk, const char *base, SysEntry **entries, uint32_t *count) {
    *count = 0;
    SysStat stat;
    const char *path = base[0] == '\0' ? "." : base;
    TRY(sys_stat(walk->sys, path, &stat));
    if (!stat.is_directory) {
        return OUTCOME_OK;
    }
    *vec_push(walk->arena, &walk->listing->directories) = base;
    return sys_list(walk->sys, walk->arena, path, entries, count);
}

static Outcome wildcard_walk(Walk *walk, const char *base, uint32_t part) {
    SysEntry *entries;
    uint32_t count;
    bool is_last = part + 1 == walk->part_count;
    TRY(entries_list(walk, base, &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        const SysEntry *entry = &entries[i];
        if (is_passed_over(entry->name) || !glob_match(walk->parts[part], entry->name)) {
            continue;
        }
        const char *path = path_join(walk->arena, base, entry->name);
        if (!is_last && entry->is_directory) {
            TRY(part_walk(walk, path, part + 1));
        } else if (is_last && !entry->is_directory) {
            file_add(walk, path, entry->size_bytes, entry->modified_ms);
        }
    }
    return OUTCOME_OK;
}

// No directory, or one and all below it; the bound ends a walk through links that lead in a circle.
static Outcome deep_walk(Walk *walk, const char *base, uint32_t part) {
    TRY(part_walk(walk, base, part + 1));
    if (walk->depth == GLOB_DEPTH_MAX) {
        return OUTCOME_OK;
    }
    SysEntry *entries;
    uint32_t count;
    TRY(entries_list(walk, base, &entries, &count));
    walk->depth++;
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].is_directory && !is_passed_over(entries[i].name)) {
            TRY(deep_walk(walk, path_join(walk->arena, base, entries[i].name), part));
        }
    }
    walk->depth--;
    return OUTCOME_OK;
}

static Outcome part_walk(Walk *walk, const char *base, uint32_t part) {
    const char *text = walk->parts[part];
    if (strcmp(text, "**") == 0 && part + 1 < walk->part_count) {
        return deep_walk(walk, base, part);
    }
    return glob_has_wildcard(text) ? wildcard_walk(walk, base, part)
                                   : literal_walk(walk, base, part);
}

// --- the list ------------------------------------------------------------------------------------

typedef VEC(char *) GlobParts;

// The parts between the slashes; "." and nothing are none.
static void parts_split(Arena *arena, const char *glob, GlobParts *parts) {
    while (*glob != '\0') {
        size_t length = strcspn(glob, "/");
        bool is_part = length > 0 && !(length == 1 && glob[0] == '.');
        if (is_part) {
            *vec_push(arena, parts) = arena_copy(arena, glob, length);
        }
        glob += length + (glob[length] == '/');
    }
}

static int file_compare(const void *a, const void *b) {
    return strcmp(((const SourceEntry *)a)->path, ((const SourceEntry *)b)->path);
}

// Two ** can find a file in two ways.
static void duplicates_drop(SourceEntries *files) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < files->count; i++) {
        if (kept == 0 || strcmp(files->items[kept - 1].path, files->items[i].path) != 0) {
            files->items[kept++] = files->items[i];
        }
    }
    files->count = kept;
}

Outcome glob_expand(Sys *sys, Arena *arena, const char *glob, SourceListing *listing) {
    GlobParts parts = {0};
    SourceEntries *files = &listing->files;
    parts_split(arena, glob, &parts);
    *listing = (SourceListing){0};
    if (parts.count == 0) {
        return OUTCOME_OK;
    }
    Walk walk = {
        .sys = sys,
        .arena = arena,
        .listing = listing,
        .parts = parts.items,
        .part_count = parts.count,
    };
    TRY(part_walk(&walk, glob[0] == '/' ? "/" : "", 0));
    if (files->count > 1) {
        qsort(files->items, files->count, sizeof(SourceEntry), file_compare);
    }
    duplicates_drop(files);
    return OUTCOME_OK;
}
