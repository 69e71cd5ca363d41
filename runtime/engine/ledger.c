// The ledger: per flow and source, where every record that came in has gone.
#include "engine/run.h"

static int64_t *line_at(const Run *run, int64_t *counters, int32_t flow, int32_t source) {
    int64_t line = flow >= 0 ? flow : run->program->flows_count + source;
    return counters + line * FLOW_COUNTER_COUNT;
}

int64_t *ledger_line(const Run *run, int32_t flow, int32_t source) {
    return line_at(run, run->counters, flow, source);
}

int64_t *worker_line(const Worker *worker, int32_t flow, int32_t source) {
    return line_at(worker->run, worker->context.counters, flow, source);
}

void ledger_collect(Run *run) {
    int64_t count = (run->program->flows_count + run->program->sources_count) * FLOW_COUNTER_COUNT;
    for (uint32_t w = 0; w < run->worker_count; w++) {
        int64_t *counters = run->workers[w].context.counters;
        for (int64_t i = 0; i < count; i++) {
            run->counters[i] += counters[i];
            counters[i] = 0;
        }
    }
}

void ledger_total(Run *run) {
    int64_t count = (run->program->flows_count + run->program->sources_count) * FLOW_COUNTER_COUNT;
    for (int64_t i = 0; i < count; i++) {
        run->totals[i] += run->counters[i];
    }
}

static bool line_holds(const int64_t *line) {
    return line[FLOW_COUNTER_IN] + line[FLOW_COUNTER_ADDED] ==
           line[FLOW_COUNTER_OUT] + line[FLOW_COUNTER_FILTERED] + line[FLOW_COUNTER_DROPPED] +
               line[FLOW_COUNTER_LATE] + line[FLOW_COUNTER_DLQ];
}

// Rows that a step made more, and fields that nobody reads, are few programs' business: they are
// shown where there are some.
static void line_text(Buffer *out, const char *kind, const char *name, const int64_t *line) {
    buffer_format(out, "%s %s: in %lld", kind, name, (long long)line[FLOW_COUNTER_IN]);
    if (line[FLOW_COUNTER_ADDED] != 0) {
        buffer_format(out, ", added %lld", (long long)line[FLOW_COUNTER_ADDED]);
    }
    buffer_format(out,
                  ", out %lld, filtered %lld, dropped %lld, late %lld, dlq %lld",
                  (long long)line[FLOW_COUNTER_OUT],
                  (long long)line[FLOW_COUNTER_FILTERED],
                  (long long)line[FLOW_COUNTER_DROPPED],
                  (long long)line[FLOW_COUNTER_LATE],
                  (long long)line[FLOW_COUNTER_DLQ]);
    if (line[FLOW_COUNTER_UNKNOWN] != 0) {
        buffer_format(out, ", unknown fields %lld", (long long)line[FLOW_COUNTER_UNKNOWN]);
    }
    buffer_char(out, '\n');
}

bool ledger_holds(const Run *run, Buffer *problem) {
    const FlowProgram *program = run->program;
    size_t before = problem->length;
    for (int32_t i = 0; i < (int32_t)program->flows_count; i++) {
        if (!line_holds(ledger_line(run, i, 0))) {
            line_text(problem, "flow", program->flows[i].name, ledger_line(run, i, 0));
        }
    }
    for (int32_t i = 0; i < (int32_t)program->sources_count; i++) {
        if (!line_holds(ledger_line(run, -1, i))) {
            line_text(problem, "source", program->sources[i].name, ledger_line(run, -1, i));
        }
    }
    return problem->length == before;
}

static void totals_text(const Run *run, Buffer *out) {
    const FlowProgram *program = run->program;
    for (int32_t i = 0; i < (int32_t)program->sources_count; i++) {
        line_text(out, "source", program->sources[i].name, line_at(run, run->totals, -1, i));
    }
    for (int32_t i = 0; i < (int32_t)program->flows_count; i++) {
        line_text(out, "flow", program->flows[i].name, line_at(run, run->totals, i, 0));
    }
}

static void line_json(Buffer *out, const char *kind, const char *name, const int64_t *line) {
    buffer_format(out, "{\"%s\":", kind);
    buffer_json_string(out, name, strlen(name));
    buffer_format(out, ",\"in\":%lld", (long long)line[FLOW_COUNTER_IN]);
    if (line[FLOW_COUNTER_ADDED] != 0) {
        buffer_format(out, ",\"added\":%lld", (long long)line[FLOW_COUNTER_ADDED]);
    }
    buffer_format(out,
                  ",\"out\":%lld,\"filtered\":%lld,\"dropped\":%lld,\"late\":%lld,"
                  "\"dlq\":%lld",
                  (long long)line[FLOW_COUNTER_OUT],
                  (long long)line[FLOW_COUNTER_FILTERED],
                  (long long)line[FLOW_COUNTER_DROPPED],
                  (long long)line[FLOW_COUNTER_LATE],
                  (long long)line[FLOW_COUNTER_DLQ]);
    if (line[FLOW_COUNTER_UNKNOWN] != 0) {
        buffer_format(out, ",\"unknown_fields\":%lld", (long long)line[FLOW_COUNTER_UNKNOWN]);
    }
    buffer_char(out, '}');
}

// Of an epoch's counters, or of the totals.
static void counters_json(const Run *run, int64_t *counters, Buffer *out) {
    const FlowProgram *program = run->program;
    buffer_text(out, "{\"flows\":[");
    for (int32_t i = 0; i < (int32_t)program->flows_count; i++) {
        buffer_text(out, i > 0 ? "," : "");
        line_json(out, "flow", program->flows[i].name, line_at(run, counters, i, 0));
    }
    buffer_text(out, "],\"sources\":[");
    for (int32_t i = 0; i < (int32_t)program->sources_count; i++) {
        buffer_text(out, i > 0 ? "," : "");
        line_json(out, "source", program->sources[i].name, line_at(run, counters, -1, i));
    }
    buffer_text(out, "]}");
}

void ledger_json(const Run *run, Buffer *out) {
    counters_json(run, run->counters, out);
}

static double run_seconds(const Run *run) {
    return (double)(sys_monotonic_us(run->sys) - run->progress.started_us) / 1e6;
}

// The same members, as a line of their own or as one of the log.
static void json_print(Run *run, const char *ledger, int64_t epochs) {
    Buffer out = {0};
    bool is_log = run->options->log == ENGINE_LOG_JSON;
    buffer_text(&out, is_log ? "," : "{");
    buffer_append(&out, ledger + 1, strlen(ledger) - 2); // without its braces
    buffer_format(&out,
                  ",\"epochs\":%lld,\"bytes_in\":%lld,\"seconds\":%.3f%s",
                  (long long)epochs,
                  (long long)run->bytes_in,
                  run_seconds(run),
                  is_log ? "" : "}\n");
    const char *text = buffer_cstring(&out);
    run_log(run,
            &(LogEntry){
                .event = "summary", .text = is_log ? NULL : text, .members = is_log ? text : NULL});
    buffer_free(&out);
}

void summary_print_json(Run *run, const char *ledger) {
    json_print(run, ledger, 1);
}

void summary_print(Run *run) {
    Buffer out = {0};
    bool is_wanted = run->options->summary != ENGINE_SUMMARY_NONE;
    bool is_json = run->options->log == ENGINE_LOG_JSON;
    if (run->options->summary == ENGINE_SUMMARY_JSON || (is_wanted && is_json)) {
        counters_json(run, run->totals, &out);
        json_print(run, buffer_cstring(&out), run->epoch_count);
    } else if (run->options->summary == ENGINE_SUMMARY_TEXT) {
        totals_text(run, &out);
        buffer_format(&out,
                      "%lld epoch%s, %lld bytes in, %.3f seconds\n",
                      (long long)run->epoch_count,
                      run->epoch_count == 1 ? "" : "s",
                      (long long)run->bytes_in,
                      run_seconds(run));
        run_say(run, &out);
    }
    buffer_free(&out);
}
