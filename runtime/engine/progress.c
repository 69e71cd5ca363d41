// Progress on a terminal: nothing in the first second, then at most five updates a second, and
// nothing left on the screen at the end.
#include "engine/run.h"

#define FIRST_AFTER_US INT64_C(1000000)
#define UPDATE_EVERY_US INT64_C(200000)

static void terminal_write(Run *run, const Buffer *text) {
    Outcome outcome = sys_write_stream(run->sys, 2, text->data, text->length);
    if (outcome != OUTCOME_OK) {
        run->progress.is_on = false; // A terminal that is gone is no reason to stop.
        sys_forgive(run->sys);
    }
}

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

static void line_text(const Run *run, int64_t now_us, Buffer *out) {
    const Progress *progress = &run->progress;
    double seconds = (double)(now_us - progress->started_us) / 1e6;
    int64_t bytes = progress->bytes_done + progress->bytes;
    buffer_format(out, "\r%lld rows, ", (long long)progress->rows);
    bytes_text(out, bytes);
    buffer_format(out, ", %.0f rows/s", (double)progress->rows / seconds);
    buffer_format(out, ", %lld in the DLQ\x1b[K", (long long)dlq_count(run->dlq));
}

void progress_begin(Run *run) {
    run->progress.started_us = sys_monotonic_us(run->sys);
    run->progress.is_on = run->options->show_progress;
}

void progress_update(Run *run) {
    Progress *progress = &run->progress;
    if (!progress->is_on) {
        return;
    }
    int64_t now_us = sys_monotonic_us(run->sys);
    if (now_us - progress->started_us < FIRST_AFTER_US ||
        now_us - progress->shown_us < UPDATE_EVERY_US) {
        return;
    }
    Buffer line = {0};
    line_text(run, now_us, &line);
    terminal_write(run, &line);
    buffer_free(&line);
    progress->shown_us = now_us;
    progress->is_shown = true;
}

void progress_end(Run *run) {
    if (run->progress.is_on && run->progress.is_shown) {
        Buffer erase = {0};
        buffer_text(&erase, "\r\x1b[K");
        terminal_write(run, &erase);
        buffer_free(&erase);
        run->progress.is_shown = false;
    }
}
