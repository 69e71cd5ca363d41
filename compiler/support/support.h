// support: places in source text, diagnostics and how they are printed, suggestions for misspelt
// names.
//
// Includes the runtime's base only. A DiagList and everything it hands out live in the Arena that
// it was made with; texts are plain NUL-terminated strings in that arena. Spans are values. Columns
// count Unicode code points from 1, offsets count bytes from 0, ends are exclusive.
#ifndef FLOW_SUPPORT_H
#define FLOW_SUPPORT_H

#include "base/base.h"

typedef struct Span {
    uint32_t file; // index in the SourceList
    uint32_t start_line;
    uint32_t start_column;
    uint32_t end_line;
    uint32_t end_column;
    uint32_t start_offset;
    uint32_t end_offset;
} Span;

Span span_join(Span from, Span to); // from the start of the first to the end of the second

// --- source texts, kept for excerpts and for the text of expressions ----------------------------
typedef struct SourceFile {
    const char *name; // as the user gave it
    const char *bytes;
    uint32_t length;
} SourceFile;

typedef struct SourceList {
    VEC(SourceFile) files;
} SourceList;

uint32_t
source_add(Arena *arena, SourceList *sources, const char *name, const char *bytes, size_t length);
const char *source_name(const SourceList *sources, Span span);
// The text between the span's ends, as the user wrote it (line ends and indents become one blank).
const char *source_text(Arena *arena, const SourceList *sources, Span span);
// "file:line:column", for the DLQ's `location`.
const char *source_location(Arena *arena, const SourceList *sources, Span span);

// --- diagnostics
// ----------------------------------------------------------------------------------
typedef enum DiagSeverity { DIAG_ERROR, DIAG_WARNING } DiagSeverity;

typedef enum DiagCode {
#define DIAG(code, severity, title, why) DIAG_##code,
#include "support/diag.def"
#undef DIAG
    DIAG_CODE_COUNT,
} DiagCode;

typedef struct DiagNote {
    bool has_span;
    Span span;
    const char *text;
} DiagNote;

// What can be changed to mend the mistake: `text` in place of `span`.
typedef struct DiagFix {
    Span span;
    const char *text;
} DiagFix;

typedef struct Diag {
    DiagCode code;
    DiagSeverity severity;
    Span span;
    const char *text;  // one sentence in the user's words, no full stop
    const char *label; // stands under the carets, or NULL
    const char *help;  // what to try, or NULL
    VEC(DiagNote) notes;
    VEC(DiagFix) fixes;
} Diag;

typedef struct DiagList {
    Arena *arena;
    SourceList sources;
    VEC(Diag *) items;    // in the order found; printed by file, line, column, code
    bool has_no_warnings; // the text has mistakes: warnings may follow from them
    uint32_t error_count;
    uint32_t warning_count;
} DiagList;

void diag_init(DiagList *list, Arena *arena);
// Never NULL. A second diagnostic with the same code and span is not kept (but may be written to).
Diag *diag_add(DiagList *list, DiagCode code, Span span, const char *format, ...) PRINTF_LIKE(4, 5);
void diag_label(DiagList *list, Diag *diag, const char *format, ...) PRINTF_LIKE(3, 4);
void diag_help(DiagList *list, Diag *diag, const char *format, ...) PRINTF_LIKE(3, 4);
void diag_note(DiagList *list, Diag *diag, const char *format, ...) PRINTF_LIKE(3, 4);
void diag_note_at(DiagList *list, Diag *diag, Span span, const char *format, ...) PRINTF_LIKE(4, 5);
void diag_fix(DiagList *list, Diag *diag, Span span, const char *text);
// "did you mean `x`?" as help and fix if a candidate is close to `name`; says whether one was.
bool diag_suggest(
    DiagList *list, Diag *diag, const char *name, const char *const *candidates, uint32_t count);
bool diag_has_errors(const DiagList *list);

// Features that parse but are not built yet: one code (E900), one list (unsupported.def).
typedef enum Unsupported {
#define UNSUPPORTED(id, what, where) UNSUPPORTED_##id,
#include "support/unsupported.def"
#undef UNSUPPORTED
    UNSUPPORTED_COUNT,
} Unsupported;

Diag *diag_unsupported(DiagList *list, Span span, Unsupported feature);
const char *unsupported_what(Unsupported feature);
const char *unsupported_where(Unsupported feature);

const char *diag_code_name(DiagCode code); // "E015"
const char *diag_code_title(DiagCode code);
const char *diag_code_why(DiagCode code);
bool diag_code_find(const char *name, DiagCode *code);

// At most DIAGNOSTICS_MAX are printed, then how many more there are.
void diag_render_text(const DiagList *list, Buffer *out, bool has_color);
void diag_render_json(const DiagList *list, Buffer *out); // one object a line, then a summary

// --- names
// ------------------------------------------------------------------------------------------ The
// candidate closest to `name` if it is close enough to be meant (ties: the first), else NULL.
const char *str_suggest(const char *name, const char *const *candidates, uint32_t count);
bool str_equal(const char *a, const char *b);

#endif
