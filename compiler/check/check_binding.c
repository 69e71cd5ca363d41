// What may stand for a literal in a setting: a param, or env("NAME"), whose value is known when a
// run starts. A binding says where it goes then; until then the setting has the param's default.
#include "check/check_internal.h"

typedef enum Given {
    GIVEN_NOT, // a literal, or nothing that is known here
    GIVEN_PARAM,
    GIVEN_WRONG, // reported
} Given;

// --- what a param must be ------------------------------------------------------------------------
static bool is_integer(const Type *type) {
    return type->kind >= FLOW_INT8 && type->kind <= FLOW_INT64;
}

static bool type_fits(const Type *type, const SettingPlace *place) {
    switch (place->kind) {
    case AST_BOOL:
        return type->kind == FLOW_BOOL;
    case AST_DURATION:
        return type->kind == FLOW_DURATION;
    case AST_INTEGER:
        return is_integer(type);
    case AST_SIZE:
        return is_integer(type) || type->kind == FLOW_STRING;
    default:
        return type->kind == FLOW_STRING || type->kind == FLOW_ENUM;
    }
}

static const char *type_wanted(const SettingPlace *place) {
    switch (place->kind) {
    case AST_BOOL:
        return "a bool";
    case AST_DURATION:
        return "a duration";
    case AST_INTEGER:
        return "an integer";
    case AST_SIZE:
        return "an integer, or a string like \"64 MiB\",";
    default:
        return "a string";
    }
}

static const Type *type_of_environment(Checker *c, const SettingPlace *place) {
    switch (place->kind) {
    case AST_BOOL:
        return type_new(c->arena, FLOW_BOOL, false);
    case AST_DURATION:
        return type_new(c->arena, FLOW_DURATION, false);
    case AST_INTEGER:
        return type_new(c->arena, FLOW_INT64, false);
    default:
        return type_new(c->arena, FLOW_STRING, false);
    }
}

// --- params and variables ------------------------------------------------------------------------
static Given
param_take(Checker *c, const AstItem *item, const SettingPlace *place, uint32_t index) {
    const GraphParam *param = &c->out->params.items[index];
    if (param->type == NULL) {
        return GIVEN_WRONG; // reported where it is declared
    }
    if (!type_fits(param->type, place)) {
        diag_add(c->diags,
                 DIAG_E105,
                 item->span,
                 "%s is needed here, the param `%s` is %s",
                 type_wanted(place),
                 param->name,
                 type_show(c, param->type));
        return GIVEN_WRONG;
    }
    if (param->type->is_nullable) {
        diag_add(c->diags,
                 DIAG_E105,
                 item->span,
                 "a value is needed here, the param `%s` may be null",
                 param->name);
        return GIVEN_WRONG;
    }
    return GIVEN_PARAM;
}

static Given
param_find(Checker *c, const AstItem *item, const SettingPlace *place, int32_t *found) {
    const char *name = item->path.items[0].text;
    VEC(const char *) names = {0};
    for (uint32_t i = 0; i < c->program->params.count; i++) {
        *vec_push(c->arena, &names) = c->program->params.items[i]->name.text;
        if (str_equal(names.items[i], name)) {
            *found = (int32_t)i;
            return param_take(c, item, place, i);
        }
    }
    Diag *diag = diag_add(c->diags, DIAG_E019, item->span, "no param is called `%s`", name);
    diag_suggest(c->diags, diag, name, names.items, names.count);
    return GIVEN_WRONG;
}

static const char *variable_named(const AstItem *list) {
    bool is_one = list->setting_count == 1 && list->settings[0].item_count == 1;
    const AstItem *item = is_one ? &list->settings[0].items[0] : NULL;
    bool is_text = item != NULL && item->kind == AST_ITEM_LITERAL &&
                   item->literal.kind == AST_STRING && *item->literal.text != '\0';
    return is_text ? item->literal.text : NULL;
}

static Given
variable_take(Checker *c, const AstSetting *setting, const SettingPlace *place, int32_t *found) {
    Span span = span_join(setting->items[1].span, setting->items[2].span);
    const char *variable = variable_named(&setting->items[2]);
    if (str_equal(ast_item_word(setting, 1), "secret")) {
        diag_add(c->diags, DIAG_E125, span, "no secret is expected here");
        return GIVEN_WRONG;
    }
    if (variable == NULL) {
        diag_add(c->diags, DIAG_E201, span, "`env` takes the name of a variable in quotes");
        return GIVEN_WRONG;
    }
    *found = (int32_t)c->out->params.count;
    *vec_push(c->arena, &c->out->params) =
        (GraphParam){.name = arena_format(c->arena, "env(\"%s\")", variable),
                     .type = type_of_environment(c, place),
                     .environment = variable,
                     .span = span};
    return GIVEN_PARAM;
}

static Given
given_by(Checker *c, const AstSetting *setting, const SettingPlace *place, int32_t *found) {
    const char *word = ast_item_word(setting, 1);
    bool is_call = setting->item_count == 3 && setting->items[2].kind == AST_ITEM_LIST;
    if (word != NULL && is_call && (str_equal(word, "env") || str_equal(word, "secret"))) {
        return variable_take(c, setting, place, found);
    }
    bool is_off = place->kind == AST_BOOL && word != NULL && str_equal(word, "off");
    if (word == NULL || setting->item_count != 2 || is_off) {
        return GIVEN_NOT;
    }
    return param_find(c, &setting->items[1], place, found);
}

static void
binding_add(Checker *c, const AstSetting *setting, const SettingPlace *place, int32_t param) {
    const char *name = ast_setting_name(setting);
    *vec_push(c->arena, &c->out->bindings) = (FlowBinding){.name = name == NULL ? "null" : name,
                                                           .takes = place->takes,
                                                           .owner = (int32_t)place->owner,
                                                           .index = (int32_t)place->index,
                                                           .form = (int32_t)place->form,
                                                           .param = param,
                                                           .offset = place->offset,
                                                           .least = place->least,
                                                           .most = place->most};
}

// --- numbers -------------------------------------------------------------------------------------
static bool is_in_range(const SettingPlace *place, int64_t value) {
    return value >= place->least && value <= place->most;
}

static bool literal_number(const AstItem *item, const SettingPlace *place, int64_t *value) {
    bool is_switch = false;
    if (place->kind == AST_BOOL && setting_bool(item, &is_switch)) {
        *value = is_switch;
        return true;
    }
    const AstLiteral *literal = &item->literal;
    bool is_good = item->kind == AST_ITEM_LITERAL && literal->kind == place->kind &&
                   !literal->is_out_of_range && literal->months == 0;
    *value = is_good ? literal->value : 0;
    return is_good && is_in_range(place, literal->value);
}

// What the default says; false: there is none, or it is no text of the kind.
static bool default_number(Checker *c, const GraphParam *param, int64_t *number) {
    if (param->default_text == NULL) {
        return false;
    }
    if (param->type->kind == FLOW_STRING) {
        return parse_size(param->default_text, number);
    }
    FlowTypeDesc desc = type_desc(c->arena, param->type);
    FlowValue value = {0};
    const char *text = param->default_text;
    bool is_good = value_parse(c->arena, &desc, text, strlen(text), &value) == PARSE_OK;
    *number = value.i64;
    return is_good;
}

bool setting_number(Checker *c,
                    const AstSetting *setting,
                    const SettingPlace *place,
                    int64_t *value) {
    int32_t found = -1;
    Given given = setting->item_count < 2 ? GIVEN_NOT : given_by(c, setting, place, &found);
    if (given == GIVEN_WRONG) {
        return false;
    }
    int64_t number = 0;
    if (given == GIVEN_NOT) {
        bool is_good =
            setting->item_count == 2 && literal_number(&setting->items[1], place, &number);
        if (!is_good) {
            setting_report(c, setting, place->takes);
            return false;
        }
        *value = number;
        return true;
    }
    binding_add(c, setting, place, found);
    const GraphParam *param = &c->out->params.items[found];
    bool is_known = default_number(c, param, &number);
    if (param->default_text != NULL && (!is_known || !is_in_range(place, number))) {
        setting_report(c, setting, place->takes);
        return false;
    }
    *value = is_known ? number : *value;
    return is_known;
}

// --- texts ---------------------------------------------------------------------------------------
static bool text_fits(const SettingPlace *place, const char *text) {
    size_t length = strlen(text);
    bool is_character = length == 1 && strchr("\"\r\n", *text) == NULL;
    return place->form == FLOW_SETTING_CHARACTER ? is_character : (int64_t)length >= place->least;
}

bool setting_string(Checker *c,
                    const AstSetting *setting,
                    const SettingPlace *place,
                    const char **text) {
    int32_t found = -1;
    Given given = setting->item_count < 2 ? GIVEN_NOT : given_by(c, setting, place, &found);
    if (given == GIVEN_WRONG) {
        return false;
    }
    const char *known = NULL;
    if (given == GIVEN_PARAM) {
        binding_add(c, setting, place, found);
        known = c->out->params.items[found].default_text;
    } else if (setting->item_count == 2 && setting->items[1].kind == AST_ITEM_LITERAL &&
               setting->items[1].literal.kind == AST_STRING) {
        known = setting->items[1].literal.text;
    }
    bool is_good = known == NULL ? given == GIVEN_PARAM : text_fits(place, known);
    if (!is_good) {
        setting_report(c, setting, place->takes);
        return false;
    }
    *text = known == NULL ? *text : known;
    return known != NULL;
}

// --- paths and types -----------------------------------------------------------------------------
bool setting_path(Checker *c, const AstSetting *setting, GraphSetting *path) {
    return setting_text_or_param(c, setting, "a path in quotes, or a param", path);
}

bool setting_text_or_param(Checker *c,
                           const AstSetting *setting,
                           const char *takes,
                           GraphSetting *path) {
    const SettingPlace place = {.kind = AST_STRING, .takes = takes};
    int32_t found = -1;
    Given given = setting->item_count < 2 ? GIVEN_NOT : given_by(c, setting, &place, &found);
    if (given == GIVEN_WRONG) {
        return false;
    }
    if (given == GIVEN_PARAM) {
        const char *shown = c->out->params.items[found].default_text;
        *path = (GraphSetting){.text = shown == NULL ? "" : shown, .param = found};
        return true;
    }
    const AstLiteral *literal = setting_literal(setting, AST_STRING);
    if (literal == NULL || *literal->text == '\0') {
        setting_report(c, setting, place.takes);
        return false;
    }
    *path = (GraphSetting){.text = literal->text, .param = -1};
    return true;
}

int32_t setting_duration_param(Checker *c, const AstSetting *setting, bool *is_reported) {
    static const SettingPlace place = {.kind = AST_DURATION};
    int32_t found = -1;
    Given given = setting->item_count < 2 ? GIVEN_NOT : given_by(c, setting, &place, &found);
    *is_reported = given == GIVEN_WRONG;
    return given == GIVEN_PARAM ? found : -1;
}
