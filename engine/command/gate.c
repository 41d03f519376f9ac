// Implementation of gate.h.
#include "command/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "kernel/process.h"

struct gate {
    pid_t *carriers; // (owned) processes, also those that have ended
    size_t count;
};

// Bytes on their way from one descriptor to another.
struct way {
    int from, to;
    bool ended; // there is no more, and the other side knows
    size_t len, done;
    char bytes[GATE_PACKET];
};

struct gate *gate_new(void)
{
    return mem_new(sizeof(struct gate));
}

void gate_free(struct gate *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->count; i++) {
        kill(g->carriers[i], SIGKILL);
        while (waitpid(g->carriers[i], NULL, 0) < 0 && errno == EINTR)
            ;
    }
    free(g->carriers);
    free(g);
}

// Where "HOST:PORT" is divided; IPv6 addresses stand in brackets.
static void divide(const char *address, char host[256], char port[16])
{
    const char *colon = strrchr(address, ':');
    size_t len = (size_t)(colon - address);
    bool brackets = len > 2 && address[0] == '[' && address[len - 1] == ']';
    snprintf(host, 256, "%.*s", (int)(len - 2 * brackets), address + brackets);
    snprintf(port, 16, "%s", colon + 1);
}

static int connect_one(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

// Tells the stage how it went; the socket, or -1.
static int dial(int stage, const char *address)
{
    char host[256], port[16], at[128] = "?", number[16] = "?", text[600];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all = NULL;
    int fd = -1;
    divide(address, host, port);
    int failed = getaddrinfo(host, port, &hints, &all);
    const char *why = failed ? gai_strerror(failed) : "";
    for (const struct addrinfo *a = all; a && fd < 0; a = a->ai_next) {
        fd = connect_one(a);
        why = strerror(errno);
        getnameinfo(a->ai_addr, a->ai_addrlen, at, sizeof at, number, sizeof number,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    }
    if (fd >= 0)
        snprintf(text, sizeof text, strchr(at, ':') ? "+[%s]:%s" : "+%s:%s", at, number);
    else
        snprintf(text, sizeof text, "-%s cannot be reached: %s", address, why);
    (void)!send(stage, text, strlen(text), MSG_NOSIGNAL);
    if (all)
        freeaddrinfo(all);
    return fd;
}

// One step; false: a side has failed.
static bool carry(struct way *w, short events_from, short events_to)
{
    if (w->done == w->len && events_from && !w->ended) {
        ssize_t n = recv(w->from, w->bytes, sizeof w->bytes, MSG_DONTWAIT);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        w->done = 0;
        w->len = (size_t)n;
        w->ended = n == 0;
        if (w->ended)
            shutdown(w->to, SHUT_WR);
    }
    if (w->done < w->len && (events_to || events_from)) {
        ssize_t n = send(w->to, w->bytes + w->done, w->len - w->done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        w->done += (size_t)n;
    }
    return true;
}

static _Noreturn void carry_all(int stage, int real)
{
    static struct way out, in;
    out.from = in.to = stage;
    out.to = in.from = real;
    bool alive = true;
    while (alive && !(out.ended && in.ended)) {
        struct pollfd p[2] = {{.fd = stage}, {.fd = real}};
        p[0].events = (short)((out.done == out.len && !out.ended ? POLLIN : 0) |
                              (in.done < in.len ? POLLOUT : 0));
        p[1].events = (short)((in.done == in.len && !in.ended ? POLLIN : 0) |
                              (out.done < out.len ? POLLOUT : 0));
        for (int i = 0; i < 2; i++)
            if (!p[i].events)
                p[i].fd = -1; // a side that has hung up would wake us for ever
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            break;
        alive = carry(&out, p[0].revents, p[1].revents) && carry(&in, p[1].revents, p[0].revents);
    }
    _exit(0);
}

int gate_open(struct gate *g, const char *address, struct err *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return err_errno(err, "cannot make a socket pair");
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a parent that died meanwhile has closed its end
        process_forget_handlers();
        setsid();
        process_keep_only(&ends[1], 1);
        int real = dial(ends[1], address);
        if (real < 0)
            _exit(0);
        carry_all(ends[1], real);
    }
    close(ends[1]);
    if (pid < 0) {
        err_errno(err, "cannot start a process for %s", address);
        close(ends[0]);
        return -1;
    }
    g->carriers = mem_resize(g->carriers, (g->count + 1) * sizeof *g->carriers);
    g->carriers[g->count++] = pid;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return ends[0];
}
