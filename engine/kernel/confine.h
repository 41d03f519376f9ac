// confine: a child process in namespaces of its own, with nothing of the machine in reach.
//
// The child lives in its own user, network, mount and PID namespace; its root is an empty,
// read-only tmpfs that holds only /dev/net/tun and a fresh /proc. The user is mapped to himself
// (see user_namespaces(7)); for root the whole range is mapped where that is allowed. It dies with
// its parent.
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct confined {
    pid_t pid;
    int pidfd;   // readable when it has ended; -1: none
    int user_ns; // its user namespace, for who joins its hosts; -1: it has none of its own
};
#define CONFINED_NONE ((struct confined){.pid = -1, .pidfd = -1, .user_ns = -1})

enum confine_mode {
    CONFINE_FULL,  // as said above; root on machines without user namespaces gets all but that one
    CONFINE_PLAIN, // no namespaces: a process like any other, for machines that allow nothing else
};

// Starts `run(arg)` in such a child, which ends with what it returns. Standard error and the `kept`
// descriptors (8 at most) stay open there, all others are closed. Returns when the child is set up,
// or -1 with what the machine refused.
int confine_start(struct confined *c, enum confine_mode mode, int (*run)(void *), void *arg,
                  const int *kept, size_t count, struct err *err);

void confine_kill(struct confined *c);
int confine_wait(
    struct confined *c); // reaps; status as waitpid(2) gives it; closes the descriptors
