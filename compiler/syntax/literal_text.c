// Texts between quotes: escapes resolved, what can't be read reported at its own place.
#include "syntax/parse.h"

enum { UNICODE_MAX = 0x10ffff, ESCAPE_DIGITS_MAX = 6 };

static const AstLiteral *text_literal(Parser *parser, const char *text, size_t length) {
    AstLiteral *literal = arena_new(parser->arena, AstLiteral);
    literal->kind = AST_STRING;
    literal->span = parser->span;
    literal->text = arena_copy(parser->arena, text, length);
    literal->length = (uint32_t)length;
    return literal;
}

static void utf8_append(Buffer *out, uint32_t code) {
    if (code < 0x80) {
        buffer_char(out, (char)code);
    } else if (code < 0x800) {
        buffer_char(out, (char)(0xc0 | code >> 6));
        buffer_char(out, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        buffer_char(out, (char)(0xe0 | code >> 12));
        buffer_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        buffer_char(out, (char)(0x80 | (code & 0x3f)));
    } else {
        buffer_char(out, (char)(0xf0 | code >> 18));
        buffer_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
        buffer_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        buffer_char(out, (char)(0x80 | (code & 0x3f)));
    }
}

// The place of `length` bytes at `text` within the token that is being read (a text has one line).
static Span part_span(const Parser *parser, const char *token, const char *text, uint32_t length) {
    Span span = parser->span;
    for (const char *at = token; at < text; at++) {
        span.start_column += ((unsigned char)*at & 0xc0) != 0x80;
    }
    span.start_offset += (uint32_t)(text - token);
    span.end_column = span.start_column;
    for (uint32_t i = 0; i < length; i++) {
        span.end_column += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    span.end_offset = span.start_offset + length;
    return span;
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Reads `u{1F600}`; gives back its length, or 0 if it is not of this form.
static uint32_t unicode_escape(const char *text, uint32_t left, uint32_t *code) {
    if (left < 4 || text[0] != 'u' || text[1] != '{') {
        return 0;
    }
    uint32_t at = 2;
    *code = 0;
    while (at < left && at < 2 + ESCAPE_DIGITS_MAX && digit_value(text[at]) >= 0) {
        *code = *code << 4 | (uint32_t)digit_value(text[at]);
        at++;
    }
    bool is_scalar = *code <= UNICODE_MAX && !(*code >= 0xd800 && *code <= 0xdfff);
    return at > 2 && at < left && text[at] == '}' && is_scalar ? at + 1 : 0;
}

// Appends what the escape behind a backslash stands for; gives back its length, 0 if it is none.
static uint32_t escape_append(Buffer *out, const char *text, uint32_t left) {
    static const char letters[] = "ntr\"\\";
    static const char values[] = "\n\t\r\"\\";
    const char *letter = left > 0 && text[0] != '\0' ? strchr(letters, text[0]) : NULL;
    if (letter != NULL) {
        buffer_char(out, values[letter - letters]);
        return 1;
    }
    uint32_t code = 0;
    uint32_t length = unicode_escape(text, left, &code);
    if (length > 0) {
        utf8_append(out, code);
    }
    return length;
}

static void escape_report(Parser *parser, const char *token, const char *escape) {
    Span span = part_span(parser, token, escape, 2);
    Diag *diag = diag_add(parser->diags, DIAG_E061, span, "this escape means nothing");
    diag_help(parser->diags,
              diag,
              "escapes are \\n \\t \\r \\\" \\\\ and \\u{1F600}; a raw text r\"…\" has none");
}

static const AstLiteral *
text_decode(Parser *parser, const char *token, const char *text, uint32_t length) {
    Buffer out = {0};
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] != '\\') {
            buffer_char(&out, text[i]);
            continue;
        }
        uint32_t escape = escape_append(&out, text + i + 1, length - i - 1);
        if (escape == 0) {
            escape_report(parser, token, text + i);
            escape = 1;
        }
        i += escape;
    }
    const AstLiteral *literal = text_literal(parser, out.data, out.length);
    buffer_free(&out);
    return literal;
}

const AstLiteral *literal_string(Parser *parser, const char *text, uint32_t length) {
    return text_decode(parser, text, text + 1, length - 2);
}

const AstLiteral *literal_raw_string(Parser *parser, const char *text, uint32_t length) {
    return text_literal(parser, text + 2, length - 3);
}

const AstLiteral *literal_unclosed(Parser *parser, const char *text, uint32_t length) {
    Span whole = parser->span;
    parser->span = part_span(parser, text, text, 1);
    Diag *diag = scan_report(parser, DIAG_E008, "this text is not closed on its line");
    diag_help(parser->diags, diag, "close it with `\"`; a line end within a text is written \\n");
    parser->span = whole;
    return text_literal(parser, text + 1, length - 1);
}

const AstLiteral *literal_single_quoted(Parser *parser, const char *text, uint32_t length) {
    bool is_closed = length > 1 && text[length - 1] == '\'';
    const AstLiteral *literal = text_literal(parser, text + 1, length - (is_closed ? 2 : 1));
    Diag *diag = scan_report(parser, DIAG_E006, "text stands in double quotes");
    if (is_closed) {
        const char *meant = arena_format(parser->arena, "\"%s\"", literal->text);
        diag_help(parser->diags, diag, "write `%s`", meant);
        diag_fix(parser->diags, diag, parser->span, meant);
    }
    return literal;
}
