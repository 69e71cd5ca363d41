// Prints the tree: declarations, columns, rules and settings, each with its place. The tests
// compare it.
#include "syntax/dump.h"

void dump_line(Buffer *out, int depth, const char *word) {
    buffer_format(out, "%*s%s", depth * 2, "", word);
}

void dump_place(Buffer *out, Span span) {
    buffer_format(
        out, " @%u:%u-%u:%u\n", span.start_line, span.start_column, span.end_line, span.end_column);
}

void dump_name(Buffer *out, const char *word, AstName name) {
    if (name.text != NULL) {
        buffer_format(out, " %s%s%s", word, *word ? " " : "", name.text);
    }
}

void dump_names(Buffer *out, const char *word, AstNames names, const char *separator) {
    for (uint32_t i = 0; i < names.count; i++) {
        buffer_format(out, "%s%s", i == 0 ? word : separator, names.items[i].text);
    }
}

void dump_dest(Buffer *out, const AstDest *dest) {
    if (dest->text == NULL) {
        return;
    }
    buffer_char(out, ' ');
    if (dest->is_path) {
        buffer_json_string(out, dest->text, strlen(dest->text));
    } else {
        buffer_text(out, dest->text);
    }
}

void dump_reaction(Buffer *out, AstReaction reaction) {
    static const char *const words[] = {
        "", " else reject", " else drop", " else warn", " else fail"};
    buffer_text(out, words[reaction]);
}

static void dump_doc(Buffer *out, int depth, const char *doc) {
    if (doc != NULL) {
        dump_line(out, depth, "doc ");
        buffer_json_string(out, doc, strlen(doc));
        buffer_char(out, '\n');
    }
}

static void dump_texts(Buffer *out, const AstLiteral *texts, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        buffer_char(out, ' ');
        dump_literal(out, &texts[i]);
    }
}

static void dump_within(Buffer *out, const AstLiteral *duration) {
    if (duration != NULL) {
        buffer_text(out, " within ");
        dump_literal(out, duration);
    }
}

static void dump_mod(Buffer *out, const AstMod *mod) {
    static const char *const words[] = {"key",
                                        "event_time",
                                        "unique",
                                        "check",
                                        "default",
                                        "pattern",
                                        "unit",
                                        "pii",
                                        "from",
                                        "format",
                                        "was",
                                        "deprecated"};
    buffer_format(out, " [%s", words[mod->kind]);
    if (mod->expr != NULL) {
        buffer_char(out, ' ');
        syntax_expr_dump(mod->expr, out);
    }
    dump_reaction(out, mod->reaction);
    if (mod->kind == AST_MOD_DEFAULT && !mod->is_empty_list) {
        buffer_char(out, ' ');
        dump_literal(out, &mod->literal);
    }
    dump_within(out, mod->duration);
    dump_name(out, "", mod->name);
    dump_texts(out, mod->texts, mod->text_count);
    buffer_char(out, ']');
}

static void dump_column(Buffer *out, int depth, const AstColumn *column) {
    dump_doc(out, depth, column->doc);
    dump_line(out, depth, "column");
    buffer_format(out, " %s: ", column->name.text);
    dump_type(out, column->type);
    if (column->computed != NULL) {
        buffer_text(out, " = ");
        syntax_expr_dump(column->computed, out);
    }
    for (uint32_t i = 0; i < column->mod_count; i++) {
        dump_mod(out, &column->mods[i]);
    }
    dump_place(out, column->span);
}

static void dump_rule(Buffer *out, int depth, const AstRule *rule) {
    static const char *const words[] = {"key",
                                        "subject",
                                        "check",
                                        "unique",
                                        "owner",
                                        "freshness",
                                        "completeness",
                                        "volume",
                                        "consumer",
                                        "evolution"};
    dump_line(out, depth, "rule ");
    buffer_text(out, words[rule->kind]);
    if (rule->text != NULL) {
        buffer_char(out, ' ');
        buffer_json_string(out, rule->text, strlen(rule->text));
    }
    dump_names(out, " ", rule->names, rule->kind == AST_RULE_COMPLETENESS ? "." : ", ");
    if (rule->expr != NULL) {
        buffer_char(out, ' ');
        syntax_expr_dump(rule->expr, out);
    }
    if (rule->kind == AST_RULE_COMPLETENESS || rule->kind == AST_RULE_VOLUME) {
        buffer_char(out, ' ');
        dump_literal(out, &rule->literal);
    }
    dump_within(out, rule->duration);
    dump_reaction(out, rule->reaction);
    buffer_text(out, rule->is_transitive ? " transitive" : "");
    dump_place(out, rule->span);
}

static void dump_columns(Buffer *out, int depth, const AstColumns *columns) {
    for (uint32_t i = 0; i < columns->column_count; i++) {
        dump_column(out, depth, &columns->columns[i]);
    }
    for (uint32_t i = 0; i < columns->rule_count; i++) {
        dump_rule(out, depth, &columns->rules[i]);
    }
}

static void dump_setting(Buffer *out, const AstSetting *setting);

static void dump_item(Buffer *out, const AstItem *item) {
    switch (item->kind) {
    case AST_ITEM_PATH:
        dump_names(out, "", item->path, ".");
        return;
    case AST_ITEM_LITERAL:
        dump_literal(out, &item->literal);
        return;
    case AST_ITEM_ON:
        buffer_text(out, "on");
        return;
    case AST_ITEM_LIST:
    case AST_ITEM_BLOCK:
        break;
    }
    buffer_char(out, item->kind == AST_ITEM_LIST ? '(' : '{');
    for (uint32_t i = 0; i < item->setting_count; i++) {
        buffer_text(out, i > 0 ? ", " : "");
        dump_setting(out, &item->settings[i]);
    }
    buffer_char(out, item->kind == AST_ITEM_LIST ? ')' : '}');
}

static void dump_setting(Buffer *out, const AstSetting *setting) {
    for (uint32_t i = 0; i < setting->item_count; i++) {
        buffer_text(out, i > 0 ? " " : "");
        dump_item(out, &setting->items[i]);
    }
}

static void dump_settings(Buffer *out, int depth, const AstSettings *settings) {
    for (uint32_t i = 0; i < settings->count; i++) {
        dump_line(out, depth, "setting ");
        dump_setting(out, &settings->items[i]);
        dump_place(out, settings->items[i].span);
    }
}

static void dump_fn_args(Buffer *out, const AstDecl *decl) {
    for (uint32_t i = 0; i < decl->arg_count; i++) {
        buffer_format(out, "%s%s: ", i > 0 ? ", " : " (", decl->args[i].name.text);
        dump_type(out, decl->args[i].type);
    }
    buffer_text(out, decl->arg_count > 0 ? ") ->" : "");
}

static void dump_head(Buffer *out, const AstDecl *decl) {
    dump_line(out, 0, syntax_decl_word(decl->kind));
    if (decl->import == AST_IMPORT_CONTRACT) {
        buffer_text(out, " contract");
    }
    if (decl->text.text != NULL) {
        buffer_char(out, ' ');
        dump_literal(out, &decl->text);
    }
    dump_names(out, " ", decl->path, ".");
    dump_name(out, "", decl->name);
    dump_name(out, "was", decl->was);
    dump_name(out, ":", decl->contract);
    dump_fn_args(out, decl);
    if (decl->type != NULL) {
        buffer_char(out, ' ');
        dump_type(out, decl->type);
    }
    if (decl->expr != NULL) {
        buffer_text(out, " = ");
        syntax_expr_dump(decl->expr, out);
    }
    buffer_text(out, decl->is_broken ? " broken" : "");
    dump_place(out, decl->span);
}

static void dump_decl(Buffer *out, const AstDecl *decl) {
    dump_doc(out, 0, decl->doc);
    dump_head(out, decl);
    dump_columns(out, 1, &decl->columns);
    dump_settings(out, 1, &decl->settings);
    for (uint32_t i = 0; i < decl->step_count; i++) {
        dump_step(out, 1, &decl->steps[i]);
    }
    for (uint32_t i = 0; i < decl->test_step_count; i++) {
        dump_test_step(out, 1, &decl->test_steps[i]);
    }
}

void syntax_dump(const Ast *ast, Buffer *out) {
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        dump_decl(out, &ast->decls[i]);
    }
}

const char *syntax_decl_word(AstDeclKind kind) {
    static const char *const words[] = {"error",
                                        "import",
                                        "contract",
                                        "source",
                                        "table",
                                        "sink",
                                        "pipeline",
                                        "param",
                                        "type",
                                        "fn",
                                        "flow",
                                        "test"};
    return words[kind];
}
