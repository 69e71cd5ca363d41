// What a run knows of the event times of its sources, for those who watch it.
#include "engine/run.h"

// The greatest event time of a source is not kept: then nobody is told a watermark.
bool run_watermark(const Run *run, uint32_t source, int64_t *watermark_us) {
    (void)run;
    (void)source;
    *watermark_us = 0;
    return false;
}

bool run_newest_event(const Run *run, uint32_t source, int64_t *event_us) {
    (void)run;
    (void)source;
    *event_us = 0;
    return false;
}
