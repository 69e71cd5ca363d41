// Params: what the command line says, else the program's default; and settings, which may name one.
#include "engine/run.h"

static const char *option_find(const EngineOptions *options, const char *name) {
    const char *text = NULL;
    for (uint32_t i = 0; i < options->param_count; i++) {
        if (strcmp(options->params[i].name, name) == 0) {
            text = options->params[i].text; // The last of two wins, as everywhere on command lines.
        }
    }
    return text;
}

static bool param_exists(const FlowProgram *program, const char *name) {
    for (int64_t i = 0; i < program->params_count; i++) {
        if (strcmp(program->params[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static Outcome options_check(Run *run) {
    for (uint32_t i = 0; i < run->options->param_count; i++) {
        const char *name = run->options->params[i].name;
        if (!param_exists(run->program, name)) {
            return sys_fail(
                run->sys, OUTCOME_USAGE, "--param %s: the program has no such param", name);
        }
    }
    return OUTCOME_OK;
}

static Outcome param_resolve(Run *run, int64_t index, FlowValue *value, uint8_t *is_null) {
    const FlowParam *param = &run->program->params[index];
    const char *text = option_find(run->options, param->name);
    text = text != NULL ? text : param->default_text;
    run->param_texts[index] = text;
    *is_null = text == NULL;
    if (text == NULL) {
        return param->type->is_nullable ? OUTCOME_OK
                                        : sys_fail(run->sys,
                                                   OUTCOME_USAGE,
                                                   "the param %s has no default: give --param %s=…",
                                                   param->name,
                                                   param->name);
    }
    if (param_value_parse(run, param, text, value)) {
        return OUTCOME_OK;
    }
    return sys_fail(
        run->sys, OUTCOME_USAGE, "--param %s: \"%s\" is no value of its type", param->name, text);
}

Outcome params_resolve(Run *run) {
    size_t count = (size_t)run->program->params_count;
    FlowValue *values = arena_array(&run->arena, FlowValue, count);
    uint8_t *nulls = arena_array(&run->arena, uint8_t, count);
    run->param_texts = arena_array(&run->arena, const char *, count);
    TRY(options_check(run));
    for (size_t i = 0; i < count; i++) {
        TRY(param_resolve(run, (int64_t)i, &values[i], &nulls[i]));
    }
    run->params = values;
    run->param_nulls = nulls;
    return OUTCOME_OK;
}

const char *setting_text(const Run *run, const FlowSetting *setting) {
    if (setting == NULL) {
        return NULL;
    }
    return setting->param == FLOW_NO_INDEX ? setting->text : run->param_texts[setting->param];
}
