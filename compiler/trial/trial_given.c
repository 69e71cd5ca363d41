// What a test gives, as the program will find it: files of the source's own format at a place that
// its pattern matches, and tables. So a test goes the way of all records.
#include "trial/trial_internal.h"

#include "format/avro/avro.h"
#include "format/format.h"
#include "format/parquet/parquet.h"
#include "generate/generate.h"
#include "source/source.h"
#include "store/store.h"

// --- places -------------------------------------------------------------------------------------
// Of a set the first character; of a negated one, a character that hardly any set names.
static const char *set_character(const char *at, Buffer *path) {
    const char *end = strchr(at, ']');
    bool is_negated = at[1] == '!' || at[1] == '^';
    if (end == NULL) {
        buffer_char(path, '[');
        return at;
    }
    buffer_char(path, is_negated ? '~' : at[1]);
    return end;
}

// A path that the glob matches: `*` becomes the name.
const char *trial_glob_path(Arena *arena, const char *glob, const char *name) {
    Buffer path = {0};
    for (const char *at = glob; *at != '\0'; at++) {
        if (*at == '*') {
            buffer_text(&path, at > glob && at[-1] == '*' ? "" : name);
        } else if (*at == '[') {
            at = set_character(at, &path);
        } else if (*at == '\\' && at[1] != '\0') {
            buffer_char(&path, *++at);
        } else {
            buffer_char(&path, *at == '?' ? '0' : *at);
        }
    }
    const char *text = arena_string(arena, buffer_cstring(&path));
    buffer_free(&path);
    return text;
}

static FlowFormat format_of(const FlowSource *source, const char *path) {
    FlowFormat format = (FlowFormat)source->format;
    if (format == FLOW_FORMAT_BY_SUFFIX) {
        format = source_format_by_suffix(path);
    }
    return format == FLOW_FORMAT_BY_SUFFIX ? FLOW_FORMAT_NDJSON : format;
}

static bool has_wildcard(const char *glob) {
    return strpbrk(glob, "*?[\\") != NULL;
}

// Of the next run: a stream reads a file once.
static const char *source_path(const Trial *trial, const FlowSource *source) {
    int64_t index = source - trial->program->sources;
    const char *glob = trial_setting(trial, trial->on->given->sources[index].path);
    if (glob == NULL || source->format == FLOW_FORMAT_DELTA) {
        return glob;
    }
    bool is_later = trial->is_stream && trial->run_count > 0;
    if (!is_later) {
        return trial_glob_path(trial->arena, glob, "given");
    }
    if (!has_wildcard(glob)) {
        return arena_format(trial->arena, "%s.%06u", glob, trial->run_count);
    }
    const char *name = arena_format(trial->arena, "given%06u", trial->run_count);
    return trial_glob_path(trial->arena, glob, name);
}

const FlowProgram *trial_stream(Arena *arena, const FlowProgram *given) {
    size_t count = (size_t)given->sources_count;
    FlowSource *sources = arena_array(arena, FlowSource, count + 1);
    FlowProgram *copy = arena_new(arena, FlowProgram);
    *copy = *given;
    for (size_t i = 0; i < count; i++) {
        const FlowSetting *path = given->sources[i].path;
        sources[i] = given->sources[i];
        if (path->param != FLOW_NO_INDEX || has_wildcard(path->text)) {
            continue;
        }
        FlowSetting *all = arena_new(arena, FlowSetting);
        *all = *path;
        all->text = arena_format(arena, "%s*", path->text);
        sources[i].path = all;
        sources[i].format = (int32_t)format_of(&given->sources[i], path->text);
    }
    copy->sources = sources;
    return copy;
}

const FlowProgram *trial_program(Arena *arena, const FlowProgram *program) {
    size_t count = (size_t)program->sources_count;
    FlowSource *sources = arena_array(arena, FlowSource, count + 1);
    FlowProgram *copy = arena_new(arena, FlowProgram);
    *copy = *program;
    for (size_t i = 0; i < count; i++) {
        sources[i] = program->sources[i];
        if (sources[i].generate == NULL && sources[i].reads_changes == 0) {
            continue;
        }
        FlowSetting *path = arena_new(arena, FlowSetting);
        path->text = arena_format(arena, "given/%s.ndjson", sources[i].name);
        path->param = FLOW_NO_INDEX;
        // Changes of a table are given as those of a database are: as envelopes.
        bool has_envelopes = sources[i].reads_changes != 0;
        sources[i].generate = NULL;
        sources[i].reads_changes = 0;
        sources[i].path = path;
        sources[i].format = has_envelopes ? FLOW_FORMAT_DEBEZIUM : FLOW_FORMAT_NDJSON;
    }
    copy->sources = sources;
    return copy;
}

// --- rows as records
// ------------------------------------------------------------------------------
static const FlowWire *wire_of(const FlowSource *source, const FlowColumnDesc *column) {
    int64_t index = column - source->columns;
    return index < source->wires_count ? &source->wires[index] : NULL;
}

// What the column is called in records.
static const char *wire_name(const FlowSource *source, const FlowColumnDesc *column) {
    const FlowWire *wire = wire_of(source, column);
    return wire == NULL || wire->names_count == 0 ? column->name : wire->names[0].text;
}

static void timestamp_number(Buffer *out, const FlowSource *source, int64_t us) {
    buffer_format(out, "%lld", (long long)(us / format_unit_us(source)));
}

static bool is_number_of_time(const FlowSource *source, const FlowColumnDesc *column) {
    return source->timestamp_unit != FLOW_UNIT_NONE && column->type->kind == FLOW_TIMESTAMP;
}

static void json_object(Trial *trial,
                        const FlowSource *source,
                        const CheckedTestStep *step,
                        const CheckedRow *row,
                        Buffer *out) {
    bool is_first = true;
    buffer_char(out, '{');
    for (uint32_t i = 0; i < step->column_count; i++) {
        const char *name = step->columns[i].name;
        const FlowColumnDesc *column = trial_column(source->columns, source->columns_count, name);
        if (column == NULL || column->meta != FLOW_META_NONE || row->cells[i] == NULL) {
            continue;
        }
        FlowValue value = {0};
        bool is_there = trial_cell(trial, row->cells[i], &value);
        buffer_text(out, is_first ? "" : ",");
        const char *written = wire_name(source, column);
        buffer_json_string(out, written, strlen(written));
        buffer_char(out, ':');
        if (!is_there) {
            buffer_text(out, "null");
        } else if (is_number_of_time(source, column)) {
            timestamp_number(out, source, value.i64);
        } else {
            generate_json(wire_of(source, column), column->type, value, out);
        }
        is_first = false;
    }
    buffer_char(out, '}');
}

static void csv_text(const FlowSource *source, const char *text, size_t length, Buffer *out) {
    (void)source;
    buffer_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        buffer_text(out, text[i] == '"' ? "\"" : "");
        buffer_char(out, text[i]);
    }
    buffer_char(out, '"');
}

static void csv_cell(Trial *trial,
                     const FlowSource *source,
                     const FlowColumnDesc *column,
                     const Expr *cell,
                     Buffer *out) {
    FlowValue value = {0};
    if (cell == NULL || !trial_cell(trial, cell, &value)) {
        buffer_text(out, source->csv_null);
        return;
    }
    if (is_number_of_time(source, column)) {
        timestamp_number(out, source, value.i64);
        return;
    }
    Buffer text = {0};
    generate_text(wire_of(source, column), column->type, value, &text);
    csv_text(source, text.data, text.length, out);
    buffer_free(&text);
}

static const Expr *cell_of(const CheckedTestStep *step, const CheckedRow *row, const char *name) {
    for (uint32_t i = 0; i < step->column_count; i++) {
        if (strcmp(step->columns[i].name, name) == 0) {
            return row->cells[i];
        }
    }
    return NULL;
}

static void csv_record(Trial *trial,
                       const FlowSource *source,
                       const CheckedTestStep *step,
                       const CheckedRow *row,
                       Buffer *out) {
    bool is_first = true;
    for (int64_t i = 0; i < source->columns_count; i++) {
        const FlowColumnDesc *column = &source->columns[i];
        if (column->meta != FLOW_META_NONE) {
            continue;
        }
        if (!is_first) {
            buffer_char(out, (char)source->csv_delimiter);
        }
        csv_cell(trial, source, column, cell_of(step, row, column->name), out);
        is_first = false;
    }
    buffer_char(out, '\n');
}

static void csv_header(const FlowSource *source, Buffer *out) {
    bool is_first = true;
    for (int64_t i = 0; i < source->columns_count; i++) {
        const FlowColumnDesc *column = &source->columns[i];
        if (column->meta == FLOW_META_NONE) {
            if (!is_first) {
                buffer_char(out, (char)source->csv_delimiter);
            }
            const char *name = wire_name(source, column);
            csv_text(source, name, strlen(name), out);
            is_first = false;
        }
    }
    buffer_char(out, '\n');
}

// What Debezium writes for an operation, in the order of FlowOperation.
static const struct {
    const char *name;
    char letter;
} operations[] = {
    {"insert", 'c'}, {"update", 'u'}, {"delete", 'd'}, {"truncate", 't'}, {"read", 'r'}};

static char operation_letter(Trial *trial, const Expr *cell) {
    FlowValue value = {.view = view_text("insert")};
    if (cell != NULL && !trial_cell(trial, cell, &value)) {
        return '?'; // the decoder rejects it
    }
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        FlowView name = view_text(operations[i].name);
        if (view_compare(&name, &value.view) == 0) {
            return operations[i].letter;
        }
    }
    return '?';
}

// A change as an envelope: the row after it, of a delete the one before it.
static void envelope_record(Trial *trial,
                            const FlowSource *source,
                            const CheckedTestStep *step,
                            const CheckedRow *row,
                            Buffer *out) {
    const Expr *place = cell_of(step, row, "meta.sequence");
    char letter = operation_letter(trial, cell_of(step, row, "meta.operation"));
    FlowValue sequence = {0};
    buffer_format(out, "{\"op\":\"%c\",", letter);
    if (place != NULL && trial_cell(trial, place, &sequence)) {
        buffer_format(out, "\"source\":{\"lsn\":%lld},", (long long)sequence.i64);
    }
    buffer_text(out, letter == 'd' ? "\"before\":" : "\"after\":");
    json_object(trial, source, step, row, out);
    buffer_text(out, "}\n");
}

// One JSON document has the rows in the array where the source reads them: at the top, or at a path
// of keys.
static void document_open(const FlowSource *source, Buffer *out) {
    const char *path = source->records == NULL ? "" : source->records;
    while (*path != '\0') {
        size_t length = strcspn(path, ".");
        buffer_char(out, '{');
        buffer_json_string(out, path, length);
        buffer_char(out, ':');
        path += length + (path[length] == '.');
    }
    buffer_char(out, '[');
}

static void document_close(const FlowSource *source, Buffer *out) {
    const char *path = source->records == NULL ? "" : source->records;
    buffer_char(out, ']');
    while (*path != '\0') {
        size_t length = strcspn(path, ".");
        buffer_char(out, '}');
        path += length + (path[length] == '.');
    }
    buffer_char(out, '\n');
}

// Behind this the next row begins.
static void document_go_on(const FlowSource *source, TrialInput *input) {
    if (input->is_document) {
        buffer_text(&input->bytes, ",\n");
    } else {
        document_open(source, &input->bytes);
    }
    input->is_document = true;
}

static void text_records(Trial *trial, const CheckedTestStep *step, FlowFormat format) {
    const FlowSource *source = &trial->program->sources[step->index];
    TrialInput *input = &trial->inputs[step->index];
    bool has_header = format == FLOW_FORMAT_CSV && source->csv_header != 0;
    if (has_header && input->bytes.length == 0) {
        csv_header(source, &input->bytes);
        input->header_length = input->bytes.length;
    }
    for (uint32_t r = 0; r < step->row_count; r++) {
        const CheckedRow *row = &step->rows[r];
        if (format == FLOW_FORMAT_JSON) {
            document_go_on(source, input);
        }
        *vec_push(trial->arena, &input->starts) =
            (TrialStart){source_path(trial, source), (int64_t)input->bytes.length};
        if (row->raw != NULL) {
            buffer_append(&input->bytes, row->raw, row->raw_length);
            buffer_char(&input->bytes, '\n');
        } else if (format == FLOW_FORMAT_DEBEZIUM) {
            envelope_record(trial, source, step, row, &input->bytes);
        } else if (format == FLOW_FORMAT_CSV) {
            csv_record(trial, source, step, row, &input->bytes);
        } else {
            json_object(trial, source, step, row, &input->bytes);
            buffer_text(&input->bytes, format == FLOW_FORMAT_JSON ? "" : "\n");
        }
    }
}

// --- rows as batches
// ------------------------------------------------------------------------------
static void batch_fill(Trial *trial,
                       const CheckedTestStep *step,
                       uint32_t first,
                       const FlowColumnDesc *columns,
                       Batch *batch) {
    uint32_t left = step->row_count - first;
    uint32_t count = left < FLOW_BATCH_ROWS_MAX ? left : FLOW_BATCH_ROWS_MAX;
    batch_clear(batch);
    for (uint32_t r = 0; r < count; r++) {
        for (uint32_t i = 0; i < batch->column_count; i++) {
            const Expr *cell = cell_of(step, &step->rows[first + r], columns[i].name);
            FlowValue value = {0};
            if (cell != NULL && trial_cell(trial, cell, &value)) {
                batch_set(batch, i, r, value);
            } else if (columns[i].type->is_nullable) {
                batch_set_null(batch, i, r);
            } else {
                trial_fail(
                    trial, "row %u lacks `%s`, which is never null", first + r, columns[i].name);
                batch_set(batch, i, r, value);
            }
        }
    }
    batch->abi.row_count = (int32_t)count;
    batch_select_all(batch);
}

static int32_t *slots_of(Trial *trial, int64_t count) {
    int32_t *slots = arena_array(trial->arena, int32_t, (size_t)count + 1);
    for (int64_t i = 0; i < count; i++) {
        slots[i] = (int32_t)i;
    }
    return slots;
}

static Outcome
table_append(Trial *trial, const CheckedTestStep *step, const FlowTable *table, DeltaWrite *write) {
    Batch *batch = batch_new(table->columns, (uint32_t)table->columns_count);
    int32_t *slots = slots_of(trial, table->columns_count);
    Outcome outcome = OUTCOME_OK;
    for (uint32_t first = 0; first < step->row_count && outcome == OUTCOME_OK;
         first += FLOW_BATCH_ROWS_MAX) {
        batch_fill(trial, step, first, table->columns, batch);
        outcome = delta_write_append(write, &batch->abi, slots);
    }
    batch_free(batch);
    return outcome;
}

static Outcome
table_write(Trial *trial, const CheckedTestStep *step, const FlowTable *table, DeltaMode mode) {
    char writer_id[37];
    sys_uuid(trial->world, writer_id);
    DeltaWriteOptions options = {
        .mode = mode,
        .table = table,
        .path = trial_setting(trial, table->path),
        .writer_id = writer_id,
        .clock_us = sys_wall_us(trial->world),
        .columns = table->columns,
        .column_count = (uint32_t)table->columns_count,
    };
    DeltaWrite *write = NULL;
    int64_t version = 0;
    TRY(delta_write_open(trial->world, &options, &write));
    Outcome outcome = table_append(trial, step, table, write);
    outcome = outcome == OUTCOME_OK ? delta_write_prepare(write) : outcome;
    outcome = outcome == OUTCOME_OK ? delta_write_commit(write, &version) : outcome;
    delta_write_free(write);
    return outcome;
}

static Outcome table_given(Trial *trial, const CheckedTestStep *step) {
    return table_write(trial, step, &trial->program->tables[step->index], DELTA_APPEND);
}

static uint32_t read_columns(const FlowSource *source) {
    uint32_t count = 0;
    while (count < (uint32_t)source->columns_count &&
           source->columns[count].meta == FLOW_META_NONE) {
        count++;
    }
    return count;
}

// A source that is a table: what an epoch gives replaces what the one before gave.
static Outcome snapshot_given(Trial *trial, const CheckedTestStep *step) {
    const FlowSource *source = &trial->program->sources[step->index];
    const FlowTable table = {
        .name = source->name,
        .path = source->path,
        .columns = source->columns,
        .columns_count = read_columns(source),
        .event_time = FLOW_NO_INDEX,
    };
    bool is_first = !trial->inputs[step->index].is_given;
    trial->inputs[step->index].is_given = true;
    return table_write(trial, step, &table, is_first ? DELTA_OVERWRITE : DELTA_APPEND);
}

// --- rows as files of columns
// ---------------------------------------------------------------------
static bool is_columnar(FlowFormat format) {
    return format == FLOW_FORMAT_PARQUET || format == FLOW_FORMAT_AVRO;
}

typedef struct FileColumns { // of a source, that the file has
    FlowColumnDesc *read;    // as the program calls them
    FlowColumnDesc *written; // as the file does
    uint32_t count;
} FileColumns;

static bool is_given(const CheckedTestStep *step, const char *name) {
    bool is_there = false;
    for (uint32_t r = 0; r < step->row_count && !is_there; r++) {
        is_there = cell_of(step, &step->rows[r], name) != NULL;
    }
    return is_there;
}

// A computed column is not read; one with a default may be left out.
static bool is_in_file(const CheckedTestStep *step, const FlowWire *wire, const char *name) {
    bool is_read = wire == NULL || wire->names_count > 0;
    bool has_default = wire != NULL && wire->default_text != NULL;
    return is_read && (!has_default || is_given(step, name));
}

static FileColumns
file_columns(Trial *trial, const CheckedTestStep *step, const FlowSource *source) {
    uint32_t count = read_columns(source);
    FileColumns file = {.read = arena_array(trial->arena, FlowColumnDesc, (size_t)count + 1),
                        .written = arena_array(trial->arena, FlowColumnDesc, (size_t)count + 1)};
    for (uint32_t i = 0; i < count; i++) {
        const FlowColumnDesc *column = &source->columns[i];
        if (is_in_file(step, wire_of(source, column), column->name)) {
            file.read[file.count] = *column;
            file.written[file.count] = *column;
            file.written[file.count++].name = wire_name(source, column);
        }
    }
    return file;
}

static Outcome bytes_put(void *user, const void *bytes, size_t length) {
    buffer_append(user, bytes, length);
    return OUTCOME_OK;
}

typedef struct FileWriter {
    ParquetWriter *parquet; // or
    AvroWriter *avro;
} FileWriter;

static FileWriter writer_new(const FileColumns *file, FlowFormat format, Buffer *bytes) {
    static const ParquetWriterOptions options = {0};
    if (format == FLOW_FORMAT_AVRO) {
        return (FileWriter){
            .avro = avro_writer_new(file->written, file->count, "given", bytes_put, bytes)};
    }
    return (FileWriter){
        .parquet = parquet_writer_new(file->written, file->count, &options, bytes_put, bytes)};
}

static Outcome writer_append(const FileWriter *writer, const Batch *batch, const int32_t *slots) {
    return writer->avro != NULL ? avro_writer_append(writer->avro, &batch->abi, slots)
                                : parquet_writer_append(writer->parquet, &batch->abi, slots);
}

static Outcome writer_finish(const FileWriter *writer) {
    return writer->avro != NULL ? avro_writer_finish(writer->avro)
                                : parquet_writer_finish(writer->parquet);
}

static Outcome
columns_write(Trial *trial, const CheckedTestStep *step, FlowFormat format, Buffer *bytes) {
    FileColumns file = file_columns(trial, step, &trial->program->sources[step->index]);
    for (uint32_t i = 0; format == FLOW_FORMAT_AVRO && i < file.count; i++) {
        if (!text_is_name(file.written[i].name)) {
            trial_fail(trial, "an Avro file can't have the column `%s`", file.written[i].name);
            return OUTCOME_OK;
        }
    }
    FileWriter writer = writer_new(&file, format, bytes);
    Batch *batch = batch_new(file.read, file.count);
    int32_t *slots = slots_of(trial, file.count);
    Outcome outcome = OUTCOME_OK;
    for (uint32_t first = 0; first < step->row_count && outcome == OUTCOME_OK;
         first += FLOW_BATCH_ROWS_MAX) {
        batch_fill(trial, step, first, file.read, batch);
        outcome = writer_append(&writer, batch, slots);
    }
    outcome = outcome == OUTCOME_OK ? writer_finish(&writer) : outcome;
    parquet_writer_free(writer.parquet);
    avro_writer_free(writer.avro);
    batch_free(batch);
    return outcome;
}

static bool has_raw(const CheckedTestStep *step) {
    for (uint32_t i = 0; i < step->row_count; i++) {
        if (step->rows[i].raw != NULL) {
            return true;
        }
    }
    return false;
}

// --- the steps
// ------------------------------------------------------------------------------------
static void source_given(Trial *trial, const CheckedTestStep *step) {
    const FlowSource *source = &trial->program->sources[step->index];
    const char *path = source_path(trial, source);
    TrialInput *input = &trial->inputs[step->index];
    if (path == NULL) {
        trial_fail(trial, "the path of `%s` is a param without a default", step->name);
        return;
    }
    if (source->format == FLOW_FORMAT_DELTA) {
        if (has_raw(step)) {
            trial_fail(trial, "`%s` is a table: it has rows, and no raw records", step->name);
        } else if (snapshot_given(trial, step) != OUTCOME_OK) {
            trial_fail_world(trial, step->name);
        }
        return;
    }
    FlowFormat format = format_of(source, path);
    if (!is_columnar(format)) {
        text_records(trial, step, format);
    } else if (input->is_given) {
        trial_fail(trial, "rows of a Parquet or Avro source are given in one step");
    } else if (columns_write(trial, step, format, &input->bytes) != OUTCOME_OK) {
        trial_fail_world(trial, step->name);
    }
    input->is_given = true;
}

static void file_given(Trial *trial, const CheckedTestStep *step) {
    if (step->target != CHECKED_SOURCE) {
        trial_fail(trial, "`given … from` takes a source");
        return;
    }
    if (trial->program->sources[step->index].format == FLOW_FORMAT_DELTA) {
        trial_fail(trial, "`%s` is a table: give its rows", step->name);
        return;
    }
    Sys *here = sys_posix_new(NULL);
    const char *path = step->file[0] == '/'
                           ? step->file
                           : arena_format(trial->arena, "%s%s", trial->on->folder, step->file);
    char *bytes = NULL;
    size_t length = 0;
    if (sys_read_all(here, trial->arena, path, TEST_FILE_BYTES_MAX, &bytes, &length) ==
        OUTCOME_OK) {
        buffer_append(&trial->inputs[step->index].bytes, bytes, length);
        trial->inputs[step->index].is_copied = true;
        trial->inputs[step->index].is_given = true;
    } else {
        trial_fail(trial, "%s", here->failure.text);
    }
    sys_posix_free(here);
}

void trial_given(Trial *trial, const CheckedTestStep *step) {
    CheckedTestStep rows = *step;
    trial->has_new_rows = true;
    if (step->kind == AST_TEST_GIVEN_RANDOM) {
        if (!trial_random(trial, step, &rows)) {
            return;
        }
        step = &rows;
    }
    if (step->kind == AST_TEST_GIVEN_FILE) {
        file_given(trial, step);
    } else if (step->target == CHECKED_SOURCE) {
        source_given(trial, step);
    } else if (table_given(trial, step) != OUTCOME_OK) {
        trial_fail_world(trial, step->name);
    }
}

static bool is_written(const FlowProgram *program, int64_t table) {
    for (int64_t i = 0; i < program->sinks_count; i++) {
        if (program->sinks[i].table == table) {
            return true;
        }
    }
    return false;
}

// A table that is only read and was given nothing is there, and empty.
static Outcome table_make(Trial *trial, int64_t index) {
    const FlowTable *table = &trial->program->tables[index];
    const char *path = trial_setting(trial, table->path);
    if (path == NULL || table->as_of != FLOW_AS_OF_NOW || is_written(trial->program, index)) {
        return OUTCOME_OK;
    }
    DeltaTable *existing = NULL;
    TRY(delta_open(trial->world, path, DELTA_LATEST, &existing));
    if (existing != NULL) {
        delta_close(existing);
        return OUTCOME_OK;
    }
    CheckedTestStep none = {.index = (uint32_t)index};
    return table_write(trial, &none, table, DELTA_APPEND);
}

// --- before and after a run
// --------------------------------------------------------------------------- A source that got
// nothing is there all the same, and empty.
void trial_inputs_write(Trial *trial) {
    for (int64_t i = 0; i < trial->program->sources_count && !trial->is_failed; i++) {
        const FlowSource *source = &trial->program->sources[i];
        const char *path = source_path(trial, source);
        Buffer *bytes = &trial->inputs[i].bytes;
        if (path == NULL) {
            trial_fail(trial, "the path of `%s` is a param without a default", source->name);
            return;
        }
        if (source->format == FLOW_FORMAT_DELTA) {
            CheckedTestStep none = {.index = (uint32_t)i};
            if (!trial->inputs[i].is_given && snapshot_given(trial, &none) != OUTCOME_OK) {
                trial_fail_world(trial, source->name);
            }
            continue;
        }
        if (trial->is_stream && bytes->length == 0) {
            continue; // There is nothing new.
        }
        if (bytes->length == 0 && is_columnar(format_of(source, path))) {
            CheckedTestStep none = {.index = (uint32_t)i};
            if (columns_write(trial, &none, format_of(source, path), bytes) != OUTCOME_OK) {
                trial_fail_world(trial, source->name);
            }
        }
        if (trial->inputs[i].is_document) {
            document_close(source, bytes);
            trial->inputs[i].is_document = false;
        }
        if (!trial_files_put(trial, (uint32_t)i, path)) {
            sys_memory_put(trial->world, path, bytes->length > 0 ? bytes->data : "", bytes->length);
        }
    }
    for (int64_t i = 0; i < trial->program->tables_count && !trial->is_failed; i++) {
        if (table_make(trial, i) != OUTCOME_OK) {
            trial_fail_world(trial, trial->program->tables[i].name);
        }
    }
}

void trial_inputs_clear(Trial *trial) {
    for (int64_t i = 0; i < trial->program->sources_count; i++) {
        buffer_clear(&trial->inputs[i].bytes);
        trial->inputs[i].is_given = false;
        trial->inputs[i].is_document = false;
        trial->inputs[i].is_copied = false;
        trial->inputs[i].first_start = trial->inputs[i].starts.count;
    }
}
