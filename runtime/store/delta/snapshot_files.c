// A snapshot's files for who reads them itself: where they lie, which values they do not hold, and
// which types their columns can be read as.
#include "store/delta/path.h"
#include "store/delta/table.h"
#include "store/delta/value.h"

#include "scalar/scalar.h"

// --- columns ------------------------------------------------------------------------------------
int32_t delta_column_find(const DeltaTable *table, const char *name) {
    return delta_schema_find(&table->schema, name);
}

static bool is_integer(int32_t kind) {
    return kind >= FLOW_INT8 && kind <= FLOW_INT64;
}

static int32_t digits_of(int32_t kind) {
    static const int32_t digits[] = {3, 5, 10, 20};
    return digits[kind - FLOW_INT8];
}

// Widenings in which no value changes (LANGUAGE 2).
static bool is_wider(const FlowTypeDesc *to, const FlowTypeDesc *from) {
    if (is_integer(from->kind) && is_integer(to->kind)) {
        return to->kind >= from->kind;
    }
    if (from->kind == FLOW_FLOAT32) {
        return to->kind == FLOW_FLOAT64;
    }
    if (to->kind != FLOW_DECIMAL) {
        return false;
    }
    if (is_integer(from->kind)) {
        return to->precision - to->scale >= digits_of(from->kind);
    }
    return from->kind == FLOW_DECIMAL && to->scale >= from->scale &&
           to->precision - to->scale >= from->precision - from->scale;
}

static bool is_readable_as(const FlowTypeDesc *to, const FlowTypeDesc *from) {
    if (to->children_count == 0) {
        return delta_type_is_same(to, from) || is_wider(to, from);
    }
    bool fits = to->kind == from->kind && to->children_count == from->children_count;
    for (int64_t i = 0; i < to->children_count && fits; i++) {
        bool is_named =
            to->kind != FLOW_STRUCT || strcmp(to->children[i].name, from->children[i].name) == 0;
        fits = is_named && is_readable_as(to->children[i].type, from->children[i].type);
    }
    return fits;
}

const char *delta_column_misfit(DeltaTable *table, uint32_t column, const FlowTypeDesc *wanted) {
    const FlowColumnDesc *stored = &table->schema.columns.items[column].desc;
    if (is_readable_as(wanted, stored->type)) {
        return NULL;
    }
    return arena_format(&table->arena,
                        "its column %s is %s, which is not read as %s",
                        stored->name,
                        delta_type_text(&table->arena, stored->type),
                        delta_type_text(&table->arena, wanted));
}

// --- files --------------------------------------------------------------------------------------
const char *delta_file_path(const DeltaTable *table, Arena *arena, uint32_t file) {
    return delta_path_join(arena, table->path, table->files.items[file].path);
}

int64_t delta_file_bytes(const DeltaTable *table, uint32_t file) {
    int64_t bytes = table->files.items[file].file.size_bytes;
    return bytes < 0 ? 0 : bytes;
}

bool delta_partition_is_null(const DeltaPair *pair) {
    return pair == NULL || pair->value == NULL || pair->value_length == 0 ||
           strcmp(pair->value, DELTA_HIVE_NULL) == 0;
}

// A string column that is never null reads null as the empty string, which Delta cannot write.
Outcome delta_partition_value(
    DeltaTable *table, const DeltaFile *file, uint32_t column, bool *is_null, FlowValue *value) {
    const FlowColumnDesc *desc = &table->schema.columns.items[column].desc;
    const DeltaPair *pair = delta_file_partition(file, desc->name);
    *is_null = delta_partition_is_null(pair);
    if (*is_null && desc->type->kind == FLOW_STRING && !desc->type->is_nullable) {
        *is_null = false;
        value->view = view_text("");
        return OUTCOME_OK;
    }
    if (!*is_null && !delta_partition_parse(&table->arena, desc->type, pair, value)) {
        return sys_fail(table->sys,
                        OUTCOME_REFUSED,
                        "table %s, file %s: its partition value \"%s\" is no %s",
                        table->path,
                        file->path,
                        pair->value,
                        desc->name);
    }
    return OUTCOME_OK;
}

Outcome delta_file_value(
    DeltaTable *table, uint32_t file, uint32_t column, bool *is_null, FlowValue *value) {
    return delta_partition_value(table, &table->files.items[file].file, column, is_null, value);
}
