// A thread for one thing that lasts, and a lock. Signals are for those who run the program, so such
// a thread takes none.
#include "base/task.h"

#include <pthread.h>
#include <signal.h>

struct Lock {
    pthread_mutex_t mutex;
};

struct Thread {
    pthread_t thread;
    void (*run)(void *user);
    void *user;
};

Lock *lock_new(void) {
    Lock *lock = memory_alloc(sizeof(Lock));
    pthread_mutex_init(&lock->mutex, NULL);
    return lock;
}

void lock_free(Lock *lock) {
    pthread_mutex_destroy(&lock->mutex);
    memory_free(lock);
}

void lock_enter(Lock *lock) {
    pthread_mutex_lock(&lock->mutex);
}

void lock_leave(Lock *lock) {
    pthread_mutex_unlock(&lock->mutex);
}

static void *thread_main(void *argument) {
    const Thread *thread = argument;
    thread->run(thread->user);
    return NULL;
}

Thread *thread_start(void (*run)(void *user), void *user) {
    Thread *thread = memory_alloc(sizeof(Thread));
    *thread = (Thread){.run = run, .user = user};
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = pthread_create(&thread->thread, NULL, thread_main, thread) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!is_started) {
        memory_free(thread);
        return NULL;
    }
    return thread;
}

void thread_join(Thread *thread) {
    pthread_join(thread->thread, NULL);
    memory_free(thread);
}
