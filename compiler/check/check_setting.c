// Settings: names, literals and params in place of literals.
#include "check/check_internal.h"

bool setting_is(const AstSetting *setting, const char *name) {
    const char *own = ast_setting_name(setting);
    return own != NULL && str_equal(own, name);
}

void setting_report(Checker *c, const AstSetting *setting, const char *takes) {
    const char *name = ast_setting_name(setting);
    diag_add(
        c->diags, DIAG_E201, setting->span, "`%s` takes %s", name == NULL ? "this" : name, takes);
}

void setting_unknown(Checker *c,
                     const AstSetting *setting,
                     const char *owner,
                     const char *const *known,
                     uint32_t count) {
    const char *name = ast_setting_name(setting);
    if (name == NULL) {
        diag_add(c->diags, DIAG_E200, setting->span, "a setting begins with its name");
        return;
    }
    Diag *diag = diag_add(
        c->diags, DIAG_E200, setting->items[0].span, "%s has no setting `%s`", owner, name);
    diag_suggest(c->diags, diag, name, known, count);
}

void settings_repeated(Checker *c, const AstSettings *settings) {
    for (uint32_t i = 0; i < settings->count; i++) {
        const char *name = ast_setting_name(&settings->items[i]);
        for (uint32_t j = 0; name != NULL && j < i; j++) {
            if (setting_is(&settings->items[j], name)) {
                Diag *diag = diag_add(c->diags,
                                      DIAG_E202,
                                      settings->items[i].items[0].span,
                                      "`%s` is given twice",
                                      name);
                diag_note_at(c->diags, diag, settings->items[j].span, "first here");
                break;
            }
        }
    }
}

const AstLiteral *setting_literal(const AstSetting *setting, AstLiteralKind kind) {
    bool is_one = setting->item_count == 2 && setting->items[1].kind == AST_ITEM_LITERAL &&
                  setting->items[1].literal.kind == kind;
    return is_one ? &setting->items[1].literal : NULL;
}

static bool param_path(Checker *c, const AstItem *item, GraphSetting *path) {
    const char *name = item->path.items[0].text;
    VEC(const char *) names = {0};
    for (uint32_t i = 0; i < c->program->params.count; i++) {
        *vec_push(c->arena, &names) = c->program->params.items[i]->name.text;
        if (!str_equal(names.items[i], name)) {
            continue;
        }
        const GraphParam *param = &c->out->params.items[i];
        if (param->type != NULL && param->type->kind != FLOW_STRING) {
            diag_add(c->diags,
                     DIAG_E105,
                     item->span,
                     "a string is needed here, the param `%s` is %s",
                     name,
                     type_show(c, param->type));
            return false;
        }
        const char *shown = param->default_text == NULL ? "" : param->default_text;
        *path = (GraphSetting){.text = shown, .param = (int32_t)i};
        return true;
    }
    Diag *diag = diag_add(c->diags, DIAG_E019, item->span, "no param is called `%s`", name);
    diag_suggest(c->diags, diag, name, names.items, names.count);
    return false;
}

static bool is_environment(const AstSetting *setting) {
    const char *word = ast_item_word(setting, 1);
    return word != NULL && setting->item_count == 3 && setting->items[2].kind == AST_ITEM_LIST &&
           (str_equal(word, "env") || str_equal(word, "secret"));
}

bool setting_path(Checker *c, const AstSetting *setting, GraphSetting *path) {
    const AstLiteral *literal = setting_literal(setting, AST_STRING);
    if (literal != NULL && *literal->text != '\0') {
        *path = (GraphSetting){.text = literal->text, .param = -1};
        return true;
    }
    if (is_environment(setting)) {
        diag_unsupported(c->diags, setting->items[1].span, UNSUPPORTED_SECRETS);
        return false;
    }
    if (setting->item_count == 2 && ast_item_word(setting, 1) != NULL) {
        return param_path(c, &setting->items[1], path);
    }
    setting_report(c, setting, "a path in quotes, or a param");
    return false;
}

bool setting_bool(const AstItem *item, bool *value) {
    if (item->kind == AST_ITEM_ON) {
        *value = true;
        return true;
    }
    if (item->kind == AST_ITEM_LITERAL && item->literal.kind == AST_BOOL) {
        *value = item->literal.value != 0;
        return true;
    }
    bool is_off = item->kind == AST_ITEM_PATH && item->path.count == 1 &&
                  str_equal(item->path.items[0].text, "off");
    *value = false;
    return is_off;
}
