// backend: IR to object bytes, and object bytes to running code or an executable.
//
// Includes support, abi, base, sys. Owns the passes, the helpers' bitcode, the object cache, the
// loader and the call of the linker. There is one way from IR to object bytes; `run`, `build` and
// the cache use the same. The module stays the caller's; backend_compile changes it (helpers
// linked, optimised), so it serves once. A failing pass or code generator is a bug, not an outcome.
#ifndef FLOW_BACKEND_H
#define FLOW_BACKEND_H

#include "sys/sys.h"

struct LLVMOpaqueModule;

// Values of --opt.
enum {
    BACKEND_OPTIMISE_NOTHING = 0,
    BACKEND_OPTIMISE_QUICKLY = 1, // for runs: vectors, and little more time than they need
    BACKEND_OPTIMISE_FULLY = 2,   // for executables
};

typedef struct BackendOptions {
    const char *cpu;   // NULL or "host": this machine; else "x86-64-v2", "x86-64-v3", "x86-64-v4"
    int optimise;      // BACKEND_OPTIMISE_*
    const char *cache; // directory of the object cache; NULL: none
} BackendOptions;

typedef struct BackendStats {
    bool is_cached; // the object came from the cache
} BackendStats;

// The default directory of the cache: $XDG_CACHE_HOME/flow or ~/.cache/flow; NULL if neither is
// known.
const char *backend_cache_directory(Sys *sys, Arena *arena);

// The object of a module made by gen_run, from the cache if it is there. A cache that cannot be
// read or written is passed over. `stats` may be NULL.
void backend_compile(struct LLVMOpaqueModule *module,
                     const BackendOptions *options,
                     Buffer *object,
                     BackendStats *stats);

// --- running in process -----------------------------------------------------------------------
// What an object may call. backend_runtime_symbols are those of the runtime linked into this
// process; tests give others.
typedef struct BackendSymbol {
    const char *name;
    void *address;
} BackendSymbol;
typedef struct BackendSymbols {
    const BackendSymbol *items;
    uint32_t count;
} BackendSymbols;
BackendSymbols backend_runtime_symbols(void);

typedef struct BackendCode
    BackendCode; // an object in memory, never writable and executable at once
BackendCode *backend_load(const Buffer *object, BackendSymbols symbols);
const FlowProgram *backend_program(const BackendCode *code); // valid until backend_unload
void backend_unload(BackendCode *code);

// --- linking ----------------------------------------------------------------------------------
typedef struct BackendLink {
    const char *output;  // path of the executable
    const char *linker;  // --cc; NULL: $CC, else "cc"
    const char *runtime; // libflowrt.a; NULL: looked for beside the running program (../lib, lib)
    bool strip;
} BackendLink;
NODISCARD Outcome backend_link(Sys *sys, const Buffer *object, const BackendLink *link);

// --- printing ---------------------------------------------------------------------------------
// `explain --ir`: the module's text as gen made it; with `optimised` helpers linked and passes run.
void backend_print_ir(struct LLVMOpaqueModule *module,
                      const BackendOptions *options,
                      bool optimised,
                      Buffer *out);
// `explain --asm`: assembly; for text that does not depend on the machine give options->cpu.
void backend_print_asm(struct LLVMOpaqueModule *module, const BackendOptions *options, Buffer *out);

#endif
