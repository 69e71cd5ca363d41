// Sources: connectors, formats, event time; and the columns that they give.
#include "check/check_internal.h"

#define SETTLE_US                                                                                  \
    INT64_C(2000000) // decision 151: a file that nobody has changed for so long is whole

#define IDLE_AFTER_US INT64_C(60000000) // LANGUAGE 3: 1 minute

static const char *const connectors[] = {"kafka", "postgres", "http_poll", "http_listen"};
static const char *const source_settings[] = {"files",
                                              "format",
                                              "event_time",
                                              "lateness",
                                              "idle_after",
                                              "settle",
                                              "timestamp_unit",
                                              "on_unknown",
                                              "max_ahead",
                                              "changes",
                                              "rate_limit",
                                              "delta",
                                              "kafka",
                                              "postgres",
                                              "http_poll",
                                              "http_listen",
                                              "generate"};
// Of connectors that are not built: nothing is said about their settings.
static const char *const connector_settings[] = {"brokers",
                                                 "group",
                                                 "start",
                                                 "registry",
                                                 "table",
                                                 "mode",
                                                 "slot",
                                                 "publication",
                                                 "every",
                                                 "records",
                                                 "page",
                                                 "header",
                                                 "hmac",
                                                 "read"};

static bool is_one_of(const char *word, const char *const *words, uint32_t count) {
    for (uint32_t i = 0; word != NULL && i < count; i++) {
        if (str_equal(words[i], word)) {
            return true;
        }
    }
    return false;
}

// --- formats -------------------------------------------------------------------------------------
static SettingPlace source_place(Checker *c, FlowSettingForm form, size_t offset) {
    return (SettingPlace){.form = form,
                          .kind = form == FLOW_SETTING_SWITCH ? AST_BOOL : AST_STRING,
                          .owner = FLOW_OWNER_SOURCE,
                          .index = c->out->sources.count, // it is added when it was read
                          .offset = (int64_t)offset,
                          .most = 1};
}

static void json_setting(Checker *c, const AstSetting *setting, GraphSource *source) {
    static const char *const names[] = {"records"};
    if (!setting_is(setting, "records")) {
        setting_unknown(c, setting, "json", names, COUNT_OF(names));
        return;
    }
    SettingPlace place = source_place(c, FLOW_SETTING_TEXT, offsetof(FlowSource, records));
    place.least = 1;
    place.takes = "the path of an array, such as \"data.items\"";
    setting_string(c, setting, &place, &source->records);
}

static bool format_is(const AstSetting *setting, FlowFormat *format) {
    static const struct {
        const char *word;
        FlowFormat format;
        bool has_block;
    } formats[] = {
        {"ndjson", FLOW_FORMAT_NDJSON, false},
        {"csv", FLOW_FORMAT_CSV, true},
        {"parquet", FLOW_FORMAT_PARQUET, false},
        {"json", FLOW_FORMAT_JSON, true},
        {"debezium", FLOW_FORMAT_DEBEZIUM, false},
        {"avro", FLOW_FORMAT_AVRO, false},
    };
    const char *word = ast_item_word(setting, 1);
    bool has_block = setting->item_count == 3 && setting->items[2].kind == AST_ITEM_BLOCK;
    for (uint32_t i = 0; word != NULL && i < COUNT_OF(formats); i++) {
        if (str_equal(formats[i].word, word)) {
            *format = formats[i].format;
            return setting->item_count == 2 || (has_block && formats[i].has_block);
        }
    }
    return false;
}

static void format_set(Checker *c, const AstSetting *setting, GraphSource *source) {
    CsvPlace csv = {.owner = FLOW_OWNER_SOURCE,
                    .index = c->out->sources.count, // it is added when it was read
                    .delimiter = offsetof(FlowSource, csv_delimiter),
                    .header = offsetof(FlowSource, csv_header),
                    .null_text = offsetof(FlowSource, csv_null)};
    if (!format_is(setting, &source->format)) {
        setting_report(c, setting, "ndjson, csv { … }, parquet, avro, json { … } or debezium");
        return;
    }
    if (setting->item_count == 3 && source->format == FLOW_FORMAT_CSV) {
        csv_settings(c, &setting->items[2], &csv, &source->csv);
        return;
    }
    for (uint32_t i = 0; setting->item_count == 3 && i < setting->items[2].setting_count; i++) {
        json_setting(c, &setting->items[2].settings[i], source);
    }
}

static void unit_set(Checker *c, const AstSetting *setting, GraphSource *source) {
    static const char *const units[] = {"", "seconds", "ms", "us"};
    const char *word = setting->item_count == 2 ? ast_item_word(setting, 1) : NULL;
    for (uint32_t i = FLOW_UNIT_SECONDS; word != NULL && i < COUNT_OF(units); i++) {
        if (str_equal(units[i], word)) {
            source->timestamp_unit = (FlowTimestampUnit)i;
            return;
        }
    }
    setting_report(c, setting, "seconds, ms or us");
}

// --- settings ------------------------------------------------------------------------------------
static void event_time_setting(Checker *c, const AstSetting *setting, Stream *stream) {
    const char *word = setting->item_count == 2 ? ast_item_word(setting, 1) : NULL;
    if (word == NULL) {
        setting_report(c, setting, "the name of a column");
        return;
    }
    AstName name = {word, setting->items[1].span};
    int32_t index = stream_find(stream, word);
    if (index < 0) {
        unknown_column_report(c, &(Scope){.stream = stream}, name);
        return;
    }
    const Type *type = stream->columns.items[index].type;
    if (stream->event_time >= 0 && stream->event_time != index) {
        diag_add(c->diags,
                 DIAG_E214,
                 setting->span,
                 "`%s` is the event time already",
                 stream->columns.items[stream->event_time].name);
    } else if (type != NULL && (type->kind != FLOW_TIMESTAMP || type->is_nullable)) {
        diag_add(c->diags,
                 DIAG_E215,
                 name.span,
                 "the event time is a timestamp without `?`, not %s",
                 type_show(c, type));
    } else {
        stream->event_time = index;
    }
}

static void duration_set(Checker *c, const AstSetting *setting, size_t offset, int64_t *value) {
    SettingPlace place = source_place(c, FLOW_SETTING_NUMBER, offset);
    place.kind = AST_DURATION;
    place.most = INT64_MAX;
    place.takes = "a duration, such as `2 seconds`";
    setting_number(c, setting, &place, value);
}

static void on_unknown_set(SourceReading *r, const AstSetting *setting) {
    const char *word = ast_item_word(setting, 1);
    const char *column = setting->item_count == 3 ? ast_item_word(setting, 2) : NULL;
    if (word != NULL && str_equal(word, "capture") && column != NULL) {
        r->source.on_unknown = FLOW_UNKNOWN_CAPTURE;
        r->capture = setting;
    } else if (word != NULL && str_equal(word, "reject") && setting->item_count == 2) {
        r->source.on_unknown = FLOW_UNKNOWN_REJECT;
    } else if (word == NULL || !str_equal(word, "ignore") || setting->item_count != 2) {
        setting_report(r->c, setting, "ignore, reject or capture and the name of a column");
    }
}

// `rate_limit N per duration`: it holds a reader back, and a batch reads what is there.
static void rate_limit_check(Checker *c, const AstSetting *setting) {
    static const SettingPlace place = {.form = FLOW_SETTING_NUMBER,
                                       .kind = AST_INTEGER,
                                       .offset = -1,
                                       .least = 1,
                                       .most = INT64_MAX,
                                       .takes = "a number per duration, such as `1000 per second`"};
    const char *per = ast_item_word(setting, 2);
    if (setting->item_count != 4 || per == NULL || !str_equal(per, "per")) {
        setting_report(c, setting, place.takes);
        return;
    }
    AstSetting number = *setting;
    number.item_count = 2;
    int64_t ignored = 0;
    setting_number(c, &number, &place, &ignored);
}

static void max_ahead_set(SourceReading *r, const AstSetting *setting) {
    bool is_reported = false;
    r->max_ahead_param = setting_duration_param(r->c, setting, &is_reported);
    bool is_given = r->max_ahead_param >= 0 || setting_literal(setting, AST_DURATION) != NULL;
    if (!is_given && !is_reported) {
        setting_report(r->c, setting, "a duration, such as `1 hour`");
    }
    r->max_ahead = is_given ? setting : NULL;
}

static void connector_unsupported(Checker *c, const AstSetting *setting, bool *is_foreign) {
    diag_unsupported(c->diags, setting->items[0].span, UNSUPPORTED_SOURCE_CONNECTOR);
    *is_foreign = true;
}

static void setting_check(SourceReading *r, const AstSetting *setting) {
    Checker *c = r->c;
    GraphSource *source = &r->source;
    if (r->is_generated && generate_setting(r, setting)) {
        return;
    }
    if (setting_is(setting, "files")) {
        setting_path(c, setting, &source->path);
    } else if (setting_is(setting, "delta") || setting_is(setting, "read")) {
        snapshot_set(r, setting);
    } else if (setting_is(setting, "format")) {
        format_set(c, setting, source);
    } else if (setting_is(setting, "event_time")) {
        event_time_setting(c, setting, r->stream);
    } else if (setting_is(setting, "lateness")) {
        duration_set(c, setting, offsetof(FlowSource, lateness_us), &source->lateness_us);
    } else if (setting_is(setting, "idle_after")) {
        duration_set(c, setting, offsetof(FlowSource, idle_after_us), &source->idle_after_us);
    } else if (setting_is(setting, "settle")) {
        duration_set(c, setting, offsetof(FlowSource, settle_us), &source->settle_us);
    } else if (setting_is(setting, "timestamp_unit")) {
        unit_set(c, setting, source);
    } else if (setting_is(setting, "on_unknown")) {
        on_unknown_set(r, setting);
    } else if (setting_is(setting, "changes")) {
        changes_set(r, setting);
    } else if (setting_is(setting, "max_ahead")) {
        max_ahead_set(r, setting);
    } else if (setting_is(setting, "rate_limit")) {
        rate_limit_check(c, setting);
    } else {
        setting_unknown(c, setting, "a source", source_settings, COUNT_OF(source_settings));
    }
}

static bool settings_check(SourceReading *r) {
    Checker *c = r->c;
    const AstDecl *decl = r->decl;
    bool is_foreign = false;
    settings_repeated(c, &decl->settings);
    r->is_generated = program_setting(&decl->settings, "generate") != NULL;
    for (uint32_t i = 0; i < decl->settings.count; i++) {
        const char *name = ast_setting_name(&decl->settings.items[i]);
        if (is_one_of(name, connectors, COUNT_OF(connectors))) {
            connector_unsupported(c, &decl->settings.items[i], &is_foreign);
        }
    }
    for (uint32_t i = 0; i < decl->settings.count; i++) {
        const AstSetting *setting = &decl->settings.items[i];
        const char *name = ast_setting_name(setting);
        bool is_theirs =
            is_one_of(name, connectors, COUNT_OF(connectors)) ||
            (is_foreign && is_one_of(name, connector_settings, COUNT_OF(connector_settings)));
        if (!is_theirs) {
            setting_check(r, setting);
        }
    }
    static const char *const built[] = {"files", "delta", "generate"};
    snapshot_settings_check(r);
    if (r->is_generated) {
        state_keep(c, decl->name.span, KEPT_NOT_YET, "has a source of made-up records");
    } else if (program_setting(&decl->settings, "delta") != NULL) {
        state_keep(c, decl->name.span, KEPT_NOT_YET, "has a Delta table as a source");
    }
    return is_foreign || r->is_generated || program_setting(&decl->settings, "files") != NULL ||
           program_setting(&decl->settings, "delta") != NULL ||
           settings_may_mean(
               &decl->settings, source_settings, COUNT_OF(source_settings), built, COUNT_OF(built));
}

// --- columns -------------------------------------------------------------------------------------
Contract *contract_of(Checker *c, const AstDecl *decl, const AstDecl *contract) {
    if (contract != NULL) {
        for (uint32_t i = 0; i < c->program->contracts.count; i++) {
            if (c->program->contracts.items[i] == contract) {
                return c->contracts[i];
            }
        }
    }
    bool is_table = decl->kind == AST_DECL_TABLE;
    return decl->has_columns ? contract_check(c, decl, &decl->columns, is_table) : NULL;
}

static void parts_check(Checker *c, const AstDecl *decl, bool has_connector) {
    if (decl->is_broken) {
        return;
    }
    if (!has_connector && !decl->settings.is_broken) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E073,
                              decl->name.span,
                              "the source `%s` does not say what it reads",
                              decl->name.text);
        diag_help(c->diags, diag, "add `files \"data/*.ndjson\"`");
    }
    if (decl->contract.text == NULL && !decl->has_columns) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E073,
                              decl->name.span,
                              "the source `%s` does not say which columns it has",
                              decl->name.text);
        diag_help(c->diags,
                  diag,
                  "name a contract: `source %s: Contract { … }`, or add `columns { … }`",
                  decl->name.text);
    }
}

void source_check(Checker *c, uint32_t index) {
    const ProgramSource *named = &c->program->sources.items[index];
    const AstDecl *decl = named->decl;
    const Contract *contract = contract_of(c, decl, named->contract);
    SourceReading r = {
        .c = c,
        .decl = decl,
        .contract = contract,
        .stream = contract == NULL ? stream_unknown(c) : stream_copy(c, &contract->stream),
        .source = {.name = named->name,
                   .contract = contract == NULL ? NULL : contract->name,
                   .contract_version = contract == NULL ? NULL : contract->version,
                   .path = {.text = "", .param = -1},
                   .csv = CSV_DEFAULTS,
                   .settle_us = SETTLE_US,
                   .idle_after_us = IDLE_AFTER_US,
                   .records = "",
                   .capture = -1,
                   .changes_from = -1,
                   .operation = -1,
                   .span = decl->span},
        .max_ahead_param = -1,
        .changes = {.operation = -1},
        .generate = {.seed = GENERATE_SEED_DEFAULT},
    };
    parts_check(c, decl, settings_check(&r));
    r.stream->has_meta = true;
    r.stream->may_leave_out = r.source.format == FLOW_FORMAT_DEBEZIUM;
    r.stream->source = named->name;
    r.stream->is_unknown |= decl->is_broken && contract == NULL;
    source_record_check(&r);
    snapshot_columns_check(&r);
    c->source_streams[index] = r.stream;
    CheckedSource *checked = vec_push(c->arena, &c->out->sources);
    *checked = (CheckedSource){.declaration = r.source};
    checked->columns = r.columns;
    checked->column_count = r.column_count;
    for (uint32_t o = 0; r.source.operation >= 0 && o < COUNT_OF(checked->operations); o++) {
        checked->operations[o] = changes_texts(&r, (FlowOperation)o);
    }
    checked->is_changelog = source_is_changelog(&r);
    checked->sequence = r.changes.sequence.items;
    checked->sequence_count = r.changes.sequence.count;
    checked->random = r.random;
    checked->random_checks = r.random_checks;
    checked->random_check_count = contract == NULL ? 0 : contract->checks.count;
    memcpy(&checked->steps, &r.steps, sizeof(checked->steps));
}
