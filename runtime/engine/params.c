// Params: what the command line says, else the program's default, or what the environment says; and
// settings, which may name one.
#include "engine/run.h"

// A time that no record is ahead of another.
#define NEVER_US (INT64_C(100) * 366 * 86400 * 1000000)

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
        const FlowParam *param = &program->params[i];
        if (param->environment == NULL && strcmp(param->name, name) == 0) {
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

// A program without an environment (a test's) takes the variable's name for a path; all other
// settings are as if they were not written.
static Outcome variable_absent(Run *run, int64_t index, FlowValue *value) {
    const FlowParam *param = &run->program->params[index];
    if (!run->options->has_no_environment) {
        return sys_fail(run->sys,
                        OUTCOME_USAGE,
                        "%s: the environment has no variable of that name",
                        param->name);
    }
    bool is_text = param->type->kind == FLOW_STRING;
    run->param_texts[index] = is_text ? param->environment : NULL;
    *value = (FlowValue){.i64 = NEVER_US};
    return is_text && !param_value_parse(run, param, param->environment, value) ? OUTCOME_USAGE
                                                                                : OUTCOME_OK;
}

static Outcome variable_resolve(Run *run, int64_t index, FlowValue *value) {
    const FlowParam *param = &run->program->params[index];
    const char *text = sys_environment(run->sys, param->environment);
    if (text == NULL) {
        return variable_absent(run, index, value);
    }
    run->param_texts[index] = arena_string(&run->arena, text);
    if (param_value_parse(run, param, run->param_texts[index], value)) {
        return OUTCOME_OK;
    }
    return sys_fail(
        run->sys, OUTCOME_USAGE, "%s: \"%s\" is no value of its type", param->name, text);
}

static Outcome param_resolve(Run *run, int64_t index, FlowValue *value, uint8_t *is_null) {
    const FlowParam *param = &run->program->params[index];
    *is_null = false;
    if (param->environment != NULL) {
        return variable_resolve(run, index, value);
    }
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
    return settings_bind(run);
}

const char *setting_text(const Run *run, const FlowSetting *setting) {
    if (setting == NULL) {
        return NULL;
    }
    return setting->param == FLOW_NO_INDEX ? setting->text : run->param_texts[setting->param];
}
