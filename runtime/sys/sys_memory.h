// sys_memory: a disk in memory with a virtual clock, for tests of everything above the seam.
//
// Deterministic: the same seed and the same calls give the same bytes, times and "random" numbers.
// A disk is shared by its processes (each a Sys); it lives until the last of them is freed. What
// was not fsynced may be lost in a crash, by the disk model of docs/decisions/010-seam.md. "/x" and
// "x" are one path. Operations that change something are numbered from 1 for each process.
#ifndef FLOW_SYS_MEMORY_H
#define FLOW_SYS_MEMORY_H

#include "sys/sys.h"

typedef enum SysCrash {
    SYS_CRASH_KILL,   // the process ends, the machine does not: all that was written is there
    SYS_CRASH_STRICT, // power loss: any subset of unsynced blocks and name operations, in any order
    SYS_CRASH_ORDERED, // power loss on a journal: unsynced name operations survive as a prefix
} SysCrash;

typedef enum SysFault {
    SYS_FAULT_IO,    // EIO
    SYS_FAULT_SPACE, // ENOSPC
} SysFault;

typedef void (*SysHook)(void *context);

Sys *sys_memory_new(uint64_t seed);
// Another process on the same disk.
Sys *sys_memory_process(Sys *sys, uint64_t seed);
void sys_memory_free(Sys *sys);

// A durable file with these bytes, its directories made; replaces one of that name.
void sys_memory_put(Sys *sys, const char *path, const void *bytes, size_t length);
// What was written to standard output (1) or standard error (2).
const Buffer *sys_memory_stream(const Sys *sys, int stream);
// From now on the clock stands at `us` and moves by sys_memory_advance only.
void sys_memory_hold_clock(Sys *sys, int64_t us);
void sys_memory_advance(Sys *sys, int64_t us); // of the virtual clock
// Called whenever somebody has waited (which takes no real time).
void sys_memory_on_wait(Sys *sys, SysHook hook, void *context);
// Takes locks that others hold, as a copied directory or a broken lock service would.
void sys_memory_ignore_locks(Sys *sys);

uint64_t sys_memory_operations(const Sys *sys); // how many so far
// `count` more operations succeed; then this process has died: every later call fails.
void sys_memory_crash_after(Sys *sys, uint64_t count);
bool sys_memory_is_dead(const Sys *sys);
// The `count`-th operation from now fails (once) and changes nothing.
void sys_memory_fail_at(Sys *sys, uint64_t count, SysFault fault);
// As before, but counts fsyncs of files and directories only.
void sys_memory_fail_sync(Sys *sys, uint64_t count);
// The next so many calls that read, look at, list or make files are refused, as for too many open
// files, which may pass.
void sys_memory_be_busy(Sys *sys, uint64_t count);
// Calls the hook once, just before the `count`-th operation from now: another process may act
// there.
void sys_memory_hook(Sys *sys, uint64_t count, SysHook hook, void *context);
// A process on one of the disks that a crash now may leave behind; the seed says which.
Sys *sys_memory_crashed_disk(Sys *sys, uint64_t seed, SysCrash crash);
// Every file below the root as a line `path length hash`, sorted: to compare two disks.
void sys_memory_dump(Sys *sys, Buffer *out);

#endif
