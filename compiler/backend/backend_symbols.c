// What a loaded object may call, as addresses in this process, from the lists that declare it. In a
// file of its own: who loads with other symbols does not link the runtime.
#include "backend/backend.h"

#include <math.h>

// 128-bit arithmetic that LLVM does not write out (libgcc or compiler-rt).
void __divti3(void);
void __udivti3(void);
void __modti3(void);
void __umodti3(void);
void __floattidf(void);
void __fixdfti(void);

#define SYMBOL(name) {#name, (void *)(uintptr_t)(name)},

static const BackendSymbol symbols[] = {
#define FN(name, ...) SYMBOL(name)
#include "abi/function.def"
#undef FN
#define KERNEL(name) SYMBOL(flow_rt_k_##name)
#include "abi/kernel.def"
#undef KERNEL
#define BUILTIN(name, ...) SYMBOL(flow_rt_fn_##name)
#include "abi/builtin.def"
#undef BUILTIN
    SYMBOL(memcpy) SYMBOL(memmove) SYMBOL(memset) SYMBOL(memcmp) SYMBOL(bcmp) SYMBOL(fmod)
        SYMBOL(__divti3) SYMBOL(__udivti3) SYMBOL(__modti3) SYMBOL(__umodti3) SYMBOL(__floattidf)
            SYMBOL(__fixdfti)};

BackendSymbols backend_runtime_symbols(void) {
    return (BackendSymbols){symbols, COUNT_OF(symbols)};
}
