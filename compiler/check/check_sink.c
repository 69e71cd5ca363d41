// Sinks that are no tables, and the pipeline's settings.
#include "check/check_internal.h"

// --- sinks ---------------------------------------------------------------------------------------
static const char *const sink_settings[] = {
    "stdout", "files", "discard", "kafka", "postgres", "http_post", "search", "format"};
enum { SINK_BUILT = 3, SINK_CONNECTORS = 7 };

static bool format_is(const char *word, FlowFormat *format) {
    static const struct {
        const char *word;
        FlowFormat format;
    } formats[] = {
        {"ndjson", FLOW_FORMAT_NDJSON},
        {"csv", FLOW_FORMAT_CSV},
        {"parquet", FLOW_FORMAT_PARQUET},
        {"json", FLOW_FORMAT_JSON},
        {"avro", FLOW_FORMAT_AVRO},
    };
    for (uint32_t i = 0; word != NULL && i < COUNT_OF(formats); i++) {
        if (str_equal(formats[i].word, word)) {
            *format = formats[i].format;
            return true;
        }
    }
    return false;
}

// A null has a text that nothing else reads as: quotes and delimiters are never part of it.
static void csv_null_check(Checker *c, const AstSetting *setting, const GraphCsv *csv) {
    const char odd[] = {csv->delimiter, '"', '\r', '\n', '\0'};
    if (csv->null_text != NULL && strpbrk(csv->null_text, odd) != NULL) {
        diag_add(c->diags,
                 DIAG_E252,
                 setting->span,
                 "the text of a null has no delimiter, quote or line end");
    }
}

static void sink_format(Checker *c, uint32_t index, const AstSetting *setting, GraphSink *sink) {
    const AstItem *block = setting->item_count == 3 && setting->items[2].kind == AST_ITEM_BLOCK
                               ? &setting->items[2]
                               : NULL;
    bool is_format = format_is(ast_item_word(setting, 1), &sink->format);
    bool is_whole = setting->item_count == 2 || (block != NULL && sink->format == FLOW_FORMAT_CSV);
    if (!is_format || !is_whole) {
        setting_report(c, setting, "ndjson, csv { … }, json, parquet or avro");
        return;
    }
    if (block != NULL) {
        CsvPlace place = {.owner = FLOW_OWNER_SINK,
                          .index = index,
                          .delimiter = offsetof(FlowSink, csv_delimiter),
                          .header = offsetof(FlowSink, csv_header),
                          .null_text = offsetof(FlowSink, csv_null)};
        csv_settings(c, block, &place, &sink->csv);
        csv_null_check(c, setting, &sink->csv);
    }
}

static uint32_t connector_of(const AstSetting *setting) {
    uint32_t i = 0;
    while (i < SINK_CONNECTORS && !setting_is(setting, sink_settings[i])) {
        i++;
    }
    return i;
}

static const AstSetting *connector_find(Checker *c, const AstDecl *decl) {
    const AstSetting *first = NULL;
    for (uint32_t i = 0; i < decl->settings.count; i++) {
        const AstSetting *setting = &decl->settings.items[i];
        if (connector_of(setting) == SINK_CONNECTORS) {
            continue;
        }
        if (first != NULL && connector_of(first) != connector_of(setting)) {
            diag_add(c->diags, DIAG_E202, setting->span, "a sink has one place to write to");
        }
        first = first == NULL ? setting : first;
    }
    return first;
}

static void connector_set(Checker *c, const AstSetting *setting, GraphSink *sink) {
    if (setting_is(setting, "files")) {
        sink->kind = FLOW_SINK_FILES;
        setting_path(c, setting, &sink->path);
        return;
    }
    sink->kind = setting_is(setting, "stdout") ? FLOW_SINK_STDOUT : FLOW_SINK_DISCARD;
    if (setting->item_count > 1) {
        setting_report(c, setting, "nothing more");
    }
}

static void sink_setting(Checker *c, uint32_t index, const AstSetting *setting, GraphSink *sink) {
    if (connector_of(setting) < SINK_CONNECTORS) {
        return;
    }
    if (!setting_is(setting, "format")) {
        setting_unknown(c, setting, "a sink", sink_settings, COUNT_OF(sink_settings));
    } else if (sink->kind == FLOW_SINK_FILES) {
        sink_format(c, index, setting, sink);
    } else {
        diag_add(c->diags, DIAG_E200, setting->span, "only a sink of `files` has a format");
    }
}

// Whether it says where its rows go.
static bool sink_declare(Checker *c, uint32_t index, GraphSink *sink) {
    const AstDecl *decl = c->program->sinks.items[index].decl;
    *sink = (GraphSink){.name = c->program->sinks.items[index].name,
                        .kind = FLOW_SINK_STDOUT,
                        .table = -1,
                        .path = {.text = "", .param = -1},
                        .format = FLOW_FORMAT_NDJSON,
                        .csv = CSV_DEFAULTS,
                        .declared = (int32_t)index};
    if (decl == NULL) {
        return true;
    }
    const AstSetting *connector = connector_find(c, decl);
    if (connector != NULL && connector_of(connector) >= SINK_BUILT) {
        diag_unsupported(c->diags, connector->items[0].span, UNSUPPORTED_SINK_CONNECTOR);
        return true;
    }
    if (connector != NULL) {
        connector_set(c, connector, sink);
    } else {
        sink->kind = FLOW_SINK_FILES; // so that its format is read without another finding
    }
    for (uint32_t i = 0; i < decl->settings.count; i++) {
        sink_setting(c, index, &decl->settings.items[i], sink);
    }
    return connector != NULL;
}

// Declarations are looked at even if no flow uses them.
void sinks_check(Checker *c) {
    for (uint32_t s = 0; s < c->program->sinks.count; s++) {
        const AstDecl *decl = c->program->sinks.items[s].decl;
        SinkInfo *info = &c->sinks[s];
        info->is_whole = sink_declare(c, s, &info->sink);
        if (decl == NULL) {
            continue;
        }
        settings_repeated(c, &decl->settings);
        bool is_misspelt = settings_may_mean(&decl->settings,
                                             sink_settings,
                                             COUNT_OF(sink_settings),
                                             sink_settings,
                                             SINK_CONNECTORS);
        if (!info->is_whole && !is_misspelt && !decl->is_broken && !decl->settings.is_broken) {
            diag_add(c->diags,
                     DIAG_E073,
                     decl->name.span,
                     "the sink `%s` does not say where its rows go: `stdout`, `files \"dir\"` or "
                     "`discard`",
                     decl->name.text);
        }
    }
}

// --- what files can't hold -----------------------------------------------------------------------
// The first field within the type that Avro has no name for, or NULL.
static const char *odd_field(const Type *type) {
    const char *odd = NULL;
    for (uint32_t i = 0; odd == NULL && i < type->child_count; i++) {
        const TypeField *field = &type->children[i];
        odd = type->kind == FLOW_STRUCT && !text_is_name(field->name) ? field->name
                                                                      : odd_field(field->type);
    }
    return odd;
}

bool sink_takes_name(Checker *c, const GraphSink *sink, Span span, const GraphColumn *column) {
    if (sink->kind != FLOW_SINK_FILES || sink->format != FLOW_FORMAT_AVRO || column->type == NULL) {
        return true;
    }
    bool is_odd = !text_is_name(column->name);
    const char *odd = is_odd ? column->name : odd_field(column->type);
    if (odd != NULL) {
        diag_add(c->diags,
                 DIAG_E256,
                 span,
                 "an Avro file can't have the %s `%s`; `rename` it",
                 is_odd ? "column" : "field",
                 odd);
    }
    return odd == NULL;
}

bool sink_takes_columns(
    Checker *c, const GraphSink *sink, Span span, const GraphColumn *columns, uint32_t count) {
    bool is_csv = sink->kind == FLOW_SINK_FILES && sink->format == FLOW_FORMAT_CSV;
    bool is_one = is_csv && count == 1 && columns[0].type != NULL && columns[0].type->is_nullable;
    if (!is_one || sink->csv.null_text == NULL || *sink->csv.null_text != '\0') {
        return true;
    }
    Diag *diag = diag_add(c->diags,
                          DIAG_E252,
                          span,
                          "a null `%s` would be a blank line, and that is no record",
                          columns[0].name);
    diag_help(c->diags, diag, "give the sink a text for it: `format csv { null \"-\" }`");
    return false;
}
