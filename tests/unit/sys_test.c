// Goal: the in-memory disk behaves like the real machine as long as nothing goes wrong, and loses
// exactly what the disk model lets a crash lose. Method: each rule of the seam is a test that runs
// on both; each rule of the crash model is checked over many seeds.
#include "sys/sys_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { CRASH_SEEDS = 400 };

// Stands before that of the C library: the machine that fails to write out what it was told to.
static int write_out_error;

int sync_file_range(int descriptor, off64_t offset, off64_t length, unsigned flags) {
    if (write_out_error == 0) {
        return (int)syscall(SYS_sync_file_range, descriptor, offset, length, flags);
    }
    errno = write_out_error;
    return -1;
}

// --- rules of the seam, on both ----------------------------------------------------------------

typedef void (*Rule)(Sys *sys);

static void write_ok(Sys *sys, const char *path, const char *text) {
    assert_int_equal(sys_write_new(sys, path, text, strlen(text)), OUTCOME_OK);
}

static void assert_content(Sys *sys, const char *path, const char *want) {
    Arena arena = {0};
    char *bytes = NULL;
    size_t length = 0;
    assert_int_equal(sys_read_all(sys, &arena, path, 1000, &bytes, &length), OUTCOME_OK);
    assert_int_equal(length, strlen(want));
    assert_string_equal(bytes, want);
    arena_free(&arena);
}

static bool exists(Sys *sys, const char *path) {
    SysStat stat;
    assert_int_equal(sys_stat(sys, path, &stat), OUTCOME_OK);
    return stat.exists;
}

static void a_file_is_read_as_it_was_written(Sys *sys) {
    SysFile *file = NULL;
    assert_int_equal(sys_open(sys, "f", SYS_CREATE_NEW, &file), OUTCOME_OK);
    assert_int_equal(sys_append(sys, file, "hello ", 6), OUTCOME_OK);
    assert_int_equal(sys_append(sys, file, "world", 5), OUTCOME_OK);
    assert_int_equal(sys_close(sys, file), OUTCOME_OK);
    assert_content(sys, "f", "hello world");
    char bytes[8];
    size_t got = 0;
    assert_int_equal(sys_open(sys, "f", SYS_READ, &file), OUTCOME_OK);
    assert_int_equal(sys_read(sys, file, 6, bytes, sizeof(bytes), &got), OUTCOME_OK);
    assert_int_equal(got, 5);
    assert_memory_equal(bytes, "world", 5);
    assert_int_equal(sys_read(sys, file, 11, bytes, sizeof(bytes), &got), OUTCOME_OK);
    assert_int_equal(got, 0);
    assert_int_equal(sys_close(sys, file), OUTCOME_OK);
}

// Longer than what the machine is told to write out at a time, in pieces of no round length.
static void a_large_file_is_read_as_it_was_written(Sys *sys) {
    enum { PIECE_BYTES = 999983, PIECES = 9 };
    Arena arena = {0};
    char *piece = arena_alloc(&arena, PIECE_BYTES);
    char *bytes = NULL;
    size_t length = 0;
    SysFile *file = NULL;
    assert_int_equal(sys_open(sys, "f", SYS_CREATE_NEW, &file), OUTCOME_OK);
    for (int i = 0; i < PIECES; i++) {
        memset(piece, 'a' + i, PIECE_BYTES);
        assert_int_equal(sys_append(sys, file, piece, PIECE_BYTES), OUTCOME_OK);
    }
    assert_int_equal(sys_sync(sys, file), OUTCOME_OK);
    assert_int_equal(sys_close(sys, file), OUTCOME_OK);
    assert_int_equal(sys_read_all(sys, &arena, "f", PIECES * PIECE_BYTES, &bytes, &length),
                     OUTCOME_OK);
    assert_int_equal(length, PIECES * PIECE_BYTES);
    size_t wrong = 0;
    for (size_t i = 0; i < length; i++) {
        wrong += bytes[i] != (char)('a' + i / PIECE_BYTES);
    }
    assert_int_equal(wrong, 0);
    arena_free(&arena);
}

static Outcome large_file_append(Sys *sys, const char *path, int error) {
    enum { LARGE_BYTES = 5 * 1024 * 1024 };
    SysFile *file = NULL;
    Arena arena = {0};
    char *bytes = arena_alloc(&arena, LARGE_BYTES);
    memset(bytes, 'a', LARGE_BYTES);
    assert_int_equal(sys_open(sys, path, SYS_CREATE_NEW, &file), OUTCOME_OK);
    write_out_error = error;
    Outcome outcome = sys_append(sys, file, bytes, LARGE_BYTES);
    write_out_error = 0;
    assert_int_equal(sys_close(sys, file), OUTCOME_OK);
    arena_free(&arena);
    return outcome;
}

// The machine may tell of a lost page once: an fsync that comes later can succeed.
static void a_page_that_cannot_be_written_out_ends_all_writing(Sys *sys) {
    assert_int_equal(large_file_append(sys, "old", ENOSYS), OUTCOME_OK);
    assert_int_equal(large_file_append(sys, "lost", ENOSPC), OUTCOME_ENVIRONMENT);
    assert_int_equal(sys_write_new(sys, "next", "1", 1), OUTCOME_ENVIRONMENT);
}

static void a_new_file_must_be_new(Sys *sys) {
    write_ok(sys, "f", "1");
    assert_int_equal(sys_write_new(sys, "f", "2", 1), OUTCOME_ENVIRONMENT);
    assert_content(sys, "f", "1");
}

static void a_missing_file_is_an_error_of_open_and_not_of_stat(Sys *sys) {
    SysFile *file = NULL;
    SysStat stat;
    assert_int_equal(sys_stat(sys, "none/at/all", &stat), OUTCOME_OK);
    assert_false(stat.exists);
    assert_int_equal(sys_open(sys, "none", SYS_READ, &file), OUTCOME_ENVIRONMENT);
    assert_non_null(strstr(sys->failure.text, "none"));
}

static void a_directory_is_not_read_as_a_file(Sys *sys) {
    SysFile *file = NULL;
    assert_int_equal(sys_make_directory(sys, "d"), OUTCOME_OK);
    assert_int_equal(sys_open(sys, "d", SYS_READ, &file), OUTCOME_ENVIRONMENT);
    assert_non_null(strstr(sys->failure.text, "not a regular file"));
}

static void names_are_listed_in_the_order_of_their_bytes(Sys *sys) {
    Arena arena = {0};
    SysEntry *entries = NULL;
    uint32_t count = 1;
    assert_int_equal(sys_list(sys, &arena, "none", &entries, &count), OUTCOME_OK);
    assert_int_equal(count, 0);
    assert_int_equal(sys_make_directories(sys, "d/b"), OUTCOME_OK);
    write_ok(sys, "d/a", "12");
    write_ok(sys, "d/Z", "");
    write_ok(sys, "d/\xc3\xa9", "");
    assert_int_equal(sys_list(sys, &arena, "d", &entries, &count), OUTCOME_OK);
    assert_int_equal(count, 4);
    assert_string_equal(entries[0].name, "Z");
    assert_string_equal(entries[1].name, "a");
    assert_int_equal(entries[1].size_bytes, 2);
    assert_string_equal(entries[2].name, "b");
    assert_true(entries[2].is_directory);
    assert_string_equal(entries[3].name, "\xc3\xa9");
    arena_free(&arena);
}

static void a_link_never_replaces(Sys *sys) {
    SysLink result;
    write_ok(sys, "a", "1");
    write_ok(sys, "b", "2");
    assert_int_equal(sys_link(sys, "a", "b", &result), OUTCOME_OK);
    assert_int_equal(result, SYS_LINK_EXISTS);
    assert_int_equal(sys_link(sys, "none", "c", &result), OUTCOME_OK);
    assert_int_equal(result, SYS_LINK_NO_SOURCE);
    assert_int_equal(sys_link(sys, "a", "c", &result), OUTCOME_OK);
    assert_int_equal(result, SYS_LINK_DONE);
    assert_int_equal(sys_unlink(sys, "a"), OUTCOME_OK);
    assert_content(sys, "c", "1");
    assert_content(sys, "b", "2");
}

static void a_rename_replaces_only_when_asked(Sys *sys) {
    SysLink result;
    write_ok(sys, "a", "1");
    write_ok(sys, "b", "2");
    assert_int_equal(sys_rename_new(sys, "a", "b", &result), OUTCOME_OK);
    assert_int_equal(result, SYS_LINK_EXISTS);
    assert_content(sys, "b", "2");
    assert_int_equal(sys_rename(sys, "a", "b"), OUTCOME_OK);
    assert_content(sys, "b", "1");
    assert_false(exists(sys, "a"));
    assert_int_equal(sys_rename_new(sys, "b", "c", &result), OUTCOME_OK);
    assert_int_equal(result, SYS_LINK_DONE);
    assert_int_equal(sys_rename_new(sys, "b", "d", &result), OUTCOME_OK);
    assert_int_equal(result, SYS_LINK_NO_SOURCE);
    assert_content(sys, "c", "1");
}

static void removing_is_fine_when_it_is_gone_already(Sys *sys) {
    assert_int_equal(sys_make_directories(sys, "d/e"), OUTCOME_OK);
    assert_int_equal(sys_unlink(sys, "none"), OUTCOME_OK);
    assert_int_equal(sys_unlink(sys, "d/e"), OUTCOME_OK);
    assert_false(exists(sys, "d/e"));
    write_ok(sys, "d/f", "");
    assert_int_equal(sys_unlink(sys, "d"), OUTCOME_ENVIRONMENT);
}

static void directories_are_made_with_their_parents(Sys *sys) {
    assert_int_equal(sys_make_directories(sys, "a/b/c"), OUTCOME_OK);
    assert_int_equal(sys_make_directories(sys, "a/b/c"), OUTCOME_OK);
    assert_int_equal(sys_make_directories(sys, "a/b//d/"), OUTCOME_OK);
    assert_int_equal(sys_make_directories(sys, "."), OUTCOME_OK);
    write_ok(sys, "a/b/d/f", "x");
    assert_content(sys, "a/b/../b/d/f", "x");
    assert_int_equal(sys_make_directories(sys, "a/b/d/f"), OUTCOME_ENVIRONMENT);
}

static void a_lock_is_held_until_it_is_given_back(Sys *sys) {
    bool got = false;
    assert_int_equal(sys_lock(sys, "LOCK", &got), OUTCOME_OK);
    assert_true(got);
    assert_int_equal(sys_lock(sys, "LOCK", &got), OUTCOME_OK);
    assert_false(got);
    sys_unlock(sys, "LOCK");
    assert_int_equal(sys_lock(sys, "LOCK", &got), OUTCOME_OK);
    assert_true(got);
}

static void a_file_that_is_too_large_is_refused(Sys *sys) {
    Arena arena = {0};
    char *bytes = NULL;
    size_t length = 0;
    write_ok(sys, "f", "12345");
    assert_int_equal(sys_read_all(sys, &arena, "f", 4, &bytes, &length), OUTCOME_REFUSED);
    arena_free(&arena);
}

static void a_uuid_is_one_of_version_4(Sys *sys) {
    char first[37];
    char second[37];
    sys_uuid(sys, first);
    sys_uuid(sys, second);
    assert_int_equal(strlen(first), 36);
    assert_string_not_equal(first, second);
    assert_int_equal(first[14], '4');
    assert_non_null(strchr("89ab", first[19]));
    assert_int_equal(first[8] + first[13] + first[18] + first[23], 4 * '-');
}

static void the_clock_goes_forward(Sys *sys) {
    int64_t before_us = sys_monotonic_us(sys);
    assert_true(sys_monotonic_us(sys) >= before_us);
    assert_true(sys_wall_us(sys) > 1700000000000000);
}

static const Rule rules[] = {
    a_file_is_read_as_it_was_written,
    a_large_file_is_read_as_it_was_written,
    a_new_file_must_be_new,
    a_missing_file_is_an_error_of_open_and_not_of_stat,
    a_directory_is_not_read_as_a_file,
    names_are_listed_in_the_order_of_their_bytes,
    a_link_never_replaces,
    a_rename_replaces_only_when_asked,
    removing_is_fine_when_it_is_gone_already,
    directories_are_made_with_their_parents,
    a_lock_is_held_until_it_is_given_back,
    a_file_that_is_too_large_is_refused,
    a_uuid_is_one_of_version_4,
    the_clock_goes_forward,
};

static void the_rules_hold_in_memory(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        Sys *sys = sys_memory_new(i);
        rules[i](sys);
        sys_memory_free(sys);
    }
}

static void tree_remove(Sys *sys, Arena *arena, const char *path) {
    SysEntry *entries = NULL;
    uint32_t count = 0;
    assert_int_equal(sys_list(sys, arena, path, &entries, &count), OUTCOME_OK);
    for (uint32_t i = 0; i < count; i++) {
        const char *below = arena_format(arena, "%s/%s", path, entries[i].name);
        if (entries[i].is_directory) {
            tree_remove(sys, arena, below);
        } else {
            assert_int_equal(sys_unlink(sys, below), OUTCOME_OK);
        }
    }
    assert_int_equal(sys_unlink(sys, path), OUTCOME_OK);
}

static void in_scratch_directory(Rule rule) {
    char path[] = "/tmp/flow-sys-test-XXXXXX";
    assert_non_null(mkdtemp(path));
    Sys *sys = sys_posix_new(path);
    rule(sys);
    sys_posix_free(sys);
    Arena arena = {0};
    Sys *outside = sys_posix_new(NULL);
    tree_remove(outside, &arena, path);
    sys_posix_free(outside);
    arena_free(&arena);
}

static void the_rules_hold_on_the_machine(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        in_scratch_directory(rules[i]);
    }
}

// --- the machine only ---------------------------------------------------------------------------

static void special_files_are_refused(void **state) {
    (void)state;
    char path[] = "/tmp/flow-sys-test-XXXXXX";
    assert_non_null(mkdtemp(path));
    char fifo[64];
    snprintf(fifo, sizeof(fifo), "%s/fifo", path);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    static const char *const specials[] = {"fifo", "/dev/null"};
    Sys *sys = sys_posix_new(path);
    for (size_t i = 0; i < COUNT_OF(specials); i++) {
        SysFile *file = NULL;
        assert_int_equal(sys_open(sys, specials[i], SYS_READ, &file), OUTCOME_ENVIRONMENT);
        assert_non_null(strstr(sys->failure.text, "not a regular file"));
        sys_forgive(sys);
    }
    assert_int_equal(sys_unlink(sys, "fifo"), OUTCOME_OK);
    sys_posix_free(sys);
    rmdir(path);
}

static void what_cannot_be_written_out_is_told(void **state) {
    (void)state;
    in_scratch_directory(a_page_that_cannot_be_written_out_ends_all_writing);
}

static void new_files_are_not_for_everybody(void **state) {
    (void)state;
    char path[] = "/tmp/flow-sys-test-XXXXXX";
    assert_non_null(mkdtemp(path));
    Sys *sys = sys_posix_new(path);
    assert_int_equal(sys_make_directory(sys, "d"), OUTCOME_OK);
    write_ok(sys, "d/f", "");
    char file[64];
    char directory[64];
    snprintf(file, sizeof(file), "%s/d/f", path);
    snprintf(directory, sizeof(directory), "%s/d", path);
    struct stat of_file;
    struct stat of_directory;
    assert_int_equal(stat(file, &of_file) + stat(directory, &of_directory), 0);
    assert_int_equal(of_file.st_mode & 0137, 0);
    assert_int_equal(of_directory.st_mode & 0027, 0);
    assert_int_equal(unlink(file) + rmdir(directory) + rmdir(path), 0);
    sys_posix_free(sys);
}

// What is renamed in is whole; what is written in place only wakes who waits.
static void watched(Sys *sys) {
    const int64_t long_us = 10000000;
    assert_int_equal(sys_make_directory(sys, "in"), OUTCOME_OK);
    assert_true(sys_watch(sys, "in"));
    assert_false(sys_watch(sys, "in")); // it is already
    assert_false(sys_watch(sys, "nowhere"));
    assert_false(sys_wait(sys, 1000));
    write_ok(sys, "outside", "x");
    assert_int_equal(sys_rename(sys, "outside", "in/whole"), OUTCOME_OK);
    assert_true(sys_wait(sys, long_us));
    assert_true(sys_has_arrived(sys, "in/whole"));
    assert_false(sys_has_arrived(sys, "in/other"));
    sys_arrivals_end(sys);
    assert_false(sys_has_arrived(sys, "in/whole"));
    write_ok(sys, "in/part", "x");
    assert_true(sys_wait(sys, long_us));
    assert_false(sys_has_arrived(sys, "in/part"));
}

// A directory in the place of one that was watched is another one.
static void watched_again(Sys *sys) {
    assert_int_equal(sys_make_directory(sys, "in"), OUTCOME_OK);
    assert_true(sys_watch(sys, "in"));
    assert_int_equal(sys_rename(sys, "in", "old"), OUTCOME_OK);
    assert_int_equal(sys_make_directory(sys, "in"), OUTCOME_OK);
    assert_true(sys_wait(sys, 10000000));
    assert_true(sys_watch(sys, "in"));
    assert_int_equal(sys_unlink(sys, "in"), OUTCOME_OK);
    assert_true(sys_wait(sys, 10000000));
    assert_int_equal(sys_make_directory(sys, "in"), OUTCOME_OK);
    assert_true(sys_watch(sys, "in"));
}

static void directories_are_watched(void **state) {
    (void)state;
    in_scratch_directory(watched);
    in_scratch_directory(watched_again);
}

static void a_root_that_is_not_there_is_said(void **state) {
    (void)state;
    Sys *sys = sys_posix_new("/nowhere/at/all");
    assert_int_equal(sys->failure.outcome, OUTCOME_ENVIRONMENT);
    assert_non_null(strstr(sys->failure.text, "/nowhere/at/all"));
    sys_posix_free(sys);
}

// --- faults -------------------------------------------------------------------------------------

static void a_failed_fsync_poisons(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    SysFile *file = NULL;
    sys_memory_fail_sync(sys, 1);
    assert_int_equal(sys_open(sys, "f", SYS_CREATE_NEW, &file), OUTCOME_OK);
    assert_int_equal(sys_sync(sys, file), OUTCOME_ENVIRONMENT);
    assert_int_equal(sys_sync(sys, file), OUTCOME_ENVIRONMENT);
    assert_int_equal(sys_append(sys, file, "x", 1), OUTCOME_ENVIRONMENT);
    assert_int_equal(sys_write_new(sys, "g", "x", 1), OUTCOME_ENVIRONMENT);
    assert_int_equal(sys_unlink(sys, "f"), OUTCOME_ENVIRONMENT);
    assert_true(exists(sys, "f"));
    assert_non_null(strstr(sys->failure.text, "input/output"));
    sys_memory_free(sys);
}

static void a_full_disk_does_not_poison(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    sys_memory_fail_at(sys, 1, SYS_FAULT_SPACE);
    assert_int_equal(sys_write_new(sys, "f", "x", 1), OUTCOME_ENVIRONMENT);
    assert_false(sys->is_poisoned);
    assert_false(exists(sys, "f"));
    sys_forgive(sys);
    write_ok(sys, "f", "x");
    sys_memory_free(sys);
}

static void a_dead_process_does_nothing_and_gives_up_its_locks(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Sys *other = sys_memory_process(sys, 2);
    bool got = false;
    assert_int_equal(sys_lock(sys, "LOCK", &got), OUTCOME_OK);
    assert_int_equal(sys_lock(other, "LOCK", &got), OUTCOME_OK);
    assert_false(got);
    sys_memory_crash_after(sys, 1);
    assert_int_equal(sys_make_directory(sys, "a"), OUTCOME_OK);
    assert_int_equal(sys_make_directory(sys, "b"), OUTCOME_ENVIRONMENT);
    assert_true(sys_memory_is_dead(sys));
    SysStat stat;
    assert_int_equal(sys_stat(sys, "a", &stat), OUTCOME_ENVIRONMENT);
    assert_true(exists(other, "a"));
    assert_false(exists(other, "b"));
    assert_int_equal(sys_lock(other, "LOCK", &got), OUTCOME_OK);
    assert_true(got);
    sys_memory_free(sys);
    sys_memory_free(other);
}

// --- the crash model ----------------------------------------------------------------------------

static const SysCrash power_losses[] = {SYS_CRASH_STRICT, SYS_CRASH_ORDERED};

// What many crashes of one disk show about one path.
typedef struct Seen {
    uint32_t absent_count;
    uint32_t whole_count;
    uint32_t torn_count;
} Seen;

static void look(Sys *sys, const char *path, char want, size_t want_length, Seen *seen) {
    Arena arena = {0};
    char *bytes = NULL;
    size_t length = 0;
    if (!exists(sys, path)) {
        seen->absent_count++;
        return;
    }
    assert_int_equal(sys_read_all(sys, &arena, path, 1 << 20, &bytes, &length), OUTCOME_OK);
    bool is_whole = length == want_length;
    for (size_t i = 0; i < length; i++) {
        is_whole &= bytes[i] == want;
    }
    seen->whole_count += is_whole ? 1 : 0;
    seen->torn_count += is_whole ? 0 : 1;
    arena_free(&arena);
}

static Seen look_after_crashes(Sys *sys, SysCrash crash, const char *path, char want) {
    Seen seen = {0};
    for (uint64_t seed = 0; seed < CRASH_SEEDS; seed++) {
        Sys *after = sys_memory_crashed_disk(sys, seed, crash);
        look(after, path, want, 20000, &seen);
        sys_memory_free(after);
    }
    return seen;
}

static SysFile *file_of_20000(Sys *sys, const char *path, char byte) {
    char bytes[20000];
    memset(bytes, byte, sizeof(bytes));
    SysFile *file = NULL;
    assert_int_equal(sys_open(sys, path, SYS_CREATE_NEW, &file), OUTCOME_OK);
    assert_int_equal(sys_append(sys, file, bytes, sizeof(bytes)), OUTCOME_OK);
    return file;
}

static void unsynced_data_is_lost_kept_or_torn(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(power_losses); i++) {
        Sys *sys = sys_memory_new(1);
        SysFile *file = file_of_20000(sys, "f", 'x');
        Seen seen = look_after_crashes(sys, power_losses[i], "f", 'x');
        assert_true(seen.absent_count > 0 && seen.whole_count > 0 && seen.torn_count > 0);
        assert_int_equal(sys_sync(sys, file), OUTCOME_OK);
        seen = look_after_crashes(sys, power_losses[i], "f", 'x');
        assert_true(seen.absent_count > 0 && seen.whole_count > 0);
        assert_int_equal(seen.torn_count, 0);
        assert_int_equal(sys_sync_directory(sys, "."), OUTCOME_OK);
        seen = look_after_crashes(sys, power_losses[i], "f", 'x');
        assert_int_equal(seen.whole_count, CRASH_SEEDS);
        assert_int_equal(sys_close(sys, file), OUTCOME_OK);
        sys_memory_free(sys);
    }
}

static void a_durable_name_does_not_make_its_data_durable(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(power_losses); i++) {
        Sys *sys = sys_memory_new(1);
        SysFile *file = file_of_20000(sys, "f", 'x');
        assert_int_equal(sys_sync_directory(sys, "."), OUTCOME_OK);
        Seen seen = look_after_crashes(sys, power_losses[i], "f", 'x');
        assert_true(seen.torn_count > 0);
        assert_int_equal(seen.absent_count, 0);
        assert_int_equal(sys_close(sys, file), OUTCOME_OK);
        sys_memory_free(sys);
    }
}

static void a_kill_loses_nothing_and_a_later_power_loss_still_can(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    SysFile *file = file_of_20000(sys, "f", 'x');
    assert_int_equal(sys_close(sys, file), OUTCOME_OK);
    Seen seen = look_after_crashes(sys, SYS_CRASH_KILL, "f", 'x');
    assert_int_equal(seen.whole_count, CRASH_SEEDS);
    Sys *killed = sys_memory_crashed_disk(sys, 1, SYS_CRASH_KILL);
    seen = look_after_crashes(killed, SYS_CRASH_STRICT, "f", 'x');
    assert_true(seen.absent_count > 0);
    sys_memory_free(killed);
    sys_memory_free(sys);
}

static void a_replacing_rename_leaves_the_old_or_the_new(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    write_ok(sys, "hint", "old");
    assert_int_equal(sys_sync_directory(sys, "."), OUTCOME_OK);
    write_ok(sys, "temp", "new");
    assert_int_equal(sys_rename(sys, "temp", "hint"), OUTCOME_OK);
    uint32_t old_count = 0;
    for (uint64_t seed = 0; seed < CRASH_SEEDS; seed++) {
        Sys *after = sys_memory_crashed_disk(sys, seed, power_losses[seed % 2]);
        Arena arena = {0};
        char *bytes = NULL;
        size_t length = 0;
        assert_int_equal(sys_read_all(after, &arena, "hint", 10, &bytes, &length), OUTCOME_OK);
        old_count += strcmp(bytes, "old") == 0;
        assert_true(strcmp(bytes, "old") == 0 || strcmp(bytes, "new") == 0);
        arena_free(&arena);
        sys_memory_free(after);
    }
    assert_true(old_count > 0 && old_count < CRASH_SEEDS);
    sys_memory_free(sys);
}

// How often the second of two names survives without the first.
static uint32_t second_without_first(SysCrash crash) {
    Sys *sys = sys_memory_new(1);
    write_ok(sys, "first", "");
    write_ok(sys, "second", "");
    uint32_t count = 0;
    for (uint64_t seed = 0; seed < CRASH_SEEDS; seed++) {
        Sys *after = sys_memory_crashed_disk(sys, seed, crash);
        count += exists(after, "second") && !exists(after, "first");
        sys_memory_free(after);
    }
    sys_memory_free(sys);
    return count;
}

static void a_journal_keeps_the_order_of_names(void **state) {
    (void)state;
    assert_true(second_without_first(SYS_CRASH_STRICT) > 0);
    assert_int_equal(second_without_first(SYS_CRASH_ORDERED), 0);
}

static void made_directories_survive_even_those_of_a_run_that_died(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    assert_int_equal(sys_make_directories(sys, "whole"), OUTCOME_OK);
    for (uint64_t crash_at = 0; crash_at < 6; crash_at++) {
        Sys *first = sys_memory_crashed_disk(sys, 1, SYS_CRASH_KILL);
        sys_memory_crash_after(first, crash_at);
        (void)!sys_make_directories(first, "whole/a/b");
        Sys *second = sys_memory_process(first, 2);
        assert_int_equal(sys_make_directories(second, "whole/a/b"), OUTCOME_OK);
        for (uint64_t seed = 0; seed < 50; seed++) {
            Sys *after = sys_memory_crashed_disk(second, seed, SYS_CRASH_STRICT);
            assert_true(exists(after, "whole/a/b"));
            sys_memory_free(after);
        }
        sys_memory_free(second);
        sys_memory_free(first);
    }
    sys_memory_free(sys);
}

static void the_same_seed_gives_the_same_disk(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    for (char name[] = "a"; name[0] < 'k'; name[0]++) {
        assert_int_equal(sys_close(sys, file_of_20000(sys, name, name[0])), OUTCOME_OK);
    }
    Buffer dumps[3] = {{0}};
    static const uint64_t seeds[3] = {5, 5, 6};
    for (int i = 0; i < 3; i++) {
        Sys *after = sys_memory_crashed_disk(sys, seeds[i], SYS_CRASH_STRICT);
        sys_memory_dump(after, &dumps[i]);
        sys_memory_free(after);
    }
    assert_string_equal(buffer_cstring(&dumps[0]), buffer_cstring(&dumps[1]));
    assert_string_not_equal(buffer_cstring(&dumps[0]), buffer_cstring(&dumps[2]));
    for (int i = 0; i < 3; i++) {
        buffer_free(&dumps[i]);
    }
    sys_memory_free(sys);
}

static void hook_removes_parents(void *context) {
    assert_int_equal(sys_unlink(context, "a/b"), OUTCOME_OK);
    assert_int_equal(sys_unlink(context, "a"), OUTCOME_OK);
}

// Runs that share a directory remove it when it is empty, just when others begin to use it.
static void directories_are_made_although_another_removes_them(void **state) {
    (void)state;
    for (uint64_t at = 1; at <= 2; at++) {
        Sys *sys = sys_memory_new(1);
        Sys *other = sys_memory_process(sys, 2);
        assert_int_equal(sys_make_directories(other, "a/b"), OUTCOME_OK);
        sys_memory_hook(sys, at, hook_removes_parents, other);
        assert_int_equal(sys_make_directories(sys, "a/b/c"), OUTCOME_OK);
        assert_true(exists(sys, "a/b/c"));
        assert_int_equal(sys->failure.outcome, OUTCOME_OK);
        sys_memory_free(other);
        sys_memory_free(sys);
    }
}

static void hook_makes_a_file(void *context) {
    write_ok(context, "from the other", "");
}

static void another_process_can_act_in_between(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Sys *other = sys_memory_process(sys, 2);
    sys_memory_hook(sys, 2, hook_makes_a_file, other);
    assert_int_equal(sys_make_directory(sys, "a"), OUTCOME_OK);
    assert_false(exists(sys, "from the other"));
    assert_int_equal(sys_make_directory(sys, "b"), OUTCOME_OK);
    assert_true(exists(sys, "from the other"));
    sys_memory_free(other);
    sys_memory_free(sys);
}

// --- trying again -------------------------------------------------------------------------------

#define SECOND_US INT64_C(1000000)

static const SysRetry retry = {.times = 8,
                               .backoff_us = SECOND_US / 5,
                               .max_us = 2 * SECOND_US,
                               .jitter = SYS_JITTER_WHOLE / 5};

static int64_t elapsed_us(uint64_t seed, uint64_t busy, const SysRetry *how, Outcome want) {
    Sys *sys = sys_memory_new(seed);
    SysFile *file = NULL;
    write_ok(sys, "f", "text");
    sys_memory_hold_clock(sys, 0);
    sys_retry_set(sys, how);
    sys_memory_be_busy(sys, busy);
    Outcome outcome = sys_open(sys, "f", SYS_READ, &file);
    int64_t waited_us = sys_monotonic_us(sys);
    assert_int_equal(outcome, want);
    if (outcome == OUTCOME_OK) {
        assert_int_equal(sys->failure.outcome, OUTCOME_OK);
        assert_int_equal(sys_close(sys, file), OUTCOME_OK);
    } else {
        assert_non_null(strstr(sys->failure.text, "too many open files (tried 9 times)"));
    }
    sys_memory_free(sys);
    return waited_us;
}

static void assert_about(int64_t us, int64_t want_us) {
    assert_in_range(us, want_us * 8 / 10, want_us * 12 / 10);
}

static void what_may_pass_is_tried_again(void **state) {
    (void)state;
    assert_int_equal(elapsed_us(1, 0, &retry, OUTCOME_OK), 0);
    assert_about(elapsed_us(1, 1, &retry, OUTCOME_OK), SECOND_US / 5);
    assert_about(elapsed_us(1, 3, &retry, OUTCOME_OK), SECOND_US * 7 / 5);
    assert_about(elapsed_us(1, 8, &retry, OUTCOME_OK), SECOND_US * 11); // 2 seconds at most
    assert_about(elapsed_us(1, 9, &retry, OUTCOME_ENVIRONMENT), SECOND_US * 11);
    assert_int_equal(elapsed_us(7, 5, &retry, OUTCOME_OK), elapsed_us(7, 5, &retry, OUTCOME_OK));
    assert_int_not_equal(elapsed_us(7, 5, &retry, OUTCOME_OK),
                         elapsed_us(8, 5, &retry, OUTCOME_OK));
}

static void reading_listing_and_making_are_tried_again(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Arena arena = {0};
    SysEntry *entries;
    uint32_t count = 0;
    SysStat stat;
    SysFile *file;
    sys_retry_set(sys, &retry);
    sys_memory_be_busy(sys, 2);
    write_ok(sys, "f", "text"); // made anew
    sys_memory_be_busy(sys, 2);
    assert_content(sys, "f", "text");
    sys_memory_be_busy(sys, 2);
    assert_int_equal(sys_list(sys, &arena, "", &entries, &count), OUTCOME_OK);
    assert_int_equal(count, 1);
    sys_memory_be_busy(sys, 2);
    assert_int_equal(sys_stat(sys, "f", &stat), OUTCOME_OK);
    assert_true(stat.exists);
    sys_memory_fail_at(sys, 1, SYS_FAULT_SPACE);
    assert_int_equal(sys_open(sys, "g", SYS_CREATE_NEW, &file), OUTCOME_OK);
    assert_int_equal(sys_close(sys, file), OUTCOME_OK);
    arena_free(&arena);
    sys_memory_free(sys);
}

// What may have happened by half, and what a disk has lost.
static void nothing_else_is_tried_again(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    SysFile *file;
    sys_retry_set(sys, &retry);
    assert_int_equal(sys_open(sys, "f", SYS_CREATE_NEW, &file), OUTCOME_OK);
    sys_memory_fail_at(sys, 1, SYS_FAULT_SPACE);
    assert_int_equal(sys_append(sys, file, "x", 1), OUTCOME_ENVIRONMENT);
    sys_forgive(sys);
    assert_int_equal(sys_append(sys, file, "x", 1), OUTCOME_OK);
    sys_memory_fail_sync(sys, 1);
    assert_int_equal(sys_sync(sys, file), OUTCOME_ENVIRONMENT);
    assert_true(sys_is_poisoned(sys));
    sys_forgive(sys);
    (void)!sys_close(sys, file);
    sys_memory_free(sys);
    sys = sys_memory_new(1);
    sys_retry_set(sys, &retry);
    sys_memory_fail_at(sys, 1, SYS_FAULT_IO);
    assert_int_equal(sys_open(sys, "f", SYS_CREATE_NEW, &file), OUTCOME_ENVIRONMENT);
    assert_null(strstr(sys->failure.text, "tried"));
    sys_memory_free(sys);
}

static bool nobody_waits(void) {
    return true;
}

static void a_signal_ends_the_wait(void **state) {
    (void)state;
    SysRetry impatient = retry;
    Sys *sys = sys_memory_new(1);
    SysStat stat;
    impatient.is_over = nobody_waits;
    sys_memory_hold_clock(sys, 0);
    sys_retry_set(sys, &impatient);
    sys_memory_be_busy(sys, 1);
    assert_int_equal(sys_stat(sys, "f", &stat), OUTCOME_ENVIRONMENT);
    assert_true(sys_monotonic_us(sys) <= SECOND_US / 10);
    sys_memory_free(sys);
}

// The machine: who has no descriptor left waits until somebody gives one back.
static void the_machine_has_descriptors_again(void **state) {
    (void)state;
    Sys *sys = sys_posix_new(NULL);
    struct rlimit before;
    struct rlimit few;
    SysStat stat;
    SysFile *file;
    SysRetry quick = {.times = 2, .backoff_us = 1000, .max_us = 1000};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 0;
    sys_retry_set(sys, &quick);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    Outcome outcome = sys_open(sys, "/proc/self/exe", SYS_READ, &file);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(outcome, OUTCOME_ENVIRONMENT);
    assert_non_null(strstr(sys->failure.text, "(tried 3 times)"));
    sys_forgive(sys);
    assert_int_equal(sys_open(sys, "/there/is/none", SYS_READ, &file), OUTCOME_ENVIRONMENT);
    assert_null(strstr(sys->failure.text, "tried"));
    sys_forgive(sys);
    assert_int_equal(sys_stat(sys, "/", &stat), OUTCOME_OK);
    sys_posix_free(sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_hold_in_memory),
        cmocka_unit_test(the_rules_hold_on_the_machine),
        cmocka_unit_test(special_files_are_refused),
        cmocka_unit_test(what_cannot_be_written_out_is_told),
        cmocka_unit_test(new_files_are_not_for_everybody),
        cmocka_unit_test(directories_are_watched),
        cmocka_unit_test(a_root_that_is_not_there_is_said),
        cmocka_unit_test(a_failed_fsync_poisons),
        cmocka_unit_test(a_full_disk_does_not_poison),
        cmocka_unit_test(a_dead_process_does_nothing_and_gives_up_its_locks),
        cmocka_unit_test(unsynced_data_is_lost_kept_or_torn),
        cmocka_unit_test(a_durable_name_does_not_make_its_data_durable),
        cmocka_unit_test(a_kill_loses_nothing_and_a_later_power_loss_still_can),
        cmocka_unit_test(a_replacing_rename_leaves_the_old_or_the_new),
        cmocka_unit_test(a_journal_keeps_the_order_of_names),
        cmocka_unit_test(made_directories_survive_even_those_of_a_run_that_died),
        cmocka_unit_test(directories_are_made_although_another_removes_them),
        cmocka_unit_test(the_same_seed_gives_the_same_disk),
        cmocka_unit_test(another_process_can_act_in_between),
        cmocka_unit_test(what_may_pass_is_tried_again),
        cmocka_unit_test(reading_listing_and_making_are_tried_again),
        cmocka_unit_test(nothing_else_is_tried_again),
        cmocka_unit_test(a_signal_ends_the_wait),
        cmocka_unit_test(the_machine_has_descriptors_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
