// What a run has left in its world: rows of tables, of the DLQ and of sinks, as texts of cells.
#include "trial/trial_internal.h"

#include "dlq/dlq.h"
#include "format/format.h"
#include "store/store.h"

const char *
trial_text(Trial *trial, const FlowTypeDesc *type, bool is_null, const FlowValue *value) {
    Buffer text = {0};
    if (is_null) {
        buffer_text(&text, "null");
    } else if (type->kind == FLOW_BYTES) { // a test writes them as text
        buffer_json_string(&text, flow_view_data(&value->view), value->view.length);
    } else {
        value_json(&text, type, value);
    }
    const char *kept = arena_copy(trial->arena, text.data, text.length);
    buffer_free(&text);
    return kept;
}

static const char *part_text(
    Trial *trial, const Batch *batch, uint32_t row, const TrialPart *at, const FlowTypeDesc *type) {
    bool is_null = batch_is_null(batch, at->read, row);
    FlowValue value = is_null ? (FlowValue){0} : batch_value(batch, at->read, row);
    for (uint32_t i = 0; i < at->part.depth && !is_null; i++) {
        const FlowNested *nested = value.nested;
        uint32_t field = at->part.fields[i];
        is_null = nested->validity != NULL && nested->validity[field] == 0;
        value = is_null ? (FlowValue){0} : nested->items[field];
    }
    return trial_text(trial, type, is_null, &value);
}

static void batch_take(Trial *trial, const Batch *batch, TrialRows *rows) {
    const int32_t *selection = batch->abi.selection;
    for (int32_t s = 0; s < batch->abi.selected_count; s++) {
        uint32_t row = (uint32_t)selection[s];
        for (uint32_t i = 0; i < rows->column_count; i++) {
            *vec_push(trial->arena, &rows->cells) =
                part_text(trial, batch, row, &rows->parts[i], rows->columns[i].type);
        }
        rows->count++;
    }
}

// --- tables
// -------------------------------------------------------------------------------------------
static Outcome
scan_take(Trial *trial, DeltaScan *scan, const FlowColumnDesc *columns, TrialRows *rows) {
    Batch *batch = batch_new(columns, rows->read_count);
    int32_t *slots = arena_array(trial->arena, int32_t, rows->read_count + 1);
    for (uint32_t i = 0; i < rows->read_count; i++) {
        slots[i] = (int32_t)i;
    }
    Outcome outcome = OUTCOME_OK;
    do {
        batch_clear(batch);
        outcome = delta_scan_next(scan, batch, slots);
        batch_select_all(batch);
        if (outcome == OUTCOME_OK) {
            batch_take(trial, batch, rows);
        }
    } while (outcome == OUTCOME_OK && batch->abi.row_count > 0);
    batch_free(batch);
    return outcome;
}

// A table that nothing was written to is not there: it has no rows.
static Outcome
table_take(Trial *trial, const char *path, const FlowColumnDesc *columns, TrialRows *rows) {
    DeltaTable *table = NULL;
    DeltaScan *scan = NULL;
    TRY(delta_open(trial->world, path, DELTA_LATEST, &table));
    if (table == NULL) {
        return OUTCOME_OK;
    }
    Outcome outcome = delta_scan_open(table, columns, rows->read_count, &scan);
    outcome = outcome == OUTCOME_OK ? scan_take(trial, scan, columns, rows) : outcome;
    if (scan != NULL) {
        delta_scan_close(scan);
    }
    delta_close(table);
    return outcome;
}

static const char *dlq_path(Trial *trial) {
    const char *path = trial_setting(trial, trial->program->dlq);
    const char *checkpoint = trial_setting(trial, trial->program->checkpoint);
    if (path != NULL) {
        return path;
    }
    if (checkpoint == NULL && trial->is_stream) {
        return TRIAL_CHECKPOINT "/dlq";
    }
    return checkpoint != NULL ? arena_format(trial->arena, "%s/dlq", checkpoint)
                              : arena_format(trial->arena, "%s.dlq", trial->program->name);
}

// --- positions: row numbers, not bytes
// ----------------------------------------------------------------
enum { PLACE_COLUMNS = 2 }; // source and partition

static bool is_quoted(const char *cell, const char *text) {
    size_t length = strlen(text);
    return cell[0] == '"' && strncmp(cell + 1, text, length) == 0 && cell[length + 1] == '"';
}

typedef struct DlqPlace {
    const char *source;
    const char *partition;
    const char *position;
} DlqPlace;

static const char *row_number(Trial *trial, const DlqPlace *place) {
    for (int64_t s = 0; s < trial->program->sources_count; s++) {
        const TrialInput *input = &trial->inputs[s];
        bool is_own = is_quoted(place->source, trial->program->sources[s].name);
        for (uint32_t i = 0; is_own && i < input->starts.count; i++) {
            const TrialStart *start = &input->starts.items[i];
            const char *offset = arena_format(trial->arena, "%lld", (long long)start->offset);
            if (is_quoted(place->position, offset) && is_quoted(place->partition, start->path)) {
                return arena_format(trial->arena, "\"%u\"", i);
            }
        }
    }
    return place->position;
}

// `source` and `partition` are read along, to know whose position it is; they go again if the test
// did not ask.
static void positions_translate(Trial *trial, TrialRows *rows, int32_t position, uint32_t source) {
    for (uint32_t row = 0; row < rows->count; row++) {
        const char **cells = &rows->cells.items[(size_t)row * rows->column_count];
        DlqPlace place = {cells[source], cells[source + 1], cells[position]};
        cells[position] = row_number(trial, &place);
    }
}

static void last_columns_drop(TrialRows *rows) {
    uint32_t kept = rows->column_count - PLACE_COLUMNS;
    for (uint32_t row = 0; row < rows->count; row++) {
        memmove(&rows->cells.items[(size_t)row * kept],
                &rows->cells.items[(size_t)row * rows->column_count],
                kept * sizeof(*rows->cells.items));
    }
    rows->column_count = kept;
}

static Outcome dlq_take(Trial *trial, const FlowColumnDesc *columns, TrialRows *rows) {
    uint32_t count = rows->column_count;
    uint32_t dlq_count = 0;
    const FlowColumnDesc *all = dlq_columns(&dlq_count);
    uint32_t read_count = count + PLACE_COLUMNS;
    FlowColumnDesc *wanted = arena_array(trial->arena, FlowColumnDesc, read_count);
    int32_t position = -1;
    for (uint32_t i = 0; i < count; i++) {
        wanted[i] = columns[i];
        position = strcmp(columns[i].name, "position") == 0 ? (int32_t)i : position;
    }
    wanted[count] = *trial_column(all, dlq_count, "source");
    wanted[count + 1] = *trial_column(all, dlq_count, "partition");
    TrialPart *parts = arena_array(trial->arena, TrialPart, read_count); // it has no structs
    for (uint32_t i = 0; i < read_count; i++) {
        parts[i].read = i;
    }
    rows->columns = wanted;
    rows->parts = parts;
    rows->read_count = read_count;
    rows->column_count = read_count;
    TRY(table_take(trial, dlq_path(trial), wanted, rows));
    if (position >= 0) {
        positions_translate(trial, rows, position, count);
    }
    last_columns_drop(rows);
    return OUTCOME_OK;
}

// --- sinks
// --------------------------------------------------------------------------------------------
typedef struct SinkText {
    const FlowSink *sink;
    FlowFormat format;
    const char *bytes;
    size_t length;
} SinkText;

static CsvStyle style_of(const FlowSink *sink) {
    return (CsvStyle){.delimiter = (char)sink->csv_delimiter,
                      .null_text = sink->csv_null == NULL ? "" : sink->csv_null};
}

// Lines of CSV without a header get one: the test may ask for a few of the columns.
static void header_add(const SinkText *text, Buffer *out) {
    if (text->format == FLOW_FORMAT_CSV && text->sink->csv_header == 0) {
        CsvStyle style = style_of(text->sink);
        csv_write_header(&style, text->sink->columns, (uint32_t)text->sink->columns_count, out);
    }
}

static void sink_reject(void *user, const FormatReject *reject) {
    trial_fail(user, "what the sink holds can't be read: %s", reject->message);
}

// Reads lines back with the decoder of sources.
static void
text_take(Trial *trial, const SinkText *text, const FlowColumnDesc *columns, TrialRows *rows) {
    FlowSource source = {.name = "sink",
                         .format = (int32_t)text->format,
                         .csv_delimiter = text->sink->csv_delimiter,
                         .csv_header = 1,
                         .csv_null = style_of(text->sink).null_text,
                         .event_time = FLOW_NO_INDEX,
                         .columns = columns,
                         .columns_count = rows->read_count};
    Buffer bytes = {0};
    header_add(text, &bytes);
    buffer_append(&bytes, text->bytes, text->length);
    size_t length = bytes.length;
    buffer_reserve(&bytes, FORMAT_SLACK_BYTES);
    memset(bytes.data + length, 0, FORMAT_SLACK_BYTES);
    Batch *batch = batch_new(columns, rows->read_count);
    TextDecoder *decoder = text_decoder_new(&source, text->format, sink_reject, trial);
    text_decoder_begin(decoder, 0, "sink", 0);
    size_t done = 0;
    while (done < length) {
        batch_clear(batch);
        done +=
            text_decoder_run(decoder, bytes.data + done, length - done, (int64_t)done, true, batch);
        batch_select_all(batch);
        batch_take(trial, batch, rows);
    }
    buffer_free(&bytes);
    text_decoder_free(decoder);
    batch_free(batch);
}

static Outcome
files_take(Trial *trial, const FlowSink *sink, const FlowColumnDesc *columns, TrialRows *rows) {
    const char *path = trial_setting(trial, sink->path);
    SysEntry *entries = NULL;
    uint32_t count = 0;
    TRY(sys_list(trial->world, trial->arena, path, &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].is_directory || entries[i].name[0] == '.' || entries[i].name[0] == '_') {
            continue;
        }
        SinkText text = {.sink = sink, .format = (FlowFormat)sink->format};
        char *bytes = NULL;
        const char *file = arena_format(trial->arena, "%s/%s", path, entries[i].name);
        TRY(sys_read_all(
            trial->world, trial->arena, file, TEST_FILE_BYTES_MAX, &bytes, &text.length));
        text.bytes = bytes;
        text_take(trial, &text, columns, rows);
    }
    return OUTCOME_OK;
}

static Outcome sink_take(Trial *trial,
                         const CheckedTestStep *step,
                         const FlowColumnDesc *columns,
                         TrialRows *rows) {
    const FlowSink *sink = &trial->program->sinks[step->index];
    if (sink->kind == FLOW_SINK_STDOUT) {
        const Buffer *said = sys_memory_stream(trial->world, 1);
        SinkText text = {sink, FLOW_FORMAT_NDJSON, said->data, said->length};
        text_take(trial, &text, columns, rows);
        return OUTCOME_OK;
    }
    bool is_text = sink->format == FLOW_FORMAT_NDJSON || sink->format == FLOW_FORMAT_CSV;
    if (sink->kind != FLOW_SINK_FILES || !is_text) {
        trial_fail(trial, "not supported yet: expecting rows of this kind of sink");
        return OUTCOME_OK;
    }
    return files_take(trial, sink, columns, rows);
}

bool trial_rows_read(Trial *trial,
                     const CheckedTestStep *step,
                     const FlowColumnDesc *columns,
                     TrialRows *rows) {
    Outcome outcome = OUTCOME_OK;
    switch (step->target) {
    case CHECKED_TABLE:
        outcome = table_take(
            trial, trial_setting(trial, trial->program->tables[step->index].path), columns, rows);
        break;
    case CHECKED_DLQ:
        outcome = dlq_take(trial, columns, rows);
        break;
    case CHECKED_SINK:
        outcome = sink_take(trial, step, columns, rows);
        break;
    case CHECKED_SOURCE:
        break;
    }
    if (outcome != OUTCOME_OK) {
        trial_fail_world(trial, step->name);
    }
    return !trial->is_failed;
}
