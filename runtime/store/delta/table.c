// Opening a table: from the newest complete checkpoint and the commits after it, or, where that
// cannot be read, from an older one (store.md 3.1).
#include "store/delta/table.h"

#include "store/delta/checkpoint.h"
#include "store/delta/listing.h"
#include "store/delta/replay.h"
#include "store/delta/value.h"

#include <inttypes.h>

// --- small questions ----------------------------------------------------------------------------
int64_t delta_table_txn(const DeltaTable *table, const char *app_id) {
    for (uint32_t i = 0; i < table->txns.count; i++) {
        if (strcmp(table->txns.items[i].app_id, app_id) == 0) {
            return table->txns.items[i].version;
        }
    }
    return -1;
}

const char *delta_table_setting(const DeltaTable *table, const char *key) {
    return delta_map_get(&table->metadata.configuration, key);
}

int64_t delta_table_setting_integer(const DeltaTable *table, const char *key, int64_t otherwise) {
    const char *text = delta_table_setting(table, key);
    int64_t value;
    return text != NULL && delta_integer_parse(text, strlen(text), &value) ? value : otherwise;
}

bool delta_table_setting_truth(const DeltaTable *table, const char *key) {
    const char *text = delta_table_setting(table, key);
    return text != NULL && strcasecmp(text, "true") == 0;
}

static int64_t unit_ms(const char *unit) {
    static const struct {
        const char *name; // or its plural
        int64_t ms;
    } units[] = {
        {"week", 604800000},
        {"day", 86400000},
        {"hour", 3600000},
        {"minute", 60000},
        {"second", 1000},
    };
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strncmp(unit, units[i].name, strlen(units[i].name)) == 0) {
            return units[i].ms;
        }
    }
    return 0;
}

int64_t delta_table_setting_ms(const DeltaTable *table, const char *key, int64_t otherwise) {
    const char *text = delta_table_setting(table, key);
    int64_t count;
    int64_t ms;
    if (text == NULL) {
        return otherwise;
    }
    text += strncmp(text, "interval ", 9) == 0 ? 9 : 0;
    size_t digits = strspn(text, "0123456789");
    bool is_interval = delta_integer_parse(text, digits, &count) && text[digits] == ' ' &&
                       unit_ms(text + digits + 1) > 0 &&
                       !__builtin_mul_overflow(count, unit_ms(text + digits + 1), &ms);
    return is_interval ? ms : otherwise;
}

const DeltaPair *delta_file_partition(const DeltaFile *file, const char *column) {
    for (uint32_t i = 0; i < file->partition.count; i++) {
        if (strcmp(file->partition.items[i].name, column) == 0) {
            return &file->partition.items[i];
        }
    }
    return NULL;
}

// --- loading ------------------------------------------------------------------------------------
typedef struct TableLoad {
    Sys *sys;
    const char *path;
    int64_t version;
    const DeltaListing *listing;
} TableLoad;

static bool has_commit(const DeltaListing *listing, int64_t version) {
    uint32_t low = 0;
    uint32_t high = listing->commits.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (listing->commits.items[middle].version < version) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < listing->commits.count && listing->commits.items[low].version == version;
}

// The first version after `base` up to the wanted one whose commit is missing; -1: none.
static int64_t gap_find(const TableLoad *load, int64_t base) {
    for (int64_t version = load->version; version > base; version--) {
        if (!has_commit(load->listing, version)) {
            return version;
        }
    }
    return -1;
}

static int live_compare(const void *a, const void *b) {
    return strcmp(((const DeltaLive *)a)->path, ((const DeltaLive *)b)->path);
}

static Outcome files_check(DeltaTable *table) {
    if (table->files.count > 1) {
        qsort(table->files.items, table->files.count, sizeof(DeltaLive), live_compare);
    }
    for (uint32_t i = 1; i < table->files.count; i++) {
        if (live_compare(&table->files.items[i - 1], &table->files.items[i]) == 0) {
            return sys_fail(table->sys,
                            OUTCOME_REFUSED,
                            "table %s: its log holds the file %s twice",
                            table->path,
                            table->files.items[i].path);
        }
    }
    return OUTCOME_OK;
}

static Outcome columns_make(DeltaTable *table) {
    const char *why = delta_schema_parse(&table->arena, &table->metadata, &table->schema);
    if (why != NULL) {
        return sys_fail(table->sys, OUTCOME_REFUSED, "table %s: %s", table->path, why);
    }
    table->columns = arena_array(&table->arena, FlowColumnDesc, table->schema.columns.count);
    for (uint32_t i = 0; i < table->schema.columns.count; i++) {
        table->columns[i] = table->schema.columns.items[i].desc;
    }
    return OUTCOME_OK;
}

// The protocol comes first: what else the log says may mean something else under a newer one.
static Outcome table_check(const DeltaReplay *replay) {
    DeltaTable *table = replay->table;
    if (!replay->has_protocol || !replay->has_metadata) {
        return sys_fail(table->sys,
                        OUTCOME_REFUSED,
                        "table %s: its log has no %s",
                        table->path,
                        replay->has_protocol ? "metaData" : "protocol");
    }
    const char *why = delta_read_refusal(&table->arena, table);
    if (why == NULL && replay->bad_path != NULL) {
        why = arena_format(&table->arena, "its log has the bad path %s", replay->bad_path);
    }
    if (why != NULL) {
        return sys_fail(table->sys, OUTCOME_REFUSED, "table %s: %s", table->path, why);
    }
    TRY(files_check(table));
    return columns_make(table);
}

static DeltaTable *table_new(const TableLoad *load) {
    DeltaTable *table = memory_alloc(sizeof(*table));
    *table = (DeltaTable){.sys = load->sys, .version = load->version};
    table->path = arena_string(&table->arena, load->path);
    table->commits_behind = delta_listing_newest(load->listing) - load->version;
    return table;
}

static Outcome commits_replay(DeltaReplay *replay, int64_t base) {
    for (int64_t version = replay->table->version; version > base; version--) {
        TRY(delta_replay_commit(replay, version));
    }
    return OUTCOME_OK;
}

// From one base. `failure` says what is wrong with the checkpoint, if that is all that is wrong.
static Outcome base_load(const TableLoad *load,
                         const DeltaCheckpointName *base,
                         Failure *failure,
                         DeltaTable **table) {
    DeltaReplay replay;
    *table = table_new(load);
    delta_replay_begin(&replay, *table);
    Outcome outcome = commits_replay(&replay, base == NULL ? -1 : base->version);
    if (outcome == OUTCOME_OK && base != NULL) {
        outcome = delta_checkpoint_read(&replay, base, failure);
    }
    if (outcome == OUTCOME_OK) {
        outcome = table_check(&replay);
    }
    delta_replay_end(&replay);
    if (outcome != OUTCOME_OK) {
        delta_close(*table);
        *table = NULL;
    }
    return outcome;
}

static bool is_complete(const DeltaCheckpointName *name) {
    return name->parts == 0 || name->found == name->parts;
}

static Outcome gap_refuse(const TableLoad *load, const Failure *failure) {
    const char *hint = load->listing->has_other_checkpoints
                           ? "; its checkpoints are of a form that is not supported yet"
                           : "";
    if (failure->outcome != OUTCOME_OK) {
        return sys_fail(load->sys,
                        OUTCOME_REFUSED,
                        "table %s: its checkpoint cannot be read: %s%s",
                        load->path,
                        failure->text,
                        hint);
    }
    if (load->version < delta_listing_newest(load->listing)) {
        return sys_fail(load->sys,
                        OUTCOME_REFUSED,
                        "table %s does not have its version %" PRId64 " any more: commit %" PRId64
                        " is gone from its log%s",
                        load->path,
                        load->version,
                        gap_find(load, -1),
                        hint);
    }
    return sys_fail(load->sys,
                    OUTCOME_REFUSED,
                    "table %s: its log is cut off: commit %" PRId64 " is missing%s",
                    load->path,
                    gap_find(load, -1),
                    hint);
}

static Outcome bases_try(const TableLoad *load, DeltaTable **table) {
    const DeltaListing *listing = load->listing;
    Failure first = {0};
    for (uint32_t i = listing->checkpoints.count; i > 0; i--) {
        const DeltaCheckpointName *base = &listing->checkpoints.items[i - 1];
        if (base->version > load->version || !is_complete(base) ||
            gap_find(load, base->version) >= 0) {
            continue;
        }
        Failure failure = {0};
        Outcome outcome = base_load(load, base, &failure, table);
        if (outcome == OUTCOME_OK || failure.outcome == OUTCOME_OK) {
            return outcome;
        }
        first = first.outcome == OUTCOME_OK ? failure : first;
    }
    if (gap_find(load, -1) >= 0) {
        return gap_refuse(load, &first);
    }
    return base_load(load, NULL, &first, table);
}

static Outcome listing_load(
    Sys *sys, const char *path, int64_t version, DeltaListing *listing, DeltaTable **table) {
    int64_t newest = delta_listing_newest(listing);
    if (version != DELTA_LATEST && (version < 0 || version > newest)) {
        return sys_fail(sys,
                        OUTCOME_REFUSED,
                        "table %s has no version %" PRId64 ": its newest is %" PRId64,
                        path,
                        version,
                        newest);
    }
    TableLoad load = {
        .sys = sys,
        .path = path,
        .version = version == DELTA_LATEST ? newest : version,
        .listing = listing,
    };
    return bases_try(&load, table);
}

Outcome delta_open(Sys *sys, const char *path, int64_t version, DeltaTable **table) {
    Arena arena = {0};
    DeltaListing listing;
    *table = NULL;
    Outcome outcome = delta_listing_read(sys, &arena, path, &listing);
    if (outcome == OUTCOME_OK && !delta_listing_is_empty(&listing)) {
        outcome = listing_load(sys, path, version, &listing, table);
    }
    arena_free(&arena);
    return outcome;
}

void delta_close(DeltaTable *table) {
    if (table != NULL) {
        arena_free(&table->arena);
        memory_free(table);
    }
}

// --- the door's questions -----------------------------------------------------------------------
int64_t delta_version(const DeltaTable *table) {
    return table->version;
}

uint32_t delta_column_count(const DeltaTable *table) {
    return table->schema.columns.count;
}

const FlowColumnDesc *delta_columns(const DeltaTable *table) {
    return table->columns;
}

bool delta_is_partition_column(const DeltaTable *table, uint32_t column) {
    ASSERT(column < table->schema.columns.count);
    return table->schema.columns.items[column].is_partition;
}

int64_t delta_file_count(const DeltaTable *table) {
    return table->files.count;
}

int64_t delta_row_count(const DeltaTable *table) {
    Arena arena = {0};
    int64_t rows = 0;
    for (uint32_t i = 0; i < table->files.count && rows >= 0; i++) {
        int64_t more = delta_stats_rows(&arena, table->files.items[i].file.stats);
        rows = more < 0 ? -1 : rows + more;
        arena_reset(&arena);
    }
    arena_free(&arena);
    return rows;
}
