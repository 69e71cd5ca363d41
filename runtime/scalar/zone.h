// The packed time zones (cmake/zone_pack.c says the form).
#ifndef FLOW_SCALAR_ZONE_H
#define FLOW_SCALAR_ZONE_H

#include <stdint.h>

extern const uint8_t flow_zone_pack[];

#endif
