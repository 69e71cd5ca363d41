// The only callers of malloc. Running out of memory is the environment's failure, and no caller
// could do anything about it: the process ends, and the last decided epoch stands.
#include "base/base.h"

#include <unistd.h>

_Noreturn static void memory_exhausted(size_t size_bytes) {
    fprintf(stderr, "flow: out of memory (%zu bytes were asked for)\n", size_bytes);
    fflush(stderr);
    _exit(OUTCOME_ENVIRONMENT);
}

static size_t at_least_one(size_t size_bytes) {
    return size_bytes == 0 ? 1 : size_bytes;
}

void *memory_alloc(size_t size_bytes) {
    void *memory = malloc(at_least_one(size_bytes));
    if (memory == NULL) {
        memory_exhausted(size_bytes);
    }
    return memory;
}

void *memory_resize(void *memory, size_t size_bytes) {
    void *resized = realloc(memory, at_least_one(size_bytes));
    if (resized == NULL) {
        memory_exhausted(size_bytes);
    }
    return resized;
}

void memory_free(void *memory) {
    free(memory);
}

void *memory_aligned(size_t alignment, size_t size_bytes) {
    size_t wanted_bytes = at_least_one(size_bytes);
    void *memory = NULL;
    if (posix_memalign(&memory, alignment, wanted_bytes) != 0) {
        memory_exhausted(size_bytes);
    }
    return memory;
}
