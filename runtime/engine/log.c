// Standard error of a run. People get the text as it is; machines an object a line, with the time,
// how grave it is, what happened, and whose run it is.
#include "engine/log.h"

#include "engine/run.h"

static const char *const level_names[] = {
    [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};

// What the level says already, the message need not say.
static const char *without_prefix(const char *text) {
    static const char *const prefixes[] = {"flow: ", "warning: ", "bug: "};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t length = strlen(prefixes[i]);
        text += strncmp(text, prefixes[i], length) == 0 ? length : 0;
    }
    return text;
}

static void time_member(Run *run, Buffer *out) {
    static const FlowTypeDesc type = {.kind = FLOW_TIMESTAMP};
    FlowValue now = {.i64 = sys_wall_us(run->sys)};
    buffer_text(out, "{\"time\":");
    value_json(out, &type, &now);
}

static void entry_json(Run *run, const LogEntry *entry, Buffer *out) {
    time_member(run, out);
    buffer_format(
        out, ",\"level\":\"%s\",\"event\":\"%s\"", level_names[entry->level], entry->event);
    buffer_text(out, ",\"pipeline\":");
    buffer_json_string(out, run->program->name, strlen(run->program->name));
    if (entry->text != NULL) {
        const char *message = without_prefix(entry->text);
        size_t length = strlen(message);
        length -= length > 0 && message[length - 1] == '\n';
        buffer_text(out, ",\"message\":");
        buffer_json_string(out, message, length);
    }
    buffer_text(out, entry->members == NULL ? "" : entry->members);
    buffer_text(out, "}\n");
}

void run_log(Run *run, const LogEntry *entry) {
    Buffer out = {0};
    if (run->options->log == ENGINE_LOG_JSON) {
        entry_json(run, entry, &out);
    } else if (entry->text != NULL) {
        buffer_text(&out, entry->text);
    }
    if (out.length > 0) {
        progress_hide(run);
    }
    // Why the run fails is not lost by a standard error that is closed.
    Failure kept = run->sys->failure;
    if (out.length > 0 && sys_write_stream(run->sys, 2, out.data, out.length) != OUTCOME_OK) {
        run->sys->failure = kept;
    }
    buffer_free(&out);
}

void run_say(Run *run, Buffer *text) {
    const char *line = buffer_cstring(text);
    bool is_warning = strncmp(line, "flow: warning: ", 15) == 0;
    bool is_bug = strncmp(line, "flow: bug: ", 11) == 0;
    LogLevel level = is_bug ? LOG_ERROR : is_warning ? LOG_WARNING : LOG_INFO;
    run_log(run, &(LogEntry){.level = level, .event = "message", .text = line});
}
