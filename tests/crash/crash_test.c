// Goal: a run of the whole engine that dies anywhere leaves nothing of an epoch visible or, per
// output, all of it; and with a checkpoint the next run leaves each row exactly once. Method: one
// program with every kind of durable output on the in-memory disk, crashed at every operation that
// changes something, woken on several disks that the crash may leave, or met by another run there.
// `crash_test N` wakes it on N disks instead of four.
#include "shop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 40, BAD_LINES = 3, STATES_MIN = 500, FILE_BYTES_MAX = 1 << 20 };

static Sys *disk_new(void) {
    Sys *sys = sys_memory_new(1);
    Buffer text[2] = {{0}};
    for (int i = 0; i < ROWS; i++) {
        buffer_format(
            &text[i % 2], "{\"id\":%d,\"kind\":\"%s\"}\n", i, i % 3 == 0 ? "odd" : "even");
    }
    for (int i = 0; i < BAD_LINES; i++) {
        buffer_format(&text[0], "{\"id\":%d,\"kind\"\n", i);
    }
    sys_memory_put(sys, "in/1.ndjson", text[0].data, text[0].length);
    sys_memory_put(sys, "in/2.ndjson", text[1].data, text[1].length);
    buffer_free(&text[0]);
    buffer_free(&text[1]);
    return sys;
}

static int run(Sys *sys, const char *checkpoint) {
    EngineOptions options = {.checkpoint = checkpoint};
    return engine_run(sys, &shop_program, &options);
}

// Whole epochs have all ids equally often.
static Visible whole_epochs(Sys *sys) {
    Visible seen = shop_visible(sys);
    assert_int_equal(seen.appended_ids * 2, seen.appended * (ROWS - 1));
    assert_int_equal(seen.merged_ids * 2, seen.merged * (ROWS - 1));
    return seen;
}

static void
expect(Visible seen, int64_t appended, int64_t merged, int64_t lines, int64_t rejected) {
    assert_int_equal(seen.appended, appended * ROWS);
    assert_int_equal(seen.merged, merged * ROWS);
    assert_int_equal(seen.lines, lines * ROWS);
    assert_int_equal(seen.rejected, rejected * BAD_LINES);
}

// Nothing or the whole epoch, output by output.
static void expect_whole(Visible seen) {
    assert_true(seen.appended == 0 || seen.appended == ROWS);
    assert_true(seen.merged == 0 || seen.merged == ROWS);
    assert_true(seen.lines == 0 || seen.lines == ROWS);
    assert_true(seen.rejected == 0 || seen.rejected == BAD_LINES);
}

// --- crashes ------------------------------------------------------------------------------------

static const SysCrash crashes[] = {
    SYS_CRASH_KILL, SYS_CRASH_STRICT, SYS_CRASH_ORDERED, SYS_CRASH_STRICT};
static uint64_t disks_per_crash = COUNT_OF(crashes);

static SysCrash crash_of(uint64_t seed) {
    return crashes[seed % COUNT_OF(crashes)];
}

static uint64_t operations_of_run(const char *checkpoint) {
    Sys *sys = disk_new();
    int status = run(sys, checkpoint);
    if (status != 0) {
        fail_msg("a run without a crash ends with %d: %s", status, sys->failure.text);
    }
    expect(whole_epochs(sys), 1, 1, 1, 1);
    uint64_t count = sys_memory_operations(sys);
    sys_memory_free(sys);
    return count;
}

static void run_again(Sys *sys, const char *checkpoint) {
    int status = run(sys, checkpoint);
    if (status != 0) {
        fail_msg("the run after a crash ends with %d: %s", status, sys->failure.text);
    }
}

// Without a checkpoint the second run knows nothing of the first: it appends once more.
static void wake_without_checkpoint(Sys *sys) {
    Visible before = whole_epochs(sys);
    expect_whole(before);
    run_again(sys, NULL);
    expect(whole_epochs(sys),
           before.appended / ROWS + 1,
           1,
           before.lines / ROWS + 1,
           before.rejected / BAD_LINES + 1);
}

// Whether the run that died had marked its epoch as committed: then it was complete, though nobody
// heard of it. Asked on a copy, because asking takes a slot.
static bool is_complete(Sys *sys) {
    Sys *copy = sys_memory_crashed_disk(sys, 1, SYS_CRASH_KILL);
    Checkpoint *checkpoint = NULL;
    Outcome outcome =
        checkpoint_open(copy, "cp", shop_program.name, shop_program.plan_hash, &checkpoint);
    if (outcome != OUTCOME_OK) {
        fail_msg("the checkpoint cannot be opened: %s", copy->failure.text);
    }
    bool is_marked =
        checkpoint_last(checkpoint) != NULL && checkpoint_last_is_committed(checkpoint);
    checkpoint_close(checkpoint);
    sys_memory_free(copy);
    return is_marked;
}

// With one it finishes what was decided, or starts from nothing; after that, a run is a new run.
static void wake_with_checkpoint(Sys *sys) {
    expect_whole(whole_epochs(sys));
    if (!is_complete(sys)) {
        run_again(sys, "cp");
    }
    expect(whole_epochs(sys), 1, 1, 1, 1);
    run_again(sys, "cp");
    expect(whole_epochs(sys), 2, 1, 2, 2);
}

static void crash_everywhere(const char *checkpoint) {
    uint64_t count = operations_of_run(checkpoint);
    uint32_t state_count = 0;
    for (uint64_t at = 0; at < count; at++) {
        Sys *first = disk_new();
        sys_memory_crash_after(first, at);
        (void)run(first, checkpoint);
        for (uint64_t i = 0; i < disks_per_crash; i++) {
            Sys *after = sys_memory_crashed_disk(first, at * disks_per_crash + i, crash_of(i));
            if (checkpoint == NULL) {
                wake_without_checkpoint(after);
            } else {
                wake_with_checkpoint(after);
            }
            state_count++;
            sys_memory_free(after);
        }
        sys_memory_free(first);
    }
    print_message("%u disks after %u crashes\n", state_count, (unsigned)count);
    assert_true(state_count >= STATES_MIN);
}

static void a_crash_leaves_nothing_or_all(void **state) {
    (void)state;
    crash_everywhere(NULL);
}

static void with_a_checkpoint_the_next_run_finishes(void **state) {
    (void)state;
    crash_everywhere("cp");
}

// The second run dies as well, somewhere in what it finishes or runs anew.
static void the_run_that_finishes_may_die_too(void **state) {
    (void)state;
    uint64_t count = operations_of_run("cp");
    uint64_t step = 160 / disks_per_crash + 1; // thousands of pairs: a sample of them
    for (uint64_t at = 0; at < count; at++) {
        Sys *first = disk_new();
        sys_memory_crash_after(first, at);
        (void)run(first, "cp");
        for (uint64_t again = at * 7 % step; again < count; again += step) {
            Sys *second = sys_memory_crashed_disk(first, again, crash_of(again));
            sys_memory_crash_after(second, again);
            bool was_complete = is_complete(second);
            (void)run(second, "cp");
            Sys *third = sys_memory_crashed_disk(second, at, crash_of(again / 7));
            if (!was_complete) {
                wake_with_checkpoint(third);
            }
            sys_memory_free(third);
            sys_memory_free(second);
        }
        sys_memory_free(first);
    }
}

// The first is killed, its machine stays up; the second ends well; then the power fails. What a run
// has reported as done must be there, also what an earlier run had done without being sure of it.
static void what_was_reported_survives_a_power_loss(void **state) {
    (void)state;
    uint64_t count = operations_of_run("cp");
    for (uint64_t at = 0; at < count; at++) {
        Sys *first = disk_new();
        sys_memory_crash_after(first, at);
        (void)run(first, "cp");
        Sys *second = sys_memory_crashed_disk(first, at, SYS_CRASH_KILL);
        if (!is_complete(second)) {
            run_again(second, "cp");
        }
        for (uint64_t seed = 0; seed < disks_per_crash; seed++) {
            Sys *after = sys_memory_crashed_disk(second, seed, SYS_CRASH_STRICT);
            expect(whole_epochs(after), 1, 1, 1, 1);
            sys_memory_free(after);
        }
        sys_memory_free(second);
        sys_memory_free(first);
    }
}

typedef struct Rival {
    Sys *sys;
    int status;
} Rival;

static void rival_run(void *context) {
    Rival *rival = context;
    rival->status = run(rival->sys, "cp");
}

// The log keeps the manifests of the last epochs; byte 72 is the type, 2 an EPOCH.
static int64_t decided_epochs(Sys *sys) {
    Arena arena = {0};
    SysEntry *entries = NULL;
    uint32_t count = 0;
    int64_t epoch_count = 0;
    assert_int_equal(sys_list(sys, &arena, "cp/log", &entries, &count), OUTCOME_OK);
    for (uint32_t i = 0; i < count; i++) {
        char *bytes = NULL;
        size_t length = 0;
        const char *path = arena_format(&arena, "cp/log/%s", entries[i].name);
        assert_int_equal(sys_read_all(sys, &arena, path, FILE_BYTES_MAX, &bytes, &length),
                         OUTCOME_OK);
        epoch_count += entries[i].name[0] != '.' && bytes[72] == 2;
    }
    arena_free(&arena);
    return epoch_count;
}

// A run that is stopped anywhere while another one runs, and goes on: no lock helps. Either both
// are runs of their own, one before the other, or the one that was stopped is fenced.
static void two_runs_at_once_are_two_runs_or_one(void **state) {
    (void)state;
    uint64_t count = operations_of_run("cp");
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = disk_new();
        Rival rival = {sys_memory_process(sys, 2), 0};
        sys_memory_ignore_locks(sys);
        sys_memory_ignore_locks(rival.sys);
        sys_memory_hook(sys, at, rival_run, &rival);
        int status = run(sys, "cp");
        bool is_expected = status == 0 || status == OUTCOME_FENCED || status == OUTCOME_ENVIRONMENT;
        if (rival.status != 0 || !is_expected) {
            fail_msg("stopped at %u: %d, the other %d: %s",
                     (unsigned)at,
                     status,
                     rival.status,
                     sys->failure.text);
        }
        int64_t times = decided_epochs(rival.sys);
        assert_true(times == 2 || (times == 1 && status != 0));
        expect(whole_epochs(rival.sys), times, 1, times, times);
        sys_memory_free(rival.sys);
        sys_memory_free(sys);
    }
}

static void a_fault_is_said_and_leaves_nothing_or_all(void **state) {
    (void)state;
    uint64_t count = operations_of_run("cp");
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = disk_new();
        sys_memory_fail_at(sys, at, at % 2 == 0 ? SYS_FAULT_IO : SYS_FAULT_SPACE);
        int status = run(sys, "cp");
        assert_true(status == 0 || status == OUTCOME_ENVIRONMENT);
        assert_true(status == 0 || sys_memory_stream(sys, 2)->length > 0);
        Sys *after = sys_memory_crashed_disk(sys, at, crash_of(at));
        if (status != 0) {
            wake_with_checkpoint(after);
        }
        sys_memory_free(after);
        sys_memory_free(sys);
    }
}

static void be_busy(void *context) {
    sys_memory_be_busy(context, 3);
}

// Too many open files, wherever it happens: the run waits, and its outputs are whole.
static void what_may_pass_only_delays_a_run(void **state) {
    (void)state;
    FlowProgram program = shop_program;
    EngineOptions options = {.checkpoint = "cp"};
    program.retry_times = 4;
    program.retry_backoff_us = 1000;
    program.retry_max_us = 100000;
    uint64_t count = operations_of_run("cp");
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = disk_new();
        sys_memory_hook(sys, at, be_busy, sys);
        if (engine_run(sys, &program, &options) != 0) {
            fail_msg("busy at %u: %s", (unsigned)at, sys->failure.text);
        }
        expect(whole_epochs(sys), 1, 1, 1, 1);
        sys_memory_free(sys);
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && strtoull(argv[1], NULL, 10) > 0) {
        disks_per_crash = strtoull(argv[1], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_leaves_nothing_or_all),
        cmocka_unit_test(with_a_checkpoint_the_next_run_finishes),
        cmocka_unit_test(the_run_that_finishes_may_die_too),
        cmocka_unit_test(what_was_reported_survives_a_power_loss),
        cmocka_unit_test(two_runs_at_once_are_two_runs_or_one),
        cmocka_unit_test(a_fault_is_said_and_leaves_nothing_or_all),
        cmocka_unit_test(what_may_pass_only_delays_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
