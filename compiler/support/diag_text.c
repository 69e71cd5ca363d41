// Findings for people: a sentence, the line it is about with carets below, and what to try.
//
// Tabs become four blanks, control and direction characters are spelt out (a program must not be
// able to disguise what a message shows), long lines are cut around the place that matters.
#include "support/diag_order.h"

enum {
    EXCERPT_COLUMNS = 100, // printed columns of a line that is shown
    EXCERPT_BEFORE = 40,   // of these, how many before the place if the line is cut
    TAB_COLUMNS = 4
};

typedef struct Style {
    const char *error, *warning, *mark, *gutter, *bold, *end;
} Style;

static const Style plain = {"", "", "", "", "", ""};
static const Style colored = {
    "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;31m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"};

// One line of a program, printed: where the marked part begins and ends in printed columns.
typedef struct Excerpt {
    Buffer text;
    uint32_t columns;
    uint32_t mark_start;
    uint32_t mark_end;
} Excerpt;

static uint32_t character_length(const char *bytes, uint32_t left) {
    unsigned char first = (unsigned char)bytes[0];
    uint32_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return length < left ? length : left;
}

static uint32_t character_code(const char *bytes, uint32_t length) {
    static const unsigned char masks[] = {0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)bytes[0] & masks[length - 1];
    for (uint32_t i = 1; i < length; i++) {
        code = code << 6 | ((unsigned char)bytes[i] & 0x3f);
    }
    return code;
}

static bool is_disguise(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x2069) ||
           code == 0xfeff;
}

// Appends a character as it is printed; gives back its columns.
static uint32_t character_print(Buffer *out, const char *bytes, uint32_t length) {
    uint32_t code = character_code(bytes, length);
    if (code == '\t') {
        buffer_text(out, "    ");
        return TAB_COLUMNS;
    }
    if (is_disguise(code)) {
        size_t before = out->length;
        buffer_format(out, "\\u{%x}", code);
        return (uint32_t)(out->length - before);
    }
    buffer_append(out, bytes, length);
    return 1;
}

static uint32_t line_start(const SourceFile *file, uint32_t offset) {
    while (offset > 0 && file->bytes[offset - 1] != '\n') {
        offset--;
    }
    return offset;
}

static uint32_t line_end(const SourceFile *file, uint32_t offset) {
    while (offset < file->length && file->bytes[offset] != '\n') {
        offset++;
    }
    return offset > 0 && file->bytes[offset - 1] == '\r' ? offset - 1 : offset;
}

// Where the shown part of a long line begins: a little before the place.
static uint32_t cut_start(const SourceFile *file, uint32_t start, uint32_t end, uint32_t place) {
    if (end - start <= EXCERPT_COLUMNS || place - start <= EXCERPT_BEFORE) {
        return start;
    }
    uint32_t cut = place - EXCERPT_BEFORE;
    while (cut < place && ((unsigned char)file->bytes[cut] & 0xc0) == 0x80) {
        cut++;
    }
    return cut;
}

static Excerpt excerpt_make(const SourceFile *file, Span span) {
    Excerpt excerpt = {0};
    uint32_t start = line_start(file, span.start_offset);
    uint32_t end = line_end(file, start);
    uint32_t offset = cut_start(file, start, end, span.start_offset);
    if (offset > start) {
        buffer_text(&excerpt.text, "…");
        excerpt.columns = 1;
    }
    bool is_marked = false;
    while (offset < end && excerpt.columns < EXCERPT_COLUMNS) {
        if (!is_marked && offset >= span.start_offset) {
            excerpt.mark_start = excerpt.columns;
            is_marked = true;
        }
        uint32_t length = character_length(file->bytes + offset, end - offset);
        excerpt.columns += character_print(&excerpt.text, file->bytes + offset, length);
        offset += length;
        if (offset <= span.end_offset) {
            excerpt.mark_end = excerpt.columns;
        }
    }
    if (offset < end) {
        buffer_text(&excerpt.text, "…");
    }
    if (!is_marked) {
        excerpt.mark_start = excerpt.columns; // the line's end itself
    }
    if (excerpt.mark_end <= excerpt.mark_start) {
        excerpt.mark_end = excerpt.mark_start + 1;
    }
    return excerpt;
}

static void excerpt_print(
    Buffer *out, const DiagList *list, const Style *style, Span span, char mark, int gutter) {
    Excerpt excerpt = excerpt_make(&list->sources.files.items[span.file], span);
    buffer_format(out, "%s%*u |%s ", style->gutter, gutter, span.start_line, style->end);
    buffer_append(out, excerpt.text.data, excerpt.text.length);
    buffer_format(out, "\n%s%*s |%s ", style->gutter, gutter, "", style->end);
    for (uint32_t i = 0; i < excerpt.mark_start; i++) {
        buffer_char(out, ' ');
    }
    buffer_text(out, style->mark);
    for (uint32_t i = excerpt.mark_start; i < excerpt.mark_end; i++) {
        buffer_char(out, mark);
    }
    buffer_text(out, style->end);
    buffer_free(&excerpt.text);
}

static int digits(uint32_t number) {
    int count = 1;
    while (number >= 10) {
        number /= 10;
        count++;
    }
    return count;
}

static int gutter_width(const Diag *diag) {
    uint32_t line_max = diag->span.start_line;
    for (uint32_t i = 0; i < diag->notes.count; i++) {
        const DiagNote *note = &diag->notes.items[i];
        if (note->has_span && note->span.start_line > line_max) {
            line_max = note->span.start_line;
        }
    }
    return digits(line_max);
}

static void
place_print(Buffer *out, const DiagList *list, const Style *style, Span span, const char *arrow) {
    buffer_format(out,
                  "%s%s%s %s:%u:%u\n",
                  style->gutter,
                  arrow,
                  style->end,
                  source_name(&list->sources, span),
                  span.start_line,
                  span.start_column);
}

static void
line_print(Buffer *out, const Style *style, int gutter, const char *kind, const char *text) {
    buffer_format(out, "%s%*s =%s %s: %s\n", style->gutter, gutter, "", style->end, kind, text);
}

static void
notes_print(Buffer *out, const DiagList *list, const Style *style, const Diag *diag, int gutter) {
    for (uint32_t i = 0; i < diag->notes.count; i++) {
        const DiagNote *note = &diag->notes.items[i];
        if (!note->has_span) {
            line_print(out, style, gutter, "note", note->text);
            continue;
        }
        if (note->span.file != diag->span.file) {
            place_print(out, list, style, note->span, ":::");
        }
        excerpt_print(out, list, style, note->span, '-', gutter);
        buffer_format(out, " %s\n", note->text);
    }
}

static void diag_print(Buffer *out, const DiagList *list, const Style *style, const Diag *diag) {
    bool is_error = diag->severity == DIAG_ERROR;
    int gutter = gutter_width(diag);
    buffer_format(out,
                  "%s%s[%s]%s: %s%s%s\n",
                  is_error ? style->error : style->warning,
                  is_error ? "error" : "warning",
                  diag_code_name(diag->code),
                  style->end,
                  style->bold,
                  diag->text,
                  style->end);
    buffer_format(out, "%*s", gutter, "");
    place_print(out, list, style, diag->span, "-->");
    buffer_format(out, "%s%*s |%s\n", style->gutter, gutter, "", style->end);
    excerpt_print(out, list, style, diag->span, '^', gutter);
    buffer_format(out, "%s%s\n", diag->label ? " " : "", diag->label ? diag->label : "");
    notes_print(out, list, style, diag, gutter);
    if (diag->help != NULL) {
        line_print(out, style, gutter, "help", diag->help);
    }
    buffer_char(out, '\n');
}

static void count_print(Buffer *out, uint32_t count, const char *what) {
    buffer_format(out, "%u %s%s", count, what, count == 1 ? "" : "s");
}

void diag_render_text(const DiagList *list, Buffer *out, bool has_color) {
    Arena arena = {0};
    Diag **order = diag_order(list, &arena);
    const Style *style = has_color ? &colored : &plain;
    uint32_t shown = list->items.count < DIAGNOSTICS_MAX ? list->items.count : DIAGNOSTICS_MAX;
    for (uint32_t i = 0; i < shown; i++) {
        diag_print(out, list, style, order[i]);
    }
    uint32_t count = list->error_count + list->warning_count;
    if (shown < count) {
        buffer_format(out, "… and %u more\n", count - shown);
    }
    if (list->error_count > 0) {
        count_print(out, list->error_count, "error");
    }
    if (list->warning_count > 0) {
        buffer_text(out, list->error_count > 0 ? ", " : "");
        count_print(out, list->warning_count, "warning");
    }
    buffer_text(out, count > 0 ? "\n" : "");
    arena_free(&arena);
}
