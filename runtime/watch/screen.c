// The same numbers for people at a terminal: what goes through, what waits, what was rejected.
#include "watch/watch.h"

enum { LINES_OF_KIND_MAX = 12, NAME_WIDTH = 20 };

static void bytes_text(Buffer *out, int64_t bytes) {
    const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    uint32_t unit = 0;
    while (size >= 1024.0 && unit + 1 < COUNT_OF(units)) {
        size /= 1024.0;
        unit++;
    }
    buffer_format(out, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

// In the unit that leaves one to three digits or so.
static void span_text(Buffer *out, int64_t us) {
    int64_t seconds = us < 0 ? 0 : us / 1000000;
    if (seconds < 120) {
        buffer_format(out, "%lld s", (long long)seconds);
    } else if (seconds < 2 * 3600) {
        buffer_format(out, "%lld min", (long long)(seconds / 60));
    } else if (seconds < 2 * 86400) {
        buffer_format(out, "%lld h", (long long)(seconds / 3600));
    } else {
        buffer_format(out, "%lld days", (long long)(seconds / 86400));
    }
}

static void run_line(const WatchNumbers *n, const WatchPace *pace, Buffer *out) {
    buffer_format(out,
                  "%s: %lld rows, %.0f rows/s, ",
                  n->pipeline,
                  (long long)n->rows,
                  pace->rows_per_second);
    bytes_text(out, n->bytes);
    buffer_format(out, ", %lld in the DLQ\n", (long long)n->dlq);
}

static void epoch_line(const WatchNumbers *n, const WatchPace *pace, Buffer *out) {
    buffer_text(out, "  state ");
    bytes_text(out, n->state_bytes);
    if (n->committed_us == WATCH_UNKNOWN) {
        buffer_text(out, ", nothing committed yet\n");
        return;
    }
    buffer_format(out, ", %lld epochs, last commit ", (long long)n->epochs);
    span_text(out, pace->now_us - n->committed_us);
    buffer_text(out, " ago\n");
}

static void flow_line(const WatchFlow *flow, Buffer *out) {
    buffer_format(out,
                  "  %-*s in %lld, out %lld, filtered %lld, late %lld, dlq %lld\n",
                  NAME_WIDTH,
                  flow->name,
                  (long long)flow->counters[FLOW_COUNTER_IN],
                  (long long)flow->counters[FLOW_COUNTER_OUT],
                  (long long)flow->counters[FLOW_COUNTER_FILTERED],
                  (long long)flow->counters[FLOW_COUNTER_LATE],
                  (long long)flow->counters[FLOW_COUNTER_DLQ]);
}

static void source_line(const WatchSource *source, int64_t now_us, Buffer *out) {
    buffer_format(out, "  %-*s %lld records", NAME_WIDTH, source->name, (long long)source->records);
    if (source->watermark_us != WATCH_UNKNOWN) {
        buffer_text(out, ", watermark ");
        span_text(out, now_us - source->watermark_us);
        buffer_text(out, " behind");
    }
    buffer_char(out, '\n');
}

static uint32_t shown(uint32_t count) {
    return count < LINES_OF_KIND_MAX ? count : LINES_OF_KIND_MAX;
}

static uint32_t rest_line(Buffer *out, uint32_t count, const char *what) {
    if (count <= LINES_OF_KIND_MAX) {
        return 0;
    }
    buffer_format(out, "  and %u more %s\n", count - LINES_OF_KIND_MAX, what);
    return 1;
}

uint32_t watch_screen(const WatchNumbers *numbers, const WatchPace *pace, Buffer *out) {
    uint32_t lines = 2 + shown(numbers->source_count) + shown(numbers->flow_count);
    run_line(numbers, pace, out);
    for (uint32_t i = 0; i < shown(numbers->source_count); i++) {
        source_line(&numbers->sources[i], pace->now_us, out);
    }
    lines += rest_line(out, numbers->source_count, "sources");
    for (uint32_t i = 0; i < shown(numbers->flow_count); i++) {
        flow_line(&numbers->flows[i], out);
    }
    lines += rest_line(out, numbers->flow_count, "flows");
    epoch_line(numbers, pace, out);
    return lines;
}
