// Rows that leave a pipeline before its end: into the DLQ, dropped, or with a warning; and the end
// of a run whose data says so.
#include "engine/run.h"

// The row of the outermost pipeline's batch that a row of this batch comes from.
static uint32_t root_row(const FlowBatch *batch, int32_t row) {
    const int32_t *origins = batch->origins;
    return (uint32_t)(origins == NULL ? row : origins[row]);
}

static void event_time_set(const RunInput *input, uint32_t row, DlqRecord *record) {
    int32_t column = input->desc->event_time;
    if (column == FLOW_NO_INDEX || !input->desc->columns[column].is_used ||
        batch_is_null(input->batch, (uint32_t)column, row)) {
        return;
    }
    record->has_event_time = true;
    record->event_time_us = batch_value(input->batch, (uint32_t)column, row).i64;
}

static void origin_of_source(Worker *worker, uint32_t row, DlqRecord *record) {
    RunInput *input = &worker->input;
    const FlowBatch *batch = &input->batch->abi;
    record->source = input->desc->name;
    record->partition = source_file_path(worker->run->feed.source, (uint32_t)batch->file);
    record->position = ((const int64_t *)batch->offsets)[row];
    record->contract = input->desc->contract;
    record->contract_version = input->desc->contract_version;
    if (batch->raws != NULL) {
        record->raw = ((const char *const *)batch->raws)[row];
        record->raw_length = (size_t)((const int32_t *)batch->lengths)[row];
    }
    buffer_clear(&worker->raw);
    if (record->raw == NULL &&
        source_reader_raw(input->reader, batch, (int32_t)row, &worker->raw)) {
        record->raw = worker->raw.data;
        record->raw_length =
            worker->raw.length < RAW_BYTES_MAX ? worker->raw.length : RAW_BYTES_MAX;
    }
    event_time_set(input, row, record);
}

// A table's column that nothing reads is not in the batch.
static bool is_filled(const FlowPipeline *pipeline, uint32_t slot) {
    return pipeline->input_kind != FLOW_INPUT_TABLE ||
           pipeline->table_columns[slot] != FLOW_NO_INDEX;
}

static void raw_of_row(Worker *worker, uint32_t row, DlqRecord *record) {
    const FlowPipeline *pipeline = worker->run->feed.pipeline;
    const int32_t *slots = pipeline->raw_columns;
    int32_t columns[COLUMNS_MAX];
    uint32_t count = 0;
    ASSERT(pipeline->raw_columns_count <= COLUMNS_MAX);
    for (int64_t i = 0; i < pipeline->raw_columns_count; i++) {
        if (is_filled(pipeline, (uint32_t)slots[i])) {
            columns[count++] = slots[i];
        }
    }
    buffer_clear(&worker->raw);
    batch_row_json(worker->input.batch, row, columns, count, &worker->raw);
    record->raw = worker->raw.data;
    record->raw_length = worker->raw.length;
}

static void origin_of_table(Worker *worker, uint32_t row, DlqRecord *record) {
    RunInput *input = &worker->input;
    record->source = worker->run->program->tables[worker->run->feed.pipeline->input].name;
    record->position = input->rows_before + row;
    raw_of_row(worker, row, record);
}

// What `unique` has kept is still a source's record, but for its bytes.
static void origin_of_kept(Worker *worker, uint32_t row, DlqRecord *record) {
    const Run *run = worker->run;
    const FlowBatch *batch = &worker->input.batch->abi;
    const FlowSource *source = &run->program->sources[batch->source];
    record->source = source->name;
    record->partition = run->source_paths[batch->source][batch->file];
    record->position = ((const int64_t *)batch->offsets)[row];
    record->contract = source->contract;
    record->contract_version = source->contract_version;
    raw_of_row(worker, row, record);
}

// `unique` in the contract of a source rejects what no flow has seen: no other stage can reject the
// same record.
static const char *stage_of(const Worker *worker) {
    const FlowProgram *program = worker->run->program;
    const FlowPipeline *pipeline = worker->run->feed.pipeline;
    if (pipeline->input_kind == FLOW_INPUT_GROUP) {
        return program->groups[pipeline->input].operator_id;
    }
    if (pipeline->input_kind == FLOW_INPUT_BAND) {
        return program->bands[pipeline->input].operator_id;
    }
    const FlowSort *sort = &program->sorts[pipeline->input];
    bool is_of_source =
        sort->site != FLOW_NO_INDEX && program->sites[sort->site].flow == FLOW_NO_INDEX;
    return is_of_source ? NULL : sort->operator_id;
}

// After a stage that keeps rows there is no record to point to: rejections are told apart by the
// stage and their row's number among its results, whose order is the canonical one; and by the
// epoch, where each has results of its own.
static void origin_of_state(Worker *worker, uint32_t row, DlqRecord *record) {
    RunInput *input = &worker->input;
    record->stage = stage_of(worker);
    if (input->batch->abi.source != FLOW_NO_INDEX) {
        origin_of_kept(worker, row, record);
        return;
    }
    record->position = input->rows_before + row;
    record->epoch = run_is_batch(worker->run) ? 0 : worker->run->slot;
    raw_of_row(worker, row, record);
}

static void origin_set(Worker *worker, uint32_t row, DlqRecord *record) {
    switch ((FlowInputKind)worker->run->feed.pipeline->input_kind) {
    case FLOW_INPUT_SOURCE:
        origin_of_source(worker, row, record);
        break;
    case FLOW_INPUT_TABLE:
        origin_of_table(worker, row, record);
        break;
    case FLOW_INPUT_GROUP:
    case FLOW_INPUT_SORT:
    case FLOW_INPUT_BAND:
        origin_of_state(worker, row, record);
        break;
    case FLOW_INPUT_CALLED:
        ASSERT(false); // The outermost pipeline is called by nobody.
    }
}

// A late record counts as that wherever it goes (LANGUAGE 11 "Ledger").
static FlowCounter counter_of(const FlowSite *site, FlowCounter otherwise) {
    return site->reject_class == FLOW_REJECT_LATE ? FLOW_COUNTER_LATE : otherwise;
}

static int64_t *line_of_site(const Worker *worker, const FlowSite *site) {
    return worker_line(worker, site->flow, worker->input.batch->abi.source);
}

// A source that a second pipeline reads has counted and reported its own rejections already.
static bool is_repeated(const Worker *worker, const FlowSite *site) {
    return site->flow == FLOW_NO_INDEX && !worker->run->feed.is_counted;
}

// A record that a source has made up and that breaks its contract is no record of it.
static bool is_drawn_again(Worker *worker, const FlowSite *site, void *batch, int32_t row) {
    RunInput *input = &worker->input;
    if (site->flow != FLOW_NO_INDEX || input->reader == NULL) {
        return false;
    }
    const int64_t *positions = input->batch->abi.offsets;
    if (!source_reader_again(input->reader,
                             positions[root_row(batch, row)],
                             site->expression[0] == '\0' ? site->message : site->expression,
                             site->location)) {
        return false;
    }
    input->rows--;
    return true;
}

static void site_count(const Worker *worker, int32_t site) {
    int64_t *rows = worker->run->options->site_rows;
    if (rows != NULL) {
        __atomic_fetch_add(&rows[site], 1, __ATOMIC_RELAXED);
    }
}

void flow_rt_reject(void *ctx, void *batch, int32_t row, int32_t site_index) {
    Worker *worker = worker_of(ctx);
    const Run *run = worker->run;
    const FlowSite *site = &run->program->sites[site_index];
    if (worker->pairs.batch == batch) {
        worker->pairs.rejected[row] = 1;
    }
    if (worker->pairs.is_stored) {
        bool is_first = worker->pairs.site == FLOW_NO_INDEX;
        worker->pairs.site = is_first ? site_index : worker->pairs.site;
        return;
    }
    if (is_drawn_again(worker, site, batch, row) || is_repeated(worker, site)) {
        return;
    }
    line_of_site(worker, site)[counter_of(site, FLOW_COUNTER_DLQ)]++;
    site_count(worker, site_index);
    DlqRecord record = {
        .flow = site->flow == FLOW_NO_INDEX ? NULL : run->flow_names[site->flow],
        .reject_class = (FlowRejectClass)site->reject_class,
        .code = site->code,
        .message = site->message,
        .expression = site->expression,
        .location = site->location,
    };
    origin_set(worker, root_row(batch, row), &record);
    worker_reject_row(worker, root_row(batch, row), &record);
}

void run_reject_kept(Worker *worker, uint32_t row, int32_t site_index) {
    const FlowSite *site = &worker->run->program->sites[site_index];
    bool is_source = site->flow == FLOW_NO_INDEX;
    site_count(worker, site_index);
    DlqRecord record = {
        .flow = is_source ? NULL : worker->run->flow_names[site->flow],
        .reject_class = (FlowRejectClass)site->reject_class,
        .code = site->code,
        .message = site->message,
        .expression = site->expression,
        .location = site->location,
    };
    int64_t *line = line_of_site(worker, site);
    line[FLOW_COUNTER_DLQ]++;
    line[FLOW_COUNTER_OUT] -= is_source; // It had been counted when it was kept.
    origin_of_state(worker, row, &record);
    worker_reject_row(worker, row, &record);
}

// Where, what, and of which expression or check.
static void site_describe(const FlowSite *site, Buffer *out) {
    bool has_expression = site->expression[0] != '\0';
    buffer_format(out,
                  "%s: %s%s%s",
                  site->location,
                  site->message,
                  has_expression ? ": " : "",
                  site->expression);
}

void run_site_members(const Run *run, int32_t site_index, Buffer *out) {
    const FlowSite *site = &run->program->sites[site_index];
    buffer_text(out, ",\"code\":");
    buffer_json_string(out, site->code, strlen(site->code));
    buffer_text(out, ",\"location\":");
    buffer_json_string(out, site->location, strlen(site->location));
}

static void warn(Worker *worker, uint32_t row, int32_t site_index) {
    const FlowSite *site = &worker->run->program->sites[site_index];
    Parcel *aside = worker->times.aside;
    Parcel *parcel = aside != NULL ? aside : &worker->piece->parcel;
    if (!parcel_wants_warning(parcel, site_index)) {
        parcel_warn(parcel, worker->run, site_index, NULL);
        return;
    }
    DlqRecord record = {0};
    Buffer line = {0};
    origin_set(worker, row, &record);
    buffer_text(&line, "flow: warning: ");
    site_describe(site, &line);
    if (record.partition != NULL) {
        buffer_format(&line, " (%s at %lld)", record.partition, (long long)record.position);
    }
    buffer_char(&line, '\n');
    parcel_warn(parcel, worker->run, site_index, buffer_cstring(&line));
    buffer_free(&line);
}

void run_warnings_print(Run *run) {
    for (int64_t i = 0; i < run->program->sites_count; i++) {
        if (run->warnings[i] > WARNINGS_SHOWN_MAX) {
            Buffer line = {0};
            buffer_text(&line, "flow: warning: ");
            site_describe(&run->program->sites[i], &line);
            buffer_format(&line, " (%lld times in all)\n", (long long)run->warnings[i]);
            Buffer members = {0};
            run_site_members(run, (int32_t)i, &members);
            buffer_format(&members, ",\"times\":%lld", (long long)run->warnings[i]);
            run_log(run,
                    &(LogEntry){.level = LOG_WARNING,
                                .event = "check_failed_often",
                                .text = buffer_cstring(&line),
                                .members = buffer_cstring(&members)});
            buffer_free(&members);
            buffer_free(&line);
        }
    }
}

// Where the row stands in its table is known when it is the piece's turn.
static int64_t place_of(const Worker *worker, const DlqRecord *record) {
    if (record->stage != NULL && record->source == NULL) {
        return -1;
    }
    return record->position + (record->partition == NULL ? worker->run->pieces.rows_out : 0);
}

static int32_t fail(Worker *worker, uint32_t row, const FlowSite *site) {
    DlqRecord record = {0};
    if (!worker_await_turn(worker)) {
        worker_stop(worker, OUTCOME_STOPPED); // What decides is a piece before this one.
        return FLOW_RUN_STOP;
    }
    origin_set(worker, row, &record);
    Buffer what = {0};
    site_describe(site, &what);
    worker_stop(worker,
                sys_fail(worker->sys,
                         OUTCOME_STOPPED,
                         "%s: the data stops the run (%s%s%lld)",
                         buffer_cstring(&what),
                         record.partition == NULL ? "row" : record.partition,
                         record.partition == NULL ? " " : " at ",
                         (long long)place_of(worker, &record)));
    buffer_free(&what);
    return FLOW_RUN_STOP;
}

int32_t
flow_rt_check_failed(void *ctx, void *batch, int32_t row, int32_t site_index, int32_t reaction) {
    Worker *worker = worker_of(ctx);
    const FlowSite *site = &worker->run->program->sites[site_index];
    bool is_counted = !is_repeated(worker, site);
    bool is_probe = site->code[0] == '\0';
    if (is_probe || reaction != FLOW_REACTION_REJECT) { // else it counts as a rejection
        site_count(worker, site_index);
    }
    if (is_probe) {
        return FLOW_RUN_OK;
    }
    if (reaction != FLOW_REACTION_WARN && is_drawn_again(worker, site, batch, row)) {
        return FLOW_RUN_OK;
    }
    switch (reaction) {
    case FLOW_REACTION_WARN:
        line_of_site(worker, site)[FLOW_COUNTER_WARNED] += is_counted;
        if (is_counted) {
            warn(worker, root_row(batch, row), site_index);
        }
        return FLOW_RUN_OK;
    case FLOW_REACTION_DROP:
        line_of_site(worker, site)[counter_of(site, FLOW_COUNTER_DROPPED)] += is_counted;
        return FLOW_RUN_OK;
    case FLOW_REACTION_REJECT:
        flow_rt_reject(ctx, batch, row, site_index);
        return FLOW_RUN_OK;
    default:
        return fail(worker, root_row(batch, row), site);
    }
}

void run_reject_record(void *user, const FormatReject *reject) {
    Worker *worker = user;
    const RunInput *input = &worker->input;
    if (!worker->run->feed.is_counted) {
        return;
    }
    worker_line(worker, -1, worker->run->feed.pipeline->input)[FLOW_COUNTER_DLQ]++;
    DlqRecord record = {
        .source = input->desc->name,
        .partition = source_file_path(worker->run->feed.source, (uint32_t)input->batch->abi.file),
        .position = reject->position,
        .reject_class = reject->reject_class,
        .code = reject->code,
        .message = reject->message,
        .raw = reject->raw,
        .raw_length = reject->raw_length,
        .contract = input->desc->contract,
        .contract_version = input->desc->contract_version,
    };
    worker_reject(worker, &record);
}
