// Delta tables as sources: the files of one snapshot, read as Parquet files are, with what the log
// knows of them. What the table lacks of the contract, or has of another type, refuses the run.
#include "source/internal.h"

static Outcome refuse(const Source *source, const char *why) {
    return sys_fail(source->sys,
                    OUTCOME_REFUSED,
                    "source %s: the table %s: %s",
                    source->desc->name,
                    source->options.glob,
                    why);
}

// --- columns -------------------------------------------------------------------------------------
static int32_t column_find(const DeltaTable *table, const FlowSource *source, int64_t column) {
    int32_t found = -1;
    if (source->wires_count == 0) {
        return delta_column_find(table, source->columns[column].name);
    }
    const FlowWire *wire = &source->wires[column];
    for (int64_t i = 0; i < wire->names_count && found < 0; i++) {
        found = delta_column_find(table, wire->names[i].text);
    }
    return found;
}

static bool is_read(const FlowSource *source, int64_t column) {
    return source->columns[column].meta == FLOW_META_NONE &&
           (source->wires_count == 0 || source->wires[column].names_count > 0);
}

// What the table lacks must be able to be nothing.
static Outcome column_check(Source *source, int64_t column) {
    const FlowSource *desc = source->desc;
    const FlowColumnDesc *wanted = &desc->columns[column];
    DeltaTable *table = source->snapshot.table;
    int32_t found = column_find(table, desc, column);
    bool has_default = desc->wires_count > 0 && desc->wires[column].default_text != NULL;
    if (found < 0) {
        bool may_lack = wanted->type->is_nullable || has_default;
        const char *why = arena_format(&source->memory, "it has no column %s", wanted->name);
        return may_lack ? OUTCOME_OK : refuse(source, why);
    }
    const char *misfit = delta_column_misfit(table, (uint32_t)found, wanted->type);
    return misfit == NULL ? OUTCOME_OK : refuse(source, misfit);
}

static Outcome columns_check(Source *source) {
    for (int64_t i = 0; i < source->desc->columns_count; i++) {
        if (is_read(source->desc, i)) {
            TRY(column_check(source, i));
        }
    }
    return OUTCOME_OK;
}

// Partition columns stand in the log alone, whatever the files hold.
static void columns_take(Source *source) {
    Snapshot *snapshot = &source->snapshot;
    uint32_t count = delta_column_count(snapshot->table);
    int32_t *fixed = arena_array(&source->memory, int32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        bool is_fixed = delta_is_partition_column(snapshot->table, i);
        fixed[i] = is_fixed ? (int32_t)snapshot->fixed_count++ : -1;
    }
    snapshot->columns = (ParquetTable){
        .columns = delta_columns(snapshot->table), .column_count = count, .fixed = fixed};
}

// --- files ---------------------------------------------------------------------------------------
static Outcome file_take(Source *source, uint32_t file) {
    Snapshot *snapshot = &source->snapshot;
    const ParquetTable *columns = &snapshot->columns;
    ParquetFixed *fixed = snapshot->fixed + (size_t)file * snapshot->fixed_count;
    GlobFile *listed = &source->files.items[file];
    *listed = (GlobFile){.path = delta_file_path(snapshot->table, &source->memory, file),
                         .size_bytes = delta_file_bytes(snapshot->table, file)};
    source->formats[file] = FLOW_FORMAT_PARQUET;
    source->bytes_total += listed->size_bytes;
    for (uint32_t i = 0; i < columns->column_count; i++) {
        ParquetFixed *value = columns->fixed[i] < 0 ? NULL : &fixed[columns->fixed[i]];
        if (value != NULL) {
            TRY(delta_file_value(snapshot->table, file, i, &value->is_null, &value->value));
        }
    }
    return OUTCOME_OK;
}

static Outcome files_take(Source *source) {
    uint32_t count = (uint32_t)delta_file_count(source->snapshot.table);
    source->formats = arena_array(&source->memory, FlowFormat, count + 1);
    source->snapshot.fixed = arena_array(
        &source->memory, ParquetFixed, (size_t)count * source->snapshot.fixed_count + 1);
    for (uint32_t i = 0; i < count; i++) {
        *vec_push(&source->memory, &source->files) = (GlobFile){0};
        TRY(file_take(source, i));
    }
    return OUTCOME_OK;
}

Outcome snapshot_open(Source *source) {
    Snapshot *snapshot = &source->snapshot;
    TRY(delta_open(source->sys, source->options.glob, DELTA_LATEST, &snapshot->table));
    if (snapshot->table == NULL) {
        return sys_fail(source->sys,
                        OUTCOME_REFUSED,
                        "source %s: there is no table %s",
                        source->desc->name,
                        source->options.glob);
    }
    TRY(columns_check(source));
    columns_take(source);
    return files_take(source);
}

Outcome snapshot_file_find(Source *source, uint32_t file) {
    GlobFile *found = &source->files.items[file];
    SysStat stat;
    if (source->snapshot.table == NULL) {
        return OUTCOME_OK;
    }
    TRY(sys_stat(source->sys, found->path, &stat));
    if (!stat.exists) {
        return refuse(source, arena_format(&source->memory, "its file %s is missing", found->path));
    }
    found->size_bytes = stat.size_bytes;
    return OUTCOME_OK;
}
