// ready: waiting until a socket can be read or written, or until a time.
//
// Sockets are registered once, edge triggered, in an epoll of our own: it reports them in the order
// in which they became ready (libev would turn that order round), and a wait costs no system call.
// Whoever waits must have tried the call first and must try it again afterwards.
#pragma once

#include <stdint.h>
#include <sys/queue.h>

#include "stage/timers.h"

enum wait_for { WAIT_READ, WAIT_WRITE, WAIT_WAYS };
enum wait_result { WAIT_READY, WAIT_TIMEOUT, WAIT_GONE }; // GONE: the socket was closed meanwhile

#define WAIT_FOREVER INT64_MAX

struct wait;
TAILQ_HEAD(wait_list, wait);

// Something that can be waited for; part of the socket, or of what else is waited for (then nobody
// but ready_source_wake() wakes).
struct ready_source {
    struct wait_list waits[WAIT_WAYS];
    int registered;
};

// Part of whoever waits. Zeroed at first. Borrowed from ready_wait() until `done` is called or
// wait_stop().
struct wait {
    struct timer timer; // first: timers give it back by address
    TAILQ_ENTRY(wait) link;
    struct ready *ready;
    struct ready_source *source;
    enum wait_for way;
    int armed;
    void (*done)(struct wait *w, enum wait_result result); // it is stopped before this is called
};

struct ready {
    int epoll;
    struct timers *timers; // (borrowed)
};

int ready_init(struct ready *r, struct timers *timers); // -1 with errno
void ready_fini(struct ready *r);

void ready_source_init(struct ready_source *s);
void ready_source_gone(
    struct ready_source *s); // before its descriptor is closed: all its waits end with WAIT_GONE

void ready_source_wake(struct ready_source *s); // all that wait to read, with WAIT_READY

// `source` may be NULL: waits for the time alone. `fd` is the descriptor of the source, -1 if it
// has none.
void ready_wait(struct ready *r, struct wait *w, struct ready_source *source, int fd,
                enum wait_for way, int64_t deadline_ns,
                void (*done)(struct wait *, enum wait_result));
void wait_stop(struct wait *w); // nothing if it is not armed

void ready_poll(struct ready *r); // wakes all whose sockets became ready
