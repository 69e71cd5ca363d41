// The pool: one lock, one list of the jobs that are open. A job lives on the stack of the thread
// that asked for it, which works on it until every call is taken and then waits for those that
// others took. Those may ask for jobs of their own: each waits only for calls that run already, so
// nobody waits for himself.
#include "base/task.h"

#include <pthread.h>

typedef struct Job {
    TaskFn fn;
    void *user;
    uint32_t count;
    uint32_t taken;
    uint32_t done;
    uint32_t depth; // of the thread that asked: 0 outside of all calls
    struct Job *next;
} Job;

struct Tasks {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    Job *jobs; // those with calls that nobody has taken
    uint32_t workers;
    uint32_t started;
    bool is_ending;
    pthread_t threads[];
};

static _Thread_local uint32_t thread_worker; // 0: not one of a pool's own
static _Thread_local uint32_t thread_depth;

// --- what a thread keeps -------------------------------------------------------------------------

enum { THREAD_ENDS_MAX = 8 };
static _Thread_local Buffer thread_scratch;
static _Thread_local void (*thread_ends[THREAD_ENDS_MAX])(void);
static _Thread_local uint32_t thread_end_count;

Buffer *thread_buffer(void) {
    return &thread_scratch;
}

void thread_end_call(void (*end)(void)) {
    ASSERT(thread_end_count < THREAD_ENDS_MAX);
    thread_ends[thread_end_count++] = end;
}

static void thread_end(void) {
    for (uint32_t i = 0; i < thread_end_count; i++) {
        thread_ends[i]();
    }
    buffer_free(&thread_scratch);
}

// --- jobs ----------------------------------------------------------------------------------------

static void job_remove(Tasks *tasks, const Job *job) {
    Job **link = &tasks->jobs;
    while (*link != job) {
        ASSERT(*link != NULL);
        link = &(*link)->next;
    }
    *link = job->next;
}

// Takes one call of the job and runs it, without the lock.
static void job_step(Tasks *tasks, Job *job) {
    uint32_t index = job->taken++;
    if (job->taken == job->count) {
        job_remove(tasks, job);
    }
    pthread_mutex_unlock(&tasks->lock);
    uint32_t depth = thread_depth;
    thread_depth = job->depth + 1;
    job->fn(job->user, index, thread_worker);
    thread_depth = depth;
    pthread_mutex_lock(&tasks->lock);
    if (++job->done == job->count) {
        pthread_cond_broadcast(&tasks->changed);
    }
}

// A job of the thread's own depth or deeper. Calls further out may wait for this very thread.
static Job *job_find(const Tasks *tasks) {
    Job *job = tasks->jobs;
    while (job != NULL && job->depth < thread_depth) {
        job = job->next;
    }
    return job;
}

static void *thread_main(void *argument) {
    Tasks *tasks = argument;
    pthread_mutex_lock(&tasks->lock);
    thread_worker = ++tasks->started;
    while (!tasks->is_ending) {
        tasks_wait(tasks);
    }
    pthread_mutex_unlock(&tasks->lock);
    thread_end();
    return NULL;
}

Tasks *tasks_new(uint32_t workers) {
    ASSERT(workers >= 1 && workers <= WORKERS_MAX);
    Tasks *tasks = memory_alloc(sizeof(Tasks) + workers * sizeof(pthread_t));
    memset(tasks, 0, sizeof(*tasks));
    tasks->workers = 1;
    pthread_mutex_init(&tasks->lock, NULL);
    pthread_cond_init(&tasks->changed, NULL);
    // A machine that gives fewer threads gives fewer workers; results are the same.
    while (tasks->workers < workers &&
           pthread_create(&tasks->threads[tasks->workers - 1], NULL, thread_main, tasks) == 0) {
        tasks->workers++;
    }
    return tasks;
}

void tasks_free(Tasks *tasks) {
    if (tasks == NULL) {
        return;
    }
    pthread_mutex_lock(&tasks->lock);
    tasks->is_ending = true;
    pthread_cond_broadcast(&tasks->changed);
    pthread_mutex_unlock(&tasks->lock);
    for (uint32_t i = 0; i + 1 < tasks->workers; i++) {
        pthread_join(tasks->threads[i], NULL);
    }
    pthread_cond_destroy(&tasks->changed);
    pthread_mutex_destroy(&tasks->lock);
    memory_free(tasks);
}

uint32_t tasks_workers(const Tasks *tasks) {
    return tasks == NULL ? 1 : tasks->workers;
}

static void run_inline(uint32_t count, TaskFn fn, void *user) {
    for (uint32_t i = 0; i < count; i++) {
        fn(user, i, thread_worker);
    }
}

void tasks_run(Tasks *tasks, uint32_t count, TaskFn fn, void *user) {
    if (tasks_workers(tasks) == 1 || count <= 1) {
        run_inline(count, fn, user);
        return;
    }
    Job job = {.fn = fn, .user = user, .count = count, .depth = thread_depth};
    pthread_mutex_lock(&tasks->lock);
    job.next = tasks->jobs;
    tasks->jobs = &job;
    pthread_cond_broadcast(&tasks->changed);
    while (job.taken < job.count) {
        job_step(tasks, &job);
    }
    while (job.done < job.count) {
        // Outside of all calls nobody waits for this thread, so it helps as those of the pool do.
        if (job.depth == 0) {
            tasks_wait(tasks);
        } else {
            pthread_cond_wait(&tasks->changed, &tasks->lock);
        }
    }
    pthread_mutex_unlock(&tasks->lock);
}

void tasks_enter(Tasks *tasks) {
    pthread_mutex_lock(&tasks->lock);
}

void tasks_leave(Tasks *tasks) {
    pthread_mutex_unlock(&tasks->lock);
}

void tasks_wait(Tasks *tasks) {
    Job *job = job_find(tasks);
    if (job != NULL) {
        job_step(tasks, job);
    } else if (!tasks->is_ending) {
        pthread_cond_wait(&tasks->changed, &tasks->lock);
    }
}

void tasks_wake(Tasks *tasks) {
    pthread_cond_broadcast(&tasks->changed);
}
