// The texts of the program, kept so that every later room can show or quote the place it speaks of.
#include "support/support.h"

Span span_join(Span from, Span to) {
    ASSERT(from.file == to.file);
    from.end_line = to.end_line;
    from.end_column = to.end_column;
    from.end_offset = to.end_offset;
    return from;
}

uint32_t
source_add(Arena *arena, SourceList *sources, const char *name, const char *bytes, size_t length) {
    ASSERT(length <= SOURCE_TEXT_BYTES_MAX);
    SourceFile *file = vec_push(arena, &sources->files);
    *file = (SourceFile){arena_string(arena, name), bytes, (uint32_t)length};
    return sources->files.count - 1;
}

static const SourceFile *source_file(const SourceList *sources, Span span) {
    ASSERT(span.file < sources->files.count);
    return &sources->files.items[span.file];
}

const char *source_name(const SourceList *sources, Span span) {
    return source_file(sources, span)->name;
}

const char *source_location(Arena *arena, const SourceList *sources, Span span) {
    return arena_format(
        arena, "%s:%u:%u", source_name(sources, span), span.start_line, span.start_column);
}

static bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || is_line_end(c);
}

const char *source_text(Arena *arena, const SourceList *sources, Span span) {
    const SourceFile *file = source_file(sources, span);
    ASSERT(span.start_offset <= span.end_offset && span.end_offset <= file->length);
    char *text = arena_alloc(arena, span.end_offset - span.start_offset + 1);
    uint32_t length = 0;
    for (uint32_t i = span.start_offset; i < span.end_offset; i++) {
        if (!is_line_end(file->bytes[i])) {
            text[length++] = file->bytes[i];
            continue;
        }
        while (length > 0 && is_blank(text[length - 1])) {
            length--;
        }
        while (i + 1 < span.end_offset && is_blank(file->bytes[i + 1])) {
            i++;
        }
        text[length++] = ' ';
    }
    text[length] = '\0';
    return text;
}
