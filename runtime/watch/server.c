// The server: one thread, one caller at a time, an answer to a request, and then the line is cut.
// What a caller may send and how long he may take is bounded, so nobody can hold the others up for
// long.
#include "watch/watch.h"

#include "base/task.h"

enum { REQUEST_BYTES_MAX = 8 * 1024 };
#define CALLER_TIME_US INT64_C(2000000)

struct WatchServer {
    Sys *sys; // of its thread
    SysListener *listener;
    Thread *thread;
    Lock *lock; // of `numbers`
    Arena arena;
    WatchNumbers numbers;
};

// --- answers -------------------------------------------------------------------------------------

static void answer_write(Buffer *answer, const char *status, const char *type, const Buffer *body) {
    buffer_format(answer,
                  "HTTP/1.1 %s\r\nContent-Type: %s; charset=utf-8\r\nContent-Length: %zu\r\n"
                  "Connection: close\r\n\r\n",
                  status,
                  type,
                  body->length);
    buffer_append(answer, body->data, body->length);
}

static void words_write(Buffer *answer, const char *status, const char *words) {
    Buffer body = {0};
    buffer_format(&body, "%s\n", words);
    answer_write(answer, status, "text/plain", &body);
    buffer_free(&body);
}

// "GET /path HTTP/1.1": whether the request is for this path, whatever it asks of it.
static bool is_for(const char *target, const char *path) {
    size_t length = strlen(path);
    return strncmp(target, path, length) == 0 && strchr(" ?\r\n", target[length]) != NULL;
}

static void ready_write(Buffer *answer, WatchPhase phase) {
    static const char *const words[] = {
        [WATCH_RECOVERING] = "recovering", [WATCH_RUNNING] = "ready", [WATCH_ENDING] = "ending"};
    const char *status = phase == WATCH_RUNNING ? "200 OK" : "503 Service Unavailable";
    words_write(answer, status, words[phase]);
}

void watch_answer(const WatchNumbers *numbers,
                  const char *request,
                  int64_t now_us,
                  bool is_poisoned,
                  Buffer *answer) {
    const char *target = request + 4;
    if (strncmp(request, "GET ", 4) != 0) {
        words_write(answer, "405 Method Not Allowed", "only GET is answered");
    } else if (is_for(target, "/metrics")) {
        Buffer body = {0};
        watch_metrics(numbers, now_us, is_poisoned, &body);
        answer_write(answer, "200 OK", "text/plain; version=0.0.4", &body);
        buffer_free(&body);
    } else if (is_for(target, "/healthz")) {
        words_write(answer,
                    is_poisoned ? "503 Service Unavailable" : "200 OK",
                    is_poisoned ? "a write failed" : "alive");
    } else if (is_for(target, "/readyz")) {
        ready_write(answer, numbers->phase);
    } else {
        words_write(answer, "404 Not Found", "there are /metrics, /healthz and /readyz");
    }
}

// --- callers -------------------------------------------------------------------------------------

static bool is_complete(const char *request) {
    return strstr(request, "\r\n\r\n") != NULL || strstr(request, "\n\n") != NULL;
}

// The request's head, NUL-terminated. False: it did not come, or is too long.
static bool request_take(Sys *sys, SysCaller caller, int64_t end_us, char *request) {
    size_t length = 0;
    request[0] = '\0';
    while (!is_complete(request)) {
        int64_t rest_us = end_us - sys_monotonic_us(sys);
        size_t got = sys_receive(caller, request + length, REQUEST_BYTES_MAX - length, rest_us);
        length += got;
        request[length] = '\0';
        if (got == 0 || length == REQUEST_BYTES_MAX) {
            return false;
        }
    }
    return true;
}

static void answer_send(Sys *sys, SysCaller caller, int64_t end_us, const Buffer *answer) {
    size_t sent = 0;
    while (sent < answer->length) {
        int64_t rest_us = end_us - sys_monotonic_us(sys);
        size_t more = sys_send(caller, answer->data + sent, answer->length - sent, rest_us);
        if (more == 0) {
            return;
        }
        sent += more;
    }
}

static void caller_serve(WatchServer *server, SysCaller caller) {
    char request[REQUEST_BYTES_MAX + 1];
    int64_t end_us = sys_monotonic_us(server->sys) + CALLER_TIME_US;
    Buffer answer = {0};
    if (request_take(server->sys, caller, end_us, request)) {
        bool is_poisoned = sys_is_poisoned(server->sys);
        lock_enter(server->lock);
        watch_answer(&server->numbers, request, sys_wall_us(server->sys), is_poisoned, &answer);
        lock_leave(server->lock);
        answer_send(server->sys, caller, end_us, &answer);
    }
    buffer_free(&answer);
    sys_hang_up(caller);
}

static void serve(void *user) {
    WatchServer *server = user;
    SysCaller caller;
    while (sys_accept(server->listener, &caller)) {
        caller_serve(server, caller);
    }
}

// --- from the run --------------------------------------------------------------------------------

static void numbers_copy(WatchNumbers *to, const WatchNumbers *from) {
    WatchNumbers copy = *from;
    copy.sources = to->sources;
    copy.flows = to->flows;
    copy.tables = to->tables;
    memcpy(to->sources, from->sources, from->source_count * sizeof(WatchSource));
    memcpy(to->flows, from->flows, from->flow_count * sizeof(WatchFlow));
    memcpy(to->tables, from->tables, from->table_count * sizeof(WatchTable));
    *to = copy;
}

void watch_server_publish(WatchServer *server, const WatchNumbers *numbers) {
    if (server != NULL) {
        lock_enter(server->lock);
        numbers_copy(&server->numbers, numbers);
        lock_leave(server->lock);
    }
}

Outcome watch_server_start(Sys *sys,
                           const char *address,
                           const WatchNumbers *numbers,
                           WatchServer **server) {
    SysListener *listener = NULL;
    *server = NULL;
    TRY(sys_listen(sys, address, &listener));
    if (listener == NULL) {
        return OUTCOME_OK;
    }
    WatchServer *started = memory_alloc(sizeof(WatchServer));
    *started = (WatchServer){.sys = sys_share(sys), .listener = listener, .lock = lock_new()};
    started->numbers = *numbers;
    watch_numbers_init(&started->arena, &started->numbers);
    numbers_copy(&started->numbers, numbers);
    started->thread = thread_start(serve, started);
    if (started->thread == NULL) {
        watch_server_end(started);
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "no thread can be started to answer %s", address);
    }
    *server = started;
    return OUTCOME_OK;
}

uint16_t watch_server_port(const WatchServer *server) {
    return sys_listener_port(server->listener);
}

void watch_server_end(WatchServer *server) {
    if (server == NULL) {
        return;
    }
    sys_listener_stop(server->listener);
    if (server->thread != NULL) {
        thread_join(server->thread);
    }
    sys_listener_free(server->listener);
    sys_share_free(server->sys);
    lock_free(server->lock);
    arena_free(&server->arena);
    memory_free(server);
}
