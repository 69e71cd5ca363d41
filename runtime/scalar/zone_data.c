// The bytes that cmake/zone_pack.c made of the time zones of the machine that built this.
#include "scalar/zone.h"

__asm__(".section .rodata.flow_zone_pack,\"a\"\n"
        ".balign 16\n"
        ".global flow_zone_pack\n"
        ".hidden flow_zone_pack\n"
        "flow_zone_pack:\n"
        ".incbin \"" FLOW_ZONE_PACK "\"\n"
        ".previous\n");
