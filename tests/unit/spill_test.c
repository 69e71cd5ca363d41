// Goal: what is spilled comes back byte by byte, and no name of it is ever left. Method: pieces of
// all sizes, around those of the buffers, on the in-memory disk.
#include "state/spill.h"

#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const size_t lengths[] = {1, 0, 7, 32768, 32767, 32769, 300000, 262144, 5};

static char byte_at(size_t position) {
    return (char)(position * 31 + position / 256);
}

static SpillFile *file_of_pieces(Sys *sys) {
    SpillFile *file = NULL;
    size_t position = 0;
    assert_int_equal(spill_file_new(sys, "tmp/deep", &file), OUTCOME_OK);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        char *bytes = memory_alloc(lengths[i]);
        for (size_t j = 0; j < lengths[i]; j++) {
            bytes[j] = byte_at(position++);
        }
        assert_int_equal(spill_file_append(sys, file, bytes, lengths[i]), OUTCOME_OK);
        memory_free(bytes);
    }
    assert_int_equal(spill_file_flush(sys, file), OUTCOME_OK);
    assert_int_equal(spill_file_length(file), position);
    return file;
}

static void pieces_come_back(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    SpillFile *file = file_of_pieces(sys);
    SpillReader reader = {.file = file, .end = spill_file_length(file)};
    size_t position = 0;
    for (size_t i = COUNT_OF(lengths); i > 0; i--) {
        const char *bytes = NULL;
        assert_false(spill_reader_is_done(&reader));
        assert_int_equal(spill_reader_next(sys, &reader, lengths[i - 1], &bytes), OUTCOME_OK);
        for (size_t j = 0; j < lengths[i - 1]; j++) {
            assert_int_equal(bytes[j], byte_at(position));
            position++;
        }
    }
    assert_true(spill_reader_is_done(&reader));
    char two[2];
    assert_int_equal(spill_file_read(sys, file, 40000, two, 2), OUTCOME_OK);
    assert_int_equal(two[1], byte_at(40001));
    spill_reader_free(&reader);
    spill_file_free(sys, file);
    sys_memory_free(sys);
}

static void no_name_is_left(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    SpillFile *file = file_of_pieces(sys);
    Buffer names = {0};
    sys_memory_dump(sys, &names);
    assert_int_equal(names.length, 0);
    buffer_free(&names);
    spill_file_free(sys, file);
    sys_memory_free(sys);
}

static void a_full_disk_is_the_environments_failure(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    SpillFile *file = NULL;
    assert_int_equal(spill_file_new(sys, "tmp", &file), OUTCOME_OK);
    assert_int_equal(spill_file_append(sys, file, "x", 1), OUTCOME_OK);
    sys_memory_fail_at(sys, 1, SYS_FAULT_SPACE);
    assert_int_equal(spill_file_flush(sys, file), OUTCOME_ENVIRONMENT);
    spill_file_free(sys, file);
    sys_memory_free(sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_come_back),
        cmocka_unit_test(no_name_is_left),
        cmocka_unit_test(a_full_disk_is_the_environments_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
