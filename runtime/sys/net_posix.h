// Sockets of the real machine. Inside of sys.
#ifndef FLOW_SYS_NET_POSIX_H
#define FLOW_SYS_NET_POSIX_H

#include "sys/sys.h"

NODISCARD Outcome net_listen(Sys *sys, const char *address, SysListener **listener);

#endif
