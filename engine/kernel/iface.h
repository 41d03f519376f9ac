// iface: sets up the interfaces of the network namespace that this thread is in, by rtnetlink(7).
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "event/event.h"

struct iface_setup {
    const char *name;
    uint8_t mac[6];
    uint32_t mtu;
    struct addr address;
    uint8_t prefix;
    struct addr address6; // family 0: none
    uint8_t prefix6;
};

// Gives the interface its MAC, MTU and addresses, no queueing discipline but a long device queue
// (so that no frame of a large send is lost before the wire sees it), brings it up, and routes its
// network with congestion control cubic.
int iface_up(const struct iface_setup *setup, struct err *err);

// From now on routes say that the kernel repeats nothing before IFACE_RTO_MIN_S are over.
#define IFACE_RTO_MIN_S 100
void iface_stretch_timers(void);

// A way to a network.
struct iface_path {
    struct addr network; // all of it with prefix 0: the default
    uint8_t prefix;
    struct addr via;    // the router in between; family 0: none
    struct addr source; // what packets that go this way are sent from
};

// One more network behind the interface.
int iface_route(const char *name, const struct iface_path *path, struct err *err);

// The neighbour behind the interface that has the address: known for good, and so not counted among
// those that the kernel has found out, of which the whole machine may have 1024 (gc_thresh3 in
// arp(7)). What waited for it is sent.
int iface_neighbour(const char *name, const struct addr *address, const uint8_t mac[6],
                    struct err *err);

int iface_loopback_up(struct err *err);

int iface_set_mtu(const char *name, uint32_t mtu, struct err *err); // at any time

// Frames that the kernel dropped on sending over the interface since it exists (tx_dropped); -1 if
// it cannot be told.
int64_t iface_tx_dropped(const char *name);
