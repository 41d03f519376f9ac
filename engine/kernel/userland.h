// userland: where the real programs of a host run.
//
// One a host: a process 1 of its own (init.h) in the host's network namespace and in mount, PID,
// IPC and UTS namespaces of its own, with a root (rootfs.h) in which nothing private of the machine
// is seen. The one who starts it owns the user namespace of the stage, and so has the right to
// enter it. All programs of the host end with it, and it ends with its parent.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct userland {
    pid_t pid;
    int control; // to its process 1: CONTROL_RUN and CONTROL_END, and what comes back
};

struct userland_place {
    int user_ns; // -1: the one we are in
    int net_ns;  // -1: a new one
    uint32_t host;
    const char *name;  // of the host
    const char *hosts; // its /etc/hosts
};

// Returns before the new root stands; what goes wrong with that is told for each program.
int userland_start(struct userland *u, const struct userland_place *place, struct err *err);

void userland_end(struct userland *u); // kills and buries it, with all that runs in it
