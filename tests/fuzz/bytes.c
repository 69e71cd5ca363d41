// Random changes of given files, byte by byte, into a target: nothing may crash, hang or trip a
// sanitizer.
//
//   bytes_TARGET [--seed N] [--seconds N] [--count N] FILE…
//
// A child runs the target, so that the parent can tell which input ended it: that is left in the
// file fuzz-TARGET-SEED-NUMBER of the working directory, and `bytes_TARGET --count 0 THAT` runs it
// alone. Files are run as they are first.
#include "bytes.h"

#include "base/base.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    INPUT_BYTES_MAX = 1 << 17,
    SECONDS_MAX = 20, // for one input
    CHANGES_MAX = 6,
};

// What parent and child share: the input that is being run.
typedef struct Shared {
    uint64_t number;
    size_t length;
    uint8_t bytes[INPUT_BYTES_MAX];
} Shared;

typedef struct Seed {
    const uint8_t *bytes;
    size_t length;
} Seed;

typedef struct Fuzz {
    Shared *shared;
    VEC(Seed) seeds;
    uint64_t random;
    uint64_t seed;
    uint64_t count;
    double seconds;
    uint32_t word_count;
} Fuzz;

static uint64_t random_next(Fuzz *fuzz) {
    fuzz->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = fuzz->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t random_below(Fuzz *fuzz, size_t bound) {
    return bound == 0 ? 0 : (size_t)(random_next(fuzz) % bound);
}

// --- changes
// -------------------------------------------------------------------------------------
static void bytes_put(Shared *input, size_t at, const void *bytes, size_t length) {
    if (input->length + length > INPUT_BYTES_MAX) {
        return;
    }
    uint8_t *copy = memory_alloc(length + 1); // the bytes may lie in the input itself
    memcpy(copy, bytes, length);
    memmove(input->bytes + at + length, input->bytes + at, input->length - at);
    memcpy(input->bytes + at, copy, length);
    input->length += length;
    memory_free(copy);
}

static void bytes_cut(Shared *input, size_t at, size_t length) {
    memmove(input->bytes + at, input->bytes + at + length, input->length - at - length);
    input->length -= length;
}

static void number_change(Fuzz *fuzz, size_t at) {
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe, '0', '9', '-', '\n', '"', 0xc3};
    Shared *input = fuzz->shared;
    size_t length = random_below(fuzz, 2) == 0 ? 1 : 1 + random_below(fuzz, 8);
    uint8_t value = values[random_below(fuzz, sizeof(values))];
    for (size_t i = at; i < at + length && i < input->length; i++) {
        input->bytes[i] = value;
    }
}

static void input_change(Fuzz *fuzz) {
    Shared *input = fuzz->shared;
    size_t at = random_below(fuzz, input->length + 1);
    size_t left = input->length - at;
    size_t length = random_below(fuzz, (left < 64 ? left : 64) + 1);
    const Seed *other = &fuzz->seeds.items[random_below(fuzz, fuzz->seeds.count)];
    size_t from = random_below(fuzz, other->length + 1);
    size_t part = random_below(fuzz, (other->length - from < 200 ? other->length - from : 200) + 1);
    const char *word =
        fuzz->word_count == 0 ? "" : fuzz_words[random_below(fuzz, fuzz->word_count)];
    switch (random_below(fuzz, 8)) {
    case 0:
        bytes_cut(input, at, length);
        break;
    case 1:
        bytes_put(input, at, input->bytes + at, length);
        break;
    case 2:
        bytes_put(input, at, other->bytes + from, part);
        break;
    case 3:
        bytes_put(input, at, word, strlen(word));
        break;
    case 4:
        number_change(fuzz, at);
        break;
    case 5:
        input->bytes[left > 0 ? at : 0] ^= (uint8_t)(1u << random_below(fuzz, 8));
        break;
    case 6:
        bytes_cut(input, at, length);
        bytes_put(input, at, word, strlen(word));
        break;
    default:
        input->bytes[left > 0 ? at : 0] = (uint8_t)random_next(fuzz);
    }
}

// --- runs
// ----------------------------------------------------------------------------------------
static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void input_run(const Fuzz *fuzz) {
    // A copy of its own, so that a sanitizer sees what is read beyond its end.
    size_t length = fuzz->shared->length;
    uint8_t *copy = memory_alloc(length == 0 ? 1 : length);
    memcpy(copy, fuzz->shared->bytes, length);
    alarm(SECONDS_MAX);
    LLVMFuzzerTestOneInput(copy, length);
    alarm(0);
    memory_free(copy);
}

static void seed_load(Fuzz *fuzz, const Seed *seed) {
    fuzz->shared->length = seed->length;
    memcpy(fuzz->shared->bytes, seed->bytes, seed->length);
}

// The inputs from `first` on; each depends on the seed and its number alone.
static void child_run(Fuzz *fuzz, uint64_t first, double end) {
    for (uint64_t number = first; number < fuzz->count && seconds_now() < end; number++) {
        fuzz->shared->number = number;
        fuzz->random = fuzz->seed * UINT64_C(1000003) + number;
        bool is_plain = number < fuzz->seeds.count;
        size_t chosen = is_plain ? number : random_below(fuzz, fuzz->seeds.count);
        seed_load(fuzz, &fuzz->seeds.items[chosen]);
        for (size_t i = is_plain ? 0 : 1 + random_below(fuzz, CHANGES_MAX); i > 0; i--) {
            input_change(fuzz);
        }
        input_run(fuzz);
    }
    fuzz->shared->number++;
    _exit(0);
}

static void input_keep(const Fuzz *fuzz, const char *target, int status) {
    Buffer name = {0};
    buffer_format(&name,
                  "fuzz-%s-%llu-%llu",
                  target,
                  (unsigned long long)fuzz->seed,
                  (unsigned long long)fuzz->shared->number);
    FILE *file = fopen(buffer_cstring(&name), "w");
    ASSERT(file != NULL);
    fwrite(fuzz->shared->bytes, 1, fuzz->shared->length, file);
    fclose(file);
    printf("input %llu ended the target (%s %d): kept in %s\n",
           (unsigned long long)fuzz->shared->number,
           WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
           buffer_cstring(&name));
    buffer_free(&name);
}

static bool seed_add(Fuzz *fuzz, Arena *arena, const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s can't be read\n", path);
        return false;
    }
    uint8_t *bytes = arena_alloc(arena, INPUT_BYTES_MAX);
    size_t length = fread(bytes, 1, INPUT_BYTES_MAX, file);
    *vec_push(arena, &fuzz->seeds) = (Seed){bytes, length};
    fclose(file);
    return true;
}

static bool options_read(Fuzz *fuzz, Arena *arena, int argc, char **argv) {
    fuzz->seed = 1;
    fuzz->count = UINT64_MAX;
    fuzz->seconds = 1e9;
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--seed") == 0 && has_value) {
            fuzz->seed = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--count") == 0 && has_value) {
            fuzz->count = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seconds") == 0 && has_value) {
            fuzz->seconds = strtod(argv[++i], NULL);
        } else if (!seed_add(fuzz, arena, argv[i])) {
            return false;
        }
    }
    fuzz->count = fuzz->count < fuzz->seeds.count ? fuzz->seeds.count : fuzz->count;
    return fuzz->seeds.count > 0;
}

int main(int argc, char **argv) {
    Arena arena = {0};
    Fuzz fuzz = {0};
    if (!options_read(&fuzz, &arena, argc, argv)) {
        fputs("usage: bytes_TARGET [--seed N] [--seconds N] [--count N] FILE…\n", stderr);
        return 2;
    }
    while (fuzz_words[fuzz.word_count] != NULL) {
        fuzz.word_count++;
    }
    fuzz.shared =
        mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT(fuzz.shared != MAP_FAILED);
    const char *slash = strrchr(argv[0], '/');
    double end = seconds_now() + fuzz.seconds;
    uint32_t failure_count = 0;
    for (uint64_t first = 0; first < fuzz.count && seconds_now() < end && failure_count < 8;) {
        fflush(stdout);
        pid_t child = fork();
        ASSERT(child >= 0);
        if (child == 0) {
            child_run(&fuzz, first, end);
        }
        int status = 0;
        waitpid(child, &status, 0);
        first = fuzz.shared->number;
        if (status != 0) {
            input_keep(&fuzz, slash == NULL ? argv[0] : slash + 1, status);
            failure_count++;
            first++;
        }
    }
    printf("seed %llu: %llu inputs, %u failures\n",
           (unsigned long long)fuzz.seed,
           (unsigned long long)fuzz.shared->number,
           failure_count);
    arena_free(&arena);
    return failure_count == 0 ? 0 : 1;
}
