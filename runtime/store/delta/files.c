// Work on a table's files side by side: each call has a handle of the system of its own, and which
// failure is told does not depend on who was quicker.
#include "store/delta/write.h"

typedef struct FileCall {
    Sys *sys;
    Outcome outcome;
} FileCall;

typedef struct FileCalls {
    FileCall *calls;
    DeltaFileFn call;
    void *user;
} FileCalls;

static void call_run(void *user, uint32_t index, uint32_t worker) {
    FileCalls *calls = user;
    FileCall *call = &calls->calls[index];
    (void)worker;
    call->outcome = calls->call(calls->user, index, call->sys);
}

Outcome delta_files_run(DeltaWrite *write, uint32_t count, DeltaFileFn call, void *user) {
    Arena arena = {0};
    FileCalls calls = {.call = call, .user = user};
    calls.calls = arena_array(&arena, FileCall, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        calls.calls[i].sys = sys_share(write->sys);
    }
    tasks_run(write->tasks, count, call_run, &calls);
    Outcome outcome = OUTCOME_OK;
    for (uint32_t i = 0; i < count; i++) {
        const FileCall *done = &calls.calls[i];
        if (outcome == OUTCOME_OK && done->outcome != OUTCOME_OK) {
            outcome = sys_fail(write->sys, done->outcome, "%s", done->sys->failure.text);
        }
        sys_share_free(done->sys);
    }
    arena_free(&arena);
    return outcome;
}
