// `overwrite t where condition`: of the base's rows those go for which the condition is true. A
// file is read in the columns of the condition first: one without such a row stays as it is, one
// with nothing else is only removed, and only what lies between is written again. Where the
// condition sees partition columns alone, no file is read to be judged; nor is one of which the log
// proves that no row meets the condition.
#include "store/delta/path.h"
#include "store/delta/scan.h"
#include "store/delta/skip.h"
#include "store/delta/value.h"
#include "store/delta/write.h"

#define BIN_BYTES ((int64_t)16 * 1024 * 1024) // of files, after which a bin takes no more

// What the condition says of a file's rows.
typedef struct FileFate {
    Buffer goes; // a byte for each row; empty if all rows have one fate
    int64_t row_count;
    int64_t gone_count;
} FileFate;

// Files whose other rows are written again together.
typedef struct Bin {
    uint32_t first; // in Overwrite.parted
    uint32_t count;
    DeltaStage *stage;
} Bin;

typedef struct Overwrite {
    DeltaWrite *write;
    const DeltaCondition *condition;
    Arena arena;
    bool is_routed; // the condition reads partition columns only
    FileFate *fates;
    VEC(uint32_t) parted; // files of which some rows stay
    VEC(Bin) bins;
    FlowColumnDesc *columns; // of rows that stay
    uint32_t column_count;
    uint32_t sequence_count; // of them, the fields of a struct `_sequence`
} Overwrite;

static const DeltaLive *file_of(const Overwrite *overwrite, uint32_t file) {
    return &overwrite->write->base->files.items[file];
}

static int32_t *identity_slots(Arena *arena, uint32_t count) {
    int32_t *slots = arena_array(arena, int32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        slots[i] = (int32_t)i;
    }
    return slots;
}

static DeltaScan *file_scan(const Overwrite *overwrite,
                            uint32_t file,
                            Sys *sys,
                            const FlowColumnDesc *columns,
                            uint32_t column_count,
                            uint32_t sequence_count) {
    DeltaScanOptions options = {
        .sys = sys,
        .table_path = overwrite->write->path,
        .files = file_of(overwrite, file),
        .file_count = 1,
        .partition = delta_write_partition(overwrite->write),
        .columns = columns,
        .column_count = column_count,
        .sequence_count = sequence_count,
    };
    return delta_scan_new(&options);
}

// --- judging ------------------------------------------------------------------------------------
typedef struct Judging {
    const Overwrite *overwrite;
    void *judge;
    Batch *batch;
    FileFate *fate;
} Judging;

static Outcome judge_refuse(const Judging *judging, const DeltaLive *file, Sys *sys) {
    Arena arena = {0};
    const char *why = arena_string(&arena, sys->failure.text);
    Outcome outcome =
        sys_fail(sys,
                 OUTCOME_REFUSED,
                 "table %s, file %s: the condition of the overwrite fails on a row: %s",
                 judging->overwrite->write->path,
                 file->path,
                 why);
    arena_free(&arena);
    return outcome;
}

static void batch_mark(const Judging *judging) {
    const FlowBatch *batch = &judging->batch->abi;
    FileFate *fate = judging->fate;
    const int32_t *selection = batch->selection;
    size_t start = fate->goes.length;
    for (int32_t i = 0; i < batch->row_count; i++) {
        buffer_char(&fate->goes, 0);
    }
    for (int32_t i = 0; i < batch->selected_count; i++) {
        fate->goes.data[start + (size_t)selection[i]] = 1;
    }
    fate->row_count += batch->row_count;
    fate->gone_count += batch->selected_count;
}

static Outcome rows_judge(Judging *judging, uint32_t file, Sys *sys) {
    const Overwrite *overwrite = judging->overwrite;
    const DeltaCondition *condition = overwrite->condition;
    Arena arena = {0};
    const int32_t *slots = identity_slots(&arena, condition->column_count);
    DeltaScan *scan =
        file_scan(overwrite, file, sys, condition->columns, condition->column_count, 0);
    Outcome outcome = OUTCOME_OK;
    do {
        outcome = delta_scan_next(scan, judging->batch, slots);
        if (outcome == OUTCOME_OK && judging->batch->abi.row_count > 0 &&
            condition->judge(judging->judge, judging->batch) != OUTCOME_OK) {
            outcome = judge_refuse(judging, file_of(overwrite, file), sys);
        }
        if (outcome == OUTCOME_OK) {
            batch_mark(judging);
        }
    } while (outcome == OUTCOME_OK && judging->batch->abi.row_count > 0);
    delta_scan_close(scan);
    arena_free(&arena);
    return outcome;
}

// A partition's values as a row; one that cannot be read is left to the scan to refuse.
static bool partition_row(const Judging *judging, const DeltaLive *file) {
    const DeltaCondition *condition = judging->overwrite->condition;
    batch_clear(judging->batch);
    for (uint32_t i = 0; i < condition->column_count; i++) {
        const FlowColumnDesc *column = &condition->columns[i];
        const DeltaPair *pair = delta_file_partition(&file->file, column->name);
        FlowValue value;
        bool is_null = pair == NULL || pair->value == NULL || pair->value_length == 0 ||
                       strcmp(pair->value, DELTA_HIVE_NULL) == 0;
        if (is_null) {
            batch_set_null(judging->batch, i, 0);
        } else if (delta_partition_parse(&judging->batch->arena, column->type, pair, &value)) {
            batch_set(judging->batch, i, 0, value);
        } else {
            return false;
        }
    }
    judging->batch->abi.row_count = 1;
    batch_select_all(judging->batch);
    return true;
}

static Outcome partition_judge(Judging *judging, uint32_t file, Sys *sys) {
    const DeltaLive *live = file_of(judging->overwrite, file);
    if (!partition_row(judging, live)) {
        return rows_judge(judging, file, sys);
    }
    if (judging->overwrite->condition->judge(judging->judge, judging->batch) != OUTCOME_OK) {
        return judge_refuse(judging, live, sys);
    }
    Arena arena = {0};
    int64_t rows = delta_stats_rows(&arena, live->file.stats);
    arena_free(&arena);
    judging->fate->row_count = rows > 0 ? rows : 1;
    judging->fate->gone_count =
        judging->batch->abi.selected_count == 0 ? 0 : judging->fate->row_count;
    return OUTCOME_OK;
}

// What the log says may prove that nothing goes: then the file is not even opened.
static bool is_spared(const Overwrite *overwrite, uint32_t file, FileFate *fate) {
    const DeltaCondition *condition = overwrite->condition;
    DeltaFileFilter filter = {
        .tests = {.tests = condition->tests, .test_count = condition->test_count},
        .columns = condition->columns,
        .column_count = condition->column_count,
    };
    return delta_file_is_left_out(&filter,
                                  &overwrite->write->base->metadata.partition_columns,
                                  &file_of(overwrite, file)->file,
                                  &fate->row_count);
}

static Outcome judge_call(void *user, uint32_t file, Sys *sys) {
    Overwrite *overwrite = user;
    const DeltaCondition *condition = overwrite->condition;
    FileFate *fate = &overwrite->fates[file];
    if (is_spared(overwrite, file, fate)) {
        return OUTCOME_OK;
    }
    Judging judging = {
        .overwrite = overwrite,
        .judge = condition->judge_new(condition->user, sys, overwrite->write->clock_us),
        .batch = batch_new(condition->columns, condition->column_count),
        .fate = fate,
    };
    Outcome outcome = overwrite->is_routed ? partition_judge(&judging, file, sys)
                                           : rows_judge(&judging, file, sys);
    if (fate->gone_count == 0 || fate->gone_count == fate->row_count) {
        buffer_free(&fate->goes);
    }
    batch_free(judging.batch);
    condition->judge_free(judging.judge);
    return outcome;
}

// --- rows that stay -----------------------------------------------------------------------------
static Outcome
rest_append(const Overwrite *overwrite, const FileFate *fate, DeltaStage *stage, Batch *batch) {
    const int64_t *offsets = batch->abi.offsets;
    int32_t *selection = batch->abi.selection;
    int32_t count = 0;
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        selection[count] = row;
        count += fate->goes.data[offsets[row]] == 0;
    }
    batch->abi.selected_count = count;
    const int32_t *slots = identity_slots(&batch->arena, overwrite->column_count);
    return delta_stage_append(stage, &batch->abi, slots);
}

static Outcome
file_rewrite(const Overwrite *overwrite, uint32_t file, DeltaStage *stage, Sys *sys) {
    Arena arena = {0};
    Batch *batch = batch_new(overwrite->columns, overwrite->column_count);
    const int32_t *slots = identity_slots(&arena, overwrite->column_count);
    DeltaScan *scan = file_scan(overwrite,
                                file,
                                sys,
                                overwrite->columns,
                                overwrite->column_count,
                                overwrite->sequence_count);
    Outcome outcome = OUTCOME_OK;
    do {
        outcome = delta_scan_next(scan, batch, slots);
        if (outcome == OUTCOME_OK) {
            outcome = rest_append(overwrite, &overwrite->fates[file], stage, batch);
        }
    } while (outcome == OUTCOME_OK && batch->abi.row_count > 0);
    delta_scan_close(scan);
    batch_free(batch);
    arena_free(&arena);
    return outcome;
}

static Outcome bin_call(void *user, uint32_t index, Sys *sys) {
    Overwrite *overwrite = user;
    const Bin *bin = &overwrite->bins.items[index];
    Outcome outcome = OUTCOME_OK;
    delta_stage_sys_set(bin->stage, sys);
    for (uint32_t i = 0; i < bin->count && outcome == OUTCOME_OK; i++) {
        outcome = file_rewrite(overwrite, overwrite->parted.items[bin->first + i], bin->stage, sys);
    }
    if (outcome == OUTCOME_OK) {
        outcome = delta_stage_finish(bin->stage);
    }
    delta_stage_sys_set(bin->stage, overwrite->write->sys);
    return outcome;
}

// The table's columns and the order values of merges, all nullable: what stays is not judged anew.
// They outlive this: the stages refer to them.
static void columns_make(Overwrite *overwrite) {
    DeltaWrite *write = overwrite->write;
    const DeltaSchema *schema = &write->schema;
    uint32_t count = schema->columns.count + schema->sequence_count;
    overwrite->columns = arena_array(&write->arena, FlowColumnDesc, count + 1);
    overwrite->column_count = count;
    overwrite->sequence_count = schema->sequence_is_struct ? schema->sequence_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is_sequence = i >= schema->columns.count;
        const FlowColumnDesc *from = is_sequence ? &schema->sequence[i - schema->columns.count]
                                                 : &schema->columns.items[i].desc;
        FlowTypeDesc *type = arena_new(&write->arena, FlowTypeDesc);
        *type = *from->type;
        type->is_nullable = 1;
        overwrite->columns[i] = (FlowColumnDesc){.name = from->name, .type = type, .is_used = 1};
    }
}

static void bins_cut(Overwrite *overwrite) {
    DeltaWrite *write = overwrite->write;
    int64_t size_bytes = BIN_BYTES;
    for (uint32_t i = 0; i < overwrite->parted.count; i++) {
        if (size_bytes >= BIN_BYTES) {
            uint32_t number = write->file_number++;
            Bin bin = {.first = i};
            bin.stage = delta_write_stage_new(write,
                                              overwrite->columns,
                                              overwrite->column_count,
                                              overwrite->sequence_count,
                                              number);
            *vec_push(&write->arena, &write->bins) = bin.stage;
            *vec_push(&overwrite->arena, &overwrite->bins) = bin;
            size_bytes = 0;
        }
        overwrite->bins.items[overwrite->bins.count - 1].count++;
        size_bytes += file_of(overwrite, overwrite->parted.items[i])->file.size_bytes;
    }
}

// --- the whole ----------------------------------------------------------------------------------
static void fates_take(Overwrite *overwrite) {
    DeltaWrite *write = overwrite->write;
    for (uint32_t i = 0; i < write->base->files.count; i++) {
        const FileFate *fate = &overwrite->fates[i];
        if (fate->gone_count == 0) {
            continue;
        }
        *vec_push(&write->arena, &write->removes) = file_of(overwrite, i)->path;
        write->metrics.rows_deleted += fate->gone_count;
        if (fate->gone_count < fate->row_count) {
            *vec_push(&overwrite->arena, &overwrite->parted) = i;
        }
    }
}

static bool is_routed(const DeltaWrite *write) {
    for (uint32_t i = 0; i < write->condition->column_count; i++) {
        if (!delta_names_have(delta_write_partition(write), write->condition->columns[i].name)) {
            return false;
        }
    }
    return true;
}

static Outcome base_overwrite(Overwrite *overwrite) {
    DeltaWrite *write = overwrite->write;
    uint32_t count = write->base->files.count;
    overwrite->fates = arena_array(&overwrite->arena, FileFate, count + 1);
    Outcome outcome = delta_files_run(write, count, judge_call, overwrite);
    if (outcome == OUTCOME_OK) {
        fates_take(overwrite);
        bins_cut(overwrite);
        outcome = delta_files_run(write, overwrite->bins.count, bin_call, overwrite);
    }
    for (uint32_t i = 0; i < count; i++) {
        buffer_free(&overwrite->fates[i].goes);
    }
    return outcome;
}

Outcome delta_overwrite_compute(DeltaWrite *write) {
    delta_write_bins_free(write, true);
    write->removes.count = 0;
    write->metrics.rows_deleted = 0;
    if (write->base != NULL && write->condition == NULL) {
        return sys_fail(write->sys,
                        OUTCOME_REFUSED,
                        "table %s: others have written it since, and nothing says which of their "
                        "rows meet the condition of the overwrite",
                        write->path);
    }
    Outcome outcome = OUTCOME_OK;
    if (write->base != NULL) {
        Overwrite overwrite = {.write = write, .condition = write->condition};
        overwrite.is_routed = is_routed(write);
        columns_make(&overwrite);
        outcome = base_overwrite(&overwrite);
        arena_free(&overwrite.arena);
    }
    delta_write_take_files(write);
    return outcome;
}
