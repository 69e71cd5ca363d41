// Sinks that are no tables, and the pipeline's settings.
#include "check/check_internal.h"

// --- sinks ---------------------------------------------------------------------------------------
static const char *const sink_settings[] = {
    "stdout", "files", "discard", "kafka", "postgres", "http_post", "search", "format"};
enum { SINK_BUILT = 3, SINK_CONNECTORS = 7 };

static void sink_format(Checker *c, const AstSetting *setting, GraphSink *sink) {
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
    const char *word = setting->item_count == 2 ? ast_item_word(setting, 1) : NULL;
    for (uint32_t i = 0; word != NULL && i < COUNT_OF(formats); i++) {
        if (str_equal(formats[i].word, word)) {
            sink->format = formats[i].format;
            return;
        }
    }
    setting_report(c, setting, "ndjson, csv, json, parquet or avro");
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

static void sink_setting(Checker *c, const AstSetting *setting, GraphSink *sink) {
    if (connector_of(setting) < SINK_CONNECTORS) {
        return;
    }
    if (!setting_is(setting, "format")) {
        setting_unknown(c, setting, "a sink", sink_settings, COUNT_OF(sink_settings));
    } else if (sink->kind == FLOW_SINK_FILES) {
        sink_format(c, setting, sink);
    } else {
        diag_add(c->diags, DIAG_E200, setting->span, "only a sink of `files` has a format");
    }
}

// Whether it says where its rows go.
bool sink_declare(Checker *c, uint32_t index, GraphSink *sink) {
    const AstDecl *decl = c->program->sinks.items[index].decl;
    sink->name = c->program->sinks.items[index].name;
    sink->kind = FLOW_SINK_STDOUT;
    sink->format = FLOW_FORMAT_NDJSON;
    sink->path = (GraphSetting){.text = "", .param = -1};
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
        sink_setting(c, &decl->settings.items[i], sink);
    }
    return connector != NULL;
}

// Declarations are looked at even if no flow uses them.
void sinks_check(Checker *c) {
    for (uint32_t s = 0; s < c->program->sinks.count; s++) {
        const AstDecl *decl = c->program->sinks.items[s].decl;
        if (decl == NULL) {
            continue;
        }
        settings_repeated(c, &decl->settings);
        GraphSink sink = {0};
        bool is_misspelt = settings_may_mean(&decl->settings,
                                             sink_settings,
                                             COUNT_OF(sink_settings),
                                             sink_settings,
                                             SINK_CONNECTORS);
        if (!sink_declare(c, s, &sink) && !is_misspelt && !decl->is_broken &&
            !decl->settings.is_broken) {
            diag_add(c->diags,
                     DIAG_E073,
                     decl->name.span,
                     "the sink `%s` does not say where its rows go: `stdout`, `files \"dir\"` or "
                     "`discard`",
                     decl->name.text);
        }
    }
}

// --- names in files
// -------------------------------------------------------------------------------- The first field
// within the type that Avro has no name for, or NULL.
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
