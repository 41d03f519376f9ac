// Implementation of front.h.
#include "front.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/spool.h"
#include "kernel/confine.h"

struct counted {
    uint64_t events, packets, calls, errors;
};

static int start(struct confined *c, int (*stage)(void *), void *arg, struct ring *ring, bool bare,
                 int kept, struct err *err)
{
    if (!bare) {
        int fds[] = {ring_fd(ring), ring_writer_fd(ring), kept};
        return confine_start(c, CONFINE_FULL, stage, arg, fds, kept >= 0 ? 3 : 2, err);
    }
    int alive[2]; // closes with the child; valgrind knows no pidfd_open(2)
    if (pipe(alive) != 0 || (c->pid = fork()) < 0)
        return err_errno(err, "cannot start the stage");
    if (c->pid == 0)
        _exit(stage(arg));
    close(alive[1]);
    c->pidfd = alive[0];
    return 0;
}

static void take(struct spool *spool, struct counted *n)
{
    const struct event *e;
    bool broken = false;
    struct err err;
    while ((e = spool_next(spool, &broken, &err))) {
        n->events++;
        n->packets += e->type == EVENT_PACKET;
        n->calls += e->type == EVENT_CALL;
        n->errors += e->type == EVENT_ERROR;
        if (e->type == EVENT_ERROR)
            fprintf(stderr, "%.*s\n", (int)e->as.error.message.len,
                    event_bytes(e, e->as.error.message));
    }
    if (broken)
        fprintf(stderr, "%s\n", err.text);
    n->errors += broken;
}

static long long ns(struct timeval t)
{
    return t.tv_sec * 1000000000LL + t.tv_usec * 1000LL;
}

int front_run(int (*stage)(void *arg), void *arg, struct ring *ring, bool bare, int kept)
{
    struct confined c = {.pid = -1, .pidfd = -1};
    struct counted n = {0};
    struct spool *spool;
    struct rusage used;
    struct err err;
    if (start(&c, stage, arg, ring, bare, kept, &err) != 0 || !(spool = spool_new(ring, &err))) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    int pid = c.pid;
    struct pollfd waits[2] = {{.fd = spool_fd(spool), .events = POLLIN},
                              {.fd = c.pidfd, .events = POLLIN}};
    while (!waits[1].revents && poll(waits, 2, -1) > 0) {
        spool_drained(spool);
        take(spool, &n);
    }
    int status = confine_wait(&c);
    spool_finish(spool);
    take(spool, &n);
    getrusage(RUSAGE_CHILDREN, &used);
    printf("{\"pid\":%d,\"events\":%ju,\"packets\":%ju,\"calls\":%ju,\"waits\":%ju,\"user_ns\":%"
           "lld,\"system_ns\":%lld}\n",
           pid, (uintmax_t)n.events, (uintmax_t)n.packets, (uintmax_t)n.calls,
           (uintmax_t)ring_waits(ring), ns(used.ru_utime), ns(used.ru_stime));
    spool_free(spool);
    ring_free(ring);
    return n.errors || status ? 1 : 0;
}
