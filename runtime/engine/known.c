// What a run knows of the event times of its sources, for those who watch it. Times are kept where
// a step goes by them; of other sources nothing is known.
#include "engine/run.h"

bool run_newest_event(const Run *run, uint32_t source, int64_t *event_us) {
    *event_us = run->source_times == NULL ? INT64_MIN : run->source_times[source].greatest_us;
    return *event_us != INT64_MIN;
}

bool run_watermark(const Run *run, uint32_t source, int64_t *watermark_us) {
    return run_newest_event(run, source, watermark_us) &&
           !__builtin_sub_overflow(
               *watermark_us, run->program->sources[source].lateness_us, watermark_us);
}
