// Pipelines and what feeds them: sources, tables, groups.
#include "engine/run.h"

static bool is_stopped(const Run *run) {
    return run->outcome != OUTCOME_OK || interrupt_signal() != 0;
}

// One batch through the pipeline's function.
static Outcome batch_run(Run *run) {
    RunInput *input = &run->input;
    FlowBatch *batch = &input->batch->abi;
    memset(input->rejections, 0, (size_t)batch->row_count * sizeof(*input->rejections));
    run->scalar.arena = &input->batch->arena;
    int32_t status = input->pipeline->run(&run->context, batch);
    ASSERT(status == FLOW_RUN_OK || run->outcome != OUTCOME_OK);
    input->rows_before += batch->row_count;
    run->progress.rows += batch->row_count;
    progress_update(run);
    return run->outcome;
}

// --- sources ------------------------------------------------------------------------------------

// Rows that the decoder has left out are the flow's filtered rows: the ledger does not show who
// applied the condition.
static void source_settle(Run *run, int64_t rows, int64_t rejected_before) {
    const RunInput *input = &run->input;
    if (!input->is_counted) {
        return;
    }
    int64_t *line = ledger_line(run, -1, input->pipeline->input);
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
    int64_t *flow_line = ledger_line(run, input->desc->test_flow, 0);
    flow_line[FLOW_COUNTER_IN] += filtered;
    flow_line[FLOW_COUNTER_FILTERED] += filtered;
}

// Rejections while decoding are no rows; those of the contract's checks were.
static Outcome source_batch(Run *run, int64_t *rows, int64_t *rejected_in_decode) {
    RunInput *input = &run->input;
    const int64_t *line = ledger_line(run, -1, input->pipeline->input);
    int64_t before = line[FLOW_COUNTER_DLQ];
    batch_clear(input->batch);
    TRY(source_next(input->source, input->batch));
    TRY(run->outcome); // the DLQ could not take a record
    *rejected_in_decode += line[FLOW_COUNTER_DLQ] - before;
    *rows += input->batch->abi.row_count;
    return input->batch->abi.row_count > 0 ? batch_run(run) : OUTCOME_OK;
}

static Outcome source_batches(Run *run) {
    int64_t rows = 0;
    int64_t rejected_in_decode = 0;
    const int64_t *line = ledger_line(run, -1, run->input.pipeline->input);
    int64_t rejected_before = line[FLOW_COUNTER_DLQ] + line[FLOW_COUNTER_DROPPED];
    do {
        TRY(source_batch(run, &rows, &rejected_in_decode));
    } while (run->input.batch->abi.row_count > 0 && !is_stopped(run));
    source_settle(run, rows, rejected_before + rejected_in_decode);
    return OUTCOME_OK;
}

static void positions_add(Run *run) {
    const Source *source = run->input.source;
    Buffer *out = &run->positions;
    buffer_text(out, out->length == 0 ? "{" : ",");
    buffer_json_string(out, run->input.desc->name, strlen(run->input.desc->name));
    buffer_format(out, ":{\"records\":%lld,\"files\":[", (long long)source_records(source));
    for (uint32_t i = 0; i < source_file_count(source); i++) {
        const char *path = source_file_path(source, i);
        buffer_text(out, i > 0 ? "," : "");
        buffer_json_string(out, path, strlen(path));
    }
    buffer_text(out, "]}");
}

static Outcome source_run(Run *run) {
    RunInput *input = &run->input;
    uint32_t index = (uint32_t)input->pipeline->input;
    input->desc = &run->program->sources[index];
    input->is_counted = !run->sources_read[index];
    run->sources_read[index] = true;
    SourceOptions options = {
        .glob = setting_text(run, input->desc->path),
        .now_us = run->context.now_us,
        .reject = run_reject_record,
        .user = run,
    };
    TRY(source_open(run->sys, input->desc, &options, &input->source));
    input->batch->abi.source = (int32_t)index;
    Outcome outcome = source_batches(run);
    if (outcome == OUTCOME_OK && input->is_counted) {
        positions_add(run);
        run->bytes_in += source_bytes_read(input->source);
    }
    run->progress.bytes_done += source_bytes_read(input->source);
    source_close(input->source);
    input->source = NULL;
    return outcome;
}

// --- tables -------------------------------------------------------------------------------------

static Outcome scan_batches(Run *run, DeltaScan *scan, const int32_t *slots) {
    Batch *batch = run->input.batch;
    batch->abi.raws = NULL;
    for (;;) {
        batch_clear(batch);
        TRY(delta_scan_next(scan, batch, slots));
        if (batch->abi.row_count == 0 || is_stopped(run)) {
            return run->outcome;
        }
        batch->abi.source = FLOW_NO_INDEX;
        batch_select_all(batch);
        TRY(batch_run(run));
    }
}

static Outcome scan_open(
    Run *run, const FlowColumnDesc *columns, uint32_t count, DeltaTable **table, DeltaScan **scan) {
    uint32_t index = (uint32_t)run->input.pipeline->input;
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

static Outcome table_run(Run *run) {
    const FlowPipeline *pipeline = run->input.pipeline;
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
    Outcome outcome = scan_open(run, columns, count, &table, &scan);
    if (outcome == OUTCOME_OK) {
        outcome = scan_batches(run, scan, slots);
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
static void overflow_reject(Run *run, const uint16_t *overflow) {
    const FlowGroup *group = &run->program->groups[run->input.pipeline->input];
    FlowBatch *batch = &run->input.batch->abi;
    int32_t *selection = batch->selection;
    int32_t count = 0;
    for (int32_t row = 0; row < batch->row_count; row++) {
        if (overflow[row] == 0) {
            selection[count++] = row;
            continue;
        }
        int32_t site = group->aggs[overflow[row] - 1].site;
        int32_t flow = run->program->sites[site].flow;
        ledger_line(run, flow, 0)[FLOW_COUNTER_IN]++;
        flow_rt_reject(&run->context, batch, row, site);
    }
    batch->selected_count = count;
}

static Outcome group_run(Run *run) {
    uint32_t index = (uint32_t)run->input.pipeline->input;
    uint16_t *overflow = arena_array(&run->arena, uint16_t, FLOW_BATCH_ROWS_MAX);
    uint64_t cursor = 0;
    Batch *batch = run->input.batch;
    batch_clear(batch);
    while (group_state_next(run->groups[index], &cursor, batch, overflow)) {
        overflow_reject(run, overflow);
        TRY(batch_run(run));
        if (is_stopped(run)) {
            return run->outcome;
        }
        batch_clear(batch);
    }
    return OUTCOME_OK;
}

static Outcome pipeline_run(Run *run, const FlowPipeline *pipeline) {
    Batch *batch = batch_new(pipeline->slots, (uint32_t)pipeline->slots_count);
    uint16_t *rejections = run->input.rejections;
    run->input = (RunInput){
        .pipeline = pipeline, .batch = batch, .rejections = rejections, .is_counted = true};
    Outcome outcome = OUTCOME_OK;
    switch ((FlowInputKind)pipeline->input_kind) {
    case FLOW_INPUT_SOURCE:
        outcome = source_run(run);
        break;
    case FLOW_INPUT_TABLE:
        outcome = table_run(run);
        break;
    case FLOW_INPUT_GROUP:
        outcome = group_run(run);
        break;
    default:
        flow_bug(__FILE__, __LINE__, "a kind that is not built yet");
    }
    batch_free(batch);
    run->input.batch = NULL;
    run->scalar.arena = NULL;
    return outcome;
}

Outcome run_pipelines(Run *run) {
    run->input.rejections = arena_array(&run->arena, uint16_t, FLOW_BATCH_ROWS_MAX);
    for (int64_t i = 0; i < run->program->pipelines_count; i++) {
        TRY(pipeline_run(run, &run->program->pipelines[i]));
        if (interrupt_signal() != 0) {
            return OUTCOME_OK; // the caller asks for the signal before it goes on
        }
    }
    return OUTCOME_OK;
}
