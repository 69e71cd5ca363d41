// The view on a terminal: nothing in the first second, then at most five times a second the same
// few lines anew, and nothing left on the screen at the end.
#include "engine/run.h"

#define FIRST_AFTER_US INT64_C(1000000)
#define UPDATE_EVERY_US INT64_C(200000)
#define PACE_OVER_US INT64_C(1000000)

static void terminal_write(Run *run, const Buffer *text) {
    Failure kept = run->sys->failure;
    Outcome outcome = sys_write_stream(run->sys, 2, text->data, text->length);
    if (outcome != OUTCOME_OK) {
        run->progress.is_on = false; // A terminal that is gone is no reason to stop.
        run->sys->failure = kept;
    }
}

// Back to where the lines began, which are gone then.
static void erase_text(const Progress *progress, Buffer *out) {
    if (progress->lines > 0) {
        buffer_format(out, "\x1b[%uF\x1b[J", progress->lines);
    }
}

// Over a second or more: what comes in batches should not flicker.
static void pace_take(Progress *progress, int64_t now_us) {
    int64_t over_us = now_us - progress->pace_us;
    if (over_us >= PACE_OVER_US) {
        int64_t rows = progress->rows - progress->pace_rows;
        progress->rows_per_second = (double)rows * 1e6 / (double)over_us;
        progress->pace_us = now_us;
        progress->pace_rows = progress->rows;
    }
}

void progress_begin(Run *run) {
    run->progress.started_us = sys_monotonic_us(run->sys);
    run->progress.pace_us = run->progress.started_us;
    run->progress.is_on = run->options->show_progress;
}

// Lines that are longer than the terminal is wide are cut: one that went on in the next row would
// be in the way when they are erased.
void progress_show(Run *run) {
    Progress *progress = &run->progress;
    if (!progress->is_on) {
        return;
    }
    int64_t now_us = sys_monotonic_us(run->sys);
    pace_take(progress, now_us);
    if (now_us - progress->started_us < FIRST_AFTER_US ||
        now_us - progress->shown_us < UPDATE_EVERY_US) {
        return;
    }
    WatchPace pace = {progress->rows_per_second, sys_wall_us(run->sys)};
    Buffer text = {0};
    erase_text(progress, &text);
    buffer_text(&text, "\x1b[?7l");
    progress->lines = watch_screen(&run->numbers, &pace, &text);
    buffer_text(&text, "\x1b[?7h");
    terminal_write(run, &text);
    buffer_free(&text);
    progress->shown_us = now_us;
}

void progress_hide(Run *run) {
    Progress *progress = &run->progress;
    if (progress->is_on && progress->lines > 0) {
        Buffer text = {0};
        erase_text(progress, &text);
        progress->lines = 0;
        terminal_write(run, &text);
        buffer_free(&text);
    }
}
