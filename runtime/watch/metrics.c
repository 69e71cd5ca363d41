// Prometheus text: families one after the other, each with its help, its type and its samples.
#include "watch/watch.h"

typedef struct Text {
    const WatchNumbers *numbers;
    int64_t now_us;
    Buffer *out;
} Text;

// --- lines ---------------------------------------------------------------------------------------

static void family(const Text *t, const char *name, const char *type, const char *help) {
    buffer_format(t->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

// Quotes, backslashes and line ends are escaped, as the format asks.
static void label(Buffer *out, const char *name, const char *value) {
    buffer_format(out, "%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            buffer_text(out, "\\n");
            continue;
        }
        buffer_text(out, *value == '"' || *value == '\\' ? "\\" : "");
        buffer_char(out, *value);
    }
    buffer_char(out, '"');
}

typedef struct Label {
    const char *name; // NULL: there is none
    const char *value;
} Label;

static void sample_begin(const Text *t, const char *name, Label first, Label second) {
    buffer_format(t->out, "%s{", name);
    label(t->out, "pipeline", t->numbers->pipeline);
    const Label labels[] = {first, second};
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        if (labels[i].name != NULL) {
            buffer_char(t->out, ',');
            label(t->out, labels[i].name, labels[i].value);
        }
    }
    buffer_text(t->out, "} ");
}

static void sample(const Text *t, const char *name, Label first, Label second, int64_t value) {
    sample_begin(t, name, first, second);
    buffer_format(t->out, "%lld\n", (long long)value);
}

static void seconds(const Text *t, const char *name, Label which, int64_t us) {
    sample_begin(t, name, which, (Label){0});
    buffer_format(t->out, "%.6f\n", (double)us / 1e6);
}

// How long ago a time is, unless it is not known.
static void lag(const Text *t, const char *name, Label which, int64_t time_us) {
    if (time_us != WATCH_UNKNOWN) {
        seconds(t, name, which, t->now_us - time_us);
    }
}

static Label source_label(const WatchSource *source) {
    return (Label){"source", source->name};
}

static Label flow_label(const WatchFlow *flow) {
    return (Label){"flow", flow->name};
}

// --- records -------------------------------------------------------------------------------------

static void records_text(const Text *t) {
    const WatchNumbers *n = t->numbers;
    family(t, "records_processed_total", "counter", "Records that sources have read.");
    for (uint32_t i = 0; i < n->source_count; i++) {
        sample(t,
               "records_processed_total",
               source_label(&n->sources[i]),
               (Label){0},
               n->sources[i].records);
    }
    family(t,
           "dlq_messages_total",
           "counter",
           "Records that were rejected, at the source or in a flow.");
    for (uint32_t i = 0; i < n->source_count; i++) {
        sample(t,
               "dlq_messages_total",
               source_label(&n->sources[i]),
               (Label){0},
               n->sources[i].counters[FLOW_COUNTER_DLQ]);
    }
    for (uint32_t i = 0; i < n->flow_count; i++) {
        sample(t,
               "dlq_messages_total",
               flow_label(&n->flows[i]),
               (Label){0},
               n->flows[i].counters[FLOW_COUNTER_DLQ]);
    }
}

static void violations_text(const Text *t) {
    static const char *const classes[WATCH_CLASS_COUNT] = {[FLOW_REJECT_MALFORMED] = "malformed",
                                                           [FLOW_REJECT_SCHEMA] = "schema",
                                                           [FLOW_REJECT_CONTRACT] = "contract"};
    family(t,
           "schema_violations_total",
           "counter",
           "Rejected records that were no record, lacked the contract's form, or broke its rules.");
    for (uint32_t i = 0; i < t->numbers->source_count; i++) {
        const WatchSource *source = &t->numbers->sources[i];
        for (uint32_t c = 0; c < WATCH_CLASS_COUNT; c++) {
            sample(t,
                   "schema_violations_total",
                   source_label(source),
                   (Label){"class", classes[c]},
                   source->violations[c]);
        }
    }
}

static void line_text(const Text *t, Label owner, const int64_t *counters) {
    static const char *const columns[FLOW_COUNTER_COUNT] = {
        [FLOW_COUNTER_IN] = "in",
        [FLOW_COUNTER_OUT] = "out",
        [FLOW_COUNTER_FILTERED] = "filtered",
        [FLOW_COUNTER_DROPPED] = "dropped",
        [FLOW_COUNTER_LATE] = "late",
        [FLOW_COUNTER_DLQ] = "dlq",
        [FLOW_COUNTER_WARNED] = "warned",
        [FLOW_COUNTER_ADDED] = "added",
        [FLOW_COUNTER_UNKNOWN] = "unknown_fields",
    };
    for (uint32_t c = 0; c < FLOW_COUNTER_COUNT; c++) {
        if (columns[c] != NULL) {
            sample(
                t, "flow_ledger_records_total", owner, (Label){"column", columns[c]}, counters[c]);
        }
    }
}

static void ledger_text(const Text *t) {
    const WatchNumbers *n = t->numbers;
    family(t, "flow_ledger_records_total", "counter", "The ledger: where records have gone.");
    for (uint32_t i = 0; i < n->source_count; i++) {
        line_text(t, source_label(&n->sources[i]), n->sources[i].counters);
    }
    for (uint32_t i = 0; i < n->flow_count; i++) {
        line_text(t, flow_label(&n->flows[i]), n->flows[i].counters);
    }
    family(t, "flow_bytes_read_total", "counter", "Bytes that sources have read.");
    sample(t, "flow_bytes_read_total", (Label){0}, (Label){0}, n->bytes);
}

// --- lags ----------------------------------------------------------------------------------------

static void lags_text(const Text *t) {
    const WatchNumbers *n = t->numbers;
    family(t, "watermark_lag_seconds", "gauge", "Now minus the watermark of the source.");
    for (uint32_t i = 0; i < n->source_count; i++) {
        lag(t, "watermark_lag_seconds", source_label(&n->sources[i]), n->sources[i].watermark_us);
    }
    family(t, "freshness_lag_seconds", "gauge", "Now minus the greatest event time of the source.");
    for (uint32_t i = 0; i < n->source_count; i++) {
        lag(t, "freshness_lag_seconds", source_label(&n->sources[i]), n->sources[i].newest_us);
    }
    family(t,
           "ingestion_lag_seconds",
           "gauge",
           "How long the oldest file of the last epoch had been there when it was committed.");
    for (uint32_t i = 0; i < n->source_count; i++) {
        if (n->sources[i].ingestion_lag_us != WATCH_UNKNOWN) {
            seconds(t,
                    "ingestion_lag_seconds",
                    source_label(&n->sources[i]),
                    n->sources[i].ingestion_lag_us);
        }
    }
    family(t, "flow_table_commit_age_seconds", "gauge", "Time since the run committed the table.");
    for (uint32_t i = 0; i < n->table_count; i++) {
        const WatchTable *table = &n->tables[i];
        lag(t, "flow_table_commit_age_seconds", (Label){"table", table->name}, table->committed_us);
    }
}

// --- epochs --------------------------------------------------------------------------------------

static void times_text(const Text *t, const char *name, const char *help, const WatchTimes *times) {
    static const char *const bounds[] = {
#define BOUND(us, text) text,
#include "watch/bound.def"
#undef BOUND
    };
    Arena arena = {0};
    const char *bucket = arena_format(&arena, "%s_bucket", name);
    int64_t count = 0;
    family(t, name, "histogram", help);
    for (uint32_t i = 0; i < WATCH_BOUND_COUNT; i++) {
        count += times->within[i];
        sample(t, bucket, (Label){"le", bounds[i]}, (Label){0}, count);
    }
    sample(t, bucket, (Label){"le", "+Inf"}, (Label){0}, times->count);
    seconds(t, arena_format(&arena, "%s_sum", name), (Label){0}, times->sum_us);
    sample(t, arena_format(&arena, "%s_count", name), (Label){0}, (Label){0}, times->count);
    arena_free(&arena);
}

static void gauge(const Text *t, const char *name, const char *help, int64_t value) {
    family(t, name, "gauge", help);
    sample(t, name, (Label){0}, (Label){0}, value);
}

static void epochs_text(const Text *t) {
    const WatchNumbers *n = t->numbers;
    family(t, "flow_epochs_total", "counter", "Epochs that the run has committed.");
    sample(t, "flow_epochs_total", (Label){0}, (Label){0}, n->epochs);
    gauge(t, "flow_epoch", "The number of the last epoch.", n->epoch);
    family(t, "flow_commit_age_seconds", "gauge", "Time since the last epoch was committed.");
    lag(t, "flow_commit_age_seconds", (Label){0}, n->committed_us);
    gauge(t, "checkpoint_size_bytes", "State that the last manifest refers to.", n->state_bytes);
    times_text(t,
               "checkpoint_duration_seconds",
               "From the end of an epoch's input until its manifest had decided it.",
               &n->checkpoint_times);
    times_text(t,
               "commit_latency_seconds",
               "From the decision of an epoch until all outputs had it.",
               &n->commit_times);
    times_text(t,
               "flow_epoch_duration_seconds",
               "From the beginning of an epoch to its commit.",
               &n->epoch_times);
}

void watch_metrics(const WatchNumbers *numbers, int64_t now_us, bool is_poisoned, Buffer *out) {
    const Text text = {numbers, now_us, out};
    records_text(&text);
    violations_text(&text);
    ledger_text(&text);
    lags_text(&text);
    epochs_text(&text);
    gauge(&text, "flow_ready", "1: recovered and running.", numbers->phase == WATCH_RUNNING);
    gauge(&text, "flow_poisoned", "1: a write failed, nothing more is written.", is_poisoned);
    family(&text, "flow_run_age_seconds", "gauge", "Time since the run began.");
    lag(&text, "flow_run_age_seconds", (Label){0}, numbers->started_us);
}
