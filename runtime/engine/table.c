// Tables as what feeds a pipeline: which version, which columns, and what of it is left out because
// nobody wants it.
#include "engine/run.h"

// The pipeline's tests are on slots, those of a scan on the columns that it reads.
static void tests_take(Arena *arena, const FlowPipeline *pipeline, TableReading *reading) {
    reading->tests = arena_array(arena, FlowScanTest, (size_t)pipeline->tests_count + 1);
    for (int64_t t = 0; t < pipeline->tests_count; t++) {
        for (uint32_t i = 0; i < reading->count; i++) {
            if (reading->slots[i] == pipeline->tests[t].column) {
                reading->tests[reading->test_count] = pipeline->tests[t];
                reading->tests[reading->test_count++].column = (int32_t)i;
            }
        }
    }
}

TableReading table_reading(Arena *arena, const FlowTable *table, const FlowPipeline *pipeline) {
    size_t slots = (size_t)pipeline->input_slots;
    TableReading reading = {.columns = arena_array(arena, FlowColumnDesc, slots + 1),
                            .slots = arena_array(arena, int32_t, slots + 1)};
    for (uint32_t i = 0; i < slots; i++) {
        int32_t column = pipeline->table_columns[i];
        if (column != FLOW_NO_INDEX) {
            reading.columns[reading.count] = pipeline->slots[i];
            reading.columns[reading.count].name = table->columns[column].name;
            reading.slots[reading.count++] = (int32_t)i;
        }
    }
    tests_take(arena, pipeline, &reading);
    return reading;
}

static Outcome read_refuse(Run *run, const FlowTable *table, const char *path, int32_t column) {
    const char *name = table->columns[column].name;
    return sys_fail(run->sys,
                    OUTCOME_REFUSED,
                    "table %s: its rows lack the column %s, which the program was built to read as "
                    "never null: build it again where it sees the table, or write `?` behind the "
                    "type of %s in the table's contract",
                    path,
                    name,
                    name);
}

// A column that `schema evolve` adds is null in the rows that are there. A program that was built
// when the table did not exist may know of no null.
Outcome table_reads_check(Run *run, uint32_t table) {
    const FlowProgram *program = run->program;
    const DeltaWrite *write = run->tables[table].write;
    for (int64_t p = 0; p < program->pipelines_count; p++) {
        const FlowPipeline *pipeline = &program->pipelines[p];
        bool is_read =
            pipeline->input_kind == FLOW_INPUT_TABLE && pipeline->input == (int32_t)table;
        for (int64_t i = 0; is_read && i < pipeline->input_slots; i++) {
            int32_t column = pipeline->table_columns[i];
            bool is_never_null = !pipeline->slots[i].type->is_nullable;
            if (column != FLOW_NO_INDEX && is_never_null &&
                delta_write_adds(write, program->tables[table].columns[column].name)) {
                return read_refuse(run, &program->tables[table], run->tables[table].path, column);
            }
        }
    }
    return OUTCOME_OK;
}

static Outcome version_find(Run *run, const FlowTable *table, int64_t *version) {
    if (table->as_of == FLOW_AS_OF_VERSION) {
        *version = table->as_of_value;
    } else if (table->as_of == FLOW_AS_OF_TIMESTAMP) {
        TRY(delta_version_at(
            run->sys, setting_text(run, table->path), table->as_of_value, version));
    }
    return OUTCOME_OK;
}

static Outcome scan_open(Run *run, const FlowColumnDesc *columns, uint32_t count) {
    RunFeed *feed = &run->feed;
    uint32_t index = (uint32_t)feed->pipeline->input;
    RunTable *written = &run->tables[index];
    if (written->write != NULL) {
        TRY(table_prepare(run, index));
        return delta_write_scan(written->write, columns, count, &feed->scan);
    }
    int64_t version = DELTA_LATEST;
    TRY(version_find(run, &run->program->tables[index], &version));
    TRY(delta_open(run->sys, written->path, version, &feed->table));
    if (feed->table == NULL) {
        return sys_fail(run->sys, OUTCOME_REFUSED, "%s: there is no table", written->path);
    }
    return delta_scan_open(feed->table, columns, count, &feed->scan);
}

// Who cuts has a handle of the system of its own, as the workers have.
Outcome table_feed_open(Run *run) {
    RunFeed *feed = &run->feed;
    const FlowPipeline *pipeline = feed->pipeline;
    TableReading reading =
        table_reading(&run->epoch_arena, &run->program->tables[pipeline->input], pipeline);
    feed->slots = reading.slots;
    TRY(scan_open(run, reading.columns, reading.count));
    delta_scan_skip(feed->scan, reading.tests, reading.test_count);
    DeltaScan *cutter = delta_scan_share(feed->scan, feed->sys);
    delta_scan_close(feed->scan);
    feed->scan = cutter;
    for (uint32_t i = 0; i < run->worker_count; i++) {
        RunInput *input = &run->workers[i].input;
        input->scan = delta_scan_share(feed->scan, run->workers[i].sys);
        input->batch->abi.raws = NULL;
        input->batch->abi.source = FLOW_NO_INDEX;
    }
    return OUTCOME_OK;
}

// Rows that are left out have their numbers: a rejected row behind them is told by the same one.
static Outcome table_batch(RunInput *input, const int32_t *slots) {
    int64_t before = delta_scan_left_out(input->scan);
    TRY(delta_scan_next(input->scan, input->batch, slots));
    input->rows_before += delta_scan_left_out(input->scan) - before;
    return OUTCOME_OK;
}

Outcome table_piece_run(Worker *worker, const Piece *piece) {
    RunInput *input = &worker->input;
    const FlowBatch *batch = &input->batch->abi;
    const int32_t *slots = worker->run->feed.slots;
    input->rows_before = piece->table.left_out_before;
    TRY(delta_scan_only(input->scan, &piece->table));
    TRY(table_batch(input, slots));
    while (batch->row_count > 0 && input_goes_on(worker)) {
        TRY(input_batch_run(worker));
        TRY(table_batch(input, slots));
    }
    return OUTCOME_OK;
}

// Rows that were left out are the flow's filtered rows: the ledger does not show that nobody read
// them.
void table_feed_end(Run *run) {
    const RunFeed *feed = &run->feed;
    int64_t left_out = delta_scan_left_out(feed->scan);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        left_out += delta_scan_left_out(run->workers[i].input.scan);
    }
    if (feed->pipeline->test_flow != FLOW_NO_INDEX && left_out > 0) {
        int64_t *line = worker_line(&run->workers[0], feed->pipeline->test_flow, 0);
        line[FLOW_COUNTER_IN] += left_out;
        line[FLOW_COUNTER_FILTERED] += left_out;
    }
}
