// Outputs of an epoch: every sink, table and the DLQ from opening over PREPARE to COMMIT.
//
// Until DECIDE all that is staged may be removed. From the moment that DECIDE is tried with a
// checkpoint, only the next run can tell what became of it: nothing is removed any more.
#include "engine/run.h"

static bool is_table_sink(const FlowSink *sink) {
    return sink->table != FLOW_NO_INDEX;
}

static DeltaMode mode_of(const FlowSink *sink) {
    switch ((FlowSinkKind)sink->kind) {
    case FLOW_SINK_TABLE_MERGE:
        return DELTA_MERGE;
    case FLOW_SINK_TABLE_OVERWRITE:
        return DELTA_OVERWRITE;
    default:
        return DELTA_APPEND;
    }
}

// Without a checkpoint no later run could ask for the transaction.
static const char *txn_app_id(Run *run, const char *operator_id) {
    if (run->checkpoint_path == NULL) {
        return NULL;
    }
    return arena_format(
        &run->epoch_arena, "flow:%s:%s", checkpoint_uuid(run->checkpoint), operator_id);
}

// The first sink of a table; the others share its write.
static const FlowSink *sink_of_table(const Run *run, uint32_t table) {
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        if (run->program->sinks[i].table == (int32_t)table) {
            return &run->program->sinks[i];
        }
    }
    return NULL;
}

// Several sinks of a table are one write: it merges if one of them does, and takes what any gives.
typedef struct TableShape {
    const FlowSink *sink; // the first that merges, or the first
    bool has_delete;
    bool has_truncate;
    FlowColumnDesc *columns;
    uint32_t column_count;
} TableShape;

static void shape_flag(TableShape *shape, const char *name) {
    static const FlowTypeDesc flag_type = {.kind = FLOW_BOOL};
    shape->columns[shape->column_count++] =
        (FlowColumnDesc){.name = name, .type = &flag_type, .is_used = 1};
}

static TableShape table_shape(Run *run, uint32_t index) {
    TableShape shape = {0};
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        const FlowSink *sink = &run->program->sinks[i];
        if (sink->table != (int32_t)index) {
            continue;
        }
        bool is_fuller = shape.sink == NULL ||
                         (mode_of(sink) == DELTA_MERGE && mode_of(shape.sink) != DELTA_MERGE);
        shape.sink = is_fuller ? sink : shape.sink;
        shape.has_delete |= sink->has_delete != 0;
        shape.has_truncate |= sink->has_truncate != 0;
    }
    if (shape.sink == NULL) {
        return shape;
    }
    int64_t flag_count = (shape.sink->has_delete != 0) + (shape.sink->has_truncate != 0);
    shape.column_count = (uint32_t)(shape.sink->columns_count - flag_count);
    shape.columns = arena_array(&run->epoch_arena, FlowColumnDesc, shape.column_count + 2);
    memcpy(shape.columns, shape.sink->columns, shape.column_count * sizeof(FlowColumnDesc));
    if (shape.has_delete) {
        shape_flag(&shape, "delete");
    }
    if (shape.has_truncate) {
        shape_flag(&shape, "truncate");
    }
    return shape;
}

// Without a checkpoint nobody knows whether who staged a file still lives.
static void staged_remove(Run *run, const char *path) {
    if (run->checkpoint_path != NULL) {
        delta_staged_remove(run->sys, path, run->writer_id);
    }
}

// A new epoch has a number that no table has seen: one that has would pass over its rows. Either
// the checkpoint was set back, or another run has taken over.
static Outcome past_check(Run *run, const RunTable *table) {
    if (!delta_write_is_done(table->write)) {
        return OUTCOME_OK;
    }
    return checkpoint_damaged(
        run->checkpoint,
        sys_fail(run->sys,
                 OUTCOME_REFUSED,
                 "E721 table %s: it has an epoch of this pipeline that the checkpoint does not "
                 "know, as after a restore: give it the newer checkpoint back",
                 table->path));
}

static Outcome table_open(Run *run, uint32_t index) {
    const FlowTable *table = &run->program->tables[index];
    RunTable *state = &run->tables[index];
    TableShape shape = table_shape(run, index);
    const FlowSink *sink = shape.sink;
    state->path = setting_text(run, table->path);
    if (sink == NULL || (run->replay != NULL && mode_of(sink) == DELTA_OVERWRITE)) {
        return OUTCOME_OK; // What is sent again is not all that an overwrite wants.
    }
    staged_remove(run, state->path);
    DeltaWriteOptions options = {
        .mode = mode_of(sink),
        .condition = overwrite_condition(run, sink),
        .table = table,
        .path = state->path,
        .writer_id = run->writer_id,
        .txn_app_id = txn_app_id(run, sink->operator_id),
        .txn_version = run->slot,
        .clock_us = run->now_us,
        .tasks = run->tasks,
        .order_count = (uint32_t)sink->order_count,
        .has_delete = shape.has_delete,
        .has_truncate = shape.has_truncate,
        .columns = shape.columns,
        .column_count = shape.column_count,
    };
    TRY(delta_write_open(run->sys, &options, &state->write));
    TRY(past_check(run, state));
    return table_reads_check(run, index);
}

static Outcome sink_start(Run *run, uint32_t index) {
    const FlowSink *desc = &run->program->sinks[index];
    if (is_table_sink(desc) && run->tables[desc->table].write == NULL) {
        return OUTCOME_OK;
    }
    SinkOptions options = {
        .path = setting_text(run, desc->path),
        .writer_id = run->writer_id,
        .write = is_table_sink(desc) ? run->tables[desc->table].write : NULL,
        .tasks = run->tasks,
        .slot = run->slot,
        .stage_directory = run->checkpoint_path == NULL
                               ? NULL
                               : arena_format(&run->epoch_arena, "%s/stage", run->checkpoint_path),
    };
    return sink_open(run->sys, desc, &options, &run->sinks[index]);
}

static void dlq_start(Run *run) {
    DlqOptions options = {
        .path = run->dlq_path,
        .pipeline = run->program->name,
        .writer_id = run->writer_id,
        .txn_app_id = txn_app_id(run, "dlq"),
        .epoch = run->slot,
        .clock_us = run->now_us,
        .raw_keep = run->program->dlq_raw_keep != 0,
        .replay = run->replay,
    };
    run->dlq = dlq_new(run->sys, &options);
}

// Lines that a killed run has staged: an epoch that was decided is finished before another begins,
// so nobody waits for them.
static Outcome stage_clean(Run *run) {
    SysEntry *entries;
    uint32_t count;
    SysStat stat;
    const char *stage = arena_format(&run->epoch_arena, "%s/stage", run->checkpoint_path);
    TRY(sys_stat(run->sys, stage, &stat));
    if (!stat.exists) {
        return OUTCOME_OK;
    }
    TRY(sys_list(run->sys, &run->epoch_arena, stage, &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        TRY(sys_unlink(run->sys, arena_format(&run->epoch_arena, "%s/%s", stage, entries[i].name)));
    }
    return OUTCOME_OK;
}

Outcome outputs_open(Run *run) {
    dlq_start(run);
    if (run->checkpoint_path != NULL) {
        staged_remove(run, run->dlq_path);
        if (stage_clean(run) != OUTCOME_OK) {
            sys_forgive(run->sys); // garbage stays garbage
        }
    }
    for (uint32_t i = 0; i < (uint32_t)run->program->tables_count; i++) {
        TRY(table_open(run, i));
    }
    for (uint32_t i = 0; i < (uint32_t)run->program->sinks_count; i++) {
        TRY(sink_start(run, i));
    }
    return OUTCOME_OK;
}

// --- prepare ------------------------------------------------------------------------------------

Outcome table_prepare(Run *run, uint32_t table) {
    RunTable *state = &run->tables[table];
    if (state->write == NULL || state->is_prepared) {
        return OUTCOME_OK;
    }
    state->is_prepared = true;
    return delta_write_prepare(state->write);
}

Outcome outputs_prepare(Run *run) {
    for (uint32_t i = 0; i < (uint32_t)run->program->tables_count; i++) {
        TRY(table_prepare(run, i));
    }
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        if (run->sinks[i] != NULL) {
            TRY(sink_prepare(run->sinks[i]));
        }
    }
    TRY(dlq_finish(run->dlq));
    DeltaWrite *rejected = dlq_write(run->dlq);
    return rejected == NULL ? OUTCOME_OK : delta_write_prepare(rejected);
}

// --- decide -------------------------------------------------------------------------------------

typedef VEC(CheckpointOutbox) Outboxes;

static void
outbox_add(Run *run, Outboxes *boxes, const char *sink, const char *kind, Buffer *bytes) {
    CheckpointOutbox box = {
        .sink = sink,
        .kind = kind,
        .bytes = arena_copy(&run->epoch_arena, bytes->data, bytes->length),
        .length = bytes->length,
    };
    *vec_push(&run->epoch_arena, boxes) = box;
    buffer_clear(bytes);
}

static void outboxes_collect(Run *run, Outboxes *boxes) {
    Buffer bytes = {0};
    if (dlq_write(run->dlq) != NULL) {
        dlq_outbox(run->dlq, &bytes);
        outbox_add(run, boxes, "dlq", dlq_outbox_kind(run->dlq), &bytes);
    }
    for (uint32_t i = 0; i < (uint32_t)run->program->tables_count; i++) {
        if (run->tables[i].write != NULL) {
            delta_write_outbox(run->tables[i].write, &bytes);
            outbox_add(run, boxes, sink_of_table(run, i)->operator_id, "delta", &bytes);
        }
    }
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        const FlowSink *desc = &run->program->sinks[i];
        if (desc->kind == FLOW_SINK_FILES || desc->kind == FLOW_SINK_STDOUT) {
            sink_outbox(run->sinks[i], &bytes);
            const char *kind = desc->kind == FLOW_SINK_FILES ? "files" : "stdout";
            outbox_add(run, boxes, desc->operator_id, kind, &bytes);
        }
    }
    buffer_free(&bytes);
}

Outcome outputs_decide(Run *run) {
    Outboxes boxes = {0};
    Buffer ledger = {0};
    if (run->checkpoint_path != NULL) { // otherwise no later run could read them
        outboxes_collect(run, &boxes);
    }
    ledger_json(run, &ledger);
    buffer_text(&run->positions, run->positions.length == 0 ? "{}" : "}");
    CheckpointEpoch epoch = {
        .slot = run->slot,
        .clock_us = run->now_us,
        .plan_hash = run->program->plan_hash,
        .ledger_json = buffer_cstring(&ledger),
        .positions = run->positions.data,
        .positions_length = run->positions.length,
        .outboxes = boxes.items,
        .outbox_count = boxes.count,
    };
    epoch.runs = state_runs_list(run->state, &epoch.run_count);
    epoch.notes = run->state_notes.length == 0 ? NULL : buffer_cstring(&run->state_notes);
    run->is_decided = true; // or may be: an error does not tell
    Outcome outcome = checkpoint_decide(run->checkpoint, &epoch);
    buffer_clear(&run->state_notes);
    buffer_free(&ledger);
    return outcome;
}

// --- commit -------------------------------------------------------------------------------------

// The DLQ first: whoever sees a table of this epoch finds its rejections too.
static Outcome dlq_commit(Run *run) {
    int64_t version = 0;
    if (dlq_write(run->dlq) != NULL) {
        TRY(delta_write_commit(dlq_write(run->dlq), &version));
    }
    run->is_dlq_committed = true;
    return OUTCOME_OK;
}

static Outcome tables_commit(Run *run) {
    for (int64_t i = 0; i < run->program->tables_count; i++) {
        int64_t version = 0;
        if (run->tables[i].write != NULL) {
            TRY(delta_write_commit(run->tables[i].write, &version));
            run->tables[i].is_committed = true;
        }
    }
    return OUTCOME_OK;
}

// Standard output last: what is printed can't be taken back, and nothing after it can fail.
static Outcome sinks_commit(Run *run, bool is_stdout) {
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        const FlowSink *desc = &run->program->sinks[i];
        if (run->sinks[i] != NULL && (desc->kind == FLOW_SINK_STDOUT) == is_stdout) {
            TRY(sink_commit(run->sinks[i]));
            run->sinks_committed[i] = true;
        }
    }
    return OUTCOME_OK;
}

Outcome outputs_commit(Run *run) {
    TRY(dlq_commit(run));
    TRY(tables_commit(run));
    TRY(sinks_commit(run, false));
    return sinks_commit(run, true);
}

static const DeltaCondition *condition_of(Run *run, const char *operator_id) {
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        const FlowSink *sink = &run->program->sinks[i];
        if (strcmp(sink->operator_id, operator_id) == 0) {
            return overwrite_condition(run, sink);
        }
    }
    return NULL;
}

// What a decided epoch of an earlier run still lacks, from its manifest alone; only the condition
// of an overwrite is the program's, which is the same one.
Outcome epoch_commit_again(Run *run, const CheckpointEpoch *epoch) {
    for (uint32_t i = 0; i < epoch->outbox_count; i++) {
        const CheckpointOutbox *box = &epoch->outboxes[i];
        int64_t version = 0;
        if (strcmp(box->kind, "delta") == 0) {
            TRY(delta_outbox_commit(
                run->sys, box->bytes, box->length, condition_of(run, box->sink), &version));
        } else if (strcmp(box->kind, DLQ_REPLAY_KIND) == 0) {
            TRY(dlq_replay_commit(run->sys, box->bytes, box->length, &version));
        } else {
            TRY(sink_outbox_commit(run->sys, box->bytes, box->length));
        }
    }
    return checkpoint_committed(run->checkpoint, epoch->slot);
}

// --- close --------------------------------------------------------------------------------------

static bool is_to_be_removed(const Run *run, bool is_committed) {
    bool is_for_next_run = run->is_decided && run->checkpoint_path != NULL;
    return !is_committed && !is_for_next_run;
}

static void write_abort(const Run *run, DeltaWrite *write, bool is_committed) {
    if (write != NULL && is_to_be_removed(run, is_committed)) {
        delta_write_abort(write);
    }
}

static void sinks_close(Run *run) {
    for (int64_t i = 0; run->sinks != NULL && i < run->program->sinks_count; i++) {
        if (run->sinks[i] == NULL) {
            continue;
        }
        if (is_to_be_removed(run, run->sinks_committed[i])) {
            sink_abort(run->sinks[i]);
        }
        sink_close(run->sinks[i]);
    }
}

void outputs_close(Run *run) {
    sinks_close(run);
    for (int64_t i = 0; run->tables != NULL && i < run->program->tables_count; i++) {
        RunTable *table = &run->tables[i];
        write_abort(run, table->write, table->is_committed);
        if (table->write != NULL) {
            delta_write_free(table->write);
        }
    }
    if (run->dlq != NULL) {
        write_abort(run, dlq_write(run->dlq), run->is_dlq_committed);
        dlq_free(run->dlq);
    }
}
