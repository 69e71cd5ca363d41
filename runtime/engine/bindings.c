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

static char *
owner_of(const FlowBinding *binding, FlowProgram *program, FlowSource *sources, FlowTable *tables) {
    switch ((FlowOwner)binding->owner) {
    case FLOW_OWNER_SOURCE:
        return (char *)&sources[binding->index];
    case FLOW_OWNER_TABLE:
        return (char *)&tables[binding->index];
    case FLOW_OWNER_GENERATE:
        return (char *)sources[binding->index].generate; // copied with its source
    case FLOW_OWNER_PROGRAM:
        break;
    }
    return (char *)program;
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

Outcome settings_bind(Run *run) {
    const FlowProgram *from = run->program;
    if (from->bindings_count == 0) {
        return OUTCOME_OK;
    }
    size_t source_count = (size_t)from->sources_count;
    size_t table_count = (size_t)from->tables_count;
    FlowProgram *program = arena_new(&run->arena, FlowProgram);
    FlowSource *sources = arena_array(&run->arena, FlowSource, source_count);
    FlowTable *tables = arena_array(&run->arena, FlowTable, table_count);
    *program = *from;
    for (size_t i = 0; i < source_count; i++) {
        sources[i] = source_copy(run, &from->sources[i]);
    }
    for (size_t i = 0; i < table_count; i++) {
        tables[i] = from->tables[i];
    }
    program->sources = sources;
    program->tables = tables;
    for (int64_t i = 0; i < from->bindings_count; i++) {
        const FlowBinding *binding = &from->bindings[i];
        char unread[sizeof(FlowValue)];
        char *owner = owner_of(binding, program, sources, tables);
        bool is_variable = from->params[binding->param].environment != NULL;
        // A test gives such a source rows: nothing is made up.
        bool is_read = binding->offset >= 0 && owner != NULL;
        if (!is_variable || !run->options->has_no_environment) {
            TRY(field_write(run, binding, is_read ? owner + binding->offset : unread));
        }
    }
    run->program = program;
    return OUTCOME_OK;
}
