// `flowc table show | history | read`: any Delta table.
#include "driver/driver_internal.h"

#include "record/record.h"
#include "scalar/scalar.h"
#include "store/store.h"

typedef struct Look { // one table that is looked at
    const Options *options;
    const char *path;
    DeltaTable *table;
    bool is_json;
    Arena arena;
    Buffer out;
} Look;

// --- opening ----------------------------------------------------------------------------------
static bool number_parse(const char *text, int64_t *value) {
    FlowTypeDesc type = {.kind = FLOW_INT64};
    FlowValue parsed = {0};
    if (value_parse_number(&type, text, strlen(text), &parsed) != PARSE_OK || parsed.i64 < 0) {
        return false;
    }
    *value = parsed.i64;
    return true;
}

// --limit, if it is given.
static int limit_find(const Look *look, int64_t *limit) {
    const char *text = look->options->values[OPTION_LIMIT];
    if (text != NULL && !number_parse(text, limit)) {
        return usage_error(look->options, "--limit takes a number, not `%s`", text);
    }
    return EXIT_DONE;
}

static int version_find(const Look *look, int64_t *version) {
    const Options *options = look->options;
    *version = DELTA_LATEST;
    if (options->values[OPTION_VERSION] != NULL &&
        !number_parse(options->values[OPTION_VERSION], version)) {
        return usage_error(
            options, "--version takes a number, not `%s`", options->values[OPTION_VERSION]);
    }
    const char *time = options->values[OPTION_TIMESTAMP];
    if (time == NULL) {
        return EXIT_DONE;
    }
    if (options->values[OPTION_VERSION] != NULL) {
        return usage_error(options, "--version and --timestamp both name a version: give one");
    }
    int64_t us = 0;
    if (parse_timestamp(time, strlen(time), &us) != PARSE_OK) {
        return usage_error(
            options, "--timestamp takes a time like 2026-01-31T12:00:00Z, not `%s`", time);
    }
    Outcome outcome = delta_version_at(options->sys, look->path, us, version);
    return outcome == OUTCOME_OK ? EXIT_DONE : environment_failed(options, outcome);
}

static int table_open(Look *look) {
    int64_t version = DELTA_LATEST;
    int status = version_find(look, &version);
    if (status != EXIT_DONE) {
        return status;
    }
    Outcome outcome = delta_open(look->options->sys, look->path, version, &look->table);
    if (outcome != OUTCOME_OK) {
        return environment_failed(look->options, outcome);
    }
    return look->table == NULL
               ? usage_error(look->options, "there is no Delta table at %s", look->path)
               : EXIT_DONE;
}

// --- show ---------------------------------------------------------------------------------------
static const char *type_words(Arena *arena, const FlowTypeDesc *type) {
    static const char *const names[] = {
#define TYPE(name, text, width) text,
#include "abi/type.def"
#undef TYPE
    };
    const char *null = type->is_nullable ? "?" : "";
    if (type->kind == FLOW_DECIMAL) {
        return arena_format(arena, "decimal(%d, %d)%s", type->precision, type->scale, null);
    }
    return arena_format(arena, "%s%s", names[type->kind], null);
}

static void show_text(Look *look) {
    buffer_format(&look->out,
                  "%s\n  version  %lld\n  files    %lld\n",
                  look->path,
                  (long long)delta_version(look->table),
                  (long long)delta_file_count(look->table));
    int64_t rows = delta_row_count(look->table);
    if (rows >= 0) {
        buffer_format(&look->out, "  rows     %lld\n", (long long)rows);
    }
    buffer_text(&look->out, "  columns\n");
    for (uint32_t i = 0; i < delta_column_count(look->table); i++) {
        const FlowColumnDesc *column = &delta_columns(look->table)[i];
        buffer_format(&look->out,
                      "    %s: %s%s\n",
                      column->name,
                      type_words(&look->arena, column->type),
                      delta_is_partition_column(look->table, i) ? "  (partition)" : "");
    }
}

static void show_json(Look *look) {
    buffer_text(&look->out, "{\"path\":");
    buffer_json_string(&look->out, look->path, strlen(look->path));
    buffer_format(&look->out,
                  ",\"version\":%lld,\"files\":%lld,\"rows\":",
                  (long long)delta_version(look->table),
                  (long long)delta_file_count(look->table));
    int64_t rows = delta_row_count(look->table);
    buffer_text(&look->out,
                rows < 0 ? "null" : arena_format(&look->arena, "%lld", (long long)rows));
    buffer_text(&look->out, ",\"columns\":[");
    for (uint32_t i = 0; i < delta_column_count(look->table); i++) {
        const FlowColumnDesc *column = &delta_columns(look->table)[i];
        buffer_text(&look->out, i == 0 ? "{\"name\":" : ",{\"name\":");
        buffer_json_string(&look->out, column->name, strlen(column->name));
        buffer_format(&look->out,
                      ",\"type\":\"%s\",\"partition\":%s}",
                      type_words(&look->arena, column->type),
                      delta_is_partition_column(look->table, i) ? "true" : "false");
    }
    buffer_text(&look->out, "]}\n");
}

static int show(Look *look) {
    int status = table_open(look);
    if (status == EXIT_DONE) {
        (look->is_json ? show_json : show_text)(look);
    }
    return status;
}

// --- history ------------------------------------------------------------------------------------
static void history_line(Look *look, const DeltaHistory *entry) {
    FlowTypeDesc type = {.kind = FLOW_TIMESTAMP};
    FlowValue time = {.i64 = entry->timestamp_ms * 1000};
    if (look->is_json) {
        buffer_format(&look->out, "{\"version\":%lld,\"timestamp\":", (long long)entry->version);
        value_json(&look->out, &type, &time);
        buffer_text(&look->out, ",\"operation\":");
        buffer_json_string(&look->out, entry->operation, strlen(entry->operation));
        buffer_format(&look->out,
                      ",\"parameters\":%s,\"metrics\":%s,\"engine\":",
                      entry->parameters_json,
                      entry->metrics_json);
        buffer_json_string(&look->out, entry->engine, strlen(entry->engine));
        buffer_text(&look->out, "}\n");
        return;
    }
    buffer_format(&look->out, "%6lld  ", (long long)entry->version);
    value_text(&look->out, &type, &time);
    buffer_format(&look->out, "  %-12s %s\n", entry->operation, entry->metrics_json);
}

static int history(Look *look) {
    DeltaHistory *entries = NULL;
    uint32_t count = 0;
    int64_t limit = INT64_MAX;
    int status = limit_find(look, &limit);
    if (status == EXIT_DONE) {
        status = table_open(look);
    }
    if (status != EXIT_DONE) {
        return status;
    }
    Outcome outcome = delta_history(look->options->sys, &look->arena, look->path, &entries, &count);
    if (outcome != OUTCOME_OK) {
        return environment_failed(look->options, outcome);
    }
    for (uint32_t i = 0; i < count && i < limit; i++) {
        history_line(look, &entries[i]);
    }
    return EXIT_DONE;
}

// --- read ---------------------------------------------------------------------------------------
#define CELL_WIDTH_MAX 60      // longer texts are cut in the listing for people, never in JSON
#define LISTING_ROWS_MAX 10000 // a listing for people is aligned in memory

typedef struct Listing {
    const FlowColumnDesc *columns;
    uint32_t count;
    int32_t *slots;
    int64_t limit;
    VEC(const char **) rows; // texts of cells; the first row is the heading
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
    for (size_t i = 0; i < text.length; i++) {
        text.data[i] = (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i];
    }
    size_t cut = text.length;
    if (cut > CELL_WIDTH_MAX) { // at the start of a code point
        cut = CELL_WIDTH_MAX - 3;
        while (cut > 0 && ((unsigned char)text.data[cut] & 0xC0) == 0x80) {
            cut--;
        }
    }
    const char *copy = arena_format(&look->arena,
                                    "%.*s%s",
                                    (int)cut,
                                    text.length == 0 ? "" : text.data,
                                    cut < text.length ? "..." : "");
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
        cells[i] = cell_text(look, batch, i, row);
    }
    *vec_push(&look->arena, &listing->rows) = cells;
}

static uint32_t width_of(const char *text) {
    uint32_t width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

static void listing_print(Look *look, const Listing *listing) {
    uint32_t *widths = arena_array(&look->arena, uint32_t, listing->count + 1);
    for (uint32_t r = 0; r < listing->rows.count; r++) {
        for (uint32_t i = 0; i < listing->count; i++) {
            uint32_t width = width_of(listing->rows.items[r][i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (uint32_t r = 0; r < listing->rows.count; r++) {
        for (uint32_t i = 0; i < listing->count; i++) {
            const char *cell = listing->rows.items[r][i];
            bool is_last = i + 1 == listing->count;
            buffer_format(
                &look->out, "%s%*s", cell, is_last ? 0 : (int)(widths[i] - width_of(cell) + 2), "");
        }
        while (look->out.length > 0 && look->out.data[look->out.length - 1] == ' ') {
            look->out.length--; // no blanks behind the last cell that has a text
        }
        buffer_char(&look->out, '\n');
    }
}

static Outcome rows_read(Look *look, Listing *listing) {
    DeltaScan *scan = NULL;
    TRY(delta_scan_open(look->table, listing->columns, listing->count, &scan));
    Batch *batch = batch_new(listing->columns, listing->count);
    Outcome outcome = OUTCOME_OK;
    for (int64_t read = 0; outcome == OUTCOME_OK && read < listing->limit;) {
        batch_clear(batch);
        outcome = delta_scan_next(scan, batch, listing->slots);
        if (outcome != OUTCOME_OK || batch->abi.row_count == 0) {
            break;
        }
        for (int32_t row = 0; row < batch->abi.row_count && read < listing->limit; row++, read++) {
            row_add(look, listing, batch, (uint32_t)row);
        }
        if (look->is_json) {
            print(look->options, 1, &look->out);
            buffer_clear(&look->out);
        }
    }
    batch_free(batch);
    delta_scan_close(scan);
    return outcome;
}

static int read_rows(Look *look) {
    Listing listing = {.limit = look->is_json ? INT64_MAX : LISTING_ROWS_MAX};
    int status = limit_find(look, &listing.limit);
    if (status == EXIT_DONE) {
        status = table_open(look);
    }
    if (status == EXIT_DONE) {
        status = columns_choose(look, &listing);
    }
    if (status != EXIT_DONE) {
        return status;
    }
    const char **heading = arena_array(&look->arena, const char *, listing.count + 1);
    for (uint32_t i = 0; i < listing.count; i++) {
        heading[i] = listing.columns[i].name;
    }
    *vec_push(&look->arena, &listing.rows) = heading;
    Outcome outcome = rows_read(look, &listing);
    if (outcome != OUTCOME_OK) {
        return environment_failed(look->options, outcome);
    }
    if (!look->is_json) {
        listing_print(look, &listing);
    }
    return EXIT_DONE;
}

// --- the command --------------------------------------------------------------------------------
int command_table(const Options *options) {
    static const struct {
        const char *name;
        int (*run)(Look *look);
    } actions[] = {{"show", show}, {"history", history}, {"read", read_rows}};
    if (options->values[OPTION_WHERE] != NULL) {
        return not_yet(options, "table read --where");
    }
    if (options->files.count != 2) {
        return usage_error(options, "flowc table takes show, history or read, and a PATH");
    }
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (str_equal(actions[i].name, options->files.items[0])) {
            Look look = {.options = options,
                         .path = options->files.items[1],
                         .is_json = option_is(options, OPTION_FORMAT, "json")};
            int status = actions[i].run(&look);
            print(options, 1, &look.out);
            delta_close(look.table);
            buffer_free(&look.out);
            arena_free(&look.arena);
            return status;
        }
    }
    return usage_error(options,
                       "flowc table has no `%s` yet; it has show, history and read",
                       options->files.items[0]);
}
