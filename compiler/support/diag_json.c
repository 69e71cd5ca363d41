// Findings for programs: one JSON object a line, positions in lines, code points and bytes.
#include "support/diag_order.h"

static void json_text(Buffer *out, const char *key, const char *text) {
    buffer_format(out, "\"%s\":", key);
    if (text == NULL) {
        buffer_text(out, "null");
    } else {
        buffer_json_string(out, text, strlen(text));
    }
}

static void json_range(Buffer *out, const DiagList *list, Span span) {
    json_text(out, "file", source_name(&list->sources, span));
    buffer_format(out,
                  ",\"start\":{\"line\":%u,\"col\":%u,\"byte\":%u}"
                  ",\"end\":{\"line\":%u,\"col\":%u,\"byte\":%u}",
                  span.start_line,
                  span.start_column,
                  span.start_offset,
                  span.end_line,
                  span.end_column,
                  span.end_offset);
}

static void json_secondary(Buffer *out, const DiagList *list, const Diag *diag) {
    const char *separator = "";
    for (uint32_t i = 0; i < diag->notes.count; i++) {
        const DiagNote *note = &diag->notes.items[i];
        if (note->has_span) {
            buffer_format(out, "%s{", separator);
            json_range(out, list, note->span);
            buffer_char(out, ',');
            json_text(out, "label", note->text);
            buffer_char(out, '}');
            separator = ",";
        }
    }
}

static void json_notes(Buffer *out, const Diag *diag) {
    const char *separator = "";
    for (uint32_t i = 0; i < diag->notes.count; i++) {
        const DiagNote *note = &diag->notes.items[i];
        if (!note->has_span) {
            buffer_text(out, separator);
            buffer_json_string(out, note->text, strlen(note->text));
            separator = ",";
        }
    }
}

static void json_fixes(Buffer *out, const DiagList *list, const Diag *diag) {
    for (uint32_t i = 0; i < diag->fixes.count; i++) {
        const DiagFix *fix = &diag->fixes.items[i];
        buffer_text(out, i == 0 ? "" : ",");
        buffer_text(out, "{\"applicability\":\"maybe\",\"edits\":[{");
        json_range(out, list, fix->span);
        buffer_char(out, ',');
        json_text(out, "text", fix->text);
        buffer_text(out, "}]}");
    }
}

static void json_diag(Buffer *out, const DiagList *list, const Diag *diag) {
    buffer_text(out, "{\"v\":1,");
    json_text(out, "id", diag_code_name(diag->code));
    buffer_char(out, ',');
    json_text(out, "severity", diag->severity == DIAG_ERROR ? "error" : "warning");
    buffer_char(out, ',');
    json_text(out, "title", diag->text);
    buffer_text(out, ",\"primary\":{");
    json_range(out, list, diag->span);
    buffer_char(out, ',');
    json_text(out, "label", diag->label);
    buffer_text(out, "},\"secondary\":[");
    json_secondary(out, list, diag);
    buffer_text(out, "],\"notes\":[");
    json_notes(out, diag);
    buffer_text(out, "],");
    json_text(out, "help", diag->help);
    buffer_text(out, ",\"fixes\":[");
    json_fixes(out, list, diag);
    buffer_text(out, "]}\n");
}

void diag_render_json(const DiagList *list, Buffer *out) {
    Arena arena = {0};
    Diag **order = diag_order(list, &arena);
    for (uint32_t i = 0; i < list->items.count && i < DIAGNOSTICS_MAX; i++) {
        json_diag(out, list, order[i]);
    }
    buffer_format(out,
                  "{\"summary\":{\"errors\":%u,\"warnings\":%u,\"exit\":%d}}\n",
                  list->error_count,
                  list->warning_count,
                  list->error_count > 0 ? 1 : 0);
    arena_free(&arena);
}
