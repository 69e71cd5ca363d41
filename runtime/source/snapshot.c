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

// --- what is not wanted
// ---------------------------------------------------------------------------
static bool is_integer(const FlowTypeDesc *type) {
    return type->kind >= FLOW_INT8 && type->kind <= FLOW_INT64;
}

// Whether the statistics of the stored values are about the values that the tests are on.
static bool is_comparable(const FlowTypeDesc *wanted, const FlowTypeDesc *stored) {
    if (wanted->kind == FLOW_DECIMAL) {
        return stored->kind == FLOW_DECIMAL && wanted->precision == stored->precision &&
               wanted->scale == stored->scale;
    }
    return wanted->kind == stored->kind || (is_integer(wanted) && is_integer(stored)) ||
           (wanted->kind == FLOW_DURATION && is_integer(stored));
}

// What a part of a nested value can break is counted nowhere.
static bool part_can_fault(const FlowTypeDesc *wanted, const FlowTypeDesc *stored) {
    bool can_fault = wanted->kind == FLOW_ENUM || wanted->kind == FLOW_DATE ||
                     wanted->kind == FLOW_TIMESTAMP ||
                     (stored->is_nullable && !wanted->is_nullable);
    for (int64_t i = 0; i < wanted->children_count && !can_fault; i++) {
        can_fault = part_can_fault(wanted->children[i].type, stored->children[i].type);
    }
    return can_fault;
}

static uint8_t demands_of(const FlowTypeDesc *wanted, const FlowTypeDesc *stored, bool is_fixed) {
    bool is_time = wanted->kind == FLOW_DATE || wanted->kind == FLOW_TIMESTAMP;
    int demands = stored->is_nullable && !wanted->is_nullable ? DELTA_DEMAND_NO_NULL : 0;
    demands |= is_fixed && wanted->kind == FLOW_ENUM ? DELTA_DEMAND_VALUE : 0;
    demands |= is_time && !is_fixed ? DELTA_DEMAND_TIME : 0;
    return (uint8_t)demands;
}

// What the filter has to know of a column; false: rows of any file might have to be rejected.
static bool
filter_column(const Source *source, int64_t column, FlowColumnDesc *desc, uint8_t *demands) {
    static const FlowTypeDesc of_no_test = {.kind = FLOW_STRING, .is_nullable = 1};
    const ParquetTable *table = &source->snapshot.columns;
    const FlowTypeDesc *wanted = source->desc->columns[column].type;
    int32_t found = is_read(source->desc, column)
                        ? column_find(source->snapshot.table, source->desc, column)
                        : -1;
    *desc = (FlowColumnDesc){.name = "", .type = &of_no_test};
    if (found < 0) {
        return true; // all nulls, or the default
    }
    const FlowTypeDesc *stored = table->columns[found].type;
    bool is_fixed = table->fixed[found] >= 0;
    bool is_enum = wanted->kind == FLOW_ENUM && is_fixed;
    desc->name = table->columns[found].name;
    desc->type = is_enum ? wanted : is_comparable(wanted, stored) ? stored : &of_no_test;
    *demands = demands_of(wanted, stored, is_fixed);
    return wanted->children_count > 0 ? !part_can_fault(wanted, stored)
                                      : wanted->kind != FLOW_ENUM || is_fixed;
}

static bool rejects_unknown(const Source *source) {
    const ParquetTable *table = &source->snapshot.columns;
    bool is_known = true;
    for (uint32_t i = 0; i < table->column_count && is_known; i++) {
        is_known = false;
        for (int64_t c = 0; c < source->desc->columns_count && !is_known; c++) {
            is_known = is_read(source->desc, c) &&
                       column_find(source->snapshot.table, source->desc, c) == (int32_t)i;
        }
    }
    return !is_known && source->desc->on_unknown == FLOW_UNKNOWN_REJECT;
}

// Texts are not looked at: those of a table are UTF-8.
static void filter_make(Source *source) {
    const FlowSource *desc = source->desc;
    size_t count = (size_t)desc->columns_count;
    FlowColumnDesc *columns = arena_array(&source->memory, FlowColumnDesc, count + 1);
    uint8_t *demands = arena_array(&source->memory, uint8_t, count + 1);
    bool has_filter = desc->tests_count > 0 && !rejects_unknown(source);
    for (size_t i = 0; i < count && has_filter; i++) {
        has_filter = filter_column(source, (int64_t)i, &columns[i], &demands[i]);
    }
    source->snapshot.has_filter = has_filter;
    source->snapshot.filter = (DeltaFileFilter){
        .tests = {.tests = desc->tests,
                  .test_count = desc->tests_count,
                  .guards = desc->guards,
                  .guard_count = desc->guards_count},
        .columns = columns,
        .column_count = (uint32_t)count,
        .demands = demands,
    };
}

void snapshot_skip(Source *source) {
    Snapshot *snapshot = &source->snapshot;
    uint32_t *next = &source->cut.file_next;
    int64_t rows = 0;
    while (snapshot->has_filter && *next < source->files.count &&
           delta_file_leave_out(snapshot->table, *next, &snapshot->filter, &rows)) {
        snapshot->left_out += rows;
        ++*next;
    }
}

// --- files ---------------------------------------------------------------------------------------
static Outcome file_take(Source *source, uint32_t file) {
    Snapshot *snapshot = &source->snapshot;
    const ParquetTable *columns = &snapshot->columns;
    ParquetFixed *fixed = arena_array(&source->memory, ParquetFixed, snapshot->fixed_count + 1);
    SourceEntry *listed = &source->files.items[file];
    *listed = (SourceEntry){.path = delta_file_path(snapshot->table, &source->memory, file),
                            .size_bytes = delta_file_bytes(snapshot->table, file)};
    source->formats[file] = FLOW_FORMAT_PARQUET;
    source->bytes_total += listed->size_bytes;
    snapshot->fixed[file] = fixed;
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
    source->snapshot.fixed = arena_array(&source->memory, const ParquetFixed *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        *vec_push(&source->memory, &source->files) = (SourceEntry){0};
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
    if (source->desc->reads_changes != 0) {
        return changes_take(source);
    }
    filter_make(source);
    return files_take(source);
}

Outcome snapshot_file_find(Source *source, uint32_t file) {
    SourceEntry *found = &source->files.items[file];
    SysStat stat;
    if (source->snapshot.table == NULL || source->formats[file] == FLOW_FORMAT_DELTA) {
        return OUTCOME_OK;
    }
    TRY(sys_stat(source->sys, found->path, &stat));
    if (!stat.exists) {
        return refuse(source, arena_format(&source->memory, "its file %s is missing", found->path));
    }
    found->size_bytes = stat.size_bytes;
    return OUTCOME_OK;
}
