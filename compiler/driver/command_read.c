// `flowc table read`: rows of a Delta table, all of them or those that meet a condition.
#include "driver/listing.h"
#include "driver/look.h"

#include "scalar/scalar.h"

typedef struct Listing {
    const FlowColumnDesc *columns;
    uint32_t count;
    int32_t *slots;
    int64_t limit;
    TextListing text;
} Listing;

static const FlowColumnDesc *column_find(const DeltaTable *table, const char *name, size_t length) {
    for (uint32_t i = 0; i < delta_column_count(table); i++) {
        const FlowColumnDesc *column = &delta_columns(table)[i];
        if (strlen(column->name) == length && memcmp(column->name, name, length) == 0) {
            return column;
        }
    }
    return NULL;
}

static int column_missing(const Look *look, const char *name) {
    const char **names =
        arena_array((Arena *)&look->arena, const char *, delta_column_count(look->table) + 1);
    for (uint32_t i = 0; i < delta_column_count(look->table); i++) {
        names[i] = delta_columns(look->table)[i].name;
    }
    const char *meant = str_suggest(name, names, delta_column_count(look->table));
    if (meant == NULL) {
        return usage_error(look->options, "%s has no column `%s`", look->path, name);
    }
    return usage_error(
        look->options, "%s has no column `%s`; did you mean `%s`?", look->path, name, meant);
}

static int columns_choose(Look *look, Listing *listing) {
    const char *wanted = look->options->values[OPTION_COLUMNS];
    listing->columns = delta_columns(look->table);
    listing->count = delta_column_count(look->table);
    VEC(FlowColumnDesc) chosen = {0};
    for (const char *at = wanted; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, ",");
        const FlowColumnDesc *column = column_find(look->table, at, length);
        if (column == NULL) {
            return column_missing(look, arena_copy(&look->arena, at, length));
        }
        *vec_push(&look->arena, &chosen) = *column;
        at += length + (at[length] == ',');
    }
    if (wanted != NULL) {
        listing->columns = chosen.items;
        listing->count = chosen.count;
    }
    listing->slots = arena_array(&look->arena, int32_t, listing->count + 1);
    for (uint32_t i = 0; i < listing->count; i++) {
        listing->slots[i] = (int32_t)i;
    }
    return EXIT_DONE;
}

static const char *cell_text(Look *look, const Batch *batch, uint32_t column, uint32_t row) {
    Buffer text = {0};
    if (!batch_is_null(batch, column, row)) {
        FlowValue value = batch_value(batch, column, row);
        value_text(&text, batch->descs[column].type, &value);
    }
    const char *copy = listing_cell(&look->arena, text.data, text.length);
    buffer_free(&text);
    return copy;
}

static void row_add(Look *look, Listing *listing, const Batch *batch, uint32_t row) {
    if (look->is_json) {
        batch_row_json(batch, row, listing->slots, listing->count, &look->out);
        buffer_char(&look->out, '\n');
        return;
    }
    const char **cells = arena_array(&look->arena, const char *, listing->count + 1);
    for (uint32_t i = 0; i < listing->count; i++) {
        cells[i] = cell_text(look, batch, (uint32_t)listing->slots[i], row);
    }
    *vec_push(&look->arena, &listing->text.rows) = cells;
}

// --- a condition ---------------------------------------------------------------------------------
// A program is made of it, compiled and loaded; what it lets pass is shown.
typedef struct Where {
    Compile compile;
    BackendCode *code;
    EngineFilter *filter; // NULL: there is no condition
    Batch *batch;         // of its pipeline
} Where;

static void path_write(const char *path, Buffer *out) {
    buffer_char(out, '"');
    for (; *path != '\0'; path++) {
        if (*path == '"' || *path == '\\') {
            buffer_char(out, '\\');
        }
        buffer_char(out, *path);
    }
    buffer_char(out, '"');
}

static bool is_repeated(const Listing *listing, uint32_t column) {
    for (uint32_t i = 0; i < column; i++) {
        if (str_equal(listing->columns[i].name, listing->columns[column].name)) {
            return true;
        }
    }
    return false;
}

// The condition has a line of its own, the second, which may end with a comment.
static void program_write(const Look *look, const Listing *listing, Buffer *out) {
    buffer_text(out, "sink nowhere { discard }; flow read { from ");
    path_write(look->path, out);
    buffer_format(out, " as of version %lld; where (\n", (long long)delta_version(look->table));
    buffer_text(out, look->options->values[OPTION_WHERE]);
    buffer_text(out, "\n); select ");
    const char *between = "";
    for (uint32_t i = 0; i < listing->count; i++) {
        if (!is_repeated(listing, i)) {
            buffer_format(out, "%s`%s`", between, listing->columns[i].name);
            between = ", ";
        }
    }
    buffer_text(out, "; append into nowhere }\n");
}

static int where_refuse(const Look *look, const Where *where) {
    Buffer out = {0};
    diag_render_text(&where->compile.diags, &out, options_want_color(look->options));
    if (out.length == 0) {
        buffer_text(&out, "flowc: --where takes one condition about the table's columns\n");
    }
    print(look->options, 2, &out);
    buffer_free(&out);
    return EXIT_USAGE;
}

// Shown columns by their places among those that are read.
static void slots_find(const TableReading *reading, Listing *listing) {
    for (uint32_t i = 0; i < listing->count; i++) {
        for (uint32_t r = 0; r < reading->count; r++) {
            if (str_equal(reading->columns[r].name, listing->columns[i].name)) {
                listing->slots[i] = reading->slots[r];
            }
        }
    }
}

static int where_open(Look *look, Listing *listing, Where *where) {
    if (look->options->values[OPTION_WHERE] == NULL) {
        return EXIT_DONE;
    }
    Buffer text = {0};
    Compile *compile = &where->compile;
    program_write(look, listing, &text);
    const char *bytes = arena_copy(&look->arena, text.data, text.length);
    compile_init(compile, look->options->sys, "--where", bytes, text.length);
    buffer_free(&text);
    compile->options.backend.optimise = BACKEND_OPTIMISE_QUICKLY;
    if (!compile_run(compile, PASS_emit)) {
        return where_refuse(look, where);
    }
    where->code = backend_load(&compile->object, backend_runtime_symbols());
    const FlowProgram *program = backend_program(where->code);
    where->filter = engine_filter_new(look->options->sys, program);
    if (where->filter == NULL) {
        return where_refuse(look, where);
    }
    const FlowPipeline *pipeline = &program->pipelines[0];
    where->batch = batch_new(pipeline->slots, (uint32_t)pipeline->slots_count);
    slots_find(engine_filter_reading(where->filter), listing);
    return EXIT_DONE;
}

static void where_close(Where *where) {
    batch_free(where->batch);
    engine_filter_free(where->filter);
    if (where->code != NULL) {
        backend_unload(where->code);
    }
    compile_free(&where->compile);
}

// --- rows ----------------------------------------------------------------------------------------
typedef struct Rows {
    DeltaScan *scan;
    Batch *batch;
    int32_t *slots; // of the columns that are read
    EngineFilter *filter;
} Rows;

static Outcome rows_open(Look *look, const Listing *listing, const Where *where, Rows *rows) {
    *rows = (Rows){.filter = where->filter};
    if (where->filter == NULL) {
        rows->slots = listing->slots;
        rows->batch = batch_new(listing->columns, listing->count);
        return delta_scan_open(look->table, listing->columns, listing->count, &rows->scan);
    }
    const TableReading *reading = engine_filter_reading(where->filter);
    rows->slots = reading->slots;
    rows->batch = where->batch;
    TRY(delta_scan_open(look->table, reading->columns, reading->count, &rows->scan));
    delta_scan_skip(rows->scan, reading->tests, reading->test_count);
    return OUTCOME_OK;
}

static void rows_close(Rows *rows) {
    delta_scan_close(rows->scan);
    if (rows->filter == NULL) {
        batch_free(rows->batch);
    }
}

// row_count 0: the end.
static Outcome rows_next(Rows *rows) {
    batch_clear(rows->batch);
    TRY(delta_scan_next(rows->scan, rows->batch, rows->slots));
    batch_select_all(rows->batch);
    bool is_judged = rows->filter != NULL && rows->batch->abi.row_count > 0;
    return is_judged ? engine_filter_rows(rows->filter, rows->batch) : OUTCOME_OK;
}

static Outcome rows_read(Look *look, Listing *listing, Rows *rows) {
    int64_t shown = 0;
    while (shown < listing->limit) {
        TRY(rows_next(rows));
        const FlowBatch *batch = &rows->batch->abi;
        if (batch->row_count == 0) {
            break;
        }
        const int32_t *selection = batch->selection;
        for (int32_t i = 0; i < batch->selected_count && shown < listing->limit; i++, shown++) {
            row_add(look, listing, rows->batch, (uint32_t)selection[i]);
        }
        if (look->is_json) {
            print(look->options, 1, &look->out);
            buffer_clear(&look->out);
        }
    }
    return OUTCOME_OK;
}

static void heading_add(Look *look, Listing *listing) {
    const char **heading = arena_array(&look->arena, const char *, listing->count + 1);
    for (uint32_t i = 0; i < listing->count; i++) {
        heading[i] = listing->columns[i].name;
    }
    listing->text.column_count = listing->count;
    *vec_push(&look->arena, &listing->text.rows) = heading;
}

static int rows_show(Look *look, Listing *listing, const Where *where) {
    Rows rows;
    heading_add(look, listing);
    Outcome outcome = rows_open(look, listing, where, &rows);
    outcome = outcome == OUTCOME_OK ? rows_read(look, listing, &rows) : outcome;
    rows_close(&rows);
    if (outcome != OUTCOME_OK) {
        return environment_failed(look->options, outcome);
    }
    if (!look->is_json) {
        listing_print(&look->arena, &listing->text, &look->out);
    }
    return EXIT_DONE;
}

int look_read(Look *look) {
    Listing listing = {.limit = look->is_json ? INT64_MAX : LISTING_ROWS_MAX};
    Where where = {0};
    int status = look_limit(look, &listing.limit);
    if (status == EXIT_DONE) {
        status = look_open(look);
    }
    if (status == EXIT_DONE) {
        status = columns_choose(look, &listing);
    }
    if (status == EXIT_DONE) {
        status = where_open(look, &listing, &where);
    }
    if (status == EXIT_DONE) {
        status = rows_show(look, &listing, &where);
    }
    where_close(&where);
    return status;
}
