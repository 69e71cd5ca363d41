// What of the protocol is understood (store.md D13): an unknown feature is refused by its name, and
// a known one that a table lists without using it is no reason to refuse.
#include "store/delta/table.h"

static const char *const read_features[] = {
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "v2Checkpoint",
    "typeWidening",
    "typeWidening-preview",
    "vacuumProtocolCheck",
};

// Those that a writer must look at more closely stand in write_refusal.
static const char *const write_features[] = {
    "appendOnly",
    "invariants",
    "checkConstraints",
    "changeDataFeed",
    "generatedColumns",
    "identityColumns",
    "allowColumnDefaults",
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "v2Checkpoint",
    "typeWidening",
    "typeWidening-preview",
    "vacuumProtocolCheck",
    "domainMetadata",
};

static bool is_listed(const char *const *features, size_t count, const char *feature) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(features[i], feature) == 0) {
            return true;
        }
    }
    return false;
}

static const char *
unknown_feature(Arena *arena, const DeltaNames *names, const char *const *features, size_t count) {
    for (uint32_t i = 0; i < names->count; i++) {
        if (!is_listed(features, count, names->items[i])) {
            return arena_format(
                arena, "it uses the table feature %s, which is not supported", names->items[i]);
        }
    }
    return NULL;
}

static bool is_mapped(const DeltaTable *table) {
    const char *mode = delta_table_setting(table, "delta.columnMapping.mode");
    return mode != NULL && strcmp(mode, "none") != 0;
}

static const char *vector_refusal(Arena *arena, const DeltaTable *table) {
    for (uint32_t i = 0; i < table->files.count; i++) {
        if (table->files.items[i].file.vector != NULL) {
            return arena_format(arena,
                                "its file %s has a deletion vector, which is not supported yet",
                                table->files.items[i].path);
        }
    }
    return NULL;
}

static const char *catalog_refusal(const DeltaTable *table) {
    bool is_managed = delta_names_have(&table->protocol.writer_features, "catalogManaged") ||
                      delta_names_have(&table->protocol.writer_features, "catalogOwned-preview");
    return is_managed ? "a catalog manages it, so its files alone are not the table" : NULL;
}

const char *delta_read_refusal(Arena *arena, const DeltaTable *table) {
    const DeltaProtocol *protocol = &table->protocol;
    if (protocol->reader > 3) {
        return arena_format(
            arena, "it needs a reader of version %lld", (long long)protocol->reader);
    }
    const char *why = catalog_refusal(table);
    if (why == NULL) {
        why = unknown_feature(
            arena, &protocol->reader_features, read_features, COUNT_OF(read_features));
    }
    if (why == NULL && is_mapped(table)) {
        why = "it maps column names, which is not supported yet";
    }
    return why != NULL ? why : vector_refusal(arena, table);
}

static const char *rule_refusal(Arena *arena, const DeltaTable *table) {
    const DeltaMap *configuration = &table->metadata.configuration;
    static const char prefix[] = "delta.constraints.";
    for (uint32_t i = 0; i < configuration->count; i++) {
        if (strncmp(configuration->items[i].name, prefix, sizeof(prefix) - 1) == 0) {
            return arena_format(arena,
                                "it has the constraint %s, which is not supported yet",
                                configuration->items[i].name + sizeof(prefix) - 1);
        }
    }
    for (uint32_t i = 0; i < table->schema.columns.count; i++) {
        const DeltaColumn *column = &table->schema.columns.items[i];
        if (column->has_rule) {
            return arena_format(
                arena,
                "its column %s has an invariant, or is generated, which is not supported yet",
                column->desc.name);
        }
    }
    return NULL;
}

const char *delta_write_refusal(Arena *arena, const DeltaTable *table) {
    const DeltaProtocol *protocol = &table->protocol;
    if (protocol->writer > 7) {
        return arena_format(
            arena, "it needs a writer of version %lld", (long long)protocol->writer);
    }
    const char *why = unknown_feature(
        arena, &protocol->writer_features, write_features, COUNT_OF(write_features));
    if (why == NULL && delta_table_setting_truth(table, "delta.enableChangeDataFeed") &&
        protocol->writer >= 4) {
        why = "it has a change data feed, which is not supported yet";
    }
    return why != NULL ? why : rule_refusal(arena, table);
}
