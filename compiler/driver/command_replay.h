// `flowc dlq replay PATH FILE`, and what it shares with `flowc run`. Inside of driver only.
#ifndef FLOW_DRIVER_COMMAND_REPLAY_H
#define FLOW_DRIVER_COMMAND_REPLAY_H

#include "driver/driver_internal.h"

int dlq_replay(const Options *options); // the exit status

// command_run.c
EngineSummary summary_of(const Options *options);
uint32_t parallelism_of(const Options *options); // 0: not given, or no such number
// A program without mistakes of its own is refused by a table that is damaged or unsupported.
bool compile_is_refused(const Compile *compile);

#endif
