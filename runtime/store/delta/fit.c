// Does an existing table take what the program writes? Every refusal names the column and both
// types, because it is read by somebody who has to change one of the two.
#include "store/delta/write.h"

#define TXN_KEPT_MIN_MS ((int64_t)7 * 24 * 60 * 60 * 1000)

static const char *
column_refusal(Arena *arena, const DeltaWrite *write, const FlowColumnDesc *column) {
    int32_t found = delta_schema_find(&write->schema, column->name);
    if (found == FLOW_NO_INDEX) {
        return arena_format(arena,
                            "it has no column %s (%s), and only `schema evolve` adds one",
                            column->name,
                            delta_type_text(arena, column->type));
    }
    const DeltaColumn *stored = &write->schema.columns.items[found];
    if (!delta_type_is_same(stored->desc.type, column->type)) {
        return arena_format(arena,
                            "its column %s is of type %s and cannot take %s",
                            column->name,
                            delta_type_text(arena, stored->desc.type),
                            delta_type_text(arena, column->type));
    }
    if (!delta_type_admits(stored->desc.type, column->type)) {
        return arena_format(arena,
                            "its column %s is never null, but what is written (%s) may be",
                            column->name,
                            delta_type_text(arena, column->type));
    }
    return NULL;
}

static bool is_given(const DeltaWrite *write, const char *name) {
    for (uint32_t i = 0; i < write->table_count; i++) {
        if (strcmp(write->columns[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *
missing_refusal(Arena *arena, const DeltaWrite *write, const DeltaColumn *column) {
    const char *name = column->desc.name;
    if (is_given(write, name)) {
        return NULL;
    }
    if (write->mode == DELTA_MERGE) {
        return arena_format(arena, "its column %s is not among what is merged", name);
    }
    if (column->is_required || !column->desc.type->is_nullable) {
        return arena_format(arena, "its column %s is never null, but nothing writes it", name);
    }
    return column->has_default
               ? arena_format(
                     arena, "its column %s has a default, which is not supported yet", name)
               : NULL;
}

static const char *columns_refusal(Arena *arena, const DeltaWrite *write) {
    const char *why = NULL;
    for (uint32_t i = 0; i < write->table_count && why == NULL; i++) {
        why = column_refusal(arena, write, &write->columns[i]);
    }
    for (uint32_t i = 0; i < write->schema.columns.count && why == NULL; i++) {
        why = missing_refusal(arena, write, &write->schema.columns.items[i]);
    }
    return why;
}

static const char *names_text(Arena *arena, const DeltaNames *names) {
    const char *text = "";
    for (uint32_t i = 0; i < names->count; i++) {
        text = arena_format(arena, "%s%s%s", text, i == 0 ? "" : ", ", names->items[i]);
    }
    return text;
}

static const char *partition_refusal(Arena *arena, const DeltaWrite *write) {
    const DeltaNames *is = &write->metadata.partition_columns;
    const DeltaNames *wanted = &write->partition;
    bool is_same = wanted->count == 0 || wanted->count == is->count;
    for (uint32_t i = 0; i < wanted->count && is_same; i++) {
        is_same = strcmp(is->items[i], wanted->items[i]) == 0;
    }
    return is_same ? NULL
                   : arena_format(arena,
                                  "it is partitioned by (%s), not by (%s)",
                                  names_text(arena, is),
                                  names_text(arena, wanted));
}

static const char *sequence_refusal(Arena *arena, const DeltaWrite *write) {
    const DeltaSchema *schema = &write->schema;
    uint32_t count = schema->sequence_count;
    bool is_same = count == write->order_count && schema->sequence_is_struct == (count > 1);
    for (uint32_t i = 0; i < count && is_same; i++) {
        is_same = delta_type_is_same(schema->sequence[i].type,
                                     write->columns[write->table_count + i].type);
    }
    if (write->mode == DELTA_MERGE && !is_same) {
        return arena_format(arena, "its rows are in order of other values than `order by` gives");
    }
    return NULL;
}

static const char *append_only_refusal(const DeltaTable *table, DeltaMode mode) {
    if (mode == DELTA_APPEND || !delta_table_setting_truth(table, "delta.appendOnly")) {
        return NULL;
    }
    return mode == DELTA_MERGE ? "it is append-only: it takes no merge"
                               : "it is append-only: it takes no overwrite";
}

const char *delta_write_obstacle(DeltaTable *table, DeltaMode mode) {
    const char *why = delta_write_refusal(&table->arena, table);
    return why != NULL ? why : append_only_refusal(table, mode);
}

// A txn that has expired looks like one that never was: the epoch would be written twice.
static const char *txn_refusal(Arena *arena, const DeltaWrite *write) {
    static const char key[] = "delta.setTransactionRetentionDuration";
    int64_t kept_ms = delta_table_setting_ms(write->base, key, INT64_MAX);
    if (write->txn_app_id == NULL || kept_ms >= TXN_KEPT_MIN_MS) {
        return NULL;
    }
    return arena_format(arena, "its property %s is below 7 days", key);
}

const char *delta_fit_refusal(Arena *arena, const DeltaWrite *write) {
    const char *why = delta_write_refusal(arena, write->base);
    why = why != NULL ? why : txn_refusal(arena, write);
    why = why != NULL ? why : append_only_refusal(write->base, write->mode);
    why = why != NULL ? why : partition_refusal(arena, write);
    why = why != NULL ? why : columns_refusal(arena, write);
    return why != NULL ? why : sequence_refusal(arena, write);
}
