// base: outcomes, asserts, arenas, growing buffers, limits, checksums. The compiler uses it too.
//
// Includes abi. An Arena owns what it hands out until arena_free; nothing is freed singly. A Buffer
// owns its bytes until buffer_free. Functions that can fail by environment return Outcome and say
// why in the Failure that they are given (through the Sys or the Arena's owner).
#ifndef FLOW_BASE_H
#define FLOW_BASE_H

#include "abi/abi.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, args) __attribute__((format(printf, text, args)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

// The exit status of LANGUAGE 10 that an outcome ends in.
typedef enum Outcome {
    OUTCOME_OK = 0,
    OUTCOME_ENVIRONMENT = 4, // unreachable, disk full, I/O error: nothing half-written
    OUTCOME_FENCED = 5,      // another run holds the checkpoint or has taken over
    OUTCOME_REFUSED = 6,     // a table, state or file is not what the program needs
    OUTCOME_STOPPED = 7,     // the data stopped the run
    OUTCOME_USAGE = 2,       // wrong --param and the like
} Outcome;

#define TRY(call)                                                                                  \
    do {                                                                                           \
        Outcome try_outcome_ = (call);                                                             \
        if (try_outcome_ != OUTCOME_OK) {                                                          \
            return try_outcome_;                                                                   \
        }                                                                                          \
    } while (0)

// As memcmp orders them, of equal beginnings the shorter first: negative, 0, positive.
int bytes_order(const char *a, size_t a_length, const char *b, size_t b_length);

// Little endian, in 8 bytes.
static inline void le64_write(char *bytes, int64_t value) {
    for (size_t i = 0; i < sizeof(value); i++) {
        bytes[i] = (char)((uint64_t)value >> (8 * i));
    }
}

static inline int64_t le64_read(const char *bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(value); i++) {
        value |= (uint64_t)(uint8_t)bytes[i] << (8 * i);
    }
    return (int64_t)value;
}

#define FAILURE_TEXT_MAX 2048
// Why the last failing function failed; the first failure is kept.
typedef struct Failure {
    Outcome outcome;
    char text[FAILURE_TEXT_MAX];
} Failure;

Outcome failure_set(Failure *failure, Outcome outcome, const char *format, ...) PRINTF_LIKE(3, 4);

// A bug: says where and exits with 3. Active in every build.
_Noreturn void flow_bug(const char *file, int line, const char *what);
#define ASSERT(condition)                                                                          \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) {                                                   \
            flow_bug(__FILE__, __LINE__, #condition);                                              \
        }                                                                                          \
    } while (0)

#define LIMIT(name, value, text) enum { name = (value) };
#include "base/limit.def"
#undef LIMIT

// --- arena ------------------------------------------------------------------------------------
typedef struct ArenaBlock ArenaBlock;
typedef struct Arena {
    ArenaBlock *block; // newest first
    char *next;
    char *end;
    size_t total_bytes;
} Arena;

// Zero-initialised Arenas are ready to use. Memory is 16-byte aligned; running out is a bug exit
// of its own kind: the process ends with 4 and a sentence.
void *arena_alloc(Arena *arena, size_t size_bytes);                // uninitialised
void *arena_zeroed(Arena *arena, size_t count, size_t size_bytes); // zeroed array
char *arena_copy(Arena *arena, const char *bytes, size_t length);  // NUL appended
char *arena_string(Arena *arena, const char *text);
char *arena_format(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
void arena_reset(Arena *arena); // keeps one block for reuse
void arena_free(Arena *arena);
#define arena_new(arena, type) ((type *)arena_zeroed((arena), 1, sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_zeroed((arena), (count), sizeof(type)))

// malloc and friends that end the process with 4 when there is no memory.
void *memory_alloc(size_t size_bytes);
void *memory_resize(void *memory, size_t size_bytes);
void memory_free(void *memory);
void *memory_aligned(size_t alignment, size_t size_bytes); // free with memory_free

// --- buffer -----------------------------------------------------------------------------------
typedef struct Buffer {
    char *data;
    size_t length;
    size_t capacity;
} Buffer;

void buffer_reserve(Buffer *buffer, size_t more_bytes);
void buffer_append(Buffer *buffer, const void *bytes, size_t length);
void buffer_text(Buffer *buffer, const char *text);
void buffer_char(Buffer *buffer, char c);
void buffer_format(Buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_json_string(Buffer *buffer, const char *bytes, size_t length); // quoted, escaped
const char *buffer_cstring(Buffer *buffer);                                // NUL-terminated view
void buffer_clear(Buffer *buffer);
void buffer_free(Buffer *buffer);

// --- growing arrays in an arena: VEC(Thing) things; *vec_push(arena, &things) = thing; ----------
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        uint32_t count;                                                                            \
        uint32_t capacity;                                                                         \
    }
#define vec_push(arena, vec)                                                                       \
    (vec_grow_(                                                                                    \
         (arena), (void **)&(vec)->items, (vec)->count, &(vec)->capacity, sizeof(*(vec)->items)),  \
     &(vec)->items[(vec)->count++])
void vec_grow_(Arena *arena, void **items, uint32_t count, uint32_t *capacity, size_t item_bytes);

// --- checksums and hashes -----------------------------------------------------------------------
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length); // starts with 0
uint32_t
crc32c_portable(uint32_t crc, const void *bytes, size_t length); // for tests: no instruction
typedef struct Hash128 {
    uint64_t low, high;
} Hash128;
uint64_t hash64(const void *bytes, size_t length); // xxh3-64
Hash128 hash128(const void *bytes, size_t length); // xxh3-128
void hash128_hex(Hash128 hash, char text[33]);

#endif
