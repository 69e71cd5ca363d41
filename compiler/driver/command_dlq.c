// `flowc dlq list | show | purge | replay`: the records that a pipeline has rejected.
#include "driver/command_replay.h"
#include "driver/listing.h"
#include "driver/rejection.h"

#include "dlq/dlq.h"
#include "scalar/scalar.h"

typedef struct DlqCommand {
    const Options *options;
    const char *path;
    DlqSelect select;
    bool is_json;
    Arena arena;
    Buffer out;
} DlqCommand;

typedef VEC(DlqRow) DlqRows;

// --- options ------------------------------------------------------------------------------------
static int time_take(const DlqCommand *command, OptionId option, bool *is_given, int64_t *us) {
    const char *text = command->options->values[option];
    *is_given = text != NULL;
    if (text != NULL && parse_timestamp(text, strlen(text), us) != PARSE_OK) {
        return usage_error(command->options,
                           "%s takes a time like 2026-01-31T12:00:00Z, not `%s`",
                           option == OPTION_SINCE ? "--since" : "--before",
                           text);
    }
    return EXIT_DONE;
}

static int select_take(DlqCommand *command) {
    const char *const *values = command->options->values;
    DlqSelect *select = &command->select;
    const char *wanted = values[OPTION_CLASS];
    if (wanted != NULL && rejection_advice(wanted) == NULL) {
        return usage_error(command->options, "there is no class `%s` of rejections", wanted);
    }
    if (values[OPTION_REPLAYED] != NULL && values[OPTION_NOT_REPLAYED] != NULL) {
        return usage_error(command->options, "--replayed and --not-replayed: give one");
    }
    select->reject_class = wanted;
    select->code = values[OPTION_CODE];
    select->flow = values[OPTION_FLOW];
    select->source = values[OPTION_SOURCE];
    select->replayed = values[OPTION_REPLAYED] != NULL       ? DLQ_REPLAYED_ONLY
                       : values[OPTION_NOT_REPLAYED] != NULL ? DLQ_NOT_REPLAYED
                                                             : DLQ_REPLAYED_OR_NOT;
    int status = time_take(command, OPTION_SINCE, &select->has_since, &select->since_us);
    return status != EXIT_DONE
               ? status
               : time_take(command, OPTION_BEFORE, &select->has_before, &select->before_us);
}

// --- rows ---------------------------------------------------------------------------------------
static const FlowColumnDesc *column_of(DlqColumn column) {
    uint32_t count;
    return &dlq_columns(&count)[column];
}

static int64_t limit_of(const DlqCommand *command, int *status) {
    const char *text = command->options->values[OPTION_LIMIT];
    FlowTypeDesc type = {.kind = FLOW_INT64};
    FlowValue limit = {.i64 = command->is_json ? INT64_MAX : LISTING_ROWS_MAX};
    *status = EXIT_DONE;
    if (text != NULL &&
        (value_parse_number(&type, text, strlen(text), &limit) != PARSE_OK || limit.i64 < 0)) {
        *status = usage_error(command->options, "--limit takes a number, not `%s`", text);
    }
    return limit.i64;
}

static int rows_read(DlqCommand *command, bool has_raw, DlqRows *rows) {
    DlqReader *reader;
    DlqRow row;
    bool has_row = true;
    Sys *sys = command->options->sys;
    Outcome outcome = dlq_reader_open(sys, command->path, has_raw, &reader);
    if (outcome != OUTCOME_OK) {
        return environment_failed(command->options, outcome);
    }
    while (outcome == OUTCOME_OK && has_row) {
        outcome = dlq_reader_next(reader, &row, &has_row);
        if (outcome == OUTCOME_OK && has_row && dlq_row_meets(&row, &command->select)) {
            *vec_push(&command->arena, rows) = dlq_row_copy(&command->arena, &row);
        }
    }
    dlq_reader_close(reader);
    return outcome == OUTCOME_OK ? EXIT_DONE : environment_failed(command->options, outcome);
}

static int text_compare(const DlqRow *a, const DlqRow *b, DlqColumn column) {
    const DlqCell *left = &a->cells[column];
    const DlqCell *right = &b->cells[column];
    if (left->is_null || right->is_null) {
        return (int)right->is_null - (int)left->is_null;
    }
    return view_compare(&left->value.view, &right->value.view);
}

// By class, code, flow, time; then by what makes the order the same every time.
static int row_compare(const void *a, const void *b) {
    static const DlqColumn before[] = {DLQ_CLASS, DLQ_CODE, DLQ_FLOW};
    static const DlqColumn behind[] = {DLQ_SOURCE, DLQ_PARTITION, DLQ_RECORD_ID};
    const DlqRow *left = a;
    const DlqRow *right = b;
    int order = 0;
    for (size_t i = 0; i < COUNT_OF(before) && order == 0; i++) {
        order = text_compare(left, right, before[i]);
    }
    if (order == 0) {
        int64_t x = left->cells[DLQ_REJECTED_AT].value.i64;
        int64_t y = right->cells[DLQ_REJECTED_AT].value.i64;
        order = (x > y) - (x < y);
    }
    for (size_t i = 0; i < COUNT_OF(behind) && order == 0; i++) {
        order = text_compare(left, right, behind[i]);
    }
    return order;
}

static void cell_json(Buffer *out, const DlqRow *row, DlqColumn column) {
    buffer_json_string(out, column_of(column)->name, strlen(column_of(column)->name));
    buffer_char(out, ':');
    if (row->cells[column].is_null) {
        buffer_text(out, "null");
    } else {
        value_json(out, column_of(column)->type, &row->cells[column].value);
    }
}

// --- list ---------------------------------------------------------------------------------------
static const DlqColumn listed[] = {DLQ_RECORD_ID,
                                   DLQ_CLASS,
                                   DLQ_CODE,
                                   DLQ_FLOW,
                                   DLQ_SOURCE,
                                   DLQ_PARTITION,
                                   DLQ_POSITION,
                                   DLQ_REJECTED_AT,
                                   DLQ_ATTEMPTS,
                                   DLQ_REPLAYED_AT,
                                   DLQ_MESSAGE};

static void list_json(DlqCommand *command, const DlqRow *row) {
    for (DlqColumn i = 0; i < DLQ_COLUMN_COUNT; i++) {
        if (i != DLQ_RAW) {
            buffer_char(&command->out, i == 0 ? '{' : ',');
            cell_json(&command->out, row, i);
        }
    }
    buffer_text(&command->out, "}\n");
}

static const char *cell_text(DlqCommand *command, const DlqRow *row, DlqColumn column) {
    Buffer text = {0};
    if (!row->cells[column].is_null) {
        value_text(&text, column_of(column)->type, &row->cells[column].value);
    }
    const char *cell = listing_cell(&command->arena, text.data, text.length);
    buffer_free(&text);
    return cell;
}

static void list_text(DlqCommand *command, const DlqRows *rows, int64_t limit) {
    TextListing listing = {.column_count = COUNT_OF(listed)};
    const char **heading = arena_array(&command->arena, const char *, COUNT_OF(listed));
    for (size_t i = 0; i < COUNT_OF(listed); i++) {
        heading[i] = column_of(listed[i])->name;
    }
    *vec_push(&command->arena, &listing.rows) = heading;
    for (uint32_t r = 0; r < rows->count && r < limit; r++) {
        const char **cells = arena_array(&command->arena, const char *, COUNT_OF(listed));
        for (size_t i = 0; i < COUNT_OF(listed); i++) {
            cells[i] = cell_text(command, &rows->items[r], listed[i]);
        }
        *vec_push(&command->arena, &listing.rows) = cells;
    }
    listing_print(&command->arena, &listing, &command->out);
}

static int list(DlqCommand *command) {
    DlqRows rows = {0};
    int status = EXIT_DONE;
    int64_t limit = limit_of(command, &status);
    status = status == EXIT_DONE ? rows_read(command, false, &rows) : status;
    if (status != EXIT_DONE) {
        return status;
    }
    if (rows.count > 1) {
        qsort(rows.items, rows.count, sizeof(*rows.items), row_compare);
    }
    if (!command->is_json) {
        list_text(command, &rows, limit);
        return EXIT_DONE;
    }
    for (uint32_t i = 0; i < rows.count && i < limit; i++) {
        list_json(command, &rows.items[i]);
    }
    return EXIT_DONE;
}

// --- show ---------------------------------------------------------------------------------------
static bool is_text(const DlqCell *cell) {
    return utf8_is_valid(flow_view_data(&cell->value.view), cell->value.view.length);
}

static void hex_write(Buffer *out, const DlqCell *cell) {
    const char *bytes = flow_view_data(&cell->value.view);
    for (uint32_t i = 0; i < cell->value.view.length; i++) {
        buffer_format(out, "%02x", (unsigned char)bytes[i]);
    }
}

static void
meaning_find(DlqCommand *command, const DlqRow *row, const char **message, const char **advice) {
    *message = rejection_message(dlq_cell_text(&command->arena, &row->cells[DLQ_CODE]));
    *advice = rejection_advice(dlq_cell_text(&command->arena, &row->cells[DLQ_CLASS]));
}

static void show_json(DlqCommand *command, const DlqRow *row) {
    Buffer *out = &command->out;
    const DlqCell *raw = &row->cells[DLQ_RAW];
    const char *message;
    const char *advice;
    for (DlqColumn i = 0; i < DLQ_COLUMN_COUNT; i++) {
        buffer_char(out, i == 0 ? '{' : ',');
        if (i != DLQ_RAW || raw->is_null) {
            cell_json(out, row, i);
        } else if (is_text(raw)) {
            buffer_text(out, "\"raw\":");
            buffer_json_string(out, flow_view_data(&raw->value.view), raw->value.view.length);
        } else {
            buffer_text(out, "\"raw_hex\":\"");
            hex_write(out, raw);
            buffer_char(out, '"');
        }
    }
    meaning_find(command, row, &message, &advice);
    buffer_text(out, ",\"meaning\":");
    buffer_json_string(out, message == NULL ? "" : message, message == NULL ? 0 : strlen(message));
    buffer_text(out, ",\"advice\":");
    buffer_json_string(out, advice == NULL ? "" : advice, advice == NULL ? 0 : strlen(advice));
    buffer_text(out, "}\n");
}

static void show_raw(Buffer *out, const DlqCell *raw) {
    if (raw->is_null) {
        buffer_text(out, "raw               (none was kept)\n");
    } else if (is_text(raw)) {
        buffer_text(out, "raw               ");
        value_text(out, column_of(DLQ_RECORD_ID)->type, &raw->value);
        buffer_char(out, '\n');
    } else {
        buffer_text(out, "raw, as hex       ");
        hex_write(out, raw);
        buffer_char(out, '\n');
    }
}

static void show_text(DlqCommand *command, const DlqRow *row) {
    Buffer *out = &command->out;
    const char *message;
    const char *advice;
    for (DlqColumn i = 0; i < DLQ_COLUMN_COUNT; i++) {
        if (i != DLQ_RAW && !row->cells[i].is_null) {
            buffer_format(out, "%-18s", column_of(i)->name);
            value_text(out, column_of(i)->type, &row->cells[i].value);
            buffer_char(out, '\n');
        }
    }
    show_raw(out, &row->cells[DLQ_RAW]);
    meaning_find(command, row, &message, &advice);
    if (message != NULL) {
        buffer_text(out, "\n");
        value_text(out, column_of(DLQ_CODE)->type, &row->cells[DLQ_CODE].value);
        buffer_format(out, ": %s\n", message);
    }
    if (advice != NULL) {
        buffer_format(out, "%s\n", advice);
    }
}

static int show(DlqCommand *command) {
    DlqRows rows = {0};
    command->select.record_id = command->options->files.items[2];
    int status = rows_read(command, true, &rows);
    if (status == EXIT_DONE && rows.count == 0) {
        return usage_error(command->options,
                           "%s has no record %s; `flowc dlq list` shows them",
                           command->path,
                           command->select.record_id);
    }
    if (rows.count > 1) {
        qsort(rows.items, rows.count, sizeof(*rows.items), row_compare);
    }
    for (uint32_t i = 0; i < rows.count; i++) {
        if (i > 0 && !command->is_json) {
            buffer_char(&command->out, '\n');
        }
        (command->is_json ? show_json : show_text)(command, &rows.items[i]);
    }
    return status;
}

// --- purge --------------------------------------------------------------------------------------
static const char *purge_words(DlqCommand *command) {
    const char *const *values = command->options->values;
    Buffer words = {0};
    buffer_text(&words, "dlq purge");
    if (values[OPTION_ALL] != NULL) {
        buffer_text(&words, " --all");
    }
    if (values[OPTION_REPLAYED] != NULL) {
        buffer_text(&words, " --replayed");
    }
    if (values[OPTION_BEFORE] != NULL) {
        buffer_format(&words, " --before %s", values[OPTION_BEFORE]);
    }
    const char *text = arena_string(&command->arena, buffer_cstring(&words));
    buffer_free(&words);
    return text;
}

static int purge(DlqCommand *command) {
    const char *const *values = command->options->values;
    bool is_part = values[OPTION_REPLAYED] != NULL || values[OPTION_BEFORE] != NULL;
    if (is_part == (values[OPTION_ALL] != NULL)) {
        return usage_error(command->options,
                           "flowc dlq purge takes --before T or --replayed or both, or --all");
    }
    DlqPurge how = {
        .path = command->path,
        .select = command->select,
        .text = purge_words(command),
        .clock_us = sys_wall_us(command->options->sys),
        .is_dry = values[OPTION_DRY_RUN] != NULL,
    };
    int64_t count = 0;
    Outcome outcome = dlq_purge(command->options->sys, &how, &count);
    if (outcome != OUTCOME_OK) {
        return environment_failed(command->options, outcome);
    }
    if (command->is_json) {
        buffer_format(&command->out,
                      "{\"records\":%lld,\"removed\":%s}\n",
                      (long long)count,
                      how.is_dry ? "false" : "true");
    } else {
        buffer_format(&command->out,
                      "%s %lld record%s\n",
                      how.is_dry ? "would remove" : "removed",
                      (long long)count,
                      count == 1 ? "" : "s");
    }
    return EXIT_DONE;
}

static int replay(DlqCommand *command) {
    return dlq_replay(command->options);
}

// --- the command --------------------------------------------------------------------------------
typedef struct DlqAction {
    const char *name;
    int (*run)(DlqCommand *command);
    const char *arguments;
    uint32_t argument_count; // with the action's name
    uint64_t options;        // that it takes besides those of all
} DlqAction;

#define BIT(option) ((uint64_t)1 << OPTION_##option)
_Static_assert(OPTION_COUNT <= 64, "options are bits here");

static const DlqAction actions[] = {
    {"list",
     list,
     "PATH",
     2,
     BIT(LIMIT) | BIT(CLASS) | BIT(CODE) | BIT(FLOW) | BIT(SOURCE) | BIT(SINCE) | BIT(REPLAYED) |
         BIT(NOT_REPLAYED)},
    {"show", show, "PATH and RECORD_ID", 3, 0},
    {"purge", purge, "PATH", 2, BIT(REPLAYED) | BIT(BEFORE) | BIT(ALL) | BIT(DRY_RUN)},
    {"replay",
     replay,
     "PATH and FILE",
     3,
     BIT(CLASS) | BIT(RECORD) | BIT(PARAM) | BIT(CHECKPOINT) | BIT(PARALLELISM) | BIT(SUMMARY)},
};

// An option that is passed over would make a purge remove more than was asked for.
static int options_check(const Options *options, const DlqAction *action) {
    uint64_t taken = action->options | BIT(ROOT) | BIT(FORMAT);
    for (OptionId i = 0; i < OPTION_COUNT; i++) {
        if (options->values[i] != NULL && (taken >> i & 1) == 0) {
            return usage_error(options, "flowc dlq %s takes no %s", action->name, option_name(i));
        }
    }
    return EXIT_DONE;
}

static int action_run(const Options *options, const DlqAction *action) {
    if (options->files.count != action->argument_count) {
        return usage_error(options, "flowc dlq %s takes %s", action->name, action->arguments);
    }
    DlqCommand command = {.options = options,
                          .path = options->files.items[1],
                          .is_json = option_is(options, OPTION_FORMAT, "json")};
    int status = options_check(options, action);
    status = status == EXIT_DONE ? select_take(&command) : status;
    status = status == EXIT_DONE ? action->run(&command) : status;
    print(options, 1, &command.out);
    buffer_free(&command.out);
    arena_free(&command.arena);
    return status;
}

int command_dlq(const Options *options) {
    const char *name = options->files.count == 0 ? "" : options->files.items[0];
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (str_equal(actions[i].name, name)) {
            return action_run(options, &actions[i]);
        }
    }
    return usage_error(options, "flowc dlq takes list, show, purge or replay, and a PATH");
}
