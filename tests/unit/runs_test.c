// Goal: what an operator has kept comes back as it was at the last decided epoch, whatever was
// merged, collected or left behind. Method: random changes against a model, epoch by epoch, with
// restarts and epochs that are given up; every damaged byte of a run is noticed.
#include "checkpoint/checkpoint.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { KEYS = 300, EPOCHS = 120, VALUE_BYTES_MAX = 400 };

// What the operator has: by key the number of the change that it was given last; 0: nothing.
typedef struct Model {
    uint32_t values[KEYS];
} Model;

static uint32_t random_next(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static size_t key_text(uint32_t key, char *text) {
    return (size_t)snprintf(text, 16, "key %u", key * 7919 % 1000);
}

// Values of many lengths, some longer than others are many.
static size_t value_text(uint32_t value, char *text) {
    size_t length = value % VALUE_BYTES_MAX;
    memset(text, (int)('a' + value % 26), length);
    return length;
}

typedef struct World {
    Sys *sys;
    Checkpoint *checkpoint;
    StateRuns *state;
} World;

static void world_open(World *world) {
    assert_int_equal(checkpoint_open(world->sys, "cp", "p", "plan", &world->checkpoint),
                     OUTCOME_OK);
    assert_int_equal(state_runs_open(world->sys, world->checkpoint, &world->state), OUTCOME_OK);
}

static void world_close(World *world) {
    state_runs_free(world->state);
    checkpoint_close(world->checkpoint);
}

static int key_compare(const void *a, const void *b) {
    char left[16];
    char right[16];
    key_text(*(const uint32_t *)a, left);
    key_text(*(const uint32_t *)b, right);
    return strcmp(left, right);
}

// Some keys get new values, some are removed, in ascending order.
static void changes_write(World *world, Model *model, uint64_t *seed) {
    uint32_t keys[KEYS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < KEYS; i++) {
        if (random_next(seed) % 16 == 0) {
            keys[count++] = i;
        }
    }
    qsort(keys, count, sizeof(keys[0]), key_compare);
    StateWriter *writer = NULL;
    int64_t slot = checkpoint_next_slot(world->checkpoint);
    assert_int_equal(state_runs_write(world->state, "op", slot, &writer), OUTCOME_OK);
    for (uint32_t i = 0; i < count; i++) {
        char key[16];
        char value[VALUE_BYTES_MAX];
        model->values[keys[i]] = random_next(seed) % 4 == 0 ? 0 : random_next(seed);
        uint32_t number = model->values[keys[i]];
        StateEntry entry = {.key = key, .key_length = key_text(keys[i], key)};
        entry.value = number == 0 ? NULL : value;
        entry.value_length = number == 0 ? 0 : value_text(number, value);
        assert_int_equal(state_runs_put(writer, &entry), OUTCOME_OK);
    }
    assert_int_equal(state_runs_write_end(writer), OUTCOME_OK);
    assert_int_equal(state_runs_sync(world->state), OUTCOME_OK);
}

static void epoch_decide(World *world) {
    CheckpointEpoch epoch = {.slot = checkpoint_next_slot(world->checkpoint), .clock_us = 1};
    epoch.positions = "";
    epoch.runs = state_runs_list(world->state, &epoch.run_count);
    assert_true(epoch.run_count <= 13);
    assert_int_equal(checkpoint_decide(world->checkpoint, &epoch), OUTCOME_OK);
    assert_int_equal(checkpoint_committed(world->checkpoint, epoch.slot), OUTCOME_OK);
    assert_int_equal(checkpoint_collect(world->checkpoint), OUTCOME_OK);
    assert_int_equal(state_runs_collect(world->state), OUTCOME_OK);
}

static void entry_check(const Model *model, uint32_t key, const StateEntry *entry) {
    char value[VALUE_BYTES_MAX];
    size_t length = value_text(model->values[key], value);
    assert_int_equal(entry->value_length, length);
    assert_memory_equal(entry->value, value, length);
}

static void model_check(World *world, const Model *model) {
    uint32_t keys[KEYS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < KEYS; i++) {
        if (model->values[i] != 0) {
            keys[count++] = i;
        }
    }
    qsort(keys, count, sizeof(keys[0]), key_compare);
    StateReader *reader = NULL;
    StateEntry entry;
    bool has_entry = true;
    assert_int_equal(state_runs_read(world->state, "op", &reader), OUTCOME_OK);
    for (uint32_t i = 0; i < count; i++) {
        char key[16];
        assert_int_equal(state_runs_next(reader, &entry, &has_entry), OUTCOME_OK);
        assert_true(has_entry);
        assert_int_equal(entry.key_length, key_text(keys[i], key));
        assert_memory_equal(entry.key, key, entry.key_length);
        entry_check(model, keys[i], &entry);
    }
    assert_int_equal(state_runs_next(reader, &entry, &has_entry), OUTCOME_OK);
    assert_false(has_entry);
    state_runs_read_end(reader);
}

static void what_was_decided_comes_back(void **state) {
    (void)state;
    for (uint64_t first = 1; first <= 5; first++) {
        uint64_t seed = first;
        Model model = {0};
        World world = {.sys = sys_memory_new(first)};
        world_open(&world);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            Model given_up = model;
            bool is_decided = random_next(&seed) % 8 != 0;
            changes_write(&world, is_decided ? &model : &given_up, &seed);
            if (is_decided) {
                epoch_decide(&world);
            }
            if (!is_decided || random_next(&seed) % 8 == 0) {
                world_close(&world);
                world_open(&world);
            }
            model_check(&world, &model);
        }
        world_close(&world);
        sys_memory_free(world.sys);
    }
}

// Files that no epoch which is kept refers to are gone: at most those of three epochs are there.
static void what_nobody_refers_to_is_collected(void **state) {
    (void)state;
    uint64_t seed = 1;
    Model model = {0};
    World world = {.sys = sys_memory_new(1)};
    world_open(&world);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        changes_write(&world, &model, &seed);
        epoch_decide(&world);
    }
    Arena arena = {0};
    SysEntry *entries = NULL;
    uint32_t count = 0;
    assert_int_equal(sys_list(world.sys, &arena, "cp/state", &entries, &count), OUTCOME_OK);
    assert_true(count > 0 && count <= 3 * 13);
    arena_free(&arena);
    world_close(&world);
    sys_memory_free(world.sys);
}

static Outcome all_read(World *world) {
    StateReader *reader = NULL;
    StateEntry entry;
    bool has_entry = true;
    Outcome outcome = state_runs_read(world->state, "op", &reader);
    while (outcome == OUTCOME_OK && has_entry) {
        outcome = state_runs_next(reader, &entry, &has_entry);
    }
    state_runs_read_end(reader);
    return outcome;
}

static void every_damaged_byte_is_noticed(void **state) {
    (void)state;
    uint64_t seed = 7;
    Model model = {0};
    World world = {.sys = sys_memory_new(1)};
    world_open(&world);
    changes_write(&world, &model, &seed);
    epoch_decide(&world);
    Arena arena = {0};
    uint32_t count = 0;
    const CheckpointRun *run = state_runs_list(world.state, &count);
    assert_int_equal(count, 1);
    const char *path = arena_format(&arena, "cp/state/%s", run->name);
    char *bytes = NULL;
    size_t length = 0;
    assert_int_equal(sys_read_all(world.sys, &arena, path, 1 << 20, &bytes, &length), OUTCOME_OK);
    for (size_t i = 0; i < length; i++) {
        bytes[i] ^= (char)(1 << i % 8);
        assert_int_equal(sys_unlink(world.sys, path), OUTCOME_OK);
        assert_int_equal(sys_write_new(world.sys, path, bytes, length), OUTCOME_OK);
        assert_int_equal(all_read(&world), OUTCOME_REFUSED);
        sys_forgive(world.sys);
        bytes[i] ^= (char)(1 << i % 8);
    }
    assert_int_equal(sys_unlink(world.sys, path), OUTCOME_OK);
    assert_int_equal(all_read(&world), OUTCOME_REFUSED);
    sys_forgive(world.sys);
    assert_int_equal(sys_write_new(world.sys, path, bytes, length - 1), OUTCOME_OK);
    assert_int_equal(all_read(&world), OUTCOME_REFUSED);
    sys_forgive(world.sys);
    arena_free(&arena);
    world_close(&world);
    sys_memory_free(world.sys);
}

static void without_a_directory_nothing_is_kept(void **state) {
    (void)state;
    World world = {.sys = sys_memory_new(1)};
    assert_int_equal(checkpoint_open(world.sys, NULL, "p", "plan", &world.checkpoint), OUTCOME_OK);
    assert_int_equal(state_runs_open(world.sys, world.checkpoint, &world.state), OUTCOME_OK);
    Model model = {0};
    uint64_t seed = 3;
    changes_write(&world, &model, &seed);
    uint32_t count = 1;
    state_runs_list(world.state, &count);
    assert_int_equal(count, 0);
    assert_int_equal(state_runs_collect(world.state), OUTCOME_OK);
    world_close(&world);
    sys_memory_free(world.sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_decided_comes_back),
        cmocka_unit_test(what_nobody_refers_to_is_collected),
        cmocka_unit_test(every_damaged_byte_is_noticed),
        cmocka_unit_test(without_a_directory_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
