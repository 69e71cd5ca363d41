// The list of findings: codes with their texts, and how a finding is put together.
//
// A finding that repeats code and place of another is not kept: two rooms may meet the same
// mistake, and the user should read of it once.
#include "support/support.h"

// More are counted, not kept: of a text that is no program nobody reads the rest.
enum { ITEMS_MAX = 10 * DIAGNOSTICS_MAX };

typedef struct DiagInfo {
    const char *name;
    DiagSeverity severity;
    const char *title;
    const char *why;
} DiagInfo;

static const DiagInfo infos[] = {
#define DIAG(code, severity, title, why) {#code, DIAG_##severity, title, why},
#include "support/diag.def"
#undef DIAG
};
_Static_assert(COUNT_OF(infos) == DIAG_CODE_COUNT, "one row for each code");

const char *diag_code_name(DiagCode code) {
    return infos[code].name;
}

const char *diag_code_title(DiagCode code) {
    return infos[code].title;
}

const char *diag_code_why(DiagCode code) {
    return infos[code].why;
}

bool diag_code_find(const char *name, DiagCode *code) {
    for (size_t i = 0; i < COUNT_OF(infos); i++) {
        if (str_equal(infos[i].name, name)) {
            *code = (DiagCode)i;
            return true;
        }
    }
    return false;
}

void diag_init(DiagList *list, Arena *arena) {
    *list = (DiagList){.arena = arena};
}

static const char *text_format(Arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    ASSERT(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

static bool diag_is_known(const DiagList *list, DiagCode code, Span span) {
    for (uint32_t i = 0; i < list->items.count; i++) {
        const Diag *other = list->items.items[i];
        if (other->code == code && other->span.file == span.file &&
            other->span.start_offset == span.start_offset &&
            other->span.end_offset == span.end_offset) {
            return true;
        }
    }
    return false;
}

Diag *diag_add(DiagList *list, DiagCode code, Span span, const char *format, ...) {
    Diag *diag = arena_new(list->arena, Diag);
    va_list args;
    va_start(args, format);
    *diag = (Diag){.code = code,
                   .severity = infos[code].severity,
                   .span = span,
                   .text = text_format(list->arena, format, args)};
    va_end(args);
    bool is_withheld = diag->severity == DIAG_WARNING && list->has_no_warnings;
    if (is_withheld || diag_is_known(list, code, span)) {
        return diag;
    }
    if (list->items.count < ITEMS_MAX) {
        *vec_push(list->arena, &list->items) = diag;
    }
    if (diag->severity == DIAG_ERROR) {
        list->error_count++;
    } else {
        list->warning_count++;
    }
    return diag;
}

void diag_label(DiagList *list, Diag *diag, const char *format, ...) {
    va_list args;
    va_start(args, format);
    diag->label = text_format(list->arena, format, args);
    va_end(args);
}

void diag_help(DiagList *list, Diag *diag, const char *format, ...) {
    va_list args;
    va_start(args, format);
    diag->help = text_format(list->arena, format, args);
    va_end(args);
}

void diag_note(DiagList *list, Diag *diag, const char *format, ...) {
    va_list args;
    va_start(args, format);
    DiagNote *note = vec_push(list->arena, &diag->notes);
    *note = (DiagNote){.text = text_format(list->arena, format, args)};
    va_end(args);
}

void diag_note_at(DiagList *list, Diag *diag, Span span, const char *format, ...) {
    va_list args;
    va_start(args, format);
    DiagNote *note = vec_push(list->arena, &diag->notes);
    *note = (DiagNote){true, span, text_format(list->arena, format, args)};
    va_end(args);
}

void diag_fix(DiagList *list, Diag *diag, Span span, const char *text) {
    *vec_push(list->arena, &diag->fixes) = (DiagFix){span, arena_string(list->arena, text)};
}

bool diag_suggest(
    DiagList *list, Diag *diag, const char *name, const char *const *candidates, uint32_t count) {
    const char *meant = str_suggest(name, candidates, count);
    if (meant == NULL) {
        return false;
    }
    diag_help(list, diag, "did you mean `%s`?", meant);
    diag_fix(list, diag, diag->span, meant);
    return true;
}

bool diag_has_errors(const DiagList *list) {
    return list->error_count > 0;
}
