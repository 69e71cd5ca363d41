// Settings that params give: what the program has of them is written over in a copy of it, before
// anything reads it.
#include "engine/run.h"

static Outcome misfit(Run *run, const FlowBinding *binding) {
    const FlowParam *param = &run->program->params[binding->param];
    const char *text = run->param_texts[binding->param];
    bool is_variable = param->environment != NULL;
    return sys_fail(run->sys,
                    OUTCOME_USAGE,
                    "%s%s: `%s` takes %s, not \"%s\"",
                    is_variable ? "" : "--param ",
                    param->name,
                    binding->name,
                    binding->takes,
                    text);
}

static Outcome number_of(Run *run, const FlowBinding *binding, int64_t *number) {
    const FlowParam *param = &run->program->params[binding->param];
    const char *text = run->param_texts[binding->param];
    bool is_spelt = binding->form == FLOW_SETTING_SIZE && param->type->kind == FLOW_STRING;
    *number = run->params[binding->param].i64;
    bool is_number = !is_spelt || parse_size(text, number);
    bool is_good = is_number && *number >= binding->least && *number <= binding->most;
    return is_good ? OUTCOME_OK : misfit(run, binding);
}

static Outcome text_of(Run *run, const FlowBinding *binding, const char **text) {
    *text = run->param_texts[binding->param];
    size_t length = strlen(*text);
    bool is_good = (int64_t)length >= binding->least;
    if (binding->form == FLOW_SETTING_CHARACTER) {
        is_good = length == 1 && strchr("\"\r\n", **text) == NULL;
    }
    return is_good ? OUTCOME_OK : misfit(run, binding);
}

static Outcome field_write(Run *run, const FlowBinding *binding, char *field) {
    const char *text = NULL;
    int64_t number = 0;
    int32_t small = 0;
    switch ((FlowSettingForm)binding->form) {
    case FLOW_SETTING_TEXT:
        TRY(text_of(run, binding, &text));
        memcpy(field, &text, sizeof(text));
        break;
    case FLOW_SETTING_CHARACTER:
        TRY(text_of(run, binding, &text));
        small = (unsigned char)*text;
        memcpy(field, &small, sizeof(small));
        break;
    case FLOW_SETTING_SWITCH:
    case FLOW_SETTING_SMALL:
        TRY(number_of(run, binding, &number));
        small = (int32_t)number;
        memcpy(field, &small, sizeof(small));
        break;
    case FLOW_SETTING_NUMBER:
    case FLOW_SETTING_SIZE:
        TRY(number_of(run, binding, &number));
        memcpy(field, &number, sizeof(number));
        break;
    }
    return OUTCOME_OK;
}

// What is written over.
typedef struct Copies {
    FlowProgram *program;
    FlowSource *sources;
    FlowTable *tables;
    FlowSink *sinks;
} Copies;

static char *owner_of(const FlowBinding *binding, const Copies *copies) {
    switch ((FlowOwner)binding->owner) {
    case FLOW_OWNER_SOURCE:
        return (char *)&copies->sources[binding->index];
    case FLOW_OWNER_TABLE:
        return (char *)&copies->tables[binding->index];
    case FLOW_OWNER_SINK:
        return (char *)&copies->sinks[binding->index];
    case FLOW_OWNER_GENERATE:
        return (char *)copies->sources[binding->index].generate; // copied with its source
    case FLOW_OWNER_PROGRAM:
        break;
    }
    return (char *)copies->program;
}

static FlowSource source_copy(Run *run, const FlowSource *from) {
    FlowSource source = *from;
    if (from->generate != NULL) {
        FlowGenerate *generate = arena_new(&run->arena, FlowGenerate);
        *generate = *from->generate;
        source.generate = generate;
    }
    return source;
}

static Copies copies_make(Run *run) {
    const FlowProgram *from = run->program;
    size_t source_count = (size_t)from->sources_count;
    size_t table_count = (size_t)from->tables_count;
    size_t sink_count = (size_t)from->sinks_count;
    Copies copies = {.program = arena_new(&run->arena, FlowProgram),
                     .sources = arena_array(&run->arena, FlowSource, source_count),
                     .tables = arena_array(&run->arena, FlowTable, table_count),
                     .sinks = arena_array(&run->arena, FlowSink, sink_count)};
    *copies.program = *from;
    for (size_t i = 0; i < source_count; i++) {
        copies.sources[i] = source_copy(run, &from->sources[i]);
    }
    for (size_t i = 0; i < table_count; i++) {
        copies.tables[i] = from->tables[i];
    }
    for (size_t i = 0; i < sink_count; i++) {
        copies.sinks[i] = from->sinks[i];
    }
    copies.program->sources = copies.sources;
    copies.program->tables = copies.tables;
    copies.program->sinks = copies.sinks;
    return copies;
}

// The compiler judges what it knows; here all is known.
static Outcome csv_check(Run *run, const FlowSink *sink) {
    const char *null_text = sink->csv_null == NULL ? "" : sink->csv_null;
    const char odd[] = {(char)sink->csv_delimiter, '"', '\r', '\n', '\0'};
    if (strpbrk(null_text, odd) != NULL) {
        return sys_fail(
            run->sys,
            OUTCOME_USAGE,
            "the sink %s: the text of a null, \"%s\", has a delimiter, quote or line end",
            sink->name,
            null_text);
    }
    if (*null_text == '\0' && sink->columns_count == 1 && sink->columns[0].type->is_nullable) {
        return sys_fail(run->sys,
                        OUTCOME_USAGE,
                        "the sink %s: a null in its one column needs a text",
                        sink->name);
    }
    return OUTCOME_OK;
}

static Outcome sinks_check(Run *run) {
    for (int64_t i = 0; i < run->program->sinks_count; i++) {
        const FlowSink *sink = &run->program->sinks[i];
        if (sink->kind == FLOW_SINK_FILES && sink->format == FLOW_FORMAT_CSV) {
            TRY(csv_check(run, sink));
        }
    }
    return OUTCOME_OK;
}

Outcome settings_bind(Run *run) {
    const FlowProgram *from = run->program;
    if (from->bindings_count == 0) {
        return OUTCOME_OK;
    }
    Copies copies = copies_make(run);
    for (int64_t i = 0; i < from->bindings_count; i++) {
        const FlowBinding *binding = &from->bindings[i];
        char unread[sizeof(FlowValue)];
        char *owner = owner_of(binding, &copies);
        bool is_variable = from->params[binding->param].environment != NULL;
        // A test gives such a source rows: nothing is made up.
        bool is_read = binding->offset >= 0 && owner != NULL;
        if (!is_variable || !run->options->has_no_environment) {
            TRY(field_write(run, binding, is_read ? owner + binding->offset : unread));
        }
    }
    run->program = copies.program;
    return sinks_check(run);
}
