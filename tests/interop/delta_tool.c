// Tables by hand, for the judges: writes rows given as text, reads rows as JSON.
//
//   delta_tool append|overwrite|merge ROOT TABLE COLUMNS KEY PARTITION ORDERS DELETE < rows
//   delta_tool read ROOT TABLE [VERSION]
//
// Texts have the form of tests/unit/delta_help.h; DELETE is `delete` or `-`, lists may be `-`, too.
#include "../unit/delta_help.h"

#define CLOCK_US ((int64_t)1700000000 * 1000000)

static int outcome_print(Sys *sys, Outcome outcome) {
    if (outcome != OUTCOME_OK) {
        fprintf(stderr, "%s\n", sys->failure.text);
    }
    return (int)outcome;
}

// --- reading ------------------------------------------------------------------------------------
static void batch_print(const Batch *batch) {
    int32_t slots[HELP_COLUMNS_MAX];
    Buffer out = {0};
    help_slots(slots);
    for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
        batch_row_json(batch, row, slots, batch->column_count, &out);
        buffer_char(&out, '\n');
    }
    fwrite(out.data, 1, out.length, stdout);
    buffer_free(&out);
}

static Outcome table_print(DeltaTable *table) {
    int32_t slots[HELP_COLUMNS_MAX];
    DeltaScan *scan;
    uint32_t count = delta_column_count(table);
    TRY(delta_scan_open(table, delta_columns(table), count, &scan));
    Batch *batch = batch_new(delta_columns(table), count);
    Outcome outcome = OUTCOME_OK;
    help_slots(slots);
    do {
        outcome = delta_scan_next(scan, batch, slots);
        batch_print(batch);
    } while (outcome == OUTCOME_OK && batch->abi.row_count > 0);
    batch_free(batch);
    delta_scan_close(scan);
    return outcome;
}

static Outcome read_run(Sys *sys, int argc, char **argv) {
    DeltaTable *table;
    int64_t version = argc > 4 ? strtoll(argv[4], NULL, 10) : DELTA_LATEST;
    TRY(delta_open(sys, argv[3], version, &table));
    if (table == NULL) {
        return sys_fail(sys, OUTCOME_REFUSED, "no table %s", argv[3]);
    }
    Outcome outcome = table_print(table);
    delta_close(table);
    return outcome;
}

// --- writing ------------------------------------------------------------------------------------
static const char *list_of(const char *text) {
    return strcmp(text, "-") == 0 ? "" : text;
}

static uint32_t list_count(const char *text) {
    uint32_t count = *text == '\0' ? 0 : 1;
    for (; *text != '\0'; text++) {
        count += *text == ',';
    }
    return count;
}

static void input_read(Buffer *rows) {
    char bytes[4096];
    size_t length;
    while ((length = fread(bytes, 1, sizeof(bytes), stdin)) > 0) {
        buffer_append(rows, bytes, length);
    }
}

static Outcome write_rows(DeltaWrite *write, const HelpColumns *columns) {
    Buffer rows = {0};
    int64_t version;
    input_read(&rows);
    Outcome outcome = help_append(write, columns, buffer_cstring(&rows));
    buffer_free(&rows);
    TRY(outcome);
    TRY(delta_write_prepare(write));
    return delta_write_commit(write, &version);
}

static Outcome write_run(Sys *sys, char **argv) {
    HelpColumns table_columns;
    HelpColumns columns;
    HelpTable table;
    Arena arena = {0};
    DeltaWrite *write;
    bool is_merge = strcmp(argv[1], "merge") == 0;
    const char *orders = list_of(argv[7]);
    bool has_delete = strcmp(argv[8], "delete") == 0;
    help_columns(&table_columns, argv[4]);
    help_columns(&columns,
                 arena_format(&arena,
                              "%s%s%s%s",
                              argv[4],
                              *orders == '\0' ? "" : ", ",
                              orders,
                              has_delete ? ", is_delete bool" : ""));
    help_table(&table, &table_columns, list_of(argv[5]), list_of(argv[6]));
    DeltaWriteOptions options = {
        .mode = is_merge                            ? DELTA_MERGE
                : strcmp(argv[1], "overwrite") == 0 ? DELTA_OVERWRITE
                                                    : DELTA_APPEND,
        .table = &table.table,
        .path = argv[3],
        .writer_id = "tool",
        .clock_us = CLOCK_US,
        .order_count = list_count(orders),
        .has_delete = has_delete,
        .columns = columns.descs,
        .column_count = columns.count,
    };
    Outcome outcome = delta_write_open(sys, &options, &write);
    if (outcome == OUTCOME_OK) {
        outcome = write_rows(write, &columns);
        delta_write_free(write);
    }
    arena_free(&arena);
    arena_free(&columns.arena);
    arena_free(&table_columns.arena);
    return outcome;
}

int main(int argc, char **argv) {
    if (argc < 4 || (strcmp(argv[1], "read") != 0 && argc != 9)) {
        fprintf(stderr, "usage: see delta_tool.c\n");
        return OUTCOME_USAGE;
    }
    Sys *sys = sys_posix_new(argv[2]);
    bool is_read = strcmp(argv[1], "read") == 0;
    int status = outcome_print(sys, is_read ? read_run(sys, argc, argv) : write_run(sys, argv));
    sys_posix_free(sys);
    return status;
}
