// task: a pool of threads for work that is cut into numbered calls, and the lock that whoever works
// in it shares. The only place that knows of threads, with runtime/sys.
//
// Includes base. tasks_new starts `workers` - 1 threads: who calls tasks_run is one worker more and
// helps. Whoever made the pool frees it, when no call is running. A NULL pool and one of a single
// worker run everything inline, in order: without threads nothing is different.
#ifndef FLOW_BASE_TASK_H
#define FLOW_BASE_TASK_H

#include "base/base.h"

typedef struct Tasks Tasks;
// `index` is the call's number, `worker` (0 .. workers-1) that of the thread: no two calls that run
// at the same time have the same one, unless one is nested in the other.
typedef void (*TaskFn)(void *user, uint32_t index, uint32_t worker);

Tasks *tasks_new(uint32_t workers);
void tasks_free(Tasks *tasks);
uint32_t tasks_workers(const Tasks *tasks); // 1 for NULL
// Calls fn for 0 .. count-1, in any order, and returns when all calls are done. A call may call
// tasks_run itself.
void tasks_run(Tasks *tasks, uint32_t count, TaskFn fn, void *user);

// --- what a thread keeps -------------------------------------------------------------------------
// A buffer for whoever needs one until he calls somebody else.
Buffer *thread_buffer(void);
// Calls `end` when this thread ends, if it is one of a pool's. Once for each function.
void thread_end_call(void (*end)(void));

// --- for calls that depend on each other ---------------------------------------------------------
// The pool's lock. Nothing that takes long stands between enter and leave.
void tasks_enter(Tasks *tasks);
void tasks_leave(Tasks *tasks);
// Between enter and leave: waits for a tasks_wake, or helps with one call that somebody else's call
// has asked for; then the caller looks again at what it waits for.
void tasks_wait(Tasks *tasks);
void tasks_wake(Tasks *tasks); // all who wait

// --- a thread for one thing that lasts -----------------------------------------------------------
typedef struct Thread Thread;
typedef struct Lock Lock;
Thread *thread_start(void (*run)(void *user), void *user); // NULL: the machine gives none
void thread_join(Thread *thread);                          // when it has ended; frees it
Lock *lock_new(void);
void lock_free(Lock *lock);
void lock_enter(Lock *lock);
void lock_leave(Lock *lock);

#endif
