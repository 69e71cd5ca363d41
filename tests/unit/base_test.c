// Goal: what is written to disk has the same checksums and hashes everywhere, and memory that grows
// keeps what is in it. Method: published check values, and sizes around every edge.
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void crc32c_gives_the_check_value(void **state) {
    (void)state;
    assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(crc32c(0, "", 0), 0);
    assert_int_equal(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xE3069283);
}

static void crc32c_is_the_same_with_and_without_the_instruction(void **state) {
    (void)state;
    char bytes[100];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)(i * 37);
    }
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        assert_int_equal(crc32c(7, bytes, length), crc32c_portable(7, bytes, length));
    }
}

static void hashes_are_xxh3(void **state) {
    (void)state;
    char text[33];
    assert_true(hash64("", 0) == 0x2D06800538D394C2u);
    hash128_hex(hash128("", 0), text);
    assert_string_equal(text, "99aa06d3014798d86001c324468d497f");
}

static void arena_memory_is_aligned_and_its_own(void **state) {
    (void)state;
    Arena arena = {0};
    static const size_t sizes[] = {0, 1, 15, 16, 17, 4095, 4096, 4097, 100000, 3000000};
    char *memory[COUNT_OF(sizes)];
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        memory[i] = arena_alloc(&arena, sizes[i]);
        assert_int_equal((uintptr_t)memory[i] % 16, 0);
        memset(memory[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(memory[i][j], i + 1);
        }
    }
    arena_reset(&arena);
    assert_int_equal(arena_zeroed(&arena, 10, 10) == NULL, 0);
    arena_free(&arena);
}

static void a_reset_arena_keeps_one_block(void **state) {
    (void)state;
    Arena arena = {0};
    for (int i = 0; i < 1000; i++) {
        (void)arena_alloc(&arena, 5000);
    }
    size_t full_bytes = arena.total_bytes;
    arena_reset(&arena);
    assert_true(arena.total_bytes > 0 && arena.total_bytes < full_bytes / 2);
    arena_free(&arena);
}

static void vectors_keep_their_items_when_they_grow(void **state) {
    (void)state;
    Arena arena = {0};
    VEC(uint32_t) numbers = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        *vec_push(&arena, &numbers) = i;
    }
    for (uint32_t i = 0; i < numbers.count; i++) {
        assert_int_equal(numbers.items[i], i);
    }
    assert_int_equal(numbers.count, 1000);
    arena_free(&arena);
}

typedef struct JsonCase {
    const char *bytes;
    size_t length;
    const char *want;
} JsonCase;

static void json_strings_are_escaped(void **state) {
    (void)state;
    static const JsonCase cases[] = {
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
        {"\n\r\t", 3, "\"\\n\\r\\t\""},
        {"\0\x1f", 2, "\"\\u0000\\u001f\""},
        {"\xc3\xa9/", 3, "\"\xc3\xa9/\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Buffer buffer = {0};
        buffer_json_string(&buffer, cases[i].bytes, cases[i].length);
        assert_string_equal(buffer_cstring(&buffer), cases[i].want);
        buffer_free(&buffer);
    }
}

static void text_that_is_formatted_grows_the_buffer(void **state) {
    (void)state;
    Buffer buffer = {0};
    for (int i = 0; i < 100; i++) {
        buffer_format(&buffer, "%03d,", i);
    }
    assert_int_equal(buffer.length, 400);
    assert_memory_equal(buffer.data + 392, "098,099,", 8);
    buffer_free(&buffer);
}

static void the_first_failure_is_kept(void **state) {
    (void)state;
    Failure failure = {0};
    assert_int_equal(failure_set(&failure, OUTCOME_REFUSED, "why: %d", 1), OUTCOME_REFUSED);
    assert_int_equal(failure_set(&failure, OUTCOME_ENVIRONMENT, "later"), OUTCOME_ENVIRONMENT);
    assert_string_equal(failure.text, "why: 1");
    assert_int_equal(failure.outcome, OUTCOME_REFUSED);
}

static void a_bug_ends_the_process_with_3_and_says_where(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        ASSERT(ends[0] < 0);
        _exit(0);
    }
    int status = 0;
    char text[200] = {0};
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_non_null(strstr(text, "base_test.c"));
    assert_non_null(strstr(text, "ends[0] < 0"));
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c_gives_the_check_value),
        cmocka_unit_test(crc32c_is_the_same_with_and_without_the_instruction),
        cmocka_unit_test(hashes_are_xxh3),
        cmocka_unit_test(arena_memory_is_aligned_and_its_own),
        cmocka_unit_test(a_reset_arena_keeps_one_block),
        cmocka_unit_test(vectors_keep_their_items_when_they_grow),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(text_that_is_formatted_grows_the_buffer),
        cmocka_unit_test(the_first_failure_is_kept),
        cmocka_unit_test(a_bug_ends_the_process_with_3_and_says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
