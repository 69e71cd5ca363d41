// `flowc table show | history | read`: any Delta table. Its rows are read in command_read.c.
#include "driver/look.h"

#include "scalar/scalar.h"

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
int look_limit(const Look *look, int64_t *limit) {
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

int look_open(Look *look) {
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
    int status = look_open(look);
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
    int status = look_limit(look, &limit);
    if (status == EXIT_DONE) {
        status = look_open(look);
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

// --- the command --------------------------------------------------------------------------------
int command_table(const Options *options) {
    static const struct {
        const char *name;
        int (*run)(Look *look);
    } actions[] = {{"show", show}, {"history", history}, {"read", look_read}};
    bool reads = options->files.count > 0 && str_equal(options->files.items[0], "read");
    if (options->values[OPTION_WHERE] != NULL && !reads) {
        return usage_error(options, "only flowc table read takes --where");
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
