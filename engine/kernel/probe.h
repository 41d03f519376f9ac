// probe: what this machine can do for scenes, found by doing it.
//
// Makes each kind of namespace, then a confined stage with one host in it, in children that are
// gone when it returns. Plain values: nothing is printed here and nothing is owned.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/obstacle.h"

#define PROBE_NOT_TRIED (-1) // where else 0 is "works" and the rest an errno

enum probe_space { PROBE_USER, PROBE_NET, PROBE_MOUNT, PROBE_PID, PROBE_SPACES };

// What a stage finds. An empty `err` means that it works.
struct probe_stage {
    bool ran;
    bool fresh_proc; // else the machine's own /proc had to be bound
    int refused; // how many of the settings that hosts have pinned cannot be written in that /proc
    struct err host; // a network namespace in the stage's
    struct err card; // a TAP device in it
    struct err
        setup; // address, MTU, queueing discipline noqueue, a route with congestion control cubic
    struct err sockets; // a connection found by its addresses with sock_diag(7)
    struct err counters;
    struct obstacle no_rules; // of nf_tables, for routers
};

struct probe {
    char kernel[65], arch[65]; // as uname(2) tells
    bool new_enough;           // PROBE_KERNEL or later
    const char *container;     // NULL: none noticed
    int spaces[PROBE_SPACES];
    struct obstacle no_spaces;
    int device; // opening /dev/net/tun
    unsigned device_mode;
    struct obstacle no_device;
    struct err no_stage; // why no stage could be confined; `stage` is what one found
    struct probe_stage stage;
    struct err no_programs; // why real programs cannot be run in hosts (tried only with a stage)
    struct err no_loopback; // why not even a scene without a wire can be played (tried only where
                            // there is no wire)
    int sealed_memory;      // memfd_create(2) and its seals
    uint64_t descriptors, descriptors_most; // RLIMIT_NOFILE, soft and hard
};

#define PROBE_KERNEL "5.10"

// Looks at everything; takes some milliseconds, and up to five seconds where namespaces are used
// up.
void probe_run(struct probe *p);

// Whether scenes are played with hosts and wires.
bool probe_wire(const struct probe *p);

// Whether scenes are played at all.
bool probe_scenes(const struct probe *p);
