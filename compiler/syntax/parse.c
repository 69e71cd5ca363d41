// Reads a program: checks that it is text at all, then lets the lexer run.
#include "syntax/parse.h"

#include "syntax/grammar.h"

// The length of the UTF-8 character at `bytes`, 0 if it is none. Surrogates and overlong forms are
// none.
static uint32_t utf8_length(const unsigned char *bytes, size_t left) {
    if (bytes[0] < 0x80) {
        return bytes[0] != 0;
    }
    uint32_t length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4 || left < length) {
        return 0;
    }
    for (uint32_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool is_bad = (bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] > 0x9f) ||
                  (bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] > 0x8f);
    return is_bad ? 0 : length;
}

static bool text_is_valid(Parser *parser) {
    uint32_t offset = 0;
    while (offset < parser->length) {
        uint32_t length =
            utf8_length((const unsigned char *)parser->bytes + offset, parser->length - offset);
        if (length == 0) {
            break;
        }
        offset += length;
    }
    if (offset == parser->length) {
        return true;
    }
    scan_place(parser, parser->bytes, offset);
    parser->is_token_open = false;
    scan_place(parser, parser->bytes + offset, 1);
    unsigned value = (unsigned char)parser->bytes[offset];
    diag_add(parser->diags, DIAG_E062, parser->span, "the byte 0x%02x is no part of a text", value);
    return false;
}

static void text_scan(Parser *parser) {
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (strncmp(parser->bytes, byte_order_mark, 3) == 0) {
        parser->offset = 3;
    }
    parser->line = 1;
    parser->column = 1;
    parser->is_line_start = true;
    parser->state = flow_pstate_new();
    scan_tokens(parser);
    flow_pstate_delete(parser->state);
}

// What the first reading met is forgotten: the second says it better.
static void text_rewind(Parser *parser, uint32_t diag_count) {
    DiagList *diags = parser->diags;
    for (; diags->items.count > diag_count; diags->items.count--) {
        bool is_error = diags->items.items[diags->items.count - 1]->severity == DIAG_ERROR;
        *(is_error ? &diags->error_count : &diags->warning_count) -= 1;
    }
    if (parser->pieces != NULL) {
        parser->pieces->count = 0;
    }
    *parser = (Parser){.arena = parser->arena,
                       .diags = diags,
                       .bytes = parser->bytes,
                       .length = parser->length,
                       .file = parser->file,
                       .pieces = parser->pieces,
                       .is_guessing = true,
                       .is_unbalanced = parser->is_unbalanced};
}

// A correct program may have any layout. Where there are mistakes, the layout tells which bracket
// was forgotten and which line ended too early; so such a program is read twice.
static void text_parse(Parser *parser) {
    uint32_t diag_count = parser->diags->items.count;
    uint32_t error_count = parser->diags->error_count;
    text_scan(parser);
    if (parser->diags->error_count > error_count) {
        text_rewind(parser, diag_count);
        text_scan(parser);
        ASSERT(parser->diags->error_count > error_count);
    }
}

// What later rooms walk more than once is bounded here.
static void limit_report(Parser *parser, Span span, uint32_t count_max, const char *what) {
    if (!diag_has_errors(parser->diags)) { // else it is no program, however long
        diag_add(parser->diags, DIAG_E063, span, "more than %u %s", count_max, what);
    }
    parser->is_broken = true;
}

static void decls_limit(Parser *parser) {
    List *decls = &parser->decls;
    AstDecl *items = decls->items;
    if (decls->count > DECLARATIONS_MAX) {
        limit_report(parser, items[DECLARATIONS_MAX].span, DECLARATIONS_MAX, "declarations");
        decls->count = DECLARATIONS_MAX;
    }
    for (uint32_t i = 0; i < decls->count; i++) {
        if (items[i].step_count > STEPS_MAX) {
            limit_report(parser, items[i].steps[STEPS_MAX].span, STEPS_MAX, "steps of a flow");
            items[i].step_count = STEPS_MAX;
        }
    }
}

static Ast *ast_make(Parser *parser) {
    decls_limit(parser);
    Ast *ast = arena_new(parser->arena, Ast);
    ast->file = parser->file;
    ast->decls = parser->decls.items;
    ast->decl_count = parser->decls.count;
    ast->expr_count = parser->expr_count;
    ast->is_broken = parser->is_broken;
    return ast;
}

Ast *parse_text(
    Parser *parser, DiagList *diags, const char *file_name, const char *bytes, size_t length) {
    bool is_too_long = length > SOURCE_TEXT_BYTES_MAX;
    Arena *arena = parser->arena;
    parser->diags = diags;
    parser->length = is_too_long ? 0 : (uint32_t)length;
    parser->bytes =
        arena_copy(arena, bytes, parser->length); // with a NUL, which the lexer relies on
    parser->line = 1;
    parser->column = 1;
    parser->file = source_add(arena, &diags->sources, file_name, parser->bytes, parser->length);
    if (is_too_long) {
        scan_place(parser, "", 0);
        diag_add(diags, DIAG_E063, parser->span, "a program has at most 16 MiB");
        parser->is_broken = true;
    } else if (text_is_valid(parser)) {
        text_parse(parser);
    } else {
        parser->is_broken = true;
    }
    Ast *ast = ast_make(parser);
    diags->has_no_warnings = diag_has_errors(diags);
    return ast;
}

Ast *syntax_parse(
    Arena *arena, DiagList *diags, const char *file_name, const char *bytes, size_t length) {
    Parser *parser = arena_new(arena, Parser);
    parser->arena = arena;
    return parse_text(parser, diags, file_name, bytes, length);
}
