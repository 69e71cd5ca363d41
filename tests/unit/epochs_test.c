// Goal: where one epoch follows another, each file is read once, each epoch at its time, and a run
// ends when it should and does not grow. Method: one hand-made program (a source of files, a table,
// files, a DLQ) on the in-memory disk with a clock that only moves while somebody waits; what the
// test does while the run waits, or while it reads, is a hook. Only what memory a run takes is
// measured on the real machine.
#include "engine/engine.h"
#include "store/store.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#else
#include <malloc.h>
#endif

#define SECOND_US INT64_C(1000000)
#define START_US (INT64_C(1767225600) * SECOND_US)

// --- the program: flow all { from orders  append into … } ----------------------------------------

static const FlowTypeDesc type_id = {.kind = FLOW_INT64};
static const FlowColumnDesc columns[] = {{.name = "id", .type = &type_id, .is_used = 1}};
static const FlowSetting path_in = {.text = "in/**/*.ndjson", .param = -1};
static const FlowSetting path_table = {.text = "lake/all", .param = -1};
static const FlowSetting path_out = {.text = "out", .param = -1};

static FlowSource source = {
    .name = "orders",
    .path = &path_in,
    .format = FLOW_FORMAT_NDJSON,
    .csv_null = "",
    .event_time = FLOW_NO_INDEX,
    .columns = columns,
    .columns_count = 1,
};

static const FlowTable table = {.name = "all",
                                .path = &path_table,
                                .columns = columns,
                                .columns_count = 1,
                                .event_time = FLOW_NO_INDEX};

static const FlowSink sinks[] = {
    {.name = "all",
     .kind = FLOW_SINK_TABLE_APPEND,
     .table = 0,
     .columns = columns,
     .columns_count = 1,
     .operator_id = "all/append"},
    {.name = "files",
     .kind = FLOW_SINK_FILES,
     .table = FLOW_NO_INDEX,
     .path = &path_out,
     .format = FLOW_FORMAT_NDJSON,
     .columns = columns,
     .columns_count = 1,
     .operator_id = "all/files"},
};

static const FlowFlow flows[] = {{.name = "all"}};

static void (*during_a_batch)(void); // NULL: nothing happens

static int32_t pipeline_run(struct FlowContext *ctx, struct FlowBatch *batch) {
    static const int32_t slots[] = {0};
    int64_t *counters = ctx->counters;
    counters[FLOW_COUNTER_IN] += batch->selected_count;
    if (during_a_batch != NULL) {
        during_a_batch();
    }
    int32_t status = flow_rt_emit(ctx, 0, batch, (void *)(uintptr_t)slots);
    counters[FLOW_COUNTER_OUT] -= batch->selected_count; // once for both
    return status != FLOW_RUN_OK ? status : flow_rt_emit(ctx, 1, batch, (void *)(uintptr_t)slots);
}

static const FlowPipeline pipelines[] = {{
    .name = "orders",
    .input_kind = FLOW_INPUT_SOURCE,
    .input_slots = 1,
    .slots = columns,
    .slots_count = 1,
    .run = pipeline_run,
}};

static FlowProgram program;

static void program_set(FlowTriggerKind trigger) {
    program = (FlowProgram){
        .abi_version = FLOW_ABI_VERSION,
        .name = "shop",
        .file = "shop.flow",
        .plan_hash = "0123456789abcdef0123456789abcdef",
        .parallelism = 1,
        .dlq_raw_keep = 1,
        .trigger = (int32_t)trigger,
        .every_us = 10 * SECOND_US,
        .checkpoint_interval_us = 5 * SECOND_US,
        .sources = &source,
        .sources_count = 1,
        .tables = &table,
        .tables_count = 1,
        .sinks = sinks,
        .sinks_count = COUNT_OF(sinks),
        .flows = flows,
        .flows_count = 1,
        .pipelines = pipelines,
        .pipelines_count = 1,
    };
    source.settle_us = 2 * SECOND_US;
    during_a_batch = NULL;
}

// --- a world -------------------------------------------------------------------------------------

static Sys *world;
static int wait_count;

static Sys *world_new(FlowTriggerKind trigger) {
    program_set(trigger);
    world = sys_memory_new(7);
    sys_memory_hold_clock(world, START_US);
    wait_count = 0;
    return world;
}

static void file_put(const char *path, int first, int count) {
    Buffer text = {0};
    for (int i = 0; i < count; i++) {
        buffer_format(&text, "{\"id\":%d}\n", first + i);
    }
    sys_memory_put(world, path, text.data, text.length);
    buffer_free(&text);
}

static int run(void) {
    EngineOptions options = {.checkpoint = "cp", .summary = ENGINE_SUMMARY_JSON};
    return engine_run(world, &program, &options);
}

static void assert_says(const char *part) {
    const Buffer *bytes = sys_memory_stream(world, 2);
    char *text = memory_alloc(bytes->length + 1);
    memcpy(text, bytes->data == NULL ? "" : bytes->data, bytes->length);
    text[bytes->length] = '\0';
    if (strstr(text, part) == NULL) {
        fail_msg("standard error lacks: %s\nit says: %s", part, text);
    }
    memory_free(text);
}

// The ids of the table, in its order; and in which version it is.
static const char *ids(int64_t *version) {
    static Buffer out;
    static const int32_t slots[] = {0};
    DeltaTable *opened = NULL;
    DeltaScan *scan = NULL;
    *version = -1;
    buffer_clear(&out);
    assert_int_equal(delta_open(world, "lake/all", DELTA_LATEST, &opened), OUTCOME_OK);
    if (opened == NULL) {
        return "";
    }
    *version = delta_version(opened);
    assert_int_equal(delta_scan_open(opened, columns, 1, &scan), OUTCOME_OK);
    Batch *batch = batch_new(columns, 1);
    do {
        batch_clear(batch);
        assert_int_equal(delta_scan_next(scan, batch, slots), OUTCOME_OK);
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            buffer_format(&out, " %lld", (long long)batch_value(batch, 0, (uint32_t)row).i64);
        }
    } while (batch->abi.row_count > 0);
    batch_free(batch);
    delta_scan_close(scan);
    delta_close(opened);
    return buffer_cstring(&out);
}

static void assert_ids(const char *wanted, int64_t version) {
    int64_t found = 0;
    assert_string_equal(ids(&found), wanted);
    assert_int_equal(found, version);
}

// --- to a fixed end ------------------------------------------------------------------------------

static void available_now_reads_what_is_new(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_AVAILABLE_NOW);
    file_put("in/b.ndjson", 10, 2);
    assert_int_equal(run(), 0);
    assert_ids(" 10 11", 0);
    file_put("in/a.ndjson", 20, 1);
    assert_int_equal(run(), 0);
    assert_ids(" 10 11 20", 1);
    assert_int_equal(run(), 0);
    assert_ids(" 10 11 20", 1);
    assert_says(",\"epochs\":0,");
    sys_memory_free(world);
}

static void a_file_that_has_changed_is_reported(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_AVAILABLE_NOW);
    file_put("in/a.ndjson", 1, 1);
    assert_int_equal(run(), 0);
    file_put("in/a.ndjson", 1, 2);
    assert_int_equal(run(), 0);
    assert_ids(" 1", 0);
    assert_says("flow: source orders: in/a.ndjson has changed since it was read; it is not read "
                "again\n");
    sys_memory_free(world);
}

// Under another name it would read again what it has read.
static void a_renamed_source_is_refused(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_AVAILABLE_NOW);
    file_put("in/b.ndjson", 1, 1);
    assert_int_equal(run(), 0);
    file_put("in/a.ndjson", 2, 1);
    file_put("in/c.ndjson", 3, 1);
    source.name = "orders_of_all";
    assert_int_equal(run(), OUTCOME_REFUSED);
    assert_says("E730 cp: the source `orders`, which the program has no more, has read "
                "in/b.ndjson; `orders_of_all` would read it again");
    assert_ids(" 1", 0);
    assert_int_equal(sys_unlink(world, "in/b.ndjson"), OUTCOME_OK);
    assert_int_equal(run(), 0); // It has nothing in common with the one that is gone.
    assert_ids(" 1 2 3", 1);
    source.name = "orders";
    sys_memory_free(world);
}

static void batch_takes_ten_seconds(void) {
    sys_memory_advance(world, 10 * SECOND_US);
}

static void epochs_end_when_their_time_is_over(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_AVAILABLE_NOW);
    file_put("in/a.ndjson", 1, 1);
    file_put("in/b.ndjson", 2, 1);
    file_put("in/c.ndjson", 3, 1);
    during_a_batch = batch_takes_ten_seconds;
    assert_int_equal(run(), 0);
    assert_ids(" 1 2 3", 2);
    assert_says("\"in\":3,\"out\":3,");
    assert_says(",\"epochs\":3,\"bytes_in\":27,");
    sys_memory_free(world);
}

// What an `expect` about all records may fail is one epoch.
static void an_epoch_that_may_fail_is_whole(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_AVAILABLE_NOW);
    program.has_epoch_check = 1;
    file_put("in/a.ndjson", 1, 1);
    file_put("in/b.ndjson", 2, 1);
    during_a_batch = batch_takes_ten_seconds;
    assert_int_equal(run(), 0);
    assert_ids(" 1 2", 0);
    sys_memory_free(world);
}

static void another_file_comes(void) {
    file_put("in/z.ndjson", 9, 1);
}

static void the_end_is_fixed_at_the_start(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_AVAILABLE_NOW);
    file_put("in/a.ndjson", 1, 1);
    during_a_batch = another_file_comes;
    assert_int_equal(run(), 0);
    assert_ids(" 1", 0);
    assert_int_equal(run(), 0);
    assert_ids(" 1 9", 1);
    sys_memory_free(world);
}

static void a_batch_knows_nothing_of_it(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_AVAILABLE_NOW);
    file_put("in/a.ndjson", 1, 1);
    assert_int_equal(run(), 0);
    program.trigger = FLOW_TRIGGER_ONCE;
    assert_int_equal(run(), 0);
    assert_ids(" 1 1", 1);
    program.trigger = FLOW_TRIGGER_AVAILABLE_NOW;
    file_put("in/b.ndjson", 2, 1);
    assert_int_equal(run(), 0);
    assert_ids(" 1 1 2", 2);
    sys_memory_free(world);
}

static void what_a_trigger_needs(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_AVAILABLE_NOW);
    EngineOptions options = {0};
    assert_int_equal(engine_run(world, &program, &options), 2);
    assert_says("flow: a trigger other than `once` needs a checkpoint: give --checkpoint DIR\n");
    sys_forgive(world);
    program.keeps = "has the step `group`";
    assert_int_equal(run(), 2);
    assert_says("flow: shop has the step `group`: it runs under the trigger `once` only\n");
    sys_forgive(world);
    EngineTrigger once = {.kind = FLOW_TRIGGER_ONCE};
    options.trigger = &once;
    assert_int_equal(engine_run(world, &program, &options), 0);
    sys_memory_free(world);
}

static void triggers_are_read_from_the_command_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        FlowTriggerKind kind;
        int64_t every_us; // -1: it is no trigger
    } texts[] = {
        {"once", FLOW_TRIGGER_ONCE, 0},
        {"available_now", FLOW_TRIGGER_AVAILABLE_NOW, 0},
        {"continuous", FLOW_TRIGGER_CONTINUOUS, 0},
        {"files_arrive", FLOW_TRIGGER_FILES_ARRIVE, 0},
        {"every 10 seconds", FLOW_TRIGGER_EVERY, 10 * SECOND_US},
        {"every 1 minute", FLOW_TRIGGER_EVERY, 60 * SECOND_US},
        {"every", FLOW_TRIGGER_ONCE, -1},
        {"every ", FLOW_TRIGGER_ONCE, -1},
        {"every 0 seconds", FLOW_TRIGGER_ONCE, -1},
        {"every second thing", FLOW_TRIGGER_ONCE, -1},
        {"once more", FLOW_TRIGGER_ONCE, -1},
        {"", FLOW_TRIGGER_ONCE, -1},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        EngineTrigger trigger;
        bool is_trigger = engine_trigger(texts[i].text, &trigger);
        if (is_trigger != (texts[i].every_us >= 0)) {
            fail_msg("`%s` is %s trigger", texts[i].text, is_trigger ? "a" : "no");
        }
        assert_true(!is_trigger || trigger.kind == texts[i].kind);
        assert_true(!is_trigger || trigger.every_us == texts[i].every_us);
    }
}

// --- without an end ------------------------------------------------------------------------------

static int64_t seconds_since_start(void) {
    return (sys_wall_us(world) - START_US) / SECOND_US;
}

// Files come at 3, 4 and 15 seconds; the run is told to stop at 25.
static void files_come_slowly(void *context) {
    (void)context;
    int64_t second = seconds_since_start();
    static const int64_t seconds[] = {3, 4, 15};
    static const char *const paths[] = {"in/a.ndjson", "in/b.ndjson", "in/c.ndjson"};
    while (wait_count < 3 && seconds[wait_count] <= second) {
        file_put(paths[wait_count], wait_count, 1);
        wait_count++;
    }
    if (second >= 25) {
        raise(SIGTERM);
    }
}

// Ten seconds from one epoch to the next: files of 3 and 4 in the first, that of 15 in the second.
static void every_waits_for_its_time(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_EVERY);
    sys_memory_on_wait(world, files_come_slowly, NULL);
    assert_int_equal(run(), 0);
    assert_ids(" 0 1 2", 1);
    assert_says(",\"epochs\":2,");
    assert_int_equal(seconds_since_start(), 25);
    sys_memory_free(world);
}

// A file is read when it was left alone for two seconds, so each in an epoch of its own.
static void files_arrive_reads_each_when_it_is_still(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_FILES_ARRIVE);
    sys_memory_on_wait(world, files_come_slowly, NULL);
    assert_int_equal(run(), 0);
    assert_ids(" 0 1 2", 2);
    sys_memory_free(world);
}

static void continuous_looks_every_interval(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_CONTINUOUS);
    sys_memory_on_wait(world, files_come_slowly, NULL);
    assert_int_equal(run(), 0);
    assert_ids(" 0 1 2", 1);
    sys_memory_free(world);
}

enum { FILES_AT_ONCE = 8, ROUNDS = 5 };

static int batch_count;

// Whoever is first keeps the others waiting: what they have for the sinks is kept until then.
static void the_first_batch_is_slow(void) {
    if (__atomic_fetch_add(&batch_count, 1, __ATOMIC_RELAXED) % FILES_AT_ONCE == 0) {
        usleep(20000);
    }
}

static void files_come_at_once(void *context) {
    (void)context;
    int second = (int)seconds_since_start();
    char path[32];
    while (wait_count < ROUNDS && wait_count <= second) {
        for (int i = 0; i < FILES_AT_ONCE; i++) {
            int number = wait_count * FILES_AT_ONCE + i;
            snprintf(path, sizeof(path), "in/%d.ndjson", number);
            file_put(path, number, 1);
        }
        wait_count++;
    }
    if (second > ROUNDS + 1) {
        raise(SIGTERM);
    }
}

static void workers_begin_each_epoch_anew(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_EVERY);
    program.every_us = SECOND_US;
    program.parallelism = 4;
    source.settle_us = 0;
    batch_count = 0;
    during_a_batch = the_first_batch_is_slow;
    sys_memory_on_wait(world, files_come_at_once, NULL);
    assert_int_equal(run(), 0);
    int64_t version = 0;
    Buffer found = {0};
    buffer_format(&found, "%s ", ids(&version));
    for (int i = 0; i < FILES_AT_ONCE * ROUNDS; i++) {
        char id[16];
        snprintf(id, sizeof(id), " %d ", i);
        assert_non_null(strstr(buffer_cstring(&found), id));
    }
    assert_true(version >= 1);
    assert_int_equal(batch_count, FILES_AT_ONCE * ROUNDS);
    buffer_free(&found);
    sys_memory_free(world);
}

// Somebody writes a line a second, for ten seconds.
static void a_file_grows(void *context) {
    (void)context;
    int second = (int)seconds_since_start();
    if (second <= 10 && second > wait_count) {
        wait_count = second;
        file_put("in/slow.ndjson", 1, second);
    }
    if (second >= 20) {
        raise(SIGTERM);
    }
}

static void what_is_being_written_is_not_read(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_FILES_ARRIVE);
    sys_memory_on_wait(world, a_file_grows, NULL);
    assert_int_equal(run(), 0);
    assert_ids(" 1 2 3 4 5 6 7 8 9 10", 0);
    sys_memory_free(world);
}

// It is written still when the time without input is over.
static void a_file_comes_late(void *context) {
    (void)context;
    int second = (int)seconds_since_start();
    if (second >= 7 && second > wait_count && second <= 10) {
        wait_count = second;
        file_put("in/late.ndjson", 1, second - 6);
    }
}

static void nothing_for_a_while_ends_a_run(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_EVERY);
    program.every_us = 3600 * SECOND_US;
    program.stop_after_idle_us = 8 * SECOND_US;
    file_put("in/a.ndjson", 0, 1);
    sys_memory_advance(world, 60 * SECOND_US);
    sys_memory_on_wait(world, a_file_comes_late, NULL);
    wait_count = 1000; // nothing comes
    assert_int_equal(run(), 0);
    assert_ids(" 0", 0);
    assert_int_equal(seconds_since_start(), 68);
    sys_memory_free(world);

    world_new(FLOW_TRIGGER_EVERY);
    program.every_us = 3600 * SECOND_US;
    program.stop_after_idle_us = 8 * SECOND_US;
    sys_memory_on_wait(world, a_file_comes_late, NULL);
    assert_int_equal(run(), 0);
    assert_ids(" 1 2 3 4", 0);
    sys_memory_free(world);
}

static void a_signal_comes(void) {
    raise(SIGTERM);
}

// What has been begun is finished and committed; the rest is for the next run.
static void a_signal_ends_the_epoch(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_CONTINUOUS);
    file_put("in/a.ndjson", 1, 2);
    file_put("in/b.ndjson", 3, 1);
    sys_memory_advance(world, 10 * SECOND_US);
    during_a_batch = a_signal_comes;
    assert_int_equal(run(), 0);
    assert_ids(" 1 2", 0);
    assert_int_equal(run(), 0);
    assert_ids(" 1 2 3", 1);
    sys_memory_free(world);
}

// Reading a file takes a second, a commit several.
static SysVtable slow;
static Outcome (*quick_sync)(Sys *sys, const char *path);

static Outcome slow_sync(Sys *sys, const char *path) {
    sys_memory_advance(world, SECOND_US);
    return quick_sync(sys, path);
}

static void batch_takes_a_second(void) {
    sys_memory_advance(world, SECOND_US);
}

static void signal_when_waiting(void *context) {
    (void)context;
    raise(SIGTERM);
}

// Though an epoch is due after each file, a run that commits slowly takes more of them at once.
static void an_endless_run_catches_up(void **state) {
    (void)state;
    world_new(FLOW_TRIGGER_CONTINUOUS);
    program.checkpoint_interval_us = 1;
    Buffer path = {0};
    for (int i = 0; i < 12; i++) {
        buffer_clear(&path);
        buffer_format(&path, "in/%02d.ndjson", i);
        file_put(buffer_cstring(&path), i, 1);
    }
    buffer_free(&path);
    sys_memory_advance(world, 10 * SECOND_US);
    slow = *world->vtable;
    quick_sync = slow.sync_directory;
    slow.sync_directory = slow_sync;
    world->vtable = &slow;
    during_a_batch = batch_takes_a_second;
    sys_memory_on_wait(world, signal_when_waiting, NULL);
    assert_int_equal(run(), 0);
    int64_t version = 0;
    assert_string_equal(ids(&version), " 0 1 2 3 4 5 6 7 8 9 10 11");
    assert_true(version >= 1 && version <= 4); // of the first epoch nobody knows how long it takes
    sys_memory_free(world);
}

// --- memory --------------------------------------------------------------------------------------

enum { EPOCHS = 200, EPOCHS_FIRST = 50, GROWTH_BYTES_MAX = 32 * 1024 };

static SysVtable counting;
static size_t bytes_at_first;
static size_t bytes_at_last;

static void next_file_write(Sys *sys) {
    Arena arena = {0};
    const char *path = arena_format(&arena, "in/%06d.ndjson", wait_count);
    assert_int_equal(sys_write_new(sys, path, "{\"id\":1}\n", 9), OUTCOME_OK);
    arena_free(&arena);
}

static size_t bytes_in_use(void) {
#if __has_feature(address_sanitizer)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

// Between two epochs: only what outlives them is in use.
static bool wait_and_measure(Sys *sys, int64_t timeout_us) {
    (void)timeout_us;
    wait_count++;
    size_t bytes = bytes_in_use();
    bytes_at_first = wait_count == EPOCHS_FIRST ? bytes : bytes_at_first;
    bytes_at_last = bytes;
    if (wait_count > EPOCHS) {
        raise(SIGTERM);
    } else {
        next_file_write(sys);
    }
    return true;
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

static void an_endless_run_does_not_grow(void **state) {
    (void)state;
    char path[] = "/tmp/flow-epochs-XXXXXX";
    assert_non_null(mkdtemp(path));
    Sys *sys = sys_posix_new(path);
    program_set(FLOW_TRIGGER_FILES_ARRIVE);
    source.settle_us = 0;
    wait_count = 0;
    counting = *sys->vtable;
    counting.wait = wait_and_measure;
    sys->vtable = &counting;
    assert_int_equal(sys_make_directories(sys, "in"), OUTCOME_OK);
    EngineOptions options = {.checkpoint = "cp"};
    assert_int_equal(engine_run(sys, &program, &options), 0);
    assert_true(wait_count > EPOCHS);
    assert_true(bytes_at_first > 0);
    if (bytes_at_last > bytes_at_first + GROWTH_BYTES_MAX) {
        fail_msg("%zu bytes after %d epochs, %zu bytes after %d",
                 bytes_at_first,
                 EPOCHS_FIRST,
                 bytes_at_last,
                 EPOCHS);
    }
    sys_posix_free(sys);
    Arena arena = {0};
    Sys *outside = sys_posix_new(NULL);
    tree_remove(outside, &arena, path);
    sys_posix_free(outside);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(available_now_reads_what_is_new),
        cmocka_unit_test(a_file_that_has_changed_is_reported),
        cmocka_unit_test(a_renamed_source_is_refused),
        cmocka_unit_test(epochs_end_when_their_time_is_over),
        cmocka_unit_test(an_epoch_that_may_fail_is_whole),
        cmocka_unit_test(the_end_is_fixed_at_the_start),
        cmocka_unit_test(a_batch_knows_nothing_of_it),
        cmocka_unit_test(what_a_trigger_needs),
        cmocka_unit_test(triggers_are_read_from_the_command_line),
        cmocka_unit_test(every_waits_for_its_time),
        cmocka_unit_test(files_arrive_reads_each_when_it_is_still),
        cmocka_unit_test(continuous_looks_every_interval),
        cmocka_unit_test(workers_begin_each_epoch_anew),
        cmocka_unit_test(what_is_being_written_is_not_read),
        cmocka_unit_test(nothing_for_a_while_ends_a_run),
        cmocka_unit_test(a_signal_ends_the_epoch),
        cmocka_unit_test(an_endless_run_catches_up),
        cmocka_unit_test(an_endless_run_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
