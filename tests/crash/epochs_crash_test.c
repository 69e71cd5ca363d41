// Goal: a run of several epochs that dies anywhere, between two of them too, leaves whole epochs;
// the next run goes on behind the last of them, and in the end each record is in each output once.
// Method: the shop, which keeps totals too, reads four files, an epoch each, on the in-memory disk,
// crashed at every operation that changes something, woken on disks that the crash may leave, or
// met by another run there. `epochs_crash_test N` wakes it on N disks instead of one.
#include "shop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FILES = 4, FILE_ROWS = 10, STATES_MIN = 500 };

static Sys *disk_new(void) {
    return sys_memory_new(1);
}

// The file has ids of its own, and a line that is no record.
static void file_put(Sys *sys, int number) {
    char path[32];
    Buffer text = {0};
    snprintf(path, sizeof(path), "in/%d.ndjson", number);
    for (int i = 0; i < FILE_ROWS; i++) {
        int id = number * FILE_ROWS + i;
        buffer_format(&text, "{\"id\":%d,\"kind\":\"%s\"}\n", id, i % 3 == 0 ? "odd" : "even");
    }
    buffer_text(&text, "{\"id\":\n");
    sys_memory_put(sys, path, text.data, text.length);
    buffer_free(&text);
}

static Sys *disk_with_files(void) {
    Sys *sys = disk_new();
    for (int i = 0; i < FILES; i++) {
        file_put(sys, i);
    }
    return sys;
}

// An epoch is over when its first file has been read.
static int run(Sys *sys) {
    FlowProgram program = shop_totals_program;
    program.trigger = FLOW_TRIGGER_AVAILABLE_NOW;
    program.checkpoint_interval_us = 0;
    EngineOptions options = {.checkpoint = "cp"};
    return engine_run(sys, &program, &options);
}

static void run_well(Sys *sys) {
    int status = run(sys);
    if (status != 0) {
        fail_msg("the run ends with %d: %s", status, sys->failure.text);
    }
}

// --- what is visible ----------------------------------------------------------------------------

static int64_t id_sum(int64_t rows) {
    return rows * (rows - 1) / 2;
}

static void expect_all(Sys *sys, int64_t files) {
    Visible seen = shop_visible(sys);
    assert_int_equal(seen.appended, files * FILE_ROWS);
    assert_int_equal(seen.appended_ids, id_sum(files * FILE_ROWS));
    assert_int_equal(seen.merged, files * FILE_ROWS);
    assert_int_equal(seen.merged_ids, id_sum(files * FILE_ROWS));
    assert_int_equal(seen.totalled, files * FILE_ROWS);
    assert_int_equal(seen.totalled_ids, id_sum(files * FILE_ROWS));
    assert_int_equal(seen.lines, files * FILE_ROWS);
    assert_int_equal(seen.rejected, files);
}

// Epochs come one after the other, each as a whole; outputs are one epoch apart at most.
static void expect_whole(Sys *sys) {
    Visible seen = shop_visible(sys);
    int64_t epochs[] = {
        seen.appended, seen.merged, seen.totalled, seen.lines, seen.rejected * FILE_ROWS};
    int64_t least = INT64_MAX;
    int64_t most = 0;
    for (size_t i = 0; i < COUNT_OF(epochs); i++) {
        assert_int_equal(epochs[i] % FILE_ROWS, 0);
        least = epochs[i] < least ? epochs[i] : least;
        most = epochs[i] > most ? epochs[i] : most;
    }
    assert_true(most - least <= FILE_ROWS);
    assert_int_equal(seen.appended_ids, id_sum(seen.appended));
    assert_int_equal(seen.merged_ids, id_sum(seen.merged));
    assert_int_equal(seen.totalled_ids, id_sum(seen.totalled));
}

// --- crashes ------------------------------------------------------------------------------------

static const SysCrash crashes[] = {
    SYS_CRASH_STRICT, SYS_CRASH_KILL, SYS_CRASH_ORDERED, SYS_CRASH_STRICT};
static uint64_t disks_per_crash = 1;

static uint64_t operations_of_run(void) {
    Sys *sys = disk_with_files();
    run_well(sys);
    expect_all(sys, FILES);
    uint64_t count = sys_memory_operations(sys);
    sys_memory_free(sys);
    return count;
}

// The rest is read, then nothing, then a file that came in the meantime.
static void wake(Sys *sys) {
    expect_whole(sys);
    run_well(sys);
    expect_all(sys, FILES);
    run_well(sys);
    expect_all(sys, FILES);
    file_put(sys, FILES);
    run_well(sys);
    expect_all(sys, FILES + 1);
}

static void a_run_goes_on_where_another_died(void **state) {
    (void)state;
    uint64_t count = operations_of_run();
    uint32_t state_count = 0;
    for (uint64_t at = 0; at < count; at++) {
        Sys *first = disk_with_files();
        sys_memory_crash_after(first, at);
        (void)run(first);
        for (uint64_t i = 0; i < disks_per_crash; i++) {
            uint64_t seed = at * disks_per_crash + i;
            Sys *after = sys_memory_crashed_disk(first, seed, crashes[seed % COUNT_OF(crashes)]);
            wake(after);
            sys_memory_free(after);
            state_count++;
        }
        sys_memory_free(first);
    }
    print_message("%u disks after %u crashes\n", state_count, (unsigned)count);
    assert_true(state_count >= STATES_MIN);
}

// One run after the other dies, each a little further on.
static void runs_may_die_again_and_again(void **state) {
    (void)state;
    for (uint64_t step = 3; step < 60; step++) {
        Sys *sys = disk_with_files();
        int status = 1;
        for (uint64_t dead = 0; status != 0; dead++) {
            Sys *next =
                sys_memory_crashed_disk(sys, dead, crashes[(step + dead) % COUNT_OF(crashes)]);
            sys_memory_free(sys);
            sys = next;
            expect_whole(sys);
            sys_memory_crash_after(sys, step + dead * 5);
            status = run(sys);
            status = sys_memory_is_dead(sys) ? 1 : status;
        }
        Sys *last = sys_memory_crashed_disk(sys, step, SYS_CRASH_STRICT);
        run_well(last);
        expect_all(last, FILES);
        sys_memory_free(last);
        sys_memory_free(sys);
    }
}

// What a run has reported as done is there after the power failed.
static void what_was_reported_survives_a_power_loss(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        Sys *sys = disk_with_files();
        run_well(sys);
        Sys *after = sys_memory_crashed_disk(sys, seed, SYS_CRASH_STRICT);
        expect_all(after, FILES);
        run_well(after);
        expect_all(after, FILES);
        sys_memory_free(after);
        sys_memory_free(sys);
    }
}

typedef struct Rival {
    Sys *sys;
    int status;
} Rival;

static void rival_run(void *context) {
    Rival *rival = context;
    rival->status = run(rival->sys);
}

// A run that is stopped anywhere while another one runs, and goes on: no lock helps. Whoever
// decides an epoch has read what the epoch before it had left.
static void two_runs_at_once_read_each_file_once(void **state) {
    (void)state;
    uint64_t count = operations_of_run();
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = disk_with_files();
        Rival rival = {sys_memory_process(sys, 2), 0};
        sys_memory_ignore_locks(sys);
        sys_memory_ignore_locks(rival.sys);
        sys_memory_hook(sys, at, rival_run, &rival);
        int status = run(sys);
        bool is_expected = status == 0 || status == OUTCOME_FENCED || status == OUTCOME_ENVIRONMENT;
        if (rival.status != 0 || !is_expected) {
            fail_msg("stopped at %u: %d, the other %d: %s",
                     (unsigned)at,
                     status,
                     rival.status,
                     sys->failure.text);
        }
        expect_all(rival.sys, FILES);
        sys_memory_free(rival.sys);
        sys_memory_free(sys);
    }
}

static void a_fault_is_said_and_the_next_run_goes_on(void **state) {
    (void)state;
    uint64_t count = operations_of_run();
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = disk_with_files();
        sys_memory_fail_at(sys, at, at % 2 == 0 ? SYS_FAULT_IO : SYS_FAULT_SPACE);
        int status = run(sys);
        assert_true(status == 0 || status == OUTCOME_ENVIRONMENT);
        assert_true(status == 0 || sys_memory_stream(sys, 2)->length > 0);
        Sys *after = sys_memory_crashed_disk(sys, at, crashes[at % COUNT_OF(crashes)]);
        expect_whole(after);
        run_well(after);
        expect_all(after, FILES);
        sys_memory_free(after);
        sys_memory_free(sys);
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && strtoull(argv[1], NULL, 10) > 0) {
        disks_per_crash = strtoull(argv[1], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_goes_on_where_another_died),
        cmocka_unit_test(runs_may_die_again_and_again),
        cmocka_unit_test(what_was_reported_survives_a_power_loss),
        cmocka_unit_test(two_runs_at_once_read_each_file_once),
        cmocka_unit_test(a_fault_is_said_and_the_next_run_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
