// Goal: every call happens once, nested ones too, and no two at the same time have the same worker
// number. Method: calls that count themselves, on pools of several sizes.
#include "base/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { OUTER = 40, INNER = 30 };

typedef struct Count {
    Tasks *tasks;
    atomic_int calls[OUTER][INNER];
    atomic_int outer;
    atomic_bool is_taken[WORKERS_MAX];
    atomic_bool has_clash;
} Count;

typedef struct Row {
    Count *count;
    uint32_t index;
} Row;

static void inner_call(void *user, uint32_t index, uint32_t worker) {
    Row *row = user;
    (void)worker;
    atomic_fetch_add(&row->count->calls[row->index][index], 1);
}

static void outer_call(void *user, uint32_t index, uint32_t worker) {
    Count *count = user;
    if (atomic_exchange(&count->is_taken[worker], true)) {
        atomic_store(&count->has_clash, true);
    }
    Row row = {count, index};
    tasks_run(count->tasks, INNER, inner_call, &row);
    atomic_fetch_add(&count->outer, 1);
    atomic_store(&count->is_taken[worker], false);
}

static void every_call_once(uint32_t workers) {
    Tasks *tasks = workers == 0 ? NULL : tasks_new(workers);
    for (int round = 0; round < 20; round++) {
        Count count = {.tasks = tasks};
        tasks_run(tasks, OUTER, outer_call, &count);
        assert_int_equal(atomic_load(&count.outer), OUTER);
        assert_false(atomic_load(&count.has_clash));
        for (uint32_t i = 0; i < OUTER * INNER; i++) {
            assert_int_equal(atomic_load(&count.calls[i / INNER][i % INNER]), 1);
        }
    }
    tasks_free(tasks);
}

static void test_calls(void **state) {
    (void)state;
    every_call_once(0);
    every_call_once(1);
    every_call_once(2);
    every_call_once(5);
}

typedef struct Chain {
    Tasks *tasks;
    uint32_t next; // which call may go on
    uint32_t order[OUTER];
    uint32_t count;
} Chain;

static void chain_call(void *user, uint32_t index, uint32_t worker) {
    Chain *chain = user;
    (void)worker;
    tasks_enter(chain->tasks);
    while (chain->next != index) {
        tasks_wait(chain->tasks);
    }
    chain->order[chain->count++] = index;
    chain->next++;
    tasks_wake(chain->tasks);
    tasks_leave(chain->tasks);
}

// Calls wait for those before them: calls are taken in order, so this always ends.
static void test_waiting(void **state) {
    (void)state;
    Chain chain = {.tasks = tasks_new(4)};
    tasks_run(chain.tasks, OUTER, chain_call, &chain);
    for (uint32_t i = 0; i < OUTER; i++) {
        assert_int_equal(chain.order[i], i);
    }
    tasks_free(chain.tasks);
}

// --- who asked and waits ------------------------------------------------------------------------

enum { MEET_SPINS_MAX = 20000 };

typedef struct Meeting {
    Tasks *tasks;
    atomic_int arrived;
    atomic_int met;
} Meeting;

// Waits a while for a second call to be there at the same time.
static void meet_call(void *user, uint32_t index, uint32_t worker) {
    Meeting *meeting = user;
    (void)index, (void)worker;
    atomic_fetch_add(&meeting->arrived, 1);
    for (int i = 0; i < MEET_SPINS_MAX && atomic_load(&meeting->arrived) < 2; i++) {
        usleep(100);
    }
    atomic_fetch_add(&meeting->met, atomic_load(&meeting->arrived) == 2);
}

static void late_call(void *user, uint32_t index, uint32_t worker) {
    Meeting *meeting = user;
    (void)index;
    if (worker == 0) {
        usleep(1000); // The other thread has taken its call by now; this one is done soon.
        return;
    }
    usleep(20000);
    tasks_run(meeting->tasks, 2, meet_call, meeting);
}

// The thread that asked for the outer calls has done its own: it helps with what the others ask
// for.
static void test_helping(void **state) {
    (void)state;
    Meeting meeting = {.tasks = tasks_new(2)};
    tasks_run(meeting.tasks, 2, late_call, &meeting);
    assert_true(atomic_load(&meeting.met) == atomic_load(&meeting.arrived));
    tasks_free(meeting.tasks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_helping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
