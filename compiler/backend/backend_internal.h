// What the files of backend share.
#ifndef FLOW_BACKEND_INTERNAL_H
#define FLOW_BACKEND_INTERNAL_H

#include "backend/backend.h"

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

// The helpers' bitcode (runtime/abi/helpers.c), embedded by room.cmake.
extern const unsigned char backend_helpers[];
extern const size_t backend_helpers_bytes;

// --- backend_target.c -------------------------------------------------------------------------
typedef struct Target {
    const char *cpu;
    const char *features;
    int optimise;
    LLVMTargetMachineRef machine; // NULL until target_open
} Target;

Target backend_target(Arena *arena, const BackendOptions *options);
void backend_target_open(Target *target, LLVMModuleRef module);
void backend_target_close(Target *target);
void backend_target_for_loading(void); // what the loader needs; cheaper than what emitting needs

// --- backend_compile.c ------------------------------------------------------------------------
extern const char backend_passes_version[];                             // part of the cache's key
void backend_module_finish(LLVMModuleRef module, const Target *target); // helpers, passes

// --- backend_cache.c --------------------------------------------------------------------------
typedef struct CacheKey {
    char text[33];
} CacheKey;

CacheKey backend_cache_key(LLVMModuleRef module, const Target *target);
bool backend_cache_read(const char *directory, CacheKey key, Buffer *object);
void backend_cache_write(const char *directory, CacheKey key, const Buffer *object);

// --- backend_path.c ---------------------------------------------------------------------------
// Path of the running program; NULL if the system does not tell.
const char *backend_program_path(Arena *arena);

#endif
