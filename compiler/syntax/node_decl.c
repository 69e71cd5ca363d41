// Declarations, columns and rules, and the comments above them.
#include "syntax/parse.h"

// A separator before it counts for nothing: `fmt` leaves it out there.
static bool is_first_on_line(const Parser *parser, Span span) {
    uint32_t offset = span.start_offset;
    while (offset > 0 && strchr(" \t,;", parser->bytes[offset - 1]) != NULL) {
        offset--;
    }
    return offset == 0 || parser->bytes[offset - 1] == '\n';
}

// Index behind the last comment above `line`.
static uint32_t comments_before(const Parser *parser, uint32_t line) {
    uint32_t low = 0;
    uint32_t high = parser->comments.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (parser->comments.items[middle].line < line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// The block of comment lines directly above what begins at `span`, or NULL.
static const char *doc_before(Parser *parser, Span span) {
    if (!is_first_on_line(parser, span)) {
        return NULL;
    }
    uint32_t end = comments_before(parser, span.start_line);
    uint32_t start = end;
    uint32_t line = span.start_line;
    while (start > 0 && parser->comments.items[start - 1].line == line - 1) {
        start--;
        line--;
    }
    if (start == end) {
        return NULL;
    }
    Buffer text = {0};
    for (uint32_t i = start; i < end; i++) {
        buffer_text(&text, i > start ? "\n" : "");
        buffer_text(&text, parser->comments.items[i].text);
    }
    const char *doc = arena_copy(parser->arena, text.data ? text.data : "", text.length);
    buffer_free(&text);
    return doc;
}

AstDecl *decl_make(Parser *parser, AstDeclKind kind, AstName name, Span span) {
    AstDecl *decl = arena_new(parser->arena, AstDecl);
    decl->kind = kind;
    decl->name = name;
    decl->span = span;
    decl->doc = doc_before(parser, span);
    return decl;
}

AstDecl *decl_broken(Parser *parser, AstDeclKind kind, AstName name, Span span) {
    AstDecl *decl = decl_make(parser, kind, name, span);
    decl->is_broken = true;
    return decl;
}

static AstColumns columns_make(Parser *parser, List lines, Span span) {
    List columns = {0};
    List rules = {0};
    const Line *items = lines.items;
    for (uint32_t i = 0; i < lines.count; i++) {
        if (items[i].is_column) {
            columns = LIST_ADD(parser, columns, items[i].column);
        } else {
            rules = LIST_ADD(parser, rules, items[i].rule);
        }
    }
    return (AstColumns){
        columns.items, columns.count, rules.items, rules.count, lines.is_broken, span};
}

AstDecl *decl_lines(AstDecl *decl, List lines, Parser *parser, Span span) {
    decl->columns = columns_make(parser, lines, span);
    decl->has_columns = true;
    decl->is_broken = lines.is_broken;
    return decl;
}

static void second_columns_report(Parser *parser, const AstDecl *decl, Span span) {
    Diag *diag = diag_add(parser->diags, DIAG_E074, span, "a second block of columns");
    diag_note_at(parser->diags, diag, decl->columns.span, "the first is here");
}

AstDecl *decl_entries(AstDecl *decl, List entries, Parser *parser, Span span) {
    List settings = {.is_broken = entries.is_broken};
    const Entry *items = entries.items;
    decl->is_broken = entries.is_broken;
    for (uint32_t i = 0; i < entries.count; i++) {
        if (!items[i].is_columns) {
            settings = LIST_ADD(parser, settings, items[i].setting);
        } else if (decl->has_columns) {
            second_columns_report(parser, decl, items[i].span);
        } else {
            decl_lines(decl, items[i].lines, parser, items[i].span);
            decl->is_broken |= entries.is_broken;
        }
    }
    decl->settings = settings_make(settings, span);
    return decl;
}

AstColumn column_make(Parser *parser,
                      AstName name,
                      const AstType *type,
                      const AstExpr *computed,
                      List mods,
                      Span span) {
    return (AstColumn){
        name, type, computed, mods.items, mods.count, doc_before(parser, span), span};
}

AstMod *mod_make(Parser *parser, AstModKind kind, Span span) {
    AstMod *mod = arena_new(parser->arena, AstMod);
    mod->kind = kind;
    mod->span = span;
    return mod;
}

AstMod *mod_texts(Parser *parser, AstModKind kind, Span span, List texts) {
    AstMod *mod = mod_make(parser, kind, span);
    mod->texts = texts.items;
    mod->text_count = texts.count;
    return mod;
}

AstMod *mod_text(Parser *parser, AstModKind kind, Span span, const AstLiteral *text) {
    return mod_texts(parser, kind, span, LIST_ADD(parser, ((List){0}), *text));
}

AstRule *rule_make(Parser *parser, AstRuleKind kind, Span span) {
    AstRule *rule = arena_new(parser->arena, AstRule);
    rule->kind = kind;
    rule->span = span;
    return rule;
}
