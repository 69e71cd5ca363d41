// One directory listing tells what a table has; a name that is almost right is somebody else's.
#include "store/delta/listing.h"

#include "store/delta/json.h"
#include "store/delta/path.h"

enum { PART_DIGITS = 10 };

static bool part_read(const char *name, int64_t *value) {
    return strnlen(name, PART_DIGITS) == PART_DIGITS &&
           delta_integer_parse(name, PART_DIGITS, value) && *value >= 0;
}

// `.checkpoint.<part>.<parts>.parquet`
static bool part_name(const char *suffix, int64_t *parts) {
    static const char prefix[] = ".checkpoint.";
    int64_t part;
    if (strncmp(suffix, prefix, sizeof(prefix) - 1) != 0) {
        return false;
    }
    suffix += sizeof(prefix) - 1;
    return part_read(suffix, &part) && suffix[PART_DIGITS] == '.' &&
           part_read(suffix + PART_DIGITS + 1, parts) && part >= 1 && part <= *parts &&
           strcmp(suffix + 2 * PART_DIGITS + 1, ".parquet") == 0;
}

// Names come sorted, so the parts of a checkpoint stand together.
static void part_count(Arena *arena, DeltaListing *listing, int64_t version, int64_t parts) {
    DeltaCheckpointName *last = listing->checkpoints.count == 0
                                    ? NULL
                                    : &listing->checkpoints.items[listing->checkpoints.count - 1];
    if (last != NULL && last->version == version && last->parts == parts) {
        last->found++;
        return;
    }
    *vec_push(arena, &listing->checkpoints) =
        (DeltaCheckpointName){.version = version, .parts = parts, .found = 1};
}

static void
checkpoint_take(Arena *arena, DeltaListing *listing, const SysEntry *entry, int64_t version) {
    const char *suffix = entry->name + DELTA_VERSION_DIGITS;
    int64_t parts;
    if (entry->size_bytes == 0 || strncmp(suffix, ".checkpoint.", 12) != 0) {
        return;
    }
    if (strcmp(suffix, ".checkpoint.parquet") == 0) {
        *vec_push(arena, &listing->checkpoints) = (DeltaCheckpointName){.version = version};
    } else if (part_name(suffix, &parts)) {
        part_count(arena, listing, version, parts);
    } else {
        listing->has_other_checkpoints = true;
    }
}

static void entry_take(Arena *arena, DeltaListing *listing, const SysEntry *entry) {
    int64_t version;
    if (entry->is_directory || strnlen(entry->name, DELTA_VERSION_DIGITS) < DELTA_VERSION_DIGITS) {
        return;
    }
    if (delta_log_name(entry->name, ".json", &version)) {
        *vec_push(arena, &listing->commits) =
            (DeltaCommitName){.version = version, .modified_ms = entry->modified_ms};
    } else if (delta_integer_parse(entry->name, DELTA_VERSION_DIGITS, &version) && version >= 0) {
        checkpoint_take(arena, listing, entry, version);
    }
}

Outcome delta_listing_read(Sys *sys, Arena *arena, const char *table, DeltaListing *listing) {
    SysEntry *entries;
    uint32_t count;
    *listing = (DeltaListing){0};
    TRY(sys_list(sys, arena, arena_format(arena, "%s/_delta_log", table), &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        entry_take(arena, listing, &entries[i]);
    }
    return OUTCOME_OK;
}

bool delta_listing_is_empty(const DeltaListing *listing) {
    return listing->commits.count == 0 && listing->checkpoints.count == 0;
}

int64_t delta_listing_newest(const DeltaListing *listing) {
    int64_t newest = -1;
    if (listing->commits.count > 0) {
        newest = listing->commits.items[listing->commits.count - 1].version;
    }
    if (listing->checkpoints.count > 0) {
        int64_t version = listing->checkpoints.items[listing->checkpoints.count - 1].version;
        newest = version > newest ? version : newest;
    }
    return newest;
}
