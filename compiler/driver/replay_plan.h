// replay plan: which records can be sent through a program again, and which flows they pass. Inside
// of driver only.
#ifndef FLOW_DRIVER_REPLAY_PLAN_H
#define FLOW_DRIVER_REPLAY_PLAN_H

#include "driver/driver_internal.h"

// Of a checked program; texts live in the replay's arena.
void replay_plan(const Checked *checked, EngineReplay *replay);

#endif
