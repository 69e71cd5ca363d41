// Sockets of those who ask a run over the network. Every wait has an end, because one who asks and
// then says nothing must not keep the others waiting.
#include "sys/net_posix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 16, HOST_BYTES_MAX = 64, PORT_MAX = 65535 };

struct SysListener {
    int descriptor;
    uint16_t port;
    bool is_stopped;
};

typedef union Address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} Address;

// --- addresses -----------------------------------------------------------------------------------

static bool port_parse(const char *text, uint16_t *port) {
    uint32_t value = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || value > PORT_MAX) {
            return false;
        }
        value = value * 10 + (uint32_t)(*at - '0');
    }
    *port = (uint16_t)value;
    return *text != '\0' && value <= PORT_MAX;
}

// Numbers only: a name may mean another machine tomorrow. `localhost` and nothing are this one.
static bool host_parse(const char *host, Address *address) {
    bool is_loopback = *host == '\0' || strcmp(host, "localhost") == 0;
    size_t length = strlen(host);
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        char inner[HOST_BYTES_MAX];
        snprintf(inner, sizeof(inner), "%.*s", (int)(length - 2), host + 1);
        address->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
        return inet_pton(AF_INET6, inner, &address->v6.sin6_addr) == 1;
    }
    address->v4 = (struct sockaddr_in){.sin_family = AF_INET};
    return inet_pton(AF_INET, is_loopback ? "127.0.0.1" : host, &address->v4.sin_addr) == 1;
}

static bool address_parse(const char *text, Address *address, uint16_t *port) {
    char host[HOST_BYTES_MAX];
    const char *colon = strrchr(text, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - text);
    if (length >= sizeof(host)) {
        return false;
    }
    memcpy(host, text, length);
    host[length] = '\0';
    return port_parse(colon == NULL ? text : colon + 1, port) && host_parse(host, address);
}

bool sys_is_address(const char *text) {
    Address address;
    uint16_t port;
    return address_parse(text, &address, &port);
}

// --- listening -----------------------------------------------------------------------------------

static socklen_t address_bytes(const Address *address) {
    return address->any.sa_family == AF_INET6 ? sizeof(address->v6) : sizeof(address->v4);
}

static in_port_t *port_of(Address *address) {
    return address->any.sa_family == AF_INET6 ? &address->v6.sin6_port : &address->v4.sin_port;
}

static bool is_bound(int descriptor, Address *address) {
    int one = 1;
    socklen_t bytes = address_bytes(address);
    return setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
           bind(descriptor, &address->any, bytes) == 0 && listen(descriptor, BACKLOG) == 0 &&
           getsockname(descriptor, &address->any, &bytes) == 0;
}

Outcome net_listen(Sys *sys, const char *text, SysListener **listener) {
    Address address;
    uint16_t port = 0;
    *listener = NULL;
    if (!address_parse(text, &address, &port)) {
        return sys_fail(sys, OUTCOME_USAGE, "%s is no address such as 127.0.0.1:9090", text);
    }
    *port_of(&address) = htons(port);
    int descriptor = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0 || !is_bound(descriptor, &address)) {
        const char *why = strerror(errno);
        if (descriptor >= 0) {
            close(descriptor);
        }
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "cannot listen at %s: %s", text, why);
    }
    *listener = memory_alloc(sizeof(SysListener));
    **listener = (SysListener){.descriptor = descriptor, .port = ntohs(*port_of(&address))};
    return OUTCOME_OK;
}

uint16_t sys_listener_port(const SysListener *listener) {
    return listener->port;
}

// Wakes who waits: after it the socket takes nobody any more.
void sys_listener_stop(SysListener *listener) {
    __atomic_store_n(&listener->is_stopped, true, __ATOMIC_RELEASE);
    shutdown(listener->descriptor, SHUT_RDWR);
}

void sys_listener_free(SysListener *listener) {
    close(listener->descriptor);
    memory_free(listener);
}

static bool is_stopped(const SysListener *listener) {
    return __atomic_load_n(&listener->is_stopped, __ATOMIC_ACQUIRE);
}

bool sys_accept(SysListener *listener, SysCaller *caller) {
    while (!is_stopped(listener)) {
        struct pollfd wanted = {.fd = listener->descriptor, .events = POLLIN};
        (void)poll(&wanted, 1, -1);
        int descriptor =
            is_stopped(listener)
                ? -1
                : accept4(listener->descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor >= 0) {
            *caller = (SysCaller){descriptor};
            return true;
        }
        if (errno == EMFILE || errno == ENFILE) {
            (void)poll(NULL, 0, 100); // Whoever asks waits until others have closed something.
        }
    }
    return false;
}

// --- talking -------------------------------------------------------------------------------------

static bool is_ready(SysCaller caller, short events, int64_t timeout_us) {
    struct pollfd wanted = {.fd = caller.descriptor, .events = events};
    return timeout_us > 0 && poll(&wanted, 1, (int)(timeout_us / 1000) + 1) > 0;
}

size_t sys_receive(SysCaller caller, void *bytes, size_t length, int64_t timeout_us) {
    if (!is_ready(caller, POLLIN, timeout_us)) {
        return 0;
    }
    ssize_t got = recv(caller.descriptor, bytes, length, 0);
    return got > 0 ? (size_t)got : 0;
}

size_t sys_send(SysCaller caller, const void *bytes, size_t length, int64_t timeout_us) {
    if (!is_ready(caller, POLLOUT, timeout_us)) {
        return 0;
    }
    ssize_t sent = send(caller.descriptor, bytes, length, MSG_NOSIGNAL);
    return sent > 0 ? (size_t)sent : 0;
}

void sys_hang_up(SysCaller caller) {
    shutdown(caller.descriptor, SHUT_WR);
    close(caller.descriptor);
}
