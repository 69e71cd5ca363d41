// Texts in, judgements out: what the parser says of each, what the recogniser says of its tokens,
// and what the formatter makes of it. fuzz.py writes the texts and compares.
//
//   judge GRAMMAR <requests >answers
//
// A request: two numbers of four bytes (of this machine), the lengths of the text and of its
// tokens; the text; two bytes for each token's kind. An answer: a line with
//   accepted recognised stop findings fmt formatted-length
// then a line for each finding (code, start and end in bytes), then the formatted text. `stop` is
// the token that no program has there. `fmt` is 0 where the text was formatted and is not changed
// by a second time; 1: a second time changes it; 2: it could not be formatted although it was
// accepted.
#include "recognise.h"

#include "support/support.h"
#include "syntax/syntax.h"

#include <unistd.h>

enum { SECONDS_MAX = 20 }; // for one text: a parser that hangs is ended by its alarm

typedef enum Formatted { FORMAT_SAME, FORMAT_CHANGED, FORMAT_REFUSED } Formatted;

static bool request_read(Arena *arena, Buffer *text, uint16_t **kinds, uint32_t *kind_count) {
    uint32_t lengths[2];
    if (fread(lengths, sizeof(lengths[0]), 2, stdin) != 2) {
        return false;
    }
    buffer_clear(text);
    buffer_reserve(text, lengths[0] + 1);
    ASSERT(fread(text->data, 1, lengths[0], stdin) == lengths[0]);
    text->length = lengths[0];
    *kind_count = lengths[1];
    *kinds = arena_array(arena, uint16_t, lengths[1] + 1);
    ASSERT(fread(*kinds, sizeof(uint16_t), lengths[1], stdin) == lengths[1]);
    return true;
}

static Formatted format_twice(Arena *arena, const Buffer *text, Buffer *out) {
    DiagList diags;
    diag_init(&diags, arena);
    if (!syntax_format(arena, &diags, "fuzz.flow", text->data, text->length, out)) {
        return FORMAT_REFUSED;
    }
    Buffer again = {0};
    bool is_read = syntax_format(arena, &diags, "fuzz.flow", out->data, out->length, &again);
    bool is_same = is_read && again.length == out->length &&
                   (out->length == 0 || memcmp(again.data, out->data, out->length) == 0);
    buffer_free(&again);
    return is_same ? FORMAT_SAME : FORMAT_CHANGED;
}

static void text_judge(const Grammar *grammar,
                       Arena *arena,
                       const Buffer *text,
                       const uint16_t *kinds,
                       uint32_t kind_count) {
    DiagList diags;
    diag_init(&diags, arena);
    syntax_parse(arena, &diags, "fuzz.flow", text->data, text->length);
    bool is_accepted = !diag_has_errors(&diags);
    bool is_program = false;
    uint32_t stop = recognise(grammar, arena, kinds, kind_count, &is_program);
    Buffer formatted = {0};
    Formatted format = is_accepted ? format_twice(arena, text, &formatted) : FORMAT_SAME;
    printf("%d %d %u %u %d %zu\n",
           is_accepted,
           is_program,
           stop,
           diags.items.count,
           (int)format,
           formatted.length);
    for (uint32_t i = 0; i < diags.items.count; i++) {
        const Diag *diag = diags.items.items[i];
        printf("%s %u %u\n",
               diag_code_name(diag->code),
               diag->span.start_offset,
               diag->span.end_offset);
    }
    fwrite(formatted.data, 1, formatted.length, stdout);
    buffer_free(&formatted);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fputs("usage: judge GRAMMAR\n", stderr);
        return 2;
    }
    FILE *file = fopen(argv[1], "r");
    ASSERT(file != NULL);
    Arena kept = {0};
    Arena arena = {0};
    const Grammar *grammar = grammar_read(&kept, file);
    fclose(file);
    Buffer text = {0};
    uint16_t *kinds = NULL;
    uint32_t kind_count = 0;
    while (request_read(&arena, &text, &kinds, &kind_count)) {
        alarm(SECONDS_MAX);
        text_judge(grammar, &arena, &text, kinds, kind_count);
        fflush(stdout);
        arena_reset(&arena);
    }
    buffer_free(&text);
    arena_free(&arena);
    arena_free(&kept);
    return 0;
}
