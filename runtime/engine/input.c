// Pipelines and what feeds them: sources, tables, groups.
#include "engine/run.h"

static bool is_stopped(const Worker *worker) {
    return worker->outcome != OUTCOME_OK || interrupt_signal() != 0;
}

// One batch through the pipeline's function.
Outcome input_batch_run(Worker *worker) {
    RunInput *input = &worker->input;
    Run *run = worker->run;
    FlowBatch *batch = &input->batch->abi;
    memset(input->rejections, 0, (size_t)batch->row_count * sizeof(*input->rejections));
    uint32_t pipeline = (uint32_t)(input->pipeline - run->program->pipelines);
    worker->batch_number++;
    int32_t status = worker_call(worker, pipeline, batch);
    ASSERT(status == FLOW_RUN_OK || worker->outcome != OUTCOME_OK);
    input->rows_before += batch->row_count;
    run->progress.rows += batch->row_count;
    progress_update(run);
    return worker->outcome;
}

// --- sources ------------------------------------------------------------------------------------

// Rows that the decoder has left out are the flow's filtered rows: the ledger does not show who
// applied the condition.
static void source_settle(Worker *worker, int64_t rows, int64_t rejected_before) {
    const RunInput *input = &worker->input;
    if (!input->is_counted) {
        return;
    }
    int64_t *line = worker_line(worker, -1, input->pipeline->input);
    int64_t filtered = source_filtered(input->source);
    int64_t left = line[FLOW_COUNTER_DLQ] + line[FLOW_COUNTER_DROPPED] - rejected_before;
    line[FLOW_COUNTER_IN] += source_records(input->source);
    line[FLOW_COUNTER_OUT] += rows - left;
    if (filtered == 0) {
        return;
    }
    if (input->desc->test_flow == FLOW_NO_INDEX) {
        line[FLOW_COUNTER_FILTERED] += filtered;
        return;
    }
    line[FLOW_COUNTER_OUT] += filtered;
    int64_t *flow_line = worker_line(worker, input->desc->test_flow, 0);
    flow_line[FLOW_COUNTER_IN] += filtered;
    flow_line[FLOW_COUNTER_FILTERED] += filtered;
}

// Rejections while decoding are no rows; those of the contract's checks were.
static Outcome source_batch(Worker *worker, int64_t *rows, int64_t *rejected_in_decode) {
    RunInput *input = &worker->input;
    const int64_t *line = worker_line(worker, -1, input->pipeline->input);
    int64_t before = line[FLOW_COUNTER_DLQ];
    batch_clear(input->batch);
    TRY(source_next(input->source, input->batch));
    TRY(worker->outcome); // the DLQ could not take a record
    *rejected_in_decode += line[FLOW_COUNTER_DLQ] - before;
    *rows += input->batch->abi.row_count;
    return input->batch->abi.row_count > 0 ? input_batch_run(worker) : OUTCOME_OK;
}

static Outcome source_batches(Worker *worker) {
    int64_t rows = 0;
    int64_t rejected_in_decode = 0;
    const int64_t *line = worker_line(worker, -1, worker->input.pipeline->input);
    int64_t rejected_before = line[FLOW_COUNTER_DLQ] + line[FLOW_COUNTER_DROPPED];
    do {
        TRY(source_batch(worker, &rows, &rejected_in_decode));
    } while (worker->input.batch->abi.row_count > 0 && !is_stopped(worker));
    source_settle(worker, rows, rejected_before + rejected_in_decode);
    return OUTCOME_OK;
}

static void positions_add(Worker *worker) {
    const Source *source = worker->input.source;
    Buffer *out = &worker->run->positions;
    buffer_text(out, out->length == 0 ? "{" : ",");
    buffer_json_string(out, worker->input.desc->name, strlen(worker->input.desc->name));
    buffer_format(out, ":{\"records\":%lld,\"files\":[", (long long)source_records(source));
    for (uint32_t i = 0; i < source_file_count(source); i++) {
        const char *path = source_file_path(source, i);
        buffer_text(out, i > 0 ? "," : "");
        buffer_json_string(out, path, strlen(path));
    }
    buffer_text(out, "]}");
}

static Outcome source_run(Worker *worker) {
    Run *run = worker->run;
    RunInput *input = &worker->input;
    uint32_t index = (uint32_t)input->pipeline->input;
    input->desc = &run->program->sources[index];
    input->is_counted = !run->sources_read[index];
    run->sources_read[index] = true;
    SourceOptions options = {
        .glob = setting_text(run, input->desc->path),
        .now_us = run->now_us,
        .reject = run_reject_record,
        .user = worker,
    };
    TRY(source_open(run->sys, input->desc, &options, &input->source));
    input->batch->abi.source = (int32_t)index;
    kept_paths(run, index, input->source);
    Outcome outcome = source_batches(worker);
    if (outcome == OUTCOME_OK && input->is_counted) {
        positions_add(worker);
        run->bytes_in += source_bytes_read(input->source);
    }
    run->progress.bytes_done += source_bytes_read(input->source);
    source_close(input->source);
    input->source = NULL;
    return outcome;
}

// --- tables -------------------------------------------------------------------------------------

static Outcome scan_batches(Worker *worker, DeltaScan *scan, const int32_t *slots) {
    Batch *batch = worker->input.batch;
    batch->abi.raws = NULL;
    for (;;) {
        batch_clear(batch);
        TRY(delta_scan_next(scan, batch, slots));
        if (batch->abi.row_count == 0 || is_stopped(worker)) {
            return worker->outcome;
        }
        batch->abi.source = FLOW_NO_INDEX;
        batch_select_all(batch);
        TRY(input_batch_run(worker));
    }
}

static Outcome scan_open(Worker *worker,
                         const FlowColumnDesc *columns,
                         uint32_t count,
                         DeltaTable **table,
                         DeltaScan **scan) {
    Run *run = worker->run;
    uint32_t index = (uint32_t)worker->input.pipeline->input;
    RunTable *written = &run->tables[index];
    if (written->write != NULL) {
        TRY(table_prepare(run, index));
        return delta_write_scan(written->write, columns, count, scan);
    }
    TRY(delta_open(run->sys, written->path, DELTA_LATEST, table));
    if (*table == NULL) {
        return sys_fail(run->sys, OUTCOME_REFUSED, "%s: there is no table", written->path);
    }
    return delta_scan_open(*table, columns, count, scan);
}

static Outcome table_run(Worker *worker) {
    Run *run = worker->run;
    const FlowPipeline *pipeline = worker->input.pipeline;
    const FlowTable *desc = &run->program->tables[pipeline->input];
    uint32_t count = 0; // of the columns that somebody reads
    FlowColumnDesc *columns =
        arena_array(&run->arena, FlowColumnDesc, (size_t)pipeline->input_slots + 1);
    int32_t *slots = arena_array(&run->arena, int32_t, (size_t)pipeline->input_slots + 1);
    for (int64_t i = 0; i < pipeline->input_slots; i++) {
        int32_t column = pipeline->table_columns[i];
        if (column != FLOW_NO_INDEX) {
            columns[count] = pipeline->slots[i];
            columns[count].name = desc->columns[column].name;
            slots[count++] = (int32_t)i;
        }
    }
    DeltaTable *table = NULL;
    DeltaScan *scan = NULL;
    Outcome outcome = scan_open(worker, columns, count, &table, &scan);
    if (outcome == OUTCOME_OK) {
        outcome = scan_batches(worker, scan, slots);
    }
    if (scan != NULL) {
        delta_scan_close(scan);
    }
    if (table != NULL) {
        delta_close(table);
    }
    return outcome;
}

// --- groups -------------------------------------------------------------------------------------

// Results that overflow leave here, before the pipeline sees them.
static void overflow_reject(Worker *worker, const uint16_t *overflow) {
    const Run *run = worker->run;
    const FlowGroup *group = &run->program->groups[worker->input.pipeline->input];
    FlowBatch *batch = &worker->input.batch->abi;
    int32_t *selection = batch->selection;
    int32_t count = 0;
    for (int32_t row = 0; row < batch->row_count; row++) {
        if (overflow[row] == 0) {
            selection[count++] = row;
            continue;
        }
        int32_t site = group->aggs[overflow[row] - 1].site;
        int32_t flow = run->program->sites[site].flow;
        worker_line(worker, flow, 0)[FLOW_COUNTER_IN]++;
        flow_rt_reject(&worker->context, batch, row, site);
    }
    batch->selected_count = count;
}

static Outcome group_run(Worker *worker) {
    uint32_t index = (uint32_t)worker->input.pipeline->input;
    uint16_t *overflow = arena_array(&worker->run->arena, uint16_t, FLOW_BATCH_ROWS_MAX);
    uint64_t cursor = 0;
    Batch *batch = worker->input.batch;
    batch_clear(batch);
    while (group_state_next(worker->groups[index], &cursor, batch, overflow)) {
        overflow_reject(worker, overflow);
        TRY(input_batch_run(worker));
        if (is_stopped(worker)) {
            return worker->outcome;
        }
        batch_clear(batch);
    }
    return OUTCOME_OK;
}

static Outcome pipeline_run(Worker *worker, uint32_t index) {
    const FlowPipeline *pipeline = &worker->run->program->pipelines[index];
    worker->input = (RunInput){
        .pipeline = pipeline,
        .batch = worker_batch(worker, index),
        .rejections = worker->input.rejections,
        .is_counted = true,
    };
    Outcome outcome = OUTCOME_OK;
    switch ((FlowInputKind)pipeline->input_kind) {
    case FLOW_INPUT_SOURCE:
        outcome = source_run(worker);
        break;
    case FLOW_INPUT_TABLE:
        outcome = table_run(worker);
        break;
    case FLOW_INPUT_GROUP:
        outcome = group_run(worker);
        break;
    case FLOW_INPUT_CALLED:
        break; // by others, within their runs
    case FLOW_INPUT_SORT:
        outcome = kept_results(worker, (uint32_t)pipeline->input);
        break;
    }
    worker_batches_free(worker);
    ledger_collect(worker->run);
    return outcome;
}

Outcome run_pipelines(Run *run) {
    for (uint32_t i = 0; i < (uint32_t)run->program->pipelines_count; i++) {
        TRY(kept_finish(run));
        TRY(pipeline_run(&run->workers[0], i));
        if (interrupt_signal() != 0) {
            return OUTCOME_OK; // the caller asks for the signal before it goes on
        }
    }
    return OUTCOME_OK;
}
