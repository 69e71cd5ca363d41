// `flowc explain std` and `flowc explain std.NAME`: what the standard library's modules declare.
// Their texts are in the compiler, and what is printed is read out of them: there is no other list.
#include "driver/driver_internal.h"
#include "import/import.h"

#define EXAMPLE_MARK "example: "

typedef struct Listing {
    Arena *arena;
    const SourceList *sources;
    const char *module;
    Buffer *out;
} Listing;

// --- what is written above a declaration --------------------------------------------------------
typedef struct DocLine {
    const char *text;
    size_t length;
    bool is_example;
} DocLine;

static bool doc_next(const char **doc, DocLine *line) {
    if (*doc == NULL || **doc == '\0') {
        return false;
    }
    size_t length = strcspn(*doc, "\n");
    size_t mark = strlen(EXAMPLE_MARK);
    bool is_example = length > mark && memcmp(*doc, EXAMPLE_MARK, mark) == 0;
    size_t cut = is_example ? mark : 0;
    *line = (DocLine){*doc + cut, length - cut, is_example};
    *doc += length + ((*doc)[length] == '\n');
    return true;
}

// The lines that are no examples, joined.
static void doc_text(const char *doc, Buffer *out) {
    DocLine line;
    size_t start = out->length;
    while (doc_next(&doc, &line)) {
        if (!line.is_example) {
            buffer_text(out, out->length > start ? " " : "");
            buffer_append(out, line.text, line.length);
        }
    }
}

// The comment that a module begins with.
static void module_doc(const char *text, Buffer *out) {
    size_t start = out->length;
    while (text[0] == '-' && text[1] == '-') {
        size_t length = strcspn(text, "\n");
        size_t cut = text[2] == ' ' ? 3 : 2;
        buffer_text(out, out->length > start ? " " : "");
        buffer_append(out, text + cut, length - cut);
        text += length + (text[length] == '\n');
    }
}

// --- declarations -------------------------------------------------------------------------------
static bool is_listed(const AstDecl *decl) {
    return decl->kind == AST_DECL_FN || decl->kind == AST_DECL_TYPE ||
           decl->kind == AST_DECL_CONTRACT;
}

static const char *declaration(const Listing *listing, const AstDecl *decl) {
    if (decl->kind == AST_DECL_CONTRACT) {
        return arena_format(listing->arena, "contract %s", decl->name.text);
    }
    Span span = span_join(decl->span, decl->type->span);
    span.end_offset = decl->type->span.end_offset;
    return source_text(listing->arena, listing->sources, span);
}

static const char *column_text(const Listing *listing, const AstColumn *column) {
    const char *type = source_text(listing->arena, listing->sources, column->type->span);
    return arena_format(listing->arena, "%s: %s", column->name.text, type);
}

static void decl_text(const Listing *listing, const AstDecl *decl) {
    const char *doc = decl->doc;
    DocLine line;
    buffer_format(listing->out, "\n%s\n", declaration(listing, decl));
    while (doc_next(&doc, &line)) {
        buffer_format(listing->out, "    %.*s\n", (int)line.length, line.text);
    }
    for (uint32_t i = 0; i < decl->columns.column_count; i++) {
        const AstColumn *column = &decl->columns.columns[i];
        buffer_format(listing->out, "  %s\n", column_text(listing, column));
        for (doc = column->doc; doc_next(&doc, &line);) {
            buffer_format(listing->out, "    %.*s\n", (int)line.length, line.text);
        }
    }
}

static void member(Buffer *out, const char *before, const char *name, const char *text) {
    buffer_format(out, "%s\"%s\":", before, name);
    buffer_json_string(out, text, strlen(text));
}

static void columns_json(const Listing *listing, const AstDecl *decl) {
    buffer_text(listing->out, ",\"columns\":[");
    for (uint32_t i = 0; i < decl->columns.column_count; i++) {
        const char *column = column_text(listing, &decl->columns.columns[i]);
        buffer_text(listing->out, i > 0 ? "," : "");
        buffer_json_string(listing->out, column, strlen(column));
    }
    buffer_char(listing->out, ']');
}

static void examples_json(const Listing *listing, const AstDecl *decl) {
    const char *doc = decl->doc;
    const char *separator = "";
    DocLine line;
    buffer_text(listing->out, ",\"examples\":[");
    while (doc_next(&doc, &line)) {
        if (line.is_example) {
            buffer_text(listing->out, separator);
            buffer_json_string(listing->out, line.text, line.length);
            separator = ",";
        }
    }
    buffer_char(listing->out, ']');
}

static void decl_json(const Listing *listing, const AstDecl *decl) {
    Buffer *out = listing->out;
    Buffer text = {0};
    doc_text(decl->doc, &text);
    member(out, "{", "module", listing->module);
    member(out, ",", "name", decl->name.text);
    member(out, ",", "kind", syntax_decl_word(decl->kind));
    member(out, ",", "declaration", declaration(listing, decl));
    member(out, ",", "text", buffer_cstring(&text));
    buffer_free(&text);
    columns_json(listing, decl);
    examples_json(listing, decl);
    buffer_text(out, "}\n");
}

// --- modules ------------------------------------------------------------------------------------
static void module_list(uint32_t module, bool is_json, Buffer *out) {
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    const char *text = import_module_text(module);
    const char *name = import_module_name(module);
    Ast *ast = syntax_parse(&arena, &diags, name, text, strlen(text));
    Listing listing = {&arena, &diags.sources, name, out};
    if (!is_json) {
        buffer_format(out, "std.%s\n    ", name);
        module_doc(text, out);
        buffer_char(out, '\n');
    }
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        if (is_listed(&ast->decls[i])) {
            (is_json ? decl_json : decl_text)(&listing, &ast->decls[i]);
        }
    }
    arena_free(&arena);
}

static void modules_list(bool is_json, Buffer *out) {
    for (uint32_t i = 0; import_module_name(i) != NULL; i++) {
        buffer_text(out, !is_json && i > 0 ? "\n" : "");
        module_list(i, is_json, out);
    }
}

bool std_explain(const Options *options, const char *word, Buffer *out) {
    bool is_json = option_is(options, OPTION_FORMAT, "json");
    if (str_equal(word, "std")) {
        modules_list(is_json, out);
        return true;
    }
    for (uint32_t i = 0; import_module_name(i) != NULL; i++) {
        if (strncmp(word, "std.", 4) == 0 && str_equal(word + 4, import_module_name(i))) {
            module_list(i, is_json, out);
            return true;
        }
    }
    return false;
}
