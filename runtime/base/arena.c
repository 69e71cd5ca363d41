// Arenas: one for each lifetime, so that nothing is freed singly and nothing is forgotten.
//
// Blocks grow from 4 KiB to 1 MiB: many arenas are small, the large ones should not call malloc
// often. Something larger than half a block gets a block of its own *behind* the newest, which goes
// on being filled.
#include "base/base.h"

enum { ARENA_ALIGNMENT = 16, ARENA_BLOCK_MIN = 4096, ARENA_BLOCK_MAX = 1024 * 1024 };

struct ArenaBlock {
    ArenaBlock *next;
    size_t capacity;
    char bytes[] __attribute__((aligned(ARENA_ALIGNMENT)));
};

static size_t size_align(size_t size_bytes) {
    ASSERT(size_bytes <= SIZE_MAX / 2);
    return (size_bytes + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
}

static ArenaBlock *block_new(Arena *arena, size_t capacity) {
    ArenaBlock *block = memory_alloc(sizeof(ArenaBlock) + capacity);
    block->next = NULL;
    block->capacity = capacity;
    arena->total_bytes += capacity;
    return block;
}

static void block_use(Arena *arena, ArenaBlock *block) {
    arena->block = block;
    arena->next = block->bytes;
    arena->end = block->bytes + block->capacity;
}

static size_t block_capacity_next(const Arena *arena) {
    if (arena->block == NULL) {
        return ARENA_BLOCK_MIN;
    }
    size_t doubled = arena->block->capacity * 2;
    return doubled < ARENA_BLOCK_MIN   ? ARENA_BLOCK_MIN
           : doubled > ARENA_BLOCK_MAX ? ARENA_BLOCK_MAX
                                       : doubled;
}

static void *arena_alloc_block(Arena *arena, size_t size_bytes) {
    size_t capacity = block_capacity_next(arena);
    if (arena->block != NULL && size_bytes > capacity / 2) {
        ArenaBlock *block = block_new(arena, size_bytes);
        block->next = arena->block->next;
        arena->block->next = block;
        return block->bytes;
    }
    ArenaBlock *block = block_new(arena, size_bytes > capacity ? size_bytes : capacity);
    block->next = arena->block;
    block_use(arena, block);
    arena->next += size_bytes;
    return block->bytes;
}

void *arena_alloc(Arena *arena, size_t size_bytes) {
    size_t aligned_bytes = size_align(size_bytes);
    if (aligned_bytes <= (size_t)(arena->end - arena->next) && arena->block != NULL) {
        char *memory = arena->next;
        arena->next += aligned_bytes;
        return memory;
    }
    return arena_alloc_block(arena, aligned_bytes);
}

void *arena_zeroed(Arena *arena, size_t count, size_t size_bytes) {
    size_t total_bytes = 0;
    ASSERT(!__builtin_mul_overflow(count, size_bytes, &total_bytes));
    void *memory = arena_alloc(arena, total_bytes);
    memset(memory, 0, total_bytes);
    return memory;
}

char *arena_copy(Arena *arena, const char *bytes, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    copy[length] = '\0';
    return copy;
}

char *arena_string(Arena *arena, const char *text) {
    return arena_copy(arena, text, strlen(text));
}

char *arena_format(Arena *arena, const char *format, ...) {
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

static void blocks_free(ArenaBlock *block) {
    while (block != NULL) {
        ArenaBlock *next = block->next;
        memory_free(block);
        block = next;
    }
}

// The newest block is the largest of the regular ones: the one worth keeping.
void arena_reset(Arena *arena) {
    if (arena->block == NULL) {
        return;
    }
    blocks_free(arena->block->next);
    arena->block->next = NULL;
    arena->total_bytes = arena->block->capacity;
    block_use(arena, arena->block);
}

void arena_free(Arena *arena) {
    blocks_free(arena->block);
    *arena = (Arena){0};
}

void vec_grow_(Arena *arena, void **items, uint32_t count, uint32_t *capacity, size_t item_bytes) {
    if (count < *capacity) {
        return;
    }
    ASSERT(*capacity <= UINT32_MAX / 2);
    uint32_t grown = *capacity == 0 ? 8 : *capacity * 2;
    void *copy = arena_alloc(arena, (size_t)grown * item_bytes);
    if (count > 0) {
        memcpy(copy, *items, (size_t)count * item_bytes);
    }
    *items = copy;
    *capacity = grown;
}
