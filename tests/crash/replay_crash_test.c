// Goal: rejected records that are sent again are in each output once and marked in the DLQ, or in
// none and not marked, whatever dies: what commits the tables marks the rows. Method: the shop
// rejects records with a field too many; a program that allows for it sends them again on the
// in-memory disk, crashed at every operation that changes something, woken on disks that the crash
// may leave by another replay or by a run, or met by another replay there.
// `replay_crash_test N` wakes it on N disks instead of one.
#include "dlq/dlq.h"
#include "shop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 20, ODD_RECORDS = 3, STATES_MIN = 150 };

static Sys *disk_new(void) {
    Sys *sys = sys_memory_new(1);
    Buffer text = {0};
    for (int i = 0; i < ROWS; i++) {
        buffer_format(&text, "{\"id\":%d,\"kind\":\"%s\"}\n", i, i % 3 == 0 ? "odd" : "even");
    }
    for (int i = ROWS; i < ROWS + ODD_RECORDS; i++) {
        buffer_format(&text, "{\"id\":%d,\"kind\":\"odd\",\"more\":1}\n", i);
    }
    buffer_text(&text, "{\"id\":\n"); // no program can read this
    sys_memory_put(sys, "in/1.ndjson", text.data, text.length);
    buffer_free(&text);
    return sys;
}

static int run(Sys *sys, const char *checkpoint, FlowUnknown on_unknown) {
    FlowSource source = shop_program.sources[0];
    FlowProgram program = shop_program;
    source.on_unknown = (int32_t)on_unknown;
    program.sources = &source;
    EngineOptions options = {.checkpoint = checkpoint};
    return engine_run(sys, &program, &options);
}

static int replay(Sys *sys, const char *checkpoint) {
    static const EngineReplaySource sources[] = {
        {.name = "orders", .flows = ",first,second,third,"}};
    EngineReplay how = {.dlq = "lake/dlq", .sources = sources, .source_count = COUNT_OF(sources)};
    FlowProgram program = shop_program;
    EngineOptions options = {.checkpoint = checkpoint, .replay = &how};
    int status = engine_run(sys, &program, &options);
    arena_free(&how.arena);
    return status;
}

static void replay_well(Sys *sys, const char *checkpoint) {
    int status = replay(sys, checkpoint);
    if (status != 0) {
        fail_msg("the replay ends with %d: %s", status, sys->failure.text);
    }
}

static Sys *disk_with_rejections(const char *checkpoint) {
    Sys *sys = disk_new();
    assert_int_equal(run(sys, checkpoint, FLOW_UNKNOWN_REJECT), 0);
    return sys;
}

// --- what is visible ----------------------------------------------------------------------------

typedef struct Marks {
    int64_t replayed;
    int64_t waiting;
    int64_t attempts_of_waiting;
} Marks;

static Marks marks_of(Sys *sys) {
    Marks marks = {0};
    DlqReader *reader;
    DlqRow row;
    bool has_row = true;
    if (dlq_reader_open(sys, "lake/dlq", true, &reader) != OUTCOME_OK) {
        fail_msg("the DLQ cannot be read: %s", sys->failure.text);
    }
    assert_int_equal(dlq_reader_next(reader, &row, &has_row), OUTCOME_OK);
    while (has_row) {
        bool is_replayed = !row.cells[DLQ_REPLAYED_AT].is_null;
        int64_t attempts = row.cells[DLQ_ATTEMPTS].value.i64;
        marks.replayed += is_replayed;
        marks.waiting += !is_replayed;
        marks.attempts_of_waiting += is_replayed ? 0 : attempts;
        assert_true(!is_replayed || attempts >= 2);
        assert_int_equal(dlq_reader_next(reader, &row, &has_row), OUTCOME_OK);
    }
    dlq_reader_close(reader);
    return marks;
}

static int64_t id_sum(int64_t rows) {
    return rows * (rows - 1) / 2;
}

static void expect_replayed(Sys *sys) {
    Visible seen = shop_visible(sys);
    Marks marks = marks_of(sys);
    assert_int_equal(seen.appended, ROWS + ODD_RECORDS);
    assert_int_equal(seen.appended_ids, id_sum(ROWS + ODD_RECORDS));
    assert_int_equal(seen.merged, ROWS + ODD_RECORDS);
    assert_int_equal(seen.merged_ids, id_sum(ROWS + ODD_RECORDS));
    assert_int_equal(seen.lines, ROWS + ODD_RECORDS);
    assert_int_equal(marks.replayed, ODD_RECORDS);
    assert_int_equal(marks.waiting, 1);
    assert_true(marks.attempts_of_waiting >= 2);
}

// Of each output nothing or all.
static void expect_whole(Sys *sys) {
    Visible seen = shop_visible(sys);
    Marks marks = marks_of(sys);
    int64_t outputs[] = {seen.appended, seen.merged, seen.lines};
    for (size_t i = 0; i < COUNT_OF(outputs); i++) {
        assert_true(outputs[i] == ROWS || outputs[i] == ROWS + ODD_RECORDS);
    }
    assert_int_equal(marks.replayed + marks.waiting, ODD_RECORDS + 1);
    assert_true(marks.replayed == 0 || marks.replayed == ODD_RECORDS);
}

// --- crashes ------------------------------------------------------------------------------------

static const SysCrash crashes[] = {
    SYS_CRASH_KILL, SYS_CRASH_STRICT, SYS_CRASH_ORDERED, SYS_CRASH_STRICT};
static uint64_t disks_per_crash = 1;

static SysCrash crash_of(uint64_t seed) {
    return crashes[seed % COUNT_OF(crashes)];
}

static uint64_t operations_of_replay(const char *checkpoint) {
    Sys *sys = disk_with_rejections(checkpoint);
    uint64_t before = sys_memory_operations(sys);
    replay_well(sys, checkpoint);
    expect_replayed(sys);
    uint64_t count = sys_memory_operations(sys) - before;
    sys_memory_free(sys);
    return count;
}

static void crash_everywhere(const char *checkpoint) {
    uint64_t count = operations_of_replay(checkpoint);
    uint32_t state_count = 0;
    for (uint64_t at = 0; at < count; at++) {
        Sys *first = disk_with_rejections(checkpoint);
        sys_memory_crash_after(first, at);
        (void)replay(first, checkpoint);
        for (uint64_t i = 0; i < disks_per_crash; i++) {
            uint64_t seed = at * disks_per_crash + i;
            Sys *after = sys_memory_crashed_disk(first, seed, crash_of(seed));
            expect_whole(after);
            replay_well(after, checkpoint);
            expect_replayed(after);
            replay_well(after, checkpoint);
            expect_replayed(after);
            sys_memory_free(after);
            state_count++;
        }
        sys_memory_free(first);
    }
    print_message("%u disks after %u crashes\n", state_count, (unsigned)count);
    assert_true(state_count >= STATES_MIN);
}

static void the_next_replay_finishes(void **state) {
    (void)state;
    crash_everywhere("cp");
}

static void a_replay_without_a_checkpoint_has_its_own(void **state) {
    (void)state;
    crash_everywhere(NULL);
}

// A run with the checkpoint finishes the replay, and then does what it was started for.
static void a_run_finishes_a_replay_and_goes_on(void **state) {
    (void)state;
    uint64_t count = operations_of_replay("cp");
    for (uint64_t at = 0; at < count; at++) {
        Sys *first = disk_with_rejections("cp");
        sys_memory_crash_after(first, at);
        (void)replay(first, "cp");
        Sys *after = sys_memory_crashed_disk(first, at, crash_of(at));
        assert_int_equal(run(after, "cp", FLOW_UNKNOWN_IGNORE), 0);
        replay_well(after, "cp");
        Visible seen = shop_visible(after);
        assert_int_equal(seen.appended, 2 * (ROWS + ODD_RECORDS));
        assert_int_equal(seen.appended_ids, 2 * id_sum(ROWS + ODD_RECORDS));
        assert_int_equal(seen.merged, ROWS + ODD_RECORDS);
        assert_int_equal(seen.lines, 2 * (ROWS + ODD_RECORDS));
        assert_int_equal(marks_of(after).replayed, ODD_RECORDS);
        sys_memory_free(after);
        sys_memory_free(first);
    }
}

// And the other way around: a replay finds a run that was decided, and finishes it first.
static void a_replay_finishes_a_run_and_goes_on(void **state) {
    (void)state;
    Sys *whole = disk_with_rejections("cp");
    uint64_t count = sys_memory_operations(whole);
    sys_memory_free(whole);
    for (uint64_t at = count / 2; at < count; at++) {
        Sys *first = disk_new();
        sys_memory_crash_after(first, at);
        (void)run(first, "cp", FLOW_UNKNOWN_REJECT);
        Sys *after = sys_memory_crashed_disk(first, at, SYS_CRASH_KILL);
        DeltaTable *dlq = NULL;
        assert_int_equal(delta_open(after, "lake/dlq", DELTA_LATEST, &dlq), OUTCOME_OK);
        if (dlq != NULL) { // else there is nothing to send
            replay_well(after, "cp");
            expect_replayed(after);
        }
        delta_close(dlq);
        sys_memory_free(after);
        sys_memory_free(first);
    }
}

// Another writer's rows come in between: the marks are worked out anew, and its rows stay.
static void rows_that_come_in_between_stay(void **state) {
    (void)state;
    uint64_t count = operations_of_replay("cp");
    for (uint64_t at = 0; at < count; at++) {
        Sys *first = disk_with_rejections("cp");
        sys_memory_crash_after(first, at);
        (void)replay(first, "cp");
        Sys *after = sys_memory_crashed_disk(first, at, SYS_CRASH_KILL);
        DlqOptions options = {.path = "lake/dlq", .pipeline = "other", .writer_id = "other"};
        DlqRecord record = {.position = 1, .code = "X", .message = "m"};
        int64_t version = 0;
        Dlq *dlq = dlq_new(after, &options);
        assert_int_equal(dlq_add(dlq, &record), OUTCOME_OK);
        assert_int_equal(dlq_finish(dlq), OUTCOME_OK);
        assert_int_equal(delta_write_prepare(dlq_write(dlq)), OUTCOME_OK);
        assert_int_equal(delta_write_commit(dlq_write(dlq), &version), OUTCOME_OK);
        dlq_free(dlq);
        replay_well(after, "cp");
        Marks marks = marks_of(after);
        assert_int_equal(marks.replayed, ODD_RECORDS);
        assert_int_equal(marks.waiting, 2);
        assert_int_equal(shop_visible(after).appended_ids, id_sum(ROWS + ODD_RECORDS));
        sys_memory_free(after);
        sys_memory_free(first);
    }
}

typedef struct Rival {
    Sys *sys;
    int status;
} Rival;

static void rival_replay(void *context) {
    Rival *rival = context;
    rival->status = replay(rival->sys, "cp");
}

// A replay that is stopped anywhere while another one runs, and goes on: no lock helps.
static void two_replays_at_once_send_each_record_once(void **state) {
    (void)state;
    uint64_t count = operations_of_replay("cp");
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = disk_with_rejections("cp");
        Rival rival = {sys_memory_process(sys, 2), 0};
        sys_memory_ignore_locks(sys);
        sys_memory_ignore_locks(rival.sys);
        sys_memory_hook(sys, at, rival_replay, &rival);
        int status = replay(sys, "cp");
        bool is_expected = status == 0 || status == OUTCOME_FENCED || status == OUTCOME_ENVIRONMENT;
        if (rival.status != 0 || !is_expected) {
            fail_msg("stopped at %u: %d, the other %d: %s",
                     (unsigned)at,
                     status,
                     rival.status,
                     sys->failure.text);
        }
        expect_replayed(rival.sys);
        sys_memory_free(rival.sys);
        sys_memory_free(sys);
    }
}

static void a_fault_is_said_and_the_next_replay_goes_on(void **state) {
    (void)state;
    uint64_t count = operations_of_replay("cp");
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = disk_with_rejections("cp");
        sys_memory_fail_at(sys, at, at % 2 == 0 ? SYS_FAULT_IO : SYS_FAULT_SPACE);
        int status = replay(sys, "cp");
        assert_true(status == 0 || status == OUTCOME_ENVIRONMENT);
        Sys *after = sys_memory_crashed_disk(sys, at, crash_of(at));
        expect_whole(after);
        replay_well(after, "cp");
        expect_replayed(after);
        sys_memory_free(after);
        sys_memory_free(sys);
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && strtoull(argv[1], NULL, 10) > 0) {
        disks_per_crash = strtoull(argv[1], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_replay_finishes),
        cmocka_unit_test(a_replay_without_a_checkpoint_has_its_own),
        cmocka_unit_test(a_run_finishes_a_replay_and_goes_on),
        cmocka_unit_test(a_replay_finishes_a_run_and_goes_on),
        cmocka_unit_test(rows_that_come_in_between_stay),
        cmocka_unit_test(two_replays_at_once_send_each_record_once),
        cmocka_unit_test(a_fault_is_said_and_the_next_replay_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
