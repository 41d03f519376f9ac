// epoll: an epoll(7) of the scene, with the sockets of one host in it.
//
// It is a real epoll, which holds the stage's own descriptors; itself it stands in the stage's
// epoll (ready.h), so whoever waits for it tries epoll_wait first, with no time, and again
// afterwards (many.h). Level, edge, oneshot, dup and closing are the kernel's own.
//
// A socket that was added must stay allocated until it is removed or the epoll is closed: the
// kernel gives its address back, also when it was closed but a copy made by dup(2) was not.
//
// Owned by the stage until epoll_free(); closing leaves the structure, with fd -1.
#pragma once

#include <sys/queue.h>

#include "stage/many.h"
#include "stage/sock.h"

#define EPOLL_MOST 64 // found by one epoll_wait: its argument maxevents

struct epoll {
    LIST_ENTRY(epoll) link;
    struct host *host; // (borrowed)
    int fd;            // -1: closed
    int shown_fd;      // in the host's numbering
    uint32_t flags;    // WATCH_EDGE, WATCH_ONESHOT: of all that is added
    struct ready_source ready;
};

// One socket that was found ready, and for what (WATCH_…).
struct epoll_found {
    struct sock *sock;
    uint32_t what;
};

// epoll_create1(2). NULL with errno.
struct epoll *epoll_open(struct host *h, const struct actor *a, uint32_t flags);
void epoll_close(struct epoll *ep, const struct actor *a);
void epoll_free(struct epoll *ep); // closes silently if it is open

// epoll_ctl(2): EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL. -1 with errno.
int epoll_control(struct epoll *ep, const struct actor *a, int operation, struct sock *s,
                  uint32_t what);

// epoll_wait(2): how many it found, or -1 with errno; with EAGAIN and actor->op.waiting if it has
// to wait, which it does only if it `may_wait`. `timeout_ns` is its limit as events tell it.
// *spins: the same came before, and was only counted.
int epoll_look(struct epoll *ep, struct actor *a, int64_t timeout_ns, bool may_wait,
               struct epoll_found found[EPOLL_MOST], bool *spins);
