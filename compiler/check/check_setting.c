// Settings: their names, their literals, what is wrong with them.
#include "check/check_internal.h"

bool setting_is(const AstSetting *setting, const char *name) {
    const char *own = ast_setting_name(setting);
    return own != NULL && str_equal(own, name);
}

void setting_report(Checker *c, const AstSetting *setting, const char *takes) {
    const char *name = source_text(c->arena, &c->diags->sources, setting->items[0].span);
    diag_add(c->diags, DIAG_E201, setting->span, "`%s` takes %s", name, takes);
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

static bool is_among(const char *word, const char *const *words, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(words[i], word)) {
            return true;
        }
    }
    return false;
}

bool settings_may_mean(const AstSettings *settings,
                       const char *const *known,
                       uint32_t known_count,
                       const char *const *wanted,
                       uint32_t wanted_count) {
    for (uint32_t i = 0; i < settings->count; i++) {
        const char *name = ast_setting_name(&settings->items[i]);
        if (name == NULL || is_among(name, known, known_count)) {
            continue;
        }
        const char *meant = str_suggest(name, known, known_count);
        if (meant == NULL || is_among(meant, wanted, wanted_count)) {
            return true;
        }
    }
    return false;
}

const AstLiteral *setting_literal(const AstSetting *setting, AstLiteralKind kind) {
    bool is_one = setting->item_count == 2 && setting->items[1].kind == AST_ITEM_LITERAL &&
                  setting->items[1].literal.kind == kind;
    return is_one ? &setting->items[1].literal : NULL;
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
