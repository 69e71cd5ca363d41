// Goal: an epoch that is decided is committed exactly once, whatever dies and whoever wakes up
// late. Method: a run with one sink, crashed at every operation and woken on several legal disks,
// stopped at every operation while another run goes on, and faulted at every operation; the sink's
// files must then be what the decisions were. Also: every damaged byte of a manifest is noticed.
#include "checkpoint/checkpoint.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { DECISIONS_MAX = 64, TEXT_BYTES = 16, SLOT_BYTES_MAX = 4096 };

// --- a run --------------------------------------------------------------------------------------

typedef struct Decision {
    int64_t slot;
    char text[TEXT_BYTES];
} Decision;

// What checkpoint_decide has confirmed, over all runs.
typedef struct History {
    Decision decisions[DECISIONS_MAX];
    uint32_t count;
} History;

// Slots only grow: a decision below an earlier one is that of a run which nobody will ever read.
static void history_add(History *history, int64_t slot, const char *text) {
    for (uint32_t i = 0; i < history->count; i++) {
        assert_true(slot > history->decisions[i].slot);
    }
    assert_true(history->count < DECISIONS_MAX);
    Decision *decision = &history->decisions[history->count++];
    decision->slot = slot;
    snprintf(decision->text, sizeof(decision->text), "%s", text);
}

static Outcome out_check(Sys *sys, const char *path, const char *text, size_t length) {
    Arena arena = {0};
    char *bytes = NULL;
    size_t found = 0;
    Outcome outcome = sys_read_all(sys, &arena, path, 1000, &bytes, &found);
    if (outcome == OUTCOME_OK) {
        assert_int_equal(found, length);
        assert_memory_equal(bytes, text, length);
    }
    arena_free(&arena);
    return outcome;
}

// An idempotent sink: the file out/<slot>, put if absent.
static Outcome out_commit(Sys *sys, int64_t slot, const char *text, size_t length) {
    char temp[64];
    char path[64];
    uint64_t random = 0;
    sys_random(sys, &random, sizeof(random));
    snprintf(temp, sizeof(temp), "stage/%016llx", (unsigned long long)random);
    snprintf(path, sizeof(path), "out/%lld", (long long)slot);
    SysLink link = SYS_LINK_DONE;
    TRY(sys_write_new(sys, temp, text, length));
    TRY(sys_link(sys, temp, path, &link));
    if (link == SYS_LINK_EXISTS) {
        TRY(out_check(sys, path, text, length));
    }
    return sys_sync_directory(sys, "out");
}

static Outcome last_commit(Sys *sys, Checkpoint *checkpoint) {
    const CheckpointEpoch *last = checkpoint_last(checkpoint);
    assert_int_equal(last->outbox_count, 1);
    TRY(out_commit(sys, last->slot, last->outboxes[0].bytes, last->outboxes[0].length));
    return checkpoint_committed(checkpoint, last->slot);
}

static Outcome epoch_run(Sys *sys, Checkpoint *checkpoint, const char *text, History *history) {
    (void)sys;
    CheckpointOutbox outbox = {"sink", "files", text, strlen(text)};
    CheckpointEpoch epoch = {
        .slot = checkpoint_next_slot(checkpoint),
        .clock_us = checkpoint_clock(checkpoint),
        .plan_hash = "plan",
        .ledger_json = "{}",
        .positions = "end",
        .positions_length = 3,
        .outboxes = &outbox,
        .outbox_count = 1,
    };
    TRY(checkpoint_decide(checkpoint, &epoch));
    history_add(history, epoch.slot, text);
    return OUTCOME_OK;
}

static bool is_unfinished(const Checkpoint *checkpoint) {
    return checkpoint_last(checkpoint) != NULL && !checkpoint_last_is_committed(checkpoint);
}

static Outcome run_open(Sys *sys, Checkpoint *checkpoint, const char *text, History *history) {
    if (!is_unfinished(checkpoint)) {
        TRY(epoch_run(sys, checkpoint, text, history));
    }
    TRY(last_commit(sys, checkpoint));
    if (checkpoint_collect(checkpoint) != OUTCOME_OK) {
        sys_forgive(sys);
    }
    return OUTCOME_OK;
}

// As an engine does it: finishes what an earlier run has decided, or runs anew.
static Outcome run(Sys *sys, const char *text, History *history) {
    Checkpoint *checkpoint = NULL;
    TRY(checkpoint_open(sys, "cp", "orders", "plan", &checkpoint));
    Outcome outcome = run_open(sys, checkpoint, text, history);
    checkpoint_close(checkpoint);
    return outcome;
}

// --- what must hold -----------------------------------------------------------------------------

static bool out_is(Sys *sys, const Decision *decision) {
    char path[64];
    SysStat stat;
    snprintf(path, sizeof(path), "out/%lld", (long long)decision->slot);
    assert_int_equal(sys_stat(sys, path, &stat), OUTCOME_OK);
    if (stat.exists) {
        assert_int_equal(out_check(sys, path, decision->text, strlen(decision->text)), OUTCOME_OK);
    }
    return stat.exists;
}

// Each text at most once; with `is_final` every confirmed decision is there.
static void effects_check(Sys *sys, const History *history, bool is_final) {
    Arena arena = {0};
    SysEntry *entries = NULL;
    uint32_t count = 0;
    assert_int_equal(sys_list(sys, &arena, "out", &entries, &count), OUTCOME_OK);
    char *texts[DECISIONS_MAX];
    assert_true(count <= DECISIONS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        size_t length = 0;
        const char *path = arena_format(&arena, "out/%s", entries[i].name);
        assert_int_equal(sys_read_all(sys, &arena, path, 1000, &texts[i], &length), OUTCOME_OK);
        for (uint32_t j = 0; j < i; j++) {
            assert_string_not_equal(texts[i], texts[j]);
        }
    }
    for (uint32_t i = 0; i < history->count; i++) {
        assert_true(out_is(sys, &history->decisions[i]) || !is_final);
    }
    arena_free(&arena);
}

// The next run after whatever happened: it must succeed, and then all is well.
static void finish(Sys *disk, const History *history, bool ignores_locks) {
    Sys *sys = sys_memory_process(disk, 99);
    History after = *history;
    if (ignores_locks) {
        sys_memory_ignore_locks(sys);
    }
    Outcome outcome = run(sys, "last", &after);
    if (outcome != OUTCOME_OK) {
        fail_msg("the last run ended with %d: %s", (int)outcome, sys->failure.text);
    }
    effects_check(sys, &after, true);
    Checkpoint *checkpoint = NULL;
    assert_int_equal(checkpoint_open(sys, "cp", "orders", "plan", &checkpoint), OUTCOME_OK);
    assert_true(checkpoint_last_is_committed(checkpoint));
    checkpoint_close(checkpoint);
    sys_memory_free(sys);
}

// A disk on which `run_count` runs have ended well.
static Sys *disk_new(uint32_t run_count, History *history) {
    Sys *sys = sys_memory_new(run_count);
    assert_int_equal(sys_make_directories(sys, "out"), OUTCOME_OK);
    assert_int_equal(sys_make_directories(sys, "stage"), OUTCOME_OK);
    *history = (History){0};
    for (uint32_t i = 0; i < run_count; i++) {
        char text[TEXT_BYTES];
        snprintf(text, sizeof(text), "run %u", i);
        assert_int_equal(run(sys, text, history), OUTCOME_OK);
    }
    return sys;
}

static uint64_t operations_of_run(Sys *disk) {
    Sys *sys = sys_memory_crashed_disk(disk, 1, SYS_CRASH_KILL);
    History history = {0};
    assert_int_equal(run(sys, "dry", &history), OUTCOME_OK);
    uint64_t count = sys_memory_operations(sys);
    sys_memory_free(sys);
    return count;
}

// --- crashes ------------------------------------------------------------------------------------

static const SysCrash crash_of_seed[] = {
    SYS_CRASH_KILL, SYS_CRASH_STRICT, SYS_CRASH_ORDERED, SYS_CRASH_STRICT, SYS_CRASH_ORDERED};
enum { CRASH_SEEDS = 15 };

static SysCrash crash_at(uint64_t seed) {
    return crash_of_seed[seed % COUNT_OF(crash_of_seed)];
}

// The second run dies as well, somewhere.
static void crash_again(Sys *first, const History *history, uint64_t seed, uint64_t crash_after) {
    Sys *second = sys_memory_crashed_disk(first, seed, crash_at(seed));
    History seen = *history;
    effects_check(second, &seen, false);
    finish(second, &seen, false);
    sys_memory_free(second);
    second = sys_memory_crashed_disk(first, seed, crash_at(seed));
    sys_memory_crash_after(second, crash_after);
    (void)!run(second, "second", &seen);
    Sys *third = sys_memory_crashed_disk(second, seed + 7, crash_at(seed + 1));
    effects_check(third, &seen, false);
    finish(third, &seen, false);
    sys_memory_free(third);
    sys_memory_free(second);
}

static void crash_everywhere(uint32_t earlier_runs) {
    History earlier;
    Sys *disk = disk_new(earlier_runs, &earlier);
    uint64_t count = operations_of_run(disk);
    for (uint64_t at = 0; at <= count; at++) {
        Sys *first = sys_memory_crashed_disk(disk, at, SYS_CRASH_KILL);
        History history = earlier;
        sys_memory_crash_after(first, at);
        Outcome outcome = run(first, "first", &history);
        assert_true(outcome == OUTCOME_OK || (outcome == OUTCOME_ENVIRONMENT && at < count));
        for (uint64_t seed = 0; seed < CRASH_SEEDS; seed++) {
            crash_again(first, &history, seed, (at * 7 + seed * 5) % count);
        }
        sys_memory_free(first);
    }
    sys_memory_free(disk);
}

static void a_crash_anywhere_loses_and_doubles_nothing(void **state) {
    (void)state;
    crash_everywhere(0);
    crash_everywhere(1);
    crash_everywhere(5);
}

static void power_loss(Sys *killed, const History *history, uint64_t crash_after) {
    Sys *second = sys_memory_crashed_disk(killed, crash_after, SYS_CRASH_KILL);
    History seen = *history;
    sys_memory_crash_after(second, crash_after);
    (void)!run(second, "second", &seen);
    for (uint64_t seed = 0; seed < 8; seed++) {
        Sys *third = sys_memory_crashed_disk(second, seed, SYS_CRASH_STRICT);
        effects_check(third, &seen, false);
        finish(third, &seen, false);
        sys_memory_free(third);
    }
    sys_memory_free(second);
}

// The machine stays up when the first run dies and goes down with the second: what the second has
// read may not be durable.
static void a_power_loss_after_a_kill_loses_and_doubles_nothing(void **state) {
    (void)state;
    History earlier;
    Sys *disk = disk_new(1, &earlier);
    uint64_t count = operations_of_run(disk);
    for (uint64_t at = 0; at < count; at++) {
        Sys *first = sys_memory_crashed_disk(disk, at, SYS_CRASH_KILL);
        History history = earlier;
        sys_memory_crash_after(first, at);
        (void)!run(first, "first", &history);
        // Twelve operations reach beyond the OPEN of the second.
        for (uint64_t again = 0; again < 12; again++) {
            power_loss(first, &history, again);
        }
        sys_memory_free(first);
    }
    sys_memory_free(disk);
}

// --- two runs at once ---------------------------------------------------------------------------

typedef struct Rival {
    Sys *sys;
    History *history;
    Outcome outcome;
} Rival;

static void rival_run(void *context) {
    Rival *rival = context;
    rival->outcome = run(rival->sys, "rival", rival->history);
}

// A run that is stopped before its operation `at`, a whole other run (or a part), and on it goes.
// No lock helps.
static void rivals_meet(Sys *base, const History *earlier, uint64_t at, uint64_t crash_after) {
    Sys *sys = sys_memory_crashed_disk(base, at, SYS_CRASH_KILL);
    History history = *earlier;
    Rival rival = {sys_memory_process(sys, 7), &history, OUTCOME_OK};
    sys_memory_ignore_locks(sys);
    sys_memory_ignore_locks(rival.sys);
    sys_memory_crash_after(rival.sys, crash_after);
    sys_memory_hook(sys, at, rival_run, &rival);
    Outcome outcome = run(sys, "first", &history);
    if (outcome != OUTCOME_OK) {
        if (outcome != OUTCOME_FENCED) {
            fail_msg("woken at %d, rival to %d: %s", (int)at, (int)crash_after, sys->failure.text);
        }
        assert_int_equal(sys_unlink(sys, "out/2"), OUTCOME_ENVIRONMENT); // It must touch nothing.
    }
    if (!sys_memory_is_dead(rival.sys)) {
        assert_int_equal(rival.outcome, OUTCOME_OK);
    }
    for (uint64_t seed = 0; seed < 3; seed++) {
        Sys *after = sys_memory_crashed_disk(sys, seed, crash_at(seed));
        effects_check(after, &history, false);
        finish(after, &history, false);
        sys_memory_free(after);
    }
    sys_memory_free(rival.sys);
    sys_memory_free(sys);
}

static void a_run_that_wakes_late_is_fenced(void **state) {
    (void)state;
    for (uint32_t earlier_runs = 0; earlier_runs < 5; earlier_runs += 4) {
        History earlier;
        Sys *disk = disk_new(earlier_runs, &earlier);
        uint64_t count = operations_of_run(disk);
        for (uint64_t at = 1; at <= count; at++) {
            rivals_meet(disk, &earlier, at, 1000);
            for (uint64_t crash_after = at % 3; crash_after < count; crash_after += 3) {
                rivals_meet(disk, &earlier, at, crash_after);
            }
        }
        sys_memory_free(disk);
    }
}

static void many_runs(void *context) {
    Rival *rival = context;
    for (int i = 0; i < 8; i++) {
        char text[TEXT_BYTES];
        snprintf(text, sizeof(text), "rival %d", i);
        assert_int_equal(run(rival->sys, text, rival->history), OUTCOME_OK);
    }
}

// The slot that the sleeper wants is taken, used and collected before it wakes.
static void a_collected_slot_does_not_let_a_sleeper_in(void **state) {
    (void)state;
    History earlier;
    Sys *disk = disk_new(1, &earlier);
    uint64_t count = operations_of_run(disk);
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = sys_memory_crashed_disk(disk, at, SYS_CRASH_KILL);
        History history = earlier;
        Rival rival = {sys_memory_process(sys, 7), &history, OUTCOME_OK};
        sys_memory_ignore_locks(sys);
        sys_memory_ignore_locks(rival.sys);
        sys_memory_hook(sys, at, many_runs, &rival);
        Outcome outcome = run(sys, "sleeper", &history);
        if (outcome != OUTCOME_OK && outcome != OUTCOME_FENCED) {
            fail_msg("woken before operation %d: %s", (int)at, sys->failure.text);
        }
        finish(sys, &history, true);
        sys_memory_free(rival.sys);
        sys_memory_free(sys);
    }
    sys_memory_free(disk);
}

static void temps_remove(void *context) {
    Sys *sys = context;
    Arena arena = {0};
    SysEntry *entries = NULL;
    uint32_t count = 0;
    assert_int_equal(sys_list(sys, &arena, "cp/log", &entries, &count), OUTCOME_OK);
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].name[0] == '.') {
            const char *path = arena_format(&arena, "cp/log/%s", entries[i].name);
            assert_int_equal(sys_unlink(sys, path), OUTCOME_OK);
        }
    }
    arena_free(&arena);
}

// A fenced run's collection may still take the temp of the run that has fenced it.
static void a_temp_that_somebody_collects_is_written_again(void **state) {
    (void)state;
    History earlier;
    Sys *disk = disk_new(1, &earlier);
    uint64_t count = operations_of_run(disk);
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = sys_memory_crashed_disk(disk, at, SYS_CRASH_KILL);
        Sys *other = sys_memory_process(sys, 7);
        History history = earlier;
        sys_memory_hook(sys, at, temps_remove, other);
        assert_int_equal(run(sys, "first", &history), OUTCOME_OK);
        effects_check(sys, &history, true);
        sys_memory_free(other);
        sys_memory_free(sys);
    }
    sys_memory_free(disk);
}

static void a_second_start_is_sent_away_at_once(void **state) {
    (void)state;
    History history;
    Sys *first = disk_new(1, &history);
    Sys *second = sys_memory_process(first, 2);
    Checkpoint *checkpoint = NULL;
    Checkpoint *other = NULL;
    assert_int_equal(checkpoint_open(first, "cp", "orders", "plan", &checkpoint), OUTCOME_OK);
    Buffer before = {0};
    Buffer after = {0};
    sys_memory_dump(first, &before);
    assert_int_equal(checkpoint_open(second, "cp", "orders", "plan", &other), OUTCOME_FENCED);
    assert_non_null(strstr(second->failure.text, "E710"));
    sys_memory_dump(first, &after);
    assert_string_equal(buffer_cstring(&before), buffer_cstring(&after));
    checkpoint_close(checkpoint);
    sys_forgive(second);
    assert_int_equal(checkpoint_open(second, "cp", "orders", "plan", &other), OUTCOME_OK);
    checkpoint_close(other);
    buffer_free(&before);
    buffer_free(&after);
    sys_memory_free(second);
    sys_memory_free(first);
}

// --- faults -------------------------------------------------------------------------------------

static void fault_survive(Sys *sys, const History *earlier) {
    History history = *earlier;
    Outcome outcome = run(sys, "faulty", &history);
    assert_true(outcome == OUTCOME_OK || outcome == OUTCOME_ENVIRONMENT);
    for (uint64_t seed = 0; seed < 5; seed++) {
        Sys *after = sys_memory_crashed_disk(sys, seed, crash_at(seed));
        effects_check(after, &history, false);
        finish(after, &history, false);
        sys_memory_free(after);
    }
    sys_memory_free(sys);
}

static void a_fault_anywhere_loses_and_doubles_nothing(void **state) {
    (void)state;
    History earlier;
    Sys *disk = disk_new(4, &earlier);
    uint64_t count = operations_of_run(disk);
    for (uint64_t at = 1; at <= count; at++) {
        Sys *sys = sys_memory_crashed_disk(disk, at, SYS_CRASH_KILL);
        sys_memory_fail_at(sys, at, SYS_FAULT_IO);
        fault_survive(sys, &earlier);
        sys = sys_memory_crashed_disk(disk, at, SYS_CRASH_KILL);
        sys_memory_fail_at(sys, at, SYS_FAULT_SPACE);
        fault_survive(sys, &earlier);
        sys = sys_memory_crashed_disk(disk, at, SYS_CRASH_KILL);
        sys_memory_fail_sync(sys, at);
        fault_survive(sys, &earlier);
    }
    sys_memory_free(disk);
}

// --- damage -------------------------------------------------------------------------------------

// A disk with an epoch that is decided and not committed; its log is 4, 5 and (of a run that died
// right after) 6.
static Sys *disk_unfinished(void) {
    History history;
    Sys *sys = disk_new(1, &history);
    Checkpoint *checkpoint = NULL;
    assert_int_equal(checkpoint_open(sys, "cp", "orders", "plan", &checkpoint), OUTCOME_OK);
    assert_int_equal(epoch_run(sys, checkpoint, "open", &history), OUTCOME_OK);
    checkpoint_close(checkpoint);
    assert_int_equal(checkpoint_open(sys, "cp", "orders", "plan", &checkpoint), OUTCOME_OK);
    assert_true(is_unfinished(checkpoint));
    assert_int_equal(checkpoint_last(checkpoint)->slot, 5);
    checkpoint_close(checkpoint);
    return sys;
}

static const char epoch_file[] = "cp/log/00000000000000000005";
static const char open_file[] = "cp/log/00000000000000000006";

static char *file_read(Sys *sys, Arena *arena, const char *path, size_t *length) {
    char *bytes = NULL;
    assert_int_equal(sys_read_all(sys, arena, path, SLOT_BYTES_MAX, &bytes, length), OUTCOME_OK);
    return bytes;
}

static Outcome
open_with(Sys *disk, const char *path, const char *bytes, size_t length, Failure *failure) {
    Sys *sys = sys_memory_crashed_disk(disk, 1, SYS_CRASH_KILL);
    Checkpoint *checkpoint = NULL;
    sys_memory_put(sys, path, bytes, length);
    Outcome outcome = checkpoint_open(sys, "cp", "orders", "plan", &checkpoint);
    checkpoint_close(checkpoint);
    *failure = sys->failure;
    sys_memory_free(sys);
    return outcome;
}

static void damage_everywhere(Sys *disk, const char *path) {
    Arena arena = {0};
    Failure failure;
    size_t length = 0;
    char *bytes = file_read(disk, &arena, path, &length);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (char)(bytes[i] ^ (1 << (i % 8)));
        assert_int_equal(open_with(disk, path, bytes, length, &failure), OUTCOME_REFUSED);
        assert_non_null(strstr(failure.text, path));
        bytes[i] = (char)(bytes[i] ^ (1 << (i % 8)));
        assert_int_equal(open_with(disk, path, bytes, i, &failure), OUTCOME_REFUSED);
        assert_non_null(strstr(failure.text, "E702"));
    }
    assert_int_equal(open_with(disk, path, bytes, length, &failure), OUTCOME_OK);
    arena_free(&arena);
}

static void every_damaged_byte_is_noticed(void **state) {
    (void)state;
    Sys *disk = disk_unfinished();
    damage_everywhere(disk, epoch_file);
    damage_everywhere(disk, open_file);
    sys_memory_free(disk);
}

// Checksums as they should be over a body that is not: only the bounds of the reader protect it.
static void reseal(char *bytes, size_t length) {
    char *footer = bytes + length - 32;
    Hash128 hash = hash128(bytes + 64, length - 96);
    memcpy(footer, &hash, sizeof(hash));
    uint32_t crc = crc32c(0, footer, 24);
    memcpy(footer + 24, &crc, sizeof(crc));
}

static void a_body_that_makes_no_sense_is_refused(void **state) {
    (void)state;
    static const char masks[] = {1, 0x7F, (char)0x80, (char)0xFF};
    Sys *disk = disk_unfinished();
    assert_int_equal(sys_unlink(disk, open_file), OUTCOME_OK); // The epoch is the head.
    Arena arena = {0};
    Failure failure;
    size_t length = 0;
    uint32_t refused_count = 0;
    char *bytes = file_read(disk, &arena, epoch_file, &length);
    for (size_t i = 0; i < (length - 96) * COUNT_OF(masks); i++) {
        char *at = bytes + 64 + i / COUNT_OF(masks);
        char before = *at;
        *at = (char)(before ^ masks[i % COUNT_OF(masks)]);
        reseal(bytes, length);
        Outcome outcome = open_with(disk, epoch_file, bytes, length, &failure);
        assert_true(outcome == OUTCOME_OK || outcome == OUTCOME_REFUSED);
        refused_count += outcome == OUTCOME_REFUSED;
        *at = before;
    }
    assert_true(refused_count > 100);
    arena_free(&arena);
    sys_memory_free(disk);
}

static void a_missing_epoch_is_refused_and_not_run_again(void **state) {
    (void)state;
    Sys *disk = disk_unfinished();
    assert_int_equal(sys_unlink(disk, epoch_file), OUTCOME_OK);
    Checkpoint *checkpoint = NULL;
    assert_int_equal(checkpoint_open(disk, "cp", "orders", "plan", &checkpoint), OUTCOME_REFUSED);
    assert_non_null(strstr(disk->failure.text, epoch_file));
    sys_memory_free(disk);
}

static void damage_is_told_with_its_place(void **state) {
    (void)state;
    Sys *disk = disk_unfinished();
    Arena arena = {0};
    Failure failure;
    size_t length = 0;
    char *bytes = file_read(disk, &arena, open_file, &length);
    bytes[70] = (char)(bytes[70] ^ 1);
    assert_int_equal(open_with(disk, open_file, bytes, length, &failure), OUTCOME_REFUSED);
    char place[32];
    snprintf(place, sizeof(place), "at byte %zu", length - 32);
    assert_non_null(strstr(failure.text, place));
    arena_free(&arena);
    sys_memory_free(disk);
}

static void a_newer_version_is_not_guessed(void **state) {
    (void)state;
    Sys *disk = disk_unfinished();
    Arena arena = {0};
    Failure failure;
    size_t length = 0;
    char *bytes = file_read(disk, &arena, open_file, &length);
    bytes[8] = 2;
    uint32_t crc = crc32c(0, bytes, 60);
    memcpy(bytes + 60, &crc, sizeof(crc));
    assert_int_equal(open_with(disk, open_file, bytes, length, &failure), OUTCOME_REFUSED);
    assert_non_null(strstr(failure.text, "E701"));
    arena_free(&arena);
    sys_memory_free(disk);
}

// --- directories --------------------------------------------------------------------------------

static Outcome open_as(Sys *sys, const char *directory, const char *program) {
    Checkpoint *checkpoint = NULL;
    Outcome outcome = checkpoint_open(sys, directory, program, "plan", &checkpoint);
    checkpoint_close(checkpoint);
    return outcome;
}

static void the_directory_of_another_program_is_refused(void **state) {
    (void)state;
    History history;
    Sys *sys = disk_new(1, &history);
    assert_int_equal(open_as(sys, "cp", "returns"), OUTCOME_REFUSED);
    assert_non_null(strstr(sys->failure.text, "`orders`, not to `returns`"));
    sys_memory_free(sys);
}

static void a_directory_with_other_files_is_refused(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    sys_memory_put(sys, "data/orders.csv", "x", 1);
    assert_int_equal(open_as(sys, "data", "orders"), OUTCOME_REFUSED);
    assert_non_null(strstr(sys->failure.text, "orders.csv"));
    sys_memory_free(sys);
}

static void a_log_without_its_format_is_refused(void **state) {
    (void)state;
    Sys *sys = disk_unfinished();
    assert_int_equal(sys_unlink(sys, "cp/FORMAT"), OUTCOME_OK);
    assert_int_equal(open_as(sys, "cp", "orders"), OUTCOME_REFUSED);
    assert_non_null(strstr(sys->failure.text, "cp/FORMAT"));
    sys_memory_free(sys);
}

static void a_manifest_of_another_pipeline_is_refused(void **state) {
    (void)state;
    Sys *sys = disk_unfinished();
    Sys *other = sys_memory_new(1234);
    Arena arena = {0};
    size_t length = 0;
    assert_int_equal(open_as(other, "cp", "orders"), OUTCOME_OK);
    const char *bytes = file_read(sys, &arena, open_file, &length);
    sys_memory_put(other, open_file, bytes, length);
    assert_int_equal(open_as(other, "cp", "orders"), OUTCOME_REFUSED);
    assert_non_null(strstr(other->failure.text, "another pipeline"));
    arena_free(&arena);
    sys_memory_free(other);
    sys_memory_free(sys);
}

// --- what is kept -------------------------------------------------------------------------------

static void old_manifests_are_collected(void **state) {
    (void)state;
    History history;
    Sys *sys = disk_new(10, &history);
    sys_memory_put(sys, "cp/log/.tmp-0123456789abcdef", "x", 1);
    assert_int_equal(run(sys, "more", &history), OUTCOME_OK);
    Arena arena = {0};
    SysEntry *entries = NULL;
    uint32_t count = 0;
    assert_int_equal(sys_list(sys, &arena, "cp/log", &entries, &count), OUTCOME_OK);
    // Three epochs, two COMMITTED and two OPEN between them, and the last COMMITTED.
    assert_int_equal(count, 8);
    assert_string_equal(entries[0].name, "00000000000000000026");
    arena_free(&arena);
    sys_memory_free(sys);
}

static void an_epoch_comes_back_as_it_was_decided(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Checkpoint *checkpoint = NULL;
    assert_int_equal(checkpoint_open(sys, "a/b/cp", "orders", "plan 1", &checkpoint), OUTCOME_OK);
    assert_null(checkpoint_last(checkpoint));
    assert_int_equal(checkpoint_incarnation(checkpoint), 1);
    assert_int_equal(checkpoint_next_slot(checkpoint), 2);
    char uuid[37];
    snprintf(uuid, sizeof(uuid), "%s", checkpoint_uuid(checkpoint));
    const CheckpointOutbox outboxes[] = {{"daily", "delta", "a\0b", 3}, {"print", "stdout", "", 0}};
    const CheckpointRun runs[] = {{"flow/group", "ab-2-1-0.run", 123, 4, {5, 6}}};
    CheckpointEpoch epoch = {
        2, 1234567, "hash", "{\"in\":1}", "p\0q", 3, outboxes, 2, runs, 1, NULL};
    assert_int_equal(checkpoint_decide(checkpoint, &epoch), OUTCOME_OK);
    checkpoint_close(checkpoint);
    assert_int_equal(checkpoint_open(sys, "a/b/cp", "orders", "plan 2", &checkpoint), OUTCOME_OK);
    const CheckpointEpoch *last = checkpoint_last(checkpoint);
    assert_false(checkpoint_last_is_committed(checkpoint));
    assert_string_equal(checkpoint_uuid(checkpoint), uuid);
    assert_int_equal(last->slot, 2);
    assert_int_equal(last->clock_us, 1234567);
    assert_string_equal(last->plan_hash, "hash");
    assert_string_equal(last->ledger_json, "{\"in\":1}");
    assert_int_equal(last->positions_length, 3);
    assert_memory_equal(last->positions, "p\0q", 3);
    assert_int_equal(last->outbox_count, 2);
    assert_string_equal(last->outboxes[0].sink, "daily");
    assert_string_equal(last->outboxes[1].kind, "stdout");
    assert_int_equal(last->outboxes[0].length, 3);
    assert_memory_equal(last->outboxes[0].bytes, "a\0b", 3);
    assert_int_equal(last->run_count, 1);
    assert_string_equal(last->runs[0].operator_id, "flow/group");
    assert_string_equal(last->runs[0].name, "ab-2-1-0.run");
    assert_int_equal(last->runs[0].bytes, 123);
    assert_int_equal(last->runs[0].entries, 4);
    assert_int_equal(last->runs[0].hash.high, 6);
    checkpoint_close(checkpoint);
    sys_memory_free(sys);
}

static void the_clock_of_epochs_never_goes_back(void **state) {
    (void)state;
    History history;
    Sys *sys = disk_new(1, &history);
    Checkpoint *checkpoint = NULL;
    assert_int_equal(checkpoint_open(sys, "cp", "orders", "plan", &checkpoint), OUTCOME_OK);
    int64_t last_us = checkpoint_last(checkpoint)->clock_us;
    sys_memory_advance(sys, -3600000000);
    assert_int_equal(checkpoint_clock(checkpoint), last_us);
    sys_memory_advance(sys, 7200000000);
    assert_true(checkpoint_clock(checkpoint) > last_us);
    checkpoint_close(checkpoint);
    sys_memory_free(sys);
}

static void without_a_directory_nothing_is_written(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Checkpoint *checkpoint = NULL;
    History history = {0};
    assert_int_equal(checkpoint_open(sys, NULL, "orders", "plan", &checkpoint), OUTCOME_OK);
    assert_null(checkpoint_last(checkpoint));
    assert_int_equal(epoch_run(sys, checkpoint, "first", &history), OUTCOME_OK);
    assert_string_equal(checkpoint_last(checkpoint)->outboxes[0].bytes, "first");
    assert_false(checkpoint_last_is_committed(checkpoint));
    assert_int_equal(checkpoint_committed(checkpoint, history.decisions[0].slot), OUTCOME_OK);
    assert_true(checkpoint_last_is_committed(checkpoint));
    assert_int_equal(checkpoint_collect(checkpoint), OUTCOME_OK);
    checkpoint_close(checkpoint);
    assert_int_equal(sys_memory_operations(sys), 0);
    sys_memory_free(sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_comes_back_as_it_was_decided),
        cmocka_unit_test(without_a_directory_nothing_is_written),
        cmocka_unit_test(a_crash_anywhere_loses_and_doubles_nothing),
        cmocka_unit_test(a_power_loss_after_a_kill_loses_and_doubles_nothing),
        cmocka_unit_test(a_run_that_wakes_late_is_fenced),
        cmocka_unit_test(a_collected_slot_does_not_let_a_sleeper_in),
        cmocka_unit_test(a_temp_that_somebody_collects_is_written_again),
        cmocka_unit_test(a_second_start_is_sent_away_at_once),
        cmocka_unit_test(a_fault_anywhere_loses_and_doubles_nothing),
        cmocka_unit_test(every_damaged_byte_is_noticed),
        cmocka_unit_test(a_body_that_makes_no_sense_is_refused),
        cmocka_unit_test(a_missing_epoch_is_refused_and_not_run_again),
        cmocka_unit_test(damage_is_told_with_its_place),
        cmocka_unit_test(a_newer_version_is_not_guessed),
        cmocka_unit_test(the_directory_of_another_program_is_refused),
        cmocka_unit_test(a_directory_with_other_files_is_refused),
        cmocka_unit_test(a_log_without_its_format_is_refused),
        cmocka_unit_test(a_manifest_of_another_pipeline_is_refused),
        cmocka_unit_test(old_manifests_are_collected),
        cmocka_unit_test(the_clock_of_epochs_never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
